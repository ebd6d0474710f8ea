package kfsim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// folded is what a reader of sync_msg can know of a conversation.
type folded struct {
	state    int
	servicer string
}

// fold follows the protocol's table of what each entry does to a state.
func (f *folded) fold(e entry) {
	event := e.event()
	switch {
	case e["origin"] == 3.0 && f.state == 4:
		*f = folded{state: 0}
	case event["event_type"] == "session_status_change" && event["change_type"] == 3.0:
		*f = folded{state: 4}
	case event["event_type"] == "session_status_change":
		servicer, _ := event["new_servicer_userid"].(string)
		*f = folded{3, servicer}
	}
}

// The truth of bulk traffic is what a reader finds: every msgid once and in order, every state and servicer.
func TestTraffic(t *testing.T) {
	k := newTalk(t)
	plan := kfsim.TrafficPlan{Accounts: 20, Customers: 300, Messages: 6000, Seed: 7}
	must(t, k.sim.Traffic(plan))
	truth := k.sim.Truth()
	if len(truth.Accounts) != 20 {
		t.Fatalf("%d accounts, want 20", len(truth.Accounts))
	}
	control[any](k.bench, "POST", "limits", `{"short_pages":true,"empty_pages":true}`)
	total, kinds, states := 0, map[string]int{}, map[int]int{}
	for _, a := range truth.Accounts {
		k.account, k.cursor = a.ID, ""
		list := k.news()
		ids := make([]string, 0, len(list))
		known := map[string]*folded{}
		for _, e := range list {
			ids = append(ids, e.id())
			kinds[e.name()]++
			customer, _ := e["external_userid"].(string)
			if customer == "" {
				customer, _ = e.event()["external_userid"].(string)
			}
			if known[customer] == nil {
				known[customer] = &folded{state: 4}
			}
			known[customer].fold(e)
		}
		if !slices.Equal(ids, a.MsgIDs) {
			t.Errorf("%s: %d ids read, %d are true", a.ID, len(ids), len(a.MsgIDs))
		}
		total += len(ids)
		for _, c := range a.Conversations {
			states[c.State]++
			if f := known[c.Customer]; f == nil || *f != (folded{c.State, c.Servicer}) {
				t.Errorf("%s %s: a reader finds %+v, true is %+v", a.ID, c.Customer, f, c)
			}
		}
	}
	if total != plan.Messages {
		t.Errorf("%d messages, want %d", total, plan.Messages)
	}
	for _, name := range []string{"enter_session", "session_status_change", "user_recall_msg", "servicer_recall_msg", "text", "image", "voice", "file", "location", "link"} {
		if kinds[name] == 0 {
			t.Errorf("no %s in %v", name, kinds)
		}
	}
	if states[0] == 0 || states[3] == 0 || states[4] == 0 {
		t.Errorf("states %v", states)
	}
}

// The same plan makes the same talk.
func TestTrafficIsDeterministic(t *testing.T) {
	make := func(seed int64) string {
		k := newTalk(t)
		must(t, k.sim.Traffic(kfsim.TrafficPlan{Accounts: 9, Customers: 40, Messages: 500, Seed: seed}))
		raw, err := json.Marshal(k.sim.Truth())
		must(t, err)
		k.account = k.sim.Truth().Accounts[0].ID
		return string(raw) + fmt.Sprint(k.news())
	}
	one, again, other := make(1), make(1), make(2)
	if one != again {
		t.Error("one seed made two talks")
	}
	if one == other {
		t.Error("two seeds made one talk")
	}
}

func TestTrafficCanBeStopped(t *testing.T) {
	k := newTalk(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	mustNot(t, "stopped", k.sim.TrafficContext(ctx, kfsim.TrafficPlan{Accounts: 1, Customers: 5, Messages: 5000, Over: time.Hour}))
	if n := len(k.sim.Truth().Accounts[0].MsgIDs); n == 0 || n == 5000 {
		t.Errorf("%d messages made before the stop", n)
	}
	for _, plan := range []kfsim.TrafficPlan{{}, {Accounts: 2, Customers: 1, Messages: 1}, {Accounts: 1, Customers: 1, Messages: 3_000_000}} {
		mustNot(t, fmt.Sprint(plan), k.sim.Traffic(plan))
	}
	empty := start(t, kfsim.Options{})
	mustNot(t, "nobody serves", empty.sim.Traffic(kfsim.TrafficPlan{Accounts: 1, Customers: 1, Messages: 1}))
}

func TestTrafficOverHTTP(t *testing.T) {
	k := newTalk(t)
	got := control[map[string]int](k.bench, "POST", "traffic", `{"accounts":2,"customers":4,"messages":100,"seed":3,"over":"10ms"}`)
	if got["messages"] != 100 {
		t.Errorf("answer %v", got)
	}
	truth := control[kfsim.Truth](k.bench, "GET", "truth", "")
	if want := k.sim.Truth(); !reflect.DeepEqual(truth, want) {
		t.Errorf("truth over HTTP %+v, want %+v", truth, want)
	}
}

func BenchmarkTraffic(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		sim, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo})
		must(b, err)
		must(b, sim.Traffic(kfsim.TrafficPlan{Accounts: 20, Customers: 2000, Messages: 50_000, Seed: int64(i)}))
	}
}
