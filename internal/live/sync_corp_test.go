package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/kf/kfsim"
)

// The secrets of the callbacks of the tests.
const (
	testToken  = "kfConsoleTestT0ken"
	testAESKey = "Qm7xN2bYc9LpRt4VzKs8WdHfJg3eUa6oXi1TnMvEyZ5"
)

var testStart = time.Date(2026, 10, 18, 9, 0, 0, 0, time.UTC)

// desk is a simulated corp behind HTTP that calls back, a clock that the test moves, and a database with syncers on it.
type desk struct {
	t    *testing.T
	sim  *kfsim.Sim
	url  string
	path string
	db   *db.DB
	kf   *kf.Client

	offset atomic.Int64 // of the clock
	calls  callCounts
	to     atomic.Pointer[Syncer] // who is told of callbacks
}

// callCounts counts the calls of the API by endpoint, and can be asked about each.
type callCounts struct {
	mu    sync.Mutex
	count map[string]int
	hook  func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "desk.db")}
	d.calls.count = map[string]int{}
	var err error
	d.sim, err = kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo, Now: d.clock})
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(d.front())
	back := httptest.NewServer(http.HandlerFunc(d.called))
	t.Cleanup(func() {
		api.CloseClientConnections()
		api.Close()
		back.CloseClientConnections()
		back.Close()
		if err := d.sim.Close(); err != nil {
			t.Error(err)
		}
	})
	d.url = api.URL
	d.db = d.open()
	d.kf, err = kf.New(kf.Options{BaseURL: d.url, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Now: d.clock, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	d.limits(kfsim.Limits{})
	if err := d.sim.SetCallback(kfsim.Callback{URL: back.URL, Token: testToken, AESKey: testAESKey, Pause: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) clock() time.Time     { return testStart.Add(time.Duration(d.offset.Load())) }
func (d *desk) pass(p time.Duration) { d.offset.Add(int64(p)) }

// limits sets how pages are cut. Calls without a token are free: a clock that stands still would never let another one pass.
func (d *desk) limits(l kfsim.Limits) {
	l.SyncWithoutToken = -1
	d.sim.SetLimits(l)
}

// open opens the database once more, as another process does.
func (d *desk) open() *db.DB {
	d.t.Helper()
	store, err := db.Open(context.Background(), db.Options{Path: d.path, Now: d.clock})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		if err := store.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return store
}

func (d *desk) front() http.Handler {
	sim := d.sim.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		endpoint, api := strings.CutPrefix(r.URL.Path, "/cgi-bin/")
		d.calls.mu.Lock()
		if api {
			d.calls.count[endpoint]++
		}
		hook := d.calls.hook
		d.calls.mu.Unlock()
		if hook == nil || !hook(w, r) {
			sim.ServeHTTP(w, r)
		}
	})
}

func (d *desk) count(endpoint string) int {
	d.calls.mu.Lock()
	defer d.calls.mu.Unlock()
	return d.calls.count[endpoint]
}

func (d *desk) hook(f func(w http.ResponseWriter, r *http.Request) bool) {
	d.calls.mu.Lock()
	defer d.calls.mu.Unlock()
	d.calls.hook = f
}

// called receives callbacks as the program does.
func (d *desk) called(w http.ResponseWriter, r *http.Request) { receive(w, r, d.to.Load()) }

func receive(w http.ResponseWriter, r *http.Request, s *Syncer) {
	opener, err := callback.New(testToken, testAESKey, kfsim.DemoCorpID)
	if err != nil || s == nil {
		http.Error(w, "", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(r.Body)
	q := r.URL.Query()
	event, opened := opener.Open(callback.Params{Signature: q.Get("msg_signature"), Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce")}, body)
	if err = errors.Join(err, opened); err != nil {
		http.Error(w, "", http.StatusForbidden)
		return
	}
	if err := s.Notify(r.Context(), string(event.Account), event.Token, event.CreatedAt); err != nil {
		http.Error(w, "", http.StatusServiceUnavailable)
	}
}

// syncer makes a syncer that is told of callbacks, with intervals of a test.
func (d *desk) syncer(change ...func(*SyncOptions)) *Syncer {
	o := SyncOptions{DB: d.db, KF: d.kf, APIURL: d.url, Now: d.clock, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&o)
	}
	s := NewSyncer(o)
	quicken(s)
	d.to.Store(s)
	return s
}

// quicken makes a syncer look as often as a test can wait for.
func quicken(s *Syncer) {
	fast := 20 * time.Millisecond
	s.polls = polls{asked: fast, overdue: fast, codes: fast, media: fast, profiles: fast, expiry: fast}
	s.backoff = time.Millisecond
	s.gentle.most = 100_000
}

// run runs a syncer until the test ends or stop is called.
func (d *desk) run(s *Syncer) (stop func()) { return d.start(s.Run) }

func (d *desk) start(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if !errors.Is(err, context.Canceled) {
					d.t.Errorf("Run ended with %v", err)
				}
			case <-time.After(30 * time.Second):
				d.t.Error("Run does not end")
			}
		})
	}
	d.t.Cleanup(stop)
	return stop
}

// mirror fills the copy of the accounts: a syncer pulls those that are managed.
func (d *desk) mirror() []string {
	d.t.Helper()
	m := New(Options{DB: d.db, KF: d.kf, APIURL: d.url, Now: d.clock, Log: slog.New(slog.DiscardHandler)})
	if err := m.RefreshAccounts(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	ids, err := NewSyncer(SyncOptions{DB: d.db, KF: d.kf}).managed(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return ids
}

// until waits for a condition, and moves the clock by step between looks.
func (d *desk) until(what string, step time.Duration, holds func() bool) {
	d.t.Helper()
	for end := time.Now().Add(60 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("still not: %s", what)
		}
		d.pass(step)
	}
}

// drained reports whether every callback has arrived and nothing is asked for any more.
func (d *desk) drained() bool {
	requests, err := d.db.SyncRequests(d.t.Context())
	return err == nil && len(requests) == 0 && d.sim.CallbackCounts().Pending == 0
}

// complete reports whether all of the simulator's messages are stored.
func (d *desk) complete() bool {
	if !d.drained() {
		return false
	}
	states, err := d.db.SyncStates(d.t.Context())
	stored, truth := int64(0), d.sim.Truth()
	for _, st := range states {
		stored += st.Messages
	}
	for _, a := range truth.Accounts {
		stored -= int64(len(a.MsgIDs))
	}
	return err == nil && stored == 0 && compare(d.db, truth) == nil
}

// compare holds a database against the truth: each message once, and every conversation in its state.
func compare(store *db.DB, truth kfsim.Truth) error {
	ctx := context.Background()
	var problems []error
	for _, a := range truth.Accounts {
		want := slices.Clone(a.MsgIDs)
		slices.Sort(want)
		var have []string
		for _, c := range a.Conversations {
			row, err := store.ConversationOf(ctx, a.ID, c.Customer)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s of %s: %w", c.Customer, a.ID, err))
				continue
			}
			if row.State != c.State || row.ServicerID != c.Servicer {
				problems = append(problems, fmt.Errorf("%s of %s: state %d %q, want %d %q", c.Customer, a.ID, row.State, row.ServicerID, c.State, c.Servicer))
			}
			list, err := store.ConversationMessages(ctx, row.ID)
			problems = append(problems, err)
			for _, m := range list {
				if m.Origin != db.OriginConsole {
					have = append(have, m.ID)
				}
			}
		}
		slices.Sort(have)
		if !slices.Equal(have, want) {
			problems = append(problems, fmt.Errorf("%s: %d messages of %d", a.ID, len(have), len(want)))
		}
	}
	return errors.Join(problems...)
}

// talk makes talk in bulk, in several parts with time in between.
func (d *desk) talk(accounts, customers, messages, parts int, between time.Duration) {
	d.t.Helper()
	for range parts {
		plan := kfsim.TrafficPlan{Accounts: accounts, Customers: customers, Messages: messages / parts, Seed: 11}
		if err := d.sim.Traffic(plan); err != nil {
			d.t.Fatal(err)
		}
		d.pass(between)
	}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// bodyOf reads the body of a request and leaves it as it was.
func bodyOf(r *http.Request) string {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return ""
	}
	r.Body = io.NopCloser(strings.NewReader(string(raw)))
	return string(raw)
}
