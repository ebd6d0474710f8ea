package db_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func mustConversation(t testing.TB, d *db.DB, account, customer string) db.Conversation {
	t.Helper()
	c, _, err := d.ConversationFor(context.Background(), account, customer, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustUpdate(t testing.TB, d *db.DB, c db.Conversation) {
	t.Helper()
	if err := d.UpdateConversation(context.Background(), c); err != nil {
		t.Fatal(err)
	}
}

func TestConversationFor(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustReplace(t, d, now, db.Account{ID: "wkA", Name: "售前"})
		c, created, err := d.ConversationFor(ctx, "wkA", "wm1", now)
		want := db.Conversation{ID: c.ID, AccountID: "wkA", CustomerID: "wm1", AccountName: "售前", FirstAt: now, Rev: 1}
		if err != nil || !created || c != want || len(c.ID) != 32 {
			t.Fatalf("%+v, %v, %v\nwant %+v", c, created, err, want)
		}
		for _, at := range []time.Time{now.Add(-time.Hour), now, now.Add(time.Hour)} {
			if again, created, err := d.ConversationFor(ctx, "wkA", "wm1", at); err != nil || created || again != c {
				t.Errorf("again: %+v, %v, %v", again, created, err)
			}
		}
		if of, err := d.ConversationOf(ctx, "wkA", "wm1"); err != nil || of != c {
			t.Errorf("%+v, %v", of, err)
		}
		other := mustConversation(t, d, "wkB", "wm1")
		if u, err := d.Customer(ctx, "wm1"); err != nil || other.ID == c.ID || u.Conversations != 2 || !u.FirstAt.Equal(now) || u.ProfileState != db.ProfileUnasked {
			t.Errorf("%+v, %v", u, err)
		}
		for _, pair := range [][2]string{{"", "wm1"}, {"wkA", ""}} {
			if _, _, err := d.ConversationFor(ctx, pair[0], pair[1], now); err == nil {
				t.Errorf("made a conversation of %q", pair)
			}
		}
		if _, err := d.Conversation(ctx, "x"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no conversation: %v", err)
		}
		if _, err := d.ConversationOf(ctx, "wkA", "x"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no customer: %v", err)
		}
	})
}

func TestUpdateConversation(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if err := d.ReplaceDirectory(ctx, nil, []db.Person{{UserID: "Li.Na", Name: "李娜"}}, now); err != nil {
			t.Fatal(err)
		}
		c := mustConversation(t, d, "wkA", "wm1")
		at := func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) }
		want := db.Conversation{ID: c.ID, AccountID: "wkA", CustomerID: "wm1", State: db.StateHuman, ServicerID: "li.na", StateAt: at(1), WaitingSince: at(2),
			LastCustomerAt: at(3), LastAt: at(4), EnteredAt: at(5), ExpiresAt: at(6), LastText: "退款", LastKind: "text", LastOrigin: 3, Sent: 2, Scene: "door",
			SceneParam: "x=1", VisitID: "v1", Rejected: true, Messages: 7, FirstAt: at(-1), FoldedAt: at(4), FoldedSeq: 99}
		mustUpdate(t, d, want)
		want.Rev, want.ServicerName = 2, "李娜"
		got, err := d.Conversation(ctx, c.ID)
		if err != nil || got != want {
			t.Fatalf("%+v, %v\nwant %+v", got, err, want)
		}
		mustUpdate(t, d, got)
		if got, _ := d.Conversation(ctx, c.ID); got != want {
			t.Errorf("the same again: %+v\nwant %+v", got, want)
		}
		if u, err := d.Customer(ctx, "wm1"); err != nil || !u.LastAt.Equal(at(3)) {
			t.Errorf("%+v, %v", u, err)
		}
		// Each field alone is a change.
		for i := range reflect.TypeFor[db.Conversation]().NumField() {
			field := reflect.TypeFor[db.Conversation]().Field(i)
			if strings.HasSuffix(field.Name, "Name") || slices.Contains([]string{"ID", "AccountID", "CustomerID", "Rev", "PictureID"}, field.Name) {
				continue
			}
			before, _ := d.Conversation(ctx, c.ID)
			after := before
			v := reflect.ValueOf(&after).Elem().Field(i)
			if err := d.UpdateConversation(ctx, after); err != nil {
				t.Fatal(err)
			}
			v.Set(reflect.Zero(field.Type))
			mustUpdate(t, d, after)
			after.Rev++
			if field.Name == "ServicerID" {
				after.ServicerName = ""
			}
			if got, _ := d.Conversation(ctx, c.ID); got != after {
				t.Errorf("%s: %+v\nwant %+v", field.Name, got, after)
			}
		}
		if err := d.UpdateConversation(ctx, db.Conversation{ID: "x"}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no conversation: %v", err)
		}
		for _, state := range []int{-1, 5} {
			if err := d.UpdateConversation(ctx, db.Conversation{ID: c.ID, State: state}); err == nil {
				t.Errorf("state %d was taken", state)
			}
		}
	})
}

// board makes conversations of all kinds.
func board(t *testing.T, d *db.DB, r *rand.Rand, n int) (list []db.Conversation) {
	t.Helper()
	err := d.Tx(context.Background(), func(tx *db.DB) error {
		for i := range n {
			c := mustConversation(t, tx, fmt.Sprintf("wk%d", r.IntN(4)), fmt.Sprintf("wm%d", i/2))
			for range 1 + r.IntN(3) {
				c.State, c.LastText, c.ServicerID = r.IntN(5), pick(r, "退款", "Hello 100%", "", "安装"), pick(r, "", "li.na", "Li.Na", "zhang")
				c.LastAt = now.Add(time.Duration(r.IntN(50)) * time.Minute)
				c.ExpiresAt = c.LastAt.Add(time.Hour)
				c.WaitingSince = time.Time{}
				if c.State != db.StateEnded && r.IntN(2) == 0 {
					c.WaitingSince = now.Add(-time.Duration(r.IntN(60)) * time.Minute)
				}
				mustUpdate(t, tx, c)
			}
			list = append(slices.DeleteFunc(list, func(old db.Conversation) bool { return old.ID == c.ID }), c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// onBoard says what a filter means.
func onBoard(f db.ConversationFilter, c db.Conversation) bool {
	text := strings.ToLower(c.CustomerName + "\n" + c.CustomerID + "\n" + c.LastText)
	return (f.Account == "" || f.Account == c.AccountID) && (f.Servicer == "" || strings.EqualFold(f.Servicer, c.ServicerID)) &&
		(f.Customer == "" || f.Customer == c.CustomerID) && strings.Contains(text, strings.ToLower(f.Q)) &&
		(len(f.States) == 0 || slices.Contains(f.States, c.State)) &&
		(f.UnansweredSince.IsZero() || !c.WaitingSince.IsZero() && !c.WaitingSince.After(f.UnansweredSince))
}

// inOrder says how the board is sorted.
func inOrder(sort string) func(a, b db.Conversation) int {
	flag := func(b bool) int {
		if b {
			return 0
		}
		return 1
	}
	return func(a, b db.Conversation) int {
		n := cmp.Compare(flag(a.State != db.StateEnded), flag(b.State != db.StateEnded))
		if sort != db.SortRecent {
			n = cmp.Or(n, cmp.Compare(flag(!a.WaitingSince.IsZero()), flag(!b.WaitingSince.IsZero())), a.WaitingSince.Compare(b.WaitingSince))
			if !a.WaitingSince.IsZero() {
				return cmp.Or(n, cmp.Compare(a.ID, b.ID))
			}
		}
		return cmp.Or(n, b.LastAt.Compare(a.LastAt), cmp.Compare(a.ID, b.ID))
	}
}

func anyFilter(r *rand.Rand) db.ConversationFilter {
	f := db.ConversationFilter{Account: pick(r, "", "", "wk1", "wk9"), Servicer: pick(r, "", "", "LI.NA", "zhang"), Q: pick(r, "", "", "退款", "100%", "WM3", "_"),
		Sort: pick(r, "", db.SortWaiting, db.SortRecent)}
	if r.IntN(4) == 0 {
		f.Customer = fmt.Sprintf("wm%d", r.IntN(10))
	}
	if r.IntN(4) == 0 {
		f.UnansweredSince = now.Add(-time.Duration(r.IntN(60)) * time.Minute)
	}
	for range r.IntN(6) {
		f.States = append(f.States, r.IntN(5))
	}
	return f
}

// TestBoard compares every list and count with what looking at all conversations says.
func TestBoard(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := rand.New(rand.NewPCG(3, 1))
		all := board(t, d, r, 120)
		for range 150 {
			f := anyFilter(r)
			var want db.ConversationCounts
			var list []db.Conversation
			anyState := f
			anyState.States = nil
			for _, c := range all {
				if onBoard(f, c) {
					list = append(list, c)
				}
				if !onBoard(anyState, c) {
					continue
				}
				if c.State != db.StateEnded || f.Q == "" || slices.Contains(f.States, db.StateEnded) {
					want.ByState[c.State]++
				}
				if !c.WaitingSince.IsZero() {
					want.Waiting++
					if want.OldestWaiting.IsZero() || c.WaitingSince.Before(want.OldestWaiting) {
						want.OldestWaiting = c.WaitingSince
					}
				}
			}
			slices.SortFunc(list, inOrder(f.Sort))
			var ids []string
			for _, c := range list {
				ids = append(ids, c.ID)
			}
			checkPages(t, ids, 7, func(at db.Cursor) (ids []string, page db.Page, err error) {
				rows, page, err := d.Conversations(ctx, f, at, 7)
				for _, c := range rows {
					ids = append(ids, c.ID)
				}
				return ids, page, err
			})
			if got, err := d.ConversationCounts(ctx, f); err != nil || got != want {
				t.Errorf("%+v: %+v, %v\nwant %+v", f, got, err, want)
			}
			if t.Failed() {
				t.Fatalf("%+v", f)
			}
		}
	})
}

func TestBoardErrors(t *testing.T) {
	ctx := context.Background()
	d := dbtest.New(t)
	for _, f := range []db.ConversationFilter{{Sort: "x"}, {States: []int{5}}, {States: []int{-1}}} {
		if _, _, err := d.Conversations(ctx, f, "", 0); !errors.Is(err, db.ErrBadFilter) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	board(t, d, rand.New(rand.NewPCG(3, 1)), 10)
	_, page, err := d.Conversations(ctx, db.ConversationFilter{}, "", 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Conversations(ctx, db.ConversationFilter{Sort: db.SortRecent}, page.Next, 3); !errors.Is(err, db.ErrBadCursor) {
		t.Errorf("a cursor of another sort: %v", err)
	}
}

// TestBoardFollowsNames: the search of the board knows a customer's new name at once, and no revision moves by that.
func TestBoardFollowsNames(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a, b := mustConversation(t, d, "wkA", "wm1"), mustConversation(t, d, "wkB", "wm1")
		mustConversation(t, d, "wkA", "wm2")
		a.LastText = "Hello"
		mustUpdate(t, d, a)
		err := d.SetCustomerProfile(ctx, db.Customer{ID: "wm1", Name: "王小明", ProfileState: db.ProfileOK, ProfileAt: now, TriedAt: now})
		if err != nil {
			t.Fatal(err)
		}
		for q, want := range map[string]int{"小明": 2, "hello": 1, "wm": 3, "wm1": 2} {
			if list, _, err := d.Conversations(ctx, db.ConversationFilter{Q: q}, "", 0); err != nil || len(list) != want {
				t.Errorf("%q: %d, %v", q, len(list), err)
			}
		}
		for _, id := range []string{a.ID, b.ID} {
			c, err := d.Conversation(ctx, id)
			if err != nil || c.CustomerName != "王小明" || id == b.ID && c.Rev != 1 {
				t.Errorf("%+v, %v", c, err)
			}
		}
		c := mustConversation(t, d, "wkC", "wm1")
		b.LastText = "再见"
		mustUpdate(t, d, b)
		if list, _, err := d.Conversations(ctx, db.ConversationFilter{Q: "小明"}, "", 0); err != nil || len(list) != 3 || c.CustomerName != "王小明" {
			t.Errorf("%d, %v", len(list), err)
		}
	})
}

func TestExpired(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i, state := range []int{db.StateNew, db.StateHuman, db.StateEnded, db.StateQueue, db.StateNew} {
			c := mustConversation(t, d, "wkA", fmt.Sprintf("wm%d", i))
			c.State, c.ExpiresAt = state, now.Add(-time.Duration(i)*time.Hour)
			if i == 4 {
				c.ExpiresAt = time.Time{}
			}
			mustUpdate(t, d, c)
		}
		list, err := d.Expired(ctx, now, 0)
		var who []string
		for _, c := range list {
			who = append(who, c.CustomerID)
		}
		if err != nil || !slices.Equal(who, []string{"wm3", "wm1", "wm0"}) {
			t.Errorf("%v, %v", who, err)
		}
		if list, err := d.Expired(ctx, now.Add(-time.Millisecond), 1); err != nil || len(list) != 1 || list[0].CustomerID != "wm3" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
