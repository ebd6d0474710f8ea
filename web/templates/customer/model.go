// Package customer shows the pages of customers: the directory that outlives WeCom's
// 48 hours, one customer, and the last question before one is erased.
package customer

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Profile says what is known about a customer's name and picture.
type Profile string

// The states of a profile: never asked for, known, no longer given by WeCom, asking
// failed.
const (
	Unasked Profile = ""
	Known   Profile = "ok"
	Gone    Profile = "invalid"
	Failed  Profile = "failed"
)

// Row is a customer in the directory.
type Row struct {
	ID, Name, Href, Picture string
	Profile                 Profile
	// AsOf is when WeCom last gave the profile; zero for never.
	AsOf          time.Time
	Conversations int
	First, Last   time.Time
}

// Index is the directory.
type Index struct {
	Search     ui.SearchModel
	Chips      []ui.ChipModel
	Menus      []ui.ChipMenuModel
	Name, Last ui.SortModel
	Rows       []Row
	Pager      ui.PagerModel
	// Masked says that the reader sees only the beginning of names.
	Masked bool
	// Empty takes the place of the rows when there are none.
	Empty ui.EmptyModel
	// Refresh asks WeCom for the customers that are shown.
	Refresh ui.Btn
	// Back is where that returns to.
	Back string
}

// Show is one customer.
type Show struct {
	Row
	Masked        bool
	Facts         []ui.KV
	Conversations []Conversation
	Visits        []Visit
}

// Conversation is what a customer has with one account.
type Conversation struct {
	Account, Href string
	State         templ.Component
	Text          string
	Last          time.Time
}

// Visit is one time that a customer came in.
type Visit struct {
	At             time.Time
	Account        string
	Source, Href   string
	Wrote, Replied time.Time
	Human, Ended   time.Time
	EndedBy        string
	Rating         string
}

// Erase is the last question before a customer's data is erased.
type Erase struct {
	Name, Word, Action, Cancel string
	Hidden                     []ui.Pair
	Typed, TypedError          string
	Impact                     []ui.KV
	// Open says that a conversation is under way.
	Open    bool
	Trouble problem.Trouble
}
