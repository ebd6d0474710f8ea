package live

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"kfconsole/internal/kf"
)

const (
	retryFirst = 5 * time.Second // pause after the first failure, doubled by each further one
	retryMost  = 2 * time.Minute // the longest pause, unless the interval itself is longer
	limitFirst = time.Minute     // pause after 45009: the shortest of WeCom's rules is lifted then
	limitMost  = time.Hour       // 45009 of an hour's rule
)

// pause is how long to wait before the next try, after so many failures in a row of which err is the last.
func pause(every time.Duration, failures int, err error) time.Duration {
	if err == nil || failures < 1 {
		return every
	}
	first, most := min(retryFirst, every), max(retryMost, every)
	if refused := new(kf.Error); errors.As(err, &refused) {
		switch refused.Code {
		case codeFrequencyLimit:
			first, most = limitFirst, max(limitMost, every)
		case codeBusy, codeTooManyAtOnce:
		default:
			// Somebody has to put something right at WeCom: asking sooner does not help.
			first = min(max(every, retryFirst), retryMost)
		}
	}
	for ; failures > 1 && first < most; failures-- {
		first *= 2
	}
	return min(first, most)
}

// The errcodes that change the pace.
const (
	codeBusy           = -1
	codeFrequencyLimit = 45009
	codeTooManyAtOnce  = 45033
)

// jitter spreads d by a tenth either way, so that several consoles of one corp drift apart.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + time.Duration(rand.Int64N(int64(d)/5+1))
}

// sleep waits for d and reports whether ctx is still good.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
