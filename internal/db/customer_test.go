package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestCustomerProfile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustConversation(t, d, "wkA", "wm1")
		want := db.Customer{ID: "wm1", Name: "王小明", AvatarURL: "https://example.test/a", PictureID: "p1", Gender: 1, UnionID: "u1", FirstAt: now, LastAt: now,
			ProfileAt: now, TriedAt: now, ProfileState: db.ProfileOK, Conversations: 1}
		if err := d.SetCustomerProfile(ctx, want); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Customer(ctx, "wm1"); err != nil || got != want {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		next := want
		next.PictureID = ""
		if err := d.SetCustomerProfile(ctx, next); err != nil {
			t.Fatal(err)
		}
		if got, _ := d.Customer(ctx, "wm1"); got.PictureID != "p1" {
			t.Errorf("the picture of the same avatar: %+v", got)
		}
		next.AvatarURL = "https://example.test/b"
		if err := d.SetCustomerProfile(ctx, next); err != nil {
			t.Fatal(err)
		}
		if got, _ := d.Customer(ctx, "wm1"); got.PictureID != "" {
			t.Errorf("the picture of another avatar: %+v", got)
		}
		later := now.Add(time.Hour)
		if err := errors.Join(d.SetCustomerPicture(ctx, "wm1", "p2"), d.SetCustomerTried(ctx, "wm1", db.ProfileInvalid, later)); err != nil {
			t.Fatal(err)
		}
		if got, _ := d.Customer(ctx, "wm1"); got.Name != "王小明" || got.PictureID != "p2" || got.ProfileState != db.ProfileInvalid || !got.TriedAt.Equal(later) || !got.ProfileAt.Equal(now) {
			t.Errorf("%+v", got)
		}
		for _, err := range []error{d.SetCustomerProfile(ctx, db.Customer{ID: "x"}), d.SetCustomerPicture(ctx, "x", ""), d.SetCustomerTried(ctx, "x", db.ProfileFailed, now)} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("no customer: %v", err)
			}
		}
	})
}

func TestCustomers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i := range 30 {
			id := fmt.Sprintf("wm%02d", i)
			if _, _, err := d.ConversationFor(ctx, []string{"wkA", "wkB", "wkC"}[i%3], id, now.Add(time.Duration(i%7)*time.Minute)); err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				c := db.Customer{ID: id, Name: []string{"安安", "白白", "陈"}[i%3], ProfileState: db.ProfileOK, TriedAt: now}
				if err := d.SetCustomerProfile(ctx, c); err != nil {
					t.Fatal(err)
				}
			}
		}
		mustConversation(t, d, "wkA", "wm01")
		for _, f := range []struct {
			db.CustomerFilter
			n int
		}{
			{db.CustomerFilter{}, 30}, {db.CustomerFilter{Sort: db.SortName}, 30}, {db.CustomerFilter{Account: "wkA"}, 11}, {db.CustomerFilter{Q: "白"}, 5},
			{db.CustomerFilter{Q: "WM1"}, 10}, {db.CustomerFilter{Profile: db.ProfileOK, Sort: db.SortName}, 15}, {db.CustomerFilter{Account: "wkX"}, 0},
			{db.CustomerFilter{Account: "wkB", Q: "陈", Sort: db.SortName}, 0},
		} {
			list, _, err := d.Customers(ctx, f.CustomerFilter, "", 100)
			var ids []string
			for _, c := range list {
				ids = append(ids, c.ID)
			}
			if n, errCount := d.CustomerCount(ctx, f.CustomerFilter); err != nil || errCount != nil || n != f.n || len(ids) != f.n {
				t.Errorf("%+v: %d listed, %d counted, %v, %v", f, len(ids), n, err, errCount)
			}
			checkPages(t, ids, 4, func(at db.Cursor) (ids []string, page db.Page, err error) {
				l, page, err := d.Customers(ctx, f.CustomerFilter, at, 4)
				for _, c := range l {
					ids = append(ids, c.ID)
				}
				return ids, page, err
			})
		}
		list, _, err := d.Customers(ctx, db.CustomerFilter{}, "", 100)
		if err != nil || !slices.IsSortedFunc(list, func(a, b db.Customer) int { return b.LastAt.Compare(a.LastAt) }) {
			t.Errorf("not the last first: %v", err)
		}
		if _, _, err := d.Customers(ctx, db.CustomerFilter{Sort: "x"}, "", 0); !errors.Is(err, db.ErrBadFilter) {
			t.Errorf("sort: %v", err)
		}
	})
}

func TestCustomersToAsk(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i := range 6 {
			id := fmt.Sprintf("wm%d", i)
			mustConversation(t, d, "wkA", id)
			if i >= 2 {
				state := []string{db.ProfileFailed, db.ProfileOK}[i%2]
				if err := d.SetCustomerTried(ctx, id, state, now.Add(-time.Duration(i)*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
		}
		check := func(state string, before time.Time, limit int, want ...string) {
			t.Helper()
			if got, err := d.CustomersToAsk(ctx, state, before, limit); err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: %v, %v, want %v", state, got, err, want)
			}
		}
		check(db.ProfileUnasked, time.Time{}, 0, "wm0", "wm1")
		check(db.ProfileUnasked, now, 1, "wm0")
		check(db.ProfileFailed, now, 0, "wm4", "wm2")
		check(db.ProfileFailed, now.Add(-2*time.Hour), 0, "wm4")
		check(db.ProfileOK, now.Add(-4*time.Hour), 0, "wm5")
	})
}
