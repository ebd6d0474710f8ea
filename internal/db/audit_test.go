package db_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

var now = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

func intent() db.Intent {
	return db.Intent{ID: db.NewID(), At: now, OperatorID: "op1", OperatorName: "客服主管", IP: "192.0.2.7", Action: "account.update",
		TargetKind: "account", TargetID: "wk1", TargetName: "云杉家居售前", Input: `{"name":"售前咨询"}`, Before: `{"name":"售前"}`,
		RequestID: "r1", Undoes: "u1"}
}

func outcome(id string) db.Outcome {
	return db.Outcome{IntentID: id, At: now.Add(time.Second), Result: db.ResultRefused, Errcode: 95013, Errmsg: "no account", Hint: "h1",
		FromIP: "192.0.2.9", RemoteID: "wk1", After: `{"name":"售前"}`}
}

func TestIntentOutcomeNote(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		in := intent()
		if err := d.InsertIntent(ctx, in, ""); err != nil {
			t.Fatal(err)
		}
		e, err := d.AuditEntry(ctx, in.ID)
		in.Seq = 1
		if err != nil || !reflect.DeepEqual(e, db.Entry{Intent: in}) {
			t.Fatalf("open: %+v, %v", e, err)
		}
		out := outcome(in.ID)
		if err := d.InsertOutcome(ctx, out); err != nil {
			t.Fatal(err)
		}
		note := db.Note{ID: db.NewID(), IntentID: in.ID, At: now.Add(time.Minute), OperatorID: "op2", OperatorName: "审计", Text: "已核实"}
		if err := d.InsertNote(ctx, note); err != nil {
			t.Fatal(err)
		}
		note.Seq = 3
		e, err = d.AuditEntry(ctx, in.ID)
		if want := (db.Entry{Intent: in, Outcome: &out, Notes: []db.Note{note}}); err != nil || !reflect.DeepEqual(e, want) {
			t.Fatalf("%+v, %v\nwant %+v", e, err, want)
		}
		for what, err := range map[string]error{
			"second outcome": d.InsertOutcome(ctx, out), "same intent": d.InsertIntent(ctx, in, ""),
			"same record": d.InsertRecord(ctx, in, out), "same note": d.InsertNote(ctx, note),
		} {
			if !errors.Is(err, db.ErrConflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for what, err := range map[string]error{
			"outcome of nothing": d.InsertOutcome(ctx, outcome("none")), "note of nothing": d.InsertNote(ctx, db.Note{ID: "n", IntentID: "none"}),
		} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := d.AuditEntry(ctx, "none"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("entry of nothing: %v", err)
		}
		if v, err := d.VerifyAudit(ctx, nil); err != nil || v.Broken != nil || v.Rows != 3 {
			t.Errorf("%+v, %v", v, err)
		}
	})
}

func TestUnusableRecords(t *testing.T) {
	ctx := context.Background()
	d := dbtest.New(t)
	in := intent()
	for _, result := range []string{"", "open", "ok", "DONE"} {
		if err := d.InsertRecord(ctx, in, db.Outcome{Result: result}); err == nil {
			t.Errorf("result %q was taken", result)
		}
	}
	for _, id := range []string{"", "a\x00b", "\xff"} {
		in := intent()
		in.ID = id
		if err := d.InsertIntent(ctx, in, ""); err == nil {
			t.Errorf("id %q was taken", id)
		}
	}
	if seq, _, err := d.AuditHead(ctx); seq != 0 || err != nil {
		t.Errorf("chain of %d rows: %v", seq, err)
	}
}

func TestLocks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a, b, c := intent(), intent(), intent()
		if err := d.InsertIntent(ctx, a, "account wk1"); err != nil {
			t.Fatal(err)
		}
		err := d.InsertIntent(ctx, b, "account wk1")
		var locked *db.LockedError
		if !errors.Is(err, db.ErrLocked) || !errors.As(err, &locked) || locked.IntentID != a.ID || locked.Lock != "account wk1" {
			t.Errorf("second holder: %v", err)
		}
		if err := d.InsertIntent(ctx, c, "account wk2"); err != nil {
			t.Errorf("another lock: %v", err)
		}
		open, err := d.OpenIntents(ctx)
		if err != nil || len(open) != 2 || open[0].ID != a.ID || open[1].ID != c.ID {
			t.Errorf("open: %+v, %v", open, err)
		}
		if err := d.InsertOutcome(ctx, outcome(a.ID)); err != nil {
			t.Fatal(err)
		}
		if err := d.InsertIntent(ctx, b, "account wk1"); err != nil {
			t.Errorf("after the outcome: %v", err)
		}
		for range 3 {
			if err := d.InsertIntent(ctx, intent(), ""); err != nil {
				t.Errorf("without a lock: %v", err)
			}
		}
		open, err = d.OpenIntents(ctx)
		if err != nil || len(open) != 5 {
			t.Errorf("open: %d, %v", len(open), err)
		}
	})
}

func TestLocalChangeIsOne(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		errNo := errors.New("no")
		for _, fail := range []error{errNo, nil} {
			in := intent()
			err := d.Tx(ctx, func(tx *db.DB) error {
				if err := tx.UpsertAccount(ctx, db.Account{ID: "wk1", Name: "云杉家居售前"}); err != nil {
					return err
				}
				if err := tx.InsertLink(ctx, db.Link{ID: "l1", AccountID: "wk1", Scene: "door", Name: "门店海报", CreatedAt: now, UpdatedAt: now}); err != nil {
					return err
				}
				if err := tx.InsertRecord(ctx, in, outcome(in.ID)); err != nil {
					return err
				}
				if seq, _, err := tx.AuditHead(ctx); seq != 2 || err != nil {
					t.Errorf("head inside: %d, %v", seq, err)
				}
				return fail
			})
			if !errors.Is(err, fail) {
				t.Fatal(err)
			}
			_, link := d.Link(ctx, "l1")
			_, entry := d.AuditEntry(ctx, in.ID)
			if (link == nil) != (fail == nil) || (entry == nil) != (fail == nil) {
				t.Errorf("failed %v: link %v, entry %v", fail, link, entry)
			}
		}
	})
}

func TestAuditHash(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var heads []string
		step := func(err error) {
			t.Helper()
			_, hash, head := d.AuditHead(ctx)
			if err != nil || head != nil {
				t.Fatal(err, head)
			}
			heads = append(heads, hash)
		}
		a, b := intent(), intent()
		step(d.InsertIntent(ctx, a, ""))
		step(d.InsertIntent(ctx, b, ""))
		step(d.InsertOutcome(ctx, outcome(b.ID)))
		step(d.InsertNote(ctx, db.Note{ID: db.NewID(), IntentID: a.ID, At: now, Text: "还在查"}))
		step(d.InsertOutcome(ctx, outcome(a.ID)))
		for i, want := range heads {
			if hash, err := d.AuditHash(ctx, int64(i)+1); err != nil || hash != want {
				t.Errorf("place %d: %s, %v, want %s", i+1, hash, err, want)
			}
		}
		for _, seq := range []int64{0, -1, 6} {
			if _, err := d.AuditHash(ctx, seq); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("place %d: %v", seq, err)
			}
		}
	})
}
