package kfsim

import (
	"context"
	"net/http"
)

// SetCallback sets where news are told. Callbacks made from now on go there.
func (s *Sim) SetCallback(to Callback) error {
	if err := to.check(); err != nil {
		return err
	}
	s.courier.aim(to)
	return nil
}

// SetDelivery sets how badly callbacks arrive that are made from now on.
func (s *Sim) SetDelivery(d Delivery) error { return s.courier.configure(d) }

// SetLimits sets how often the API may be called and how pages are cut, and starts counting afresh.
func (s *Sim) SetLimits(l Limits) { s.limits.configure(l) }

// CallbackCounts tells what became of callbacks. With Pending 0 none is on its way.
func (s *Sim) CallbackCounts() CallbackCounts {
	_, _, counts := s.courier.state()
	return counts
}

// CallbacksSettled waits until no callback is on its way and tells what became of them.
func (s *Sim) CallbacksSettled(ctx context.Context) (CallbackCounts, error) {
	err := s.courier.settle(ctx)
	return s.CallbackCounts(), err
}

// AuthChange sends kf_account_auth_change, whatever the world is like.
func (s *Sim) AuthChange(added, removed []string) { s.courier.auth(added, removed, s.now()) }

// showCallback tells where callbacks go and how many did, without the secrets.
func (s *Sim) showCallback(*http.Request) (any, error) {
	to, _, counts := s.courier.state()
	return struct {
		URL string `json:"url"`
		CallbackCounts
	}{to.URL, counts}, nil
}

func (s *Sim) setCallback(r *http.Request) (any, error) {
	var body struct {
		URL    string `json:"url"`
		Token  string `json:"token"`
		AESKey string `json:"aes_key"`
		Check  bool   `json:"check"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	to, _, _ := s.courier.state()
	to.URL, to.Token, to.AESKey = body.URL, body.Token, body.AESKey
	if err := to.check(); err != nil {
		return nil, err
	}
	if body.Check {
		if err := s.courier.checkAddress(to); err != nil {
			return nil, err
		}
	}
	s.courier.aim(to)
	return s.showCallback(r)
}

func (s *Sim) showDelivery(*http.Request) (any, error) {
	_, terms, _ := s.courier.state()
	return terms, nil
}

func (s *Sim) setDelivery(r *http.Request) (any, error) {
	var d Delivery
	if err := read(r, &d); err != nil {
		return nil, err
	}
	return d, s.courier.configure(d)
}

func (s *Sim) announceAuth(r *http.Request) (any, error) {
	var body struct {
		Added   []string `json:"added"`
		Removed []string `json:"removed"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	s.AuthChange(body.Added, body.Removed)
	return struct{}{}, nil
}
