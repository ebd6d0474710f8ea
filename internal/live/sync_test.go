package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// TestSyncTakesAllIn: short pages, and empty ones that are not the end.
func TestSyncTakesAllIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.sim.SetDelivery(kfsim.Delivery{Merge: true}))
	d.limits(kfsim.Limits{Page: 50, ShortPages: true, EmptyPages: true})
	d.run(d.syncer())
	d.talk(5, 100, 2000, 4, time.Minute)
	d.until("all messages are there", time.Second, d.complete)
}

// TestEmptyPageIsNotTheEnd is the negative control: who stops at the first page does not get everything.
func TestEmptyPageIsNotTheEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits(kfsim.Limits{Page: 50, ShortPages: true, EmptyPages: true})
	d.talk(5, 100, 2000, 4, time.Minute)
	for _, s := range []*Syncer{d.syncer(func(o *SyncOptions) { o.Owner = "bad" }), d.syncer()} {
		s.fault.oncePaged = s.owner == "bad"
		s.gentle.most = 1000
		for _, a := range d.sim.Truth().Accounts {
			d.must(s.ask(t.Context(), []string{a.ID}, "", time.Time{}))
			d.must(s.pull(t.Context(), db.SyncRequest{AccountID: a.ID}))
		}
		if err := compare(d.db, d.sim.Truth()); (err == nil) == s.fault.oncePaged {
			t.Errorf("stops at the first page: %v; missing: %v", s.fault.oncePaged, err)
		}
	}
}

// TestNotifyIsDurable: what Notify has taken is there for the next process.
func TestNotifyIsDurable(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.sim.SetCallback(kfsim.Callback{}))
	managed := d.mirror()
	d.talk(5, 100, 300, 1, 0)
	first := d.syncer()
	for _, a := range d.sim.Truth().Accounts {
		d.must(first.Notify(t.Context(), a.ID, "", d.clock()))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := first.Notify(ctx, managed[0], "", d.clock()); err == nil {
		t.Error("a request that could not be stored was taken")
	}
	lag, err := first.Lag(t.Context())
	d.pass(3 * time.Second)
	later, again := first.Lag(t.Context())
	d.must(errors.Join(err, again))
	if len(lag) != 5 || lag[0].Lag != 0 || later[0].Lag != 3*time.Second || later[0].Safety.Level != SafetyNever {
		t.Errorf("lag %+v, then %+v", lag, later)
	}
	d.run(d.syncer())
	d.until("all messages are there", time.Second, d.complete)
	if err := first.Notify(t.Context(), "", "", d.clock()); err != nil {
		t.Fatal(err)
	}
	lag, err = first.Lag(t.Context())
	if err != nil || len(lag) != len(managed) {
		t.Errorf("an old callback without an account asks for %d accounts, want %d, %v", len(lag), len(managed), err)
	}
}

// TestFaultsInTheMiddle: at the third call of sync_msg something goes wrong, and nothing is lost or hammered.
func TestFaultsInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault kfsim.Fault
		waits time.Duration // before the account is tried again, 0 = it goes on by itself
	}{
		{"busy once", kfsim.Fault{Kind: "errcode", Code: -1}, 0},
		{"busy twice", kfsim.Fault{Kind: "errcode", Code: -1, Times: 2}, 0},
		{"busy all the time", kfsim.Fault{Kind: "errcode", Code: -1, Times: 3}, retryFirst},
		{"too many at once", kfsim.Fault{Kind: "errcode", Code: 45033, Times: 2}, 0},
		{"too often", kfsim.Fault{Kind: "errcode", Code: 45009}, time.Minute},
		{"token expired", kfsim.Fault{Kind: "token_expiry"}, 0},
		{"token invalid", kfsim.Fault{Kind: "errcode", Code: 40014}, 0},
		{"callback's token not taken", kfsim.Fault{Kind: "errcode", Code: 95007}, 0},
		{"gateway", kfsim.Fault{Kind: "status", Times: 2}, 0},
		{"garbage", kfsim.Fault{Kind: "garbage", Times: 2}, 0},
		{"cut off", kfsim.Fault{Kind: "cut_after", Times: 2}, 0},
		{"endless", kfsim.Fault{Kind: "huge", Bytes: 20 << 20}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.limits(kfsim.Limits{Page: 20})
			d.must(d.sim.SetDelivery(kfsim.Delivery{Delay: "1s", Merge: true}))
			d.talk(1, 10, 200, 1, 0)
			c.fault.Endpoint, c.fault.After = "kf/sync_msg", 2
			(&corp{t: t, url: d.url}).control(http.MethodPost, "faults", c.fault, nil)
			s := d.syncer()
			d.run(s)
			d.pass(time.Second)
			account := d.sim.Truth().Accounts[0].ID
			if c.waits > 0 {
				var st db.SyncState
				d.until("the failure is noted", 0, func() bool {
					var err error
					st, err = d.db.SyncState(t.Context(), account)
					return err == nil && st.Failures > 0
				})
				if st.Errcode != c.fault.Code || !st.NotBefore.Equal(d.clock().Add(c.waits)) || st.Cursor == "" {
					t.Errorf("noted %+v, want errcode %d and a pause of %v", st, c.fault.Code, c.waits)
				}
				before := d.count("kf/sync_msg")
				time.Sleep(10 * s.polls.asked) // it has looked several times by then
				if n := d.count("kf/sync_msg"); n != before {
					t.Errorf("%d calls during the pause", n-before)
				}
				d.pass(c.waits)
			}
			d.until("all messages are there", 0, d.complete)
			st, err := d.db.SyncState(t.Context(), account)
			if err != nil || st.Failures != 0 || st.Errcode != 0 || !st.OKAt.Equal(d.clock()) || st.Messages != 200 {
				t.Errorf("afterwards %+v, %v", st, err)
			}
		})
	}
}

// TestOneTokenForAll: a hundred syncs at once whose access token has expired fetch one new token.
func TestOneTokenForAll(t *testing.T) {
	d := newDesk(t)
	account := kf.AccountID(d.mirror()[0])
	before := d.count("gettoken")
	(&corp{t: t, url: d.url}).control(http.MethodPost, "expire_token", map[string]any{}, nil)
	var work sync.WaitGroup
	var failed atomic.Int32
	for range 100 {
		work.Go(func() {
			if _, err := d.kf.SyncMsg(t.Context(), kf.SyncRequest{Account: account}); err != nil {
				failed.Add(1)
				t.Log(err)
			}
		})
	}
	work.Wait()
	if n := d.count("gettoken") - before; n != 1 || failed.Load() > 0 {
		t.Errorf("%d calls of gettoken, %d failures", n, failed.Load())
	}
}

// TestUntokenedCallsAreFew: accounts without callbacks are pulled, no more often than WeCom takes.
func TestUntokenedCallsAreFew(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.sim.SetCallback(kfsim.Callback{}))
	managed := d.mirror()
	d.sim.SetLimits(kfsim.Limits{})
	s := d.syncer()
	s.gentle.most = untokened
	d.run(s)
	for minute := range 4 {
		want, most := min(len(managed), (minute+1)*untokened), (minute+1)*untokened
		d.until("the calls of this minute are made", 0, func() bool { return d.count("kf/sync_msg") >= want })
		time.Sleep(5 * s.polls.overdue)
		// An account may be asked for once more while its sync is ending: an empty page, within what may be called.
		if n := d.count("kf/sync_msg"); n > most {
			t.Errorf("%d calls in %d minutes, want at most %d", n, minute+1, most)
		}
		d.pass(time.Minute)
	}
	before := d.count("kf/sync_msg")
	d.pass(DefaultEvery)
	d.until("the next round", 0, func() bool { return d.count("kf/sync_msg") > before })
}

// TestOneFailureHoldsUpNobody: an account that is not ours any more, and one whose worker panics each time.
func TestOneFailureHoldsUpNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.sim.SetDelivery(kfsim.Delivery{Merge: true}))
	s := d.syncer()
	d.talk(5, 100, 500, 1, 0)
	truth := d.sim.Truth()
	gone, sick := truth.Accounts[0].ID, truth.Accounts[1].ID
	var healed atomic.Bool
	s.fault.beforePull = func(account string) {
		if account == sick && !healed.Load() {
			panic("planted")
		}
	}
	d.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "sync_msg") || !strings.Contains(bodyOf(r), gone) || healed.Load() {
			return false
		}
		_, err := fmt.Fprint(w, `{"errcode":48007,"errmsg":"no permission"}`)
		return err == nil
	})
	d.run(s)
	others := truth
	others.Accounts = slices.Clone(truth.Accounts[2:])
	d.until("the others are there, and the one that panics is left alone", 0, func() bool {
		st, err := d.db.SyncState(t.Context(), sick)
		return compare(d.db, others) == nil && s.Panics() > 0 && err == nil && st.Failures > 0 && !st.NotBefore.IsZero()
	})
	healed.Store(true)
	d.until("all are there", time.Second, d.complete)
}

// TestTwoSyncers: two processes on one database take each message in once, whoever has an account.
func TestTwoSyncers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits(kfsim.Limits{Page: 20, ShortPages: true})
	d.must(d.sim.SetDelivery(kfsim.Delivery{Duplicate: 2, Merge: true}))
	var mu sync.Mutex
	by := map[string]int{}
	watch := func(s *Syncer) {
		s.fault.beforePull = func(string) {
			mu.Lock()
			defer mu.Unlock()
			by[s.owner]++
		}
	}
	other := d.open()
	one, two := d.syncer(func(o *SyncOptions) { o.DB = other }), d.syncer()
	watch(one)
	watch(two)
	d.run(one)
	d.run(two)
	// The clock moves: a lease that nobody gave back is over one day, and one that is over in the middle of a page makes
	// that page count for nothing.
	for _, told := range []*Syncer{one, two} {
		d.to.Store(told)
		d.talk(5, 50, 300, 2, time.Second)
		d.until("all messages are there", 50*time.Millisecond, d.complete)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(by) != 2 {
		t.Errorf("calls by owner: %v", by)
	}
	lag, err := one.Lag(t.Context())
	d.must(err)
	var stored int64
	for _, l := range lag {
		stored += l.State.Messages
	}
	if stored != 600 {
		t.Errorf("%d messages were taken in, of 600", stored)
	}
}

// TestBrokenEntries: what cannot be read is kept raw and costs the rest of its page nothing.
func TestBrokenEntries(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	account := d.mirror()[0]
	customer, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{Name: "甲"})
	d.must(err)
	for _, raw := range []string{
		`{"msgid":"b1","external_userid":"` + customer + `","send_time":"soon","msgtype":"text"}`,
		`"no object"`, `[1,2]`, `null`,
		`{"msgtype":"event","event":7,"msgid":"b2"}`,
		`{"msgid":"new","external_userid":"` + customer + `","send_time":1792314000,"origin":3,"msgtype":"hologram","hologram":{"x":1}}`,
		`{"msgid":"odd","send_time":1792314000,"origin":4,"msgtype":"event","event":{"event_type":"moon_phase","open_kfid":"` + account + `"}}`,
		`{"msgid":"far","external_userid":"` + customer + `","send_time":99999999999,"origin":3,"msgtype":"text","text":{"content":"x"}}`,
		`{"msgid":"wide","external_userid":"` + customer + `","send_time":1792314000,"origin":3,"msgtype":"text","text":{"content":"` + strings.Repeat("长", 350_000) + `"}}`,
	} {
		d.must(d.sim.Inject(account, []byte(raw)))
	}
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("退款"))
	d.must(err)
	s := d.syncer()
	for range 2 {
		d.must(s.Notify(t.Context(), account, "", d.clock()))
		d.must(s.pull(t.Context(), db.SyncRequest{AccountID: account}))
	}
	c, err := d.db.ConversationOf(t.Context(), account, customer)
	d.must(err)
	rows, err := d.db.ConversationMessages(t.Context(), c.ID)
	d.must(err)
	kinds := map[string]int{}
	for _, m := range rows {
		kinds[m.Kind]++
	}
	unplaced, err := d.db.UnplacedCounts(t.Context())
	d.must(err)
	if kinds["text"] != 3 || kinds["hologram"] != 1 || kinds[kf.KindBroken] != 1 || unplaced[kf.KindBroken] != 4 || unplaced["moon_phase"] != 1 {
		t.Errorf("in the conversation %v, outside %v", kinds, unplaced)
	}
	if c.State != db.StateNew || c.ExpiresAt.After(d.clock().Add(kf.SendWindow)) || len(c.LastText) > 4*previewRunes {
		t.Errorf("conversation %+v", c)
	}
}
