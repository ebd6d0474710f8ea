package server

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/db"
)

// FuzzForm holds that a form is either refused, as bad or as of another kind, or holds
// nothing but text within the limits; and that text which was sent comes through.
func FuzzForm(f *testing.F) {
	for _, seed := range []struct{ kind, body string }{
		{"application/x-www-form-urlencoded", "name=%E4%BA%91%E6%9D%89&name=b&rev=1"}, {"application/x-www-form-urlencoded; charset=utf-8", "a=%00&%ff=%fe&;=&"}, {"text/plain", "a=b"}, {"", ""},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n云杉\r\n--b\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"../a\\b\"\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"},
		{"multipart/form-data; boundary=", "----"}, {"multipart/form-data", ""}, {"Multipart/Form-Data; boundary=\"b\"; boundary=c", "--b--"}, {"application/x-www-form-urlencoded", strings.Repeat("a=&", 2100)},
	} {
		f.Add(seed.kind, seed.body)
	}
	app := fiber.New(fiber.Config{Immutable: true})
	read := func(kind string, body []byte) (*request, error) {
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod(http.MethodPost)
		ctx.Request.Header.SetContentType(kind)
		ctx.Request.SetBody(body)
		ctx.Request.Header.SetContentLength(len(body))
		r := &request{c: app.AcquireCtx(&ctx), ctx: context.Background()}
		defer app.ReleaseCtx(r.c)
		return r, r.readForm()
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		r, err := read(kind, []byte(body))
		var status *statusError
		if err != nil {
			if !errors.As(err, &status) || (status.status != http.StatusBadRequest && status.status != http.StatusUnsupportedMediaType) {
				t.Fatalf("%q: %v", kind, err)
			}
		}
		fields := 0
		for name, list := range r.values {
			fields += len(list)
			for _, v := range list {
				if err == nil && (len(v) > maxField || !utf8.ValidString(name+v) || strings.Contains(name+v, "\x00")) {
					t.Fatalf("%q=%.100q was taken", name, v)
				}
			}
		}
		if err == nil && fields > maxFields {
			t.Fatalf("%d fields were taken", fields)
		}
		// The body as the value of a field: it comes through to the letter, or is refused for what it is.
		r, err = read("application/x-www-form-urlencoded", []byte(url.Values{"x": {body}}.Encode()))
		if good := len(body) <= maxField && utf8.ValidString(body) && !strings.Contains(body, "\x00"); good != (err == nil) || (good && r.form("x") != body) {
			t.Fatalf("%.100q became %.100q, %v", body, r.form("x"), err)
		}
	})
}

// FuzzLocalPath holds that an address to return to never leads to another host, whatever a
// browser makes of it.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/accounts?q=x#y", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "/\t/evil.example", "/%09/evil.example", "/..//evil.example", "/.//evil.example",
		"javascript:alert(1)", "/a\r\nSet-Cookie: x=y", "", "/", "/\x00", "/\xff", "///evil.example", "/云杉?名=字", "/ /evil.example", "/%0d%0aX: y", "/@evil.example", "/;@evil.example:80/"} {
		f.Add(seed)
	}
	app := fiber.New(fiber.Config{Immutable: true})
	base, err := url.Parse("https://console.example/accounts/wk?x=y")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got := localPath(path, "/fallback")
		if got != path && got != "/fallback" {
			t.Fatalf("%q became %q", path, got)
		}
		var ctx fasthttp.RequestCtx
		c := app.AcquireCtx(&ctx)
		defer app.ReleaseCtx(c)
		if err := c.Redirect(got, http.StatusSeeOther); err != nil {
			t.Fatal(err)
		}
		head := string(ctx.Response.Header.Header())
		if strings.Count(head, "\r\n") != strings.Count(strings.ReplaceAll(head, got, ""), "\r\n") {
			t.Fatalf("%q splits the head: %q", path, head)
		}
		// Browsers drop tabs and line ends from an address and take a backslash for a slash.
		seen := strings.NewReplacer("\t", "", "\r", "", "\n", "", "\\", "/").Replace(strings.TrimFunc(got, func(r rune) bool { return r <= ' ' }))
		to, err := base.Parse(seen)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme || strings.HasPrefix(seen, "//") || !utf8.ValidString(seen) {
			t.Fatalf("%q leads to %v, %v", path, to, err)
		}
	})
}

// forged makes a cursor of any content with the sum that it should have: the sum keeps
// typing errors away, not somebody who has read how it is made.
func forged(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.RawURLEncoding.EncodeToString(append(content[:len(content):len(content)], sum[:6]...))
}

// FuzzCursorURL opens every list with made-up cursors, sorts and filters: it is a page or
// a refusal, never an error of ours.
func FuzzCursorURL(f *testing.F) {
	h := newEmptyHouse(f)
	h.manyEntries(80)
	h.t = f
	h.fill()
	p := h.places()
	v := h.as("owner")
	lists := []string{"/audit", "/accounts", "/links", "/accounts/" + p.account + "/servicers", "/accounts/" + p.account + "/audit", "/accounts/" + p.account + "/links", "/runs/" + p.run}
	_, page, err := h.DB.AuditEntries(f.Context(), db.AuditFilter{}, "", 5)
	if err != nil {
		f.Fatal(err)
	}
	_, names, err := h.DB.Accounts(f.Context(), db.AccountFilter{}, "", 5)
	if err != nil {
		f.Fatal(err)
	}
	for i := range lists {
		for _, cursor := range []db.Cursor{page.Next, names.Next, "AAAA", "", "-"} {
			raw, _ := base64.RawURLEncoding.DecodeString(string(cursor))
			f.Add(uint8(i), string(cursor), raw[:max(0, len(raw)-6)], "name", "managed", "2026-01-01")
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, after string, content []byte, sort, filter, day string) {
		h.t = t
		list := lists[int(which)%len(lists)]
		for _, cursor := range []string{after, forged(content)} {
			q := url.Values{"after": {cursor}, "sort": {sort}, "dir": {"desc"}, "filter": {filter}, "q": {filter}, "from": {day}, "to": {day}, "target": {filter}, "operator": {sort}, "state": {filter}, "status": {filter}, "kind": {sort}}
			for _, address := range []string{list + "?" + q.Encode(), list + "?" + url.Values{"after": {cursor}}.Encode()} {
				if r := v.get(address); r.Code != http.StatusOK && r.Code != http.StatusBadRequest && r.Code != http.StatusNotFound {
					t.Fatalf("%s: %d\n%s", address, r.Code, r.text("main"))
				}
			}
		}
	})
}
