package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// outlive bounds what is still done for a change when the operator's browser is gone: the call, and then the writing of its outcome.
const outlive = time.Minute

// change is one change at WeCom that an operator asked for. What follows from its success is in finish, by action, so that a
// change that is settled later ends in the same way.
type change struct {
	id     string // from the form; empty: a new one
	action string
	target Target
	lock   string // at most one change without an end holds it
	undoes string
	input  any // marshalled to JSON; without secrets and picture bytes
	before any
	// check runs in the transaction that writes the intent, before it: what must hold, and rows that the call needs. keep runs after it.
	check, keep func(ctx context.Context, tx *db.DB) error
	// call is the one remote step.
	call func(ctx context.Context) (answer, error)
}

// answer is what WeCom gave.
type answer struct {
	id    string // of what was created
	url   string // of a link
	code  string // of a move of a conversation
	found *place // where a conversation was found after a refusal
}

// beforehand wraps an error of a step before the change itself, such as the upload of a picture: whatever became of that step, the
// change was not made.
type beforehand struct{ cause error }

func (e *beforehand) Error() string { return e.cause.Error() }
func (e *beforehand) Unwrap() error { return e.cause }

// do makes a change that permit has allowed: intent, call, outcome.
func (o *Ops) do(ctx context.Context, actor auth.Actor, c change) (Result, error) {
	intent, err := o.intent(actor, c)
	if err != nil {
		return Result{}, err
	}
	if !o.acquire(intent.ID) {
		return Result{}, &Duplicate{IntentID: intent.ID, Outcome: Open}
	}
	defer o.release(intent.ID)
	if err := o.begin(ctx, intent, c); err != nil {
		return Result{}, err
	}
	// From here on the operator's browser may leave: the change goes through and its end is written.
	ctx = context.WithoutCancel(ctx)
	got, err := callWithin(ctx, c.call)
	end := o.ending(intent.ID, got, err)
	result := Result{IntentID: intent.ID, Outcome: end.Result, Err: err, RemoteID: got.id}
	if end.Result == Open {
		o.lost(ctx, intent)
		o.log.Warn("a change has no known end", "intent", intent.ID, "action", intent.Action, "error", err)
		return result, nil
	}
	if err := o.conclude(ctx, intent, end, got); err != nil {
		o.log.Error("a change ended but the end could not be written", "intent", intent.ID, "action", intent.Action, "outcome", end.Result, "error", err)
		result.Unrecorded = true
	}
	return result, nil
}

func callWithin(ctx context.Context, call func(context.Context) (answer, error)) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, outlive)
	defer cancel()
	return call(ctx)
}

var formID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// intent builds the row that is written before anything is sent.
func (o *Ops) intent(actor auth.Actor, c change) (db.Intent, error) {
	if c.id == "" {
		c.id = db.NewID()
	}
	if !formID.MatchString(c.id) {
		return db.Intent{}, &Invalid{Field: "intent_id", Rule: "id"}
	}
	input, err := jsonText(c.input)
	if err != nil {
		return db.Intent{}, err
	}
	before, err := jsonText(c.before)
	if err != nil {
		return db.Intent{}, err
	}
	return db.Intent{
		ID: c.id, At: o.now(), OperatorID: actor.ID, OperatorName: actor.Name, IP: actor.IP, RequestID: actor.RequestID,
		Action: c.action, TargetKind: c.target.Kind, TargetID: c.target.ID, TargetName: c.target.Name,
		Input: input, Before: before, Undoes: c.undoes,
	}, nil
}

// begin writes the intent, or says why nothing may be sent.
func (o *Ops) begin(ctx context.Context, intent db.Intent, c change) error {
	err := o.db.Tx(ctx, func(tx *db.DB) error {
		if err := o.notBeingDeleted(ctx, tx, intent); err != nil {
			return err
		}
		if c.check != nil {
			if err := c.check(ctx, tx); err != nil {
				return err
			}
		}
		if err := tx.InsertIntent(ctx, intent, c.lock); err != nil || c.keep == nil {
			return err
		}
		return c.keep(ctx, tx)
	})
	if err == nil {
		return nil
	}
	// The same form sent twice may meet its own lock, or the revision that its first copy has moved on: it is a duplicate all the same.
	if same := o.duplicate(ctx, intent); same != nil {
		return same
	}
	return o.explain(ctx, err)
}

// notBeingDeleted keeps the deletion of an account and every other change of it apart.
func (o *Ops) notBeingDeleted(ctx context.Context, tx *db.DB, intent db.Intent) error {
	if intent.TargetID == "" {
		return nil
	}
	open, err := tx.OpenIntents(ctx)
	if err != nil {
		return err
	}
	for _, other := range open {
		if other.ID != intent.ID && other.TargetID == intent.TargetID && (other.Action == AccountDelete || intent.Action == AccountDelete) {
			return &db.LockedError{Lock: other.TargetID, IntentID: other.ID}
		}
	}
	return nil
}

// explain turns an error of the transaction that writes the intent into one of this package.
func (o *Ops) explain(ctx context.Context, err error) error {
	var (
		invalid  *Invalid
		conflict *Conflict
		held     *db.LockedError
	)
	switch {
	case errors.As(err, &invalid), errors.As(err, &conflict), errors.Is(err, db.ErrNotFound), errors.Is(err, auth.ErrSetupClosed):
		return err
	case errors.As(err, &held):
		locked := &Locked{IntentID: held.IntentID}
		if holder, err := o.db.AuditEntry(ctx, held.IntentID); err == nil {
			locked.Action, locked.By, locked.At = holder.Action, holder.OperatorName, holder.At
		}
		return locked
	}
	return fmt.Errorf("%w: %w", ErrStorage, err)
}

// duplicate returns a *Duplicate if a change with that id is in the log, nil if there is none.
func (o *Ops) duplicate(ctx context.Context, intent db.Intent) error {
	first, err := o.db.AuditEntry(ctx, intent.ID)
	if err != nil {
		return nil
	}
	if first.OperatorID != intent.OperatorID || first.Action != intent.Action {
		return &Invalid{Field: "intent_id", Rule: "id"}
	}
	twice := &Duplicate{IntentID: intent.ID, Outcome: Open}
	if first.Outcome != nil {
		twice.Outcome, twice.RemoteID = first.Outcome.Result, first.Outcome.RemoteID
	}
	return twice
}

// ending says what the end of the call means.
func (o *Ops) ending(intentID string, got answer, err error) db.Outcome {
	end := db.Outcome{IntentID: intentID, At: o.now(), Result: Done, RemoteID: got.id}
	if err == nil {
		return end
	}
	certainty := kf.CertaintyOf(err)
	var earlier *beforehand
	switch {
	case certainty == kf.Refused:
		end.Result = Refused
	case certainty == kf.NotSent, errors.As(err, &earlier):
		end.Result = Failed
	default:
		end.Result = Open
	}
	end.Errcode, end.Errmsg, end.Hint, end.FromIP = remoteError(err)
	return end
}

// remoteError takes an error apart for the audit log. Errors of kf hold no secrets.
func remoteError(err error) (code int, msg, hint, ip string) {
	var refusal *kf.Error
	if errors.As(err, &refusal) {
		return refusal.Code, refusal.Msg, refusal.Hint, refusal.FromIP
	}
	return 0, cutText(err.Error(), 300), "", ""
}

// conclude writes the outcome and, in the same transaction, what follows from it. A change that was concluded already stays as it is.
func (o *Ops) conclude(ctx context.Context, intent db.Intent, end db.Outcome, got answer) error {
	ctx, cancel := context.WithTimeout(ctx, outlive)
	defer cancel()
	err := o.db.Tx(ctx, func(tx *db.DB) error {
		if end.Result != Done {
			if err := o.missed(ctx, tx, intent, end, got); err != nil {
				return err
			}
			return tx.InsertOutcome(ctx, end)
		}
		after, err := o.finish(ctx, tx, intent, got)
		if err != nil {
			return err
		}
		if end.After, err = jsonText(after); err != nil {
			return err
		}
		return tx.InsertOutcome(ctx, end)
	})
	if err == nil || o.concluded(ctx, intent.ID) {
		return nil
	}
	if unwritable(err) {
		return fmt.Errorf("write outcome: %w", err)
	}
	// Our copy could not follow; the log must tell the truth all the same, and the mirror catches up with WeCom by itself.
	o.log.Error("the mirror could not follow a change", "intent", intent.ID, "action", intent.Action, "error", err)
	end.After = ""
	if err := o.db.InsertOutcome(ctx, end); err != nil {
		return fmt.Errorf("write outcome: %w", err)
	}
	return nil
}

func (o *Ops) concluded(ctx context.Context, id string) bool {
	entry, err := o.db.AuditEntry(ctx, id)
	return err == nil && entry.Outcome != nil
}

// unwritable says whether the database could not write at all.
func unwritable(err error) bool {
	for _, kind := range []error{db.ErrFull, db.ErrReadOnly, db.ErrBusy, db.ErrClosed, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// jsonText marshals a small value for the audit log; nil is no text.
func jsonText(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("audit json: %w", err)
	}
	return string(text), nil
}
