// Package audit shows the audit log: the list, one entry, the result of verifying
// the chain.
package audit

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/ui"
)

// Row is an entry in the list.
type Row struct {
	Href               string
	At                 time.Time
	Operator, Action   string
	Target, TargetHref string
	Outcome            string
	Tone               ui.Tone
	Change             string
}

// Index is the audit log with its filters.
type Index struct {
	Search ui.SearchModel
	Menus  []ui.ChipMenuModel
	// From and To are the dates of the period filter, Hidden the other filters.
	Action, From, To string
	Hidden           []ui.Pair
	Rows             []Row
	Pager            ui.PagerModel
	Empty            ui.EmptyModel
	// Bare leaves out the filters, for the tab of one account.
	Bare bool
}

// Show is one entry.
type Show struct {
	Facts   []ui.KV
	Changes []ui.Change
	Outcome string
	Tone    ui.Tone
	// Open is set while the end is not known; Settle is the address that asks.
	Open   bool
	Settle string
	Hidden []ui.Pair
	// Card explains a refusal.
	Card  *ui.ErrorModel
	Notes []Note
	Chain []ui.KV
}

// Note is a remark on an entry.
type Note struct {
	At       time.Time
	By, Text string
}

// Verdict is the result of verifying the chain.
type Verdict struct {
	OK    bool
	Facts []ui.KV
	Back  string
}

// Actions are the buttons of the log's header.
type Actions struct {
	Verify  ui.Btn
	Export  string
	Formats []ui.MenuItem
	// Reason greys the export.
	Reason string
	Verb   templ.Component
}
