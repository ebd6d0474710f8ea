package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Defaults of SyncOptions.
const (
	DefaultEvery      = 5 * time.Minute
	DefaultMediaLimit = 20 << 20
	DefaultMediaQuota = 10 << 30
)

// SyncOptions are the settings of a Syncer. DB and KF are required.
type SyncOptions struct {
	DB *db.DB
	KF *kf.Client
	// Mirror, if there is one, is asked to look again when an event says that accounts or servicers have changed. Its
	// address of the API is that of APIURL.
	Mirror *Mirror
	// APIURL is the base address that KF calls; pictures of customers may be fetched from its host, see Options.APIURL.
	APIURL string
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil means slog.Default()
	// Every is how long an account may be without a good sync before it is pulled without a callback, default DefaultEvery.
	Every time.Duration
	// Owner names this process in leases; it must differ between processes on one database. Empty means a new id.
	Owner string
	// MediaLimit bounds one file, MediaQuota all files together, both in bytes. 0 means DefaultMediaLimit and DefaultMediaQuota.
	MediaLimit, MediaQuota int64
}

// Syncer reads the messages of all accounts, folds them into conversations and does what cannot wait: it answers with coded
// messages, keeps media before WeCom forgets them and reads the profiles of customers who write for the first time.
// Its methods may be called from any goroutine.
type Syncer struct {
	db       *db.DB
	kf       *kf.Client
	mirror   *Mirror
	now      func() time.Time
	log      *slog.Logger
	every    time.Duration
	owner    string
	pictures *pictures
	gentle   gentle
	limit    int64
	quota    int64
	backoff  time.Duration // before the second try of a call that WeCom was too busy for
	polls    polls

	asked    chan struct{} // somebody asked for a sync
	codes    chan struct{} // there may be codes to use
	media    chan struct{} // there may be media to fetch
	profiles chan struct{} // there may be profiles to fetch

	mu     sync.Mutex
	failed map[string]string // by account: the token that WeCom did not take

	crowded atomic.Bool // accounts wait for a worker
	panics  atomic.Int64

	// Faults planted by tests: what a test of a rule must find when the rule is broken.
	fault faults
}

// faults are bugs that a negative control switches on, and moments at which a test has something go wrong; all are off in
// the program.
type faults struct {
	cursorFirst bool                               // the cursor is saved before the page
	oncePaged   bool                               // the first page is taken for all there is
	beforePull  func(account string)               // called by a worker before each page is asked for
	beforeStore func(account string, messages int) // and before it is stored
}

// NewSyncer returns a syncer that does nothing before Run.
func NewSyncer(o SyncOptions) *Syncer {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &Syncer{
		db: o.DB, kf: o.KF, mirror: o.Mirror, now: o.Now, log: o.Log,
		every: cmp.Or(max(0, o.Every), DefaultEvery), owner: cmp.Or(o.Owner, db.NewID()),
		limit: cmp.Or(max(0, o.MediaLimit), DefaultMediaLimit), quota: cmp.Or(max(0, o.MediaQuota), DefaultMediaQuota),
		pictures: newPictures(o.DB, o.Now, o.Log, apiURL(o.APIURL)),
		backoff:  busyPause, polls: defaultPolls, gentle: gentle{most: untokened},
		asked: make(chan struct{}, 1), codes: make(chan struct{}, 1), media: make(chan struct{}, 1), profiles: make(chan struct{}, 1),
		failed: map[string]string{},
	}
	return s
}

// nudge wakes whoever waits on c; one who is awake looks once more.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run keeps everything in step until ctx ends, then waits for what is under way and returns the error of ctx. It must be
// called once. A part that panics is logged, counted and started again.
func (s *Syncer) Run(ctx context.Context) error {
	var work sync.WaitGroup
	for _, part := range []struct {
		name string
		run  func(context.Context)
	}{
		{"sync", s.dispatch}, {"codes", s.useCodes}, {"media", s.keepMedia}, {"profiles", s.readProfiles}, {"expiry", s.expire}, {"states", s.checkStates},
	} {
		work.Go(func() {
			for ctx.Err() == nil {
				if s.guard(part.name, "", func() { part.run(ctx) }) {
					sleep(ctx, time.Second)
				}
			}
		})
	}
	work.Wait()
	return ctx.Err()
}

// guard calls f and reports whether it panicked, which is logged and counted.
func (s *Syncer) guard(part, account string, f func()) (panicked bool) {
	defer func() {
		if v := recover(); v != nil {
			panicked = true
			s.panics.Add(1)
			s.log.Error("sync: panic", "part", part, "account", account, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	f()
	return false
}

// Panics is how many workers have panicked and were started again.
func (s *Syncer) Panics() int64 { return s.panics.Load() }

// Notify takes note of a callback that says that an account has news: it is on disk when Notify returns without an error.
// token is that of the callback, at the time it was made. An account "" means every account the corp's app manages.
func (s *Syncer) Notify(ctx context.Context, account, token string, at time.Time) error {
	accounts := []string{account}
	if account == "" {
		managed, err := s.managed(ctx)
		if err != nil {
			return fmt.Errorf("notify: %w", err)
		}
		accounts = managed
	}
	return s.ask(ctx, accounts, token, at)
}

func (s *Syncer) ask(ctx context.Context, accounts []string, token string, at time.Time) error {
	now := s.now()
	err := s.db.Tx(ctx, func(tx *db.DB) error {
		for _, id := range accounts {
			if err := tx.AskSync(ctx, db.SyncRequest{AccountID: id, Token: token, TokenAt: at, AskedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	nudge(s.asked)
	return nil
}

// AuthChanged takes note of a callback that says which accounts were assigned to the app or withdrawn from it. Those added
// are pulled from their oldest message on; the mirror looks at once at what else has changed.
func (s *Syncer) AuthChanged(ctx context.Context, added, removed []string) error {
	if err := s.ask(ctx, added, "", time.Time{}); err != nil {
		return err
	}
	s.log.Info("sync: assignment of accounts has changed", "added", added, "removed", removed)
	s.refresh(ctx, "")
	return nil
}

// refresh lets the mirror look at the servicers of an account, or with "" at all accounts, and tells who watches.
func (s *Syncer) refresh(ctx context.Context, account string) {
	if s.mirror == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go s.guard("refresh", account, func() {
		var err error
		if account == "" {
			err = s.mirror.RefreshAccounts(ctx)
		} else {
			err = s.mirror.RefreshServicers(ctx, account)
		}
		if err == nil {
			err = s.db.AddChange(ctx, TopicAccounts, account)
		}
		if err != nil && !errors.Is(err, ErrStopped) && !errors.Is(err, db.ErrClosed) {
			s.log.Warn("sync: look again after an event", "account", account, "error", err)
		}
	})
}

// managed lists the accounts the app may read, and those of which WeCom does not tell.
func (s *Syncer) managed(ctx context.Context) ([]string, error) {
	var ids []string
	var after db.Cursor
	for {
		list, page, err := s.db.Accounts(ctx, db.AccountFilter{}, after, copiedAtOnce)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			if a.Managed == nil || *a.Managed {
				ids = append(ids, a.ID)
			}
		}
		if page.Next == "" {
			return ids, nil
		}
		after = page.Next
	}
}

// AccountLag says how the sync of an account is doing.
type AccountLag struct {
	AccountID string
	// Lag is how long a callback has been waiting for its messages; 0 when none waits.
	Lag    time.Duration
	Safety Safety
	State  db.SyncState
}

// Lag lists every account that was ever synced or asked for, by id.
func (s *Syncer) Lag(ctx context.Context) ([]AccountLag, error) {
	states, err := s.db.SyncStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("sync lag: %w", err)
	}
	requests, err := s.db.SyncRequests(ctx)
	if err != nil {
		return nil, fmt.Errorf("sync lag: %w", err)
	}
	now := s.now()
	list := make([]AccountLag, 0, len(states))
	at := map[string]int{}
	for _, st := range states {
		at[st.AccountID] = len(list)
		list = append(list, AccountLag{AccountID: st.AccountID, Safety: SafetyClock(st, now), State: st})
	}
	for _, r := range requests {
		i, ok := at[r.AccountID]
		if !ok {
			i = len(list)
			list = append(list, AccountLag{AccountID: r.AccountID, Safety: Safety{Level: SafetyNever}, State: db.SyncState{AccountID: r.AccountID}})
		}
		list[i].Lag = max(0, now.Sub(r.AskedAt))
	}
	slices.SortFunc(list, func(a, b AccountLag) int { return strings.Compare(a.AccountID, b.AccountID) })
	return list, nil
}
