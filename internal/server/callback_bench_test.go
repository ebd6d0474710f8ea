//go:build bench

package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
)

// syncedHouse is a listening house that follows its simulator by callback.
func syncedHouse(t *testing.T) *house {
	t.Helper()
	opener, err := callback.New(callToken, callKey, kfsim.DemoCorpID)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouseOn(t, dbtest.New(t), func(o *Options) { o.Callback = opener }).fill()
	h.Server.streams.most = 1 << 20 // one operator stands for many
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	for _, run := range []func(context.Context) error{h.Hub.Run, h.Syncer.Run} {
		go func() {
			_ = run(ctx)
			done <- struct{}{}
		}()
	}
	t.Cleanup(func() {
		stop()
		<-done
		<-done
	})
	h.addr = h.listen()
	return h
}

// at is the value below which a part of the list lies.
func at(list []float64, part float64) float64 {
	slices.Sort(list)
	return list[min(len(list)-1, int(part*float64(len(list))))]
}

// ms is how many milliseconds f takes.
func ms(t *testing.T, f func() error) float64 {
	t.Helper()
	start := time.Now()
	if err := f(); err != nil {
		t.Fatal(err)
	}
	return float64(time.Since(start).Microseconds()) / 1000
}

// TestBenchP8 prints how long 200 callbacks a second take to be answered, each of them on disk before. The accounts they
// name are pulled meanwhile.
func TestBenchP8(t *testing.T) {
	h := syncedHouse(t)
	const perSecond, seconds, lines = 200, 10, 8
	type call struct{ due time.Time }
	calls, took := make(chan call, perSecond*seconds), make(chan float64, perSecond*seconds)
	for range lines {
		go func() {
			conn, err := net.Dial("tcp", h.addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReader(conn)
			for c := range calls {
				now := time.Now()
				sealed := seal(news(fmt.Sprintf("wk%06d", now.UnixNano()%50)), kfsim.DemoCorpID)
				body := envelope(sealed)
				_, err := fmt.Fprintf(conn, "POST /callback?%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", signed(sealed, now, fmt.Sprint(now.UnixNano())).Encode(), h.addr, len(body), body)
				if err != nil {
					t.Error(err)
					return
				}
				res, err := http.ReadResponse(in, nil)
				if err != nil || res.StatusCode != http.StatusOK {
					t.Error(res, err)
					return
				}
				took <- float64(time.Since(c.due).Microseconds()) / 1000
			}
		}()
	}
	tick := time.NewTicker(time.Second / perSecond)
	for range perSecond * seconds {
		calls <- call{<-tick.C}
	}
	close(calls)
	var list []float64
	for range perSecond * seconds {
		list = append(list, <-took)
	}
	fmt.Printf("P8   ms until a callback is answered, on disk, p99 at %d a second: %.1f / 50 = %.2f (target <= 1), median %.1f\n", perSecond, at(list, 0.99), at(list, 0.99)/50, at(list, 0.5))
}

// board asks for the list of conversations as a page that is open does.
func (v *visitor) board(account string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, "http://"+v.h.addr+"/conversations?sort=recent&account="+account, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("HX-Request", "true")
	req.AddCookie(&http.Cookie{Name: "kf_session", Value: v.cookies["kf_session"]})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// TestBenchP13 prints how long it takes from what a customer does until a browser shows it, with 200 browsers watching,
// against the least it needs: one round trip to WeCom, one commit and one page.
func TestBenchP13(t *testing.T) {
	h := syncedHouse(t)
	res, err := http.Post(h.SimURL+"/_sim/callback", "application/json", strings.NewReader(fmt.Sprintf(`{"url":"http://%s/callback","token":%q,"aes_key":%q}`, h.addr, callToken, callKey)))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	defer res.Body.Close()
	v, account := h.as("manager"), h.account(0)
	for range 199 {
		w := v.opens(topicQuery(live.TopicConversations))
		w.within(10 * time.Minute)
		go func() { _, _ = io.Copy(io.Discard, w) }()
	}
	probe := v.opens(topicQuery(live.TopicConversations))
	customer, err := h.Sim.CustomerEnters(account.ID, "", "", kfsim.CustomerCard{Name: "林夕"})
	if err != nil {
		t.Fatal(err)
	}
	client, err := kf.New(kf.Options{BaseURL: h.SimURL, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret})
	if err != nil {
		t.Fatal(err)
	}
	board := func() (string, error) { return v.board(account.ID) }
	var ours, limit []float64
	for i := range 220 {
		time.Sleep(250 * time.Millisecond) // longer than a topic stays silent
		need := ms(t, func() error {
			_, err := client.ServiceState(t.Context(), kf.AccountID(account.ID), kf.CustomerID(customer))
			return err
		})
		need += ms(t, func() error { return h.DB.AddChange(t.Context(), "bench", "") })
		need += ms(t, func() error { _, err := board(); return err })
		text := fmt.Sprintf("第 %d 次试一试", i)
		took := ms(t, func() error {
			if _, err := h.Sim.CustomerSends(account.ID, customer, kfsim.TextContent(text)); err != nil {
				return err
			}
			for {
				probe.within(10 * time.Second)
				if _, err := probe.next(); err != nil {
					return err
				}
				if page, err := board(); err != nil || strings.Contains(page, text) {
					return err
				}
			}
		})
		if i >= 20 {
			ours, limit = append(ours, took), append(limit, need)
		}
	}
	h.partsOfP13(client, account.ID, customer, board)
	fmt.Printf("P13  ms from a customer's message to the page of a browser, p99 with 200 browsers / round trip, commit and page: %.1f / %.1f = %.2f (target <= 2), median %.1f / %.1f = %.2f\n",
		at(ours, 0.99), at(limit, 0.99), at(ours, 0.99)/at(limit, 0.99), at(ours, 0.5), at(limit, 0.5), at(ours, 0.5)/at(limit, 0.5))
}

// partsOfP13 prints the medians of the steps between a message and the page, each taken alone in the same run.
func (h *house) partsOfP13(client *kf.Client, account, customer string, board func() (string, error)) {
	h.t.Helper()
	t, ctx := h.t.(*testing.T), h.t.Context()
	median := func(step func(i int) error) float64 {
		var list []float64
		for i := range 100 {
			list = append(list, ms(t, func() error { return step(i) }))
		}
		return at(list, 0.5)
	}
	lease := median(func(i int) error {
		_, err := h.DB.LeaseSync(ctx, "bench", "bench", time.Now().Add(time.Duration(i)*time.Second))
		return err
	})
	ask := median(func(int) error {
		return h.DB.AskSync(ctx, db.SyncRequest{AccountID: "bench", Token: "x", TokenAt: time.Now(), AskedAt: time.Now()})
	})
	trip := median(func(int) error {
		_, err := client.ServiceState(ctx, kf.AccountID(account), kf.CustomerID(customer))
		return err
	})
	page := median(func(int) error { _, err := board(); return err })
	fmt.Printf("P13  parts, median ms: noting the callback %.1f, lease %.1f, round trip %.1f, page %.1f\n", ask, lease, trip, page)
}
