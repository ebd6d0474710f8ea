package kfsim_test

import (
	"fmt"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

func text(s string) kfsim.Content { return kfsim.TextContent(s) }

const menuMessage = `{"code":%q,"msgtype":"msgmenu","msgmenu":{"head_content":"满意吗","list":[{"type":"click","click":{"id":"yes","content":"满意"}}]}}`

// welcome lets somebody enter and returns the code of the event, empty for none.
func (k *talk) welcome(id string) string {
	k.Helper()
	k.news()
	k.enters(id)
	code, _ := k.one("enter_session").event()["welcome_code"].(string)
	return code
}

func TestWelcomeCode(t *testing.T) {
	k := newTalk(t)
	first, second := k.welcome("wm1"), k.welcome("wm1")
	if first == "" || second == "" || first == second {
		t.Fatalf("codes %q and %q, want a fresh one for each entry", first, second)
	}
	k.says(second).want(t, 0)
	k.says(second).want(t, 41050)
	if code := k.welcome("wm1"); code != "" {
		t.Error("a code although he was welcomed")
	}
	k.says(first).want(t, 0) // within its 20 seconds it still is a code
	k.later(48*time.Hour - time.Second)
	if code := k.welcome("wm1"); code != "" {
		t.Error("a code within 48 hours of the welcome")
	}
	k.later(time.Second)
	if code := k.welcome("wm1"); code == "" {
		t.Error("no code 48 hours after the welcome")
	}
	wrote := k.enters("wm2")
	k.writes(wrote, "你好")
	if code := k.welcome(wrote); code != "" {
		t.Error("a code although he wrote")
	}
	k.later(48 * time.Hour)
	if code := k.welcome(wrote); code == "" {
		t.Error("no code 48 hours after he wrote")
	}
	k.news()
	if _, err := k.sim.CustomerEnters(k.account, "", "", kfsim.CustomerCard{ID: "wm3", NativeWelcome: true}); err != nil {
		t.Fatal(err)
	}
	if code := k.one("enter_session").event()["welcome_code"]; code != nil {
		t.Error("a code although WeCom greets")
	}
	k.clean()
}

// Lives of codes: to the second.
func TestCodeLife(t *testing.T) {
	k := newTalk(t)
	ending := func(id string) any { return k.trans(k.waiting(id, 3), 4, "").want(t, 0).fields["msg_code"] }
	queue := func(id string) any { return k.trans(k.waiting(id, 0), 2, "").want(t, 0).fields["msg_code"] }
	for name, c := range map[string]struct {
		get  func(string) any
		life time.Duration
	}{
		"welcome": {func(id string) any { return k.welcome(id) }, 20 * time.Second},
		"ending":  {ending, 20 * time.Second},
		"queue":   {queue, 48 * time.Hour},
	} {
		good, late := c.get("wmgood"+name), c.get("wmlate"+name)
		// The queue ends with the session, 48 hours after the last message: so it is kept alive.
		k.writes("wmgood"+name, "在")
		k.writes("wmlate"+name, "在")
		if name == "ending" {
			good, late = ending("wmgood2"), ending("wmlate2")
		}
		k.later(c.life - time.Second)
		k.says(good).want(t, 0)
		if name == "queue" {
			k.writes("wmlatequeue", "在")
		}
		k.later(time.Second)
		k.says(late).want(t, 41050)
	}
	k.says("Cnever-given").want(t, 41050)
	k.says("").want(t, 40058)
}

// A code of trans comes the first time only, an ending code every time.
func TestFirstTimeCodes(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	hasCode := func(to int, servicer string, want bool) {
		t.Helper()
		if code := k.trans(id, to, servicer).want(t, 0).fields["msg_code"]; (code != nil) != want {
			t.Errorf("move to %d: code %v, want one %t", to, code, want)
		}
	}
	hasCode(1, "", false)
	hasCode(2, "", true)
	hasCode(2, "", false)
	hasCode(3, onDuty, true)
	hasCode(3, onDuty2, false)
	hasCode(4, "", true)
	k.news()
	must(t, k.sim.ServicerReopens(k.account, id, onDuty2))
	k.wantChange(4, onDuty2, onDuty2, false)
	hasCode(4, "", true)
	k.writes(id, "新的问题")
	hasCode(2, "", true)
	k.news()
	must(t, k.sim.ServicerPicks(k.account, id, onDuty))
	k.wantChange(1, "", onDuty, true)
}

// Except for the welcome, the session must still be in the state the code was got in.
func TestCodeNeedsItsState(t *testing.T) {
	k := newTalk(t)
	queue := k.waiting("wm1", 0)
	code := k.trans(queue, 2, "").want(t, 0).fields["msg_code"]
	must(t, k.sim.ServicerPicks(k.account, queue, onDuty))
	k.says(code).want(t, 95018)
	picked := k.waiting("wm2", 0)
	code = k.trans(picked, 3, onDuty).want(t, 0).fields["msg_code"]
	must(t, k.sim.ServicerTransfers(k.account, picked, onDuty, onDuty2))
	k.says(code).want(t, 0)
	ended := k.waiting("wm3", 3)
	code = k.trans(ended, 4, "").want(t, 0).fields["msg_code"]
	k.writes(ended, "等等")
	k.says(code).want(t, 95018)
	welcomed := k.welcome("wm4")
	k.writes("wm4", "你好")
	k.says(welcomed).want(t, 0)
	ended = k.waiting("wm5", 3)
	code = k.trans(ended, 4, "").want(t, 0).fields["msg_code"]
	must(t, k.sim.ServicerReopens(k.account, ended, onDuty))
	must(t, k.sim.ServicerEnds(k.account, ended, onDuty))
	k.says(code).want(t, 95018) // ended again is another end
}

// Texts with every code, menus with welcome and ending only.
func TestCodedTypes(t *testing.T) {
	k := newTalk(t)
	k.post("kf/send_msg_on_event", fmt.Sprintf(menuMessage, k.welcome("wm1"))).want(t, 0)
	code := k.trans(k.waiting("wm2", 3), 4, "").want(t, 0).fields["msg_code"]
	k.post("kf/send_msg_on_event", fmt.Sprintf(menuMessage, code)).want(t, 0)
	k.clean()
	for id, to := range map[string]int{"wm3": 2, "wm4": 3} {
		code = k.trans(k.waiting(id, 0), to, map[int]string{3: onDuty}[to]).want(t, 0).fields["msg_code"]
		k.post("kf/send_msg_on_event", fmt.Sprintf(menuMessage, code)).want(t, 40008)
		same(t, "violations", k.violations(), []string{"range:msgtype"})
		k.says(code).want(t, 0) // the refusal has not used it up
	}
	k.post("kf/send_msg_on_event", object("code", k.welcome("wm5"), "msgtype", "image", "image", map[string]any{"media_id": "3"})).want(t, 40008)
}

// A coded message does not count toward the five, and reaches the customer.
func TestCodedMessagesAreFree(t *testing.T) {
	k := newTalk(t)
	code := k.welcome("wm1")
	k.post("kf/send_msg_on_event", object("code", code, "msgid", "wel-1", "msgtype", "text", "text", map[string]any{"content": "欢迎"})).want(t, 0)
	k.writes("wm1", "你好")
	for range 5 {
		k.sends("wm1", "").want(t, 0)
	}
	chat, err := k.sim.Chat(k.account, "wm1")
	if err != nil || chat.Messages[1].ID != "wel-1" || chat.Messages[1].From != "coded" || chat.Messages[1].Text != "欢迎" {
		t.Errorf("%v %+v", err, chat.Messages)
	}
}
