package server

import (
	"strconv"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/scene"
	"kfconsole/web/templates/ui"
)

// linkBrought counts what a link brought: the visits of its account that came with its
// scene.
func (s *Server) linkBrought(r *request, l db.Link) (scene.Brought, error) {
	var b scene.Brought
	if l.Scene == "" {
		b.Why = r.t().Scene.BroughtNoScene
		return b, nil
	}
	chosen, err := r.oneOf("days", "30", "7", "90")
	if err != nil {
		return b, err
	}
	days := 0
	for _, n := range []int{7, 30, 90} {
		value := strconv.Itoa(n)
		on := value == chosen
		if on {
			days = n
		}
		q := href.Q("param", r.query("param"), "days", value)
		b.Periods = append(b.Periods, ui.Choice{Text: r.t().Scene.Period(n), Href: q.On(href.Link(l.ID)) + "#brought", On: on})
	}
	today := kf.StatisticDay(r.view.Now)
	from := today.AddDate(0, 0, 1-days)
	figures, err := s.DB.VisitFunnel(r.ctx, l.AccountID, l.Scene, from, today.AddDate(0, 0, 1))
	if err != nil {
		return b, err
	}
	b.Days = everyDay(from, days, figures)
	for _, d := range b.Days {
		b.Sum.Entered += d.Entered
		b.Sum.Wrote += d.Wrote
		b.Sum.Human += d.Human
		b.Sum.Replied += d.Replied
	}
	return b, nil
}

// everyDay lists all days of a period, also those without a visit.
func everyDay(from time.Time, days int, figures []db.FunnelDay) []scene.Day {
	byDate := map[string]db.FunnelDay{}
	for _, f := range figures {
		byDate[f.Day.In(kf.Beijing).Format(time.DateOnly)] = f
	}
	list := make([]scene.Day, days)
	for i := range list {
		date := from.AddDate(0, 0, i).Format(time.DateOnly)
		f := byDate[date]
		list[i] = scene.Day{Date: date, Entered: f.Entered, Wrote: f.Wrote, Human: f.Human, Replied: f.Replied}
	}
	return list
}
