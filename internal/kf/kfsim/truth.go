package kfsim

import "time"

// Truth is what a client must have, once it has read everything.
type Truth struct {
	Accounts []AccountTruth `json:"accounts"`
}

// AccountTruth is one account that has messages or sessions.
type AccountTruth struct {
	ID            string              `json:"open_kfid"`
	MsgIDs        []string            `json:"msgids"` // of sync_msg, in order, also those older than it still tells of
	Sent          []string            `json:"sent"`   // accepted from the API, in order
	Conversations []ConversationTruth `json:"conversations"`
}

// ConversationTruth is one session as it is now.
type ConversationTruth struct {
	Customer  string    `json:"external_userid"`
	State     int       `json:"service_state"`
	Servicer  string    `json:"servicer_userid"`
	LastWrote time.Time `json:"last_wrote"` // zero when the customer never wrote
}

// Truth tells what there is, read at one moment.
func (s *Sim) Truth() Truth {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, now := s.world.talk, s.now()
	truth := Truth{Accounts: []AccountTruth{}}
	at := map[string]int{}
	of := func(account string) *AccountTruth {
		i, ok := at[account]
		if !ok {
			i = len(truth.Accounts)
			at[account] = i
			truth.Accounts = append(truth.Accounts, AccountTruth{ID: account, MsgIDs: []string{}, Sent: []string{}, Conversations: []ConversationTruth{}})
		}
		return &truth.Accounts[i]
	}
	for _, l := range t.Logs {
		a := of(l.Account)
		for _, m := range l.Messages {
			if m.listed() {
				a.MsgIDs = append(a.MsgIDs, m.ID)
			} else {
				a.Sent = append(a.Sent, m.ID)
			}
		}
	}
	for _, x := range t.Sessions {
		x.settle(now)
		a := of(x.Account)
		a.Conversations = append(a.Conversations, ConversationTruth{x.Customer, x.State, x.Servicer, x.Wrote})
	}
	return truth
}
