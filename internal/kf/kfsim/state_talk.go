package kfsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	talkPause = time.Second // between two writes of people's talk, at least
	talkShare = 10          // and so many times as long as the last one took
)

// talkTimer puts the writing of talk off, so that a message does not cost a write. The zero value is ready.
type talkTimer struct {
	mu     sync.Mutex
	timer  *time.Timer
	pause  time.Duration
	closed bool
}

// saveSoon has the state file written after a pause, once for everything that happens in it.
func (s *Sim) saveSoon() {
	t := &s.store.soon
	if s.store.file == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil && !t.closed {
		t.timer = time.AfterFunc(max(talkPause, t.pause), s.saveTalk)
	}
}

// saveTalk is the write that was put off. One that fails is not lost: what it would have written goes with the next one, and Close
// reports what cannot be written.
func (s *Sim) saveTalk() {
	t := &s.store.soon
	t.mu.Lock()
	t.timer = nil
	t.mu.Unlock()
	began := s.base()
	_ = s.saveAll()
	t.mu.Lock()
	t.pause = talkShare * s.base().Sub(began)
	t.mu.Unlock()
}

// close stops writing by itself.
func (t *talkTimer) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed = true; t.timer != nil {
		t.timer.Stop()
	}
}

// clone copies what may change, so that it can be written while people go on talking.
func (t *talk) clone() *talk {
	c := &talk{Customers: copies(t.Customers), Sessions: copies(t.Sessions), Codes: copies(t.Codes), Logs: make([]*chatLog, len(t.Logs))}
	for i, l := range t.Logs {
		c.Logs[i] = &chatLog{Account: l.Account, Messages: copies(l.Messages)}
	}
	return c
}

// copies copies every value, in one piece of memory.
func copies[T any](list []*T) []*T {
	values, out := make([]T, len(list)), make([]*T, len(list))
	for i, v := range list {
		values[i] = *v
		out[i] = &values[i]
	}
	return out
}

// sound finds what would break the talk later.
func (t *talk) sound() error {
	if hasNil(t.Customers) || hasNil(t.Sessions) || hasNil(t.Codes) || hasNil(t.Logs) {
		return errors.New("empty customer, session, code or log")
	}
	known := map[string]bool{}
	for _, c := range t.Customers {
		if c.ID == "" || known[c.ID] {
			return fmt.Errorf("missing or double customer %q", c.ID)
		}
		known[c.ID] = true
	}
	for _, x := range t.Sessions {
		if !known[x.Customer] || x.State < stateNew || x.State > stateEnded {
			return fmt.Errorf("session of %q that cannot be", x.Customer)
		}
	}
	for _, l := range t.Logs {
		seen := make(map[string]bool, len(l.Messages))
		for _, m := range l.Messages {
			if m == nil || seen[m.ID] || len(m.Body) == 0 {
				return fmt.Errorf("empty or double message of account %q", l.Account)
			}
			seen[m.ID] = true
		}
	}
	return nil
}

// dropStrays forgets what belongs to accounts that were deleted after the talk was written last.
func (w *world) dropStrays() {
	for _, l := range slices.Clone(w.talk.Logs) {
		if w.accountByID[l.Account] == nil {
			w.talk.drop(l.Account)
		}
	}
	for _, x := range slices.Clone(w.talk.Sessions) {
		if w.accountByID[x.Account] == nil {
			w.talk.drop(x.Account)
		}
	}
}

// encode writes the talk. Texts stay as they were said, < > & included.
func (t *talk) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(t); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
