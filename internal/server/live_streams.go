package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/live"
)

// streams are the browsers that watch now.
type streams struct {
	hub      *live.Hub
	db       *db.DB
	sessions auth.Sessions
	log      *slog.Logger
	pace     streamPace
	most     int // of one operator
	Now      func() time.Time
	// fault, if it is set, runs before every write: a test can make a stream panic.
	fault func()

	mu      sync.Mutex
	open    map[*stream]struct{}
	held    map[string]int // by operator
	stopped bool
	running sync.WaitGroup

	opened atomic.Int64
	ended  map[string]*atomic.Int64 // by reason
}

func newStreams(o Options) *streams {
	set := &streams{hub: o.Hub, db: o.DB, sessions: o.Gate.Sessions, log: o.Log, pace: defaultPace(), most: maxStreams, open: map[*stream]struct{}{}, held: map[string]int{}, ended: map[string]*atomic.Int64{}}
	for _, why := range streamEnds() {
		set.ended[why] = &atomic.Int64{}
	}
	return set
}

// now is the real clock unless a test sets another: deadlines of connections know no other.
func (set *streams) now() time.Time {
	if set.Now != nil {
		return set.Now()
	}
	return time.Now()
}

// add takes a stream in and returns http.StatusOK, or why not: the console stops, or the operator has too many.
func (set *streams) add(t *stream) int {
	set.mu.Lock()
	defer set.mu.Unlock()
	if set.stopped {
		return http.StatusServiceUnavailable
	}
	if set.held[t.operator] >= set.most {
		return http.StatusTooManyRequests
	}
	set.held[t.operator]++
	set.open[t] = struct{}{}
	set.running.Add(1)
	set.opened.Add(1)
	return http.StatusOK
}

// remove counts a stream that has ended.
func (set *streams) remove(t *stream) {
	set.mu.Lock()
	delete(set.open, t)
	if set.held[t.operator]--; set.held[t.operator] == 0 {
		delete(set.held, t.operator)
	}
	set.mu.Unlock()
	t.mu.Lock()
	set.ended[t.why].Add(1)
	t.mu.Unlock()
	set.running.Done()
}

// count is how many are open.
func (set *streams) count() int {
	set.mu.Lock()
	defer set.mu.Unlock()
	return len(set.open)
}

// list copies what is open.
func (set *streams) list() []*stream {
	set.mu.Lock()
	defer set.mu.Unlock()
	all := make([]*stream, 0, len(set.open))
	for t := range set.open {
		all = append(all, t)
	}
	return all
}

// stop ends all streams and waits for them, or until ctx ends.
func (set *streams) stop(ctx context.Context) {
	set.mu.Lock()
	set.stopped = true
	set.mu.Unlock()
	for _, t := range set.list() {
		t.end(endStop)
	}
	done := make(chan struct{})
	go func() {
		set.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// watch ends the streams of sessions that have ended and of operators whose role has changed, until ctx ends.
func (set *streams) watch(ctx context.Context) {
	look := time.NewTicker(set.pace.look)
	defer look.Stop()
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		err := set.expel(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			set.log.Error("streams: look at the sessions", "error", err)
		}
		failing = err != nil
	}
}

// expel ends the streams that the database no longer allows. It reads twice an operator, however many browsers watch.
func (set *streams) expel(ctx context.Context) error {
	byOperator := map[string][]*stream{}
	for _, t := range set.list() {
		byOperator[t.operator] = append(byOperator[t.operator], t)
	}
	for id, list := range byOperator {
		role, sessions, err := set.signedIn(ctx, id)
		if err != nil {
			return err
		}
		for _, t := range list {
			if role != t.role || !sessions[t.session] {
				t.end(endRevoked)
			}
		}
	}
	return nil
}

// signedIn reads an operator's role and running sessions; one who is gone or disabled has none.
func (set *streams) signedIn(ctx context.Context, operatorID string) (auth.Role, map[string]bool, error) {
	o, err := set.db.Operator(ctx, operatorID)
	if errors.Is(err, db.ErrNotFound) || err == nil && o.DisabledAt != nil {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	list, err := set.sessions.List(ctx, operatorID)
	if err != nil {
		return "", nil, err
	}
	hashes := map[string]bool{}
	for _, each := range list {
		hashes[each.Hash] = true
	}
	return auth.Role(o.Role), hashes, nil
}
