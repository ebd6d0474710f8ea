package kf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	defaultBaseURL = "https://qyapi.weixin.qq.com/cgi-bin/"
	defaultTimeout = 10 * time.Second

	// maxAnswer bounds a JSON answer. The largest, department/list of a corp of
	// tens of thousands of departments, stays well below.
	maxAnswer = 16 << 20
)

// Options are the settings of a Client. CorpID and Secret are required.
type Options struct {
	// BaseURL is where the API lives, with or without its final /cgi-bin/.
	// Empty means https://qyapi.weixin.qq.com/cgi-bin/.
	BaseURL string
	CorpID  string
	Secret  string // of the application that calls

	// HTTP sends the requests; nil means a client of its own. Redirects are
	// never followed, whatever its CheckRedirect says: they would carry the
	// token to another place.
	HTTP *http.Client
	// Now is the clock of the access token; nil means time.Now.
	Now func() time.Time
	// Timeout bounds one call, with the renewal of the token and the one retry
	// that may belong to it. 0 means 10 seconds. An upload gets more, by its size,
	// and a download as long as something of it comes within each Timeout.
	Timeout time.Duration
}

// String returns o without its secret.
func (o Options) String() string {
	return fmt.Sprintf("{BaseURL:%s CorpID:%s Timeout:%s}", o.BaseURL, o.CorpID, o.Timeout)
}

// GoString returns o without its secret.
func (o Options) GoString() string { return "kf.Options" + o.String() }

// Client calls the API for one application of one corp. It is safe for
// concurrent use.
type Client struct {
	base    string // ends in /cgi-bin/
	corpID  string
	secret  string
	http    *http.Client
	traced  bool // the transport tells about its connections
	timeout time.Duration
	tokens  *tokens
}

// New returns a client. It sends nothing: the first call fetches a token.
func New(o Options) (*Client, error) {
	if o.CorpID == "" {
		return nil, &ArgumentError{Field: "corpid", Rule: RuleRequired}
	}
	if o.Secret == "" {
		return nil, &ArgumentError{Field: "corpsecret", Rule: RuleRequired}
	}
	base, err := baseURL(o.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, corpID: o.CorpID, secret: o.Secret, timeout: o.Timeout}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if o.HTTP != nil {
		shallow := *o.HTTP
		c.http = &shallow
	} else {
		c.http = &http.Client{Transport: defaultTransport()}
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, ours := c.http.Transport.(*http.Transport)
	c.traced = ours || c.http.Transport == nil
	now := o.Now
	if now == nil {
		now = time.Now
	}
	c.tokens = &tokens{now: now, timeout: c.timeout, fetch: c.fetchToken}
	return c, nil
}

// defaultTransport gives idle connections up early: a call that meets one which
// WeCom is just closing may end without an answer.
func defaultTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     30 * time.Second,
	}
}

// String names the client without its secret.
func (c *Client) String() string { return "kf.Client{" + c.corpID + "}" }

// GoString names the client without its secret.
func (c *Client) GoString() string { return c.String() }

// baseURL brings s to the form scheme://host/.../cgi-bin/. Its errors do not
// quote s, which may hold a password.
func baseURL(s string) (string, error) {
	if s == "" {
		return defaultBaseURL, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", errors.New("kf: base URL: want http:// or https:// and a host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("kf: base URL: want no user, query or fragment")
	}
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/cgi-bin")
	return u.Scheme + "://" + u.Host + path + "/cgi-bin/", nil
}

// request is a call before it has a token, so that it can be sent twice.
type request struct {
	method      string
	endpoint    string
	query       url.Values
	contentType string
	body        []byte
	timeout     time.Duration // of the whole call; 0 means that of the client
}

// answer is what came back with HTTP 200.
type answer struct {
	endpoint string
	header   http.Header
	body     []byte
	secrets  []string // to be kept out of errors
}

// call sends r and decodes its answer. All calls but gettoken come through here.
//
// A refused token is renewed and the call repeated, once: WeCom checks the token
// before anything else, so nothing was carried out. Nothing else is repeated.
func call[T any](ctx context.Context, c *Client, r request, decode func(*answer) (T, error)) (T, error) {
	if r.timeout == 0 {
		r.timeout = c.timeout
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return withToken(ctx, c, func(token string) (T, error) {
		a, err := c.send(ctx, r, url.Values{"access_token": {token}})
		if err != nil {
			var zero T
			return zero, err
		}
		return decode(a)
	})
}

// withToken runs a call with a token, and once more with another if the first
// one was refused.
func withToken[T any](ctx context.Context, c *Client, run func(token string) (T, error)) (T, error) {
	for first := true; ; first = false {
		token, err := c.tokens.get(ctx)
		if err != nil {
			var zero T
			return zero, err
		}
		v, err := run(token.value)
		if first && tokenRefused(err) {
			c.tokens.drop(token)
			continue
		}
		return v, err
	}
}

// get calls a GET endpoint that answers with JSON.
func get[T any](ctx context.Context, c *Client, endpoint string, query url.Values) (T, error) {
	return call(ctx, c, request{method: http.MethodGet, endpoint: endpoint, query: query}, decodeJSON[T])
}

// post calls a POST endpoint that takes JSON and answers with JSON.
func post[T any](ctx context.Context, c *Client, endpoint string, body any) (T, error) {
	r, err := jsonRequest(endpoint, body)
	if err != nil {
		var zero T
		return zero, err
	}
	return call(ctx, c, r, decodeJSON[T])
}

// jsonRequest is a POST of body as JSON.
func jsonRequest(endpoint string, body any) (request, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // WeCom refuses \u003c with 40033
	if err := enc.Encode(body); err != nil {
		return request{}, &transportError{endpoint: endpoint, cause: fmt.Errorf("encode request: %w", err)}
	}
	return request{
		method:      http.MethodPost,
		endpoint:    endpoint,
		contentType: "application/json",
		body:        buf.Bytes(),
	}, nil
}

// send performs one exchange and reads the answer to its end. The credentials
// join the query and are kept out of every error.
func (c *Client) send(ctx context.Context, r request, credentials url.Values) (*answer, error) {
	resp, secrets, err := c.exchange(ctx, r, credentials)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return readAnswer(r.endpoint, resp, secrets)
}

// exchange sends a request and returns the answer with HTTP 200, whose body has
// to be closed, and what must be kept out of errors.
func (c *Client) exchange(ctx context.Context, r request, credentials url.Values) (*http.Response, []string, error) {
	secrets := []string{c.secret, credentials.Get("access_token")}
	if ctx.Err() != nil {
		return nil, nil, newTransportError(r.endpoint, false, ctx.Err(), secrets)
	}
	query := maps.Clone(credentials)
	maps.Copy(query, r.query)

	sent := new(atomic.Bool)
	sent.Store(!c.traced)
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, traceSent(sent)),
		r.method, c.base+r.endpoint+"?"+query.Encode(), bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, newTransportError(r.endpoint, false, err, secrets)
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, newTransportError(r.endpoint, sent.Load(), err, secrets)
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, nil, &HTTPError{Endpoint: r.endpoint, Status: resp.StatusCode}
	}
	return resp, secrets, nil
}

func readAnswer(endpoint string, resp *http.Response, secrets []string) (*answer, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, newTransportError(endpoint, true, err, secrets)
	}
	if len(body) > maxAnswer {
		return nil, tooLarge(endpoint, maxAnswer)
	}
	return &answer{endpoint: endpoint, header: resp.Header, body: body, secrets: secrets}, nil
}

// tooLarge is the error of an answer that goes on beyond limit.
func tooLarge(endpoint string, limit int64) error {
	return &HTTPError{Endpoint: endpoint, Status: http.StatusOK, Reason: fmt.Sprintf("answer of more than %d bytes", limit), TooLarge: true}
}

// traceSent keeps sent true from the moment the request has a connection to be
// written to. A new search for a connection takes that back: the transport
// starts one only if it knows that nothing of a POST reached the last one.
func traceSent(sent *atomic.Bool) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { sent.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	}
}
