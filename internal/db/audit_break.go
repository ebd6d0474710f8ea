package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// What is wrong with a chain that does not hold. None of this runs on one that does, so it may read at leisure.

// blame names a row as the first that does not hold.
func (v *verifier) blame(ctx context.Context, r *chainRow, reason, detail string) *Break {
	b := &Break{Seq: r.seq, Table: r.table.name, Reason: reason, Detail: detail}
	if r.table.id >= 0 {
		// The name of a row that was tampered with may be unreadable: its place is enough then.
		id, err := one(ctx, v.db, func(s scanner) (id any, err error) { return id, s.Scan(&id) },
			"SELECT id FROM "+r.table.name+" WHERE seq = $1", r.seq)
		if text, ok := id.(string); ok && err == nil {
			b.ID = text
		}
	}
	return b
}

// gap tells a row that cannot be found from its intent, a removed row and a chain that ends early.
func (v *verifier) gap(ctx context.Context, seq int64) (*Break, error) {
	here, err := v.at(ctx, seq)
	if err != nil {
		return nil, err
	}
	if len(here) > 0 {
		if !here[0].sound {
			return v.unsound(ctx, &here[0])
		}
		return v.blame(ctx, &here[0], BreakOrphan, fmt.Sprintf("its intent, place %d, is not before it", here[0].intent)), nil
	}
	for _, t := range chainTables {
		later, err := number(ctx, v.db, "SELECT min(seq) FROM "+t.name+" WHERE seq > $1", seq)
		if err != nil {
			return nil, err
		}
		if later != 0 {
			return &Break{Seq: seq, Reason: BreakMissing, Detail: "no table has a row at this place"}, nil
		}
	}
	return &Break{Seq: seq, Reason: BreakTail, Detail: fmt.Sprintf("the chain ends here, its recorded head is at %d", v.end.seq)}, nil
}

// twice finds out which of two rows at one place was put in: the one that is worse linked.
func (v *verifier) twice(ctx context.Context, here []chainRow) (*Break, error) {
	next, err := v.at(ctx, here[0].seq+1)
	if err != nil {
		return nil, err
	}
	worst, score := 0, 4
	for i, r := range here {
		n := 0
		for _, good := range []bool{r.sound, r.prev == v.last.hash, v.followed(r, next)} {
			if good {
				n++
			}
		}
		if n <= score {
			worst, score = i, n
		}
	}
	return v.blame(ctx, &here[worst], BreakInserted, "another row has the same place"), nil
}

// unsound tells a row that was moved here from one that was edited: the former matches its hash at another place.
func (v *verifier) unsound(ctx context.Context, r *chainRow) (*Break, error) {
	home := int64(0)
	err := v.read(ctx, r.table, func(values []any) error { return v.findHome(ctx, r, values, &home) }, r.table.atSQL(), r.seq)
	if err != nil {
		return nil, err
	}
	if home != 0 {
		return v.blame(ctx, r, BreakReordered, fmt.Sprintf("the row was written at place %d", home)), nil
	}
	return v.blame(ctx, r, BreakEdited, "the content does not match its hash"), nil
}

// findHome tries every place for a row; 0 = it fits none.
func (v *verifier) findHome(ctx context.Context, r *chainRow, values []any, home *int64) error {
	n := len(values)
	for seq := int64(1); seq <= v.end.seq && ctx.Err() == nil; seq++ {
		values[r.table.seq] = seq
		v.buf = canonical(v.buf[:0], r.table.name, values[:n-1])
		if sum := sha256.Sum256(v.buf); hex.EncodeToString(sum[:]) == r.hash {
			*home = seq
			return nil
		}
	}
	return ctx.Err()
}

// unlinked handles a sound row that names another predecessor than the one there is: one of the two was replaced by a
// row with a hash of its own. The row after them knows which.
func (v *verifier) unlinked(ctx context.Context, r *chainRow) (*Break, error) {
	next, err := v.at(ctx, r.seq+1)
	if err != nil {
		return nil, err
	}
	if v.rows == 0 || !v.followed(*r, next) {
		return v.blame(ctx, r, BreakEdited, "the row was replaced: it is not linked to the one before"), nil
	}
	return v.blameLast(ctx, "the row was replaced: the one after it knows another hash"), nil
}

// blameLast names the last row that seemed to hold.
func (v *verifier) blameLast(ctx context.Context, detail string) *Break {
	if v.rows == 0 {
		return &Break{Table: "audit_head", Reason: BreakEdited, Detail: detail}
	}
	replaced := v.last
	v.last = v.before
	v.rows--
	return v.blame(ctx, &replaced, BreakEdited, detail)
}

// at returns the rows at a place.
func (v *verifier) at(ctx context.Context, seq int64) (rows []chainRow, err error) {
	for _, t := range chainTables {
		err := v.read(ctx, t, func(values []any) error {
			if r, ok := v.check(t, values); ok {
				rows = append(rows, r)
			}
			return nil
		}, t.atSQL(), seq)
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// followed tells whether one of the rows of the next place, or the head after the last, is linked to r.
func (v *verifier) followed(r chainRow, next []chainRow) bool {
	if r.seq == v.end.seq {
		return r.hash == v.end.hash
	}
	for _, n := range next {
		if n.prev == r.hash {
			return true
		}
	}
	return false
}
