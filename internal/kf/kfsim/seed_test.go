package kfsim_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kfconsole/internal/kf/kfsim"
)

func TestSeedNames(t *testing.T) {
	for _, s := range []kfsim.Seed{kfsim.SeedEmpty, kfsim.SeedDemo, kfsim.SeedLarge} {
		if got, err := kfsim.ParseSeed(s.String()); err != nil || got != s {
			t.Errorf("%v: %v %v", s, got, err)
		}
	}
	if _, err := kfsim.ParseSeed("medium"); err == nil || !strings.Contains(err.Error(), "empty, demo, large") {
		t.Errorf("error %v", err)
	}
}

func TestSeedDemo(t *testing.T) {
	w := demo(t).world()
	managed, unstaffed, idle := 0, 0, 0
	shared := map[int64]int{}
	for _, a := range w.Accounts {
		if a.Managed {
			managed++
		}
		serving, departments := 0, 0
		for _, s := range a.Servicers {
			switch {
			case s.Department != 0:
				departments++
				shared[s.Department]++
			case s.Status == "serving":
				serving++
			}
		}
		if a.Managed && len(a.Servicers) == 0 {
			unstaffed++
		}
		if a.Managed && len(a.Servicers) > 0 && serving+departments == 0 {
			idle++
		}
	}
	if len(w.Accounts) != 12 || managed != 8 || unstaffed != 1 || idle != 1 || shared[6] < 2 {
		t.Errorf("%d accounts, %d managed, %d without servicers, %d with all stopped, department 6 on %d", len(w.Accounts), managed, unstaffed, idle, shared[6])
	}
	statuses, visible, inTwo := map[int]int{}, 0, 0
	for _, p := range w.People {
		if p.Visible {
			visible++
			statuses[p.Status]++
		}
		if len(p.Departments) > 1 {
			inTwo++
		}
	}
	if visible != 60 || len(w.People) != 62 || !reflect.DeepEqual(statuses, map[int]int{1: 50, 2: 4, 4: 6}) || inTwo != 3 {
		t.Errorf("%d of %d people visible, statuses %v, %d in two departments", visible, len(w.People), statuses, inTwo)
	}
	checkWorld(t, w)
}

func TestSeedLarge(t *testing.T) {
	// The best of three, because the machine may be busy with other tests.
	best := time.Hour
	for range 3 {
		began := time.Now()
		if _, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedLarge}); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	if best > time.Second {
		t.Errorf("it took %s to start, want less than a second", best)
	}
	b := start(t, kfsim.Options{Seed: kfsim.SeedLarge})
	w := b.world()
	rows := 0
	for _, a := range w.Accounts {
		rows += len(a.Servicers)
	}
	if len(w.Accounts) != 5000 || rows != 20000 || len(w.People) != 600 {
		t.Errorf("%d accounts, %d servicer rows, %d people", len(w.Accounts), rows, len(w.People))
	}
	checkWorld(t, w)
}

// checkWorld looks for what no corp can have.
func checkWorld(t *testing.T, w world) {
	t.Helper()
	userID := regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}$`)
	accountID := regexp.MustCompile(`^wk[0-9A-Za-z_-]{30}$`)
	seen := map[string]bool{}
	once := func(kind, value string) {
		if value == "" || seen[kind+value] {
			t.Errorf("%s %q is empty or there twice", kind, value)
		}
		seen[kind+value] = true
	}
	departments := map[int64]bool{0: true}
	for _, d := range w.Departments {
		once("department", d.Name)
		if departments[d.ID] || !departments[d.Parent] {
			t.Errorf("department %d of parent %d", d.ID, d.Parent)
		}
		departments[d.ID] = true
	}
	people := map[string]bool{}
	for _, p := range w.People {
		once("userid", strings.ToLower(p.UserID))
		once("name", p.Name)
		people[p.UserID] = p.Visible
		if !userID.MatchString(p.UserID) || p.Status == 0 || len(p.Departments) == 0 || utf8.RuneCountInString(p.Name) < 2 {
			t.Errorf("person %+v", p)
		}
		for _, d := range p.Departments {
			if !departments[d] {
				t.Errorf("%s is in department %d", p.UserID, d)
			}
		}
	}
	for _, a := range w.Accounts {
		once("account", a.ID)
		once("account name", a.Name)
		if !accountID.MatchString(a.ID) || utf8.RuneCountInString(a.Name) > 16 {
			t.Errorf("account %s %s", a.ID, a.Name)
		}
		for _, s := range a.Servicers {
			if s.UserID != "" && !people[s.UserID] || s.UserID == "" && !departments[s.Department] {
				t.Errorf("%s has servicer %+v", a.Name, s)
			}
		}
	}
}

func TestSeedsAreTheSameEachTime(t *testing.T) {
	if first, second := demo(t).world(), demo(t).world(); !reflect.DeepEqual(first, second) {
		t.Error("two demo worlds differ")
	}
}
