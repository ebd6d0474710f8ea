package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Kinds of servicer.
const (
	KindUser       = "user"
	KindDepartment = "department"
)

// Status of a servicer as WeCom says it.
const (
	StatusServing = 0
	StatusStopped = 1
)

// Servicer is a person or department that receives customers of an account.
type Servicer struct {
	AccountID string
	Kind      string // KindUser or KindDepartment
	MemberID  string // userid, or department id in decimal
	Name      string // from the directory, "" = unknown; not stored with the servicer
	Status    *int   // StatusServing or StatusStopped; nil = unknown, always so for departments
	StopType  *int   // 0 stopped, 1 suspended; nil = unknown
	SeenAt    time.Time
}

// Filters of the servicer list by status.
const (
	ServicerServing   = "serving"
	ServicerStopped   = "stopped" // and not suspended
	ServicerSuspended = "suspended"
	ServicerUnknown   = "unknown" // people only
)

// ServicerFilter narrows the servicers of an account.
type ServicerFilter struct {
	Q      string // part of the name or id, any case
	Status string // a Servicer constant or ""
	Kind   string // KindUser, KindDepartment or ""
}

// servicerFrom joins the name that the directory knows.
const servicerFrom = ` FROM servicer s LEFT JOIN person p ON s.kind = 'user' AND p.user_key = s.member_key
	LEFT JOIN department d ON s.kind = 'department' AND CAST(d.id AS TEXT) = s.member_key`

// servicerKey orders the servicers of an account: departments first, then by name.
const servicerKey = "COALESCE(p.name_key, d.name_key, s.member_key)"

type listedServicer struct {
	Servicer
	nameKey, memberKey string
}

func scanServicer(s scanner) (l listedServicer, err error) {
	var status, stop sql.NullInt64
	var seen int64
	err = s.Scan(&l.AccountID, &l.Kind, &l.MemberID, &l.Name, &status, &stop, &seen, &l.nameKey, &l.memberKey)
	l.Status, l.StopType, l.SeenAt = fromNullInt(status), fromNullInt(stop), fromMS(seen)
	return l, err
}

// Servicers returns a page of the servicers of an account, departments first, each by name. An account has at most 2 000
// people and 20 departments. limit 0 = 50, at most 10 000. Errors: ErrBadCursor, ErrBadFilter.
func (db *DB) Servicers(ctx context.Context, accountID string, f ServicerFilter, after Cursor, limit int) ([]Servicer, Page, error) {
	q := query{sel: "SELECT s.account_id, s.kind, s.member_id, COALESCE(p.name, d.name, ''), s.status, s.stop_type, s.seen_at, " +
		servicerKey + ", s.member_key" + servicerFrom}
	q.add("s.account_id = ?", accountID)
	if err := addServicerFilter(&q, f); err != nil {
		return nil, Page{}, wrap("list servicers", err)
	}
	o := order{name: "servicer", cols: []string{"s.kind", servicerKey, "s.member_key"}, like: []any{"", "", ""}}
	rows, page, err := list(ctx, db, q, o, after, limit, scanServicer, func(l listedServicer) []any {
		return []any{l.Kind, l.nameKey, l.memberKey}
	})
	if err != nil {
		return nil, Page{}, wrap("list servicers", err)
	}
	servicers := make([]Servicer, len(rows))
	for i, r := range rows {
		servicers[i] = r.Servicer
	}
	return servicers, page, nil
}

func addServicerFilter(q *query, f ServicerFilter) error {
	switch f.Kind {
	case "":
	case KindUser, KindDepartment:
		q.add("s.kind = ?", f.Kind)
	default:
		return fmt.Errorf("%w: kind %q", ErrBadFilter, f.Kind)
	}
	switch f.Status {
	case "":
	case ServicerServing:
		q.add("s.status = 0")
	case ServicerStopped:
		q.add("s.status = 1 AND COALESCE(s.stop_type, 0) = 0")
	case ServicerSuspended:
		q.add("s.status = 1 AND s.stop_type = 1")
	case ServicerUnknown:
		q.add("s.status IS NULL AND s.kind = 'user'")
	default:
		return fmt.Errorf("%w: status %q", ErrBadFilter, f.Status)
	}
	if f.Q != "" {
		p := contains(fold(f.Q))
		q.add(`(s.member_key LIKE ? ESCAPE '\' OR COALESCE(p.search, d.search, '') LIKE ? ESCAPE '\')`, p, p)
	}
	return nil
}
