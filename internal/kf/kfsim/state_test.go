package kfsim_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

func TestStateSurvivesRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new folder", "state.json")
	o := kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file}
	b := start(t, o)
	media := b.uploadPNG(7)
	added := b.post("kf/account/add", object("name", "留得住的", "media_id", media)).want(t, 0).fields["open_kfid"].(string)
	b.post("kf/account/del", object("open_kfid", b.account("订单与付款"))).want(t, 0)
	b.post("kf/servicer/add", servicerBody(added, []string{"li.na"}, []int64{5})).want(t, 0)
	link := b.post("kf/add_contact_way", object("open_kfid", added, "scene", "door")).want(t, 0).fields["url"]
	control[any](b, "POST", "person", object("userid", "wang_wei", "status", 2))

	again := start(t, kfsim.Options{Seed: kfsim.SeedLarge, StateFile: file})
	if got, want := again.world(), b.world(); !reflect.DeepEqual(got, want) {
		t.Errorf("the world after the restart is\n%+v, want\n%+v", got, want)
	}
	row := again.accounts()[11]
	if row["open_kfid"] != added || !bytes.Equal(fetch(t, row["avatar"].(string)), pngOf(t, 7)) {
		t.Errorf("the new account came back as %v", row)
	}
	same(t, "servicers", again.servicers(added), []string{"li.na 0", "5"})
	if url := again.post("kf/add_contact_way", object("open_kfid", added, "scene", "door")).fields["url"]; url != link {
		t.Errorf("link %v, want %v", url, link)
	}
	next := again.post("kf/account/add", object("name", "下一个", "media_id", media)).want(t, 0).fields["open_kfid"]
	if next == added {
		t.Error("an id was given twice")
	}
}

// The change is on disk when its answer arrives, so a kill after the answer loses nothing.
func TestStateIsSavedBeforeTheAnswer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	for i := range 5 {
		name := fmt.Sprintf("名字%d", i)
		b.post("kf/account/update", object("open_kfid", b.world().Accounts[0].ID, "name", name)).want(t, 0)
		raw, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(raw, []byte(name)) {
			t.Fatalf("after the answer the file lacks %s (%v)", name, err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v beside the state file (%v)", entries, err)
	}
}

func TestStateOfManyWritersIsWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	media := b.uploadPNG(1)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			b.post("kf/account/add", object("name", fmt.Sprintf("并发%d", i), "media_id", media)).want(b, 0)
		})
	}
	wg.Wait()
	again := start(t, kfsim.Options{StateFile: file})
	if n := len(again.world().Accounts); n != 52 {
		t.Errorf("%d accounts after the restart, want 52", n)
	}
}

func TestDamagedStateIsRefused(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "whole.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: whole})
	b.post("kf/account/add", object("name", "x", "media_id", b.uploadPNG(1))).want(t, 0)
	good, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	id := b.world().Accounts[0].ID
	for name, content := range map[string]string{
		"empty":         "",
		"half":          string(good[:len(good)/2]),
		"not json":      "hello",
		"other version": `{"version":99,"world":{}}`,
		"no world":      `{"version":1}`,
		"null account":  `{"version":1,"world":{"accounts":[null]}}`,
		"null servicer": `{"version":1,"world":{"accounts":[{"open_kfid":"wk1","servicers":[null]}]}}`,
		"null person":   `{"version":1,"world":{"people":[null]}}`,
		"null link":     `{"version":1,"world":{"links":[null]}}`,
		"double id":     strings.Replace(string(good), b.world().Accounts[1].ID, id, 1),
		"no picture":    string(good), // its folder is not beside it
	} {
		file := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
		if left, err := os.ReadFile(file); err != nil || string(left) != content {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}

func TestDamagedPictureIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	b.uploadPNG(1)
	blobs, err := filepath.Glob(file + ".files/*")
	if err != nil || len(blobs) != 1 {
		t.Fatalf("%v %v", blobs, err)
	}
	if err := os.WriteFile(blobs[0], []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := kfsim.New(kfsim.Options{StateFile: file}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v", err)
	}
}

func TestStateThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	if _, err := kfsim.New(kfsim.Options{StateFile: folder}); err == nil {
		t.Error("a folder was accepted as state file")
	}
	file := filepath.Join(folder, "deep", "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	// A file where the folder was makes the next save fail, whoever runs the test.
	if err := os.RemoveAll(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(file), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.post("kf/account/del", object("open_kfid", b.world().Accounts[0].ID)).want(t, -1)
	if !b.lastCall().Applied {
		t.Error("the journal hides that the world in memory was changed")
	}
	if err := os.Remove(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
}

func TestUnneededPicturesAreRemoved(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	b.uploadPNG(1)
	b.uploadPNG(2)
	b.clock.Advance(100 * 3600e9)
	b.signIn()
	b.uploadPNG(3)
	blobs, err := filepath.Glob(file + ".files/*")
	if err != nil || len(blobs) != 1 {
		t.Errorf("%d pictures on disk (%v), want only the new one", len(blobs), err)
	}
}

func TestResetIsSaved(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	b.post("kf/account/del", object("open_kfid", b.world().Accounts[0].ID)).want(t, 0)
	control[any](b, "POST", "reset", "")
	if n := len(start(t, kfsim.Options{StateFile: file}).world().Accounts); n != 12 {
		t.Errorf("%d accounts after reset and restart, want 12", n)
	}
}
