package kfsim_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// Everybody talks at once, for the race detector, while callbacks fly and the state is written; then the books must balance: a
// reader who was there all the time has every message once, in order.
func TestEverybodyTalksAtOnce(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: filepath.Join(t.TempDir(), "state.json")})
	k := &talk{bench: b, account: b.account("售前咨询台")}
	newPostbox(t, k)
	control[any](b, "POST", "callbacks", `{"duplicate":2,"shuffle":true,"drop_every":7}`)
	control[any](b, "POST", "limits", `{"sync_without_token":-1,"short_pages":true,"empty_pages":true,"page":40}`)
	account := k.account
	const rounds = 15
	var wg sync.WaitGroup
	run := func(do func(i int)) {
		wg.Go(func() {
			for i := range rounds {
				do(i)
			}
		})
	}
	quiet := func(string, error) {} // who comes too late is refused, which is right
	for w := range 3 {
		run(func(i int) {
			id, err := k.sim.CustomerEnters(account, "", "", kfsim.CustomerCard{ID: fmt.Sprintf("wm%d", i%5)})
			quiet(id, err)
			quiet(k.sim.CustomerSends(account, id, text(fmt.Sprint(w, i))))
			k.sends(id, "")
			k.trans(id, 2, "")
			_ = k.sim.ServicerPicks(account, id, onDuty)
			quiet(k.sim.ServicerSends(account, id, onDuty, kfsim.Content{Type: "voice"}))
			_ = k.sim.ServicerEnds(account, id, "")
		})
	}
	run(func(int) { _ = k.sim.Truth() })
	run(func(int) { _ = k.sim.Sessions("") })
	run(func(int) { _, _ = k.sim.Chat(account, "wm0") })
	run(func(i int) { k.sim.HoldSends(i%2 == 0) })
	run(func(int) { k.customers(1, "wm0", "wm1") })
	run(func(i int) {
		control[any](b, "POST", "outside", object("action", "rename", "open_kfid", account, "name", fmt.Sprint("名", i)))
	})
	run(func(int) { k.clock.Advance(time.Second) })
	wg.Go(func() { must(t, k.sim.Traffic(kfsim.TrafficPlan{Accounts: 4, Customers: 20, Messages: 400, Seed: 5})) })
	stop := make(chan struct{})
	read := (&talk{bench: b, account: account}).readUntil(stop)
	wg.Wait()
	close(stop)
	seen := <-read
	if want := k.truth(); !slices.Equal(seen, want) {
		t.Errorf("%d messages read, %d are true", len(seen), len(want))
	}
	k.settled()
	k.clean()
}

// readUntil reads again and again, and once more after stop is closed; then it gives the ids.
func (k *talk) readUntil(stop <-chan struct{}) <-chan []string {
	read := make(chan []string, 1)
	go func() {
		var seen []string
		for stopped := false; !stopped; {
			select {
			case <-stop:
				stopped = true
			default:
			}
			seen = append(seen, k.readOn()...)
		}
		read <- seen
	}()
	return read
}

// readOn reads from the cursor to the end.
func (k *talk) readOn() (ids []string) {
	for more := true; more; {
		a := k.sync("cursor", k.cursor)
		if a.code != 0 {
			k.Errorf("sync_msg: %d %s", a.code, a.msg)
			return ids
		}
		k.cursor, _ = a.fields["next_cursor"].(string)
		for _, e := range rows(a) {
			ids = append(ids, e.id())
		}
		more = a.fields["has_more"] == 1.0
	}
	return ids
}
