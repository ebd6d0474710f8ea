package live

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// fetch asks for a slice of a series, a few times when WeCom is busy, and returns a row for each of its days.
func (a *Archive) fetch(ctx context.Context, s db.StatisticSeries, from, to time.Time) ([]db.Statistic, error) {
	for tries := 1; ; tries++ {
		told, err := a.ask(ctx, s, from, to)
		if err == nil {
			return everyDay(s, from, to, told), nil
		}
		if !passes(err) || tries == busyTries || !sleep(ctx, jitter(a.backoff<<(tries-1))) {
			return nil, err
		}
	}
}

// ask makes one call.
func (a *Archive) ask(ctx context.Context, s db.StatisticSeries, from, to time.Time) ([]db.Statistic, error) {
	var rows []db.Statistic
	if s.Kind == db.StatisticCorp {
		days, err := a.kf.CorpStatistic(ctx, kf.AccountID(s.AccountID), from, to)
		for _, d := range days {
			rows = append(rows, db.Statistic{Day: d.Day, Figures: corpFigures(d.Figures), Raw: string(d.Raw)})
		}
		return rows, err
	}
	days, err := a.kf.ServicerStatistic(ctx, kf.AccountID(s.AccountID), kf.UserID(s.ServicerID), from, to)
	for _, d := range days {
		rows = append(rows, db.Statistic{Day: d.Day, Figures: servicerFigures(d.Figures), Raw: string(d.Raw)})
	}
	return rows, err
}

// everyDay makes a row of every day from from to to. One that WeCom left out has no figures, one that was not asked for is
// not believed.
func everyDay(s db.StatisticSeries, from, to time.Time, told []db.Statistic) []db.Statistic {
	byDay := make(map[int64]db.Statistic, len(told))
	for _, row := range told {
		byDay[row.Day.Unix()] = row
	}
	var rows []db.Statistic
	for day := from; !day.After(to); day = day.Add(oneDay) {
		row := byDay[day.Unix()]
		row.AccountID, row.Kind, row.ServicerID, row.Day = s.AccountID, s.Kind, s.ServicerID, day
		rows = append(rows, row)
	}
	return rows
}

func corpFigures(f *kf.CorpFigures) *db.StatisticFigures {
	if f == nil {
		return nil
	}
	return &db.StatisticFigures{
		Sessions: *count(f.Sessions), Customers: *count(f.Customers), CustomerMessages: *count(f.CustomerMessages),
		Upgraded: *count(f.Upgraded), Rejected: *count(f.Rejected),
		AISessions: count(f.AISessions), AITransferRate: f.AITransferRate, AIKnowledgeHitRate: f.AIKnowledgeHitRate,
	}
}

func servicerFigures(f *kf.ServicerFigures) *db.StatisticFigures {
	if f == nil {
		return nil
	}
	return &db.StatisticFigures{
		Sessions: *count(f.Sessions), Customers: *count(f.Customers), CustomerMessages: *count(f.CustomerMessages),
		Upgraded: *count(f.Upgraded), Rejected: *count(f.Rejected),
		ReplyRate: f.ReplyRate, FirstReplySec: f.FirstReplySec, SurveysSent: count(f.SurveysSent),
		ParticipationRate: f.ParticipationRate, SatisfiedRate: f.SatisfiedRate, MiddlingRate: f.MiddlingRate, DissatisfiedRate: f.DissatisfiedRate,
		MemberInvites: count(f.MemberInvites), MembersAdded: count(f.MembersAdded), GroupInvites: count(f.GroupInvites), GroupsJoined: count(f.GroupsJoined),
	}
}

// count makes a number that the database can hold.
func count(n uint64) *int64 {
	v := int64(min(n, math.MaxInt64))
	return &v
}

// passes tells an error that says nothing about what was asked for: WeCom is busy or cannot be reached.
func passes(err error) bool {
	var refused *kf.Error
	var answer *kf.HTTPError
	var argument *kf.ArgumentError
	switch {
	case errors.As(err, &refused):
		return refused.Code == codeBusy || refused.Code == codeTooManyAtOnce
	case errors.As(err, &answer):
		return answer.Status != 200
	}
	return !errors.As(err, &argument)
}

// concernsAll tells an error after which nothing else is asked for either: WeCom is away or has had enough of us, or does
// not let the app in.
func concernsAll(err error) bool {
	refused := new(kf.Error)
	if errors.As(err, &refused) {
		return passes(err) || refused.Code == codeFrequencyLimit || !strings.HasPrefix(refused.Endpoint, "kf/")
	}
	return passes(err)
}

// refusedPause is how long a series is left alone after so many refusals in a row.
func refusedPause(failures int) time.Duration {
	d := refusedFirst
	for ; failures > 1 && d < refusedMost; failures-- {
		d *= 2
	}
	return min(d, refusedMost)
}

// noteFailure keeps why a series could not be read and when it may be tried again; everything waits when the error
// concerns everything. Its error is of our own store.
func (a *Archive) noteFailure(ctx context.Context, s db.StatisticSeries, cause error) error {
	now := a.now()
	s.TriedAt, s.Failures, s.Error, s.Errcode = now, s.Failures+1, Kind(cause), 0
	if refused := new(kf.Error); errors.As(cause, &refused) {
		s.Error, s.Errcode = cmp.Or(refused.Msg, "errcode"), refused.Code
	}
	if concernsAll(cause) {
		// Should it be only this one that fails, the others are not to wait for it for ever.
		s.NotBefore = a.leaveAlone(now, cause).Add(time.Duration(min(s.Failures, 10)-1) * archivePoll)
	} else {
		a.answered()
		s.NotBefore = now.Add(refusedPause(s.Failures))
	}
	level := a.log.Debug
	if s.Failures == 1 {
		level = a.log.Warn
	}
	level("archive: read statistics", "account", s.AccountID, "kind", s.Kind, "servicer", s.ServicerID, "failures", s.Failures, "error", cause)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	return a.db.Tx(ctx, func(tx *db.DB) error {
		if err := tx.SaveStatisticSeries(ctx, s); err != nil || s.Failures > 1 {
			return err
		}
		return tx.AddChange(ctx, TopicStatistics, s.AccountID)
	})
}

// leaveAlone has WeCom left alone, the longer the more often that has been in a row, and returns until when.
func (a *Archive) leaveAlone(now time.Time, cause error) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures++
	a.until = now.Add(pause(archivePoll, a.failures, cause))
	return a.until
}

func (a *Archive) answered() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures = 0
}

func (a *Archive) pausedUntil() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.until
}
