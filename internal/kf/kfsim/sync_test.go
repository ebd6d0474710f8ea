package kfsim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// read takes everything in pages of a limit and returns the ids and how many pages were empty though there was more.
func (k *talk) read(limit int) (ids []string, pages, empty int) {
	k.Helper()
	cursor := ""
	for more := true; more; pages++ {
		a := k.sync("cursor", cursor, "limit", limit).want(k, 0)
		next, _ := a.fields["next_cursor"].(string)
		more = a.fields["has_more"] == 1.0
		page := rows(a)
		if len(next) > 64 || len(page) > limit || pages > 1000 {
			k.Fatalf("page %d: %d rows, cursor %q", pages, len(page), next)
		}
		if more && len(page) == 0 {
			empty++
		}
		for _, e := range page {
			ids = append(ids, e.id())
		}
		cursor = next
	}
	return ids, pages, empty
}

func (k *talk) truth() []string {
	k.Helper()
	for _, a := range k.sim.Truth().Accounts {
		if a.ID == k.account {
			return a.MsgIDs
		}
	}
	return nil
}

func TestSyncPages(t *testing.T) {
	k := newTalk(t)
	id := k.enters("wm1")
	for i := range 99 {
		k.writes(id, fmt.Sprint(i))
		if i%3 == 0 {
			k.sends(id, "").want(t, 0)
		}
	}
	for _, c := range []struct {
		limits       string
		limit, pages int
		exact, empty bool
	}{
		{`"page":0`, 1000, 1, true, false},
		{`"page":0`, 10, 10, true, false},
		{`"page":7`, 1000, 15, true, false},
		{`"page":10,"short_pages":true`, 1000, 11, false, false},
		{`"page":10,"empty_pages":true`, 1000, 11, false, true},
		{`"page":20,"short_pages":true,"empty_pages":true`, 30, 6, false, true},
	} {
		control[any](k.bench, "POST", "limits", `{"sync_without_token":-1,`+c.limits+`}`)
		ids, pages, empty := k.read(c.limit)
		if !slices.Equal(ids, k.truth()) || len(ids) != 100 {
			t.Errorf("%s: %d ids, want the %d of the truth in order", c.limits, len(ids), len(k.truth()))
		}
		if pages < c.pages || c.exact && pages != c.pages || (empty > 0) != c.empty {
			t.Errorf("%s: %d pages, %d empty, want %d, empty ones %t", c.limits, pages, empty, c.pages, c.empty)
		}
		again, _, _ := k.read(c.limit)
		if !slices.Equal(ids, again) {
			t.Errorf("%s: a second reading differs", c.limits)
		}
	}
	k.clean()
}

func TestSyncCursor(t *testing.T) {
	k := newTalk(t)
	k.writes(k.enters("wm1"), "你好")
	k.news()
	if list := k.news(); len(list) != 0 {
		t.Errorf("%v after the end", list)
	}
	k.writes("wm1", "再说")
	first := k.sync("cursor", k.cursor).want(t, 0)
	again := k.sync("cursor", k.cursor).want(t, 0)
	if a, b := rows(first), rows(again); len(a) != 1 || len(b) != 1 || a[0].id() != b[0].id() {
		t.Errorf("the same cursor gave %v and %v", a, b)
	}
	k.sync("cursor", "nonsense").want(t, 40058)
	k.sync("cursor", strings.Repeat("x", 65)).want(t, 40058)
	mine := k.cursor
	k.account = k.bench.account("订单与付款")
	k.sync("cursor", mine).want(t, 40058)
	k.account = "wknobody"
	k.sync().want(t, 95004)
}

func TestSyncArguments(t *testing.T) {
	k := newTalk(t)
	k.post("kf/sync_msg", `{}`).want(t, 40058)
	k.sync("limit", 1001).want(t, 40058)
	k.sync("voice_format", 2).want(t, 40058)
	same(t, "violations", k.violations(), []string{"missing:open_kfid", "range:limit", "range:voice_format"})
	k.sync("limit", 1000, "voice_format", 1, "cursor", "", "token", "").want(t, 0)
	k.clean()
}

// Three days and not a second more.
func TestSyncWindow(t *testing.T) {
	k := newTalk(t)
	id := k.enters("wm1")
	k.clock.Advance(time.Minute)
	k.writes(id, "你好")
	k.later(3*24*time.Hour - time.Minute - time.Second)
	control[any](k.bench, "POST", "limits", `{"sync_without_token":-1}`)
	ids, _, _ := k.read(1000)
	if len(ids) != 2 {
		t.Fatalf("%d messages, want 2", len(ids))
	}
	k.later(time.Second)
	if ids, _, _ = k.read(1000); len(ids) != 1 {
		t.Errorf("%d messages, want the younger one", len(ids))
	}
	k.later(time.Minute)
	if ids, _, _ = k.read(1000); len(ids) != 0 {
		t.Errorf("%d messages, want none", len(ids))
	}
}

// Ten calls a minute without a token, all accounts together, then a minute of nothing.
func TestSyncWithoutToken(t *testing.T) {
	k := newTalk(t)
	for range 10 {
		k.sync().want(t, 0)
	}
	k.sync().want(t, 45009)
	one := k.account
	k.account = k.bench.account("订单与付款")
	k.sync().want(t, 45009)
	k.account = one
	k.later(59 * time.Second)
	k.sync().want(t, 45009)
	k.later(2 * time.Second)
	k.sync().want(t, 0)
	control[any](k.bench, "POST", "limits", `{"sync_without_token":2}`)
	k.sync().want(t, 0)
	k.sync("token", "ENCwrong").want(t, 95007) // a wrong one counts
	k.sync().want(t, 45009)
	k.clean()
}

// The token of a callback is good for ten minutes, for its account, and spares the limit.
func TestSyncToken(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	k.writes(k.enters("wm1"), "你好")
	token := box.wait(2)[1].Token
	control[any](k.bench, "POST", "limits", `{"sync_without_token":1}`)
	for range 5 {
		k.sync("token", token).want(t, 0)
	}
	k.sync("token", token+"x").want(t, 95007)
	k.sync("token", token+"x").want(t, 45009)
	control[any](k.bench, "POST", "limits", `{}`)
	mine := k.account
	k.account = k.bench.account("订单与付款")
	k.sync("token", token).want(t, 95007)
	k.account = mine
	k.later(10*time.Minute - time.Second)
	k.sync("token", token).want(t, 0)
	k.later(time.Second)
	k.sync("token", token).want(t, 95007)
	k.sync("token", strings.Repeat("x", 129)).want(t, 40058)
}

// Every kind of message and event, with the fields of the protocol.
func TestSyncEntries(t *testing.T) {
	k := newTalk(t)
	channels := &kfsim.ChannelsCard{ShopNickname: "云杉小店", Scene: 4}
	id, err := k.sim.CustomerEnters(k.account, "web_footer", "order%3D1001", kfsim.CustomerCard{Name: "桂花", Channels: channels})
	must(t, err)
	for kind, fields := range map[string]map[string]any{
		"image": nil, "voice": nil, "video": nil, "file": nil, "note": nil, "brand_new": {"a": 1},
		"location": {"latitude": 30.5, "longitude": 114.3, "name": "a", "address": "b"}, "link": {"title": "a", "url": "https://example.com"},
		"business_card": {"userid": "li.na"}, "miniprogram": {"title": "a", "appid": "b", "pagepath": "c"}, "channels": {"sub_type": 1, "nickname": "a"},
		"merged_msg": {"title": "a", "item": []any{}},
	} {
		if _, err := k.sim.CustomerSends(k.account, id, kfsim.Content{Type: kind, Fields: fields}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	list := k.news()
	enter := list[0]
	if e := enter.event(); enter["open_kfid"] != nil || enter["external_userid"] != nil || enter["origin"] != 4.0 ||
		e["scene"] != "web_footer" || e["scene_param"] != "order%3D1001" || e["open_kfid"] != k.account || e["external_userid"] != id ||
		fmt.Sprint(e["wechat_channels"]) != "map[scene:4 shop_nickname:云杉小店]" {
		t.Errorf("entry %v", enter)
	}
	for _, e := range list[1:] {
		if e["open_kfid"] != k.account || e["external_userid"] != id || e["origin"] != 3.0 || e["send_time"] != float64(k.clock.Now().Unix()) ||
			e["servicer_userid"] != nil || e[e.name()] == nil || len(e.id()) < 32 || len(e.id()) > 64 {
			t.Errorf("message %v", e)
		}
		media, _ := e[e.name()].(map[string]any)
		if mediaID, ok := media["media_id"].(string); ok {
			if a := k.get("media/get", "media_id", mediaID); a.header.Get("Content-Disposition") == "" || len(a.raw) == 0 {
				t.Errorf("%s: %s", e.name(), a.raw)
			}
		}
	}
	for what, c := range map[string]kfsim.Content{
		"empty text": text(" "), "no coordinates": {Type: "location"}, "event": {Type: "event"}, "bad type": {Type: "A B"},
		"bad base64": {Type: "image", Fields: map[string]any{"data": "%"}}, "number as data": {Type: "image", Fields: map[string]any{"data": 1}},
	} {
		if _, err := k.sim.CustomerSends(k.account, id, c); err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
}

// Media of other people, with its name, and a notice in place of what is too large.
func TestSentMedia(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 3)
	k.news()
	_, err := k.sim.ServicerSends(k.account, id, onDuty, kfsim.Content{Type: "file", Fields: map[string]any{"data": []byte("%PDF-1.4"), "filename": "合同 终稿.pdf"}})
	must(t, err)
	file, _ := k.one("file")["file"].(map[string]any)
	a := k.get("media/get", "media_id", file["media_id"].(string))
	if string(a.raw) != "%PDF-1.4" || !strings.Contains(a.header.Get("Content-Disposition"), "合同 终稿.pdf") {
		t.Errorf("%s %v", a.raw, a.header)
	}
	_, err = k.sim.CustomerSends(k.account, id, kfsim.Content{Type: "image", Fields: map[string]any{"data": make([]byte, 2<<20+1)}})
	must(t, err)
	k.one("text")
	_, err = k.sim.CustomerSends(k.account, id, kfsim.Content{Type: "image", Fields: map[string]any{"data": make([]byte, 2<<20)}})
	must(t, err)
	k.one("image")
}

func TestRecallsAndRejection(t *testing.T) {
	k := newTalk(t)
	id := k.waiting("wm1", 3)
	mine := k.writes(id, "写错了")
	theirs, err := k.sim.ServicerSends(k.account, id, onDuty, text("也写错了"))
	must(t, err)
	k.news()
	must(t, k.sim.CustomerRecalls(k.account, id, mine))
	if e := k.one("user_recall_msg").event(); e["recall_msgid"] != mine || e["external_userid"] != id {
		t.Errorf("%v", e)
	}
	mustNot(t, "recall twice", k.sim.CustomerRecalls(k.account, id, mine))
	mustNot(t, "recall of another's", k.sim.CustomerRecalls(k.account, id, theirs))
	mustNot(t, "recall by another", k.sim.ServicerRecalls(k.account, id, onDuty2, theirs))
	must(t, k.sim.ServicerRecalls(k.account, id, onDuty, theirs))
	if e := k.one("servicer_recall_msg").event(); e["recall_msgid"] != theirs || e["servicer_userid"] != onDuty {
		t.Errorf("%v", e)
	}
	for _, on := range []bool{true, false} {
		must(t, k.sim.ServicerRejects(k.account, id, onDuty, on))
		e := k.one("reject_customer_msg_switch_change").event()
		if want := map[bool]float64{true: 1, false: 0}[on]; e["reject_switch"] != want || e["servicer_userid"] != onDuty {
			t.Errorf("%v", e)
		}
		if _, err := k.sim.CustomerSends(k.account, id, text("在吗")); (err != nil) != on {
			t.Errorf("rejected %t: %v", on, err)
		}
	}
}

// Unknown and broken entries come as they are; what is no JSON cannot come at all.
func TestInjectedEntries(t *testing.T) {
	k := newTalk(t)
	must(t, k.sim.Inject(k.account, []byte(`{"msgid":"future-1","msgtype":"hologram","hologram":{"x":1}}`)))
	must(t, k.sim.Inject(k.account, []byte(`17`)))
	mustNot(t, "no JSON", k.sim.Inject(k.account, []byte(`{`)))
	mustNot(t, "taken id", k.sim.Inject(k.account, []byte(`{"msgid":"future-1"}`)))
	a := k.sync().want(t, 0)
	if got := fmt.Sprint(a.fields["msg_list"]); got != "[map[hologram:map[x:1] msgid:future-1 msgtype:hologram] 17]" {
		t.Errorf("msg_list %s", got)
	}
}
