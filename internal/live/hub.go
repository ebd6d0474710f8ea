package live

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kfconsole/internal/db"
)

// Bounds of a Hub.
const (
	// DefaultCoalesce is how long a topic stays silent after it was announced; what happens meanwhile is one event at its end.
	DefaultCoalesce = 150 * time.Millisecond
	// hubPoll bounds how long a change that another process committed stays unseen.
	hubPoll = time.Second
	// hubPage is how many change rows are read at once.
	hubPage = 1000
	// hubKept is how many changes back a subscriber can take up again. What is older asks it to look at everything anew.
	hubKept = 20_000
	// subscriptionLen is how many events a subscriber may be behind before it is closed.
	subscriptionLen = 32
)

// Event tells a subscriber that something about a topic has changed.
type Event struct {
	// Seq is the newest change of Topic.
	Seq   int64
	Topic string
	// ID is where to take up again after this event: every change up to it has been announced. It may be smaller than Seq,
	// while an older change of another topic still waits.
	ID int64
	// Reset says that changes were missed and nobody knows of which topics; Topic is empty.
	Reset bool
}

// Hub tells subscribers by topic that rows have changed. It reads the change feed of the database and holds no rows.
type Hub struct {
	// Coalesce replaces DefaultCoalesce, Now the clock; both may be set before Run.
	Coalesce time.Duration
	Now      func() time.Time

	db   *db.DB
	log  *slog.Logger
	kept int64 // hubKept

	mu      sync.Mutex
	topics  map[string]*topic
	waiting map[string]*topic // those with a change that is not announced yet
	subs    map[*Subscription]struct{}
	base    int64 // every change after it is in topics

	seq       atomic.Int64 // newest change that was read
	announced atomic.Int64
	slow      atomic.Int64
}

// topic is what the hub knows of one topic.
type topic struct {
	latest  int64 // newest change
	waiting int64 // oldest change that is not announced yet, 0 = none
	sent    time.Time
	subs    map[*Subscription]struct{}
}

// HubStats are counts for metrics. Announced and Slow grow from the start of the program.
type HubStats struct {
	Subscriptions int   // open now
	Seq           int64 // newest change that was read
	Announced     int64 // events given to subscribers
	Slow          int64 // subscribers closed because they did not keep up
}

// NewHub returns a hub that announces nothing before Run.
func NewHub(d *db.DB, log *slog.Logger) *Hub {
	if log == nil {
		log = slog.Default()
	}
	return &Hub{Coalesce: DefaultCoalesce, Now: time.Now, db: d, log: log, kept: hubKept,
		topics: map[string]*topic{}, waiting: map[string]*topic{}, subs: map[*Subscription]struct{}{}}
}

// Last is the newest change that subscribers can have been told of. A page that was read after a call of Last misses
// nothing when it subscribes with the value.
func (h *Hub) Last() int64 { return h.seq.Load() }

// Stats counts what the hub does.
func (h *Hub) Stats() HubStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return HubStats{Subscriptions: len(h.subs), Seq: h.seq.Load(), Announced: h.announced.Load(), Slow: h.slow.Load()}
}

// Run announces changes until ctx ends and returns its error. It must be called once. An error of the database is logged,
// and reading goes on after a while where it stopped.
func (h *Hub) Run(ctx context.Context) error {
	changed, stop := h.db.Watch()
	defer stop()
	if err := h.load(ctx); err != nil && ctx.Err() == nil {
		h.log.Error("hub: read the last changes", "error", err)
	}
	poll := time.NewTicker(hubPoll)
	defer poll.Stop()
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for failing := false; ; {
		if wait := h.announce(h.Now()); wait > 0 {
			due.Reset(wait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-due.C:
			continue
		case <-changed:
		case <-poll.C:
		}
		err := h.read(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			h.log.Error("hub: read changes", "error", err)
		}
		failing = err != nil
	}
}

// load takes the newest changes as announced, so that browsers can take up where they were before a restart.
func (h *Hub) load(ctx context.Context) error {
	last, err := h.db.LastChange(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.base = last
	h.mu.Unlock()
	h.seq.Store(last)
	for from := max(0, last-h.kept); from < last; {
		list, err := h.db.ChangesAfter(ctx, from, hubPage)
		if err != nil || len(list) == 0 {
			return err
		}
		h.mu.Lock()
		h.base = min(h.base, list[0].Seq-1)
		for _, c := range list {
			h.topic(c.Topic).latest = c.Seq
		}
		h.mu.Unlock()
		from = list[len(list)-1].Seq
		h.seq.Store(max(last, from))
	}
	return nil
}

// read takes in the changes that have come.
func (h *Hub) read(ctx context.Context) error {
	for {
		list, err := h.db.ChangesAfter(ctx, h.seq.Load(), hubPage)
		if err != nil || len(list) == 0 {
			return err
		}
		h.mu.Lock()
		for _, c := range list {
			t := h.topic(c.Topic)
			t.latest = c.Seq
			if t.waiting == 0 {
				t.waiting = c.Seq
				h.waiting[c.Topic] = t
			}
		}
		h.seq.Store(list[len(list)-1].Seq)
		h.forget()
		h.mu.Unlock()
		if len(list) < hubPage {
			return nil
		}
	}
}

// topic finds what is known of a topic, or begins to know it. The caller holds the lock.
func (h *Hub) topic(name string) *topic {
	t := h.topics[name]
	if t == nil {
		t = &topic{}
		h.topics[name] = t
	}
	return t
}

// forget drops what is too old to be taken up again, once as much has gathered. The caller holds the lock.
func (h *Hub) forget() {
	last := h.seq.Load()
	if last-h.base < 2*h.kept {
		return
	}
	h.base = last - h.kept
	for name, t := range h.topics {
		if t.latest <= h.base && t.waiting == 0 && len(t.subs) == 0 {
			delete(h.topics, name)
		}
	}
}

// announce tells the subscribers of every topic that has been silent long enough and returns how long the next one must
// wait, 0 when none waits.
func (h *Hub) announce(now time.Time) (next time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var ready []Event // ID is the oldest change that the event tells of, for now
	for name, t := range h.waiting {
		left := h.Coalesce - now.Sub(t.sent)
		switch {
		case left <= 0 || len(t.subs) == 0:
			ready = append(ready, Event{Seq: t.latest, Topic: name, ID: t.waiting})
			t.waiting, t.sent = 0, now
			delete(h.waiting, name)
		case next == 0 || left < next:
			next = left
		}
	}
	slices.SortFunc(ready, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
	safe := h.safe()
	for i, e := range ready {
		// A connection may break between two events: the first must not claim what only the next one tells.
		if e.ID = safe; i+1 < len(ready) {
			e.ID = min(safe, ready[i+1].ID-1)
		}
		for s := range h.topics[e.Topic].subs {
			h.give(s, e)
		}
	}
	return next
}

// safe is the change up to which everything has been announced. The caller holds the lock.
func (h *Hub) safe() int64 {
	safe := h.seq.Load()
	for _, t := range h.waiting {
		safe = min(safe, t.waiting-1)
	}
	return safe
}
