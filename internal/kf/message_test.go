package kf_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

// inbound is an entry of a kind with the given payload.
func inbound(kind, payload string) string {
	return `{"msgid":"m1","open_kfid":"wk1","external_userid":"wm1","send_time":1760000120,"origin":3,"msgtype":"` + kind + `","` + kind + `":` + payload + `}`
}

// inboundEvent is an event with the given fields beside its account.
func inboundEvent(kind, fields string) string {
	return `{"msgid":"m1","send_time":1760000120,"origin":4,"msgtype":"event","event":{"event_type":"` + kind + `","open_kfid":"wk1"` + fields + `}}`
}

// Every kind of message, in each way the sources write it.
func TestParseMessageContents(t *testing.T) {
	for _, test := range []struct {
		kind, payload string
		want          any
	}{
		{"text", `{"content":"Hello\n你好"}`, kf.Text{Content: "Hello\n你好"}},
		{"text", `{"content":"Yes","menu_id":"sat_yes"}`, kf.Text{Content: "Yes", MenuID: "sat_yes"}},
		{"text", `{"content":101}`, kf.Text{Content: "101"}},
		{"text", `{}`, kf.Text{}},
		{"image", `{"media_id":"i1"}`, kf.Media{ID: "i1"}},
		{"voice", `{"media_id":"v1"}`, kf.Media{ID: "v1"}},
		{"video", `{"media_id":"v2"}`, kf.Media{ID: "v2"}},
		{"file", `{"media_id":"f1"}`, kf.Media{ID: "f1"}},
		{"location", `{"latitude":31.23,"longitude":-121.5,"name":"店","address":"路"}`, kf.Location{Latitude: 31.23, Longitude: -121.5, Name: "店", Address: "路"}},
		{"location", `{"latitude":"31.23","longitude":"121.5","name":null}`, kf.Location{Latitude: 31.23, Longitude: 121.5}},
		{"location", `{"latitude":"north","longitude":"NaN"}`, kf.Location{}},
		{"link", `{"title":"t","desc":"d","url":"https://x.example","pic_url":"https://y.example"}`,
			kf.LinkCard{Title: "t", Desc: "d", URL: "https://x.example", Picture: "https://y.example"}},
		{"business_card", `{"userid":"li.na"}`, kf.BusinessCard{User: "li.na"}},
		{"miniprogram", `{"title":"t","appid":"wx1","pagepath":"a.html","thumb_media_id":"m2"}`,
			kf.MiniProgram{Title: "t", AppID: "wx1", Path: "a.html", Thumb: "m2"}},
		{"channels_shop_product", `{"product_id":"9","head_image":"https://a.example","title":"t","sales_price":"1990","shop_nickname":"s","shop_head_image":"https://b.example"}`,
			kf.Product{ID: "9", Picture: "https://a.example", Title: "t", Price: "1990", ShopName: "s", ShopPicture: "https://b.example"}},
		{"channels_shop_product", `{"product_id":9,"head_img":"https://a.example","sales_price":1990,"shop_head_img":"https://b.example"}`,
			kf.Product{ID: "9", Picture: "https://a.example", Price: "1990", ShopPicture: "https://b.example"}},
		{"channels_shop_order", `{"order_id":"7","product_titles":"lamp","price_wording":"¥19.90","state":"paid","image_url":"https://a.example","shop_nickname":"s"}`,
			kf.Order{ID: "7", Products: []string{"lamp"}, Price: "¥19.90", State: "paid", Picture: "https://a.example", ShopName: "s"}},
		{"channels_shop_order", `{"order_id":"7","product_titles":["lamp","chair"]}`, kf.Order{ID: "7", Products: []string{"lamp", "chair"}}},
		{"channels", `{"sub_type":1,"nickname":"n","title":"t"}`, kf.Channels{Type: kf.ChannelsPost, Nickname: "n", Title: "t"}},
		{"channels", `{"sub_type":"3","nickname":"n"}`, kf.Channels{Type: kf.ChannelsCard, Nickname: "n"}},
		{"note", `{}`, kf.Empty{}},
		{"note", `null`, kf.Empty{}},
		{"meeting", `{}`, kf.Empty{}},
		{"schedule", `7`, kf.Empty{}},
		{"ca_link", `{"link_url":"https://work.weixin.qq.com/ca/1"}`, kf.CALink{URL: "https://work.weixin.qq.com/ca/1"}},
		{"hologram", `{"depth":3}`, kf.Unsupported{}},
		{"hologram", `7`, kf.Unsupported{}},
	} {
		m := kf.ParseMessage([]byte(inbound(test.kind, test.payload)))
		want := kf.Message{ID: "m1", Account: "wk1", Customer: "wm1", SentAt: time.Unix(1760000120, 0).UTC(), Origin: kf.OriginCustomer,
			Kind: test.kind, Content: test.want, Raw: json.RawMessage(inbound(test.kind, test.payload))}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("%s\n got %+v\nwant %+v", m.Raw, m, want)
		}
	}
}

func TestParseMessageMenu(t *testing.T) {
	b := sample(t, "kf/send_msg_on_event", "request")
	m := kf.ParseMessage(b)
	if m.Kind != kf.KindMenu || !reflect.DeepEqual(m.Content, sampleMenu()) {
		t.Errorf("%s: %+v", m.Kind, m.Content)
	}
	m = kf.ParseMessage([]byte(inbound("msgmenu", `{"list":[{"type":"click"},{"type":"dance","dance":{}},{"type":"text","text":{"content":"a","no_newline":0}}]}`)))
	want := kf.Menu{Items: []kf.MenuItem{{Type: "click"}, {Type: "dance"}, {Type: "text", Content: "a"}}}
	if !reflect.DeepEqual(m.Content, want) {
		t.Errorf("%+v", m.Content)
	}
}

// The content of an item comes within a string, as the payload or under its name.
func TestParseMessageMerged(t *testing.T) {
	at := time.Unix(1760000100, 0).UTC()
	items := `[
		{"send_time":1760000100,"msgtype":"text","sender_name":"梅","msg_content":"{\"text\":{\"content\":\"one\"}}"},
		{"send_time":"1760000100","msgtype":"text","sender_name":"A","msg_content":"{\"content\":\"two\"}"},
		{"send_time":1760000100,"msgtype":"image","sender_name":"A","msg_content":{"media_id":"i1"}},
		{"send_time":1760000100,"msgtype":"hologram","sender_name":"A","msg_content":"?"},
		{"send_time":1760000100,"msgtype":"text","sender_name":"A","msg_content":"not JSON"},
		{"send_time":1760000100,"msgtype":"event","msg_content":"{}"},
		{"msgtype":"merged_msg","msg_content":"{\"title\":\"inner\",\"item\":[{\"msgtype\":\"note\"}]}"},
		7]`
	type row struct {
		sender, kind string
		content      any
		at           time.Time
	}
	want := []row{
		{"梅", "text", kf.Text{Content: "one"}, at}, {"A", "text", kf.Text{Content: "two"}, at}, {"A", "image", kf.Media{ID: "i1"}, at},
		{"A", "hologram", kf.Unsupported{}, at}, {"A", kf.KindBroken, kf.Unsupported{}, at}, {"", kf.KindBroken, kf.Unsupported{}, at},
		{"", "merged_msg", nil, time.Time{}}, {"", kf.KindBroken, kf.Unsupported{}, time.Time{}},
	}
	for _, name := range []string{"item", "items"} {
		m := kf.ParseMessage([]byte(inbound("merged_msg", `{"title":"聊天记录","`+name+`":`+items+`}`)))
		merged, ok := m.Content.(kf.Merged)
		if !ok || merged.Title != "聊天记录" || len(merged.Items) != len(want) {
			t.Fatalf("%s: %+v", name, m)
		}
		for i, item := range merged.Items {
			if inner, ok := item.Message.Content.(kf.Merged); ok {
				if i != 6 || inner.Title != "inner" || len(inner.Items) != 1 || inner.Items[0].Message.Kind != kf.KindNote {
					t.Errorf("item %d: %+v", i, inner)
				}
				item.Message.Content = nil
			}
			if got := (row{item.Sender, item.Message.Kind, item.Message.Content, item.Message.SentAt}); !reflect.DeepEqual(got, want[i]) {
				t.Errorf("item %d\n got %+v\nwant %+v", i, got, want[i])
			}
		}
	}
}

// A record within a record within a record ends somewhere.
func TestParseMessageMergedDeep(t *testing.T) {
	payload := `{"title":"0","item":[]}`
	for range 8 {
		content, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		payload = `{"title":"n","item":[{"msgtype":"merged_msg","msg_content":` + string(content) + `}]}`
	}
	depth := 0
	content := kf.ParseMessage([]byte(inbound("merged_msg", payload))).Content
	for {
		merged, ok := content.(kf.Merged)
		if !ok {
			break
		}
		depth++
		content = merged.Items[0].Message.Content
	}
	if _, ok := content.(kf.Unsupported); !ok || depth < 2 || depth > 8 {
		t.Errorf("%d deep ends in %+v", depth, content)
	}
}

func TestParseMessageHead(t *testing.T) {
	const end = `,"msgtype":"text","text":{"content":"a"}}`
	at := time.Unix(1760000120, 0).UTC()
	for raw, want := range map[string]kf.Message{
		`{"msgid":"m1","open_kfid":"wk1","external_userid":"wm1","send_time":1760000120,"origin":5,"servicer_userid":"li.na"` + end: {
			ID: "m1", Account: "wk1", Customer: "wm1", SentAt: at, Origin: kf.OriginServicer, Servicer: "li.na"},
		`{"msgid":77,"send_time":"1760000120","origin":"3"` + end:                   {ID: "77", SentAt: at, Origin: kf.OriginCustomer},
		`{"msgid":"m1","send_time":-1` + end:                                        {ID: "m1"},
		`{"msgid":"m1","send_time":99999999999999999999,"origin":{}` + end:          {ID: "m1"},
		`{"msgid":"m1","send_time":253402300800,"open_kfid":["a"]` + end:            {ID: "m1"},
		`{"msgid":null,"send_time":null,"origin":null,"external_userid":null` + end: {},
		`{"msgid":"m1","msgid":"m2","new":{"a":[1]}` + end:                          {ID: "m2"},
	} {
		want.Kind, want.Content, want.Raw = "text", kf.Text{Content: "a"}, json.RawMessage(raw)
		if m := kf.ParseMessage([]byte(raw)); !reflect.DeepEqual(m, want) {
			t.Errorf("%s\n got %+v\nwant %+v", raw, m, want)
		}
	}
}

// What is no message keeps as much of its head as there is, and all of its bytes.
func TestParseMessageBroken(t *testing.T) {
	for raw, want := range map[string]kf.Message{
		inbound("text", `7`):                                        {ID: "m1", Customer: "wm1", Raw: json.RawMessage(inbound("text", `7`))},
		inbound("image", `null`):                                    {ID: "m1", Customer: "wm1"},
		inbound("event", `"enter_session"`):                         {ID: "m1", Customer: "wm1"},
		inbound("broken", `{}`):                                     {ID: "m1", Customer: "wm1"},
		`{"msgid":"m1","msgtype":"text"}`:                           {ID: "m1"},
		`{"msgid":"m1","msgtype":"event"}`:                          {ID: "m1"},
		`{"msgid":"m1"}`:                                            {ID: "m1"},
		`{"msgid":"m1","msgtype":7.5,"7.5":{}}`:                     {ID: "m1", Kind: "7.5"},
		`{"msgid":"m1","msgtype":"msgmenu","msgmenu":{"list":[7]}}`: {ID: "m1"},
		`{}`:              {},
		`null`:            {},
		`[{"msgid":"a"}]`: {},
		`"text"`:          {},
		`12`:              {},
		`{"msgid":"m1`:    {Raw: json.RawMessage(`"{\"msgid\":\"m1"`)},
		"":                {Raw: json.RawMessage(`""`)},
		"\xff\xfe":        {Raw: json.RawMessage(`"` + "\uFFFD" + `"`)},
	} {
		m := kf.ParseMessage([]byte(raw))
		if want.Kind == "" {
			want.Kind = kf.KindBroken
		}
		if want.Raw == nil {
			want.Raw = json.RawMessage(raw)
		}
		if m.ID != want.ID || m.Customer != want.Customer || m.Kind != want.Kind || !bytes.Equal(m.Raw, want.Raw) {
			t.Errorf("%s\n got %+v\nwant %+v", raw, m, want)
		}
		if m.Content != (kf.Unsupported{}) {
			t.Errorf("%s: content %+v", raw, m.Content)
		}
	}
}

// The rest of a page survives an entry that nobody can read.
func TestSyncMsgKeepsTheRestOfAPage(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"next_cursor":"c2","has_more":1,"msg_list":[`+inbound("text", `{"content":"a"}`)+`,null,7,"x",[],{},`+
		inbound("image", `[]`)+`,`+inbound("text", `{"content":"b"}`)+`]}`))
	page, err := w.client(t, kf.Options{}).SyncMsg(t.Context(), kf.SyncRequest{Account: "wk9"})
	if err != nil || len(page.Messages) != 8 || page.Next != "c2" || !page.More {
		t.Fatalf("%+v, %v", page, err)
	}
	for i, m := range page.Messages {
		wantKind, wantAccount := kf.KindBroken, kf.AccountID("wk9")
		if i == 0 || i == 7 {
			wantKind = kf.KindText
		}
		if i == 0 || i >= 6 {
			wantAccount = "wk1"
		}
		if m.Kind != wantKind || m.Account != wantAccount || !json.Valid(m.Raw) {
			t.Errorf("%d: %+v", i, m)
		}
	}
}

// FuzzParseMessage feeds entries of any kind: none may panic, and what comes out is always fit for storing, says the same when it
// is read again, and holds no code once it has been through WithoutCodes.
func FuzzParseMessage(f *testing.F) {
	for _, seed := range []string{
		inbound("text", `{"content":"a"}`), inbound("merged_msg", `{"title":"t","item":[{"msgtype":"text","msg_content":"{\"content\":\"a\"}"}]}`),
		inbound("msgmenu", `{"list":[{"type":"click","click":{"id":"a"}}]}`), inbound("location", `{"latitude":"1","longitude":2}`),
		inbound("channels_shop_order", `{"product_titles":["a"]}`), inbound("hologram", `{}`),
		inboundEvent("enter_session", `,"welcome_code":"C1","wechat_channels":{"scene":1}`), inboundEvent("session_status_change", `,"change_type":3,"msg_code":"C1"`),
		`{"event":[{"WELCOME_CODE":1,"msg\u005fcode":2}]}`, `null`, `{`, "\xff", `{"msgtype":"event","event":7}`, `{"send_time":1e99}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := kf.ParseMessage(raw)
		if !json.Valid(m.Raw) || strings.ToValidUTF8(string(m.Raw), "") != string(m.Raw) {
			t.Errorf("raw %q", m.Raw)
		}
		if m.Kind == "" || m.Content == nil || m.SentAt.Year() > 9999 {
			t.Errorf("%+v", m)
		}
		if again := kf.ParseMessage(m.Raw); !reflect.DeepEqual(again, m) {
			t.Errorf("read again\n got %+v\nwant %+v", again, m)
		}
		clean := kf.ParseMessage(kf.WithoutCodes(raw))
		switch content := clean.Content.(type) {
		case kf.EnterSession:
			if content.WelcomeCode != "" {
				t.Errorf("%q keeps its code", clean.Raw)
			}
		case kf.SessionChange:
			if content.Code != "" {
				t.Errorf("%q keeps its code", clean.Raw)
			}
		}
		if clean.Kind != m.Kind || clean.ID != m.ID || clean.Customer != m.Customer {
			t.Errorf("without codes\n got %+v\nwant %+v", clean, m)
		}
	})
}
