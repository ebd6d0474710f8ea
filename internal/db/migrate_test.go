package db

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// schemaText is the schema of a database as text: tables and indexes by name, without what the engine makes for its
// full-text index.
func schemaText(t *testing.T, d *DB) string {
	t.Helper()
	list, err := all(context.Background(), d, scanText, `SELECT sql FROM sqlite_master
		WHERE sql IS NOT NULL AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'
		AND name NOT LIKE 'message_text_%' ORDER BY tbl_name, type DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, ";\n\n") + ";\n"
}

func TestSchemaGolden(t *testing.T) {
	got := schemaText(t, openTest(t))
	golden := filepath.Join("testdata", "schema.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the schema differs from %s (write it with -update):\n%s", golden, got)
	}
	for _, word := range []string{"TRIGGER", "AUTOINCREMENT", "SERIAL", "STRICT", "WITHOUT ROWID"} {
		if strings.Contains(strings.ToUpper(got), word) {
			t.Errorf("the schema has %s, which is not in the common subset", word)
		}
	}
}

func TestMigratedStepByStepIsTheSame(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	last, err := LatestSchema()
	if err != nil || last < 1 {
		t.Fatal(last, err)
	}
	for v := int64(1); v <= last; v++ {
		pool, err := openWriter(path)
		if err != nil {
			t.Fatal(err)
		}
		p, err := migrations(pool)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.ApplyVersion(ctx, v, true); err != nil {
			t.Fatalf("version %d: %v", v, err)
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
	}
	d := openAt(t, path)
	if v, err := d.SchemaVersion(ctx); v != last || err != nil {
		t.Errorf("version %d: %v", v, err)
	}
	if schemaText(t, d) != schemaText(t, openTest(t)) {
		t.Error("a migrated database differs from a fresh one")
	}
	mustRecord(t, d, 1)
	mustVerify(t, d)
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	openAt(t, path)
	_, err := rawOpen(t, path).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	if err != nil {
		t.Fatal(err)
	}
	for _, ro := range []bool{false, true} {
		if _, err := Open(ctx, Options{Path: path, ReadOnly: ro}); !errors.Is(err, ErrNewer) {
			t.Errorf("read-only %v: %v", ro, err)
		}
	}
}

func TestOlderDatabaseForReading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	if _, err := rawOpen(t, path).Exec("CREATE TABLE other (id TEXT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{Path: path, ReadOnly: true}); err == nil {
		t.Error("opened a database without our tables for reading")
	}
}

func TestManyOpenAFreshFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			d, err := Open(context.Background(), Options{Path: path})
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			mustRecord(t, d, n)
		})
	}
	wg.Wait()
	if n := mustVerify(t, openAt(t, path)); n != 12 {
		t.Errorf("chain of %d rows, want 12", n)
	}
}
