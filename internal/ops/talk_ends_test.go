package ops

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// talkChange is one kind of change of a conversation, for the tests of every end it can have.
type talkChange struct {
	endpoint string
	make     func(s *talkStage, o *Ops, c db.Conversation) (Result, error)
	// applied says whether WeCom has made the change, mirrored whether our own rows show it.
	applied, mirrored func(s *talkStage, c db.Conversation) bool
	resends           bool // settling sends the same once more
}

func moving(to int, person bool) talkChange {
	servicer := func(s *talkStage) string {
		if person {
			return s.people[0]
		}
		return ""
	}
	return talkChange{
		endpoint: "kf/service_state/trans",
		make: func(s *talkStage, o *Ops, c db.Conversation) (Result, error) {
			return o.MoveConversation(s.ctx, s.manager, Move{ConversationID: c.ID, Rev: c.Rev, To: to, ServicerID: servicer(s)})
		},
		applied: func(s *talkStage, c db.Conversation) bool {
			chat := s.chat(c)
			return chat.State == to && chat.Servicer == servicer(s)
		},
		mirrored: func(s *talkStage, c db.Conversation) bool {
			now := s.again(c)
			return now.State == to && now.ServicerID == servicer(s)
		},
	}
}

func sending(form Send) talkChange {
	return talkChange{
		endpoint: "kf/send_msg", resends: true,
		make: func(s *talkStage, o *Ops, c db.Conversation) (Result, error) {
			form.ConversationID = c.ID
			list, err := o.SendMessage(s.ctx, s.manager, form)
			if err == nil && len(list) != 1 {
				err = fmt.Errorf("%d results", len(list))
			}
			if err != nil {
				return Result{}, err
			}
			return list[0], nil
		},
		applied: func(s *talkStage, c db.Conversation) bool { return len(s.got(c)) == 1 },
		mirrored: func(s *talkStage, c db.Conversation) bool {
			now := s.again(c)
			return now.State == 1 && now.Sent == 1 && now.WaitingSince.IsZero() && now.LastOrigin == db.OriginConsole
		},
	}
}

func smallPNG(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := png.Encode(&buf, quarters(40, 40)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func talkChanges(t *testing.T) map[string]talkChange {
	return map[string]talkChange{
		"to the assistant": moving(1, false),
		"to the queue":     moving(2, false),
		"to a person":      moving(3, true),
		"to its end":       moving(4, false),
		"text":             sending(Send{Kind: kf.KindText, Text: answered}),
		"picture":          sending(Send{Kind: kf.KindImage, Upload: &Upload{"答复.png", smallPNG(t)}}),
	}
}

func eachTalk(t *testing.T, f func(s *talkStage, c talkChange, conversation db.Conversation)) {
	for name, c := range talkChanges(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTalkStage(t)
			f(s, c, s.meets())
		})
	}
}

func (s *talkStage) untouched(c talkChange, conversation db.Conversation) {
	s.Helper()
	now := s.again(conversation)
	if c.applied(s, conversation) || c.mirrored(s, conversation) || now.State != 0 || now.WaitingSince.IsZero() {
		s.Errorf("applied %v, our copy %+v", c.applied(s, conversation), now)
	}
}

// delivery checks what became of a message in the timeline; other changes have no row before they are done.
func (s *talkStage) delivery(c talkChange, conversation db.Conversation, id, want string) {
	s.Helper()
	if !c.resends {
		if _, err := s.db.Message(s.ctx, conversation.AccountID, id); !errors.Is(err, db.ErrNotFound) {
			s.Errorf("a move that is not done has a row: %v", err)
		}
		return
	}
	if row := s.row(conversation, id); row.Delivery != want || row.OperatorID != s.manager.ID || row.OperatorName != s.manager.Name {
		s.Errorf("row %+v, want %s", row, want)
	}
}

func TestTalkEndDone(t *testing.T) {
	eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
		r, err := c.make(s, s.ops, conversation)
		s.must(err)
		e := s.ended(r.IntentID, Done)
		if !c.applied(s, conversation) || !c.mirrored(s, conversation) || len(s.calls(c.endpoint)) != 1 {
			s.Errorf("applied %v, mirrored %v, %d calls", c.applied(s, conversation), c.mirrored(s, conversation), len(s.calls(c.endpoint)))
		}
		row := s.row(conversation, r.IntentID)
		if e.TargetKind != KindConversation || e.TargetID != conversation.ID || row.Origin != db.OriginConsole || row.OperatorName != s.manager.Name {
			s.Errorf("entry %+v, row %+v", e.Intent, row)
		}
		if c.resends && row.Delivery != db.DeliveryAccepted {
			s.Errorf("delivery %s", row.Delivery)
		}
		changes, err := s.db.ChangesAfter(s.ctx, 0, 1000)
		s.must(err)
		for _, topic := range []string{"conversations", "conversation/" + conversation.ID} {
			if !slices.ContainsFunc(changes, func(c db.Change) bool { return c.Topic == topic }) {
				s.Errorf("nobody is told of %s", topic)
			}
		}
	})
}

func TestTalkEndRefused(t *testing.T) {
	eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
		s.fault(fault{Endpoint: c.endpoint, Kind: "errcode", Code: 48007})
		r, err := c.make(s, s.ops, conversation)
		s.must(err)
		if e := s.ended(r.IntentID, Refused); r.Outcome != Refused || e.Outcome.Errcode != 48007 {
			s.Errorf("result %+v, outcome %+v", r, e.Outcome)
		}
		s.untouched(c, conversation)
		s.delivery(c, conversation, r.IntentID, db.DeliveryRefused)
	})
}

func TestTalkEndNotSent(t *testing.T) {
	eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
		r, err := c.make(s, s.newOps(s.db, s.unreachable()), conversation)
		s.must(err)
		s.ended(r.IntentID, Failed)
		s.untouched(c, conversation)
		s.delivery(c, conversation, r.IntentID, db.DeliveryNotSent)
	})
}

func TestTalkEndUnknownIsSettled(t *testing.T) {
	for name, lost := range unknownEnds {
		t.Run(name, func(t *testing.T) {
			eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
				spoiled := lost.fault
				spoiled.Endpoint = c.endpoint
				s.fault(spoiled)
				r, err := c.make(s, s.ops, conversation)
				s.must(err)
				s.ended(r.IntentID, Open)
				if c.applied(s, conversation) != lost.applied || c.mirrored(s, conversation) {
					s.Errorf("applied %v, mirrored %v", c.applied(s, conversation), c.mirrored(s, conversation))
				}
				s.delivery(c, conversation, r.IntentID, db.DeliveryUnknown)
				if c.resends && s.again(conversation).Sent != 1 {
					s.Error("a message without a known end does not count")
				}
				s.settledTalk(c, conversation, r.IntentID, lost.applied)
			})
		})
	}
}

// settledTalk settles an open change as it must end.
func (s *talkStage) settledTalk(c talkChange, conversation db.Conversation, id string, applied bool) {
	s.Helper()
	s.must(s.ops.Settle(s.ctx))
	if !applied && !c.resends {
		s.ended(id, Open)
		s.clock.advance(time.Minute)
		s.must(s.ops.Settle(s.ctx))
		s.ended(id, Failed)
		s.untouched(c, conversation)
	} else {
		s.ended(id, Done)
		if !c.applied(s, conversation) || !c.mirrored(s, conversation) {
			s.Errorf("settled as done: applied %v, mirrored %v", c.applied(s, conversation), c.mirrored(s, conversation))
		}
	}
	if n := len(s.calls(c.endpoint)); !c.resends && n > 1 {
		s.Errorf("%d calls: the move was repeated", n)
	}
}

func TestTalkNothingIsSentWithoutIntent(t *testing.T) {
	eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
		if _, err := c.make(s, s.newOps(s.open(db.Options{ReadOnly: true}), s.kf), conversation); !errors.Is(err, ErrStorage) {
			s.Errorf("read-only: %v", err)
		}
		if calls := s.calls(""); len(calls) != 0 {
			s.Errorf("sent without an intent: %+v", calls)
		}
	})
}

func TestTalkDenied(t *testing.T) {
	eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
		manager := s.manager
		for _, actor := range []*struct{ role string }{{"viewer"}, {"auditor"}} {
			s.manager = s.viewer
			if actor.role == "auditor" {
				s.manager = s.auditor
			}
			if _, err := c.make(s, s.ops, conversation); !errors.Is(err, ErrDenied) {
				s.Fatalf("%s: %v", actor.role, err)
			}
			list, _, err := s.db.AuditEntries(s.ctx, db.AuditFilter{Result: Denied}, "", 1)
			s.must(err)
			if len(list) != 1 || list[0].OperatorName != "op-"+actor.role || list[0].TargetID != conversation.ID {
				s.Errorf("the denial in the log: %+v", list)
			}
		}
		s.manager = manager
		s.untouched(c, conversation)
	})
}

// dying is a way to WeCom on which the program ends, before the call of an endpoint leaves or after it was answered.
type dying struct {
	endpoint string
	answered bool
}

var errKilled = errors.New("killed")

func (d dying) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/"+d.endpoint) {
		return http.DefaultTransport.RoundTrip(r)
	}
	if d.answered {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		_ = answer.Body.Close()
	}
	panic(errKilled)
}

// dying is a client with which the program ends.
func (s *talkStage) dying(endpoint string, answered bool) *kf.Client {
	s.Helper()
	client, err := kf.New(kf.Options{
		BaseURL: s.url, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Now: s.clock.now,
		HTTP: &http.Client{Transport: dying{endpoint, answered}},
	})
	s.must(err)
	return client
}

// killed makes a change with a program that ends on the way.
func (s *talkStage) killed(c talkChange, conversation db.Conversation, answered bool) {
	s.Helper()
	client := s.dying(c.endpoint, answered)
	defer func() {
		if v := recover(); v != errKilled {
			s.Fatalf("not killed: %v", v)
		}
	}()
	_, err := c.make(s, s.newOps(s.db, client), conversation)
	s.Fatalf("not killed: %v", err)
}

// TestTalkRestart is a program that was killed between the intent and the call, and between the call and the outcome.
func TestTalkRestart(t *testing.T) {
	for _, applied := range []bool{false, true} {
		t.Run(fmt.Sprint("applied ", applied), func(t *testing.T) {
			eachTalk(t, func(s *talkStage, c talkChange, conversation db.Conversation) {
				s.killed(c, conversation, applied)
				open, err := s.db.OpenIntents(s.ctx)
				s.must(err)
				if len(open) != 1 || c.applied(s, conversation) != applied {
					s.Fatalf("%d open changes, applied %v", len(open), c.applied(s, conversation))
				}
				s.delivery(c, conversation, open[0].ID, db.DeliverySending)
				s.ops = s.newOps(s.open(db.Options{}), s.kf)
				s.settledTalk(c, conversation, open[0].ID, applied)
			})
		})
	}
}
