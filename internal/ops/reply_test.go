package ops

import (
	"errors"
	"strings"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/live"
)

func welcome() ReplyRule {
	return ReplyRule{
		Scene: db.SceneWelcome, Name: "工作时间", Days: 0b11111, From: 9 * 60, To: 18 * 60, Text: "您好，有什么可以帮您？", Enabled: true,
		Menu: &kf.Menu{Items: []kf.MenuItem{{Type: kf.ItemClick, ID: "order", Content: "查订单"}}, Tail: "请选择"},
	}
}

func (s *stage) save(r ReplyRule) Result {
	s.Helper()
	result, err := s.ops.SaveReplyRule(s.ctx, s.manager, r)
	s.must(err)
	s.ended(result.IntentID, Done)
	return result
}

func (s *stage) rule(id string) db.ReplyRule {
	s.Helper()
	r, err := s.db.ReplyRule(s.ctx, id)
	s.must(err)
	return r
}

func (s *stage) undo(id string) Result {
	s.Helper()
	r, err := s.ops.Undo(s.ctx, s.manager, id, db.NewID())
	s.must(err)
	s.ended(r.IntentID, Done)
	return r
}

func TestSaveReplyRule(t *testing.T) {
	s := newTalkStage(t)
	form := welcome()
	form.IntentID = db.NewID()
	made := s.save(form)
	if made.RemoteID != made.IntentID {
		t.Errorf("result %+v", made)
	}
	stored := s.rule(made.RemoteID)
	draft, err := live.RuleDraft(stored)
	s.must(err)
	menu, ok := draft.Content.(kf.Menu)
	if !ok || menu.Head != form.Text || menu.Tail != "请选择" || len(menu.Items) != 1 || menu.Items[0].ID != "order" {
		t.Errorf("the sync would send %+v", draft)
	}
	if _, err := s.ops.SaveReplyRule(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form: %v", err)
	}
	if _, err := s.ops.SaveReplyRule(s.ctx, s.auditor, welcome()); !errors.Is(err, ErrDenied) {
		t.Errorf("an auditor: %v", err)
	}

	change := welcome()
	change.ID, change.Rev, change.Text, change.Menu, change.To = stored.ID, stored.Rev, "您好", nil, 24*60
	changed := s.save(change)
	now := s.rule(stored.ID)
	if now.Text != "您好" || now.Menu != nil || now.To != 24*60 || now.Rev != stored.Rev+1 {
		t.Errorf("changed to %+v", now)
	}
	change.Name = "晚了一步"
	var conflict *Conflict
	if _, err := s.ops.SaveReplyRule(s.ctx, s.owner, change); !errors.As(err, &conflict) || conflict.Rev != now.Rev || conflict.By != s.manager.Name {
		t.Errorf("an old page: %v", err)
	}

	// Undo goes back step by step, and each step once.
	s.undo(changed.IntentID)
	if back := s.rule(stored.ID); back.Text != stored.Text || string(back.Menu) != string(stored.Menu) || back.From != stored.From || back.To != stored.To || back.Days != stored.Days {
		t.Errorf("back to %+v, was %+v", back, stored)
	}
	if _, err := s.ops.Undo(s.ctx, s.manager, changed.IntentID, db.NewID()); !errors.Is(err, ErrNotUndoable) {
		t.Errorf("undone twice: %v", err)
	}
	s.undo(made.IntentID)
	if _, err := s.db.ReplyRule(s.ctx, stored.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("a new rule undone: %v", err)
	}
	if _, err := s.ops.Undo(s.ctx, s.manager, made.IntentID, db.NewID()); !errors.Is(err, ErrNotUndoable) {
		t.Errorf("undone twice: %v", err)
	}
}

func TestDeleteReplyRule(t *testing.T) {
	s := newTalkStage(t)
	made := s.save(welcome())
	stored := s.rule(made.RemoteID)
	if _, err := s.ops.DeleteReplyRule(s.ctx, s.viewer, DeleteReply{ID: stored.ID}); !errors.Is(err, ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
	var conflict *Conflict
	if _, err := s.ops.DeleteReplyRule(s.ctx, s.manager, DeleteReply{ID: stored.ID, Rev: stored.Rev + 1}); !errors.As(err, &conflict) {
		t.Errorf("an old page: %v", err)
	}
	deleted, err := s.ops.DeleteReplyRule(s.ctx, s.manager, DeleteReply{ID: stored.ID, Rev: stored.Rev})
	s.must(err)
	s.ended(deleted.IntentID, Done)
	if _, err := s.ops.DeleteReplyRule(s.ctx, s.manager, DeleteReply{ID: stored.ID}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	// What the rule was made with cannot be undone any more, its deletion can.
	if _, err := s.ops.Undo(s.ctx, s.manager, made.IntentID, db.NewID()); !errors.Is(err, ErrNotUndoable) {
		t.Errorf("undoing what is gone: %v", err)
	}
	s.undo(deleted.IntentID)
	if back := s.rule(stored.ID); !sameRule(back, stored) {
		t.Errorf("back to %+v, was %+v", back, stored)
	}
}

// TestUndoReplyThatWasChanged: what somebody changed since is not thrown away.
func TestUndoReplyThatWasChanged(t *testing.T) {
	s := newTalkStage(t)
	made := s.save(welcome())
	change := welcome()
	change.ID, change.Rev, change.Text = made.RemoteID, s.rule(made.RemoteID).Rev, "改过的"
	s.save(change)
	var conflict *Conflict
	if _, err := s.ops.Undo(s.ctx, s.manager, made.IntentID, db.NewID()); !errors.As(err, &conflict) {
		t.Errorf("%v", err)
	}
	if s.rule(made.RemoteID).Text != "改过的" {
		t.Error("the change is lost")
	}
}

func TestReplyRuleIsChecked(t *testing.T) {
	s := newTalkStage(t)
	for name, c := range map[string]struct {
		spoil       func(r *ReplyRule)
		field, rule string
	}{
		"no name":         {func(r *ReplyRule) { r.Name = " " }, "name", "required"},
		"no scene":        {func(r *ReplyRule) { r.Scene = "lunch" }, "scene", "required"},
		"no day":          {func(r *ReplyRule) { r.Days = 0 }, "days", "required"},
		"an eighth day":   {func(r *ReplyRule) { r.Days = 1 << 7 }, "days", "required"},
		"from 24:00":      {func(r *ReplyRule) { r.From = 24 * 60 }, "from", "limit"},
		"to 24:01":        {func(r *ReplyRule) { r.To = 24*60 + 1 }, "to", "limit"},
		"nothing to say":  {func(r *ReplyRule) { r.Menu, r.Text = nil, "" }, "text", "required"},
		"too much to say": {func(r *ReplyRule) { r.Menu, r.Text = nil, strings.Repeat("话", 683) }, "text", kf.RuleMaxBytes},
		"menu in a queue": {func(r *ReplyRule) { r.Scene = db.SceneQueue }, "menu", "scene"},
		"empty menu":      {func(r *ReplyRule) { r.Menu = &kf.Menu{} }, "list", kf.RuleRequired},
		"long above menu": {func(r *ReplyRule) { r.Text = strings.Repeat("话", 342) }, "head_content", kf.RuleMaxBytes},
	} {
		form := welcome()
		c.spoil(&form)
		var invalid *Invalid
		if _, err := s.ops.SaveReplyRule(s.ctx, s.manager, form); !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Rule != c.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	form := welcome()
	form.AccountID = "wkNobody"
	if _, err := s.ops.SaveReplyRule(s.ctx, s.manager, form); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("no such account: %v", err)
	}
	var invalid *Invalid
	made := s.save(welcome())
	form = welcome()
	form.ID, form.Rev = made.RemoteID, 1
	if _, err := s.ops.SaveReplyRule(s.ctx, s.manager, form); !errors.As(err, &invalid) || invalid.Rule != "unchanged" {
		t.Errorf("unchanged: %v", err)
	}
}
