package db_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestOperators(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if n, err := d.OperatorCount(ctx); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		o := db.Operator{ID: "op1", Name: "Owner", Role: "owner", PasswordHash: "$argon2id$1", Locale: "zh-CN", CreatedAt: now, PasswordAt: now}
		if err := d.InsertOperator(ctx, o); err != nil {
			t.Fatal(err)
		}
		if err := d.InsertOperator(ctx, db.Operator{ID: "op2", Name: "auditor", DisabledAt: &now}); err != nil {
			t.Fatal(err)
		}
		if err := d.InsertOperator(ctx, db.Operator{ID: "op3", Name: "OWNER"}); !errors.Is(err, db.ErrConflict) {
			t.Errorf("same name in another case: %v", err)
		}
		if err := d.UpdateOperatorPassword(ctx, "op1", "$argon2id$2", now.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if err := d.UpdateOperatorSettings(ctx, "op1", "en", "dark", "Asia/Shanghai"); err != nil {
			t.Error(err)
		}
		o.PasswordHash, o.PasswordAt, o.Locale, o.Theme, o.Zone = "$argon2id$2", now.Add(time.Hour), "en", "dark", "Asia/Shanghai"
		byID, err1 := d.Operator(ctx, "op1")
		byName, err2 := d.OperatorByName(ctx, "oWNER")
		if err1 != nil || err2 != nil || !reflect.DeepEqual(byID, o) || !reflect.DeepEqual(byName, o) {
			t.Errorf("%+v %v, %+v %v", byID, err1, byName, err2)
		}
		list, err := d.Operators(ctx)
		if err != nil || len(list) != 2 || list[0].Name != "auditor" || list[0].DisabledAt == nil || !list[0].DisabledAt.Equal(now) {
			t.Errorf("%+v, %v", list, err)
		}
		_, err1 = d.Operator(ctx, "x")
		_, err2 = d.OperatorByName(ctx, "x")
		for i, err := range []error{err1, err2, d.UpdateOperatorPassword(ctx, "x", "", now), d.UpdateOperatorSettings(ctx, "x", "", "", "")} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

func TestSessions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if err := d.InsertOperator(ctx, db.Operator{ID: "op1", Name: "owner", CreatedAt: now}); err != nil {
			t.Fatal(err)
		}
		at := func(min int) time.Time { return now.Add(time.Duration(min) * time.Minute) }
		for i, h := range []string{"h0", "h1", "h2", "h3"} {
			s := db.Session{Hash: h, OperatorID: "op1", IP: "192.0.2.1", UserAgent: "Firefox", CreatedAt: at(i), SeenAt: at(i)}
			if err := d.InsertSession(ctx, s); err != nil {
				t.Fatal(err)
			}
			got, o, err := d.SessionByHash(ctx, h)
			if err != nil || got != s || o.Name != "owner" {
				t.Errorf("%+v, %+v, %v", got, o, err)
			}
		}
		if err := d.InsertSession(ctx, db.Session{Hash: "h9", OperatorID: "nobody"}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("session of nobody: %v", err)
		}
		if err := d.TouchSession(ctx, "h0", at(60)); err != nil {
			t.Error(err)
		}
		if err := d.TouchSession(ctx, "none", at(60)); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("touch of none: %v", err)
		}
		if n, err := d.DeleteSessionsBefore(ctx, at(-1), at(2)); n != 1 || err != nil {
			t.Errorf("idle: %d, %v", n, err)
		}
		list, err := d.Sessions(ctx, "op1")
		if err != nil || len(list) != 3 || list[0].Hash != "h3" || list[2].Hash != "h0" {
			t.Errorf("%+v, %v", list, err)
		}
		if n, err := d.DeleteSessionsBefore(ctx, at(1), at(-1)); n != 1 || err != nil {
			t.Errorf("old: %d, %v", n, err)
		}
		if n, err := d.DeleteSessions(ctx, "op1", "h3"); n != 1 || err != nil {
			t.Errorf("others: %d, %v", n, err)
		}
		if err := d.DeleteSession(ctx, "h3"); err != nil {
			t.Error(err)
		}
		if _, _, err := d.SessionByHash(ctx, "h3"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("ended: %v", err)
		}
		if err := d.DeleteSession(ctx, "h3"); err != nil {
			t.Errorf("ended already: %v", err)
		}
	})
}
