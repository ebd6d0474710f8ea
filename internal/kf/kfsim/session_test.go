package kfsim_test

import (
	"fmt"
	"testing"
	"time"
)

// Every move of the matrix, from each state to each.
func TestTransitions(t *testing.T) {
	k := newTalk(t)
	allowed := [5][5]int{
		{95016, 0, 0, 0, 0},
		{95016, 0, 0, 0, 0},
		{95016, 95016, 0, 0, 0},
		{95016, 95016, 95016, 0, 0},
		{95013, 95013, 95013, 95013, 95013},
	}
	for from := range allowed {
		for to, want := range allowed[from] {
			id := k.waiting(fmt.Sprintf("wm%d%d", from, to), from)
			servicer := ""
			if to == 3 {
				servicer = onDuty2
			}
			if a := k.trans(id, to, servicer); a.code != want {
				t.Errorf("%d to %d: errcode %d, want %d", from, to, a.code, want)
			}
			left := from
			if want == 0 {
				left = to
			}
			names := map[bool]string{true: onDuty2, false: onDuty}
			want := fmt.Sprint(left, " ")
			if left == 3 {
				want += names[to == 3]
			}
			k.wantState(id, want)
		}
	}
	k.clean()
	for _, e := range k.news() {
		if e.name() == "session_status_change" {
			t.Errorf("a call of the API made an event: %v", e)
		}
	}
}

func TestTransitionArguments(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	other := k.account
	for _, c := range []struct {
		what       string
		pairs      []any
		code       int
		violations []string
	}{
		{"no account", []any{"external_userid", id, "service_state", 2}, 40058, []string{"missing:open_kfid"}},
		{"unknown account", []any{"open_kfid", "wknobody", "external_userid", id, "service_state", 2}, 95004, nil},
		{"no customer", []any{"open_kfid", other, "service_state", 2}, 40058, []string{"missing:external_userid"}},
		{"customer never seen", []any{"open_kfid", other, "external_userid", "wmnobody", "service_state", 2}, 40096, nil},
		{"no state", []any{"open_kfid", other, "external_userid", id}, 40058, []string{"missing:service_state"}},
		{"state 5", []any{"open_kfid", other, "external_userid", id, "service_state", 5}, 40058, []string{"range:service_state"}},
		{"nobody", []any{"open_kfid", other, "external_userid", id, "service_state", 3}, 40058, []string{"missing:servicer_userid"}},
		{"who does not serve", []any{"open_kfid", other, "external_userid", id, "service_state", 3, "servicer_userid", stranger}, 95014, nil},
		{"who left", []any{"open_kfid", other, "external_userid", id, "service_state", 3, "servicer_userid", "nobody"}, 95014, nil},
		{"who stopped", []any{"open_kfid", other, "external_userid", id, "service_state", 3, "servicer_userid", stopped}, 95019, nil},
		{"who rests", []any{"open_kfid", other, "external_userid", id, "service_state", 3, "servicer_userid", resting}, 95019, nil},
		{"person with the pool", []any{"open_kfid", other, "external_userid", id, "service_state", 2, "servicer_userid", onDuty}, 0, []string{"field:servicer_userid"}},
		{"in capitals, by department", []any{"open_kfid", other, "external_userid", id, "service_state", 3, "servicer_userid", "JU.ANRAN"}, 0, nil},
		{"not activated, by department", []any{"open_kfid", other, "external_userid", id, "service_state", 3, "servicer_userid", "zhang.qinghe"}, 95014, nil},
	} {
		if a := k.post("kf/service_state/trans", object(c.pairs...)); a.code != c.code {
			t.Errorf("%s: errcode %d (%s), want %d", c.what, a.code, a.msg, c.code)
		}
		same(t, c.what, k.violations(), c.violations)
	}
	k.wantState(id, "3 "+byDep)
}

func TestNotManaged(t *testing.T) {
	k := newTalk(t)
	k.account = k.bench.account("企业采购专线")
	id := k.enters("wm1")
	k.writes(id, "你好")
	k.sync().want(t, 48007)
	k.sends(id, "").want(t, 48007)
	k.trans(id, 2, "").want(t, 48007)
	k.post("kf/service_state/get", object("open_kfid", k.account, "external_userid", id)).want(t, 48007)
}

// What happens without a call: entering changes nothing, writing begins, silence of 48 hours ends.
func TestSessionByItself(t *testing.T) {
	k := newTalk(t)
	id := k.enters("wm1")
	k.wantState(id, "4 ")
	k.writes(id, "有人吗")
	k.wantState(id, "0 ")
	k.sends(id, "").want(t, 0)
	k.wantState(id, "1 ")
	k.writes(id, "还在吗")
	k.wantState(id, "1 ")
	k.later(48*time.Hour - time.Second)
	k.wantState(id, "1 ")
	k.later(time.Second)
	k.wantState(id, "4 ")
	k.writes(id, "又来了")
	k.wantState(id, "0 ")
	for _, state := range []int{2, 3} {
		one := k.waiting(fmt.Sprintf("wm%d0", state), state)
		k.later(48 * time.Hour)
		k.wantState(one, "4 ")
	}
	k.clean()
}

// A customer has a session with each account.
func TestSessionsApart(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 3)
	k.account = k.bench.account("订单与付款")
	k.post("kf/service_state/get", object("open_kfid", k.account, "external_userid", id)).want(t, 40096)
	k.enters(id)
	k.wantState(id, "4 ")
}

func TestServicersAtWork(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	s, account := k.sim, k.account
	mustNot(t, "pick outside the pool", s.ServicerPicks(account, id, onDuty))
	k.trans(id, 2, "").want(t, 0)
	k.news()
	mustNot(t, "pick by a stranger", s.ServicerPicks(account, id, stranger))
	mustNot(t, "pick by somebody who stopped", s.ServicerPicks(account, id, stopped))
	must(t, s.ServicerPicks(account, id, onDuty))
	k.wantState(id, "3 "+onDuty)
	k.wantChange(1, "", onDuty, true)
	mustNot(t, "transfer by somebody else", s.ServicerTransfers(account, id, onDuty2, byDep))
	mustNot(t, "transfer to oneself", s.ServicerTransfers(account, id, onDuty, onDuty))
	mustNot(t, "transfer to somebody who stopped", s.ServicerTransfers(account, id, onDuty, stopped))
	must(t, s.ServicerTransfers(account, id, onDuty, onDuty2))
	k.wantState(id, "3 "+onDuty2)
	k.wantChange(2, onDuty, onDuty2, false)
	mustNot(t, "end by somebody else", s.ServicerEnds(account, id, onDuty))
	must(t, s.ServicerEnds(account, id, onDuty2))
	k.wantState(id, "4 ")
	k.wantChange(3, onDuty2, "", true)
	mustNot(t, "open again by somebody who never served", s.ServicerReopens(account, id, byDep))
	must(t, s.ServicerReopens(account, id, onDuty))
	k.wantState(id, "3 "+onDuty)
	k.wantChange(4, onDuty2, onDuty, false)
	must(t, s.ServicerTransfers(account, id, "", onDuty2))
	k.news()
	must(t, s.ServicerReopens(account, id, onDuty))
	k.wantChange(4, onDuty2, onDuty, false)
	must(t, s.ServicerEnds(account, id, ""))
	k.later(48 * time.Hour)
	mustNot(t, "open again after 48 hours", s.ServicerReopens(account, id, onDuty))
	k.clean()
}

// wantChange requires that the news are one session_status_change.
func (k *talk) wantChange(kind int, old, fresh string, code bool) {
	k.Helper()
	e := k.one("session_status_change").event()
	text := func(name string) string { v, _ := e[name].(string); return v }
	if e["change_type"] != float64(kind) || text("old_servicer_userid") != old || text("new_servicer_userid") != fresh || (text("msg_code") != "") != code {
		k.Errorf("change %v, want %d from %q to %q, code %t", e, kind, old, fresh, code)
	}
}

// Writing in a session that ended, or was given away, opens it again first.
func TestWritingOpensAgain(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 3)
	must(t, k.sim.ServicerEnds(k.account, id, onDuty))
	k.news()
	if _, err := k.sim.ServicerSends(k.account, id, onDuty2, text("插话")); err == nil {
		t.Error("somebody who never served wrote")
	}
	if _, err := k.sim.ServicerSends(k.account, id, onDuty, text("还有一件事")); err != nil {
		t.Fatal(err)
	}
	list := k.news()
	if fmt.Sprint(names(list)) != "[session_status_change text]" || list[1]["origin"] != 5.0 || list[1]["servicer_userid"] != onDuty {
		t.Errorf("news %v", list)
	}
	k.wantState(id, "3 "+onDuty)
	waiting := k.waiting("wm2", 2)
	if _, err := k.sim.ServicerSends(k.account, waiting, onDuty, text("不先接入")); err == nil {
		t.Error("a servicer wrote to somebody in the pool")
	}
}

// A new conversation forgets who served in the last one.
func TestNewConversation(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 3)
	must(t, k.sim.ServicerEnds(k.account, id, onDuty))
	k.writes(id, "再问一下")
	k.wantState(id, "0 ")
	mustNot(t, "open again", k.sim.ServicerReopens(k.account, id, onDuty))
}

func TestServicerStatus(t *testing.T) {
	k := newTalk(t)
	for _, c := range []struct {
		user, status string
		want         string
	}{
		{onDuty, "stopped", "2 0"}, {onDuty, "suspended", "2 1"}, {onDuty, "serving", "1 <nil>"}, {byDep, "suspended", "2 1"}, {byDep, "serving", "1 <nil>"},
	} {
		must(t, k.sim.ServicerStatus(k.account, c.user, c.status))
		e := k.one("servicer_status_change")
		if got := fmt.Sprint(e.event()["status"], " ", e.event()["stop_type"]); got != c.want || e.event()["servicer_userid"] != c.user || e["external_userid"] != nil {
			t.Errorf("%s %s: %v, want %s", c.user, c.status, e, c.want)
		}
		must(t, k.sim.ServicerStatus(k.account, c.user, c.status))
		if list := k.news(); len(list) != 0 {
			t.Errorf("no change made %v", list)
		}
	}
	must(t, k.sim.ServicerStatus(k.account, byDep, "stopped"))
	k.trans(k.waiting("wm1", 0), 3, byDep).want(t, 95019)
	mustNot(t, "status of a stranger", k.sim.ServicerStatus(k.account, stranger, "stopped"))
	mustNot(t, "unknown status", k.sim.ServicerStatus(k.account, onDuty, "asleep"))
	k.news()
	control[any](k.bench, "POST", "servicer", object("open_kfid", k.account, "userid", onDuty, "status", "suspended"))
	k.one("servicer_status_change")
}
