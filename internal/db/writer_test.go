package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestManyWriters(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	errOwn := errors.New("own failure")
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 12 {
				in, out := record(i)
				key := fmt.Sprintf("%d/%d", g, i)
				err := d.Tx(ctx, func(tx *DB) error {
					if err := tx.SetSetting(ctx, key, in.ID); err != nil {
						return err
					}
					if err := tx.InsertRecord(ctx, in, out); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return errOwn
					case 2:
						panic("own panic")
					}
					return nil
				})
				checkEnd(t, d, i, key, err, errOwn)
			}
		})
	}
	wg.Wait()
	if n := mustVerify(t, d); n != 64*6*2 {
		t.Errorf("chain of %d rows, want %d", n, 64*6*2)
	}
}

// checkEnd checks the end of transaction i: every other one failed by an error or a panic of its own.
func checkEnd(t *testing.T, d *DB, i int, key string, err, own error) {
	var panicked *PanicError
	switch i % 4 {
	case 1:
		if !errors.Is(err, own) {
			t.Errorf("%s: %v, want its own failure", key, err)
		}
	case 2:
		if !errors.As(err, &panicked) || panicked.Value != "own panic" || !strings.Contains(string(panicked.Stack), "writer_test.go") {
			t.Errorf("%s: %v, want its own panic", key, err)
		}
	default:
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	_, err = d.Setting(context.Background(), key)
	if failed := i%4 == 1 || i%4 == 2; failed != errors.Is(err, ErrNotFound) {
		t.Errorf("%s: failed %v, then read: %v", key, failed, err)
	}
}

// block occupies the writer until the returned function is called. Its transaction is the first of a commit and ends with
// an error of its own if fail is set.
func block(t *testing.T, d *DB, fail bool) (release func()) {
	t.Helper()
	started, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := d.Tx(context.Background(), func(tx *DB) error {
			close(started)
			<-free
			if fail {
				return errors.Join(tx.SetSetting(context.Background(), "blocking", "x"), errors.New("failed"))
			}
			return nil
		})
		if (err != nil) != fail {
			t.Errorf("blocking transaction: %v", err)
		}
	}()
	<-started
	return func() {
		close(free)
		<-done
	}
}

// queue starts transactions that wait behind a blocked writer, in order.
func queue(d *DB, fns ...func(*DB) error) []chan error {
	ends := make([]chan error, len(fns))
	for i, fn := range fns {
		ends[i] = make(chan error, 1)
		before := len(d.e.write.queue)
		go func() { ends[i] <- d.Tx(context.Background(), fn) }()
		for len(d.e.write.queue) == before {
			runtime.Gosched()
		}
	}
	return ends
}

func TestGroupSharesOneCommit(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	release := block(t, d, false)
	set := func(k string) func(*DB) error { return func(tx *DB) error { return tx.SetSetting(ctx, k, "x") } }
	ends := queue(d, set("a"), func(tx *DB) error {
		if err := tx.SetSetting(ctx, "b", "x"); err != nil {
			return err
		}
		// Nothing of this commit is visible outside before its end.
		if _, err := d.Setting(ctx, "a"); !errors.Is(err, ErrNotFound) {
			t.Errorf("outside, before the commit: %v", err)
		}
		if v, err := tx.Setting(ctx, "a"); v != "x" || err != nil {
			t.Errorf("inside the same commit: %q, %v", v, err)
		}
		return errors.New("no")
	}, set("c"))
	release()
	for i, want := range []bool{true, false, true} {
		if err := <-ends[i]; (err == nil) != want {
			t.Errorf("transaction %d: %v", i, err)
		}
	}
	for k, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if _, err := d.Setting(ctx, k); (err == nil) != want {
			t.Errorf("setting %s: %v", k, err)
		}
	}
}

func TestFirstOfGroupFails(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	mustRecord(t, d, 0)
	release := block(t, d, true)
	in, out := record(1)
	ends := queue(d, func(tx *DB) error { return tx.InsertRecord(ctx, in, out) }, func(tx *DB) error { return tx.SetSetting(ctx, "k", "v") })
	release()
	for _, e := range ends {
		if err := <-e; err != nil {
			t.Error(err)
		}
	}
	if _, err := d.Setting(ctx, "blocking"); !errors.Is(err, ErrNotFound) {
		t.Errorf("change of the failed one: %v", err)
	}
	if _, err := d.Setting(ctx, "k"); err != nil {
		t.Errorf("change of the last one: %v", err)
	}
	if n := mustVerify(t, d); n != 4 {
		t.Errorf("chain of %d rows, want 4", n)
	}
}

func TestGivenUpBeforeItsTurn(t *testing.T) {
	d := openTest(t)
	release := block(t, d, false)
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan error, 1)
	go func() { end <- d.SetSetting(ctx, "late", "x") }()
	for len(d.e.write.queue) == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-end; !errors.Is(err, context.Canceled) {
		t.Errorf("end of the caller: %v", err)
	}
	release()
	if err := d.SetSetting(context.Background(), "next", "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Setting(context.Background(), "late"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a transaction nobody waits for was run: %v", err)
	}
}

func TestCanceledWhileItRuns(t *testing.T) {
	d := openTest(t)
	ctx, cancel := context.WithCancel(context.Background())
	err := d.Tx(ctx, func(tx *DB) error {
		cancel()
		return tx.SetSetting(ctx, "k", "v")
	})
	if err != nil {
		t.Fatalf("a transaction that had begun: %v", err)
	}
	if v, err := d.Setting(context.Background(), "k"); v != "v" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
}

func TestNested(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	err := d.Tx(ctx, func(tx *DB) error {
		a, b := tx.SetSetting(ctx, "outer", "x"), tx.Tx(ctx, func(tx *DB) error {
			in, out := record(1)
			return errors.Join(tx.SetSetting(ctx, "inner", "x"), tx.InsertRecord(ctx, in, out), errors.New("inner"))
		})
		if a != nil || b == nil {
			t.Errorf("outer %v, inner %v", a, b)
		}
		in, out := record(2)
		return tx.InsertRecord(ctx, in, out)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Setting(ctx, "outer"); err != nil {
		t.Errorf("outer: %v", err)
	}
	if _, err := d.Setting(ctx, "inner"); !errors.Is(err, ErrNotFound) {
		t.Errorf("inner: %v", err)
	}
	mustVerify(t, d)
}

func TestSwallowedErrorIsNotCommitted(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	in, out := record(1)
	err := d.Tx(ctx, func(tx *DB) error {
		out := out
		out.Result = "nonsense"
		// The intent is in, its outcome is refused, and the caller does not care.
		_ = tx.InsertRecord(ctx, in, out)
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Fatalf("half a record was committed: %v", err)
	}
	if _, err := d.AuditEntry(ctx, in.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("intent: %v", err)
	}
	if err := d.InsertRecord(ctx, in, out); err != nil {
		t.Error(err)
	}
	mustVerify(t, d)
}

func TestUseAfterTheEnd(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	var kept *DB
	if err := d.Tx(ctx, func(tx *DB) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := kept.SetSetting(ctx, "k", "v"); err == nil {
		t.Error("a transaction that is over was written to")
	}
	if _, err := kept.Setting(ctx, "k"); err == nil {
		t.Error("a transaction that is over was read")
	}
}

func TestGoexitInside(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	err := d.Tx(ctx, func(tx *DB) error {
		if err := tx.SetSetting(ctx, "k", "v"); err != nil {
			t.Error(err)
		}
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Error("no error")
	}
	if _, err := d.Setting(ctx, "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("setting: %v", err)
	}
	if err := d.SetSetting(ctx, "after", "v"); err != nil {
		t.Errorf("the writer is gone: %v", err)
	}
}

func TestClosed(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	release := block(t, d, false)
	ends := queue(d, func(tx *DB) error { return tx.SetSetting(ctx, "queued", "v") })
	closed := make(chan error)
	go func() { closed <- d.Close() }()
	for !isClosed(d) {
		runtime.Gosched()
	}
	if err := d.SetSetting(ctx, "late", "v"); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
	release()
	if err := <-ends[0]; err != nil {
		t.Errorf("queued before close: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func isClosed(d *DB) bool {
	d.e.write.mu.RLock()
	defer d.e.write.mu.RUnlock()
	return d.e.write.closed
}

func TestQueueFullKeepsDeadline(t *testing.T) {
	d := openTest(t)
	release := block(t, d, false)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for range queueLen + 20 {
		wg.Go(func() {
			if err := d.SetSetting(ctx, "k", "v"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("end: %v", err)
			}
		})
	}
	wg.Wait()
	release()
	if err := d.SetSetting(context.Background(), "k", "v"); err != nil {
		t.Error(err)
	}
}
