package live

import (
	"fmt"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

func TestRing(t *testing.T) {
	start := time.Date(2026, 10, 18, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := start.Add(-d); return &at }
	var r ring
	if id, wait := r.next(time.Minute, start); id != "" || wait != idlePace {
		t.Errorf("empty ring: %q, %v", id, wait)
	}
	r.load([]db.Account{{ID: "a", ServicersAt: ago(time.Minute)}, {ID: "b"}, {ID: "c", ServicersAt: ago(time.Hour)}, {ID: "d"}})
	now, round := start, 10*time.Minute
	want := []struct {
		id   string
		wait time.Duration
	}{{"b", newcomerPace}, {"d", newcomerPace}, {"c", round / 4}, {"a", round / 4}, {"b", round / 4}, {"d", round / 4}}
	for i, w := range want {
		if id, wait := r.next(round, now); id != w.id || wait != w.wait {
			t.Errorf("turn %d: %s after %v, want %s after %v", i, id, wait, w.id, w.wait)
		}
		now = now.Add(time.Second)
	}
	// Reloading forgets no turn, though b and d were never listed with success; gone ones leave, new ones come first.
	r.load([]db.Account{{ID: "a", ServicersAt: ago(time.Minute)}, {ID: "b"}, {ID: "e"}})
	r.touch("a", now)
	r.touch("c", now)
	for i, want := range []string{"e", "b", "a"} {
		if id, _ := r.next(round, now.Add(time.Duration(i)*time.Second)); id != want {
			t.Errorf("turn %d after reload: %s, want %s", i, id, want)
		}
	}
}

func TestConcernsOne(t *testing.T) {
	for _, code := range []int{48007, 95004, 60251} {
		if !concernsOne(fmt.Errorf("refresh: %w", &kf.Error{Code: code})) {
			t.Errorf("%d stops the round", code)
		}
	}
	if !concernsOne(db.ErrNotFound) {
		t.Error("a deleted account stops the round")
	}
	for _, err := range []error{nil, &kf.Error{Code: 45009}, &kf.Error{Code: 60020}, &kf.HTTPError{Status: 502}, errStore} {
		if concernsOne(err) {
			t.Errorf("%v does not hold up the round", err)
		}
	}
}
