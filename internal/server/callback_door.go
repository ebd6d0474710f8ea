package server

import (
	"sync"
	"sync/atomic"
	"time"
)

// What became of a callback.
const (
	callHeeded    = "heeded"
	callRepeated  = "repeated"  // one that was heeded before; answered 200 without effect
	callUnknown   = "unknown"   // of a kind that the console does not know; answered 200 and noted
	callMalformed = "malformed" // signed correctly and unreadable; answered 200 and noted
	callChecked   = "checked"   // the check of the address
	callRejected  = "rejected"  // signature, key or receiver is wrong; answered 403
	callStale     = "stale"     // signed at a time far from ours; answered 403
	callTooLarge  = "too_large" // answered 413
	callFailed    = "failed"    // could not be written down; answered 503
	callUnset     = "unset"     // no token and key are set; answered 404
)

// callResults lists them, those that are no trouble first.
func callResults() []string {
	return []string{callHeeded, callRepeated, callChecked, callUnknown, callMalformed, callRejected, callStale, callTooLarge, callFailed, callUnset}
}

const (
	// seenFor is how long a callback is remembered at least, unless very many come: a second one within it is a retry.
	seenFor = 2 * time.Hour
	// seenMost bounds how many are remembered, twice.
	seenMost = 1 << 16
	// sayEvery bounds the log lines and notes of each kind.
	sayEvery = time.Minute
)

// door counts the callbacks and remembers those that were heeded.
type door struct {
	now    func() time.Time
	counts map[string]*atomic.Int64

	mu sync.Mutex
	// young and old hold signatures; when young is full or of age it becomes the old one.
	young, old map[string]struct{}
	since      time.Time
	logged     map[string]time.Time // by result
	noted      map[string]time.Time // by kind of event
}

func newDoor(now func() time.Time) *door {
	d := &door{now: now, counts: map[string]*atomic.Int64{}, young: map[string]struct{}{}, since: now(), logged: map[string]time.Time{}, noted: map[string]time.Time{}}
	for _, result := range callResults() {
		d.counts[result] = &atomic.Int64{}
	}
	return d
}

// count adds one and returns how many there are since the start.
func (d *door) count(result string) int64 { return d.counts[result].Add(1) }

// seen tells whether a callback with this signature was heeded before.
func (d *door) seen(signature string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, young := d.young[signature]
	_, old := d.old[signature]
	return young || old
}

// remember notes that a callback was heeded. Before that it must not be remembered: WeCom's retry of one that failed
// carries the same signature.
func (d *door) remember(signature string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.now(); len(d.young) >= seenMost || now.Sub(d.since) >= seenFor {
		d.young, d.old, d.since = map[string]struct{}{}, d.young, now
	}
	d.young[signature] = struct{}{}
}

// logDue tells whether a result is worth a line now: trouble once a minute, so that a stranger cannot fill the log.
func (d *door) logDue(result string, now time.Time) bool {
	switch result {
	case callHeeded, callRepeated, callChecked, callUnset:
		return false
	}
	return d.due(d.logged, result, now)
}

// noteDue tells whether the time of a known event is to be kept now.
func (d *door) noteDue(kind string, now time.Time) bool { return d.due(d.noted, kind, now) }

func (d *door) due(last map[string]time.Time, key string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, ok := last[key]; ok && now.Sub(at) < sayEvery && now.Sub(at) >= 0 {
		return false
	}
	last[key] = now
	return true
}
