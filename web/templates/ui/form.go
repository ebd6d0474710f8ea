package ui

import (
	"strconv"
	"unicode/utf8"

	"github.com/a-h/templ"

	"kfconsole/internal/i18n"
)

// Unit says how WeCom counts a field.
type Unit string

// The units: Unicode code points, and bytes of UTF-8.
const (
	Chars Unit = "chars"
	Bytes Unit = "bytes"
)

// Field is a control with its label above, its help below and the server's
// error beside it.
type Field struct {
	// Name is the form's name for it; ID is derived from it when empty.
	Name, ID string
	Label    string
	Help     string
	Value    string
	// Error is the server's sentence about this field.
	Error string
	// Type of an input: "text" when empty, "password", "number", "date", ...
	Type        string
	Placeholder string
	// Autocomplete is "off" when empty.
	Autocomplete string
	InputMode    string
	Required     bool
	// Optional says so beside the label.
	Optional  bool
	Autofocus bool
	// Limit is the greatest length in Unit; 0 for none. The server checks it; the
	// page only counts.
	Limit int
	Unit  Unit
	// Pattern is a regular expression that a whole value must match while typing,
	// PatternError what is said when it does not.
	Pattern, PatternError string
	// Rows of a text area, 4 when 0.
	Rows int
	// Mono sets the value in the fixed-width font.
	Mono bool
	// Reason greys the control and says why it cannot be changed.
	Reason string
	// Attrs are further attributes of the control: min, max, hx-*, data-*.
	Attrs templ.Attributes
}

// Option is one value of a Select or of Radios.
type Option struct {
	Value, Text string
	// Help is shown below the text of a radio button.
	Help string
	On   bool
	// Off greys the option.
	Off bool
}

// FormModel is a form that posts.
type FormModel struct {
	Action string
	// ID names the form, so that buttons outside can send it.
	ID string
	// Multipart is for files.
	Multipart bool
	Hidden    []Pair
	// Method is "post" when empty.
	Method string
	// Attrs are further attributes: hx-*.
	Attrs templ.Attributes
}

func (f FormModel) method() string {
	if f.Method == "" {
		return "post"
	}
	return f.Method
}

// PickModel is one box to tick.
type PickModel struct {
	Name, Value, Text, Sub string
	On, Off                bool
	// Square draws a square picture: a thing, not a person.
	Square bool
	// End stands at the end: a State, a count.
	End templ.Component
}

func (p PickModel) size() AvatarSize {
	if p.Square {
		return AvatarSmall
	}
	return AvatarRoundSmall
}

// ConfirmModel asks for a name to be typed before something destructive.
type ConfirmModel struct {
	// Name is the form's name of the field, Word what must be typed.
	Name, Word, Value, Error string
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return "f-" + f.Name
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "4"
	}
	return strconv.Itoa(f.Rows)
}

// describedBy lists what a screen reader says after the label.
func (f Field) describedBy() string {
	s := ""
	if f.Error != "" {
		s = f.id() + "-error"
	}
	if f.Help != "" || f.Reason != "" {
		s += " " + f.id() + "-help"
	}
	if f.Limit > 0 {
		s += " " + f.id() + "-count"
	}
	return s
}

// attrs are the attributes that all controls of a field share.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{"id": f.id(), "name": f.Name}
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
		a["autofocus"] = true
	}
	if f.Autofocus {
		a["autofocus"] = true
	}
	if f.Required {
		a["required"] = true
	}
	if f.Reason != "" {
		a["disabled"] = true
	}
	if f.Limit > 0 {
		a["data-limit"] = strconv.Itoa(f.Limit)
		a["data-unit"] = string(f.Unit)
	}
	if f.Pattern != "" {
		a["data-pattern"] = f.Pattern
		a["data-pattern-error"] = f.PatternError
	}
	for k, v := range f.Attrs {
		a[k] = v
	}
	return a
}

// used is the length of the value as the limit counts it.
func (f Field) used() int {
	if f.Unit == Bytes {
		return len(f.Value)
	}
	return utf8.RuneCountInString(f.Value)
}

func (f Field) counter(t *i18n.Messages) string {
	if f.Unit == Bytes {
		return t.UI.Bytes(f.used(), f.Limit)
	}
	return t.UI.Characters(f.used(), f.Limit)
}

func (f Field) class() string {
	c := "input"
	if f.Mono {
		c += " mono"
	}
	return c
}
