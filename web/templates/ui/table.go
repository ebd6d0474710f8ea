package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// SortModel is a column head that sorts. Dir is "" when the table is sorted by
// another column, else "asc" or "desc"; Href leads to the order that a click
// gives.
type SortModel struct {
	Label, Href, Dir string
	// Num aligns the column as numbers.
	Num bool
}

func (s SortModel) aria() string {
	switch s.Dir {
	case "asc":
		return "ascending"
	case "desc":
		return "descending"
	}
	return "none"
}

func (s SortModel) icon() string {
	if s.Dir == "desc" {
		return "arrow-down"
	}
	return "arrow-up"
}

func (s SortModel) class() string {
	if s.Num {
		return "num"
	}
	return ""
}

// PagerModel says what a list shows of how much, and where the rest is.
type PagerModel struct {
	Shown, Total int
	// AtLeast: counting stopped at Total, there are more.
	AtLeast bool
	// Prev, Next and First are addresses; "" where there is none.
	Prev, Next, First string
	// Target is the CSS selector of the part that a click replaces through htmx;
	// "" for plain links.
	Target string
}

func (p PagerModel) attrs() templ.Attributes { return partial(p.Target) }

// partial makes a link replace one part of the page and take over its address.
func partial(target string) templ.Attributes {
	if target == "" {
		return nil
	}
	return templ.Attributes{"hx-boost": "true", "hx-target": target, "hx-select": target, "hx-swap": "outerHTML show:window:top", "hx-push-url": "true"}
}

// BulkModel is a form around a table whose rows can be selected.
type BulkModel struct {
	// Action is where the form posts to; a button of the bar may name another one.
	Action string
	// ID names the form.
	ID string
	// Method is "post" when empty.
	Method string
	Hidden []Pair
}

func (b BulkModel) method() string {
	if b.Method == "" {
		return "post"
	}
	return b.Method
}

type selectRow struct{ name, value, label string }

// SelectRow is the cell with the checkbox of a row.
func SelectRow(v View, name, value, label string) templ.Component {
	return selectRow{name, value, v.T.UI.Select(label)}
}

// Render writes the cell.
func (s selectRow) Render(_ context.Context, w io.Writer) error {
	o := writer{w: w}
	o.html(`<td class="pick"><label><input type="checkbox" name="`, s.name, `" value="`)
	o.text(s.value)
	o.html(`" data-select-row aria-label="`)
	o.text(s.label)
	o.html(`"></label></td>`)
	return o.err
}
