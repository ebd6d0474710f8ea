package live

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// TestCheckStates: what another program does through the API raises no event; it is found by asking, noted in the timeline,
// and only where it differs.
func TestCheckStates(t *testing.T) {
	d := newDesk(t)
	account, customers := d.movedByAnother()
	s := NewSyncer(SyncOptions{DB: d.db, KF: d.kf, Now: d.clock, Log: slog.New(slog.DiscardHandler)})
	checked := map[string]time.Time{}
	look := func(want int, when string) {
		t.Helper()
		due, err := s.uncheckedStates(t.Context(), checked)
		d.must(err)
		for _, id := range due {
			checked[id] = d.clock()
			d.must(s.checkState(t.Context(), id))
		}
		if len(due) != want {
			t.Errorf("%d conversations are looked at %s, want %d", len(due), when, want)
		}
	}
	look(0, "while they are fresh")
	d.pass(checkCalm)
	look(2, "when they are calm")
	for i, want := range []struct{ state, notes int }{{db.StateQueue, 1}, {db.StateNew, 0}} {
		c, err := d.db.ConversationOf(t.Context(), account, customers[i])
		d.must(err)
		rows, err := d.db.ConversationMessages(t.Context(), c.ID)
		d.must(err)
		rows = slices.DeleteFunc(rows, func(m db.Message) bool { return m.Kind != db.KindState })
		if c.State != want.state || len(rows) != want.notes {
			t.Errorf("conversation %d: state %d with %d notes, want %+v", i, c.State, len(rows), want)
		}
	}
	look(0, "again at once")
	d.pass(checkEvery)
	look(2, "after a while")
}

// movedByAnother has two customers write, and one of them moved by a program other than the console.
func (d *desk) movedByAnother() (account string, customers []string) {
	d.t.Helper()
	ctx := d.t.Context()
	account, _ = d.staff()
	for range 2 {
		customer, err := d.sim.CustomerEnters(account, "", "", kfsim.CustomerCard{})
		d.must(err)
		_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("在吗"))
		d.must(err)
		customers = append(customers, customer)
	}
	_, err := d.kf.TransferState(ctx, kf.AccountID(account), kf.CustomerID(customers[0]), kf.StateQueue, "")
	d.must(err)
	d.run(d.syncer())
	d.until("both are there", 0, func() bool {
		for _, customer := range customers {
			if c, err := d.db.ConversationOf(ctx, account, customer); err != nil || c.State != db.StateNew {
				return false
			}
		}
		return true
	})
	return account, customers
}
