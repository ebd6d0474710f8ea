package kfsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// act runs something that people do. The world it leaves is saved within about a second, and whoever has news is called back.
func (s *Sim) act(do func(w *world, now time.Time) error) error {
	s.mu.Lock()
	now := s.now().UTC()
	err := do(s.world, now)
	fresh := s.spoken()
	s.mu.Unlock()
	s.tell(fresh, now)
	return err
}

// act is Sim.act for a call of the API.
func (c *call) act(do func(w *world, now time.Time) error) error {
	return c.sim.act(func(w *world, now time.Time) error {
		err := do(w, now)
		if err == nil {
			c.spoke = true
		}
		return err
	})
}

// spoken takes the news off the world, which is locked, and notes that it has to be saved.
func (s *Sim) spoken() news {
	w := s.world
	w.spoken++
	fresh := w.talk.news
	w.talk.news = news{}
	// Only who may read the messages of an account is told of them.
	fresh.messages = slices.DeleteFunc(fresh.messages, func(id string) bool {
		a := w.accountByID[id]
		return a == nil || !a.Managed
	})
	return fresh
}

// tell has the state saved soon and calls back for each message. The world must not be locked.
func (s *Sim) tell(fresh news, now time.Time) {
	s.saveSoon()
	for _, account := range fresh.messages {
		s.courier.message(account, now)
	}
	s.courier.auth(fresh.added, fresh.removed, now)
}

// met finds the session of a customer who has been at an account.
func (w *world) met(account, customer string, now time.Time) (*session, error) {
	if _, err := w.account(account); err != nil {
		return nil, err
	}
	x := w.talk.session(account, customer)
	if x == nil {
		return nil, fmt.Errorf("customer %s has never been at account %s", cutAt(customer, 64), account)
	}
	x.settle(now)
	return x, nil
}

// said finds a message of a chat by its id.
func (x *session) said(t *talk, id string) (*message, error) {
	if m := t.log(x.Account).byID[id]; m != nil && m.Customer == x.Customer {
		return m, nil
	}
	return nil, fmt.Errorf("no message %s in this chat", cutAt(id, 64))
}

// speak appends a message of a person to a session.
func (w *world) speak(x *session, origin int, servicer string, c Content, now time.Time) (*message, error) {
	kind, body, err := w.content(c, now)
	if err != nil {
		return nil, err
	}
	return w.talk.add(x.Account, &message{At: now.Unix(), Customer: x.Customer, Origin: origin, Servicer: servicer, Type: kind, Body: body}), nil
}

// Inject puts any JSON value into the log of an account as an entry of msg_list: a message of a type still to be invented, or a
// broken one.
func (s *Sim) Inject(account string, entry []byte) error {
	if !json.Valid(entry) {
		return errors.New("entry: not JSON, so it cannot be part of a page")
	}
	return s.act(func(w *world, now time.Time) error {
		if _, err := w.account(account); err != nil {
			return err
		}
		var known struct {
			ID       any `json:"msgid"`
			Customer any `json:"external_userid"`
		}
		_ = json.Unmarshal(entry, &known) // whatever it is
		id, _ := known.ID.(string)
		customer, _ := known.Customer.(string)
		if id != "" && w.talk.log(account).byID[id] != nil {
			return fmt.Errorf("entry: msgid %s is taken", cutAt(id, 64))
		}
		w.talk.add(account, &message{ID: id, At: now.Unix(), Customer: customer, Origin: fromSystem, Body: entry})
		return nil
	})
}
