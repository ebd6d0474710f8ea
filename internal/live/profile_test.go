package live

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// TestProfilesAtFirstContact: names and pictures come in batches, with their date, and WeCom is asked once.
func TestProfilesAtFirstContact(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	account, _ := d.staff()
	var ids []string
	for i := range 105 {
		id, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{Name: fmt.Sprint("客人", i), Gender: 2})
		d.must(err)
		ids = append(ids, id)
	}
	stop := d.run(d.syncer())
	d.until("all profiles are there", 0, func() bool {
		for _, id := range ids {
			c, err := d.db.Customer(t.Context(), id)
			if err != nil || c.ProfileState != db.ProfileOK || c.PictureID == "" {
				return false
			}
		}
		return true
	})
	c, err := d.db.Customer(t.Context(), ids[7])
	if err != nil || c.Name != "客人7" || c.Gender != 2 || !c.ProfileAt.Equal(d.clock()) {
		t.Errorf("%+v, %v", c, err)
	}
	if n := d.count("kf/customer/batchget"); n > 4 {
		t.Errorf("%d calls for 105 customers", n)
	}
	stop()

	// Two days later WeCom does not answer for them any more; what it said stays, and who comes back is asked for again.
	s := d.syncer()
	d.pass(49 * time.Hour)
	r, err := s.RefreshCustomers(t.Context(), append(ids, "wmNobody000000000000000000000001"))
	if err != nil || r.Found != 0 || r.Invalid != 106 {
		t.Errorf("refreshed %+v, %v", r, err)
	}
	if c, err = d.db.Customer(t.Context(), ids[7]); err != nil || c.Name != "客人7" || c.ProfileState != db.ProfileInvalid {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{ID: ids[7], Name: "新名"})
	d.must(err)
	d.run(s)
	d.until("the new name is there", 0, func() bool {
		c, err := d.db.Customer(t.Context(), ids[7])
		return err == nil && c.Name == "新名" && c.ProfileState == db.ProfileOK
	})
}

// TestProfilesThatFail are asked for again after a pause, and hold up no messages.
func TestProfilesThatFail(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	var mu sync.Mutex
	broken, calls := true, 0
	d.hook(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if !strings.HasSuffix(r.URL.Path, "customer/batchget") {
			return false
		}
		calls++
		if broken {
			w.WriteHeader(http.StatusBadGateway)
		}
		return broken
	})
	s := d.syncer()
	d.run(s)
	id, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{Name: "甲"})
	d.must(err)
	state := func() string {
		c, err := d.db.Customer(t.Context(), id)
		if err != nil {
			return err.Error()
		}
		return c.ProfileState
	}
	d.until("the failure is noted", 0, func() bool { return state() == db.ProfileFailed })
	time.Sleep(10 * s.polls.profiles) // it has looked several times by then
	mu.Lock()
	if calls != 1 {
		t.Errorf("%d calls during the pause", calls)
	}
	broken = false
	mu.Unlock()
	d.pass(profileRetry + time.Second)
	d.until("the profile is there", 0, func() bool { return state() == db.ProfileOK })
}

// TestOneBadCustomer: an id that WeCom refuses as such costs neither the others of its batch nor a call for ever.
func TestOneBadCustomer(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	var ids []string
	for i := range 12 {
		id, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{Name: fmt.Sprint("客人", i)})
		d.must(err)
		ids = append(ids, id)
	}
	bad := ids[5]
	d.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "customer/batchget") || !strings.Contains(bodyOf(r), bad) {
			return false
		}
		_, err := fmt.Fprint(w, `{"errcode":40096,"errmsg":"invalid external userid"}`)
		return err == nil
	})
	d.run(d.syncer())
	state := func(id string) string {
		c, err := d.db.Customer(t.Context(), id)
		if err != nil {
			return err.Error()
		}
		return c.ProfileState
	}
	d.until("all the others have their names", 0, func() bool {
		for _, id := range ids {
			if id != bad && state(id) != db.ProfileOK {
				return false
			}
		}
		return state(bad) == db.ProfileInvalid
	})
}

// TestPicturesThatCannotBeHad: the names of others do not wait for a host that does not answer.
func TestPicturesThatCannotBeHad(t *testing.T) {
	d := newDesk(t)
	s := d.syncer()
	var calls atomic.Int32
	d.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/picture-of-nobody") {
			return false
		}
		calls.Add(1)
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	account, _ := d.staff()
	var list []kf.Customer
	for i := range 20 {
		id := fmt.Sprint("wmCustomer", i)
		_, _, err := d.db.ConversationFor(t.Context(), account, id, d.clock())
		d.must(err)
		list = append(list, kf.Customer{ID: kf.CustomerID(id), Avatar: d.url + "/picture-of-nobody/" + id})
	}
	s.fetchPictures(t.Context(), list)
	if n := calls.Load(); n != pictureGiveUp {
		t.Errorf("%d pictures were asked for in vain, want %d", n, pictureGiveUp)
	}
}
