package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// openTest opens a fresh database that is closed when the test ends.
func openTest(t testing.TB) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "console.db"))
}

func openAt(t testing.TB, path string) *DB {
	t.Helper()
	d, err := Open(context.Background(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

// writerExec runs a statement on the writing connection, outside of any transaction of ours.
func writerExec(t testing.TB, d *DB, q string) {
	t.Helper()
	if _, err := d.exec(context.Background(), "DELETE FROM session WHERE hash = ''"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.e.write.conn.ExecContext(context.Background(), q); err != nil {
		t.Fatal(err)
	}
}

// seeded returns a random source and prints its seed when the test fails. KFCONSOLE_TEST_SEED repeats a run.
func seeded(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("KFCONSOLE_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with KFCONSOLE_TEST_SEED=%d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 1))
}

var testTime = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// record is a made-up change number n with its end.
func record(n int) (Intent, Outcome) {
	at := testTime.Add(time.Duration(n) * time.Second)
	in := Intent{ID: NewID(), At: at, OperatorID: fmt.Sprintf("op%d", n%3), OperatorName: fmt.Sprintf("客服主管%d", n%3), IP: "192.0.2.7",
		Action: "link.update", TargetKind: "link", TargetID: fmt.Sprintf("l%d", n%7), TargetName: "门店海报",
		Input: fmt.Sprintf(`{"name":"海报 %d"}`, n), Before: `{"name":"海报"}`, RequestID: fmt.Sprintf("req%d", n)}
	return in, Outcome{IntentID: in.ID, At: at.Add(time.Millisecond), Result: ResultDone, After: `{"rev":2}`}
}

func mustRecord(t testing.TB, d *DB, n int) Intent {
	t.Helper()
	in, out := record(n)
	if err := d.InsertRecord(context.Background(), in, out); err != nil {
		t.Fatal(err)
	}
	return in
}

// mustVerify fails the test unless the whole chain holds, and returns its length.
func mustVerify(t testing.TB, d *DB) int64 {
	t.Helper()
	v, err := d.VerifyAudit(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.Broken != nil {
		t.Fatalf("chain broken at %d: %+v", v.Rows, *v.Broken)
	}
	seq, hash, err := d.AuditHead(context.Background())
	if err != nil || seq != v.Rows || hash != v.Head {
		t.Fatalf("head %d %s, verified %d %s: %v", seq, hash, v.Rows, v.Head, err)
	}
	return v.Rows
}
