package kf

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// source is a gettoken that takes a second and counts.
type source struct {
	asked int
	err   error
	value string // handed out every time, if set
}

func (s *source) fetch(ctx context.Context) (*token, error) {
	s.asked++
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	value := s.value
	if value == "" {
		value = fmt.Sprint("token", s.asked)
	}
	now := time.Now()
	return &token{value: value, renewAt: now.Add(defaultTokenLife - renewBefore), expiresAt: now.Add(defaultTokenLife)}, nil
}

func newTokens(s *source) *tokens {
	return &tokens{now: time.Now, timeout: 10 * time.Second, fetch: s.fetch}
}

func wantToken(t *testing.T, ts *tokens, want string) *token {
	t.Helper()
	got, err := ts.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.value != want {
		t.Fatalf("got %s, want %s", got.value, want)
	}
	return got
}

func TestTokenSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(source)
		ts := newTokens(s)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { wantToken(t, ts, "token1") })
		}
		all.Wait()
		if s.asked != 1 {
			t.Errorf("asked %d times, want once", s.asked)
		}
	})
}

func TestTokenRenewsEarlyAndBehindTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(source)
		ts := newTokens(s)
		wantToken(t, ts, "token1")
		time.Sleep(defaultTokenLife - renewBefore - time.Second)
		wantToken(t, ts, "token1")
		synctest.Wait()
		if s.asked != 1 {
			t.Fatalf("renewed too early")
		}
		time.Sleep(time.Second)
		before := time.Now()
		for range 10 {
			wantToken(t, ts, "token1")
		}
		if waited := time.Since(before); waited != 0 {
			t.Errorf("callers waited %s for a token they have", waited)
		}
		time.Sleep(2 * time.Second)
		wantToken(t, ts, "token2")
		if s.asked != 2 {
			t.Errorf("asked %d times, want 2", s.asked)
		}
	})
}

func TestTokenEarlyRenewalThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(source)
		ts := newTokens(s)
		wantToken(t, ts, "token1")
		time.Sleep(defaultTokenLife - renewBefore)
		s.err = errors.New("down")
		// A call each second for a minute: one attempt, 30 s of rest, one more.
		for range 60 {
			wantToken(t, ts, "token1")
			time.Sleep(time.Second)
		}
		if s.asked != 3 {
			t.Errorf("asked %d times, want 3", s.asked)
		}
		time.Sleep(renewBefore)
		if _, err := ts.get(t.Context()); err != s.err {
			t.Errorf("a token past its end: %v", err)
		}
	})
}

func TestTokenDropOnlyTheOneThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(source)
		ts := newTokens(s)
		first := wantToken(t, ts, "token1")
		ts.drop(first)
		second := wantToken(t, ts, "token2")
		ts.drop(first)
		if got := wantToken(t, ts, "token2"); got != second {
			t.Error("a late failure of the first token dropped the second")
		}
	})
}

// WeCom may hand out the same value again. The failures of its earlier life
// still cost one renewal in all.
func TestTokenSameValueAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{value: "same"}
		ts := newTokens(s)
		failed := wantToken(t, ts, "same")
		for range 10 {
			ts.drop(failed)
			wantToken(t, ts, "same")
		}
		if s.asked != 2 {
			t.Errorf("asked %d times, want 2", s.asked)
		}
	})
}

func TestTokenCallerThatLeavesDoesNotStopTheRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(source)
		ts := newTokens(s)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			_, err := ts.get(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || CertaintyOf(err) != NotSent {
				t.Errorf("the one that leaves: %v", err)
			}
		})
		synctest.Wait()
		wantToken(t, ts, "token1")
		all.Wait()
		if s.asked != 1 {
			t.Errorf("asked %d times, want once", s.asked)
		}
	})
}

func TestTokenRenewalIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTokens(new(source))
		ts.fetch = func(ctx context.Context) (*token, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		before := time.Now()
		if _, err := ts.get(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if took := time.Since(before); took != ts.timeout {
			t.Errorf("took %s", took)
		}
	})
}

func TestTokenRefusedCredentialsRest(t *testing.T) {
	for _, code := range []int{40001, 40013, 40091, 45009} {
		synctest.Test(t, func(t *testing.T) {
			refusal := &Error{Endpoint: endpointToken, Code: code}
			s := &source{err: refusal}
			ts := newTokens(s)
			for range 59 {
				if _, err := ts.get(t.Context()); err != refusal {
					t.Fatalf("%d: %v", code, err)
				}
				time.Sleep(time.Second)
			}
			if s.asked != 1 {
				t.Errorf("%d: asked %d times within a minute, want once", code, s.asked)
			}
			s.err = nil
			time.Sleep(2 * time.Second)
			wantToken(t, ts, "token2")
		})
	}
}

func TestTokenOtherFailuresDoNotRest(t *testing.T) {
	for _, err := range []error{&Error{Code: codeBusy}, &HTTPError{Status: 502}, errors.New("no route")} {
		synctest.Test(t, func(t *testing.T) {
			s := &source{err: err}
			ts := newTokens(s)
			if _, got := ts.get(t.Context()); got != err {
				t.Fatal(got)
			}
			s.err = nil
			wantToken(t, ts, "token2")
		})
	}
}
