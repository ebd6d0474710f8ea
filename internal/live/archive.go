package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// TopicStatistics is the topic of change rows about WeCom's daily figures: those of an account, its ref, are up to date, or
// cannot be read any more.
const TopicStatistics = "statistics"

const (
	oneDay = 24 * time.Hour
	// archiveSettles is how many days old a day is when its figures are believed for good. Until then they are read again.
	archiveSettles = 3
	// archiveSpread is the most that a console lets WeCom's hour pass before it asks: others ask at the same one.
	archiveSpread = 20 * time.Minute
	archivePoll   = time.Minute
	archivePace   = 250 * time.Millisecond // between two calls
	// What WeCom refuses is asked for again after a pause, doubled each time: nothing is lost for StatisticHistory.
	refusedFirst = time.Hour
	refusedMost  = oneDay
)

// ArchiveOptions are the settings of an Archive. DB and KF are required.
type ArchiveOptions struct {
	DB  *db.DB
	KF  *kf.Client
	Now func() time.Time // nil means time.Now
	Log *slog.Logger     // nil means slog.Default()
}

// Archive keeps WeCom's daily figures, which WeCom forgets after kf.StatisticHistory: of every account, of its servicers
// together and of each of them. Each day's are read once they are there, and again on the days after, because WeCom
// answers early callers with zeros. Its methods may be called from any goroutine.
type Archive struct {
	db      *db.DB
	kf      *kf.Client
	now     func() time.Time
	log     *slog.Logger
	late    time.Duration // after kf.StatisticReady: when this process takes yesterday's figures for ready
	poll    time.Duration
	pace    time.Duration
	backoff time.Duration // before the second try of a call that WeCom was too busy for

	mu       sync.Mutex
	until    time.Time // WeCom is left alone until then
	failures int       // calls in a row that WeCom did not answer, or too many of them

	beforeStore func() // called before an answer is stored: a moment at which a test has something go wrong
}

// NewArchive returns an archive that does nothing before Run.
func NewArchive(o ArchiveOptions) *Archive {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Archive{
		db: o.DB, kf: o.KF, now: o.Now, log: o.Log, late: rand.N(archiveSpread), poll: archivePoll, pace: archivePace, backoff: busyPause,
	}
}

// Run reads what is missing until ctx ends and returns the error of ctx. It must be called once. Failures do not end it:
// they are kept with the series they concern, logged, and what failed is tried again after a growing pause. What was read
// stays, so a new process goes on where an old one ended.
func (a *Archive) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := a.round(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrClosed) {
			a.log.Error("archive", "error", err)
		}
		sleep(ctx, a.poll)
	}
	return ctx.Err()
}

// round reads what can be read now, the accounts as a whole first. It returns errors of our own store and panics.
func (a *Archive) round(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, v, debug.Stack())
		}
	}()
	if a.now().Before(a.pausedUntil()) {
		return nil
	}
	wanted, err := a.db.WantedStatistics(ctx)
	if err != nil {
		return err
	}
	refused := map[string]bool{} // accounts that WeCom does not tell about as a whole: asking for people is of no use
	for _, s := range wanted {
		if refused[s.AccountID] {
			continue
		}
		if a.now().Before(s.NotBefore) {
			refused[s.AccountID] = s.ServicerID == ""
			continue
		}
		failed, err := a.bring(ctx, s)
		if err != nil {
			return err
		}
		refused[s.AccountID] = failed && s.ServicerID == ""
		if ctx.Err() != nil || a.now().Before(a.pausedUntil()) {
			return nil
		}
	}
	return nil
}

// bring reads the days that a series lacks, a slice at a time. failed tells that WeCom did not give them, which is noted;
// err is of our own store.
func (a *Archive) bring(ctx context.Context, wanted db.StatisticSeries) (failed bool, err error) {
	if _, _, ok := a.missing(wanted); !ok {
		return false, nil
	}
	// The list may be older than what another process has read since.
	s, err := a.db.StatisticSeries(ctx, wanted.AccountID, wanted.Kind, wanted.ServicerID)
	if err != nil {
		return false, err
	}
	s.ServicerID = wanted.ServicerID
	for {
		from, to, ok := a.missing(s)
		if !ok || ctx.Err() != nil {
			return false, nil
		}
		began := a.now()
		rows, err := a.fetch(ctx, s, from, to)
		switch {
		case err != nil && ctx.Err() != nil:
			return false, nil
		case err != nil:
			return true, a.noteFailure(ctx, s, err)
		}
		a.answered()
		if a.beforeStore != nil {
			a.beforeStore()
		}
		if s, err = a.keep(ctx, s, rows, began); err != nil {
			return false, err
		}
		sleep(ctx, a.pace)
	}
}

// ready is the day that has begun for the archive: WeCom has the figures of the day before.
func (a *Archive) ready(now time.Time) time.Time {
	return kf.StatisticDay(now.Add(-kf.StatisticReady - a.late))
}

// missing is the next slice of days to ask for: from the first one that is not settled and that WeCom still has. ok is
// false when all is there that can be.
func (a *Archive) missing(s db.StatisticSeries) (from, to time.Time, ok bool) {
	now := a.now()
	last := a.ready(now).Add(-oneDay)
	if !s.Through.Before(last) {
		return from, to, false
	}
	from = kf.StatisticDay(now).Add(-kf.StatisticHistory)
	if next := s.Settled.Add(oneDay); next.After(from) {
		from = next
	}
	to = from.Add(kf.StatisticSpan - oneDay)
	if to.After(last) {
		to = last
	}
	return from, to, true
}

// keep stores the rows of a slice, asked for at began, and how far the series is now.
func (a *Archive) keep(ctx context.Context, s db.StatisticSeries, rows []db.Statistic, began time.Time) (db.StatisticSeries, error) {
	settled := a.ready(began).Add(-archiveSettles * oneDay)
	for i := range rows {
		rows[i].FetchedAt, rows[i].Final = began, !rows[i].Day.After(settled)
	}
	last := rows[len(rows)-1].Day
	if s.First.IsZero() {
		s.First = rows[0].Day
	}
	s.Through, s.Settled = last, settled
	if last.Before(settled) {
		s.Settled = last
	}
	worked := s.Failures > 0
	s.OKAt, s.TriedAt, s.NotBefore, s.Error, s.Errcode, s.Failures = began, began, time.Time{}, "", 0, 0
	_, _, more := a.missing(s)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	err := a.db.Tx(ctx, func(tx *db.DB) error {
		if err := tx.PutStatistics(ctx, s, rows); err != nil || more {
			return err
		}
		return tx.AddChange(ctx, TopicStatistics, s.AccountID)
	})
	if err == nil && worked {
		a.log.Info("archive: works again", "account", s.AccountID, "kind", s.Kind, "servicer", s.ServicerID)
	}
	return s, err
}
