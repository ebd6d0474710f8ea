package server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db/dbtest"
)

// quickPace is the pace of a stream for tests, about a fiftieth of the real one.
func quickPace() streamPace {
	return streamPace{beat: 100 * time.Millisecond, write: 100 * time.Millisecond, look: 20 * time.Millisecond, beats: 1 << 20}
}

// liveHouse is a house without accounts whose hub runs and whose server listens.
func liveHouse(t testing.TB, pace streamPace) *house {
	t.Helper()
	h := newHouseOn(t, dbtest.New(t), nil)
	h.Hub.Coalesce = time.Millisecond
	h.Server.streams.pace, h.Server.streams.most = pace, 1<<20
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Hub.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		<-done
	})
	h.addr = h.listen()
	return h
}

// changed commits a change of each topic.
func (h *house) changed(topics ...string) {
	h.t.Helper()
	for _, topic := range topics {
		if err := h.DB.AddChange(h.t.Context(), topic, ""); err != nil {
			h.t.Fatal(err)
		}
	}
}

// watcher is a browser's end of a stream.
type watcher struct {
	t    testing.TB
	conn net.Conn
	*bufio.Reader
	status int
	head   textproto.MIMEHeader
	retry  int
	last   string
}

// frame is one event as it came.
type frame struct{ event, id, data string }

// opens connects to /live and reads the head of the answer. more are further header lines.
func (v *visitor) opens(query string, more ...string) *watcher {
	v.h.t.Helper()
	conn, err := net.Dial("tcp", v.h.addr)
	if err != nil {
		v.h.t.Fatal(err)
	}
	v.h.t.Cleanup(func() { _ = conn.Close() })
	return v.watches(conn, query, more...)
}

// watches is opens on a connection that is there.
func (v *visitor) watches(conn net.Conn, query string, more ...string) *watcher {
	v.h.t.Helper()
	lines := append([]string{"GET /live?" + query + " HTTP/1.1", "Host: " + v.h.addr, "Accept: text/event-stream", "Cookie: kf_session=" + v.cookies["kf_session"]}, more...)
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		v.h.t.Fatal(err)
	}
	w := &watcher{t: v.h.t, conn: conn, Reader: bufio.NewReaderSize(conn, 4<<10)}
	w.within(20 * time.Second)
	head := textproto.NewReader(w.Reader)
	line, err := head.ReadLine()
	if err == nil {
		w.head, err = head.ReadMIMEHeader()
	}
	if err != nil {
		v.h.t.Fatal(err)
	}
	if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &w.status); err != nil {
		v.h.t.Fatalf("%q: %v", line, err)
	}
	if w.status == 200 {
		text, _ := w.ReadString('\n')
		if w.retry, err = strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(text, "retry: "))); err != nil {
			v.h.t.Fatalf("the stream begins with %q", text)
		}
	}
	return w
}

// within bounds everything that is read from now on.
func (w *watcher) within(d time.Duration) { _ = w.conn.SetReadDeadline(time.Now().Add(d)) }

// next reads the next event that is no sign of life; an error is the end of the stream.
func (w *watcher) next() (frame, error) {
	for {
		f, err := w.any()
		if err != nil || f.event != "beat" {
			return f, err
		}
	}
}

// any reads the next event.
func (w *watcher) any() (f frame, err error) {
	for {
		line, err := w.ReadString('\n')
		if err != nil {
			return f, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "event":
			f.event = value
		case "id":
			f.id, w.last = value, value
		case "data":
			f.data = value
		case "":
			if f != (frame{}) {
				return f, nil
			}
		}
	}
}

// want reads the next event, which must be of a topic.
func (w *watcher) want(topic string) frame {
	w.t.Helper()
	f, err := w.next()
	if err != nil || !strings.Contains(f.data, `"topic":"`+topic+`"`) {
		w.t.Fatalf("the stream gave %+v, %v, want an event of %s", f, err, topic)
	}
	return f
}

// ends reads on until the stream ends, and fails the test if it does not in time.
func (w *watcher) ends(within time.Duration) {
	w.t.Helper()
	w.within(within)
	for {
		if _, err := w.any(); err != nil {
			if slow, ok := err.(net.Error); ok && slow.Timeout() {
				w.t.Error("the stream goes on")
			}
			return
		}
	}
}

// goesOn fails the test if the stream has ended: a sign of life must come.
func (w *watcher) goesOn() {
	w.t.Helper()
	w.within(20 * time.Second)
	for range 2 {
		if _, err := w.any(); err != nil {
			w.t.Errorf("the stream has ended: %v", err)
			return
		}
	}
}

// topicQuery is the query of a stream of topics.
func topicQuery(topics ...string) string { return url.Values{"topic": topics}.Encode() }

// eventually waits for something that another goroutine does.
func eventually(t testing.TB, what string, within time.Duration, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%s: not within %v", what, within)
			return
		}
	}
}

// noneLeft waits until no goroutine belongs to a stream any more. All goroutines together would count those that the
// framework keeps for its next requests.
func noneLeft(t testing.TB) {
	t.Helper()
	eventually(t, "the goroutines of streams end", 10*time.Second, func() bool {
		stacks := make([]byte, 8<<20)
		return !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("server.(*stream)"))
	})
}
