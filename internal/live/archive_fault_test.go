package live

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
)

// TestArchiveEarlyZeros: the zeros that WeCom answers at first are shown as provisional and replaced on the next days; what it
// said on the third is final and not asked for again.
func TestArchiveEarlyZeros(t *testing.T) {
	t.Parallel()
	v := newVault(t, "2026-10-30 05:59", false)
	v.look()
	sunday := beijingAt(t, "2026-10-31 00:00")
	sessions := ""
	v.answer(func(w http.ResponseWriter, q asked) bool {
		if !q.corp || q.Account != v.accounts[1] {
			return false
		}
		var days []string
		for at := q.From; at <= q.To; at += 24 * 60 * 60 {
			if at == sunday.Unix() && sessions != "" {
				days = append(days, fmt.Sprintf(`{"stat_time":%d,"statistic":{"session_cnt":%s,"customer_cnt":0,"customer_msg_cnt":0,"ai_transfer_rate":0.5}}`, at, sessions))
			} else if at != sunday.Unix() {
				days = append(days, fmt.Sprintf(`{"stat_time":%d}`, at))
			}
		}
		fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","statistic_list":[%s]}`, strings.Join(days, ","))
		return true
	})
	told := func() *db.Statistic {
		for _, row := range v.rows(db.StatisticCorp, v.accounts[1], "") {
			if row.Day.Equal(sunday) {
				return &row
			}
		}
		return nil
	}
	for i, c := range []struct {
		at, told string
		want     int64 // sessions; -1 = no figures
		final    bool
	}{
		{"2026-10-31 12:00", "9", 0, false},
		{"2026-11-01 06:00", "", -1, false},
		{"2026-11-02 06:00", "0", 0, false},
		{"2026-11-03 06:00", "41", 41, true},
		{"2026-11-04 06:00", "9", 41, true},
	} {
		v.clockTo(c.at)
		sessions = c.told
		v.look()
		row := told()
		switch {
		case i == 0:
			if row != nil {
				t.Errorf("%s: there is a row for today", c.at)
			}
		case row == nil || row.Final != c.final || c.want < 0 != (row.Figures == nil):
			t.Errorf("%s: %+v, want %+v", c.at, row, c)
		case c.want >= 0 && (row.Figures.Sessions != c.want || *row.Figures.AITransferRate != 0.5 || row.Figures.AIKnowledgeHitRate != nil):
			t.Errorf("%s: %+v, want %+v", c.at, row.Figures, c)
		}
	}
	if row := told(); !row.FetchedAt.Equal(beijingAt(t, "2026-11-03 06:00")) {
		t.Errorf("fetched at %v", row.FetchedAt)
	}
}

// TestArchiveRefused: an account and a servicer that WeCom does not tell about hold up nobody, are kept with the reason, and
// asked for again now and then.
func TestArchiveRefused(t *testing.T) {
	t.Parallel()
	v := newVault(t, "2026-10-30 07:00", true)
	codes := map[string]int{v.accounts[1]: 48007, v.accounts[2]: 60030, v.people[0]: 60253}
	v.answer(func(w http.ResponseWriter, q asked) bool {
		code := codes[q.Account] + codes[q.Servicer]
		return code != 0 && refuse(w, code)
	})
	if n := len(v.look()); n != 2+3*6+1 {
		t.Errorf("%d calls", n)
	}
	p := v.progress()
	if p.Series != 8 || p.Complete != 3 || len(p.Failed) != 3 || !p.OldestOK.IsZero() || !p.PausedUntil.IsZero() {
		t.Errorf("%+v", p)
	}
	for _, s := range p.Failed {
		want := codes[s.AccountID] + codes[s.ServicerID]
		if s.Errcode != want || s.Error != "planted" || !s.TriedAt.Equal(v.clock()) || !s.OKAt.IsZero() || !s.NotBefore.Equal(v.clock().Add(time.Hour)) {
			t.Errorf("noted %+v, want %d", s, want)
		}
	}
	for _, c := range []struct {
		pass  time.Duration
		calls int
	}{{time.Hour - time.Second, 0}, {time.Second, 3}, {time.Hour, 0}, {time.Hour, 3}, {4 * time.Hour, 3}, {8 * time.Hour, 3}} {
		v.pass(c.pass)
		if n := len(v.look()); n != c.calls {
			t.Errorf("%d calls at %v, want %d", n, v.clock(), c.calls)
		}
	}
	for range 20 {
		v.pass(oneDay)
		v.look()
	}
	if s := v.progress().Failed[0]; s.NotBefore.Sub(v.clock()) > oneDay {
		t.Errorf("waits until %v", s.NotBefore)
	}
	v.answer(nil)
	v.pass(oneDay)
	v.look()
	if p := v.progress(); p.Complete != 8 || p.Failed != nil {
		t.Errorf("healed: %+v", p)
	}
}

// TestArchiveLeavesAlone: when WeCom has had enough, is busy or away, nothing at all is asked for until a pause is over, which
// grows. What was read stays.
func TestArchiveLeavesAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter) bool
		tries  int
		pauses []time.Duration
		code   int
		error  string
	}{
		{"too often", func(w http.ResponseWriter) bool { return refuse(w, 45009) }, 1, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute}, 45009, "planted"},
		{"busy", func(w http.ResponseWriter) bool { return refuse(w, -1) }, busyTries, []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second}, -1, "planted"},
		{"gateway", func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusBadGateway); return true }, busyTries,
			[]time.Duration{5 * time.Second, 10 * time.Second}, 0, KindHTTP},
		{"cut off", func(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }, busyTries, []time.Duration{5 * time.Second, 10 * time.Second}, 0, KindUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, "2026-10-30 07:00", false)
			good := 8
			v.answer(func(w http.ResponseWriter, _ asked) bool {
				if good--; good >= 0 {
					return false
				}
				return c.answer(w)
			})
			for i, pause := range c.pauses {
				want := c.tries
				if i == 0 {
					want += 8
				}
				if n := len(v.look()); n != want {
					t.Errorf("%d calls before pause %d, want %d", n, i, want)
				}
				p := v.progress()
				if len(p.Failed) == 0 || p.Failed[0].Errcode != c.code || p.Failed[0].Error != c.error || !p.PausedUntil.Equal(v.clock().Add(pause)) || p.Complete != 1 {
					t.Errorf("pause %d: %+v, want %v", i, p, pause)
				}
				v.pass(pause - time.Second)
				if n := len(v.look()); n != 0 {
					t.Errorf("%d calls during pause %d", n, i)
				}
				v.pass(time.Second)
			}
			v.answer(nil)
			v.look()
			v.pass(time.Hour) // those that failed more than once let the others go first
			v.look()
			if p := v.progress(); p.Complete != 6 || p.Failed != nil || !p.PausedUntil.IsZero() {
				t.Errorf("afterwards %+v", p)
			}
			v.wantDays("2026-05-03", "2026-10-29", "2026-10-27")
		})
	}
}

// TestArchiveBusyOnce: WeCom being busy for a moment is no failure.
func TestArchiveBusyOnce(t *testing.T) {
	t.Parallel()
	v := newVault(t, "2026-10-30 07:00", false)
	n := 0
	v.answer(func(w http.ResponseWriter, _ asked) bool {
		n++
		return n%3 != 0 && refuse(w, -1)
	})
	if calls := len(v.look()); calls != 6*6*3 {
		t.Errorf("%d calls", calls)
	}
	if p := v.progress(); p.Complete != 6 || p.Failed != nil {
		t.Errorf("%+v", p)
	}
}

// TestArchiveOneBroken: an account about which WeCom answers nonsense, or nothing, holds up the others for a moment only.
func TestArchiveOneBroken(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter){
		"nonsense": func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"errcode":0,"errmsg":"ok","statistic_list":[{"stat_time":"x"}]}`)
		},
		"nothing": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, "2026-10-30 07:00", false)
			first := v.progress()
			wanted, err := v.db.WantedStatistics(t.Context())
			v.must(err)
			broken := wanted[0].AccountID
			v.answer(func(w http.ResponseWriter, q asked) bool {
				if q.Account == broken {
					answer(w)
				}
				return q.Account == broken
			})
			for range 3 {
				v.look()
				v.pass(30 * time.Second)
			}
			if p := v.progress(); first.Complete != 0 || p.Complete != 4 || len(p.Failed) != 1 || p.Failed[0].AccountID != broken {
				t.Errorf("%+v", p)
			}
		})
	}
}
