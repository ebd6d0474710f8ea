package kfsim

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// What a step of a running talk came to.
var (
	errWait = errors.New("not yet")
	errOver = errors.New("the talk went another way")
)

// patience is how many turns a scripted person waits for somebody at the console before he goes on.
const patience = 3

// runningTalk is a scripted talk with one customer.
type runningTalk struct {
	scriptTalk
	accountID, customer string
	next                int
	entered             bool
	waited              int
	said                string // the customer's last message
}

// step does the next thing of the talk. live means that the console has a hand in it: what the app does is left to the console,
// for a while at least.
func (t *runningTalk) step(w *world, dice *rand.Rand, live bool, now time.Time) error {
	if !t.entered {
		who, err := w.guest(CustomerCard{ID: t.customer, Name: t.name, Gender: dice.IntN(3)})
		if err != nil {
			return err
		}
		t.entered = true
		w.arrive(t.accountID, who, &enterContext{Scene: t.scene, SceneParam: t.param}, false, now)
		return nil
	}
	x, err := w.met(t.accountID, t.customer, now)
	if err != nil {
		return err
	}
	err = t.play(w, x, t.steps[t.next], live, now)
	if errors.Is(err, errWait) && t.waited < patience {
		t.waited++
		return nil
	}
	if err != nil && !errors.Is(err, errWait) {
		return err
	}
	t.next, t.waited = t.next+1, 0
	return nil
}

// over reports whether nothing is left to do.
func (t *runningTalk) over() bool { return t.entered && t.next >= len(t.steps) }

// play does one step in a session. Whatever somebody else did to the session meanwhile ends the talk rather than the simulator.
func (t *runningTalk) play(w *world, x *session, step scriptStep, live bool, now time.Time) error {
	switch step.kind {
	case '>':
		id, err := w.customerSends(t.accountID, t.customer, step.content, now)
		t.said = id
		return err
	case 'x':
		return w.customerRecalls(t.accountID, t.customer, t.said, now)
	case '*', '?':
		return t.tap(w, x, step, now)
	case '@', 'q', 'e':
		return t.app(w, x, step, live, now)
	case '+':
		return t.pick(w, x, step.who, live, now)
	}
	if x.State != stateHuman {
		return errOver
	}
	switch step.kind {
	case '<':
		_, err := w.servicerSends(t.accountID, t.customer, x.Servicer, step.content, now)
		return err
	case '~':
		if who := w.able(t.accountID, step.who, x.Servicer); who != "" {
			return w.transfers(t.accountID, t.customer, x.Servicer, who, now)
		}
		return nil
	}
	return w.ends(t.accountID, t.customer, x.Servicer, now)
}

// pick has a servicer take the customer. From a session nobody moved to the pool, the app moves it there first.
func (t *runningTalk) pick(w *world, x *session, who string, live bool, now time.Time) error {
	switch {
	case x.State == stateHuman:
		return nil // the console was quicker
	case x.State == stateEnded:
		return errOver
	case live && t.waited < patience && x.State != stateQueue:
		return errWait
	}
	who = w.able(t.accountID, who, "")
	if who == "" {
		return errOver
	}
	if x.State != stateQueue {
		if _, err := w.transfer(x, stateQueue, "", now); err != nil {
			return err
		}
	}
	return w.picks(t.accountID, t.customer, who, now)
}

// able finds somebody on duty at the account: the one that is meant, else a colleague, but not the one who has the session.
func (w *world) able(account, meant, but string) string {
	a := w.accountByID[account]
	if _, err := w.onDuty(a, meant); err == nil && meant != but {
		return meant
	}
	for _, p := range w.colleagues(a, but) {
		return p.UserID
	}
	return ""
}

// app does what the owner of the API does. In a live talk that is the console: the customer waits for it, then gives up.
func (t *runningTalk) app(w *world, x *session, step scriptStep, live bool, now time.Time) error {
	switch {
	case x.State == stateEnded:
		return errOver
	case live && step.kind == '@' && x.Sent == 0 && x.State != stateHuman:
		if t.waited < patience {
			return errWait
		}
		return errOver
	case live:
		return nil
	case step.kind == '@':
		kind, body, err := w.content(step.content, now)
		if err != nil {
			return err
		}
		w.talk.add(x.Account, &message{At: now.Unix(), Customer: x.Customer, Origin: fromAPI, Type: kind, Body: body})
		if x.Sent++; x.State == stateNew {
			x.enter(stateAssistant, "", now)
		}
		return nil
	}
	to := stateQueue
	if step.kind == 'e' {
		to = stateEnded
	}
	_, err := w.transfer(x, to, "", now)
	return err
}

// tap has the customer tap an item of the last menu he got; to rate, of one that came after the end.
func (t *runningTalk) tap(w *world, x *session, step scriptStep, now time.Time) error {
	for _, m := range slices.Backward(x.chat) {
		if step.kind == '?' && m.ends() {
			break
		}
		if m.Type != "msgmenu" || m.Failed != nil || m.Held {
			continue
		}
		var b body
		if json.Unmarshal(m.Body, &b) != nil || step.item < 1 || step.item > len(b.List) || b.List[step.item-1].Type != "click" {
			return nil
		}
		click := b.List[step.item-1].Click
		answer := Content{"text", map[string]any{"content": click.Content, "menu_id": click.ID}}
		_, err := w.customerSends(t.accountID, t.customer, answer, now)
		return err
	}
	return errWait
}

// ends reports whether the message is the event of a servicer who ended the session.
func (m *message) ends() bool {
	var e struct {
		Type   string `json:"event_type"`
		Change int    `json:"change_type"`
	}
	return m.Type == "event" && json.Unmarshal(m.Body, &e) == nil && e.Type == eventSession && e.Change == changeEnded
}
