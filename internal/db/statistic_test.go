package db_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// firstDay is 00:00 of 1 October 2026 in Beijing.
var firstDay = time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC)

func on(n int) time.Time { return firstDay.AddDate(0, 0, n) }

// row is a day of an account, or of one of its servicers.
func row(account, kind, servicer string, day int, f *db.StatisticFigures) db.Statistic {
	return db.Statistic{AccountID: account, Kind: kind, ServicerID: servicer, Day: on(day), Figures: f, Raw: fmt.Sprintf(`{"stat_time":%d}`, day),
		FetchedAt: on(day + 1).Add(6 * time.Hour)}
}

func put(t *testing.T, d *db.DB, rows ...db.Statistic) {
	t.Helper()
	for _, r := range rows {
		s := db.StatisticSeries{AccountID: r.AccountID, Kind: r.Kind, ServicerID: r.ServicerID, Through: r.Day}
		if err := d.PutStatistics(context.Background(), s, []db.Statistic{r}); err != nil {
			t.Fatal(err)
		}
	}
}

func wantRows(t *testing.T, d *db.DB, f db.StatisticFilter, want ...db.Statistic) {
	t.Helper()
	if got, err := d.Statistics(context.Background(), f); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v:\n%+v, %v\nwant\n%+v", f, got, err, want)
	}
}

func TestStatisticsByFilter(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		corp := func(account string, day int) db.Statistic {
			return row(account, db.StatisticCorp, "", day, &db.StatisticFigures{Sessions: int64(day), Customers: math.MaxInt64, CustomerMessages: 3, Upgraded: 4,
				Rejected: 5, AISessions: ptr(int64(6)), AITransferRate: ptr(0.125)})
		}
		all := &db.StatisticFigures{Sessions: 1, ReplyRate: ptr(0.0), FirstReplySec: ptr(34.5), SurveysSent: ptr(int64(2)), ParticipationRate: ptr(0.5),
			SatisfiedRate: ptr(1.0), MiddlingRate: ptr(0.25), DissatisfiedRate: ptr(0.75), MemberInvites: ptr(int64(3)), MembersAdded: ptr(int64(4)),
			GroupInvites: ptr(int64(5)), GroupsJoined: ptr(int64(6))}
		total := row("wkA", db.StatisticServicer, "", 1, all)
		lina, empty := row("wkA", db.StatisticServicer, "Li.Na", 1, all), row("wkA", db.StatisticServicer, "Li.Na", 2, nil)
		there := row("wkB", db.StatisticServicer, "li.na", 2, all)
		empty.Raw, lina.Final = "", true
		put(t, d, there, empty, lina, total, corp("wkB", 1), corp("wkA", 3), corp("wkA", 2), corp("wkA", 1))
		whole := db.StatisticFilter{Kind: db.StatisticCorp, From: on(1), To: on(2)}
		wantRows(t, d, whole, corp("wkA", 1), corp("wkB", 1), corp("wkA", 2))
		whole.AccountID = "wkA"
		wantRows(t, d, whole, corp("wkA", 1), corp("wkA", 2))
		people := db.StatisticFilter{Kind: db.StatisticServicer, From: on(0), To: on(9)}
		wantRows(t, d, people, total)
		people.ServicerID = " LI.NA"
		wantRows(t, d, people, lina, empty, there)
		people.EachServicer = true
		wantRows(t, d, people, lina, empty, there)
		people.AccountID = "wkB"
		wantRows(t, d, people, there)
		people.From, people.To = people.To, people.From
		wantRows(t, d, people)
		if _, err := d.Statistics(context.Background(), db.StatisticFilter{Kind: "people"}); !errors.Is(err, db.ErrBadFilter) {
			t.Error(err)
		}
		if _, err := d.StatisticSums(context.Background(), whole, "hour"); !errors.Is(err, db.ErrBadFilter) {
			t.Error(err)
		}
	})
}

// TestStatisticsAreReplaced: by newer ones of the same day, but figures not by none.
func TestStatisticsAreReplaced(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		f := db.StatisticFilter{Kind: db.StatisticCorp, AccountID: "wkA", From: on(1), To: on(1)}
		early := row("wkA", db.StatisticCorp, "", 1, nil)
		zeros := row("wkA", db.StatisticCorp, "", 1, &db.StatisticFigures{})
		zeros.FetchedAt = early.FetchedAt.Add(time.Hour)
		real := row("wkA", db.StatisticCorp, "", 1, &db.StatisticFigures{Sessions: 41, AISessions: ptr(int64(30)), AITransferRate: ptr(0.4)})
		real.FetchedAt, real.Final = zeros.FetchedAt.Add(time.Hour), true
		gone := row("wkA", db.StatisticCorp, "", 1, nil)
		gone.FetchedAt = real.FetchedAt.Add(time.Hour)
		for _, c := range []struct{ put, want db.Statistic }{{early, early}, {zeros, zeros}, {real, real}, {gone, real}, {zeros, real}} {
			put(t, d, c.put)
			wantRows(t, d, f, c.want)
		}
	})
}

// TestStatisticSlice: rows and state together, or neither.
func TestStatisticSlice(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		s := db.StatisticSeries{AccountID: "wkA", Kind: db.StatisticServicer, ServicerID: "Li.Na", First: on(0), Through: on(1), Settled: on(0),
			OKAt: now, TriedAt: now.Add(1e9), NotBefore: now.Add(2e9), Error: "busy", Errcode: 45009, Failures: 2}
		broken := errors.New("planted")
		err := d.Tx(ctx, func(tx *db.DB) error {
			return errors.Join(tx.PutStatistics(ctx, s, []db.Statistic{row("wkA", s.Kind, "Li.Na", 1, nil)}), broken)
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		f := db.StatisticFilter{Kind: s.Kind, ServicerID: "li.na", From: on(0), To: on(9)}
		wantRows(t, d, f)
		none := db.StatisticSeries{AccountID: "wkA", Kind: s.Kind, ServicerID: "li.na"}
		if got, err := d.StatisticSeries(ctx, "wkA", s.Kind, "li.na"); err != nil || got != none {
			t.Errorf("%+v, %v", got, err)
		}
		for _, first := range []db.StatisticSeries{{AccountID: "wkA", Kind: s.Kind, ServicerID: "li.na", Failures: 9}, s} {
			if err := d.PutStatistics(ctx, first, []db.Statistic{row("wkA", s.Kind, "Li.Na", 1, nil)}); err != nil {
				t.Fatal(err)
			}
		}
		wantRows(t, d, f, row("wkA", s.Kind, "Li.Na", 1, nil))
		if got, err := d.StatisticSeries(ctx, "wkA", s.Kind, "LI.NA"); err != nil || got != s {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
