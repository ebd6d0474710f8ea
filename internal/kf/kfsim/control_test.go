package kfsim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

func TestRoutes(t *testing.T) {
	b := demo(t)
	var got []string
	for _, r := range control[[]struct{ Method, Path string }](b, "GET", "routes", "") {
		got = append(got, r.Method+" "+r.Path)
	}
	same(t, "routes", got, []string{
		"GET gettoken", "POST kf/account/add", "POST kf/account/del", "POST kf/account/update", "POST kf/account/list", "POST kf/add_contact_way",
		"POST kf/servicer/add", "POST kf/servicer/del", "GET kf/servicer/list", "POST media/upload", "GET media/get",
		"GET department/list", "GET department/simplelist", "GET user/simplelist", "GET user/list", "GET user/get",
		"POST kf/sync_msg", "POST kf/send_msg", "POST kf/send_msg_on_event", "POST kf/service_state/get", "POST kf/service_state/trans",
		"POST kf/customer/batchget", "GET kf/customer/get_upgrade_service_config", "POST kf/customer/upgrade_service",
		"POST kf/customer/cancel_upgrade_service", "POST kf/get_corp_statistic", "POST kf/get_servicer_statistic",
	})
}

func TestJournal(t *testing.T) {
	b := demo(t)
	b.post("kf/account/list", `{"limit":7}`)
	b.upload("image", "头像.png", "image/png", pngOf(t, 1))
	b.get("user/get", "userid", "nobody")
	calls := control[[]kfsim.Entry](b, "GET", "journal", "")
	if len(calls) != 4 {
		t.Fatalf("%d calls, want 4", len(calls))
	}
	for i, want := range []kfsim.Entry{
		{Seq: 1, Method: "GET", Endpoint: "gettoken", Query: "corpid=" + kfsim.DemoCorpID + "&corpsecret=hidden"},
		{Seq: 2, Method: "POST", Endpoint: "kf/account/list", Query: "access_token=hidden", Body: `{"limit":7}`},
		{Seq: 3, Method: "POST", Endpoint: "media/upload", Query: "access_token=hidden&type=image", Applied: true,
			Body: fmt.Sprintf(`part "media" filename "头像.png" type "image/png" %d bytes`, len(pngOf(t, 1)))},
		{Seq: 4, Method: "GET", Endpoint: "user/get", Query: "access_token=hidden&userid=nobody"},
	} {
		got, code := calls[i], []int{0, 0, 0, 60111}[i]
		if got.Errcode == nil || *got.Errcode != code || got.State != "answered" || got.IP != "127.0.0.1" || !got.Time.Equal(b.clock.Now()) {
			t.Errorf("call %d: %+v", i, got)
		}
		if got.Seq != want.Seq || got.Method != want.Method || got.Endpoint != want.Endpoint || got.Query != want.Query || got.Body != want.Body || got.Applied != want.Applied {
			t.Errorf("call %d: %+v, want %+v", i, got, want)
		}
	}
	for query, want := range map[string]int{"?after=2": 2, "?last=1": 1, "?endpoint=user/get": 1, "?endpoint=x": 0, "?after=1&last=5": 3} {
		if got := control[[]kfsim.Entry](b, "GET", "journal"+query, ""); len(got) != want {
			t.Errorf("journal%s: %d calls, want %d", query, len(got), want)
		}
	}
	control[any](b, "DELETE", "journal", "")
	b.get("department/list")
	if left := control[[]kfsim.Entry](b, "GET", "journal", ""); len(left) != 1 || left[0].Seq != 5 {
		t.Errorf("after clearing: %+v", left)
	}
	if status, _ := b.controlRaw("GET", "journal?after=x", ""); status != 400 {
		t.Errorf("after=x: status %d", status)
	}
}

func TestJournalKeepsTenThousand(t *testing.T) {
	b := demo(t)
	handler := b.sim.Handler()
	for range 10_050 {
		r, err := http.NewRequest("GET", "/cgi-bin/gettoken", strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		handler.ServeHTTP(nowhere{}, r)
	}
	calls := control[[]kfsim.Entry](b, "GET", "journal", "")
	if len(calls) != 10_000 || calls[0].Seq != 52 || calls[9_999].Seq != 10_051 {
		t.Errorf("%d calls from %d to %d", len(calls), calls[0].Seq, calls[len(calls)-1].Seq)
	}
	if v := control[[]kfsim.Violation](b, "GET", "violations", ""); len(v) != 10_000 || v[9_999].Call != 10_051 {
		t.Errorf("%d violations", len(v))
	}
}

// nowhere throws an answer away.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

func TestReset(t *testing.T) {
	b := demo(t)
	first := b.world()
	b.post("kf/account/del", object("open_kfid", first.Accounts[0].ID)).want(t, 0)
	b.fault(`{"endpoint":"*","kind":"html","times":-1}`)
	control[any](b, "POST", "limits", `{"per_minute":1}`)
	control[any](b, "POST", "clock", `{"advance":"1h"}`)
	control[any](b, "POST", "reset", "")
	again := b.world()
	if len(again.Accounts) != 12 || again.Accounts[0].ID != first.Accounts[0].ID {
		t.Error("the world is not the one it began with")
	}
	if calls := control[[]kfsim.Entry](b, "GET", "journal", ""); len(calls) != 0 {
		t.Errorf("journal %v", calls)
	}
	b.post("kf/account/list", `{}`).want(t, 40014)
	b.signIn()
	for range 3 {
		b.post("kf/account/list", `{}`).want(t, 0)
	}
	control[any](b, "POST", "reset", `{"seed":"empty"}`)
	b.signIn()
	if n := len(b.accounts()); n != 0 {
		t.Errorf("%d accounts in the empty world", n)
	}
	if status, _ := b.controlRaw("POST", "reset", `{"seed":"huge"}`); status != 400 {
		t.Errorf("unknown seed: status %d", status)
	}
}

func TestClock(t *testing.T) {
	b := demo(t)
	type reading struct{ Now, Offset string }
	for _, tt := range []struct{ body, now string }{
		{`{"advance":"2h"}`, "2026-03-02T11:00:00Z"},
		{`{"advance":"-1h"}`, "2026-03-02T10:00:00Z"},
		{`{"set":"2026-12-31T23:00:00Z"}`, "2026-12-31T23:00:00Z"},
		{`{"reset":true}`, "2026-03-02T09:00:00Z"},
	} {
		if got := control[reading](b, "POST", "clock", tt.body); got.Now != tt.now {
			t.Errorf("%s: now %s, want %s", tt.body, got.Now, tt.now)
		}
	}
	control[any](b, "POST", "clock", `{"advance":"7200s"}`)
	b.post("kf/account/list", `{}`).want(t, 42001)
	for _, body := range []string{``, `{"advance":"soon"}`, `{"set":"today"}`, `{"to":1}`} {
		if status, _ := b.controlRaw("POST", "clock", body); status != 400 {
			t.Errorf("%s: status %d", body, status)
		}
	}
}

func TestOutsideChanges(t *testing.T) {
	b := demo(t)
	id := b.account("售前咨询台")
	added := control[struct {
		ID string `json:"open_kfid"`
	}](b, "POST", "outside", object("action", "add", "name", "后台新建")).ID
	avatar := b.accounts()[0]["avatar"]
	control[any](b, "POST", "outside", object("action", "rename", "open_kfid", id, "name", "后台改名"))
	control[any](b, "POST", "outside", object("action", "picture", "open_kfid", id))
	control[any](b, "POST", "outside", object("action", "privilege", "open_kfid", id, "manage_privilege", false))
	control[any](b, "POST", "outside", object("action", "delete", "open_kfid", b.account("订单与付款")))
	rows := b.accounts()
	if len(rows) != 12 || rows[11]["open_kfid"] != added || rows[11]["manage_privilege"] != false {
		t.Errorf("last row %v of %d", rows[11], len(rows))
	}
	if rows[0]["name"] != "后台改名" || rows[0]["avatar"] == avatar || rows[0]["manage_privilege"] != false {
		t.Errorf("first row %v", rows[0])
	}
	b.post("kf/account/update", object("open_kfid", id, "name", "x")).want(t, 48007)
	for _, body := range []string{
		`{}`, object("action", "add"), object("action", "add", "name", strings.Repeat("a", 17)), object("action", "rename", "open_kfid", id, "name", " "),
		object("action", "paint", "open_kfid", id), object("action", "delete", "open_kfid", "wk0"),
	} {
		if status, _ := b.controlRaw("POST", "outside", body); status != 400 {
			t.Errorf("%s: status %d", body, status)
		}
	}
}

func TestPerson(t *testing.T) {
	b := demo(t)
	for _, body := range []string{`{}`, object("userid", "nobody", "status", 1), object("userid", "li.na", "status", 3)} {
		if status, _ := b.controlRaw("POST", "person", body); status != 400 {
			t.Errorf("%s: status %d", body, status)
		}
	}
	control[any](b, "POST", "person", object("userid", "li.na", "status", 5))
	rows := b.get("user/simplelist", "department_id", "5").rows(t, "userlist")
	if slices.Contains(ids(rows, "userid"), "li.na") {
		t.Error("somebody who left is still in his department")
	}
}

func TestUnknownControls(t *testing.T) {
	b := demo(t)
	for path, want := range map[string]int{"nothing": 404, "world": 405, "journal": 405} {
		if status, _ := b.controlRaw("POST", path, ""); status != want {
			t.Errorf("POST %s: status %d, want %d", path, status, want)
		}
	}
}

func TestPage(t *testing.T) {
	b := demo(t)
	b.post("kf/account/list", `{"<b>":1}`)
	b.post("kf/add_contact_way", object("open_kfid", b.account("售前咨询台"), "scene", "door"))
	b.fault(`[{"endpoint":"*","kind":"hang","after":9},{"endpoint":"*","kind":"errcode","code":45009,"times":-1,"after":9}]`)
	chinese := string(fetch(t, b.url+"/_sim/?lang=zh-CN"))
	english := string(fetch(t, b.url+"/_sim/?lang=en"))
	for _, want := range []string{"售前咨询台", "栗小娜", "{&#34;&lt;b&gt;&#34;:1}", "kf/add_contact_way", "enc_scene=ENC", "errcode 45009"} {
		if !strings.Contains(chinese, want) || !strings.Contains(english, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if !strings.Contains(chinese, "企业微信模拟器") || !strings.Contains(english, "WeCom simulator") {
		t.Error("a language is not served")
	}
	for _, bad := range []string{"<script", "<style", " style=", "<no value>", kfsim.DemoSecret, b.token} {
		if strings.Contains(chinese, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	response, err := http.Get(b.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if policy := response.Header.Get("Content-Security-Policy"); response.Request.URL.Path != "/_sim/" || !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'") {
		t.Errorf("/ leads to %s with policy %q", response.Request.URL, policy)
	}
	if css := fetch(t, b.url+"/_sim/page.css"); len(css) < 1000 {
		t.Error("no style sheet")
	}
}

func TestPageOfManyAccounts(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedLarge})
	all := b.world().Accounts
	for page, first := range map[string]int{"": 0, "2": 50, "100": 4950, "101": 4950, "-3": 0, "x": 0} {
		body := string(fetch(t, b.url+"/_sim/?page="+url.QueryEscape(page)))
		if !strings.Contains(body, all[first].ID) || strings.Count(body, "<img") != 50 {
			t.Errorf("page %q does not begin with account %d", page, first)
		}
	}
}
