package kfsim_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// pass lets time go by, without a new token.
func (k *talk) pass(d time.Duration) { k.clock.Advance(d) }

func (k *talk) answers(customer, servicer string) {
	k.Helper()
	_, err := k.sim.ServicerSends(k.account, customer, servicer, kfsim.TextContent("在的"))
	must(k, err)
}

// A day of two servicers and the assistant, counted by hand.
func TestStatisticOfTalk(t *testing.T) {
	k := newTalk(t)
	// One waits a minute in the pool, is answered 20 s after that, writes again, is given away and answered there.
	k.waiting("wm1", 2)
	k.pass(time.Minute)
	must(t, k.sim.ServicerPicks(k.account, "wm1", onDuty))
	k.pass(20 * time.Second)
	k.answers("wm1", onDuty)
	k.writes("wm1", "还有")
	must(t, k.sim.ServicerTransfers(k.account, "wm1", onDuty, onDuty2))
	k.pass(10 * time.Second)
	k.writes("wm1", "在吗")
	k.pass(30 * time.Second)
	k.answers("wm1", onDuty2)
	// One is never answered, and refused.
	k.waiting("wm2", 3)
	k.writes("wm2", "?")
	must(t, k.sim.ServicerRejects(k.account, "wm2", onDuty, true))
	// One is the assistant's alone; one is handed on with a message the assistant did not answer; one nobody takes.
	k.writes(k.enters("wm3"), "几点开门")
	k.sends("wm3", "").want(t, 0)
	k.writes(k.enters("wm4"), "转人工")
	k.sends("wm4", "").want(t, 0)
	k.pass(5 * time.Second)
	k.writes("wm4", "转人工!")
	k.trans("wm4", 3, onDuty2).want(t, 0)
	k.pass(5 * time.Second)
	k.answers("wm4", onDuty2)
	k.writes(k.enters("wm5"), "路过")
	k.at(firstDay.Add(30 * time.Hour))
	wantFigures(t, "account", k.day(k.account, "corp", firstDay), corpDay("session_cnt", 4, "customer_cnt", 5, "customer_msg_cnt", 9,
		"ai_session_reply_cnt", 2, "ai_transfer_rate", .5, "msg_rejected_customer_cnt", 1))
	wantFigures(t, "servicers", k.day(k.account, "", firstDay), servicerDay("session_cnt", 3, "customer_cnt", 3, "customer_msg_cnt", 6,
		"reply_rate", .6667, "first_reply_average_sec", 42.5, "msg_rejected_customer_cnt", 1))
	wantFigures(t, "the first", k.day(k.account, onDuty, firstDay), servicerDay("session_cnt", 2, "customer_cnt", 2, "customer_msg_cnt", 4,
		"reply_rate", .5, "first_reply_average_sec", 80, "msg_rejected_customer_cnt", 1))
	wantFigures(t, "the second", k.day(k.account, onDuty2, firstDay), servicerDay("session_cnt", 2, "customer_cnt", 2, "customer_msg_cnt", 2,
		"reply_rate", 1, "first_reply_average_sec", 17.5))
	if f := k.day(k.account, byDep, firstDay); f != nil {
		t.Errorf("somebody with nothing to do has %s", f)
	}
	k.clean()
}

// What happens after midnight belongs to the next day and changes nothing of the one before.
func TestStatisticOverMidnight(t *testing.T) {
	k := newTalk(t)
	k.at(firstDay.Add(24*time.Hour - 10*time.Second))
	k.waiting("wm1", 2)
	k.waiting("wm2", 3)
	k.at(firstDay.Add(24*time.Hour + 20*time.Second))
	must(t, k.sim.ServicerPicks(k.account, "wm1", onDuty))
	k.answers("wm1", onDuty)
	k.answers("wm2", onDuty)
	k.writes("wm2", "谢谢")
	k.pass(time.Second)
	k.answers("wm2", onDuty)
	k.at(firstDay.Add(54 * time.Hour))
	second := firstDay.AddDate(0, 0, 1)
	wantFigures(t, "account, first day", k.day(k.account, "corp", firstDay), corpDay("session_cnt", 1, "customer_cnt", 2, "customer_msg_cnt", 2))
	wantFigures(t, "account, second day", k.day(k.account, "corp", second), corpDay("session_cnt", 1, "customer_cnt", 1, "customer_msg_cnt", 1))
	wantFigures(t, "servicer, first day", k.day(k.account, onDuty, firstDay),
		servicerDay("session_cnt", 1, "customer_cnt", 1, "customer_msg_cnt", 1, "reply_rate", 0))
	wantFigures(t, "servicer, second day", k.day(k.account, onDuty, second),
		servicerDay("session_cnt", 1, "customer_cnt", 2, "customer_msg_cnt", 2, "reply_rate", 1, "first_reply_average_sec", 15.5))
}

// A new conversation is a new session: after an end, and after 48 hours of silence.
func TestStatisticCountsConversations(t *testing.T) {
	k := newTalk(t)
	k.waiting("wm1", 3)
	must(t, k.sim.ServicerEnds(k.account, "wm1", onDuty))
	must(t, k.sim.ServicerReopens(k.account, "wm1", onDuty)) // the same one
	must(t, k.sim.ServicerEnds(k.account, "wm1", onDuty))
	k.writes("wm1", "再问一下")
	k.trans("wm1", 3, onDuty).want(t, 0)
	later := firstDay.AddDate(0, 0, 3)
	k.at(later)
	k.writes("wm1", "又来了")
	k.trans("wm1", 3, onDuty).want(t, 0)
	k.at(later.Add(30 * time.Hour))
	wantFigures(t, "first day", k.day(k.account, onDuty, firstDay), servicerDay("session_cnt", 2, "customer_cnt", 1, "customer_msg_cnt", 2, "reply_rate", 0))
	wantFigures(t, "fourth day", k.day(k.account, onDuty, later), servicerDay("session_cnt", 1, "customer_cnt", 1, "customer_msg_cnt", 1, "reply_rate", 0))
}

// A state file of the time before turns were noted has messages and nothing more to count; its conversations go on.
func TestStatisticOfOldState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	k := &talk{bench: b, account: b.account("售前咨询台")}
	k.waiting("wm1", 2)
	must(t, b.sim.Close())
	raw, err := os.ReadFile(file)
	must(t, err)
	old := regexp.MustCompile(`,"turns":\[[^\]]*\]|,"past":\{[^}]*\}`).ReplaceAll(raw, nil)
	if len(old) > len(raw)-100 {
		t.Fatalf("%d bytes of %d are left", len(old), len(raw))
	}
	must(t, os.WriteFile(file, old, 0o600))
	again := &talk{bench: start(t, kfsim.Options{StateFile: file, Now: k.clock.Now}), account: k.account}
	again.clock = k.clock
	must(t, again.sim.ServicerPicks(k.account, "wm1", onDuty))
	again.writes("wm1", "在吗")
	again.at(firstDay.Add(30 * time.Hour))
	wantFigures(t, "account", again.day(k.account, "corp", firstDay), corpDay("session_cnt", 1, "customer_cnt", 1, "customer_msg_cnt", 2))
	wantFigures(t, "servicer", again.day(k.account, onDuty, firstDay), servicerDay("session_cnt", 1, "customer_cnt", 1, "customer_msg_cnt", 1, "reply_rate", 0))
	if f := again.day(k.account, "corp", firstDay.AddDate(0, 0, -1)); f != nil {
		t.Errorf("a past: %s", f)
	}
}

// An account that the API does not manage is counted as well; surveys are not made up for real conversations.
func TestStatisticOfAnotherAccount(t *testing.T) {
	k := newTalk(t)
	k.account = k.bench.account("门店到店预约")
	k.writes(k.enters("wm1"), "预约")
	k.at(firstDay.Add(30 * time.Hour))
	wantFigures(t, "account", k.day(k.account, "corp", firstDay), corpDay("customer_cnt", 1, "customer_msg_cnt", 1))
}

// Figures and sync_msg tell the same of much talk, before and after a restart.
func TestStatisticAgreesWithMessages(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, StateFile: file})
	k := &talk{bench: b, account: b.account("售前咨询台")}
	must(t, b.sim.Traffic(kfsim.TrafficPlan{Accounts: 1, Customers: 40, Messages: 3000, Seed: 5}))
	customers, messages, answerers := map[any]bool{}, 0, map[any]bool{}
	for _, e := range k.news() {
		switch e["origin"] {
		case 3.0:
			customers[e["external_userid"]] = true
			messages++
		case 5.0:
			answerers[e["servicer_userid"]] = true
		}
	}
	k.at(firstDay.Add(30 * time.Hour))
	corp, all := k.day(k.account, "corp", firstDay), k.day(k.account, "", firstDay)
	if corp["customer_cnt"] != float64(len(customers)) || corp["customer_msg_cnt"] != float64(messages) || messages < 500 {
		t.Errorf("%d customers with %d messages, figures %s", len(customers), messages, corp)
	}
	// Everybody who reached the pool was picked, and nobody was the assistant's.
	if corp["session_cnt"] != all["session_cnt"] || corp["ai_session_reply_cnt"] != 0 || all["customer_msg_cnt"] > corp["customer_msg_cnt"] {
		t.Errorf("account %s, servicers %s", corp, all)
	}
	sum := figures{}
	for who := range answerers {
		for name, v := range k.day(k.account, who.(string), firstDay) {
			sum[name] += v
		}
	}
	if sum["customer_msg_cnt"] != all["customer_msg_cnt"] || sum["session_cnt"] < all["session_cnt"] || sum["customer_cnt"] < all["customer_cnt"] {
		t.Errorf("sum %s\nall %s", sum, all)
	}
	must(t, b.sim.Close())
	again := start(t, kfsim.Options{StateFile: file, Now: k.clock.Now})
	wantFigures(t, "account after a restart", again.day(k.account, "corp", firstDay), corp)
	wantFigures(t, "servicers after a restart", again.day(k.account, "", firstDay), all)
	wantFigures(t, "past after a restart", again.day(k.account, "", firstDay.AddDate(0, 0, -9)), k.day(k.account, "", firstDay.AddDate(0, 0, -9)))
}
