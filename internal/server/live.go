package server

import (
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/live"
)

// maxTopics bounds what one browser can watch: a dozen tabs with a few topics each.
const maxTopics = 64

// maxStreams bounds the streams of one operator: a browser has one, or one a tab where it knows no better.
const maxStreams = 64

// liveRights says what it takes to be told of a kind of topic. An event says only that something changed, and when.
func liveRights() map[string]auth.Permission {
	return map[string]auth.Permission{
		live.TopicConversations: auth.ViewConversations,
		live.TopicConversation:  auth.ViewConversations,
		live.TopicCustomers:     auth.ViewCustomers,
		live.TopicAccounts:      auth.ViewAccounts,
		live.TopicSync:          auth.ViewOverview,
		live.TopicReplies:       auth.ViewReplies,
	}
}

// live opens a stream of server-sent events: one for each topic of the address that has changed. It begins where
// Last-Event-ID or after= says, and goes on until the browser leaves, the session ends or the stream is old.
func (s *Server) live(r *request) error {
	if !strings.Contains(r.c.Get("Accept"), "text/event-stream") {
		return &statusError{status: http.StatusNotAcceptable, what: "text/event-stream"}
	}
	topics, err := liveTopics(r)
	if err != nil {
		return err
	}
	after, err := liveAfter(r)
	if err != nil {
		return err
	}
	t := &stream{set: s.streams, session: r.session.Hash, operator: r.operator.ID, role: r.actor.Role, topics: topics, after: after, over: make(chan struct{})}
	if r.c.Method() != http.MethodGet {
		return r.c.SendStatus(http.StatusOK)
	}
	if status := s.streams.add(t); status != http.StatusOK {
		return &statusError{status: status, what: "stream"}
	}
	c := r.c.Context()
	head := &c.Response.Header
	head.Set("Content-Type", "text/event-stream")
	head.Set("X-Accel-Buffering", "no")
	head.SetContentLength(-2)
	t.head = slices.Concat(head.Header(), []byte("retry: "+strconv.Itoa(retryAfter())+"\n\n"))
	// The connection is taken over: the framework would keep its buffers for as long as the stream lives, and wait for
	// the stream when it shuts down.
	c.HijackSetNoResponse(true)
	c.Hijack(func(conn net.Conn) {
		if inner, ok := conn.(interface{ UnsafeConn() net.Conn }); ok {
			conn = inner.UnsafeConn()
		}
		go t.run(conn)
	})
	return nil
}

// retryAfter is how many milliseconds a browser waits before it connects again. It differs from one to the next, so that a
// restart is not followed by all of them at once.
func retryAfter() int { return 500 + rand.IntN(2500) }

// liveTopics lists the topics that were asked for and that the operator may be told of. What is no topic is an error.
func liveTopics(r *request) ([]string, error) {
	asked := r.c.Request().URI().QueryArgs().PeekMulti("topic")
	if len(asked) > maxTopics {
		return nil, badRequest("topic")
	}
	rights := liveRights()
	var topics []string
	for _, each := range asked {
		kind, ok := live.TopicKind(string(each))
		if !ok {
			return nil, badRequest("topic")
		}
		if r.can(rights[kind]) && !slices.Contains(topics, string(each)) {
			topics = append(topics, string(each))
		}
	}
	return topics, nil
}

// liveAfter is the change up to which the browser knows everything, -1 when it does not say. A browser that connects
// again says it in a header, whatever its address said the first time.
func liveAfter(r *request) (int64, error) {
	raw := r.c.Get("Last-Event-ID")
	if raw == "" {
		raw = r.query("after")
	}
	if raw == "" {
		return -1, nil
	}
	after, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || after < 0 {
		return 0, badRequest("after")
	}
	return after, nil
}

// streamPace is how a stream passes its time.
type streamPace struct {
	beat  time.Duration // between two signs of life
	write time.Duration // that a browser may take to accept what is sent
	look  time.Duration // between two looks at who is still signed in
	beats int           // after which the browser shall connect anew
}

// defaultPace lets a stream live for half an hour, so that rights and addresses are looked at again.
func defaultPace() streamPace {
	return streamPace{beat: 5 * time.Second, write: 5 * time.Second, look: time.Second, beats: 360}
}
