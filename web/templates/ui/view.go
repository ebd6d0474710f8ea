package ui

import (
	"time"

	"kfconsole/internal/i18n"
)

// View is what every widget that speaks or shows a time must know of the reader:
// the words of their language, the present moment and their time zone.
type View struct {
	T    *i18n.Messages
	Now  time.Time
	Zone *time.Location
}

// zone is the reader's zone, UTC when none is set.
func (v View) zone() *time.Location {
	if v.Zone == nil {
		return time.UTC
	}
	return v.Zone
}

// Tone is the colour of a statement. Every tone has a shape of its own too, so
// nobody has to see colours.
type Tone string

// The tones.
const (
	ToneOK      Tone = "ok"
	ToneWarn    Tone = "warn"
	ToneDanger  Tone = "danger"
	ToneInfo    Tone = "info"
	ToneNeutral Tone = "neutral"
)

// icon is the shape of a tone.
func (t Tone) icon() string {
	switch t {
	case ToneOK:
		return "circle-check"
	case ToneWarn:
		return "triangle-alert"
	case ToneDanger:
		return "octagon-alert"
	case ToneInfo:
		return "info"
	}
	return "circle-minus"
}

// Pair is a name and a value: a hidden field of a form.
type Pair = [2]string
