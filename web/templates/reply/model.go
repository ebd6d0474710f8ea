// Package reply shows the pages of coded messages: the rules, the form of one, the
// test that says which rule fires, and the log of what was sent and why not.
package reply

import (
	"time"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Row is a rule in the list.
type Row struct {
	Name, Href, Scene, Account string
	// Slot says when the rule holds, Text is the beginning of what is sent.
	Slot, Text     string
	Menu, Disabled bool
}

// Index is the list of rules.
type Index struct {
	Rows    []Row
	RowMenu []ui.MenuItem
	Empty   ui.EmptyModel
}

// Form makes or changes a rule.
type Form struct {
	Action, Cancel, Submit string
	Hidden                 []ui.Pair
	// Exists fixes the scene.
	Exists   bool
	Scenes   []ui.Option
	Accounts []ui.Option
	Name     string
	From, To string
	Days     [7]bool
	Text     string
	Menu     string
	Tail     string
	Enabled  bool
	Errors   map[string]string
	Trouble  problem.Trouble
}

// Limits of the fields: the name in characters, the others in bytes.
const (
	NameLimit = 60
	TextLimit = 2048
	TailLimit = 1024
)

// Delete is the last question before a rule is deleted.
type Delete struct {
	Action, Cancel string
	Hidden         []ui.Pair
	Row            Row
	Trouble        problem.Trouble
}

// Test is the page that says which rule fires.
type Test struct {
	Action           string
	Accounts, Scenes []ui.Option
	// At is the local Beijing time in the form of a datetime-local input.
	At, AtError string
	// Ran says that there is a result: Fires is nil when nothing is sent.
	Ran      bool
	Fires    *Message
	Shadowed []Row
}

// Message is what a customer sees.
type Message struct {
	Row   Row
	Text  string
	Items []Item
	Tail  string
}

// Item is one line of a menu.
type Item struct {
	Text string
	// URL makes it a link; "" is a choice.
	URL string
}

// LogRow is one occasion on which a coded message could be sent.
type LogRow struct {
	At             time.Time
	Scene          string
	Customer, Href string
	Account        string
	State, Reason  string
	Tone           ui.Tone
	// Took is how long after the event it was sent.
	Took           string
	Rule, RuleHref string
	// Errcode is WeCom's refusal and Meaning what it means.
	Errcode int
	Meaning string
}

// Log is the list of occasions.
type Log struct {
	// Here is the address of the page that is shown.
	Here  string
	Menus []ui.ChipMenuModel
	Rows  []LogRow
	Pager ui.PagerModel
	Empty ui.EmptyModel
}
