package server

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/ops"
	"kfconsole/web/static"
)

// wantHeaders are on every answer, whatever it is.
var wantHeaders = map[string]string{
	"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

// wantPolicy are the directives of the content policy that must stand as they are.
var wantPolicy = []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "worker-src 'self'", "form-action 'self'", "frame-ancestors 'none'",
	"base-uri 'none'", "object-src 'none'"}

// secured fails the test unless an answer carries the headers that protect it.
func secured(t *testing.T, what string, head http.Header, cached bool) {
	t.Helper()
	for name, want := range wantHeaders {
		if got := head.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s is %q", what, name, got)
		}
	}
	policy := head.Get("Content-Security-Policy")
	have := map[string]bool{}
	for _, directive := range strings.Split(policy, ";") {
		have[strings.TrimSpace(directive)] = true
	}
	for _, want := range wantPolicy {
		if head.Get("Content-Type") == "image/svg+xml" && policy == "default-src 'none'; frame-ancestors 'none'" {
			// A picture needs nothing at all.
			break
		}
		if policy == "default-src 'none'; frame-ancestors 'none'; sandbox" {
			// What customers sent may do nothing at all.
			break
		}
		if !have[want] {
			t.Errorf("%s: the policy lacks %q: %s", what, want, policy)
		}
	}
	for _, never := range []string{"unsafe", "*", "http:", "https:"} {
		if strings.Contains(policy, never) {
			t.Errorf("%s: the policy allows %q", what, never)
		}
	}
	if cache := head.Get("Cache-Control"); !cached && cache != "no-store" {
		t.Errorf("%s: Cache-Control is %q", what, cache)
	}
	if kind := head.Get("Content-Type"); strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "charset=utf-8") {
		t.Errorf("%s: Content-Type is %q", what, kind)
	}
	for _, tells := range []string{"Server", "X-Powered-By"} {
		if head.Get(tells) != "" {
			t.Errorf("%s: %s is %q", what, tells, head.Get(tells))
		}
	}
}

// cached tells the addresses whose answers never change, so that a browser may keep
// them for its operator.
func cached(rt route) bool { return strings.HasPrefix(rt.path, "/conversations/:id/media/") }

func TestHeadersOnEveryAnswer(t *testing.T) {
	h := newHouse(t)
	p := h.places()
	for _, name := range []string{"owner", "viewer"} {
		v := h.as(name)
		for _, rt := range routes() {
			path := p.on(rt.path)
			if path == "/logout" {
				continue
			}
			secured(t, name+" "+rt.method+" "+path, v.request(rt, path).Header, cached(rt))
			secured(t, name+" part of "+path, v.with("HX-Request", "true").get(path).Header, cached(rt))
		}
		for _, path := range []string{"/nothing", "/accounts/none", "/accounts?after=forged", "/static/none.css", "/healthz", "/readyz", "/logout"} {
			secured(t, path, v.get(path).Header, false)
		}
		for _, path := range []string{static.Path("css/app.css"), static.Path("js/app.js"), "/favicon.ico"} {
			secured(t, path, v.get(path).Header, true)
		}
	}
	for _, path := range []string{"/", "/login", "/accounts", "/nothing"} {
		secured(t, "nobody "+path, h.anonymous().get(path).Header, false)
	}
	secured(t, "another host", h.rawTest("GET /login HTTP/1.1\r\nHost: evil.example\r\n\r\n").Header, false)
}

// rawTest sends bytes to a listener of the house and reads one answer.
func (h *house) rawTest(raw string) *http.Response {
	h.t.Helper()
	if h.addr == "" {
		h.addr = h.listen()
	}
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	// A server that refuses a long request need not read all of it.
	_, _ = io.WriteString(conn, strings.ReplaceAll(raw, "HOST", h.addr))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		h.t.Fatalf("%.60q: %v", raw, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatalf("%.60q: %v", raw, err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res
}

// TestRawRequests are requests that no browser sends: each is refused, with the headers
// of every other answer, and where its length is in doubt the connection ends.
func TestRawRequests(t *testing.T) {
	h := newEmptyHouse(t)
	for _, c := range []struct {
		name, raw string
		code      int
		closes    bool
	}{
		{"two lengths", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400, true},
		{"the same length twice", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, true},
		{"length and chunks", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX", 400, true},
		{"chunks and length", "POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\nX", 400, true},
		{"two encodings", "POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400, true},
		{"unknown encoding", "POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, true},
		{"blank before the colon", "POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, true},
		{"signed length", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: +3\r\n\r\nabc", 400, true},
		{"two hosts", "GET /login HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n", 400, true},
		{"no host", "GET /login HTTP/1.1\r\n\r\n", 400, true},
		{"unknown host", "GET /login HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, false},
		{"unknown host with our port", "GET /login HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n", 421, false},
		{"host that begins like ours", "GET /login HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421, false},
		{"host in the address", "GET http://evil.example/login HTTP/1.1\r\nHost: HOST\r\n\r\n", 421, false},
		{"trace", "TRACE /login HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"put", "PUT /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n", 400, false},
		{"delete", "DELETE /accounts/wk HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"options", "OPTIONS /login HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"connect", "CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"made-up method", "BREW /login HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"large body", "POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99999999\r\n\r\nname=x", 413, true},
		{"large head", "GET /login HTTP/1.1\r\nHost: HOST\r\nX: " + strings.Repeat("x", 20<<10) + "\r\n\r\n", 431, true},
		{"NUL in the path", "GET /\x00 HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, true},
		{"NUL in a name", "GET /login HTTP/1.1\r\nHost: HOST\r\nX\x00: a\r\n\r\n", 400, true},
		{"bytes that are no text in the path", "GET /\xff\xfe HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"bytes that are no text in the query", "GET /login?return=\xff HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"escaped bytes that are no text", "GET /login?return=%ff HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"escaped NUL", "GET /login?return=%00 HTTP/1.1\r\nHost: HOST\r\n\r\n", 400, false},
		{"no request", "garbage\r\n\r\n", 400, true},
	} {
		res := h.rawTest(c.raw)
		if res.StatusCode != c.code || (c.closes && !res.Close) {
			t.Errorf("%s: %d, closed %v, want %d %v", c.name, res.StatusCode, res.Close, c.code, c.closes)
		}
		secured(t, c.name, res.Header, false)
		if body, _ := io.ReadAll(res.Body); bytes.Contains(body, []byte("goroutine")) || bytes.Contains(body, []byte{0xff}) {
			t.Errorf("%s answers %q", c.name, body)
		}
	}
	if res := h.rawTest("GET /healthz HTTP/1.1\r\nHost: 10.0.0.7:1234\r\n\r\n"); res.StatusCode != http.StatusOK {
		t.Errorf("a probe by address: %d", res.StatusCode)
	}
}

func TestBareLineFeeds(t *testing.T) {
	h := newEmptyHouse(t)
	h.addr = h.listen()
	// A head without its CR is never a request: the server goes on waiting for the end of it.
	conn, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /login HTTP/1.1\nHost: "+h.addr+"\n\n")
	_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if line, _ := bufio.NewReader(conn).ReadString('\n'); strings.Contains(line, "200") {
		t.Errorf("bare line feeds are answered with %q", line)
	}
}

// body posts bytes of a type over a connection.
func (v *visitor) body(path, kind string, body []byte, headers ...string) *http.Response {
	v.h.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: same-origin\r\nCookie: kf_session=%s\r\nContent-Length: %d\r\n", path, v.cookies["kf_session"], len(body))
	if kind != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", headers[i], headers[i+1])
	}
	return v.h.rawTest(b.String() + "\r\n" + string(body))
}

func TestBadBodies(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	many := &strings.Builder{}
	for i := range 10000 {
		fmt.Fprintf(many, "k%d=v&", i)
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write([]byte("name="))
	for range 64 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	form := "application/x-www-form-urlencoded"
	part := func(name, value string) []byte {
		return []byte("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--b--\r\n")
	}
	multi := "multipart/form-data; boundary=b"
	for _, c := range []struct {
		name, kind string
		body       []byte
		headers    []string
		code       int
	}{
		{"text", "text/plain", []byte("name=x"), nil, 415},
		{"JSON", "application/json", []byte(`{"name":"x"}`), nil, 415},
		{"no type", "", []byte("name=x"), nil, 415},
		{"10 000 fields", form, []byte(many.String()), nil, 400},
		{"one field 10 000 times", form, []byte(strings.Repeat("name=x&", 10000)), nil, 400},
		{"long field", form, []byte("name=" + strings.Repeat("x", maxField+1)), nil, 400},
		{"broken escape", form, []byte("name=%zz"), nil, 400},
		{"no UTF-8", form, []byte("name=%ff%fe"), nil, 400},
		{"name without UTF-8", form, []byte("%ff=x"), nil, 400},
		{"NUL", form, []byte("name=a%00b"), nil, 400},
		{"semicolon", form, []byte("a=1;name=x"), nil, 400},
		{"gzip", form, bomb.Bytes(), []string{"Content-Encoding", "gzip"}, 415},
		{"gzip of parts", multi, bomb.Bytes(), []string{"Content-Encoding", "gzip"}, 415},
		{"any encoding", form, []byte("name=x"), []string{"Content-Encoding", "identity"}, 415},
		{"parts without an end", multi, []byte("--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx"), nil, 400},
		{"parts without a boundary", "multipart/form-data", part("name", "x"), nil, 400},
		{"part with no UTF-8", multi, part("name", "\xff"), nil, 400},
		{"part with a NUL", multi, part("name", "a\x00"), nil, 400},
		{"nothing is wrong", multi, part("name", "十七个字一二三四五六七八九十一二三四五六七"), nil, 422},
	} {
		r := v.body("/accounts", c.kind, c.body, c.headers...)
		if r.StatusCode != c.code {
			t.Errorf("%s: %d, want %d", c.name, r.StatusCode, c.code)
		}
		secured(t, c.name, r.Header, false)
	}
	if list, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{}, "", 100); err != nil || len(list) != 12 {
		t.Errorf("%d accounts, %v", len(list), err)
	}
	if calls := h.calls("kf/account/add"); len(calls) != 0 {
		t.Errorf("WeCom was asked %d times", len(calls))
	}
}

// journal is every call that the simulator has seen.
func (h *house) journal() []string {
	h.t.Helper()
	var list []struct{ Endpoint string }
	h.world("GET", "/_sim/journal", "", &list)
	var out []string
	for _, call := range list {
		out = append(out, call.Endpoint)
	}
	return out
}

// TestCrossSiteByEveryRoute sends every change as the browser of an owner would for a page
// of another site: refused, written down, nothing changed, nothing asked of WeCom.
func TestCrossSiteByEveryRoute(t *testing.T) {
	h := newHouse(t)
	p := h.places()
	v := h.as("owner")
	account, err := h.DB.Account(t.Context(), p.account)
	if err != nil {
		t.Fatal(err)
	}
	asked := len(h.journal())
	for _, rt := range routes() {
		if rt.method != post {
			continue
		}
		for _, head := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
			{"Origin", "http://127.0.0.1:9999"}, {"Origin", "https://evil.example", "X-Forwarded-Host", "evil.example"}} {
			before := h.everything()[0].Seq
			form := url.Values{"name": {"跨站"}, "typed": {account.Name}, "intent": {db.NewID()}, "rev": {revOf(account)}, "users": {"li.na"}, "locale": {"en"}}
			req := httptest.NewRequest(http.MethodPost, p.on(rt.path), strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for i := 0; i < len(head); i += 2 {
				req.Header.Set(head[i], head[i+1])
			}
			r := v.send(req)
			e := h.everything()[0]
			if r.Code != http.StatusForbidden || e.Seq == before || e.Action != ops.AccessCrossSite || e.Outcome.Result != ops.Refused || e.TargetName != "POST "+p.on(rt.path) {
				t.Errorf("%s with %q: %d, last entry %+v", p.on(rt.path), head, r.Code, e.Intent)
			}
		}
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		v.with(name, "POST").get("/accounts/" + p.account + "/delete?typed=" + url.QueryEscape(account.Name) + "&_method=POST").want(http.StatusOK)
	}
	v.get("/me").want(http.StatusOK)
	now, err := h.DB.Account(t.Context(), p.account)
	if err != nil || now.Rev != account.Rev || now.GoneAt != nil {
		t.Errorf("the account is %+v, %v", now, err)
	}
	if n := len(h.journal()); n != asked {
		t.Errorf("WeCom was asked %d times", n-asked)
	}
}

// TestHTTPS holds what an https address adds: cookies that only this host can set and
// only https carries, HSTS, and one host alone.
func TestHTTPS(t *testing.T) {
	public, err := url.Parse("https://console.example")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouseOn(t, dbtest.New(t), func(o *Options) { o.PublicURL = public })
	ask := func(host, origin, cookie string) *http.Response {
		body := "name=owner&password=" + auth.DemoPassword
		return h.rawTest("POST /login HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin + "\r\nCookie: " + cookie + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
			fmt.Sprint(len(body)) + "\r\n\r\n" + body)
	}
	res := ask("console.example", "https://console.example", "kf_lang=en")
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Strict-Transport-Security") == "" {
		t.Fatalf("sign in: %d %v", res.StatusCode, res.Header)
	}
	secured(t, "https", res.Header, false)
	var session *http.Cookie
	for _, c := range res.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s", c.Raw)
		}
		if c.Name == "__Host-kf_session" {
			session = c
		}
	}
	if session == nil || session.MaxAge != 0 || !session.Expires.IsZero() {
		t.Fatalf("session cookie %v", res.Header["Set-Cookie"])
	}
	get := func(cookie string) int {
		return h.rawTest("GET /me HTTP/1.1\r\nHost: console.example\r\nCookie: " + cookie + "\r\n\r\n").StatusCode
	}
	if get("__Host-kf_session="+session.Value) != http.StatusOK || get("kf_session="+session.Value) != http.StatusSeeOther {
		t.Error("the session is not the cookie with the prefix alone")
	}
	if again := ask("console.example", "https://console.example", "__Host-kf_session="+session.Value); again.StatusCode != http.StatusSeeOther || get("__Host-kf_session="+session.Value) != http.StatusSeeOther {
		t.Error("the old session outlives a sign-in from the same browser")
	}
	for host, code := range map[string]int{"192.0.2.1": 421, "10.1.2.3:8080": 421, "console.example.evil.example": 421, "localhost": 303, "127.0.0.1:1": 303} {
		if got := ask(host, "https://console.example", "").StatusCode; got != code {
			t.Errorf("host %s: %d, want %d", host, got, code)
		}
	}
	for _, origin := range []string{"https://evil.example", "https://sub.console.example", "null"} {
		if got := ask("console.example", origin, "").StatusCode; got != http.StatusForbidden {
			t.Errorf("origin %s: %d", origin, got)
		}
	}
	plain := newEmptyHouse(t)
	r := plain.anonymous().post("/login", "name", "owner", "password", auth.DemoPassword)
	if r.Header.Get("Strict-Transport-Security") != "" || strings.Contains(r.Header.Get("Set-Cookie"), "ecure") {
		t.Errorf("without https: %v", r.Header)
	}
}

// TestForwardedFor holds that a visitor cannot choose the address that is written down.
func TestForwardedFor(t *testing.T) {
	h := newEmptyHouse(t)
	lastIP := func() string { return h.everything()[0].IP }
	// The connection of a test is not of this machine: nobody speaks for it.
	h.anonymous().with("X-Forwarded-For", "203.0.113.9").post("/login", "name", "owner", "password", auth.DemoPassword).want(http.StatusSeeOther)
	if lastIP() != "0.0.0.0" {
		t.Errorf("from elsewhere: %q", lastIP())
	}
	body := "name=owner&password=" + auth.DemoPassword
	for _, c := range []struct{ lines, want string }{
		{"", "127.0.0.1"},
		{"X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"},
		{"X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n", "203.0.113.9"},
		{"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"},
		{"X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1"},
		{"X-Forwarded-For: <script>\r\n", "127.0.0.1"},
		{"X-Forwarded-For: 203.0.113.9, \r\n", "127.0.0.1"},
		{"X-Real-Ip: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n", "127.0.0.1"},
	} {
		res := h.rawTest("POST /login HTTP/1.1\r\nHost: HOST\r\n" + c.lines + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body)
		if res.StatusCode != http.StatusSeeOther || lastIP() != c.want {
			t.Errorf("%q: %d from %q, want %q", c.lines, res.StatusCode, lastIP(), c.want)
		}
	}
}
