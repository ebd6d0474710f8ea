package ops

import (
	"errors"
	"fmt"
	"time"
)

// Errors of a change. All of them mean that nothing was changed; ErrStorage and the errors before it mean that nothing was even sent.
var (
	// ErrDenied means that the operator's role does not allow the change. The attempt is in the audit log.
	ErrDenied = errors.New("not permitted")
	// ErrStorage means that the intent could not be written (disk full, read-only database), so nothing was sent. It wraps the cause.
	ErrStorage = errors.New("the change could not be written down, so nothing was sent")
	// ErrNotUndoable means that the entry cannot be undone: another kind of change, not done, or undone already.
	ErrNotUndoable = errors.New("this change cannot be undone")
)

// Locked means that another change of the same target has no known end yet. It matches ErrLocked.
type Locked struct {
	// IntentID is the change that holds the target.
	IntentID string
	// Action, By and At tell what it is, as far as the audit log could be read.
	Action, By string
	At         time.Time
}

// ErrLocked is what every *Locked matches with errors.Is.
var ErrLocked = errors.New("another change of this target is under way")

// Error names the change that holds the target.
func (e *Locked) Error() string { return fmt.Sprintf("%v: %s", ErrLocked, e.IntentID) }

// Is makes errors.Is(err, ErrLocked) true.
func (e *Locked) Is(target error) bool { return target == ErrLocked }

// Duplicate means that a form was sent twice: the change with this id exists already. It matches ErrDuplicate.
type Duplicate struct {
	IntentID string
	// Outcome is the state of the first one: one of Outcomes.
	Outcome string
	// RemoteID is what the first one created, if it did and is done.
	RemoteID string
}

// ErrDuplicate is what every *Duplicate matches with errors.Is.
var ErrDuplicate = errors.New("this form was sent before")

// Error names the first change and its state.
func (e *Duplicate) Error() string {
	return fmt.Sprintf("%v: %s is %s", ErrDuplicate, e.IntentID, e.Outcome)
}

// Is makes errors.Is(err, ErrDuplicate) true.
func (e *Duplicate) Is(target error) bool { return target == ErrDuplicate }

// Conflict means that somebody else changed the target since the operator's page was made.
type Conflict struct {
	Field, Yours, Theirs string
	// Rev is the revision to send with the next attempt.
	Rev int64
	// By and At name who changed it last, as far as the audit log knows; empty when it was changed outside the console.
	By string
	At time.Time
}

// Error names the field; the values are for the page.
func (e *Conflict) Error() string { return "conflict: " + e.Field + " was changed by somebody else" }

// Invalid means that a value cannot be taken.
//
// Rules: required, long (Limit characters), short, control, chars (not the allowed alphabet), typed (does not equal the name),
// format (no JPEG or PNG), bytes (Limit bytes), pixels (Limit pixels a side), square, crop (outside the picture),
// limit (more than Limit), unchanged, gone (the target does not exist any more), readonly (the account is not managed by this app),
// archived, id, target (not one of the choices), none (nothing is chosen), scene (not with this moment); of a conversation also the Move and
// Window constants, NotServing and OffDuty; of a message those of kf.ArgumentError.
type Invalid struct {
	Field, Rule string
	Limit       int
}

// Error names the field and the rule, never the value.
func (e *Invalid) Error() string { return "invalid " + e.Field + ": " + e.Rule }
