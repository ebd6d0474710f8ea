package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kfconsole/internal/db"
)

// MaxName is the longest name of an operator, in characters.
const MaxName = 32

// Errors of the gate.
var (
	// ErrCredentials means that name and password do not belong together; which of them is wrong is not told.
	ErrCredentials = errors.New("name or password is wrong")
	// ErrSetupClosed means that the first operator exists already.
	ErrSetupClosed = errors.New("setup is closed: an operator exists")
	// ErrSetupCode means that the one-time code is not the one shown.
	ErrSetupCode = errors.New("the setup code is wrong")
)

// GateOptions configures a Gate. Only DB is required.
type GateOptions struct {
	DB             *db.DB
	Idle, Absolute time.Duration // of sessions; 0: the defaults
	Cost           Cost          // of password hashes; zero: the default
	Now            func() time.Time
	// SetupCode opens Setup while no operator exists; nil keeps it shut.
	SetupCode *SetupCode
}

// Gate lets operators in: it puts passwords, throttle and sessions together.
type Gate struct {
	Sessions  Sessions
	Passwords *Passwords
	Throttle  *Throttle

	db    *db.DB
	now   func() time.Time
	setup *SetupCode
}

// NewGate builds a Gate.
func NewGate(o GateOptions) (*Gate, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	passwords, err := NewPasswords(o.Cost)
	if err != nil {
		return nil, err
	}
	return &Gate{
		Sessions:  Sessions{DB: o.DB, Idle: o.Idle, Absolute: o.Absolute, Now: o.Now},
		Passwords: passwords,
		Throttle:  &Throttle{Now: o.Now},
		db:        o.DB, now: o.Now, setup: o.SetupCode,
	}, nil
}

// Authenticate returns the operator to whom name and password belong. Errors: ErrCredentials, *Throttled, or one of the database.
// It takes as long for an unknown name, a disabled operator and a wrong password. It opens no session and writes no audit entry.
func (g *Gate) Authenticate(ctx context.Context, name, password, ip string) (db.Operator, error) {
	name = strings.TrimSpace(name)
	if err := g.Throttle.Take(nameKey(name), addressKey(ip)); err != nil {
		return db.Operator{}, err
	}
	operator, err := g.find(ctx, name)
	if err != nil {
		return db.Operator{}, fmt.Errorf("authenticate: %w", err)
	}
	if utf8.RuneCountInString(password) > MaxPassword {
		// Nobody has such a password, and its length must not decide how long the comparison takes.
		password, operator.PasswordHash = "", ""
	}
	match, outdated, err := g.Passwords.Compare(ctx, password, operator.PasswordHash)
	if err != nil {
		return db.Operator{}, fmt.Errorf("authenticate: %w", err)
	}
	if !match || operator.DisabledAt != nil {
		return db.Operator{}, ErrCredentials
	}
	g.Throttle.Succeed(nameKey(name), addressKey(ip))
	if outdated {
		// Signing in must not fail because the disk is full: the hash is then made anew at the next sign-in.
		if hash, err := g.Passwords.Hash(ctx, password); err == nil {
			if g.db.UpdateOperatorPassword(ctx, operator.ID, hash, operator.PasswordAt) == nil {
				operator.PasswordHash = hash
			}
		}
	}
	return operator, nil
}

func (g *Gate) find(ctx context.Context, name string) (db.Operator, error) {
	operator, err := g.db.OperatorByName(ctx, cut(name, 64))
	if errors.Is(err, db.ErrNotFound) {
		return db.Operator{}, nil
	}
	return operator, err
}

// Confirm checks the current password of an operator who is signed in, before a change that needs it. Guesses are throttled as at sign-in.
func (g *Gate) Confirm(ctx context.Context, operator db.Operator, password, ip string) error {
	if err := g.Throttle.Take(nameKey(operator.Name), addressKey(ip)); err != nil {
		return err
	}
	match, _, err := g.Passwords.Compare(ctx, cut(password, MaxPassword+1), operator.PasswordHash)
	if err != nil {
		return fmt.Errorf("confirm password: %w", err)
	}
	if !match {
		return ErrCredentials
	}
	g.Throttle.Succeed(nameKey(operator.Name), addressKey(ip))
	return nil
}

// NewOperator checks name, role and password and returns the operator to insert, with a new id and the password hashed.
// The error is a *PolicyError when the name or the password cannot be taken.
func (g *Gate) NewOperator(ctx context.Context, name string, role Role, password string) (db.Operator, error) {
	if err := CheckPassword(strings.TrimSpace(name), password); err != nil {
		return db.Operator{}, err
	}
	return g.newOperator(ctx, name, role, password)
}

func (g *Gate) newOperator(ctx context.Context, name string, role Role, password string) (db.Operator, error) {
	name = strings.TrimSpace(name)
	if err := CheckName(name); err != nil {
		return db.Operator{}, err
	}
	if _, err := ParseRole(string(role)); err != nil {
		return db.Operator{}, err
	}
	hash, err := g.Passwords.Hash(ctx, password)
	if err != nil {
		return db.Operator{}, err
	}
	now := g.now()
	return db.Operator{ID: db.NewID(), Name: name, Role: string(role), PasswordHash: hash, CreatedAt: now, PasswordAt: now}, nil
}

// CheckName says whether an operator may have that name: 1 to 32 letters, digits and the marks . _ - @ or inner spaces. The error is a *PolicyError.
func CheckName(name string) error {
	n := utf8.RuneCountInString(name)
	if n < 1 {
		return &PolicyError{Field: "name", Rule: "short", Limit: 1}
	}
	if n > MaxName {
		return &PolicyError{Field: "name", Rule: "long", Limit: MaxName}
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@ ", r) {
			return &PolicyError{Field: "name", Rule: "chars"}
		}
	}
	if strings.TrimSpace(name) != name {
		return &PolicyError{Field: "name", Rule: "chars"}
	}
	return nil
}

// SetupOpen reports whether the first operator may still be created with the one-time code.
func (g *Gate) SetupOpen(ctx context.Context) (bool, error) {
	if g.setup == nil {
		return false, nil
	}
	n, err := g.db.OperatorCount(ctx)
	if err != nil {
		return false, fmt.Errorf("count operators: %w", err)
	}
	return n == 0, nil
}

// CheckSetup checks the one-time code. Errors: ErrSetupClosed, ErrSetupCode, *Throttled.
func (g *Gate) CheckSetup(ctx context.Context, code, ip string) error {
	open, err := g.SetupOpen(ctx)
	if err != nil {
		return err
	}
	if !open {
		return ErrSetupClosed
	}
	if err := g.Throttle.Take("setup", addressKey(ip)); err != nil {
		return err
	}
	if !g.setup.Matches(code) {
		return ErrSetupCode
	}
	g.Throttle.Succeed("setup", addressKey(ip))
	return nil
}

// DemoPassword opens all the operators of the demonstration.
const DemoPassword = "demo-console"

// EnsureDemoOperators inserts the operators owner, manager, auditor and viewer with DemoPassword where they are missing.
func (g *Gate) EnsureDemoOperators(ctx context.Context) error {
	for _, role := range Roles() {
		_, err := g.db.OperatorByName(ctx, string(role))
		if err == nil {
			continue
		}
		if !errors.Is(err, db.ErrNotFound) {
			return fmt.Errorf("demo operators: %w", err)
		}
		operator, err := g.newOperator(ctx, string(role), role, DemoPassword)
		if err != nil {
			return fmt.Errorf("demo operators: %w", err)
		}
		if err := g.db.InsertOperator(ctx, operator); err != nil {
			return fmt.Errorf("demo operators: %w", err)
		}
	}
	return nil
}
