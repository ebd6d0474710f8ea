package kfsim

import (
	"cmp"
	"sync"
	"time"
)

// Limits are how often the API may be called. 0 means no limit, and that is the default.
type Limits struct {
	// PerMinute is for each endpoint without a figure of its own. Over it, the endpoint answers 45009 for a minute.
	PerMinute int `json:"per_minute"`
	// Endpoints are figures per minute for single endpoints.
	Endpoints map[string]int `json:"endpoints,omitempty"`
	// Concurrent is how many calls of one endpoint may be under way; the next one gets 45033.
	Concurrent int `json:"concurrent"`
	// WrongSecrets is how many refused gettoken calls an IP may make in an hour. Over it, gettoken answers 45009 to it for an hour.
	WrongSecrets int `json:"wrong_secrets_per_hour"`
	// SyncWithoutToken is how many calls of sync_msg without a good token the app may make a minute, all accounts together. Over it,
	// they answer 45009 for a minute. 0 means WeCom's 10, -1 no limit.
	SyncWithoutToken int `json:"sync_without_token,omitempty"`
	// Page is the most messages a page of sync_msg has; 0 leaves it to the caller's limit.
	Page int `json:"page,omitempty"`
	// ShortPages makes pages of uneven length, EmptyPages some without a message, though there are more.
	ShortPages bool `json:"short_pages,omitempty"`
	EmptyPages bool `json:"empty_pages,omitempty"`
}

const syncWithoutToken = 10

// window counts calls since a moment, and may be shut for a while.
type window struct {
	since, shut time.Time
	count       int
}

// limits keeps the counts. The zero value limits nothing.
type limits struct {
	mu       sync.Mutex
	set      Limits
	calls    map[string]*window
	secrets  map[string]*window
	underWay map[string]int
}

// configure sets new figures and starts counting afresh.
func (l *limits) configure(set Limits) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set, l.calls, l.secrets = set, nil, nil
}

func (l *limits) settings() Limits {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.set
}

// start counts a call as under way until the returned function is called.
func (l *limits) start(name string) (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.underWay == nil {
		l.underWay = map[string]int{}
	}
	l.underWay[name]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.underWay[name]--
	}
}

// check refuses a started call that is one too many.
func (l *limits) check(name string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := l.set.PerMinute
	if own, ok := l.set.Endpoints[name]; ok {
		most = own
	}
	if most > 0 && !count(&l.calls, name, now, most, time.Minute) {
		return refuse(45009, "%d a minute", most)
	}
	if l.set.Concurrent > 0 && l.underWay[name] > l.set.Concurrent {
		return refuse(45033, "%d at a time", l.set.Concurrent)
	}
	return nil
}

// checkSync refuses a call of sync_msg without a good token that is one too many.
func (l *limits) checkSync(now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	most := cmp.Or(l.set.SyncWithoutToken, syncWithoutToken)
	if most > 0 && !count(&l.calls, "sync_msg without token", now, most, time.Minute) {
		return refuse(45009, "%d calls of sync_msg a minute without token", most)
	}
	return nil
}

// paging is how pages of sync_msg are cut for a caller's limit.
func (l *limits) paging(limit int) paging {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.set.Page > 0 {
		limit = min(limit, l.set.Page)
	}
	return paging{limit, l.set.ShortPages, l.set.EmptyPages}
}

// banned refuses gettoken to an IP that was wrong too often.
func (l *limits) banned(ip string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w := l.secrets[ip]; l.set.WrongSecrets > 0 && w != nil && now.Before(w.shut) {
		return refuse(45009, "too many wrong secrets from this ip")
	}
	return nil
}

func (l *limits) wrongSecret(ip string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.set.WrongSecrets > 0 {
		count(&l.secrets, ip, now, l.set.WrongSecrets, time.Hour)
	}
}

// count adds one to a window and reports whether that was still allowed. The first one too many shuts it for its whole span.
func count(windows *map[string]*window, key string, now time.Time, most int, span time.Duration) bool {
	if *windows == nil {
		*windows = map[string]*window{}
	}
	w := (*windows)[key]
	if w == nil {
		w = &window{since: now}
		(*windows)[key] = w
	}
	if now.Before(w.shut) {
		return false
	}
	if !w.shut.IsZero() || now.Sub(w.since) >= span {
		*w = window{since: now}
	}
	if w.count++; w.count > most {
		w.shut = now.Add(span)
		return false
	}
	return true
}
