package kfsim_test

import (
	"net/url"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

func TestNoLimitByDefault(t *testing.T) {
	b := demo(t)
	for range 300 {
		b.post("kf/account/list", `{}`).want(t, 0)
	}
}

func TestLimitPerMinute(t *testing.T) {
	b := demo(t)
	control[any](b, "POST", "limits", `{"per_minute":3,"endpoints":{"department/list":1}}`)
	for range 3 {
		b.post("kf/account/list", `{}`).want(t, 0)
	}
	b.post("kf/account/list", `{}`).want(t, 45009)
	b.get("department/list").want(t, 0)
	b.get("department/list").want(t, 45009)
	b.get("user/get", "userid", "li.na").want(t, 0)
	b.clock.Advance(59 * time.Second)
	b.post("kf/account/list", `{}`).want(t, 45009)
	b.clock.Advance(time.Second)
	b.post("kf/account/list", `{}`).want(t, 0)
	for range 2 {
		b.clock.Advance(61 * time.Second)
		for range 3 {
			b.post("kf/account/list", `{}`).want(t, 0)
		}
	}
	if got := control[kfsim.Limits](b, "GET", "limits", ""); got.PerMinute != 3 || got.Endpoints["department/list"] != 1 {
		t.Errorf("limits %+v", got)
	}
	control[any](b, "POST", "limits", "")
	b.post("kf/account/list", `{}`).want(t, 0)
	b.post("kf/account/list", `{}`).want(t, 0)
}

func TestWrongSecretsBan(t *testing.T) {
	b := demo(t)
	control[any](b, "POST", "limits", `{"wrong_secrets_per_hour":2}`)
	ask := func(secret string) answer {
		return b.send("GET", "gettoken", url.Values{"corpid": {kfsim.DemoCorpID}, "corpsecret": {secret}}, "", nil)
	}
	for range 3 {
		ask("wrong").want(t, 40001)
	}
	ask(kfsim.DemoSecret).want(t, 45009)
	b.clock.Advance(time.Hour)
	ask(kfsim.DemoSecret).want(t, 0)
}

func TestLimitConcurrent(t *testing.T) {
	b := demo(t)
	control[any](b, "POST", "limits", `{"concurrent":1}`)
	b.fault(`{"endpoint":"department/list","kind":"hang"}`)
	done := make(chan answer, 1)
	go func() {
		a, err := b.try("GET", "department/list", url.Values{"access_token": {b.token}}, "", nil)
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	b.until("holding", func() bool { return b.holding() == 1 })
	b.get("department/list").want(t, 45033)
	b.get("user/get", "userid", "li.na").want(t, 0)
	control[any](b, "POST", "release", "")
	a := <-done
	if err := a.parse(); err != nil || a.code != 0 {
		t.Errorf("the held call: %s", a.raw)
	}
	b.get("department/list").want(t, 0)
}
