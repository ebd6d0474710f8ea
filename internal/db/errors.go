package db

import "errors"

// Errors to be tested with errors.Is; what is returned wraps them with the operation and the engine's own words.
var (
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a row with the same key exists, or the row's revision is no longer the one given.
	ErrConflict = errors.New("conflict")
	// ErrLocked: another open intent holds the lock; the error is a *LockedError that names it.
	ErrLocked = errors.New("locked by an open change")
	// ErrBusy: another process held the write lock for longer than the busy timeout (5 s). Trying again is safe.
	ErrBusy = errors.New("database busy")
	// ErrFull: the disk, or the quota of the file, is full. Nothing was written; works again when there is space.
	ErrFull = errors.New("disk full")
	// ErrReadOnly: the file or its file system cannot be written. Nothing was written; reads work.
	ErrReadOnly = errors.New("database read-only")
	// ErrCorrupt: the file is damaged or no database.
	ErrCorrupt = errors.New("database damaged")
	// ErrNewer: the schema was made by a newer binary.
	ErrNewer = errors.New("database is newer than this binary")
	// ErrBadCursor: the cursor was not made by this list with this sort, or was altered.
	ErrBadCursor = errors.New("bad cursor")
	// ErrBadFilter: a filter or sort has a value the list does not know.
	ErrBadFilter = errors.New("unknown filter or sort")
	// ErrClosed: the database has been closed.
	ErrClosed = errors.New("database closed")
)

// LockedError is returned by InsertIntent when the lock is held. errors.Is(err, ErrLocked) is true.
type LockedError struct {
	Lock     string // as given
	IntentID string // the open intent that holds it
}

// Error names the lock and its holder.
func (e *LockedError) Error() string {
	return "lock " + e.Lock + " is held by open intent " + e.IntentID
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }
