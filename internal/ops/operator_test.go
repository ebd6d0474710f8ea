package ops

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

const secretGuess = "a guess that must not be kept"

func (s *stage) signIn(name, password, old string) (string, error) {
	s.Helper()
	token, _, err := s.ops.SignIn(s.ctx, Credentials{Name: name, Password: password, IP: "192.0.2.9", UserAgent: "Firefox", RequestID: "r1", OldToken: old})
	return token, err
}

func TestSignInIsRecorded(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	token, err := s.signIn("OP-Manager", "spruce and oak manager", "")
	s.must(err)
	if e := s.last(SessionSignIn); e.Outcome.Result != Done || e.OperatorName != "op-manager" || e.IP != "192.0.2.9" || e.TargetID != s.manager.ID {
		t.Errorf("entry %+v", e)
	}
	again, err := s.signIn("op-manager", "spruce and oak manager", token)
	s.must(err)
	if _, _, err := s.gate.Sessions.Find(s.ctx, token); !errors.Is(err, auth.ErrNoSession) || again == token {
		t.Errorf("the old token after a sign-in: %v", err)
	}
	s.must(s.ops.SignOut(s.ctx, s.manager, again))
	if _, _, err := s.gate.Sessions.Find(s.ctx, again); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("the token after signing out: %v", err)
	}
	if e := s.last(SessionSignOut); e.OperatorID != s.manager.ID {
		t.Errorf("entry %+v", e)
	}
}

func TestSignInFailuresAreRecorded(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	name := strings.Repeat("长", 100)
	for range 3 {
		if _, err := s.signIn(name, secretGuess, ""); !errors.Is(err, auth.ErrCredentials) {
			t.Fatalf("%v", err)
		}
	}
	for range 30 {
		if _, err := s.signIn("op-owner", secretGuess, ""); err == nil {
			t.Fatal("signed in with a guess")
		}
	}
	list, _, err := s.db.AuditEntries(s.ctx, db.AuditFilter{Action: SessionSignIn, Result: Refused}, "", 100)
	s.must(err)
	reasons := map[string]int{}
	for _, e := range list {
		reasons[e.Outcome.Errmsg]++
		if len([]rune(e.TargetName)) > 64 || e.OperatorID != "" || e.IP != "192.0.2.9" || strings.Contains(e.Input+e.TargetName+e.Outcome.Errmsg, secretGuess) {
			t.Errorf("entry %+v", e)
		}
	}
	if reasons[ReasonCredentials] != 5 || reasons[ReasonThrottled] != 1 {
		t.Errorf("reasons %v", reasons)
	}
	// A session that was open before goes on.
	token, err := s.gate.Sessions.Start(s.ctx, s.owner.ID, "", "")
	s.must(err)
	if _, _, err := s.gate.Sessions.Find(s.ctx, token); err != nil {
		t.Errorf("an open session of the throttled operator: %v", err)
	}
	s.clock.advance(20 * time.Minute)
	if _, err := s.signIn("op-owner", "spruce and oak owner", ""); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestChangePassword(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	one, err := s.signIn("op-viewer", "spruce and oak viewer", "")
	s.must(err)
	two, err := s.signIn("op-viewer", "spruce and oak viewer", "")
	s.must(err)
	if _, err := s.ops.ChangePassword(s.ctx, s.viewer, PasswordChange{Current: secretGuess, New: "a new long secret"}); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("the wrong current password: %v", err)
	}
	if e := s.last(OperatorPassword); e.Outcome.Result != Refused {
		t.Errorf("entry %+v", e.Outcome)
	}
	var policy *auth.PolicyError
	if _, err := s.ops.ChangePassword(s.ctx, s.viewer, PasswordChange{Current: "spruce and oak viewer", New: "password123"}); !errors.As(err, &policy) || policy.Rule != "common" {
		t.Errorf("a common password: %v", err)
	}
	three, err := s.ops.ChangePassword(s.ctx, s.viewer, PasswordChange{Current: "spruce and oak viewer", New: "a new long secret", UserAgent: "Firefox"})
	s.must(err)
	for _, old := range []string{one, two} {
		if _, _, err := s.gate.Sessions.Find(s.ctx, old); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("a session from before: %v", err)
		}
	}
	if _, _, err := s.gate.Sessions.Find(s.ctx, three); err != nil {
		t.Errorf("the new session: %v", err)
	}
	if e := s.last(OperatorPassword); e.Outcome.Result != Done || e.Outcome.After != `{"ended":2}` || strings.Contains(e.Input+e.Before+e.Outcome.After, "secret") {
		t.Errorf("entry %+v, %+v", e, e.Outcome)
	}
	if _, err := s.signIn("op-viewer", "spruce and oak viewer", ""); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("the old password: %v", err)
	}
	s.must(s.ops.ResetPassword(s.ctx, auth.CommandLine(), "op-viewer", "yet another secret"))
	if _, _, err := s.gate.Sessions.Find(s.ctx, three); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("a session from before the reset: %v", err)
	}
	if e := s.last(OperatorPassword); e.OperatorName != "command line" || e.TargetID != s.viewer.ID {
		t.Errorf("entry %+v", e)
	}
	if err := s.ops.ResetPassword(s.ctx, s.manager, "op-owner", "yet another secret"); !errors.Is(err, ErrDenied) {
		t.Errorf("a manager resets the owner's password: %v", err)
	}
}

func TestEndSessions(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	var tokens []string
	for range 3 {
		token, err := s.signIn("op-owner", "spruce and oak owner", "")
		s.must(err)
		tokens = append(tokens, token)
	}
	n, err := s.ops.EndSessions(s.ctx, s.owner, tokens[1])
	s.must(err)
	if n != 2 || s.last(SessionEndAll).Outcome.After != `{"ended":2}` {
		t.Errorf("%d ended, %+v", n, s.last(SessionEndAll).Outcome)
	}
	if _, _, err := s.gate.Sessions.Find(s.ctx, tokens[1]); err != nil {
		t.Errorf("the session to keep: %v", err)
	}
}

func TestCreateOperatorAndSettings(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	operator, err := s.ops.CreateOperator(s.ctx, auth.CommandLine(), "白班 组长", auth.Manager, "lamp oil and linen")
	s.must(err)
	if e := s.last(OperatorCreate); e.TargetID != operator.ID || !strings.Contains(e.Input, `"role":"manager"`) || strings.Contains(e.Input, "lamp") || strings.Contains(e.Input, "argon2") {
		t.Errorf("entry %+v", e)
	}
	var policy *auth.PolicyError
	if _, err := s.ops.CreateOperator(s.ctx, s.owner, "OP-owner", auth.Viewer, "lamp oil and linen"); !errors.As(err, &policy) || policy.Rule != "taken" {
		t.Errorf("a name that is taken: %v", err)
	}
	if _, err := s.ops.CreateOperator(s.ctx, s.manager, "x", auth.Viewer, "lamp oil and linen"); !errors.Is(err, ErrDenied) {
		t.Errorf("by a manager: %v", err)
	}
	s.must(s.ops.SaveSettings(s.ctx, s.viewer, Settings{Locale: "en", Theme: "dark", Zone: "Asia/Shanghai"}))
	s.must(s.ops.SaveSettings(s.ctx, s.viewer, Settings{Locale: "en", Theme: "dark", Zone: "Asia/Shanghai"}))
	if e := s.last(OperatorSettings); !strings.Contains(e.Outcome.After, `"locale":"en"`) || s.count(OperatorSettings) != 1 {
		t.Errorf("entry %+v, %d of them", e.Outcome, s.count(OperatorSettings))
	}
	if err := s.ops.SaveSettings(s.ctx, s.viewer, Settings{Theme: strings.Repeat("x", 65)}); err == nil {
		t.Error("a theme of 65 characters was taken")
	}
}

func TestSetup(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	s.path += ".empty"
	s.db = s.open(db.Options{})
	code, err := auth.NewSetupCode()
	s.must(err)
	s.gate = s.newGate(code)
	s.ops = s.newOps(s.db, s.kf)
	form := Credentials{Name: "店长", Password: "lamp oil and linen", IP: "192.0.2.9"}
	if _, _, err := s.ops.Setup(s.ctx, "AAAA-BBBB-CCCC", form); !errors.Is(err, auth.ErrSetupCode) {
		t.Errorf("the wrong code: %v", err)
	}
	if e := s.last(SessionSignIn); e.Outcome.Errmsg != ReasonSetupCode {
		t.Errorf("entry %+v", e.Outcome)
	}
	weak := form
	weak.Password = "12345678"
	if _, _, err := s.ops.Setup(s.ctx, code.String(), weak); !errors.As(err, new(*auth.PolicyError)) {
		t.Errorf("a weak password: %v", err)
	}
	token, operator, err := s.ops.Setup(s.ctx, code.String(), form)
	s.must(err)
	if _, found, err := s.gate.Sessions.Find(s.ctx, token); err != nil || found.ID != operator.ID || found.Role != string(auth.Owner) {
		t.Errorf("signed in as %+v, %v", found, err)
	}
	if s.last(OperatorCreate).TargetID != operator.ID || s.last(SessionSignIn).Outcome.Result != Done {
		t.Error("setup is not in the log")
	}
	form.Name = "第二个"
	if _, _, err := s.ops.Setup(s.ctx, code.String(), form); !errors.Is(err, auth.ErrSetupClosed) {
		t.Errorf("used twice: %v", err)
	}
}

func TestRecords(t *testing.T) {
	s := newStage(t, kfsim.SeedEmpty)
	s.must(s.ops.RecordDenied(s.ctx, s.viewer, "GET", "/audit", auth.ViewAudit))
	if e := s.last(AccessDenied); e.Outcome.Result != Denied || !strings.Contains(e.Input, "audit.view") || e.TargetName != "GET /audit" {
		t.Errorf("entry %+v", e)
	}
	for range 100 {
		s.must(s.ops.RecordCrossSite(s.ctx, auth.Actor{IP: "198.51.100.4"}, "POST", "/accounts/"+strings.Repeat("x", 5000), "https://evil.example"))
	}
	if n := s.count(AccessCrossSite); n != 60 {
		t.Errorf("%d entries by a visitor, want 60", n)
	}
	s.clock.advance(2 * time.Second)
	s.must(s.ops.RecordCrossSite(s.ctx, auth.Actor{}, "POST", "/", "https://evil.example"))
	if e := s.last(AccessCrossSite); !strings.Contains(e.Input, `"suppressed":40`) {
		t.Errorf("input %s", e.Input)
	}
	for range 100 {
		s.must(s.ops.RecordCrossSite(s.ctx, s.manager, "POST", "/", "https://evil.example"))
	}
	if n := s.count(AccessCrossSite); n != 161 {
		t.Errorf("%d entries: those of an operator must all be written", n)
	}

	id, err := s.ops.StartExport(s.ctx, s.auditor, "csv", "action=account.create")
	s.must(err)
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Open)
	s.must(s.ops.FinishExport(s.ctx, id, 42, nil))
	if e := s.ended(id, Done); e.Outcome.After != `{"rows":42}` || !strings.Contains(e.Input, "account.create") {
		t.Errorf("entry %+v", e)
	}
	beside := s.newOps(s.db, s.kf)
	s.clock.advance(time.Second)
	id, err = s.ops.StartExport(s.ctx, s.owner, "xlsx", "")
	s.must(err)
	s.must(beside.Settle(s.ctx))
	s.ended(id, Open) // it belongs to a process that runs beside this one
	s.must(s.ops.FinishExport(s.ctx, id, 1, nil))
	id, err = s.ops.StartExport(s.ctx, s.owner, "xlsx", "")
	s.must(err)
	s.must(s.ops.FinishExport(s.ctx, id, 7, errors.New("the reader left")))
	s.ended(id, Failed)
	if _, err := s.ops.StartExport(s.ctx, s.manager, "csv", ""); !errors.Is(err, ErrDenied) {
		t.Errorf("a manager: %v", err)
	}
	if _, err := s.newOps(s.open(db.Options{ReadOnly: true}), s.kf).StartExport(s.ctx, s.owner, "csv", ""); !errors.Is(err, ErrStorage) {
		t.Errorf("a read-only database: %v", err)
	}

	verdict, err := s.db.VerifyAudit(s.ctx, nil)
	s.must(err)
	s.must(s.ops.RecordVerify(s.ctx, s.auditor, verdict))
	if e := s.last(AuditVerify); verdict.Broken != nil || e.Outcome.Result != Done || !strings.Contains(e.Outcome.After, `"head":"`+verdict.Head) {
		t.Errorf("verdict %+v, entry %+v", verdict, e.Outcome)
	}
}
