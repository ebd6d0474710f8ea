package ops

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// TestSendEveryKind: each kind arrives as it was meant, and the timeline has it in the shape of what is received.
func TestSendEveryKind(t *testing.T) {
	picture := &Upload{"封面.png", smallPNG(t)}
	for name, form := range map[string]Send{
		"text":        {Kind: kf.KindText, Text: "  " + answered + "\r\n谢谢  "},
		"image":       {Kind: kf.KindImage, Upload: picture},
		"file":        {Kind: kf.KindFile, Upload: &Upload{"说明 书.txt", []byte("how it works")}},
		"voice":       {Kind: kf.KindVoice, Upload: &Upload{"a.amr", append([]byte("#!AMR\n"), make([]byte, 130)...)}},
		"video":       {Kind: kf.KindVideo, Upload: &Upload{"a.mp4", append([]byte("\x00\x00\x00\x18ftypmp42"), make([]byte, 64)...)}},
		"link":        {Kind: kf.KindLink, Content: kf.LinkCard{Title: "帮助", Desc: "常见问题", URL: "https://example.com/help"}, Upload: picture},
		"miniprogram": {Kind: kf.KindMiniProgram, Content: kf.MiniProgram{Title: "下单", AppID: "wx0123456789", Path: "pages/index.html"}, Upload: picture},
		"msgmenu":     {Kind: kf.KindMenu, Content: kf.Menu{Head: "解决了吗", Items: []kf.MenuItem{{Type: kf.ItemClick, ID: "yes", Content: "是"}, {Type: kf.ItemView, URL: "https://example.com", Content: "官网"}}, Tail: "谢谢"}},
		"location":    {Kind: kf.KindLocation, Content: kf.Location{Latitude: 39.9, Longitude: 116.4, Name: "门店", Address: "长安街 1 号"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTalkStage(t)
			c := s.meets()
			form.ConversationID = c.ID
			list, err := s.ops.SendMessage(s.ctx, s.manager, form)
			s.must(err)
			e := s.ended(list[0].IntentID, Done)
			row := s.row(c, list[0].IntentID)
			arrived := s.chat(c).Messages
			last := arrived[len(arrived)-1]
			if last.From != "api" || last.ID != row.ID || last.Type != form.Kind || row.Kind != form.Kind || row.Delivery != db.DeliveryAccepted {
				t.Errorf("arrived %+v, row %+v", last, row)
			}
			stored := kf.ParseMessage(row.Raw)
			if stored.Kind != form.Kind || row.Text == "" && slices.Contains([]string{"text", "link", "msgmenu", "location", "file", "miniprogram"}, name) {
				t.Errorf("stored %+v, text %q", stored, row.Text)
			}
			if strings.Contains(e.Input, "help") || !strings.Contains(e.Input, `"type":"`+form.Kind+`"`) {
				t.Errorf("input %s", e.Input)
			}
			s.keptAsSent(c, row, form)
		})
	}
}

// keptAsSent checks our own copy of an upload.
func (s *talkStage) keptAsSent(c db.Conversation, row db.Message, form Send) {
	s.Helper()
	if form.Upload == nil {
		if row.Media != "" {
			s.Errorf("media %q", row.Media)
		}
		return
	}
	media, err := s.db.Media(s.ctx, row.Media)
	s.must(err)
	if media.MessageID != row.ID || media.ConversationID != c.ID || media.State != db.MediaKept || media.Bytes != int64(len(form.Upload.Data)) || media.Name != form.Upload.Name {
		s.Errorf("media %+v", media)
	}
	var shown kf.MediaID
	switch content := kf.ParseMessage(row.Raw).Content.(type) {
	case kf.Media:
		shown = content.ID
	case kf.LinkCard:
		shown = content.Thumb
	case kf.MiniProgram:
		shown = content.Thumb
	}
	if string(shown) != row.Media {
		s.Errorf("the timeline shows the file %q, kept as %q", shown, row.Media)
	}
	blob, err := s.db.OpenBlob(media.SHA256)
	s.must(err)
	s.must(blob.Close())
}

func TestSendIsChecked(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	menu := kf.Menu{Items: slices.Repeat([]kf.MenuItem{{Type: kf.ItemClick, Content: "是"}}, 11)}
	for name, f := range map[string]struct {
		form        Send
		field, rule string
	}{
		"no text":       {Send{Kind: kf.KindText, Text: " \n "}, "text", "required"},
		"control marks": {Send{Kind: kf.KindText, Text: "a\x00b"}, "text", kf.RuleCharacters},
		"no UTF-8":      {Send{Kind: kf.KindText, Text: "a\xffb"}, "text", kf.RuleCharacters},
		"six messages":  {Send{Kind: kf.KindText, Text: strings.Repeat("退", 683*5)}, "text", "limit"},
		"no file":       {Send{Kind: kf.KindImage}, "media", "required"},
		"no picture":    {Send{Kind: kf.KindImage, Upload: &Upload{"a.png", []byte("not a picture")}}, "media", kf.RuleFileFormat},
		"no cover":      {Send{Kind: kf.KindLink, Content: kf.LinkCard{Title: "a", URL: "https://example.com"}}, "media", "required"},
		"bad address":   {Send{Kind: kf.KindLink, Content: kf.LinkCard{Title: "a", URL: "javascript:alert(1)"}, Upload: &Upload{"a.png", smallPNG(t)}}, "url", kf.RuleAddress},
		"eleven items":  {Send{Kind: kf.KindMenu, Content: menu}, "list", kf.RuleMaxItems},
		"another kind":  {Send{Kind: "business_card", Content: kf.BusinessCard{}}, "msgtype", kf.RuleKind},
		"mixed kinds":   {Send{Kind: kf.KindMenu, Content: kf.Location{}}, "msgtype", kf.RuleKind},
	} {
		f.form.ConversationID = c.ID
		var invalid *Invalid
		if _, err := s.ops.SendMessage(s.ctx, s.manager, f.form); !errors.As(err, &invalid) || invalid.Field != f.field || invalid.Rule != f.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls := s.calls(""); len(calls) != 0 || s.count(MessageSend) != 0 {
		t.Errorf("sent: %+v", calls)
	}
}

// TestSendLongText: a long text is several messages, in order, each a change of its own.
func TestSendLongText(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	text := strings.Repeat("第一段。", 170) + "\n" + strings.Repeat("第二段。", 170) + "\n" + strings.Repeat("第三段。", 170)
	form := Send{IntentID: db.NewID(), ConversationID: c.ID, Kind: kf.KindText, Text: text}
	list, err := s.ops.SendMessage(s.ctx, s.manager, form)
	s.must(err)
	var ids []string
	for i, r := range list {
		s.ended(r.IntentID, Done)
		ids = append(ids, r.IntentID)
		if want := `"part":` + number(i+1) + `,"parts":3`; !strings.Contains(s.entry(r.IntentID).Input, want) {
			t.Errorf("input %s", s.entry(r.IntentID).Input)
		}
	}
	if got := s.got(c); len(ids) != 3 || !slices.Equal(ids, got) || ids[0] != form.IntentID || s.again(c).Sent != 3 {
		t.Errorf("sent %v, arrived %v", ids, got)
	}
	if _, err := s.ops.SendMessage(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form: %v", err)
	}
	if n := len(s.got(c)); n != 3 {
		t.Errorf("%d messages after the same form", n)
	}
}

// TestSendStopsAtTheFirstFailure: what follows a part that did not arrive is not sent.
func TestSendStopsAtTheFirstFailure(t *testing.T) {
	for kind, want := range map[string]string{"errcode": Refused, "cut_after": Open} {
		s := newTalkStage(t)
		c := s.meets()
		s.fault(fault{Endpoint: "kf/send_msg", Kind: kind, Code: 45009, After: 1})
		list, err := s.ops.SendMessage(s.ctx, s.manager, Send{ConversationID: c.ID, Kind: kf.KindText, Text: strings.Repeat("退", 683*3)})
		s.must(err)
		if len(list) != 2 || list[0].Outcome != Done || list[1].Outcome != want || s.count(MessageSend) != 2 {
			t.Errorf("%s: %+v", kind, list)
		}
	}
}

// TestSendWithinTheWindow: what WeCom would refuse is not sent, and a new message of the customer opens the window again.
func TestSendWithinTheWindow(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	refused := func(rule string) {
		t.Helper()
		before := len(s.calls(""))
		var invalid *Invalid
		_, err := s.ops.SendMessage(s.ctx, s.manager, Send{ConversationID: c.ID, Kind: kf.KindText, Text: answered})
		if !errors.As(err, &invalid) || invalid.Field != "window" || invalid.Rule != rule || len(s.calls("")) != before {
			t.Errorf("want %s: %v, %d calls", rule, err, len(s.calls(""))-before)
		}
	}
	for range 5 {
		s.sendText(c, answered)
	}
	refused(WindowQuota)
	s.clock.advance(time.Second)
	s.writes(c.CustomerID)
	s.ended(s.sendText(c, answered).IntentID, Done)
	s.move(c, 2, "")
	refused(WindowQueue)
	s.move(c, 3, s.people[0])
	refused(WindowPerson)
	s.move(c, 4, "")
	refused(WindowEnded)
	s.clock.advance(time.Second)
	s.writes(c.CustomerID)
	s.clock.advance(48 * time.Hour)
	refused(WindowExpired)
}

// TestSendIntoAnotherState: WeCom refuses because a person has the conversation; our copy says so then.
func TestSendIntoAnotherState(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	_, err := s.kf.TransferState(s.ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID), kf.StateHuman, kf.UserID(s.people[0]))
	s.must(err)
	r := s.sendText(c, answered)
	e := s.ended(r.IntentID, Refused)
	var told *Meanwhile
	if !errors.As(r.Err, &told) || told.State != 3 || told.ServicerID != s.people[0] || e.Outcome.Errcode != 95018 {
		t.Errorf("told %+v, outcome %+v", r.Err, e.Outcome)
	}
	s.is(c, 3, s.people[0])
	if row := s.row(c, r.IntentID); row.Delivery != db.DeliveryRefused || s.again(c).WaitingSince.IsZero() {
		t.Errorf("row %+v", row)
	}
}

// TestSendThatFailsLater: that a message was not delivered may be told before the answer to its call.
func TestSendThatFailsLater(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	id := s.lose("kf/send_msg", "cut_after", func() (Result, error) { return s.sendText(c, answered), nil })
	s.control("POST", "/_sim/fail", map[string]any{"account": s.account.ID, "msgid": id, "type": 10}, nil)
	s.must(s.db.SetDelivery(s.ctx, c.AccountID, id, db.DeliveryFailed, 10))
	calls := len(s.calls("kf/send_msg"))
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Done)
	if row := s.row(c, id); row.Delivery != db.DeliveryFailed || row.FailType != 10 || len(s.calls("kf/send_msg")) != calls {
		t.Errorf("row %+v", row)
	}
}

// TestSettleSendStaysUnknown: what cannot be known is not guessed, and what WeCom may have forgotten is not sent again.
func TestSettleSendStaysUnknown(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	id := s.lose("kf/send_msg", "cut_before", func() (Result, error) { return s.sendText(c, answered), nil })
	// Refused for another reason than the id: says nothing about the first try.
	s.fault(fault{Endpoint: "kf/send_msg", Kind: "errcode", Code: 95001})
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Open)
	s.fault(fault{Endpoint: "kf/send_msg", Kind: "cut_before"})
	if err := s.ops.Settle(s.ctx); err == nil {
		t.Error("a lost answer is no error")
	}
	s.ended(id, Open)
	s.clock.advance(resendWithin)
	calls := len(s.calls("kf/send_msg"))
	s.must(s.ops.Settle(s.ctx))
	s.must(s.ops.SettleOne(s.ctx, id))
	s.ended(id, Open)
	if row := s.row(c, id); row.Delivery != db.DeliveryUnknown || len(s.calls("kf/send_msg")) != calls || len(s.got(c)) != 0 {
		t.Errorf("row %+v, arrived %v", row, s.got(c))
	}
}

// TestSendUploadLost: whatever became of the file, the message was certainly not sent.
func TestSendUploadLost(t *testing.T) {
	for kind, want := range map[string]struct{ outcome, delivery string }{
		"cut_after": {Failed, db.DeliveryNotSent}, "errcode": {Refused, db.DeliveryRefused},
	} {
		s := newTalkStage(t)
		c := s.meets()
		s.fault(fault{Endpoint: "media/upload", Kind: kind, Code: 40006})
		list, err := s.ops.SendMessage(s.ctx, s.manager, Send{ConversationID: c.ID, Kind: kf.KindImage, Upload: &Upload{"a.png", smallPNG(t)}})
		s.must(err)
		s.ended(list[0].IntentID, want.outcome)
		if row := s.row(c, list[0].IntentID); row.Delivery != want.delivery || len(s.calls("kf/send_msg")) != 0 {
			t.Errorf("%s: row %+v", kind, row)
		}
	}
}

// TestSendKeepsNoText: the log knows the size of a message and nothing of what it says.
func TestSendKeepsNoText(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	e := s.ended(s.sendText(c, answered).IntentID, Done)
	var input map[string]any
	s.must(json.Unmarshal([]byte(e.Input), &input))
	if len(input) != 2 || input["type"] != "text" || input["bytes"] != float64(len(answered)) || e.Before != "" || e.Outcome.After != "" || !strings.HasPrefix(e.TargetName, s.account.Name) {
		t.Errorf("entry %+v, after %q", e.Intent, e.Outcome.After)
	}
}
