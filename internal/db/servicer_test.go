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

func user(id string, status int) db.Servicer {
	s := db.Servicer{Kind: db.KindUser, MemberID: id}
	if status >= 0 {
		s.Status = ptr(status)
	}
	return s
}

func department(id string) db.Servicer { return db.Servicer{Kind: db.KindDepartment, MemberID: id} }

func TestServicerCounters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustReplace(t, d, now, db.Account{ID: "wkA", Name: "A", Managed: ptr(true)})
		check := func(what string, serving, servicers, departments int) {
			t.Helper()
			a := mustAccount(t, d, "wkA")
			if a.Serving != serving || a.Servicers != servicers || a.Departments != departments || a.ServicersAt == nil {
				t.Errorf("%s: %+v", what, a)
			}
		}
		suspended := user("wang.q", db.StatusStopped)
		suspended.StopType = ptr(1)
		if err := d.ReplaceServicers(ctx, "wkA", []db.Servicer{user("Lin.Y", 0), suspended, user("zhao", 1), user("new", -1), department("3"), user("lin.y", 0)}, now); err != nil {
			t.Fatal(err)
		}
		check("list", 1, 4, 1)
		if err := d.RemoveServicers(ctx, "wkA", []db.Servicer{user("LIN.Y", -1), department("3"), user("nobody", -1)}); err != nil {
			t.Fatal(err)
		}
		check("removed", 0, 3, 0)
		if err := d.UpsertServicers(ctx, "wkA", []db.Servicer{user("zhao", -1), user("qian", 0)}); err != nil {
			t.Fatal(err)
		}
		check("added", 1, 4, 0)
		for status, want := range map[string][]string{db.ServicerServing: {"qian"}, db.ServicerStopped: {"zhao"}, db.ServicerSuspended: {"wang.q"}, db.ServicerUnknown: {"new"}, "": {"new", "qian", "wang.q", "zhao"}} {
			if got := servicerIDs(t, d, db.ServicerFilter{Status: status}); !slices.Equal(got, want) {
				t.Errorf("%q: %v, want %v", status, got, want)
			}
		}
		if err := d.ReplaceServicers(ctx, "wkA", nil, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		check("emptied", 0, 0, 0)
		for _, f := range []db.ServicerFilter{{Status: "x"}, {Kind: "x"}} {
			if _, _, err := d.Servicers(ctx, "wkA", f, "", 0); !errors.Is(err, db.ErrBadFilter) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		if err := d.UpsertServicers(ctx, "wkA", []db.Servicer{{Kind: "robot", MemberID: "1"}}); err == nil {
			t.Error("a servicer of unknown kind was taken")
		}
	})
}

func servicerIDs(t *testing.T, d *db.DB, f db.ServicerFilter) (ids []string) {
	t.Helper()
	list, _, err := d.Servicers(context.Background(), "wkA", f, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		ids = append(ids, s.MemberID)
	}
	return ids
}

func TestUnstaffed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for name, c := range map[string]struct {
			managed *bool
			list    []db.Servicer
			want    bool
		}{
			"never listed":      {ptr(true), nil, false},
			"nobody":            {ptr(true), []db.Servicer{}, true},
			"all stopped":       {ptr(true), []db.Servicer{user("a", 1), user("b", 1)}, true},
			"one serving":       {ptr(true), []db.Servicer{user("a", 1), user("b", 0)}, false},
			"one unknown":       {ptr(true), []db.Servicer{user("a", 1), user("b", -1)}, false},
			"only a department": {ptr(true), []db.Servicer{department("1")}, false},
			"stopped, and dep.": {ptr(true), []db.Servicer{user("a", 1), department("1")}, false},
			"not managed":       {ptr(false), []db.Servicer{}, false},
			"managed unknown":   {nil, []db.Servicer{}, false},
		} {
			mustReplace(t, d, now, db.Account{ID: name, Name: name, Managed: c.managed})
			if c.list != nil {
				if err := d.ReplaceServicers(ctx, name, c.list, now); err != nil {
					t.Fatal(err)
				}
			}
			got := accountNames(t, d, db.AccountFilter{Filter: db.FilterUnstaffed})
			if slices.Contains(got, name) != c.want {
				t.Errorf("%s: unstaffed are %v", name, got)
			}
			counts, err := d.AccountCounts(ctx)
			if err != nil || counts.Unstaffed != len(got) || counts.Total != 1 {
				t.Errorf("%s: %+v, %v", name, counts, err)
			}
		}
		counts, err := d.AccountCounts(ctx)
		if err != nil || counts.Gone != 8 || counts.Total != 1 || counts.Managed+counts.ReadOnly > 1 {
			t.Errorf("%+v, %v", counts, err)
		}
	})
}

func TestServicerNamesAndPages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustReplace(t, d, now, db.Account{ID: "wkA", Name: "A"})
		people := []db.Person{{UserID: "Lin.Y", Name: "林一帆"}, {UserID: "zhao", Name: "赵安"}, {UserID: "an", Name: "安然"}}
		if err := d.ReplaceDirectory(ctx, []db.Department{{ID: 7, Name: "售后组"}, {ID: 8, Name: "安装组"}}, people, now); err != nil {
			t.Fatal(err)
		}
		list := []db.Servicer{user("lin.y", 0), user("zhao", 0), user("an", 0), user("ghost", 0), department("7"), department("8")}
		for i := range 40 {
			list = append(list, user(fmt.Sprintf("u%02d", i), i%2))
		}
		if err := d.ReplaceServicers(ctx, "wkA", list, now); err != nil {
			t.Fatal(err)
		}
		first, _, err := d.Servicers(ctx, "wkA", db.ServicerFilter{}, "", 2)
		if err != nil || first[0].Name != "安装组" || first[1].Name != "售后组" || first[0].Kind != db.KindDepartment {
			t.Errorf("departments: %+v, %v", first, err)
		}
		named, _, err := d.Servicers(ctx, "wkA", db.ServicerFilter{Q: "林"}, "", 0)
		if err != nil || len(named) != 1 || named[0].Name != "林一帆" || named[0].MemberID != "lin.y" {
			t.Errorf("by name: %+v, %v", named, err)
		}
		if got := servicerIDs(t, d, db.ServicerFilter{Q: "GHOST", Kind: db.KindUser}); !slices.Equal(got, []string{"ghost"}) {
			t.Errorf("by id: %v", got)
		}
		checkPages(t, servicerIDs(t, d, db.ServicerFilter{}), 7, func(c db.Cursor) (ids []string, page db.Page, err error) {
			list, page, err := d.Servicers(ctx, "wkA", db.ServicerFilter{}, c, 7)
			for _, s := range list {
				ids = append(ids, s.MemberID)
			}
			return ids, page, err
		})
	})
}
