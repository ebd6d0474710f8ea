package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

const (
	// newcomerPace is the pause between first looks at accounts whose servicers were never listed: the 12 of a small corp
	// are there at once, 5 000 in eight minutes.
	newcomerPace = 100 * time.Millisecond
	// idlePace is the pause of a round without accounts.
	idlePace = time.Second
)

// ring says which account is to be looked at next: the one looked at longest ago, whether that worked or not.
type ring struct {
	mu   sync.Mutex
	last map[string]time.Time // zero: never looked at
}

// load makes the ring hold just these accounts, and keeps what it knows of them.
func (r *ring) load(list []db.Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := make(map[string]time.Time, len(list))
	for _, a := range list {
		last[a.ID] = r.last[a.ID]
		if a.ServicersAt != nil && a.ServicersAt.After(last[a.ID]) {
			last[a.ID] = *a.ServicersAt
		}
	}
	r.last = last
}

// touch notes a look at an account.
func (r *ring) touch(id string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.last[id]; ok {
		r.last[id] = at
	}
}

// next takes the account to be looked at now, and says how long to wait before the one after it such that a round takes
// the given time. The id is "" if there is no account.
func (r *ring) next(round time.Duration, now time.Time) (id string, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, last := range r.last {
		if id == "" || last.Before(r.last[id]) || last.Equal(r.last[id]) && other < id {
			id = other
		}
	}
	if id == "" {
		return "", min(idlePace, round)
	}
	wait = round / time.Duration(len(r.last))
	if r.last[id].IsZero() {
		wait = min(wait, newcomerPace)
	}
	r.last[id] = now
	return id, wait
}

// loadRing takes over the accounts of the copy, so that neither a restart nor a new account begins a round from the start.
func (m *Mirror) loadRing(ctx context.Context) error {
	list, err := m.copied(ctx)
	if err == nil {
		m.ring.load(list)
	}
	return err
}

// goRound refreshes the servicers of one account after the other, at a pace such that a round over all takes
// Every.Servicers. Accounts never looked at come first and faster. What goes wrong with one account does not hold up the
// others; what goes wrong with WeCom does.
func (m *Mirror) goRound(ctx context.Context) {
	results := make(chan error)
	running, failures := 0, 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		tick := timer.C
		if running == callsAtOnce {
			tick = nil
		}
		select {
		case <-ctx.Done():
			for ; running > 0; running-- {
				m.log.Debug("mirror: servicers at the end of the round", "error", <-results)
			}
			return
		case err := <-results:
			running--
			if concernsOne(err) {
				m.log.Debug("mirror: refresh servicers", "error", err)
				continue
			}
			failures = m.report("servicers", failures, err)
			if err != nil {
				timer.Reset(jitter(pause(m.every.Servicers, failures, err)))
			}
		case <-tick:
			id, wait := m.ring.next(m.every.Servicers, m.now())
			timer.Reset(jitter(wait))
			if id != "" {
				running++
				go func() { results <- m.RefreshServicers(ctx, id) }()
			}
		}
	}
}

// concernsOne tells a failure that only says something about the account asked for from one of WeCom or of our store.
func concernsOne(err error) bool {
	if errors.Is(err, db.ErrNotFound) {
		return true
	}
	refused := new(kf.Error)
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code {
	case 48007, 60011, 60251, 60252, 95000, 95004:
		return true
	}
	return false
}
