package server

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

// secureCookies tells whether operators come over https.
func (s *Server) secureCookies() bool { return s.PublicURL != nil && s.PublicURL.Scheme == "https" }

// cookieName is the name of the session cookie. The prefix makes a browser refuse
// one that was set by another host or without https.
func (s *Server) cookieName() string {
	if s.secureCookies() {
		return "__Host-kf_session"
	}
	return "kf_session"
}

// setSession gives the browser the token of a new session; an empty token removes it.
func (s *Server) setSession(r *request, token string) {
	c := &fiber.Cookie{
		Name: s.cookieName(), Value: token, Path: "/", HTTPOnly: true, Secure: s.secureCookies(), SameSite: fiber.CookieSameSiteLaxMode,
	}
	if token == "" {
		c.Expires = time.Unix(1, 0)
	}
	r.c.Cookie(c)
}

// setChoice keeps a choice of language or theme for a year, so that the sign-in page
// has it too.
func (s *Server) setChoice(r *request, name, value string) {
	r.c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HTTPOnly: true, Secure: s.secureCookies(), SameSite: fiber.CookieSameSiteLaxMode,
	})
}
