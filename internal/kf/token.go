package kf

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// renewBefore is how long before its end a token is replaced.
	renewBefore = 5 * time.Minute
	// renewPause is the wait after a renewal ahead of time has failed.
	renewPause = 30 * time.Second
	// refusalPause is how long gettoken is left alone after it refused the
	// credentials. Asking on would get the IP address banned for an hour.
	refusalPause = time.Minute

	defaultTokenLife = 2 * time.Hour
	maxTokenLife     = 24 * time.Hour
)

// token is one answer of gettoken. Two answers with the same value are two
// tokens, so that a value WeCom hands out again is not dropped for the failure
// of its earlier life.
type token struct {
	value     string
	renewAt   time.Time
	expiresAt time.Time
}

// tokens holds the access token of a client. At most one gettoken runs at a time.
type tokens struct {
	now     func() time.Time
	timeout time.Duration
	fetch   func(context.Context) (*token, error)

	mu           sync.Mutex
	current      *token // nil if there is none, or it was dropped
	renewal      *renewal
	pauseUntil   time.Time // no renewal ahead of time before
	refusal      error     // last answer of gettoken, if it refused the credentials
	refusedUntil time.Time
}

// renewal is a gettoken under way. The result may be read once done is closed.
type renewal struct {
	done  chan struct{}
	token *token
	err   error
}

// get returns a token to call with. Close to its end the current one is handed
// out once more while its successor is being fetched.
func (t *tokens) get(ctx context.Context) (*token, error) {
	t.mu.Lock()
	now := t.now()
	refused := now.Before(t.refusedUntil)
	if t.current != nil && now.Before(t.current.expiresAt) {
		defer t.mu.Unlock()
		if !refused && !now.Before(t.current.renewAt) && !now.Before(t.pauseUntil) {
			t.renew(ctx)
		}
		return t.current, nil
	}
	if refused {
		defer t.mu.Unlock()
		return nil, t.refusal
	}
	r := t.renew(ctx)
	t.mu.Unlock()

	select {
	case <-r.done:
		return r.token, r.err
	case <-ctx.Done():
		return nil, &transportError{endpoint: endpointToken, cause: ctx.Err()}
	}
}

// drop forgets the token that failed. If another has taken its place since, as
// it will after concurrent failures, there is nothing to forget.
func (t *tokens) drop(failed *token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == failed {
		t.current = nil
	}
}

// renew returns the renewal under way, or starts one. It outlives the call that
// started it: others may be waiting for the same token. t.mu is held.
func (t *tokens) renew(ctx context.Context) *renewal {
	if t.renewal != nil {
		return t.renewal
	}
	r := &renewal{done: make(chan struct{})}
	t.renewal = r
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.timeout)
		defer cancel()
		r.token, r.err = t.fetch(ctx)
		t.finish(r)
		close(r.done)
	}()
	return r
}

func (t *tokens) finish(r *renewal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.renewal = nil
	if r.err == nil {
		t.current = r.token
		return
	}
	t.pauseUntil = t.now().Add(renewPause)
	if credentialsRefused(r.err) {
		t.refusal, t.refusedUntil = r.err, t.now().Add(refusalPause)
	}
}

// credentialsRefused reports whether gettoken must not be asked again soon.
func credentialsRefused(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case codeInvalidSecret, codeInvalidCorpID, codeForeignSecret, codeFrequencyLimit:
		return true
	}
	return false
}

type tokenAnswer struct {
	status
	AccessToken string  `json:"access_token"`
	ExpiresIn   flexInt `json:"expires_in"`
}

// fetchToken calls gettoken (document 91039).
func (c *Client) fetchToken(ctx context.Context) (*token, error) {
	asked := c.tokens.now()
	a, err := c.send(ctx, request{method: http.MethodGet, endpoint: endpointToken},
		url.Values{"corpid": {c.corpID}, "corpsecret": {c.secret}})
	if err != nil {
		return nil, err
	}
	v, err := decodeJSON[tokenAnswer](a)
	if err != nil {
		return nil, err
	}
	if v.AccessToken == "" {
		return nil, a.malformed("no access_token")
	}
	life := defaultTokenLife
	if v.ExpiresIn > 0 {
		life = time.Duration(min(int64(v.ExpiresIn), int64(maxTokenLife/time.Second))) * time.Second
	}
	return &token{
		value:     v.AccessToken,
		renewAt:   asked.Add(life - min(renewBefore, life/2)),
		expiresAt: asked.Add(life),
	}, nil
}
