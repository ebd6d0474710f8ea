package ops

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// TestMoveMeanwhile: a servicer did something in the WeCom client that our copy does not know of yet.
func TestMoveMeanwhile(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.move(c, 3, s.people[0])
	s.desk("end", c, s.people[0])
	r := s.move(c, 3, s.people[1])
	e := s.ended(r.IntentID, Refused)
	var told *Meanwhile
	if !errors.As(r.Err, &told) || told.WasState != 3 || told.WasServicerID != s.people[0] || told.State != 4 || told.ServicerID != "" {
		t.Errorf("the operator is told %+v", r.Err)
	}
	var refusal *kf.Error
	if !errors.As(r.Err, &refusal) || refusal.Code != 95013 || e.Outcome.Errcode != 95013 {
		t.Errorf("refusal %v, outcome %+v", r.Err, e.Outcome)
	}
	s.is(c, 4, "")
	if notes := s.notes(c); len(notes) != 2 || notes[1] != (db.StateNote{State: 4, Reason: db.ReasonChecked}) {
		t.Errorf("notes %+v", notes)
	}
}

// TestMoveRefusedWithoutNews: a refusal that does not move our copy stays what WeCom said.
func TestMoveRefusedWithoutNews(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.fault(fault{Endpoint: "kf/service_state/trans", Kind: "errcode", Code: 95016})
	r := s.move(c, 2, "")
	var told *Meanwhile
	if s.ended(r.IntentID, Refused); errors.As(r.Err, &told) || len(s.notes(c)) != 0 {
		t.Errorf("told %v, notes %v", r.Err, s.notes(c))
	}
	s.fault(fault{Endpoint: "kf/service_state/trans", Kind: "errcode", Code: 95013})
	s.fault(fault{Endpoint: "kf/service_state/get", Kind: "status"})
	r = s.move(c, 2, "")
	s.ended(r.IntentID, Refused)
	s.is(c, 0, "")
}

func TestMoveIsChecked(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.duty(s.people[1], "stopped")
	s.mirrorServicers(s.account.ID)
	for name, m := range map[string]struct {
		move        Move
		field, rule string
	}{
		"nobody":         {Move{To: 3}, "servicer", "required"},
		"no userid":      {Move{To: 3, ServicerID: "不 行"}, "servicer", "id"},
		"not serving":    {Move{To: 3, ServicerID: s.people[2]}, "servicer", NotServing},
		"off duty":       {Move{To: 3, ServicerID: s.people[1]}, "servicer", OffDuty},
		"no state":       {Move{To: 5}, "to", "target"},
		"back to new":    {Move{To: 0}, "to", MoveSame},
		"below the list": {Move{To: -1}, "to", "target"},
	} {
		m.move.ConversationID = c.ID
		var invalid *Invalid
		if _, err := s.ops.MoveConversation(s.ctx, s.manager, m.move); !errors.As(err, &invalid) || invalid.Field != m.field || invalid.Rule != m.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls := s.calls(""); len(calls) != 0 {
		t.Errorf("a move that is not possible was sent: %+v", calls)
	}
	s.move(c, 3, s.people[0])
	var invalid *Invalid
	_, err := s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, To: 3, ServicerID: s.people[0]})
	if !errors.As(err, &invalid) || invalid.Field != "servicer" || invalid.Rule != MoveSame {
		t.Errorf("to the person who has it: %v", err)
	}
	if _, err := s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: db.NewID(), To: 2}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("no such conversation: %v", err)
	}
}

// TestMoveToAPersonByDepartment: somebody serves by a department, and by one above it.
func TestMoveToAPersonByDepartment(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.must(s.db.ReplaceDirectory(s.ctx, []db.Department{{ID: 1, Name: "公司"}, {ID: 2, ParentID: 1, Name: "客服"}, {ID: 3, ParentID: 2, Name: "夜班"}, {ID: 4, ParentID: 1, Name: "仓库"}},
		[]db.Person{{UserID: "day", Name: "甲", Status: 1, Departments: []int64{2}}, {UserID: "night", Name: "乙", Status: 1, Departments: []int64{3}},
			{UserID: "store", Name: "丙", Status: 1, Departments: []int64{4}}, {UserID: "left", Name: "丁", Status: 5, Departments: []int64{2}}}, s.clock.now()))
	s.must(s.db.UpsertServicers(s.ctx, s.account.ID, []db.Servicer{{AccountID: s.account.ID, Kind: db.KindDepartment, MemberID: "2", SeenAt: s.clock.now()}}))
	for id, rule := range map[string]string{"day": "", "NIGHT": "", "store": NotServing, "nobody": NotServing, s.people[0]: ""} {
		err := s.ops.serves(s.ctx, s.db, s.account.ID, id)
		var invalid *Invalid
		if rule == "" && err != nil || rule != "" && (!errors.As(err, &invalid) || invalid.Rule != rule) {
			t.Errorf("%s: %v, want %q", id, err, rule)
		}
	}
	people, err := s.ops.Receivers(s.ctx, s.account.ID)
	s.must(err)
	found := map[string]string{}
	for _, p := range people {
		found[p.UserID] = p.Department
	}
	if _, there := found["store"]; there || found["day"] != "客服" || found["night"] != "夜班" || found["left"] != "" || len(found) < 4 {
		t.Errorf("receivers %+v", people)
	}
	if d, there := found[s.people[0]]; !there || d != "" {
		t.Errorf("receivers %+v", people)
	}
	// What our copy takes for possible and WeCom does not is WeCom's to say.
	r := s.move(c, 3, "day")
	if e := s.ended(r.IntentID, Refused); e.Outcome.Errcode != 95014 {
		t.Errorf("outcome %+v", e.Outcome)
	}
}

// TestMoveConflict: somebody else was faster. A new message of the customer is no conflict where the page says what it saw.
func TestMoveConflict(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	seen := &ConversationSeen{State: c.State}
	s.clock.advance(time.Minute)
	s.writes(c.CustomerID)
	var conflict *Conflict
	_, err := s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, Rev: c.Rev, To: 2})
	if !errors.As(err, &conflict) || conflict.Rev != s.again(c).Rev {
		t.Errorf("another revision: %v", err)
	}
	first, err := s.ops.MoveConversation(s.ctx, s.owner, Move{ConversationID: c.ID, Rev: c.Rev, Seen: seen, To: 2})
	s.must(err)
	s.ended(first.IntentID, Done)
	s.control("DELETE", "/_sim/journal", nil, nil)
	_, err = s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, Seen: seen, To: 4})
	if !errors.As(err, &conflict) || conflict.Field != "state" || conflict.Yours != "4" || conflict.Theirs != "2" || conflict.By != s.owner.Name {
		t.Errorf("moved meanwhile: %v", err)
	}
	if calls := s.calls(""); len(calls) != 0 {
		t.Errorf("sent in spite of a conflict: %+v", calls)
	}
}

// TestMoveTwice: the same form twice is one move, and another one waits for the end of the first.
func TestMoveTwice(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	form := Move{IntentID: db.NewID(), ConversationID: c.ID, To: 2}
	s.fault(fault{Endpoint: "kf/service_state/trans", Kind: "hang"})
	var first Result
	var firstErr error
	var done sync.WaitGroup
	done.Go(func() { first, firstErr = s.ops.MoveConversation(s.ctx, s.manager, form) })
	s.held()
	if _, err := s.ops.MoveConversation(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form: %v", err)
	}
	if _, err := s.ops.MoveConversation(s.ctx, s.owner, Move{ConversationID: c.ID, To: 4}); !errors.Is(err, ErrLocked) {
		t.Errorf("another move: %v", err)
	}
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	s.must(firstErr)
	s.ended(first.IntentID, Done)
	if _, err := s.ops.MoveConversation(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("the same form later: %v", err)
	}
	s.is(c, 2, "")
	if n := len(s.calls("kf/service_state/trans")); n != 1 {
		t.Errorf("%d moves", n)
	}
}

// TestMoveKeepsCodes: what WeCom gives for a move is kept for the coded message of that moment.
func TestMoveKeepsCodes(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.move(c, 2, "")
	s.move(c, 3, s.people[0])
	s.move(c, 4, "")
	due, err := s.db.DueCodes(s.ctx, 10)
	s.must(err)
	var scenes []string
	for _, code := range due {
		life := 48 * time.Hour
		if code.Scene == db.SceneEnding {
			life = 20 * time.Second
		}
		if code.Code == "" || code.ConversationID != c.ID || code.CustomerID != c.CustomerID || !code.ExpiresAt.Equal(code.GotAt.Add(life)) {
			t.Errorf("code %+v", code)
		}
		scenes = append(scenes, code.Scene)
	}
	slices.Sort(scenes)
	if !slices.Contains(scenes, db.SceneQueue) || !slices.Contains(scenes, db.SceneEnding) {
		t.Errorf("scenes %v", scenes)
	}
}

// TestSettleMoveThatWasOvertaken: the answer was lost, and a person has picked the conversation from the queue since.
func TestSettleMoveThatWasOvertaken(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	id := s.lose("kf/service_state/trans", "cut_after", func() (Result, error) {
		return s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, To: 2})
	})
	s.desk("pick", c, s.people[0])
	s.must(s.ops.SettleOne(s.ctx, id))
	if e := s.ended(id, Failed); e.Outcome.Errmsg == notApplied {
		t.Errorf("outcome %+v", e.Outcome)
	}
	s.is(c, 3, s.people[0])
}

func TestSettleMoveOfWhatIsGone(t *testing.T) {
	s := newTalkStage(t)
	erased, gone := s.meets(), s.meets()
	lose := func(c db.Conversation) string {
		return s.lose("kf/service_state/trans", "cut_before", func() (Result, error) {
			return s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, To: 2})
		})
	}
	of := lose(erased)
	_, err := s.ops.EraseCustomer(s.ctx, s.owner, Erase{CustomerID: erased.CustomerID, Typed: erased.CustomerID})
	s.must(err)
	lost := lose(gone)
	s.outside("delete", s.account.ID, "")
	s.must(s.ops.Settle(s.ctx))
	if e := s.ended(of, Failed); e.Outcome.Errmsg != erasedMeanwhile {
		t.Errorf("outcome %+v", e.Outcome)
	}
	s.ended(lost, Failed)
}
