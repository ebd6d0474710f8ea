package server

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/me"
	"kfconsole/web/templates/ui"
)

func (s *Server) loginForm(r *request) error {
	if r.operator != nil {
		return s.redirect(r, localPath(r.query("return"), href.Overview))
	}
	if open, err := s.Gate.SetupOpen(r.ctx); err == nil && open {
		return s.redirect(r, href.Setup)
	}
	return s.loginAgain(r, http.StatusOK, me.Login{Return: localPath(r.query("return"), href.Overview)})
}

func (s *Server) loginAgain(r *request, status int, m me.Login) error {
	m.Demo = s.Demo
	return s.replyStatus(r, status, layout.Page{Title: r.t().Auth.SignInTitle}, me.SignIn(r.view, m))
}

func (s *Server) login(r *request) error {
	token, operator, err := s.Ops.SignIn(r.ctx, s.credentials(r, r.form("password")))
	m := me.Login{Name: r.form("name"), Return: r.back(href.Overview)}
	var throttled *auth.Throttled
	switch {
	case errors.As(err, &throttled):
		return s.throttled(r, throttled, func(text string) error {
			m.Error = text
			return s.loginAgain(r, http.StatusTooManyRequests, m)
		})
	case errors.Is(err, auth.ErrCredentials):
		m.Error = r.t().Auth.Wrong
		return s.loginAgain(r, http.StatusUnprocessableEntity, m)
	case err != nil:
		return err
	}
	s.welcome(r, token, operator)
	return s.redirect(r, m.Return)
}

// throttled says how long to wait, in the header and in words.
func (s *Server) throttled(r *request, t *auth.Throttled, again func(text string) error) error {
	wait := max(t.RetryAfter, time.Second)
	r.c.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return again(r.t().Auth.Throttled(int(math.Ceil(wait.Minutes()))))
}

func (s *Server) credentials(r *request, password string) ops.Credentials {
	return ops.Credentials{Name: r.form("name"), Password: password, IP: r.actor.IP, UserAgent: r.c.Get("User-Agent"),
		RequestID: r.id, OldToken: r.c.Cookies(s.cookieName())}
}

// welcome gives the browser its session, and an operator who never chose a language
// keeps the one of the sign-in page.
func (s *Server) welcome(r *request, token string, operator db.Operator) {
	s.setSession(r, token)
	if lang, ok := i18n.Parse(operator.Locale); ok {
		s.setChoice(r, "kf_lang", string(lang))
	}
}

func (s *Server) logout(r *request) error {
	if r.operator != nil {
		if err := s.Ops.SignOut(r.ctx, r.actor, r.c.Cookies(s.cookieName())); err != nil {
			return err
		}
	}
	s.setSession(r, "")
	r.c.Set("Clear-Site-Data", `"cache"`)
	return s.redirect(r, href.Login)
}

func (s *Server) setupForm(r *request) error {
	open, err := s.Gate.SetupOpen(r.ctx)
	if err != nil {
		return err
	}
	if !open {
		return s.redirect(r, href.Login)
	}
	return s.setupAgain(r, http.StatusOK, me.Setup{})
}

func (s *Server) setupAgain(r *request, status int, m me.Setup) error {
	p := layout.Page{Title: r.t().Auth.SetupTitle, Facts: []templ.Component{ui.Text(r.t().Auth.SetupText)}}
	return s.replyStatus(r, status, p, me.FirstRun(r.view, m))
}

func (s *Server) setup(r *request) error {
	t := r.t().Auth
	m := me.Setup{Code: r.form("code"), Name: r.form("name")}
	if r.form("password") != r.form("again") {
		m.AgainErr = t.PasswordMismatch
		return s.setupAgain(r, http.StatusUnprocessableEntity, m)
	}
	token, operator, err := s.Ops.Setup(r.ctx, m.Code, s.credentials(r, r.form("password")))
	var throttled *auth.Throttled
	var policy *auth.PolicyError
	switch {
	case errors.As(err, &throttled):
		return s.throttled(r, throttled, func(text string) error {
			m.CodeError = text
			return s.setupAgain(r, http.StatusTooManyRequests, m)
		})
	case errors.Is(err, auth.ErrSetupClosed):
		return s.redirect(r, href.Login)
	case errors.Is(err, auth.ErrSetupCode):
		m.CodeError = t.SetupCodeWrong
		return s.setupAgain(r, http.StatusUnprocessableEntity, m)
	case errors.As(err, &policy) && policy.Field == "name":
		m.NameError = policyWords(t, policy)
		return s.setupAgain(r, http.StatusUnprocessableEntity, m)
	case errors.As(err, &policy):
		m.PasswordError = policyWords(t, policy)
		return s.setupAgain(r, http.StatusUnprocessableEntity, m)
	case err != nil:
		return err
	}
	s.welcome(r, token, operator)
	return s.redirect(r, href.Overview)
}

// policyWords says why a name or a password cannot be taken.
func policyWords(t i18n.Auth, e *auth.PolicyError) string {
	if say := t.Errors[e.Rule]; say != nil {
		return say(e.Limit)
	}
	return e.Rule
}
