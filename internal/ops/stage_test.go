package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
)

// stage is a console without its pages: a real database, a real simulator over HTTP, and the operators of each role.
type stage struct {
	*testing.T
	ctx   context.Context
	clock *clock
	path  string // of the database
	db    *db.DB
	url   string // of the simulator
	kf    *kf.Client
	gate  *auth.Gate
	ops   *Ops

	owner, manager, auditor, viewer auth.Actor
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newStage(t *testing.T, seed kfsim.Seed) *stage {
	t.Helper()
	s := &stage{T: t, ctx: context.Background(), clock: &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	sim, err := kfsim.New(kfsim.Options{Seed: seed, Now: s.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	s.url = server.URL
	t.Cleanup(func() {
		var violations []any
		s.control("GET", "/_sim/violations", nil, &violations)
		if len(violations) > 0 {
			t.Errorf("calls against the protocol: %v", violations)
		}
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	s.path = filepath.Join(t.TempDir(), "console.db")
	s.db = s.open(db.Options{})
	s.kf = s.client(s.url, 10*time.Second)
	s.gate = s.newGate(nil)
	s.ops = s.newOps(s.db, s.kf)
	for _, role := range auth.Roles() {
		operator, err := s.gate.NewOperator(s.ctx, "op-"+string(role), role, "spruce and oak "+string(role))
		s.must(err)
		s.must(s.db.InsertOperator(s.ctx, operator))
		actor := auth.Actor{ID: operator.ID, Name: operator.Name, Role: role, IP: "192.0.2.7", RequestID: "req-" + string(role)}
		*map[auth.Role]*auth.Actor{auth.Owner: &s.owner, auth.Manager: &s.manager, auth.Auditor: &s.auditor, auth.Viewer: &s.viewer}[role] = actor
	}
	s.mirror()
	return s
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stage) open(o db.Options) *db.DB {
	s.Helper()
	o.Path, o.Now = s.path, s.clock.now
	d, err := db.Open(s.ctx, o)
	s.must(err)
	s.Cleanup(func() { _ = d.Close() })
	return d
}

func (s *stage) client(url string, timeout time.Duration) *kf.Client {
	s.Helper()
	c, err := kf.New(kf.Options{BaseURL: url, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Now: s.clock.now, Timeout: timeout})
	s.must(err)
	return c
}

func (s *stage) newGate(code *auth.SetupCode) *auth.Gate {
	s.Helper()
	gate, err := auth.NewGate(auth.GateOptions{DB: s.db, Now: s.clock.now, Cost: auth.Cost{MemoryKiB: 64, Passes: 1}, SetupCode: code})
	s.must(err)
	return gate
}

func (s *stage) newOps(d *db.DB, client *kf.Client) *Ops {
	return New(Options{DB: d, KF: client, Gate: s.gate, Now: s.clock.now, Fold: live.Refold, Backoff: time.Millisecond})
}

// unreachable is a client of a server that is not there: a listener that was closed.
func (s *stage) unreachable() *kf.Client {
	s.Helper()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	return s.client(gone.URL, time.Second)
}

// mirror fills our copy from the simulator, with the first hundred accounts.
func (s *stage) mirror() {
	s.Helper()
	began := s.clock.now()
	var list []db.Account
	page, err := s.kf.ListAccounts(s.ctx, 0, kf.MaxPage)
	s.must(err)
	for _, account := range page {
		list = append(list, db.Account{ID: string(account.ID), Name: account.Name, AvatarURL: account.Avatar, Managed: account.ManagePrivilege})
	}
	s.must(s.db.ReplaceAccounts(s.ctx, list, began))
	s.clock.advance(time.Minute)
	s.control("DELETE", "/_sim/journal", nil, nil)
}

// control calls the simulator's control API.
func (s *stage) control(method, path string, body, into any) {
	s.Helper()
	raw, err := json.Marshal(body)
	s.must(err)
	if body == nil {
		raw = nil
	}
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(raw))
	s.must(err)
	answer, err := http.DefaultClient.Do(req)
	s.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	s.must(err)
	if answer.StatusCode != http.StatusOK {
		s.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, text)
	}
	if into != nil {
		s.must(json.Unmarshal(text, into))
	}
}

type fault struct {
	Endpoint string `json:"endpoint"`
	Kind     string `json:"kind"`
	Times    int    `json:"times,omitempty"`
	After    int    `json:"after,omitempty"`
	When     string `json:"when,omitempty"`
	Code     int    `json:"code,omitempty"`
}

func (s *stage) fault(f fault) {
	s.Helper()
	s.control("POST", "/_sim/faults", f, nil)
}

// held waits until the simulator holds a call back.
func (s *stage) held() {
	s.Helper()
	s.until("a call is held", func() bool {
		var state struct {
			Holding int `json:"holding"`
		}
		s.control("GET", "/_sim/faults", nil, &state)
		return state.Holding > 0
	})
}

// until asks again and again; it gives up after a time that only a broken test takes.
func (s *stage) until(what string, ok func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			s.Fatalf("never: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

type call struct {
	Endpoint string `json:"endpoint"`
	Body     string `json:"body"`
	Applied  bool   `json:"applied"`
	Errcode  *int   `json:"errcode"`
}

// calls lists what the simulator received, of one endpoint or of all but gettoken.
func (s *stage) calls(endpoint string) []call {
	s.Helper()
	var all, some []call
	s.control("GET", "/_sim/journal", nil, &all)
	for _, each := range all {
		if each.Endpoint == endpoint || endpoint == "" && each.Endpoint != "gettoken" {
			some = append(some, each)
		}
	}
	return some
}

type servicerView struct {
	UserID     string `json:"userid"`
	Department int64  `json:"department_id"`
}

type simAccount struct {
	ID        string         `json:"open_kfid"`
	Name      string         `json:"name"`
	Avatar    string         `json:"avatar"`
	Managed   bool           `json:"manage_privilege"`
	Servicers []servicerView `json:"servicers"`
}

type simWorld struct {
	Accounts []simAccount `json:"accounts"`
	Links    []struct {
		URL string `json:"url"`
	} `json:"links"`
	People []struct {
		UserID  string `json:"userid"`
		Status  int    `json:"status"`
		Visible bool   `json:"visible"`
	} `json:"people"`
}

func (s *stage) world() (w simWorld) {
	s.Helper()
	s.control("GET", "/_sim/world", nil, &w)
	return w
}

// managed returns an account of the simulator that may be changed.
func (s *stage) managed() simAccount {
	s.Helper()
	for _, a := range s.world().Accounts {
		if a.Managed {
			return a
		}
	}
	s.Fatal("no managed account")
	return simAccount{}
}

// remote finds an account of the simulator by its id.
func (s *stage) remote(id string) (simAccount, bool) {
	s.Helper()
	for _, a := range s.world().Accounts {
		if a.ID == id {
			return a, true
		}
	}
	return simAccount{}, false
}

func (s *stage) named(name string) int {
	s.Helper()
	n := 0
	for _, a := range s.world().Accounts {
		if a.Name == name {
			n++
		}
	}
	return n
}

func (s *stage) account(id string) db.Account {
	s.Helper()
	a, err := s.db.Account(s.ctx, id)
	s.must(err)
	return a
}

func (s *stage) entry(id string) db.Entry {
	s.Helper()
	e, err := s.db.AuditEntry(s.ctx, id)
	s.must(err)
	return e
}

// ended checks the outcome of a change in the log.
func (s *stage) ended(id, result string) db.Entry {
	s.Helper()
	e := s.entry(id)
	got := Open
	if e.Outcome != nil {
		got = e.Outcome.Result
	}
	if got != result {
		s.Fatalf("%s ended as %s, want %s: %+v", e.Action, got, result, e.Outcome)
	}
	return e
}

// last returns the newest entry of an action.
func (s *stage) last(action string) db.Entry {
	s.Helper()
	list, _, err := s.db.AuditEntries(s.ctx, db.AuditFilter{Action: action}, "", 1)
	s.must(err)
	if len(list) == 0 {
		s.Fatalf("no entry of %s", action)
	}
	return list[0]
}

func (s *stage) count(action string) int {
	s.Helper()
	n, _, err := s.db.AuditCount(s.ctx, db.AuditFilter{Action: action}, 10_000)
	s.must(err)
	return n
}

func ptr[T any](v T) *T { return &v }

func number(n int) string { return strconv.Itoa(n) }
