package server

import (
	"context"
	"mime/multipart"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/web/templates/ui"
)

// request is what a handler sees of a request: the operator who asks, the words
// and the time to answer in, and the parsed input. It keeps the web framework out
// of the handlers.
type request struct {
	c        *fiber.Ctx
	ctx      context.Context
	id       string
	actor    auth.Actor
	operator *db.Operator
	session  *db.Session
	view     ui.View
	theme    string
	values   url.Values
	files    map[string][]*multipart.FileHeader
	denied   auth.Permission
	fresh    *db.Freshness
	// seq is the newest change before anything was read.
	seq int64
}

// t gives the words of the request's language.
func (r *request) t() *i18n.Messages { return r.view.T }

// can tells whether the operator may do something.
func (r *request) can(p auth.Permission) bool { return r.actor.Role.Can(p) }

// param is a part of the path, unescaped.
func (r *request) param(name string) string {
	raw := r.c.Params(name)
	if s, err := url.PathUnescape(raw); err == nil {
		return s
	}
	return raw
}

// query is a value of the query, without surrounding space.
func (r *request) query(name string) string { return strings.TrimSpace(r.c.Query(name)) }

// form is a field of the posted form as it was typed.
func (r *request) form(name string) string { return r.values.Get(name) }

// forms lists the values of a field that may be sent many times.
func (r *request) forms(name string) []string { return r.values[name] }

// host is the Host that was asked for. What a proxy's header says of it is not believed.
func (r *request) host() string { return string(r.c.Request().Header.Host()) }

// checkAddress refuses an address that does not hold text.
func (r *request) checkAddress() error {
	if !isText(r.c.OriginalURL()) {
		return badRequest("path")
	}
	for name, value := range r.c.Request().URI().QueryArgs().All() {
		if !isText(string(name)) || !isText(string(value)) {
			return badRequest("query")
		}
	}
	return nil
}

// isText tells whether s is something that can be shown and stored as text.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// partial tells whether htmx asks for a part of the page only.
func (r *request) partial() bool {
	return r.c.Get("HX-Request") == "true" && r.c.Get("HX-History-Restore-Request") != "true"
}

// path is the address that was asked for, with its query: safe to come back to.
func (r *request) path() string { return r.c.OriginalURL() }

// oneOf reads a query value that must be one of a few; empty gives the first.
func (r *request) oneOf(name string, allowed ...string) (string, error) {
	v := r.query(name)
	if v == "" {
		return allowed[0], nil
	}
	for _, a := range allowed {
		if v == a {
			return v, nil
		}
	}
	return "", badRequest(name)
}

// day reads a date of the query in the operator's zone; nil when it is not set.
// With end, the moment is the end of that day.
func (r *request) day(name string, end bool) (*time.Time, error) {
	v := r.query(name)
	if v == "" {
		return nil, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, v, r.view.Zone)
	if err != nil || at.Year() < 2000 || at.Year() > 2200 {
		return nil, badRequest(name)
	}
	if end {
		at = at.AddDate(0, 0, 1)
	}
	return &at, nil
}

// back is the address a form asks to return to: a path of this console, or the
// fallback for anything that could lead elsewhere.
func (r *request) back(fallback string) string { return localPath(r.form("return"), fallback) }

// localPath returns path when it is one of this console, and fallback otherwise.
func localPath(path, fallback string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || !isText(path) {
		return fallback
	}
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" {
		return fallback
	}
	return path
}
