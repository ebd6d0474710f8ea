package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

const (
	checkEvery = 30 * time.Minute // how often WeCom is asked for the state of one open conversation
	checkCalm  = 2 * time.Minute  // a conversation in which something has just happened is known well
	checkBatch = 10_000
	checkPace  = 250 * time.Millisecond // between two calls
	checkPause = time.Minute            // after WeCom has refused one
)

// checkStates compares open conversations with WeCom, one after the other, until ctx ends: what other programs do through
// the API raises no event, and neither did what was done before the first sync.
func (s *Syncer) checkStates(ctx context.Context) {
	if s.polls.states == 0 {
		<-ctx.Done()
		return
	}
	checked := map[string]time.Time{}
	for {
		pause := s.polls.states
		due, err := s.uncheckedStates(ctx, checked)
		s.report(err)
		for _, id := range due {
			checked[id] = s.now()
			if err := s.checkState(ctx, id); err != nil {
				if ctx.Err() != nil {
					return
				}
				s.log.Debug("sync: check a state", "conversation", id, "error", err)
				if !concernsConversation(err) {
					pause = checkPause
					delete(checked, id)
					break
				}
			}
			if !sleep(ctx, min(checkPace, s.polls.states)) {
				return
			}
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// uncheckedStates lists the open conversations that were not compared for a while, and forgets those that are not open.
func (s *Syncer) uncheckedStates(ctx context.Context, checked map[string]time.Time) ([]string, error) {
	open, _, err := s.db.Conversations(ctx, db.ConversationFilter{
		States: []int{db.StateNew, db.StateAssistant, db.StateQueue, db.StateHuman}, Sort: db.SortRecent,
	}, "", checkBatch)
	if err != nil {
		return nil, err
	}
	now, here := s.now(), make(map[string]bool, len(open))
	var due []string
	for _, c := range open {
		here[c.ID] = true
		if now.Sub(checked[c.ID]) >= checkEvery && now.Sub(c.StateAt) >= checkCalm {
			due = append(due, c.ID)
		}
	}
	for id := range checked {
		if !here[id] {
			delete(checked, id)
		}
	}
	return due, nil
}

// checkState asks WeCom for the state of a conversation and notes it where it is another one than ours.
func (s *Syncer) checkState(ctx context.Context, id string) error {
	// Read anew: it may have been long in the row of those to be asked for.
	c, err := s.db.Conversation(ctx, id)
	if err != nil || c.State == db.StateEnded {
		return ignoreMissing(err)
	}
	asked := s.now() // what happens after this is not in the answer
	there, err := s.kf.ServiceState(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID))
	if err != nil {
		return err
	}
	if int(there.State) == c.State && there.Servicer.Equal(kf.UserID(c.ServicerID)) {
		return nil
	}
	err = s.db.Tx(ctx, func(tx *db.DB) error {
		now, err := tx.Conversation(ctx, c.ID)
		if err != nil {
			return ignoreMissing(err)
		}
		// Something has happened meanwhile: the answer may be older than that.
		if now.Rev != c.Rev {
			return nil
		}
		return noteState(ctx, tx, c, asked, db.StateNote{State: int(there.State), Servicer: string(there.Servicer), Reason: db.ReasonChecked})
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	return nil
}

// concernsConversation tells a refusal that only says something about the conversation asked for.
func concernsConversation(err error) bool {
	refused := new(kf.Error)
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code {
	case codeBusy, codeFrequencyLimit, codeTooManyAtOnce:
		return false
	}
	return true
}
