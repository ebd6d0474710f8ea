package db

import (
	"context"
	"database/sql"
	"time"
)

// Origins of a message.
const (
	OriginConsole  = 1 // sent or done here
	OriginCustomer = 3
	OriginSystem   = 4
	OriginServicer = 5 // in the WeCom client
)

// KindState is the kind of the rows with which the console notes a state: its own transitions, the end of the 48 hours,
// and what WeCom said when it was asked. Their raw JSON is a StateNote.
const KindState = "console_state"

// Reasons of a StateNote.
const (
	ReasonMoved   = "moved"   // by the change that the row belongs to
	ReasonExpired = "expired" // 48 hours without a message of the customer
	ReasonChecked = "checked" // read from WeCom
)

// StateNote is the raw JSON of a row of KindState.
type StateNote struct {
	State    int    `json:"state"`
	Servicer string `json:"servicer_userid,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// What became of a message of ours; "" = not ours.
const (
	DeliverySending  = "sending"  // written down, the answer is not known yet
	DeliveryAccepted = "accepted" // WeCom took it
	DeliveryRefused  = "refused"  // WeCom did not take it
	DeliveryFailed   = "failed"   // taken and then not delivered
	DeliveryUnknown  = "unknown"  // sent, the answer was lost
	DeliveryNotSent  = "not_sent" // never reached WeCom
)

// Message is a row of a timeline: a message or event of WeCom, a message of ours or a change of state made here.
type Message struct {
	Seq                      int64  // given by InsertMessages, in the order of arrival
	ID, AccountID            string // unique together
	ConversationID           string // "" = of the account as a whole, or not to be read
	At                       time.Time
	Origin                   int    // an Origin constant
	ServicerID               string // userid
	OperatorID, OperatorName string
	Kind                     string // msgtype, or the type of an event, or what was done here
	Text                     string // what search and previews see
	Raw                      []byte // JSON
	Media                    string // id of a media row, "" = none
	Delivery                 string // a Delivery constant or ""
	FailType                 int    // why it failed, as WeCom numbers it
	RecalledAt               time.Time
	Coded                    string // the scene, if it answered an event
}

const messageCols = `m.seq, m.id, m.account_id, m.conversation_id, m.at, m.origin, m.servicer_id, m.operator_id, m.operator_name,
	m.kind, m.text, m.raw, m.media_id, m.delivery, m.fail_type, m.recalled_at, m.coded`

func scanMessage(s scanner) (Message, error) { return scanMessageAnd(s) }

// scanMessageAnd reads the messageCols of a row and further columns.
func scanMessageAnd(s scanner, more ...any) (m Message, err error) {
	var conversation sql.NullString
	var at, recalled int64
	err = s.Scan(append([]any{&m.Seq, &m.ID, &m.AccountID, &conversation, &at, &m.Origin, &m.ServicerID, &m.OperatorID, &m.OperatorName,
		&m.Kind, &m.Text, &m.Raw, &m.Media, &m.Delivery, &m.FailType, &recalled, &m.Coded}, more...)...)
	m.ConversationID, m.At, m.RecalledAt = conversation.String, fromMS(at), fromMS(recalled)
	return m, err
}

// Message returns a message by WeCom's id. ErrNotFound if there is none.
func (db *DB) Message(ctx context.Context, accountID, id string) (Message, error) {
	m, err := one(ctx, db, scanMessage, "SELECT "+messageCols+" FROM message m WHERE m.account_id = $1 AND m.id = $2", accountID, id)
	return m, wrap("read message", err)
}

// timelineOrder is that of a conversation, newest first.
var timelineOrder = order{name: "timeline", cols: []string{"m.at", "m.seq"}, like: []any{int64(0), int64(0)}, desc: true}

// Timeline returns a page of a conversation, newest first: the newest at the cursor "", older ones at Next. limit 0 = 50,
// at most 10 000. ErrBadCursor.
func (db *DB) Timeline(ctx context.Context, conversationID string, at Cursor, limit int) ([]Message, Page, error) {
	q := query{sel: "SELECT " + messageCols + " FROM message m"}
	q.add("m.conversation_id = ?", conversationID)
	rows, page, err := list(ctx, db, q, timelineOrder, at, limit, scanMessage, func(m Message) []any { return []any{ms(m.At), m.Seq} })
	return rows, page, wrap("read timeline", err)
}

// TimelineAround is the page of a conversation, newest first, that shows a message with up to so many newer ones after it.
// Page.Prev is "" when nothing newer is left out. ErrNotFound if the conversation has no such message.
func (db *DB) TimelineAround(ctx context.Context, conversationID string, seq int64, newer, limit int) ([]Message, Page, error) {
	m, err := one(ctx, db, scanMessage, "SELECT "+messageCols+" FROM message m WHERE m.seq = $1 AND m.conversation_id = $2", seq, conversationID)
	if err != nil {
		return nil, Page{}, wrap("read timeline", err)
	}
	after, page, err := db.Timeline(ctx, conversationID, encodeCursor(timelineOrder.label(), place{back: true, key: []any{ms(m.At), m.Seq}}), newer)
	if err != nil {
		return nil, Page{}, err
	}
	at := Cursor("")
	if page.Prev != "" && len(after) > 0 {
		at = encodeCursor(timelineOrder.label(), place{key: []any{ms(after[0].At), after[0].Seq + 1}})
	}
	return db.Timeline(ctx, conversationID, at, limit)
}

// ConversationMessages returns all messages of a conversation, oldest first: by time, then by arrival.
func (db *DB) ConversationMessages(ctx context.Context, conversationID string) ([]Message, error) {
	l, err := all(ctx, db, scanMessage, "SELECT "+messageCols+" FROM message m WHERE m.conversation_id = $1 ORDER BY m.at, m.seq", conversationID)
	return l, wrap("read conversation messages", err)
}

// OpenDeliveries returns the messages of ours whose delivery is DeliverySending or DeliveryUnknown, as asked for, oldest
// first, at most limit (0 = 50).
func (db *DB) OpenDeliveries(ctx context.Context, delivery string, limit int) ([]Message, error) {
	l, err := all(ctx, db, scanMessage, "SELECT "+messageCols+` FROM message m
		WHERE m.delivery = $1 AND m.delivery IN ('sending', 'unknown') ORDER BY m.seq LIMIT $2`, delivery, clampLimit(limit))
	return l, wrap("list open deliveries", err)
}

// UnplacedCounts counts the messages that belong to no conversation by kind: broken ones, unknown events and events of an
// account as a whole.
func (db *DB) UnplacedCounts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	err := db.each(ctx, func(s scanner) error {
		var kind string
		var n int
		err := s.Scan(&kind, &n)
		counts[kind] = n
		return err
	}, "SELECT kind, count(*) FROM message WHERE conversation_id IS NULL GROUP BY kind")
	return counts, wrap("count unplaced messages", err)
}

// Unplaced returns the newest messages of a kind that belong to no conversation, at most limit (0 = 50).
func (db *DB) Unplaced(ctx context.Context, kind string, limit int) ([]Message, error) {
	l, err := all(ctx, db, scanMessage, "SELECT "+messageCols+` FROM message m
		WHERE m.conversation_id IS NULL AND m.kind = $1 ORDER BY m.seq DESC LIMIT $2`, kind, clampLimit(limit))
	return l, wrap("list unplaced messages", err)
}
