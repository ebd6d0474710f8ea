package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	v := h.anonymous()
	r := v.get("/accounts?q=x").want(http.StatusSeeOther)
	if to := r.Header.Get("Location"); to != "/login?return=%2Faccounts%3Fq%3Dx" {
		t.Errorf("sent to %q", to)
	}
	page := v.get("/login?return=%2Faccounts%3Fq%3Dx").want(http.StatusOK)
	if page.value("return") != "/accounts?q=x" {
		t.Errorf("return is %q", page.value("return"))
	}
	r = v.post("/login", "name", "owner", "password", "wrong", "return", "/accounts").want(http.StatusUnprocessableEntity)
	if r.value("name") != "owner" || r.value("password") != "" || !strings.Contains(r.text("main"), "用户名或密码不正确") {
		t.Errorf("form came back as %s", r.Body)
	}
	r = v.post("/login", "name", "owner", "password", "demo-console", "return", "/accounts?q=x").want(http.StatusSeeOther)
	if to := r.Header.Get("Location"); to != "/accounts?q=x" {
		t.Errorf("sent to %q", to)
	}
	cookie := r.Header.Get("Set-Cookie")
	for _, part := range []string{"kf_session=", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q lacks %q", cookie, part)
		}
	}
	v.get("/accounts").want(http.StatusOK)
	entries, _, err := h.DB.AuditEntries(t.Context(), db.AuditFilter{Action: ops.SessionSignIn}, "", 10)
	if err != nil || len(entries) != 2 || entries[0].Outcome.Result != ops.Done || entries[1].Outcome.Result != ops.Refused {
		t.Errorf("entries %+v, %v", entries, err)
	}
	token := v.cookies["kf_session"]
	v.post("/logout").want(http.StatusSeeOther)
	v.cookies["kf_session"] = token
	v.get("/accounts").want(http.StatusSeeOther)
}

func TestReturnStaysHere(t *testing.T) {
	h := newHouse(t)
	for _, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/a\r\nSet-Cookie: x=y"} {
		r := h.anonymous().post("/login", "name", "viewer", "password", "demo-console", "return", to).want(http.StatusSeeOther)
		if got := r.Header.Get("Location"); got != "/" {
			t.Errorf("return %q leads to %q", to, got)
		}
	}
}

func TestThrottle(t *testing.T) {
	h := newHouse(t)
	v := h.anonymous()
	signedIn := h.as("owner")
	code := 0
	for range 20 {
		r := v.post("/login", "name", "owner", "password", "wrong")
		if code = r.Code; code == http.StatusTooManyRequests {
			if r.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			break
		}
	}
	if code != http.StatusTooManyRequests {
		t.Errorf("last status %d", code)
	}
	signedIn.get("/accounts").want(http.StatusOK)
}

func TestCrossSite(t *testing.T) {
	h := newHouse(t)
	v := h.as("owner")
	a := h.account(0)
	for _, head := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		req := httptest.NewRequest(http.MethodPost, "/accounts/"+a.ID, strings.NewReader("name=hacked&rev=1"))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(head[0], head[1])
		v.send(req).want(http.StatusForbidden)
	}
	now, err := h.DB.Account(t.Context(), a.ID)
	if err != nil || now.Name != a.Name {
		t.Errorf("name is %q, %v", now.Name, err)
	}
	n, _, err := h.DB.AuditCount(t.Context(), db.AuditFilter{Action: ops.AccessCrossSite}, 10)
	if err != nil || n != 2 {
		t.Errorf("%d entries, %v", n, err)
	}
}

func TestDenied(t *testing.T) {
	h := newHouse(t)
	a := h.account(0)
	viewer := h.as("viewer")
	viewer.get("/audit").want(http.StatusForbidden)
	viewer.post("/accounts/"+a.ID, "name", "x").want(http.StatusForbidden)
	entries, _, err := h.DB.AuditEntries(t.Context(), db.AuditFilter{Action: ops.AccessDenied}, "", 10)
	if err != nil || len(entries) != 2 || entries[0].OperatorName != "viewer" || !strings.Contains(entries[0].Input, a.ID) {
		t.Errorf("entries %+v, %v", entries, err)
	}
}

func TestSettingsAndSessions(t *testing.T) {
	h := newHouse(t)
	v, other := h.as("owner"), h.as("owner")
	v.post("/me", "locale", "en", "theme", "dark", "zone", "Europe/Berlin").want(http.StatusSeeOther)
	page := v.get("/me").want(http.StatusOK)
	if page.text("h1") != "My settings" {
		t.Errorf("title %q", page.text("h1"))
	}
	if theme, _ := page.doc().Find("html").Attr("data-theme"); theme != "dark" {
		t.Errorf("theme %q", theme)
	}
	v.post("/me/password", "current", "nonsense", "new", "a much longer one", "again", "a much longer one").want(http.StatusUnprocessableEntity)
	v.post("/me/password", "current", "demo-console", "new", "a much longer one", "again", "another one").want(http.StatusUnprocessableEntity)
	v.post("/me/password", "current", "demo-console", "new", "a much longer one", "again", "a much longer one").want(http.StatusSeeOther)
	v.get("/me").want(http.StatusOK)
	other.get("/me").want(http.StatusSeeOther)
}

func TestHostsAndMethods(t *testing.T) {
	h := newHouse(t)
	v := h.anonymous()
	req := httptest.NewRequest(http.MethodGet, "/login", nil)
	v.send(req).want(http.StatusOK)
	for _, path := range []string{"/healthz", "/readyz"} {
		v.get(path).want(http.StatusOK)
	}
	if r := v.get("/nothing/here"); r.Code != http.StatusNotFound || !strings.Contains(r.text("main"), "找不到") {
		t.Errorf("status %d: %s", r.Code, r.text("main"))
	}
	r := v.get("/login")
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy"} {
		if r.Header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	if strings.Contains(r.Header.Get("Content-Security-Policy"), "unsafe") {
		t.Error("unsafe policy")
	}
}
