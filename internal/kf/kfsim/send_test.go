package kfsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSendRules(t *testing.T) {
	k := newTalk(t)
	entered := k.enters("wm1")
	k.sends(entered, "").want(t, 95018)
	k.sends("wmnobody", "").want(t, 40096)
	for state, code := range map[int]int{0: 0, 1: 0, 2: 95018, 3: 95018, 4: 95018} {
		k.sends(k.waiting(fmt.Sprintf("wm-state%d", state), state), "").want(t, code)
	}
	id := k.waiting("wm2", 0)
	for range 5 {
		k.sends(id, "").want(t, 0)
	}
	k.sends(id, "").want(t, 95001)
	k.writes(id, "嗯")
	for range 5 {
		k.sends(id, "").want(t, 0)
	}
	k.sends(id, "").want(t, 95001)
	k.later(48*time.Hour - time.Second)
	k.writes(id, "嗯")
	k.later(48*time.Hour - time.Second)
	k.sends(id, "").want(t, 0)
	k.later(time.Second)
	k.sends(id, "").want(t, 95002)
	k.clean()
}

// An id of ours is taken once per account, also by a coded message, and a repeat says so whatever has changed meanwhile.
func TestSendMessageID(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	if got := k.sends(id, "out-1").want(t, 0).fields["msgid"]; got != "out-1" {
		t.Errorf("msgid %v", got)
	}
	if got, _ := k.sends(id, "").want(t, 0).fields["msgid"].(string); got == "" || got == "out-1" {
		t.Errorf("made msgid %q", got)
	}
	k.sends(id, "out-1").want(t, 40035)
	k.trans(id, 4, "").want(t, 0)
	k.sends(id, "out-1").want(t, 40035)
	k.sends(id, "refused").want(t, 95018)
	k.writes(id, "嗯")
	k.sends(id, "refused").want(t, 0) // what was refused was never sent
	k.post("kf/send_msg_on_event", object("code", k.welcome("wm2"), "msgid", "out-1", "msgtype", "text", "text", map[string]any{"content": "a"})).want(t, 40035)
	k.clean()
	k.sends(id, strings.Repeat("x", 33)).want(t, 40058)
	k.sends(id, "no spaces").want(t, 40058)
	same(t, "violations", k.violations(), []string{"too_long:msgid", "range:msgid"})
	other := k.account
	k.account = k.bench.account("订单与付款")
	k.sends(k.waiting("wm1", 0), "out-1").want(t, 0)
	k.account = other
}

// What we send never comes back through sync_msg, and is on the customer's phone.
func TestSendsStayOut(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	k.sends(id, "out-1").want(t, 0)
	same(t, "news", names(k.news()), []string{"enter_session", "text"})
	chat, err := k.sim.Chat(k.account, id)
	if err != nil || len(chat.Messages) != 3 || chat.Messages[2].ID != "out-1" || chat.Messages[2].From != "api" {
		t.Errorf("%v %+v", err, chat.Messages)
	}
	if truth := k.sim.Truth(); len(truth.Accounts) != 1 || !slices.Equal(truth.Accounts[0].Sent, []string{"out-1"}) || len(truth.Accounts[0].MsgIDs) != 2 {
		t.Errorf("truth %+v", truth)
	}
}

func TestSendFails(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	wantFail := func(msgid string, kind int) {
		t.Helper()
		e := k.one("msg_send_fail").event()
		if e["fail_msgid"] != msgid || e["fail_type"] != float64(kind) || e["external_userid"] != id {
			t.Errorf("%v, want %s failed with %d", e, msgid, kind)
		}
	}
	k.sends(id, "out-1").want(t, 0)
	k.news()
	must(t, k.sim.FailSend(k.account, "out-1", 13))
	wantFail("out-1", 13)
	mustNot(t, "fail twice", k.sim.FailSend(k.account, "out-1", 13))
	mustNot(t, "fail what was never sent", k.sim.FailSend(k.account, "out-9", 13))
	mustNot(t, "fail with an unknown type", k.sim.FailSend(k.account, "out-1", 3))
	must(t, k.sim.FailNextSends("", 1, 8))
	k.sends(id, "out-2").want(t, 0)
	wantFail("out-2", 8)
	must(t, k.sim.CustomerRefuses(k.account, id, true))
	k.sends(id, "out-3").want(t, 0)
	wantFail("out-3", 10)
	must(t, k.sim.CustomerRefuses(k.account, id, false))
	k.sends(id, "out-4").want(t, 0)
	if list := k.news(); len(list) != 0 {
		t.Errorf("news %v, want none", list)
	}
}

// A rule may be broken between acceptance and delivery.
func TestSendBreaksOnTheWay(t *testing.T) {
	k := newTalk(t)
	good, closed, refused, expired := k.waiting("wm1", 0), k.waiting("wm2", 0), k.waiting("wm3", 0), k.waiting("wm4", 0)
	k.later(time.Hour)
	for _, id := range []string{good, closed, refused} {
		k.writes(id, "嗯")
	}
	k.sim.HoldSends(true)
	for _, id := range []string{good, closed, refused, expired} {
		k.sends(id, "out-"+id).want(t, 0)
	}
	k.trans(closed, 4, "").want(t, 0)
	must(t, k.sim.CustomerRefuses(k.account, refused, true))
	k.later(47 * time.Hour)
	k.news()
	k.sim.HoldSends(false)
	var got []string
	for _, e := range k.news() {
		got = append(got, fmt.Sprint(e.name(), " ", e.event()["fail_msgid"], " ", e.event()["fail_type"]))
	}
	same(t, "failures", got, []string{"msg_send_fail out-wm2 5", "msg_send_fail out-wm3 10", "msg_send_fail out-wm4 4"})
}

func TestSendTypes(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	image := k.file("image", "a.png", pngOf(t, 1))
	voice := k.file("voice", "a.amr", []byte("#!AMR\n012345"))
	video := k.file("video", "a.mp4", []byte("\x00\x00\x00\x18ftypisom0123"))
	pdf := k.file("file", "报价.pdf", []byte("%PDF-1.4 whatever"))
	try := func(what, kind, payload string, code int, violations ...string) {
		t.Helper()
		k.writes(id, "嗯")
		body := fmt.Sprintf(`{"touser":%q,"open_kfid":%q,"msgtype":%q,%q:%s}`, id, k.account, kind, kind, payload)
		if a := k.post("kf/send_msg", body); a.code != code {
			t.Errorf("%s: errcode %d (%s), want %d", what, a.code, a.msg, code)
		}
		same(t, what, k.violations(), violations)
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	try("text", "text", `{"content":"`+long(2048)+`"}`, 0)
	try("long text", "text", `{"content":"`+strings.Repeat("中", 682)+`中"}`, 45002, "too_long:text.content")
	try("empty text", "text", `{"content":" "}`, 44004, "missing:text.content")
	try("image", "image", `{"media_id":"`+image+`"}`, 0)
	try("voice", "voice", `{"media_id":"`+voice+`"}`, 0)
	try("video", "video", `{"media_id":"`+video+`"}`, 0)
	try("file", "file", `{"media_id":"`+pdf+`"}`, 0)
	try("wrong media", "image", `{"media_id":"`+pdf+`"}`, 40007)
	try("unknown media", "image", `{"media_id":"3unknown"}`, 40007)
	try("no media", "image", `{}`, 41006, "missing:image.media_id")
	try("link", "link", `{"title":"a","url":"https://example.com","thumb_media_id":"`+image+`","desc":"b"}`, 0)
	try("long title", "link", `{"title":"`+long(129)+`","url":"https://example.com","thumb_media_id":"`+image+`"}`, 0, "too_long:link.title")
	try("link without scheme", "link", `{"title":"a","url":"example.com","thumb_media_id":"`+image+`"}`, 45034, "range:link.url")
	try("long url", "link", `{"title":"a","url":"https://`+long(2041)+`","thumb_media_id":"`+image+`"}`, 40039, "too_long:link.url")
	try("link without thumb", "link", `{"title":"a","url":"https://example.com"}`, 41006, "missing:link.thumb_media_id")
	try("mini program", "miniprogram", `{"title":"a","appid":"wx1","pagepath":"p.html","thumb_media_id":"`+image+`"}`, 0)
	try("mini program without page", "miniprogram", `{"appid":"wx1","thumb_media_id":"`+image+`"}`, 40058, "missing:miniprogram.pagepath")
	try("location", "location", `{"latitude":30.5,"longitude":-114,"name":"a","address":"b"}`, 0)
	try("latitude", "location", `{"latitude":90.1,"longitude":0}`, 40058, "range:location.latitude")
	try("latitude as text", "location", `{"latitude":"30","longitude":0}`, 40058, "type:location.latitude")
	try("customer acquisition", "ca_link", `{"link_url":"https://work.weixin.qq.com/ca/abc"}`, 0)
	try("another link", "ca_link", `{"link_url":"https://example.com"}`, 40058, "range:ca_link.link_url")
	try("unknown field", "text", `{"content":"a","contents":"b"}`, 0, "field:text.contents")
	try("no object", "text", `"a"`, 40058, "type:text")
	try("receive only", "business_card", `{"userid":"a"}`, 40008, "range:msgtype")
}

func TestSendMenus(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	click := `{"type":"click","click":{"id":"a","content":"b"}}`
	line := `{"type":"text","text":{"content":"b","no_newline":1}}`
	times := func(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	for _, c := range []struct {
		what, menu string
		code       int
		violations []string
	}{
		{"all kinds", `{"head_content":"h","tail_content":"t","list":[` + click + `,` + line + `,{"type":"view","view":{"url":"https://example.com","content":"c"}},
			{"type":"miniprogram","miniprogram":{"appid":"wx1","pagepath":"p.html","content":"c"}}]}`, 0, nil},
		{"ten", `{"list":[` + times(click, 10) + `]}`, 0, nil},
		{"eleven", `{"list":[` + times(click, 11) + `]}`, 95008, []string{"too_many:msgmenu.list"}},
		{"ten and lines", `{"list":[` + times(click, 10) + `,` + times(line, 40) + `]}`, 0, []string{"too_many:msgmenu.list"}},
		{"fifty-one", `{"list":[` + times(line, 51) + `]}`, 95008, []string{"too_many:msgmenu.list"}},
		{"unknown type", `{"list":[{"type":"tap","tap":{}}]}`, 95009, []string{"range:msgmenu.list[0].type", "field:msgmenu.list[0].tap"}},
		{"long item", `{"list":[{"type":"click","click":{"content":"` + strings.Repeat("x", 129) + `"}}]}`, 40058, []string{"too_long:msgmenu.list[0].click.content"}},
		{"long head", `{"head_content":"` + strings.Repeat("x", 1025) + `"}`, 40058, []string{"too_long:msgmenu.head_content"}},
		{"nothing", `{}`, 40058, []string{"missing:msgmenu.list"}},
		{"list of numbers", `{"list":[1]}`, 40058, []string{"type:msgmenu.list[0]"}},
	} {
		k.writes(id, "嗯")
		a := k.post("kf/send_msg", fmt.Sprintf(`{"touser":%q,"open_kfid":%q,"msgtype":"msgmenu","msgmenu":%s}`, id, k.account, c.menu))
		if a.code != c.code {
			t.Errorf("%s: errcode %d (%s), want %d", c.what, a.code, a.msg, c.code)
		}
		same(t, c.what, k.violations(), c.violations)
	}
	code := k.welcome("wm2")
	k.post("kf/send_msg_on_event", fmt.Sprintf(`{"code":%q,"msgtype":"msgmenu","msgmenu":{"list":[%s]}}`, code, times(line, 11))).want(t, 95008)
}

// A tap makes the customer write the text of the item, which gives five messages back.
func TestMenuClick(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 0)
	menu := k.post("kf/send_msg", fmt.Sprintf(`{"touser":%q,"open_kfid":%q,"msgtype":"msgmenu","msgmenu":{"list":[
		{"type":"click","click":{"id":"yes","content":"满意"}}]}}`, id, k.account)).want(t, 0).fields["msgid"].(string)
	for range 4 {
		k.sends(id, "").want(t, 0)
	}
	k.sends(id, "").want(t, 95001)
	k.news()
	answer, err := k.sim.CustomerClicksMenu(k.account, id, menu, "yes")
	must(t, err)
	e := k.one("text")
	said, _ := e["text"].(map[string]any)
	if e.id() != answer || said["content"] != "满意" || said["menu_id"] != "yes" || e["origin"] != 3.0 {
		t.Errorf("entry %v", e)
	}
	k.sends(id, "").want(t, 0)
	_, err = k.sim.CustomerClicksMenu(k.account, id, menu, "no")
	mustNot(t, "an item that is not there", err)
	_, err = k.sim.CustomerClicksMenu(k.account, id, answer, "yes")
	mustNot(t, "a text", err)
}
