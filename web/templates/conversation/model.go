// Package conversation shows the board of conversations and one conversation: its
// timeline, the customer, the moves that are legal, and the composer. It is given
// words, numbers and addresses; what may be moved or sent was decided elsewhere.
package conversation

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// State is a service state as WeCom numbers it.
type State int

// The five states.
const (
	New State = iota
	Assistant
	Queue
	Human
	Ended
)

// shape is the icon of a state, class its colour.
func (s State) shape() string {
	return [...]string{"circle-dashed", "bot", "hourglass", "user-check", "circle-check"}[s.known()]
}

func (s State) class() string {
	return [...]string{"warn", "info", "queue", "ok", "neutral"}[s.known()]
}

func (s State) known() State { return max(New, min(Ended, s)) }

func (s State) words(v ui.View) string { return v.T.Conversation.States[int(s.known())] }

// Board is the page of all conversations.
type Board struct {
	Search ui.SearchModel
	Menus  []ui.ChipMenuModel
	// Views are the list and the columns.
	Views []ViewLink
	Live  Live
	// Clocks are accounts whose messages were not fetched for long.
	Clocks []Clock
	States []StateChip
	// Columns take the place of Rows when they are set.
	Columns []Column
	Rows    []Row
	// ByWait and ByTime are the two orders of the rows.
	ByWait, ByTime ui.SortModel
	Pager          ui.PagerModel
	Empty          ui.EmptyModel
	// Move is where a selection goes; Reason says why none can be made.
	Move, Reason string
	// Sealed: what was said is not for this operator.
	Sealed bool
}

// ViewLink leads to the board in another shape.
type ViewLink struct {
	Text, Icon, Href string
	On               bool
}

// Live is what keeps a part of the page up to date.
type Live struct {
	// Href gives the part anew when one of Topics changes; "" when it stays as it is.
	Href, Topics string
	// First tells that the part is the first page. Others are not replaced under
	// the reader: News is asked how much is new.
	First bool
	News  string
}

// Clock is an account whose messages were not fetched for long.
type Clock struct {
	Account, Href string
	At            time.Time
	// Lost: older than what WeCom still gives.
	Tone ui.Tone
	Lost bool
}

// StateChip is the filter of one state with its count; All stands for every one.
type StateChip struct {
	State State
	All   bool
	Href  string
	On    bool
	Count int
}

// Column is one state of the board.
type Column struct {
	State State
	Count int
	Rows  []Row
	// More leads to all of the state when not all are shown.
	More string
}

// Row is a conversation in a list.
type Row struct {
	ID, Href      string
	Name, Picture string
	Account       string
	State         State
	Servicer      string
	// Waiting is since when the customer has had no answer; zero for not at all.
	Waiting time.Time
	Tone    ui.Tone
	LastAt  time.Time
	// From says who wrote last, Preview what; or only the kind of message.
	From, Preview string
	// On is the conversation that is open beside the list.
	On bool
}

// Pane is the list beside an open conversation.
type Pane struct {
	Live  Live
	Title string
	// Back leads to the board with the same filters.
	Back string
	Rows []Row
	More string
}

// Page is one conversation.
type Page struct {
	Pane Pane
	// Live keeps the timeline, the composer's window and the side up to date.
	Live Live
	Head Head
	// Trouble is why something that was asked for was not done.
	Trouble problem.Trouble
	Flow    Flow
	Window  Window
	Compose Compose
	Moves   Moves
	Side    Side
}

// Head names the customer and says where the conversation stands.
type Head struct {
	Name, Picture       string
	Account, AccountURL string
	Scene               string
	State               State
	Servicer            string
	Waiting             time.Time
	Tone                ui.Tone
	Back                string
	Search              ui.SearchModel
}

// Side is what is known about the customer.
type Side struct {
	Name, Picture string
	// AsOf says how old the profile is, or why there is none.
	AsOf    templ.Component
	Href    string
	Facts   []ui.KV
	Others  []Other
	Diagram Diagram
}

// Other is another conversation of the same customer.
type Other struct {
	Account, Href string
	State         State
	At            time.Time
}

// Diagram is the state machine with this conversation in it.
type Diagram struct {
	At    State
	Since time.Time
	Who   string
	// Nodes are the five states.
	Nodes [5]Node
}

// Node is one state of the diagram: where the conversation is, a legal move, or
// one that cannot be made and why.
type Node struct {
	State State
	On    bool
	// Opens is the id of the box that asks before the move; without one the node
	// posts at once.
	Opens  string
	Legal  bool
	Reason string
}

// Moves are the changes of the state.
type Moves struct {
	Action string
	// Hidden goes along with each: the revision that the reader saw, and the id of
	// the change.
	Hidden []ui.Pair
	// Assign and End tell whether these are legal; May whether the role allows any.
	Assign, End, May bool
	People           []Person
	// Departments serve the account: their members are not listed one by one.
	Departments int
	More        int
	Picked      string
	// Now is who has the conversation.
	Now string
}

// Person is somebody on duty.
type Person struct {
	ID, Name string
	Load     int
	On       bool
}
