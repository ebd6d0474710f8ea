package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

const (
	expiryBatch = 10_000
	// feedKept is how long change rows are kept for those who were away.
	feedKept = time.Hour
)

// expire ends conversations whose 48 hours are over, until ctx ends: WeCom sends no event for that. It also trims the feed
// of changes and deletes the files of what was erased, where that was cut short.
func (s *Syncer) expire(ctx context.Context) {
	poll := time.NewTicker(s.polls.expiry)
	defer poll.Stop()
	for {
		s.report(s.expireDue(ctx))
		s.report(s.db.TrimChanges(ctx, s.now().Add(-feedKept)))
		s.report(s.db.DropBlobs(ctx))
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		}
	}
}

// expireDue ends the conversations that are due, as far as their accounts were synced since: before that, a message of the
// customer may still be unread. When WeCom has forgotten such a message, nothing is left to wait for.
func (s *Syncer) expireDue(ctx context.Context) error {
	states, err := s.states(ctx)
	if err != nil {
		return err
	}
	list, err := s.db.Expired(ctx, s.now(), expiryBatch)
	if err != nil {
		return err
	}
	for _, c := range list {
		if ctx.Err() != nil {
			return nil
		}
		if !states[c.AccountID].OKAt.After(c.ExpiresAt) && s.now().Before(c.ExpiresAt.Add(kf.HistoryLife)) {
			continue
		}
		if err := s.expireOne(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Syncer) expireOne(ctx context.Context, conversationID string) error {
	err := s.db.Tx(ctx, func(tx *db.DB) error {
		c, err := tx.Conversation(ctx, conversationID)
		if err != nil {
			return ignoreMissing(err)
		}
		if c.State == db.StateEnded || c.ExpiresAt.IsZero() || c.ExpiresAt.After(s.now()) {
			return nil
		}
		return noteState(ctx, tx, c, c.ExpiresAt, db.StateNote{State: db.StateEnded, Reason: db.ReasonExpired})
	})
	if err != nil {
		return fmt.Errorf("expire conversation %s: %w", conversationID, err)
	}
	return nil
}

// noteState writes a state into the timeline of a conversation and folds it.
func noteState(ctx context.Context, tx *db.DB, c db.Conversation, at time.Time, note db.StateNote) error {
	row, err := stateRow(c, at, note)
	if err != nil {
		return err
	}
	if _, err := tx.InsertMessages(ctx, []db.Message{row}); err != nil {
		return err
	}
	return Refold(ctx, tx, c.ID)
}

// stateRow is a row of KindState. Its id is made of what it says, so that two processes write it once.
func stateRow(c db.Conversation, at time.Time, note db.StateNote) (db.Message, error) {
	raw, err := json.Marshal(note)
	if err != nil {
		return db.Message{}, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", c.ID, at.UnixMilli(), raw))
	return db.Message{
		ID: hex.EncodeToString(sum[:16]), AccountID: c.AccountID, ConversationID: c.ID, At: at, Origin: db.OriginConsole,
		ServicerID: note.Servicer, Kind: db.KindState, Raw: raw,
	}, nil
}
