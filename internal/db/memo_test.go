package db

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// TestCountsFollowEveryChange holds that what is kept between readings is never older than
// a change of this process, and soon follows those of another.
func TestCountsFollowEveryChange(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	now := testTime
	d, err := Open(ctx, Options{Path: path, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	want := func(total int) {
		t.Helper()
		for range 2 {
			if c, err := d.AccountCounts(ctx); err != nil || c.Total != total {
				t.Fatalf("%d accounts, want %d: %v", c.Total, total, err)
			}
		}
	}
	want(0)
	for i, id := range []string{"wkA", "wkB"} {
		if err := d.UpsertAccount(ctx, Account{ID: id, Name: "云杉"}); err != nil {
			t.Fatal(err)
		}
		want(i + 1)
	}
	undone := errors.New("taken back")
	err = d.Tx(ctx, func(tx *DB) error {
		if err := tx.UpsertAccount(ctx, Account{ID: "wkC", Name: "云杉"}); err != nil {
			return err
		}
		if c, err := tx.AccountCounts(ctx); err != nil || c.Total != 3 {
			t.Errorf("inside the transaction: %d accounts, %v", c.Total, err)
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	want(2)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	now = now.Add(memoFor)
	if _, err := d.AccountCounts(cancelled); err == nil {
		t.Error("counted with a context that had ended")
	}
	want(2)
	if err := openAt(t, path).UpsertAccount(ctx, Account{ID: "wkD", Name: "云杉"}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(memoFor)
	want(3)
	now = now.Add(-time.Hour)
	want(3)
}
