package kfsim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Chat is what both ends of a session see, oldest first.
type Chat struct {
	SessionView
	Messages []ChatMessage `json:"messages"`
}

// SessionView is a session as the pages of the simulator show it.
type SessionView struct {
	Account     string       `json:"account"`
	AccountName string       `json:"account_name"`
	Customer    string       `json:"customer"`
	Name        string       `json:"name"`
	State       int          `json:"state"`
	Servicer    string       `json:"servicer"`
	Since       time.Time    `json:"since"`
	LastWrote   *time.Time   `json:"last_wrote"` // by the customer
	Last        *ChatMessage `json:"last"`
	Refuses     bool         `json:"refuses"`  // the customer wants no more messages
	Rejected    bool         `json:"rejected"` // a servicer wants none of his
}

// ChatMessage is a message or event of a chat.
type ChatMessage struct {
	ID       string          `json:"msgid"`
	Time     time.Time       `json:"time"`
	From     string          `json:"from"` // customer, servicer, api, coded or system
	Servicer string          `json:"servicer,omitempty"`
	Type     string          `json:"type"`
	Content  json.RawMessage `json:"content"`
	Text     string          `json:"text"` // of a text or menu
	Recalled bool            `json:"recalled"`
	Failed   *int            `json:"failed"` // fail_type
	Held     bool            `json:"held"`   // accepted, not with the customer yet
}

var originNames = map[int]string{fromAPI: "api", fromCode: "coded", fromCustomer: "customer", fromSystem: "system", fromServicer: "servicer"}

func (m *message) view() ChatMessage {
	v := ChatMessage{
		ID: m.ID, Time: time.Unix(m.At, 0).UTC(), From: originNames[m.Origin], Servicer: m.Servicer, Type: m.Type, Content: m.Body,
		Recalled: m.Recalled, Failed: m.Failed, Held: m.Held,
	}
	if v.Type == "" {
		v.Type = "injected"
	}
	var text struct {
		Content string `json:"content"`
		Head    string `json:"head_content"`
	}
	if m.Type == "text" || m.Type == "msgmenu" {
		_ = json.Unmarshal(m.Body, &text) // an odd one has no text
		v.Text = cmp.Or(text.Content, text.Head)
	}
	return v
}

// view shows a settled session.
func (x *session) view(w *world) SessionView {
	v := SessionView{
		Account: x.Account, Customer: x.Customer, State: x.State, Servicer: x.Servicer, Since: x.Since.UTC(), Refuses: x.Refuses, Rejected: x.Rejected,
	}
	if a := w.accountByID[x.Account]; a != nil {
		v.AccountName = a.Name
	}
	if c := w.talk.customerBy[x.Customer]; c != nil {
		v.Name = c.Name
	}
	if !x.Wrote.IsZero() {
		at := x.Wrote.UTC()
		v.LastWrote = &at
	}
	for i := len(x.chat) - 1; i >= 0 && v.Last == nil; i-- {
		if m := x.chat[i]; m.Origin != fromSystem {
			last := m.view()
			v.Last = &last
		}
	}
	return v
}

// Chat shows the chat of a customer who has been at an account.
func (s *Sim) Chat(account, customer string) (Chat, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.world.met(account, customer, s.now())
	if err != nil {
		return Chat{}, err
	}
	c := Chat{x.view(s.world), make([]ChatMessage, 0, len(x.chat))}
	for _, m := range x.chat {
		c.Messages = append(c.Messages, m.view())
	}
	return c, nil
}

// Sessions lists the sessions of an account, of every account without one, the one with the newest message first.
func (s *Sim) Sessions(account string) []SessionView {
	list := s.sessions(account, func(*session) bool { return true })
	slices.SortStableFunc(list, func(a, b SessionView) int { return b.newest().Compare(a.newest()) })
	return list
}

func (v SessionView) newest() time.Time {
	if v.Last == nil {
		return v.Since
	}
	return v.Last.Time
}

// Pool lists the sessions that wait to be picked up, the longest wait first.
func (s *Sim) Pool(account string) []SessionView {
	list := s.sessions(account, func(x *session) bool { return x.State == stateQueue })
	slices.SortStableFunc(list, func(a, b SessionView) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Customer, b.Customer))
	})
	return list
}

func (s *Sim) sessions(account string, wanted func(*session) bool) []SessionView {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, list := s.now(), []SessionView{}
	for _, x := range s.world.talk.Sessions {
		if account != "" && x.Account != account {
			continue
		}
		if x.settle(now); wanted(x) {
			list = append(list, x.view(s.world))
		}
	}
	return list
}
