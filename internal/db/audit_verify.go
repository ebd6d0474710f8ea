package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Kinds of a Break.
const (
	BreakEdited    = "edited"    // the row's content does not match its hash, or its hash not the chain
	BreakMissing   = "missing"   // a place in the chain has no row
	BreakReordered = "reordered" // the row belongs to another place in the chain
	BreakTail      = "tail"      // the chain ends before its recorded head
	BreakOrphan    = "orphan"    // an outcome or note without its intent
	BreakInserted  = "inserted"  // a row that the chain does not know
)

// Break is the first place where the chain does not hold.
type Break struct {
	Seq    int64
	Table  string // "" when the row is missing
	ID     string // of the intent or note; "" for an outcome or when missing
	Reason string // a Break constant
	Detail string // English, for the command line and the log
}

// Progress of a verification.
type Progress struct {
	Rows, Of int64
}

// Verdict is the result of VerifyAudit.
type Verdict struct {
	Rows   int64  // rows that hold, counted from the first
	Head   string // hash of the last row that holds, hex; "" for an empty chain
	Broken *Break // nil = the whole chain holds
}

// verifyChunk is the number of places that are read at once: a reader that takes long must not keep the write-ahead
// log from being emptied.
const verifyChunk = 10000

// VerifyAudit reads the whole audit chain up to its present head and tells whether it holds: whether any row was edited,
// removed, moved or put in since it was written. It cannot see a chain that somebody with write access made anew from
// its beginning, or cut together with its head; compare the head with one kept elsewhere for that. progress may be nil.
func (db *DB) VerifyAudit(ctx context.Context, progress func(Progress)) (Verdict, error) {
	v := verifier{db: db}
	broken, err := v.run(ctx, progress)
	if err != nil {
		return Verdict{}, wrap("verify audit chain", err)
	}
	return Verdict{Rows: v.rows, Head: v.last.hash, Broken: broken}, nil
}

// chainRow is what the verifier keeps of a row.
type chainRow struct {
	table      *chainTable
	seq        int64
	intent     int64 // seq of the intent it belongs to; for an intent itself 0
	sound      bool  // its content matches its hash
	prev, hash string
}

// verifier walks along the chain.
type verifier struct {
	db           *DB
	end          chainHead
	rows         int64
	last, before chainRow             // the last row that holds and the one before it
	intents      []uint64             // bit set of the places of intents
	found        map[int64][]chainRow // rows that were read, by place, until the walk gets there
	buf          []byte
}

func (v *verifier) run(ctx context.Context, progress func(Progress)) (*Break, error) {
	end, err := one(ctx, v.db, scanHead, selectHead)
	if errors.Is(err, ErrNotFound) {
		return &Break{Table: "audit_head", Reason: BreakMissing, Detail: "the row that records the head is missing"}, nil
	}
	if err != nil {
		return nil, err
	}
	v.end, v.found = end, make(map[int64][]chainRow, verifyChunk)
	if b, err := v.below(ctx); b != nil || err != nil {
		return b, err
	}
	for lo := int64(0); lo < end.seq; lo += verifyChunk {
		b, err := v.window(ctx, lo, min(lo+verifyChunk, end.seq))
		if b != nil || err != nil {
			return b, err
		}
		if progress != nil {
			progress(Progress{Rows: v.rows, Of: end.seq})
		}
	}
	if v.last.hash != end.hash {
		return v.blameLast(ctx, "the row was replaced, or the recorded head was: they do not match"), nil
	}
	return v.beyond(ctx)
}

// below looks for rows before the first place.
func (v *verifier) below(ctx context.Context) (*Break, error) {
	for _, t := range chainTables {
		seq, err := number(ctx, v.db, "SELECT min("+t.walk+") FROM "+t.name)
		if err != nil {
			return nil, err
		}
		if seq < 0 {
			return v.blame(ctx, &chainRow{table: t, seq: seq}, BreakInserted, "no row of the chain can have this place"), nil
		}
	}
	return nil, nil
}

// beyond looks for rows after the head. The head is read again, and not before them: the chain may have grown meanwhile.
func (v *verifier) beyond(ctx context.Context) (*Break, error) {
	for _, t := range chainTables {
		seq, err := number(ctx, v.db, "SELECT max(t."+t.walk+") FROM "+t.name+" t WHERE t."+t.walk+
			" > (SELECT h.seq FROM audit_head h WHERE h.one = 1)")
		if err != nil {
			return nil, err
		}
		if seq != 0 {
			return v.blame(ctx, &chainRow{table: t, seq: seq}, BreakInserted, "the row comes after the recorded head"), nil
		}
	}
	end, _, err := v.db.AuditHead(ctx)
	if err != nil {
		return nil, err
	}
	for seq, rows := range v.found {
		if seq > end || seq <= v.end.seq {
			return v.blame(ctx, &rows[0], BreakInserted, "the row is at a place that its intent cannot have led to"), nil
		}
	}
	return nil, nil
}

// window checks the places from lo+1 to hi. What is found for later places is kept: outcomes are read with their intents,
// which come before them.
func (v *verifier) window(ctx context.Context, lo, hi int64) (*Break, error) {
	for _, t := range chainTables {
		if err := v.load(ctx, t, lo, hi); err != nil {
			return nil, err
		}
	}
	for seq := lo + 1; seq <= hi; seq++ {
		here := v.found[seq]
		delete(v.found, seq)
		if b, err := v.step(ctx, seq, here); b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

// load reads the rows of a table whose primary key is between lo+1 and hi.
func (v *verifier) load(ctx context.Context, t *chainTable, lo, hi int64) error {
	return v.read(ctx, t, func(values []any) error {
		if r, ok := v.check(t, values); ok {
			v.found[r.seq] = append(v.found[r.seq], r)
		}
		return nil
	}, t.selectSQL(), lo, hi)
}

// read calls f with the values of each row of a query that selects all columns of a table.
func (v *verifier) read(ctx context.Context, t *chainTable, f func(values []any) error, text string, args ...any) error {
	values := make([]any, len(t.cols))
	dest := make([]any, len(t.cols))
	for i := range values {
		dest[i] = &values[i]
	}
	return v.db.each(ctx, func(s scanner) error {
		if err := s.Scan(dest...); err != nil {
			return err
		}
		return f(values)
	}, text, args...)
}

// check compares a row with its own hash. It is no row of the chain if its place is no integer.
func (v *verifier) check(t *chainTable, values []any) (r chainRow, ok bool) {
	r.table = t
	if r.seq, ok = values[t.seq].(int64); !ok {
		return r, false
	}
	if t.intent >= 0 {
		r.intent, _ = values[t.intent].(int64)
	}
	n := len(values)
	r.prev, _ = values[n-2].(string)
	r.hash, _ = values[n-1].(string)
	v.buf = canonical(v.buf[:0], t.name, values[:n-1])
	sum := sha256.Sum256(v.buf)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	r.sound = string(text[:]) == r.hash
	return r, true
}

// step checks the rows found at a place: there must be one, sound and linked to the one before.
func (v *verifier) step(ctx context.Context, seq int64, here []chainRow) (*Break, error) {
	if len(here) == 0 {
		return v.gap(ctx, seq)
	}
	if len(here) > 1 {
		return v.twice(ctx, here)
	}
	r := &here[0]
	switch {
	case !r.sound:
		return v.unsound(ctx, r)
	case r.prev != v.last.hash:
		return v.unlinked(ctx, r)
	case r.table == intentTable:
		v.addIntent(seq)
	case !v.hasIntent(r.intent):
		return v.blame(ctx, r, BreakOrphan, fmt.Sprintf("its intent, place %d, is not before it", r.intent)), nil
	}
	v.before, v.last = v.last, *r
	v.rows++
	return nil, nil
}

func (v *verifier) addIntent(seq int64) {
	for int64(len(v.intents)) <= seq/64 {
		v.intents = append(v.intents, 0)
	}
	v.intents[seq/64] |= 1 << (seq % 64)
}

func (v *verifier) hasIntent(seq int64) bool {
	return seq > 0 && seq/64 < int64(len(v.intents)) && v.intents[seq/64]&(1<<(seq%64)) != 0
}

// selectSQL is the statement that reads a part of a table along its primary key.
func (t *chainTable) selectSQL() string {
	return "SELECT " + strings.Join(t.cols, ", ") + " FROM " + t.name + " WHERE " + t.walk + " > $1 AND " + t.walk + " <= $2 ORDER BY " + t.walk
}

// atSQL is the statement that reads the row at a place. It is only used when something is wrong.
func (t *chainTable) atSQL() string {
	return "SELECT " + strings.Join(t.cols, ", ") + " FROM " + t.name + " WHERE seq = $1"
}
