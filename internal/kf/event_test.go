package kf_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"kfconsole/internal/kf"
)

func TestParseMessageEvents(t *testing.T) {
	const customer = `,"external_userid":"wm1"`
	for _, test := range []struct {
		kind, fields string
		want         any
	}{
		{"enter_session", customer + `,"scene":"door","scene_param":"a%3D1","welcome_code":"C1"`, kf.EnterSession{Scene: "door", SceneParam: "a%3D1", WelcomeCode: "C1"}},
		{"enter_session", customer, kf.EnterSession{}},
		{"enter_session", customer + `,"scene":123,"wechat_channels":{"nickname":"n","scene":1}`,
			kf.EnterSession{Scene: "123", Channels: &kf.WeChatChannels{Nickname: "n", Scene: kf.ChannelsHome}}},
		{"enter_session", customer + `,"wechat_channels":{"shop_nickname":"s","scene":"5"}`,
			kf.EnterSession{Channels: &kf.WeChatChannels{ShopNickname: "s", Scene: kf.ChannelsShopOrder}}},
		{"enter_session", customer + `,"wechat_channels":[]`, kf.EnterSession{}},
		{"enter_session", customer + `,"wechat_channels":null`, kf.EnterSession{}},
		{"msg_send_fail", customer + `,"fail_msgid":"out1","fail_type":13`, kf.SendFailed{Message: "out1", Type: 13}},
		{"servicer_status_change", `,"servicer_userid":"li.na","status":1`, kf.ServicerChange{Servicer: "li.na", Status: kf.ChangeServing}},
		{"servicer_status_change", `,"servicer_userid":"li.na","status":2,"stop_type":1`, kf.ServicerChange{Servicer: "li.na", Status: kf.ChangeStopped, StopType: 1}},
		{"session_status_change", customer + `,"change_type":1,"new_servicer_userid":"li.na","msg_code":"C1"`, kf.SessionChange{Type: kf.SessionPicked, New: "li.na", Code: "C1"}},
		{"session_status_change", customer + `,"change_type":2,"old_servicer_userid":"a","new_servicer_userid":"b"`, kf.SessionChange{Type: kf.SessionTransferred, Old: "a", New: "b"}},
		{"session_status_change", customer + `,"change_type":3,"old_servicer_userid":"a","msg_code":"C2"`, kf.SessionChange{Type: kf.SessionEnded, Old: "a", Code: "C2"}},
		{"session_status_change", customer + `,"change_type":4,"old_servicer_userid":"a","new_servicer_userid":"a"`, kf.SessionChange{Type: kf.SessionReopened, Old: "a", New: "a"}},
		{"user_recall_msg", customer + `,"recall_msgid":"m0"`, kf.Recalled{Message: "m0"}},
		{"servicer_recall_msg", customer + `,"recall_msgid":"m0","servicer_userid":"li.na"`, kf.Recalled{Message: "m0", ByServicer: true, Servicer: "li.na"}},
		{"reject_customer_msg_switch_change", customer + `,"servicer_userid":"li.na","reject_switch":1`, kf.RejectSwitch{Servicer: "li.na", On: true}},
		{"reject_customer_msg_switch_change", customer + `,"servicer_userid":"li.na","reject_switch":0`, kf.RejectSwitch{Servicer: "li.na"}},
		{"moon_landing", customer + `,"crew":3`, kf.UnknownEvent{Type: "moon_landing"}},
	} {
		m := kf.ParseMessage([]byte(inboundEvent(test.kind, test.fields)))
		if m.Kind != kf.KindEvent || m.Account != "wk1" || m.Origin != kf.OriginSystem || !reflect.DeepEqual(m.Content, test.want) {
			t.Errorf("%s\n got %+v\nwant %+v", m.Raw, m, test.want)
		}
		if m.EventType() != test.kind {
			t.Errorf("%s: type %q", m.Raw, m.EventType())
		}
		if hasCustomer := bytes.Contains(m.Raw, []byte("wm1")); hasCustomer != (m.Customer == "wm1") {
			t.Errorf("%s: customer %q", m.Raw, m.Customer)
		}
	}
	if m := kf.ParseMessage([]byte(inbound("text", `{"content":"a"}`))); m.EventType() != "" {
		t.Errorf("a text is an event of type %q", m.EventType())
	}
	if m := kf.ParseMessage([]byte(inbound("event", `{}`))); m.Kind != kf.KindEvent || m.Content != (kf.UnknownEvent{}) || m.Account != "wk1" {
		t.Errorf("an event without a type: %+v", m)
	}
}

func TestWithoutCodes(t *testing.T) {
	for raw, want := range map[string]string{
		inboundEvent("enter_session", `,"scene":"<a&b>","welcome_code":"SECRET1"`):     inboundEvent("enter_session", `,"scene":"<a&b>"`),
		inboundEvent("session_status_change", `,"change_type":3,"msg_code":"SECRET1"`): inboundEvent("session_status_change", `,"change_type":3`),
		inboundEvent("enter_session", `,"Welcome\u005fCode":"SECRET1"`):                inboundEvent("enter_session", ``),
		inboundEvent("x", `,"a":[{"msg_code":"SECRET1","n":12345678901234567890.5}]`):  inboundEvent("x", `,"a":[{"n":12345678901234567890.5}]`),
		inbound("text", `{"content":"welcome_code 1"}`):                                inbound("text", `{"content":"welcome_code 1"}`),
		inbound("text", `{"content":"\u4f60"}`):                                        inbound("text", `{"content":"\u4f60"}`),
		`7`:                                                                            `7`,
		`{"msg_code"`:                                                                  `"{\"msg_code\""`,
	} {
		got := kf.WithoutCodes([]byte(raw))
		if bytes.Contains(got, []byte("SECRET")) || !sameJSON(t, got, []byte(want)) {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
		if !bytes.Contains([]byte(raw), []byte("SECRET")) && string(got) != want {
			t.Errorf("%s: changed into %s", raw, got)
		}
		if bytes.Contains(got, []byte(`\u003c`)) {
			t.Errorf("%s: escaped", got)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var v, w any
	for b, into := range map[*[]byte]*any{&a: &v, &b: &w} {
		dec := json.NewDecoder(bytes.NewReader(*b))
		dec.UseNumber()
		if err := dec.Decode(into); err != nil {
			t.Fatalf("%v in %s", err, *b)
		}
	}
	return reflect.DeepEqual(v, w)
}
