package kf_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"kfconsole/internal/kf"
)

func page(next string, more int, entries string) string {
	return fmt.Sprintf(`{"errcode":0,"errmsg":"ok","next_cursor":"%s","has_more":%d,"msg_list":[%s]}`, next, more, entries)
}

// A pull goes on past empty pages, and ends where there is no more or where the cursor stands still.
func TestSyncMsgs(t *testing.T) {
	one, two := inbound("text", `{"content":"1"}`), inbound("text", `{"content":"2"}`)
	for name, test := range map[string]struct {
		pages   map[string]string
		next    kf.Cursor
		calls   int
		message int
	}{
		"one page":        {map[string]string{"": page("a", 0, one)}, "a", 1, 1},
		"empty page":      {map[string]string{"": page("a", 1, ""), "a": page("b", 1, one), "b": page("c", 0, two)}, "c", 3, 2},
		"nothing":         {map[string]string{"": page("", 0, "")}, "", 1, 0},
		"standing still":  {map[string]string{"": page("a", 1, one), "a": page("a", 1, two)}, "a", 2, 2},
		"without cursor":  {map[string]string{"": page("a", 1, one), "a": page("", 1, two)}, "a", 2, 2},
		"as other types":  {map[string]string{"": `{"errcode":"0","has_more":true,"next_cursor":"a","msg_list":null}`, "a": page("b", 0, one)}, "b", 2, 1},
		"without entries": {map[string]string{"": `{"errcode":0}`}, "", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, nil)
			w.handle = pagesOf(w, test.pages)
			var last kf.SyncPage
			calls, messages := 0, 0
			for page, err := range w.client(t, kf.Options{}).SyncMsgs(t.Context(), kf.SyncRequest{Account: "wk1"}) {
				if err != nil {
					t.Fatal(err)
				}
				last = page
				calls++
				messages += len(page.Messages)
			}
			if calls != test.calls || len(w.received("kf/sync_msg")) != test.calls || messages != test.message || last.Next != test.next || last.More {
				t.Errorf("%d calls, %d messages, last %+v", calls, messages, last)
			}
		})
	}
}

// pagesOf answers sync_msg by the cursor of the request that w got last.
func pagesOf(w *wire, byCursor map[string]string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		calls := w.received("kf/sync_msg")
		var asked struct{ Cursor string }
		if err := json.Unmarshal(calls[len(calls)-1].Body, &asked); err != nil {
			http.Error(rw, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprint(rw, byCursor[asked.Cursor])
	}
}

func TestSyncMsgsEndsWithTheFirstError(t *testing.T) {
	w := newWire(t, nil)
	w.handle = pagesOf(w, map[string]string{"": page("a", 1, ""), "a": `{"errcode":95007,"errmsg":"invalid msgtoken"}`})
	var ends []error
	for _, err := range w.client(t, kf.Options{}).SyncMsgs(t.Context(), kf.SyncRequest{Account: "wk1", Token: "T1"}) {
		ends = append(ends, err)
	}
	if len(ends) != 2 || ends[0] != nil || !isCode(95007)(ends[1]) {
		t.Errorf("%v", ends)
	}
	for _, call := range w.received("kf/sync_msg") {
		if !slices.Contains([]string{`{"cursor":"","token":"T1","limit":1000,"open_kfid":"wk1"}` + "\n",
			`{"cursor":"a","token":"T1","limit":1000,"open_kfid":"wk1"}` + "\n"}, string(call.Body)) {
			t.Errorf("asked %s", call.Body)
		}
	}
	for range w.client(t, kf.Options{}).SyncMsgs(t.Context(), kf.SyncRequest{Account: "wk1"}) {
		break // the caller has had enough
	}
	if n := len(w.received("kf/sync_msg")); n != 3 {
		t.Errorf("%d calls", n)
	}
}

// Answers whose shape is wrong are none, whatever else they hold.
func TestConversationAnswersOfWrongShape(t *testing.T) {
	byEndpoint := map[string]verb{}
	for _, v := range slices.Concat(conversationVerbs(), customerVerbs()) {
		byEndpoint[v.endpoint] = v
	}
	for _, test := range []struct{ endpoint, body string }{
		{"kf/sync_msg", `{"errcode":0,"msg_list":7,"next_cursor":"a"}`},
		{"kf/sync_msg", `{"errcode":0,"msg_list":{"a":1},"next_cursor":"a"}`},
		{"kf/service_state/get", `{"errcode":0}`},
		{"kf/service_state/get", `{"errcode":0,"service_state":5}`},
		{"kf/service_state/get", `{"errcode":0,"service_state":-1}`},
		{"kf/service_state/get", `{"errcode":0,"service_state":"new"}`},
		{"kf/customer/batchget", `{"errcode":0,"customer_list":7}`},
		{"kf/customer/batchget", `{"errcode":0,"customer_list":[7]}`},
		{"kf/customer/get_upgrade_service_config", `{"errcode":0,"member_range":7}`},
	} {
		v := byEndpoint[test.endpoint]
		got, err := v.call(t.Context(), newWire(t, text(test.body)).client(t, kf.Options{}))
		var answer *kf.HTTPError
		if !errors.As(err, &answer) || answer.Status != 200 || answer.Endpoint != test.endpoint || kf.CertaintyOf(err) != kf.Unknown {
			t.Errorf("%s: %v, %v", test.body, got, err)
		}
	}
}

func TestServiceStateNamesAServicerOnlyWithHuman(t *testing.T) {
	for body, want := range map[string]kf.SessionState{
		`{"errcode":0,"service_state":0}`:                             {State: kf.StateNew},
		`{"errcode":0,"service_state":"2","servicer_userid":"li.na"}`: {State: kf.StateQueue},
		`{"errcode":0,"service_state":3,"servicer_userid":"li.na"}`:   {State: kf.StateHuman, Servicer: "li.na"},
		`{"errcode":0,"service_state":4,"servicer_userid":""}`:        {State: kf.StateEnded},
	} {
		got, err := newWire(t, text(body)).client(t, kf.Options{}).ServiceState(t.Context(), "wk1", "wm1")
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	send := func(id kf.MessageID, body string) (kf.MessageID, error) {
		return newWire(t, text(body)).client(t, kf.Options{}).SendMsg(t.Context(), "wk1", "wm1", id, textDraft("a"))
	}
	if got, err := send("", `{"errcode":0,"msgid":"theirs"}`); err != nil || got != "theirs" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := send("ours", `{"errcode":0}`); err != nil || got != "ours" {
		t.Errorf("%q, %v", got, err)
	}
	var answer *kf.HTTPError
	if got, err := send("", `{"errcode":0}`); got != "" || !errors.As(err, &answer) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCustomersRows(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"customer_list":[{"external_userid":"wm1","nickname":null,"gender":"1","unionid":"u1",
		"enter_session_context":{"wechat_channels":{"nickname":"n","scene":1}}},{"nickname":"nobody"},
		{"external_userid":"wm2","enter_session_context":{}}],"invalid_external_userid":["wm3","",null]}`))
	found, invalid, err := w.client(t, kf.Options{}).Customers(t.Context(), []kf.CustomerID{"wm1", "wm2", "wm3"})
	want := []kf.Customer{
		{ID: "wm1", Gender: 1, UnionID: "u1", Context: &kf.EnterContext{Channels: &kf.WeChatChannels{Nickname: "n", Scene: 1}}},
		{ID: "wm2", Context: &kf.EnterContext{}},
	}
	if err != nil || !reflect.DeepEqual(found, want) || !slices.Equal(invalid, []kf.CustomerID{"wm3"}) {
		t.Errorf("%+v, %v, %v", found, invalid, err)
	}
}

// The document and its example disagree about the name of the departments.
func TestUpgradeConfigSpellings(t *testing.T) {
	for _, name := range []string{"department_id_list", "department_list"} {
		w := newWire(t, text(`{"errcode":0,"member_range":{"`+name+`":[7]}}`))
		got, err := w.client(t, kf.Options{}).UpgradeServiceConfig(t.Context())
		if err != nil || !reflect.DeepEqual(got, kf.UpgradeConfig{Departments: []kf.DepartmentID{7}}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// drafts are one of each kind, the body each is sent as, and what reading that body gives.
func drafts() []struct {
	draft kf.Draft
	body  string
} {
	return []struct {
		draft kf.Draft
		body  string
	}{
		{textDraft("a\n<b>&"), `"msgtype":"text","text":{"content":"a\n<b>&"}`},
		{kf.Draft{Kind: kf.KindImage, Content: kf.Media{ID: "i1"}}, `"msgtype":"image","image":{"media_id":"i1"}`},
		{kf.Draft{Kind: kf.KindVoice, Content: kf.Media{ID: "v1"}}, `"msgtype":"voice","voice":{"media_id":"v1"}`},
		{kf.Draft{Kind: kf.KindVideo, Content: kf.Media{ID: "v1"}}, `"msgtype":"video","video":{"media_id":"v1"}`},
		{kf.Draft{Kind: kf.KindFile, Content: kf.Media{ID: "f1"}}, `"msgtype":"file","file":{"media_id":"f1"}`},
		{kf.Draft{Kind: kf.KindLink, Content: kf.LinkCard{Title: "t", Desc: "d", URL: "https://x.example/?a=1&b=2", Thumb: "i1"}},
			`"msgtype":"link","link":{"title":"t","desc":"d","url":"https://x.example/?a=1&b=2","thumb_media_id":"i1"}`},
		{kf.Draft{Kind: kf.KindMiniProgram, Content: kf.MiniProgram{AppID: "wx1", Path: "a.html", Thumb: "i1"}},
			`"msgtype":"miniprogram","miniprogram":{"appid":"wx1","pagepath":"a.html","thumb_media_id":"i1"}`},
		{kf.Draft{Kind: kf.KindMenu, Content: kf.Menu{Head: "h", Items: []kf.MenuItem{{Type: kf.ItemClick, Content: "c"}, {Type: kf.ItemText, Content: "t"}}}},
			`"msgtype":"msgmenu","msgmenu":{"head_content":"h","list":[{"type":"click","click":{"content":"c"}},{"type":"text","text":{"content":"t"}}]}`},
		{kf.Draft{Kind: kf.KindLocation, Content: kf.Location{Latitude: 0, Longitude: -121.5, Name: "n"}},
			`"msgtype":"location","location":{"latitude":0,"longitude":-121.5,"name":"n"}`},
		{kf.Draft{Kind: kf.KindCALink, Content: kf.CALink{URL: "https://work.weixin.qq.com/ca/c1"}},
			`"msgtype":"ca_link","ca_link":{"link_url":"https://work.weixin.qq.com/ca/c1"}`},
	}
}

// What is sent is exactly its body, and what is stored of it reads as the draft it was.
func TestDraftBodies(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"errmsg":"ok","msgid":"m1"}`))
	c := w.client(t, kf.Options{})
	for i, d := range drafts() {
		if _, err := c.SendMsg(t.Context(), "wk1", "wm1", "", d.draft); err != nil {
			t.Fatal(err)
		}
		got, want := string(w.received("kf/send_msg")[i].Body), `{"touser":"wm1","open_kfid":"wk1",`+d.body+"}\n"
		if got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		raw, err := kf.EncodeDraft(d.draft)
		if err != nil || string(raw) != "{"+d.body+"}" {
			t.Errorf("%s, %v", raw, err)
		}
		if m := kf.ParseMessage(raw); m.Kind != d.draft.Kind || !reflect.DeepEqual(m.Content, d.draft.Content) {
			t.Errorf("reads as %+v, want %+v", m, d.draft)
		}
	}
	if _, err := kf.EncodeDraft(textDraft("")); err == nil {
		t.Error("an empty text was encoded")
	}
	if _, err := c.SendOnEvent(t.Context(), "C1", "", textDraft("a")); err != nil {
		t.Fatal(err)
	}
	if got := string(w.received("kf/send_msg_on_event")[0].Body); got != `{"code":"C1","msgtype":"text","text":{"content":"a"}}`+"\n" {
		t.Errorf("on event %s", got)
	}
}

func TestRecommendationBodies(t *testing.T) {
	w := newWire(t, text(okJSON))
	c := w.client(t, kf.Options{})
	for _, err := range []error{
		c.RecommendMember(t.Context(), "wk1", "wm1", "li.na", ""),
		c.RecommendGroup(t.Context(), "wk1", "wm1", "wr1", "请加群"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	calls := w.received("kf/customer/upgrade_service")
	for i, want := range []string{
		`{"open_kfid":"wk1","external_userid":"wm1","type":1,"member":{"userid":"li.na"}}`,
		`{"open_kfid":"wk1","external_userid":"wm1","type":2,"groupchat":{"chat_id":"wr1","wording":"请加群"}}`,
	} {
		if got := string(calls[i].Body); got != want+"\n" {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}

// A message that may have been taken is not sent twice, unless WeCom refused the token.
func TestSendIsNotRepeated(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{"cut": cut(""), "busy": text(`{"errcode":-1,"errmsg":"system busy"}`), "502": failWith(502)} {
		w := newWire(t, handle)
		_, err := w.client(t, kf.Options{}).SendMsg(t.Context(), "wk1", "wm1", "m1", textDraft("a"))
		if kf.CertaintyOf(err) != kf.Unknown || len(w.received("kf/send_msg")) != 1 {
			t.Errorf("%s: %v after %d calls", name, err, len(w.received("kf/send_msg")))
		}
	}
	w := newWire(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") == canaryToken+"1" {
			text(`{"errcode":42001}`)(rw, r)
			return
		}
		text(`{"errcode":0,"msgid":"m1"}`)(rw, r)
	})
	if id, err := w.client(t, kf.Options{}).SendMsg(context.Background(), "wk1", "wm1", "m1", textDraft("a")); err != nil || id != "m1" {
		t.Errorf("%q, %v", id, err)
	}
}
