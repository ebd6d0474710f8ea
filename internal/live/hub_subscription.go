package live

// Subscription is one subscriber's place in a Hub.
type Subscription struct {
	// C gives the events. It is closed when the subscriber has fallen too far behind, and by nothing else.
	C <-chan Event

	hub    *Hub
	c      chan Event
	topics []string
}

// Subscribe begins to tell of changes of the topics. after is the change up to which the subscriber knows everything: what
// came since is told at once, or Reset when that is too long ago. A negative one tells only what comes from now on.
// The caller must Close it.
func (h *Hub) Subscribe(topics []string, after int64) *Subscription {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &Subscription{hub: h, c: make(chan Event, subscriptionLen+len(topics)), topics: topics}
	s.C = s.c
	h.subs[s] = struct{}{}
	for _, name := range topics {
		t := h.topic(name)
		if t.subs == nil {
			t.subs = map[*Subscription]struct{}{}
		}
		t.subs[s] = struct{}{}
	}
	last := h.seq.Load()
	switch {
	case after < 0:
	case after < h.base || after > last:
		h.give(s, Event{ID: last, Reset: true})
	default:
		h.catchUp(s, after)
	}
	return s
}

// catchUp tells a new subscriber what it missed; what still waits it is told with the others. Only the last event moves
// the place to take up again: before it the others could be lost. The caller holds the lock.
func (h *Hub) catchUp(s *Subscription, after int64) {
	var missed []Event
	for _, name := range s.topics {
		if t := h.topics[name]; t.latest > after && t.waiting == 0 {
			missed = append(missed, Event{Seq: t.latest, Topic: name, ID: after})
		}
	}
	if len(missed) > 0 {
		missed[len(missed)-1].ID = h.safe()
	}
	for _, e := range missed {
		h.give(s, e)
	}
}

// give hands over an event, or closes a subscriber that does not keep up. The caller holds the lock.
func (h *Hub) give(s *Subscription, e Event) {
	select {
	case s.c <- e:
		h.announced.Add(1)
	default:
		h.slow.Add(1)
		h.drop(s)
		close(s.c)
	}
}

// drop forgets a subscriber. The caller holds the lock.
func (h *Hub) drop(s *Subscription) {
	delete(h.subs, s)
	for _, name := range s.topics {
		t := h.topics[name]
		if t == nil {
			continue
		}
		delete(t.subs, s)
		if len(t.subs) == 0 {
			t.subs = nil
		}
	}
}

// Close ends the subscription. It may be called more than once.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if _, open := s.hub.subs[s]; open {
		s.hub.drop(s)
	}
}
