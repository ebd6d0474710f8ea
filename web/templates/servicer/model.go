// Package servicer shows the pages about who receives the customers of an account:
// the list, choosing whom to add, the questions before a change, and the run that
// carries it out row by row.
package servicer

import (
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Status is what a servicer does at the moment.
type Status string

// The statuses; a department has none.
const (
	Serving   Status = "serving"
	Stopped   Status = "stopped"
	Suspended Status = "suspended"
	Unknown   Status = "unknown"
	Whole     Status = "department"
)

// Row is a person or a department that serves.
type Row struct {
	// Value is how forms name it: "user:li.na", "department:5".
	Value, ID, Name string
	// Known is false when the directory does not have it.
	Known  bool
	Status Status
	// Inactive says in words why a person cannot serve; "" when nothing is known
	// against it.
	Inactive string
	// Departments are those of a person, ready to be read.
	Departments string
	// People, Members and More are those of a department: how many, some by name,
	// and how many others.
	People  int
	Members []string
	More    int
}

// Usage is how much of the limits of an account is used.
type Usage struct{ People, MaxPeople, Departments, MaxDepartments int }

// Near tells whether a limit is nearly reached.
func (u Usage) Near() bool {
	return u.People*10 >= u.MaxPeople*9 || u.Departments*10 >= u.MaxDepartments*9
}

// Over tells whether a limit is exceeded.
func (u Usage) Over() bool { return u.People > u.MaxPeople || u.Departments > u.MaxDepartments }

// Index is the list of an account's servicers.
type Index struct {
	Search ui.SearchModel
	Chips  []ui.ChipModel
	Rows   []Row
	Pager  ui.PagerModel
	// Empty takes the place of the rows when there are none.
	Empty ui.EmptyModel
	Usage Usage
	// Remove is where a selection is sent; Reason says why nothing can be removed.
	Remove, Reason string
	// Stale says why the list is older than it should be; "" when it is not.
	Stale string
	// Told is false when WeCom does not say who is serving.
	Told bool
}

// Choice is a person or department of the directory that can be ticked.
type Choice struct {
	Value, Name, ID string
	// Note stands at the end: departments of a person, people of a department.
	Note string
	// Depth is how deep a department lies in the tree.
	Depth int
	// On is ticked, Off cannot be changed; Why says why.
	On, Off bool
	Why     string
	// Serves tells that it is ticked because it serves already.
	Serves bool
}

// New is the page on which people are chosen.
type New struct {
	// Action is the page itself, Preview where the choice is sent.
	Action, Preview, Cancel string
	Q, Department           string
	Options                 []ui.Option
	// Chosen were ticked before the search changed and are not among People.
	Chosen, People, Departments []Choice
	// Shown is set when there are more people than the list shows.
	Shown int
	// Empty: the directory has not been read.
	Empty     bool
	Text      string
	TextError string
	Usage     Usage
	Trouble   problem.Trouble
	// Reason greys the button that goes on.
	Reason string
}

// Group is what becomes of some of the chosen.
type Group struct {
	Title, Help string
	Tone        ui.Tone
	Icon        string
	People      int
	Departments int
	Items       []Item
	Open        bool
}

// Item is one of a group.
type Item struct{ Name, ID, Why string }

// Preview is what would be sent.
type Preview struct {
	Action, Edit, Cancel string
	// Hidden carries the choice to the next form.
	Hidden []ui.Pair
	Groups []Group
	Folded int
	Calls  int
	Usage  Usage
	// Doubtful is how many will probably fail; they can be left out.
	Doubtful int
	Trouble  problem.Trouble
	// Reason greys the button that sends.
	Reason string
}

// Removal is the last question before servicers are removed.
type Removal struct {
	Action, Cancel      string
	Hidden              []ui.Pair
	Items               []Item
	People, Departments int
	// Nobody is set when the account would be left without anybody.
	Nobody  bool
	Trouble problem.Trouble
	Reason  string
}

// Run is a change of many servicers, under way or ended.
type Run struct {
	// Self is the address of the page with its filter; while the run is under way
	// the page asks it for news.
	Self string
	Verb string
	// Who names what the rows are.
	Who      string
	Finished bool
	// Outcome is how it ended, "" while it is under way.
	Outcome string
	Tone    ui.Tone

	Total, Done, Ignored, Failed, Unknown, Pending int

	Chips   []ui.ChipModel
	Rows    []Result
	Pager   ui.PagerModel
	Reasons []Reason
	// AuditHref leads to the entry; "" when the reader may not see it.
	AuditHref string
	// Undo is where undoing is asked for; "" when it cannot be.
	Undo       string
	UndoFields []ui.Pair
}

// Ended is how many rows have a result.
func (r Run) Ended() int { return r.Done + r.Ignored + r.Failed }

// Result is one row of a run.
type Result struct {
	Pos        int
	Name, ID   string
	Department bool
	// Href leads to what the row is about; "" for people.
	Href  string
	State string
	Code  int
	// Meaning puts the errcode, or the lack of one, into words.
	Meaning string
}

// Reason is why some rows failed, and what to do about it.
type Reason struct {
	Code, Count     int
	Meaning, Advice string
}
