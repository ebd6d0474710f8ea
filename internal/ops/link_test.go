package ops

import (
	"errors"
	"strings"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// link makes a link and returns it.
func (s *stage) link(name string) db.Link {
	s.Helper()
	r, err := s.ops.CreateLink(s.ctx, s.manager, NewLink{AccountID: s.managed().ID, Name: name, Scene: "s1", Campaign: "春季", Note: "第一行\r\n第二行"})
	s.must(err)
	if r.Outcome != Done || r.RemoteID != r.IntentID {
		s.Fatalf("%+v", r)
	}
	l, err := s.db.Link(s.ctx, r.RemoteID)
	s.must(err)
	return l
}

func TestLinkFormsAreChecked(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	long := strings.Repeat("长", 61)
	for name, c := range map[string]struct {
		form        NewLink
		field, rule string
	}{
		"no name":          {NewLink{AccountID: a.ID}, "name", "required"},
		"long name":        {NewLink{AccountID: a.ID, Name: long}, "name", "long"},
		"long campaign":    {NewLink{AccountID: a.ID, Name: "n", Campaign: long}, "campaign", "long"},
		"long note":        {NewLink{AccountID: a.ID, Name: "n", Note: strings.Repeat("长", 501)}, "note", "long"},
		"scene in Chinese": {NewLink{AccountID: a.ID, Name: "n", Scene: "首页"}, "scene", "chars"},
		"scene of 33":      {NewLink{AccountID: a.ID, Name: "n", Scene: strings.Repeat("s", 33)}, "scene", "long"},
	} {
		var invalid *Invalid
		if _, err := s.ops.CreateLink(s.ctx, s.manager, c.form); !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Rule != c.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ops.CreateLink(s.ctx, s.manager, NewLink{AccountID: "wkNobody", Name: "n"}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("unknown account: %v", err)
	}
	if len(s.calls("")) != 0 {
		t.Error("a bad form was sent")
	}
}

func TestUpdateLink(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	l := s.link("官网")
	if l.Note != "第一行\n第二行" || l.CreatedBy != s.manager.ID {
		t.Errorf("link %+v", l)
	}
	form := LinkChange{IntentID: db.NewID(), LinkID: l.ID, Rev: l.Rev, Name: "官网首页", Campaign: "夏季", Note: l.Note}
	r, err := s.ops.UpdateLink(s.ctx, s.owner, form)
	s.must(err)
	e := s.ended(r.IntentID, Done)
	now, err := s.db.Link(s.ctx, l.ID)
	s.must(err)
	if now.Name != "官网首页" || now.Campaign != "夏季" || now.Rev == l.Rev || now.URL != l.URL || now.Scene != l.Scene {
		t.Errorf("link %+v", now)
	}
	if !strings.Contains(e.Before, "春季") || !strings.Contains(e.Outcome.After, "夏季") {
		t.Errorf("before %s, after %s", e.Before, e.Outcome.After)
	}
	if _, err := s.ops.UpdateLink(s.ctx, s.owner, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("sent twice: %v", err)
	}
	form.IntentID, form.Name = db.NewID(), "另一个名字"
	var conflict *Conflict
	if _, err := s.ops.UpdateLink(s.ctx, s.manager, form); !errors.As(err, &conflict) || conflict.Theirs != "官网首页" || conflict.By != "op-owner" || conflict.Rev != now.Rev {
		t.Errorf("an old revision: %v, %+v", err, conflict)
	}
	form.Rev, form.Name = now.Rev, "官网首页"
	var invalid *Invalid
	if _, err := s.ops.UpdateLink(s.ctx, s.manager, form); !errors.As(err, &invalid) || invalid.Rule != "unchanged" {
		t.Errorf("nothing changed: %v", err)
	}
	if _, err := s.ops.UpdateLink(s.ctx, s.viewer, form); !errors.Is(err, ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
}

func TestArchiveLink(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	l := s.link("官网")
	r, err := s.ops.ArchiveLink(s.ctx, s.manager, LinkAction{LinkID: l.ID})
	s.must(err)
	if e := s.ended(r.IntentID, Done); e.Before != `{"archived":false}` || e.Outcome.After != `{"archived":true}` || e.TargetName != "官网" {
		t.Errorf("entry %+v", e)
	}
	if now, _ := s.db.Link(s.ctx, l.ID); now.ArchivedAt == nil {
		t.Error("not archived")
	}
	var invalid *Invalid
	if _, err := s.ops.ArchiveLink(s.ctx, s.manager, LinkAction{LinkID: l.ID}); !errors.As(err, &invalid) || invalid.Rule != "unchanged" {
		t.Errorf("archived twice: %v", err)
	}
	_, err = s.ops.RestoreLink(s.ctx, s.manager, LinkAction{LinkID: l.ID})
	s.must(err)
	if now, _ := s.db.Link(s.ctx, l.ID); now.ArchivedAt != nil {
		t.Error("not restored")
	}
	if _, err := s.ops.ArchiveLink(s.ctx, s.manager, LinkAction{LinkID: "nobody"}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("unknown link: %v", err)
	}
	if _, err := s.ops.ArchiveLink(s.ctx, s.auditor, LinkAction{LinkID: l.ID}); !errors.Is(err, ErrDenied) {
		t.Errorf("an auditor: %v", err)
	}
	if _, err := s.newOps(s.open(db.Options{ReadOnly: true}), s.kf).ArchiveLink(s.ctx, s.manager, LinkAction{LinkID: l.ID}); !errors.Is(err, ErrStorage) {
		t.Errorf("a read-only database: %v", err)
	}
}
