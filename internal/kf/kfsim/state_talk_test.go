package kfsim_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

// Talk, its codes and its cursors come back after a restart.
func TestTalkSurvivesRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	k := &talk{bench: b, account: b.account("售前咨询台")}
	code := k.welcome("wm1")
	k.writes("wm1", "<你好> & 再见")
	k.sends("wm1", "out-1").want(t, 0)
	id := k.waiting("wm2", 3)
	_, err := k.sim.CustomerSends(k.account, id, kfsim.Content{Type: "image"})
	must(t, err)
	must(t, k.sim.ServicerStatus(k.account, byDep, "stopped"))
	must(t, k.sim.FailSend(k.account, "out-1", 5))
	if err := k.sim.Close(); err != nil {
		t.Fatal(err)
	}
	again := &talk{bench: start(t, kfsim.Options{StateFile: file, Now: k.clock.Now}), account: k.account, cursor: k.cursor}
	again.clock = k.clock
	if got, want := again.sim.Truth(), k.sim.Truth(); !reflect.DeepEqual(got, want) {
		t.Errorf("truth\n%+v, want\n%+v", got, want)
	}
	for _, id := range []string{"wm1", "wm2"} {
		got, gotErr := again.sim.Chat(k.account, id)
		want, wantErr := k.sim.Chat(k.account, id)
		if gotErr != nil || wantErr != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("chat\n%+v %v, want\n%+v %v", got, gotErr, want, wantErr)
		}
	}
	if list := again.news(); len(list) != 6 {
		t.Errorf("%v after the cursor, want 6", names(list))
	}
	again.sends("wm1", "out-1").want(t, 40035)
	again.says(code).want(t, 0)
	again.trans("wm1", 3, byDep).want(t, 95019)
	fresh := again.writes("wm1", "重启之后")
	for _, m := range again.truth()[:len(again.truth())-1] {
		if m == fresh {
			t.Error("a msgid was given twice")
		}
	}
}

// The file of a version without talk is read, and becomes one of the new version.
func TestOldStateIsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	old := `{"version":1,"world":{"made":3,"accounts":[{"open_kfid":"wkold","name":"旧账号","picture":"drawn-1-1","manage_privilege":true,"servicers":[]}],
		"departments":[],"people":[],"links":[],"media":[]}}`
	must(t, os.WriteFile(file, []byte(old), 0o600))
	b := start(t, kfsim.Options{StateFile: file})
	k := &talk{bench: b, account: "wkold"}
	k.writes(k.enters("wm1"), "你好")
	must(t, k.sim.Close())
	raw, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(raw, []byte(`{"version":2,`)) || !bytes.Contains(raw, []byte("你好")) {
		t.Errorf("%v, %.300s", err, raw)
	}
}

// A message does not cost a write; a change of the corp is written at once, with the talk as it was written last.
func TestTalkIsWrittenLater(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	k := &talk{bench: b, account: b.account("售前咨询台")}
	before, err := os.ReadFile(file)
	must(t, err)
	must(t, k.sim.Traffic(kfsim.TrafficPlan{Accounts: 8, Customers: 50, Messages: 2000, Seed: 1}))
	k.sends(k.waiting("wmlast", 0), "out-last").want(t, 0)
	control[any](b, "POST", "outside", object("action", "rename", "open_kfid", k.account, "name", "新名字"))
	after, err := os.ReadFile(file)
	if err != nil || bytes.Contains(after, []byte("out-last")) || !bytes.Contains(after, []byte("新名字")) {
		t.Errorf("%v: %d bytes before, %d after", err, len(before), len(after))
	}
	must(t, k.sim.Close())
	if after, err = os.ReadFile(file); err != nil || !bytes.Contains(after, []byte("out-last")) {
		t.Errorf("%v: Close did not write the talk", err)
	}
}

func TestDamagedTalkIsRefused(t *testing.T) {
	world := `{"version":2,"world":{"accounts":[{"open_kfid":"wk1","picture":"drawn-1-1","servicers":[]}]},"talk":`
	for name, talk := range map[string]string{
		"null customer": `{"customers":[null]}`, "null session": `{"sessions":[null]}`, "null code": `{"codes":[null]}`, "null log": `{"logs":[null]}`,
		"null message":     `{"logs":[{"open_kfid":"wk1","messages":[null]}]}`,
		"double message":   `{"logs":[{"open_kfid":"wk1","messages":[{"msgid":"a","body":{}},{"msgid":"a","body":{}}]}]}`,
		"double customer":  `{"customers":[{"external_userid":"wm1"},{"external_userid":"wm1"}]}`,
		"session of noone": `{"sessions":[{"open_kfid":"wk1","external_userid":"wm1"}]}`,
		"state 9":          `{"customers":[{"external_userid":"wm1"}],"sessions":[{"open_kfid":"wk1","external_userid":"wm1","state":9}]}`,
	} {
		file := filepath.Join(t.TempDir(), "state.json")
		must(t, os.WriteFile(file, []byte(world+talk+"}"), 0o600))
		if _, err := kfsim.New(kfsim.Options{StateFile: file}); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// What belongs to an account that was deleted after the talk was last written is forgotten.
func TestTalkOfDeletedAccount(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	must(t, os.WriteFile(file, []byte(`{"version":2,"world":{"accounts":[{"open_kfid":"wk1","picture":"drawn-1-1","servicers":[]}]},"talk":{"customers":[{"external_userid":"wm1"}],
		"sessions":[{"open_kfid":"wkgone","external_userid":"wm1","state":4}],"logs":[{"open_kfid":"wkgone","messages":[{"msgid":"a","body":{}}]}]}}`), 0o600))
	if truth := start(t, kfsim.Options{StateFile: file}).sim.Truth(); len(truth.Accounts) != 0 {
		t.Errorf("truth %+v", truth)
	}
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	k.post("kf/account/del", object("open_kfid", k.account)).want(t, 0)
	k.sends(id, "").want(t, 95004)
	k.sync().want(t, 95004)
	if truth := k.sim.Truth(); len(truth.Accounts) != 0 {
		t.Errorf("truth after the deletion %+v", truth)
	}
}
