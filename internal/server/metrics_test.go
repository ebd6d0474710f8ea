package server

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/live"
)

// measured asks for the metrics over a connection of this machine.
func (h *house) measured(change func(*http.Request)) (status int, body string) {
	h.t.Helper()
	if h.addr == "" {
		h.addr = h.listen()
	}
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "http://"+h.addr+"/metrics", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	change(req)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if got := res.Header.Get("Content-Type"); err != nil || res.StatusCode != http.StatusForbidden && got != "text/plain; version=0.0.4; charset=utf-8" {
		h.t.Errorf("sent as %q, %v", got, err)
	}
	return res.StatusCode, string(text)
}

func TestMetrics(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	h.post(news("wk1"), "1").want(http.StatusOK)
	if err := h.DB.SaveSyncState(t.Context(), db.SyncState{AccountID: "wk1", OKAt: time.Now().Add(-time.Hour), Failures: 3}); err != nil {
		t.Fatal(err)
	}
	status, body := h.measured(func(*http.Request) {})
	if status != http.StatusOK {
		t.Fatal(status)
	}
	for _, want := range []string{"kf_up 1\n", `kf_callbacks_total{result="heeded"} 1` + "\n", `kf_callbacks_total{result="rejected"} 0` + "\n", `kf_sync_failures{account="wk1"} 3` + "\n",
		`kf_sync_lag_seconds{account="wk1"} `, `kf_sync_age_seconds{account="wk1"} `, `kf_messages_total{account="wk1"} 0`, "kf_stream_connections 0\n", `kf_streams_ended_total{reason="stalled"} 0`, "kf_media_bytes 0\n", "kf_changes_open 0\n"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	// Every line is one that a monitor can read, and every value has its help and its type before it.
	line := regexp.MustCompile(`^(# (HELP|TYPE) kf_[a-z_]+ .+|kf_[a-z_]+(\{[a-z]+="([^"\\]|\\.)*"\})? [0-9.]+)$`)
	said := map[string]bool{}
	for each := range strings.Lines(body) {
		each = strings.TrimSuffix(each, "\n")
		if !line.MatchString(each) {
			t.Errorf("unreadable: %q", each)
		}
		if kind, ok := strings.CutPrefix(each, "# TYPE "); ok {
			said[strings.Fields(kind)[0]] = true
		} else if name, _, _ := strings.Cut(strings.Fields(each)[0], "{"); each[0] != '#' && !said[name] {
			t.Errorf("%s has no type", name)
		}
	}
	var m gauges
	m.value("kf_x", "account", "a\"b\\c\nd", 1.5)
	if got := m.String(); got != `kf_x{account="a\"b\\c\nd"} 1.5`+"\n" {
		t.Errorf("a hostile label is %q", got)
	}
}

// Without a token only a program on this machine is answered, and not what a proxy on it passes on.
func TestMetricsAreForThisMachine(t *testing.T) {
	const token = "token-of-the-monitor"
	ask := func(h *house, change func(*http.Request)) int {
		status, _ := h.measured(change)
		return status
	}
	open := newEmptyHouse(t)
	locked := newHouseOn(t, dbtest.New(t), func(o *Options) { o.MetricsToken = token })
	for _, tt := range []struct {
		name         string
		change       func(*http.Request)
		open, locked int
	}{
		{"from here", func(*http.Request) {}, 200, 403},
		{"by a proxy", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") }, 403, 403},
		{"by a proxy that says so otherwise", func(r *http.Request) { r.Header.Set("Forwarded", "for=127.0.0.1") }, 403, 403},
		{"by another name", func(r *http.Request) { r.Host = "192.168.1.4:8080" }, 403, 403},
		{"with the token", func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
		}, 403, 200},
		{"with another token", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token+"x") }, 200, 403},
		{"with the token alone", func(r *http.Request) { r.Header.Set("Authorization", token) }, 200, 403},
	} {
		if got := ask(open, tt.change); got != tt.open {
			t.Errorf("%s, without a token set: %d, want %d", tt.name, got, tt.open)
		}
		if got := ask(locked, tt.change); got != tt.locked {
			t.Errorf("%s, with a token set: %d, want %d", tt.name, got, tt.locked)
		}
	}
}

func TestMetricsWithoutDatabase(t *testing.T) {
	d, err := db.Open(t.Context(), db.Options{Path: t.TempDir() + "/console.db"})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouseOn(t, d, nil)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := h.measured(func(*http.Request) {}); status != http.StatusServiceUnavailable || !strings.Contains(body, "kf_up 0\n") {
		t.Errorf("%d %q", status, body)
	}
}

// The health page says in both languages how the sync of each account is doing, the worst first, and what needs a person.
func TestHealthPage(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	h.fill()
	h.now = time.Now()
	a, b := h.account(0), h.account(1)
	for _, st := range []db.SyncState{
		{AccountID: a.ID, OKAt: h.now.Add(-61 * time.Hour), TriedAt: h.now, Errcode: 45009, Error: "45009", Failures: 7},
		{AccountID: b.ID, OKAt: h.now.Add(-time.Minute), TriedAt: h.now, Messages: 12},
	} {
		if err := h.DB.SaveSyncState(t.Context(), st); err != nil {
			t.Fatal(err)
		}
	}
	h.deliver(signed("x", h.now, "1"), "x").want(http.StatusForbidden)
	v := h.as("manager")
	zh := v.get("/settings/health").want(http.StatusOK)
	if got := zh.text("tbody tr:first-child"); !strings.Contains(got, a.Name) || !strings.Contains(got, "超过 60 小时") || !strings.Contains(got, "连续失败 7 次") {
		t.Errorf("the worst account: %q", got)
	}
	if got := zh.text(".notice.danger"); !strings.Contains(got, "1 个账号同步太久没有成功") || !strings.Contains(got, "12 小时") {
		t.Errorf("what needs a person: %q", got)
	}
	if got := zh.text("#callback"); !strings.Contains(got, "http://127.0.0.1:8080/callback") || !strings.Contains(got, "验证不通过") || !strings.Contains(got, "从未收到") {
		t.Errorf("the callback: %q", got)
	}
	if got := zh.text("#media"); !strings.Contains(got, "0 B，上限 10 GB") {
		t.Errorf("the room: %q", got)
	}
	if el := zh.doc().Find("#health"); el.AttrOr("data-live", "") != live.TopicSync || el.AttrOr("hx-get", "") != "/settings/health" || el.Find("form").Length() != 0 {
		t.Error("the page does not ask for itself, or has a form in it")
	}
	en := v.in("en").get("/settings/health").want(http.StatusOK)
	allEnglish(t, en, "#media")
	allEnglish(t, en, "#callback")
	if got := en.text("h1"); got != "Health" {
		t.Errorf("in English: %q", got)
	}
	part := v.with("HX-Request", "true").get("/settings/health").want(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.doc().Find("#health").Length() != 1 {
		t.Error("the part that is asked for is wrong")
	}
	h.as("viewer").get("/settings/health").want(http.StatusForbidden)
	if hits := v.get("/search?q=health").text("main"); !strings.Contains(hits, "健康状况") {
		t.Errorf("the search finds %q", hits)
	}
	empty := newEmptyHouse(t).as("owner").get("/settings/health").want(http.StatusOK)
	if !strings.Contains(empty.text(".notice.warn"), "未配置") || empty.text(".empty-title") == "" {
		t.Errorf("before anything is set up: %q", empty.text("main"))
	}
}

func TestBytesWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 20 << 20: "20 MB", 1536 << 20: "1.5 GB", 10 << 30: "10 GB", 5 << 50: "5120 TB"} {
		if got := bytesWords(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
