package ui

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"
)

// state is a pill or a dot.
type state struct{ class, icon, text string }

// Render writes the state.
func (s state) Render(_ context.Context, w io.Writer) error {
	o := writer{w: w}
	o.html(`<span class="`, s.class)
	if s.icon != "" {
		o.html(" ", icon(s.icon).class)
	}
	o.html(`">`)
	o.text(s.text)
	o.html(`</span>`)
	return o.err
}

// class names of the tones, ready to be written.
func stateClass(t Tone) string {
	switch t {
	case ToneOK:
		return "state ok"
	case ToneWarn:
		return "state warn"
	case ToneDanger:
		return "state danger"
	case ToneInfo:
		return "state info"
	}
	return "state neutral"
}

// State says one state by shape, word and colour.
func State(t Tone, text string) templ.Component { return state{stateClass(t), t.icon(), text} }

// StateIcon is a State with a shape of its own.
func StateIcon(t Tone, icon, text string) templ.Component { return state{stateClass(t), icon, text} }

// Dot is the quiet form of a State: a coloured mark before plain text.
func Dot(t Tone, text string) templ.Component { return state{"dot " + string(t), "", text} }

// Count is a small number beside a word.
func Count(n int) templ.Component { return state{"count", "", strconv.Itoa(n)} }
