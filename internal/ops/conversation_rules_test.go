package ops

import (
	"testing"
	"time"

	"kfconsole/internal/db"
)

func TestLegalMoves(t *testing.T) {
	// By state: the reason against a move to 0, 1, 2, 3, 4; "" is legal.
	want := map[int][5]string{
		0: {MoveSame, "", "", "", ""},
		1: {MoveInitial, MoveSame, "", "", ""},
		2: {MoveInitial, MoveFromQueue, MoveSame, "", ""},
		3: {MoveInitial, MoveFromPerson, MoveFromPerson, "", ""},
		4: {MoveEnded, MoveEnded, MoveEnded, MoveEnded, MoveSame},
	}
	for from, reasons := range want {
		options := LegalMoves(db.Conversation{State: from})
		if len(options) != 5 {
			t.Fatalf("from %d: %d options", from, len(options))
		}
		for to, o := range options {
			if o.To != to || o.Reason != reasons[to] || o.Legal != (reasons[to] == "") {
				t.Errorf("from %d: %+v, want the reason %q", from, o, reasons[to])
			}
		}
	}
}

func TestMayWrite(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	o := New(Options{})
	for name, c := range map[string]struct {
		c    db.Conversation
		want Window
	}{
		"never wrote":      {db.Conversation{State: 4}, Window{Reason: WindowNeverWrote, Left: 5, LegalWay: WayWait}},
		"new":              {db.Conversation{State: 0, LastCustomerAt: now}, Window{Allowed: true, Left: 5, Until: now.Add(48 * time.Hour)}},
		"assistant":        {db.Conversation{State: 1, LastCustomerAt: ago(time.Hour), Sent: 4}, Window{Allowed: true, Left: 1, Until: now.Add(47 * time.Hour)}},
		"used up":          {db.Conversation{State: 1, LastCustomerAt: now, Sent: 5}, Window{Reason: WindowQuota, Until: now.Add(48 * time.Hour), LegalWay: WayAssign}},
		"more than five":   {db.Conversation{State: 1, LastCustomerAt: now, Sent: 7}, Window{Reason: WindowQuota, Until: now.Add(48 * time.Hour), LegalWay: WayAssign}},
		"queue":            {db.Conversation{State: 2, LastCustomerAt: now}, Window{Reason: WindowQueue, Left: 5, Until: now.Add(48 * time.Hour), LegalWay: WayAssign}},
		"person":           {db.Conversation{State: 3, LastCustomerAt: now}, Window{Reason: WindowPerson, Left: 5, Until: now.Add(48 * time.Hour), LegalWay: WayPerson}},
		"ended":            {db.Conversation{State: 4, LastCustomerAt: now}, Window{Reason: WindowEnded, Left: 5, Until: now.Add(48 * time.Hour), LegalWay: WayWait}},
		"one moment left":  {db.Conversation{State: 1, LastCustomerAt: ago(48*time.Hour - 1)}, Window{Allowed: true, Left: 5, Until: now.Add(1)}},
		"48 hours":         {db.Conversation{State: 1, LastCustomerAt: ago(48 * time.Hour)}, Window{Reason: WindowExpired, Left: 5, Until: now, LegalWay: WayWait}},
		"expired in queue": {db.Conversation{State: 2, LastCustomerAt: ago(49 * time.Hour)}, Window{Reason: WindowExpired, Left: 5, Until: ago(time.Hour), LegalWay: WayWait}},
	} {
		if got := o.MayWrite(c.c, now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestPartID(t *testing.T) {
	id := db.NewID()
	seen := map[string]bool{}
	for n := range 256 {
		part := partID(id, n)
		if seen[part] || !formID.MatchString(part) || n == 0 && part != id {
			t.Fatalf("part %d of %s is %s", n, id, part)
		}
		seen[part] = true
	}
}
