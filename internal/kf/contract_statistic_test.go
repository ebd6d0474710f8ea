package kf_test

import (
	"net/http"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

// noon sets the clock of the simulator to noon, so that no day ends under a test, and returns that day.
func (s *sim) noon(t *testing.T) time.Time {
	t.Helper()
	day := kf.StatisticDay(time.Now())
	s.control(t, "clock", map[string]any{"set": day.Add(12 * time.Hour)})
	return day
}

// replayStatistic has a servicer answer a customer, and asks for the figures of that day when WeCom has them. The day is over by
// then, and with it the token.
func replayStatistic(t *testing.T, r *replayer) {
	t.Helper()
	account, customer, servicer := r.live[string(sampleAccount)], r.live[string(sampleCustomer)], r.live["sample.bai"]
	talk := map[string]any{"account": account, "customer": customer, "userid": servicer, "text": "在的"}
	day := r.noon(t)
	r.control(t, "customer/send", map[string]any{"account": account, "customer": customer, "text": "您好"})
	r.control(t, "desk/send", talk)
	r.control(t, "clock", map[string]any{"set": day.AddDate(0, 0, 1).Add(kf.StatisticReady)})
	r.token = ""
	r.token = r.send(t, http.MethodGet, "gettoken")["access_token"].(string)
	r.live[1759680000.0], r.live[1759766400.0] = float64(day.Unix()), float64(day.Unix())
	r.send(t, http.MethodPost, "kf/get_corp_statistic")
	r.send(t, http.MethodPost, "kf/get_servicer_statistic")
}

// The demo has figures of its past, and the client reads them as they are meant.
func TestContractStatistic(t *testing.T) {
	s := newSim(t)
	today := s.noon(t)
	c, err := kf.New(kf.Options{BaseURL: s.URL, CorpID: corpID, Secret: canarySecret})
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := c.ListAccounts(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	from, to := today.AddDate(0, 0, -32), today.AddDate(0, 0, -2)
	var surveys, hits int
	for _, a := range accounts {
		corp, err := c.CorpStatistic(t.Context(), a.ID, from, to)
		if err != nil || len(corp) != 31 {
			t.Fatalf("%s: %d days, %v", a.Name, len(corp), err)
		}
		all, err := c.ServicerStatistic(t.Context(), a.ID, "", from, to)
		if err != nil || len(all) != 31 {
			t.Fatalf("%s: %d days, %v", a.Name, len(all), err)
		}
		for i, day := range corp {
			if !day.Day.Equal(from.AddDate(0, 0, i)) || !all[i].Day.Equal(day.Day) {
				t.Errorf("%s: day %d is %s", a.Name, i, day.Day)
			}
			if f := day.Figures; f != nil && f.AIKnowledgeHitRate != nil {
				hits++
			}
			if f := all[i].Figures; f != nil && f.SurveysSent > 0 {
				surveys++
				if *a.ManagePrivilege {
					t.Errorf("%s: surveys of an account managed by API", a.Name)
				}
			}
		}
	}
	if surveys == 0 || hits == 0 {
		t.Errorf("%d days with surveys, %d with a knowledge base", surveys, hits)
	}
	contractStatisticRefusals(t, c, accounts[0].ID, today)
	s.wantNoViolationBut(t, 2)
}

// contractStatisticRefusals asks for what WeCom has not.
func contractStatisticRefusals(t *testing.T, c *kf.Client, account kf.AccountID, today time.Time) {
	t.Helper()
	yesterday := today.AddDate(0, 0, -1)
	if _, err := c.ServicerStatistic(t.Context(), account, "gui.xiaoyuan", yesterday, yesterday); !isCode(60253)(err) || kf.CertaintyOf(err) != kf.Refused {
		t.Errorf("somebody of another account: %v", err)
	}
	if _, err := c.CorpStatistic(t.Context(), "wkNobody", yesterday, yesterday); !isCode(95004)(err) {
		t.Errorf("no such account: %v", err)
	}
	oldest := today.Add(-kf.StatisticHistory)
	if _, err := c.CorpStatistic(t.Context(), account, oldest, oldest.Add(kf.StatisticSpan-time.Second)); err != nil {
		t.Errorf("the oldest month: %v", err)
	}
	if _, err := c.CorpStatistic(t.Context(), account, oldest.Add(-time.Second), oldest); !isCode(40058)(err) {
		t.Errorf("before the oldest day: %v", err)
	}
	if _, err := c.CorpStatistic(t.Context(), account, yesterday, today); !isCode(40058)(err) {
		t.Errorf("today: %v", err)
	}
}

// wantNoViolationBut fails the test unless the simulator found fault with so many calls.
func (s *sim) wantNoViolationBut(t *testing.T, n int) {
	t.Helper()
	_, b := s.do(t, http.MethodGet, "/_sim/violations", "", nil)
	if list, ok := decode(t, b).([]any); !ok || len(list) != n {
		t.Errorf("the simulator complains %d times, want %d: %s", len(list), n, b)
	}
}
