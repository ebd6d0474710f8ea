package ops

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Move is the form that moves a conversation, or ends it.
type Move struct {
	IntentID, ConversationID string
	Rev                      int64 // the revision that the operator's page showed; 0: whatever it is by now
	// Seen is what the page showed of the state. With it only another state or person is a conflict, and not every new message.
	Seen       *ConversationSeen
	To         int    // the service state as WeCom numbers it; 4 ends the conversation
	ServicerID string // with state 3: the userid of the person
}

// ConversationSeen is what a page showed of a conversation: its service state, and with state 3 who has it.
type ConversationSeen struct {
	State      int
	ServicerID string
}

// Meanwhile means that WeCom did not move a conversation because it is not where our copy had it: State and ServicerID are where it
// really is, and our copy says so by now. It wraps WeCom's refusal.
type Meanwhile struct {
	WasState      int
	WasServicerID string
	State         int
	ServicerID    string
	Cause         error
}

// Error tells the states, and what WeCom said.
func (e *Meanwhile) Error() string {
	return fmt.Sprintf("the conversation is in state %d and not in %d: %v", e.State, e.WasState, e.Cause)
}

// Unwrap returns WeCom's refusal.
func (e *Meanwhile) Unwrap() error { return e.Cause }

// MoveConversation moves a conversation to the assistant, to the queue, to a person or to its end (document 94669). A code that WeCom
// gives for it is kept for the coded message of that moment.
//
// When WeCom refuses because the conversation is elsewhere by now, Result.Err is a *Meanwhile.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (to: target or a Move constant; servicer: required, id, NotServing, OffDuty, MoveSame; account),
// *Conflict (state), *Duplicate, *Locked (another move of it is under way), ErrStorage.
func (o *Ops) MoveConversation(ctx context.Context, actor auth.Actor, m Move) (Result, error) {
	action := ConversationMove
	if m.To == int(kf.StateEnded) {
		action = ConversationEnd
	}
	target, c, err := o.conversation(ctx, m.ConversationID)
	if err := o.permit(ctx, actor, action, target, m.IntentID); err != nil {
		return Result{}, err
	}
	if err != nil {
		return Result{}, err
	}
	goal, err := placeFor(m.To, m.ServicerID)
	if err != nil {
		return Result{}, err
	}
	return o.do(ctx, actor, change{
		id: m.IntentID, action: action, target: target, lock: "session:" + c.ID, input: goal, before: placeOf(c),
		check: func(ctx context.Context, tx *db.DB) error {
			now, err := tx.Conversation(ctx, c.ID)
			if err != nil {
				return err
			}
			if err := unmoved(ctx, tx, now, c, m); err != nil {
				return err
			}
			if err := o.notInRun(ctx, tx, "", c.ID); err != nil {
				return err
			}
			return o.movable(ctx, tx, now, goal)
		},
		call: func(ctx context.Context) (answer, error) { return o.transfer(ctx, c, goal) },
	})
}

// place is where a conversation is or is to go, as the audit log keeps it.
type place struct {
	State    int    `json:"state"`
	Servicer string `json:"servicer,omitempty"`
}

func placeOf(c db.Conversation) place {
	p := place{State: c.State}
	if c.State == int(kf.StateHuman) {
		p.Servicer = c.ServicerID
	}
	return p
}

func placeFound(s kf.SessionState) place {
	return place{State: int(s.State), Servicer: string(s.Servicer)}
}

// same compares two places; user ids are the same in any case.
func (p place) same(other place) bool {
	return p.State == other.State && (p.State != int(kf.StateHuman) || strings.EqualFold(p.Servicer, other.Servicer))
}

// placeFor checks the target of a move by itself.
func placeFor(to int, servicerID string) (place, error) {
	goal := place{State: to}
	if to < int(kf.StateNew) || to > int(kf.StateEnded) {
		return goal, &Invalid{Field: "to", Rule: "target"}
	}
	if to != int(kf.StateHuman) {
		return goal, nil
	}
	goal.Servicer = strings.TrimSpace(servicerID)
	switch {
	case goal.Servicer == "":
		return goal, &Invalid{Field: "servicer", Rule: "required"}
	case !userID.MatchString(goal.Servicer):
		return goal, &Invalid{Field: "servicer", Rule: "id"}
	}
	return goal, nil
}

// unmoved finds out that the conversation is not where the operator saw it.
func unmoved(ctx context.Context, tx *db.DB, now, read db.Conversation, m Move) error {
	there := placeOf(now)
	moved := !there.same(placeOf(read))
	switch {
	case m.Seen != nil:
		moved = moved || !there.same(place{m.Seen.State, m.Seen.ServicerID})
	case m.Rev != 0:
		moved = moved || now.Rev != m.Rev
	}
	if !moved {
		return nil
	}
	conflict := &Conflict{Field: "state", Yours: strconv.Itoa(m.To), Theirs: strconv.Itoa(now.State), Rev: now.Rev}
	conflict.By, conflict.At = lastChange(ctx, tx, now.ID, "")
	return conflict
}

// movable says why a conversation cannot be moved there. What WeCom knows better than our copy is left to WeCom.
func (o *Ops) movable(ctx context.Context, tx *db.DB, now db.Conversation, goal place) error {
	if err := o.reachable(ctx, tx, now.AccountID); err != nil {
		return err
	}
	if reason := moveReason(kf.ServiceState(now.State), kf.ServiceState(goal.State)); reason != "" {
		return &Invalid{Field: "to", Rule: reason}
	}
	if goal.State != int(kf.StateHuman) {
		return nil
	}
	if placeOf(now).same(goal) {
		return &Invalid{Field: "servicer", Rule: MoveSame}
	}
	return o.serves(ctx, tx, now.AccountID, goal.Servicer)
}

func (o *Ops) reachable(ctx context.Context, tx *db.DB, accountID string) error {
	account, err := tx.Account(ctx, accountID)
	if err != nil {
		return err
	}
	return changeable(account)
}

// stateMoved says whether WeCom refused because the conversation is in another state than we took it to be in.
func stateMoved(err error) bool {
	var refusal *kf.Error
	return errors.As(err, &refusal) && (refusal.Code == 95013 || refusal.Code == 95016 || refusal.Code == 95018)
}

// transfer makes the move. When WeCom finds the conversation elsewhere, it is asked where.
func (o *Ops) transfer(ctx context.Context, c db.Conversation, goal place) (answer, error) {
	code, err := o.kf.TransferState(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID), kf.ServiceState(goal.State), kf.UserID(goal.Servicer))
	if err == nil {
		return answer{code: code}, nil
	}
	return o.readAnew(ctx, c, err)
}

// readAnew asks where a conversation is after WeCom refused a call because of its state.
func (o *Ops) readAnew(ctx context.Context, c db.Conversation, refusal error) (answer, error) {
	if !stateMoved(refusal) {
		return answer{}, refusal
	}
	found, err := o.kf.ServiceState(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID))
	if err != nil {
		o.log.Warn("the state of a conversation could not be read after a refusal", "conversation", c.ID, "error", err)
		return answer{}, refusal
	}
	there, was := placeFound(found), placeOf(c)
	if there.same(was) {
		return answer{}, refusal
	}
	return answer{found: &there}, &Meanwhile{
		WasState: was.State, WasServicerID: was.Servicer, State: there.State, ServicerID: there.Servicer, Cause: refusal,
	}
}

// conversation reads the conversation of a change. The target is usable even with the error, and it never names the customer.
func (o *Ops) conversation(ctx context.Context, id string) (Target, db.Conversation, error) {
	target := Target{Kind: KindConversation, ID: cutText(id, 64)}
	c, err := o.db.Conversation(ctx, id)
	if err != nil {
		return target, db.Conversation{}, fmt.Errorf("read conversation: %w", err)
	}
	return conversationTarget(c), c, nil
}

// conversationTarget names a conversation by its account and the end of its own id.
func conversationTarget(c db.Conversation) Target {
	return Target{Kind: KindConversation, ID: c.ID, Name: strings.TrimSpace(c.AccountName + " " + c.ID[max(0, len(c.ID)-6):])}
}
