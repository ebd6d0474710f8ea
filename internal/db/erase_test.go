package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rows is every value of every table as text.
func rows(t *testing.T, d *DB) string {
	t.Helper()
	ctx := context.Background()
	tables, err := all(ctx, d, scanText, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'message_text' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		got, err := d.e.read.QueryContext(ctx, `SELECT * FROM "`+table+`"`)
		if err != nil {
			t.Fatal(err)
		}
		cols, err := got.Columns()
		if err != nil {
			t.Fatal(err)
		}
		values, dest := make([]any, len(cols)), make([]any, len(cols))
		for i := range values {
			dest[i] = &values[i]
		}
		for got.Next() {
			if err := got.Scan(dest...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s\n", table, values)
		}
		if err := errors.Join(got.Err(), got.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// fill gives a customer one of everything, with its own words.
func fill(t *testing.T, d *DB, account, customer, word string) (Conversation, string) {
	t.Helper()
	ctx := context.Background()
	c := conversationFor(t, d, account, customer)
	sha, n, err := d.PutBlob(ctx, strings.NewReader("bytes of "+word), 1000)
	if err != nil {
		t.Fatal(err)
	}
	picture := []byte("picture of " + word)
	m := said(c, len(account+customer), word+"的事情")
	m.Raw, m.Media = []byte(`{"text":"`+word+`"}`), "media "+word
	c.LastText, c.SceneParam = word, "param "+word
	for _, err := range []error{
		d.InsertPicture(ctx, Picture{ID: PictureID(picture), MIME: "image/png", Data: picture}),
		d.SetCustomerProfile(ctx, Customer{ID: customer, Name: "名" + word, AvatarURL: "https://example.test/" + word, UnionID: "union" + word, PictureID: PictureID(picture)}),
		d.InsertMedia(ctx, Media{ID: "media " + word + account, AccountID: account, ConversationID: c.ID, Kind: "file", State: MediaKept, Name: word + ".pdf", SHA256: sha, Bytes: n}),
		d.InsertVisit(ctx, Visit{ID: NewID(), ConversationID: c.ID, AccountID: account, CustomerID: customer, Scene: "door", SceneParam: "param " + word,
			EnteredAt: testTime, WroteAt: testTime, Rating: "rated " + word}),
		d.InsertCode(ctx, Code{ID: NewID(), AccountID: account, ConversationID: c.ID, CustomerID: customer, Scene: SceneWelcome, State: CodeSkipped, Reason: "late", GotAt: testTime}),
		d.UpdateConversation(ctx, c),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	mustInsert(t, d, m)
	return c, sha
}

func TestEraseCustomer(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	fill(t, d, "wkA", "wmGone", "秘密暗号")
	second, gone := fill(t, d, "wkBB", "wmGone", "秘密暗号")
	stays, kept := fill(t, d, "wkA", "wmStays", "普通内容")
	before := rows(t, d)
	at := testTime.Add(time.Hour)
	e, err := d.EraseCustomer(ctx, "wmGone", at)
	if err != nil || e != (Erasure{Conversations: 2, Messages: 2, Media: 2}) {
		t.Fatalf("%+v, %v", e, err)
	}
	after := rows(t, d)
	gram := grams("秘密")[:6]
	for _, word := range []string{"秘密", "暗号", "wmGone", second.ID, gram} {
		if !strings.Contains(before, word) {
			t.Errorf("%q was not there before: its absence proves nothing", word)
		}
		if strings.Contains(after, word) {
			t.Errorf("%q is still there", word)
		}
	}
	if !strings.Contains(after, "普通内容") || len(found(t, d, "普通", MessageFilter{})) != 1 || len(found(t, d, "秘密", MessageFilter{})) != 0 {
		t.Error("what the other customer said was touched, or the search finds what is gone")
	}
	counts, err := d.ConversationCounts(ctx, ConversationFilter{})
	if err != nil || counts.ByState[StateNew] != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
	if err := d.DropBlobs(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := d.OpenBlob(gone); !errors.Is(err, ErrNotFound) {
		t.Errorf("the file is still there: %v", err)
	}
	if f, err := d.OpenBlob(kept); err != nil {
		t.Errorf("the other file: %v", err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	funnel, err := d.VisitFunnel(ctx, "", "door", testTime, at)
	if err != nil || len(funnel) != 1 || funnel[0].Entered != 3 {
		t.Errorf("%+v, %v", funnel, err)
	}
	if _, err := d.Conversation(ctx, stays.ID); err != nil {
		t.Error(err)
	}
	if _, err := d.EraseCustomer(ctx, "wmGone", at); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
}

// TestErasedFromTheFile: after the log has moved into the file nothing in it has the words either.
func TestErasedFromTheFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	d := openAt(t, path)
	fill(t, d, "wkA", "wmGone", "秘密暗号")
	has := func() bool {
		writerExec(t, d, "PRAGMA wal_checkpoint(TRUNCATE)")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(b, []byte("秘密")) || bytes.Contains(b, []byte("wmGone"))
	}
	if !has() {
		t.Fatal("the words were not there before: their absence proves nothing")
	}
	if _, err := d.EraseCustomer(ctx, "wmGone", testTime); err != nil {
		t.Fatal(err)
	}
	if has() {
		t.Error("the words are still in the file")
	}
}

func TestTombstone(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	c := conversationFor(t, d, "wkA", "wm1")
	mustInsert(t, d, said(c, 1, "old"))
	erased := testTime.Add(time.Hour)
	if _, err := d.EraseCustomer(ctx, "wm1", erased); err != nil {
		t.Fatal(err)
	}
	if at, is, err := d.Erased(ctx, "wm1"); err != nil || !is || !at.Equal(erased) {
		t.Errorf("%v, %v, %v", at, is, err)
	}
	if _, is, err := d.Erased(ctx, "wm2"); err != nil || is {
		t.Errorf("somebody else: %v, %v", is, err)
	}
	for range 2 {
		if _, _, err := d.ConversationFor(ctx, "wkA", "wm1", erased); !errors.Is(err, ErrErased) {
			t.Fatalf("a message of before: %v", err)
		}
		// The second round is after the customer came back.
		c, created, err := d.ConversationFor(ctx, "wkA", "wm1", erased.Add(time.Millisecond))
		if err != nil || c.CustomerName != "" {
			t.Fatalf("%+v, %v", c, err)
		}
		if !created {
			break
		}
		old, fresh := said(c, 1, "old"), said(c, 7200, "new")
		if got := mustInsert(t, d, old, fresh); len(got) != 1 || got[0].Text != "new" {
			t.Errorf("%+v", got)
		}
	}
}
