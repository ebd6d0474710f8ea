package kf_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

const (
	corpID       = "ww3b81f0d27ce94a65"
	canarySecret = "canarySecret+/=8c1f"
	canaryToken  = "canaryToken+/=e07a"
)

// received is one request as it arrived.
type received struct {
	Method, Endpoint string
	Query            map[string]string // without access_token
	Token            string
	ContentType      string
	Body             []byte
}

// wire is the other end of a client under test: an HTTP server that hands out
// numbered tokens and gives every other call to a handler of the test.
type wire struct {
	*httptest.Server
	handle http.HandlerFunc

	mu       sync.Mutex
	requests []received
	tokens   int
	token    http.HandlerFunc // answers gettoken instead, if set
}

func newWire(t *testing.T, handle http.HandlerFunc) *wire {
	t.Helper()
	w := &wire{handle: handle}
	w.Server = httptest.NewServer(w)
	t.Cleanup(func() {
		w.CloseClientConnections()
		w.Close()
	})
	return w
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	got := received{
		Method:      r.Method,
		Endpoint:    strings.TrimPrefix(r.URL.Path, "/cgi-bin/"),
		Query:       map[string]string{},
		Token:       r.URL.Query().Get("access_token"),
		ContentType: r.Header.Get("Content-Type"),
		Body:        body,
	}
	for name, values := range r.URL.Query() {
		if name != "access_token" {
			got.Query[name] = strings.Join(values, " and ")
		}
	}
	w.mu.Lock()
	w.requests = append(w.requests, got)
	answerToken := w.token
	if got.Endpoint == "gettoken" {
		w.tokens++
	}
	n := w.tokens
	w.mu.Unlock()

	switch {
	case got.Endpoint != "gettoken":
		w.handle(rw, r)
	case answerToken != nil:
		answerToken(rw, r)
	default:
		fmt.Fprintf(rw, `{"errcode":0,"errmsg":"ok","access_token":"%s%d","expires_in":7200}`, canaryToken, n)
	}
}

// answerTokenWith replaces the answer of gettoken; nil brings the usual one back.
func (w *wire) answerTokenWith(h http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.token = h
}

// received returns the requests for one endpoint so far.
func (w *wire) received(endpoint string) []received {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []received
	for _, r := range w.requests {
		if r.Endpoint == endpoint {
			found = append(found, r)
		}
	}
	return found
}

// client returns a client of w. The options it leaves out are filled in.
func (w *wire) client(t *testing.T, o kf.Options) *kf.Client {
	t.Helper()
	if o.BaseURL == "" {
		o.BaseURL = w.URL
	}
	return newClient(t, o)
}

func newClient(t *testing.T, o kf.Options) *kf.Client {
	t.Helper()
	o.CorpID, o.Secret = corpID, canarySecret
	if o.HTTP == nil {
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		o.HTTP = &http.Client{Transport: transport}
	}
	c, err := kf.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// text answers with a body, as JSON unless it looks like HTML.
func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		if strings.HasPrefix(body, "<") {
			w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		}
		io.WriteString(w, body)
	}
}

// failWith answers with an HTTP status and an error page.
func failWith(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<html>%s</html>", r.URL)
	}
}

// hang answers nothing until the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// cut closes the connection after writing raw to it.
func cut(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, raw)
	}
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// samplePath is the file of a sample, part being request or response.
func samplePath(endpoint, part string) string {
	return filepath.Join("testdata", "samples", strings.ReplaceAll(endpoint, "/", "_")+"."+part+".json")
}

func sample(t testing.TB, endpoint, part string) []byte {
	t.Helper()
	b, err := os.ReadFile(samplePath(endpoint, part))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t testing.TB, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}
