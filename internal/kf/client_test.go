package kf_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

const (
	okJSON     = `{"errcode":0,"errmsg":"ok"}`
	accountsOK = `{"errcode":0,"errmsg":"ok","account_list":[]}`
)

// Every one of 100 calls holds the same token when WeCom stops taking it.
func TestHundredExpiriesRenewOnce(t *testing.T) {
	for _, code := range []int{40001, 40014, 42001} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			const n = 100
			var arrived sync.WaitGroup
			arrived.Add(n)
			w := newWire(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("access_token") != canaryToken+"1" {
					io.WriteString(w, accountsOK)
					return
				}
				arrived.Done()
				arrived.Wait()
				fmt.Fprintf(w, `{"errcode":%d,"errmsg":"token"}`, code)
			})
			c := w.client(t, kf.Options{})
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					if _, err := c.ListAccounts(t.Context(), 0, 100); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if got := len(w.received("gettoken")); got != 2 {
				t.Errorf("gettoken %d times, want the first and one renewal", got)
			}
			if got := len(w.received("kf/account/list")); got != 2*n {
				t.Errorf("%d calls, want each of %d twice", got, n)
			}
		})
	}
}

func TestOneRetryAtMost(t *testing.T) {
	w := newWire(t, text(`{"errcode":40014,"errmsg":"invalid access_token"}`))
	c := w.client(t, kf.Options{})
	_, err := c.AddAccount(t.Context(), kf.NewAccount{Name: "甲", MediaID: "m1"})
	var refusal *kf.Error
	if !errors.As(err, &refusal) || refusal.Code != 40014 || refusal.Endpoint != "kf/account/add" {
		t.Errorf("got %v", err)
	}
	if calls, tokens := len(w.received("kf/account/add")), len(w.received("gettoken")); calls != 2 || tokens != 2 {
		t.Errorf("%d calls, %d tokens, want 2 and 2", calls, tokens)
	}
}

// Only a refused token is worth a second try. What may have been carried out, or
// would be refused again, is never sent twice.
func TestNoOtherRetry(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"busy":           text(`{"errcode":-1,"errmsg":"system busy"}`),
		"frequency":      text(`{"errcode":45009,"errmsg":"api freq out of limit"}`),
		"no token sent":  text(`{"errcode":41001,"errmsg":"access_token missing"}`),
		"bad gateway":    failWith(502),
		"HTML":           text("<html>"),
		"cut connection": cut(""),
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/cgi-bin/elsewhere", http.StatusTemporaryRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, handle)
			c := w.client(t, kf.Options{})
			if _, err := c.AddAccount(t.Context(), kf.NewAccount{Name: "甲", MediaID: "m1"}); err == nil {
				t.Fatal("no error")
			}
			if calls, tokens := len(w.received("kf/account/add")), len(w.received("gettoken")); calls != 1 || tokens != 1 {
				t.Errorf("%d calls, %d tokens, want 1 and 1", calls, tokens)
			}
			if len(w.received("elsewhere")) != 0 {
				t.Error("followed a redirect, with the token")
			}
		})
	}
}

func TestTokenIsRenewedBeforeItsEnd(t *testing.T) {
	w := newWire(t, text(accountsOK))
	now := newClock()
	c := w.client(t, kf.Options{Now: now.Now})
	list := func() string {
		t.Helper()
		if _, err := c.ListAccounts(t.Context(), 0, 100); err != nil {
			t.Fatal(err)
		}
		calls := w.received("kf/account/list")
		return strings.TrimPrefix(calls[len(calls)-1].Token, canaryToken)
	}
	for range 3 {
		if got := list(); got != "1" {
			t.Fatalf("token %s", got)
		}
	}
	now.Advance(2*time.Hour - 4*time.Minute)
	for list() != "2" { // the renewal runs beside the calls, so the first may go out with the old token
	}
	now.Advance(3 * time.Hour)
	if got := list(); got != "3" {
		t.Errorf("after its end: token %s, want 3", got)
	}
	if got := len(w.received("gettoken")); got != 3 {
		t.Errorf("gettoken %d times, want 3", got)
	}
}

// Odd lifetimes must neither make every call fetch a token nor overflow.
func TestTokenLife(t *testing.T) {
	for expires, wantAsked := range map[string]int{
		`"expires_in":7200`:                1,
		`"expires_in":"7200"`:              1,
		`"expires_in":0`:                   1,
		`"expires_in":-5`:                  1,
		`"expires_in":null`:                1,
		`"more":1`:                         1,
		`"expires_in":9223372036854775807`: 1,
		`"expires_in":600`:                 2,
	} {
		w := newWire(t, text(accountsOK))
		w.answerTokenWith(text(`{"errcode":0,"errmsg":"ok","access_token":"t",` + expires + `}`))
		now := newClock()
		c := w.client(t, kf.Options{Now: now.Now})
		for range 2 {
			if _, err := c.ListAccounts(t.Context(), 0, 100); err != nil {
				t.Fatalf("%s: %v", expires, err)
			}
			now.Advance(11 * time.Minute)
		}
		if got := len(w.received("gettoken")); got != wantAsked {
			t.Errorf("%s: gettoken %d times, want %d", expires, got, wantAsked)
		}
	}
}

func TestWrongSecretIsNotTriedAgain(t *testing.T) {
	w := newWire(t, text(okJSON))
	w.answerTokenWith(text(`{"errcode":40001,"errmsg":"invalid credential"}`))
	now := newClock()
	c := w.client(t, kf.Options{Now: now.Now})
	for range 20 {
		err := c.DeleteAccount(t.Context(), "wk1")
		var refusal *kf.Error
		if !errors.As(err, &refusal) || refusal.Code != 40001 || refusal.Endpoint != "gettoken" {
			t.Fatalf("got %v", err)
		}
	}
	if got := len(w.received("gettoken")); got != 1 {
		t.Errorf("gettoken %d times, want once", got)
	}
	w.answerTokenWith(nil)
	now.Advance(61 * time.Second)
	if err := c.DeleteAccount(t.Context(), "wk1"); err != nil {
		t.Error(err)
	}
}

func TestDeadlineBoundsSlowAnswers(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, " ")
			w.(http.Flusher).Flush()
		}
	}
	for name, handle := range map[string]http.HandlerFunc{"no answer": hang, "drip": drip} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, handle)
			c := w.client(t, kf.Options{Timeout: 100 * time.Millisecond})
			_, err := c.ListAccounts(t.Context(), 0, 100)
			for len(w.received("kf/account/list")) == 0 { // on a busy machine the token may take as long
				_, err = c.ListAccounts(t.Context(), 0, 100)
			}
			var status *kf.HTTPError
			if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &status) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	block := []byte(strings.Repeat(" ", 1<<20))
	w := newWire(t, func(w http.ResponseWriter, r *http.Request) {
		for range 64 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	_, err := w.client(t, kf.Options{}).ListAccounts(t.Context(), 0, 100)
	var answer *kf.HTTPError
	if !errors.As(err, &answer) || answer.Reason != "answer of more than 16777216 bytes" {
		t.Errorf("got %v", err)
	}
}

func TestAccountsPages(t *testing.T) {
	for _, total := range []int{0, 1, 99, 100, 101, 250, 300} {
		w := newWire(t, nil)
		w.handle = servePages(t, w, total)
		seen := map[kf.AccountID]bool{}
		for a, err := range w.client(t, kf.Options{}).Accounts(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			seen[a.ID] = true
		}
		if len(seen) != total {
			t.Errorf("%d accounts, want %d", len(seen), total)
		}
		if got, want := len(w.received("kf/account/list")), total/100+1; got != want {
			t.Errorf("%d accounts: %d calls, want %d", total, got, want)
		}
	}
}

func TestAccountsStopsWhenAskedTo(t *testing.T) {
	w := newWire(t, nil)
	w.handle = servePages(t, w, 500)
	n := 0
	for range w.client(t, kf.Options{}).Accounts(t.Context()) {
		if n++; n == 150 {
			break
		}
	}
	if got := len(w.received("kf/account/list")); got != 2 {
		t.Errorf("%d calls, want 2", got)
	}
}

// servePages answers account/list out of total accounts.
func servePages(t *testing.T, w *wire, total int) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		calls := w.received("kf/account/list")
		page := decode(t, calls[len(calls)-1].Body).(map[string]any)
		offset, limit := int(page["offset"].(float64)), int(page["limit"].(float64))
		var rows []string
		for i := offset; i < min(offset+limit, total); i++ {
			rows = append(rows, fmt.Sprintf(`{"open_kfid":"wk%d","name":"n"}`, i))
		}
		fmt.Fprintf(rw, `{"errcode":0,"errmsg":"ok","account_list":[%s]}`, strings.Join(rows, ","))
	}
}

func TestAccountsEndsWithAnError(t *testing.T) {
	row := strings.TrimSuffix(strings.Repeat(`{"open_kfid":"wk1"},`, 100), ",")
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		before int // accounts before the error
	}{
		"first page refused":    {text(`{"errcode":48002,"errmsg":"api forbidden"}`), 0},
		"the same page forever": {text(`{"errcode":0,"errmsg":"ok","account_list":[` + row + `]}`), 100},
	} {
		t.Run(name, func(t *testing.T) {
			got := 0
			var last error
			for _, err := range newWire(t, test.handle).client(t, kf.Options{}).Accounts(t.Context()) {
				if last != nil {
					t.Fatal("went on after the error")
				}
				if last = err; err == nil {
					got++
				}
			}
			if last == nil || got != test.before {
				t.Errorf("%d accounts, then %v; want %d, then an error", got, last, test.before)
			}
		})
	}
}

func TestNew(t *testing.T) {
	for _, base := range []string{"", "https://qyapi.weixin.qq.com", "http://127.0.0.1:9/cgi-bin", "https://proxy.example/wecom/cgi-bin/"} {
		if _, err := kf.New(kf.Options{BaseURL: base, CorpID: "ww1", Secret: "s"}); err != nil {
			t.Errorf("%q: %v", base, err)
		}
	}
	for _, o := range []kf.Options{
		{Secret: canarySecret},
		{CorpID: "ww1"},
		{CorpID: "ww1", Secret: canarySecret, BaseURL: "qyapi.weixin.qq.com"},
		{CorpID: "ww1", Secret: canarySecret, BaseURL: "ftp://qyapi.weixin.qq.com"},
		{CorpID: "ww1", Secret: canarySecret, BaseURL: "https://user:" + canarySecret + "@proxy.example/"},
		{CorpID: "ww1", Secret: canarySecret, BaseURL: "https://proxy.example/?debug=1"},
		{CorpID: "ww1", Secret: canarySecret, BaseURL: "https://proxy.example:port/"},
	} {
		if _, err := kf.New(o); err == nil {
			t.Errorf("%v: no error", o)
		} else if strings.Contains(err.Error(), canarySecret) {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
}

func TestBaseURLPrefix(t *testing.T) {
	for _, suffix := range []string{"", "/", "/cgi-bin", "/cgi-bin/"} {
		w := newWire(t, text(okJSON))
		if err := w.client(t, kf.Options{BaseURL: w.URL + suffix}).DeleteAccount(t.Context(), "wk1"); err != nil {
			t.Fatal(err)
		}
		if len(w.received("kf/account/del")) != 1 {
			t.Errorf("suffix %q: the call went elsewhere", suffix)
		}
	}
}
