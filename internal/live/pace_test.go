package live

import (
	"errors"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

func TestPause(t *testing.T) {
	limit, secret, busy, other := &kf.Error{Code: 45009}, &kf.Error{Code: 60020}, &kf.Error{Code: -1}, errors.New("lost")
	const s, m = time.Second, time.Minute
	for _, c := range []struct {
		name     string
		every    time.Duration
		failures int
		err      error
		want     time.Duration
	}{
		{"success", m, 0, nil, m},
		{"first", m, 1, other, 5 * s},
		{"second", m, 2, other, 10 * s},
		{"fifth", m, 5, other, 80 * s},
		{"bounded", m, 1000, other, 2 * m},
		{"never longer than a long interval", 30 * m, 1000, other, 30 * m},
		{"short interval", 2 * s, 1, other, 2 * s},
		{"busy", m, 1, busy, 5 * s},
		{"has to be put right", m, 1, secret, m},
		{"has to be put right, bounded", m, 9, secret, 2 * m},
		{"has to be put right, long interval", 30 * m, 1, secret, 2 * m},
		{"frequency", m, 1, limit, m},
		{"frequency of a short interval", s, 1, limit, m},
		{"frequency again", m, 3, limit, 4 * m},
		{"frequency bounded", m, 1000, limit, time.Hour},
	} {
		if got := pause(c.every, c.failures, c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestJitterStaysClose(t *testing.T) {
	least, most := time.Hour, time.Duration(0)
	for range 2000 {
		d := jitter(time.Minute)
		least, most = min(least, d), max(most, d)
	}
	if least < 54*time.Second || most > 66*time.Second || most-least < 6*time.Second {
		t.Errorf("between %v and %v", least, most)
	}
	if d := jitter(0); d != 0 {
		t.Errorf("jitter(0) = %v", d)
	}
}
