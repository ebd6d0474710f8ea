package server

import (
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"kfconsole/internal/live"
)

// stalls opens a stream whose browser takes in little and reads nothing.
func (v *visitor) stalls(query string) *watcher {
	v.h.t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		var set error
		err := c.Control(func(fd uintptr) { set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048) })
		if err != nil {
			return err
		}
		return set
	}}
	conn, err := dialer.Dial("tcp", v.h.addr)
	if err != nil {
		v.h.t.Fatal(err)
	}
	v.h.t.Cleanup(func() { _ = conn.Close() })
	return v.watches(conn, query)
}

// Browsers that stop reading are closed and never waited for: the others hear of everything at once, nothing is left
// behind, and who was closed takes up where it was.
func TestLiveStalls(t *testing.T) {
	const reading, stalled, topics = 45, 5, 60
	h := liveHouse(t, quickPace())
	v := h.as("viewer")
	var names []string
	for i := range topics {
		names = append(names, live.ConversationTopic(fmt.Sprintf("%032x", i)))
	}
	var readers, stalls []*watcher
	for range reading {
		readers = append(readers, v.opens(topicQuery(names...)))
	}
	for range stalled {
		stalls = append(stalls, v.stalls(topicQuery(names...)))
	}
	set := h.Server.streams
	gone := func() int64 { return set.ended[endStalled].Load() + set.ended[endSlow].Load() }
	rounds, slowest := 0, time.Duration(0)
	for ; gone() < stalled && rounds < 500; rounds++ {
		start := time.Now()
		h.changed(names...)
		for _, w := range readers {
			for w.last != fmt.Sprint((rounds+1)*topics) {
				if _, err := w.next(); err != nil {
					t.Fatalf("a browser that reads was closed: %v", err)
				}
			}
		}
		slowest = max(slowest, time.Since(start))
	}
	t.Logf("%d rounds of %d events, the slowest within %v", rounds, topics, slowest)
	if gone() != stalled || set.count() != reading {
		t.Fatalf("%d of %d were closed, %d are open", gone(), stalled, set.count())
	}
	for _, w := range stalls {
		w.ends(5 * time.Second)
		again := v.opens(topicQuery(names...), "Last-Event-ID: "+w.last)
		for again.last != fmt.Sprint(rounds*topics) {
			if _, err := again.next(); err != nil {
				t.Fatalf("taken up again after %s: %v", w.last, err)
			}
		}
		_ = again.conn.Close()
	}
	for _, w := range readers {
		_ = w.conn.Close()
	}
	noneLeft(t)
}

// The control: without a bound for the write a browser that stopped reading is waited for, as long as it holds its
// connection.
func TestLiveStallsWithoutBound(t *testing.T) {
	for bound, evicted := range map[time.Duration]bool{100 * time.Millisecond: true, time.Hour: false} {
		pace := quickPace()
		pace.write, pace.beat = bound, time.Millisecond // signs of life alone fill what the kernel holds
		h := liveHouse(t, pace)
		h.as("viewer").stalls("")
		deadline := time.Now().Add(3 * time.Second)
		for time.Now().Before(deadline) && h.Server.streams.ended[endStalled].Load() == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		if got := h.Server.streams.ended[endStalled].Load() == 1; got != evicted {
			t.Errorf("with a bound of %v: closed is %v", bound, got)
		}
	}
}

// A browser that left is noticed within three signs of life.
func TestLiveLeaves(t *testing.T) {
	h := liveHouse(t, quickPace())
	v := h.as("viewer")
	for range 20 {
		_ = v.opens("topic=sync").conn.Close()
	}
	within := 3*h.Server.streams.pace.beat + 200*time.Millisecond
	eventually(t, "the browsers are forgotten", within, func() bool { return h.Server.streams.count() == 0 })
	noneLeft(t)
	eventually(t, "counted", time.Second, func() bool { return h.Server.streams.ended[endGone].Load() == 20 })
	if n := h.Hub.Stats().Subscriptions; n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}
