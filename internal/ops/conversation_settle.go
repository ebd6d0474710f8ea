package ops

import (
	"context"
	"errors"
	"strings"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// resendWithin is how long after its intent a message whose answer was lost may be sent once more with the same id. Later nobody knows
// whether WeCom still remembers the id, and the customer might get the message twice.
const resendWithin = 10 * time.Minute

// erasedMeanwhile is why a change of a conversation that was erased cannot be settled.
const erasedMeanwhile = "the conversation was erased"

// judgeMove asks WeCom where the conversation is, and puts that right in our copy. A conversation that is elsewhere by now may have been
// moved as asked and then on: it is not there, and that is what the log says.
func (o *Ops) judgeMove(ctx context.Context, intent db.Intent) (*verdict, error) {
	goal, goalErr := payload[place](intent.Input)
	before, beforeErr := payload[place](intent.Before)
	if goalErr != nil || beforeErr != nil {
		return &verdict{result: Failed, why: "unreadable intent"}, nil
	}
	c, err := o.db.Conversation(ctx, intent.TargetID)
	if errors.Is(err, db.ErrNotFound) {
		return &verdict{result: Failed, why: erasedMeanwhile}, nil
	}
	if err != nil {
		return nil, err
	}
	found, err := o.kf.ServiceState(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID))
	if err != nil {
		if code, _, _, _ := remoteError(err); accountGone(code) {
			return &verdict{result: Failed, why: "the account is gone"}, nil
		}
		return nil, err
	}
	there := placeFound(found)
	switch {
	case there.same(goal):
		return &verdict{result: Done}, nil
	case !there.same(before):
		v := &verdict{result: Failed, why: "the conversation is elsewhere by now"}
		if !there.same(placeOf(c)) {
			v.got.found = &there
		}
		return v, nil
	}
	return o.absent(intent), nil
}

// judgeSend finds out whether a message arrived, by sending the very same once more: WeCom takes an id only once. What refuses it for
// another reason says nothing about the first try, so the message stays unknown.
func (o *Ops) judgeSend(ctx context.Context, intent db.Intent) (*verdict, error) {
	c, err := o.db.Conversation(ctx, intent.TargetID)
	if err != nil {
		if errors.Is(err, db.ErrNotFound) {
			return &verdict{result: Failed, why: erasedMeanwhile}, nil
		}
		return nil, err
	}
	row, err := o.db.Message(ctx, c.AccountID, intent.ID)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return &verdict{result: Failed, why: erasedMeanwhile}, nil
	case err != nil:
		return nil, err
	case row.Delivery == db.DeliveryFailed, row.Delivery == db.DeliveryAccepted:
		// WeCom has told of it since.
		return &verdict{result: Done, got: answer{id: row.ID}}, nil
	}
	if row.Delivery == db.DeliverySending {
		// Left behind by a process that ended.
		o.lost(ctx, intent)
	}
	if o.now().Sub(intent.At) >= resendWithin {
		return nil, nil
	}
	got, err := o.send(ctx, c, row)
	switch {
	case err == nil, sentBefore(err):
		return &verdict{result: Done, got: answer{id: row.ID}}, nil
	case kf.CertaintyOf(err) == kf.Refused:
		o.log.Warn("a message without a known end was refused for another reason than its id", "intent", intent.ID, "error", err)
		return nil, o.correct(ctx, intent, c, got)
	}
	return nil, err
}

// correct writes down where a conversation was found while something else was asked.
func (o *Ops) correct(ctx context.Context, intent db.Intent, c db.Conversation, got answer) error {
	if got.found == nil {
		return nil
	}
	return o.db.Tx(ctx, func(tx *db.DB) error {
		return o.noteState(ctx, tx, intent, c.ID, db.NewID(), *got.found, db.ReasonChecked)
	})
}

// sentBefore says whether WeCom refused a message because it has had one with that id. The documents do not give the code, so the words
// decide; when they are others, the message stays unknown.
func sentBefore(err error) bool {
	var refusal *kf.Error
	return errors.As(err, &refusal) && strings.Contains(strings.ToLower(refusal.Msg), "msgid")
}
