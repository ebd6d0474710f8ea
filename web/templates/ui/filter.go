package ui

import "github.com/a-h/templ"

// ChipModel is a filter that is on or off. Href leads to the list with the
// filter turned over.
type ChipModel struct {
	Text, Href, Icon string
	On               bool
	// Count is shown when it is not nil.
	Count *int
}

// ChipMenuModel is a filter with a choice of values.
type ChipMenuModel struct {
	// Label names the filter, Value the chosen value ("" when none is chosen).
	Label, Value string
	// Clear is the address without this filter.
	Clear   string
	Choices []Choice
}

// Choice is one value of a filter.
type Choice struct {
	Text, Href string
	On         bool
}

// SearchModel is the search box of a list. It is a GET form, and asks while
// typing where there is a script.
type SearchModel struct {
	Action, Name, Value string
	// Label is read aloud, Placeholder is shown in the empty box.
	Label, Placeholder string
	// Hidden are the other filters, kept when searching.
	Hidden []Pair
	// Target is the CSS selector of the part of the page to replace while typing.
	Target string
	// Wide takes the whole line.
	Wide bool
}

func (s SearchModel) attrs() templ.Attributes {
	if s.Target == "" {
		return nil
	}
	return templ.Attributes{
		"hx-get": s.Action, "hx-trigger": "input changed delay:250ms from:find input, submit", "hx-target": s.Target, "hx-select": s.Target,
		"hx-swap": "outerHTML", "hx-push-url": "true", "hx-sync": "this:queue last", "hx-indicator": "this",
	}
}
