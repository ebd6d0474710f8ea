package db

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// States of a conversation as WeCom numbers them.
const (
	StateNew       = 0 // nobody has it yet
	StateAssistant = 1 // with the API
	StateQueue     = 2 // in the pool
	StateHuman     = 3 // with a servicer
	StateEnded     = 4
)

// Conversation is what an account and a customer have to do with each other: one row for ever, folded from its messages.
// A zero time is never.
type Conversation struct {
	ID, AccountID, CustomerID string
	State                     int    // a State constant
	ServicerID                string // userid, as WeCom wrote it; "" = nobody
	StateAt                   time.Time
	WaitingSince              time.Time // of the first message of the customer without an answer; zero = answered
	LastCustomerAt, LastAt    time.Time
	EnteredAt                 time.Time // of the visit
	ExpiresAt                 time.Time // when WeCom ends it in silence
	LastText, LastKind        string    // of the last message
	LastOrigin                int
	Sent                      int // of ours since the customer's last message
	Scene, SceneParam         string
	VisitID                   string
	Rejected                  bool // a servicer refuses the customer's messages
	Messages                  int
	FirstAt                   time.Time
	Rev                       int64     // 1 at first, grows with every change
	FoldedAt                  time.Time // with FoldedSeq: the last message that is folded in
	FoldedSeq                 int64

	AccountName, CustomerName, PictureID, ServicerName string // joined; "" = unknown
}

// Sorts of the board. Ended conversations come after all others.
const (
	SortWaiting = "waiting" // longest waiting first, then the last message, newest first
	SortRecent  = "recent"  // the last message, newest first
)

// ConversationFilter narrows and sorts the board. Empty fields do not narrow.
type ConversationFilter struct {
	Account, Servicer, Customer string
	Q                           string // part of the customer's name or id or of the last text, any case
	States                      []int
	UnansweredSince             time.Time // waiting since then or longer
	Sort                        string    // SortWaiting, SortRecent; "" = waiting
}

// The ranges of the keys of the board. A waiting conversation has its time, which is far below calm; each range after it
// runs from its start downwards in time.
const (
	waitingTo = int64(1) << 48
	calmFrom  = int64(1) << 50
	endedFrom = int64(1) << 52
)

// boardKeys are the places of a conversation in the two orders of the board.
func boardKeys(c Conversation) (board, recent int64) {
	recent = calmFrom - ms(c.LastAt)
	board = recent
	if !c.WaitingSince.IsZero() {
		board = ms(c.WaitingSince)
	}
	if c.State == StateEnded {
		recent = endedFrom - ms(c.LastAt)
		board = recent
	}
	return board, recent
}

const (
	conversationOwn = `c.id, c.account_id, c.customer_id, c.state, c.servicer_id, c.state_at, c.waiting_since, c.last_customer_at,
	c.last_at, c.entered_at, c.expires_at, c.last_text, c.last_kind, c.last_origin, c.sent, c.scene, c.scene_param, c.visit_id,
	c.rejected, c.messages, c.first_at, c.rev, c.folded_at, c.folded_seq, `

	conversationCols = conversationOwn + "COALESCE(a.name, ''), COALESCE(u.name, ''), COALESCE(u.picture_id, ''), COALESCE(p.name, '')"

	// selectBareConversation leaves out what is joined.
	selectBareConversation = "SELECT " + conversationOwn + "'', '', '', '' FROM conversation c"

	// conversationFrom keeps the order of its tables: the conversations are walked, what belongs to them is looked up.
	conversationFrom = ` FROM conversation c LEFT JOIN account a ON a.id = c.account_id LEFT JOIN customer u ON u.id = c.customer_id
	LEFT JOIN person p ON p.user_key = c.servicer_key`

	selectConversation = "SELECT " + conversationCols + conversationFrom
)

func scanConversation(s scanner) (Conversation, error) {
	c, err := scanConversationRow(s)
	return c.Conversation, err
}

// conversationRow is a conversation with its keys in the two orders.
type conversationRow struct {
	Conversation
	board, recent int64
}

func scanConversationRow(s scanner, more ...any) (c conversationRow, err error) {
	var stateAt, waiting, lastCustomer, last, entered, expires, first, folded int64
	err = s.Scan(append([]any{&c.ID, &c.AccountID, &c.CustomerID, &c.State, &c.ServicerID, &stateAt, &waiting, &lastCustomer, &last,
		&entered, &expires, &c.LastText, &c.LastKind, &c.LastOrigin, &c.Sent, &c.Scene, &c.SceneParam, &c.VisitID, &c.Rejected,
		&c.Messages, &first, &c.Rev, &folded, &c.FoldedSeq, &c.AccountName, &c.CustomerName, &c.PictureID, &c.ServicerName}, more...)...)
	c.StateAt, c.WaitingSince, c.LastCustomerAt, c.LastAt = fromMS(stateAt), fromMS(waiting), fromMS(lastCustomer), fromMS(last)
	c.EnteredAt, c.ExpiresAt, c.FirstAt, c.FoldedAt = fromMS(entered), fromMS(expires), fromMS(first), fromMS(folded)
	c.board, c.recent = boardKeys(c.Conversation)
	return c, err
}

// Conversation returns a conversation. ErrNotFound if there is none.
func (db *DB) Conversation(ctx context.Context, id string) (Conversation, error) {
	c, err := one(ctx, db, scanConversation, selectConversation+" WHERE c.id = $1", id)
	return c, wrap("read conversation", err)
}

// ConversationOf returns the conversation of an account and a customer. ErrNotFound if they never had one.
func (db *DB) ConversationOf(ctx context.Context, accountID, customerID string) (Conversation, error) {
	c, err := one(ctx, db, scanConversation, selectConversation+" WHERE c.account_id = $1 AND c.customer_id = $2", accountID, customerID)
	return c, wrap("read conversation", err)
}

// Conversations returns a page of the board. limit 0 = 50, at most 10 000. Errors: ErrBadCursor, ErrBadFilter.
func (db *DB) Conversations(ctx context.Context, f ConversationFilter, after Cursor, limit int) ([]Conversation, Page, error) {
	q, o, key, err := conversationQuery(f, selectConversation)
	if err != nil {
		return nil, Page{}, wrap("list conversations", err)
	}
	rows, page, err := list(ctx, db, q, o, after, limit, func(s scanner) (conversationRow, error) { return scanConversationRow(s) }, key)
	if err != nil {
		return nil, Page{}, wrap("list conversations", err)
	}
	conversations := make([]Conversation, len(rows))
	for i, r := range rows {
		conversations[i] = r.Conversation
	}
	return conversations, page, nil
}

// conversationQuery selects the conversations of a filter and says how they are sorted. The conditions that the engine
// must not walk by have a plus sign.
func conversationQuery(f ConversationFilter, sel string) (query, order, func(conversationRow) []any, error) {
	q := query{sel: sel}
	open, ended, err := statesOf(f.States)
	if err != nil {
		return q, order{}, nil, err
	}
	place := addPlace(&q, f)
	switch {
	case open+ended == 5 || open == 4 && ended == 0 || open == 0:
		// All of them, or a whole range of the key.
	case len(f.States) == 1 && !place && f.Sort != SortRecent:
		q.add("c.state = ?", f.States[0])
	default:
		addStates(&q, f.States)
	}
	in := rangeOf(open > 0, ended > 0)
	if !f.UnansweredSince.IsZero() {
		if f.Sort == SortRecent {
			q.add("c.waiting_since > 0 AND c.waiting_since <= ?", ms(f.UnansweredSince))
		} else {
			in.hi = min(in.hi, ms(f.UnansweredSince))
		}
	}
	if f.Q != "" {
		q.add(`c.search LIKE ? ESCAPE '\'`, contains(fold(f.Q)))
	}
	switch f.Sort {
	case "", SortWaiting:
		return q, boardOrder("board", "c.board_key", in), func(c conversationRow) []any { return []any{c.board, c.ID} }, nil
	case SortRecent:
		return q, boardOrder("recent", "c.recent_key", in), func(c conversationRow) []any { return []any{c.recent, c.ID} }, nil
	}
	return q, order{}, nil, fmt.Errorf("%w: sort %q", ErrBadFilter, f.Sort)
}

func boardOrder(name, col string, in bounds) order {
	return order{name: "conversation " + name, cols: []string{col, "c.id"}, like: []any{int64(0), ""}, within: &in}
}

// rangeOf are the bounds of the keys of open and ended conversations.
func rangeOf(open, ended bool) bounds {
	in := bounds{0, farthest}
	if !ended {
		in.hi = calmFrom
	}
	if !open {
		in.lo = calmFrom + 1
	}
	return in
}

// statesOf counts the open and the ended among the states that are asked for; none is all.
func statesOf(states []int) (open, ended int, err error) {
	if len(states) == 0 {
		return 4, 1, nil
	}
	seen := [5]bool{}
	for _, s := range states {
		switch {
		case s < StateNew || s > StateEnded:
			return 0, 0, fmt.Errorf("%w: state %d", ErrBadFilter, s)
		case seen[s]:
		case s == StateEnded:
			ended++
		default:
			open++
		}
		seen[s] = true
	}
	return open, ended, nil
}

// addPlace adds whose conversations are asked for and tells whether that narrows. One of the three leads, the rarest.
func addPlace(q *query, f ConversationFilter) bool {
	lead := ""
	add := func(col, value string) {
		if value == "" {
			return
		}
		q.add(lead+col+" = ?", value)
		if lead == "" {
			lead = "+"
		}
	}
	add("c.customer_id", f.Customer)
	if f.Servicer != "" {
		add("c.servicer_key", servicerKeyOf(f.Servicer))
		if f.Customer == "" {
			q.add("c.servicer_key <> ''")
		}
	}
	add("c.account_id", f.Account)
	return lead != ""
}

func addStates(q *query, states []int) {
	marks := ""
	values := []any{}
	for _, s := range slices.Compact(slices.Sorted(slices.Values(states))) {
		if marks != "" {
			marks += ", "
		}
		marks += "?"
		values = append(values, s)
	}
	q.add("+c.state IN ("+marks+")", values...)
}

// Expired returns the conversations that are not ended and whose time is up at a moment, the longest overdue first, at
// most limit (0 = 50).
func (db *DB) Expired(ctx context.Context, at time.Time, limit int) ([]Conversation, error) {
	l, err := all(ctx, db, scanConversation, selectConversation+` WHERE c.state < 4 AND c.expires_at > 0 AND c.expires_at <= $1
		ORDER BY c.expires_at, c.id LIMIT $2`, ms(at), clampLimit(limit))
	return l, wrap("list expired conversations", err)
}
