package ui

import "github.com/a-h/templ"

// Kind is the weight of a button.
type Kind string

// The kinds. A page has at most one primary button.
const (
	Plain   Kind = ""
	Primary Kind = "primary"
	Quiet   Kind = "quiet"
	Danger  Kind = "danger"
	// DangerSolid is the last step of something destructive.
	DangerSolid Kind = "danger solid"
)

// Btn is a button or a link that looks like one.
type Btn struct {
	Text, Icon string
	Kind       Kind
	// Href makes a LinkButton; Button ignores it.
	Href string
	// Type is "submit" when empty; "button" does nothing without a script.
	Type string
	// Name, Value, Form and Action are the attributes of a submit button (Action
	// is formaction).
	Name, Value, Form, Action string
	// Reason greys the button and says why it cannot work. It stays reachable by
	// keyboard, so the reason can be read.
	Reason string
	// IconOnly hides the text from the eye, not from screen readers.
	IconOnly bool
	// IconEnd puts the icon behind the text.
	IconEnd bool
	// Small is 28 px high, for rows and cards.
	Small bool
	// Download lets the browser save what the link leads to.
	Download bool
	// Attrs are further attributes: data-*, hx-*.
	Attrs templ.Attributes
}

func (b Btn) class() string {
	c := "button"
	if b.Kind != Plain {
		c += " " + string(b.Kind)
	}
	if b.IconOnly {
		c += " square"
	}
	if b.IconEnd {
		c += " icon-end"
	}
	if b.Small {
		c += " small"
	}
	return c
}

func (b Btn) buttonType() string {
	if b.Reason != "" {
		return "button"
	}
	if b.Type == "" {
		return "submit"
	}
	return b.Type
}
