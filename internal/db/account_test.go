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

func ptr[T any](v T) *T { return &v }

func accountNames(t *testing.T, d *db.DB, f db.AccountFilter) (names []string) {
	t.Helper()
	list, _, err := d.Accounts(context.Background(), f, "", 100)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	for _, a := range list {
		names = append(names, a.Name)
	}
	if n, err := d.AccountCount(context.Background(), f); err != nil || n != len(list) {
		t.Errorf("%+v: counted %d of %d: %v", f, n, len(list), err)
	}
	return names
}

func mustReplace(t *testing.T, d *db.DB, at time.Time, list ...db.Account) {
	t.Helper()
	if err := d.ReplaceAccounts(context.Background(), list, at); err != nil {
		t.Fatal(err)
	}
}

func mustAccount(t *testing.T, d *db.DB, id string) db.Account {
	t.Helper()
	a, err := d.Account(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestReplaceAccounts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		at := func(min int) time.Time { return now.Add(time.Duration(min) * time.Minute) }
		a := db.Account{ID: "wkA", Name: "云杉售前", AvatarURL: "http://example.test/a.png", Managed: ptr(true)}
		b := db.Account{ID: "wkB", Name: "云杉售后"}
		mustReplace(t, d, at(0), a, b, a)
		want := a
		want.Rev, want.FirstSeen, want.SeenAt, want.ChangedAt = 1, at(0), at(0), at(0)
		if got := mustAccount(t, d, "wkA"); !reflect.DeepEqual(got, want) {
			t.Errorf("first list: %+v\nwant %+v", got, want)
		}
		if got := mustAccount(t, d, "wkB"); got.Managed != nil {
			t.Errorf("managed of %+v is known", got)
		}
		mustReplace(t, d, at(1), a, b)
		want.SeenAt = at(1)
		if got := mustAccount(t, d, "wkA"); !reflect.DeepEqual(got, want) {
			t.Errorf("same list: %+v\nwant %+v", got, want)
		}
		a.Name, b.Managed = "云杉家居售前", ptr(false)
		mustReplace(t, d, at(2), a, b)
		want.Name, want.Rev, want.SeenAt, want.ChangedAt, want.RenamedAt = a.Name, 2, at(2), at(2), at(2)
		if got := mustAccount(t, d, "wkA"); !reflect.DeepEqual(got, want) {
			t.Errorf("renamed: %+v\nwant %+v", got, want)
		}
		if got := mustAccount(t, d, "wkB"); got.Rev != 2 || !got.RenamedAt.IsZero() || got.Managed == nil || *got.Managed {
			t.Errorf("no longer managed: %+v", got)
		}
		mustReplace(t, d, at(3), a)
		if got := mustAccount(t, d, "wkB"); got.GoneAt == nil || !got.GoneAt.Equal(at(3)) || got.Rev != 3 {
			t.Errorf("gone: %+v", got)
		}
		if names := accountNames(t, d, db.AccountFilter{}); !slices.Equal(names, []string{"云杉家居售前"}) {
			t.Errorf("list has %v", names)
		}
		mustReplace(t, d, at(4), a)
		if got := mustAccount(t, d, "wkB"); !got.GoneAt.Equal(at(3)) || got.Rev != 3 {
			t.Errorf("still gone: %+v", got)
		}
		mustReplace(t, d, at(5), a, db.Account{ID: "wkB", Name: "云杉售后"})
		if got := mustAccount(t, d, "wkB"); got.GoneAt != nil || got.Rev != 4 || *got.Managed || !got.FirstSeen.Equal(at(0)) {
			t.Errorf("back: %+v", got)
		}
		if _, err := d.Account(ctx, "none"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no account: %v", err)
		}
	})
}

// TestListOlderThanOurChange: a list that began before a change of ours must not take it back.
func TestListOlderThanOurChange(t *testing.T) {
	ctx := context.Background()
	d := dbtest.New(t)
	began := time.Now().Add(-time.Hour)
	mustReplace(t, d, began.Add(-time.Hour), db.Account{ID: "wkA", Name: "old"}, db.Account{ID: "wkB", Name: "deleted by us"})
	for _, err := range []error{
		d.UpdateAccountName(ctx, "wkA", "new", 1), d.MarkAccountGone(ctx, "wkB", time.Now()), d.UpsertAccount(ctx, db.Account{ID: "wkC", Name: "created by us", Managed: ptr(true)}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	mustReplace(t, d, began, db.Account{ID: "wkA", Name: "old"}, db.Account{ID: "wkB", Name: "deleted by us"})
	if got := mustAccount(t, d, "wkA"); got.Name != "new" || got.Rev != 2 || got.RenamedAt.IsZero() {
		t.Errorf("renamed by us: %+v", got)
	}
	if got := mustAccount(t, d, "wkB"); got.GoneAt == nil {
		t.Errorf("deleted by us: %+v", got)
	}
	if got := mustAccount(t, d, "wkC"); got.GoneAt != nil {
		t.Errorf("created by us: %+v", got)
	}
}

func TestAccountChanges(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustReplace(t, d, now, db.Account{ID: "wkA", Name: "one", AvatarURL: "u"})
		if err := d.SetAccountPicture(ctx, "wkA", "p1"); err != nil {
			t.Fatal(err)
		}
		if err := d.UpdateAccountName(ctx, "wkA", "two", 1); !errors.Is(err, db.ErrConflict) {
			t.Errorf("old revision: %v", err)
		}
		if err := d.UpdateAccountName(ctx, "wkA", "two", 2); err != nil {
			t.Error(err)
		}
		if err := d.UpdateAccountName(ctx, "wkA", "three", 0); err != nil {
			t.Errorf("any revision: %v", err)
		}
		if err := d.UpsertAccount(ctx, db.Account{ID: "wkA", Name: "four"}); err != nil {
			t.Error(err)
		}
		if got := mustAccount(t, d, "wkA"); got.Name != "four" || got.PictureID != "p1" || got.AvatarURL != "u" || got.Rev != 5 {
			t.Errorf("%+v", got)
		}
		for i, err := range []error{d.SetAccountPicture(ctx, "x", ""), d.UpdateAccountName(ctx, "x", "", 0), d.MarkAccountGone(ctx, "x", now), d.ReplaceServicers(ctx, "x", nil, now)} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("change %d of no account: %v", i, err)
			}
		}
	})
}

func TestAccountSearchAndSort(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var list []db.Account
		for i, name := range []string{"云杉家居", "安装预约", "售后100%", "Beta_客服", "北区 10", "北区 9", "beta 客服", "售前", "成都门店", "东区门店"} {
			list = append(list, db.Account{ID: fmt.Sprintf("wk%02d", i), Name: name})
		}
		mustReplace(t, d, now, list...)
		byName := []string{"安装预约", "北区 9", "北区 10", "成都门店", "东区门店", "售后100%", "售前", "云杉家居", "beta 客服", "Beta_客服"}
		got := accountNames(t, d, db.AccountFilter{})
		latin := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return s[0] < 0x80 })
		if !slices.Equal(latin, byName[:8]) {
			t.Errorf("by pinyin: %v, want %v", latin, byName[:8])
		}
		slices.Reverse(got)
		if desc := accountNames(t, d, db.AccountFilter{Sort: db.SortName, Desc: true}); !slices.Equal(desc, got) {
			t.Errorf("descending %v, want %v", desc, got)
		}
		for q, want := range map[string]int{"北区": 2, "BETA": 2, "beta_": 1, "%": 1, "_": 1, `\`: 0, "WK03": 1, "wk0": 10, "没有": 0, "' OR 1=1": 0} {
			if got := accountNames(t, d, db.AccountFilter{Q: q}); len(got) != want {
				t.Errorf("search %q found %v, want %d", q, got, want)
			}
		}
		for _, f := range []db.AccountFilter{{Sort: "id"}, {Filter: "x"}, {Sort: "name; DROP TABLE account"}} {
			if _, _, err := d.Accounts(ctx, f, "", 0); !errors.Is(err, db.ErrBadFilter) {
				t.Errorf("%+v: %v", f, err)
			}
		}
	})
}

func TestAccountPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var list []db.Account
		for i := range 57 {
			list = append(list, db.Account{ID: fmt.Sprintf("wk%02d", i), Name: fmt.Sprintf("门店 %d", i%9), Managed: ptr(i%2 == 0)})
		}
		mustReplace(t, d, now, list...)
		for _, f := range []db.AccountFilter{{}, {Desc: true}, {Sort: db.SortServicers}, {Sort: db.SortLinks, Desc: true}, {Sort: db.SortChanged}, {Filter: db.FilterManaged}, {Q: "门店 3"}} {
			want := accountIDs(t, d, f, "", 100)
			checkPages(t, want, 10, func(c db.Cursor) ([]string, db.Page, error) {
				list, page, err := d.Accounts(ctx, f, c, 10)
				var ids []string
				for _, a := range list {
					ids = append(ids, a.ID)
				}
				return ids, page, err
			})
		}
		_, page, err := d.Accounts(ctx, db.AccountFilter{}, "", 10)
		if err != nil || page.Next == "" {
			t.Fatal(page, err)
		}
		if _, _, err := d.Accounts(ctx, db.AccountFilter{Desc: true}, page.Next, 10); !errors.Is(err, db.ErrBadCursor) {
			t.Errorf("cursor of another direction: %v", err)
		}
	})
}

func accountIDs(t *testing.T, d *db.DB, f db.AccountFilter, c db.Cursor, limit int) (ids []string) {
	t.Helper()
	list, _, err := d.Accounts(context.Background(), f, c, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return ids
}
