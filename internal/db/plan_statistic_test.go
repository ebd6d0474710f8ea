package db

import (
	"strings"
	"testing"
)

// TestStatisticPlans looks at the plan of every filter and sum: a range of days in the index made for it.
func TestStatisticPlans(t *testing.T) {
	d := openTest(t)
	for _, c := range []struct {
		filter StatisticFilter
		index  string
	}{
		{StatisticFilter{Kind: StatisticCorp}, "statistic_servicer (servicer_key=? AND kind=? AND day>? AND day<?)"},
		{StatisticFilter{Kind: StatisticCorp, AccountID: "wkA"}, "sqlite_autoindex_statistic_1 (account_id=? AND kind=? AND servicer_key=? AND day>? AND day<?)"},
		{StatisticFilter{Kind: StatisticServicer, ServicerID: "li.na"}, "statistic_servicer (servicer_key=? AND kind=? AND day>? AND day<?)"},
		{StatisticFilter{Kind: StatisticServicer, AccountID: "wkA", ServicerID: "li.na"}, "sqlite_autoindex_statistic_1 (account_id=? AND kind=? AND servicer_key=? AND day>? AND day<?)"},
		{StatisticFilter{Kind: StatisticServicer, AccountID: "wkA", EachServicer: true}, "statistic_people (account_id=? AND kind=? AND day>? AND day<?)"},
		{StatisticFilter{Kind: StatisticServicer, EachServicer: true}, "statistic_day (kind=? AND day>? AND day<?)"},
	} {
		c.filter.From, c.filter.To = testTime, testTime
		q, err := statisticQuery(c.filter, statisticCols)
		if err != nil {
			t.Fatal(err)
		}
		steps := strings.Join(plan(t, d, q.text()+statisticOrder, q.args...), "\n")
		if steps != "SEARCH statistic USING INDEX "+c.index {
			t.Errorf("%+v: %s, want %s", c.filter, steps, c.index)
		}
		for _, by := range []string{"", ByDay, ByAccount, ByServicer} {
			q, group, err := sumQuery(c.filter, by)
			if err != nil {
				t.Fatal(err)
			}
			steps := plan(t, d, q.text()+group, q.args...)
			if steps[0] != "SEARCH statistic USING INDEX "+c.index || len(steps) > 1 && by != ByAccount && by != ByServicer {
				t.Errorf("%+v by %q: %q, want %s", c.filter, by, steps, c.index)
			}
		}
	}
	for _, step := range plan(t, d, selectSeries+" WHERE s.account_id = $1 AND s.kind = $2 AND s.servicer_key = $3", "a", "corp", "") {
		if strings.HasPrefix(step, "SCAN") {
			t.Errorf("series: %s", step)
		}
	}
	// Accounts and servicers are walked, what is known of them is found.
	steps := strings.Join(plan(t, d, wantedSeries), "\n")
	if !strings.Contains(steps, "SEARCH s USING INDEX sqlite_autoindex_statistic_series_1 (account_id=? AND kind=? AND servicer_key=?)") {
		t.Errorf("wanted series: %s", steps)
	}
}
