package live

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// thread is a conversation that is being folded.
type thread struct {
	c     db.Conversation
	fresh []Fact // new rows, in the order of their arrival
}

// fold folds the new rows on top of what there is, or everything anew where that would be wrong, and stores the result.
func (t *thread) fold(ctx context.Context, tx *db.DB) error {
	visits, err := tx.VisitsOf(ctx, t.c.ID)
	if err != nil {
		return err
	}
	s := stateOf(t.c, visits)
	for _, f := range t.fresh {
		if !s.fits(f) {
			return refold(ctx, tx, t.c, visits)
		}
		s = Fold(s, f)
	}
	return keepState(ctx, tx, t.c, s, visits, false)
}

// Refold folds a conversation anew from its rows and tells who watches it, inside the transaction that has changed its
// rows: whoever adds a row of the console's own, or learns what became of one, calls it.
func Refold(ctx context.Context, tx *db.DB, conversationID string) error {
	c, err := tx.Conversation(ctx, conversationID)
	if err != nil {
		return fmt.Errorf("refold: %w", err)
	}
	visits, err := tx.VisitsOf(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("refold: %w", err)
	}
	if err := refold(ctx, tx, c, visits); err != nil {
		return fmt.Errorf("refold: %w", err)
	}
	return errors.Join(tx.AddChange(ctx, ConversationTopic(c.ID), c.ID), tx.AddChange(ctx, TopicConversations, c.ID))
}

func refold(ctx context.Context, tx *db.DB, c db.Conversation, visits []db.Visit) error {
	rows, err := tx.ConversationMessages(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := settleRows(ctx, tx, rows); err != nil {
		return err
	}
	facts := factsOf(rows)
	return keepState(ctx, tx, c, foldAll(newState(c.ID, c.AccountID, c.CustomerID), facts), visits, true)
}

// settleRows writes into older rows what newer ones say of them, where that was not done when it came: the message was not
// there yet, or its acceptance was noted only afterwards.
func settleRows(ctx context.Context, tx *db.DB, rows []db.Message) error {
	at := map[string]int{}
	for i, row := range rows {
		at[row.ID] = i
	}
	for i := range rows {
		if rows[i].Origin != db.OriginSystem {
			continue
		}
		switch e := kf.ParseMessage(rows[i].Raw).Content.(type) {
		case kf.SendFailed:
			if j, ok := at[string(e.Message)]; ok && rows[j].Delivery == db.DeliveryAccepted {
				rows[j].Delivery = db.DeliveryFailed
				if err := tx.SetDelivery(ctx, rows[j].AccountID, rows[j].ID, db.DeliveryFailed, e.Type); err != nil {
					return err
				}
			}
		case kf.Recalled:
			if j, ok := at[string(e.Message)]; ok && rows[j].RecalledAt.IsZero() {
				rows[j].RecalledAt = rows[i].At
				if err := tx.SetRecalled(ctx, rows[j].AccountID, rows[j].ID, rows[i].At); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// stateOf reads the folded part of a conversation.
func stateOf(c db.Conversation, visits []db.Visit) State {
	s := newState(c.ID, c.AccountID, c.CustomerID)
	if c.FoldedAt.IsZero() {
		return s
	}
	s.State, s.Servicer, s.Since, s.Expires = c.State, c.ServicerID, c.StateAt, c.ExpiresAt
	s.Waiting, s.LastCustomer, s.Entered, s.First, s.Last = c.WaitingSince, c.LastCustomerAt, c.EnteredAt, c.FirstAt, c.LastAt
	s.LastText, s.LastKind, s.LastOrigin = c.LastText, c.LastKind, c.LastOrigin
	s.Sent, s.Messages, s.Scene, s.SceneParam, s.Rejected = c.Sent, c.Messages, c.Scene, c.SceneParam, c.Rejected
	s.At, s.Seq = c.FoldedAt, c.FoldedSeq
	if i := slices.IndexFunc(visits, func(v db.Visit) bool { return v.ID == c.VisitID }); i >= 0 {
		s.Visit = visits[i]
	}
	return s
}

// keepState stores what a conversation was folded to. all says that s has all of its visits, so that others are none.
func keepState(ctx context.Context, tx *db.DB, c db.Conversation, s State, visits []db.Visit, all bool) error {
	c.State, c.ServicerID, c.StateAt, c.ExpiresAt = s.State, s.Servicer, s.Since, s.Expires
	c.WaitingSince, c.LastCustomerAt, c.EnteredAt, c.FirstAt, c.LastAt = s.Waiting, s.LastCustomer, s.Entered, s.First, s.Last
	c.LastText, c.LastKind, c.LastOrigin = s.LastText, s.LastKind, s.LastOrigin
	c.Sent, c.Messages, c.Scene, c.SceneParam, c.Rejected = s.Sent, s.Messages, s.Scene, s.SceneParam, s.Rejected
	c.FoldedAt, c.FoldedSeq, c.VisitID = s.At, s.Seq, s.Visit.ID
	if err := tx.UpdateConversation(ctx, c); err != nil {
		return err
	}
	now := s.Past
	if s.Visit.ID != "" {
		now = append(slices.Clip(now), s.Visit)
	}
	for _, v := range now {
		if err := keepVisit(ctx, tx, v, visits); err != nil {
			return err
		}
	}
	if !all {
		return nil
	}
	for _, old := range visits {
		if !slices.ContainsFunc(now, func(v db.Visit) bool { return v.ID == old.ID }) {
			if err := tx.DeleteVisit(ctx, old.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func keepVisit(ctx context.Context, tx *db.DB, v db.Visit, known []db.Visit) error {
	i := slices.IndexFunc(known, func(k db.Visit) bool { return k.ID == v.ID })
	switch {
	case i < 0:
		return tx.InsertVisit(ctx, v)
	case known[i] == v:
		return nil
	}
	return tx.UpdateVisit(ctx, v)
}
