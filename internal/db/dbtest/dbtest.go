// Package dbtest gives tests a database of their own: a real file in the test's folder.
package dbtest

import (
	"context"
	"path/filepath"
	"testing"

	"kfconsole/internal/db"
)

// New opens a fresh database that is closed when the test ends.
func New(t testing.TB) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), db.Options{Path: filepath.Join(t.TempDir(), "console.db")})
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return d
}

// Run runs f as a subtest on every engine: SQLite today.
func Run(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, New(t)) })
}
