package db

import (
	"context"
	"fmt"
	"time"
)

// Code is a permission of WeCom to send one message for an event, and what became of it.
type Code struct {
	ID, AccountID, ConversationID, CustomerID string
	Scene                                     string // a Scene constant
	Code                                      string // "" once it is used or given up, or if there never was one
	GotAt, ExpiresAt                          time.Time
	State                                     string // a Code constant
	Reason                                    string // why it was skipped, as a word for the log; "" = none
	Errcode                                   int
	RuleID, MessageID                         string
	DoneAt                                    time.Time

	AccountName, CustomerName string // joined; "" = unknown
}

// Scenes of coded messages.
const (
	SceneWelcome = "welcome"
	SceneQueue   = "queue"
	ScenePickup  = "pickup"
	SceneEnding  = "ending"
)

// States of a code.
const (
	CodeDue     = "due"
	CodeSending = "sending" // on its way, the answer is not known yet
	CodeSent    = "sent"
	CodeSkipped = "skipped"
	CodeRefused = "refused"
	CodeUnknown = "unknown" // sent, the answer was lost; never sent again
)

// CodeFilter narrows the log of coded messages. Empty fields do not narrow.
type CodeFilter struct {
	Account, Conversation, Scene, State string
}

const (
	codeCols = `k.id, k.account_id, k.conversation_id, k.customer_id, k.scene, k.code, k.got_at, k.expires_at, k.state, k.reason, k.errcode,
	k.rule_id, k.message_id, k.done_at, COALESCE(a.name, ''), COALESCE(u.name, '')`

	selectCode = "SELECT " + codeCols + " FROM code k LEFT JOIN account a ON a.id = k.account_id LEFT JOIN customer u ON u.id = k.customer_id"
)

func scanCode(s scanner) (c Code, err error) {
	var got, expires, done int64
	err = s.Scan(&c.ID, &c.AccountID, &c.ConversationID, &c.CustomerID, &c.Scene, &c.Code, &got, &expires, &c.State, &c.Reason, &c.Errcode,
		&c.RuleID, &c.MessageID, &done, &c.AccountName, &c.CustomerName)
	c.GotAt, c.ExpiresAt, c.DoneAt = fromMS(got), fromMS(expires), fromMS(done)
	return c, err
}

func checkCode(c Code) error {
	switch c.State {
	case CodeDue, CodeSending, CodeSent, CodeSkipped, CodeRefused, CodeUnknown:
		return nil
	}
	return fmt.Errorf("unknown state %q", c.State)
}

// left is the code that is still needed.
func (c Code) left() string {
	if c.State == CodeDue || c.State == CodeSending {
		return clean(c.Code)
	}
	return ""
}

// InsertCode adds a code. ErrConflict if the id exists.
func (db *DB) InsertCode(ctx context.Context, c Code) error {
	if err := checkCode(c); err != nil {
		return wrap("insert code", err)
	}
	_, err := db.exec(ctx, `INSERT INTO code (id, account_id, conversation_id, customer_id, scene, code, got_at, expires_at, state, reason, errcode,
		rule_id, message_id, done_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		c.ID, clean(c.AccountID), c.ConversationID, clean(c.CustomerID), c.Scene, c.left(), ms(c.GotAt), ms(c.ExpiresAt), c.State, clean(c.Reason),
		c.Errcode, c.RuleID, clean(c.MessageID), ms(c.DoneAt))
	return wrap("insert code", err)
}

// UpdateCode stores state, reason, errcode, rule, message and DoneAt; the code itself is forgotten when the state is an end.
// Who must not overwrite another's state reads first, in the same transaction. ErrNotFound without the code.
func (db *DB) UpdateCode(ctx context.Context, c Code) error {
	if err := checkCode(c); err != nil {
		return wrap("update code", err)
	}
	return wrap("update code", db.execOne(ctx, `UPDATE code SET state = $1, reason = $2, errcode = $3, rule_id = $4, message_id = $5,
		done_at = $6, code = CASE WHEN $7 THEN code ELSE '' END WHERE id = $8`, c.State, clean(c.Reason), c.Errcode, c.RuleID,
		clean(c.MessageID), ms(c.DoneAt), c.State == CodeDue || c.State == CodeSending, c.ID))
}

// Code returns a code. ErrNotFound if there is none.
func (db *DB) Code(ctx context.Context, id string) (Code, error) {
	c, err := one(ctx, db, scanCode, selectCode+" WHERE k.id = $1", id)
	return c, wrap("read code", err)
}

// DueCodes returns the codes that are due, the newest first, at most limit (0 = 50).
func (db *DB) DueCodes(ctx context.Context, limit int) ([]Code, error) {
	l, err := all(ctx, db, scanCode, selectCode+` WHERE k.state = $1 AND k.state IN ('due', 'sending')
		ORDER BY k.got_at DESC, k.id DESC LIMIT $2`, CodeDue, clampLimit(limit))
	return l, wrap("list due codes", err)
}

// SendingCodes returns the codes that have been on their way since before a time (their DoneAt), the oldest first.
func (db *DB) SendingCodes(ctx context.Context, before time.Time) ([]Code, error) {
	l, err := all(ctx, db, scanCode, selectCode+` WHERE k.state = $1 AND k.state IN ('due', 'sending') AND k.done_at < $2
		ORDER BY k.got_at, k.id LIMIT $3`, CodeSending, ms(before), maxLimit)
	return l, wrap("list sending codes", err)
}

// Codes returns a page of the log, newest first. limit 0 = 50, at most 10 000. ErrBadCursor.
func (db *DB) Codes(ctx context.Context, f CodeFilter, after Cursor, limit int) ([]Code, Page, error) {
	q, o := codeQuery(f)
	l, page, err := list(ctx, db, q, o, after, limit, scanCode, func(c Code) []any { return []any{ms(c.GotAt), c.ID} })
	return l, page, wrap("list codes", err)
}

func codeQuery(f CodeFilter) (query, order) {
	q := query{sel: selectCode}
	lead := ""
	for _, c := range []struct{ col, value string }{
		{"k.conversation_id", f.Conversation}, {"k.account_id", f.Account}, {"k.scene", f.Scene}, {"k.state", f.State},
	} {
		if c.value != "" {
			q.add(lead+c.col+" = ?", c.value)
			lead = "+"
		}
	}
	return q, order{name: "code", cols: []string{"k.got_at", "k.id"}, like: []any{int64(0), ""}, desc: true}
}
