package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// quietHub is a hub that the test drives by hand: it reads and announces when it is told to.
func quietHub(t *testing.T, d *db.DB) *Hub {
	t.Helper()
	h := NewHub(d, nil)
	if err := h.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// change commits changes of topics, one commit for all, and lets the hub read them.
func change(t *testing.T, h *Hub, topics ...string) {
	t.Helper()
	err := h.db.Tx(t.Context(), func(tx *db.DB) error {
		for _, each := range topics {
			if err := tx.AddChange(t.Context(), each, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = h.read(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// got takes what a subscriber has been told.
func got(s *Subscription) (list []Event) {
	for {
		select {
		case e, open := <-s.C:
			if !open {
				return list
			}
			list = append(list, e)
		default:
			return list
		}
	}
}

func wantEvents(t *testing.T, what string, s *Subscription, want ...Event) {
	t.Helper()
	if list := got(s); !slices.Equal(list, want) {
		t.Errorf("%s: %+v, want %+v", what, list, want)
	}
}

func TestHubTellsAtOnceAndThenSeldom(t *testing.T) {
	h := quietHub(t, dbtest.New(t))
	one := ConversationTopic("0123456789abcdef0123456789abcdef")
	board, talk := h.Subscribe([]string{TopicConversations}, -1), h.Subscribe([]string{one, TopicConversations}, -1)
	now := time.Unix(1_760_000_000, 0)
	change(t, h, TopicConversations, TopicCustomers)
	if wait := h.announce(now); wait != 0 {
		t.Errorf("something waits for %v", wait)
	}
	wantEvents(t, "the first change", board, Event{Seq: 1, Topic: TopicConversations, ID: 1})
	got(talk)
	for range 10 {
		change(t, h, TopicConversations)
	}
	if wait := h.announce(now.Add(DefaultCoalesce / 3)); wait != DefaultCoalesce-DefaultCoalesce/3 {
		t.Errorf("the next changes wait for %v", wait)
	}
	wantEvents(t, "too early", board)
	if wait := h.announce(now.Add(DefaultCoalesce)); wait != 0 {
		t.Errorf("something waits for %v", wait)
	}
	wantEvents(t, "ten changes in a row", board, Event{Seq: 12, Topic: TopicConversations, ID: 12})
	got(talk)
	change(t, h, one, "no topic of ours")
	h.announce(now.Add(time.Second))
	wantEvents(t, "another topic", board)
	wantEvents(t, "one conversation", talk, Event{Seq: 13, Topic: one, ID: 13})
}

// Where to take up again must not lie behind a change that still waits: a browser that loses its connection just then
// would never hear of it.
func TestHubLosesNothingBetweenTwoEvents(t *testing.T) {
	h := quietHub(t, dbtest.New(t))
	topics := []string{TopicConversations, TopicCustomers}
	s := h.Subscribe(topics, -1)
	now := time.Unix(1_760_000_000, 0)
	change(t, h, TopicConversations)
	h.announce(now)
	change(t, h, TopicConversations) // waits
	change(t, h, TopicCustomers)
	h.announce(now.Add(time.Millisecond))
	wantEvents(t, "while an older change waits", s, Event{Seq: 1, Topic: TopicConversations, ID: 1}, Event{Seq: 3, Topic: TopicCustomers, ID: 1})
	s.Close()
	h.announce(now.Add(time.Second))
	wantEvents(t, "taken up again", h.Subscribe(topics, 1), Event{Seq: 2, Topic: TopicConversations, ID: 1}, Event{Seq: 3, Topic: TopicCustomers, ID: 3})
	// The control: with the newest change for a place the older one is lost.
	wantEvents(t, "taken up behind it", h.Subscribe(topics, 3))
	// Two at the same moment: only the second one moves the place past both.
	s = h.Subscribe(topics, -1)
	change(t, h, TopicCustomers, TopicConversations)
	h.announce(now.Add(2 * time.Second))
	wantEvents(t, "two at once", s, Event{Seq: 4, Topic: TopicCustomers, ID: 4}, Event{Seq: 5, Topic: TopicConversations, ID: 5})
}

func TestHubTakesUpAgain(t *testing.T) {
	d := dbtest.New(t)
	h := quietHub(t, d)
	change(t, h, TopicConversations, TopicReplies)
	change(t, h, TopicConversations)
	h.announce(time.Unix(1_760_000_000, 0))
	for _, again := range []*Hub{h, quietHub(t, d)} { // the same one, and one after a restart
		for after, want := range map[int64][]Event{
			0: {{Seq: 3, Topic: TopicConversations, ID: 3}},
			2: {{Seq: 3, Topic: TopicConversations, ID: 3}},
			3: nil, -1: nil,
			4: {{ID: 3, Reset: true}}, // of another database
		} {
			wantEvents(t, fmt.Sprint("after ", after), again.Subscribe([]string{TopicConversations}, after), want...)
		}
	}
	if err := d.TrimChanges(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	trimmed := quietHub(t, d)
	wantEvents(t, "after a gap", trimmed.Subscribe([]string{TopicConversations}, 1), Event{ID: 3, Reset: true})
	wantEvents(t, "without a gap", trimmed.Subscribe([]string{TopicConversations}, 2), Event{Seq: 3, Topic: TopicConversations, ID: 3})
}

func TestHubForgetsWhatIsOld(t *testing.T) {
	h := quietHub(t, dbtest.New(t))
	h.kept = 50
	now := time.Unix(1_760_000_000, 0)
	change(t, h, TopicReplies)
	for i := range 3 * h.kept {
		change(t, h, ConversationTopic(fmt.Sprintf("%032x", i)))
		h.announce(now)
	}
	if len(h.topics) > int(2*h.kept) || h.topics[TopicReplies] != nil {
		t.Errorf("%d topics are kept", len(h.topics))
	}
	wantEvents(t, "after what is forgotten", h.Subscribe([]string{TopicReplies}, 0), Event{ID: h.Last(), Reset: true})
	wantEvents(t, "after what is kept", h.Subscribe([]string{TopicReplies}, h.Last()-h.kept))
}

func TestHubClosesWhoDoesNotKeepUp(t *testing.T) {
	h := quietHub(t, dbtest.New(t))
	slow, quick := h.Subscribe([]string{TopicConversations}, -1), h.Subscribe([]string{TopicConversations}, -1)
	now := time.Unix(1_760_000_000, 0)
	for range subscriptionLen + 2 {
		change(t, h, TopicConversations)
		now = now.Add(time.Second)
		h.announce(now)
		if list := got(quick); len(list) != 1 {
			t.Fatalf("the quick one was told %+v", list)
		}
	}
	if list := got(slow); len(list) != subscriptionLen+1 {
		t.Errorf("the slow one was told of %d before it was closed", len(list))
	}
	if _, open := <-slow.C; open {
		t.Error("the slow one is still open")
	}
	slow.Close()
	quick.Close()
	quick.Close()
	if stats := h.Stats(); stats.Subscriptions != 0 || stats.Slow != 1 {
		t.Errorf("%+v", stats)
	}
}

// What another process commits is seen as well, without being told.
func TestHubSeesOtherProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	var both [2]*db.DB
	for i := range both {
		d, err := db.Open(t.Context(), db.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		both[i] = d
	}
	h := NewHub(both[0], nil)
	runHub(t, h)
	s := h.Subscribe([]string{TopicSync}, -1)
	if err := both[1].AddChange(t.Context(), TopicSync, ""); err != nil {
		t.Fatal(err)
	}
	select {
	case e := <-s.C:
		if e.Topic != TopicSync || e.Seq != 1 {
			t.Errorf("told %+v", e)
		}
	case <-time.After(10 * time.Second):
		t.Error("told nothing")
	}
}

// runHub runs a hub until the end of the test.
func runHub(t *testing.T, h *Hub) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != context.Canceled {
			t.Errorf("the hub ended with %v", err)
		}
	})
}

// Subscribers come, go and fall behind while changes are committed. Whoever stays, or takes up where it was, hears of the
// last change of its topic.
func TestHubUnderLoad(t *testing.T) {
	h := NewHub(dbtest.New(t), nil)
	h.Coalesce = time.Millisecond
	runHub(t, h)
	const topics, rounds = 8, 60
	name := func(i int) string { return ConversationTopic(fmt.Sprintf("%032x", i)) }
	last := make([]int64, topics)
	var watchers sync.WaitGroup
	done := make(chan struct{})
	for w := range 24 {
		watchers.Go(func() {
			random, after, heard := rand.New(rand.NewPCG(7, uint64(w))), int64(0), int64(0)
			mine := w % topics
			for ended := false; ; {
				s := h.Subscribe([]string{name(mine)}, after)
				for n := random.IntN(4); n >= 0; n-- {
					select {
					case e, open := <-s.C:
						if open {
							after, heard = e.ID, max(heard, e.Seq)
						}
					case <-done:
						ended = true
					}
				}
				s.Close()
				if ended && heard >= last[mine] {
					return
				}
			}
		})
	}
	for i := range rounds {
		err := h.db.Tx(t.Context(), func(tx *db.DB) error { return tx.AddChange(t.Context(), name(i%topics), "") })
		if err != nil {
			t.Fatal(err)
		}
		last[i%topics] = int64(i + 1)
	}
	close(done)
	watchers.Wait()
}

func TestTopicKind(t *testing.T) {
	for topic, want := range map[string]string{
		"conversations": "conversations", "customers": "customers", "accounts": "accounts", "sync": "sync", "replies": "replies",
		ConversationTopic("0123456789abcdef0123456789abcdef"): TopicConversation,
		"":                        "",
		"conversation":            "",
		"conversation/":           "",
		"conversation/01234567":   "",
		"servicers:wk1":           "",
		"conversations\ndata: {}": "",
		ConversationTopic("0123456789ABCDEF0123456789abcdef"):  "",
		ConversationTopic("0123456789abcdef0123456789abcde\n"): "",
	} {
		if kind, ok := TopicKind(topic); kind != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", topic, kind, ok)
		}
	}
}
