package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Kinds of failure without an errcode, as they stand in db.Freshness.Error. With an errcode WeCom's own message stands
// there instead, without hint and address.
const (
	KindNotSent    = "not_sent"   // WeCom could not be reached
	KindUnknown    = "unknown"    // no usable answer, for another reason than those below
	KindTimeout    = "timeout"    // no answer in time
	KindHTTP       = "http"       // an HTTP status other than 200
	KindHTML       = "html"       // an answer that is not WeCom's JSON
	KindIncomplete = "incomplete" // a list without an end
	KindEmpty      = "empty"      // a list that is suddenly empty
)

var (
	// ErrEmpty means that WeCom sent an empty list although the copy is not empty. It is believed when it comes again.
	ErrEmpty = errors.New("empty list, not believed yet")
	// ErrIncomplete means that a list had no end.
	ErrIncomplete = errors.New("list without an end")
)

// errStore marks what failed on our side: it says nothing about WeCom and is no freshness.
var errStore = errors.New("write the copy")

// Kind names how a refresh failed when no errcode came back; "" for a refusal with an errcode and for nil.
func Kind(err error) string {
	var (
		refused *kf.Error
		answer  *kf.HTTPError
		network net.Error
	)
	switch {
	case err == nil || errors.As(err, &refused):
		return ""
	case errors.Is(err, ErrEmpty):
		return KindEmpty
	case errors.Is(err, ErrIncomplete):
		return KindIncomplete
	case errors.As(err, &answer) && answer.Status != 200:
		return KindHTTP
	case errors.As(err, &answer):
		return KindHTML
	case kf.CertaintyOf(err) == kf.NotSent:
		return KindNotSent
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return KindTimeout
	}
	return KindUnknown
}

// noteTimeout bounds the writing of a result, which must not depend on the context that ended the refresh.
const noteTimeout = 30 * time.Second

// keep ends a refresh: it applies what came and notes the freshness in one transaction, or notes why nothing came.
// A refresh that ended because the mirror did is not noted.
func (m *Mirror) keep(ctx context.Context, topic string, began time.Time, err error, apply func(context.Context, *db.DB) error) error {
	if m.flights.life.Err() != nil {
		return ErrStopped
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	if err == nil {
		err = m.db.Tx(ctx, func(tx *db.DB) error {
			if err := apply(ctx, tx); err != nil {
				return err
			}
			return tx.SetFreshness(ctx, db.Freshness{Topic: topic, OKAt: &began, TriedAt: &began})
		})
		if err != nil {
			return fmt.Errorf("refresh %s: %w: %w", topic, errStore, err)
		}
		return nil
	}
	if noted := m.note(ctx, topic, began, err); noted != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w", errStore, noted))
	}
	return fmt.Errorf("refresh %s: %w", topic, err)
}

func (m *Mirror) note(ctx context.Context, topic string, began time.Time, err error) error {
	return m.db.Tx(ctx, func(tx *db.DB) error {
		f, missing := tx.Freshness(ctx, topic)
		if missing != nil && !errors.Is(missing, db.ErrNotFound) {
			return missing
		}
		f.Topic, f.TriedAt, f.Error, f.Errcode = topic, &began, Kind(err), 0
		if refused := new(kf.Error); errors.As(err, &refused) {
			f.Error, f.Errcode = cmp.Or(refused.Msg, "errcode"), refused.Code
		}
		return tx.SetFreshness(ctx, f)
	})
}
