package live

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Topics of freshness. That of an account's servicers is ServicersTopic.
const (
	TopicAccounts  = "accounts"
	TopicDirectory = "directory"
)

// ServicersTopic is the topic of freshness of one account's servicers.
func ServicersTopic(accountID string) string { return "servicers:" + accountID }

// ErrStopped means that the mirror has ended: Run has returned or is about to.
var ErrStopped = errors.New("mirror stopped")

// Every is how often the parts of the copy are brought in step. Zero fields take the defaults.
type Every struct {
	Accounts  time.Duration // the list of accounts, default 60 s
	Servicers time.Duration // one round over the servicers of all accounts, default 10 min
	Directory time.Duration // departments and people, default 30 min
}

// Options of New. DB and KF are required.
type Options struct {
	DB *db.DB
	KF *kf.Client
	// APIURL is the base address that KF calls. Pictures may be fetched from its host, beside WeCom's own picture hosts.
	// Empty means https://qyapi.weixin.qq.com.
	APIURL string
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil means slog.Default()
	Every  Every
}

// callsAtOnce bounds the calls of the mirror that are under way at the same time. WeCom answers 45033 to too many.
const callsAtOnce = 4

// Mirror keeps the copy. Its methods may be called from any goroutine.
type Mirror struct {
	db       *db.DB
	kf       *kf.Client
	now      func() time.Time
	log      *slog.Logger
	every    Every
	calls    chan struct{} // as many tokens as calls are allowed at once
	flights  flights
	ring     ring
	doubt    doubt
	pictures *pictures
}

// New returns a mirror that does nothing before Run or one of the Refresh methods is called.
func New(o Options) *Mirror {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Every.Accounts <= 0 {
		o.Every.Accounts = time.Minute
	}
	if o.Every.Servicers <= 0 {
		o.Every.Servicers = 10 * time.Minute
	}
	if o.Every.Directory <= 0 {
		o.Every.Directory = 30 * time.Minute
	}
	return &Mirror{
		db: o.DB, kf: o.KF, now: o.Now, log: o.Log, every: o.Every,
		calls:    make(chan struct{}, callsAtOnce),
		flights:  newFlights(o.Log),
		doubt:    doubt{since: map[string]time.Time{}},
		pictures: newPictures(o.DB, o.Now, o.Log, apiURL(o.APIURL)),
	}
}

// apiURL is the address whose host is trusted for pictures; one that cannot be read trusts no host.
func apiURL(s string) *url.URL {
	if s == "" {
		return &url.URL{Scheme: "https", Host: "qyapi.weixin.qq.com"}
	}
	u, err := url.Parse(s)
	if err != nil {
		return &url.URL{}
	}
	return u
}

// Run keeps the copy in step until ctx ends, then waits for what is under way and returns the error of ctx. It must be
// called once. Failures of WeCom do not end it: they are noted as freshness, logged and tried again after a growing pause.
func (m *Mirror) Run(ctx context.Context) error {
	if err := m.loadRing(ctx); err != nil && ctx.Err() == nil {
		m.log.Error("mirror: read accounts", "error", err)
	}
	var work sync.WaitGroup
	work.Go(func() { m.repeat(ctx, TopicAccounts, m.every.Accounts, m.RefreshAccounts) })
	work.Go(func() { m.repeat(ctx, TopicDirectory, m.every.Directory, m.RefreshDirectory) })
	work.Go(func() { m.goRound(ctx) })
	work.Go(func() { m.pictures.run(ctx) })
	<-ctx.Done()
	m.flights.end()
	work.Wait()
	return ctx.Err()
}

// repeat calls work now and then every so often, with a growing pause after errors.
func (m *Mirror) repeat(ctx context.Context, topic string, every time.Duration, work func(context.Context) error) {
	failures := 0
	for {
		err := work(ctx)
		if ctx.Err() != nil {
			return
		}
		failures = m.report(topic, failures, err)
		if !sleep(ctx, jitter(pause(every, failures, err))) {
			return
		}
	}
}

// report logs the first of a row of failures, and its end, and returns how many there are now.
func (m *Mirror) report(topic string, failures int, err error) int {
	switch {
	case err != nil && failures == 0:
		m.log.Warn("mirror: refresh", "topic", topic, "error", err)
	case err != nil:
		m.log.Debug("mirror: refresh", "topic", topic, "failures", failures+1, "error", err)
	case failures > 0:
		m.log.Info("mirror: refresh works again", "topic", topic, "failures", failures)
	}
	if err == nil {
		return 0
	}
	return failures + 1
}

// RefreshAccounts brings the list of accounts in step. A call while another one is under way waits for that one and
// returns its result. It returns the error of WeCom, of the database or of ctx; the first is noted as freshness.
// Pictures that are missing are fetched afterwards, in the background, while Run runs.
func (m *Mirror) RefreshAccounts(ctx context.Context) error {
	return m.flights.do(ctx, TopicAccounts, m.accounts)
}

// RefreshServicers brings the servicers of one account in step; otherwise it is as RefreshAccounts.
// db.ErrNotFound means that the copy has no such account.
func (m *Mirror) RefreshServicers(ctx context.Context, accountID string) error {
	return m.flights.do(ctx, ServicersTopic(accountID), func(ctx context.Context) error { return m.servicers(ctx, accountID) })
}

// RefreshDirectory brings departments and people in step; otherwise it is as RefreshAccounts.
func (m *Mirror) RefreshDirectory(ctx context.Context) error {
	return m.flights.do(ctx, TopicDirectory, m.directory)
}

// RefreshPictures fetches the pictures that are missing, as Run does by itself after each list of accounts. A picture that
// cannot be fetched is logged and tried again later. The only error is that of ctx.
func (m *Mirror) RefreshPictures(ctx context.Context) error { return m.pictures.fetchAll(ctx) }

// call waits for a free place and makes one call of WeCom.
func call[T any](ctx context.Context, m *Mirror, f func(context.Context) (T, error)) (T, error) {
	select {
	case m.calls <- struct{}{}:
		defer func() { <-m.calls }()
		return f(ctx)
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
