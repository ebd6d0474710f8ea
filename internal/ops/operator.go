package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// Credentials is the sign-in form with where it came from. OldToken is the session that the browser already had; it ends.
type Credentials struct{ Name, Password, IP, UserAgent, RequestID, OldToken string }

// SignIn checks name and password, opens a session and records it, or records the failure.
// Errors: auth.ErrCredentials, *auth.Throttled, ErrStorage.
func (o *Ops) SignIn(ctx context.Context, c Credentials) (token string, operator db.Operator, err error) {
	operator, err = o.gate.Authenticate(ctx, c.Name, c.Password, c.IP)
	if err != nil {
		return "", db.Operator{}, o.turnedAway(ctx, c, err)
	}
	token, err = o.openSession(ctx, operator, c, nil)
	return token, operator, err
}

// turnedAway records a failed sign-in or set-up and returns its error. Of the refusals during one wait only the first is recorded.
func (o *Ops) turnedAway(ctx context.Context, c Credentials, err error) error {
	var throttled *auth.Throttled
	reason := ReasonCredentials
	switch {
	case errors.As(err, &throttled):
		if !throttled.First {
			return err
		}
		reason = ReasonThrottled
	case errors.Is(err, auth.ErrSetupCode):
		reason = ReasonSetupCode
	case !errors.Is(err, auth.ErrCredentials):
		return err
	}
	// The visitor is turned away whether or not it could be written down; record has logged it.
	_ = o.RecordSignInFailure(ctx, c.Name, c.IP, c.RequestID, reason)
	return err
}

// openSession ends the browser's old session, opens a new one and records the sign-in, all or nothing. First, if any, runs before.
func (o *Ops) openSession(ctx context.Context, operator db.Operator, c Credentials, first func(tx *db.DB) error) (string, error) {
	actor := actorOf(operator, c.IP, c.RequestID)
	var token string
	_, err := o.local(ctx, actor, change{action: SessionSignIn, target: self(actor)}, nil, func(tx *db.DB) error {
		if first != nil {
			if err := first(tx); err != nil {
				return err
			}
		}
		sessions := o.gate.Sessions.With(tx)
		if err := sessions.End(ctx, c.OldToken); err != nil {
			return err
		}
		var err error
		token, err = sessions.Start(ctx, operator.ID, c.IP, c.UserAgent)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func actorOf(operator db.Operator, ip, requestID string) auth.Actor {
	return auth.Actor{ID: operator.ID, Name: operator.Name, Role: auth.Role(operator.Role), IP: ip, RequestID: requestID}
}

// SignOut ends the session and records it.
func (o *Ops) SignOut(ctx context.Context, actor auth.Actor, token string) error {
	_, err := o.local(ctx, actor, change{action: SessionSignOut, target: self(actor)}, nil, func(tx *db.DB) error {
		return o.gate.Sessions.With(tx).End(ctx, token)
	})
	return err
}

// EndSessions ends all sessions of the actor but the one that keep opens ("" ends all), records it and returns how many ended.
func (o *Ops) EndSessions(ctx context.Context, actor auth.Actor, keep string) (int, error) {
	var ended sessionsPayload
	_, err := o.local(ctx, actor, change{action: SessionEndAll, target: self(actor)}, &ended, func(tx *db.DB) error {
		var err error
		ended.Ended, err = o.gate.Sessions.With(tx).EndAll(ctx, actor.ID, keep)
		return err
	})
	return ended.Ended, err
}

// Setup creates the first operator, an owner, with the one-time code, and signs him in.
// Errors: auth.ErrSetupClosed, auth.ErrSetupCode, *auth.Throttled, *auth.PolicyError, ErrStorage.
func (o *Ops) Setup(ctx context.Context, code string, c Credentials) (token string, operator db.Operator, err error) {
	if err := o.gate.CheckSetup(ctx, code, c.IP); err != nil {
		return "", db.Operator{}, o.turnedAway(ctx, c, err)
	}
	operator, err = o.gate.NewOperator(ctx, c.Name, auth.Owner, c.Password)
	if err != nil {
		return "", db.Operator{}, err
	}
	actor := actorOf(operator, c.IP, c.RequestID)
	token, err = o.openSession(ctx, operator, c, func(tx *db.DB) error {
		n, err := tx.OperatorCount(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return auth.ErrSetupClosed
		}
		return o.insertOperator(ctx, tx, actor, operator)
	})
	if err != nil {
		return "", db.Operator{}, err
	}
	return token, operator, nil
}

// insertOperator writes the operator and the entry about it.
func (o *Ops) insertOperator(ctx context.Context, tx *db.DB, actor auth.Actor, operator db.Operator) error {
	made := operatorPayload{Name: operator.Name, Role: operator.Role}
	intent, err := o.intent(actor, change{action: OperatorCreate, target: Target{KindOperator, operator.ID, operator.Name}, input: made})
	if err != nil {
		return err
	}
	after, err := jsonText(made)
	if err != nil {
		return err
	}
	if err := tx.InsertOperator(ctx, operator); err != nil {
		return err
	}
	return tx.InsertRecord(ctx, intent, db.Outcome{IntentID: intent.ID, At: intent.At, Result: Done, After: after})
}

// CreateOperator adds an operator. Errors: ErrDenied, *auth.PolicyError (with rule taken if the name is), ErrStorage.
func (o *Ops) CreateOperator(ctx context.Context, actor auth.Actor, name string, role auth.Role, password string) (db.Operator, error) {
	target := Target{Kind: KindOperator, Name: cutText(strings.TrimSpace(name), 64)}
	if err := o.permit(ctx, actor, OperatorCreate, target, ""); err != nil {
		return db.Operator{}, err
	}
	operator, err := o.gate.NewOperator(ctx, name, role, password)
	if err != nil {
		return db.Operator{}, err
	}
	err = o.db.Tx(ctx, func(tx *db.DB) error { return o.insertOperator(ctx, tx, actor, operator) })
	switch {
	case errors.Is(err, db.ErrConflict):
		return db.Operator{}, &auth.PolicyError{Field: "name", Rule: "taken"}
	case err != nil:
		return db.Operator{}, fmt.Errorf("%w: %w", ErrStorage, err)
	}
	return operator, nil
}

// PasswordChange is the form that changes one's own password.
type PasswordChange struct{ Current, New, UserAgent string }

// ChangePassword changes the actor's own password, ends all sessions, this one included, and returns the token of a new one.
// Errors: auth.ErrCredentials (the current password is wrong; recorded), *auth.Throttled, *auth.PolicyError, ErrStorage.
func (o *Ops) ChangePassword(ctx context.Context, actor auth.Actor, c PasswordChange) (token string, err error) {
	operator, err := o.db.Operator(ctx, actor.ID)
	if err != nil {
		return "", fmt.Errorf("change password: %w", err)
	}
	if err := auth.CheckPassword(operator.Name, c.New); err != nil {
		return "", err
	}
	if err := o.gate.Confirm(ctx, operator, c.Current, actor.IP); err != nil {
		if errors.Is(err, auth.ErrCredentials) {
			// The actor is refused whether or not it could be written down; record has logged it.
			_ = o.record(ctx, actor, change{action: OperatorPassword, target: self(actor)}, db.Outcome{Result: Refused, Errmsg: ReasonCredentials})
		}
		return "", err
	}
	err = o.setPassword(ctx, actor, operator, c.New, func(tx *db.DB) error {
		var err error
		token, err = o.gate.Sessions.With(tx).Start(ctx, operator.ID, actor.IP, c.UserAgent)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// ResetPassword sets another operator's password and ends all of that operator's sessions; the command line uses it.
// Errors: ErrDenied, db.ErrNotFound, *auth.PolicyError, ErrStorage.
func (o *Ops) ResetPassword(ctx context.Context, actor auth.Actor, name, password string) error {
	target := Target{Kind: KindOperator, Name: cutText(strings.TrimSpace(name), 64)}
	if err := o.permit(ctx, actor, OperatorCreate, target, ""); err != nil {
		return err
	}
	operator, err := o.db.OperatorByName(ctx, strings.TrimSpace(name))
	if err != nil {
		return fmt.Errorf("reset password: %w", err)
	}
	if err := auth.CheckPassword(operator.Name, password); err != nil {
		return err
	}
	return o.setPassword(ctx, actor, operator, password, nil)
}

// setPassword stores the hash, ends all sessions of the operator and records it; then, if any, runs last.
func (o *Ops) setPassword(ctx context.Context, actor auth.Actor, operator db.Operator, password string, then func(tx *db.DB) error) error {
	hash, err := o.gate.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	var ended sessionsPayload
	target := Target{KindOperator, operator.ID, operator.Name}
	_, err = o.local(ctx, actor, change{action: OperatorPassword, target: target}, &ended, func(tx *db.DB) error {
		if err := tx.UpdateOperatorPassword(ctx, operator.ID, hash, o.now()); err != nil {
			return err
		}
		var err error
		if ended.Ended, err = o.gate.Sessions.With(tx).EndAll(ctx, operator.ID, ""); err != nil || then == nil {
			return err
		}
		return then(tx)
	})
	return err
}

// Settings are an operator's own choices; the server knows which values there are.
type Settings struct{ Locale, Theme, Zone string }

// SaveSettings keeps the actor's own choices. Errors: *Invalid (a value of more than 64 characters), ErrStorage.
func (o *Ops) SaveSettings(ctx context.Context, actor auth.Actor, s Settings) error {
	for field, value := range map[string]string{"locale": s.Locale, "theme": s.Theme, "zone": s.Zone} {
		if err := checkText(field, value, 64, ""); err != nil {
			return err
		}
	}
	operator, err := o.db.Operator(ctx, actor.ID)
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	before := operatorPayload{Locale: operator.Locale, Theme: operator.Theme, Zone: operator.Zone}
	next := operatorPayload{Locale: s.Locale, Theme: s.Theme, Zone: s.Zone}
	if before == next {
		return nil
	}
	_, err = o.local(ctx, actor, change{action: OperatorSettings, target: self(actor), input: next, before: before}, next, func(tx *db.DB) error {
		return tx.UpdateOperatorSettings(ctx, actor.ID, s.Locale, s.Theme, s.Zone)
	})
	return err
}
