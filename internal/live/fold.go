package live

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// State is what the rows of a conversation come to: the folded part of db.Conversation, and its visits.
type State struct {
	State    int       // as WeCom numbers it: 0 to 4
	Servicer string    // with state 3
	Since    time.Time // when State or Servicer last changed
	Expires  time.Time // when the 48 hours end, zero with state 4

	Waiting      time.Time // the first message of the customer that nobody has answered, zero = none
	LastCustomer time.Time
	Entered      time.Time // last entry
	First, Last  time.Time // the first row, and the last one that somebody wrote or that is an entry
	LastText     string
	LastKind     string
	LastOrigin   int
	Sent         int // of the five messages that one message of the customer allows
	Messages     int
	Scene        string // of the last entry
	SceneParam   string
	Rejected     bool // a servicer refuses the customer's messages

	Visit db.Visit   // the latest one; its ID is empty before the first
	Past  []db.Visit // visits before it, as far as they were folded in one go

	asked bool // the ended visit's ending asked for a rating

	At  time.Time // position: the last row folded
	Seq int64
}

// newState is a conversation without rows: WeCom calls it ended, or not started.
func newState(conversationID, accountID, customerID string) State {
	return State{State: db.StateEnded, Visit: db.Visit{ConversationID: conversationID, AccountID: accountID, CustomerID: customerID}}
}

// FactKind says what a row means for its conversation.
type FactKind int

// The kinds of facts. A row that changes nothing is FactNothing.
const (
	FactNothing  FactKind = iota
	FactCustomer          // the customer wrote
	FactServicer          // a servicer wrote in the WeCom client
	FactSent              // a message of ours that WeCom accepted
	FactTried             // a message of ours that WeCom may have accepted, or accepted and did not deliver
	FactCoded             // a message of ours by a code: it is no answer and does not count
	FactEntered           // the customer opened the chat
	FactTaken             // a servicer has it now: picked, transferred or opened again
	FactEnded             // a servicer ended it
	FactMoved             // our own transition, or a state read from WeCom
	FactExpired           // the 48 hours were over
	FactRefusal           // a servicer refuses the customer's messages, or no longer
	FactRecalled          // Target was recalled
	FactFailed            // Target, a message of ours, was not delivered
)

// Fact is one row of the timeline as far as it matters for the conversation.
type Fact struct {
	Kind     FactKind
	ID       string // of the row
	At       time.Time
	Seq      int64
	Target   string // with FactRecalled and FactFailed
	Servicer string // with FactTaken and FactMoved
	To       int    // with FactMoved
	Origin   int
	Message  string // kind of message, as it is shown
	Text     string // as it is shown
	MenuID   string // with FactCustomer: an item of a menu was tapped
	Asks     bool   // with FactCoded: an ending with a menu
	On       bool   // with FactRefusal

	Scene, SceneParam string // with FactEntered
}

// before orders rows: WeCom's times are whole seconds, so rows of one second keep the order in which they came.
func before(at time.Time, seq int64, thanAt time.Time, thanSeq int64) bool {
	if a, b := at.Unix(), thanAt.Unix(); a != b {
		return a < b
	}
	return seq < thanSeq
}

// fits reports whether f can be folded on top of s. If not, the conversation is folded anew from its rows: f is older
// than what was folded, or changes what an older row means.
func (s State) fits(f Fact) bool {
	switch f.Kind {
	case FactRecalled, FactFailed:
		return false
	case FactCustomer:
		if f.MenuID != "" { // a rating, maybe: what the ending asked is not stored
			return false
		}
	}
	return s.At.IsZero() && s.Seq == 0 || before(s.At, s.Seq, f.At, f.Seq)
}

// foldAll folds all rows of a conversation, which may come in any order and repeatedly, on top of a new state.
func foldAll(s State, rows []Fact) State {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Fact) int {
		switch {
		case before(a.At, a.Seq, b.At, b.Seq):
			return -1
		case before(b.At, b.Seq, a.At, a.Seq):
			return 1
		}
		return 0
	})
	recalled, failed, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range rows {
		switch f.Kind {
		case FactRecalled:
			recalled[f.Target] = true
		case FactFailed:
			failed[f.Target] = true
		}
	}
	for _, f := range rows {
		if seen[f.ID] {
			continue
		}
		seen[f.ID] = true
		if failed[f.ID] && f.Kind == FactSent {
			f.Kind = FactTried
		}
		if recalled[f.ID] {
			f.Message, f.Text = KindRecalled, ""
		}
		s = Fold(s, f)
	}
	return s
}

// KindRecalled stands in db.Conversation.LastKind when the last message was recalled: its text is not shown.
const KindRecalled = "recalled"

// Fold applies one row to a conversation. Rows must come in the order of before, each once; see State.fits.
//
//	             0 new     1 assistant  2 queue   3 person  4 ended
//	customer     0         1            2         3         0
//	our message  1         1            2         3         4
//	taken        3         3            3         3         3
//	ended        4         4            4         4         4
//	moved        the state that WeCom accepted, or told
//	48 hours     4         4            4         4         4
//	all others   as it was
func Fold(s State, f Fact) State {
	s.At, s.Seq = f.At, f.Seq
	if s.First.IsZero() {
		s.First = f.At
	}
	if s.State != db.StateEnded && !f.At.Before(s.Expires) {
		s.end(s.Expires, db.EndedByExpiry)
	}
	switch f.Kind {
	case FactCustomer:
		s.wrote(f)
	case FactServicer:
		s.answered(f.At)
		s.show(f)
	case FactSent:
		s.Sent++
		if s.State == db.StateNew {
			s.enter(db.StateAssistant, "", f.At)
		}
		s.answered(f.At)
		s.show(f)
	case FactTried:
		s.Sent++
		s.Messages++
	case FactCoded:
		s.Messages++
		if f.Asks && s.State == db.StateEnded {
			s.asked = true
		}
	case FactEntered:
		s.entered(f)
	case FactTaken:
		s.enter(db.StateHuman, f.Servicer, f.At)
	case FactEnded:
		s.end(f.At, db.EndedByServicer)
	case FactMoved:
		s.moved(f)
	case FactRefusal:
		s.Rejected = f.On
	}
	return s
}

// show makes f the last message.
func (s *State) show(f Fact) {
	s.Messages++
	s.Last, s.LastText, s.LastKind, s.LastOrigin = f.At, f.Text, f.Message, f.Origin
}

func (s *State) wrote(f Fact) {
	rating := s.asked && f.MenuID != "" && !s.Visit.EndedAt.IsZero()
	if s.State == db.StateEnded {
		s.State, s.Servicer, s.Since = db.StateNew, "", f.At
	}
	s.LastCustomer, s.Expires, s.Sent = f.At, f.At.Add(kf.SendWindow), 0
	s.show(f)
	if rating {
		s.Visit.Rating, s.asked = f.Text, false
		return
	}
	if !s.visiting() {
		s.visit(f, "", "")
	}
	if s.Visit.WroteAt.IsZero() {
		s.Visit.WroteAt = f.At
	}
	s.reached(f.At)
	if s.Waiting.IsZero() {
		s.Waiting = f.At
	}
}

func (s *State) answered(at time.Time) {
	s.Waiting = time.Time{}
	if s.visiting() && !s.Visit.WroteAt.IsZero() && s.Visit.RepliedAt.IsZero() {
		s.Visit.RepliedAt = at
	}
}

// entered begins a visit, unless it is one more look at a conversation that goes on: a customer who comes back to it by
// another link, however, is brought by that link.
func (s *State) entered(f Fact) {
	s.Last = f.At
	same := f.Scene == "" && f.SceneParam == "" || f.Scene == s.Visit.Scene && f.SceneParam == s.Visit.SceneParam
	if s.State == db.StateEnded || !s.visiting() || !same {
		s.visit(f, f.Scene, f.SceneParam)
		s.Scene, s.SceneParam = f.Scene, f.SceneParam
	}
	s.Entered = f.At
}

func (s *State) visiting() bool { return s.Visit.ID != "" && s.Visit.EndedAt.IsZero() }

// visit begins a visit and ends the one before.
func (s *State) visit(f Fact, scene, param string) {
	before := s.Visit
	if before.ID != "" {
		if before.EndedAt.IsZero() {
			before.EndedAt = f.At
		}
		s.Past = append(slices.Clip(s.Past), before)
	}
	s.Visit = db.Visit{
		ID: visitID(before.ConversationID, f.ID), ConversationID: before.ConversationID, AccountID: before.AccountID, CustomerID: before.CustomerID,
		Scene: scene, SceneParam: param, EnteredAt: f.At,
	}
	s.asked = false
}

// visitID is the same whenever a conversation is folded: a visit is known by the row it began with.
func visitID(conversationID, rowID string) string {
	sum := sha256.Sum256([]byte("visit\x00" + conversationID + "\x00" + rowID))
	return hex.EncodeToString(sum[:16])
}

// enter makes state and servicer those of the conversation. A visit that had ended goes on.
func (s *State) enter(state int, servicer string, at time.Time) {
	if s.State != state || s.Servicer != servicer {
		s.State, s.Servicer, s.Since = state, servicer, at
	}
	if s.Visit.ID != "" && !s.Visit.EndedAt.IsZero() {
		s.Visit.EndedAt, s.Visit.EndedBy, s.asked = time.Time{}, "", false
	}
	s.Expires = s.LastCustomer.Add(kf.SendWindow)
	if s.LastCustomer.IsZero() || !at.Before(s.Expires) {
		s.Expires = at.Add(kf.SendWindow)
	}
	s.reached(at)
}

// reached notes in the visit that the customer is in the queue or with a person.
func (s *State) reached(at time.Time) {
	if !s.visiting() {
		return
	}
	if s.State == db.StateQueue && s.Visit.QueuedAt.IsZero() {
		s.Visit.QueuedAt = at
	}
	if s.State == db.StateHuman && s.Visit.HumanAt.IsZero() {
		s.Visit.HumanAt = at
	}
}

func (s *State) moved(f Fact) {
	switch {
	case f.To == db.StateEnded:
		s.end(f.At, db.EndedByConsole)
	case f.To == db.StateHuman:
		s.enter(f.To, f.Servicer, f.At)
	default:
		s.enter(f.To, "", f.At)
	}
}

func (s *State) end(at time.Time, by string) {
	s.Waiting, s.Expires = time.Time{}, time.Time{}
	if s.State == db.StateEnded {
		return
	}
	s.State, s.Servicer, s.Since = db.StateEnded, "", at
	if s.visiting() {
		s.Visit.EndedAt, s.Visit.EndedBy = at, by
	}
}
