package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Run is a chunked change of servicers or conversations. Its id is that of its intent.
type Run struct {
	ID, AccountID, Verb, OperatorID string // AccountID "" = of several accounts; Verb: add, remove or move
	Input                           string // what it does beside its verb, as JSON; "" = nothing
	CreatedAt                       time.Time
	FinishedAt                      *time.Time
	Total                           int // items; this and the following are counted from them
	Done, Ignored, Failed, Unknown  int
	Pending                         int // pending or sending
}

// States of a run item.
const (
	ItemPending = "pending"
	ItemSending = "sending" // on its way, the answer is not known yet
	ItemDone    = "done"
	ItemIgnored = "ignored" // WeCom had nothing to do
	ItemFailed  = "failed"
	ItemUnknown = "unknown" // sent, the answer was lost
)

// RunItem is one person, department or conversation of a run.
type RunItem struct {
	RunID                string
	Pos                  int // from 1
	Kind, MemberID, Name string
	State                string // an Item constant
	Errcode              int
	Errmsg               string
}

// InsertRun adds a run and its items, whose RunID is not read. ErrConflict if the id or a position exists.
func (db *DB) InsertRun(ctx context.Context, r Run, items []RunItem) error {
	return wrap("insert run", db.atomic(ctx, func(tx *DB) error {
		_, err := tx.exec(ctx, `INSERT INTO run (id, account_id, verb, operator_id, input, created_at, finished_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, r.ID, r.AccountID, r.Verb, r.OperatorID, clean(r.Input), ms(r.CreatedAt), nullMS(r.FinishedAt))
		if err != nil {
			return err
		}
		for _, i := range items {
			if err := checkState(i.State); err != nil {
				return err
			}
			_, err := tx.exec(ctx, `INSERT INTO run_item (run_id, pos, kind, member_id, name, state, errcode, errmsg)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
				r.ID, i.Pos, i.Kind, clean(i.MemberID), clean(i.Name), i.State, i.Errcode, clean(i.Errmsg))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func checkState(state string) error {
	switch state {
	case ItemPending, ItemSending, ItemDone, ItemIgnored, ItemFailed, ItemUnknown:
		return nil
	}
	return fmt.Errorf("unknown state %q", state)
}

// Run returns a run with its counts. ErrNotFound if there is none.
func (db *DB) Run(ctx context.Context, id string) (Run, error) {
	r, err := one(ctx, db, scanRun, selectRun+" WHERE id = $1", id)
	if err == nil {
		err = db.countRun(ctx, &r)
	}
	return r, wrap("read run", err)
}

const selectRun = "SELECT id, account_id, verb, operator_id, input, created_at, finished_at FROM run"

func scanRun(s scanner) (r Run, err error) {
	var created int64
	var finished sql.NullInt64
	err = s.Scan(&r.ID, &r.AccountID, &r.Verb, &r.OperatorID, &r.Input, &created, &finished)
	r.CreatedAt, r.FinishedAt = fromMS(created), fromNullMS(finished)
	return r, err
}

func (db *DB) countRun(ctx context.Context, r *Run) error {
	return db.each(ctx, func(s scanner) error {
		var state string
		var n int
		if err := s.Scan(&state, &n); err != nil {
			return err
		}
		r.Total += n
		switch state {
		case ItemDone:
			r.Done = n
		case ItemIgnored:
			r.Ignored = n
		case ItemFailed:
			r.Failed = n
		case ItemUnknown:
			r.Unknown = n
		default:
			r.Pending += n
		}
		return nil
	}, "SELECT state, count(*) FROM run_item WHERE run_id = $1 GROUP BY state", r.ID)
}

// RunItems returns the items of a run in a state ("" = all) with a position after afterPos, in order, at most limit
// (0 = 50).
func (db *DB) RunItems(ctx context.Context, runID, state string, afterPos, limit int) ([]RunItem, error) {
	q := query{sel: "SELECT run_id, pos, kind, member_id, name, state, errcode, errmsg FROM run_item"}
	q.add("run_id = ?", runID)
	addIf(&q, "state = ?", state)
	text := q.seek(order{cols: []string{"pos"}}, place{key: []any{afterPos}}, clampLimit(limit))
	l, err := all(ctx, db, func(s scanner) (i RunItem, err error) {
		return i, s.Scan(&i.RunID, &i.Pos, &i.Kind, &i.MemberID, &i.Name, &i.State, &i.Errcode, &i.Errmsg)
	}, text, q.args...)
	return l, wrap("list run items", err)
}

// SetRunItems stores state, errcode and errmsg of items, found by position. ErrNotFound if one is not there; then none is
// stored.
func (db *DB) SetRunItems(ctx context.Context, runID string, items []RunItem) error {
	return wrap("set run items", db.Tx(ctx, func(tx *DB) error {
		for _, i := range items {
			if err := checkState(i.State); err != nil {
				return err
			}
			err := tx.execOne(ctx, "UPDATE run_item SET state = $1, errcode = $2, errmsg = $3 WHERE run_id = $4 AND pos = $5",
				i.State, i.Errcode, clean(i.Errmsg), runID, i.Pos)
			if err != nil {
				return fmt.Errorf("position %d: %w", i.Pos, err)
			}
		}
		return nil
	}))
}

// FinishRun notes when a run ended. ErrNotFound without the run, ErrConflict if it has ended.
func (db *DB) FinishRun(ctx context.Context, id string, at time.Time) error {
	return wrap("finish run", db.atomic(ctx, func(tx *DB) error {
		r, err := one(ctx, tx, scanRun, selectRun+" WHERE id = $1", id)
		if err != nil {
			return err
		}
		if r.FinishedAt != nil {
			return ErrConflict
		}
		return tx.execOne(ctx, "UPDATE run SET finished_at = $1 WHERE id = $2", ms(at), id)
	}))
}

// OpenRuns returns the runs that have not ended, oldest first.
func (db *DB) OpenRuns(ctx context.Context) ([]Run, error) {
	l, err := all(ctx, db, scanRun, selectRun+" WHERE finished_at IS NULL ORDER BY created_at, id")
	for i := range l {
		if err == nil {
			err = db.countRun(ctx, &l[i])
		}
	}
	return l, wrap("list open runs", err)
}
