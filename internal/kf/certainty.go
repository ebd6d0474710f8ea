package kf

import (
	"errors"
	"net/url"
	"strings"
)

// Certainty says what is known about the effect of a call that failed.
type Certainty int

const (
	// Unknown means that WeCom may or may not have carried out the call. Look
	// before trying again.
	Unknown Certainty = iota
	// NotSent means that the call never left this machine.
	NotSent
	// Refused means that WeCom answered and said no.
	Refused
)

// String returns the name of c in lower case.
func (c Certainty) String() string {
	switch c {
	case NotSent:
		return "not sent"
	case Refused:
		return "refused"
	default:
		return "unknown"
	}
}

// CertaintyOf says what is known about the effect of the call that returned
// err, which must not be nil. Errors that are not of this package are Unknown.
//
// A call that failed while its access token was fetched is never Unknown: it
// was Refused if WeCom gave a reason, else NotSent.
func CertaintyOf(err error) Certainty {
	var (
		argument *ArgumentError
		refusal  *Error
		answer   *HTTPError
		lost     *transportError
	)
	switch {
	case errors.As(err, &argument):
		return NotSent
	case errors.As(err, &refusal):
		if refusal.Code != codeBusy {
			return Refused
		}
		return unlessToken(refusal.Endpoint)
	case errors.As(err, &answer):
		return unlessToken(answer.Endpoint)
	case errors.As(err, &lost):
		if !lost.sent {
			return NotSent
		}
		return unlessToken(lost.endpoint)
	default:
		return Unknown
	}
}

// unlessToken is the certainty of a call after which nothing is known, unless
// all that was sent was the request for a token.
func unlessToken(endpoint string) Certainty {
	if endpoint == endpointToken {
		return NotSent
	}
	return Unknown
}

// transportError is a call that ended without an answer.
type transportError struct {
	endpoint string
	sent     bool // the request, or a part of it, may have reached WeCom
	cause    error
}

func (e *transportError) Error() string {
	what := "not sent"
	if e.sent {
		what = "no answer"
	}
	return "kf: " + shortName(e.endpoint) + ": " + what + ": " + e.cause.Error()
}

func (e *transportError) Unwrap() error { return e.cause }

// newTransportError hides the URL of the request, which carries the token.
func newTransportError(endpoint string, sent bool, err error, secrets []string) error {
	for inner := new(url.Error); errors.As(err, &inner); {
		err = inner.Err
	}
	if text := err.Error(); redact(text, secrets) != text {
		err = errors.New(redact(text, secrets))
	}
	return &transportError{endpoint: endpoint, sent: sent, cause: err}
}

// redact replaces every secret in s, plain or escaped for a URL.
func redact(s string, secrets []string) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		s = strings.ReplaceAll(s, secret, "[redacted]")
		s = strings.ReplaceAll(s, url.QueryEscape(secret), "[redacted]")
	}
	return s
}
