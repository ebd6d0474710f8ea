// Package i18n holds every word the console says, in zh-CN and in English side
// by side. Words are Go values, so the compiler finds a missing key and a
// sentence with the wrong parts. The package knows nothing of requests, rows or
// pages: it is given numbers, names and times, and gives back text.
package i18n

import "strings"

// Lang is a language of the console, as a BCP 47 tag.
type Lang string

// The languages of the console. ZH is the default.
const (
	ZH Lang = "zh-CN"
	EN Lang = "en"
)

// Langs lists the languages, the default first.
func Langs() []Lang { return []Lang{ZH, EN} }

// Messages are all words of one language, one field an area.
type Messages struct {
	Lang         Lang
	Common       Common
	Frame        Frame
	UI           UI
	Time         Time
	Error        Error
	Auth         Auth
	Overview     Overview
	Conversation Conversation
	Account      Account
	Servicer     Servicer
	Link         Link
	Audit        Audit
	Customer     Customer
	Reply        Reply
	Scene        Scene
	Health       Health
}

// For returns the words of a language; an unknown one gets zh-CN.
func For(l Lang) *Messages {
	if l == EN {
		return &en
	}
	return &zh
}

var zh = Messages{
	Lang: ZH, Common: commonZH, Frame: frameZH, UI: uiZH, Time: timeZH, Error: errorZH, Auth: authZH,
	Overview: overviewZH, Conversation: conversationZH, Account: accountZH, Servicer: servicerZH, Link: linkZH, Audit: auditZH,
	Customer: customerZH, Reply: replyZH, Scene: sceneZH, Health: healthZH,
}

var en = Messages{
	Lang: EN, Common: commonEN, Frame: frameEN, UI: uiEN, Time: timeEN, Error: errorEN, Auth: authEN,
	Overview: overviewEN, Conversation: conversationEN, Account: accountEN, Servicer: servicerEN, Link: linkEN, Audit: auditEN,
	Customer: customerEN, Reply: replyEN, Scene: sceneEN, Health: healthEN,
}

// Parse returns the language that a stored setting or a form field names, and
// false for anything else.
func Parse(s string) (Lang, bool) {
	switch Lang(s) {
	case ZH, EN:
		return Lang(s), true
	}
	return ZH, false
}

// Match picks the language for an Accept-Language header: the first tag that is
// Chinese or English wins, and without one it is zh-CN. Quality values are not
// weighed, because browsers send the tags in order of preference.
func Match(accept string) Lang {
	for tag := range strings.SplitSeq(accept, ",") {
		tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), ";")
		switch {
		case tag == "zh" || strings.HasPrefix(tag, "zh-"):
			return ZH
		case tag == "en" || strings.HasPrefix(tag, "en-"):
			return EN
		}
	}
	return ZH
}
