package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"

// guard refuses what no browser of an operator sends: a request whose length is told
// in two ways, another host.
func (s *Server) guard(c *fiber.Ctx) error {
	head := &c.Request().Header
	if raw := head.RawHeaders(); told(raw, "Content-Length") && told(raw, "Transfer-Encoding") {
		// The framework went by one of them; a proxy before it may have gone by the other.
		c.Context().SetConnectionClose()
		return c.SendStatus(http.StatusBadRequest)
	}
	path := c.Path()
	if path == "/healthz" || path == "/readyz" {
		return c.Next()
	}
	if host := head.Host(); !s.knownHost(string(host)) || !bytes.EqualFold(host, c.Context().Host()) {
		return c.Status(http.StatusMisdirectedRequest).SendString("unknown host\n")
	}
	return c.Next()
}

// told tells whether the lines of a head name a header, in any case.
func told(lines []byte, name string) bool {
	for line := range bytes.Lines(lines) {
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			return true
		}
	}
	return false
}

// knownHost tells whether the Host header names this console: a page of another
// site whose name was made to point here must not reach it.
func (s *Server) knownHost(host string) bool {
	if s.hosts[host] {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return strings.EqualFold(name, "localhost") || (ip != nil && (ip.IsLoopback() || s.PublicURL == nil))
}

// harden makes every answer carry the headers that protect it, also those to requests
// that the framework answers by itself.
func (s *Server) harden() {
	inner := s.app.Handler()
	s.app.Server().Handler = func(ctx *fasthttp.RequestCtx) {
		s.secure(&ctx.Response.Header)
		inner(ctx)
	}
}

// secure sets the headers that every answer carries.
func (s *Server) secure(head *fasthttp.ResponseHeader) {
	h := head.Set
	h("Content-Security-Policy", contentPolicy)
	h("X-Content-Type-Options", "nosniff")
	h("Referrer-Policy", "same-origin")
	h("Cross-Origin-Opener-Policy", "same-origin")
	h("Cross-Origin-Resource-Policy", "same-origin")
	h("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h("Cache-Control", "no-store")
	if s.secureCookies() {
		h("Strict-Transport-Security", "max-age=31536000")
	}
}

// wrap turns a route into a handler of the framework: request id and log line,
// recovery, deadline, same origin, session, permission, and one place for errors.
func (s *Server) wrap(rt route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		start := s.Now()
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		r := &request{c: c, ctx: ctx, id: db.NewID(), seq: s.Hub.Last()}
		r.actor = auth.Actor{IP: clientIP(c), RequestID: r.id}
		c.Set("X-Request-Id", r.id)
		r.view = ui.View{T: i18n.For(i18n.Match(c.Get("Accept-Language"))), Now: start, Zone: zoneOf("")}
		err := s.recovered(rt, r)
		if err != nil {
			err = s.fail(r, err)
		}
		s.Log.Info("request", "id", r.id, "method", c.Method(), "path", c.Path(), "status", c.Response().StatusCode(),
			"ms", s.Now().Sub(start).Milliseconds(), "operator", r.actor.Name, "ip", r.actor.IP)
		return err
	}
}

// recovered runs a route and turns a panic into an error with its stack.
func (s *Server) recovered(rt route, r *request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return s.run(rt, r)
}

func (s *Server) run(rt route, r *request) error {
	if err := s.identify(r); err != nil {
		return err
	}
	if r.c.Method() == http.MethodPost {
		if err := s.sameOrigin(r); err != nil {
			return err
		}
	}
	if rt.permission != auth.Public {
		if r.operator == nil {
			return s.askSignIn(r)
		}
		if !r.can(rt.permission) {
			r.denied = rt.permission
			return &statusError{status: http.StatusForbidden, what: string(rt.permission)}
		}
	}
	if err := r.checkAddress(); err != nil {
		return err
	}
	if r.c.Method() == http.MethodPost {
		if err := r.readForm(); err != nil {
			return err
		}
	}
	return rt.handle(s, r)
}

// identify finds the operator behind the session cookie and the language, theme
// and zone to answer in: the operator's setting, then the cookie, then the
// browser's wish.
func (s *Server) identify(r *request) error {
	if lang, ok := i18n.Parse(r.c.Cookies("kf_lang")); ok {
		r.view.T = i18n.For(lang)
	}
	r.theme = theme(r.c.Cookies("kf_theme"))
	token := r.c.Cookies(s.cookieName())
	if token == "" {
		return nil
	}
	session, operator, err := s.Gate.Sessions.Find(r.ctx, token)
	if errors.Is(err, auth.ErrNoSession) {
		return nil
	}
	if err != nil {
		return err
	}
	role, err := auth.ParseRole(operator.Role)
	if err != nil {
		return err
	}
	r.session, r.operator = &session, &operator
	r.actor.ID, r.actor.Name, r.actor.Role = operator.ID, operator.Name, role
	if lang, ok := i18n.Parse(operator.Locale); ok {
		r.view.T = i18n.For(lang)
	}
	if operator.Theme != "" {
		r.theme = theme(operator.Theme)
	}
	r.view.Zone = zoneOf(operator.Zone)
	return nil
}

// sameOrigin refuses a change that a page of another site asked the browser for.
func (s *Server) sameOrigin(r *request) error {
	req, err := http.NewRequest(http.MethodPost, "http://"+r.host()+"/", nil)
	if err != nil {
		return badRequest("host")
	}
	for _, name := range []string{"Sec-Fetch-Site", "Origin"} {
		if v := r.c.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	if s.cross.Check(req) == nil {
		return nil
	}
	if err := s.Ops.RecordCrossSite(r.ctx, r.actor, r.c.Method(), r.c.Path(), r.c.Get("Origin")); err != nil {
		s.Log.Error("record cross-site request", "id", r.id, "error", err)
	}
	return &crossSite{}
}

// crossSite is the refusal of a request from another site.
type crossSite struct{}

func (*crossSite) Error() string { return "request from another site" }

// askSignIn sends a visitor to the sign-in page and keeps the address to return to.
func (s *Server) askSignIn(r *request) error {
	target := href.Login
	if r.c.Method() == http.MethodGet && !r.partial() && r.c.Path() != href.Overview {
		target = href.Q("return", r.path()).On(href.Login)
	}
	if open, err := s.Gate.SetupOpen(r.ctx); err == nil && open {
		target = href.Setup
	}
	if r.partial() {
		// A part of a page cannot show the sign-in form: the whole page goes there.
		r.c.Set("HX-Redirect", target)
		return r.c.SendStatus(http.StatusUnauthorized)
	}
	return r.c.Redirect(target, http.StatusSeeOther)
}

// theme accepts the themes there are; anything else follows the system.
func theme(s string) string {
	if s == "light" || s == "dark" {
		return s
	}
	return "auto"
}

// zones are those on offer. Reading one costs more than answering a small request.
var zones = sync.OnceValue(func() map[string]*time.Location {
	list := map[string]*time.Location{}
	for _, name := range i18n.Zones() {
		if zone, err := time.LoadLocation(name); err == nil {
			list[name] = zone
		}
	}
	return list
})

// zoneOf finds one of the zones on offer; anything else is Beijing time.
func zoneOf(name string) *time.Location {
	beijing := i18n.Zones()[0]
	for _, each := range []string{name, beijing} {
		if zone := zones()[each]; zone != nil {
			return zone
		}
	}
	return time.FixedZone(beijing, 8*3600)
}

// clientIP is the address of the connection. A proxy's header is only believed from
// a proxy on this machine, and only its last entry, which that proxy wrote itself.
func clientIP(c *fiber.Ctx) string {
	ip := c.Context().RemoteIP()
	if ip.IsLoopback() {
		// A proxy may add its entry as a line of its own below one that the visitor sent.
		if lines := c.Request().Header.PeekAll("X-Forwarded-For"); len(lines) > 0 {
			list := strings.Split(string(lines[len(lines)-1]), ",")
			if from := net.ParseIP(strings.TrimSpace(list[len(list)-1])); from != nil {
				return from.String()
			}
		}
	}
	return ip.String()
}
