package db

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// TestLinksOfScenes holds that many scenes at once are named as one by one.
func TestLinksOfScenes(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	var scenes []SceneOf
	for a := range 2 {
		account := fmt.Sprint("wk", a)
		if err := d.UpsertAccount(ctx, Account{ID: account, Name: "云杉"}); err != nil {
			t.Fatal(err)
		}
		for i := range 130 {
			scenes = append(scenes, SceneOf{account, fmt.Sprint("scene", i)})
			for k := range i % 4 {
				l := Link{ID: fmt.Sprintf("%s-%d-%d", account, i, k), AccountID: account, Scene: fmt.Sprint("scene", i), Name: fmt.Sprint("海报", k), CreatedAt: testTime.Add(time.Duration((k*7+i)%3) * time.Hour), UpdatedAt: testTime}
				if err := d.InsertLink(ctx, l); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	links, err := d.LinksOfScenes(ctx, scenes)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range scenes {
		want, err := one(ctx, d, scanText, "SELECT id FROM link WHERE scene = $1 AND account_id = $2 ORDER BY archived, created_at DESC, id DESC LIMIT 1", each.Scene, each.AccountID)
		if got, ok := links[each]; ok != (err == nil) || got.ID != want {
			t.Errorf("%v: %q, %v, one by one %q, %v", each, got.ID, ok, want, err)
		}
	}
	if none, err := d.LinksOfScenes(ctx, nil); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
}
