package kf_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

// failure is a way for AddAccount to fail.
type failure struct {
	name  string
	want  kf.Certainty
	run   func(t *testing.T) error
	check func(error) bool // beyond the certainty, if set
}

func addAccount(ctx context.Context, c *kf.Client) error {
	_, err := c.AddAccount(ctx, kf.NewAccount{Name: "云杉售前", MediaID: "m1"})
	return err
}

// answered is a call that a handler answers.
func answered(h http.HandlerFunc) func(*testing.T) error {
	return func(t *testing.T) error {
		return addAccount(t.Context(), newWire(t, h).client(t, kf.Options{}))
	}
}

// expiring is a context whose deadline passes when the test says so: a time
// would pass too early on a busy machine.
type expiring struct {
	context.Context
	passed chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.passed }

func (e expiring) Err() error {
	select {
	case <-e.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// expireWhile is a call whose deadline passes while the given endpoint is at
// work and does not answer.
func expireWhile(endpoint string) func(*testing.T) error {
	return func(t *testing.T) error {
		ctx := expiring{t.Context(), make(chan struct{})}
		w := newWire(t, nil)
		expire := func(rw http.ResponseWriter, r *http.Request) {
			close(ctx.passed)
			hang(rw, r)
		}
		if w.handle = expire; endpoint == "gettoken" {
			w.answerTokenWith(expire)
		}
		return addAccount(ctx, w.client(t, kf.Options{}))
	}
}

// tokenAnswered is a call whose gettoken a handler answers.
func tokenAnswered(h http.HandlerFunc) func(*testing.T) error {
	return func(t *testing.T) error {
		w := newWire(t, text(`{"errcode":0,"errmsg":"ok","open_kfid":"wk1"}`))
		w.answerTokenWith(h)
		return addAccount(t.Context(), w.client(t, kf.Options{}))
	}
}

// dialled is a call whose connection is made by dial.
func dialled(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(*testing.T) error {
	return func(t *testing.T) error {
		c := newClient(t, kf.Options{
			BaseURL: "http://kf.invalid",
			HTTP:    &http.Client{Transport: &http.Transport{DialContext: dial}},
			Timeout: 100 * time.Millisecond,
		})
		return addAccount(t.Context(), c)
	}
}

// afterToken is a call whose client gets a token in peace; then the rest happens
// through the transport of the test.
func afterToken(o kf.Options, wait func(*http.Transport), ctx func(context.Context) context.Context) func(*testing.T) error {
	return func(t *testing.T) error {
		w := newWire(t, text(accountsOK))
		transport := &http.Transport{DisableKeepAlives: true}
		o.HTTP = &http.Client{Transport: transport}
		c := w.client(t, o)
		if _, err := c.ListAccounts(t.Context(), 0, 1); err != nil {
			t.Fatal(err)
		}
		wait(transport)
		return addAccount(ctx(t.Context()), c)
	}
}

func same(ctx context.Context) context.Context { return ctx }

func ended(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

func isHTTPError(status int) func(error) bool {
	return func(err error) bool {
		var answer *kf.HTTPError
		return errors.As(err, &answer) && answer.Status == status
	}
}

func isCode(code int) func(error) bool {
	return func(err error) bool {
		var refusal *kf.Error
		return errors.As(err, &refusal) && refusal.Code == code
	}
}

func isTimeout(err error) bool { return errors.Is(err, context.DeadlineExceeded) }

func failures() []failure {
	all := append(answerFailures(), tokenFailures()...)
	return append(all, transportFailures()...)
}

// answerFailures are answers other than success.
func answerFailures() []failure {
	return []failure{
		{"errcode", kf.Refused, answered(text(`{"errcode":95005,"errmsg":"too many"}`)), isCode(95005)},
		{"errcode in quotes", kf.Refused, answered(text(`{"errcode":"95005","errmsg":7}`)), isCode(95005)},
		{"token refused twice", kf.Refused, answered(text(`{"errcode":42001,"errmsg":"expired"}`)), isCode(42001)},
		{"system busy", kf.Unknown, answered(text(`{"errcode":-1,"errmsg":"system busy"}`)), isCode(-1)},
		{"HTML with 200", kf.Unknown, answered(text("<html>" + canaryToken + "</html>")), isHTTPError(200)},
		{"empty", kf.Unknown, answered(text("")), isHTTPError(200)},
		{"truncated JSON", kf.Unknown, answered(text(`{"errcode":0,"errmsg":"o`)), isHTTPError(200)},
		{"two answers", kf.Unknown, answered(text(okJSON + okJSON)), isHTTPError(200)},
		{"no errcode", kf.Unknown, answered(text(`{"open_kfid":"wk1"}`)), isHTTPError(200)},
		{"errcode null", kf.Unknown, answered(text(`{"errcode":null,"open_kfid":"wk1"}`)), isHTTPError(200)},
		{"errcode a word", kf.Unknown, answered(text(`{"errcode":"ok"}`)), isHTTPError(200)},
		{"errcode a fraction", kf.Unknown, answered(text(`{"errcode":0.5}`)), isHTTPError(200)},
		{"a list", kf.Unknown, answered(text(`[]`)), isHTTPError(200)},
		{"a string", kf.Unknown, answered(text(`"` + canaryToken + `"`)), isHTTPError(200)},
		{"success without an id", kf.Unknown, answered(text(okJSON)), isHTTPError(200)},
		{"id of a wrong type", kf.Unknown, answered(text(`{"errcode":0,"open_kfid":17}`)), isHTTPError(200)},
		{"502", kf.Unknown, answered(failWith(502)), isHTTPError(502)},
		{"504", kf.Unknown, answered(failWith(504)), isHTTPError(504)},
		{"404", kf.Unknown, answered(failWith(404)), isHTTPError(404)},
		{"204", kf.Unknown, answered(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), isHTTPError(204)},
		{"redirect", kf.Unknown, answered(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere?"+r.URL.RawQuery, http.StatusFound)
		}), isHTTPError(302)},
	}
}

// tokenFailures happen before the call itself is sent.
func tokenFailures() []failure {
	return []failure{
		{"gettoken: errcode", kf.Refused, tokenAnswered(text(`{"errcode":40001,"errmsg":"invalid credential ` + canarySecret + `"}`)), isCode(40001)},
		{"gettoken: system busy", kf.NotSent, tokenAnswered(text(`{"errcode":-1,"errmsg":"system busy"}`)), isCode(-1)},
		{"gettoken: HTML", kf.NotSent, tokenAnswered(text("<html>")), isHTTPError(200)},
		{"gettoken: 502", kf.NotSent, tokenAnswered(failWith(502)), isHTTPError(502)},
		{"gettoken: no token", kf.NotSent, tokenAnswered(text(okJSON)), isHTTPError(200)},
		{"gettoken: cut", kf.NotSent, tokenAnswered(cut("")), nil},
		{"gettoken: timeout", kf.NotSent, expireWhile("gettoken"), isTimeout},
		{"token refused, then gettoken down", kf.NotSent, func(t *testing.T) error {
			w := newWire(t, nil)
			w.handle = func(rw http.ResponseWriter, r *http.Request) {
				w.answerTokenWith(failWith(503))
				text(`{"errcode":40014,"errmsg":"invalid access_token"}`)(rw, r)
			}
			return addAccount(t.Context(), w.client(t, kf.Options{}))
		}, isHTTPError(503)},
	}
}

// transportFailures end without an answer.
func transportFailures() []failure {
	refuse := func(tr *http.Transport) {
		tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, closedAddr())
		}
	}
	return []failure{
		{"bad argument", kf.NotSent, func(t *testing.T) error {
			_, err := newClient(t, kf.Options{}).AddAccount(t.Context(), kf.NewAccount{})
			return err
		}, nil},
		{"refused by the host", kf.NotSent, afterToken(kf.Options{}, refuse, same), nil},
		{"unknown host", kf.NotSent, dialled((&net.Dialer{Resolver: &net.Resolver{
			PreferGo: true,
			Dial: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("no name server")
			},
		}}).DialContext), func(err error) bool {
			var dns *net.DNSError
			return errors.As(err, &dns)
		}},
		{"timeout while dialling", kf.NotSent, expireWhileDialling, isTimeout},
		{"timeout of the client", kf.NotSent, dialled(func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}), isTimeout},
		{"untrusted certificate", kf.NotSent, func(t *testing.T) error {
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			return addAccount(t.Context(), newClient(t, kf.Options{BaseURL: s.URL}))
		}, nil},
		{"context ended before", kf.NotSent, afterToken(kf.Options{}, func(*http.Transport) {}, ended),
			func(err error) bool { return errors.Is(err, context.Canceled) }},
		{"cut without an answer", kf.Unknown, answered(cut("")), nil},
		{"cut within the head", kf.Unknown, answered(cut("HTTP/1.1 200 OK\r\nContent-Ty")), nil},
		{"cut within the body", kf.Unknown, answered(cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"errcode\":0")), nil},
		{"not HTTP, echoing", kf.Unknown, answered(cut(canaryToken + "1 " + canarySecret + "\r\n\r\n")), nil},
		{"timeout after sending", kf.Unknown, expireWhile("kf/account/add"), isTimeout},
		{"cancelled after sending", kf.Unknown, func(t *testing.T) error {
			ctx, cancel := context.WithCancel(t.Context())
			w := newWire(t, func(w http.ResponseWriter, r *http.Request) {
				cancel()
				hang(w, r)
			})
			return addAccount(ctx, w.client(t, kf.Options{}))
		}, func(err error) bool { return errors.Is(err, context.Canceled) }},
	}
}

// expireWhileDialling is a call whose deadline passes before it has a connection.
func expireWhileDialling(t *testing.T) error {
	deadline := expiring{t.Context(), make(chan struct{})}
	stall := func(tr *http.Transport) {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			close(deadline.passed)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	return afterToken(kf.Options{}, stall, func(context.Context) context.Context { return deadline })(t)
}

// closedAddr is an address at which nobody listens.
func closedAddr() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestCertainty(t *testing.T) {
	for _, f := range failures() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			err := f.run(t)
			if err == nil {
				t.Fatal("no error")
			}
			if got := kf.CertaintyOf(err); got != f.want {
				t.Errorf("%v is %v, want %v", err, got, f.want)
			}
			if got := kf.CertaintyOf(fmt.Errorf("create account: %w", err)); got != f.want {
				t.Errorf("wrapped: %v, want %v", got, f.want)
			}
			if f.check != nil && !f.check(err) {
				t.Errorf("%v (%T) is not the error it should be", err, err)
			}
		})
	}
}

// A transport that does not tell about its connections leaves the matter open.
func TestCertaintyOfSilentTransport(t *testing.T) {
	w := newWire(t, text(accountsOK))
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return http.DefaultTransport.RoundTrip(r.WithContext(context.Background()))
		}
		return nil, errors.New("something")
	})
	err := addAccount(t.Context(), w.client(t, kf.Options{HTTP: &http.Client{Transport: transport}}))
	if got := kf.CertaintyOf(err); got != kf.Unknown {
		t.Errorf("%v is %v, want unknown", err, got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCertaintyOfForeignErrors(t *testing.T) {
	for _, err := range []error{errors.New("disk full"), context.Canceled} {
		if got := kf.CertaintyOf(err); got != kf.Unknown {
			t.Errorf("%v is %v, want unknown", err, got)
		}
	}
}
