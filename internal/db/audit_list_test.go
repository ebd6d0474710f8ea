package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// fillAudit writes n entries of all sorts with a clock that jumps, and returns them, newest first.
func fillAudit(t *testing.T, d *db.DB, r *rand.Rand, n int) []db.Entry {
	t.Helper()
	ctx := context.Background()
	at := now
	for i := range n {
		at = at.Add(pick(r, time.Second, time.Minute, 20*time.Minute, -2*time.Hour, 90*time.Minute))
		op := r.IntN(3)
		kind := pick(r, "account", "link", "operator", "audit")
		in := db.Intent{ID: db.NewID(), At: at.Truncate(time.Millisecond), OperatorID: fmt.Sprintf("op%d", op), OperatorName: fmt.Sprintf("主管%d", op),
			Action: kind + pick(r, ".create", ".update"), TargetKind: kind, TargetID: fmt.Sprintf("%s%d", kind, r.IntN(4)), TargetName: pick(r, "门店海报", "100%_Off", "Poster")}
		if op == 0 {
			in.OperatorID = ""
		}
		out := db.Outcome{IntentID: in.ID, At: in.At, Result: pick(r, db.ResultDone, db.ResultDone, db.ResultRefused, db.ResultFailed, db.ResultDenied, db.ResultPartial)}
		var err error
		if i%7 == 0 {
			err = d.InsertIntent(ctx, in, "")
		} else {
			err = d.InsertRecord(ctx, in, out)
		}
		if err == nil && i%5 == 0 {
			err = d.InsertNote(ctx, db.Note{ID: db.NewID(), IntentID: in.ID, At: at, Text: fmt.Sprint("note ", i)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, page, err := d.AuditEntries(ctx, db.AuditFilter{}, "", n+10)
	if err != nil || len(entries) != n || page != (db.Page{}) {
		t.Fatalf("%d entries, %+v, %v", len(entries), page, err)
	}
	return entries
}

// matches is what AuditFilter means, said in another way.
func matches(f db.AuditFilter, e db.Entry) bool {
	result := db.ResultOpen
	if e.Outcome != nil {
		result = e.Outcome.Result
	}
	eq := func(want, got string) bool { return want == "" || want == got }
	has := func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(f.Target)) }
	return eq(f.OperatorName, e.OperatorName) && eq(f.Action, e.Action) && eq(f.TargetKind, e.TargetKind) &&
		eq(f.TargetID, e.TargetID) && eq(f.Result, result) && (f.From == nil || !e.At.Before(*f.From)) && (f.To == nil || e.At.Before(*f.To)) &&
		(has(e.TargetName) || has(e.TargetID))
}

func randomFilter(r *rand.Rand) (f db.AuditFilter) {
	maybe := func() bool { return r.IntN(4) == 0 }
	if maybe() {
		f.OperatorName = pick(r, "主管0", "主管1")
	}
	if maybe() {
		f.Action = pick(r, "account.update", "link.create")
	}
	if maybe() {
		f.TargetKind = pick(r, "account", "operator", "audit", "none")
	}
	if maybe() {
		f.TargetID = pick(r, "account1", "operator2")
	}
	if maybe() {
		f.Result = pick(r, db.ResultDone, db.ResultOpen, db.ResultRefused, db.ResultFailed)
	}
	if maybe() {
		from := now.Add(time.Duration(r.IntN(400)-200) * time.Minute)
		f.From = &from
	}
	if maybe() {
		to := now.Add(time.Duration(r.IntN(900)-200) * time.Minute)
		f.To = &to
	}
	if maybe() {
		f.Target = pick(r, "海报", "%_", "poster", "ACCOUNT", "_")
	}
	return f
}

// TestAuditFilters compares random filters with a filter that reads every entry, page by page in both directions.
func TestAuditFilters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 2))
		entries := fillAudit(t, d, r, 400)
		for range 150 {
			f := randomFilter(r)
			var want []string
			for _, e := range entries {
				if matches(f, e) {
					want = append(want, e.ID)
				}
			}
			limit := 1 + r.IntN(60)
			checkPages(t, want, limit, func(c db.Cursor) ([]string, db.Page, error) {
				list, page, err := d.AuditEntries(ctx, f, c, limit)
				ids := make([]string, len(list))
				for i, e := range list {
					ids[i] = e.ID
				}
				return ids, page, err
			})
			most := r.IntN(200)
			n, more, err := d.AuditCount(ctx, f, most)
			if err != nil || n != min(most, len(want)) || more != (len(want) > most) {
				t.Errorf("%+v: counted %d of %d, more %v: %v", f, n, len(want), more, err)
			}
			if t.Failed() {
				t.Fatalf("seed %d, filter %+v", seed, f)
			}
		}
	})
}

// checkPages reads a list to its end and back.
func checkPages(t *testing.T, want []string, limit int, read func(db.Cursor) ([]string, db.Page, error)) {
	t.Helper()
	var pages [][]string
	var at db.Cursor
	for {
		ids, page, err := read(at)
		if err != nil {
			t.Fatal(err)
		}
		if (page.Prev == "") != (len(pages) == 0) {
			t.Errorf("page %d: previous page %q", len(pages), page.Prev)
		}
		pages = append(pages, ids)
		if at = page.Next; at == "" {
			at = page.Prev
			break
		}
	}
	if got := slices.Concat(pages...); !slices.Equal(got, want) {
		t.Errorf("read %d items, want %d:\n%v\n%v", len(got), len(want), got, want)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		ids, page, err := read(at)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(ids, pages[i]) || page.Next == "" || (page.Prev == "") != (i == 0) {
			t.Errorf("back to page %d of %d rows: %v %+v, want %v", i, limit, ids, page, pages[i])
		}
		at = page.Prev
	}
}

func TestAuditListErrors(t *testing.T) {
	ctx := context.Background()
	d := dbtest.New(t)
	if _, _, err := d.AuditEntries(ctx, db.AuditFilter{Result: "nonsense"}, "", 0); !errors.Is(err, db.ErrBadFilter) {
		t.Errorf("result: %v", err)
	}
	if _, _, err := d.AuditEntries(ctx, db.AuditFilter{}, "nonsense", 0); !errors.Is(err, db.ErrBadCursor) {
		t.Errorf("cursor: %v", err)
	}
	if _, _, err := d.AuditCount(ctx, db.AuditFilter{Result: "nonsense"}, 1); !errors.Is(err, db.ErrBadFilter) {
		t.Errorf("count: %v", err)
	}
}
