package server

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/auth"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/live"
)

const oneTalk = "conversation/0123456789abcdef0123456789abcdef"

// TestLiveGolden holds what a stream looks like on the wire: its head, but for what differs from one to the next, and
// every kind of event.
func TestLiveGolden(t *testing.T) {
	h := liveHouse(t, quickPace())
	w := h.as("manager").opens(topicQuery(live.TopicConversations))
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(w.head)) {
		value := w.head.Get(name)
		if name == "Date" || name == "X-Request-Id" {
			value = "..."
		}
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	b.WriteString("\n")
	b.Write(appendEvent(nil, live.Event{Seq: 7, Topic: live.TopicConversations, ID: 7}))
	b.Write(appendEvent(nil, live.Event{Seq: 9, Topic: oneTalk, ID: 7}))
	b.Write(appendEvent(nil, live.Event{ID: 12, Reset: true}))
	more := make(chan live.Event, 2)
	more <- live.Event{Seq: 14, Topic: live.TopicSync, ID: 14}
	b.Write(appendEvents(nil, live.Event{Seq: 13, Topic: live.TopicReplies, ID: 12}, more))
	h.changed(live.TopicConversations)
	fmt.Fprintf(&b, "%+v\n", w.want(live.TopicConversations))
	beat, err := w.any()
	fmt.Fprintf(&b, "%+v %v\n", beat, err)
	const file = "testdata/live.golden"
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("differs from %s (%v); if that is meant, run make golden\n%s", file, err, b.String())
	}
}

func TestLiveResumes(t *testing.T) {
	h := liveHouse(t, quickPace())
	v := h.as("viewer")
	query := topicQuery(live.TopicConversations, oneTalk)
	w := v.opens(query)
	h.changed(live.TopicCustomers, live.TopicConversations)
	w.want(live.TopicConversations)
	_ = w.conn.Close()
	h.changed(oneTalk, live.TopicCustomers)
	eventually(t, "the hub reads", 10*time.Second, func() bool { return h.Hub.Last() == 4 })
	again := v.opens(query+"&after=0", "Last-Event-ID: "+w.last)
	if f := again.want(oneTalk); f.data != `{"seq":3,"topic":"`+oneTalk+`"}` {
		t.Errorf("taken up with %+v", f)
	}
	if f := v.opens(query + "&after=2").want(oneTalk); f.id != "4" {
		t.Errorf("a page of then is told %+v", f)
	}
	if f, err := v.opens(query + "&after=99").next(); err != nil || f != (frame{"reset", "4", `{"seq":4,"topic":""}`}) {
		t.Errorf("a page of another database is told %+v, %v", f, err)
	}
	fresh := v.opens(query)
	h.changed(live.TopicConversations)
	if f := fresh.want(live.TopicConversations); f.id != "5" {
		t.Errorf("a new stream is told %+v", f)
	}
}

// Everybody is told of what they may see, and of nothing else; what is no topic is refused.
func TestLiveTopics(t *testing.T) {
	h := liveHouse(t, quickPace())
	v := h.as("viewer")
	for query, want := range map[string]int{
		"topic=conversations%0Adata:x": 400, "topic=nothing": 400, "topic=conversation/1": 400, "after=-1": 400, "after=x": 400,
		strings.Repeat("topic=sync&", maxTopics+1): 400,
		"":                       200,
		"topic=sync&topic=sync":  200,
		"after=0&topic=accounts": 200,
	} {
		if w := v.opens(query); w.status != want {
			t.Errorf("%q: %d, want %d", query, w.status, want)
		}
	}
	if w := v.opens("", "Last-Event-ID: ../1"); w.status != 400 {
		t.Errorf("a place that is none: %d", w.status)
	}
	if r := v.get("/live"); r.Code != http.StatusNotAcceptable {
		t.Errorf("as a page: %d", r.Code)
	}
	if w := h.anonymous().opens("topic=sync"); w.status != http.StatusSeeOther {
		t.Errorf("nobody: %d", w.status)
	}
	// Each kind of topic needs what its pages need.
	rights := liveRights()
	for _, topic := range []string{live.TopicConversations, live.TopicConversation, live.TopicCustomers, live.TopicAccounts, live.TopicSync, live.TopicReplies} {
		if p, ok := rights[topic]; !ok || p == auth.Public {
			t.Errorf("%s needs nothing", topic)
		}
	}
	none := &request{c: bareRequest(h, "/live?"+topicQuery(live.TopicSync, oneTalk)), actor: auth.Actor{ID: "x", Role: "guest"}}
	if topics, err := liveTopics(none); err != nil || len(topics) != 0 {
		t.Errorf("a role without rights watches %q, %v", topics, err)
	}
	none.actor.Role = auth.Viewer
	if topics, err := liveTopics(none); err != nil || len(topics) != 2 {
		t.Errorf("a viewer watches %q, %v", topics, err)
	}
}

// A stream ends as soon as its operator may not watch any more, and no other one does.
func TestLiveEndsWithTheSession(t *testing.T) {
	h := liveHouse(t, quickPace())
	stays := h.as("owner").opens("")
	for name, act := range map[string]func(*visitor, string){
		"signed out": func(v *visitor, _ string) { v.post("/logout") },
		"sessions ended elsewhere": func(_ *visitor, id string) {
			if _, err := h.Server.Gate.Sessions.EndAll(t.Context(), id, ""); err != nil {
				t.Fatal(err)
			}
		},
	} {
		v := h.as("viewer")
		operator, err := h.DB.OperatorByName(t.Context(), "viewer")
		if err != nil {
			t.Fatal(err)
		}
		w := v.opens("topic=conversations")
		w.goesOn()
		before := h.Server.streams.ended[endRevoked].Load()
		act(v, operator.ID)
		w.ends(5 * time.Second)
		eventually(t, name, 5*time.Second, func() bool { return h.Server.streams.ended[endRevoked].Load() == before+1 })
	}
	stays.goesOn()
}

func TestLiveEndsWithTheRole(t *testing.T) {
	h := newHouseOn(t, dbtest.New(t), nil)
	v, set := h.as("viewer"), h.Server.streams
	operator, err := h.DB.OperatorByName(t.Context(), "viewer")
	if err != nil {
		t.Fatal(err)
	}
	hash := auth.HashToken(v.cookies["kf_session"])
	for _, tt := range []struct {
		operator, session string
		role              auth.Role
		want              string
	}{
		{operator.ID, hash, auth.Viewer, ""},
		{operator.ID, hash, auth.Manager, endRevoked},
		{operator.ID, "another", auth.Viewer, endRevoked},
		{"nobody", hash, auth.Viewer, endRevoked},
	} {
		one := &stream{set: set, operator: tt.operator, session: tt.session, role: tt.role, over: make(chan struct{})}
		set.add(one)
		if err := set.expel(t.Context()); err != nil || one.why != tt.want {
			t.Errorf("%+v: ended for %q, %v", tt, one.why, err)
		}
		one.end(endStop)
		set.remove(one)
	}
}

// A stream that is old ends by itself, and the place to take up again is known.
func TestLiveRenews(t *testing.T) {
	pace := quickPace()
	pace.beat, pace.beats = 5*time.Millisecond, 5
	h := liveHouse(t, pace)
	w := h.as("viewer").opens("")
	w.ends(10 * time.Second)
	eventually(t, "counted", 5*time.Second, func() bool { return h.Server.streams.ended[endOld].Load() == 1 })
}

// A panic in one stream ends that one only.
func TestLivePanic(t *testing.T) {
	h := liveHouse(t, quickPace())
	armed := make(chan struct{}, 1)
	set := h.Server.streams
	set.fault = func() {
		select {
		case <-armed:
			panic("planted")
		default:
		}
	}
	v := h.as("viewer")
	for range 2 {
		v.opens(topicQuery(live.TopicConversations)).goesOn()
	}
	armed <- struct{}{}
	eventually(t, "a stream ends", 10*time.Second, func() bool { return set.ended[endPanic].Load() == 1 })
	if n := set.count(); n != 1 {
		t.Errorf("%d streams are left", n)
	}
	stays := v.opens(topicQuery(live.TopicConversations))
	h.changed(live.TopicConversations)
	stays.want(live.TopicConversations)
}

// The console stops within two seconds with streams open, all of them end, nothing is left behind, and the browsers were
// told to come back at different times.
func TestLiveRestart(t *testing.T) {
	const browsers = 200
	h := liveHouse(t, quickPace())
	v := h.as("viewer")
	var list []*watcher
	retries := map[int]bool{}
	for range browsers {
		w := v.opens(topicQuery(live.TopicConversations))
		list, retries[w.retry] = append(list, w), true
	}
	if len(retries) < browsers/2 {
		t.Errorf("%d browsers come back at %d different times", browsers, len(retries))
	}
	start := time.Now()
	if err := h.Server.Shutdown(t.Context()); err != nil || time.Since(start) > 2*time.Second {
		t.Errorf("stopped after %v: %v", time.Since(start), err)
	}
	for _, w := range list {
		w.ends(5 * time.Second)
	}
	if n := h.Server.streams.ended[endStop].Load(); n != browsers {
		t.Errorf("%d streams were ended by it", n)
	}
	noneLeft(t)
	if h.Server.streams.add(&stream{}) == http.StatusOK {
		t.Error("a stream is taken in after the stop")
	}
	h.Server.streams.stop(context.Background())
}

func TestRetryIsSpread(t *testing.T) {
	low, high := 1<<30, 0
	for range 1000 {
		n := retryAfter()
		low, high = min(low, n), max(high, n)
	}
	if low < 500 || high > 3000 || high-low < 2000 {
		t.Errorf("browsers come back after %s to %s ms", strconv.Itoa(low), strconv.Itoa(high))
	}
}

// bareRequest is a request that has come over no connection.
func bareRequest(h *house, address string) *fiber.Ctx {
	ctx := &fasthttp.RequestCtx{}
	ctx.Request.SetRequestURI(address)
	return h.Server.app.AcquireCtx(ctx)
}
