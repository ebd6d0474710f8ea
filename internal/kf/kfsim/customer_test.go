package kfsim_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

func (k *talk) customers(context int, ids ...string) answer {
	k.Helper()
	ids = append([]string{}, ids...) // none is an empty list
	return k.post("kf/customer/batchget", object("external_userid_list", ids, "need_enter_session_context", context))
}

func TestCustomers(t *testing.T) {
	k := newTalk(t)
	id, err := k.sim.CustomerEnters(k.account, "poster", "desk%3D2", kfsim.CustomerCard{
		Name: "云上的猫", Gender: 2, UnionID: "o123", Channels: &kfsim.ChannelsCard{Nickname: "云杉", Scene: 1},
	})
	must(t, err)
	a := k.customers(1, id, "wmgone").want(t, 0)
	row := a.fields["customer_list"].([]any)[0].(map[string]any)
	if row["external_userid"] != id || row["nickname"] != "云上的猫" || row["gender"] != 2.0 || row["unionid"] != "o123" ||
		fmt.Sprint(row["enter_session_context"]) != "map[scene:poster scene_param:desk%3D2 wechat_channels:map[nickname:云杉 scene:1]]" {
		t.Errorf("customer %v", row)
	}
	if fmt.Sprint(a.fields["invalid_external_userid"]) != "[wmgone]" {
		t.Errorf("invalid %v", a.fields["invalid_external_userid"])
	}
	picture := fetch(t, row["avatar"].(string))
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		t.Errorf("avatar: %v", err)
	}
	if row := k.customers(0, id).fields["customer_list"].([]any)[0].(map[string]any); row["enter_session_context"] != nil {
		t.Errorf("context was not asked for: %v", row)
	}
	k.later(47 * time.Hour)
	k.writes(id, "在吗")
	k.later(time.Hour)
	row = k.customers(1, id).fields["customer_list"].([]any)[0].(map[string]any)
	if row["enter_session_context"] != nil {
		t.Errorf("context of an entry 48 hours ago: %v", row)
	}
	k.later(47*time.Hour - time.Second)
	if n := len(k.customers(0, id).fields["customer_list"].([]any)); n != 1 {
		t.Error("gone before 48 hours")
	}
	k.later(time.Second)
	if n := len(k.customers(0, id).fields["customer_list"].([]any)); n != 0 {
		t.Error("still there after 48 hours")
	}
	k.clean()
}

func TestCustomerArguments(t *testing.T) {
	k := newTalk(t)
	k.post("kf/customer/batchget", `{}`).want(t, 40058)
	k.customers(0, []string{}...).want(t, 40058)
	k.customers(0, make([]string, 101)...).want(t, 40058)
	k.customers(2, "wm1").want(t, 40058)
	same(t, "violations", k.violations(), []string{
		"missing:external_userid_list", "missing:external_userid_list", "too_many:external_userid_list", "range:need_enter_session_context",
	})
	k.customers(0, make([]string, 100)...).want(t, 0)
}

func TestCustomerEnters(t *testing.T) {
	k := newTalk(t)
	for what, c := range map[string]struct{ account, scene, param, id string }{
		"unknown account": {"wknobody", "", "", ""}, "long scene": {k.account, strings.Repeat("x", 33), "", ""}, "bad scene": {k.account, "a b", "", ""},
		"param without scene": {k.account, "", "x", ""}, "long param": {k.account, "a", strings.Repeat("x", 129), ""}, "raw param": {k.account, "a", "100%", ""},
		"bad id": {k.account, "", "", "customer"},
	} {
		if _, err := k.sim.CustomerEnters(c.account, c.scene, c.param, kfsim.CustomerCard{ID: c.id}); err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
	if list := k.news(); len(list) != 0 {
		t.Errorf("refused entries made %v", list)
	}
	one, other := k.enters(""), k.enters("")
	if one == other || !strings.HasPrefix(one, "wm") || k.enters(one) != one {
		t.Errorf("customers %s and %s", one, other)
	}
	if _, err := k.sim.CustomerSends(k.account, "wmstranger", text("你好")); err == nil {
		t.Error("somebody wrote who never came")
	}
}

func TestUpgradeService(t *testing.T) {
	k := newTalk(t)
	a := k.get("kf/customer/get_upgrade_service_config").want(t, 0)
	members, _ := a.fields["member_range"].(map[string]any)
	if fmt.Sprint(members) != "map[department_id_list:[7] userid_list:[li.na ta.qingxian]]" {
		t.Errorf("members %v: the accountants are out of sight", members)
	}
	groups, _ := a.fields["groupchat_range"].(map[string]any)
	chats, _ := groups["chat_id_list"].([]any)
	if len(chats) != 2 {
		t.Fatalf("groups %v", groups)
	}
	id := k.enters("wm1")
	for _, c := range []struct {
		what, rest string
		code       int
		violations []string
	}{
		{"member", `"type":1,"member":{"userid":"li.na","wording":"专属顾问"}`, 0, nil},
		{"member by department", `"type":1,"member":{"userid":"ping.xiaoguo"}`, 0, nil},
		{"group", fmt.Sprintf(`"type":2,"groupchat":{"chat_id":%q}`, chats[0]), 0, nil},
		{"member not configured", `"type":1,"member":{"userid":"wang_wei"}`, 95021, nil},
		{"member out of sight", `"type":1,"member":{"userid":"suan.panzhu"}`, 95021, nil},
		{"unknown group", `"type":2,"groupchat":{"chat_id":"wr1"}`, 95021, nil},
		{"no member", `"type":1`, 40058, []string{"missing:member"}},
		{"no userid", `"type":1,"member":{}`, 40058, []string{"missing:member.userid"}},
		{"no type", `"member":{"userid":"li.na"}`, 40058, []string{"missing:type"}},
		{"both", fmt.Sprintf(`"type":1,"member":{"userid":"li.na"},"groupchat":{"chat_id":%q}`, chats[0]), 0, []string{"field:groupchat"}},
	} {
		a := k.post("kf/customer/upgrade_service", fmt.Sprintf(`{"open_kfid":%q,"external_userid":%q,%s}`, k.account, id, c.rest))
		if a.code != c.code {
			t.Errorf("%s: errcode %d (%s), want %d", c.what, a.code, a.msg, c.code)
		}
		same(t, c.what, k.violations(), c.violations)
	}
	both := object("open_kfid", k.account, "external_userid", id)
	k.post("kf/customer/cancel_upgrade_service", both).want(t, 0)
	k.post("kf/customer/cancel_upgrade_service", object("open_kfid", k.account, "external_userid", "wmnobody")).want(t, 40096)
	k.later(48 * time.Hour)
	k.post("kf/customer/cancel_upgrade_service", both).want(t, 95031)
}

// The links of a simulator with an address open in a browser.
func TestLinkOpensHere(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, BaseURL: "http://sim.example:81/"})
	url := b.post("kf/add_contact_way", object("open_kfid", b.account("售前咨询台"), "scene", "door")).want(t, 0).fields["url"].(string)
	if !strings.HasPrefix(url, "http://sim.example:81/kf/kfc") || !strings.Contains(url, "?enc_scene=ENC") {
		t.Errorf("url %s", url)
	}
}

// What the pages show: chat, sessions and pool over HTTP.
func TestChatViews(t *testing.T) {
	k := newTalk(t)
	first := k.waiting("wm1", 2)
	k.clock.Advance(time.Minute)
	second := k.waiting("wm2", 2)
	k.clock.Advance(time.Minute)
	third := k.waiting("wm3", 3)
	mine := k.writes(third, "写错了")
	must(t, k.sim.CustomerRecalls(k.account, third, mine))
	var ids []string
	for _, v := range control[[]kfsim.SessionView](k.bench, "GET", "pool?account="+k.account, "") {
		ids = append(ids, v.Customer)
	}
	if fmt.Sprint(ids) != fmt.Sprint([]string{first, second}) {
		t.Errorf("pool %v", ids)
	}
	all := control[[]kfsim.SessionView](k.bench, "GET", "sessions", "")
	if len(all) != 3 || all[0].Customer != third || all[0].Servicer != onDuty || all[0].AccountName != "售前咨询台" || all[0].Last.Text != "写错了" {
		t.Errorf("sessions %+v", all)
	}
	if n := len(k.sim.Sessions(k.bench.account("订单与付款"))); n != 0 {
		t.Errorf("%d sessions of another account", n)
	}
	chat := control[kfsim.Chat](k.bench, "GET", "chat?account="+k.account+"&customer="+third, "")
	last := chat.Messages[2]
	if len(chat.Messages) != 4 || !last.Recalled || last.From != "customer" || chat.State != 3 {
		t.Errorf("chat %+v", chat)
	}
	if status, _ := k.controlRaw("GET", "chat?account="+k.account+"&customer=wmnobody", ""); status != http.StatusBadRequest {
		t.Errorf("unknown chat: status %d", status)
	}
}

// Everything people do works over the control API as well.
func TestTalkControls(t *testing.T) {
	k := newTalk(t)
	with := func(pairs ...any) string {
		return object(append([]any{"account", k.account, "customer", "wm1"}, pairs...)...)
	}
	do := func(path, body string) string {
		t.Helper()
		id, _ := control[map[string]any](k.bench, "POST", path, body)["msgid"].(string)
		return id
	}
	do("customer/enter", object("account", k.account, "scene", "a", "scene_param", "b", "customer", map[string]any{"external_userid": "wm1", "name": "甲"}))
	said := do("customer/send", with("text", "你好"))
	do("customer/send", with("type", "image", "fields", map[string]any{"data": "iVBORw0KGgo="}))
	do("customer/recall", with("msgid", said))
	k.trans("wm1", 2, "").want(t, 0)
	do("desk/pick", with("userid", onDuty))
	answer := do("desk/send", with("userid", onDuty, "text", "您好"))
	do("desk/recall", with("userid", onDuty, "msgid", answer))
	menu := do("desk/send", with("userid", onDuty, "type", "msgmenu", "fields", map[string]any{"list": []any{
		map[string]any{"type": "click", "click": map[string]any{"id": "y", "content": "好"}},
	}}))
	do("customer/click", with("msgid", menu, "item", "y"))
	do("desk/transfer", with("userid", onDuty, "to", onDuty2))
	do("desk/end", with("userid", onDuty2))
	do("desk/reopen", with("userid", onDuty))
	do("desk/reject", with("userid", onDuty, "on", true))
	do("desk/reject", with("userid", onDuty, "on", false))
	do("desk/end", with())
	do("desk/status", object("account", k.account, "userid", onDuty, "status", "stopped"))
	do("customer/send", with("text", "再问"))
	do("customer/refuse", with("on", true))
	k.sends("wm1", "out-1").want(t, 0)
	do("fail", object("account", k.account, "next", 1, "type", 5))
	k.sends("wm1", "out-2").want(t, 0)
	do("fail", object("hold", true))
	k.sends("wm1", "out-3").want(t, 0)
	do("fail", object("account", k.account, "msgid", "out-3", "type", 11))
	do("inject", object("account", k.account, "entry", map[string]any{"msgtype": "x"}))
	do("auth_change", object("added", []string{"wk1"}))
	want := []string{
		"enter_session", "text", "image", "user_recall_msg", "session_status_change", "text", "servicer_recall_msg", "msgmenu", "text",
		"session_status_change", "session_status_change", "session_status_change", "reject_customer_msg_switch_change",
		"reject_customer_msg_switch_change", "session_status_change", "servicer_status_change", "text", "msg_send_fail", "msg_send_fail", "msg_send_fail", "x",
	}
	if got := names(k.news()); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("news\n%v, want\n%v", got, want)
	}
	for path, body := range map[string]string{
		"customer/send": with("type", "text"), "customer/enter": `{"account":"wknobody"}`, "desk/pick": with("userid", "nobody"), "fail": `{"next":1,"type":3}`,
		"inject": `{"account":"wknobody","entry":{}}`, "traffic": `{"over":"soon"}`, "callbacks": `{"delay":"soon"}`, "desk/status": `{}`, "customer/recall": `{"other":1}`,
	} {
		if status, _ := k.controlRaw("POST", path, body); status != http.StatusBadRequest {
			t.Errorf("%s %s: status %d", path, body, status)
		}
	}
}
