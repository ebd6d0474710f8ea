package db_test

import (
	"context"
	"math"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// TestStatisticSums compares with sums made by hand: rates count by what they are of, and not where there is none.
func TestStatisticSums(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		of := func(account, servicer string, day int, f *db.StatisticFigures) {
			r := row(account, db.StatisticServicer, servicer, day, f)
			r.Final = day == 1
			put(t, d, r)
		}
		// 8 of 10, 1 of 2 and 4 of 4 sessions answered, after 30, 60 and 10 seconds; 4 of 8 and 1 of 1 surveys, 3 and 0 of them satisfied.
		of("wkA", "Li.Na", 1, &db.StatisticFigures{Sessions: 10, Customers: 9, CustomerMessages: 50, Upgraded: 1, Rejected: 1, ReplyRate: ptr(0.8),
			FirstReplySec: ptr(30.0), SurveysSent: ptr(int64(8)), ParticipationRate: ptr(0.5), SatisfiedRate: ptr(0.75), DissatisfiedRate: ptr(0.25), MiddlingRate: ptr(0.0)})
		of("wkA", "Li.Na", 2, &db.StatisticFigures{Sessions: 2, Customers: 2, CustomerMessages: 5, ReplyRate: ptr(0.5), FirstReplySec: ptr(60.0),
			SurveysSent: ptr(int64(0)), MemberInvites: ptr(int64(3))})
		of("wkA", "zhou", 2, &db.StatisticFigures{CustomerMessages: 1, SurveysSent: ptr(int64(0))}) // nobody to answer
		of("wkB", "li.na", 2, &db.StatisticFigures{Sessions: 4, Customers: 4, CustomerMessages: 7, ReplyRate: ptr(1.0), FirstReplySec: ptr(10.0),
			SurveysSent: ptr(int64(1)), ParticipationRate: ptr(1.0), SatisfiedRate: ptr(0.0), DissatisfiedRate: ptr(0.0), MiddlingRate: ptr(1.0)})
		of("wkB", "li.na", 3, nil)
		of("wkB", "li.na", 9, &db.StatisticFigures{Sessions: 1000})

		sums := func(by string) []db.StatisticSum {
			t.Helper()
			l, err := d.StatisticSums(context.Background(), db.StatisticFilter{Kind: db.StatisticServicer, EachServicer: true, From: on(1), To: on(8)}, by)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		all := sums("")[0]
		if all.Rows != 4 || all.Missing != 1 || all.Provisional != 4 || !all.FetchedAt.Equal(on(2).Add(6*3600e9)) || all.Sessions != 16 || all.Customers != 15 ||
			all.CustomerMessages != 63 || all.Upgraded != 1 || all.Rejected != 1 || all.SurveysSent != 9 || all.MemberInvites != 3 || all.AISessions != 0 {
			t.Errorf("all: %+v", all)
		}
		near(t, "reply rate", all.ReplyRate, 13.0/16)
		near(t, "first reply", all.FirstReplySec, (8*30+1*60+4*10)/13.0)
		near(t, "participation", all.ParticipationRate, 5.0/9)
		near(t, "satisfied", all.SatisfiedRate, 3.0/5)
		near(t, "middling", all.MiddlingRate, 1.0/5)
		near(t, "dissatisfied", all.DissatisfiedRate, 1.0/5)
		near(t, "transfer", all.AITransferRate, math.NaN())

		people := sums(db.ByServicer)
		if len(people) != 2 || people[0].Sessions != 16 || people[1].ServicerID != "zhou" || people[1].Sessions != 0 || people[1].CustomerMessages != 1 {
			t.Fatalf("by servicer: %+v", people)
		}
		near(t, "nobody to answer", people[1].ReplyRate, math.NaN())
		if days := sums(db.ByDay); len(days) != 3 || !days[0].Day.Equal(on(1)) || days[0].Provisional != 0 || days[1].Rows != 3 || days[2].Missing != 1 || days[2].Sessions != 0 {
			t.Errorf("by day: %+v", days)
		}
		if accounts := sums(db.ByAccount); len(accounts) != 2 || accounts[1].AccountID != "wkB" || accounts[1].Sessions != 4 {
			t.Errorf("by account: %+v", accounts)
		}
		none, err := d.StatisticSums(context.Background(), db.StatisticFilter{Kind: db.StatisticCorp, From: on(1), To: on(8)}, "")
		if err != nil || len(none) != 1 || none[0] != (db.StatisticSum{}) {
			t.Errorf("nothing: %+v, %v", none, err)
		}
	})
}

// near compares a mean; NaN wants none.
func near(t *testing.T, what string, m db.Mean, want float64) {
	t.Helper()
	got := math.NaN()
	if v := m.Value(); v != nil {
		got = *v
	}
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-9 {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestWantedStatistics: accounts first, then their people, also those of a department once they had a conversation.
func TestWantedStatistics(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		linkDB(t, d, 0)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(d.UpsertAccount(ctx, db.Account{ID: "wkGone", Name: "gone", SeenAt: now}))
		must(d.MarkAccountGone(ctx, "wkGone", now))
		must(d.ReplaceServicers(ctx, "wkB", []db.Servicer{{Kind: db.KindUser, MemberID: "Li.Na"}, {Kind: db.KindDepartment, MemberID: "7"}}, now))
		for _, servicer := range []string{"LI.NA", "Wang.Wei"} {
			c, _, err := d.ConversationFor(ctx, "wkB", "wm"+servicer, now)
			must(err)
			c.State, c.ServicerID = db.StateHuman, servicer
			must(d.UpdateConversation(ctx, c))
			c.State, c.ServicerID = db.StateEnded, ""
			must(d.UpdateConversation(ctx, c))
		}
		known := db.StatisticSeries{AccountID: "wkB", Kind: db.StatisticServicer, ServicerID: "Li.Na", Through: on(3), Failures: 1, Error: "x"}
		must(d.SaveStatisticSeries(ctx, known))
		want := []db.StatisticSeries{{AccountID: "wkA", Kind: db.StatisticCorp}, {AccountID: "wkB", Kind: db.StatisticCorp},
			{AccountID: "wkA", Kind: db.StatisticServicer}, {AccountID: "wkB", Kind: db.StatisticServicer}, known,
			{AccountID: "wkB", Kind: db.StatisticServicer, ServicerID: "wang.wei"}}
		got, err := d.WantedStatistics(ctx)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%+v, %v", got, err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}
