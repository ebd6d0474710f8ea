//go:build bench

package db

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The benchmarks print "row  ours / limit = ratio (target)". Both sides are measured in turns within one run and the
// median of the ratios is shown: absolute figures move by a factor of two on shared machines. They never fail.

// turns is the number of pairs measured.
const turns = 9

// turn is how long each side of a pair runs.
const turn = 400 * time.Millisecond

// median sorts a copy.
func median(l []float64) float64 {
	l = slices.Sorted(slices.Values(l))
	return l[len(l)/2]
}

// compare measures ours and the limit in turns and prints their row.
func compare(t *testing.T, row, unit, target string, ours, limit func() float64) {
	t.Helper()
	var a, b, ratios []float64
	for range turns {
		y := limit()
		x := ours()
		a, b, ratios = append(a, x), append(b, y), append(ratios, x/y)
	}
	fmt.Printf("%s  %.1f / %.1f %s = %.2f (target %s)\n", row, median(a), median(b), unit, median(ratios), target)
}

// syncsPerSecond is what the disk can do: 4 KiB added to the end of a file and flushed, as a log does.
func syncsPerSecond(t *testing.T, f *os.File) func() float64 {
	page := make([]byte, 4096)
	return func() float64 {
		n, start := 0, time.Now()
		for ; time.Since(start) < turn; n++ {
			if _, err := f.Write(page); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				t.Fatal(err)
			}
		}
		return float64(n) / time.Since(start).Seconds()
	}
}

// benchDB is a database with an account and a link per client, and a file beside it.
func benchDB(t *testing.T, clients int) (*DB, *os.File) {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	d := openAt(t, filepath.Join(dir, "console.db"))
	err := d.Tx(ctx, func(tx *DB) error {
		if err := tx.UpsertAccount(ctx, Account{ID: "wkA", Name: "云杉家居售前"}); err != nil {
			return err
		}
		for i := range clients {
			l := Link{ID: fmt.Sprintf("link%02d", i), AccountID: "wkA", Scene: "door", Name: "门店海报", Note: "东门电梯旁", CreatedAt: testTime, UpdatedAt: testTime}
			if err := tx.InsertLink(ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return d, f
}

// change is an audited local change: a link's note, its intent and its outcome in one durable transaction.
func change(d *DB, client, n int) error {
	ctx := context.Background()
	at := testTime.Add(time.Duration(n) * time.Second)
	in := Intent{ID: NewID(), At: at, OperatorID: "0190a0b0c0d0e0f00102030405060708", OperatorName: "manager", IP: "192.0.2.7", Action: "link.update",
		TargetKind: "link", TargetID: fmt.Sprintf("link%02d", client), TargetName: "门店海报", Input: `{"name":"门店海报","campaign":"双十一","note":"东门电梯旁的海报"}`,
		Before: `{"name":"门店海报","campaign":"双十一","note":"电梯旁的海报"}`, RequestID: "0190a0b0c0d0e0f00102030405060708"}
	out := Outcome{IntentID: in.ID, At: at, Result: ResultDone, After: `{"rev":3}`}
	return d.Tx(ctx, func(tx *DB) error {
		l := Link{ID: in.TargetID, Name: "门店海报", Note: fmt.Sprint("东门 ", n), Rev: int64(n) + 1, UpdatedAt: at}
		if err := tx.UpdateLink(ctx, l); err != nil {
			return err
		}
		return tx.InsertRecord(ctx, in, out)
	})
}

func TestBenchP1(t *testing.T) {
	d, f := benchDB(t, 1)
	n := 0
	compare(t, "P1 ", "audited changes, one client / fdatasync, per second", ">= 0.75", func() float64 {
		first, start := n, time.Now()
		for ; time.Since(start) < turn; n++ {
			if err := change(d, 0, n); err != nil {
				t.Fatal(err)
			}
		}
		return float64(n-first) / time.Since(start).Seconds()
	}, syncsPerSecond(t, f))
}

// TestBenchP2 lets 64 operators work at once: each makes the intent of a change durable, then its outcome, as a change at
// WeCom does, and in another row whole local changes in one transaction each.
func TestBenchP2(t *testing.T) {
	open := make([]string, 64)
	manyClients(t, "intents or outcomes, 64 clients", func(d *DB, client, n int) error {
		in, out := record(n)
		if open[client] == "" {
			open[client] = in.ID
			return d.InsertIntent(context.Background(), in, fmt.Sprint("lock ", client))
		}
		out.IntentID, open[client] = open[client], ""
		return d.InsertOutcome(context.Background(), out)
	})
	manyClients(t, "whole local changes, 64 clients", change)
}

// manyClients measures what 64 clients do together and the 99th percentile of how long each had to wait.
func manyClients(t *testing.T, what string, do func(d *DB, client, n int) error) {
	const clients = 64
	d, f := benchDB(t, clients)
	next := make([]int, clients)
	var p99s []float64
	compare(t, "P2 ", what+" / fdatasync, per second", ">= 6", func() float64 {
		var mu sync.Mutex
		var took []float64
		start := time.Now()
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() {
				var mine []float64
				for time.Since(start) < turn {
					begun := time.Now()
					if err := do(d, c, next[c]); err != nil {
						t.Error(err)
						return
					}
					next[c]++
					mine = append(mine, float64(time.Since(begun).Microseconds())/1000)
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, mine...)
			})
		}
		wg.Wait()
		elapsed := time.Since(start).Seconds()
		slices.Sort(took)
		p99s = append(p99s, took[len(took)*99/100])
		return float64(len(took)) / elapsed
	}, syncsPerSecond(t, f))
	fmt.Printf("P2   p99 of %s: %.1f ms (target <= 25 ms)\n", what, median(p99s))
}

// pageTime is the median time of reading a page, in milliseconds.
func pageTime(t *testing.T, read func() (int, error)) float64 {
	var took []float64
	for start := time.Now(); time.Since(start) < turn; {
		begun := time.Now()
		if n, err := read(); n != 50 || err != nil {
			t.Fatalf("page of %d rows: %v", n, err)
		}
		took = append(took, float64(time.Since(begun).Nanoseconds())/1e6)
	}
	return median(took)
}

func TestBenchP3Accounts(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	var list []Account
	for i := range 5000 {
		list = append(list, Account{ID: fmt.Sprintf("wk%030d", i), Name: fmt.Sprintf("云杉家居门店%d号", (i*7919)%5000), AvatarURL: "https://example.test/avatar/0"})
	}
	if err := d.ReplaceAccounts(ctx, list, testTime); err != nil {
		t.Fatal(err)
	}
	var last Cursor
	for at := Cursor(""); ; at = last {
		rows, page, err := d.Accounts(ctx, AccountFilter{}, at, 50)
		if err != nil {
			t.Fatal(err)
		}
		if page.Next == "" {
			if len(rows) != 50 {
				t.Fatalf("last page of %d rows", len(rows))
			}
			break
		}
		last = page.Next
	}
	read := func(at Cursor) func() float64 {
		return func() float64 {
			return pageTime(t, func() (int, error) {
				rows, _, err := d.Accounts(ctx, AccountFilter{}, at, 50)
				return len(rows), err
			})
		}
	}
	compare(t, "P3 ", "ms, last / first page of 5 000 accounts", "<= 1.2", read(last), read(""))
}

// millionRows makes a chain of a million rows: half intents, half outcomes.
func millionRows(t *testing.T) *DB {
	t.Helper()
	d := openTest(t)
	fillRecords(t, d, 500_000)
	return d
}

func fillRecords(t *testing.T, d *DB, records int) {
	t.Helper()
	ctx := context.Background()
	for n := 0; n < records; {
		err := d.Tx(ctx, func(tx *DB) error {
			for end := min(n+5000, records); n < end; n++ {
				in, out := record(n)
				if err := tx.InsertRecord(ctx, in, out); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBenchP3AuditAndP12(t *testing.T) {
	d := millionRows(t)
	ctx := context.Background()
	from := testTime.Add(time.Hour)
	to := testTime.Add(2 * time.Hour)
	for name, f := range map[string]AuditFilter{"": {}, " of an operator": {OperatorName: "客服主管1"}, " of a target": {TargetID: "l3"}, " of an hour": {From: &from, To: &to}} {
		first := encodeCursor("audit desc", place{key: []any{int64(1_000_001)}})
		last := encodeCursor("audit desc", place{key: []any{int64(2000)}})
		if f.From != nil {
			last = encodeCursor("audit desc", place{key: []any{int64(7300)}})
		}
		read := func(at Cursor) func() float64 {
			return func() float64 {
				return pageTime(t, func() (int, error) {
					rows, _, err := d.AuditEntries(ctx, f, at, 50)
					return len(rows), err
				})
			}
		}
		compare(t, "P3 ", "ms, last / first page of 500 000 entries"+name, "<= 1.2", read(last), read(first))
	}
	benchVerify(t, d)
}

func benchVerify(t *testing.T, d *DB) {
	ctx := context.Background()
	var rows int64
	compare(t, "P12", "rows/s, verify / plain scan of 1 000 000 rows", ">= 0.6", func() float64 {
		start := time.Now()
		v, err := d.VerifyAudit(ctx, nil)
		if err != nil || v.Broken != nil || v.Rows != rows {
			t.Fatalf("%+v, %v", v, err)
		}
		return float64(v.Rows) / time.Since(start).Seconds()
	}, func() float64 {
		start := time.Now()
		rows = 0
		for _, table := range chainTables {
			values := make([]any, len(table.cols))
			dest := make([]any, len(table.cols))
			for i := range values {
				dest[i] = &values[i]
			}
			err := d.each(ctx, func(s scanner) error {
				rows++
				return s.Scan(dest...)
			}, table.selectSQL(), int64(0), int64(1<<62))
			if err != nil {
				t.Fatal(err)
			}
		}
		return float64(rows) / time.Since(start).Seconds()
	})
}
