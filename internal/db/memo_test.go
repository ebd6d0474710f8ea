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

// TestCountsOfOtherTables holds that what is kept stays when something else was written: with a message every few
// milliseconds nothing else would be counted once only.
func TestCountsOfOtherTables(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	queries := func(read func() error) int64 {
		t.Helper()
		before := d.Queries()
		if err := read(); err != nil {
			t.Fatal(err)
		}
		return d.Queries() - before
	}
	accounts := func() error { _, err := d.AccountCounts(ctx); return err }
	scenes := func() error { _, err := d.Scenes(ctx); return err }
	board := func() error { _, err := d.ConversationCounts(ctx, ConversationFilter{}); return err }
	for _, read := range []func() error{accounts, scenes, board} {
		if queries(read) == 0 || queries(read) != 0 {
			t.Error("not kept")
		}
	}
	conversationFor(t, d, "wkA", "wmA")
	if queries(accounts) != 0 || queries(scenes) != 0 {
		t.Error("counted anew after a conversation")
	}
	if queries(board) == 0 {
		t.Error("the board is not counted anew after a conversation")
	}
	if err := d.UpsertAccount(ctx, Account{ID: "wkA", Name: "云杉"}); err != nil {
		t.Fatal(err)
	}
	if queries(board) != 0 || queries(accounts) == 0 {
		t.Error("an account changes the numbers of accounts and no other")
	}
}

func TestWritesTo(t *testing.T) {
	for text, want := range map[string]string{
		"INSERT INTO visit (id) VALUES ($1)": "visit", "UPDATE person SET name = $1": "person", "DELETE FROM media": "media",
		"INSERT INTO conversation_tally\n(n) VALUES (1)": "conversation_tally",
	} {
		if got := writesTo(text); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a statement of which nobody knows what it changes is run")
		}
	}()
	writesTo("REPLACE INTO visit (id) VALUES ($1)")
}
