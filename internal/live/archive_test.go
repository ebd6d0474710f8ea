package live

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// vault is a desk with three accounts, one of which has two servicers, and an archive that asks for their figures.
type vault struct {
	*desk
	a        *Archive
	accounts []string
	people   []string // of the first account
	asks     asks
}

// asked is one call for figures.
type asked struct {
	Account  string `json:"open_kfid"`
	Servicer string `json:"servicer_userid"`
	From     int64  `json:"start_time"`
	To       int64  `json:"end_time"`
	corp     bool
}

func (q asked) span() string {
	return day(time.Unix(q.From, 0)) + " " + day(time.Unix(q.To, 0))
}

type asks struct {
	mu      sync.Mutex
	list    []asked
	instead func(w http.ResponseWriter, q asked) bool // true: it has answered
}

func day(t time.Time) string { return t.In(kf.Beijing).Format(time.DateOnly) }

// beijingAt reads a moment in Beijing.
func beijingAt(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, s+":00", kf.Beijing)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// newVault begins at a moment in Beijing. The kinds of series are wide when accounts alone are not enough.
func newVault(t *testing.T, at string, wide bool) *vault {
	t.Helper()
	v := &vault{desk: newDesk(t)}
	v.clockTo(at)
	v.desk.hook(v.hook)
	m := New(Options{DB: v.db, KF: v.kf, APIURL: v.url, Now: v.clock, Log: slog.New(slog.DiscardHandler)})
	v.must(m.RefreshAccounts(t.Context()))
	for _, a := range (&corp{t: t, url: v.url}).world().Accounts {
		var people []string
		for _, s := range a.Servicers {
			if s.UserID != "" {
				people = append(people, s.UserID)
			}
		}
		switch {
		case len(v.accounts) == 0 && a.Managed && len(people) >= 2:
			v.accounts, v.people = append(v.accounts, a.ID), people[:2]
		case len(v.accounts) == 1 || len(v.accounts) == 2:
			v.accounts = append(v.accounts, a.ID)
		default:
			v.must(v.db.MarkAccountGone(t.Context(), a.ID, v.clock()))
		}
	}
	if wide {
		v.must(v.db.UpsertServicers(t.Context(), v.accounts[0], []db.Servicer{
			{Kind: db.KindUser, MemberID: v.people[0]}, {Kind: db.KindUser, MemberID: v.people[1]},
		}))
	}
	v.a = v.archive(v.db)
	return v
}

func (v *vault) archive(store *db.DB) *Archive {
	a := NewArchive(ArchiveOptions{DB: store, KF: v.kf, Now: func() time.Time { return v.clock().Local() }, Log: slog.New(slog.DiscardHandler)})
	a.late, a.poll, a.pace, a.backoff = 0, 5*time.Millisecond, 0, time.Millisecond
	return a
}

// clockTo moves the clock on to a moment in Beijing.
func (v *vault) clockTo(at string) {
	v.t.Helper()
	v.pass(beijingAt(v.t, at).Sub(v.clock()))
}

func (v *vault) hook(w http.ResponseWriter, r *http.Request) bool {
	endpoint := strings.TrimPrefix(r.URL.Path, "/cgi-bin/kf/")
	if endpoint != "get_corp_statistic" && endpoint != "get_servicer_statistic" {
		return false
	}
	q := asked{corp: endpoint == "get_corp_statistic"}
	if err := json.Unmarshal([]byte(bodyOf(r)), &q); err != nil {
		v.t.Error(err)
	}
	v.asks.mu.Lock()
	defer v.asks.mu.Unlock()
	v.asks.list = append(v.asks.list, q)
	return v.asks.instead != nil && v.asks.instead(w, q)
}

// answer puts a function before the simulator; nil takes it away.
func (v *vault) answer(f func(w http.ResponseWriter, q asked) bool) {
	v.asks.mu.Lock()
	defer v.asks.mu.Unlock()
	v.asks.instead = f
}

func refuse(w http.ResponseWriter, code int) bool {
	fmt.Fprintf(w, `{"errcode":%d,"errmsg":"planted"}`, code)
	return true
}

// look has the archive read what it can, and returns what it asked for.
func (v *vault) look() []asked {
	v.t.Helper()
	v.must(v.a.round(v.t.Context()))
	return v.took()
}

// took returns what was asked for since the last time.
func (v *vault) took() []asked {
	v.asks.mu.Lock()
	defer v.asks.mu.Unlock()
	list := v.asks.list
	v.asks.list = nil
	return list
}

// wantSpans expects each of n series to be asked for the same days.
func (v *vault) wantSpans(when string, list []asked, n int, spans ...string) {
	v.t.Helper()
	bySeries := map[string][]string{}
	for _, q := range list {
		name := fmt.Sprint(q.Account, q.Servicer, q.corp)
		bySeries[name] = append(bySeries[name], q.span())
	}
	if len(spans) == 0 {
		n = 0
	}
	if len(bySeries) != n {
		v.t.Errorf("%s: %d series are asked for, want %d", when, len(bySeries), n)
	}
	for name, got := range bySeries {
		if !slices.Equal(got, spans) {
			v.t.Errorf("%s: %s is asked for %q, want %q", when, name, got, spans)
		}
	}
}

func (v *vault) rows(kind, account, servicer string) []db.Statistic {
	v.t.Helper()
	f := db.StatisticFilter{Kind: kind, AccountID: account, ServicerID: servicer, From: v.clock().AddDate(-2, 0, 0), To: v.clock()}
	list, err := v.db.Statistics(v.t.Context(), f)
	v.must(err)
	return list
}

// wantDays expects every day from one to another to be there once, and those after settled not to be final.
func (v *vault) wantDays(from, to, settled string) {
	v.t.Helper()
	wanted, err := v.db.WantedStatistics(v.t.Context())
	v.must(err)
	for _, s := range wanted {
		next := beijingAt(v.t, from+" 00:00")
		for _, row := range v.rows(s.Kind, s.AccountID, s.ServicerID) {
			if !row.Day.Equal(next) || row.Final != (day(row.Day) <= settled) {
				v.t.Errorf("%s %s %q: row of %s, final %v; want %s", s.Kind, s.AccountID, s.ServicerID, day(row.Day), row.Final, day(next))
				break
			}
			next = next.Add(oneDay)
		}
		if last := next.Add(-oneDay); day(last) != to {
			v.t.Errorf("%s %s %q: the last day is %s, want %s", s.Kind, s.AccountID, s.ServicerID, day(last), to)
		}
	}
}

func (v *vault) progress() ArchiveProgress {
	v.t.Helper()
	p, err := v.a.Progress(v.t.Context())
	v.must(err)
	return p
}

// sixSlices are the days of a back-fill at 05:59 on 30 October 2026.
var sixSlices = []string{"2026-05-03 2026-06-02", "2026-06-03 2026-07-03", "2026-07-04 2026-08-03", "2026-08-04 2026-09-03", "2026-09-04 2026-10-04", "2026-10-05 2026-10-28"}

// TestArchiveClock: yesterday is asked for at six, each day three times, and never in between. The days go over the end of
// summer time in New York, which is nothing to WeCom.
func TestArchiveClock(t *testing.T) {
	t.Parallel()
	if os.Getenv("TZ") == newYork {
		if zone, _ := time.Unix(0, 0).Zone(); zone != "EST" {
			t.Fatalf("this process is in %s", zone)
		}
	}
	v := newVault(t, "2026-10-30 05:59", true)
	v.wantSpans("first connection", v.look(), 8, sixSlices...)
	v.wantDays("2026-05-03", "2026-10-28", "2026-10-26")
	for _, c := range [][2]string{
		{"2026-10-30 05:59"}, {"2026-10-30 06:00", "2026-10-27 2026-10-29"}, {"2026-10-30 06:01"}, {"2026-10-30 23:59"},
		{"2026-10-31 00:00"}, {"2026-10-31 05:59"}, {"2026-10-31 06:00", "2026-10-28 2026-10-30"},
		{"2026-11-01 05:59"}, {"2026-11-01 06:00", "2026-10-29 2026-10-31"}, {"2026-11-01 13:59"}, {"2026-11-01 14:01"},
		{"2026-11-02 00:00"}, {"2026-11-02 05:59"}, {"2026-11-02 06:00", "2026-10-30 2026-11-01"}, {"2026-11-02 18:00"},
		{"2026-11-03 06:30", "2026-10-31 2026-11-02"},
	} {
		v.clockTo(c[0])
		var spans []string
		if c[1] != "" {
			spans = append(spans, c[1])
		}
		v.wantSpans(c[0], v.look(), 8, spans...)
	}
	v.wantDays("2026-05-03", "2026-11-02", "2026-10-31")
	if p := v.progress(); p.Series != 8 || p.Complete != 8 || p.Read != p.Days || day(p.Last) != "2026-11-02" || p.Failed != nil || !p.OldestOK.Equal(v.clock()) {
		t.Errorf("%+v", p)
	}
	changes, err := v.db.ChangesAfter(t.Context(), 0, 1000)
	v.must(err)
	if n := len(slices.DeleteFunc(changes, func(c db.Change) bool { return c.Topic != TopicStatistics })); n != 6*8 {
		t.Errorf("%d change rows, want one each time a series is up to date", n)
	}
}

const newYork = "America/New_York"

// TestArchiveElsewhere runs the tests of the calendar on a host with summer time.
func TestArchiveElsewhere(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestArchive(Clock|Gap)$", "-test.v")
	cmd.Env = append(os.Environ(), "TZ="+newYork)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS: ") != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestArchiveGap: after 40 days off, nothing is missing, and what was read too early is read again.
func TestArchiveGap(t *testing.T) {
	t.Parallel()
	v := newVault(t, "2026-10-30 07:00", false)
	v.look()
	v.wantDays("2026-05-03", "2026-10-29", "2026-10-27")
	v.clockTo("2026-12-09 07:00")
	v.a = v.archive(v.db)
	v.wantSpans("after 40 days", v.look(), 6, "2026-10-28 2026-11-27", "2026-11-28 2026-12-08")
	v.wantDays("2026-05-03", "2026-12-08", "2026-12-06")
	// After so long that WeCom has forgotten a part, the rest is read.
	v.clockTo("2027-07-01 07:00")
	if first := v.look()[0].span(); first != "2027-01-02 2027-02-01" {
		t.Errorf("the first slice is %s", first)
	}
}

// TestArchiveKeepsWhatItIsTold compares rows with WeCom's answers.
func TestArchiveKeepsWhatItIsTold(t *testing.T) {
	t.Parallel()
	v := newVault(t, "2026-10-30 07:00", true)
	v.look()
	from, to := beijingAt(t, "2026-09-20 00:00"), beijingAt(t, "2026-10-20 00:00")
	told, err := v.kf.CorpStatistic(t.Context(), kf.AccountID(v.accounts[0]), from, to)
	v.must(err)
	people, err := v.kf.ServicerStatistic(t.Context(), kf.AccountID(v.accounts[0]), kf.UserID(v.people[1]), from, to)
	v.must(err)
	figures, byDay := 0, map[int64]db.Statistic{}
	for _, row := range v.rows(db.StatisticCorp, v.accounts[0], "") {
		byDay[row.Day.Unix()] = row
	}
	for _, d := range told {
		row := byDay[d.Day.Unix()]
		if !reflect.DeepEqual(row.Figures, corpFigures(d.Figures)) || row.Raw != string(d.Raw) || !row.FetchedAt.Equal(v.clock()) || !row.Final {
			t.Errorf("%s: %+v, want %+v", day(d.Day), row, d)
		}
		if d.Figures != nil {
			figures++
		}
	}
	for _, row := range v.rows(db.StatisticServicer, v.accounts[0], v.people[1]) {
		byDay[row.Day.Unix()] = row
	}
	for _, d := range people {
		if row := byDay[d.Day.Unix()]; !reflect.DeepEqual(row.Figures, servicerFigures(d.Figures)) || row.Raw != string(d.Raw) {
			t.Errorf("%s: %+v, want %+v", day(d.Day), row, d)
		}
		if d.Figures != nil {
			figures++
		}
	}
	if figures < 20 {
		t.Errorf("only %d days have figures", figures)
	}
}

// TestArchiveGoesOn: a process that dies in the middle of the back-fill, with an answer that it has not stored, leaves
// everything before to the next one.
func TestArchiveGoesOn(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 8, 30} {
		v := newVault(t, "2026-10-30 05:59", false)
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		v.a.beforeStore = func() {
			if calls++; calls == at {
				cancel()
				panic("killed")
			}
		}
		if err := v.a.Run(ctx); err != context.Canceled {
			t.Errorf("Run ended with %v", err)
		}
		before := v.took()
		if p := v.progress(); len(before) != at || p.Complete != (at-1)/6 || (at == 1) != (p.Read == 0) || p.Read >= p.Days {
			t.Errorf("killed at %d of %d calls: %+v", at, len(before), p)
		}
		v.a = v.archive(v.open())
		after := v.look()
		if after[0] != before[at-1] {
			t.Errorf("goes on with %+v, the lost one was %+v", after[0], before[at-1])
		}
		v.wantSpans("both together", append(before[:at-1], after...), 6, sixSlices...)
		v.wantDays("2026-05-03", "2026-10-28", "2026-10-26")
	}
}

// TestArchiveHour: each console takes its own moment after six.
func TestArchiveHour(t *testing.T) {
	late := map[time.Duration]bool{}
	for range 50 {
		a := NewArchive(ArchiveOptions{})
		if a.late < 0 || a.late >= archiveSpread {
			t.Fatal(a.late)
		}
		late[a.late] = true
		at := beijingAt(t, "2026-10-30 06:00").Add(a.late)
		if before, after := a.ready(at.Add(-1)), a.ready(at); day(before) != "2026-10-29" || day(after) != "2026-10-30" {
			t.Errorf("%v after six: %v, %v", a.late, before, after)
		}
	}
	if len(late) < 40 {
		t.Errorf("%d moments for 50 consoles", len(late))
	}
}
