package db

import (
	"context"
	"time"
)

// ReplyRule is which text an event of an account is answered with, at which time of the Beijing week.
type ReplyRule struct {
	ID, AccountID        string // AccountID "" = all accounts
	Scene                string // a Scene constant
	Name                 string
	Days                 int // bit 0 is Monday
	From, To             int // minutes of the day; To before From runs over midnight
	Text                 string
	Menu                 []byte // JSON, nil = none
	Enabled              bool
	Rev                  int64 // 1 at first, grows with every change
	CreatedAt, UpdatedAt time.Time
	AccountName          string // joined; "" = all accounts or unknown
}

const selectReplyRule = `SELECT r.id, r.account_id, r.scene, r.name, r.days, r.from_minute, r.to_minute, r.text, r.menu, r.enabled, r.rev,
	r.created_at, r.updated_at, COALESCE(a.name, '') FROM reply_rule r LEFT JOIN account a ON a.id = r.account_id`

func scanReplyRule(s scanner) (r ReplyRule, err error) {
	var menu string
	var created, updated int64
	err = s.Scan(&r.ID, &r.AccountID, &r.Scene, &r.Name, &r.Days, &r.From, &r.To, &r.Text, &menu, &r.Enabled, &r.Rev, &created, &updated,
		&r.AccountName)
	if menu != "" {
		r.Menu = []byte(menu)
	}
	r.CreatedAt, r.UpdatedAt = fromMS(created), fromMS(updated)
	return r, err
}

// ReplyRule returns a rule. ErrNotFound if there is none.
func (db *DB) ReplyRule(ctx context.Context, id string) (ReplyRule, error) {
	r, err := one(ctx, db, scanReplyRule, selectReplyRule+" WHERE r.id = $1", id)
	return r, wrap("read reply rule", err)
}

// ReplyRules returns all rules, which are few: by scene, those of all accounts first, then the oldest.
func (db *DB) ReplyRules(ctx context.Context) ([]ReplyRule, error) {
	l, err := all(ctx, db, scanReplyRule, selectReplyRule+" ORDER BY r.scene, r.account_id, r.created_at, r.id")
	return l, wrap("list reply rules", err)
}

// ReplyRulesFor returns the enabled rules of a scene that are for an account or for all, those of the account first, then
// the oldest.
func (db *DB) ReplyRulesFor(ctx context.Context, accountID, scene string) ([]ReplyRule, error) {
	l, err := all(ctx, db, scanReplyRule, selectReplyRule+` WHERE r.scene = $1 AND r.account_id IN ($2, '') AND r.enabled
		ORDER BY r.account_id DESC, r.created_at, r.id`, scene, accountID)
	return l, wrap("list reply rules", err)
}

// InsertReplyRule adds a rule with revision 1. ErrConflict if the id exists.
func (db *DB) InsertReplyRule(ctx context.Context, r ReplyRule) error {
	_, err := db.exec(ctx, `INSERT INTO reply_rule (id, account_id, scene, name, days, from_minute, to_minute, text, menu, enabled, rev,
		created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12)`,
		r.ID, r.AccountID, r.Scene, clean(r.Name), r.Days, r.From, r.To, clean(r.Text), clean(string(r.Menu)), r.Enabled, ms(r.CreatedAt), ms(r.UpdatedAt))
	return wrap("insert reply rule", err)
}

// UpdateReplyRule stores all of a rule but its id and CreatedAt. Its revision must be r.Rev, else ErrConflict. ErrNotFound
// without the rule.
func (db *DB) UpdateReplyRule(ctx context.Context, r ReplyRule) error {
	n, err := db.exec(ctx, `UPDATE reply_rule SET account_id = $1, scene = $2, name = $3, days = $4, from_minute = $5, to_minute = $6, text = $7,
		menu = $8, enabled = $9, updated_at = $10, rev = rev + 1 WHERE id = $11 AND rev = $12`,
		r.AccountID, r.Scene, clean(r.Name), r.Days, r.From, r.To, clean(r.Text), clean(string(r.Menu)), r.Enabled, ms(r.UpdatedAt), r.ID, r.Rev)
	return wrap("update reply rule", db.ruleChanged(ctx, r.ID, n, err))
}

// DeleteReplyRule deletes a rule. Its revision must be rev, else ErrConflict. ErrNotFound without the rule.
func (db *DB) DeleteReplyRule(ctx context.Context, id string, rev int64) error {
	n, err := db.exec(ctx, "DELETE FROM reply_rule WHERE id = $1 AND rev = $2", id, rev)
	return wrap("delete reply rule", db.ruleChanged(ctx, id, n, err))
}

// ruleChanged is why a change of a rule with its revision found nothing.
func (db *DB) ruleChanged(ctx context.Context, id string, n int64, err error) error {
	if err != nil || n > 0 {
		return err
	}
	if _, err := db.ReplyRule(ctx, id); err != nil {
		return err
	}
	return ErrConflict
}
