package server

import (
	"errors"
	"net/http"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/i18n"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/me"
	"kfconsole/web/templates/ui"
)

// display keeps the choice of language and theme that the top bar offers, signed in
// or not.
func (s *Server) display(r *request) error {
	settings := ops.Settings{}
	if r.operator != nil {
		settings = ops.Settings{Locale: r.operator.Locale, Theme: r.operator.Theme, Zone: r.operator.Zone}
	}
	if v := r.form("locale"); v != "" {
		lang, ok := i18n.Parse(v)
		if !ok {
			return badRequest("locale")
		}
		settings.Locale = string(lang)
		s.setChoice(r, "kf_lang", settings.Locale)
	}
	if _, sent := r.values["theme"]; sent {
		settings.Theme = theme(r.form("theme"))
		s.setChoice(r, "kf_theme", settings.Theme)
	}
	if r.operator != nil {
		if err := s.Ops.SaveSettings(r.ctx, r.actor, settings); err != nil {
			return err
		}
	}
	return s.redirect(r, r.back(href.Overview))
}

func (s *Server) me(r *request) error { return s.meAgain(r, http.StatusOK, me.Page{}) }

func (s *Server) meAgain(r *request, status int, m me.Page) error {
	sessions, err := s.Gate.Sessions.List(r.ctx, r.operator.ID)
	if err != nil {
		return err
	}
	for _, each := range sessions {
		m.Sessions = append(m.Sessions, me.Session{Device: device(each.UserAgent), IP: each.IP, Started: each.CreatedAt, Seen: each.SeenAt, This: each.Hash == r.session.Hash})
	}
	t := r.t()
	m.Name, m.Role, m.RoleText = r.operator.Name, t.Common.Roles[r.operator.Role], t.Auth.RoleDoes[r.operator.Role]
	m.Since, m.PasswordAt = r.operator.CreatedAt, r.operator.PasswordAt
	for lang, words := range map[i18n.Lang]string{i18n.ZH: "中文", i18n.EN: "English"} {
		m.Langs = append(m.Langs, ui.Option{Value: string(lang), Text: words, On: t.Lang == lang})
	}
	if m.Langs[0].Value != string(i18n.ZH) {
		m.Langs[0], m.Langs[1] = m.Langs[1], m.Langs[0]
	}
	m.Themes = []ui.Option{{Value: "auto", Text: t.Frame.ThemeAuto, On: r.theme == "auto"}, {Value: "light", Text: t.Frame.ThemeLight, On: r.theme == "light"}, {Value: "dark", Text: t.Frame.ThemeDark, On: r.theme == "dark"}}
	for _, z := range i18n.Zones() {
		m.Zones = append(m.Zones, ui.Option{Value: z, Text: t.Time.Zones[z] + " · " + z, On: r.view.Zone.String() == z})
	}
	p := layout.Page{Title: t.Auth.MeTitle, Nav: layout.Me}
	if text := meDone(r); text != "" {
		p.Toasts = []ui.ToastModel{{Tone: ui.ToneOK, Text: text}}
	}
	return s.replyStatus(r, status, p, me.Settings(r.view, m))
}

// meDone is the message of the change that has just been made on this page.
func meDone(r *request) string {
	t := r.t().Auth
	switch r.query("saved") {
	case "settings":
		return t.SettingsDone
	case "password":
		return t.PasswordDone
	case "sessions":
		return t.SessionsOnly
	}
	return ""
}

func meSaved(what string) string { return href.Q("saved", what).On(href.Me) }

func (s *Server) meUpdate(r *request) error {
	lang, ok := i18n.Parse(r.form("locale"))
	if !ok {
		return badRequest("locale")
	}
	settings := ops.Settings{Locale: string(lang), Theme: theme(r.form("theme")), Zone: zoneOf(r.form("zone")).String()}
	if err := s.Ops.SaveSettings(r.ctx, r.actor, settings); err != nil {
		return err
	}
	s.setChoice(r, "kf_lang", settings.Locale)
	s.setChoice(r, "kf_theme", settings.Theme)
	return s.redirect(r, meSaved("settings"))
}

func (s *Server) mePassword(r *request) error {
	t := r.t().Auth
	if r.form("new") != r.form("again") {
		return s.meAgain(r, http.StatusUnprocessableEntity, me.Page{AgainError: t.PasswordMismatch})
	}
	if r.form("new") == r.form("current") {
		return s.meAgain(r, http.StatusUnprocessableEntity, me.Page{NewError: t.PasswordSame})
	}
	token, err := s.Ops.ChangePassword(r.ctx, r.actor, ops.PasswordChange{Current: r.form("current"), New: r.form("new"), UserAgent: r.c.Get("User-Agent")})
	var throttled *auth.Throttled
	var policy *auth.PolicyError
	switch {
	case errors.As(err, &throttled):
		return s.throttled(r, throttled, func(text string) error {
			return s.meAgain(r, http.StatusTooManyRequests, me.Page{CurrentError: text})
		})
	case errors.Is(err, auth.ErrCredentials):
		return s.meAgain(r, http.StatusUnprocessableEntity, me.Page{CurrentError: t.PasswordWrong})
	case errors.As(err, &policy):
		return s.meAgain(r, http.StatusUnprocessableEntity, me.Page{NewError: policyWords(t, policy)})
	case err != nil:
		return err
	}
	s.setSession(r, token)
	return s.redirect(r, meSaved("password"))
}

// meSessions signs the operator out everywhere but here.
func (s *Server) meSessions(r *request) error {
	if _, err := s.Ops.EndSessions(r.ctx, r.actor, r.c.Cookies(s.cookieName())); err != nil {
		return err
	}
	return s.redirect(r, meSaved("sessions"))
}

// device names a browser and its system from the words it says of itself, as far as
// a person needs to tell two of them apart.
func device(agent string) string {
	browser, system := "", ""
	for _, b := range [][2]string{{"wxwork", "WeCom"}, {"MicroMessenger", "WeChat"}, {"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}} {
		if strings.Contains(agent, b[0]) {
			browser = b[1]
			break
		}
	}
	for _, o := range [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if strings.Contains(agent, o[0]) {
			system = o[1]
			break
		}
	}
	name := strings.Trim(browser+" · "+system, " ·")
	if name == "" {
		return "–"
	}
	return name
}
