package kf

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal by WeCom: an answer with an errcode other than 0.
// Decide on Code; the wording of Msg may change at any time.
type Error struct {
	Endpoint string // path under /cgi-bin/, such as kf/account/add
	Code     int    // errcode
	Msg      string // errmsg without its hint and address tail
	Hint     string // digits WeCom's support asks for; differs on every call, may be empty
	FromIP   string // address WeCom saw the call come from; may be empty
}

func (e *Error) Error() string {
	return strings.TrimRight(fmt.Sprintf("kf: %s: %d %s", shortName(e.Endpoint), e.Code, e.Msg), " ")
}

// The errcodes this package acts on. All others are the caller's to judge.
const (
	codeBusy           = -1
	codeInvalidSecret  = 40001
	codeInvalidCorpID  = 40013
	codeInvalidToken   = 40014
	codeForeignSecret  = 40091
	codeExpiredToken   = 42001
	codeFrequencyLimit = 45009
)

// HTTPError is an answer that is not WeCom's JSON: a status other than 200, an
// error page of a proxy, a body that is cut off, too big or of the wrong shape.
// It holds nothing of the answer itself.
type HTTPError struct {
	Endpoint string // path under /cgi-bin/
	Status   int    // HTTP status
	Reason   string // what is wrong with the answer, in words of this package; may be empty
	TooLarge bool   // there is more of the answer than was to be read
}

func (e *HTTPError) Error() string {
	s := fmt.Sprintf("kf: %s: HTTP %d", shortName(e.Endpoint), e.Status)
	if e.Reason != "" {
		return s + ": " + e.Reason
	}
	if text := http.StatusText(e.Status); text != "" {
		return s + " " + text
	}
	return s
}

// ArgumentError is an argument that breaks a documented limit. It is found
// before anything is sent.
type ArgumentError struct {
	Field string // name of the field in the protocol, such as name or scene
	Rule  string // one of the Rule constants
	Limit int    // the bound of the rule; 0 for rules without one
}

// The rules an argument can break.
const (
	RuleRequired   = "required"    // empty
	RuleMaxChars   = "max_chars"   // more than Limit characters
	RuleMinBytes   = "min_bytes"   // fewer than Limit bytes
	RuleMaxBytes   = "max_bytes"   // more than Limit bytes
	RuleMaxItems   = "max_items"   // more than Limit entries in a list
	RuleRange      = "range"       // a number outside of its range; Limit is its upper end
	RuleCharacters = "characters"  // characters that WeCom does not take in this field
	RuleFileFormat = "file_format" // not a file of the kind that was said
	RuleMaxSeconds = "max_seconds" // more than Limit seconds
	RuleAddress    = "address"     // no web address, or not one of those that go here
	RuleKind       = "kind"        // a thing that does not go here
)

func (e *ArgumentError) Error() string {
	if e.Limit != 0 {
		return fmt.Sprintf("kf: invalid argument %s: %s %d", e.Field, e.Rule, e.Limit)
	}
	return fmt.Sprintf("kf: invalid argument %s: %s", e.Field, e.Rule)
}

// tokenRefused reports whether err says that the access token of a call is no
// longer valid, so that a new one may help.
func tokenRefused(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == codeInvalidToken || e.Code == codeExpiredToken || e.Code == codeInvalidSecret
}

// shortName is the endpoint without the kf/ that the package name already says.
func shortName(endpoint string) string { return strings.TrimPrefix(endpoint, "kf/") }

// maxMsg bounds, in bytes, what of an errmsg is kept.
const maxMsg = 500

// newError builds an Error from an answer. The secrets are cut from the text:
// WeCom has no reason to echo them, but a proxy in between may.
func newError(endpoint string, code int, errmsg string, secrets []string) *Error {
	e := &Error{Endpoint: endpoint, Code: code}
	e.Msg, e.Hint, e.FromIP = splitMsg(redact(errmsg, secrets))
	if len(e.Msg) > maxMsg {
		e.Msg = strings.ToValidUTF8(e.Msg[:maxMsg], "") + "…"
	}
	return e
}

// splitMsg takes apart an errmsg of the shape
// "text, hint: [123], from ip: 203.0.113.7, more info at https://...".
func splitMsg(s string) (msg, hint, ip string) {
	msg = s
	for _, mark := range []string{"hint: [", "from ip:", "more info at "} {
		msg, _, _ = strings.Cut(msg, mark)
	}
	tail := s[len(msg):]
	if _, rest, ok := strings.Cut(tail, "hint:"); ok {
		digits, _, found := strings.Cut(strings.TrimLeft(rest, " ["), "]")
		if found {
			hint = only(digits, "0123456789")
		}
	}
	if _, rest, ok := strings.Cut(tail, "from ip:"); ok {
		addr, _, _ := strings.Cut(rest, ",")
		ip = only(strings.TrimSpace(addr), "0123456789abcdefABCDEF.:")
	}
	return strings.Trim(msg, ", \n"), hint, ip
}

// only returns s if it is short and made of the given characters, else "".
func only(s, chars string) string {
	if len(s) > 64 || strings.Trim(s, chars) != "" {
		return ""
	}
	return s
}

// shapeReason says in words of our own why an answer could not be decoded. The
// text of a json error may quote the answer, so it is not used.
func shapeReason(body []byte, err error) string {
	var shape *json.UnmarshalTypeError
	switch {
	case len(body) == 0:
		return "empty answer"
	case body[0] == '<':
		return "HTML or XML instead of JSON"
	case errors.As(err, &shape):
		if shape.Field == "" {
			return "JSON of an unexpected type"
		}
		return "unexpected type at " + shape.Field
	default:
		return "malformed or truncated JSON"
	}
}
