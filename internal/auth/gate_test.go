package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

const secret = "blue lamp on the stairs"

// gateFixture is a gate on a real database with one operator of each kind of trouble.
type gateFixture struct {
	*testing.T
	ctx   context.Context
	clock *clock
	db    *db.DB
	gate  *Gate
}

func newGateFixture(t *testing.T) *gateFixture {
	t.Helper()
	f := &gateFixture{T: t, ctx: context.Background(), clock: newClock(), db: dbtest.New(t)}
	gate, err := NewGate(GateOptions{DB: f.db, Now: f.clock.now, Cost: cheap})
	f.must(err)
	f.gate = gate
	return f
}

func (f *gateFixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *gateFixture) operator(name string, disabled bool) db.Operator {
	f.Helper()
	o, err := f.gate.NewOperator(f.ctx, name, Manager, secret)
	f.must(err)
	if disabled {
		at := f.clock.now()
		o.DisabledAt = &at
	}
	f.must(f.db.InsertOperator(f.ctx, o))
	return o
}

func TestAuthenticate(t *testing.T) {
	f := newGateFixture(t)
	want := f.operator("Lin.Desk", false)
	f.operator("left", true)
	for i, c := range []struct {
		name, password string
		ok             bool
	}{
		{"Lin.Desk", secret, true},
		{" lin.desk ", secret, true},
		{"lin.desk", secret + " ", false},
		{"lin.desk", "", false},
		{"lin.desk", strings.Repeat("x", 100_000), false},
		{"left", secret, false},
		{"nobody", secret, false},
		{"", "", false},
		{strings.Repeat("n", 10_000), secret, false},
	} {
		got, err := f.gate.Authenticate(f.ctx, c.name, c.password, fmt.Sprintf("192.0.2.%d", i))
		if c.ok && (err != nil || got.ID != want.ID) || !c.ok && (!errors.Is(err, ErrCredentials) || got.ID != "") {
			t.Errorf("%.20q: %+v, %v", c.name, got.ID, err)
		}
	}
}

func TestAuthenticateIsThrottled(t *testing.T) {
	f := newGateFixture(t)
	f.operator("lin", false)
	throttled := 0
	for i := range 1000 {
		if _, err := f.gate.Authenticate(f.ctx, "lin", "guess", fmt.Sprintf("198.51.100.%d", i%250)); errors.As(err, new(*Throttled)) {
			throttled++
		}
	}
	if throttled != 995 {
		t.Errorf("%d of 1000 guesses were throttled, want 995", throttled)
	}
	if _, err := f.gate.Authenticate(f.ctx, "lin", secret, "203.0.113.1"); !errors.As(err, new(*Throttled)) {
		t.Errorf("the right password while the name waits: %v", err)
	}
	f.clock.advance(time.Minute)
	if _, err := f.gate.Authenticate(f.ctx, "lin", secret, "203.0.113.1"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

// TestUnknownNameTakesAsLong compares the work and not the time: the dummy has the same cost as a real hash.
func TestUnknownNameTakesAsLong(t *testing.T) {
	f := newGateFixture(t)
	real := f.operator("lin", false)
	parts := func(hash string) string { return strings.Join(strings.Split(hash, "$")[:4], "$") }
	if parts(real.PasswordHash) != parts(f.gate.Passwords.dummy) {
		t.Errorf("an unknown name costs %s, a known one %s", parts(f.gate.Passwords.dummy), parts(real.PasswordHash))
	}
}

func TestHashIsRenewed(t *testing.T) {
	f := newGateFixture(t)
	o := f.operator("lin", false)
	dearer, err := NewGate(GateOptions{DB: f.db, Now: f.clock.now, Cost: Cost{MemoryKiB: 128, Passes: 1}})
	f.must(err)
	_, err = dearer.Authenticate(f.ctx, "lin", secret, "")
	f.must(err)
	now, err := f.db.Operator(f.ctx, o.ID)
	f.must(err)
	if now.PasswordHash == o.PasswordHash || !strings.Contains(now.PasswordHash, "m=128,") || !now.PasswordAt.Equal(o.PasswordAt.Truncate(time.Millisecond)) {
		t.Errorf("hash %.30s, set at %v", now.PasswordHash, now.PasswordAt)
	}
	if _, err := dearer.Authenticate(f.ctx, "lin", secret, ""); err != nil {
		t.Errorf("with the new hash: %v", err)
	}
}

func TestConfirm(t *testing.T) {
	f := newGateFixture(t)
	o := f.operator("lin", false)
	f.must(f.gate.Confirm(f.ctx, o, secret, ""))
	for range 5 {
		if err := f.gate.Confirm(f.ctx, o, "guess", ""); !errors.Is(err, ErrCredentials) {
			t.Errorf("%v", err)
		}
	}
	if err := f.gate.Confirm(f.ctx, o, secret, ""); !errors.As(err, new(*Throttled)) {
		t.Errorf("after five guesses: %v", err)
	}
}

func TestNewOperatorIsChecked(t *testing.T) {
	f := newGateFixture(t)
	for _, c := range []struct{ name, password, field, rule string }{
		{"", secret, "name", "short"},
		{strings.Repeat("n", 33), secret, "name", "long"},
		{"a\nb", secret, "name", "chars"},
		{"<b>", secret, "name", "chars"},
		{"lin", "short", "password", "short"},
		{"lin", "password1", "password", "common"},
	} {
		_, err := f.gate.NewOperator(f.ctx, c.name, Viewer, c.password)
		var policy *PolicyError
		if !errors.As(err, &policy) || policy.Field != c.field || policy.Rule != c.rule {
			t.Errorf("%q: %v", c.name, err)
		}
	}
	if _, err := f.gate.NewOperator(f.ctx, "lin", "root", secret); err == nil {
		t.Error("an unknown role was taken")
	}
	if o, err := f.gate.NewOperator(f.ctx, " 白班 组长 ", Viewer, secret); err != nil || o.Name != "白班 组长" || strings.Contains(o.PasswordHash, secret) {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestSessionLimits(t *testing.T) {
	f := newGateFixture(t)
	o := f.operator("lin", false)
	s := f.gate.Sessions
	s.Idle, s.Absolute = 10*time.Minute, time.Hour
	open := func() string {
		t.Helper()
		token, err := s.Start(f.ctx, o.ID, "192.0.2.1", strings.Repeat("浏", 500))
		f.must(err)
		return token
	}
	find := func(token string) error { _, _, err := s.Find(f.ctx, token); return err }

	idle := open()
	f.clock.advance(10*time.Minute - time.Second)
	f.must(find(idle))
	f.clock.advance(10*time.Minute - time.Second)
	f.must(find(idle))
	f.clock.advance(10 * time.Minute)
	if err := find(idle); !errors.Is(err, ErrNoSession) {
		t.Errorf("after ten idle minutes: %v", err)
	}
	busy := open()
	for range 59 {
		f.clock.advance(time.Minute)
		f.must(find(busy))
	}
	f.clock.advance(time.Minute)
	if err := find(busy); !errors.Is(err, ErrNoSession) {
		t.Errorf("after an hour: %v", err)
	}
	f.clock.advance(time.Second)
	f.must(s.Sweep(f.ctx))
	left, err := f.db.Sessions(f.ctx, o.ID)
	f.must(err)
	if len(left) != 0 {
		t.Errorf("%d sessions are left after the sweep", len(left))
	}
	// A clock that is set back does not end sessions.
	token := open()
	f.clock.advance(-30 * time.Minute)
	f.must(find(token))
}

func TestSessionTokens(t *testing.T) {
	f := newGateFixture(t)
	o := f.operator("lin", false)
	s := f.gate.Sessions
	token, err := s.Start(f.ctx, o.ID, "192.0.2.1", "Firefox")
	f.must(err)
	session, operator, err := s.Find(f.ctx, token)
	f.must(err)
	if operator.ID != o.ID || session.IP != "192.0.2.1" || session.UserAgent != "Firefox" || session.Hash == token || len(session.Hash) != 64 {
		t.Errorf("%+v, %+v", session, operator.ID)
	}
	for _, wrong := range []string{"", token[1:], token + "A", strings.Repeat("A", 43), session.Hash, "' OR 1=1 --"} {
		if _, _, err := s.Find(f.ctx, wrong); !errors.Is(err, ErrNoSession) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	seen := map[string]bool{}
	for range 2000 {
		other, err := s.Start(f.ctx, o.ID, "", "")
		f.must(err)
		if seen[other] || len(other) != 43 {
			t.Fatalf("token %q", other)
		}
		seen[other] = true
	}
}

func TestSessionIsTouchedOnceAMinute(t *testing.T) {
	f := newGateFixture(t)
	o := f.operator("lin", false)
	s := f.gate.Sessions
	token, err := s.Start(f.ctx, o.ID, "", "")
	f.must(err)
	stored := func() time.Time {
		t.Helper()
		list, err := f.db.Sessions(f.ctx, o.ID)
		f.must(err)
		return list[0].SeenAt
	}
	begin := stored()
	f.clock.advance(59 * time.Second)
	_, _, err = s.Find(f.ctx, token)
	f.must(err)
	if !stored().Equal(begin) {
		t.Error("touched before a minute was over")
	}
	f.clock.advance(time.Second)
	session, _, err := s.Find(f.ctx, token)
	f.must(err)
	if !stored().Equal(f.clock.now()) || !session.SeenAt.Equal(f.clock.now()) {
		t.Errorf("stored %v, returned %v, now %v", stored(), session.SeenAt, f.clock.now())
	}
}

func TestSessionsEnd(t *testing.T) {
	f := newGateFixture(t)
	o, other := f.operator("lin", false), f.operator("su", false)
	s := f.gate.Sessions
	var tokens []string
	for range 4 {
		token, err := s.Start(f.ctx, o.ID, "", "")
		f.must(err)
		tokens = append(tokens, token)
	}
	others, err := s.Start(f.ctx, other.ID, "", "")
	f.must(err)
	f.must(s.End(f.ctx, tokens[0]))
	f.must(s.End(f.ctx, tokens[0]))
	f.must(s.End(f.ctx, ""))
	list, err := s.List(f.ctx, o.ID)
	f.must(err)
	n, err := s.EndAll(f.ctx, o.ID, tokens[1])
	f.must(err)
	if len(list) != 3 || n != 2 {
		t.Errorf("%d were listed, %d ended", len(list), n)
	}
	for i, token := range tokens {
		if _, _, err := s.Find(f.ctx, token); (err == nil) != (i == 1) {
			t.Errorf("session %d: %v", i, err)
		}
	}
	if _, _, err := s.Find(f.ctx, others); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
	if n, err := s.EndAll(f.ctx, o.ID, ""); err != nil || n != 1 {
		t.Errorf("%d ended, %v", n, err)
	}
}

func TestSessionOfADisabledOperator(t *testing.T) {
	f := newGateFixture(t)
	o := f.operator("left", true)
	token, err := f.gate.Sessions.Start(f.ctx, o.ID, "", "")
	f.must(err)
	if _, _, err := f.gate.Sessions.Find(f.ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("%v", err)
	}
}

func TestSetupOpensOnce(t *testing.T) {
	f := newGateFixture(t)
	if err := f.gate.CheckSetup(f.ctx, "AAAA-AAAA-AAAA", ""); !errors.Is(err, ErrSetupClosed) {
		t.Errorf("without a code: %v", err)
	}
	code, err := NewSetupCode()
	f.must(err)
	gate, err := NewGate(GateOptions{DB: f.db, Now: f.clock.now, Cost: cheap, SetupCode: code})
	f.must(err)
	f.must(gate.CheckSetup(f.ctx, code.String(), "192.0.2.1"))
	for range 5 {
		if err := gate.CheckSetup(f.ctx, "AAAA-AAAA-AAAA", "192.0.2.1"); !errors.Is(err, ErrSetupCode) {
			t.Errorf("a guess: %v", err)
		}
	}
	if err := gate.CheckSetup(f.ctx, code.String(), "192.0.2.2"); !errors.As(err, new(*Throttled)) {
		t.Errorf("after five guesses: %v", err)
	}
	f.operator("lin", false)
	if err := gate.CheckSetup(f.ctx, code.String(), "192.0.2.1"); !errors.Is(err, ErrSetupClosed) {
		t.Errorf("with an operator: %v", err)
	}
}

func TestDemoOperators(t *testing.T) {
	f := newGateFixture(t)
	f.must(f.gate.EnsureDemoOperators(f.ctx))
	f.must(f.gate.EnsureDemoOperators(f.ctx))
	all, err := f.db.Operators(f.ctx)
	f.must(err)
	if len(all) != 4 {
		t.Errorf("%d operators", len(all))
	}
	for _, role := range Roles() {
		o, err := f.gate.Authenticate(f.ctx, string(role), DemoPassword, "")
		if err != nil || o.Role != string(role) {
			t.Errorf("%s: %+v, %v", role, o.Role, err)
		}
	}
}
