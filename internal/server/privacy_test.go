package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// TestMaskedListsTellNothing searches and sorts by what is masked: whoever may not read names and messages could find them
// out letter by letter, or by who stands before whom.
func TestMaskedListsTellNothing(t *testing.T) {
	h := newHouse(t)
	h.storeTalk(firstTalk{h.account(0).ID, "wmone", "晴天小雨", "", "我的地址是幸福路", time.Now().Add(-time.Hour)})
	for _, role := range []string{"auditor", "viewer"} {
		v := h.as(role)
		for _, path := range []string{"/conversations?q=%E6%99%B4", "/conversations?view=columns&q=x", "/conversations?q=x&since=1", "/customers?sort=name"} {
			v.get(path).want(http.StatusBadRequest)
			v.with("HX-Request", "true").with("HX-Target", "rows").get(path).want(http.StatusBadRequest)
		}
		for _, path := range []string{"/conversations", "/customers"} {
			page := v.get(path).want(http.StatusOK)
			if page.doc().Find("main form[role=search], main a[href*='sort=name']").Length() != 0 {
				t.Errorf("%s is offered the search or the order of names on %s", role, path)
			}
			// Rows can be selected only where something may be done with them; the script expects a bar beside them.
			if page.doc().Find("main [data-bulk], main [data-select-row]").Length() != 0 {
				t.Errorf("%s is offered a selection on %s", role, path)
			}
		}
	}
	v := h.as("manager")
	for _, path := range []string{"/conversations", "/customers"} {
		if v.get(path).doc().Find("main form[role=search]").Length() != 1 {
			t.Errorf("the manager has no search on %s", path)
		}
	}
	v.get("/customers?sort=name").want(http.StatusOK)
}

// TestRatingIsMessage holds that how a customer rated, which is what the customer wrote, is only for those who read messages.
func TestRatingIsMessage(t *testing.T) {
	h := newHouse(t)
	c := h.storeTalk(firstTalk{h.account(0).ID, "wmone", "晴天小雨", "", "好的", time.Now().Add(-time.Hour)})
	visits, err := h.DB.VisitsOf(t.Context(), c.ID)
	if err != nil || len(visits) != 1 {
		t.Fatal(len(visits), err)
	}
	visits[0].EndedAt, visits[0].EndedBy, visits[0].Rating = time.Now(), "servicer", "非常不满意"
	if err := h.DB.UpdateVisit(t.Context(), visits[0]); err != nil {
		t.Fatal(err)
	}
	for role, sees := range map[string]bool{"owner": true, "manager": true, "auditor": false, "viewer": false} {
		if got := strings.Contains(h.as(role).get("/customers/wmone").want(http.StatusOK).Body, "非常不满意"); got != sees {
			t.Errorf("%s sees the rating: %v", role, got)
		}
	}
}

// bomb is a body of a few kilobytes that unfolds to a size.
func bomb(size int) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range size >> 20 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	_ = z.Close()
	return b.Bytes()
}

// allocated runs f and returns how many bytes were asked of the memory meanwhile.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestCallbackUnfoldsNothing sends a packed body to the one address that takes bodies of strangers.
func TestCallbackUnfoldsNothing(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	body := bomb(128 << 20)
	for _, encoding := range []string{"gzip", "deflate", "br", "gzip, gzip"} {
		var res *http.Response
		took := allocated(func() {
			req := httptest.NewRequest(http.MethodPost, "/callback?"+signed("x", h.now, "1").Encode(), bytes.NewReader(body))
			req.Host = "127.0.0.1:8080"
			req.Header.Set("Content-Encoding", encoding)
			var err error
			if res, err = h.Server.Test(req); err != nil {
				t.Fatal(err)
			}
		})
		if res.StatusCode/100 != 4 || took > 16<<20 {
			t.Errorf("%s: %d after %d MB", encoding, res.StatusCode, took>>20)
		}
		_ = res.Body.Close()
	}
}

// TestOnlyOperatorsSendMuch sends more than a form may hold to the composer: as somebody who sends messages, who does not, and
// who only says to be somebody.
func TestOnlyOperatorsSendMuch(t *testing.T) {
	h := newHouse(t)
	p := h.places()
	path := "/conversations/" + p.conversation + "/messages"
	big := []byte("kind=text&text=" + strings.Repeat("x", maxBody+1))
	made := h.anonymous()
	made.cookies["kf_session"] = strings.Repeat("A", 43)
	old := h.as("manager")
	gone := *old
	gone.cookies = map[string]string{"kf_session": old.cookies["kf_session"]}
	old.post("/logout")
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		v    *visitor
		code int
	}{
		"nobody": {h.anonymous(), http.StatusRequestEntityTooLarge}, "a made-up session": {made, http.StatusRequestEntityTooLarge},
		"a session that has ended": {&gone, http.StatusRequestEntityTooLarge}, "a viewer": {h.as("viewer"), http.StatusRequestEntityTooLarge},
		"a manager": {h.as("manager"), http.StatusBadRequest}, // of one field that is too long
	} {
		if got := c.v.body(path, form, big).StatusCode; got != c.code {
			t.Errorf("%s: %d, want %d", name, got, c.code)
		}
	}
	if got := h.as("manager").body("/accounts", form, big).StatusCode; got != http.StatusRequestEntityTooLarge {
		t.Errorf("another form: %d", got)
	}
}

// TestMediaNames saves files whose names want to be something else.
func TestMediaNames(t *testing.T) {
	for name, want := range map[string]string{
		"报价单.xlsx":                 "报价单.xlsx",
		"photo\u202egpj.exe":       "photogpj.exe",
		"a\u200f\u2066b\u061c.txt": "ab.txt",
		"a\r\nSet-Cookie: x=1":     "aSet-Cookie: x=1",
		"../../etc/passwd":         "passwd",
		`..\..\boot.ini`:           "boot.ini",
		"..":                       "file",
		" . ":                      "file",
		"\u202e":                   "file",
		`quo"te;x=.txt`:            `quo"te;x=.txt`,
	} {
		if got := mediaName(db.Media{Kind: "file", MIME: "x/unknown", Name: name}); got != want {
			t.Errorf("%q is saved as %q, want %q", name, got, want)
		}
	}
}

// TestRawIsBounded shows entries that nobody can read and that would fill the memory when laid out.
func TestRawIsBounded(t *testing.T) {
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	wide, err := json.Marshal(map[string]any{"x": strings.Repeat("长", 1<<18), "y": make([]int, 1<<18)})
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"deep": deep(9000), "a little deep": deep(2000), "wide": wide, "no JSON": bytes.Repeat([]byte{'"', 0xff}, 1<<19)} {
		var words string
		if took := allocated(func() { words = rawWords(raw) }); took > 2<<20 || len(words) > rawShown+16 {
			t.Errorf("%s: %d bytes from %d KB", name, len(words), took>>10)
		}
	}
	if got := rawWords([]byte(`{"msgtype":"x","x":{"a":[1]}}`)); !strings.Contains(got, "\n    \"a\": [") {
		t.Errorf("laid out: %q", got)
	}
}

// TestStreamsPerOperator opens more streams than anybody needs.
func TestStreamsPerOperator(t *testing.T) {
	h := liveHouse(t, quickPace())
	h.Server.streams.most = maxStreams
	v := h.as("viewer")
	for n := range maxStreams {
		if w := v.opens("topic=sync"); w.status != http.StatusOK {
			t.Fatalf("stream %d: %d", n, w.status)
		}
	}
	if w := v.opens("topic=sync"); w.status != http.StatusTooManyRequests {
		t.Errorf("one more: %d", w.status)
	}
	if w := h.as("manager").opens("topic=sync"); w.status != http.StatusOK {
		t.Errorf("somebody else: %d", w.status)
	}
}
