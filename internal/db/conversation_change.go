package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// servicerKeyOf is the form in which userids are compared.
func servicerKeyOf(userID string) string { return fold(strings.TrimSpace(userID)) }

// conversationSearch is what the search of the board compares.
func conversationSearch(customerName, customerID, text string) string {
	return fold(customerName) + "\n" + fold(customerID) + "\n" + fold(text)
}

// ConversationFor returns the conversation of an account and a customer for a message of that time, and makes it, and the
// customer, at their first. A new one is StateNew and has no times but FirstAt. ErrErased if the customer was erased
// after that time: the message is not to be taken in.
func (db *DB) ConversationFor(ctx context.Context, accountID, customerID string, at time.Time) (c Conversation, created bool, err error) {
	err = db.atomic(ctx, func(tx *DB) error {
		c, err = one(ctx, tx, scanConversation, selectConversation+" WHERE c.account_id = $1 AND c.customer_id = $2", accountID, customerID)
		if !errors.Is(err, ErrNotFound) {
			if err != nil || ms(at) > ms(c.FirstAt) {
				return err
			}
			return tx.checkErased(ctx, customerID, at)
		}
		if accountID == "" || customerID == "" {
			return fmt.Errorf("account %q, customer %q: both are needed", accountID, customerID)
		}
		c, err = tx.newConversation(ctx, accountID, customerID, at)
		created = err == nil
		return err
	})
	return c, created, wrap("conversation of a customer", err)
}

func (db *DB) newConversation(ctx context.Context, accountID, customerID string, at time.Time) (Conversation, error) {
	erased, _, err := db.Erased(ctx, customerID)
	if err != nil {
		return Conversation{}, err
	}
	if ms(at) <= ms(erased) {
		return Conversation{}, ErrErased
	}
	if err := db.seeCustomer(ctx, customerID, at); err != nil {
		return Conversation{}, err
	}
	c := Conversation{ID: NewID(), AccountID: clean(accountID), CustomerID: clean(customerID), FirstAt: at, Rev: 1}
	board, recent := boardKeys(c)
	_, err = db.exec(ctx, `INSERT INTO conversation (id, account_id, customer_id, state, servicer_id, servicer_key, state_at, waiting_since,
		last_customer_at, last_at, entered_at, expires_at, last_text, last_kind, last_origin, sent, scene, scene_param, visit_id, rejected,
		messages, first_at, rev, folded_at, folded_seq, erased_at, board_key, recent_key, search)
		SELECT $1, $2, u.id, 0, '', '', 0, 0, 0, 0, 0, 0, '', '', 0, 0, '', '', '', $3, 0, $4, 1, 0, 0, $5, $6, $7, u.search || $8
		FROM customer u WHERE u.id = $9`,
		c.ID, c.AccountID, false, ms(at), ms(erased), board, recent, "\n", c.CustomerID)
	if err != nil {
		return Conversation{}, err
	}
	if err := db.tally(ctx, c.AccountID, "", StateNew, 1); err != nil {
		return Conversation{}, err
	}
	return one(ctx, db, scanConversation, selectConversation+" WHERE c.id = $1", c.ID)
}

// tally moves the number of conversations of a kind.
func (db *DB) tally(ctx context.Context, accountID, servicerKey string, state, n int) error {
	_, err := db.exec(ctx, `INSERT INTO conversation_tally (account_id, servicer_key, state, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, servicer_key, state) DO UPDATE SET n = conversation_tally.n + excluded.n`, accountID, servicerKey, state, n)
	return err
}

// sameConversation compares what UpdateConversation stores.
func sameConversation(a, b Conversation) bool {
	plain := func(c Conversation) Conversation {
		c.AccountID, c.CustomerID, c.AccountName, c.CustomerName, c.PictureID, c.ServicerName, c.Rev = "", "", "", "", "", "", 0
		for _, t := range []*time.Time{&c.StateAt, &c.WaitingSince, &c.LastCustomerAt, &c.LastAt, &c.EnteredAt, &c.ExpiresAt, &c.FirstAt, &c.FoldedAt} {
			*t = fromMS(ms(*t))
		}
		return c
	}
	return plain(a) == plain(b)
}

// UpdateConversation stores all of a conversation but its account, customer and what is joined, and its revision grows;
// one that has not changed is left alone, revision and all. c.Rev is not read: who must not overwrite a newer one reads
// and updates in one transaction. ErrNotFound without it.
func (db *DB) UpdateConversation(ctx context.Context, c Conversation) error {
	return wrap("update conversation", db.atomic(ctx, func(tx *DB) error {
		old, err := one(ctx, tx, scanConversation, selectBareConversation+" WHERE c.id = $1", c.ID)
		if err != nil {
			return err
		}
		for _, s := range []*string{&c.ServicerID, &c.LastText, &c.LastKind, &c.Scene, &c.SceneParam, &c.VisitID} {
			*s = clean(*s)
		}
		if sameConversation(old, c) {
			return nil
		}
		return tx.storeConversation(ctx, old, c)
	}))
}

func (db *DB) storeConversation(ctx context.Context, old, c Conversation) error {
	if c.State < StateNew || c.State > StateEnded {
		return fmt.Errorf("state %d", c.State)
	}
	board, recent := boardKeys(c)
	was, is := servicerKeyOf(old.ServicerID), servicerKeyOf(c.ServicerID)
	_, err := db.exec(ctx, `UPDATE conversation SET state = $1, servicer_id = $2, servicer_key = $3, state_at = $4, waiting_since = $5,
		last_customer_at = $6, last_at = $7, entered_at = $8, expires_at = $9, last_text = $10, last_kind = $11, last_origin = $12,
		sent = $13, scene = $14, scene_param = $15, visit_id = $16, rejected = $17, messages = $18, first_at = $19, rev = rev + 1,
		folded_at = $20, folded_seq = $21, board_key = $22, recent_key = $23,
		search = (SELECT u.search FROM customer u WHERE u.id = conversation.customer_id) || $24 WHERE id = $25`,
		c.State, c.ServicerID, is, ms(c.StateAt), ms(c.WaitingSince), ms(c.LastCustomerAt), ms(c.LastAt), ms(c.EnteredAt), ms(c.ExpiresAt),
		c.LastText, c.LastKind, c.LastOrigin, c.Sent, c.Scene, c.SceneParam, c.VisitID, c.Rejected, c.Messages, ms(c.FirstAt),
		ms(c.FoldedAt), c.FoldedSeq, board, recent, "\n"+fold(c.LastText), c.ID)
	if err != nil {
		return err
	}
	if was != is || old.State != c.State {
		if err := errors.Join(db.tally(ctx, old.AccountID, was, old.State, -1), db.tally(ctx, old.AccountID, is, c.State, 1)); err != nil {
			return err
		}
	}
	if ms(c.LastCustomerAt) == ms(old.LastCustomerAt) {
		return nil
	}
	_, err = db.exec(ctx, "UPDATE customer SET last_at = $1 WHERE id = $2 AND last_at < $1", ms(c.LastCustomerAt), old.CustomerID)
	return err
}
