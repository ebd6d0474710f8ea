package kfsim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is something that goes wrong, on order.
type Fault struct {
	ID int `json:"id"`
	// Endpoint is the call it waits for, such as kf/account/add, or * for any.
	Endpoint string `json:"endpoint"`
	// Kind is one of errcode, delay, cut_before, cut_after, truncate, html, status, token_expiry, hang, slow_drip, garbage, huge.
	Kind string `json:"kind"`
	// Times is how many calls it spoils; -1 means every one, 0 counts as 1.
	Times int `json:"times"`
	// After is how many matching calls pass unharmed first.
	After int `json:"after"`
	// When is before, when the call is not carried out (delay and hang: carried out afterwards), or after, when it is carried
	// out first. Empty means what is usual for the kind.
	When string `json:"when"`
	// Code is the errcode of kind errcode (default -1), or the HTTP status of kind status (default 502).
	Code int `json:"code,omitempty"`
	// Millis is the length of a delay (default 1000), or the time between two bytes of a slow_drip (default 100).
	Millis int `json:"ms,omitempty"`
	// Bytes is the size of a huge answer (default 64 MiB).
	Bytes int64 `json:"bytes,omitempty"`
	// Hits is how many calls it has spoiled so far.
	Hits int `json:"hits"`
}

const (
	before = "before"
	after  = "after"
)

// faultKind is the usual values of one kind.
type faultKind struct {
	when   string
	fixed  bool // when cannot be chosen
	code   int
	millis int
	bytes  int64
	spoil  func(*spoiled)
}

func faultKinds() map[string]faultKind {
	return map[string]faultKind{
		"errcode":      {when: before, code: -1, spoil: (*spoiled).errcode},
		"delay":        {when: before, millis: 1000, spoil: (*spoiled).delay},
		"hang":         {when: before, spoil: (*spoiled).hang},
		"cut_before":   {when: before, fixed: true, spoil: (*spoiled).cut},
		"cut_after":    {when: after, fixed: true, spoil: (*spoiled).cut},
		"truncate":     {when: after, spoil: (*spoiled).truncate},
		"html":         {when: before, code: 200, spoil: (*spoiled).html},
		"status":       {when: before, code: 502, spoil: (*spoiled).html},
		"token_expiry": {when: before, fixed: true, code: 42001, spoil: (*spoiled).tokenExpiry},
		"slow_drip":    {when: after, millis: 100, spoil: (*spoiled).slowDrip},
		"garbage":      {when: after, spoil: (*spoiled).garbage},
		"huge":         {when: after, bytes: 64 << 20, spoil: (*spoiled).huge},
	}
}

// complete checks a fault and fills in what was left out.
func (f *Fault) complete() error {
	kind, ok := faultKinds()[f.Kind]
	if !ok {
		return fmt.Errorf("kind: one of %s", strings.Join(slices.Sorted(maps.Keys(faultKinds())), ", "))
	}
	f.Endpoint = strings.TrimPrefix(strings.TrimPrefix(f.Endpoint, "/"), "cgi-bin/")
	if f.Endpoint == "" {
		return fmt.Errorf("endpoint: a call such as kf/account/add, or *")
	}
	if _, known := endpointTable()[f.Endpoint]; !known && f.Endpoint != "*" {
		return fmt.Errorf("endpoint: %s is not a call the simulator answers", cutAt(f.Endpoint, 64))
	}
	if f.When == "" {
		f.When = kind.when
	}
	if f.When != before && f.When != after || kind.fixed && f.When != kind.when {
		return fmt.Errorf("when: %s is not possible for %s", cutAt(f.When, 16), f.Kind)
	}
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Times < -1 || f.After < 0 || f.Millis < 0 || f.Bytes < 0 {
		return fmt.Errorf("times, after, ms and bytes: not below zero, but times may be -1")
	}
	if f.Code == 0 {
		f.Code = kind.code
	}
	if f.Kind == "status" && (f.Code < 200 || f.Code > 599) {
		return fmt.Errorf("code: an HTTP status from 200 to 599")
	}
	if f.Millis == 0 {
		f.Millis = kind.millis
	}
	if f.Bytes == 0 {
		f.Bytes = kind.bytes
	}
	f.Hits = 0
	return nil
}

// faults is the script: what goes wrong next, in the order it was written. The zero value is ready.
type faults struct {
	mu      sync.Mutex
	last    int
	script  []*Fault
	gate    chan struct{} // closed by release
	holding int
}

// add appends completed faults and returns them with their numbers.
func (l *faults) add(list []Fault) []Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range list {
		l.last++
		list[i].ID = l.last
		f := list[i]
		l.script = append(l.script, &f)
	}
	return list
}

// take returns a copy of the fault that gets this call, nil if none does. Each fault counts the calls that reach it.
func (l *faults) take(endpoint string) *Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.script {
		if f.Endpoint != "*" && f.Endpoint != endpoint {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		f.Hits++
		taken := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				l.script = slices.Delete(l.script, i, i+1)
			}
		}
		return &taken
	}
	return nil
}

// list returns the faults still to come and how many requests are held.
func (l *faults) list() (script []Fault, holding int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	script = make([]Fault, 0, len(l.script))
	for _, f := range l.script {
		script = append(script, *f)
	}
	return script, l.holding
}

// drop removes one fault, or with id 0 all of them, and reports how many.
func (l *faults) drop(id int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := len(l.script)
	l.script = slices.DeleteFunc(l.script, func(f *Fault) bool { return id == 0 || f.ID == id })
	return had - len(l.script)
}

// hold returns the gate a held request waits at; leave must be called when it goes on.
func (l *faults) hold() (gate <-chan struct{}, leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gate == nil {
		l.gate = make(chan struct{})
	}
	l.holding++
	return l.gate, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.holding--
	}
}

// release opens the gate for every request held now and reports how many there were.
func (l *faults) release() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gate != nil {
		close(l.gate)
		l.gate = nil
	}
	return l.holding
}

// wait sleeps unless the caller leaves first, and reports whether he is still there.
func (c *call) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.request.Context().Done():
		return false
	}
}
