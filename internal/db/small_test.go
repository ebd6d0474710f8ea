package db_test

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestSettings(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if _, err := d.Setting(ctx, "k"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("unset: %v", err)
		}
		for _, v := range []string{"a", "", "值"} {
			if err := d.SetSetting(ctx, "k", v); err != nil {
				t.Fatal(err)
			}
			if got, err := d.Setting(ctx, "k"); got != v || err != nil {
				t.Errorf("%q, %v, want %q", got, err, v)
			}
		}
	})
}

func TestFreshness(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if f, err := d.Freshness(ctx, "accounts"); err != nil || f != (db.Freshness{Topic: "accounts"}) {
			t.Errorf("never tried: %+v, %v", f, err)
		}
		later := now.Add(time.Minute)
		for _, f := range []db.Freshness{{Topic: "accounts", OKAt: &now, TriedAt: &now}, {Topic: "accounts", TriedAt: &later, Error: "system busy", Errcode: -1}} {
			if err := d.SetFreshness(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
		f, err := d.Freshness(ctx, "accounts")
		if err != nil || !f.OKAt.Equal(now) || !f.TriedAt.Equal(later) || f.Error != "system busy" || f.Errcode != -1 {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

func TestPictures(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		data := bytes.Repeat([]byte{0, 0xff, 'x'}, 9000)
		p := db.Picture{ID: db.PictureID(data), MIME: "image/png", Data: data}
		for range 2 {
			if err := d.InsertPicture(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		got, err := d.Picture(ctx, p.ID)
		if err != nil || got.MIME != p.MIME || !bytes.Equal(got.Data, data) {
			t.Errorf("%d bytes, %v", len(got.Data), err)
		}
		if err := d.InsertPicture(ctx, db.Picture{ID: "x", Data: data}); err == nil {
			t.Error("a picture with a wrong id was taken")
		}
		if _, err := d.Picture(ctx, "x"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no picture: %v", err)
		}
	})
}

func TestNewID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$`)
	last := ""
	for range 10000 {
		id := db.NewID()
		if !form.MatchString(id) || id <= last {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}
