package db

import (
	"context"
	"fmt"
	"time"
)

// Customer is somebody who wrote to an account, or entered it.
type Customer struct {
	ID, Name, AvatarURL string
	PictureID           string // our own copy of the picture, "" = none
	Gender              int    // as WeCom numbers it: 0 unknown, 1 male, 2 female
	UnionID             string
	FirstAt, LastAt     time.Time
	ProfileAt           time.Time // when name and picture were last told; zero = never
	TriedAt             time.Time // when they were last asked for
	ProfileState        string    // a Profile constant
	Conversations       int
}

// States of a customer's profile.
const (
	ProfileUnasked = ""        // never asked for
	ProfileOK      = "ok"      // as of ProfileAt
	ProfileInvalid = "invalid" // WeCom does not answer for this id; what was told before is kept
	ProfileFailed  = "failed"  // the call failed; to be asked again
)

// CustomerFilter narrows and sorts the directory of customers.
type CustomerFilter struct {
	Account string // who has a conversation with it
	Q       string // part of the name or id, any case
	Profile string // a Profile constant other than ProfileUnasked, "" = all
	Sort    string // SortRecent (of the last message, newest first), SortName; "" = recent
}

const customerCols = `u.id, u.name, u.avatar_url, u.picture_id, u.gender, u.union_id, u.first_at, u.last_at, u.profile_at,
	u.tried_at, u.profile_state, u.conversations, u.name_key`

type listedCustomer struct {
	Customer
	nameKey string
}

func scanCustomer(s scanner) (c listedCustomer, err error) {
	var first, last, profile, tried int64
	err = s.Scan(&c.ID, &c.Name, &c.AvatarURL, &c.PictureID, &c.Gender, &c.UnionID, &first, &last, &profile, &tried,
		&c.ProfileState, &c.Conversations, &c.nameKey)
	c.FirstAt, c.LastAt, c.ProfileAt, c.TriedAt = fromMS(first), fromMS(last), fromMS(profile), fromMS(tried)
	return c, err
}

// Customer returns a customer. ErrNotFound if there is none, or it was erased.
func (db *DB) Customer(ctx context.Context, id string) (Customer, error) {
	c, err := one(ctx, db, scanCustomer, "SELECT "+customerCols+" FROM customer u WHERE u.id = $1", id)
	return c.Customer, wrap("read customer", err)
}

// Customers returns a page of the directory. limit 0 = 50, at most 10 000. Errors: ErrBadCursor, ErrBadFilter.
func (db *DB) Customers(ctx context.Context, f CustomerFilter, after Cursor, limit int) ([]Customer, Page, error) {
	o, key, err := customerOrder(f)
	if err != nil {
		return nil, Page{}, wrap("list customers", err)
	}
	rows, page, err := list(ctx, db, customerQuery(f, customerCols), o, after, limit, scanCustomer, key)
	if err != nil {
		return nil, Page{}, wrap("list customers", err)
	}
	customers := make([]Customer, len(rows))
	for i, r := range rows {
		customers[i] = r.Customer
	}
	return customers, page, nil
}

// CustomerCount counts the customers of a filter. Nothing is counted anew until something was written.
func (db *DB) CustomerCount(ctx context.Context, f CustomerFilter) (int, error) {
	f.Sort = ""
	n, err := db.e.customerCounts.get(db, f, func() (int, error) {
		q := customerQuery(f, "count(*)")
		n, err := number(ctx, db, q.text(), q.args...)
		return int(n), err
	})
	return n, wrap("count customers", err)
}

func customerQuery(f CustomerFilter, cols string) query {
	q := query{sel: "SELECT " + cols + " FROM customer u"}
	addIf(&q, "+u.profile_state = ?", f.Profile)
	addIf(&q, "EXISTS (SELECT 1 FROM conversation c WHERE c.account_id = ? AND c.customer_id = u.id)", f.Account)
	if f.Q != "" {
		q.add(`u.search LIKE ? ESCAPE '\'`, contains(fold(f.Q)))
	}
	return q
}

func customerOrder(f CustomerFilter) (order, func(listedCustomer) []any, error) {
	switch f.Sort {
	case "", SortRecent:
		return order{name: "customer recent", cols: []string{"u.last_at", "u.id"}, like: []any{int64(0), ""}, desc: true},
			func(c listedCustomer) []any { return []any{ms(c.LastAt), c.ID} }, nil
	case SortName:
		return order{name: "customer name", cols: []string{"u.name_key", "u.id"}, like: []any{"", ""}},
			func(c listedCustomer) []any { return []any{c.nameKey, c.ID} }, nil
	}
	return order{}, nil, fmt.Errorf("%w: sort %q", ErrBadFilter, f.Sort)
}

// CustomersToAsk returns the ids of customers with a profile state, the longest untried first, that were not tried since
// a time, at most limit (0 = 50). For ProfileUnasked triedBefore is of no matter.
func (db *DB) CustomersToAsk(ctx context.Context, state string, triedBefore time.Time, limit int) ([]string, error) {
	until := ms(triedBefore)
	if state == ProfileUnasked {
		until = farthest
	}
	l, err := all(ctx, db, scanText, `SELECT id FROM customer WHERE profile_state = $1 AND tried_at < $2
		ORDER BY tried_at, id LIMIT $3`, state, until, clampLimit(limit))
	return l, wrap("list customers to ask for", err)
}
