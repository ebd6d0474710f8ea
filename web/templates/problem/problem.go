// Package problem shows what went wrong: a page for an answer other than success,
// and the notices above a form that could not be carried out. It is given words
// and facts, never an error value.
package problem

import (
	"time"

	"kfconsole/web/templates/ui"
)

// Model is a page that says what happened and what to do next.
type Model struct {
	Status      int
	Title, Text string
	RequestID   string
	// Next leads on; the zero Btn shows none.
	Next ui.Btn
}

// Trouble is why a form was not carried out. Everything typed stays in the form.
type Trouble struct {
	// Errors is how many fields need another look.
	Errors int
	// Conflict is set when somebody else changed the same thing first.
	Conflict *Conflict
	// Notice says that nothing was sent, or that an earlier change is still open.
	Notice *Notice
	// Card explains WeCom's refusal.
	Card *ui.ErrorModel
}

// Conflict shows what was typed beside what somebody else saved meanwhile.
type Conflict struct {
	Field, Yours, Theirs string
	By                   string
	At                   time.Time
}

// Notice is a sentence with an optional link.
type Notice struct {
	Title, Text string
	Link, Href  string
}
