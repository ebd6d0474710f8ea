package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Results of an outcome, and the filter value for intents without one.
const (
	ResultDone    = "done"
	ResultPartial = "partial"
	ResultRefused = "refused"
	ResultFailed  = "failed"
	ResultDenied  = "denied"
	ResultOpen    = "open" // only in AuditFilter
)

// Intent is what somebody set out to do, written before it is done.
type Intent struct {
	ID                               string // NewID
	At                               time.Time
	OperatorID, OperatorName, IP     string // OperatorID "" when nobody is signed in
	Action                           string
	TargetKind, TargetID, TargetName string
	Input, Before                    string // JSON text without secrets, "" = none
	RequestID                        string
	Undoes                           string // id of the intent that this one takes back, "" = none
	Seq                              int64  // place in the chain; set by the database
}

// Outcome is how an intent ended. There is at most one.
type Outcome struct {
	IntentID             string
	At                   time.Time
	Result               string // ResultDone and so on
	Errcode              int    // WeCom's, 0 = none
	Errmsg, Hint, FromIP string
	RemoteID             string // id that WeCom gave, "" = none
	After                string // JSON text, "" = none
}

// Note is a remark on an intent, by a person or by the settling of open ones.
type Note struct {
	ID, IntentID             string
	At                       time.Time
	OperatorID, OperatorName string // "" = the console itself
	Text                     string
	Seq                      int64 // set by the database
}

// Entry is an intent with what followed.
type Entry struct {
	Intent
	Outcome *Outcome // nil = open
	Notes   []Note   // oldest first
}

// InsertIntent writes an intent, still open. A lock that is not "" is held until the outcome is written: while it is,
// another intent with the same lock fails with a *LockedError. An id that exists fails with ErrConflict.
func (db *DB) InsertIntent(ctx context.Context, in Intent, lock string) error {
	return wrap("insert intent", db.atomic(ctx, func(tx *DB) error {
		if err := tx.checkLock(ctx, lock); err != nil {
			return err
		}
		seq, err := tx.addIntent(ctx, in)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, "INSERT INTO audit_open (intent_seq, intent_id, lock, at) VALUES ($1, $2, $3, $4)",
			seq, in.ID, sql.NullString{String: lock, Valid: lock != ""}, ms(in.At))
		return err
	}))
}

func (db *DB) checkLock(ctx context.Context, lock string) error {
	if lock == "" {
		return nil
	}
	id, err := one(ctx, db, scanText, "SELECT intent_id FROM audit_open WHERE lock = $1", lock)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return &LockedError{Lock: lock, IntentID: id}
}

// InsertOutcome writes how an intent ended and frees its lock. ErrNotFound without the intent, ErrConflict if it has an
// outcome.
func (db *DB) InsertOutcome(ctx context.Context, out Outcome) error {
	return wrap("insert outcome", db.atomic(ctx, func(tx *DB) error {
		seq, err := tx.intentSeq(ctx, out.IntentID)
		if err != nil {
			return err
		}
		if err := tx.addOutcome(ctx, seq, out); err != nil {
			return err
		}
		_, err = tx.exec(ctx, "DELETE FROM audit_open WHERE intent_seq = $1", seq)
		return err
	}))
}

// InsertRecord writes an intent and its outcome at once, for what is purely local. out.IntentID is not read.
func (db *DB) InsertRecord(ctx context.Context, in Intent, out Outcome) error {
	return wrap("insert record", db.atomic(ctx, func(tx *DB) error {
		seq, err := tx.addIntent(ctx, in)
		if err != nil {
			return err
		}
		return tx.addOutcome(ctx, seq, out)
	}))
}

// InsertNote writes a note to an intent. ErrNotFound without the intent, ErrConflict if the note's id exists.
func (db *DB) InsertNote(ctx context.Context, n Note) error {
	return wrap("insert note", db.atomic(ctx, func(tx *DB) error {
		seq, err := tx.intentSeq(ctx, n.IntentID)
		if err != nil {
			return err
		}
		_, err = tx.chain(ctx, noteTable, append(make([]any, 0, len(noteTable.cols)), nil, int64(encodingVersion), n.ID, seq,
			ms(n.At), clean(n.OperatorID), clean(n.OperatorName), clean(n.Text)))
		return err
	}))
}

func (db *DB) intentSeq(ctx context.Context, id string) (int64, error) {
	return one(ctx, db, scanInt, "SELECT seq FROM audit_intent WHERE id = $1", id)
}

func (db *DB) addIntent(ctx context.Context, in Intent) (int64, error) {
	if in.ID != clean(in.ID) || in.ID == "" {
		return 0, fmt.Errorf("intent id %q is not usable", in.ID)
	}
	seq, err := db.chain(ctx, intentTable, append(make([]any, 0, len(intentTable.cols)), nil, int64(encodingVersion), in.ID,
		ms(in.At), clean(in.OperatorID), clean(in.OperatorName), clean(in.IP), clean(in.Action), clean(in.TargetKind),
		clean(in.TargetID), clean(in.TargetName), clean(in.Input), clean(in.Before), clean(in.RequestID), clean(in.Undoes)))
	if err != nil {
		return 0, err
	}
	hour := hourOf(in.At)
	if db.tx.head.hour == hour {
		return seq, nil
	}
	if _, err := db.exec(ctx, "INSERT INTO audit_span (seq, hour) VALUES ($1, $2)", seq, hour); err != nil {
		return 0, err
	}
	db.tx.head.hour = hour
	return seq, nil
}

func (db *DB) addOutcome(ctx context.Context, intent int64, out Outcome) error {
	switch out.Result {
	case ResultDone, ResultPartial, ResultRefused, ResultFailed, ResultDenied:
	default:
		return fmt.Errorf("unknown result %q", out.Result)
	}
	_, err := db.chain(ctx, outcomeTable, append(make([]any, 0, len(outcomeTable.cols)), intent, int64(encodingVersion), nil,
		ms(out.At), out.Result, int64(out.Errcode), clean(out.Errmsg), clean(out.Hint), clean(out.FromIP), clean(out.RemoteID),
		clean(out.After)))
	return err
}

// AuditHead returns the end of the chain: the number of its rows and the hash of the last, in hex; 0 and "" when empty.
func (db *DB) AuditHead(ctx context.Context) (seq int64, hash string, err error) {
	if db.tx != nil {
		h, err := db.chainEnd(ctx)
		if err != nil {
			return 0, "", err
		}
		return h.seq, h.hash, nil
	}
	h, err := one(ctx, db, scanHead, selectHead)
	return h.seq, h.hash, wrap("read head of the audit chain", err)
}
