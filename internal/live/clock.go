package live

import (
	"time"

	"kfconsole/internal/db"
)

// Level says how near an account is to losing messages for good.
type Level string

// The levels of a safety clock.
const (
	SafetyOK    Level = "ok"
	SafetyAmber Level = "amber" // no good sync for a day
	SafetyRed   Level = "red"   // twelve hours are left
	SafetyLost  Level = "lost"  // WeCom has begun to forget messages that were never read
	SafetyNever Level = "never" // there was no good sync yet
)

// How long after the last good sync a level begins. WeCom keeps messages for kf.HistoryLife.
const (
	AmberAfter = 24 * time.Hour
	redAfter   = 60 * time.Hour
	lostAfter  = 72 * time.Hour
)

// Safety is an account's safety clock.
type Safety struct {
	Age   time.Duration // since the last good sync; 0 with SafetyNever
	Level Level
}

// SafetyClock judges the state of an account's sync. A clock that was set back makes no account older or younger than 0.
func SafetyClock(state db.SyncState, now time.Time) Safety {
	if state.OKAt.IsZero() {
		return Safety{Level: SafetyNever}
	}
	s := Safety{Age: max(0, now.Sub(state.OKAt)), Level: SafetyOK}
	switch {
	case s.Age >= lostAfter:
		s.Level = SafetyLost
	case s.Age >= redAfter:
		s.Level = SafetyRed
	case s.Age >= AmberAfter:
		s.Level = SafetyAmber
	}
	return s
}
