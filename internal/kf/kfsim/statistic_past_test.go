package kfsim_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// past reads all 180 days before the first one, oldest first.
func (b *bench) past(account, servicer string) []figures {
	b.Helper()
	var all []figures
	for from := firstDay.AddDate(0, 0, -180); from.Before(firstDay); from = from.AddDate(0, 0, 30) {
		_, list := days(b, b.statistic(account, servicer, from, from.AddDate(0, 0, 29)).want(b, 0))
		all = append(all, list...)
	}
	if len(all) != 180 {
		b.Fatalf("%d days, want 180", len(all))
	}
	return all
}

// pastSessions are those of the whole demo, by day.
func (b *bench) pastSessions() []float64 {
	b.Helper()
	total := make([]float64, 180)
	for _, a := range b.world().Accounts {
		for i, f := range b.past(a.ID, "corp") {
			total[i] += f["session_cnt"]
		}
	}
	return total
}

func mean(list []float64) float64 {
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(len(list))
}

// The past has weeks, growth, a sale and an outage.
func TestPastIsBelievable(t *testing.T) {
	b := demo(t)
	total := b.pastSessions()
	for i, v := range total {
		if v < 20 || v > 1200 {
			t.Errorf("%v sessions %d days back", v, 180-i)
		}
	}
	if early, late := mean(total[:28]), mean(total[152:]); late < 1.2*early || late > 2*early {
		t.Errorf("from %.0f sessions a day to %.0f", early, late)
	}
	outage, around := total[180-26], mean(slices.Concat(total[180-40:180-26], total[180-25:180-12]))
	if outage > around/3 {
		t.Errorf("%v sessions on the day of the outage, %.0f around it", outage, around)
	}
	if peak, before := slices.Max(total[180-63:180-56]), slices.Max(total[180-100:180-63]); peak < 1.6*before {
		t.Errorf("%v sessions at the height of the sale, at most %v before", peak, before)
	}
	var week, shop, office [7]float64
	for i, v := range total {
		week[firstDay.AddDate(0, 0, i-180).Weekday()] += v
	}
	if week[time.Monday] < 1.2*week[time.Sunday] {
		t.Errorf("sessions by weekday %v", week)
	}
	for i, f := range b.past(b.account("售前咨询台"), "corp") {
		shop[firstDay.AddDate(0, 0, i-180).Weekday()] += f["session_cnt"]
	}
	for i, f := range b.past(b.account("企业采购专线"), "corp") {
		if weekday := firstDay.AddDate(0, 0, i-180).Weekday(); weekday != time.Sunday {
			office[weekday] += f["session_cnt"]
		} else if f != nil {
			t.Errorf("an office on a Sunday: %s", f)
		}
	}
	if shop[time.Saturday] < 1.2*shop[time.Tuesday] || office[time.Monday] < 4*office[time.Saturday] {
		t.Errorf("shop by weekday %v, office %v", shop, office)
	}
	b.clean()
}

// On a day of the outage, answers are late and few.
func TestPastOutageIsFelt(t *testing.T) {
	b := demo(t)
	list := b.past(b.account("售前咨询台"), "")
	outage, before := list[180-26], list[180-27]
	if outage["reply_rate"] > before["reply_rate"]-.2 || outage["first_reply_average_sec"] < 2*before["first_reply_average_sec"] {
		t.Errorf("outage %s\nbefore %s", outage, before)
	}
	for i, f := range list {
		if i != 180-26 && (f["reply_rate"] < .8 || f["first_reply_average_sec"] < 10 || f["first_reply_average_sec"] > 120) {
			t.Errorf("%d days back %s", 180-i, f)
		}
	}
}

// What servicers did adds up to what their account did, every count of every day, also for those who no longer work.
func TestPastAddsUp(t *testing.T) {
	b := demo(t)
	w := b.world()
	staffed := 0
	for _, a := range w.Accounts {
		all, corp := b.past(a.ID, ""), b.past(a.ID, "corp")
		sums := make([]figures, 180)
		for _, p := range w.People {
			probe := b.statistic(a.ID, p.UserID, firstDay.AddDate(0, 0, -1), firstDay.AddDate(0, 0, -1))
			if probe.code == 60253 {
				continue
			}
			for i, f := range b.past(a.ID, p.UserID) {
				if sums[i] == nil && f != nil {
					sums[i] = figures{}
				}
				for name, v := range f {
					sums[i][name] += v
				}
			}
		}
		for i := range all {
			checkPastDay(t, a.Name, all[i], corp[i], sums[i], a.Managed)
			if all[i] != nil {
				staffed++
			}
		}
	}
	if staffed < 1500 {
		t.Errorf("%d days with figures", staffed)
	}
}

// checkPastDay holds the account's servicers against their sum, and against the account with its assistant.
func checkPastDay(t *testing.T, account string, all, corp, sum figures, managed bool) {
	t.Helper()
	rates := []string{"reply_rate", "first_reply_average_sec", "satisfaction_participation_rate", "satisfied_rate", "middling_rate", "dissatisfied_rate"}
	for name := range maps.Keys(all) {
		if !slices.Contains(rates, name) && all[name] != sum[name] {
			t.Errorf("%s: %s is %v, the servicers have %v", account, name, all[name], sum[name])
		}
	}
	if (all == nil) != (sum == nil) || corp == nil && all != nil {
		t.Errorf("%s: all %s, sum %s, account %s", account, all, sum, corp)
	}
	for _, name := range []string{"session_cnt", "customer_cnt", "customer_msg_cnt", "upgrade_service_customer_cnt", "msg_rejected_customer_cnt"} {
		if corp[name] < all[name] {
			t.Errorf("%s: %s is %v, of the servicers alone %v", account, name, corp[name], all[name])
		}
	}
	if corp["customer_cnt"] > corp["session_cnt"] || corp["ai_session_reply_cnt"] > corp["session_cnt"] || corp["customer_msg_cnt"] < corp["session_cnt"] {
		t.Errorf("%s: %s", account, corp)
	}
	_, knows := corp["ai_knowledge_hit_rate"]
	_, took := all["satisfaction_participation_rate"]
	if managed && (knows || took || all["satisfaction_investgate_cnt"] != 0) {
		t.Errorf("%s is managed by API: %s, %s", account, corp, all)
	}
	if answers := all["satisfied_rate"] + all["middling_rate"] + all["dissatisfied_rate"]; answers != 0 && (answers < .999 || answers > 1.001) {
		t.Errorf("%s: answers to surveys add up to %v", account, answers)
	}
}

// Two worlds that begin on the same day have the same past, whatever is asked first; one that begins later has it moved, and keeps
// what it has when its servicers change.
func TestPastIsTheSameEachTime(t *testing.T) {
	b, again := demo(t), demo(t)
	a := b.account("售前咨询台")
	want := b.past(a, onDuty)
	again.day(a, "corp", firstDay.AddDate(0, 0, -3))
	again.post("kf/servicer/del", object("open_kfid", a, "userid_list", []string{onDuty2, resting})).want(t, 0)
	for i, f := range again.past(a, onDuty) {
		wantFigures(t, "the same day in another world", f, want[i])
	}
	all := b.past(a, "")
	again.at(firstDay.AddDate(0, 0, 40).Add(7 * time.Hour))
	wantFigures(t, "the same day, 40 days later", again.day(a, "", firstDay.AddDate(0, 0, -100)), all[80])
	if f := again.day(a, "", firstDay.AddDate(0, 0, 20)); f != nil {
		t.Errorf("a day that was lived through, in silence, has %s", f)
	}
	later := start(t, kfsim.Options{Seed: kfsim.SeedDemo, Now: again.clock.Now})
	if f := later.day(a, "", firstDay.AddDate(0, 0, 20)); f == nil {
		t.Error("no past of a world that begins later")
	}
}

// Who has no past: the account nobody serves, one before it was opened, a new one, and every other world.
func TestPastOfNobody(t *testing.T) {
	b := demo(t)
	for i, f := range b.past(b.account("全屋定制顾问"), "corp") {
		if f != nil {
			t.Errorf("%d days back %s", 180-i, f)
		}
	}
	young := b.past(b.account("经销商支持"), "corp")
	if slices.ContainsFunc(young[:180-76], func(f figures) bool { return f != nil }) || !slices.ContainsFunc(young[180-76:180-70], func(f figures) bool { return f != nil }) {
		t.Error("the youngest account has figures from another day than it was opened")
	}
	control[any](b, "POST", "reset", `{"seed":"large"}`)
	b.signIn()
	if f := b.day(b.world().Accounts[0].ID, "corp", firstDay.AddDate(0, 0, -1)); f != nil {
		t.Errorf("a past in the large world: %s", f)
	}
}

// whole adds up a day of all accounts.
func (b *bench) whole(day time.Time) figures {
	b.Helper()
	sum := figures{}
	for _, a := range b.world().Accounts {
		for name, v := range b.day(a.ID, "corp", day) {
			sum[name] += v
		}
	}
	return sum
}

// With talks, the days before the first one have them on top of the past; the first day has nothing else.
func TestPastWithTalks(t *testing.T) {
	plain, talks := demo(t), start(t, kfsim.Options{Seed: kfsim.SeedDemo, Talks: true})
	day := firstDay.AddDate(0, 0, -1)
	without, with := plain.whole(day), talks.whole(day)
	if more := with["session_cnt"] - without["session_cnt"]; more < 1 || more > 40 || with["customer_msg_cnt"] < without["customer_msg_cnt"]+more {
		t.Errorf("with talks %s\nwithout %s", with, without)
	}
	talks.at(firstDay.Add(30 * time.Hour))
	if f := talks.whole(firstDay); f["session_cnt"] < 3 || f["session_cnt"] > 60 {
		t.Errorf("the first day %s", f)
	}
}

func BenchmarkStatisticMonth(b *testing.B) {
	k := demo(b)
	a := k.account("售前咨询台")
	for b.Loop() {
		k.statistic(a, "", firstDay.AddDate(0, 0, -31), firstDay.AddDate(0, 0, -1)).want(b, 0)
	}
}
