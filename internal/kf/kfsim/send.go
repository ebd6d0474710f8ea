package kfsim

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	sendQuota    = 5  // send_msg for each message of the customer
	maxMessageID = 32 // bytes of an id the caller gives
)

// Values of fail_type the simulator finds by itself.
const (
	failExpired = 4
	failClosed  = 5
	failRefused = 10
)

var failTypes = []int{0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}

var messageIDForm = regexp.MustCompile(`^[0-9A-Za-z_-]*$`)

type sendAnswer struct {
	MsgID string `json:"msgid"`
}

// sendRule is what becomes of messages after they were accepted.
type sendRule struct {
	hold bool
	next []plannedFail
}

// plannedFail makes the next sends fail.
type plannedFail struct {
	account string // empty for any
	left    int
	kind    int
}

// sendMessage answers kf/send_msg.
func sendMessage(c *call) (any, error) {
	f := c.fields(false)
	to := f.needed("touser", 0)
	account := f.accountID()
	id := f.messageID()
	d := f.draft(sendable, 50)
	if err := f.end(); err != nil {
		return nil, err
	}
	err := c.act(func(w *world, now time.Time) error {
		x, err := c.sessionFor(w, account, to, now)
		if err != nil {
			return err
		}
		if err := w.freeID(account, id); err != nil {
			return err
		}
		if err := x.maySend(); err != nil {
			return err
		}
		if err := d.check(w, now); err != nil {
			return err
		}
		x.Sent++
		if x.State == stateNew {
			x.enter(stateAssistant, "", now)
		}
		m := w.talk.add(account, &message{ID: id, At: now.Unix(), Customer: to, Origin: fromAPI, Type: d.kind, Body: d.body})
		id = m.ID
		w.deliver(x, m, now)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sendAnswer{id}, nil
}

// maySend judges state, time and quota of a settled session.
func (x *session) maySend() error {
	switch {
	case x.Expired:
		return refuse(95002, "")
	case x.State != stateNew && x.State != stateAssistant:
		return refuse(95018, "state %d", x.State)
	case x.Sent >= sendQuota:
		return refuse(95001, "%d for each message of the customer", sendQuota)
	}
	return nil
}

// sendOnEvent answers kf/send_msg_on_event.
func sendOnEvent(c *call) (any, error) {
	f := c.fields(false)
	text := f.needed("code", 0)
	id := f.messageID()
	d := f.draft([]string{"text", "msgmenu"}, 10)
	if err := f.end(); err != nil {
		return nil, err
	}
	err := c.act(func(w *world, now time.Time) error {
		good, x, err := w.talk.redeem(text, now)
		if err != nil {
			return err
		}
		if _, err := w.managedAccount(good.Account); err != nil {
			return err
		}
		if d.kind != "text" && (good.Scene == sceneQueue || good.Scene == scenePickup) {
			c.violate(kindRange, "msgtype", "text only, with the code of a queue or a servicer")
			return refuse(40008, "text only")
		}
		if err := w.freeID(good.Account, id); err != nil {
			return err
		}
		good.Used = true
		if good.Scene == sceneWelcome {
			x.Welcomed = now
		}
		m := w.talk.add(good.Account, &message{ID: id, At: now.Unix(), Customer: x.Customer, Origin: fromCode, Type: d.kind, Body: d.body})
		id = m.ID
		if x.Refuses {
			w.fails(x, m, failRefused, now)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sendAnswer{id}, nil
}

// messageID reads the id the caller gives.
func (f *fields) messageID() string {
	id, _ := f.text("msgid", maxMessageID)
	if !messageIDForm.MatchString(id) {
		f.outOfRange("msgid", "0-9 a-z A-Z _ - only")
	}
	return id
}

// freeID refuses an id the account has had. It comes before all that a first try may have changed, so that a repeat is told apart.
func (w *world) freeID(account, id string) error {
	if id != "" && w.talk.log(account).byID[id] != nil {
		return refuse(40035, "msgid: sent before")
	}
	return nil
}

// sessionFor finds the settled session of a call that needs the account managed.
func (c *call) sessionFor(w *world, account, customer string, now time.Time) (*session, error) {
	if _, err := w.managedAccount(account); err != nil {
		return nil, err
	}
	x := w.talk.session(account, customer)
	if x == nil {
		return nil, refuse(40096, "")
	}
	x.settle(now)
	return x, nil
}

// deliver brings an accepted message to the customer, or finds out why not.
func (w *world) deliver(x *session, m *message, now time.Time) {
	if rule := w.talk.sending; rule != nil {
		if kind, planned := rule.planned(x.Account); planned {
			w.fails(x, m, kind, now)
			return
		}
		if rule.hold {
			m.Held = true
			return
		}
	}
	if x.Refuses {
		w.fails(x, m, failRefused, now)
	}
}

// planned takes the next planned failure of an account.
func (r *sendRule) planned(account string) (kind int, ok bool) {
	for i := range r.next {
		p := &r.next[i]
		if p.account != "" && p.account != account {
			continue
		}
		kind = p.kind
		if p.left--; p.left == 0 {
			r.next = slices.Delete(r.next, i, i+1)
		}
		return kind, true
	}
	return 0, false
}

// fails tells that a message did not reach the customer.
func (w *world) fails(x *session, m *message, kind int, now time.Time) {
	m.Held, m.Failed = false, &kind
	w.talk.event(now, x.Account, x.Customer, "msg_send_fail", "fail_msgid", m.ID, "fail_type", kind)
}

// FailSend makes a message that the API sent fail after all, with a fail_type of the protocol.
func (s *Sim) FailSend(account, msgid string, failType int) error {
	if !slices.Contains(failTypes, failType) {
		return errors.New("type: not a fail_type of the protocol")
	}
	return s.act(func(w *world, now time.Time) error {
		if _, err := w.account(account); err != nil {
			return err
		}
		m := w.talk.log(account).byID[msgid]
		if m == nil || m.listed() || m.Failed != nil {
			return errors.New("msgid: not a message of the API, or failed already")
		}
		w.fails(w.talk.session(account, m.Customer), m, failType, now)
		return nil
	})
}

// FailNextSends makes the next n messages of send_msg fail after they are accepted. An empty account means any.
func (s *Sim) FailNextSends(account string, n, failType int) error {
	if !slices.Contains(failTypes, failType) || n < 1 {
		return errors.New("type: a fail_type of the protocol; next: 1 or more")
	}
	return s.act(func(w *world, _ time.Time) error {
		w.talk.rule().next = append(w.talk.rule().next, plannedFail{account, n, failType})
		return nil
	})
}

func (t *talk) rule() *sendRule {
	if t.sending == nil {
		t.sending = &sendRule{}
	}
	return t.sending
}

// HoldSends keeps messages of send_msg on their way. When they are let go, those whose session ended meanwhile, or whose customer
// refuses messages, fail.
func (s *Sim) HoldSends(on bool) {
	// Nothing in it can fail.
	_ = s.act(func(w *world, now time.Time) error {
		if w.talk.rule().hold = on; on {
			return nil
		}
		for _, x := range w.talk.Sessions {
			x.settle(now)
			for _, m := range slices.Clone(x.chat) {
				if !m.Held {
					continue
				}
				m.Held = false
				switch {
				case x.Refuses:
					w.fails(x, m, failRefused, now)
				case x.Expired:
					w.fails(x, m, failExpired, now)
				case x.State == stateEnded:
					w.fails(x, m, failClosed, now)
				}
			}
		}
		return nil
	})
}

// entry is the message as sync_msg lists it.
func (m *message) entry(account string) json.RawMessage {
	if m.Type == "" {
		return m.Body
	}
	b := make([]byte, 0, 256+len(m.Body))
	b = append(b, `{"msgid":"`...)
	b = append(b, m.ID...)
	if m.Type != "event" {
		b = append(b, `","open_kfid":"`...)
		b = append(b, account...)
		b = append(b, `","external_userid":"`...)
		b = append(b, m.Customer...)
	}
	b = append(b, `","send_time":`...)
	b = strconv.AppendInt(b, m.At, 10)
	b = append(b, `,"origin":`...)
	b = strconv.AppendInt(b, int64(m.Origin), 10)
	if m.Servicer != "" {
		b = append(b, `,"servicer_userid":`...)
		b = append(b, marshal(m.Servicer)...)
	}
	b = append(b, `,"msgtype":"`...)
	b = append(b, m.Type...)
	b = append(b, `","`...)
	b = append(b, m.Type...)
	b = append(b, `":`...)
	b = append(b, m.Body...)
	return append(b, '}')
}
