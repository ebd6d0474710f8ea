package server

import (
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/live"
)

// sendBuffer is what the kernel may hold for one browser. Events are short: a browser with more than this before it has
// stopped reading, and thousands of such browsers must not fill the memory.
const sendBuffer = 4 << 10

// How a stream can end.
const (
	endGone    = "gone"    // the browser left
	endStalled = "stalled" // the browser stopped reading
	endSlow    = "slow"    // more came than the browser took
	endRevoked = "revoked" // the session has ended, or its operator has another role
	endOld     = "old"     // the browser shall connect anew
	endStop    = "stop"    // the console stops
	endPanic   = "panic"
)

// streamEnds lists them for the metrics.
func streamEnds() []string {
	return []string{endGone, endStalled, endSlow, endRevoked, endOld, endStop, endPanic}
}

// stream is one browser that watches.
type stream struct {
	set      *streams
	session  string // hash
	operator string
	role     auth.Role
	topics   []string
	after    int64
	head     []byte
	bounded  time.Time // when the deadline of writes was last moved

	mu   sync.Mutex
	conn net.Conn
	why  string
	over chan struct{}
}

// end makes the stream end, for the first reason given.
func (t *stream) end(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.why != "" {
		return
	}
	t.why = why
	close(t.over)
	if t.conn != nil {
		_ = t.conn.Close() // frees a write that waits; how that ends matters to nobody
	}
}

// run writes to the connection until the stream ends. Nothing in it may take the program down.
func (t *stream) run(conn net.Conn) {
	defer t.set.remove(t)
	defer func() {
		if p := recover(); p != nil {
			t.end(endPanic)
			t.set.log.Error("panic in a stream", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	t.mu.Lock()
	t.conn = conn
	ended := t.why != ""
	t.mu.Unlock()
	if ended {
		_ = conn.Close()
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // the kernel's own measure would do, with more memory
	}
	t.end(t.watch())
}

// watch passes events on until something ends the stream, and returns what.
func (t *stream) watch() string {
	sub := t.set.hub.Subscribe(t.topics, t.after)
	defer sub.Close()
	if why := t.write(t.head); why != "" {
		return why
	}
	t.head = nil
	beat := time.NewTicker(t.set.pace.beat)
	defer beat.Stop()
	left := t.set.pace.beats - rand.IntN(t.set.pace.beats/10+1)
	buf := make([]byte, 0, 256)
	for {
		select {
		case <-t.over:
			return endStop // end has noted its own reason
		case <-beat.C:
			if left--; left <= 0 {
				return endOld
			}
			buf = append(buf[:0], "event: beat\ndata: 5\n\n"...)
		case e, open := <-sub.C:
			if !open {
				return endSlow
			}
			buf = appendEvents(buf[:0], e, sub.C)
		}
		if why := t.write(buf); why != "" {
			return why
		}
	}
}

// appendEvents adds an event and those that wait behind it.
func appendEvents(buf []byte, e live.Event, more <-chan live.Event) []byte {
	for n := len(more); ; n-- {
		buf = appendEvent(buf, e)
		if n == 0 {
			return buf
		}
		var open bool
		if e, open = <-more; !open {
			return buf
		}
	}
}

// appendEvent adds an event as it is sent. The id is where to take up again, the data says what has changed.
func appendEvent(buf []byte, e live.Event) []byte {
	if e.Reset {
		buf, e.Seq = append(buf, "event: reset\n"...), e.ID
	}
	buf = append(buf, "id: "...)
	buf = strconv.AppendInt(buf, e.ID, 10)
	buf = append(buf, "\ndata: {\"seq\":"...)
	buf = strconv.AppendInt(buf, e.Seq, 10)
	buf = append(buf, ",\"topic\":\""...)
	buf = append(buf, e.Topic...) // letters, digits and a slash only
	return append(buf, "\"}\n\n"...)
}

// write sends bytes and returns why that failed, "" when it did not.
func (t *stream) write(b []byte) string {
	if t.set.fault != nil {
		t.set.fault()
	}
	// Moving the deadline costs as much as a short write; a fifth of it less does no harm.
	if now := t.set.now(); now.Sub(t.bounded) > t.set.pace.write/5 {
		if err := t.conn.SetWriteDeadline(now.Add(t.set.pace.write)); err != nil {
			return endGone
		}
		t.bounded = now
	}
	_, err := t.conn.Write(b)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, os.ErrDeadlineExceeded):
		return endStalled
	}
	return endGone
}
