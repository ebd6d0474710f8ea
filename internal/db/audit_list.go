package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// AuditFilter narrows a list of audit entries; zero fields do not. All given fields must hold.
type AuditFilter struct {
	OperatorName string // exact; names are unique and never change
	Action       string
	TargetKind   string
	TargetID     string
	RemoteID     string     // id that WeCom gave; looked up within an Action, so give one
	Result       string     // a Result constant, ResultOpen included
	From, To     *time.Time // From <= time of the intent < To
	Target       string     // part of the target's name or id; A to Z match in either case
}

// entryCols are the columns of an intent i and its outcome o, which may be missing, and whether it has notes.
const entryCols = `i.seq, i.id, i.at, i.operator_id, i.operator_name, i.ip, i.action, i.target_kind, i.target_id, i.target_name,
	i.input_json, i.before_json, i.request_id, i.undoes, o.at, o.result, o.errcode, o.errmsg, o.hint, o.from_ip, o.remote_id,
	o.after_json, EXISTS (SELECT 1 FROM audit_note n WHERE n.intent_seq = i.seq)`

// Where the entries come from. CROSS JOIN is an inner join that keeps its order: the first table is walked, the others
// are looked up.
const (
	fromIntents  = " FROM audit_intent i LEFT JOIN audit_outcome o ON o.intent_seq = i.seq"
	fromEnded    = " FROM audit_intent i CROSS JOIN audit_outcome o"
	fromOutcomes = " FROM audit_outcome o CROSS JOIN audit_intent i"
	fromOpen     = " FROM audit_open q CROSS JOIN audit_intent i LEFT JOIN audit_outcome o ON o.intent_seq = i.seq"
)

// entryRow receives the entryCols of a row.
type entryRow struct {
	Entry
	at                                          int64
	outAt, errcode                              sql.NullInt64
	result, errmsg, hint, fromIP, remote, after sql.NullString
	noted                                       bool
}

func scanEntry(s scanner) (r entryRow, err error) {
	err = s.Scan(&r.Seq, &r.ID, &r.at, &r.OperatorID, &r.OperatorName, &r.IP, &r.Action, &r.TargetKind, &r.TargetID,
		&r.TargetName, &r.Input, &r.Before, &r.RequestID, &r.Undoes, &r.outAt, &r.result, &r.errcode, &r.errmsg, &r.hint,
		&r.fromIP, &r.remote, &r.after, &r.noted)
	r.At = fromMS(r.at)
	if r.result.Valid {
		r.Outcome = &Outcome{IntentID: r.ID, At: fromMS(r.outAt.Int64), Result: r.result.String, Errcode: int(r.errcode.Int64),
			Errmsg: r.errmsg.String, Hint: r.hint.String, FromIP: r.fromIP.String, RemoteID: r.remote.String, After: r.after.String}
	}
	return r, err
}

// entries turns rows into entries with their notes.
func (db *DB) entries(ctx context.Context, rows []entryRow) ([]Entry, error) {
	list := make([]Entry, len(rows))
	for i, r := range rows {
		list[i] = r.Entry
		if !r.noted {
			continue
		}
		notes, err := all(ctx, db, func(s scanner) (n Note, err error) {
			var at int64
			err = s.Scan(&n.Seq, &n.ID, &at, &n.OperatorID, &n.OperatorName, &n.Text)
			n.At, n.IntentID = fromMS(at), r.ID
			return n, err
		}, "SELECT seq, id, at, operator_id, operator_name, body FROM audit_note WHERE intent_seq = $1 ORDER BY seq", r.Seq)
		if err != nil {
			return nil, err
		}
		list[i].Notes = notes
	}
	return list, nil
}

// AuditEntry returns an entry by the id of its intent. ErrNotFound if there is none.
func (db *DB) AuditEntry(ctx context.Context, id string) (Entry, error) {
	r, err := one(ctx, db, scanEntry, "SELECT "+entryCols+fromIntents+" WHERE i.id = $1", id)
	if err != nil {
		return Entry{}, wrap("read audit entry", err)
	}
	list, err := db.entries(ctx, []entryRow{r})
	if err != nil {
		return Entry{}, wrap("read audit entry", err)
	}
	return list[0], nil
}

// OpenIntents returns all entries without an outcome, oldest first.
func (db *DB) OpenIntents(ctx context.Context) ([]Entry, error) {
	rows, err := all(ctx, db, scanEntry, "SELECT "+entryCols+fromOpen+" WHERE i.seq = q.intent_seq ORDER BY q.intent_seq")
	if err != nil {
		return nil, wrap("list open intents", err)
	}
	list, err := db.entries(ctx, rows)
	return list, wrap("list open intents", err)
}

// AuditEntries returns a page of the entries of a filter, newest first. limit 0 = 50, at most 10 000. Errors:
// ErrBadCursor, ErrBadFilter.
func (db *DB) AuditEntries(ctx context.Context, f AuditFilter, after Cursor, limit int) ([]Entry, Page, error) {
	q, o, err := db.auditQuery(ctx, f, entryCols)
	if err != nil {
		return nil, Page{}, wrap("list audit entries", err)
	}
	rows, page, err := list(ctx, db, q, o, after, limit, scanEntry, func(r entryRow) []any { return []any{r.Seq} })
	if err != nil {
		return nil, Page{}, wrap("list audit entries", err)
	}
	entries, err := db.entries(ctx, rows)
	return entries, page, wrap("list audit entries", err)
}

// AuditCount counts the entries of a filter up to limit; more tells that there are more than that.
func (db *DB) AuditCount(ctx context.Context, f AuditFilter, limit int) (n int, more bool, err error) {
	q, o, err := db.auditQuery(ctx, f, "1")
	if err != nil {
		return 0, false, wrap("count audit entries", err)
	}
	text := q.seek(o, place{}, limit+1)
	count, err := number(ctx, db, "SELECT count(*) FROM ("+text+") AS found", q.args...)
	if err != nil {
		return 0, false, wrap("count audit entries", err)
	}
	return min(int(count), limit), int(count) > limit, nil
}

// auditQuery is the query of a filter and the order that walks along the chain. Every way of filtering goes through an
// index that yields the entries in the order of the chain, so a page costs as much at its end as at its beginning; only
// the text search and the kinds and results that most entries have are compared row by row.
func (db *DB) auditQuery(ctx context.Context, f AuditFilter, cols string) (query, order, error) {
	q, col := auditSource(f, cols)
	switch f.Result {
	case "", ResultOpen:
	case ResultDone:
		q.add("o.result = 'done'")
	case ResultPartial, ResultRefused, ResultFailed, ResultDenied:
		// The second condition is that of the partial index.
		q.add("o.result = ? AND o.result <> 'done'", f.Result)
	default:
		return query{}, order{}, fmt.Errorf("%w: result %q", ErrBadFilter, f.Result)
	}
	lo, hi, err := db.seqRange(ctx, f.From, f.To)
	if err != nil {
		return query{}, order{}, err
	}
	addIf(&q, "i.operator_name = ?", f.OperatorName)
	addIf(&q, "i.action = ?", f.Action)
	addIf(&q, "i.target_id = ?", f.TargetID)
	addIf(&q, "o.remote_id = ?", f.RemoteID)
	addIf(&q, "i.target_kind = ?", f.TargetKind)
	if f.TargetKind != "" && !slices.Contains(commonKinds, f.TargetKind) {
		q.add("i.target_kind NOT IN ('" + strings.Join(commonKinds, "', '") + "')")
	}
	if f.From != nil {
		q.add("i.at >= ?", ms(*f.From))
	}
	if f.To != nil {
		q.add("i.at < ?", ms(*f.To))
	}
	if f.Target != "" {
		p := contains(foldASCII(f.Target))
		q.add(`(lower(i.target_name) LIKE ? ESCAPE '\' OR lower(i.target_id) LIKE ? ESCAPE '\')`, p, p)
	}
	return q, order{name: "audit", cols: []string{col}, like: []any{int64(0)}, desc: true, within: &bounds{lo, hi}}, nil
}

// commonKinds are the target kinds that are not in the partial index by kind, as in the migration.
var commonKinds = []string{"account", "servicer", "link", "session"}

func addIf(q *query, cond, value string) {
	if value != "" {
		q.add(cond, value)
	}
}

// auditSource picks the table to walk: the rarest that the filter allows.
func auditSource(f AuditFilter, cols string) (q query, col string) {
	switch {
	case f.Result == ResultOpen:
		q = query{sel: "SELECT " + cols + fromOpen}
		q.add("i.seq = q.intent_seq")
		return q, "q.intent_seq"
	case f.Result != "" && f.Result != ResultDone && f.TargetID == "":
		q = query{sel: "SELECT " + cols + fromOutcomes}
		q.add("i.seq = o.intent_seq")
		return q, "o.intent_seq"
	}
	if f.Result == "" {
		return query{sel: "SELECT " + cols + fromIntents}, "i.seq"
	}
	q = query{sel: "SELECT " + cols + fromEnded}
	q.add("o.intent_seq = i.seq")
	return q, "i.seq"
}

// seqRange is a range of the chain that holds all intents with a time from from to to.
func (db *DB) seqRange(ctx context.Context, from, to *time.Time) (lo, hi int64, err error) {
	lo, hi = 0, farthest
	if from == nil && to == nil {
		return lo, hi, nil
	}
	first, last := int64(math.MinInt64), int64(math.MaxInt64)
	if from != nil {
		first = hourOf(*from)
	}
	if to != nil {
		last = hourOf(*to)
	}
	type span struct{ lo, hi sql.NullInt64 }
	s, err := one(ctx, db, func(s scanner) (v span, err error) { return v, s.Scan(&v.lo, &v.hi) },
		"SELECT min(seq), max(seq) FROM audit_span WHERE hour >= $1 AND hour <= $2", first, last)
	if err != nil {
		return 0, 0, err
	}
	if !s.lo.Valid {
		return 1, 0, nil
	}
	next, err := one(ctx, db, scanInt, "SELECT seq FROM audit_span WHERE seq > $1 ORDER BY seq LIMIT 1", s.hi.Int64)
	switch {
	case errors.Is(err, ErrNotFound):
		return s.lo.Int64, farthest, nil
	case err != nil:
		return 0, 0, err
	}
	return s.lo.Int64, next - 1, nil
}
