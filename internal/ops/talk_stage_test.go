package ops

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// whisper is what customers write in these tests, and secretName how they are called: neither may ever be in the audit log.
const (
	whisper    = "机密的订单号 A-7788"
	secretName = "韩梅梅的化名"
)

// talkStage is a stage with an account whose servicers our copy knows, and a customer who has just written to it.
type talkStage struct {
	*stage
	account simAccount
	people  []string // on duty
}

func newTalkStage(t *testing.T) *talkStage {
	t.Helper()
	s := &talkStage{stage: newStage(t, kfsim.SeedDemo)}
	s.account = s.managed()
	s.people = s.staff(s.account, 3)
	_, err := s.kf.AddServicers(s.ctx, kf.AccountID(s.account.ID), kf.Servicers{UserIDs: []kf.UserID{kf.UserID(s.people[0]), kf.UserID(s.people[1])}})
	s.must(err)
	for _, id := range s.people[:2] {
		s.duty(id, "serving")
	}
	s.mirrorServicers(s.account.ID)
	t.Cleanup(func() { s.nothingLeaked() })
	return s
}

func (s *talkStage) duty(userID, status string) {
	s.Helper()
	s.control("POST", "/_sim/servicer", map[string]any{"open_kfid": s.account.ID, "userid": userID, "status": status}, nil)
}

// meets lets a new customer enter and write, and reads that.
func (s *talkStage) meets() db.Conversation {
	s.Helper()
	list, _ := s.crowd(1)
	return list[0]
}

// crowd lets n new customers enter and write, and reads that.
func (s *talkStage) crowd(n int) (list []db.Conversation, ids []string) {
	s.Helper()
	var customers []string
	for range n {
		var customer struct {
			ID string `json:"external_userid"`
		}
		s.control("POST", "/_sim/customer/enter", map[string]any{"account": s.account.ID, "customer": map[string]any{"name": secretName}}, &customer)
		s.says(customer.ID)
		customers = append(customers, customer.ID)
	}
	s.pull()
	for _, id := range customers {
		s.must(s.db.SetCustomerProfile(s.ctx, db.Customer{ID: id, Name: secretName, ProfileState: db.ProfileOK, ProfileAt: s.clock.now()}))
		c, err := s.db.ConversationOf(s.ctx, s.account.ID, id)
		s.must(err)
		list, ids = append(list, c), append(ids, c.ID)
	}
	s.control("DELETE", "/_sim/journal", nil, nil)
	return list, ids
}

func (s *talkStage) says(customer string) {
	s.Helper()
	s.control("POST", "/_sim/customer/send", map[string]any{"account": s.account.ID, "customer": customer, "text": whisper}, nil)
}

// writes lets a customer write, and reads that.
func (s *talkStage) writes(customer string) {
	s.Helper()
	s.says(customer)
	s.pull()
}

// desk lets a servicer do something in the WeCom client; nothing of it is read yet.
func (s *talkStage) desk(act string, c db.Conversation, userID string) {
	s.Helper()
	s.control("POST", "/_sim/desk/"+act, map[string]any{"account": s.account.ID, "customer": c.CustomerID, "userid": userID}, nil)
}

// pull reads what there is to read of the account, as the sync does.
func (s *talkStage) pull() {
	s.Helper()
	var rows []db.Message
	for page, err := range s.kf.SyncMsgs(s.ctx, kf.SyncRequest{Account: kf.AccountID(s.account.ID)}) {
		s.must(err)
		for _, m := range page.Messages {
			kind := m.Kind
			if kind == kf.KindEvent {
				kind = m.EventType()
			}
			if m.Customer == "" {
				continue
			}
			rows = append(rows, db.Message{
				ID: string(m.ID), AccountID: s.account.ID, ConversationID: string(m.Customer), At: m.SentAt, Origin: int(m.Origin),
				ServicerID: string(m.Servicer), Kind: kind, Raw: kf.WithoutCodes(m.Raw),
			})
		}
	}
	s.must(s.db.Tx(s.ctx, func(tx *db.DB) error {
		touched := map[string]bool{}
		kept := rows[:0]
		for _, row := range rows {
			c, _, err := tx.ConversationFor(s.ctx, s.account.ID, row.ConversationID, row.At)
			if errors.Is(err, db.ErrErased) {
				continue
			}
			if err != nil {
				return err
			}
			row.ConversationID = c.ID
			kept, touched[c.ID] = append(kept, row), true
		}
		if _, err := tx.InsertMessages(s.ctx, kept); err != nil {
			return err
		}
		for id := range touched {
			if err := s.ops.refold(s.ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	}))
}

// again reads a conversation.
func (s *talkStage) again(c db.Conversation) db.Conversation {
	s.Helper()
	now, err := s.db.Conversation(s.ctx, c.ID)
	s.must(err)
	return now
}

// is checks where a conversation is by our copy and at WeCom.
func (s *talkStage) is(c db.Conversation, state int, servicer string) {
	s.Helper()
	now, chat := s.again(c), s.chat(c)
	if now.State != state || !strings.EqualFold(now.ServicerID, servicer) {
		s.Errorf("our copy: state %d, servicer %q; want %d, %q", now.State, now.ServicerID, state, servicer)
	}
	if chat.State != state || !strings.EqualFold(chat.Servicer, servicer) {
		s.Errorf("WeCom: state %d, servicer %q; want %d, %q", chat.State, chat.Servicer, state, servicer)
	}
}

type chat struct {
	State    int    `json:"state"`
	Servicer string `json:"servicer"`
	Messages []struct {
		ID      string          `json:"msgid"`
		From    string          `json:"from"`
		Type    string          `json:"type"`
		Text    string          `json:"text"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
}

func (s *talkStage) chat(c db.Conversation) (seen chat) {
	s.Helper()
	q := url.Values{"account": {c.AccountID}, "customer": {c.CustomerID}}
	s.control("GET", "/_sim/chat?"+q.Encode(), nil, &seen)
	return seen
}

// got lists the ids of what the customer was sent through the API.
func (s *talkStage) got(c db.Conversation) (ids []string) {
	s.Helper()
	for _, m := range s.chat(c).Messages {
		if m.From == "api" {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// row reads a row of the timeline.
func (s *talkStage) row(c db.Conversation, id string) db.Message {
	s.Helper()
	m, err := s.db.Message(s.ctx, c.AccountID, id)
	s.must(err)
	return m
}

// notes lists the states that the console noted in a timeline, oldest first.
func (s *talkStage) notes(c db.Conversation) (list []db.StateNote) {
	s.Helper()
	rows, err := s.db.ConversationMessages(s.ctx, c.ID)
	s.must(err)
	for _, row := range rows {
		if row.Kind == db.KindState {
			var note db.StateNote
			s.must(json.Unmarshal(row.Raw, &note))
			list = append(list, note)
		}
	}
	return list
}

func (s *talkStage) move(c db.Conversation, to int, servicer string) Result {
	s.Helper()
	r, err := s.ops.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, To: to, ServicerID: servicer})
	s.must(err)
	return r
}

func (s *talkStage) sendText(c db.Conversation, text string) Result {
	s.Helper()
	list, err := s.ops.SendMessage(s.ctx, s.manager, Send{ConversationID: c.ID, Kind: kf.KindText, Text: text})
	s.must(err)
	if len(list) != 1 {
		s.Fatalf("%d results", len(list))
	}
	return list[0]
}

// nothingLeaked looks through the whole audit log for what was written and who wrote it, and for codes.
func (s *talkStage) nothingLeaked() {
	s.Helper()
	d := s.open(db.Options{})
	entries, _, err := d.AuditEntries(s.ctx, db.AuditFilter{}, "", 10_000)
	if err != nil {
		s.Error(err)
		return
	}
	secrets := []string{whisper, secretName, answered}
	codes, _, err := d.Codes(s.ctx, db.CodeFilter{}, "", 100)
	if err != nil {
		s.Error(err)
	}
	for _, c := range codes {
		secrets = append(secrets, c.Code)
	}
	for _, e := range entries {
		text, err := json.Marshal(e)
		if err != nil {
			s.Error(err)
		}
		if i := slices.IndexFunc(secrets, func(secret string) bool { return secret != "" && strings.Contains(string(text), secret) }); i >= 0 {
			s.Errorf("the audit log holds %q: %s", secrets[i], text)
		}
	}
}

// answered is what operators write in these tests.
const answered = "您的订单已经发出了"
