package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

const (
	workersAtOnce = 8
	leaseLife     = 60 * time.Second
	tokenMargin   = 20 * time.Second // of the life of a callback's token, for the way there
	untokened     = 6                // calls without a token a minute, of the kf.SyncsPerMinute that WeCom takes
	busyPause     = 300 * time.Millisecond
	busyTries     = 3
)

var (
	// errLease means that another process has the account, or has taken it over.
	errLease = errors.New("account is synced by another process")
	// errTurn means that other accounts wait for a worker while this one goes on and on.
	errTurn = errors.New("it is the turn of other accounts")
	// errGentle means that a call without a token has to wait.
	errGentle = errors.New("too many calls without a token")
	errPanic  = errors.New("panic")
)

// polls are the intervals at which parts of a Syncer look by themselves: for what another process has written down, for
// what has to be tried again, and for what time alone makes due.
type polls struct {
	asked, overdue, codes, media, profiles, expiry time.Duration
	states                                         time.Duration // 0: never
}

var defaultPolls = polls{
	asked: time.Second, overdue: 15 * time.Second, codes: time.Second, media: 30 * time.Second, profiles: 30 * time.Second,
	expiry: 20 * time.Second, states: 30 * time.Second,
}

// gentle counts the calls without a token: WeCom answers 45009 to all of them for a minute when there are too many.
type gentle struct {
	most    int // calls a minute
	mu      sync.Mutex
	calls   []time.Time // of the last minute
	blocked time.Time   // until then, because WeCom has refused one
}

// free reports whether one more call may be made now, and take makes it.
func (g *gentle) free(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.room(now)
}

func (g *gentle) take(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.room(now) {
		return false
	}
	g.calls = append(g.calls, now)
	return true
}

func (g *gentle) room(now time.Time) bool {
	g.calls = slices.DeleteFunc(g.calls, func(at time.Time) bool { return now.Sub(at) >= time.Minute || at.After(now) })
	return len(g.calls) < g.most && !now.Before(g.blocked)
}

func (g *gentle) block(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until.After(g.blocked) {
		g.blocked = until
	}
}

// dispatch starts a worker for every account with a request until ctx ends, and waits for them.
func (s *Syncer) dispatch(ctx context.Context) {
	ended := make(chan string)
	running := map[string]bool{}
	defer func() {
		for range running {
			<-ended
		}
	}()
	poll := time.NewTicker(s.polls.asked)
	defer poll.Stop()
	overdue := time.NewTicker(s.polls.overdue)
	defer overdue.Stop()
	s.report(s.askOverdue(ctx))
	for {
		due, err := s.due(ctx)
		s.report(err)
		crowded := false
		for _, r := range due {
			switch {
			case running[r.AccountID]:
			case len(running) == workersAtOnce:
				crowded = true
			default:
				running[r.AccountID] = true
				go func() {
					s.work(ctx, r)
					ended <- r.AccountID
				}()
			}
		}
		s.crowded.Store(crowded)
		select {
		case <-ctx.Done():
			return
		case id := <-ended:
			delete(running, id)
		case <-s.asked:
		case <-poll.C:
		case <-overdue.C:
			s.report(s.askOverdue(ctx))
		}
	}
}

// report logs an error of our own store, unless it is the end.
func (s *Syncer) report(err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, db.ErrClosed) {
		s.log.Error("sync", "error", err)
	}
}

// due lists the requests that may be worked on now: those with a token first, then those that have waited longest.
func (s *Syncer) due(ctx context.Context) ([]db.SyncRequest, error) {
	now := s.now()
	requests, err := s.db.DueSyncs(ctx, s.owner, now, leaseLife, s.longestPause())
	if err != nil {
		return nil, err
	}
	var told, untold []db.SyncRequest
	for _, r := range requests {
		if s.token(r) != "" {
			told = append(told, r)
		} else {
			untold = append(untold, r)
		}
	}
	if s.gentle.free(now) {
		told = append(told, untold...)
	}
	return told, nil
}

// longestPause bounds what NotBefore can be: one that is farther ahead is of a clock that was set back since.
func (s *Syncer) longestPause() time.Duration { return max(s.every, limitSyncMost) }

// paused reports whether an account is to be left alone.
func (s *Syncer) paused(st db.SyncState, now time.Time) bool {
	return now.Before(st.NotBefore) && !st.NotBefore.After(now.Add(s.longestPause()))
}

func (s *Syncer) states(ctx context.Context) (map[string]db.SyncState, error) {
	list, err := s.db.SyncStates(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]db.SyncState, len(list))
	for _, st := range list {
		byID[st.AccountID] = st
	}
	return byID, nil
}

// token is that of a request as long as WeCom takes it.
func (s *Syncer) token(r db.SyncRequest) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Token == "" || s.failed[r.AccountID] == r.Token || s.now().Sub(r.TokenAt) > kf.SyncTokenLife-tokenMargin {
		return ""
	}
	return r.Token
}

// askOverdue asks for the accounts that had no good sync for too long: their callbacks may be lost. The one that has waited
// longest comes first, and no more than may be called within a minute.
func (s *Syncer) askOverdue(ctx context.Context) error {
	managed, err := s.managed(ctx)
	if err != nil {
		return err
	}
	states, err := s.states(ctx)
	if err != nil {
		return err
	}
	requests, err := s.db.SyncRequests(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	asked, room := make(map[string]bool, len(requests)), s.gentle.most
	for _, r := range requests {
		asked[r.AccountID] = true
		if s.token(r) != "" || s.paused(states[r.AccountID], now) {
			continue
		}
		room--
		if err := s.forgetLost(ctx, r, states[r.AccountID]); err != nil {
			return err
		}
	}
	managed = slices.DeleteFunc(managed, func(id string) bool {
		age := now.Sub(states[id].OKAt)
		return asked[id] || age >= 0 && age < s.every || s.paused(states[id], now)
	})
	slices.SortStableFunc(managed, func(a, b string) int {
		return cmp.Or(states[a].TriedAt.Compare(states[b].TriedAt), strings.Compare(a, b))
	})
	managed = managed[:max(0, min(len(managed), room))]
	if len(managed) == 0 {
		return nil
	}
	return s.ask(ctx, managed, "", time.Time{})
}

// forgetLost settles a request that failed for an account that was withdrawn from the app or is gone: nobody would ever
// answer it. Once the account is back, it is overdue.
func (s *Syncer) forgetLost(ctx context.Context, r db.SyncRequest, st db.SyncState) error {
	if st.Failures == 0 {
		return nil
	}
	a, err := s.db.Account(ctx, r.AccountID)
	if err != nil {
		return ignoreMissing(err)
	}
	if a.GoneAt == nil && (a.Managed == nil || *a.Managed) {
		return nil
	}
	return s.db.SettleSyncRequest(ctx, r.AccountID, r.N)
}

// work is one worker: it pulls an account until nothing is asked for any more, or until something goes wrong, which is
// noted. Nothing that happens to it concerns another account.
func (s *Syncer) work(ctx context.Context, r db.SyncRequest) {
	var err error
	if s.guard("worker", r.AccountID, func() { err = s.pull(ctx, r) }) {
		err = errPanic
	}
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, errLease), errors.Is(err, errGentle), errors.Is(err, errTurn):
	case errors.Is(err, errStore):
		s.report(fmt.Errorf("%s: %w", r.AccountID, err))
		sleep(ctx, s.polls.asked)
	default:
		if err := s.noteFailure(ctx, r.AccountID, err); err != nil {
			s.report(err)
			sleep(ctx, s.polls.asked)
		}
	}
}

// pull works on the requests of an account under a lease.
func (s *Syncer) pull(ctx context.Context, r db.SyncRequest) error {
	got, err := s.db.LeaseSync(ctx, r.AccountID, s.owner, s.now().Add(leaseLife))
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	if !got {
		return errLease
	}
	defer s.release(ctx, r.AccountID)
	for {
		if err := s.pullAll(ctx, r.AccountID, s.token(r)); err != nil {
			return err
		}
		again, err := s.settle(ctx, &r)
		if err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		if !again || s.crowded.Load() {
			return nil
		}
	}
}

// settle closes a request that was worked on. A callback that came meanwhile has made it a newer one, whose messages may
// be newer than the last page: then it reports true, and r is that one.
func (s *Syncer) settle(ctx context.Context, r *db.SyncRequest) (again bool, err error) {
	if err := s.db.SettleSyncRequest(ctx, r.AccountID, r.N); err != nil {
		return false, err
	}
	newer, err := s.db.SyncRequest(ctx, r.AccountID)
	if !errors.Is(err, db.ErrNotFound) {
		*r = newer
		return err == nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.failed, r.AccountID)
	return false, nil
}

// release gives the lease back, so that another process need not wait for its end.
func (s *Syncer) release(ctx context.Context, account string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	_, err := s.db.LeaseSync(ctx, account, s.owner, time.Time{})
	s.report(err)
}

// pullAll reads pages until WeCom says that there are no more; an empty page says nothing. A backlog of many pages is read
// with errTurn in between while others wait, whose codes live 20 seconds.
func (s *Syncer) pullAll(ctx context.Context, account, token string) error {
	st, err := s.db.SyncState(ctx, account)
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	r := kf.SyncRequest{Account: kf.AccountID(account), Cursor: kf.Cursor(st.Cursor), Token: token}
	for {
		if s.fault.beforePull != nil {
			s.fault.beforePull(account)
		}
		page, err := s.fetch(ctx, &r)
		if err != nil {
			return err
		}
		if err := s.store(ctx, account, r.Cursor, page); err != nil {
			return err
		}
		if !page.More || s.fault.oncePaged {
			return nil
		}
		if s.crowded.Load() {
			return errTurn
		}
		r.Cursor = page.Next
		if r.Limit *= 10; r.Limit >= kf.MaxSyncPage {
			r.Limit = 0
		}
	}
}

// fetch reads one page: once more without a token that WeCom does not take, with a pause when WeCom is too busy, and in
// smaller pieces when an answer is too large to be read.
func (s *Syncer) fetch(ctx context.Context, r *kf.SyncRequest) (kf.SyncPage, error) {
	tries := 0
	for {
		if r.Token == "" && !s.gentle.take(s.now()) {
			return kf.SyncPage{}, errGentle
		}
		page, err := s.kf.SyncMsg(ctx, *r)
		if err == nil {
			return page, nil
		}
		if ctx.Err() != nil {
			return page, ctx.Err()
		}
		var refused *kf.Error
		var answer *kf.HTTPError
		switch {
		case errors.As(err, &refused) && refused.Code == codeMessageToken && r.Token != "":
			s.refuseToken(string(r.Account), r.Token)
			r.Token = ""
			continue
		case errors.As(err, &refused) && refused.Code == codeFrequencyLimit && r.Token == "":
			s.gentle.block(s.now().Add(limitFirst))
			return page, err
		case errors.As(err, &refused) && refused.Code != codeBusy && refused.Code != codeTooManyAtOnce:
			return page, err
		case errors.As(err, &answer) && answer.TooLarge && r.Limit != 1:
			r.Limit = max(1, cmp.Or(r.Limit, kf.MaxSyncPage)/10)
			continue
		}
		if tries++; tries >= busyTries || !sleep(ctx, jitter(s.backoff<<(tries-1))) {
			return page, err
		}
	}
}

// codeMessageToken is the errcode for a token of a callback that is wrong or too old.
const codeMessageToken = 95007

// refuseToken remembers that a token is of no use.
func (s *Syncer) refuseToken(account, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed[account] = token
}

// noteFailure keeps why an account could not be synced, and when it may be tried again.
func (s *Syncer) noteFailure(ctx context.Context, account string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	now := s.now()
	return s.db.Tx(ctx, func(tx *db.DB) error {
		st, err := tx.SyncState(ctx, account)
		if err != nil {
			return err
		}
		first := st.Failures == 0
		st.TriedAt, st.Failures = now, st.Failures+1
		st.Error, st.Errcode = Kind(cause), 0
		if refused := new(kf.Error); errors.As(cause, &refused) {
			st.Error, st.Errcode = cmp.Or(refused.Msg, "errcode"), refused.Code
		}
		st.NotBefore = now.Add(syncPause(s.every, st.Failures, cause))
		if !first {
			s.log.Debug("sync: pull", "account", account, "failures", st.Failures, "error", cause)
			return tx.SaveSyncState(ctx, st)
		}
		s.log.Warn("sync: pull", "account", account, "error", cause)
		return errors.Join(tx.SaveSyncState(ctx, st), tx.AddChange(ctx, TopicSync, account))
	})
}

// limitSyncMost is the longest pause after 45009: messages wait for nobody longer than that.
const limitSyncMost = 10 * time.Minute

// syncPause is how long an account is left alone after so many failures in a row.
func syncPause(every time.Duration, failures int, err error) time.Duration {
	if refused := new(kf.Error); errors.As(err, &refused) && refused.Code == codeFrequencyLimit {
		d := limitFirst
		for ; failures > 1 && d < limitSyncMost; failures-- {
			d *= 2
		}
		return min(d, limitSyncMost)
	}
	return pause(every, failures, err)
}
