package auth

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// clock is a time that moves only when a test says so.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func wait(err error) time.Duration {
	var throttled *Throttled
	if errors.As(err, &throttled) {
		return throttled.RetryAfter
	}
	return 0
}

func TestThrottleGrows(t *testing.T) {
	c := newClock()
	throttle := &Throttle{Now: c.now}
	for i := range 5 {
		if err := throttle.Take("name:a"); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute} {
		err := throttle.Take("name:a")
		if wait(err) != want {
			t.Fatalf("wait %v, want %v", wait(err), want)
		}
		if want < 15*time.Minute {
			c.advance(want)
			if err := throttle.Take("name:a"); err != nil {
				t.Fatalf("after %v: %v", want, err)
			}
		}
	}
}

func TestThrottleLetsFewGuessesThrough(t *testing.T) {
	c := newClock()
	throttle := &Throttle{Now: c.now}
	var through []time.Time
	for range 4 * 3600 {
		if throttle.Take("name:a", "ip:1") == nil {
			through = append(through, c.now())
		}
		c.advance(time.Second)
	}
	for i := range through {
		n := 0
		for _, other := range through[i:] {
			if other.Sub(through[i]) < 15*time.Minute {
				n++
			}
		}
		if n > 10 {
			t.Fatalf("%d guesses within 15 minutes from %v", n, through[i])
		}
	}
	if len(through) < 20 {
		t.Errorf("only %d guesses in four hours: the wait never ends", len(through))
	}
}

func TestThrottleSpray(t *testing.T) {
	throttle := &Throttle{Now: newClock().now}
	passed := 0
	for i := range 1000 {
		if throttle.Take(fmt.Sprintf("name:%d", i), "ip:1") == nil {
			passed++
		}
	}
	if passed != 5 {
		t.Errorf("%d names were tried from one address, want 5", passed)
	}
}

func TestThrottleCountsAtOnce(t *testing.T) {
	throttle := &Throttle{Now: newClock().now}
	var passed sync.Map
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if throttle.Take("name:a", "ip:1") == nil {
				passed.Store(i, true)
			}
		})
	}
	all.Wait()
	n := 0
	passed.Range(func(any, any) bool { n++; return true })
	if n != 5 {
		t.Errorf("%d of 100 guesses at the same moment passed, want 5", n)
	}
}

func TestThrottleSucceed(t *testing.T) {
	throttle := &Throttle{Now: newClock().now}
	for range 4 {
		throttle.Take("name:victim", "ip:1")
	}
	// Signing in with one's own account does not buy guesses at the other name.
	if err := throttle.Take("name:own", "ip:1"); err != nil {
		t.Fatal(err)
	}
	throttle.Succeed("name:own", "ip:1")
	if err := throttle.Take("name:victim", "ip:1"); err != nil {
		t.Fatalf("the fifth guess: %v", err)
	}
	if wait(throttle.Take("name:victim", "ip:2")) == 0 {
		t.Error("the name is not throttled from another address")
	}
	if wait(throttle.Take("name:other", "ip:1")) == 0 {
		t.Error("the address is not throttled after a success in between")
	}
}

func TestThrottleTellsTheFirstRefusal(t *testing.T) {
	throttle := &Throttle{Now: newClock().now}
	for range 5 {
		throttle.Take("name:a")
	}
	for i := range 3 {
		var throttled *Throttled
		if err := throttle.Take("name:a"); !errors.As(err, &throttled) || throttled.First != (i == 0) {
			t.Errorf("refusal %d: %+v", i+1, err)
		}
	}
}

func TestThrottleIsBounded(t *testing.T) {
	c := newClock()
	throttle := &Throttle{Now: c.now, Size: 100}
	for range 5 {
		throttle.Take("name:victim")
	}
	for i := range 1000 {
		c.advance(time.Millisecond)
		throttle.Take(fmt.Sprintf("name:%d", i))
		if len(throttle.entries) > 100 {
			t.Fatalf("%d entries", len(throttle.entries))
		}
	}
	c.advance(time.Hour)
	throttle.Take("name:late")
	if len(throttle.entries) != 1 {
		t.Errorf("%d entries are left after an hour, want 1", len(throttle.entries))
	}
}

func TestKeys(t *testing.T) {
	same := [][2]string{
		{nameKey("Owner"), nameKey(" owner ")},
		{addressKey("2001:db8::1"), addressKey("2001:db8::ffff:2")},
		{addressKey("::ffff:192.0.2.1"), addressKey("192.0.2.1")},
		{addressKey("fe80::1%eth0"), addressKey("fe80::2")},
	}
	for _, pair := range same {
		if pair[0] != pair[1] {
			t.Errorf("%q and %q should be one key", pair[0], pair[1])
		}
	}
	if addressKey("192.0.2.1") == addressKey("192.0.2.2") || addressKey("2001:db8::1") == addressKey("2001:db8:0:1::1") {
		t.Error("different addresses have one key")
	}
}
