package live

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// TestFlightsShare holds that callers of one topic share one run and its result, and that another topic does not wait.
func TestFlightsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFlights(slog.New(slog.DiscardHandler))
		broken := errors.New("broken")
		gate := make(chan struct{})
		var runs atomic.Int32
		work := func(context.Context) error {
			runs.Add(1)
			<-gate
			return broken
		}
		var callers sync.WaitGroup
		results := make([]error, 10)
		for i := range results {
			callers.Go(func() { results[i] = s.do(t.Context(), "accounts", work) })
		}
		synctest.Wait()
		if err := s.do(t.Context(), "directory", func(context.Context) error { return nil }); err != nil {
			t.Errorf("other topic: %v", err)
		}
		impatient, leave := context.WithCancel(t.Context())
		leave()
		if err := s.do(impatient, "accounts", work); !errors.Is(err, context.Canceled) {
			t.Errorf("caller who left: %v", err)
		}
		close(gate)
		callers.Wait()
		for i, err := range results {
			if !errors.Is(err, broken) {
				t.Errorf("caller %d: %v", i, err)
			}
		}
		if n := runs.Load(); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
		if err := s.do(t.Context(), "accounts", func(context.Context) error { return nil }); err != nil {
			t.Errorf("after the shared run: %v", err)
		}
		s.end()
	})
}

// TestFlightOutlivesItsCaller holds that the run goes on for the others when the one who started it leaves.
func TestFlightOutlivesItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFlights(slog.New(slog.DiscardHandler))
		gate := make(chan struct{})
		first, leave := context.WithCancel(t.Context())
		var left, stayed error
		var callers sync.WaitGroup
		callers.Go(func() {
			left = s.do(first, "accounts", func(ctx context.Context) error {
				<-gate
				return ctx.Err()
			})
		})
		synctest.Wait()
		callers.Go(func() { stayed = s.do(t.Context(), "accounts", nil) })
		synctest.Wait()
		leave()
		synctest.Wait()
		close(gate)
		callers.Wait()
		if !errors.Is(left, context.Canceled) || stayed != nil {
			t.Errorf("the one who left: %v, the one who stayed: %v", left, stayed)
		}
		s.end()
	})
}

func TestFlightsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFlights(slog.New(slog.DiscardHandler))
		var under error
		var callers sync.WaitGroup
		callers.Go(func() {
			under = s.do(t.Context(), "accounts", func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			})
		})
		synctest.Wait()
		s.end()
		callers.Wait()
		if !errors.Is(under, context.Canceled) {
			t.Errorf("under way at the end: %v", under)
		}
		if err := s.do(t.Context(), "accounts", nil); !errors.Is(err, ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestFlightSurvivesPanic(t *testing.T) {
	s := newFlights(slog.New(slog.DiscardHandler))
	err := s.do(t.Context(), "accounts", func(context.Context) error { panic("planted") })
	if err == nil || !strings.Contains(err.Error(), "planted") {
		t.Errorf("panic became %v", err)
	}
	if err := s.do(t.Context(), "accounts", func(context.Context) error { return nil }); err != nil {
		t.Errorf("after a panic: %v", err)
	}
	s.end()
}
