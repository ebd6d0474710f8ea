package kfsim_test

import (
	"net/url"
	"regexp"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

func TestGetTokenRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, corp, secret string
		code               int
	}{
		{"no corp id", "", kfsim.DemoSecret, 41002},
		{"no secret", kfsim.DemoCorpID, "", 41004},
		{"wrong corp id", "ww0000000000000000", kfsim.DemoSecret, 40013},
		{"wrong secret", kfsim.DemoCorpID, "wrong", 40001},
		{"right", kfsim.DemoCorpID, kfsim.DemoSecret, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := demo(t)
			query := url.Values{}
			if tt.corp != "" {
				query.Set("corpid", tt.corp)
			}
			if tt.secret != "" {
				query.Set("corpsecret", tt.secret)
			}
			b.send("GET", "gettoken", query, "", nil).want(t, tt.code)
		})
	}
}

func TestTokenLife(t *testing.T) {
	b := demo(t)
	first := b.token
	b.clock.Advance(6600 * time.Second)
	b.signIn()
	if b.token != first {
		t.Error("a token in force was replaced")
	}
	b.clock.Advance(time.Second)
	b.signIn()
	second := b.token
	if second == first {
		t.Error("a token about to end was given out again")
	}
	for _, tt := range []struct {
		seconds time.Duration
		code    int
	}{{598, 0}, {1, 42001}} {
		b.clock.Advance(tt.seconds * time.Second)
		b.token = first
		b.post("kf/account/list", `{}`).want(t, tt.code)
		b.token = second
		b.post("kf/account/list", `{}`).want(t, 0)
	}
	b.clean()
}

func TestTokenExpiresIn(t *testing.T) {
	b := demo(t)
	b.clock.Advance(200 * time.Second)
	a := b.send("GET", "gettoken", url.Values{"corpid": {kfsim.DemoCorpID}, "corpsecret": {kfsim.DemoSecret}}, "", nil).want(t, 0)
	if a.fields["expires_in"] != 7000.0 {
		t.Errorf("expires_in %v, want 7000", a.fields["expires_in"])
	}
}

func TestTokenNeeded(t *testing.T) {
	b := demo(t)
	good := b.token
	for token, code := range map[string]int{"": 41001, "nonsense": 40014, good: 0} {
		b.token = token
		b.post("kf/account/list", `{}`).want(t, code)
		b.get("department/list").want(t, code)
	}
}

func TestExpireToken(t *testing.T) {
	for _, code := range []int{42001, 40014} {
		b := demo(t)
		control[any](b, "POST", "expire_token", object("code", code))
		b.post("kf/account/list", `{}`).want(t, code)
		b.signIn()
		b.post("kf/account/list", `{}`).want(t, 0)
	}
	b := demo(t)
	control[any](b, "POST", "expire_token", "")
	b.post("kf/account/list", `{}`).want(t, 42001)
	if status, _ := b.controlRaw("POST", "expire_token", `{"code":1}`); status != 400 {
		t.Errorf("code 1: status %d, want 400", status)
	}
}

func TestErrmsgShape(t *testing.T) {
	b := demo(t)
	shape := regexp.MustCompile(`^open_kfid does not exist, hint: \[[0-9]{20,}\], from ip: 127\.0\.0\.1, more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=95004$`)
	body := object("open_kfid", "wkNobody000000000000000000000001")
	first, second := b.post("kf/account/del", body), b.post("kf/account/del", body)
	if !shape.MatchString(first.msg) {
		t.Errorf("errmsg %q", first.msg)
	}
	if first.msg == second.msg {
		t.Error("the hint is the same for two calls")
	}
	if kind := first.header.Get("Content-Type"); kind != "application/json; charset=UTF-8" || first.status != 200 {
		t.Errorf("status %d, Content-Type %s", first.status, kind)
	}
}

func TestMethods(t *testing.T) {
	b := demo(t)
	for _, path := range []string{"kf/account/add", "kf/account/del", "kf/account/update", "kf/add_contact_way", "kf/servicer/add", "kf/servicer/del", "media/upload"} {
		b.get(path).want(t, 40058)
		same(t, path, b.violations(), []string{"method"})
	}
	if a := b.get("kf/account/list").want(t, 0); len(a.fields["account_list"].([]any)) != 12 {
		t.Errorf("GET account/list: %s", a.raw)
	}
	same(t, "account/list", b.violations(), []string{"method"})
	b.post("department/list", "").want(t, 0)
	same(t, "POST department/list", b.violations(), []string{"method"})
	b.send("DELETE", "department/list", url.Values{"access_token": {b.token}}, "", nil).want(t, 40058)
	b.send("PUT", "kf/account/list", url.Values{"access_token": {b.token}}, "", nil).want(t, 40058)
}

func TestUnknownCall(t *testing.T) {
	b := demo(t)
	b.post("kf/knowledge/add_group", `{}`).want(t, 48001)
	same(t, "violations", b.violations(), []string{"endpoint"})
}

func TestDoubledSlash(t *testing.T) {
	b := demo(t)
	b.post("/kf//account/list", `{}`).want(t, 0)
}

func TestQueryParameters(t *testing.T) {
	b := demo(t)
	b.get("department/list", "fetch_child", "1", "debug", "1").want(t, 0)
	same(t, "violations", b.violations(), []string{"field:fetch_child", "field:debug"})
}
