package live

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// TestBacklogsTakeTurns: with more backlogs than workers, none waits until another one is at its end.
func TestBacklogsTakeTurns(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.must(d.sim.SetCallback(kfsim.Callback{}))
	d.limits(kfsim.Limits{Page: 10})
	const accounts = workersAtOnce + 2
	d.talk(accounts, 2*accounts, 60*accounts, 1, 0)
	var mu sync.Mutex
	var calls []string
	s := d.syncer()
	s.fault.beforePull = func(account string) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, account)
	}
	for _, a := range d.sim.Truth().Accounts {
		d.must(s.Notify(t.Context(), a.ID, "", d.clock()))
	}
	d.run(s)
	d.until("all messages are there", 0, d.complete)
	mu.Lock()
	defer mu.Unlock()
	begun := map[string]bool{}
	for i, id := range calls {
		if begun[id] = true; len(begun) == accounts {
			if i > len(calls)/2 {
				t.Errorf("the last account begins with call %d of %d", i+1, len(calls))
			}
			return
		}
	}
	t.Errorf("%d accounts were read", len(begun))
}

// TestAccountsWithoutAFlag: WeCom does not tell every app which accounts it may read; those are tried like the others.
func TestAccountsWithoutAFlag(t *testing.T) {
	d := newDesk(t)
	d.must(d.sim.SetCallback(kfsim.Callback{}))
	id := d.managedAccount()
	d.must(d.db.UpsertAccount(t.Context(), db.Account{ID: id, Name: "甲", ChangedAt: d.clock()}))
	_, err := d.sim.CustomerEnters(id, "", "", kfsim.CustomerCard{})
	d.must(err)
	d.run(d.syncer())
	d.until("its messages are there", time.Second, d.complete)
}

func (d *desk) managedAccount() string {
	d.t.Helper()
	for _, a := range (&corp{t: d.t, url: d.url}).world().Accounts {
		if a.Managed {
			return a.ID
		}
	}
	d.t.Fatal("no account is managed")
	return ""
}

// TestWithdrawnAccountIsLeftAlone: nobody asks for ever for an account that was withdrawn; once it is back, it is read on.
func TestWithdrawnAccountIsLeftAlone(t *testing.T) {
	d := newDesk(t)
	d.must(d.sim.SetCallback(kfsim.Callback{}))
	id := d.managedAccount()
	managed := func(is bool) {
		d.must(d.db.UpsertAccount(t.Context(), db.Account{ID: id, Name: "甲", Managed: &is, ChangedAt: d.clock()}))
	}
	managed(false)
	_, err := d.sim.CustomerEnters(id, "", "", kfsim.CustomerCard{})
	d.must(err)
	var mu sync.Mutex
	withdrawn := true
	d.hook(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if !withdrawn || !strings.HasSuffix(r.URL.Path, "sync_msg") {
			return false
		}
		_, err := fmt.Fprint(w, `{"errcode":48007,"errmsg":"no permission"}`)
		return err == nil
	})
	s := d.syncer()
	d.must(s.Notify(t.Context(), id, "", d.clock()))
	d.run(s)
	d.until("the request is given up", time.Second, func() bool {
		requests, err := d.db.SyncRequests(t.Context())
		return err == nil && len(requests) == 0
	})
	calls := d.count("kf/sync_msg")
	d.pass(time.Hour)
	d.must(s.askOverdue(t.Context()))
	if n := d.count("kf/sync_msg"); calls == 0 || n != calls {
		t.Errorf("%d calls, then %d", calls, n)
	}
	mu.Lock()
	withdrawn = false
	mu.Unlock()
	managed(true)
	d.until("its messages are there", time.Second, d.complete)
}

// TestClockSetBack: our clock falls back by an hour between a message and our answer. The answer counts, the account is
// synced on, and a customer who writes to an ended conversation is seen.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	account, servicer := d.staff()
	theirs := d.clock
	back := time.Duration(0)
	var mu sync.Mutex
	ours := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return theirs().Add(-back)
	}
	s := d.syncer(func(o *SyncOptions) { o.Now = ours })
	d.run(s)
	customer, err := d.sim.CustomerEnters(account, "", "", kfsim.CustomerCard{})
	d.must(err)
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("在吗"))
	d.must(err)
	read := func() db.Conversation {
		c, err := d.db.ConversationOf(ctx, account, customer)
		if err != nil {
			return db.Conversation{State: -1}
		}
		return c
	}
	d.until("the customer waits", 0, func() bool { return !read().WaitingSince.IsZero() })
	mu.Lock()
	back = time.Hour
	mu.Unlock()
	d.must(d.db.Tx(ctx, func(tx *db.DB) error {
		_, err := tx.InsertMessages(ctx, []db.Message{{
			ID: db.NewID(), AccountID: account, ConversationID: read().ID, At: ours(), Origin: db.OriginConsole, Kind: kf.KindText,
			Raw: []byte(`{"msgtype":"text","text":{"content":"您好"}}`), Delivery: db.DeliveryAccepted,
		}})
		if err != nil {
			return err
		}
		return Refold(ctx, tx, read().ID)
	}))
	if c := read(); c.State != db.StateAssistant || !c.WaitingSince.IsZero() || c.Sent != 1 {
		t.Errorf("answered by a clock that was set back: %+v", c)
	}
	_, err = d.kf.TransferState(ctx, kf.AccountID(account), kf.CustomerID(customer), kf.StateQueue, "")
	d.must(err)
	d.must(d.sim.ServicerPicks(account, customer, servicer))
	d.must(d.sim.ServicerEnds(account, customer, servicer))
	d.until("it has ended", 0, func() bool { return read().State == db.StateEnded })
	d.pass(time.Second)
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("又来了"))
	d.must(err)
	d.until("the customer waits again", 0, func() bool { c := read(); return c.State == db.StateNew && !c.WaitingSince.IsZero() })
}
