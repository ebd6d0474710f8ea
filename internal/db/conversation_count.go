package db

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// ConversationCounts are the numbers of conversations by state and of those that wait for an answer.
type ConversationCounts struct {
	ByState       [5]int
	Waiting       int
	OldestWaiting time.Time // zero = nobody waits
}

// ConversationCounts counts the conversations of a filter in every state, whatever states and sort it names; only the
// ended ones that match a text, which can be very many, are counted if States names them, and are 0 otherwise. Nothing is
// counted anew until something was written.
func (db *DB) ConversationCounts(ctx context.Context, f ConversationFilter) (ConversationCounts, error) {
	ended := f.Q == "" || slices.Contains(f.States, StateEnded)
	f.States, f.Sort = nil, ""
	if !ended {
		f.States = []int{StateNew, StateAssistant, StateQueue, StateHuman}
	}
	key := conversationMemoKey{f.Account, f.Servicer, f.Customer, f.Q, ms(f.UnansweredSince), ended}
	c, err := db.e.conversationCounts.get(db, key, func() (ConversationCounts, error) { return db.countConversations(ctx, f) })
	return c, wrap("count conversations", err)
}

type conversationMemoKey struct {
	account, servicer, customer, q string
	since                          int64
	ended                          bool
}

func (db *DB) countConversations(ctx context.Context, f ConversationFilter) (c ConversationCounts, err error) {
	q, err := conversationRange(f, "SELECT c.state, count(*) FROM conversation c")
	if err != nil {
		return c, err
	}
	if f.Q == "" && f.Customer == "" && f.UnansweredSince.IsZero() {
		q = query{sel: "SELECT t.state, sum(t.n) FROM conversation_tally t"}
		addIf(&q, "t.account_id = ?", f.Account)
		addIf(&q, "t.servicer_key = ?", servicerKeyOf(f.Servicer))
	}
	err = db.each(ctx, func(s scanner) error {
		var state, n int
		if err := s.Scan(&state, &n); err != nil {
			return err
		}
		if state >= StateNew && state <= StateEnded {
			c.ByState[state] = n
		}
		return nil
	}, q.text()+" GROUP BY state", q.args...)
	if err != nil {
		return c, err
	}
	return c, db.countWaiting(ctx, f, &c)
}

// conversationRange selects the conversations of a filter without an order.
func conversationRange(f ConversationFilter, sel string) (query, error) {
	q, o, _, err := conversationQuery(f, sel)
	if err == nil {
		q.add("c.board_key >= ? AND c.board_key <= ?", o.within.lo, o.within.hi)
	}
	return q, err
}

// countWaiting counts the range of the board that waits.
func (db *DB) countWaiting(ctx context.Context, f ConversationFilter, c *ConversationCounts) error {
	if f.UnansweredSince.IsZero() {
		f.UnansweredSince = fromMS(waitingTo)
	}
	q, err := conversationRange(f, "SELECT count(*), min(c.board_key) FROM conversation c")
	if err != nil {
		return err
	}
	return db.each(ctx, func(s scanner) error {
		var oldest sql.NullInt64
		err := s.Scan(&c.Waiting, &oldest)
		c.OldestWaiting = fromMS(oldest.Int64)
		return err
	}, q.text(), q.args...)
}
