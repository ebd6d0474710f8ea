// Package account shows the pages of customer service accounts: the list, one
// account, the form that makes or changes one, and the last question before one is
// deleted.
package account

import (
	"time"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Row is an account in the list.
type Row struct {
	ID, Name, Href, Picture string
	Managed                 Managed
	Staff                   Staff
	Links                   int
	Changed                 time.Time
	// Menu is the ID of the menu that fits what can be done with it.
	Menu string
}

// Managed tells who manages an account.
type Managed string

// The ways to be managed: by this app, by WeCom's own pages, not told.
const (
	ByAPI         Managed = "api"
	ReadOnly      Managed = "readonly"
	UnknownManage Managed = "unknown"
)

// Staff is how many people receive an account's customers. Told is false when WeCom
// does not say who is on duty.
type Staff struct {
	Serving, People, Departments int
	Told                         bool
}

// Index is the list of accounts.
type Index struct {
	Search             ui.SearchModel
	Chips              []ui.ChipModel
	Name, Staff, Links ui.SortModel
	Changed            ui.SortModel
	Rows               []Row
	// Menus are the row menus by ID: the same for all rows that allow the same.
	Menus []Menu
	Pager ui.PagerModel
	// Empty takes the place of the rows when there are none.
	Empty ui.EmptyModel
}

// Show is one account.
type Show struct {
	Row
	Facts []ui.KV
	// Gone is set when WeCom no longer lists it.
	Gone bool
	// Recent are the last changes; nil when the reader may not see them.
	Recent     []ui.FeedItem
	SeeAudit   bool
	RecentHref string
}

// Form makes or changes an account.
type Form struct {
	Action, Cancel, Submit string
	Hidden                 []ui.Pair
	Name, NameError        string
	Picture, PictureError  string
	Note                   string
	Trouble                problem.Trouble
}

// Delete is the last question before an account is deleted.
type Delete struct {
	Name, Action, Cancel string
	Hidden               []ui.Pair
	Typed, TypedError    string
	Staff                Staff
	LinkCount            int
	Links                []LinkLine
	LinksHref            string
	Campaigns            []string
	Trouble              problem.Trouble
}

// LinkLine is a link that dies with its account.
type LinkLine struct{ Name, Scene, Campaign, Href string }

// Menu is the menu of all rows that allow the same.
type Menu struct {
	ID    string
	Items []ui.MenuItem
}
