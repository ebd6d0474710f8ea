package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// customerHash is how a customer who was erased is known.
func customerHash(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// Erased tells whether a customer was erased, and when: nothing up to that moment is taken in again.
func (db *DB) Erased(ctx context.Context, customerID string) (time.Time, bool, error) {
	at, err := one(ctx, db, scanInt, "SELECT at FROM erased WHERE customer_hash = $1", customerHash(customerID))
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, false, nil
	}
	return fromMS(at), err == nil, wrap("read erased customer", err)
}

// checkErased fails with ErrErased if a customer was erased at a time or later.
func (db *DB) checkErased(ctx context.Context, customerID string, at time.Time) error {
	erased, is, err := db.Erased(ctx, customerID)
	if err == nil && is && ms(at) <= ms(erased) {
		return ErrErased
	}
	return err
}

// Erasure says what EraseCustomer took away.
type Erasure struct {
	Conversations, Messages, Media int
}

// EraseCustomer takes away what is kept of a customer: profile, picture, conversations, messages with their index, media
// and coded messages. Visits stay as numbers. A tombstone keeps what is older than now from coming back; the files of the
// media are gone after the next DropBlobs. ErrNotFound without the customer.
func (db *DB) EraseCustomer(ctx context.Context, id string, now time.Time) (e Erasure, err error) {
	err = db.atomic(ctx, func(tx *DB) error {
		c, err := tx.Customer(ctx, id)
		if err != nil {
			return err
		}
		conversations, err := all(ctx, tx, scanConversation, selectConversation+" WHERE c.customer_id = $1", id)
		if err != nil {
			return err
		}
		for _, c := range conversations {
			if err := tx.eraseConversation(ctx, c, &e); err != nil {
				return err
			}
		}
		e.Conversations = len(conversations)
		return tx.eraseProfile(ctx, c, now)
	})
	return e, wrap("erase customer", err)
}

func (db *DB) eraseConversation(ctx context.Context, c Conversation, e *Erasure) error {
	messages, err := db.ConversationMessages(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if err := db.unindexText(ctx, m.Seq, m.Text, m.AccountID, m.ConversationID); err != nil {
			return err
		}
	}
	media, err := db.eraseMedia(ctx, c.ID)
	if err != nil {
		return err
	}
	e.Messages, e.Media = e.Messages+len(messages), e.Media+media
	for _, text := range []string{
		"DELETE FROM message WHERE conversation_id = $1",
		"DELETE FROM code WHERE conversation_id = $1",
		"UPDATE visit SET conversation_id = '', customer_id = '', scene_param = '', rating = '' WHERE conversation_id = $1 AND conversation_id <> ''",
		"DELETE FROM conversation WHERE id = $1",
	} {
		if _, err := db.exec(ctx, text, c.ID); err != nil {
			return err
		}
	}
	return db.tally(ctx, c.AccountID, servicerKeyOf(c.ServicerID), c.State, -1)
}

func (db *DB) eraseMedia(ctx context.Context, conversationID string) (int, error) {
	_, err := db.exec(ctx, `INSERT INTO blob_drop (sha256) SELECT DISTINCT sha256 FROM media WHERE conversation_id = $1 AND sha256 <> ''
		ON CONFLICT (sha256) DO NOTHING`, conversationID)
	if err != nil {
		return 0, err
	}
	n, err := db.exec(ctx, "DELETE FROM media WHERE conversation_id = $1", conversationID)
	return int(n), err
}

func (db *DB) eraseProfile(ctx context.Context, c Customer, now time.Time) error {
	if _, err := db.exec(ctx, "DELETE FROM customer WHERE id = $1", c.ID); err != nil {
		return err
	}
	if c.PictureID != "" {
		_, err := db.exec(ctx, `DELETE FROM picture WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM account a WHERE a.picture_id = $1)
			AND NOT EXISTS (SELECT 1 FROM customer u WHERE u.picture_id = $1 AND u.picture_id <> '')`, c.PictureID)
		if err != nil {
			return err
		}
	}
	_, err := db.exec(ctx, `INSERT INTO erased (customer_hash, at) VALUES ($1, $2)
		ON CONFLICT (customer_hash) DO UPDATE SET at = CASE WHEN excluded.at > erased.at THEN excluded.at ELSE erased.at END`,
		customerHash(c.ID), ms(now))
	return err
}
