package kfsim

import (
	"slices"
	"strings"
	"time"
)

// session finds the session of a customer with an account, nil if he never came.
func (t *talk) session(account, customer string) *session {
	return t.sessionBy[sessionKey{account, customer}]
}

// open finds or makes the session of a customer with an account.
func (t *talk) open(account, customer string, now time.Time) *session {
	x := t.session(account, customer)
	if x == nil {
		x = &session{Account: account, Customer: customer, State: stateEnded, Since: now}
		t.sessionBy[sessionKey{account, customer}] = x
		t.Sessions = append(t.Sessions, x)
	}
	return x
}

// settle ends a session whose customer has been silent for 48 hours. No event tells of that.
func (x *session) settle(now time.Time) {
	if ends := x.Wrote.Add(replyWindow); x.State != stateEnded && !now.Before(ends) {
		x.enter(stateEnded, "", ends)
		x.Expired = true
	}
}

// enter changes the state.
func (x *session) enter(state int, servicer string, now time.Time) {
	if x.State != state {
		x.Run++
		x.Since = now
	}
	x.turned(state, servicer, now)
	x.State, x.Servicer = state, servicer
	x.Expired = false
	if servicer != "" && !x.has(servicer) {
		x.Past = append(x.Past, servicer)
	}
}

// has reports whether somebody served in this conversation.
func (x *session) has(servicer string) bool {
	return slices.ContainsFunc(x.Past, func(p string) bool { return strings.EqualFold(p, servicer) })
}

// written notes a message of the customer: it begins a new conversation when the last one is over, and gives five messages back.
func (x *session) written(now time.Time) {
	x.settle(now)
	if x.State == stateEnded {
		x.enter(stateNew, "", now)
		x.Given, x.Past = [5]bool{}, nil
	}
	x.Wrote, x.Sent = now, 0
}

// transitions are the moves service_state/trans may make; a row is the state before. Moves to the same state do nothing, except
// that a session with one servicer goes to another.
var transitions = [5][5]bool{
	stateNew:       {stateAssistant: true, stateQueue: true, stateHuman: true, stateEnded: true},
	stateAssistant: {stateAssistant: true, stateQueue: true, stateHuman: true, stateEnded: true},
	stateQueue:     {stateQueue: true, stateHuman: true, stateEnded: true},
	stateHuman:     {stateHuman: true, stateEnded: true},
	stateEnded:     {},
}

// transfer moves a session as the API does and returns the code for it, nil when there is none.
func (w *world) transfer(x *session, to int, servicer string, now time.Time) (*code, error) {
	x.settle(now)
	if x.State == stateEnded {
		return nil, refuse(95013, "")
	}
	if !transitions[x.State][to] {
		return nil, refuse(95016, "from %d to %d", x.State, to)
	}
	if to == stateHuman {
		p, err := w.onDuty(w.accountByID[x.Account], servicer)
		if err != nil {
			return nil, err
		}
		servicer = p.UserID
	}
	moved := x.State != to
	x.enter(to, servicer, now)
	switch {
	case to == stateEnded:
		return w.talk.issue(x, sceneEnding, now), nil
	case moved:
		return w.talk.replyCode(x, now), nil
	}
	return nil, nil
}

// onDuty finds a servicer who may be given a customer.
func (w *world) onDuty(a *account, userID string) (*person, error) {
	p, err := w.servesAt(a, userID)
	if err != nil {
		return nil, err
	}
	if a.duty(p.UserID) != nameServing {
		return nil, refuse(95019, "")
	}
	return p, nil
}

// servesAt finds a member who is a servicer of the account, himself or by a department, and is activated.
func (w *world) servesAt(a *account, userID string) (*person, error) {
	p := w.person(userID)
	if p == nil || p.Status != personActive || !w.covered(a, p) {
		return nil, refuse(95014, "")
	}
	return p, nil
}

// covered reports whether a member serves an account. A department on the list stands for everybody in it and below it.
func (w *world) covered(a *account, p *person) bool {
	if a.byKey[strings.ToLower(p.UserID)] != nil {
		return true
	}
	for _, id := range p.Departments {
		for d, steps := w.departmentBy[id], 0; d != nil && steps < len(w.Departments); d, steps = w.departmentBy[d.Parent], steps+1 {
			if a.byKey[(&servicer{Department: d.ID}).key()] != nil {
				return true
			}
		}
	}
	return false
}

// duty is the status of somebody who serves, one of the control API's names. Who serves through a department has no row to keep
// it in.
func (a *account) duty(userID string) string {
	if row := a.byKey[strings.ToLower(userID)]; row != nil {
		return row.statusName()
	}
	if status := a.Duty[strings.ToLower(userID)]; status != "" {
		return status
	}
	return nameServing
}
