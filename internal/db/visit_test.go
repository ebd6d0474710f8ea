package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestVisits(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a, b := mustConversation(t, d, "wkA", "wm1"), mustConversation(t, d, "wkB", "wm1")
		at := func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) }
		want := db.Visit{ID: "v1", ConversationID: a.ID, AccountID: "wkA", CustomerID: "wm1", Scene: "door", SceneParam: "x", EnteredAt: at(1), WroteAt: at(2), QueuedAt: at(3),
			HumanAt: at(4), RepliedAt: at(5), EndedAt: at(6), EndedBy: db.EndedByServicer, Rating: "5"}
		first := db.Visit{ID: "v0", ConversationID: a.ID, AccountID: "wkA", CustomerID: "wm1", EnteredAt: at(0)}
		other := db.Visit{ID: "v2", ConversationID: b.ID, AccountID: "wkB", CustomerID: "wm1", EnteredAt: at(9)}
		for _, v := range []db.Visit{{ID: "v1"}, first, other} {
			if err := d.InsertVisit(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.InsertVisit(ctx, want); !errors.Is(err, db.ErrConflict) {
			t.Errorf("the same id: %v", err)
		}
		if err := d.UpdateVisit(ctx, want); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Visit(ctx, "v1"); err != nil || got != want {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		if got, err := d.VisitsOf(ctx, a.ID); err != nil || !slices.Equal(got, []db.Visit{first, want}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := d.CustomerVisits(ctx, "wm1", 2); err != nil || !slices.Equal(got, []db.Visit{other, want}) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := errors.Join(d.DeleteVisit(ctx, "v1"), d.DeleteVisit(ctx, "v1")); err != nil {
			t.Error(err)
		}
		if _, err := d.Visit(ctx, "v1"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a deleted one: %v", err)
		}
		if err := d.UpdateVisit(ctx, want); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a deleted one: %v", err)
		}
	})
}

// someVisits are visits of a week.
func someVisits(t *testing.T, d *db.DB, n int) (list []db.Visit) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 5))
	err := d.Tx(context.Background(), func(tx *db.DB) error {
		for i := range n {
			v := db.Visit{ID: fmt.Sprintf("v%03d", i), ConversationID: "c", AccountID: pick(r, "wkA", "wkB"), Scene: pick(r, "", "door", "poster"),
				EnteredAt: now.Add(time.Duration(r.IntN(7*24*60)) * time.Minute)}
			for j, p := range []*time.Time{&v.WroteAt, &v.RepliedAt, &v.HumanAt} {
				if r.IntN(3) > 0 && (j == 0 || !v.WroteAt.IsZero()) {
					*p = v.EnteredAt.Add(time.Duration(r.IntN(9000)) * time.Second)
				}
			}
			list = append(list, v)
			if err := tx.InsertVisit(context.Background(), v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestVisitFunnel(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		list := someVisits(t, d, 400)
		zone := time.FixedZone("Beijing", 8*3600)
		from, to := now.Add(13*time.Hour), now.Add(100*time.Hour)
		for _, f := range [][2]string{{"", ""}, {"wkA", ""}, {"", "door"}, {"wkB", "poster"}, {"wkX", ""}} {
			var want []db.FunnelDay
			slices.SortFunc(list, func(a, b db.Visit) int { return a.EnteredAt.Compare(b.EnteredAt) })
			for _, v := range list {
				if f[0] != "" && f[0] != v.AccountID || f[1] != "" && f[1] != v.Scene || v.EnteredAt.Before(from) || !v.EnteredAt.Before(to) {
					continue
				}
				y, m, day := v.EnteredAt.In(zone).Date()
				begin := time.Date(y, m, day, 0, 0, 0, 0, zone).UTC()
				if len(want) == 0 || !want[len(want)-1].Day.Equal(begin) {
					want = append(want, db.FunnelDay{Day: begin})
				}
				w := &want[len(want)-1]
				w.Entered++
				for n, at := range map[*int]time.Time{&w.Wrote: v.WroteAt, &w.Human: v.HumanAt, &w.Replied: v.RepliedAt} {
					if !at.IsZero() {
						*n++
					}
				}
			}
			if got, err := d.VisitFunnel(ctx, f[0], f[1], from, to); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %+v, %v\nwant %+v", f, got, err, want)
			}
		}
	})
}

func TestFirstReplyMedian(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		check := func(want time.Duration, n int) {
			t.Helper()
			if got, of, err := d.FirstReplyMedian(ctx, now, now.Add(time.Hour)); err != nil || got != want || of != n {
				t.Errorf("%v of %d, %v, want %v of %d", got, of, err, want, n)
			}
		}
		check(0, 0)
		for i, wait := range []time.Duration{0, 90 * time.Second, 10 * time.Second, 30 * time.Second, 40 * time.Second} {
			v := db.Visit{ID: fmt.Sprint(i), EnteredAt: now, WroteAt: now.Add(time.Minute)}
			if wait != 0 {
				v.RepliedAt = v.WroteAt.Add(wait)
			}
			if err := d.InsertVisit(ctx, v); err != nil {
				t.Fatal(err)
			}
			switch i {
			case 0:
				check(0, 0)
			case 1:
				check(90*time.Second, 1)
			case 3:
				check(30*time.Second, 3)
			case 4:
				check(35*time.Second, 4)
			}
		}
		late := db.Visit{ID: "late", EnteredAt: now, WroteAt: now.Add(time.Hour), RepliedAt: now.Add(2 * time.Hour)}
		if err := d.InsertVisit(ctx, late); err != nil {
			t.Fatal(err)
		}
		check(35*time.Second, 4)
	})
}

func TestScenes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		linkDB(t, d, 1)
		for i, scene := range []string{"scene_0", "poster", "", "poster"} {
			v := db.Visit{ID: fmt.Sprint(i), AccountID: []string{"wkA", "wkB"}[i%2], Scene: scene, EnteredAt: now.Add(time.Duration(i) * time.Minute)}
			if err := d.InsertVisit(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		if n, found, err := d.SceneName(ctx, "poster"); err != nil || found || n.Name != "" {
			t.Errorf("%+v, %v, %v", n, found, err)
		}
		name := db.SceneName{Scene: "poster", Name: "海报", Note: "东门", NamedBy: "主管", At: now}
		for _, n := range []db.SceneName{{Scene: "poster", Name: "x"}, name} {
			if err := d.SetSceneName(ctx, n); err != nil {
				t.Fatal(err)
			}
		}
		if n, found, err := d.SceneName(ctx, "poster"); err != nil || !found || n != name {
			t.Errorf("%+v, %v, %v", n, found, err)
		}
		want := []db.SceneSeen{{Scene: "poster", Visits: 2, Accounts: 1, FirstAt: now.Add(time.Minute), LastAt: now.Add(3 * time.Minute), Name: "海报", Note: "东门", NamedBy: "主管", NamedAt: now},
			{Scene: "scene_0", Visits: 1, Accounts: 1, FirstAt: now, LastAt: now, Links: 1}}
		if got, err := d.Scenes(ctx); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
	})
}
