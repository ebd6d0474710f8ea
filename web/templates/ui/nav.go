package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Tab is one part of a thing, at an address of its own.
type Tab struct {
	Text, Href string
	On         bool
	// Count is shown when it is not nil.
	Count *int
}

// Crumb is a step on the way to a page. The last one is the page itself and has
// no Href.
type Crumb struct{ Text, Href string }

// MenuModel is a menu behind a button with three dots.
type MenuModel struct {
	// Label is the accessible name: the actions of what.
	Label string
	Items []MenuItem
}

// RowMenuModel is the button that opens the menu of a row. The menu itself is
// written once for the whole table, by MenuTemplate.
type RowMenuModel struct {
	// Menu is the ID of the template.
	Menu string
	// Href is the row's own page. Without a script the button leads there; with
	// one it stands for "{}" in the addresses of the template, and its last part
	// for "{key}" in addresses and fields.
	Href string
	// Label is the accessible name: the actions of what.
	Label string
}

// MenuItem is a link, or a form with one button when Post is set.
type MenuItem struct {
	Text, Icon string
	// Href leads somewhere; Post sends Fields there instead.
	Href, Post string
	Fields     []Pair
	Danger     bool
	// Reason greys the item and says why it cannot work.
	Reason string
	// Rule draws a line above.
	Rule bool
}

func (i MenuItem) class() string {
	if i.Danger {
		return "danger"
	}
	return ""
}

// RowMenu opens the menu of a row.
func RowMenu(m RowMenuModel) templ.Component { return m }

// Render writes the button.
func (m RowMenuModel) Render(_ context.Context, w io.Writer) error {
	o := writer{w: w}
	o.html(`<a class="row-menu i-ellipsis" href="`)
	o.text(string(templ.URL(m.Href)))
	o.html(`" data-menu-for="`, m.Menu, `" aria-label="`)
	o.text(m.Label)
	o.html(`"></a>`)
	return o.err
}
