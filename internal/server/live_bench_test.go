//go:build bench

package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/live"
)

// liveChild names the variable by which the test program knows that it is the server of P7.
const liveChild = "KFCONSOLE_BENCH_LIVE"

// TestServeForP7 is that server. It answers commands on its standard input: "live" commits a change, "raw" writes as many
// bytes to every connection of a bare listener in a loop, "open" counts the streams. The answer is a number: when it began, in
// nanoseconds, or the count. On its own it has nothing to do.
func TestServeForP7(t *testing.T) {
	if os.Getenv(liveChild) == "" {
		return
	}
	h := liveHouse(t, defaultPace())
	v := h.as("viewer")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var raw []net.Conn
	accepted := make(chan net.Conn, 10_000)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	fmt.Printf("\nP7CHILD %s %s %s\n", h.addr, ln.Addr(), v.cookies["kf_session"])
	frame := appendEvent(nil, live.Event{Seq: 1, Topic: live.TopicConversations, ID: 1})
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		answer := time.Now().UnixNano()
		switch in.Text() {
		case "live":
			h.changed(live.TopicConversations)
			answer = time.Now().UnixNano() // what the commit took is P1's
		case "raw":
			for len(accepted) > 0 {
				raw = append(raw, <-accepted)
			}
			for _, conn := range raw {
				_, _ = conn.Write(frame)
			}
		case "open":
			answer = int64(h.Server.streams.count())
		}
		fmt.Println("P7", answer)
	}
}

// crowd is many browsers in this process.
type crowd struct {
	conns []net.Conn
	heard atomic.Int64
	last  atomic.Int64 // when the newest event came, in nanoseconds
}

// gather connects n browsers that send request, and returns when each of them has begun to read.
func gather(t *testing.T, addr, request string, n int) *crowd {
	c := &crowd{}
	for range n {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.conns = append(c.conns, conn)
		buf := make([]byte, 1024)
		if request != "" {
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			for got := ""; !strings.Contains(got, "retry: "); {
				k, err := conn.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				got += string(buf[:k])
			}
		}
		go func() {
			for {
				k, err := conn.Read(buf)
				if err != nil {
					return
				}
				if bytes.Contains(buf[:k], []byte(`"topic"`)) {
					c.last.Store(time.Now().UnixNano())
					c.heard.Add(1)
				}
			}
		}()
	}
	return c
}

func (c *crowd) leave() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}

// server7 is the other process.
type server7 struct {
	t                  *testing.T
	pid                int
	addr, raw, session string
	in                 io.Writer
	out                *bufio.Scanner
}

func startServer7(t *testing.T) *server7 {
	child := exec.Command(os.Args[0], "-test.run", "^TestServeForP7$", "-test.timeout", "20m")
	child.Env = append(os.Environ(), liveChild+"=1")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), child.Wait() })
	s := &server7{t: t, pid: child.Process.Pid, in: in, out: bufio.NewScanner(out)}
	for s.addr == "" && s.out.Scan() {
		if strings.HasPrefix(s.out.Text(), "P7CHILD ") {
			if _, err := fmt.Sscanf(s.out.Text(), "P7CHILD %s %s %s", &s.addr, &s.raw, &s.session); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func (s *server7) ask(what string) int64 {
	if _, err := fmt.Fprintln(s.in, what); err != nil {
		s.t.Fatal(err)
	}
	for s.out.Scan() {
		if text, ok := strings.CutPrefix(s.out.Text(), "P7 "); ok {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return n
		}
	}
	s.t.Fatal("the server is gone")
	return 0
}

// spread is how many milliseconds pass from the beginning until the last of the crowd has heard.
func (s *server7) spread(what string, c *crowd) float64 {
	c.heard.Store(0)
	start := s.ask(what)
	for c.heard.Load() < int64(len(c.conns)) {
		time.Sleep(time.Millisecond)
	}
	return float64(c.last.Load()-start) / 1e6
}

// rss is the memory of the server in KB.
func (s *server7) rss() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		s.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestBenchP7 prints how long a change takes to the last of many browsers, against writes in a loop, and what a browser costs.
func TestBenchP7(t *testing.T) {
	for _, n := range []int{1000, 5000} {
		s := startServer7(t)
		request := "GET /live?topic=conversations HTTP/1.1\r\nHost: " + s.addr + "\r\nAccept: text/event-stream\r\nCookie: kf_session=" + s.session + "\r\n\r\n"
		gather(t, s.addr, request, 10).leave()
		before := s.rss()
		watch := gather(t, s.addr, request, n)
		each := (s.rss() - before) / float64(n)
		bare := gather(t, s.raw, "", n)
		var a, b, ratio []float64
		for range 11 {
			time.Sleep(300 * time.Millisecond)
			y := s.spread("raw", bare)
			time.Sleep(300 * time.Millisecond)
			x := s.spread("live", watch)
			a, b, ratio = append(a, x), append(b, y), append(ratio, x/y)
		}
		fmt.Printf("P7   ms from a change to the last of %d browsers / raw TCP loop: %.1f / %.1f = %.2f (target <= 1.3)\n", n, middle(a), middle(b), middle(ratio))
		fmt.Printf("P7   KB of memory for each of %d browsers: %.1f / 32 = %.2f (target <= 1)\n", n, each, each/32)
		slices.Sort(ratio)
		t.Logf("ratios %.2f, memory after the events %.1f KB each", ratio, (s.rss()-before)/float64(n))
		start := time.Now()
		watch.leave()
		for s.ask("open") > 0 && time.Since(start) < time.Minute {
			time.Sleep(20 * time.Millisecond)
		}
		fmt.Printf("P7   seconds until %d browsers that left are forgotten: %.1f / 15 = %.2f (target <= 1)\n", n, time.Since(start).Seconds(), time.Since(start).Seconds()/15)
		bare.leave()
	}
}
