package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"kfconsole/internal/kf/callback"
)

const (
	// callbackWithin bounds the work for one callback. WeCom hangs up after 5 seconds.
	callbackWithin = 4 * time.Second
	// callbackSkew is how far the time of a callback may be from ours.
	callbackSkew = 10 * time.Minute
)

// noteMalformed is kept in place of the kind of an event that was signed correctly and cannot be read.
const noteMalformed = "malformed"

var errPacked = errors.New("packed body")

// callbackCheck answers WeCom when an administrator enters the address of this console there.
func (s *Server) callbackCheck(c *fiber.Ctx) error {
	return s.callbackAnswer(c, func(p callback.Params) (string, []byte, error) {
		text, err := s.Callback.Echo(p, c.Query("echostr"))
		if err != nil {
			return callRejected, nil, err
		}
		if s.callStale(p) {
			return callStale, nil, nil
		}
		return callChecked, text, nil
	})
}

// callback takes a callback of WeCom in. It is answered with 200 once what it asks for is on disk, so that a crash loses
// nothing, and with 503 when that could not be written, so that WeCom tries again.
func (s *Server) callback(c *fiber.Ctx) error {
	return s.callbackAnswer(c, func(p callback.Params) (string, []byte, error) {
		// WeCom packs nothing. A packed body would unfold to any size, which is why it is read as it came.
		if len(c.Request().Header.ContentEncoding()) > 0 {
			return callRejected, nil, errPacked
		}
		body := c.Request().Body()
		if len(body) > callback.MaxBody {
			return callTooLarge, nil, nil
		}
		event, err := s.Callback.Open(p, body)
		malformed := errors.Is(err, callback.ErrMalformed)
		if err != nil && !malformed {
			return callRejected, nil, err
		}
		if s.callStale(p) {
			return callStale, nil, nil
		}
		if s.door.seen(p.Signature) {
			return callRepeated, nil, nil
		}
		if malformed {
			event.Kind = noteMalformed
		}
		ctx, cancel := context.WithTimeout(context.Background(), callbackWithin)
		defer cancel()
		result, err := s.heed(ctx, event)
		if err != nil {
			return callFailed, nil, err
		}
		s.door.remember(p.Signature)
		return result, nil, nil
	})
}

// heed does what an event asks for.
func (s *Server) heed(ctx context.Context, e callback.Event) (string, error) {
	now := s.Now()
	var err error
	result := callHeeded
	switch e.Kind {
	case callback.KindMessages:
		made := e.CreatedAt
		if made.IsZero() || made.After(now) {
			made = now
		}
		err = s.Syncer.Notify(ctx, e.Account, e.Token, made)
	case callback.KindAuthChange:
		err = s.Syncer.AuthChanged(ctx, e.Added, e.Removed)
	default:
		if result = callUnknown; e.Kind == noteMalformed {
			result = callMalformed
		}
		return result, s.DB.NoteCallback(ctx, noteKind(e.Kind), now)
	}
	if err == nil && s.door.noteDue(e.Kind, now) {
		// Only for the health page; the event itself is safe.
		if err := s.DB.NoteCallback(ctx, e.Kind, now); err != nil {
			s.Log.Error("note a callback", "event", e.Kind, "error", err)
		}
	}
	return result, err
}

// noteKind is the name of an event as it is kept: one of sensible length.
func noteKind(kind string) string {
	const most = 64
	if len(kind) > most {
		kind = strings.ToValidUTF8(kind[:most], "")
	}
	if kind == "" || !isText(kind) {
		return noteMalformed
	}
	return kind
}

// callStale tells whether the time of a callback, which is part of what was signed, is too far from ours: an old one that
// somebody sends again, or a clock that is wrong.
func (s *Server) callStale(p callback.Params) bool {
	sec, err := strconv.ParseInt(p.Timestamp, 10, 64)
	if err != nil {
		return true
	}
	age := s.Now().Sub(time.Unix(sec, 0))
	return age > callbackSkew || age < -callbackSkew
}

// callbackAnswer works on one callback and answers it with a status and nothing else: who may not call learns nothing.
func (s *Server) callbackAnswer(c *fiber.Ctx, work func(callback.Params) (string, []byte, error)) error {
	if s.Callback == nil {
		s.door.count(callUnset)
		return c.SendStatus(http.StatusNotFound)
	}
	p := callback.Params{Signature: c.Query("msg_signature"), Timestamp: c.Query("timestamp"), Nonce: c.Query("nonce")}
	result, text, err := guarded(p, work)
	n := s.door.count(result)
	if s.door.logDue(result, s.Now()) {
		s.Log.Warn("callback", "result", result, "so_far", n, "ip", clientIP(c), "error", err)
	}
	c.Set("Content-Type", "text/plain; charset=utf-8")
	c.Status(callStatus(result)).Response().SetBody(text)
	return nil
}

// guarded turns a panic into a failure, which makes WeCom try again.
func guarded(p callback.Params, work func(callback.Params) (string, []byte, error)) (result string, text []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			result, text, err = callFailed, nil, fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return work(p)
}

func callStatus(result string) int {
	switch result {
	case callRejected, callStale:
		return http.StatusForbidden
	case callTooLarge:
		return http.StatusRequestEntityTooLarge
	case callFailed:
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}
