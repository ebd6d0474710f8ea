// Package link shows the pages of customer links: the register, the page of one
// link with its QR code, the form that makes or changes one, and the sheet to print.
package link

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Row is a link in the register.
type Row struct {
	Name, Href, Scene, Campaign string
	Account, AccountHref        string
	// Address is what customers open.
	Address  string
	Created  time.Time
	By       string
	Archived bool
}

// Index is the register of links, of all accounts or of one.
type Index struct {
	Search   ui.SearchModel
	Archived ui.ChipModel
	// RowMenu is the menu of every row.
	RowMenu []ui.MenuItem
	// Menus choose an account or a campaign; a filter without a choice is left out.
	Menus                  []ui.ChipMenuModel
	Name, Account, Created ui.SortModel
	// Own leaves out the column of accounts: the page is about one of them.
	Own  bool
	Rows []Row
	// New creates a link for the account that the page is about.
	New   ui.Btn
	Pager ui.PagerModel
	// Empty takes the place of the rows when there are none.
	Empty ui.EmptyModel
}

// Show is the page of one link.
type Show struct {
	Name string
	// Archived and Gone say that the link was archived, and that its account no
	// longer exists.
	Archived, Gone bool
	// Address is what customers open, with the scene_param where one was given.
	Address string
	Print   string
	Param   Param
	Places  []Place
	Code    Code
	Facts   []ui.KV
	// Brought is what came in through it.
	Brought templ.Component
	// Recent are the last changes; SeeAudit is false for those who may not see them.
	Recent     []ui.FeedItem
	SeeAudit   bool
	RecentHref string
}

// Param is the builder of a scene_param.
type Param struct {
	// Action is the page that shows the result.
	Action string
	// Value is what was typed, Encoded what the address carries of it.
	Value, Encoded string
	// Limit is the most bytes that the encoded form may have.
	Limit int
	// Why says why this link takes none; "" when it does.
	Why string
	// Error says what is wrong with the value.
	Error string
	// Event is what WeCom sends when a customer comes in by this address.
	Event string
}

// Place is where a link is used, with the code that belongs there.
type Place struct {
	ID, Title, Note string
	Snippets        []Snippet
}

// Snippet is code to copy.
type Snippet struct{ Title, Code string }

// Code is the QR code of an address.
type Code struct {
	Picture templ.Component
	// Readable tells that another implementation has read the code back.
	Readable bool
	// Modules is the number of modules a side, Side the least width of a print in
	// centimetres.
	Modules int
	Side    string
	// PNG and SVG are the addresses of the files, Hidden what the PNG's form sends
	// beside its size.
	PNG, SVG string
	Hidden   []ui.Pair
	Sizes    []ui.Option
}

// Form makes or changes a link.
type Form struct {
	Action, Cancel, Submit string
	Hidden                 []ui.Pair
	// Accounts are the choices of a new link; AccountName and Scene of one that
	// exists are shown and cannot be changed.
	Accounts    []ui.Option
	AccountName string
	Exists      bool

	Scene, Name, Campaign, Note string
	// Errors are the sentences about the fields, by their names.
	Errors map[string]string
	// Campaigns are those already in use.
	Campaigns []string
	Trouble   problem.Trouble
}

// Limits are the greatest lengths of the fields: the scene in bytes, the others in
// characters.
const (
	SceneLimit    = 32
	NameLimit     = 60
	CampaignLimit = 60
	NoteLimit     = 500
)

// Sheet is a link to be printed.
type Sheet struct {
	Poster ui.PosterModel
	Small  bool
	// Action is the address of the sheet, Back the link's page, Sizes the papers.
	Action, Back, Caption string
	Hidden                []ui.Pair
	Sizes                 []ui.Option
}
