package kfsim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// The zone and the first day of the demo world in tests: 17:00 on a Monday in Beijing.
var (
	cn       = time.FixedZone("", 8*60*60)
	firstDay = time.Date(2026, 3, 2, 0, 0, 0, 0, cn)
)

// figures are those of a day, by the names of the protocol; nil when there are none.
type figures map[string]float64

// days are the entries of an answer.
func days(t testing.TB, a answer) (at []time.Time, list []figures) {
	t.Helper()
	raw, err := json.Marshal(a.fields["statistic_list"])
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		At      int64   `json:"stat_time"`
		Figures figures `json:"statistic"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	for _, r := range rows {
		at, list = append(at, time.Unix(r.At, 0).In(cn)), append(list, r.Figures)
	}
	return at, list
}

// statistic asks for days. A servicer of "corp" is the account with its assistant, "" are its servicers together.
func (b *bench) statistic(account, servicer string, from, to time.Time) answer {
	b.Helper()
	fields := []any{"open_kfid", account, "start_time", from.Unix(), "end_time", to.Unix()}
	if servicer == "corp" {
		return b.post("kf/get_corp_statistic", object(fields...))
	}
	if servicer != "" {
		fields = append(fields, "servicer_userid", servicer)
	}
	return b.post("kf/get_servicer_statistic", object(fields...))
}

// day returns the figures of one day.
func (b *bench) day(account, servicer string, day time.Time) figures {
	b.Helper()
	_, list := days(b, b.statistic(account, servicer, day, day).want(b, 0))
	if len(list) != 1 {
		b.Fatalf("%d entries for a day", len(list))
	}
	return list[0]
}

// at sets the clock to a moment, with a token that is good then.
func (b *bench) at(moment time.Time) {
	b.Helper()
	b.clock.Advance(moment.Sub(b.clock.Now()))
	b.signIn()
}

func TestStatisticDays(t *testing.T) {
	b := demo(t)
	a := b.account("售前咨询台")
	today := firstDay
	at, list := days(t, b.statistic(a, "corp", today.AddDate(0, 0, -31), today.Add(-time.Second)).want(t, 0))
	if len(at) != 31 || !at[0].Equal(today.AddDate(0, 0, -31)) || !at[30].Equal(today.AddDate(0, 0, -1)) {
		t.Errorf("days %v", at)
	}
	for i, f := range list {
		if f == nil {
			t.Errorf("no figures on %s", at[i])
		}
	}
	// Any moment of a day stands for it.
	early, _ := days(t, b.statistic(a, "corp", today.Add(-time.Second), today.AddDate(0, 0, -1)).want(t, 0))
	if len(early) != 1 || !early[0].Equal(today.AddDate(0, 0, -1)) {
		t.Errorf("two moments of a day: %v", early)
	}
	oldest := today.AddDate(0, 0, -180)
	b.statistic(a, "corp", oldest, oldest).want(t, 0)
	b.clean()
	for name, span := range map[string][2]time.Time{
		"32 days":        {today.AddDate(0, 0, -32), today.AddDate(0, 0, -1)},
		"today":          {today.AddDate(0, 0, -1), today},
		"tomorrow":       {today.AddDate(0, 0, 1), today.AddDate(0, 0, 2)},
		"181 days back":  {oldest.Add(-time.Second), oldest},
		"backwards":      {today.AddDate(0, 0, -1), today.AddDate(0, 0, -2)},
		"before the era": {time.Unix(0, 0), time.Unix(0, 0)},
	} {
		for _, who := range []string{"corp", "", "li.na"} {
			b.statistic(a, who, span[0], span[1]).want(t, 40058)
			if v := b.violations(); len(v) != 1 {
				t.Errorf("%s of %q: violations %v", name, who, v)
			}
		}
	}
}

// Yesterday is there from six o'clock, and is yesterday from midnight.
func TestStatisticIsReadyAtSix(t *testing.T) {
	k := newTalk(t)
	k.waiting("wm1", 3)
	next := firstDay.AddDate(0, 0, 1)
	k.at(next.Add(-time.Second))
	k.statistic(k.account, "corp", firstDay, firstDay).want(t, 40058)
	for _, test := range []struct {
		at    time.Duration
		ready bool
	}{{0, false}, {5*time.Hour + 59*time.Minute + 59*time.Second, false}, {6 * time.Hour, true}, {30 * time.Hour, true}} {
		k.at(next.Add(test.at))
		for _, who := range []string{"corp", "", onDuty} {
			at, list := days(t, k.statistic(k.account, who, firstDay.AddDate(0, 0, -1), firstDay).want(t, 0))
			if len(at) != 2 || list[0] == nil && who != onDuty || (list[1] != nil) != test.ready {
				t.Errorf("%s after midnight, %q: %v %v", test.at, who, at, list)
			}
		}
	}
	k.at(next.Add(25 * time.Hour))
	if f := k.day(k.account, "corp", next); f != nil {
		t.Errorf("a day without anything has %v", f)
	}
}

func TestStatisticRefusals(t *testing.T) {
	b := demo(t)
	a, day := b.account("售前咨询台"), firstDay.AddDate(0, 0, -1)
	b.statistic("wkNobody", "corp", day, day).want(t, 95004)
	b.statistic("nobody", "corp", day, day).want(t, 95000)
	b.statistic(a, stranger, day, day).want(t, 60253)
	b.statistic(a, "nobody.at.all", day, day).want(t, 60253)
	for _, who := range []string{onDuty, "LI.NA", stopped, resting, byDep} {
		b.statistic(a, who, day, day).want(t, 0)
	}
	b.statistic(b.account("门店到店预约"), "", day, day).want(t, 0) // not managed by API
	b.clean()
	b.post("kf/servicer/del", object("open_kfid", a, "userid_list", []string{stopped, onDuty})).want(t, 0)
	b.statistic(a, onDuty, day, day).want(t, 0) // still in department 5
	b.post("kf/servicer/del", object("open_kfid", a, "department_id_list", []int{5})).want(t, 0)
	b.statistic(a, onDuty, day, day).want(t, 60253)
	for _, body := range []string{
		object("start_time", day.Unix(), "end_time", day.Unix()), object("open_kfid", a, "end_time", day.Unix()),
		object("open_kfid", a, "start_time", day.Unix()), object("open_kfid", a, "start_time", "yesterday", "end_time", day.Unix()),
		object("open_kfid", a, "start_time", -1, "end_time", day.Unix()),
	} {
		b.post("kf/get_corp_statistic", body).want(t, 40058)
		b.post("kf/get_servicer_statistic", body).want(t, 40058)
	}
	b.violations()
	b.post("kf/get_corp_statistic", object("open_kfid", a, "start_time", day.Unix(), "end_time", day.Unix(), "servicer_userid", onDuty2)).want(t, 0)
	same(t, "violations", b.violations(), []string{"field:servicer_userid"})
}

// Accounts that are managed by API have no figures from before the 11th of March 2022.
func TestStatisticBeforeTheAPI(t *testing.T) {
	c := &clock{now: time.Date(2022, 3, 20, 9, 0, 0, 0, time.UTC)}
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, Now: c.Now})
	for name, want := range map[string]bool{"售前咨询台": false, "门店到店预约": true} {
		a := b.account(name)
		if f := b.day(a, "corp", time.Date(2022, 3, 10, 0, 0, 0, 0, cn)); (f != nil) != want {
			t.Errorf("%s on the 10th: %v", name, f)
		}
		if f := b.day(a, "", time.Date(2022, 3, 11, 0, 0, 0, 0, cn)); f == nil {
			t.Errorf("%s on the 11th: no figures", name)
		}
	}
}

func wantFigures(t testing.TB, what string, got, want figures) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
}

// String lists figures that are not 0, sorted by name.
func (f figures) String() string {
	if f == nil {
		return "none"
	}
	text := ""
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] != 0 {
			text += fmt.Sprintf("%s=%v ", name, f[name])
		}
	}
	return text
}

// corpDay and servicerDay are figures of zero with some that are not.
func corpDay(pairs ...any) figures {
	return filled([]string{"session_cnt", "customer_cnt", "customer_msg_cnt", "upgrade_service_customer_cnt", "ai_session_reply_cnt",
		"msg_rejected_customer_cnt"}, pairs)
}

func servicerDay(pairs ...any) figures {
	return filled([]string{"session_cnt", "customer_cnt", "customer_msg_cnt", "satisfaction_investgate_cnt", "upgrade_service_customer_cnt",
		"upgrade_service_member_invite_cnt", "upgrade_service_member_customer_cnt", "upgrade_service_groupchat_invite_cnt",
		"upgrade_service_groupchat_customer_cnt", "msg_rejected_customer_cnt"}, pairs)
}

func filled(names []string, pairs []any) figures {
	f := figures{}
	for _, name := range names {
		f[name] = 0
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch v := pairs[i+1].(type) {
		case int:
			f[pairs[i].(string)] = float64(v)
		case float64:
			f[pairs[i].(string)] = v
		}
	}
	return f
}
