package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Link is a customer link of an account with one scene.
type Link struct {
	ID, AccountID, Scene, Name, Campaign, Note, URL string
	CreatedBy, CreatedByName                        string // operator
	Rev                                             int64  // 1 at first, grows with every change
	CreatedAt, UpdatedAt                            time.Time
	ArchivedAt                                      *time.Time
	AccountName                                     string // joined; not stored
}

// Sorts of the link list, beside SortName and SortChanged.
const (
	SortCreated = "created"
	SortAccount = "account" // by the account's name
)

// LinkFilter narrows and sorts the register of links.
type LinkFilter struct {
	Q         string // part of name, scene, campaign or note, any case
	AccountID string
	Campaign  string // exact
	Archived  bool   // the archived ones instead of the active ones
	Sort      string // SortCreated, SortName, SortAccount, SortChanged; "" = created
	Desc      bool
}

// LinkCounts are the numbers of links.
type LinkCounts struct {
	Active, Archived int
}

const linkCols = `l.id, l.account_id, l.scene, l.name, l.campaign, l.note, l.url, l.created_by, l.created_by_name, l.rev,
	l.created_at, l.updated_at, l.archived_at, a.name`

// linkFrom keeps the order of its tables: the links are walked, their accounts looked up.
const linkFrom = " FROM link l LEFT JOIN account a ON a.id = l.account_id"

type listedLink struct {
	Link
	nameKey, accountKey string
}

func scanLink(s scanner, more ...any) (l Link, err error) {
	var created, updated int64
	var archived sql.NullInt64
	var account sql.NullString
	err = s.Scan(append([]any{&l.ID, &l.AccountID, &l.Scene, &l.Name, &l.Campaign, &l.Note, &l.URL, &l.CreatedBy,
		&l.CreatedByName, &l.Rev, &created, &updated, &archived, &account}, more...)...)
	l.CreatedAt, l.UpdatedAt, l.ArchivedAt, l.AccountName = fromMS(created), fromMS(updated), fromNullMS(archived), account.String
	return l, err
}

// Link returns a link. ErrNotFound if there is none.
func (db *DB) Link(ctx context.Context, id string) (Link, error) {
	l, err := one(ctx, db, func(s scanner) (Link, error) { return scanLink(s) }, "SELECT "+linkCols+linkFrom+" WHERE l.id = $1", id)
	return l, wrap("read link", err)
}

// Links returns a page of the register. limit 0 = 50, at most 10 000. Errors: ErrBadCursor, ErrBadFilter.
func (db *DB) Links(ctx context.Context, f LinkFilter, after Cursor, limit int) ([]Link, Page, error) {
	o, key, err := linkOrder(f)
	if err != nil {
		return nil, Page{}, wrap("list links", err)
	}
	q := linkQuery(f, linkCols+", l.name_key, l.account_key"+linkFrom)
	rows, page, err := list(ctx, db, q, o, after, limit, func(s scanner) (l listedLink, err error) {
		l.Link, err = scanLink(s, &l.nameKey, &l.accountKey)
		return l, err
	}, key)
	if err != nil {
		return nil, Page{}, wrap("list links", err)
	}
	links := make([]Link, len(rows))
	for i, r := range rows {
		links[i] = r.Link
	}
	return links, page, nil
}

// LinkCount counts the links of a filter.
func (db *DB) LinkCount(ctx context.Context, f LinkFilter) (int, error) {
	q := linkQuery(f, "count(*) FROM link l")
	n, err := number(ctx, db, q.text(), q.args...)
	return int(n), wrap("count links", err)
}

// linkQuery selects from the links of a filter.
func linkQuery(f LinkFilter, what string) query {
	q := query{sel: "SELECT " + what}
	q.add("l.archived = ?", f.Archived)
	addIf(&q, "l.account_id = ?", f.AccountID)
	addIf(&q, "l.campaign = ?", f.Campaign)
	if f.Q != "" {
		q.add(`(l.search LIKE ? ESCAPE '\' OR lower(l.scene) LIKE ? ESCAPE '\')`, contains(fold(f.Q)), contains(foldASCII(f.Q)))
	}
	return q
}

func linkOrder(f LinkFilter) (order, func(listedLink) []any, error) {
	switch f.Sort {
	case "", SortCreated:
		return order{name: "link created", cols: []string{"l.created_at", "l.id"}, like: []any{int64(0), ""}, desc: f.Desc},
			func(l listedLink) []any { return []any{ms(l.CreatedAt), l.ID} }, nil
	case SortName:
		return order{name: "link name", cols: []string{"l.name_key", "l.id"}, like: []any{"", ""}, desc: f.Desc},
			func(l listedLink) []any { return []any{l.nameKey, l.ID} }, nil
	case SortAccount:
		return order{name: "link account", cols: []string{"l.account_key", "l.id"}, like: []any{"", ""}, desc: f.Desc},
			func(l listedLink) []any { return []any{l.accountKey, l.ID} }, nil
	case SortChanged:
		return order{name: "link changed", cols: []string{"l.updated_at", "l.id"}, like: []any{int64(0), ""}, desc: f.Desc},
			func(l listedLink) []any { return []any{ms(l.UpdatedAt), l.ID} }, nil
	}
	return order{}, nil, fmt.Errorf("%w: sort %q", ErrBadFilter, f.Sort)
}

// LinkCounts counts the links.
func (db *DB) LinkCounts(ctx context.Context) (LinkCounts, error) {
	c, err := one(ctx, db, func(s scanner) (c LinkCounts, err error) { return c, s.Scan(&c.Active, &c.Archived) },
		"SELECT count(CASE WHEN NOT archived THEN 1 END), count(CASE WHEN archived THEN 1 END) FROM link")
	return c, wrap("count links", err)
}

// Campaigns returns the campaigns of active links in order, at most limit (0 = 50).
func (db *DB) Campaigns(ctx context.Context, limit int) ([]string, error) {
	l, err := all(ctx, db, scanText, "SELECT DISTINCT campaign FROM link WHERE NOT archived AND campaign <> '' ORDER BY campaign LIMIT $1",
		clampLimit(limit))
	return l, wrap("list campaigns", err)
}
