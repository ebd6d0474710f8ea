package live

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// flightLimit bounds one refresh. The largest, the directory of a corp with thousands of departments, takes minutes.
const flightLimit = 10 * time.Minute

// flights runs refreshes, at most one per topic. A refresh outlives the caller that started it, because others may wait
// for it; it ends with the mirror.
type flights struct {
	mu      *sync.Mutex
	running map[string]*flight
	ended   bool
	under   *sync.WaitGroup
	life    context.Context
	cancel  context.CancelFunc
	log     *slog.Logger
}

// flight is a refresh under way. err may be read once done is closed.
type flight struct {
	done chan struct{}
	err  error
}

func newFlights(log *slog.Logger) flights {
	life, cancel := context.WithCancel(context.Background())
	return flights{mu: new(sync.Mutex), running: map[string]*flight{}, under: new(sync.WaitGroup), life: life, cancel: cancel, log: log}
}

// do runs work, or waits for the one that runs for the same topic.
func (s *flights) do(ctx context.Context, topic string, work func(context.Context) error) error {
	s.mu.Lock()
	f, ok := s.running[topic]
	if !ok {
		if s.ended {
			s.mu.Unlock()
			return ErrStopped
		}
		f = &flight{done: make(chan struct{})}
		s.running[topic] = f
		s.under.Go(func() { s.fly(topic, f, work) })
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *flights) fly(topic string, f *flight, work func(context.Context) error) {
	ctx, cancel := context.WithTimeout(s.life, flightLimit)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("mirror: refresh panicked", "topic", topic, "panic", v, "stack", string(debug.Stack()))
			f.err = fmt.Errorf("refresh %s: panic: %v", topic, v)
		}
		s.mu.Lock()
		delete(s.running, topic)
		s.mu.Unlock()
		close(f.done)
	}()
	f.err = work(ctx)
}

// end cancels what is under way, waits for it and refuses whatever comes later.
func (s *flights) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.cancel()
	s.under.Wait()
}
