package live

import (
	"context"
	"fmt"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// ArchiveProgress says how far the archive is.
type ArchiveProgress struct {
	Last             time.Time // the newest day that WeCom can be asked for, 00:00 in Beijing
	Series, Complete int       // accounts and servicers to be read, and those that are read up to Last
	Days, Read       int       // of all series, of what WeCom still has; Read is Days when nothing is missing
	OldestOK         time.Time // of the series that has waited longest for a good answer, zero when one never had any
	// PausedUntil is when WeCom is asked again, because it refused to answer at all or to answer more; zero = it is asked.
	PausedUntil time.Time
	Failed      []db.StatisticSeries // those whose last try failed
}

// Progress reads how far the archive is.
func (a *Archive) Progress(ctx context.Context) (ArchiveProgress, error) {
	wanted, err := a.db.WantedStatistics(ctx)
	if err != nil {
		return ArchiveProgress{}, fmt.Errorf("archive progress: %w", err)
	}
	now := a.now()
	p := ArchiveProgress{Last: a.ready(now).Add(-oneDay), Series: len(wanted)}
	if until := a.pausedUntil(); now.Before(until) {
		p.PausedUntil = until
	}
	oldest := kf.StatisticDay(now).Add(-kf.StatisticHistory)
	days := int(p.Last.Sub(oldest)/oneDay) + 1
	for i, s := range wanted {
		p.Days += days
		p.Read += max(0, min(days, int(s.Through.Sub(oldest)/oneDay)+1))
		if !s.Through.Before(p.Last) {
			p.Complete++
		}
		if s.Failures > 0 {
			p.Failed = append(p.Failed, s)
		}
		if i == 0 || s.OKAt.Before(p.OldestOK) {
			p.OldestOK = s.OKAt
		}
	}
	return p, nil
}
