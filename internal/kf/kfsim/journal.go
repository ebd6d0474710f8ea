package kfsim

import (
	"sync"
	"time"
)

const (
	ringSize   = 10_000 // entries kept by the journal and by the list of violations
	maxExcerpt = 8 << 10
)

// States of an Entry.
const (
	stateOpen     = "open"     // received, or held by a fault
	stateAnswered = "answered" // decided, and sent as far as we can know
	stateLost     = "lost"     // the caller was cut off before the whole answer
)

// Entry is one received call, as GET /_sim/journal shows it.
type Entry struct {
	Seq      int64     `json:"seq"`
	Time     time.Time `json:"time"`
	Method   string    `json:"method"`
	Endpoint string    `json:"endpoint"`
	Query    string    `json:"query,omitempty"` // without secrets
	Body     string    `json:"body,omitempty"`
	IP       string    `json:"ip"`
	Fault    string    `json:"fault,omitempty"`
	State    string    `json:"state"`
	Errcode  *int      `json:"errcode"` // null until the call was carried out; stays null when it never was
	Applied  bool      `json:"applied"` // the world was changed
	Millis   float64   `json:"ms"`
}

// Kinds of a Violation.
const (
	kindField    = "field"    // unknown, or given twice
	kindType     = "type"     // wrong type, null, malformed JSON, escaped text
	kindTooLong  = "too_long" // a text, file or body beyond its limit
	kindTooMany  = "too_many" // an array beyond its limit
	kindRange    = "range"    // a value that is not allowed
	kindMissing  = "missing"  // a required value
	kindMethod   = "method"
	kindEndpoint = "endpoint"
	kindHeader   = "header"
)

// Violation is something a caller did against the protocol, whether or not the call succeeded.
type Violation struct {
	Seq      int64     `json:"seq"`
	Time     time.Time `json:"time"`
	Call     int64     `json:"call"` // Seq of the journal's entry
	Endpoint string    `json:"endpoint"`
	Kind     string    `json:"kind"`
	Field    string    `json:"field,omitempty"`
	Detail   string    `json:"detail"`
}

// violate records what the caller did wrong.
func (c *call) violate(kind, field, detail string) {
	at := c.sim.now()
	c.sim.violations.add(func(seq int64) *Violation {
		return &Violation{seq, at, c.entry.Seq, c.name, kind, field, detail}
	})
}

// ring keeps the last ringSize values. The zero value is ready.
type ring[T any] struct {
	mu   sync.Mutex
	seq  int64
	kept []*T
	next int // where the oldest is, once the ring is full
}

// add makes a value with the next number and keeps it.
func (r *ring[T]) add(make func(seq int64) *T) *T {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
	v := make(r.seq)
	if len(r.kept) < ringSize {
		r.kept = append(r.kept, v)
		return v
	}
	r.kept[r.next] = v
	r.next = (r.next + 1) % ringSize
	return v
}

// all returns copies, oldest first.
func (r *ring[T]) all() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]T, 0, len(r.kept))
	for i := range r.kept {
		list = append(list, *r.kept[(r.next+i)%len(r.kept)])
	}
	return list
}

// clear forgets the values and keeps counting.
func (r *ring[T]) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept, r.next = nil, 0
}

// journal is the ring of received calls.
type journal struct{ ring[Entry] }

func (j *journal) add(e Entry) *Entry {
	return j.ring.add(func(seq int64) *Entry {
		e.Seq = seq
		return &e
	})
}

// change alters an entry that is already listed.
func (j *journal) change(e *Entry, f func(*Entry)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(e)
}
