package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// chunk is how many rows a statement takes at once: much of the cost of a row is that of its statement.
const chunk = 8

// InsertMessages adds messages to the timelines and to the search index and returns those that were new, with their Seq, in
// the order given. A message whose account and id are there already is left as it is; one of a customer who was erased
// after its time is left out. What the console did has a time in whole seconds and comes after all that its conversation was folded from by then, however
// late our clock is: an earlier At is moved. Seq and RecalledAt of what is given are not read. ErrNotFound without a
// conversation.
func (db *DB) InsertMessages(ctx context.Context, messages []Message) (fresh []Message, err error) {
	err = db.atomic(ctx, func(tx *DB) error {
		wanted, err := tx.placed(ctx, messages)
		if err != nil {
			return err
		}
		last, err := number(ctx, tx, "SELECT max(seq) FROM message")
		if err != nil {
			return err
		}
		for i := range wanted {
			wanted[i].Seq, wanted[i].RecalledAt, wanted[i].Text = last+int64(i)+1, time.Time{}, clean(wanted[i].Text)
		}
		for len(wanted) > 0 {
			n := 1
			if len(wanted) >= chunk {
				n = chunk
			}
			added, err := tx.insertMessages(ctx, wanted[:n])
			if err != nil {
				return fmt.Errorf("message %s and %d after it: %w", wanted[0].ID, n-1, err)
			}
			fresh, wanted = append(fresh, added...), wanted[n:]
		}
		return tx.indexTexts(ctx, fresh)
	})
	if err != nil {
		return nil, wrap("insert messages", err)
	}
	return fresh, nil
}

// placement is what a conversation says of new messages.
type placement struct {
	erased int64     // it takes in nothing up to then
	folded time.Time // the time of the last message that is folded in
}

// placed copies the messages without those that a tombstone keeps out. The times of the console's own become whole seconds,
// as WeCom's are, so that rows of one second stand in the order of their arrival; those that our clock has made older than
// what they came after are moved.
func (db *DB) placed(ctx context.Context, messages []Message) ([]Message, error) {
	known := map[string]placement{"": {}}
	wanted := make([]Message, 0, len(messages))
	for _, m := range messages {
		at, err := db.placement(ctx, known, m.ConversationID)
		if err != nil {
			return nil, fmt.Errorf("message %s: %w", m.ID, err)
		}
		if at.erased != 0 && ms(m.At) <= at.erased {
			continue
		}
		if m.Origin == OriginConsole {
			if m.At = m.At.Truncate(time.Second); m.At.Before(at.folded) {
				m.At = at.folded
			}
		}
		wanted = append(wanted, m)
	}
	return wanted, nil
}

// placement reads that of a conversation; known keeps the answers.
func (db *DB) placement(ctx context.Context, known map[string]placement, conversationID string) (placement, error) {
	at, ok := known[conversationID]
	if ok {
		return at, nil
	}
	at, err := one(ctx, db, func(s scanner) (at placement, err error) {
		var folded int64
		err = s.Scan(&at.erased, &folded)
		at.folded = fromMS(folded)
		return at, err
	}, "SELECT erased_at, folded_at FROM conversation WHERE id = $1", conversationID)
	if err != nil {
		return at, fmt.Errorf("conversation %s: %w", conversationID, err)
	}
	known[conversationID] = at
	return at, nil
}

// insertMessages adds one message or a chunk of them and returns those that were new.
func (db *DB) insertMessages(ctx context.Context, messages []Message) ([]Message, error) {
	text, args := insertMessage, make([]any, 0, 16*chunk)
	if len(messages) == chunk {
		text = insertMessageChunk
	}
	for _, m := range messages {
		var conversation any
		if m.ConversationID != "" {
			conversation = m.ConversationID
		}
		args = append(args, m.Seq, clean(m.ID), clean(m.AccountID), conversation, ms(m.At), m.Origin, clean(m.ServicerID), clean(m.OperatorID),
			clean(m.OperatorName), clean(m.Kind), m.Text, clean(string(m.Raw)), clean(m.Media), m.Delivery, m.FailType, clean(m.Coded))
	}
	n, err := db.exec(ctx, text, args...)
	if err != nil || n == int64(len(messages)) {
		return messages, err
	}
	if n == 0 {
		return nil, nil
	}
	there, err := all(ctx, db, scanInt, "SELECT seq FROM message WHERE seq >= $1 AND seq <= $2 ORDER BY seq",
		messages[0].Seq, messages[len(messages)-1].Seq)
	fresh := make([]Message, 0, len(there))
	for _, m := range messages {
		if _, found := slices.BinarySearch(there, m.Seq); found {
			fresh = append(fresh, m)
		}
	}
	return fresh, err
}

var (
	insertMessage      = insertMessageSQL(1)
	insertMessageChunk = insertMessageSQL(chunk)
)

func insertMessageSQL(rows int) string {
	return `INSERT INTO message (seq, id, account_id, conversation_id, at, origin, servicer_id, operator_id, operator_name,
		kind, text, raw, media_id, delivery, fail_type, coded, recalled_at) VALUES ` + marks(rows, 16, ", 0") + " ON CONFLICT (account_id, id) DO NOTHING"
}

// marks are the places of rows of values, each with an ending.
func marks(rows, cols int, ending string) string {
	var b strings.Builder
	for r := range rows {
		if r > 0 {
			b.WriteString(", ")
		}
		for c := range cols {
			between := ", "
			if c == 0 {
				between = "("
			}
			fmt.Fprintf(&b, "%s$%d", between, r*cols+c+1)
		}
		b.WriteString(ending + ")")
	}
	return b.String()
}

// SetDelivery stores what became of a message of ours. ErrNotFound without the message.
func (db *DB) SetDelivery(ctx context.Context, accountID, id, delivery string, failType int) error {
	switch delivery {
	case DeliverySending, DeliveryAccepted, DeliveryRefused, DeliveryFailed, DeliveryUnknown, DeliveryNotSent:
	default:
		return fmt.Errorf("set delivery: unknown state %q", delivery)
	}
	return wrap("set delivery", db.execOne(ctx, "UPDATE message SET delivery = $1, fail_type = $2 WHERE account_id = $3 AND id = $4",
		delivery, failType, accountID, id))
}

// SetRecalled notes when a message was taken back; a second time keeps the first. ErrNotFound without the message.
func (db *DB) SetRecalled(ctx context.Context, accountID, id string, at time.Time) error {
	return wrap("set recalled", db.execOne(ctx, `UPDATE message SET recalled_at = CASE WHEN recalled_at = 0 THEN $1 ELSE recalled_at END
		WHERE account_id = $2 AND id = $3`, ms(at), accountID, id))
}

// ErrErased: the customer was erased after the time of what is to be taken in.
var ErrErased = errors.New("customer was erased")
