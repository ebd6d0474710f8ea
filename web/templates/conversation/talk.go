package conversation

import (
	"time"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Flow is the timeline, or what a search in it found.
type Flow struct {
	Items []Item
	// Earlier leads to older rows, Latest back to the newest; Part is the address
	// of the older rows alone.
	Earlier, Latest string
	// Old: these are not the newest rows.
	Old bool
	// Sealed: what was said is not for this operator.
	Sealed bool
	// Q is what was searched for; Found counts it, Clear leads back.
	Q, Clear string
	Found    int
	More     bool
}

// Speaker is who a row comes from.
type Speaker string

// The speakers.
const (
	Customer Speaker = "customer"
	Servicer Speaker = "servicer"
	Console  Speaker = "console"
)

// Item is one row of the timeline: a bubble, or a thin line when Line is set.
type Item struct {
	// Key is the id of the element.
	Key string
	// InPlace leads to where the message stands in the timeline.
	InPlace string
	At      time.Time
	// Day heads the first row of a day.
	Day string
	Who Speaker
	// Name of who wrote; "" for the customer.
	Name string
	Line *Line

	Text   string
	Note   string
	Media  *Media
	Card   *Card
	Menu   *Menu
	Merged []MergedLine
	// Unknown is WeCom's name of a kind that this console does not know, Raw what
	// came; Broken when it could not be read at all.
	Unknown, Raw string
	Broken       bool
	// Sealed names the kind of a message whose content is withheld.
	Sealed string
	// Recalled says who took the message back.
	Recalled string
	// Coded names the scene of a coded message.
	Coded    string
	Delivery *Delivery
}

// Line is something that happened and was not said.
type Line struct {
	Icon, Words string
	Tone        ui.Tone
}

// Media is a picture, a voice, a video or a file.
type Media struct {
	Kind string
	// Href gives the kept file; "" when there is none, and Why says so.
	Href, Why  string
	Name, Size string
	// Plays: browsers can show it in place.
	Plays bool
}

// Card is a link, a place, a product and the like.
type Card struct {
	Icon, Kind  string
	Title, Text string
	// Href leads out of the console.
	Href  string
	Facts []ui.KV
}

// Menu is a menu message.
type Menu struct {
	Head, Tail string
	Items      []MenuLine
}

// MenuLine is one item of a menu message.
type MenuLine struct{ Icon, Text, Href string }

// MergedLine is one message of a forwarded record.
type MergedLine struct {
	Who, Text string
	At        time.Time
}

// Delivery is what became of a message of ours.
type Delivery struct {
	Tone        ui.Tone
	Icon, Words string
	// Why says more about a failure.
	Why string
	// Settle is where an unknown end can be found out.
	Settle       string
	SettleFields []ui.Pair
	Audit        string
}

// Window says whether, how often and how long one may still write.
type Window struct {
	// Locked says why one may not, and Way what to do instead.
	Locked, Way string
	// Icon is the shape of the lock.
	Assign, End bool
	// MayMove is the id of nothing: whether the buttons are the reader's to press.
	MayMove    bool
	Left, Max  int
	Until      time.Time
	Minutes    int
	MaxMinutes int
	// Never: the customer has not written yet.
	Never bool
	// Past is set when the 48 hours are over.
	Past bool
}

// Compose is the form of a new message.
type Compose struct {
	Action, Preview string
	Intent          string
	// Reason says why this operator cannot write at all.
	Reason string
	Kind   string
	Kinds  []Kind
	// Values and Errors of the fields by name.
	Values, Errors map[string]string
	Items          []MenuInput
	MaxItems       int
	Split          *Split
	Files          map[string]string
	Trouble        problem.Trouble
	Focus          bool
	MaxBytes       int
	Left           int
}

// Kind is one kind of message that can be written.
type Kind struct{ Value, Icon, Text string }

// MenuInput is an item of a menu while it is written.
type MenuInput struct{ Type, Content, Extra, Path, Error string }

// Split says how many messages a long text costs.
type Split struct {
	Parts []string
	Left  int
	Over  bool
}

// Choose is the form that moves several conversations.
type Choose struct {
	Action, Cancel string
	Hidden         []ui.Pair
	Rows           []MoveRow
	Targets        []Target
	To             string
	People         []Person
	Accounts       int
	More           int
	Picked         string
	PickError      string
	ToError        string
	Trouble        problem.Trouble
	Reason         string
}

// MoveRow is one of the conversations to be moved.
type MoveRow struct {
	ID, Name, Account string
	Picture           string
	State             State
	Servicer          string
	// Why says that it cannot be moved at all.
	Why string
}

// Target is a state to move to and for how many of the rows that is legal.
type Target struct {
	State State
	Legal int
}

// Sent is the fields that a refused form comes back with.
func (c Compose) value(name string) string { return c.Values[name] }
