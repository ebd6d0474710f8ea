package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
)

// payloads break out of text, attributes, addresses, scripts, styles and comments where
// something is not escaped. The first sixteen characters of each do so too: that is all
// that fits into the name of an account.
var payloads = []string{
	`<img src=x>`, `<script>xss()</script>`, `"><b onfocus=xss() autofocus tabindex=1>`, `'><svg onload=xss()>`, `</title><script>xss()</script>`, `</textarea><iframe src=x>`,
	`" onmouseover="xss()" x="`, `' onclick='xss()' y='`, `javascript:xss()`, `</script><script>xss()</script>`, `<!--<img src=x>--><i>`, `{{7*7}}${7*7}<%=7*7%>`, `&lt;i&gt;&#60;b&#62;`,
	`<math><mi//xlink:href="data:x,<script>xss()</script>">`, `"]"><a href=//evil.example>`, "\u202e<b>\u2066\u200b", `</option><option selected>`, `</noscript><form action=//evil.example>`,
}

// short is what fits into the name of an account.
func short(s string) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), 16)])
}

// harmless has the length of a payload and nothing in it that HTML knows.
func harmless(n int, s string) string { return strings.Repeat(string(rune('A'+n)), len([]rune(s))) }

// foul puts a text wherever a text can come from: WeCom's accounts and directory, links,
// operators, the log, the browser. It returns an operator of that name, signed in, and
// the places.
func (h *house) foul(n int, text string, p places) (*visitor, places) {
	h.t.Helper()
	ctx := h.t.Context()
	must := func(err error) {
		if err != nil {
			h.t.Fatal(err)
		}
	}
	h.Server.Corp = text
	h.world("POST", "/_sim/outside", fmt.Sprintf(`{"action":"rename","open_kfid":%q,"name":%q}`, p.account, short(text)), nil)
	must(h.Mirror.RefreshAccounts(ctx))
	owner, err := h.DB.OperatorByName(ctx, "owner")
	must(err)
	operator := db.Operator{ID: db.NewID(), Name: text, Role: owner.Role, PasswordHash: owner.PasswordHash, CreatedAt: time.Now(), PasswordAt: time.Now()}
	must(h.DB.InsertOperator(ctx, operator))
	token, err := h.Server.Gate.Sessions.Start(ctx, operator.ID, text, text)
	must(err)
	l := db.Link{ID: db.NewID(), AccountID: p.account, Scene: fmt.Sprintf("foul%d", n), Name: text, Campaign: text, Note: text, URL: "https://work.weixin.qq.com/kf/kfc1?enc_scene=" + text,
		CreatedBy: operator.ID, CreatedByName: text, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	must(h.DB.InsertLink(ctx, l))
	must(h.DB.ReplaceDirectory(ctx, []db.Department{{ID: 2, Name: text}, {ID: 3, ParentID: 2, Name: text}}, []db.Person{{UserID: "li.na", Name: text, Status: 1, Departments: []int64{2, 3}}}, time.Now()))
	must(h.DB.ReplaceServicers(ctx, p.account, []db.Servicer{{Kind: db.KindUser, MemberID: "li.na"}, {Kind: db.KindUser, MemberID: text}, {Kind: db.KindDepartment, MemberID: "2"}}, time.Now()))
	for _, topic := range []string{live.TopicAccounts, live.TopicDirectory, live.ServicersTopic(p.account)} {
		now := time.Now()
		must(h.DB.SetFreshness(ctx, db.Freshness{Topic: topic, TriedAt: &now, Error: text}))
	}
	run := h.foulEntries(operator, p.account, text)
	v := &visitor{h: h, cookies: map[string]string{"kf_session": token}, header: map[string]string{"User-Agent": text, "Referer": "http://127.0.0.1:8080/" + text}}
	return v, places{account: p.account, link: l.ID, run: run, entry: run}
}

// foulEntries writes entries with a text in every field, the last of them a run.
func (h *house) foulEntries(o db.Operator, account, text string) string {
	h.t.Helper()
	ctx, now := h.t.Context(), time.Now()
	doc := fmt.Sprintf(`{"name":%q,"note":%q,"users":[%q],"url":%q,"origin":%q,"path":%q}`, text, text, text, text, text, text)
	id := ""
	err := h.DB.Tx(ctx, func(tx *db.DB) error {
		for i, action := range []string{ops.LinkUpdate, ops.AccountUpdate, ops.AccessCrossSite, ops.AuditExport, ops.AccountCreate, ops.SessionSignIn, ops.ServicerAdd} {
			id = db.NewID()
			in := db.Intent{ID: id, At: now, OperatorID: o.ID, OperatorName: text, IP: text, Action: action, TargetKind: ops.KindAccount, TargetID: account, TargetName: text,
				Input: doc, Before: `{"name":"before"}`, RequestID: text}
			out := db.Outcome{IntentID: id, At: now, Result: ops.Done, After: doc}
			if i%2 == 0 {
				out.Result, out.Errcode, out.Errmsg, out.Hint, out.FromIP, out.RemoteID = ops.Refused, 95006, text, text, text, text
			}
			if err := tx.InsertRecord(ctx, in, out); err != nil {
				return err
			}
		}
		if err := tx.InsertNote(ctx, db.Note{ID: db.NewID(), IntentID: id, At: now, OperatorName: text, Text: text}); err != nil {
			return err
		}
		return tx.InsertRun(ctx, db.Run{ID: id, AccountID: account, Verb: ops.Add, OperatorID: o.ID, CreatedAt: now, FinishedAt: &now}, []db.RunItem{
			{Pos: 1, Kind: db.KindUser, MemberID: text, Name: text, State: db.ItemFailed, Errcode: 60111, Errmsg: text}, {Pos: 2, Kind: db.KindUser, MemberID: "li.na", Name: text, State: db.ItemDone}})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// addresses are the pages to look at: every page there is, and those that show what was
// asked for.
func (p places) addresses(text string) []string {
	var list []string
	for _, rt := range routes() {
		if rt.method == get && !strings.Contains(rt.path, ".") && rt.path != "/login" && rt.path != "/setup" && !strings.HasSuffix(rt.path, "/picture") {
			list = append(list, p.on(rt.path))
		}
	}
	q := url.QueryEscape(text)
	return append(list, "/accounts?q="+q, "/accounts?q="+q+"zz", "/audit?target="+q+"zz", "/audit?operator="+q, "/audit?target=zzz&operator="+q, "/links?q="+q+"zz", "/search?q="+q+"zz", "/accounts?sort="+q,
		"/links?campaign="+q+"zz", "/"+url.PathEscape(text), "/accounts/"+url.PathEscape(text), "/links/new?account="+q, "/me?saved="+q, "/accounts/"+p.account+"/servicers?q="+q+"zz", "/audit?after="+q)
}

// shape counts the elements of a page by name and attributes.
func shape(doc *goquery.Document) map[string]int {
	count := map[string]int{}
	for _, e := range doc.Find("*").EachIter() {
		names := []string{}
		for _, a := range e.Nodes[0].Attr {
			names = append(names, a.Key)
		}
		slices.Sort(names)
		count[e.Nodes[0].Data+" "+strings.Join(names, " ")]++
	}
	return count
}

// dangers lists what a page does that it never should.
func dangers(doc *goquery.Document) []string {
	var list []string
	for _, e := range doc.Find("*").EachIter() {
		for _, a := range e.Nodes[0].Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			script := strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:text") || strings.Contains(value, "//evil.example")
			if (strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc") || ((a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction") && script) {
				list = append(list, e.Nodes[0].Data+" "+a.Key+"="+a.Val)
			}
		}
	}
	for _, e := range doc.Find("script").EachIter() {
		if !strings.HasPrefix(e.AttrOr("src", ""), "/static/") {
			list = append(list, "a script of its own: "+e.Text())
		}
	}
	return list
}

// TestHostileTextStaysText builds two houses in the same steps, one with payloads and one
// with letters instead, and compares every page of theirs, whole and in part, for
// operators and for visitors.
func TestHostileTextStaysText(t *testing.T) {
	bad, good := newHouse(t), newHouse(t)
	badPlaces, goodPlaces := bad.places(), good.places()
	seen := 0
	for n, payload := range payloads {
		plain := harmless(n, payload)
		v, p := bad.foul(n, payload, badPlaces)
		w, q := good.foul(n, plain, goodPlaces)
		badList, goodList := p.addresses(payload), q.addresses(plain)
		for i := range badList {
			a, b := v.get(badList[i]), w.get(goodList[i])
			if i >= len(badList)-8 {
				a, b = v.with("HX-Request", "true").get(badList[i]), w.with("HX-Request", "true").get(goodList[i])
			}
			if a.Code >= 500 {
				t.Errorf("%s: %d", badList[i], a.Code)
			}
			seen += strings.Count(compareShapes(t, badList[i], a, b), payload)
		}
		login := "/login?return=" + url.QueryEscape("/"+payload)
		compareShapes(t, login, bad.anonymous().get(login), good.anonymous().get("/login?return=/"+plain))
		compareShapes(t, "the failed sign-in", bad.anonymous().post("/login", "name", payload, "password", payload), good.anonymous().post("/login", "name", plain, "password", plain))
		for path, field := range map[string]string{"/accounts": "name", "/links": "note", "/accounts/" + p.account: "name", "/links/" + p.link: "name"} {
			other := strings.Replace(strings.Replace(path, p.account, q.account, 1), p.link, q.link, 1)
			// One character too many, so that every form comes back with what was typed.
			a, b := v.post(path, "rev", "1", field, payload+strings.Repeat("长", 2000)), w.post(other, "rev", "1", field, plain+strings.Repeat("长", 2000))
			if a.Code != b.Code || a.Code < 400 || a.Code >= 500 {
				t.Errorf("%s: %d and %d", path, a.Code, b.Code)
			}
			compareShapes(t, "POST "+path, a, b)
		}
		bad.Server.Gate.Throttle, good.Server.Gate.Throttle = &auth.Throttle{}, &auth.Throttle{}
	}
	if seen < 50*len(payloads) {
		t.Errorf("the payloads are on the pages %d times: the test has lost its danger", seen)
	}
}

// compareShapes holds a page against the same one with harmless text, and returns its text.
func compareShapes(t *testing.T, what string, hostile, plain answer) string {
	t.Helper()
	if hostile.Code != plain.Code {
		t.Errorf("%s: %d, with harmless text %d", what, hostile.Code, plain.Code)
		return ""
	}
	doc := hostile.doc()
	if list := dangers(doc); len(list) != 0 {
		t.Errorf("%s: %q", what, list)
	}
	a, b := shape(doc), shape(plain.doc())
	for k := range b {
		a[k] += 0
	}
	for k, n := range a {
		if b[k] != n {
			t.Errorf("%s: %d of <%s>, with harmless text %d", what, n, k, b[k])
		}
	}
	return doc.Text()
}

// TestShapeSeesAnInjection is the control of the test above.
func TestShapeSeesAnInjection(t *testing.T) {
	page := func(text string) answer {
		return answer{t: t, Body: `<main><p title="` + text + `">` + text + `</p></main>`}
	}
	for _, payload := range payloads {
		if payload == `javascript:xss()` || strings.HasPrefix(payload, "{{") || strings.HasPrefix(payload, "&lt;") || strings.HasPrefix(payload, "'") || strings.HasPrefix(payload, "' ") {
			// These need another place than this page has.
			continue
		}
		if maps.Equal(shape(page(payload).doc()), shape(page(harmless(0, payload)).doc())) && len(dangers(page(payload).doc())) == 0 {
			t.Errorf("%q would not be found", payload)
		}
	}
}

// notes keeps what is logged.
type notes struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.b.String()
}

// TestSecretsStayInside lives a day with passwords, sessions, tokens and WeCom's failures,
// and then looks for each secret in pages, log, audit log, exports and the database file.
func TestSecretsStayInside(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	d, err := db.Open(t.Context(), db.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	log := &notes{}
	h := newHouseOn(t, d, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}).fill()
	secrets := map[string]string{"corp secret": kfsim.DemoSecret, "password": auth.DemoPassword, "wrong password": "canary-wrong-7f3a", "new password": "canary-new-password-91bc"}
	secrets["access token"] = h.accessToken()
	var pages strings.Builder
	look := func(r answer) answer {
		fmt.Fprintf(&pages, "%v\n%s\n", r.Header, r.Body)
		return r
	}
	p := h.places()
	v := h.as("owner")
	secrets["session"] = v.cookies["kf_session"]
	look(h.anonymous().post("/login", "name", "owner", "password", secrets["wrong password"])).want(http.StatusUnprocessableEntity)
	look(v.post("/me/password", "current", secrets["wrong password"], "new", secrets["new password"], "again", secrets["new password"])).want(http.StatusUnprocessableEntity)
	look(v.post("/me/password", "current", auth.DemoPassword, "new", secrets["new password"], "again", "canary-new-password-other")).want(http.StatusUnprocessableEntity)
	for _, fault := range []string{`"kind":"html"`, `"kind":"status","code":502`, `"kind":"errcode","code":40001`, `"kind":"cut_before"`, `"kind":"garbage"`, `"kind":"truncate"`} {
		h.fault(`{"endpoint":"*",` + fault + `,"times":3}`)
		look(v.rename(h.account(0), "名字"+db.NewID()[:6]))
		look(v.post("/accounts/refresh"))
		h.world("DELETE", "/_sim/faults", "", nil)
		h.world("POST", "/_sim/expire_token", `{"code":40014}`, nil)
	}
	for _, rt := range routes() {
		if rt.method == get {
			look(v.get(p.on(rt.path)))
		}
	}
	for _, e := range h.everything() {
		fmt.Fprintf(&pages, "%+v %+v %+v\n", e.Intent, e.Outcome, e.Notes)
	}
	old := v.cookies["kf_session"]
	changed := v.post("/me/password", "current", auth.DemoPassword, "new", secrets["new password"], "again", secrets["new password"]).want(http.StatusSeeOther)
	fmt.Fprintln(&pages, changed.Body)
	secrets["new session"] = v.cookies["kf_session"]
	if old == secrets["new session"] {
		t.Error("a new password keeps the session's token")
	}
	places := map[string]string{"pages and audit log": pages.String(), "log": log.String()}
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(file + suffix)
		if err != nil {
			t.Fatal(err)
		}
		places["database"+suffix] = string(raw)
	}
	noneIn(t, secrets, places)
}

// noneIn looks for each secret, as it is and as it stands in an address, in each place.
func noneIn(t *testing.T, secrets, places map[string]string) {
	t.Helper()
	for place, text := range places {
		if len(text) < 1000 {
			t.Errorf("%s holds %d bytes: nothing was looked at", place, len(text))
		}
		for name, secret := range secrets {
			if len(secret) < 8 {
				t.Errorf("the %s is %q", name, secret)
			}
			if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("the %s is in the %s", name, place)
			}
		}
	}
}

// accessToken is the token that WeCom gives the console: the simulator gives the same one
// to whoever asks in time.
func (h *house) accessToken() string {
	h.t.Helper()
	var got struct {
		Token string `json:"access_token"`
	}
	h.world("GET", "/cgi-bin/gettoken?corpid="+kfsim.DemoCorpID+"&corpsecret="+kfsim.DemoSecret, "", &got)
	return got.Token
}

// TestLogIsOneLineAnEvent tries to write lines of its own into the log.
func TestLogIsOneLineAnEvent(t *testing.T) {
	log := &notes{}
	h := newEmptyHouse(t)
	h.Server.Log = slog.New(slog.NewTextHandler(log, nil))
	v := h.as("owner")
	before := strings.Count(log.String(), "\n")
	for _, path := range []string{"/a%0Alevel=ERROR%20msg=forged", "/%1b%5b31m", "/%e2%80%ae", "/accounts?q=%0A%0Aforged", "/audit?target=a%0Ab"} {
		v.with("User-Agent", "a\tb").with("X-Forwarded-For", "1.1.1.1 level=ERROR").get(path)
	}
	text := log.String()
	if n := strings.Count(text, "\n") - before; n != 5 {
		t.Errorf("%d lines for 5 requests:\n%s", n, text)
	}
	for _, never := range []string{"\x1b", "\u202e", "\nlevel=ERROR", "forged\n"} {
		if strings.Contains(text, never) {
			t.Errorf("%q is in the log:\n%s", never, text)
		}
	}
}
