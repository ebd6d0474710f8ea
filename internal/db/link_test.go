package db_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func newLink(n int) db.Link {
	at := now.Add(time.Duration(n) * time.Minute)
	return db.Link{ID: fmt.Sprintf("l%02d", n), AccountID: []string{"wkA", "wkB"}[n%2], Scene: fmt.Sprintf("scene_%d", n), Name: fmt.Sprintf("门店海报 %d", n),
		Campaign: []string{"", "双十一", "开学季"}[n%3], Note: "东门电梯", URL: "https://work.weixin.qq.com/kfid/x?enc_scene=y", CreatedBy: "op1", CreatedByName: "主管",
		Rev: 1, CreatedAt: at, UpdatedAt: at}
}

func linkDB(t *testing.T, d *db.DB, n int) {
	t.Helper()
	mustReplace(t, d, now, db.Account{ID: "wkA", Name: "乙账号"}, db.Account{ID: "wkB", Name: "甲账号"})
	for i := range n {
		if err := d.InsertLink(context.Background(), newLink(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func linkIDs(t *testing.T, d *db.DB, f db.LinkFilter) (ids []string) {
	t.Helper()
	list, _, err := d.Links(context.Background(), f, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	if n, err := d.LinkCount(context.Background(), f); err != nil || n != len(ids) {
		t.Errorf("%+v: counted %d of %d: %v", f, n, len(ids), err)
	}
	return ids
}

func TestLinks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		linkDB(t, d, 4)
		want := newLink(1)
		want.AccountName = "甲账号"
		if got, err := d.Link(ctx, "l01"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		change := want
		change.Name, change.Note, change.Scene, change.AccountID, change.UpdatedAt = "新名", "西门", "ignored", "wkA", now.Add(time.Hour)
		if err := d.UpdateLink(ctx, change); err != nil {
			t.Fatal(err)
		}
		want.Name, want.Note, want.UpdatedAt, want.Rev = "新名", "西门", change.UpdatedAt, 2
		if got, err := d.Link(ctx, "l01"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		if got := linkIDs(t, d, db.LinkFilter{Q: "SCENE_1"}); !slices.Equal(got, []string{"l01"}) {
			t.Errorf("found by its scene: %v", got)
		}
		for what, err := range map[string]error{"update": d.UpdateLink(ctx, change), "archive": d.ArchiveLink(ctx, "l01", 1, now), "restore": d.RestoreLink(ctx, "l01", 1, now), "insert": d.InsertLink(ctx, newLink(1))} {
			if !errors.Is(err, db.ErrConflict) {
				t.Errorf("%s of an old revision: %v", what, err)
			}
		}
		nowhere := newLink(9)
		nowhere.AccountID = "none"
		for what, err := range map[string]error{"update": d.UpdateLink(ctx, db.Link{ID: "x"}), "archive": d.ArchiveLink(ctx, "x", 1, now), "insert": d.InsertLink(ctx, nowhere)} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s of nothing: %v", what, err)
			}
		}
		if _, err := d.Link(ctx, "x"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("read of nothing: %v", err)
		}
	})
}

func TestArchivedLinks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		linkDB(t, d, 4)
		check := func(active, archived, ofA int) {
			t.Helper()
			c, err := d.LinkCounts(ctx)
			if err != nil || c != (db.LinkCounts{Active: active, Archived: archived}) || mustAccount(t, d, "wkA").Links != ofA {
				t.Errorf("%+v, account %d, %v", c, mustAccount(t, d, "wkA").Links, err)
			}
		}
		check(4, 0, 2)
		if err := d.ArchiveLink(ctx, "l00", 1, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		check(3, 1, 1)
		if got := linkIDs(t, d, db.LinkFilter{Archived: true}); !slices.Equal(got, []string{"l00"}) {
			t.Errorf("archived: %v", got)
		}
		l, err := d.Link(ctx, "l00")
		if err != nil || l.ArchivedAt == nil || !l.ArchivedAt.Equal(now.Add(time.Hour)) || l.Rev != 2 {
			t.Errorf("%+v, %v", l, err)
		}
		if err := d.RestoreLink(ctx, "l00", 2, now); err != nil {
			t.Fatal(err)
		}
		check(4, 0, 2)
		if l, err := d.Link(ctx, "l00"); err != nil || l.ArchivedAt != nil || l.Rev != 3 {
			t.Errorf("%+v, %v", l, err)
		}
	})
}

func TestLinkLists(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		linkDB(t, d, 30)
		for _, f := range []db.LinkFilter{{}, {Desc: true}, {Sort: db.SortName}, {Sort: db.SortChanged, Desc: true}, {Sort: db.SortAccount}, {AccountID: "wkA"}, {Campaign: "双十一", Desc: true}, {Q: "海报 1"}} {
			checkPages(t, linkIDs(t, d, f), 4, func(c db.Cursor) (ids []string, page db.Page, err error) {
				list, page, err := d.Links(ctx, f, c, 4)
				for _, l := range list {
					ids = append(ids, l.ID)
				}
				return ids, page, err
			})
		}
		first := func(f db.LinkFilter) string { return linkIDs(t, d, f)[0] }
		if a, b, c := first(db.LinkFilter{Desc: true}), first(db.LinkFilter{Sort: db.SortName}), first(db.LinkFilter{Sort: db.SortAccount}); a != "l29" || b != "l00" || c != "l01" {
			t.Errorf("first are %s %s %s", a, b, c)
		}
		if err := d.UpdateAccountName(ctx, "wkA", "阿账号", 0); err != nil {
			t.Fatal(err)
		}
		if c := first(db.LinkFilter{Sort: db.SortAccount}); c != "l00" {
			t.Errorf("after its account was renamed the first is %s", c)
		}
		campaigns, err := d.Campaigns(ctx, 0)
		if err != nil || len(campaigns) != 2 {
			t.Errorf("campaigns %v, %v", campaigns, err)
		}
		if _, _, err := d.Links(ctx, db.LinkFilter{Sort: "x"}, "", 0); !errors.Is(err, db.ErrBadFilter) {
			t.Errorf("sort: %v", err)
		}
	})
}
