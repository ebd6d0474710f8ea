package live

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// dump writes down everything that must not depend on how messages arrived: nothing of our own ids, of the order between
// accounts, and of when something was done.
func dump(store *db.DB, truth kfsim.Truth) (string, error) {
	ctx := context.Background()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, a := range truth.Accounts {
		st, err := store.SyncState(ctx, a.ID)
		if err != nil {
			return "", err
		}
		add("%s: %d messages", a.ID, st.Messages)
		for _, known := range a.Conversations {
			c, err := store.ConversationOf(ctx, a.ID, known.Customer)
			if err != nil {
				return "", err
			}
			visits, err := store.VisitsOf(ctx, c.ID)
			if err != nil {
				return "", err
			}
			rows, err := store.ConversationMessages(ctx, c.ID)
			if err != nil {
				return "", err
			}
			key := c.AccountID + " " + c.CustomerID
			for _, v := range visits {
				last := v.ID == c.VisitID
				v.ID, v.ConversationID = "", ""
				add("%s: visit %+v, the last: %v", key, v, last)
			}
			for i, m := range rows {
				m.Raw = fmt.Appendf(nil, "%x", sha256.Sum256(m.Raw))
				m.Seq, m.ConversationID = 0, ""
				add("%s: row %d %+v", key, i, m)
			}
			c.ID, c.VisitID, c.Rev, c.FoldedSeq = "", "", 0, 0
			c.CustomerName, c.PictureID, c.AccountName = "", "", ""
			add("%s: %+v", key, c)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n"), nil
}

// delivered syncs the same talk under some way of calling back, with a bug if one is planted, and returns the dump.
func delivered(t *testing.T, terms kfsim.Delivery, plant func(*Syncer)) (string, bool) {
	d := newDesk(t)
	d.sim.SetLimits(kfsim.Limits{Page: 40, ShortPages: true, EmptyPages: true})
	d.mirror()
	d.must(d.sim.SetDelivery(terms))
	s := d.syncer()
	s.gentle.most = untokened
	// A worker panics between fetch and store now and then, too.
	var stores atomic.Int64
	s.fault.beforeStore = func(string, int) {
		if stores.Add(1)%9 == 4 {
			panic("planted")
		}
	}
	if plant != nil {
		plant(s)
	}
	stop := d.start(func(ctx context.Context) error {
		s.dispatch(ctx)
		return ctx.Err()
	})
	d.talk(5, 30, 600, 4, 10*time.Minute)
	last := testStart.Add(30 * time.Hour)
	if plant != nil {
		last = testStart.Add(3 * time.Hour) // what is missing then does not come any more
	}
	whole := false
	for end := time.Now().Add(2 * time.Minute); !whole && d.clock().Before(last) && time.Now().Before(end); time.Sleep(4 * time.Millisecond) {
		d.pass(20 * time.Second)
		whole = d.complete()
	}
	stop()
	text, err := dump(d.db, d.sim.Truth())
	if err != nil && whole {
		t.Fatal(err)
	}
	return text, whole
}

// TestDelivery: callbacks ten times, in any order, an hour late, one in ten lost: the database is that of a good day.
func TestDelivery(t *testing.T) {
	t.Parallel()
	want, whole := delivered(t, kfsim.Delivery{}, nil)
	if !whole || len(want) < 10_000 {
		t.Fatalf("a good day is not complete: %d bytes", len(want))
	}
	for _, c := range []struct {
		name  string
		terms kfsim.Delivery
	}{
		{"each ten times", kfsim.Delivery{Duplicate: 10, Merge: true}},
		{"shuffled", kfsim.Delivery{Shuffle: true, Seed: 3}},
		{"an hour late", kfsim.Delivery{Delay: "1h", Seed: 4}},
		{"one in ten lost", kfsim.Delivery{DropEvery: 10}},
		{"all of it", kfsim.Delivery{Duplicate: 3, Shuffle: true, Delay: "1h", DropEvery: 10, Seed: 5}},
		{"all lost", kfsim.Delivery{DropEvery: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, whole := delivered(t, c.terms, nil); !whole || got != want {
				t.Errorf("complete: %v; %s", whole, firstDifference(got, want))
			}
		})
	}
	t.Run("the cursor is saved before the work", func(t *testing.T) { // the negative control
		t.Parallel()
		terms := kfsim.Delivery{Duplicate: 3, Shuffle: true, Seed: 5, Merge: true}
		if got, whole := delivered(t, terms, func(s *Syncer) { s.fault.cursorFirst = true }); whole && got == want {
			t.Error("the planted bug was not found")
		}
	})
}

// firstDifference shows where two dumps part.
func firstDifference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("line %d:\n%s\n%s", i, left[i], right[i])
		}
	}
	return fmt.Sprintf("%d lines, %d lines", len(left), len(right))
}

func TestMain(m *testing.M) {
	if os.Getenv(killEnv) != "" {
		if err := syncUntilKilled(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
