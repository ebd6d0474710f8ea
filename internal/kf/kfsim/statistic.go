package kfsim

import "time"

// Rules of the daily figures, in days.
const (
	statisticSpan    = 31  // in one call
	statisticHistory = 180 // back from today
	statisticReady   = 6 * time.Hour
	oneDay           = 24 * 60 * 60 // seconds; the zone of the figures knows no summer time
)

// beijing is the zone of WeCom's days.
var beijing = time.FixedZone("Asia/Shanghai", 8*60*60)

// apiFigures is the first day with figures of accounts that are managed by API.
var apiFigures = time.Date(2022, 3, 11, 0, 0, 0, 0, beijing).Unix()

// dayOf is the beginning of the day in Beijing of a moment, all in unix seconds.
func dayOf(at int64) int64 {
	const ahead = 8 * 60 * 60
	return at - (at+ahead)%oneDay
}

// statisticQuery is what both calls ask for. The days are in unix seconds; both ends belong to it.
type statisticQuery struct {
	account  string
	servicer string // in the spelling of the address book; empty for the whole account
	corp     bool   // the assistant's part is wanted too
	from, to int64
}

// statisticEntry is a day of an answer. A day without figures has no statistic.
type statisticEntry struct {
	At      int64 `json:"stat_time"`
	Figures any   `json:"statistic,omitempty"`
}

type statisticAnswer struct {
	List []statisticEntry `json:"statistic_list"`
}

// getCorpStatistic answers kf/get_corp_statistic.
func getCorpStatistic(c *call) (any, error) { return c.statistic(true) }

// getServicerStatistic answers kf/get_servicer_statistic.
func getServicerStatistic(c *call) (any, error) { return c.statistic(false) }

func (c *call) statistic(corp bool) (any, error) {
	f := c.fields(false)
	q := statisticQuery{account: f.accountID(), corp: corp}
	if !corp {
		q.servicer, _ = f.text("servicer_userid", maxUserID)
	}
	now := c.sim.now()
	q.from, q.to = f.days(now)
	if err := f.end(); err != nil {
		return nil, err
	}
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	w := c.sim.world
	a, err := w.account(q.account)
	if err != nil {
		return nil, err
	}
	if q.servicer != "" {
		p := w.person(q.servicer)
		if p == nil || !w.covered(a, p) {
			return nil, refuse(60253, "")
		}
		q.servicer = p.UserID
	}
	return w.statistic(q, a.Managed, now), nil
}

// days reads the interval and rounds it down to days.
func (f *fields) days(now time.Time) (from, to int64) {
	for _, name := range []string{"start_time", "end_time"} {
		if f.raw[name] == nil {
			f.missing(name)
		}
	}
	from = dayOf(int64(f.number("start_time", 0, 1<<32-1, 0)))
	to = dayOf(int64(f.number("end_time", 0, 1<<32-1, 0)))
	today := dayOf(now.Unix())
	switch {
	case f.err != nil:
	case from < today-statisticHistory*oneDay:
		f.outOfRange("start_time", "at most 180 days back")
	case to >= today:
		f.outOfRange("end_time", "yesterday at the latest")
	case to < from:
		f.outOfRange("end_time", "not before start_time")
	case to-from >= statisticSpan*oneDay:
		f.outOfRange("end_time", "at most 31 days")
	}
	return from, to
}

// statistic answers a query, an entry for each day.
func (w *world) statistic(q statisticQuery, managed bool, now time.Time) statisticAnswer {
	days := w.talk.tallies(q)
	w.Past.add(q, days)
	ready := dayOf(now.Add(-statisticReady).Unix())
	var answer statisticAnswer
	for day := q.from; day <= q.to; day += oneDay {
		entry := statisticEntry{At: day}
		if t := days[day]; t != nil && day < ready && (!managed || day >= apiFigures) {
			entry.Figures = t.figures(q.corp, managed)
		}
		answer.List = append(answer.List, entry)
	}
	return answer
}
