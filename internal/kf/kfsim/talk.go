package kfsim

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Origins of a message. The first two never come back through sync_msg; the others are numbered as the protocol does.
const (
	fromAPI      = 1 // send_msg
	fromCode     = 2 // send_msg_on_event
	fromCustomer = 3
	fromSystem   = 4
	fromServicer = 5
)

// States of a session, as service_state/get numbers them.
const (
	stateNew       = 0
	stateAssistant = 1
	stateQueue     = 2
	stateHuman     = 3
	stateEnded     = 4
)

// replyWindow is how long after a customer's last message he may be written to, and his session lives.
const replyWindow = 48 * time.Hour

// talk is everything people said to each other. The lists are what is saved; the maps are found again from them.
type talk struct {
	Customers []*customer `json:"customers"`
	Sessions  []*session  `json:"sessions"`
	Logs      []*chatLog  `json:"logs"`
	Codes     []*code     `json:"codes"`

	customerBy map[string]*customer
	sessionBy  map[sessionKey]*session
	logBy      map[string]*chatLog
	codeBy     map[string]*code
	news       news
	sending    *sendRule // what becomes of messages accepted from the API, nil for delivered at once
}

// news is what nobody was called back for yet.
type news struct {
	messages       []string // the account of each
	added, removed []string // accounts assigned to the app, or taken from it
}

// customer is a WeChat user. He is the same one to every account of the corp.
type customer struct {
	ID      string        `json:"external_userid"`
	Name    string        `json:"name"`
	Gender  int           `json:"gender,omitempty"`
	UnionID string        `json:"unionid,omitempty"`
	Seen    time.Time     `json:"seen"` // last entry or message, to any account
	Entered time.Time     `json:"entered"`
	Context *enterContext `json:"context,omitempty"` // of the last entry
}

// enterContext is how somebody came in, as customer/batchget tells it.
type enterContext struct {
	Scene      string        `json:"scene"`
	SceneParam string        `json:"scene_param"`
	Channels   *ChannelsCard `json:"wechat_channels,omitempty"`
}

// ChannelsCard is the channels (视频号) account a customer came from.
type ChannelsCard struct {
	Nickname     string `json:"nickname,omitempty"`      // with Scene 1, 2 and 3
	ShopNickname string `json:"shop_nickname,omitempty"` // with Scene 4 and 5
	Scene        int    `json:"scene"`                   // 1 home, 2 live room, 3 window, 4 shop product, 5 shop order
}

// sessionKey names a session: one row for ever.
type sessionKey struct{ account, customer string }

// session is one customer with one account.
type session struct {
	Account  string    `json:"open_kfid"`
	Customer string    `json:"external_userid"`
	State    int       `json:"state"`
	Servicer string    `json:"servicer,omitempty"`
	Since    time.Time `json:"since"` // of the state
	Wrote    time.Time `json:"wrote"` // his last message, zero if there is none
	Sent     int       `json:"sent"`  // send_msg since then
	Run      int       `json:"run"`   // counts changes of State: a code is tied to one
	Given    [5]bool   `json:"given"` // states whose reply code this conversation has had
	Past     []string  `json:"past"`  // everybody who served in this conversation
	Expired  bool      `json:"expired"`
	Welcomed time.Time `json:"welcomed"`
	Refuses  bool      `json:"refuses,omitempty"`  // the customer wants no more messages
	Rejected bool      `json:"rejected,omitempty"` // a servicer wants none of his
	Upgrade  *upgrade  `json:"upgrade,omitempty"`
	Turns    []turn    `json:"turns,omitempty"` // every change of State or Servicer, oldest first

	chat []*message
}

// chatLog is what happened on one account, oldest first. Cursors of sync_msg count in it.
type chatLog struct {
	Account  string     `json:"open_kfid"`
	Messages []*message `json:"messages"`

	byID map[string]*message
}

// message is one message or event.
type message struct {
	ID       string          `json:"msgid"`
	At       int64           `json:"at"` // unix seconds
	Customer string          `json:"external_userid,omitempty"`
	Origin   int             `json:"origin"`
	Servicer string          `json:"servicer,omitempty"`
	Type     string          `json:"type"` // empty: Body is the whole entry
	Body     json.RawMessage `json:"body"` // the object named by Type
	Recalled bool            `json:"recalled,omitempty"`
	Failed   *int            `json:"failed,omitempty"` // fail_type
	Held     bool            `json:"held,omitempty"`   // accepted, not delivered yet
}

// listed reports whether sync_msg tells of the message.
func (m *message) listed() bool { return m.Origin >= fromCustomer }

func newTalk() *talk {
	t := &talk{}
	t.index()
	return t
}

// index finds the maps, and each session's chat, from the lists.
func (t *talk) index() {
	t.customerBy = make(map[string]*customer, len(t.Customers))
	t.sessionBy = make(map[sessionKey]*session, len(t.Sessions))
	t.logBy = make(map[string]*chatLog, len(t.Logs))
	t.codeBy = make(map[string]*code, len(t.Codes))
	for _, c := range t.Customers {
		t.customerBy[c.ID] = c
	}
	for _, x := range t.Sessions {
		t.sessionBy[sessionKey{x.Account, x.Customer}] = x
	}
	for _, c := range t.Codes {
		t.codeBy[c.Code] = c
	}
	for _, l := range t.Logs {
		t.logBy[l.Account] = l
		l.byID = make(map[string]*message, len(l.Messages))
		for _, m := range l.Messages {
			l.byID[m.ID] = m
			if x := t.sessionBy[sessionKey{l.Account, m.Customer}]; x != nil {
				x.chat = append(x.chat, m)
			}
		}
	}
}

// log returns the log of an account, making it if there is none.
func (t *talk) log(account string) *chatLog {
	l := t.logBy[account]
	if l == nil {
		l = &chatLog{Account: account, byID: map[string]*message{}}
		t.logBy[account] = l
		t.Logs = append(t.Logs, l)
	}
	return l
}

// add appends a message to an account's log and to the chat of its customer. Without an id it gets one.
func (t *talk) add(account string, m *message) *message {
	l := t.log(account)
	if m.ID == "" {
		m.ID = madeID("", 43, "message", account, strconv.Itoa(len(l.Messages)))
	}
	l.Messages = append(l.Messages, m)
	l.byID[m.ID] = m
	if x := t.sessionBy[sessionKey{account, m.Customer}]; x != nil {
		x.chat = append(x.chat, m)
	}
	if m.listed() {
		t.news.messages = append(t.news.messages, account)
	}
	return m
}

// event appends an event. Its fields are given as name, value pairs; open_kfid and, for a customer, external_userid are added.
func (t *talk) event(at time.Time, account, customer, kind string, pairs ...any) *message {
	var b strings.Builder
	b.WriteString(`{"event_type":"` + kind + `","open_kfid":"` + account + `"`)
	if customer != "" {
		b.WriteString(`,"external_userid":"` + customer + `"`)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" || pairs[i+1] == nil {
			continue
		}
		name, _ := pairs[i].(string)
		b.WriteString(`,"` + name + `":`)
		b.Write(marshal(pairs[i+1]))
	}
	b.WriteByte('}')
	return t.add(account, &message{At: at.Unix(), Customer: customer, Origin: fromSystem, Type: "event", Body: json.RawMessage(b.String())})
}

// drop forgets what belongs to a deleted account.
func (t *talk) drop(account string) {
	keepSessions, keepLogs := t.Sessions[:0:0], t.Logs[:0:0]
	for _, x := range t.Sessions {
		if x.Account == account {
			delete(t.sessionBy, sessionKey{x.Account, x.Customer})
			continue
		}
		keepSessions = append(keepSessions, x)
	}
	for _, l := range t.Logs {
		if l.Account != account {
			keepLogs = append(keepLogs, l)
		}
	}
	delete(t.logBy, account)
	t.Sessions, t.Logs = keepSessions, keepLogs
}
