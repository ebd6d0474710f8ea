//go:build bench

package server

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
)

// What goes on while the board is looked at.
const (
	loadBrowsers  = 200
	loadMessages  = 20 // a second
	loadCustomers = 60
	loadSeconds   = 10
)

// parts are what an open board asks for anew when something has happened.
var loadParts = []string{"rows", "facts", "waits"}

// watching is a browser with the board open: a stream, and the parts it asks for. It waits for answers as a browser does.
type watching struct {
	parts []*load
	due   chan struct{}
}

// watch has n browsers follow the board until done is closed, and counts what they ask for. took has how long each answer took.
func watch(v *visitor, n int, done chan struct{}, asked *atomic.Int64, took chan<- float64) {
	t := v.h.t.(*testing.T)
	for range n {
		w := &watching{due: make(chan struct{}, 1)}
		for _, name := range loadParts {
			l := newLoad(t, v.h.addr, "/conversations", v.cookies["kf_session"], 1)
			l.request = append(bytes.TrimSuffix(l.request, []byte("\r\n")), "HX-Request: true\r\nHX-Target: "+name+"\r\n\r\n"...)
			w.parts = append(w.parts, l)
		}
		stream := v.opens(topicQuery(live.TopicConversations, live.TopicSync))
		stream.within(10 * time.Minute)
		go func() {
			for {
				if _, err := stream.next(); err != nil {
					return
				}
				select {
				case w.due <- struct{}{}:
				default:
				}
			}
		}()
		go w.follow(done, asked, took)
	}
}

// follow asks as web/static/js/live.js does: a moment after the event, once for what comes in a row, never twice at a time.
func (w *watching) follow(done chan struct{}, asked *atomic.Int64, took chan<- float64) {
	for {
		select {
		case <-done:
			return
		case <-w.due:
		}
		time.Sleep(30*time.Millisecond + rand.N(120*time.Millisecond))
		var all sync.WaitGroup
		for _, part := range w.parts {
			all.Go(func() {
				start := time.Now()
				if part.once(0) != nil {
					return
				}
				asked.Add(1)
				select {
				case took <- float64(time.Since(start).Microseconds()) / 1000:
				default:
				}
			})
		}
		all.Wait()
	}
}

// calledHouse is a synced house with many conversations that the simulator calls back.
func calledHouse(t *testing.T) (*house, []string) {
	h := syncedHouse(t)
	res, err := http.Post(h.SimURL+"/_sim/callback", "application/json", strings.NewReader(fmt.Sprintf(`{"url":"http://%s/callback","token":%q,"aes_key":%q}`, h.addr, callToken, callKey)))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	defer res.Body.Close()
	var accounts []string
	for i := range 8 {
		accounts = append(accounts, h.account(i).ID)
	}
	for n := 0; n < boardOpen; {
		err := h.DB.Tx(t.Context(), func(tx *db.DB) error {
			for end := n + 1000; n < end; n++ {
				if err := busyTalk(t.Context(), tx, n, accounts[n%8], time.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return h, accounts
}

// pageTimes asks for the board again and again for a while, and gives how long each took.
func pageTimes(t *testing.T, v *visitor, while time.Duration) (list []float64) {
	page := newLoad(t, v.h.addr, "/conversations", v.cookies["kf_session"], 1)
	for start := time.Now(); time.Since(start) < while; time.Sleep(20 * time.Millisecond) {
		list = append(list, ms(t, func() error { return page.once(0) }))
	}
	return list
}

// TestBenchP13Load prints how long the board takes while 200 browsers follow 20 messages a second on 10 000 conversations,
// with all of them in this process.
func TestBenchP13Load(t *testing.T) {
	h, accounts := calledHouse(t)
	v := h.as("manager")
	var customers []string
	for i := range loadCustomers {
		id, err := h.Sim.CustomerEnters(accounts[i%8], "", "", kfsim.CustomerCard{Name: fmt.Sprintf("林夕%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		customers = append(customers, id)
	}
	time.Sleep(2 * time.Second)
	idle := pageTimes(t, v, 3*time.Second)
	done, took := make(chan struct{}), make(chan float64, 1<<17)
	var asked atomic.Int64
	watch(v, loadBrowsers, done, &asked, took)
	go func() {
		tick := time.NewTicker(time.Second / loadMessages)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if _, err := h.Sim.CustomerSends(accounts[i%loadCustomers%8], customers[i%loadCustomers], kfsim.TextContent(fmt.Sprintf("第 %d 条", i))); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	time.Sleep(2 * time.Second)
	before, commits := asked.Load(), h.DB.Commits()
	busy := pageTimes(t, v, loadSeconds*time.Second)
	parts, writes := asked.Load()-before, h.DB.Commits()-commits
	close(done)
	var each []float64
	for len(took) > 0 {
		each = append(each, <-took)
	}
	fmt.Printf("P13  ms of the board of 10 000, p99 while 200 browsers follow 20 messages a second / nobody: %.1f / %.1f = %.2f (no target), median %.1f / %.1f\n",
		at(busy, 0.99), at(idle, 0.99), at(busy, 0.99)/at(idle, 0.99), at(busy, 0.5), at(idle, 0.5))
	fmt.Printf("P13  ms of a part of it that a browser asks for anew, p99: %.1f, median %.1f; %d parts and %d commits a second\n", at(each, 0.99), at(each, 0.5), parts/loadSeconds, writes/loadSeconds)
}
