package kfsim

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

const eventReject = "reject_customer_msg_switch_change"

// turn is a change of who has a session.
type turn struct {
	At       int64  `json:"at"` // unix seconds
	State    int    `json:"state"`
	Servicer string `json:"servicer,omitempty"`
	Said     int    `json:"said"` // messages and events of the chat before it
}

// turned notes a change that enter is about to make.
func (x *session) turned(state int, servicer string, now time.Time) {
	if x.State == state && x.Servicer == servicer {
		return
	}
	said := len(x.chat)
	if state == stateNew {
		said-- // the message that begins a conversation belongs to it
	}
	x.Turns = append(x.Turns, turn{now.Unix(), state, servicer, said})
}

// tallies counts the conversations of an account, by day. A day without anything is not there.
func (t *talk) tallies(q statisticQuery) map[int64]*tally {
	days := map[int64]*tally{}
	for _, x := range t.Sessions {
		if x.Account != q.account || len(x.chat) == 0 || x.lastAt() < q.from {
			continue
		}
		k := counter{query: q, days: days, state: stateEnded, wrote: map[int64]bool{}, refused: map[int64]bool{}}
		k.begin()
		turns := x.Turns
		for i, m := range x.chat {
			for len(turns) > 0 && turns[0].Said <= i {
				k.turn(turns[0])
				turns = turns[1:]
			}
			k.message(m)
		}
		for _, last := range turns {
			k.turn(last)
		}
	}
	return days
}

// lastAt is when the last thing happened in a session that has a chat, in unix seconds.
func (x *session) lastAt() int64 {
	at := x.chat[len(x.chat)-1].At
	if len(x.Turns) > 0 {
		at = max(at, x.Turns[len(x.Turns)-1].At)
	}
	return at
}

// counter goes through one session from its beginning. What has been counted of a day is never changed by what happens on a later
// one, as WeCom computes a day once.
type counter struct {
	query    statisticQuery
	days     map[int64]*tally
	state    int
	servicer string
	wrote    map[int64]bool // days on which the customer was counted
	refused  map[int64]bool // days on which he was refused

	// Of the conversation under way.
	waiting []*message // from the customer, for whoever takes him on
	counted bool       // the session is counted
	helped  bool       // the assistant's session is counted
	asks    map[int64]*ask
	helps   map[int64]bool // days with a message to the assistant; true when it handed him to people
}

// ask is the customer's first message of a day that reached a servicer.
type ask struct {
	at       int64
	answered bool
}

func (k *counter) begin() {
	k.waiting, k.counted, k.helped = nil, false, false
	k.asks, k.helps = map[int64]*ask{}, map[int64]bool{}
}

// on is the tally of the day of a moment. Days outside the query are counted too, and thrown away.
func (k *counter) on(at int64) *tally {
	day := dayOf(at)
	if day < k.query.from || day > k.query.to {
		return &tally{}
	}
	if k.days[day] == nil {
		k.days[day] = &tally{}
	}
	return k.days[day]
}

// meant reports whether the query is about a servicer.
func (k *counter) meant(servicer string) bool {
	return k.query.servicer == "" || strings.EqualFold(k.query.servicer, servicer)
}

// turn changes who has the session.
func (k *counter) turn(t turn) {
	before := k.state
	k.state, k.servicer = t.State, t.Servicer
	switch t.State {
	case stateNew:
		k.begin()
	case stateAssistant:
		k.assigned(t.At, k.query.corp)
		k.assist(t.At)
	case stateHuman:
		k.assigned(t.At, k.query.corp || k.meant(t.Servicer))
		for _, m := range k.waiting {
			k.reach(m, t.At)
		}
		k.waiting = nil
	case stateEnded:
		k.waiting = nil
	}
	if day := dayOf(t.At); before == stateAssistant && (t.State == stateQueue || t.State == stateHuman) {
		if handed, asked := k.helps[day]; asked && !handed {
			k.helps[day] = true
			k.assistant(t.At).handed++
		}
	}
}

// assigned counts the session the first time it comes to somebody the query is about.
func (k *counter) assigned(at int64, counts bool) {
	if counts && !k.counted {
		k.counted = true
		k.on(at).sessions++
	}
}

// assistant is the tally of the assistant's part, which only an account has.
func (k *counter) assistant(at int64) *tally {
	if !k.query.corp {
		return &tally{}
	}
	return k.on(at)
}

// assist counts the session as one of the assistant, and what waits as written to it.
func (k *counter) assist(at int64) {
	if !k.helped {
		k.helped = true
		k.assistant(at).assisted++
	}
	if _, there := k.helps[dayOf(at)]; !there && len(k.waiting) > 0 {
		k.helps[dayOf(at)] = false
		k.assistant(at).assistantAsked++
	}
}

// message counts one message or event.
func (k *counter) message(m *message) {
	switch m.Origin {
	case fromCustomer:
		if k.query.corp {
			k.on(m.At).messages++
			k.customer(m.At)
		}
		k.written(m)
	case fromAPI:
		if k.state == stateNew {
			k.assist(m.At)
		}
		k.waiting = nil // answered
	case fromServicer:
		if a := k.asks[dayOf(m.At)]; a != nil && !a.answered && k.meant(m.Servicer) {
			a.answered = true
			k.on(m.At).replied++
			k.on(m.At).waited += int(max(0, m.At-a.at))
		}
	case fromSystem:
		k.event(m)
	}
}

// written gives a message to who has the session.
func (k *counter) written(m *message) {
	switch k.state {
	case stateHuman:
		k.reach(m, m.At)
	case stateEnded: // from before turns were noted
	default:
		k.waiting = append(k.waiting, m)
		if k.state == stateAssistant {
			k.assist(m.At)
		}
	}
}

// customer counts him, once a day.
func (k *counter) customer(at int64) {
	if day := dayOf(at); !k.wrote[day] {
		k.wrote[day] = true
		k.on(at).customers++
	}
}

// reach counts a message for the servicer who has the session, on the day it reached him.
func (k *counter) reach(m *message, at int64) {
	if k.query.corp || !k.meant(k.servicer) {
		return
	}
	k.on(at).messages++
	k.customer(at)
	if day := dayOf(at); k.asks[day] == nil {
		k.asks[day] = &ask{at: m.At}
		k.on(at).asked++
	}
}

// event counts customers whose messages a servicer refuses.
func (k *counter) event(m *message) {
	var e struct {
		Type     string `json:"event_type"`
		Servicer string `json:"servicer_userid"`
		Switch   int    `json:"reject_switch"`
	}
	if !bytes.Contains(m.Body, []byte(eventReject)) || json.Unmarshal(m.Body, &e) != nil || e.Type != eventReject || e.Switch != rejectOn || !k.meant(e.Servicer) {
		return
	}
	if day := dayOf(m.At); !k.refused[day] {
		k.refused[day] = true
		k.on(m.At).rejected++
	}
}
