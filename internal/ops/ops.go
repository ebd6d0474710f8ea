package ops

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Options configures Ops. DB and KF are required; Gate is required by the sign-in and operator functions only.
type Options struct {
	DB   *db.DB
	KF   *kf.Client
	Gate *auth.Gate
	// Now is the clock (nil: time.Now).
	Now func() time.Time
	// Log gets what an operator cannot be told any more (nil: discarded).
	Log *slog.Logger
	// Backoff is the first wait after WeCom said "too often" or "busy", or could not be reached, in a run; it doubles
	// with every further try (0: 5 seconds).
	Backoff time.Duration
	// SettleEvery is how often Work asks about changes without a known end (0: one minute).
	SettleEvery time.Duration
	// Fold brings a conversation up to the rows of its timeline, in the transaction that added them (nil: nothing does).
	Fold func(ctx context.Context, tx *db.DB, conversationID string) error
	// Grace is how long after its intent a change may still take effect at WeCom; only then is "not there" taken for
	// "not applied" (0: 30 seconds).
	Grace time.Duration
}

// Ops makes changes. It is safe for concurrent use.
type Ops struct {
	db   *db.DB
	kf   *kf.Client
	gate *auth.Gate
	now  func() time.Time
	log  *slog.Logger

	fold func(ctx context.Context, tx *db.DB, conversationID string) error

	backoff, settleEvery, grace time.Duration
	started                     time.Time // of this process

	mu     sync.Mutex
	flying map[string]bool // changes that this process is making right now

	wake     chan struct{} // tells Work that a run was added
	pictures chan struct{} // held while a picture is decoded: one at a time, because of its memory
	visitors quota         // of audit entries that people without an account can cause
}

// New builds an Ops. It starts nothing: see Work.
func New(o Options) *Ops {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orElse := func(d, standard time.Duration) time.Duration {
		if d > 0 {
			return d
		}
		return standard
	}
	return &Ops{
		db: o.DB, kf: o.KF, gate: o.Gate, now: o.Now, log: o.Log, fold: o.Fold,
		backoff:     orElse(o.Backoff, 5*time.Second),
		settleEvery: orElse(o.SettleEvery, time.Minute),
		grace:       orElse(o.Grace, 30*time.Second),
		started:     o.Now(),
		flying:      map[string]bool{},
		wake:        make(chan struct{}, 1),
		pictures:    make(chan struct{}, 1),
		visitors:    quota{burst: 60, every: time.Second},
	}
}

// acquire marks a change as being made by this process, so that settling leaves it alone. False: it is already.
func (o *Ops) acquire(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.flying[id] {
		return false
	}
	o.flying[id] = true
	return true
}

func (o *Ops) release(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.flying, id)
}

// Result tells how a change ended.
type Result struct {
	// IntentID is the id of the change in the audit log.
	IntentID string
	// Outcome is done, partial, refused, failed or open (no known end yet: it is settled later).
	Outcome string
	// Err is why it is not done: a *kf.Error, *kf.HTTPError or a network error. Nil when Outcome is done.
	Err error
	// RemoteID is the id of what was created: an open_kfid, or the id of our link.
	RemoteID string
	// Unrecorded means that the end could not be written: the change ended as Outcome says, and the audit log shows it as open
	// until it is settled.
	Unrecorded bool
}
