package i18n

import (
	"slices"
	"strconv"
)

// Explanation says in words what an errcode of WeCom, or a failure on the way to WeCom, means.
type Explanation struct {
	Meaning string // what WeCom said, in a few words
	Cause   string // the likely reason
	Advice  string // what to do next
	Retry   Retry  // what a second try is good for
	Known   bool   // false: the code is in no table of ours, and the texts are general
}

// Retry says what a second try of the same call is good for. It says nothing about whether a second try is safe: that
// depends on whether the first one may have been carried out.
type Retry string

// The classes of Retry.
const (
	RetryNone  Retry = "none"  // pointless until something has been put right
	RetryLater Retry = "later" // may succeed after a while
	RetryState Retry = "state" // look at the present state first
	RetryToken Retry = "token" // the console renews its access token by itself
)

// Kinds of failure without an errcode, for Network.
const (
	KindNotSent    = "not_sent"   // the request never left
	KindUnknown    = "unknown"    // sent, no usable answer
	KindTimeout    = "timeout"    // sent, no answer in time
	KindHTTP       = "http"       // an HTTP status other than 200
	KindHTML       = "html"       // an answer that is not WeCom's JSON
	KindIncomplete = "incomplete" // a list that broke off
	KindEmpty      = "empty"      // a list that is suddenly empty
)

// Errcode explains an errcode in "zh-CN" or "en". A code that is in no table gets general advice with the code in it.
func Errcode(lang string, code int) Explanation {
	words, unknown := errcodeZH, unknownZH
	if Lang(lang) == EN {
		words, unknown = errcodeEN, unknownEN
	}
	e, ok := words[code]
	if !ok {
		e = unknown
		e.Meaning += strconv.Itoa(code)
		e.Retry = RetryNone
		return e
	}
	e.Retry, e.Known = retryOf(code), true
	return e
}

// Network explains a failure without an errcode, one of the Kind constants, in "zh-CN" or "en". Any other kind is taken as
// KindUnknown.
func Network(lang, kind string) Explanation {
	words := failureZH
	if Lang(lang) == EN {
		words = failureEN
	}
	e, ok := words[kind]
	if !ok {
		e = words[KindUnknown]
	}
	e.Retry, e.Known = RetryLater, ok
	if kind == KindUnknown || kind == KindTimeout {
		e.Retry = RetryState
	}
	return e
}

// Errcodes lists the codes that have words of their own, ascending.
func Errcodes() []int {
	codes := make([]int, 0, len(errcodeZH))
	for code := range errcodeZH {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

func retryOf(code int) Retry {
	switch code {
	case -1, 6000, 45009, 45033, 95007:
		return RetryLater
	case 40001, 40014, 42001:
		return RetryToken
	case 95013, 95016, 95018:
		return RetryState
	}
	return RetryNone
}
