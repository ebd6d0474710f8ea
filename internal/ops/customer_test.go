package ops

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

func TestEraseCustomer(t *testing.T) {
	s := newTalkStage(t)
	c, other := s.meets(), s.meets()
	_, err := s.ops.SendMessage(s.ctx, s.manager, Send{ConversationID: c.ID, Kind: kf.KindFile, Upload: &Upload{"报价单.pdf", []byte("only for you")}})
	s.must(err)
	sent := s.got(c)
	media, err := s.db.Media(s.ctx, sent[0])
	s.must(err)
	for name, typed := range map[string]string{"nothing": "", "another name": "张三", "a part": "韩梅梅"} {
		var invalid *Invalid
		if _, err := s.ops.EraseCustomer(s.ctx, s.owner, Erase{CustomerID: c.CustomerID, Typed: typed}); !errors.As(err, &invalid) || invalid.Rule != "typed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ops.EraseCustomer(s.ctx, s.manager, Erase{CustomerID: c.CustomerID, Typed: secretName}); !errors.Is(err, ErrDenied) {
		t.Errorf("a manager: %v", err)
	}
	form := Erase{IntentID: db.NewID(), CustomerID: c.CustomerID, Typed: " " + secretName + " "}
	r, err := s.ops.EraseCustomer(s.ctx, s.owner, form)
	s.must(err)
	e := s.ended(r.IntentID, Done)
	if e.TargetID != CustomerHash(c.CustomerID) || e.TargetName != "" || !strings.Contains(e.Outcome.After, `"conversations":1,`) || !strings.Contains(e.Outcome.After, `"media":1`) {
		t.Errorf("entry %+v, after %s", e.Intent, e.Outcome.After)
	}
	entries, _, err := s.db.AuditEntries(s.ctx, db.AuditFilter{Action: CustomerErase}, "", 10)
	s.must(err)
	text, err := json.Marshal(entries)
	s.must(err)
	if strings.Contains(string(text), c.CustomerID) || len(entries) != 2 {
		t.Errorf("the log knows who it was: %s", text)
	}
	if _, err := s.db.Customer(s.ctx, c.CustomerID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the profile: %v", err)
	}
	if _, err := s.db.Conversation(s.ctx, c.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the conversation: %v", err)
	}
	if _, err := s.db.OpenBlob(media.SHA256); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the file: %v", err)
	}
	s.is(other, 0, "")
	if _, err := s.ops.EraseCustomer(s.ctx, s.owner, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form: %v", err)
	}
	form.IntentID = db.NewID()
	if _, err := s.ops.EraseCustomer(s.ctx, s.owner, form); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("erased twice: %v", err)
	}
}

// TestEraseWhileAMessageIsSent: the message ends as it ends, and nothing of it comes back.
func TestEraseWhileAMessageIsSent(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.fault(fault{Endpoint: "kf/send_msg", Kind: "hang"})
	done := make(chan Result)
	go func() { done <- s.sendText(c, answered) }()
	s.held()
	_, err := s.ops.EraseCustomer(s.ctx, s.owner, Erase{CustomerID: c.CustomerID, Typed: c.CustomerID})
	s.must(err)
	s.control("POST", "/_sim/release", nil, nil)
	r := <-done
	s.ended(r.IntentID, Done)
	if _, err := s.db.Message(s.ctx, c.AccountID, r.IntentID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the message is there again: %v", err)
	}
	s.clock.advance(time.Second)
	lost := s.meets()
	id := s.lose("kf/send_msg", "cut_before", func() (Result, error) { return s.sendText(lost, answered), nil })
	_, err = s.ops.EraseCustomer(s.ctx, s.owner, Erase{CustomerID: lost.CustomerID, Typed: lost.CustomerID})
	s.must(err)
	s.must(s.ops.Settle(s.ctx))
	if e := s.ended(id, Failed); e.Outcome.Errmsg != erasedMeanwhile || len(s.got(lost)) != 0 {
		t.Errorf("outcome %+v", e.Outcome)
	}
}

func TestNameScene(t *testing.T) {
	s := newTalkStage(t)
	for name, f := range map[string]struct {
		form        NameOfScene
		field, rule string
	}{
		"no scene":   {NameOfScene{Name: "海报"}, "scene", "required"},
		"long scene": {NameOfScene{Scene: strings.Repeat("s", MaxSeenScene+1), Name: "海报"}, "scene", "long"},
		"no name":    {NameOfScene{Scene: "poster"}, "name", "required"},
		"long note":  {NameOfScene{Scene: "poster", Name: "海报", Note: strings.Repeat("注", MaxNote+1)}, "note", "long"},
	} {
		var invalid *Invalid
		if _, err := s.ops.NameScene(s.ctx, s.manager, f.form); !errors.As(err, &invalid) || invalid.Field != f.field || invalid.Rule != f.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	form := NameOfScene{IntentID: db.NewID(), Scene: "poster", Name: " 地铁海报 ", Note: "三号线"}
	if _, err := s.ops.NameScene(s.ctx, s.viewer, form); !errors.Is(err, ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
	form.IntentID = db.NewID()
	r, err := s.ops.NameScene(s.ctx, s.manager, form)
	s.must(err)
	s.ended(r.IntentID, Done)
	named, found, err := s.db.SceneName(s.ctx, "poster")
	s.must(err)
	if !found || named.Name != "地铁海报" || named.Note != "三号线" || named.NamedBy != s.manager.Name {
		t.Errorf("named %+v", named)
	}
	if _, err := s.ops.NameScene(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form: %v", err)
	}
	form.IntentID = db.NewID()
	var invalid *Invalid
	if _, err := s.ops.NameScene(s.ctx, s.manager, form); !errors.As(err, &invalid) || invalid.Rule != "unchanged" {
		t.Errorf("the same name: %v", err)
	}
	form.Name = "公交海报"
	r, err = s.ops.NameScene(s.ctx, s.manager, form)
	s.must(err)
	if e := s.ended(r.IntentID, Done); !strings.Contains(e.Before, "地铁海报") || e.TargetID != "poster" {
		t.Errorf("before %s", e.Before)
	}
}
