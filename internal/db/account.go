package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Account is the mirror of one customer service account of WeCom.
type Account struct {
	ID              string // open_kfid
	Name, AvatarURL string
	PictureID       string     // our own copy of the picture, "" = none
	Managed         *bool      // whether the app may change it; nil = unknown
	Rev             int64      // grows with every change of name, avatar, picture, managed or gone
	Serving         int        // people receiving customers now
	Servicers       int        // people
	Departments     int        // departments
	Links           int        // links not archived
	FirstSeen       time.Time  // first listed by WeCom or made by us
	SeenAt          time.Time  // last listed
	ChangedAt       time.Time  // of the last Rev
	RenamedAt       time.Time  // zero = the name never changed since FirstSeen
	GoneAt          *time.Time // since when WeCom does not have it; nil = it has
	ServicersAt     *time.Time // when the servicers were last listed; nil = never
}

// Filters of the account list.
const (
	FilterManaged   = "managed"   // the app may change it
	FilterReadOnly  = "readonly"  // it may not
	FilterUnstaffed = "unstaffed" // managed, its servicers are known, no department, and every person is stopped or there is none
	FilterRenamed   = "renamed"   // the name changed since it was first seen
)

// Sorts of the account list.
const (
	SortName      = "name" // Chinese by pinyin
	SortServicers = "servicers"
	SortLinks     = "links"
	SortChanged   = "changed"
)

// AccountFilter narrows and sorts the account list.
type AccountFilter struct {
	Q      string // part of the name or id, any case
	Filter string // a Filter constant or ""
	Sort   string // a Sort constant; "" = name
	Desc   bool
}

// AccountCounts are the numbers of accounts that are not gone, by filter, and of those that are.
type AccountCounts struct {
	Total, Managed, ReadOnly, Unstaffed, Renamed int
	Gone                                         int
	Serving, Servicers                           int // people on duty and all people, counted once an account
}

const accountCols = `a.id, a.name, a.avatar_url, a.picture_id, a.managed, a.rev, a.serving, a.servicers, a.departments, a.links,
	a.first_seen, a.seen_at, a.changed_at, a.renamed_at, a.gone_at, a.servicers_at`

// listedAccount is an account with its key in a list.
type listedAccount struct {
	Account
	nameKey string
}

// scanAccount reads the accountCols of a row and further columns.
func scanAccount(s scanner, more ...any) (a Account, err error) {
	var managed sql.NullBool
	var first, seen, changed, renamed int64
	var gone, servicers sql.NullInt64
	err = s.Scan(append([]any{&a.ID, &a.Name, &a.AvatarURL, &a.PictureID, &managed, &a.Rev, &a.Serving, &a.Servicers,
		&a.Departments, &a.Links, &first, &seen, &changed, &renamed, &gone, &servicers}, more...)...)
	if managed.Valid {
		a.Managed = &managed.Bool
	}
	a.FirstSeen, a.SeenAt, a.ChangedAt, a.RenamedAt = fromMS(first), fromMS(seen), fromMS(changed), fromMS(renamed)
	a.GoneAt, a.ServicersAt = fromNullMS(gone), fromNullMS(servicers)
	return a, err
}

// Account returns an account, also one that is gone. ErrNotFound if there never was one.
func (db *DB) Account(ctx context.Context, id string) (Account, error) {
	a, err := one(ctx, db, func(s scanner) (Account, error) { return scanAccount(s) },
		"SELECT "+accountCols+" FROM account a WHERE a.id = $1", id)
	return a, wrap("read account", err)
}

// unstaffed is the condition of FilterUnstaffed. A person whose status is unknown counts as serving.
const unstaffed = "(a.managed AND a.servicers_at IS NOT NULL AND a.departments = 0 AND a.servicers = a.stopped)"

// Accounts returns a page of the accounts that are not gone. limit 0 = 50, at most 10 000. Errors: ErrBadCursor,
// ErrBadFilter.
func (db *DB) Accounts(ctx context.Context, f AccountFilter, after Cursor, limit int) ([]Account, Page, error) {
	o, key, err := accountOrder(f)
	if err != nil {
		return nil, Page{}, wrap("list accounts", err)
	}
	q, err := accountQuery(f, accountCols+", a.name_key")
	if err != nil {
		return nil, Page{}, wrap("list accounts", err)
	}
	rows, page, err := list(ctx, db, q, o, after, limit, func(s scanner) (l listedAccount, err error) {
		l.Account, err = scanAccount(s, &l.nameKey)
		return l, err
	}, key)
	if err != nil {
		return nil, Page{}, wrap("list accounts", err)
	}
	accounts := make([]Account, len(rows))
	for i, r := range rows {
		accounts[i] = r.Account
	}
	return accounts, page, nil
}

// AccountCount counts the accounts of a filter. ErrBadFilter.
func (db *DB) AccountCount(ctx context.Context, f AccountFilter) (int, error) {
	q, err := accountQuery(f, "count(*)")
	if err != nil {
		return 0, wrap("count accounts", err)
	}
	n, err := number(ctx, db, q.text(), q.args...)
	return int(n), wrap("count accounts", err)
}

// accountQuery selects cols of the accounts of a filter.
func accountQuery(f AccountFilter, cols string) (query, error) {
	q := query{sel: "SELECT " + cols + " FROM account a"}
	q.add("a.gone_at IS NULL")
	switch f.Filter {
	case "":
	case FilterManaged:
		q.add("a.managed")
	case FilterReadOnly:
		q.add("NOT a.managed")
	case FilterUnstaffed:
		q.add(unstaffed)
	case FilterRenamed:
		q.add("a.renamed_at <> 0")
	default:
		return q, fmt.Errorf("%w: filter %q", ErrBadFilter, f.Filter)
	}
	if f.Q != "" {
		q.add(`a.search LIKE ? ESCAPE '\'`, contains(fold(f.Q)))
	}
	return q, nil
}

func accountOrder(f AccountFilter) (order, func(listedAccount) []any, error) {
	byNumber := func(sort, col string, n func(Account) int64) (order, func(listedAccount) []any, error) {
		return order{name: "account " + sort, cols: []string{col, "a.id"}, like: []any{int64(0), ""}, desc: f.Desc},
			func(l listedAccount) []any { return []any{n(l.Account), l.ID} }, nil
	}
	switch f.Sort {
	case "", SortName:
		return order{name: "account name", cols: []string{"a.name_key", "a.id"}, like: []any{"", ""}, desc: f.Desc},
			func(l listedAccount) []any { return []any{l.nameKey, l.ID} }, nil
	case SortServicers:
		return byNumber(f.Sort, "a.servicers", func(a Account) int64 { return int64(a.Servicers) })
	case SortLinks:
		return byNumber(f.Sort, "a.links", func(a Account) int64 { return int64(a.Links) })
	case SortChanged:
		return byNumber(f.Sort, "a.changed_at", func(a Account) int64 { return ms(a.ChangedAt) })
	}
	return order{}, nil, fmt.Errorf("%w: sort %q", ErrBadFilter, f.Sort)
}

// AccountCounts counts the accounts. Nothing is counted anew until something was written.
func (db *DB) AccountCounts(ctx context.Context) (AccountCounts, error) {
	c, err := db.e.accountCounts.get(db, func() (AccountCounts, error) { return db.countAccounts(ctx) })
	return c, wrap("count accounts", err)
}

func (db *DB) countAccounts(ctx context.Context) (AccountCounts, error) {
	return one(ctx, db, func(s scanner) (c AccountCounts, err error) {
		return c, s.Scan(&c.Total, &c.Managed, &c.ReadOnly, &c.Unstaffed, &c.Renamed, &c.Gone, &c.Serving, &c.Servicers)
	}, `SELECT count(CASE WHEN a.gone_at IS NULL THEN 1 END), count(CASE WHEN a.gone_at IS NULL AND a.managed THEN 1 END),
		count(CASE WHEN a.gone_at IS NULL AND NOT a.managed THEN 1 END), count(CASE WHEN a.gone_at IS NULL AND `+unstaffed+` THEN 1 END),
		count(CASE WHEN a.gone_at IS NULL AND a.renamed_at <> 0 THEN 1 END), count(a.gone_at),
		coalesce(sum(CASE WHEN a.gone_at IS NULL THEN a.serving END), 0),
		coalesce(sum(CASE WHEN a.gone_at IS NULL THEN a.servicers END), 0) FROM account a`)
}
