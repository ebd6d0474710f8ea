package kfsim

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

const (
	tokenLife    = 7200 * time.Second
	tokenRenew   = 600 * time.Second // with less left, gettoken gives a new token beside the old one
	expiredKept  = 1000              // expired tokens remembered, to tell 42001 from 40014
	tokenEntropy = 160               // bytes, giving the 214 characters a real token has
)

// tokens are the access tokens given out. The zero value is ready.
type tokens struct {
	mu      sync.Mutex
	current string
	ends    map[string]time.Time
	order   []string // oldest first
}

// issue returns the token in force and its remaining life, making one if there is none or the old one is about to end. Without
// the second, a client that renews early would get the dying token back and ask again before each call.
func (t *tokens) issue(now time.Time) (token string, life time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if end, ok := t.ends[t.current]; ok && end.Sub(now) >= tokenRenew {
		return t.current, end.Sub(now)
	}
	raw := make([]byte, tokenEntropy)
	_, _ = rand.Read(raw) // never fails
	if t.ends == nil {
		t.ends = map[string]time.Time{}
	}
	t.current = base64.RawURLEncoding.EncodeToString(raw)
	t.ends[t.current] = now.Add(tokenLife)
	if t.order = append(t.order, t.current); len(t.order) > expiredKept {
		delete(t.ends, t.order[0])
		t.order = t.order[1:]
	}
	return t.current, tokenLife
}

// check judges the token of a call.
func (t *tokens) check(token string, now time.Time) error {
	if token == "" {
		return refuse(41001, "")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	end, known := t.ends[token]
	switch {
	case !known:
		return refuse(40014, "")
	case !now.Before(end):
		return refuse(42001, "")
	}
	return nil
}

// end makes every token worthless: expired (42001), or with forget as if it had never been (40014).
func (t *tokens) end(forget bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = ""
	if forget {
		t.ends, t.order = nil, nil
	}
	for token := range t.ends {
		t.ends[token] = time.Time{}
	}
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
}

// getToken answers gettoken.
func getToken(c *call) (any, error) {
	s, corp, secret := c.sim, c.query.Get("corpid"), c.query.Get("corpsecret")
	if corp == "" {
		c.violate(kindMissing, "corpid", "required")
		return nil, refuse(41002, "")
	}
	if secret == "" {
		c.violate(kindMissing, "corpsecret", "required")
		return nil, refuse(41004, "")
	}
	if err := s.limits.banned(c.ip, s.now()); err != nil {
		return nil, err
	}
	if corp != s.corpID {
		s.limits.wrongSecret(c.ip, s.now())
		return nil, refuse(40013, "")
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(s.secret)) != 1 {
		s.limits.wrongSecret(c.ip, s.now())
		return nil, refuse(40001, "")
	}
	token, life := s.tokens.issue(s.now())
	return tokenAnswer{token, int(life.Round(time.Second) / time.Second)}, nil
}
