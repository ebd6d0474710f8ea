package auth

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Throttled means that too many guesses were made with this name or from this address. Nothing was compared.
type Throttled struct {
	// RetryAfter is how long to wait before the next attempt.
	RetryAfter time.Duration
	// First marks the first refusal of a wait: the one worth an entry in the audit log.
	First bool
}

// Error tells the wait in whole seconds.
func (t *Throttled) Error() string {
	return fmt.Sprintf("too many attempts: wait %d s", int(t.RetryAfter.Round(time.Second).Seconds()))
}

// Throttle slows guessing down, per name and per address. After Free failures within Window the wait is one minute, and it doubles
// with every further failure up to Window. It forgets a name or address that has been quiet for Window. It lives in memory,
// its size is bounded, and it never touches sessions that are already open.
type Throttle struct {
	// Free is how many failures cost nothing (0: 5).
	Free int
	// Window is both the memory of the throttle and its longest wait (0: 15 minutes).
	Window time.Duration
	// Size bounds the number of names and addresses remembered (0: 10 000). The one quiet for longest goes first.
	Size int
	// Now is the clock (nil: time.Now).
	Now func() time.Time

	mu      sync.Mutex
	entries map[string]*guesses
}

type guesses struct {
	failures int
	last     time.Time // of the last attempt that was let through
	until    time.Time // end of the wait
	told     bool      // a refusal was already reported for this wait
}

// Take asks for one attempt and counts it as failed in advance, so that guesses made at the same moment count too.
// It returns nil, or *Throttled when one of the keys has to wait; then nothing is counted.
func (t *Throttle) Take(keys ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	refusal := (*Throttled)(nil)
	for _, key := range keys {
		e := t.entries[key]
		if e == nil {
			continue
		}
		if now.Sub(e.last) >= t.window() && !now.Before(e.until) {
			delete(t.entries, key)
			continue
		}
		if wait := e.until.Sub(now); wait > 0 {
			if refusal == nil {
				refusal = &Throttled{}
			}
			refusal.RetryAfter = max(refusal.RetryAfter, wait)
			refusal.First = refusal.First || !e.told
			e.told = true
		}
	}
	if refusal != nil {
		return refusal
	}
	for _, key := range keys {
		t.count(key, now)
	}
	return nil
}

// Succeed takes back the attempt: all the failures of the first key (the name) are forgotten, the others (the address) lose only
// this one, so that an account of one's own does not buy guesses at other people's.
func (t *Throttle) Succeed(keys ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, key := range keys {
		e := t.entries[key]
		if e == nil {
			continue
		}
		e.failures--
		e.until = time.Time{}
		if i == 0 || e.failures <= 0 {
			delete(t.entries, key)
		}
	}
}

func (t *Throttle) count(key string, now time.Time) {
	e := t.entries[key]
	if e == nil {
		t.makeRoom(now)
		e = &guesses{}
		t.entries[key] = e
	}
	e.failures++
	e.last, e.told = now, false
	if over := e.failures - t.free(); over >= 0 {
		wait := t.window()
		if over < 10 {
			wait = min(wait, time.Minute<<over)
		}
		e.until = now.Add(wait)
	}
}

// makeRoom keeps the map within its bound: what is forgotten anyway goes first, then the entry that was quiet for longest.
func (t *Throttle) makeRoom(now time.Time) {
	if t.entries == nil {
		t.entries = map[string]*guesses{}
	}
	if len(t.entries) < t.size() {
		return
	}
	oldest, when := "", now
	for key, e := range t.entries {
		if now.Sub(e.last) >= t.window() {
			delete(t.entries, key)
		} else if oldest == "" || e.last.Before(when) {
			oldest, when = key, e.last
		}
	}
	if len(t.entries) >= t.size() {
		delete(t.entries, oldest)
	}
}

func (t *Throttle) free() int {
	if t.Free > 0 {
		return t.Free
	}
	return 5
}

func (t *Throttle) window() time.Duration {
	if t.Window > 0 {
		return t.Window
	}
	return 15 * time.Minute
}

func (t *Throttle) size() int {
	if t.Size > 0 {
		return t.Size
	}
	return 10_000
}

func (t *Throttle) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

// nameKey is the throttle's key of an operator name: case does not matter, and a hostile length does not grow the map.
func nameKey(name string) string { return "name:" + strings.ToLower(cut(strings.TrimSpace(name), 64)) }

// addressKey is the throttle's key of an address. One IPv6 customer owns a /64, so that counts as one address.
func addressKey(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return "ip:" + cut(ip, 64)
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return "ip:" + prefix.String()
		}
	}
	return "ip:" + addr.String()
}
