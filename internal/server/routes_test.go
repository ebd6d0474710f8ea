package server

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bareRoutes are the addresses that need no operator and have no page.
var bareRoutes = []string{"GET /callback", "GET /favicon.ico", "GET /healthz", "GET /metrics", "GET /readyz", "GET /static/*", "POST /callback"}

// TestRoutesGolden holds the table of addresses, what each asks for and who has that: a
// new route or another permission shows as a difference.
func TestRoutesGolden(t *testing.T) {
	var b strings.Builder
	have := slices.Clone(bareRoutes)
	for _, rt := range routes() {
		var who []string
		for _, role := range auth.Roles() {
			if role.Can(rt.permission) {
				who = append(who, string(role))
			}
		}
		needs := string(rt.permission)
		if rt.permission == auth.Public {
			needs, who = "-", []string{"everybody"}
		}
		fmt.Fprintf(&b, "%-4s %-34s %-16s %s\n", rt.method, rt.path, needs, strings.Join(who, " "))
		have = append(have, rt.method+" "+rt.path)
	}
	for _, each := range bareRoutes {
		method, path, _ := strings.Cut(each, " ")
		fmt.Fprintf(&b, "%-4s %-34s %-16s %s\n", method, path, "-", "everybody")
	}
	const file = "testdata/routes.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the routes differ from %s; if that is meant, run make golden\n%s", file, b.String())
	}
	// What the framework really answers is in the table, and the other way round.
	var real []string
	for _, rt := range newEmptyHouse(t).Server.app.GetRoutes(true) {
		if rt.Method != http.MethodHead {
			real = append(real, rt.Method+" "+rt.Path)
		}
	}
	slices.Sort(have)
	slices.Sort(real)
	if !slices.Equal(have, slices.Compact(real)) {
		t.Errorf("the framework has\n%q, the table\n%q", real, have)
	}
}

// places are the ids that stand in for :id, by the beginning of the path.
type places struct{ account, link, run, entry, conversation, message, customer, rule string }

func (p places) on(path string) string {
	id := p.account
	switch {
	case strings.HasPrefix(path, "/links/"):
		id = p.link
	case strings.HasPrefix(path, "/runs/"):
		id = p.run
	case strings.HasPrefix(path, "/audit/"):
		id = p.entry
	case strings.HasPrefix(path, "/conversations/"):
		id = p.conversation
	case strings.HasPrefix(path, "/customers/"):
		id = p.customer
	case strings.HasPrefix(path, "/settings/replies/"):
		id = p.rule
	}
	return strings.NewReplacer(":id", id, ":message", p.message).Replace(path)
}

// places makes one thing of each kind.
func (h *house) places() places {
	h.t.Helper()
	actor := h.actor("owner")
	a := h.staffed()
	p := places{account: a.ID}
	var square bytes.Buffer
	if err := png.Encode(&square, image.NewRGBA(image.Rect(0, 0, 300, 300))); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.Ops.UpdateAccount(h.t.Context(), actor, ops.AccountChange{IntentID: db.NewID(), AccountID: a.ID, Rev: a.Rev, Picture: square.Bytes()}); err != nil {
		h.t.Fatal(err)
	}
	link, err := h.Ops.CreateLink(h.t.Context(), actor, ops.NewLink{IntentID: db.NewID(), AccountID: p.account, Scene: "routes", Name: "全部地址"})
	if err != nil {
		h.t.Fatal(err)
	}
	p.link = link.RemoteID
	if p.run, err = h.Ops.StartServicers(h.t.Context(), actor, ops.ServicerChange{IntentID: db.NewID(), AccountID: p.account, Verb: ops.Add, UserIDs: []string{"li.na"}}); err != nil {
		h.t.Fatal(err)
	}
	h.concluded(p.run)
	p.conversation, p.message = h.pictured(a.ID)
	p.customer, p.rule = h.known(p.conversation), h.rule()
	h.as("owner")
	entries, _, err := h.DB.AuditEntries(h.t.Context(), db.AuditFilter{Action: ops.SessionSignIn}, "", 1)
	if err != nil || len(entries) != 1 {
		h.t.Fatal(len(entries), err)
	}
	p.entry = entries[0].ID
	return p
}

// concluded waits until a change has an end.
func (h *house) concluded(id string) db.Entry {
	h.t.Helper()
	for range 1500 {
		if e, err := h.DB.AuditEntry(h.t.Context(), id); err == nil && e.Outcome != nil {
			return e
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatalf("%s has no end", id)
	return db.Entry{}
}

// request sends what a route takes: a page's address or an empty form.
func (v *visitor) request(rt route, path string) answer {
	v.h.t.Helper()
	if rt.method == get {
		return v.get(path)
	}
	return v.post(path)
}

// TestEveryRouteByEveryRole opens every address as every role and as nobody. What the
// table denies is refused and written down; everything else is answered.
func TestEveryRouteByEveryRole(t *testing.T) {
	h := newHouse(t)
	p := h.places()
	for _, role := range auth.Roles() {
		v := h.as(string(role))
		for _, rt := range routes() {
			path := p.on(rt.path)
			who := v
			if rt.path == "/logout" {
				who = h.as(string(role))
			}
			before := h.everything()[0].Seq
			r := who.request(rt, path)
			last := h.everything()[0]
			if !role.Can(rt.permission) {
				denied := last.Seq > before && last.Action == ops.AccessDenied && last.Outcome.Result == ops.Denied && last.OperatorName == string(role)
				if r.Code != http.StatusForbidden || !denied || last.TargetName != rt.method+" "+path || !strings.Contains(last.Input, string(rt.permission)) {
					t.Errorf("%s %s as %s: %d, last entry %+v", rt.method, path, role, r.Code, last)
				}
				if n := r.doc().Find("main form, main table").Length(); n != 0 {
					t.Errorf("%s %s as %s: the refusal holds %d forms or tables", rt.method, path, role, n)
				}
				continue
			}
			want := http.StatusOK
			if rt.path == "/login" || rt.path == "/setup" {
				want = http.StatusSeeOther
			}
			if rt.path == "/live" {
				want = http.StatusNotAcceptable // it gives events, not a page
			}
			if (rt.method == get && r.Code != want) || r.Code == http.StatusForbidden || r.Code == http.StatusNotFound || r.Code >= 500 || last.Action == ops.AccessDenied && last.Seq > before {
				t.Errorf("%s %s as %s: %d\n%s", rt.method, path, role, r.Code, r.text("main"))
			}
		}
	}
}

func TestEveryRouteByNobody(t *testing.T) {
	h := newHouse(t)
	p := h.places()
	accounts, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	n := len(h.everything())
	for _, rt := range routes() {
		path := p.on(rt.path)
		r := h.anonymous().request(rt, path)
		if rt.permission == auth.Public {
			if r.Code != http.StatusOK && r.Code != http.StatusSeeOther && r.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s %s: %d", rt.method, path, r.Code)
			}
			continue
		}
		to := r.Header.Get("Location")
		if r.Code != http.StatusSeeOther || (to != "/login" && !strings.HasPrefix(to, "/login?return=")) || len(r.Body) > 100 {
			t.Errorf("%s %s: %d to %q", rt.method, path, r.Code, to)
		}
		if rt.method == post && to != "/login" {
			t.Errorf("%s leads back to a change: %q", path, to)
		}
		part := h.anonymous().with("HX-Request", "true").request(rt, path)
		if part.Code != http.StatusUnauthorized || !strings.HasPrefix(part.Header.Get("HX-Redirect"), "/login") {
			t.Errorf("%s %s as a part: %d %q", rt.method, path, part.Code, part.Header.Get("HX-Redirect"))
		}
		forged := h.anonymous()
		forged.cookies["kf_session"] = strings.Repeat("A", 43)
		if r := forged.request(rt, path); r.Code != http.StatusSeeOther {
			t.Errorf("%s %s with a made-up session: %d", rt.method, path, r.Code)
		}
	}
	after, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{}, "", 100)
	if err != nil || !slices.EqualFunc(accounts, after, func(a, b db.Account) bool { return a.ID == b.ID && a.Rev == b.Rev }) {
		t.Errorf("nobody changed an account: %v", err)
	}
	// The empty sign-in form is the only thing that leaves an entry.
	if entries := h.everything(); len(entries) != n+1 || entries[0].Action != ops.SessionSignIn {
		t.Errorf("%d new entries, the last %+v", len(entries)-n, entries[0].Intent)
	}
}

// TestNoRouteChangesByGET asks for every address of a change with GET, and for every page
// with POST.
func TestNoRouteChangesByGET(t *testing.T) {
	h := newHouse(t)
	p := h.places()
	v := h.as("owner")
	both := map[string]int{}
	for _, rt := range routes() {
		both[rt.path]++
	}
	head := func() string {
		_, hash, err := h.DB.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	before := head()
	for _, rt := range routes() {
		if both[rt.path] > 1 {
			continue
		}
		path := p.on(rt.path)
		if rt.method == post {
			// Where the address also reads as a thing's page, that thing is not there.
			v.get(path).want(http.StatusNotFound)
			continue
		}
		v.post(path).want(http.StatusNotFound)
	}
	if head() != before {
		t.Error("something was written down")
	}
	// The head of a page is asked for without its body, and an export is not made for it.
	for _, path := range []string{"/", "/accounts", "/audit.csv", "/audit.xlsx"} {
		r := v.send(httptest.NewRequest(http.MethodHead, path, nil)).want(http.StatusOK)
		if r.Body != "" {
			t.Errorf("%s: HEAD has a body", path)
		}
	}
	if head() != before {
		t.Error("HEAD made an export")
	}
}
