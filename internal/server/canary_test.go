package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/kf/kfsim"
)

// logged is a log that can be read while it is written.
type logged struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// What customers and operators say in the test of canaries.
const (
	canaryName   = "canary-name-7q1"
	canaryText   = "canary-text-7q2"
	canaryFile   = "canary-file-7q3"
	canaryTitle  = "canary-title-7q4"
	canaryAnswer = "canary-answer-7q5"
	canaryWrong  = "canary-wrong-7q6"
	canaryRaw    = "canary-raw-7q7"
	canaryQuery  = "canary-query-7q8"
	canaryParam  = "canary-param-7q9"
)

// talkOfCanaries runs a conversation through the server and the simulator: entered, welcomed, written, answered, moved, ended, with
// faults of WeCom, forms that are refused and pages that are not there. It returns the codes and tokens that were used.
func talkOfCanaries(t *testing.T, log *logged) (s *shop, secrets []string) {
	t.Helper()
	opener, err := callback.New(callToken, callKey, kfsim.DemoCorpID)
	if err != nil {
		t.Fatal(err)
	}
	s = &shop{house: newHouseOn(t, dbtest.New(t), func(o *Options) {
		o.Callback, o.Log = opener, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}).fill()}
	s.rule()
	s.addr = s.listen()
	if err := s.Sim.SetCallback(kfsim.Callback{URL: "http://" + s.addr + "/callback", Token: callToken, AESKey: callKey}); err != nil {
		t.Fatal(err)
	}
	s.account = s.staffed()
	s.Sim.SetLimits(kfsim.Limits{SyncWithoutToken: -1})
	s.work()
	if s.customer, err = s.Sim.CustomerEnters(s.account.ID, "till", canaryParam, kfsim.CustomerCard{Name: canaryName}); err != nil {
		t.Fatal(err)
	}
	s.says(kfsim.TextContent(canaryText))
	s.says(kfsim.Content{Type: "link", Fields: map[string]any{"title": canaryTitle, "url": "https://a.example/" + canaryTitle, "desc": canaryTitle}})
	s.says(kfsim.Content{Type: "file", Fields: map[string]any{"data": []byte("0123456789"), "filename": canaryFile + ".txt"}})
	s.entry(map[string]any{"msgid": "new1", "origin": 3, "msgtype": "hologram", "hologram": map[string]any{"depth": canaryRaw}})
	s.entry(map[string]any{"msgid": "broken1", "origin": 3, "msgtype": "text", "txt": canaryRaw})
	s.synced()
	s.answered()
	s.greeted()
	s.called(log)
	var calls []kfsim.Entry
	s.world("GET", "/_sim/journal", "", &calls)
	spent := regexp.MustCompile(`"(?:code|token)":"([^"]{8,})"`)
	for _, call := range calls {
		for _, found := range spent.FindAllStringSubmatch(call.Body, -1) {
			secrets = append(secrets, found[1])
		}
	}
	return s, secrets
}

// answered has a manager answer, well and badly.
func (s *shop) answered() {
	s.t.Helper()
	v := s.as("manager")
	v.post(s.page("/messages"), "kind", "text", "text", canaryAnswer).want(http.StatusSeeOther)
	v.attach(s.page("/messages"), "file", canaryFile+".pdf", "application/pdf", []byte("%PDF-1.7"), "kind", "file").want(http.StatusSeeOther)
	v.post(s.page("/messages"), "kind", "link", "link_title", canaryWrong, "link_url", "ftp://"+canaryWrong).want(http.StatusUnprocessableEntity)
	v.post(s.page("/messages"), "kind", "text", "text", canaryWrong+strings.Repeat(" x", 40_000)).want(http.StatusBadRequest)
	for _, fault := range []string{`{"endpoint":"kf/send_msg","kind":"errcode","code":95001}`, `{"endpoint":"kf/send_msg","kind":"garbage"}`, `{"endpoint":"kf/send_msg","kind":"cut_after"}`} {
		s.fault(fault)
		v.post(s.page("/messages"), "kind", "text", "text", canaryAnswer)
	}
	v.post(s.page("/move"), "to", "3", "servicer", canaryWrong)
	v.post(s.page("/move"), "to", "2").want(http.StatusSeeOther)
	v.get("/search?q=" + canaryQuery).want(http.StatusOK)
	v.get("/conversations?q=" + canaryQuery).want(http.StatusOK)
	v.get(s.page("?q=" + canaryText)).want(http.StatusOK)
	v.get("/nothing?q=" + canaryQuery).want(http.StatusNotFound)
	v.get("/customers/" + s.customer + "?x=" + canaryQuery).want(http.StatusOK)
	v.post("/customers/refresh", "id", s.customer).want(http.StatusSeeOther)
	s.fault(`{"endpoint":"kf/customer/batchget","kind":"garbage"}`)
	v.post("/customers/refresh", "id", s.customer).want(http.StatusSeeOther)
	s.as("owner").post("/customers/"+s.customer+"/erase", "typed", canaryWrong).want(http.StatusUnprocessableEntity)
	s.as("viewer").post(s.page("/messages"), "kind", "text", "text", canaryWrong).want(http.StatusForbidden)
	v.post(s.page("/move"), "to", "4").want(http.StatusSeeOther)
}

// called has news told by callbacks only, of which one leads to an answer that is cut off.
func (s *shop) called(log *logged) {
	s.t.Helper()
	for n, fault := range []string{`{"endpoint":"kf/sync_msg","kind":"delay","ms":1}`, `{"endpoint":"kf/sync_msg","kind":"garbage","times":-1}`} {
		s.fault(fault)
		id := s.says(kfsim.TextContent(canaryText))
		for range 1500 {
			_, err := s.DB.Message(s.t.Context(), s.account.ID, id)
			if n == 0 && err == nil || n == 1 && strings.Contains(log.String(), "sync: pull") {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	if !strings.Contains(log.String(), "sync: pull") {
		s.t.Fatal("no answer was cut off")
	}
}

// greeted waits until a coded message was sent and no code is left.
func (s *shop) greeted() {
	s.t.Helper()
	for range 1500 {
		sent, _, err := s.DB.Codes(s.t.Context(), db.CodeFilter{State: db.CodeSent}, "", 10)
		due, _, dueErr := s.DB.Codes(s.t.Context(), db.CodeFilter{State: db.CodeDue}, "", 10)
		if err = errors.Join(err, dueErr); err != nil {
			s.t.Fatal(err)
		}
		if len(sent) > 0 && len(due) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("no coded message was sent")
}

// TestCanaries looks for what was said in everything that is not for those who may read it: the log, the audit log and its exports, the
// metrics, and every page of the roles that do not see messages.
func TestCanaries(t *testing.T) {
	var log logged
	s, secrets := talkOfCanaries(t, &log)
	if len(secrets) < 2 {
		t.Fatalf("%d codes and tokens were used", len(secrets))
	}
	said := []string{canaryName, canaryText, canaryFile, canaryTitle, canaryAnswer, canaryWrong, canaryRaw, canaryQuery}
	secrets = append(secrets, callToken, callKey, kfsim.DemoSecret, auth.DemoPassword)
	none := func(where, text string, words []string) {
		t.Helper()
		for _, word := range words {
			if at := strings.Index(text, word); at >= 0 {
				t.Errorf("%s holds %q: …%s…", where, word, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
	all := append(append([]string{canaryParam}, said...), secrets...)
	entries, err := json.Marshal(s.everything())
	if err != nil {
		t.Fatal(err)
	}
	none("the audit log", string(entries), all)
	v := s.as("owner")
	for _, path := range []string{"/audit", "/audit.csv", "/audit.jsonl", "/settings/health", "/settings/replies/log"} {
		none(path, strings.ReplaceAll(v.get(path).want(http.StatusOK).Body, canaryName, ""), all)
	}
	none("/metrics", s.anonymous().get("/metrics").Body, all)
	for _, role := range []string{"auditor", "viewer"} {
		none("a page of the "+role, s.pagesOf(role), append(said[:len(said)-1], secrets...))
	}
	none("the log", log.String(), all)
	// The oracle: who may read it finds all of it.
	page := html.UnescapeString(s.as("manager").get(s.page("")).want(http.StatusOK).Body)
	for _, word := range []string{canaryName, canaryText, canaryFile + ".pdf", canaryTitle, canaryAnswer, canaryRaw, canaryParam} {
		if !strings.Contains(page, word) {
			t.Errorf("the manager does not see %q", word)
		}
	}
}

// pagesOf is everything that a role can be shown about the conversation: each page whole and as a part, and each entry of the audit log.
func (s *shop) pagesOf(role string) string {
	s.t.Helper()
	v := s.as(role)
	rows, err := s.DB.ConversationMessages(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	paths := []string{"/", "/conversations", "/conversations?view=columns", "/conversations?state=4", "/conversations?sort=recent", "/conversations?since=1", "/search?q=" + s.customer,
		"/customers", "/customers/" + s.customer, "/customers/" + s.customer + "/picture", "/settings/replies/log", "/links/scenes", "/audit", "/settings/health",
		s.page(""), s.page("?since=1"), s.page("?state=4"), s.page("?done=x"), s.page("?q=canary"), "/conversations/move?c=" + s.id, "/metrics", "/live?topic=conversations"}
	for _, row := range rows {
		paths = append(paths, s.page("/media/"+row.ID))
	}
	for _, e := range s.everything() {
		paths = append(paths, "/audit/"+e.ID, "/runs/"+e.ID)
	}
	var b strings.Builder
	for _, path := range paths {
		for _, part := range []string{"", "rows", "pane", "now", "facts"} {
			who := v
			if part != "" {
				who = v.with("HX-Request", "true").with("HX-Target", part)
			}
			r := who.get(path)
			if r.Code >= 500 {
				s.t.Errorf("%s: %d", path, r.Code)
			}
			fmt.Fprintln(&b, path, r.Header, r.Body)
			if !strings.HasPrefix(path, "/conversations") {
				break
			}
		}
	}
	// What was asked for stands in its box.
	return strings.ReplaceAll(b.String(), "q=canary", "")
}
