package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// local makes a change of our own rows: intent, rows and outcome in one transaction. After may point to what apply fills in.
func (o *Ops) local(ctx context.Context, actor auth.Actor, c change, after any, apply func(tx *db.DB) error) (Result, error) {
	intent, err := o.intent(actor, c)
	if err != nil {
		return Result{}, err
	}
	err = o.db.Tx(ctx, func(tx *db.DB) error {
		if err := apply(tx); err != nil {
			return err
		}
		text, err := jsonText(after)
		if err != nil {
			return err
		}
		return tx.InsertRecord(ctx, intent, db.Outcome{IntentID: intent.ID, At: intent.At, Result: Done, After: text})
	})
	if err != nil {
		if same := o.duplicate(ctx, intent); same != nil {
			return Result{}, same
		}
		return Result{}, o.explain(ctx, err)
	}
	return Result{IntentID: intent.ID, Outcome: Done}, nil
}

// permit checks the operator's right to an action and records a denial with what was attempted. Before anything of a form is looked
// at, it finds out by the form's id ("": none) that it was sent before: what the first copy changed must not look like a mistake.
func (o *Ops) permit(ctx context.Context, actor auth.Actor, action string, target Target, id string) error {
	if actor.Can(Needs(action)) {
		if id == "" {
			return nil
		}
		return o.duplicate(ctx, db.Intent{ID: id, OperatorID: actor.ID, Action: action})
	}
	err := o.record(ctx, actor, change{action: action, target: target}, db.Outcome{Result: Denied})
	return errors.Join(ErrDenied, err)
}

// record writes an entry about something that changed none of our rows.
func (o *Ops) record(ctx context.Context, actor auth.Actor, c change, end db.Outcome) error {
	intent, err := o.intent(actor, c)
	if err != nil {
		return err
	}
	end.IntentID, end.At = intent.ID, intent.At
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outlive)
	defer cancel()
	if err := o.db.InsertRecord(ctx, intent, end); err != nil {
		o.log.Error("an audit entry could not be written", "action", c.action, "result", end.Result, "error", err)
		return fmt.Errorf("%w: %w", ErrStorage, err)
	}
	return nil
}

// RecordSignIn records a sign-in. SignIn does this by itself.
func (o *Ops) RecordSignIn(ctx context.Context, actor auth.Actor) error {
	return o.record(ctx, actor, change{action: SessionSignIn, target: self(actor)}, db.Outcome{Result: Done})
}

// Reasons of a failed sign-in.
const (
	ReasonCredentials = "credentials"
	ReasonThrottled   = "throttled"
	ReasonSetupCode   = "setup_code"
)

// RecordSignInFailure records a failed sign-in: the name tried, cut to 64 characters, and the reason; never the password.
// SignIn does this by itself.
func (o *Ops) RecordSignInFailure(ctx context.Context, name, ip, requestID, reason string) error {
	tried := cutText(strings.TrimSpace(name), 64)
	return o.record(ctx, auth.Actor{IP: ip, RequestID: requestID},
		change{action: SessionSignIn, target: Target{Kind: KindOperator, Name: tried}}, db.Outcome{Result: Refused, Errmsg: reason})
}

// RecordSignOut records a sign-out. SignOut does this by itself.
func (o *Ops) RecordSignOut(ctx context.Context, actor auth.Actor) error {
	return o.record(ctx, actor, change{action: SessionSignOut, target: self(actor)}, db.Outcome{Result: Done})
}

// RecordDenied records that the actor asked for a page or change that the role does not allow. Visitors without an account can cause
// at most sixty entries in a row and then one a second; the rest are counted in the next entry.
func (o *Ops) RecordDenied(ctx context.Context, actor auth.Actor, method, path string, permission auth.Permission) error {
	return o.turnAway(ctx, actor, AccessDenied, Denied, requestPayload{Method: method, Path: path, Permission: string(permission)})
}

// RecordCrossSite records a change that another site asked a browser for and that was refused. The actor may be nobody: see RecordDenied.
func (o *Ops) RecordCrossSite(ctx context.Context, actor auth.Actor, method, path, origin string) error {
	return o.turnAway(ctx, actor, AccessCrossSite, Refused, requestPayload{Method: method, Path: path, Origin: origin})
}

func (o *Ops) turnAway(ctx context.Context, actor auth.Actor, action, result string, asked requestPayload) error {
	if actor.ID == "" {
		suppressed, ok := o.visitors.take(o.now())
		if !ok {
			return nil
		}
		asked.Suppressed = suppressed
	}
	asked.Method, asked.Path, asked.Origin = cutText(asked.Method, 16), cutText(asked.Path, 300), cutText(asked.Origin, 300)
	target := Target{Kind: KindRequest, Name: asked.Method + " " + asked.Path}
	return o.record(ctx, actor, change{action: action, target: target, input: asked}, db.Outcome{Result: result})
}

// StartExport records that an export of the audit log begins, before its first row is read, and returns the id for FinishExport.
// Filter is the query of the page's address. Errors: ErrDenied, ErrStorage: then nothing may be exported.
func (o *Ops) StartExport(ctx context.Context, actor auth.Actor, format, filter string) (string, error) {
	target := Target{Kind: KindAudit, Name: cutText(format, 16)}
	if err := o.permit(ctx, actor, AuditExport, target, ""); err != nil {
		return "", err
	}
	intent, err := o.intent(actor, change{action: AuditExport, target: target, input: exportPayload{cutText(format, 16), cutText(filter, 1000)}})
	if err != nil {
		return "", err
	}
	o.acquire(intent.ID)
	if err := o.db.InsertIntent(ctx, intent, ""); err != nil {
		o.release(intent.ID)
		return "", fmt.Errorf("%w: %w", ErrStorage, err)
	}
	return intent.ID, nil
}

// FinishExport records how the export ended: how many rows were written, and what cut it off (nil: nothing did).
func (o *Ops) FinishExport(ctx context.Context, id string, rows int64, cause error) error {
	defer o.release(id)
	after, err := jsonText(exportedPayload{rows})
	if err != nil {
		return err
	}
	end := db.Outcome{IntentID: id, At: o.now(), Result: Done, After: after}
	if cause != nil {
		end.Result, end.Errmsg = Failed, cutText(cause.Error(), 300)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outlive)
	defer cancel()
	if err := o.db.InsertOutcome(ctx, end); err != nil {
		return fmt.Errorf("finish export: %w", err)
	}
	return nil
}

// RecordVerify records a verification of the audit log and its verdict.
func (o *Ops) RecordVerify(ctx context.Context, actor auth.Actor, v db.Verdict) error {
	verdict := verdictPayload{Rows: v.Rows, Head: v.Head}
	result := Done
	if v.Broken != nil {
		result = Failed
		verdict.Broken = fmt.Sprintf("%s %d: %s", v.Broken.Table, v.Broken.Seq, v.Broken.Reason)
	}
	after, err := jsonText(verdict)
	if err != nil {
		return err
	}
	return o.record(ctx, actor, change{action: AuditVerify, target: Target{Kind: KindAudit}},
		db.Outcome{Result: result, Errmsg: verdict.Broken, After: after})
}

func self(actor auth.Actor) Target { return Target{KindOperator, actor.ID, actor.Name} }

// quota is a bucket of burst entries that fills by one every so often.
type quota struct {
	burst int
	every time.Duration

	mu         sync.Mutex
	used       int
	since      time.Time // when used was last brought up to date
	suppressed int
}

// take asks for one entry; with it comes the number of those that were suppressed since the last.
func (q *quota) take(now time.Time) (suppressed int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if back := int(now.Sub(q.since) / q.every); back > 0 {
		q.used = max(0, q.used-back)
		q.since = now
	}
	if q.used >= q.burst {
		q.suppressed++
		return 0, false
	}
	q.used++
	suppressed, q.suppressed = q.suppressed, 0
	return suppressed, true
}
