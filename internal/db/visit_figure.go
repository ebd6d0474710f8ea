package db

import (
	"context"
	"slices"
	"time"
)

// beijing is how far WeCom's days are ahead of UTC, in milliseconds.
const beijing = 8 * 3600 * 1000

// day is a day in milliseconds.
const day = 24 * 3600 * 1000

// FunnelDay says how far the visits of one Beijing day came, by the day they began.
type FunnelDay struct {
	Day                            time.Time // its first moment
	Entered, Wrote, Human, Replied int
}

// VisitFunnel returns the days with visits from from on and before to, in order. An account or scene of "" does not narrow.
func (db *DB) VisitFunnel(ctx context.Context, accountID, scene string, from, to time.Time) ([]FunnelDay, error) {
	q := funnelQuery(accountID, scene, from, to)
	days, err := all(ctx, db, func(s scanner) (d FunnelDay, err error) {
		var n int64
		err = s.Scan(&n, &d.Entered, &d.Wrote, &d.Human, &d.Replied)
		d.Day = time.UnixMilli(n*day - beijing).UTC()
		return d, err
	}, q.text()+" GROUP BY 1 ORDER BY 1", q.args...)
	return days, wrap("read visit funnel", err)
}

func funnelQuery(accountID, scene string, from, to time.Time) query {
	q := query{sel: `SELECT (v.entered_at + 28800000) / 86400000, count(*), count(CASE WHEN v.wrote_at <> 0 THEN 1 END),
		count(CASE WHEN v.human_at <> 0 THEN 1 END), count(CASE WHEN v.replied_at <> 0 THEN 1 END) FROM visit v`}
	q.add("v.entered_at >= ? AND v.entered_at < ?", ms(from), ms(to))
	addIf(&q, "v.account_id = ?", accountID)
	addIf(&q, "v.scene = ?", scene)
	return q
}

// FirstReplyMedian returns the median of how long customers who first wrote from from on and before to waited for their
// first answer, and of how many: those still waiting do not count. 0, 0 = nobody was answered.
func (db *DB) FirstReplyMedian(ctx context.Context, from, to time.Time) (time.Duration, int, error) {
	waits, err := all(ctx, db, scanInt, `SELECT replied_at - wrote_at FROM visit
		WHERE wrote_at <> 0 AND wrote_at >= $1 AND wrote_at < $2 AND replied_at <> 0`, ms(from), ms(to))
	if err != nil || len(waits) == 0 {
		return 0, 0, wrap("read first replies", err)
	}
	slices.Sort(waits)
	low, high := waits[(len(waits)-1)/2], waits[len(waits)/2]
	return time.Duration(low+high) * time.Millisecond / 2, len(waits), nil
}
