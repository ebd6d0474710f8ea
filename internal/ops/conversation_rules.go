package ops

import (
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Why a conversation cannot be moved to a state.
const (
	MoveSame       = "same"        // it is in that state
	MoveInitial    = "initial"     // only a customer's message puts a conversation there
	MoveEnded      = "ended"       // an ended conversation waits for the customer
	MoveFromQueue  = "from_queue"  // out of the queue leads to a person, or to the end
	MoveFromPerson = "from_person" // from a person leads to another one, or to the end
)

// MoveOption is one of the five service states as the target of a move.
type MoveOption struct {
	To     int
	Legal  bool
	Reason string // why not; "" when it is legal
}

// LegalMoves lists every service state, in the order of their numbers, and says whether WeCom lets the conversation be moved there. A
// move to a person is legal from a person too: it is to be another one.
func LegalMoves(c db.Conversation) []MoveOption {
	options := make([]MoveOption, 0, int(kf.StateEnded)+1)
	for to := kf.StateNew; to <= kf.StateEnded; to++ {
		reason := moveReason(kf.ServiceState(c.State), to)
		options = append(options, MoveOption{To: int(to), Legal: reason == "", Reason: reason})
	}
	return options
}

// moveReason says why a move is not possible.
func moveReason(from, to kf.ServiceState) string {
	switch {
	case from == to && to != kf.StateHuman:
		return MoveSame
	case from == kf.StateEnded:
		return MoveEnded
	case to == kf.StateNew:
		return MoveInitial
	case to == kf.StateHuman || to == kf.StateEnded || from == kf.StateNew:
		return ""
	case from == kf.StateQueue:
		return MoveFromQueue
	case from == kf.StateHuman:
		return MoveFromPerson
	}
	return ""
}

// Why nothing may be written to a customer now.
const (
	WindowNeverWrote = "never_wrote" // the customer has not written yet
	WindowExpired    = "expired"     // the last message of the customer is 48 hours old
	WindowEnded      = "ended"       // state 4
	WindowQueue      = "queue"       // state 2
	WindowPerson     = "person"      // state 3: the servicer answers in the WeCom client
	WindowQuota      = "quota"       // five messages since the customer's last one
)

// What an operator can do instead.
const (
	WayWait   = "wait"   // for the customer to write
	WayAssign = "assign" // move the conversation to a person, who writes in the WeCom client
	WayPerson = "person" // ask the person who has it, or move it to another
)

// Window tells whether, how often and how long one may write to a customer with send_msg.
type Window struct {
	Allowed  bool
	Reason   string    // why not: a Window constant, "" when it is allowed
	Left     int       // messages of the five until the customer writes again
	Until    time.Time // end of the 48 hours; zero when the customer has never written
	LegalWay string    // a Way constant, "" when it is allowed
}

// MayWrite judges a conversation by our copy of it. WeCom never says what is left, so what we have sent since the customer's last message
// is counted, messages without a known end among it.
func (o *Ops) MayWrite(c db.Conversation, now time.Time) Window {
	w := Window{Left: max(0, kf.SendQuota-c.Sent)}
	deny := func(reason, way string) Window {
		w.Reason, w.LegalWay = reason, way
		return w
	}
	if c.LastCustomerAt.IsZero() {
		return deny(WindowNeverWrote, WayWait)
	}
	w.Until = c.LastCustomerAt.Add(kf.SendWindow)
	switch state := kf.ServiceState(c.State); {
	case !now.Before(w.Until):
		return deny(WindowExpired, WayWait)
	case state == kf.StateEnded:
		return deny(WindowEnded, WayWait)
	case state == kf.StateQueue:
		return deny(WindowQueue, WayAssign)
	case state == kf.StateHuman:
		return deny(WindowPerson, WayPerson)
	case w.Left == 0:
		return deny(WindowQuota, WayAssign)
	}
	w.Allowed = true
	return w
}
