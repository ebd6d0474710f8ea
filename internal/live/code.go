package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Reasons why a code was not used, in db.Code.Reason.
const (
	CodeLate   = "late"             // too old to be used safely, or to be of any use to the customer
	CodeNoRule = "no_rule"          // no rule says what to answer
	CodeMoved  = "state"            // the conversation is not in the state of the code any more
	CodeNative = "native_or_repeat" // WeCom sent none: it greets itself, or the customer was welcomed or wrote not long ago
	CodeBad    = "bad_rule"         // the rule's message is none that WeCom takes
)

const (
	// codeSafe is how old a code that lives 20 seconds may be when it is used.
	codeSafe = 15 * time.Second
	// codeUseful is the same for codes that live 48 hours: a note to who waits is of no use long after.
	codeUseful = 10 * time.Minute
	// codesAtOnce are the codes in use at the same time.
	codesAtOnce = 4
	// codeLost is when a code that was to be used by a process that has ended is given up.
	codeLost = time.Minute
)

// lateAt is when it is too late for a code.
func lateAt(c db.Code) time.Time {
	if c.Scene == db.SceneWelcome || c.Scene == db.SceneEnding {
		return c.GotAt.Add(codeSafe)
	}
	return c.GotAt.Add(codeUseful)
}

// code notes a code that came with an event, or why there is none.
func (b *batch) code(ctx context.Context, row db.Message, e *entry, scene, code string, life time.Duration) error {
	c := db.Code{
		ID: db.NewID(), AccountID: row.AccountID, ConversationID: row.ConversationID, CustomerID: e.customer,
		Scene: scene, Code: code, GotAt: row.At, ExpiresAt: row.At.Add(life), State: db.CodeDue,
	}
	switch {
	case c.ConversationID == "":
		return nil
	case code == "":
		c.State, c.Reason, c.DoneAt = db.CodeSkipped, CodeNative, b.now
	case !b.now.Before(lateAt(c)):
		c.State, c.Reason, c.Code, c.DoneAt = db.CodeSkipped, CodeLate, "", b.now
	default:
		b.codes = true
	}
	return errors.Join(b.tx.InsertCode(ctx, c), b.tx.AddChange(ctx, TopicReplies, c.ID))
}

// useCodes uses codes as they come, until ctx ends, the newest first: an older one may be too late already. It has nothing to
// do with the sync of accounts but the news of a code, and one that WeCom is slow to take holds up no other.
func (s *Syncer) useCodes(ctx context.Context) {
	changed, stop := s.db.Watch()
	defer stop()
	poll := time.NewTicker(s.polls.codes)
	defer poll.Stop()
	running, ended := map[string]bool{}, make(chan string)
	defer func() {
		for range running {
			<-ended
		}
	}()
	for {
		due, err := s.db.DueCodes(ctx, 0)
		s.report(err)
		for _, c := range due {
			if len(running) < codesAtOnce && !running[c.ID] {
				running[c.ID] = true
				go func() {
					err := errPanic
					s.guard("code", c.AccountID, func() { err = s.use(ctx, c) })
					if err != nil {
						// It is due still: a store that is full is not to be asked again at once.
						s.report(err)
						sleep(ctx, s.polls.codes)
					}
					ended <- c.ID
				}()
			}
		}
		select {
		case <-ctx.Done():
			return
		case id := <-ended:
			delete(running, id)
		case <-s.codes:
		case <-changed:
		case <-poll.C:
			s.report(s.giveUpLost(ctx))
		}
	}
}

// giveUpLost ends codes whose end nobody will learn any more.
func (s *Syncer) giveUpLost(ctx context.Context) error {
	lost, err := s.db.SendingCodes(ctx, s.now().Add(-codeLost))
	if err != nil {
		return err
	}
	for _, c := range lost {
		c.State = db.CodeUnknown
		if err := s.finish(ctx, c, db.DeliveryUnknown); err != nil {
			return err
		}
	}
	return nil
}

// use answers with a code, or notes why not. The code is on disk as being used before the call, so that it is never used
// twice: a call whose end is not known is not made again.
func (s *Syncer) use(ctx context.Context, c db.Code) error {
	draft, took, err := s.claim(ctx, &c)
	if err != nil || !took {
		return err
	}
	_, err = s.kf.SendOnEvent(ctx, c.Code, kf.MessageID(c.MessageID), draft)
	delivery := db.DeliveryAccepted
	refused, argument := new(kf.Error), new(kf.ArgumentError)
	switch {
	case err == nil:
		c.State = db.CodeSent
	case errors.As(err, &argument):
		c.State, c.Reason, delivery = db.CodeSkipped, CodeBad, db.DeliveryNotSent
	case kf.CertaintyOf(err) == kf.NotSent:
		// It never left: there may be time to try again.
		c.State, delivery = db.CodeDue, db.DeliveryNotSent
		sleep(ctx, s.polls.codes)
	case kf.CertaintyOf(err) == kf.Refused && errors.As(err, &refused):
		c.State, c.Errcode, c.Reason, delivery = db.CodeRefused, refused.Code, refused.Msg, db.DeliveryRefused
	default:
		c.State, delivery = db.CodeUnknown, db.DeliveryUnknown
	}
	if err != nil {
		s.log.Warn("sync: coded message", "scene", c.Scene, "account", c.AccountID, "end", c.State, "error", err)
	}
	return s.finish(ctx, c, delivery)
}

// claim decides what a code is used for and writes that down, with the message that is to be sent. took is false when it
// is not to be used, or somebody else uses it.
func (s *Syncer) claim(ctx context.Context, c *db.Code) (draft kf.Draft, took bool, err error) {
	err = s.db.Tx(ctx, func(tx *db.DB) error {
		now := s.now()
		stored, err := tx.Code(ctx, c.ID)
		if err != nil || stored.State != db.CodeDue {
			return ignoreMissing(err)
		}
		*c = stored
		var rule db.ReplyRule
		draft, rule, c.Reason, err = s.answer(ctx, tx, *c, now)
		if err != nil {
			return err
		}
		c.RuleID, c.State, c.DoneAt = rule.ID, db.CodeSending, now
		if c.Reason != "" {
			c.State, c.Code = db.CodeSkipped, ""
			return errors.Join(tx.UpdateCode(ctx, *c), tx.AddChange(ctx, TopicReplies, c.ID))
		}
		took = true
		if err := keepCoded(ctx, tx, c, draft, now); err != nil {
			return err
		}
		return errors.Join(tx.UpdateCode(ctx, *c), Refold(ctx, tx, c.ConversationID))
	})
	if err != nil {
		return draft, false, fmt.Errorf("code: %w", err)
	}
	return draft, took, nil
}

// answer is the message for a code, or the reason why there is none.
func (s *Syncer) answer(ctx context.Context, tx *db.DB, c db.Code, now time.Time) (draft kf.Draft, rule db.ReplyRule, reason string, err error) {
	if !now.Before(lateAt(c)) {
		return draft, rule, CodeLate, nil
	}
	conversation, err := tx.Conversation(ctx, c.ConversationID)
	if errors.Is(err, db.ErrNotFound) {
		return draft, rule, CodeMoved, nil
	}
	if err != nil {
		return draft, rule, "", err
	}
	if want, ok := codeStates[c.Scene]; ok && kf.ServiceState(conversation.State) != want {
		return draft, rule, CodeMoved, nil
	}
	rules, err := tx.ReplyRules(ctx)
	if err != nil {
		return draft, rule, "", err
	}
	rule, ok := PickRule(rules, c.AccountID, c.Scene, now)
	if !ok {
		return draft, rule, CodeNoRule, nil
	}
	draft, err = RuleDraft(rule)
	if err != nil {
		s.log.Warn("sync: rule of a coded message", "rule", rule.ID, "error", err)
		return draft, rule, CodeBad, nil
	}
	return draft, rule, "", nil
}

// codeStates is the state in which a code can be used; a welcome does not ask.
var codeStates = map[string]kf.ServiceState{db.SceneQueue: kf.StateQueue, db.ScenePickup: kf.StateHuman, db.SceneEnding: kf.StateEnded}

// keepCoded writes the coded message that is about to be sent into the timeline. One that never left has its row already.
func keepCoded(ctx context.Context, tx *db.DB, c *db.Code, draft kf.Draft, now time.Time) error {
	if c.MessageID != "" {
		return tx.SetDelivery(ctx, c.AccountID, c.MessageID, db.DeliverySending, 0)
	}
	raw, err := kf.EncodeDraft(draft)
	if err != nil {
		return err
	}
	c.MessageID = db.NewID()
	_, err = tx.InsertMessages(ctx, []db.Message{{
		ID: c.MessageID, AccountID: c.AccountID, ConversationID: c.ConversationID, At: now, Origin: db.OriginConsole,
		Kind: draft.Kind, Text: Words(kf.ParseMessage(raw)), Raw: raw, Delivery: db.DeliverySending, Coded: c.Scene,
	}})
	return err
}

// finish writes down how the use of a code ended; that outlives the end of the program.
func (s *Syncer) finish(ctx context.Context, c db.Code, delivery string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	c.DoneAt = s.now()
	if c.State != db.CodeDue {
		c.Code = ""
	}
	err := s.db.Tx(ctx, func(tx *db.DB) error {
		// A message that was not delivered may have been told before the answer to its call.
		m, err := tx.Message(ctx, c.AccountID, c.MessageID)
		if err == nil && m.Delivery == db.DeliverySending {
			err = tx.SetDelivery(ctx, c.AccountID, c.MessageID, delivery, 0)
		}
		if err == nil {
			err = Refold(ctx, tx, c.ConversationID)
		}
		// The customer may have been erased meanwhile.
		return errors.Join(ignoreMissing(err), ignoreMissing(tx.UpdateCode(ctx, c)), tx.AddChange(ctx, TopicReplies, c.ID))
	})
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	return nil
}
