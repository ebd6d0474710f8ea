package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestChanges(t *testing.T) {
	ctx := context.Background()
	at := now
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	ends := func(first, last int64) {
		t.Helper()
		f, err1 := d.FirstChange(ctx)
		l, err2 := d.LastChange(ctx)
		if f != first || l != last || err1 != nil || err2 != nil {
			t.Errorf("%d to %d, want %d to %d: %v, %v", f, l, first, last, err1, err2)
		}
	}
	ends(0, 0)
	for i := range 10 {
		if err := d.AddChange(ctx, fmt.Sprint("topic", i), "ref"); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Minute)
	}
	ends(1, 10)
	l, err := d.ChangesAfter(ctx, 3, 2)
	if err != nil || len(l) != 2 || l[0] != (db.Change{Seq: 4, Topic: "topic3", Ref: "ref", At: now.Add(3 * time.Minute)}) || l[1].Seq != 5 {
		t.Errorf("%+v, %v", l, err)
	}
	if err := d.TrimChanges(ctx, now.Add(4*time.Minute)); err != nil {
		t.Fatal(err)
	}
	ends(5, 10)
	if err := d.TrimChanges(ctx, at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	ends(10, 10)
	if err := d.AddChange(ctx, "t", ""); err != nil {
		t.Fatal(err)
	}
	ends(10, 11)
}

// checkTold looks once whether a watcher was told.
func checkTold(t *testing.T, changed <-chan struct{}, want bool) {
	t.Helper()
	select {
	case <-changed:
		if !want {
			t.Error("told of nothing")
		}
	default:
		if want {
			t.Error("not told")
		}
	}
}

func TestWatch(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		changed, stop := d.Watch()
		other, stopOther := d.Watch()
		stopOther()
		told := func(want bool) {
			t.Helper()
			checkTold(t, changed, want)
		}
		told(false)
		if err := d.SetSetting(ctx, "k", "v"); err != nil {
			t.Fatal(err)
		}
		told(false)
		undone := errors.New("undone")
		err := d.Tx(ctx, func(tx *db.DB) error { return errors.Join(tx.AddChange(ctx, "t", ""), undone) })
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		told(false)
		err = d.Tx(ctx, func(tx *db.DB) error {
			err := tx.AddChange(ctx, "t", "")
			told(false)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := d.LastChange(ctx); err != nil || n != 1 {
			t.Errorf("told before it can be read: %d, %v", n, err)
		}
		told(true)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := d.AddChange(ctx, "t", ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		told(true)
		told(false)
		if l, err := d.ChangesAfter(ctx, 0, 100); err != nil || len(l) != 21 {
			t.Errorf("%d changes, %v", len(l), err)
		}
		stop()
		stop()
		if err := d.AddChange(ctx, "t", ""); err != nil {
			t.Fatal(err)
		}
		told(false)
		if len(other) != 0 {
			t.Error("told somebody who had stopped watching")
		}
	})
}
