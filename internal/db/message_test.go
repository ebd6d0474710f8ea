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

func text(c db.Conversation, n int) db.Message {
	return db.Message{ID: fmt.Sprintf("m%03d", n), AccountID: c.AccountID, ConversationID: c.ID, At: now.Add(time.Duration(n) * time.Second),
		Origin: db.OriginCustomer, Kind: "text", Text: fmt.Sprintf("第 %d 条", n), Raw: []byte(`{"msgtype":"text"}`)}
}

func mustTake(t *testing.T, d *db.DB, list ...db.Message) []db.Message {
	t.Helper()
	fresh, err := d.InsertMessages(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func TestInsertMessages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := mustConversation(t, d, "wkA", "wm1")
		full := db.Message{ID: "full", AccountID: "wkA", ConversationID: c.ID, At: now, Origin: db.OriginConsole, ServicerID: "li.na", OperatorID: "op1",
			OperatorName: "主管", Kind: "image", Text: "图片", Raw: []byte(`{"a":"\u0000"}`), Media: "mid", Delivery: db.DeliverySending, FailType: 3, Coded: db.SceneWelcome}
		fresh := mustTake(t, d, full, text(c, 1), text(c, 1), text(c, 2))
		full.Seq = 1
		if len(fresh) != 3 || !reflect.DeepEqual(fresh[0], full) || fresh[1].Seq != 2 || fresh[2].Seq <= 2 || fresh[2].ID != "m002" {
			t.Fatalf("%+v", fresh)
		}
		if got, err := d.Message(ctx, "wkA", "full"); err != nil || !reflect.DeepEqual(got, full) {
			t.Errorf("%+v, %v\nwant %+v", got, err, full)
		}
		again := text(c, 2)
		again.Text = "anders"
		if fresh := mustTake(t, d, again, text(c, 3)); len(fresh) != 1 || fresh[0].ID != "m003" {
			t.Errorf("%+v", fresh)
		}
		if hits, _, err := d.SearchMessages(ctx, "anders", db.MessageFilter{}, "", 0); err != nil || len(hits) != 0 {
			t.Errorf("a message that was there already got into the index: %v", err)
		}
		same := text(mustConversation(t, d, "wkB", "wm1"), 2)
		if fresh := mustTake(t, d, same); len(fresh) != 1 {
			t.Error("the same id of another account was left out")
		}
		if _, err := d.InsertMessages(ctx, []db.Message{text(c, 9), {ID: "x", AccountID: "wkA", ConversationID: "none"}}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no conversation: %v", err)
		}
		if _, err := d.Message(ctx, "wkA", "m009"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a part of what failed was stored: %v", err)
		}
		if fresh := mustTake(t, d); len(fresh) != 0 {
			t.Errorf("nothing: %v", fresh)
		}
	})
}

// TestInsertMany: of pages of every size, with messages that come again, each message is taken in once and found once.
// TestOursComesAfter: what the console did comes after all that it was done upon, whatever our clock says; what WeCom tells
// keeps its time.
func TestOursComesAfter(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := mustConversation(t, d, "wkA", "wm1")
		c.FoldedAt = now.Add(time.Minute)
		if err := d.UpdateConversation(ctx, c); err != nil {
			t.Fatal(err)
		}
		ours, later, theirs := text(c, 1), text(c, 90), text(c, 2)
		ours.Origin, later.Origin = db.OriginConsole, db.OriginConsole
		for i, m := range mustTake(t, d, ours, later, theirs) {
			want := []time.Time{c.FoldedAt, now.Add(90 * time.Second), now.Add(2 * time.Second)}[i]
			if got, err := d.Message(ctx, "wkA", m.ID); err != nil || !got.At.Equal(want) || !m.At.Equal(want) {
				t.Errorf("%s: at %v, stored at %v, want %v, %v", m.ID, m.At, got.At, want, err)
			}
		}
	})
}

func TestInsertMany(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := rand.New(rand.NewPCG(11, 2))
		c := mustConversation(t, d, "wkA", "wm1")
		known := map[string]bool{}
		last := int64(0)
		for range 30 {
			var page []db.Message
			var want []string
			for range r.IntN(90) {
				m := text(c, r.IntN(900))
				m.Text = pick(r, "", "退款", "你好")
				page = append(page, m)
				if !known[m.ID] {
					known[m.ID] = true
					want = append(want, m.ID)
				}
			}
			var got []string
			for _, m := range mustTake(t, d, page...) {
				got = append(got, m.ID)
				if stored, err := d.Message(ctx, "wkA", m.ID); err != nil || !reflect.DeepEqual(stored, m) || m.Seq <= last {
					t.Fatalf("%+v, %v\nwant %+v after %d", stored, err, m, last)
				}
				last = m.Seq
			}
			if !slices.Equal(got, want) {
				t.Fatalf("new are %v\nwant %v", got, want)
			}
		}
		list, err := d.ConversationMessages(ctx, c.ID)
		found := map[string]int{}
		for _, m := range list {
			found[m.Text]++
		}
		for _, q := range []string{"退款", "你好"} {
			hits, _, errSearch := d.SearchMessages(ctx, q, db.MessageFilter{}, "", 10_000)
			if err != nil || errSearch != nil || len(list) != len(known) || len(hits) != found[q] {
				t.Errorf("%q: %d found of %d, %d messages of %d, %v, %v", q, len(hits), found[q], len(list), len(known), err, errSearch)
			}
		}
	})
}

func TestTimeline(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		r := rand.New(rand.NewPCG(7, 7))
		a, b := mustConversation(t, d, "wkA", "wm1"), mustConversation(t, d, "wkA", "wm2")
		var list []db.Message
		for i := range 60 {
			m := text([]db.Conversation{a, b}[i%2], i)
			m.At = now.Add(time.Duration(r.IntN(9)) * time.Second)
			list = append(list, m)
		}
		var want []db.Message
		for _, m := range mustTake(t, d, list...) {
			if m.ConversationID == a.ID {
				want = append(want, m)
			}
		}
		slices.SortStableFunc(want, func(a, b db.Message) int { return a.At.Compare(b.At) })
		if got, err := d.ConversationMessages(ctx, a.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d of %d messages, %v", len(got), len(want), err)
		}
		var ids []string
		for _, m := range slices.Backward(want) {
			ids = append(ids, m.ID)
		}
		checkPages(t, ids, 7, func(at db.Cursor) (ids []string, page db.Page, err error) {
			l, page, err := d.Timeline(ctx, a.ID, at, 7)
			for _, m := range l {
				ids = append(ids, m.ID)
			}
			return ids, page, err
		})
	})
}

func TestDelivery(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := mustConversation(t, d, "wkA", "wm1")
		for i := range 3 {
			m := text(c, i)
			m.Origin, m.Delivery = db.OriginConsole, db.DeliverySending
			mustTake(t, d, m)
		}
		if err := errors.Join(d.SetDelivery(ctx, "wkA", "m000", db.DeliveryFailed, 6), d.SetDelivery(ctx, "wkA", "m001", db.DeliveryUnknown, 0)); err != nil {
			t.Fatal(err)
		}
		if m, err := d.Message(ctx, "wkA", "m000"); err != nil || m.Delivery != db.DeliveryFailed || m.FailType != 6 {
			t.Errorf("%+v, %v", m, err)
		}
		for state, want := range map[string]string{db.DeliverySending: "m002", db.DeliveryUnknown: "m001"} {
			if l, err := d.OpenDeliveries(ctx, state, 0); err != nil || len(l) != 1 || l[0].ID != want {
				t.Errorf("%s: %+v, %v", state, l, err)
			}
		}
		if err := d.SetDelivery(ctx, "wkA", "m000", "odd", 0); err == nil {
			t.Error("an unknown state was taken")
		}
		for _, err := range []error{d.SetDelivery(ctx, "wkA", "x", db.DeliveryFailed, 0), d.SetRecalled(ctx, "wkA", "x", now)} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("no message: %v", err)
			}
		}
		for range 2 {
			if err := d.SetRecalled(ctx, "wkA", "m000", now); err != nil {
				t.Fatal(err)
			}
			now := now.Add(time.Hour)
			if err := d.SetRecalled(ctx, "wkA", "m000", now); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := d.Message(ctx, "wkA", "m000"); err != nil || !m.RecalledAt.Equal(now) {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

func TestUnplaced(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i, kind := range []string{"broken", "broken", "servicer_status_change"} {
			mustTake(t, d, db.Message{ID: fmt.Sprint(i), AccountID: "wkA", At: now, Kind: kind, Raw: []byte(`"x"`)})
		}
		mustTake(t, d, text(mustConversation(t, d, "wkA", "wm1"), 1))
		counts, err := d.UnplacedCounts(ctx)
		if err != nil || !reflect.DeepEqual(counts, map[string]int{"broken": 2, "servicer_status_change": 1}) {
			t.Errorf("%v, %v", counts, err)
		}
		if l, err := d.Unplaced(ctx, "broken", 0); err != nil || len(l) != 2 || l[0].ID != "1" || l[0].ConversationID != "" {
			t.Errorf("%+v, %v", l, err)
		}
	})
}
