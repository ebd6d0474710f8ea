package kfsim_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

// Everything at once, for the race detector; then the books must balance: what the journal calls applied is what the world has.
func TestEverythingAtOnce(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: filepath.Join(t.TempDir(), "state.json")})
	media, id := b.uploadPNG(1), b.account("订单与付款")
	b.fault(`{"endpoint":"kf/account/add","kind":"errcode","code":-1,"times":5,"after":3}`)
	const rounds = 20
	var wg sync.WaitGroup
	run := func(do func(i int)) {
		wg.Go(func() {
			for i := range rounds {
				do(i)
			}
		})
	}
	run(func(i int) { b.post("kf/account/add", object("name", fmt.Sprintf("甲%d", i), "media_id", media)) })
	run(func(i int) { b.post("kf/account/add", object("name", fmt.Sprintf("乙%d", i), "media_id", media)) })
	run(func(int) { b.accounts() })
	run(func(i int) {
		b.post("kf/account/update", object("open_kfid", id, "name", fmt.Sprintf("丙%d", i))).want(b, 0)
	})
	run(func(int) {
		b.post("kf/servicer/add", servicerBody(id, []string{"li.na", "gui.xiaoyuan"}, nil)).want(b, 0)
	})
	run(func(int) { b.post("kf/servicer/del", servicerBody(id, []string{"li.na"}, nil)).want(b, 0) })
	run(func(int) { b.servicers(id) })
	run(func(i int) { b.post("kf/add_contact_way", object("open_kfid", id, "scene", fmt.Sprint(i))).want(b, 0) })
	run(func(i int) { b.uploadPNG(uint8(i)) })
	run(func(int) { b.world() })
	run(func(int) { fetch(b, b.url+"/_sim/") })
	run(func(int) { control[any](b, "GET", "journal", "") })
	run(func(int) {
		control[any](b, "POST", "servicer", object("open_kfid", id, "userid", "wang_wei", "status", "stopped"))
	})
	wg.Wait()
	made := 0
	for _, e := range control[[]kfsim.Entry](b, "GET", "journal?endpoint=kf/account/add", "") {
		if e.Applied {
			made++
		}
	}
	if n := len(b.world().Accounts); made != 2*rounds-5 || n != 12+made {
		t.Errorf("%d accounts, the journal has %d added", n, made)
	}
	b.clean()
}

func BenchmarkAccountPage(b *testing.B) {
	s := start(b, kfsim.Options{Seed: kfsim.SeedLarge})
	handler := s.sim.Handler()
	for offset := 0; b.Loop(); offset = (offset + 100) % 5000 {
		r, err := http.NewRequest("POST", "/cgi-bin/kf/account/list?access_token="+s.token, bodyOf(fmt.Sprintf(`{"offset":%d}`, offset)))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		handler.ServeHTTP(nowhere{}, r)
	}
}
