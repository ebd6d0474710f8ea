package ops

import (
	"errors"
	"slices"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

func TestUndoRename(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.account(s.managed().ID)
	r, err := s.ops.UpdateAccount(s.ctx, s.owner, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("临时名字")})
	s.must(err)
	if !CanUndo(s.entry(r.IntentID)) {
		t.Fatal("a rename cannot be undone")
	}
	if _, err := s.ops.Undo(s.ctx, s.viewer, r.IntentID, ""); !errors.Is(err, ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
	form := db.NewID()
	back, err := s.ops.Undo(s.ctx, s.manager, r.IntentID, form)
	s.must(err)
	e := s.ended(back.IntentID, Done)
	if now, _ := s.remote(a.ID); now.Name != a.Name || s.account(a.ID).Name != a.Name || e.Undoes != r.IntentID || e.Action != AccountUpdate || back.IntentID != form {
		t.Errorf("after the undo: %+v, entry %+v", now, e)
	}
	if _, err := s.ops.Undo(s.ctx, s.manager, r.IntentID, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form sent twice: %v", err)
	}
	if _, err := s.ops.Undo(s.ctx, s.manager, r.IntentID, db.NewID()); !errors.Is(err, ErrNotUndoable) {
		t.Errorf("undone twice: %v", err)
	}
	// The undo is a change like any other, and can be undone itself.
	again, err := s.ops.Undo(s.ctx, s.manager, back.IntentID, "")
	s.must(err)
	s.ended(again.IntentID, Done)
	if now, _ := s.remote(a.ID); now.Name != "临时名字" {
		t.Errorf("after undoing the undo: %s", now.Name)
	}
}

func TestUndoConflict(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.account(s.managed().ID)
	r, err := s.ops.UpdateAccount(s.ctx, s.owner, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("第一次改")})
	s.must(err)
	_, err = s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: s.account(a.ID).Rev, Name: ptr("第二次改")})
	s.must(err)
	var conflict *Conflict
	if _, err := s.ops.Undo(s.ctx, s.owner, r.IntentID, ""); !errors.As(err, &conflict) || conflict.Theirs != "第二次改" || conflict.Yours != a.Name || conflict.By != "op-manager" {
		t.Errorf("%v, %+v", err, conflict)
	}
	if now, _ := s.remote(a.ID); now.Name != "第二次改" {
		t.Errorf("the name is %s", now.Name)
	}
}

func TestUndoPicture(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.account(s.managed().ID)
	change := func(side int) Result {
		r, err := s.ops.UpdateAccount(s.ctx, s.owner, AccountChange{AccountID: a.ID, Rev: s.account(a.ID).Rev, Picture: asPNG(t, quarters(side, side))})
		s.must(err)
		s.ended(r.IntentID, Done)
		return r
	}
	first := change(20)
	if CanUndo(s.entry(first.IntentID)) {
		t.Error("a picture that replaced one of which we have no copy can be undone")
	}
	if _, err := s.ops.Undo(s.ctx, s.owner, first.IntentID, ""); !errors.Is(err, ErrNotUndoable) {
		t.Errorf("no copy: %v", err)
	}
	kept := s.account(a.ID).PictureID
	second := change(30)
	if s.account(a.ID).PictureID == kept {
		t.Fatal("both pictures are the same: this proves nothing")
	}
	r, err := s.ops.Undo(s.ctx, s.owner, second.IntentID, "")
	s.must(err)
	s.ended(r.IntentID, Done)
	if s.account(a.ID).PictureID != kept {
		t.Error("our copy is not the one before")
	}
}

func TestUndoLink(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	l := s.link("官网")
	changed, err := s.ops.UpdateLink(s.ctx, s.owner, LinkChange{LinkID: l.ID, Rev: l.Rev, Name: "改了", Campaign: l.Campaign})
	s.must(err)
	archived, err := s.ops.ArchiveLink(s.ctx, s.owner, LinkAction{LinkID: l.ID})
	s.must(err)
	for _, id := range []string{archived.IntentID, changed.IntentID} {
		r, err := s.ops.Undo(s.ctx, s.manager, id, "")
		s.must(err)
		if e := s.ended(r.IntentID, Done); e.Undoes != id {
			t.Errorf("undoes %q", e.Undoes)
		}
		if _, err := s.ops.Undo(s.ctx, s.manager, id, ""); !errors.Is(err, ErrNotUndoable) {
			t.Errorf("undone twice: %v", err)
		}
	}
	now, err := s.db.Link(s.ctx, l.ID)
	s.must(err)
	if now.Name != "官网" || now.Note != l.Note || now.ArchivedAt != nil {
		t.Errorf("link %+v", now)
	}
	changed, err = s.ops.UpdateLink(s.ctx, s.owner, LinkChange{LinkID: l.ID, Rev: now.Rev, Name: "又改了", Campaign: l.Campaign, Note: l.Note})
	s.must(err)
	now, err = s.db.Link(s.ctx, l.ID)
	s.must(err)
	_, err = s.ops.UpdateLink(s.ctx, s.manager, LinkChange{LinkID: l.ID, Rev: now.Rev, Name: "别人改了", Campaign: l.Campaign, Note: l.Note})
	s.must(err)
	var conflict *Conflict
	if _, err := s.ops.Undo(s.ctx, s.owner, changed.IntentID, ""); !errors.As(err, &conflict) || conflict.Theirs != "别人改了" || conflict.Yours != "官网" {
		t.Errorf("%v, %+v", err, conflict)
	}
}

func TestUndoRemoval(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	s.mirrorServicers(a.ID)
	before := s.serving(a.ID)
	if len(before) < 2 {
		t.Fatalf("only %v serve", before)
	}
	id := s.start(ServicerChange{AccountID: a.ID, Verb: Remove, UserIDs: append(s.staff(a, 1), before[:2]...)})
	s.must(s.work(s.ops))
	s.ended(id, Done)
	r, err := s.ops.Undo(s.ctx, s.manager, id, "")
	s.must(err)
	s.must(s.work(s.ops))
	s.ended(r.IntentID, Done)
	if !slices.Equal(s.serving(a.ID), before) {
		t.Errorf("serving %v, before %v", s.serving(a.ID), before)
	}
}

func TestCanUndo(t *testing.T) {
	done := &db.Outcome{Result: Done, After: `{"done":0,"ignored":3,"failed":0}`}
	for _, e := range []db.Entry{
		{Intent: db.Intent{Action: AccountUpdate}},
		{Intent: db.Intent{Action: AccountUpdate}, Outcome: &db.Outcome{Result: Refused}},
		{Intent: db.Intent{Action: AccountCreate}, Outcome: done},
		{Intent: db.Intent{Action: AccountDelete}, Outcome: done},
		{Intent: db.Intent{Action: LinkCreate}, Outcome: done},
		{Intent: db.Intent{Action: ServicerAdd}, Outcome: done},
		{Intent: db.Intent{Action: SessionSignIn}, Outcome: done},
	} {
		if CanUndo(e) {
			t.Errorf("%s with outcome %+v can be undone", e.Action, e.Outcome)
		}
	}
}
