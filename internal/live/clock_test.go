package live

import (
	"testing"
	"time"

	"kfconsole/internal/db"
)

func TestSafetyClock(t *testing.T) {
	ok := time.Date(2026, 10, 18, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		age   time.Duration
		level Level
	}{
		{-time.Hour, SafetyOK}, {0, SafetyOK}, {24*time.Hour - 1, SafetyOK},
		{24 * time.Hour, SafetyAmber}, {60*time.Hour - 1, SafetyAmber},
		{60 * time.Hour, SafetyRed}, {72*time.Hour - 1, SafetyRed},
		{72 * time.Hour, SafetyLost}, {1000 * time.Hour, SafetyLost},
	} {
		s := SafetyClock(db.SyncState{OKAt: ok}, ok.Add(c.age))
		if s.Level != c.level || s.Age != max(0, c.age) {
			t.Errorf("after %v: %+v, want %s", c.age, s, c.level)
		}
	}
	if s := SafetyClock(db.SyncState{}, ok); s.Level != SafetyNever || s.Age != 0 {
		t.Errorf("never synced: %+v", s)
	}
}
