package ops

import (
	"context"
	"fmt"
	"strconv"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// noteState writes into the timeline where a conversation is, and folds it. A conversation that was erased has no timeline any more.
func (o *Ops) noteState(ctx context.Context, tx *db.DB, intent db.Intent, conversationID, rowID string, there place, reason string) error {
	c, err := tx.Conversation(ctx, conversationID)
	if err != nil {
		return ignoreMissing(err)
	}
	raw, err := jsonText(db.StateNote{State: there.State, Servicer: there.Servicer, Reason: reason})
	if err != nil {
		return err
	}
	row := db.Message{
		ID: rowID, AccountID: c.AccountID, ConversationID: c.ID, At: o.now(), Origin: db.OriginConsole, ServicerID: there.Servicer,
		OperatorID: intent.OperatorID, OperatorName: intent.OperatorName, Kind: db.KindState, Raw: []byte(raw),
	}
	if _, err := tx.InsertMessages(ctx, []db.Message{row}); err != nil {
		return err
	}
	return o.refold(ctx, tx, c.ID)
}

// keepCode keeps the code that WeCom gave for a move, for the coded message of that moment. A code is a secret while it lives: it is
// neither in the audit log nor in the timeline.
func (o *Ops) keepCode(ctx context.Context, tx *db.DB, c db.Conversation, to int, code string) error {
	if code == "" {
		return nil
	}
	now := o.now()
	due := db.Code{
		ID: db.NewID(), AccountID: c.AccountID, ConversationID: c.ID, CustomerID: c.CustomerID, Code: code, State: db.CodeDue,
		GotAt: now, ExpiresAt: now.Add(kf.ReplyCodeLife),
	}
	switch kf.ServiceState(to) {
	case kf.StateQueue:
		due.Scene = db.SceneQueue
	case kf.StateHuman:
		due.Scene = db.ScenePickup
	case kf.StateEnded:
		due.Scene, due.ExpiresAt = db.SceneEnding, now.Add(kf.EndingCodeLife)
	default:
		return nil
	}
	if err := tx.InsertCode(ctx, due); err != nil {
		return err
	}
	return tx.AddChange(ctx, "replies", c.ID)
}

// refold folds a conversation anew and tells those who watch it.
func (o *Ops) refold(ctx context.Context, tx *db.DB, conversationID string) error {
	if o.fold == nil {
		return nil
	}
	return o.fold(ctx, tx, conversationID)
}

// finishMove brings our copy up to a move that WeCom has made.
func (o *Ops) finishMove(ctx context.Context, tx *db.DB, intent db.Intent, conversationID, rowID string, goal place, code string) error {
	c, err := tx.Conversation(ctx, conversationID)
	if err != nil {
		return ignoreMissing(err)
	}
	if err := o.noteState(ctx, tx, intent, c.ID, rowID, goal, db.ReasonMoved); err != nil {
		return err
	}
	return o.keepCode(ctx, tx, c, goal.State, code)
}

// partID is the id of the nth row that a change puts into the timeline; the first is that of the change. n is at most 255.
func partID(id string, n int) string {
	last, err := strconv.ParseUint(id[30:], 16, 8)
	if err != nil {
		panic("ops: the id of a change is 32 hex digits")
	}
	return fmt.Sprintf("%s%02x", id[:30], byte(last)^byte(n))
}

// notInRun refuses a move of conversations that an unfinished run, other than the given one, is about to move.
func (o *Ops) notInRun(ctx context.Context, tx *db.DB, except string, ids ...string) error {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	open, err := tx.OpenRuns(ctx)
	if err != nil {
		return err
	}
	for _, run := range open {
		if run.Verb != VerbMove || run.ID == except {
			continue
		}
		items, err := tx.RunItems(ctx, run.ID, "", 0, MaxConversations)
		if err != nil {
			return err
		}
		for _, item := range items {
			ended := item.State == db.ItemDone || item.State == db.ItemIgnored || item.State == db.ItemFailed
			if wanted[item.MemberID] && !ended {
				return &db.LockedError{Lock: "session:" + item.MemberID, IntentID: run.ID}
			}
		}
	}
	return nil
}

// beingMoved says whether a move of the conversation by itself is under way.
func (o *Ops) beingMoved(ctx context.Context, conversationID string) (bool, error) {
	open, err := o.db.OpenIntents(ctx)
	if err != nil {
		return false, fmt.Errorf("read open changes: %w", err)
	}
	for _, each := range open {
		if each.TargetID == conversationID && (each.Action == ConversationMove || each.Action == ConversationEnd) {
			return true, nil
		}
	}
	return false, nil
}
