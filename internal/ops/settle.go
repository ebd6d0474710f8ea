package ops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// notApplied is the errmsg of a change that was settled as not made.
const notApplied = "not applied"

// giveUp is when a link that WeCom never gave is called off (asking for one leaves nothing at WeCom, so this is certain), and an export
// that nobody finished.
const giveUp = 24 * time.Hour

// Settle finds out the end of every change that has none, by asking WeCom what is there; it repeats no change but a message, with the
// very id by which WeCom knows the first one. Changes that this process is making are left alone, and runs are left to Work. While WeCom cannot be asked a change stays open, and the
// first such error is returned after all others were tried.
func (o *Ops) Settle(ctx context.Context) error {
	open, err := o.db.OpenIntents(ctx)
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	world := &world{ops: o}
	var first error
	for _, entry := range open {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if IsRun(entry.Action) {
			continue
		}
		if err := o.settle(ctx, entry.Intent, world); err != nil && first == nil {
			first = fmt.Errorf("settle %s: %w", entry.Action, err)
		}
	}
	return first
}

// SettleOne does what Settle does, for one change; a run it carries on. Errors: db.ErrNotFound, *Locked (this process is
// making the change right now), and those of WeCom: then the change stays open. A change with an end is no error.
func (o *Ops) SettleOne(ctx context.Context, intentID string) error {
	entry, err := o.db.AuditEntry(ctx, intentID)
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	if entry.Outcome != nil {
		return nil
	}
	if o.inFlight(intentID) {
		return &Locked{IntentID: intentID, Action: entry.Action, By: entry.OperatorName, At: entry.At}
	}
	if IsRun(entry.Action) {
		o.nudge()
		return nil
	}
	return o.settle(ctx, entry.Intent, &world{ops: o})
}

func (o *Ops) inFlight(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.flying[id]
}

// settle ends one change if its end can be known.
func (o *Ops) settle(ctx context.Context, intent db.Intent, w *world) error {
	if !o.acquire(intent.ID) {
		return nil
	}
	defer o.release(intent.ID)
	if o.concluded(ctx, intent.ID) {
		return nil
	}
	verdict, err := o.judge(ctx, intent, w)
	if err != nil || verdict == nil {
		return err
	}
	end := db.Outcome{IntentID: intent.ID, At: o.now(), Result: verdict.result, Errmsg: verdict.why, RemoteID: verdict.got.id}
	if verdict.err != nil {
		end.Errcode, end.Errmsg, end.Hint, end.FromIP = remoteError(verdict.err)
	}
	if err := o.conclude(ctx, intent, end, verdict.got); err != nil {
		return err
	}
	o.log.Info("a change was settled", "intent", intent.ID, "action", intent.Action, "outcome", end.Result, "why", end.Errmsg)
	return nil
}

// verdict is the end of a change as it was found out; nil means that it cannot be told yet.
type verdict struct {
	result string
	why    string // with failed
	err    error  // with refused
	got    answer
}

func (o *Ops) judge(ctx context.Context, intent db.Intent, w *world) (*verdict, error) {
	switch intent.Action {
	case AccountCreate:
		return o.judgeCreate(ctx, intent, w)
	case AccountUpdate:
		return o.judgeUpdate(ctx, intent, w)
	case AccountDelete:
		return o.judgeDelete(ctx, intent, w)
	case LinkCreate:
		return o.judgeLink(ctx, intent)
	case ConversationMove, ConversationEnd:
		return o.judgeMove(ctx, intent)
	case MessageSend:
		return o.judgeSend(ctx, intent)
	case AuditExport:
		// This process holds its own. One that was begun earlier was cut off with the process that made it; one that was begun
		// later belongs to a command that runs beside this process.
		if intent.At.After(o.started) && o.now().Sub(intent.At) < giveUp {
			return nil, nil
		}
		return &verdict{result: Failed, why: "aborted"}, nil
	}
	return &verdict{result: Failed, why: "interrupted"}, nil
}

// judgeCreate looks for an account of that name that our mirror did not know when the change was asked for.
func (o *Ops) judgeCreate(ctx context.Context, intent db.Intent, w *world) (*verdict, error) {
	input, err := payload[accountPayload](intent.Input)
	if err != nil || input.Name == nil {
		return &verdict{result: Failed, why: "unreadable intent"}, nil
	}
	accounts, err := w.accounts(ctx)
	if err != nil {
		return nil, err
	}
	for id, account := range accounts {
		if account.Name != *input.Name {
			continue
		}
		ours, err := o.db.Account(ctx, string(id))
		if err == nil && ours.FirstSeen.Before(intent.At) {
			continue
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, err
		}
		return &verdict{result: Done, got: answer{id: string(id)}}, nil
	}
	return o.absent(intent), nil
}

// absent is the verdict on a change that is not to be seen: not made, once the time is over in which it could still take effect.
func (o *Ops) absent(intent db.Intent) *verdict {
	if o.now().Sub(intent.At) < o.grace {
		return nil
	}
	return &verdict{result: Failed, why: notApplied}
}

// judgeUpdate compares the name, or WeCom's address of the picture where only the picture was to change.
func (o *Ops) judgeUpdate(ctx context.Context, intent db.Intent, w *world) (*verdict, error) {
	input, inputErr := payload[accountPayload](intent.Input)
	before, beforeErr := payload[accountPayload](intent.Before)
	if inputErr != nil || beforeErr != nil {
		return &verdict{result: Failed, why: "unreadable intent"}, nil
	}
	accounts, err := w.accounts(ctx)
	if err != nil {
		return nil, err
	}
	account, there := accounts[kf.AccountID(intent.TargetID)]
	if !there {
		if gone, err := o.gone(ctx, intent.TargetID); err != nil || !gone {
			return nil, err
		}
		return &verdict{result: Failed, why: "the account is gone"}, nil
	}
	switch {
	case input.Name != nil && account.Name == *input.Name:
		return &verdict{result: Done}, nil
	case input.Name != nil && before.Name != nil && account.Name != *before.Name:
		return &verdict{result: Failed, why: "the account has another name by now"}, nil
	case input.Name == nil && before.Avatar == "" && o.absent(intent) != nil:
		return &verdict{result: Failed, why: "the end cannot be found out: the picture before is not known"}, nil
	case input.Name == nil && before.Avatar != "" && account.Avatar != before.Avatar:
		return &verdict{result: Done}, nil
	}
	return o.absent(intent), nil
}

func (o *Ops) judgeDelete(ctx context.Context, intent db.Intent, w *world) (*verdict, error) {
	accounts, err := w.accounts(ctx)
	if err != nil {
		return nil, err
	}
	if _, there := accounts[kf.AccountID(intent.TargetID)]; there {
		return o.absent(intent), nil
	}
	if gone, err := o.gone(ctx, intent.TargetID); err != nil || !gone {
		return nil, err
	}
	return &verdict{result: Done}, nil
}

// gone asks for one account by its id. An account that is missing in the list may have slipped from one page to another while the
// list was read, because something before it was deleted.
func (o *Ops) gone(ctx context.Context, accountID string) (bool, error) {
	_, err := o.kf.ListServicers(ctx, kf.AccountID(accountID))
	var refusal *kf.Error
	if errors.As(err, &refusal) && accountGone(refusal.Code) {
		return true, nil
	}
	return false, err
}

// judgeLink asks for the link again: WeCom gives any number of links and counts none, so this is a question and not a second change.
func (o *Ops) judgeLink(ctx context.Context, intent db.Intent) (*verdict, error) {
	input, err := payload[linkPayload](intent.Input)
	if err != nil || input.Scene == nil {
		return &verdict{result: Failed, why: "unreadable intent"}, nil
	}
	url, err := o.kf.AddContactWay(ctx, kf.AccountID(input.Account), *input.Scene)
	switch {
	case err == nil:
		return &verdict{result: Done, got: answer{id: intent.ID, url: url}}, nil
	case kf.CertaintyOf(err) == kf.Refused:
		return &verdict{result: Refused, err: err}, nil
	case o.now().Sub(intent.At) >= giveUp:
		return &verdict{result: Failed, why: notApplied}, nil
	}
	return nil, err
}

// world is what one round of settling sees of WeCom, asked for once.
type world struct {
	ops   *Ops
	known map[kf.AccountID]kf.Account
	err   error
}

// accounts lists every account, or fails: a part of the list proves nothing.
func (w *world) accounts(ctx context.Context) (map[kf.AccountID]kf.Account, error) {
	if w.known != nil || w.err != nil {
		return w.known, w.err
	}
	found := map[kf.AccountID]kf.Account{}
	for account, err := range w.ops.kf.Accounts(ctx) {
		if err != nil {
			w.err = fmt.Errorf("list accounts: %w", err)
			return nil, w.err
		}
		found[account.ID] = account
	}
	w.known = found
	return found, nil
}
