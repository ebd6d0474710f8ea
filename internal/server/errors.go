package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/ops"
)

// statusError is an answer other than success that a handler asks for.
type statusError struct {
	status int
	what   string
}

// Error names the status and what it is about.
func (e *statusError) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.what) }

// badRequest says that a part of the address or the form makes no sense.
func badRequest(what string) error { return &statusError{status: http.StatusBadRequest, what: what} }

// errNotFound says that there is nothing at this address.
var errNotFound = &statusError{status: http.StatusNotFound, what: "page"}

// kind is what went wrong, in the few kinds that an operator can tell apart.
type kind string

// The kinds of error, each with a sentence in i18n.Error.
const (
	kindBad         kind = "bad"
	kindDenied      kind = "denied"
	kindCrossSite   kind = "cross_site"
	kindNotFound    kind = "not_found"
	kindMethod      kind = "method"
	kindConflict    kind = "conflict"
	kindLocked      kind = "locked"
	kindTooLarge    kind = "too_large"
	kindMedia       kind = "media"
	kindThrottled   kind = "throttled"
	kindRemote      kind = "remote"
	kindStorage     kind = "storage"
	kindBusy        kind = "busy"
	kindTimeout     kind = "timeout"
	kindInternal    kind = "internal"
	kindUnavailable kind = "unavailable"
)

// classify is the one table from an error to the status and the kind that the
// operator is shown.
func classify(err error) (int, kind) {
	var status *statusError
	var foreign *crossSite
	var remote *kf.Error
	var answer *kf.HTTPError
	var conflict *ops.Conflict
	var invalid *ops.Invalid
	var fiberError *fiber.Error
	switch {
	case errors.As(err, &status):
		return status.status, kindOf(status.status)
	case errors.As(err, &foreign):
		return http.StatusForbidden, kindCrossSite
	case errors.Is(err, db.ErrNotFound):
		return http.StatusNotFound, kindNotFound
	case errors.Is(err, db.ErrBadCursor), errors.As(err, &invalid):
		return http.StatusBadRequest, kindBad
	case errors.Is(err, ops.ErrDenied):
		return http.StatusForbidden, kindDenied
	case errors.As(err, &conflict):
		return http.StatusConflict, kindConflict
	case errors.Is(err, ops.ErrLocked):
		return http.StatusConflict, kindLocked
	case errors.Is(err, ops.ErrStorage), errors.Is(err, db.ErrFull), errors.Is(err, db.ErrReadOnly):
		return http.StatusServiceUnavailable, kindStorage
	case errors.Is(err, db.ErrBusy):
		return http.StatusServiceUnavailable, kindBusy
	case errors.As(err, &remote), errors.As(err, &answer):
		return http.StatusBadGateway, kindRemote
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, kindTimeout
	case errors.As(err, &fiberError):
		return fiberError.Code, kindOf(fiberError.Code)
	}
	return http.StatusInternalServerError, kindInternal
}

func kindOf(status int) kind {
	switch status {
	case http.StatusForbidden:
		return kindDenied
	case http.StatusNotFound:
		return kindNotFound
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return kindMethod
	case http.StatusConflict:
		return kindConflict
	case http.StatusRequestEntityTooLarge:
		return kindTooLarge
	case http.StatusUnsupportedMediaType:
		return kindMedia
	case http.StatusTooManyRequests:
		return kindThrottled
	case http.StatusServiceUnavailable:
		return kindUnavailable
	}
	if status >= 500 {
		return kindInternal
	}
	return kindBad
}
