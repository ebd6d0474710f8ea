package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestRuns(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var items []db.RunItem
		for i := range 250 {
			items = append(items, db.RunItem{Pos: i + 1, Kind: db.KindUser, MemberID: fmt.Sprintf("u%d", i), Name: "员工", State: db.ItemPending})
		}
		run := db.Run{ID: db.NewID(), AccountID: "wkA", Verb: "add", OperatorID: "op1", CreatedAt: now}
		if err := d.InsertRun(ctx, run, items); err != nil {
			t.Fatal(err)
		}
		if err := d.InsertRun(ctx, run, items); !errors.Is(err, db.ErrConflict) {
			t.Errorf("same run: %v", err)
		}
		done := []db.RunItem{{Pos: 1, State: db.ItemDone}, {Pos: 2, State: db.ItemIgnored}, {Pos: 3, State: db.ItemFailed, Errcode: 60111, Errmsg: "invalid userid"}, {Pos: 4, State: db.ItemUnknown}, {Pos: 5, State: db.ItemSending}}
		if err := d.SetRunItems(ctx, run.ID, done); err != nil {
			t.Fatal(err)
		}
		err := d.SetRunItems(ctx, run.ID, []db.RunItem{{Pos: 6, State: db.ItemDone}, {Pos: 999, State: db.ItemDone}})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("item that is not there: %v", err)
		}
		want := run
		want.Total, want.Done, want.Ignored, want.Failed, want.Unknown, want.Pending = 250, 1, 1, 1, 1, 246
		if got, err := d.Run(ctx, run.ID); err != nil || got != want {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		failed, err := d.RunItems(ctx, run.ID, db.ItemFailed, 0, 0)
		if err != nil || len(failed) != 1 || failed[0].Pos != 3 || failed[0].Errcode != 60111 || failed[0].MemberID != "u2" || failed[0].RunID != run.ID {
			t.Errorf("failed: %+v, %v", failed, err)
		}
		part, err := d.RunItems(ctx, run.ID, "", 100, 100)
		if err != nil || len(part) != 100 || part[0].Pos != 101 || part[99].Pos != 200 {
			t.Errorf("%d items, %v", len(part), err)
		}
		open, err := d.OpenRuns(ctx)
		if err != nil || len(open) != 1 || open[0] != want {
			t.Errorf("open: %+v, %v", open, err)
		}
		if err := d.SetRunItems(ctx, run.ID, []db.RunItem{{Pos: 1, State: "odd"}}); err == nil {
			t.Error("an unknown state was taken")
		}
	})
}

func TestFinishRun(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		run := db.Run{ID: db.NewID(), AccountID: "wkA", Verb: "remove", OperatorID: "op1", CreatedAt: now}
		if err := d.InsertRun(ctx, run, nil); err != nil {
			t.Fatal(err)
		}
		finishRun(t, d, run)
	})
}

// finishRun ends a run once, and looks for what is not there.
func finishRun(t *testing.T, d *db.DB, run db.Run) {
	t.Helper()
	ctx := context.Background()
	if err := d.FinishRun(ctx, run.ID, now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishRun(ctx, run.ID, now); !errors.Is(err, db.ErrConflict) {
		t.Errorf("finished twice: %v", err)
	}
	if open, err := d.OpenRuns(ctx); err != nil || len(open) != 0 {
		t.Errorf("open after the end: %+v, %v", open, err)
	}
	if got, err := d.Run(ctx, run.ID); err != nil || got.FinishedAt == nil || !got.FinishedAt.Equal(now.Add(time.Minute)) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := d.FinishRun(ctx, "none", now); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("no run: %v", err)
	}
	if _, err := d.Run(ctx, "none"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("no run: %v", err)
	}
}
