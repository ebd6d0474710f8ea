package ops

import (
	"context"
	"errors"
	"fmt"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// VerbMove is the verb of a run that moves conversations. Its rows are of KindConversation, with the id of the conversation as
// MemberID and the name of the account.
const VerbMove = "move"

// MaxConversations bounds the conversations of one run.
const MaxConversations = 100

// RowUnderWay is errmsg of a row whose conversation was being moved by somebody else. Other rows that were not sent have a Move constant,
// NotServing, OffDuty, gone or readonly (the account).
const RowUnderWay = "under_way"

// MoveMany is the form that moves several conversations, of any accounts, to the same state and person.
type MoveMany struct {
	IntentID        string
	ConversationIDs []string
	To              int
	ServicerID      string // with state 3
}

// manyPayload is the input of a run that moves conversations.
type manyPayload struct {
	place
	Conversations int `json:"conversations"`
}

// MoveConversations writes a run that moves conversations down and returns its id, which is the intent's, at once; Work executes it,
// one conversation after the other, and db.Run and db.RunItems tell how far it is. A row that is there already is ignored; one that cannot
// be moved fails by itself.
//
// Errors: ErrDenied, db.ErrNotFound (a conversation), *Invalid (conversations: none, limit; to; servicer: required, id), *Duplicate,
// *Locked (one of them is in a run that is not finished), ErrStorage.
func (o *Ops) MoveConversations(ctx context.Context, actor auth.Actor, m MoveMany) (string, error) {
	if err := o.permit(ctx, actor, ConversationMoveMany, Target{Kind: KindConversation}, m.IntentID); err != nil {
		return "", err
	}
	goal, err := placeFor(m.To, m.ServicerID)
	if err != nil {
		return "", err
	}
	if goal.State == int(kf.StateNew) {
		return "", &Invalid{Field: "to", Rule: MoveInitial}
	}
	items, account, err := o.conversationItems(ctx, m.ConversationIDs)
	if err != nil {
		return "", err
	}
	input := manyPayload{goal, len(items)}
	plan := change{id: m.IntentID, action: ConversationMoveMany, target: Target{Kind: KindConversation}, input: input}
	intent, err := o.intent(actor, plan)
	if err != nil {
		return "", err
	}
	plan.check = func(ctx context.Context, tx *db.DB) error {
		ids := make([]string, len(items))
		for i, item := range items {
			ids[i] = item.MemberID
		}
		return o.notInRun(ctx, tx, "", ids...)
	}
	plan.keep = func(ctx context.Context, tx *db.DB) error {
		return tx.InsertRun(ctx, db.Run{
			ID: intent.ID, AccountID: account, Verb: VerbMove, OperatorID: actor.ID, CreatedAt: intent.At, Input: intent.Input,
		}, items)
	}
	if err := o.begin(ctx, intent, plan); err != nil {
		return "", err
	}
	o.nudge()
	return intent.ID, nil
}

// conversationItems lays the rows out, each conversation once, and tells the account if they have the same.
func (o *Ops) conversationItems(ctx context.Context, ids []string) (items []db.RunItem, account string, err error) {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if len(seen) > MaxConversations {
			return nil, "", &Invalid{Field: "conversations", Rule: "limit", Limit: MaxConversations}
		}
		c, err := o.db.Conversation(ctx, id)
		if err != nil {
			return nil, "", fmt.Errorf("read conversation: %w", err)
		}
		if len(items) == 0 {
			account = c.AccountID
		} else if account != c.AccountID {
			account = ""
		}
		items = append(items, db.RunItem{Pos: len(items) + 1, Kind: KindConversation, MemberID: c.ID, Name: c.AccountName, State: db.ItemPending})
	}
	if len(items) == 0 {
		return nil, "", &Invalid{Field: "conversations", Rule: "none"}
	}
	return items, account, nil
}

// movingRun moves conversations, one a call.
type movingRun struct {
	ops    *Ops
	intent db.Intent
	goal   place
	got    map[int]answer // by position, until the row is written
}

func (o *Ops) movingRun(intent db.Intent) (*movingRun, error) {
	input, err := payload[manyPayload](intent.Input)
	if err != nil {
		return nil, err
	}
	return &movingRun{ops: o, intent: intent, goal: input.place, got: map[int]answer{}}, nil
}

func (r *movingRun) chunk(waiting []db.RunItem) []db.RunItem { return waiting[:min(1, len(waiting))] }

func (r *movingRun) call(ctx context.Context, chunk []db.RunItem) ([]db.RunItem, error) {
	item := chunk[0]
	c, err := r.ops.db.Conversation(ctx, item.MemberID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return rowEnds(item, db.ItemFailed, "gone"), nil
	case err != nil:
		return nil, fmt.Errorf("read conversation: %w", err)
	case placeOf(c).same(r.goal):
		return rowEnds(item, db.ItemIgnored, ""), nil
	}
	why, err := r.obstacle(ctx, c)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return rowEnds(item, db.ItemFailed, why), nil
	}
	got, err := r.ops.transfer(ctx, c, r.goal)
	r.got[item.Pos] = got
	if err != nil {
		return nil, err
	}
	return rowEnds(item, db.ItemDone, ""), nil
}

func rowEnds(item db.RunItem, state, why string) []db.RunItem {
	item.State, item.Errcode, item.Errmsg = state, 0, why
	return []db.RunItem{item}
}

// obstacle says why a conversation cannot be moved now; a move of it alone can only have begun before the run was written down.
func (r *movingRun) obstacle(ctx context.Context, c db.Conversation) (string, error) {
	busy, err := r.ops.beingMoved(ctx, c.ID)
	if err != nil {
		return "", err
	}
	if busy {
		return RowUnderWay, nil
	}
	err = r.ops.movable(ctx, r.ops.db, c, r.goal)
	var invalid *Invalid
	if errors.As(err, &invalid) {
		return invalid.Rule, nil
	}
	return "", err
}

// look asks for the state of each conversation. One that is not where it should be is looked at by our copy once more and sent again: a
// move that came through twice is refused the second time.
func (r *movingRun) look(ctx context.Context, unknown []db.RunItem, again bool) ([]db.RunItem, error) {
	for i, item := range unknown {
		c, err := r.ops.db.Conversation(ctx, item.MemberID)
		if errors.Is(err, db.ErrNotFound) {
			unknown[i] = rowEnds(item, db.ItemFailed, "gone")[0]
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read conversation: %w", err)
		}
		found, err := r.ops.kf.ServiceState(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID))
		if err != nil {
			return nil, fmt.Errorf("read state: %w", err)
		}
		there := placeFound(found)
		switch {
		case there.same(r.goal):
			item = rowEnds(item, db.ItemDone, "")[0]
		case again:
			item.State = db.ItemPending
		default:
			item.State = db.ItemFailed
			if item.Errmsg == "" {
				item.Errmsg = notApplied
			}
		}
		if item.State != db.ItemDone && !there.same(placeOf(c)) {
			r.got[item.Pos] = answer{found: &there}
		}
		unknown[i] = item
	}
	return unknown, nil
}

// follow puts what became of the rows into the timelines of their conversations.
func (r *movingRun) follow(ctx context.Context, tx *db.DB, rows []db.RunItem) error {
	for _, item := range rows {
		got := r.got[item.Pos]
		var err error
		switch {
		case item.State == db.ItemDone:
			err = r.ops.finishMove(ctx, tx, r.intent, item.MemberID, partID(r.intent.ID, item.Pos), r.goal, got.code)
		case got.found != nil:
			err = r.ops.noteState(ctx, tx, r.intent, item.MemberID, db.NewID(), *got.found, db.ReasonChecked)
		}
		if err != nil {
			return err
		}
		delete(r.got, item.Pos)
	}
	return nil
}

// mirror has nothing to do: each row was followed as it ended.
func (r *movingRun) mirror(context.Context) func(*db.DB) error {
	return func(*db.DB) error { return nil }
}
