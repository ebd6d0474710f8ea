package kf

import (
	"bytes"
	"encoding/json"
	"time"
)

// Origin says who wrote a message.
type Origin int

// The origins of sync_msg. It never returns what was sent through the API.
const (
	OriginCustomer Origin = 3
	OriginSystem   Origin = 4 // events
	OriginServicer Origin = 5 // in the WeCom client
)

// The kinds of messages, as WeCom names them in msgtype.
const (
	KindText         = "text"
	KindImage        = "image"
	KindVoice        = "voice"
	KindVideo        = "video"
	KindFile         = "file"
	KindLocation     = "location"
	KindLink         = "link"
	KindBusinessCard = "business_card"
	KindMiniProgram  = "miniprogram"
	KindMenu         = "msgmenu"
	KindProduct      = "channels_shop_product"
	KindOrder        = "channels_shop_order"
	KindChannels     = "channels"
	KindMerged       = "merged_msg"
	KindNote         = "note"
	KindMeeting      = "meeting"
	KindSchedule     = "schedule"
	KindEvent        = "event"
	KindCALink       = "ca_link" // is sent only, never received

	// KindBroken is an entry that is no message: no object, or one without a
	// msgtype or without the payload of its msgtype.
	KindBroken = "broken"
)

// Message is an entry of sync_msg: a message or an event.
type Message struct {
	ID       MessageID // empty if the entry had none
	Account  AccountID
	Customer CustomerID // empty for events that concern no customer
	SentAt   time.Time  // to the second, UTC; zero if the entry did not say, or said nonsense
	Origin   Origin     // 0 if the entry did not say
	Servicer UserID     // with OriginServicer, and of events that name one
	// Kind is the msgtype, or KindBroken.
	Kind string
	// Content is one of Text, Media, Location, LinkCard, BusinessCard,
	// MiniProgram, Menu, Product, Order, Channels, Merged, CALink and Empty, or
	// with KindEvent one of EnterSession, SendFailed, ServicerChange,
	// SessionChange, Recalled, RejectSwitch and UnknownEvent. It is Unsupported for a
	// msgtype this package does not know, and for KindBroken.
	Content any
	// Raw is the entry as it came. It is JSON in UTF-8, whatever came: what is no
	// JSON stands in it as a string.
	Raw json.RawMessage
}

// entry is what all entries have in common.
type entry struct {
	ID       looseString     `json:"msgid"`
	Account  looseString     `json:"open_kfid"`
	Customer looseString     `json:"external_userid"`
	SentAt   looseInt        `json:"send_time"`
	Origin   looseInt        `json:"origin"`
	Servicer looseString     `json:"servicer_userid"`
	Kind     looseString     `json:"msgtype"`
	Event    json.RawMessage `json:"event"`
}

// ParseMessage reads an entry of sync_msg, or one that was stored. It never
// fails: what cannot be read becomes a message of KindBroken, whose head is
// filled in as far as it could be read.
func ParseMessage(raw []byte) Message {
	m := Message{Raw: validJSON(raw), Kind: KindBroken, Content: Unsupported{}}
	var e entry
	if !isObject(m.Raw) || json.Unmarshal(m.Raw, &e) != nil {
		return m
	}
	m.ID, m.Account, m.Customer = MessageID(e.ID), AccountID(e.Account), CustomerID(e.Customer)
	m.SentAt, m.Origin, m.Servicer = sentAt(e.SentAt), Origin(e.Origin), UserID(e.Servicer)
	if e.Kind == "" || e.Kind == KindBroken {
		return m
	}
	if e.Kind == KindEvent {
		if isObject(e.Event) {
			m.Kind = KindEvent
			m.readEvent(e.Event)
		}
		return m
	}
	if content, ok := readContent(string(e.Kind), m.Raw); ok {
		m.Kind, m.Content = string(e.Kind), content
	}
	return m
}

// latest is the end of the years that have four digits.
const latest = 253402300800

// sentAt is the time of seconds since 1970.
func sentAt(seconds looseInt) time.Time {
	if seconds <= 0 || seconds >= latest {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// validJSON returns raw if it is JSON, else raw as a JSON string.
func validJSON(raw []byte) json.RawMessage {
	raw = bytes.ToValidUTF8(bytes.TrimSpace(raw), []byte("\uFFFD"))
	if json.Valid(raw) {
		return raw
	}
	quoted, err := json.Marshal(string(raw))
	if err != nil { // no string is known that does this
		return json.RawMessage(`""`)
	}
	return quoted
}

func isObject(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// WithoutCodes returns an entry without the values of welcome_code and msg_code,
// for storing: a code is a secret while it lives and of no use afterwards.
func WithoutCodes(raw []byte) []byte {
	raw = validJSON(raw)
	if !bytes.Contains(bytes.ToLower(raw), []byte("_code")) && !bytes.Contains(raw, []byte(`\u`)) {
		return raw
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || !dropCodes(v) {
		return raw
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return raw
	}
	return bytes.TrimSpace(buf.Bytes())
}
