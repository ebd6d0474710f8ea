package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// killIngestEnv, beside killEnv, makes the test binary take in pages of messages instead.
const killIngestEnv = "KFCONSOLE_TEST_KILL_INGEST"

const (
	ingestAccounts = 4
	ingestPage     = 50 // messages of a page, the last of which come again with the next one
	ingestStep     = 40
)

// ingestPageOf takes page n of an account in: messages, what they make of their conversation, cursor and change row.
func ingestPageOf(ctx context.Context, d *DB, account string, n int) error {
	return d.Tx(ctx, func(tx *DB) error {
		var page []Message
		c, _, err := tx.ConversationFor(ctx, account, "wm"+account, testTime)
		if err != nil {
			return err
		}
		for i := range ingestPage {
			page = append(page, said(c, n*ingestStep+i, "退款"))
		}
		fresh, err := tx.InsertMessages(ctx, page)
		if err != nil {
			return err
		}
		s, err := tx.SyncState(ctx, account)
		if err != nil {
			return err
		}
		c.Messages, s.Messages, s.Cursor = c.Messages+len(fresh), s.Messages+int64(len(fresh)), strconv.Itoa(n+1)
		return errors.Join(tx.UpdateConversation(ctx, c), tx.SaveSyncState(ctx, s), tx.AddChange(ctx, "conversations", c.ID))
	})
}

// ingestUntilKilled takes pages in from where the cursors are, all accounts at once, and prints each when it is durable.
func ingestUntilKilled(path string) error {
	ctx := context.Background()
	d, err := Open(ctx, Options{Path: path})
	if err != nil {
		return err
	}
	errs := make(chan error)
	var mu sync.Mutex
	for a := range ingestAccounts {
		go func() {
			account := fmt.Sprint("wk", a)
			s, err := d.SyncState(ctx, account)
			for n := next(s); err == nil; n++ {
				if err = ingestPageOf(ctx, d, account, n); err == nil {
					mu.Lock()
					fmt.Println(account, n)
					mu.Unlock()
				}
			}
			errs <- err
		}()
	}
	return <-errs
}

// next is the page that a cursor stands for.
func next(s SyncState) int {
	n, _ := strconv.Atoi(s.Cursor)
	return n
}

// checkIngested holds that an account has exactly the messages up to its cursor, each once, in the timeline and in the
// index, and says how many pages that are.
func checkIngested(ctx context.Context, d *DB, account string) (pages int, err error) {
	s, err := d.SyncState(ctx, account)
	if err != nil || next(s) == 0 {
		return 0, err
	}
	c, err := d.ConversationOf(ctx, account, "wm"+account)
	if err != nil {
		return 0, err
	}
	list, err := d.ConversationMessages(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	want := next(s)*ingestStep + ingestPage - ingestStep
	if len(list) != want || c.Messages != want || s.Messages != int64(want) {
		return 0, fmt.Errorf("%s: %d messages, conversation says %d, sync state %d, want %d", account, len(list), c.Messages, s.Messages, want)
	}
	for i, m := range list {
		if m.ID != fmt.Sprintf("msg%06d", i) {
			return 0, fmt.Errorf("%s: message %d is %s", account, i, m.ID)
		}
	}
	hits, _, err := d.SearchMessages(ctx, "退款", MessageFilter{Conversation: c.ID}, "", maxLimit)
	if err == nil && len(hits) != min(want, maxLimit) {
		err = fmt.Errorf("%s: the index finds %d of %d", account, len(hits), want)
	}
	return next(s), err
}

// TestKillIngest kills a process that takes messages in at random moments: messages, index, conversation and cursor are
// always of one page, and no page that was said to be durable is lost.
func TestKillIngest(t *testing.T) {
	ctx := context.Background()
	r := seeded(t)
	path := filepath.Join(t.TempDir(), "console.db")
	openAt(t, path).Close()
	total := 0
	for round := range 12 {
		acked := killed(t, path, time.Duration(r.IntN(60_000))*time.Microsecond, killIngestEnv+"=1")
		total += len(acked)
		d, err := Open(ctx, Options{Path: path})
		if err != nil {
			t.Fatalf("round %d: open after the kill: %v", round, err)
		}
		pages := map[string]int{}
		for a := range ingestAccounts {
			account := fmt.Sprint("wk", a)
			if pages[account], err = checkIngested(ctx, d, account); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		for _, line := range acked {
			account, n, _ := strings.Cut(line, " ")
			if page, err := strconv.Atoi(n); err != nil || page >= pages[account] {
				t.Errorf("round %d: page %s of %s was durable, the cursor is at %d: %v", round, n, account, pages[account], err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if total == 0 {
		t.Error("no page was acknowledged before any kill")
	}
	t.Logf("%d acknowledged pages survived 12 kills", total)
}

// TestKillIngestNotices: the check finds a cursor that was saved before its page.
func TestKillIngestNotices(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	if err := ingestPageOf(ctx, d, "wk0", 0); err != nil {
		t.Fatal(err)
	}
	if n, err := checkIngested(ctx, d, "wk0"); err != nil || n != 1 {
		t.Fatalf("%d pages, %v", n, err)
	}
	s, err := d.SyncState(ctx, "wk0")
	if err != nil {
		t.Fatal(err)
	}
	s.Cursor = "2"
	if err := d.SaveSyncState(ctx, s); err != nil {
		t.Fatal(err)
	}
	if _, err := checkIngested(ctx, d, "wk0"); err == nil {
		t.Error("a page that is missing was not noticed")
	}
}
