package kf_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"kfconsole/internal/kf"
	"kfconsole/internal/kf/callback"
)

const (
	callbackToken = "callbackT0ken"
	callbackKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// control calls the simulator's own interface.
func (s *sim) control(t *testing.T, path string, body map[string]any) map[string]any {
	t.Helper()
	_, answer := s.do(t, http.MethodPost, "/_sim/"+path, "application/json", rawJSON(t, body))
	got, _ := decode(t, answer).(map[string]any)
	return got
}

// listen has the simulator send its callbacks to the test, and opens them. The check of the address is part of it.
func (s *sim) listen(t *testing.T) <-chan callback.Event {
	t.Helper()
	opener, err := callback.New(callbackToken, callbackKey, corpID)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan callback.Event, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		p := callback.Params{Signature: q.Get("msg_signature"), Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce")}
		if r.Method == http.MethodGet {
			msg, err := opener.Echo(p, q.Get("echostr"))
			if err != nil {
				http.Error(w, err.Error(), http.StatusForbidden)
			}
			w.Write(msg)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, callback.MaxBody+1))
		if err != nil {
			t.Error(err)
		}
		e, err := opener.Open(p, body)
		if err != nil {
			t.Errorf("callback %s: %v", body, err)
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		events <- e
	}))
	t.Cleanup(server.Close)
	s.control(t, "callback", map[string]any{"url": server.URL, "token": callbackToken, "aes_key": callbackKey, "check": true})
	return events
}

// replayConversation goes through a visit: somebody enters, writes, is welcomed, answered, taken on by a servicer and recommended
// another.
func replayConversation(t *testing.T, r *replayer) {
	t.Helper()
	account := r.live[string(sampleAccount)]
	events := r.listen(t)
	r.live[string(sampleCustomer)] = r.control(t, "customer/enter", map[string]any{"account": account, "scene": "shop_door-2",
		"scene_param": "table%3D7", "customer": map[string]any{"name": "样例客户", "gender": 2}})["external_userid"]
	r.control(t, "customer/send", map[string]any{"account": account, "customer": r.live[string(sampleCustomer)], "text": "请问几点开门？"})
	for e := range events {
		if e.Kind == callback.KindMessages && e.Account == account {
			r.live["ENCsampleSyncToken0001"] = e.Token
			break
		}
	}
	r.live["sAmpleCursor0001"] = ""
	page := r.send(t, http.MethodPost, "kf/sync_msg")
	r.live["SAMPLEWELCOMECODE0001"] = page["msg_list"].([]any)[0].(map[string]any)["event"].(map[string]any)["welcome_code"]
	r.send(t, http.MethodPost, "kf/send_msg_on_event")
	r.send(t, http.MethodPost, "kf/send_msg")
	r.send(t, http.MethodPost, "kf/service_state/trans")
	r.send(t, http.MethodPost, "kf/service_state/get")
	r.send(t, http.MethodPost, "kf/customer/batchget")
	r.send(t, http.MethodPost, "kf/customer/upgrade_service")
	r.send(t, http.MethodPost, "kf/customer/cancel_upgrade_service")
}

// talk is a conversation of the client with the simulator.
type talk struct {
	*sim
	c        *kf.Client
	account  kf.AccountID
	customer kf.CustomerID
	servicer kf.UserID
	other    kf.UserID
	events   <-chan callback.Event
	cursor   kf.Cursor
}

// newTalk makes an account with two servicers, and a customer who has just entered.
func newTalk(ctx context.Context, t *testing.T, c *kf.Client, s *sim) *talk {
	t.Helper()
	_, members := someMembers(ctx, t, c)
	media, err := c.UploadImage(ctx, "a.png", picture())
	if err != nil {
		t.Fatal(err)
	}
	k := &talk{sim: s, c: c, servicer: members[0].UserID, other: members[1].UserID, events: s.listen(t)}
	if k.account, err = c.AddAccount(ctx, kf.NewAccount{Name: "会话试用", MediaID: media}); err != nil {
		t.Fatal(err)
	}
	wantResults(t, "add", 2, 0)(c.AddServicers(ctx, k.account, kf.Servicers{UserIDs: []kf.UserID{k.servicer, k.other}}))
	k.customer = kf.CustomerID(s.control(t, "customer/enter", map[string]any{"account": k.account, "scene": "door", "scene_param": "a%3D1",
		"customer": map[string]any{"name": "林样例 <b>", "gender": 1}})["external_userid"].(string))
	return k
}

// act does what a customer or a servicer does.
func (k *talk) act(t *testing.T, path string, more map[string]any) string {
	t.Helper()
	body := map[string]any{"account": k.account, "customer": k.customer, "userid": k.servicer}
	maps.Copy(body, more)
	id, _ := k.control(t, path, body)["msgid"].(string)
	return id
}

// pull waits for a callback of the account, as a console does, and returns what is new.
func (k *talk) pull(ctx context.Context, t *testing.T) []kf.Message {
	t.Helper()
	var token string
	for token == "" {
		select {
		case e := <-k.events:
			if e.Kind == callback.KindMessages && e.Account == string(k.account) {
				token = e.Token
			}
		case <-time.After(20 * time.Second):
			t.Fatal("no callback")
		}
	}
	var fresh []kf.Message
	for page, err := range k.c.SyncMsgs(ctx, kf.SyncRequest{Account: k.account, Cursor: k.cursor, Token: token}) {
		if err != nil {
			t.Fatal(err)
		}
		fresh = append(fresh, page.Messages...)
		k.cursor = page.Next
	}
	for _, m := range fresh {
		if m.ID == "" || m.Account != k.account || m.Kind == kf.KindBroken || m.SentAt.IsZero() {
			t.Errorf("%+v", m)
		}
	}
	return fresh
}

// next pulls until there is an entry with content like want, and returns it.
func next[T any](ctx context.Context, t *testing.T, k *talk) (kf.Message, T) {
	t.Helper()
	for {
		for _, m := range k.pull(ctx, t) {
			if content, ok := m.Content.(T); ok {
				return m, content
			}
		}
	}
}

func (k *talk) wantState(ctx context.Context, t *testing.T, want kf.ServiceState, servicer kf.UserID) {
	t.Helper()
	got, err := k.c.ServiceState(ctx, k.account, k.customer)
	if err != nil || got.State != want || !got.Servicer.Equal(servicer) {
		t.Errorf("state %+v, %v, want %d of %q", got, err, want, servicer)
	}
}

func (k *talk) draft(ctx context.Context, t *testing.T, d kf.Draft) kf.MessageID {
	t.Helper()
	id, err := k.c.SendMsg(ctx, k.account, k.customer, "", d)
	if err != nil || id == "" {
		t.Fatalf("%+v: %q, %v", d, id, err)
	}
	return id
}

func contractConversation(ctx context.Context, t *testing.T, c *kf.Client, s *sim) {
	k := newTalk(ctx, t, c, s)
	_, entered := next[kf.EnterSession](ctx, t, k)
	if entered.Scene != "door" || entered.SceneParam != "a%3D1" || entered.WelcomeCode == "" {
		t.Errorf("entered %+v", entered)
	}
	k.wantState(ctx, t, kf.StateEnded, "")
	if id, err := c.SendOnEvent(ctx, entered.WelcomeCode, "wel_1", kf.Draft{Kind: kf.KindMenu, Content: sampleMenu()}); err != nil || id != "wel_1" {
		t.Errorf("welcome %q, %v", id, err)
	}
	if _, err := c.SendOnEvent(ctx, entered.WelcomeCode, "wel_2", textDraft("again")); kf.CertaintyOf(err) != kf.Refused {
		t.Errorf("welcome twice: %v", err)
	}
	clicked := k.act(t, "customer/click", map[string]any{"msgid": "wel_1", "item": "hours"})
	m, text := next[kf.Text](ctx, t, k)
	if string(m.ID) != clicked || text != (kf.Text{Content: "营业时间", MenuID: "hours"}) || m.Origin != kf.OriginCustomer || m.Customer != k.customer {
		t.Errorf("click %+v", m)
	}
	k.wantState(ctx, t, kf.StateNew, "")
	if id, err := c.SendMsg(ctx, k.account, k.customer, "out_1", textDraft("九点\n<开门>")); err != nil || id != "out_1" {
		t.Errorf("send %q, %v", id, err)
	}
	if _, err := c.SendMsg(ctx, k.account, k.customer, "out_1", textDraft("九点\n<开门>")); kf.CertaintyOf(err) != kf.Refused {
		t.Errorf("send twice: %v", err)
	}
	k.wantState(ctx, t, kf.StateAssistant, "")
	found, invalid, err := c.Customers(ctx, []kf.CustomerID{k.customer, "wmNobodyAtAll"})
	if err != nil || len(found) != 1 || found[0].Name != "林样例 <b>" || found[0].Gender != 1 || found[0].Context == nil || found[0].Context.Scene != "door" ||
		!slices.Equal(invalid, []kf.CustomerID{"wmNobodyAtAll"}) {
		t.Errorf("customers %+v, %v, %v", found, invalid, err)
	}
	contractQueue(ctx, t, k)
	contractDesk(ctx, t, k)
}

// contractQueue moves the customer to the queue, from where a servicer takes him on.
func contractQueue(ctx context.Context, t *testing.T, k *talk) {
	code, err := k.c.TransferState(ctx, k.account, k.customer, kf.StateQueue, "")
	if err != nil || code == "" {
		t.Fatalf("to the queue: code %q, %v", code, err)
	}
	if _, err := k.c.SendOnEvent(ctx, code, "", textDraft("请稍候")); err != nil {
		t.Errorf("note to who waits: %v", err)
	}
	k.wantState(ctx, t, kf.StateQueue, "")
	if _, err := k.c.SendMsg(ctx, k.account, k.customer, "", textDraft("a")); !isCode(95018)(err) {
		t.Errorf("send to the queue: %v", err)
	}
	k.act(t, "desk/pick", nil)
	if m, change := next[kf.SessionChange](ctx, t, k); change.Type != kf.SessionPicked || !change.New.Equal(k.servicer) || change.Code == "" || m.Customer != k.customer {
		t.Errorf("picked %+v", change)
	}
	k.wantState(ctx, t, kf.StateHuman, k.servicer)
	k.act(t, "desk/send", map[string]any{"text": "您好"})
	m, _ := next[kf.Text](ctx, t, k)
	if m.Origin != kf.OriginServicer || !m.Servicer.Equal(k.servicer) {
		t.Errorf("servicer's message %+v", m)
	}
	k.act(t, "desk/recall", map[string]any{"msgid": m.ID})
	if _, recalled := next[kf.Recalled](ctx, t, k); recalled.Message != m.ID || !recalled.ByServicer || !recalled.Servicer.Equal(k.servicer) {
		t.Errorf("recalled %+v", recalled)
	}
}

// contractDesk is what else servicers do, and the end.
func contractDesk(ctx context.Context, t *testing.T, k *talk) {
	k.act(t, "desk/transfer", map[string]any{"to": k.other})
	if _, change := next[kf.SessionChange](ctx, t, k); change.Type != kf.SessionTransferred || !change.Old.Equal(k.servicer) || !change.New.Equal(k.other) {
		t.Errorf("transferred %+v", change)
	}
	if code, err := k.c.TransferState(ctx, k.account, k.customer, kf.StateHuman, k.servicer); err != nil {
		t.Errorf("back: code %q, %v", code, err)
	}
	k.wantState(ctx, t, kf.StateHuman, k.servicer)
	k.act(t, "desk/reject", map[string]any{"on": true})
	if _, reject := next[kf.RejectSwitch](ctx, t, k); !reject.On || !reject.Servicer.Equal(k.servicer) {
		t.Errorf("reject %+v", reject)
	}
	k.act(t, "desk/reject", map[string]any{"on": false})
	k.control(t, "desk/status", map[string]any{"account": k.account, "userid": k.other, "status": "suspended"})
	if _, status := next[kf.ServicerChange](ctx, t, k); !status.Servicer.Equal(k.other) || status.Status != kf.ChangeStopped || status.StopType != 1 {
		t.Errorf("status %+v", status)
	}
	if _, err := k.c.TransferState(ctx, k.account, k.customer, kf.StateHuman, k.other); !isCode(95019)(err) {
		t.Errorf("to one who is away: %v", err)
	}
	k.act(t, "desk/end", nil)
	_, change := next[kf.SessionChange](ctx, t, k)
	if change.Type != kf.SessionEnded || !change.Old.Equal(k.servicer) || change.Code == "" {
		t.Errorf("ended %+v", change)
	}
	if _, err := k.c.SendOnEvent(ctx, change.Code, "", kf.Draft{Kind: kf.KindMenu, Content: sampleMenu()}); err != nil {
		t.Errorf("farewell: %v", err)
	}
	k.wantState(ctx, t, kf.StateEnded, "")
	k.act(t, "desk/reopen", nil)
	if _, change := next[kf.SessionChange](ctx, t, k); change.Type != kf.SessionReopened || !change.New.Equal(k.servicer) {
		t.Errorf("reopened %+v", change)
	}
	if code, err := k.c.TransferState(ctx, k.account, k.customer, kf.StateEnded, ""); err != nil || code == "" {
		t.Errorf("end: code %q, %v", code, err)
	}
}

// contractDrafts sends one message of each kind, and has the customer send one of each.
func contractDrafts(ctx context.Context, t *testing.T, c *kf.Client, s *sim) {
	k := newTalk(ctx, t, c, s)
	media := map[string]kf.MediaID{}
	for kind, data := range map[string][]byte{"image": picture(), "voice": amr(50), "video": mp4(99), "file": []byte("some file")} {
		id, err := c.Upload(ctx, kind, "文件."+kind, data)
		if err != nil {
			t.Fatal(err)
		}
		media[kind] = id
		got, err := fetched(c.GetMedia(ctx, id, kf.MaxFileBytes))
		if err != nil || got.Body != string(data) || got.Filename != "文件."+kind {
			t.Errorf("%s: %q, %v", kind, got.Filename, err)
		}
	}
	for i, d := range drafts() {
		switch content := d.draft.Content.(type) {
		case kf.Media:
			d.draft.Content = kf.Media{ID: media[d.draft.Kind]}
		case kf.LinkCard:
			content.Thumb = media["image"]
			d.draft.Content = content
		case kf.MiniProgram:
			content.Thumb = media["image"]
			d.draft.Content = content
		}
		if i%kf.SendQuota == 0 {
			k.act(t, "customer/send", map[string]any{"text": fmt.Sprint("turn ", i)})
		}
		k.draft(ctx, t, d.draft)
	}
	if _, err := c.SendMsg(ctx, k.account, k.customer, "", textDraft("one too many")); !isCode(95001)(err) {
		t.Errorf("beyond the quota: %v", err)
	}
	_, text := next[kf.Text](ctx, t, k)
	if !reflect.DeepEqual(text, kf.Text{Content: "turn 0"}) {
		t.Errorf("%+v", text)
	}
}

// contractFailures is about messages that were taken and not delivered.
func contractFailures(ctx context.Context, t *testing.T, c *kf.Client, s *sim) {
	k := newTalk(ctx, t, c, s)
	sent := k.act(t, "customer/send", map[string]any{"text": "hello"})
	k.act(t, "customer/recall", map[string]any{"msgid": sent})
	if _, recalled := next[kf.Recalled](ctx, t, k); string(recalled.Message) != sent || recalled.ByServicer {
		t.Errorf("recalled %+v, want %s", recalled, sent)
	}
	k.act(t, "customer/refuse", map[string]any{"on": true})
	refused := k.draft(ctx, t, textDraft("not wanted"))
	if m, failed := next[kf.SendFailed](ctx, t, k); failed != (kf.SendFailed{Message: refused, Type: 10}) || m.Customer != k.customer {
		t.Errorf("refused %+v", failed)
	}
	k.act(t, "customer/refuse", map[string]any{"on": false})
	lost := k.draft(ctx, t, textDraft("lost"))
	k.control(t, "fail", map[string]any{"account": k.account, "msgid": lost, "type": 13})
	if _, failed := next[kf.SendFailed](ctx, t, k); failed != (kf.SendFailed{Message: lost, Type: 13}) {
		t.Errorf("lost %+v", failed)
	}
}

// contractUpgrade recommends who may be recommended, and nobody else.
func contractUpgrade(ctx context.Context, t *testing.T, c *kf.Client, s *sim) {
	k := newTalk(ctx, t, c, s)
	k.act(t, "customer/send", map[string]any{"text": "hello"})
	config, err := c.UpgradeServiceConfig(ctx)
	if err != nil || len(config.Users) == 0 || len(config.Chats) == 0 {
		t.Fatalf("%+v, %v", config, err)
	}
	for _, err := range []error{
		c.RecommendMember(ctx, k.account, k.customer, config.Users[0], "由我为您服务"),
		c.RecommendGroup(ctx, k.account, k.customer, config.Chats[0], ""),
		c.CancelUpgrade(ctx, k.account, k.customer),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := c.RecommendGroup(ctx, k.account, k.customer, "wrNoSuchGroup", ""); !isCode(95021)(err) {
		t.Errorf("a group that is not there: %v", err)
	}
}
