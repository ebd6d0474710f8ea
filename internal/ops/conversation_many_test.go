package ops

import (
	"errors"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

func (s *talkStage) moveMany(m MoveMany) string {
	s.Helper()
	id, err := s.ops.MoveConversations(s.ctx, s.manager, m)
	s.must(err)
	return id
}

// rows are the rows of a run by conversation.
func (s *talkStage) rows(run string) map[string]db.RunItem {
	s.Helper()
	items, err := s.db.RunItems(s.ctx, run, "", 0, MaxConversations)
	s.must(err)
	found := map[string]db.RunItem{}
	for _, item := range items {
		found[item.MemberID] = item
	}
	return found
}

// TestMoveTwenty moves the conversations of an absent colleague: most go, and each that does not says why.
func TestMoveTwenty(t *testing.T) {
	s := newTalkStage(t)
	list, ids := s.crowd(20)
	for _, c := range list[:18] {
		s.move(c, 3, s.people[0])
	}
	s.desk("end", list[0], s.people[0]) // unknown to us: WeCom refuses
	s.move(list[1], 4, "")              // known: not asked
	s.move(list[2], 3, s.people[1])     // there already
	s.control("DELETE", "/_sim/journal", nil, nil)
	s.fault(fault{Endpoint: "kf/service_state/trans", Kind: "errcode", Code: 95019, After: 9})
	form := MoveMany{IntentID: db.NewID(), ConversationIDs: append(ids, ids[3]), To: 3, ServicerID: s.people[1]}
	id := s.moveMany(form)
	if len(s.calls("")) != 0 {
		t.Error("something was sent before the worker had its turn")
	}
	if _, err := s.ops.MoveConversations(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form: %v", err)
	}
	if _, err := s.ops.MoveConversations(s.ctx, s.manager, MoveMany{ConversationIDs: ids[5:6], To: 4}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second run with one of them: %v", err)
	}
	if _, err := s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: ids[5], To: 4}); !errors.Is(err, ErrLocked) {
		t.Errorf("a move of one of them: %v", err)
	}
	s.must(s.work(s.ops))
	e := s.ended(id, Partial)
	if e.Outcome.After != `{"done":16,"ignored":1,"failed":3}` || e.Outcome.Errcode != 95013 {
		t.Errorf("outcome %+v", e.Outcome)
	}
	rows := s.rows(id)
	refused := 0
	for i, c := range list {
		row := rows[c.ID]
		switch {
		case i == 0 && (row.State != db.ItemFailed || row.Errcode != 95013),
			i == 1 && (row.State != db.ItemFailed || row.Errmsg != MoveEnded || row.Errcode != 0),
			i == 2 && row.State != db.ItemIgnored:
			t.Errorf("row %d: %+v", i, row)
		case i <= 1:
			s.is(c, 4, "")
		case row.State == db.ItemFailed:
			refused++
			if row.Errcode != 95019 || row.Kind != KindConversation || row.Name != s.account.Name {
				t.Errorf("row %d: %+v", i, row)
			}
		default:
			s.is(c, 3, s.people[1])
		}
	}
	if n := len(s.calls("kf/service_state/trans")); refused != 1 || n != 18 {
		t.Errorf("%d rows refused, %d calls", refused, n)
	}
	// When it is over, its conversations can be moved again.
	s.ended(s.move(list[5], 4, "").IntentID, Done)
}

func TestMoveManyIsChecked(t *testing.T) {
	s := newTalkStage(t)
	_, ids := s.crowd(1)
	var many []string
	for range MaxConversations + 1 {
		many = append(many, db.NewID())
	}
	for name, f := range map[string]struct {
		form        MoveMany
		field, rule string
	}{
		"none":     {MoveMany{To: 2}, "conversations", "none"},
		"nobody":   {MoveMany{ConversationIDs: ids, To: 3}, "servicer", "required"},
		"to new":   {MoveMany{ConversationIDs: ids, To: 0}, "to", MoveInitial},
		"no state": {MoveMany{ConversationIDs: ids, To: 9}, "to", "target"},
	} {
		var invalid *Invalid
		if _, err := s.ops.MoveConversations(s.ctx, s.manager, f.form); !errors.As(err, &invalid) || invalid.Field != f.field || invalid.Rule != f.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ops.MoveConversations(s.ctx, s.manager, MoveMany{ConversationIDs: many, To: 2}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("none of them there: %v", err)
	}
	if _, err := s.ops.MoveConversations(s.ctx, s.viewer, MoveMany{ConversationIDs: ids, To: 2}); !errors.Is(err, ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
	if e := s.last(ConversationMoveMany); e.Outcome == nil || e.Outcome.Result != Denied {
		t.Errorf("the denial: %+v", e)
	}
}

// TestMoveManyLostAnswers: what was lost is looked up, and moved again only if it is not there.
func TestMoveManyLostAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		fault  fault
		calls  int
		result string
	}{
		"applied":       {fault{Kind: "cut_after"}, 3, Done},
		"not applied":   {fault{Kind: "cut_before"}, 4, Done},
		"busy":          {fault{Kind: "errcode", Code: -1, Times: 2}, 5, Done},
		"too often":     {fault{Kind: "errcode", Code: 45009, Times: 2}, 5, Done},
		"never applied": {fault{Kind: "cut_before", Times: -1}, 15, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTalkStage(t)
			list, ids := s.crowd(3)
			c.fault.Endpoint = "kf/service_state/trans"
			s.fault(c.fault)
			id := s.moveMany(MoveMany{ConversationIDs: ids, To: 2})
			s.must(s.work(s.ops))
			s.ended(id, c.result)
			want := 2
			if c.result == Failed {
				want = 0
			}
			for _, c := range list {
				s.is(c, want, "")
			}
			if n := len(s.calls("kf/service_state/trans")); n > c.calls || c.result == Done && n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

// TestMoveManyRestart: the program ended while one row was on its way, before or after WeCom had moved it.
func TestMoveManyRestart(t *testing.T) {
	for _, applied := range []bool{false, true} {
		s := newTalkStage(t)
		list, ids := s.crowd(4)
		id := s.moveMany(MoveMany{ConversationIDs: ids, To: 2})
		open, err := s.db.OpenRuns(s.ctx)
		s.must(err)
		func() {
			defer func() {
				if recover() != errKilled {
					t.Error("not killed")
				}
			}()
			o := s.newOps(s.db, s.dying("kf/service_state/trans", applied))
			_ = o.advance(s.ctx, open[0])
		}()
		if states := s.states(id); states[db.ItemSending] != 1 || states[db.ItemPending] != 3 {
			t.Fatalf("states %v", states)
		}
		again := s.newOps(s.open(db.Options{}), s.kf)
		s.must(again.Settle(s.ctx))
		s.ended(id, Open)
		s.must(again.runAll(s.ctx))
		s.ended(id, Done)
		for _, c := range list {
			s.is(c, 2, "")
			if notes := s.notes(c); len(notes) != 1 {
				t.Errorf("notes %+v", notes)
			}
		}
		if n := len(s.calls("kf/service_state/trans")); n != 4 {
			t.Errorf("applied %v: %d calls", applied, n)
		}
	}
}

// TestMoveManyMeetsAnotherMove: a move of one conversation that has no known end yet keeps the run off it, and it alone.
func TestMoveManyMeetsAnotherMove(t *testing.T) {
	s := newTalkStage(t)
	list, ids := s.crowd(2)
	s.lose("kf/service_state/trans", "cut_before", func() (Result, error) {
		return s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: ids[0], To: 4})
	})
	id := s.moveMany(MoveMany{ConversationIDs: ids, To: 2})
	s.must(s.work(s.ops))
	s.ended(id, Partial)
	if row := s.rows(id)[ids[0]]; row.State != db.ItemFailed || row.Errmsg != RowUnderWay {
		t.Errorf("row %+v", row)
	}
	s.is(list[1], 2, "")
}

// TestMoveManyWithWeComAway: a run that cannot ask what became of a row goes on later.
func TestMoveManyWithWeComAway(t *testing.T) {
	s := newTalkStage(t)
	list, ids := s.crowd(1)
	s.fault(fault{Endpoint: "kf/service_state/trans", Kind: "cut_after"})
	s.fault(fault{Endpoint: "kf/service_state/get", Kind: "status"})
	id := s.moveMany(MoveMany{ConversationIDs: ids, To: 3, ServicerID: s.people[1]})
	if err := s.work(s.ops); err == nil {
		t.Error("a state that cannot be read is no error")
	}
	s.ended(id, Open)
	s.must(s.work(s.ops))
	s.ended(id, Done)
	s.is(list[0], int(kf.StateHuman), s.people[1])
}
