package server

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
)

// house is a whole console: a real database, a real simulator of WeCom over HTTP and
// the server, without a listener of its own.
type house struct {
	t      testing.TB
	DB     *db.DB
	Ops    *ops.Ops
	Mirror *live.Mirror
	Syncer *live.Syncer
	Hub    *live.Hub
	Server *Server
	// Sim is the simulator, SimURL its address.
	Sim    *kfsim.Sim
	SimURL string
	// addr is the listener of the house, once it has one.
	addr string
}

// quick is a password cost for tests only.
var quick = auth.Cost{MemoryKiB: 64, Passes: 1}

// newHouse builds a console whose mirror has been filled from the simulator's
// demonstration world, with the four operators of the demonstration.
func newHouse(t testing.TB) *house {
	t.Helper()
	return newEmptyHouse(t).fill()
}

// fill looks at the whole of the simulator's world.
func (h *house) fill() *house {
	t := h.t
	t.Helper()
	for _, refresh := range []func(context.Context) error{h.Mirror.RefreshAccounts, h.Mirror.RefreshDirectory} {
		if err := refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	accounts, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if err := h.Mirror.RefreshServicers(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// newEmptyHouse is newHouse before the first look at WeCom.
func newEmptyHouse(t testing.TB) *house {
	t.Helper()
	return newHouseOn(t, dbtest.New(t), nil)
}

// newHouseOn is newEmptyHouse on a database that is there; change, if it is not nil,
// alters the options of the server.
func newHouseOn(t testing.TB, d *db.DB, change func(*Options)) *house {
	t.Helper()
	h := &house{t: t, DB: d}
	ts := httptest.NewUnstartedServer(nil)
	h.SimURL = "http://" + ts.Listener.Addr().String()
	var err error
	if h.Sim, err = kfsim.New(kfsim.Options{CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Seed: kfsim.SeedDemo, BaseURL: h.SimURL}); err != nil {
		t.Fatal(err)
	}
	ts.Config.Handler = h.Sim.Handler()
	ts.Start()
	t.Cleanup(ts.Close)
	o := Options{Corp: "云杉家居", CorpID: kfsim.DemoCorpID}
	if change != nil {
		change(&o)
	}
	client, err := kf.New(kf.Options{BaseURL: h.SimURL, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := auth.NewGate(auth.GateOptions{DB: h.DB, Cost: quick})
	if err != nil {
		t.Fatal(err)
	}
	if err := gate.EnsureDemoOperators(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Ops = ops.New(ops.Options{DB: h.DB, KF: client, Gate: gate, Backoff: 10 * time.Millisecond, Log: o.Log, Fold: live.Refold})
	h.Mirror = live.New(live.Options{DB: h.DB, KF: client, Log: o.Log})
	h.Syncer = live.NewSyncer(live.SyncOptions{DB: h.DB, KF: client, Mirror: h.Mirror, APIURL: h.SimURL, Now: o.Now, Log: o.Log})
	h.Hub = live.NewHub(h.DB, o.Log)
	o.DB, o.Ops, o.Mirror, o.Syncer, o.Hub, o.Gate = h.DB, h.Ops, h.Mirror, h.Syncer, h.Hub, gate
	if h.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Ops.Work(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return h
}

// visitor is a browser: it keeps cookies and sends what browsers send.
type visitor struct {
	h       *house
	cookies map[string]string
	// lang is the browser's wish, "zh-CN" when empty.
	lang string
	// header are further headers of every request.
	header map[string]string
}

// as signs an operator of the demonstration in.
func (h *house) as(name string) *visitor {
	h.t.Helper()
	v := &visitor{h: h, cookies: map[string]string{}}
	r := v.post("/login", "name", name, "password", auth.DemoPassword)
	if r.Code != http.StatusSeeOther {
		h.t.Fatalf("sign in as %s: %d\n%s", name, r.Code, r.Body)
	}
	return v
}

// anonymous is a browser that has not signed in.
func (h *house) anonymous() *visitor { return &visitor{h: h, cookies: map[string]string{}} }

// in returns the same browser wishing for another language.
func (v *visitor) in(lang string) *visitor {
	next := *v
	next.lang = lang
	next.cookies = map[string]string{}
	for k, val := range v.cookies {
		next.cookies[k] = val
	}
	next.cookies["kf_lang"] = lang
	return &next
}

// with returns the same browser sending one more header.
func (v *visitor) with(name, value string) *visitor {
	next := *v
	next.header = map[string]string{name: value}
	for k, val := range v.header {
		next.header[k] = val
	}
	return &next
}

// submit sends the form of a page that leads to action as a browser does: with all that
// its fields hold, but for the pairs given.
func (v *visitor) submit(page answer, action string, pairs ...string) answer {
	v.h.t.Helper()
	form := page.doc().Find(`form[action="` + action + `"]`).First()
	if form.Length() == 0 {
		v.h.t.Fatalf("no form leads to %s", action)
	}
	sent := append([]string{}, pairs...)
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, f *goquery.Selection) {
		name := f.AttrOr("name", "")
		kind := f.AttrOr("type", "")
		if kind == "file" || ((kind == "checkbox" || kind == "radio") && f.Is(":not([checked])")) {
			return
		}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return
			}
		}
		value := f.AttrOr("value", f.Text())
		if goquery.NodeName(f) == "select" {
			value = f.Find("option[selected]").AttrOr("value", "")
		}
		sent = append(sent, name, value)
	})
	return v.post(action, sent...)
}

// rename changes the name of an account by its form.
func (v *visitor) rename(a db.Account, name string) answer {
	v.h.t.Helper()
	address := "/accounts/" + a.ID
	return v.submit(v.get(address+"/edit").want(http.StatusOK), address, "name", name)
}

// answer is what came back.
type answer struct {
	t      testing.TB
	Code   int
	Header http.Header
	Body   string
}

// get asks for a page.
func (v *visitor) get(path string) answer {
	v.h.t.Helper()
	return v.send(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form of name and value pairs, as a page of the console does.
func (v *visitor) post(path string, pairs ...string) answer {
	v.h.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.send(req)
}

func (v *visitor) send(req *http.Request) answer {
	v.h.t.Helper()
	req.Host = "127.0.0.1:8080"
	req.Header.Set("Accept-Language", "zh-CN")
	if v.lang != "" {
		req.Header.Set("Accept-Language", v.lang)
	}
	for k, val := range v.header {
		req.Header.Set(k, val)
	}
	for name, value := range v.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := v.h.Server.Test(req)
	if err != nil {
		v.h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.h.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		v.cookies[c.Name] = c.Value
		if c.MaxAge < 0 || (!c.Expires.IsZero() && c.Expires.Before(time.Now())) {
			delete(v.cookies, c.Name)
		}
	}
	return answer{t: v.h.t, Code: res.StatusCode, Header: res.Header, Body: string(body)}
}

// doc parses the answer as HTML.
func (a answer) doc() *goquery.Document {
	a.t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// text is the text of what a CSS selector finds, with single spaces.
func (a answer) text(selector string) string {
	a.t.Helper()
	return strings.Join(strings.Fields(a.doc().Find(selector).Text()), " ")
}

// value is the value attribute of the first field of that name in the page's content.
func (a answer) value(name string) string {
	a.t.Helper()
	v, _ := a.doc().Find("main [name=" + name + "]").First().Attr("value")
	return v
}

// want fails the test unless the answer has a status.
func (a answer) want(code int) answer {
	a.t.Helper()
	if a.Code != code {
		a.t.Fatalf("status %d, want %d\n%s", a.Code, code, a.Body)
	}
	return a
}

// done is the audit entry that a redirect announces.
func (a answer) done() string {
	a.t.Helper()
	u, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		a.t.Fatal(err)
	}
	return u.Query().Get("done")
}

// fault scripts a fault of the simulator.
func (h *house) fault(body string) {
	h.t.Helper()
	res, err := http.Post(h.SimURL+"/_sim/faults", "application/json", strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		answer, _ := io.ReadAll(res.Body)
		h.t.Fatalf("fault: %d %s", res.StatusCode, answer)
	}
}

// account is a managed account of the world, by its place in the list sorted by name.
func (h *house) account(n int) db.Account {
	h.t.Helper()
	list, _, err := h.DB.Accounts(h.t.Context(), db.AccountFilter{Filter: db.FilterManaged}, "", 100)
	if err != nil || len(list) <= n {
		h.t.Fatalf("account %d of %d: %v", n, len(list), err)
	}
	return list[n]
}
