package kf_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"kfconsole/internal/kf"
)

var (
	sampleDay  = time.Date(2025, 10, 6, 0, 0, 0, 0, kf.Beijing)
	sampleDay2 = sampleDay.AddDate(0, 0, 1)
)

func statisticVerbs() []verb {
	type ctx = context.Context
	// Any moment of the days will do: the first and the last second.
	from, to := sampleDay.UTC(), sampleDay2.AddDate(0, 0, 1).Add(-time.Second)
	return []verb{
		{"POST", "kf/get_corp_statistic", func(ctx ctx, c *kf.Client) (any, error) {
			days, err := c.CorpStatistic(ctx, sampleAccount, from, to)
			for i := range days {
				days[i].Raw = nil
			}
			return days, err
		}, []kf.CorpDay{
			{Day: sampleDay, Figures: &kf.CorpFigures{Sessions: 57, Customers: 53, CustomerMessages: 318, Upgraded: 3, AISessions: 24,
				AITransferRate: ptr(.375), Rejected: 1}},
			{Day: sampleDay2},
		}},
		{"POST", "kf/get_servicer_statistic", func(ctx ctx, c *kf.Client) (any, error) {
			days, err := c.ServicerStatistic(ctx, sampleAccount, "sample.bai", from, to)
			for i := range days {
				days[i].Raw = nil
			}
			return days, err
		}, []kf.ServicerDay{
			{Day: sampleDay},
			{Day: sampleDay2, Figures: &kf.ServicerFigures{Sessions: 12, Customers: 11, CustomerMessages: 74, ReplyRate: ptr(.9167),
				FirstReplySec: ptr(41.25), Upgraded: 2, MemberInvites: 5, MembersAdded: 3, GroupInvites: 4, GroupsJoined: 1, Rejected: 1}},
		}},
	}
}

func statisticLimits() []limitCase {
	days := func(from, to time.Time) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.CorpStatistic(ctx, "wk1", from, to)
			return err
		}
	}
	servicer := func(account kf.AccountID, user kf.UserID) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.ServicerStatistic(ctx, account, user, sampleDay, sampleDay)
			return err
		}
	}
	month := sampleDay.AddDate(0, 0, 30)
	return []limitCase{
		{"one day", days(sampleDay, sampleDay), "", "", 0},
		{"two moments of a day, the later one first", days(sampleDay.Add(5*time.Hour), sampleDay), "", "", 0},
		{"31 days, by their last second", days(sampleDay, month.Add(24*time.Hour-time.Second)), "", "", 0},
		{"32 days", days(sampleDay, month.AddDate(0, 0, 1)), "end_time", kf.RuleRange, 31},
		{"end before start", days(sampleDay2, sampleDay), "end_time", kf.RuleRange, 0},
		{"no start", days(time.Time{}, sampleDay), "start_time", kf.RuleRange, 0},
		{"no end", days(sampleDay, time.Time{}), "end_time", kf.RuleRange, 0},
		{"start beyond 32 bits", days(time.Unix(1<<32, 0).Add(24*time.Hour), time.Unix(1<<33, 0)), "start_time", kf.RuleRange, 0},
		{"figures of no account", servicer("", "a"), "open_kfid", kf.RuleRequired, 0},
		{"figures of all servicers", servicer("wk1", ""), "", "", 0},
		{"figures of a line break", servicer("wk1", "a\nb"), "servicer_userid", kf.RuleCharacters, 0},
	}
}

func corpStatistic(t *testing.T, answer string) ([]kf.CorpDay, error) {
	t.Helper()
	return newWire(t, text(answer)).client(t, kf.Options{}).CorpStatistic(t.Context(), "wk1", sampleDay, sampleDay2)
}

func servicerStatistic(t *testing.T, answer string) ([]kf.ServicerDay, error) {
	t.Helper()
	return newWire(t, text(answer)).client(t, kf.Options{}).ServicerStatistic(t.Context(), "wk1", "", sampleDay, sampleDay2)
}

// Absent figures are none, never zeros.
func TestStatisticWithoutFigures(t *testing.T) {
	for _, entry := range []string{`{"stat_time":1759680000}`, `{"stat_time":1759680000,"statistic":null}`, `{"stat_time":1759680000,"statistic":{}}`,
		`{"stat_time":1759680000,"statistic":{"of_tomorrow":7}}`} {
		corp, err := corpStatistic(t, `{"errcode":0,"statistic_list":[`+entry+`]}`)
		if err != nil || len(corp) != 1 || corp[0].Figures != nil || !corp[0].Day.Equal(sampleDay) || string(corp[0].Raw) != entry {
			t.Errorf("%s: %+v, %v", entry, corp, err)
		}
		servicer, err := servicerStatistic(t, `{"errcode":0,"statistic_list":[`+entry+`]}`)
		if err != nil || len(servicer) != 1 || servicer[0].Figures != nil || !servicer[0].Day.Equal(sampleDay) || string(servicer[0].Raw) != entry {
			t.Errorf("%s: %+v, %v", entry, servicer, err)
		}
	}
	for _, list := range []string{"", `,"statistic_list":null`, `,"statistic_list":[]`} {
		if days, err := corpStatistic(t, `{"errcode":0`+list+`}`); err != nil || len(days) != 0 {
			t.Errorf("%q: %+v, %v", list, days, err)
		}
	}
	// A day of zeros is one: something was computed.
	days, err := corpStatistic(t, `{"errcode":0,"statistic_list":[{"stat_time":1759680000,"statistic":{"session_cnt":0}}]}`)
	if err != nil || len(days) != 1 || !reflect.DeepEqual(days[0].Figures, &kf.CorpFigures{}) {
		t.Errorf("zeros: %+v, %v", days, err)
	}
}

// Every field comes through in each of the shapes a number has been seen in, and an absent rate is none while one of 0 is 0.
func TestStatisticNumbers(t *testing.T) {
	const servicer = `{"errcode":0,"statistic_list":[{"stat_time":"1759680000","statistic":{"session_cnt":"1","customer_cnt":2.0,"customer_msg_cnt":3,
		"reply_rate":1,"first_reply_average_sec":"4.5","satisfaction_investgate_cnt":"5","satisfaction_participation_rate":0.5,"satisfied_rate":0,
		"middling_rate":"0.25","dissatisfied_rate":1e-1,"upgrade_service_customer_cnt":6,"upgrade_service_member_invite_cnt":7,
		"upgrade_service_member_customer_cnt":8,"upgrade_service_groupchat_invite_cnt":9,"upgrade_service_groupchat_customer_cnt":10,
		"msg_rejected_customer_cnt":18446744073709551615}}]}`
	days, err := servicerStatistic(t, servicer)
	want := &kf.ServicerFigures{Sessions: 1, Customers: 2, CustomerMessages: 3, ReplyRate: ptr(1.0), FirstReplySec: ptr(4.5), SurveysSent: 5,
		ParticipationRate: ptr(.5), SatisfiedRate: ptr(.0), MiddlingRate: ptr(.25), DissatisfiedRate: ptr(.1), Upgraded: 6, MemberInvites: 7,
		MembersAdded: 8, GroupInvites: 9, GroupsJoined: 10, Rejected: 1<<64 - 1}
	if err != nil || len(days) != 1 || !reflect.DeepEqual(days[0].Figures, want) {
		t.Errorf("servicer: %+v, %v", days, err)
	}
	corp, err := corpStatistic(t, `{"errcode":0,"statistic_list":[{"stat_time":1759680000,"statistic":{"session_cnt":1,"customer_cnt":"2",
		"customer_msg_cnt":3.0,"upgrade_service_customer_cnt":4,"ai_session_reply_cnt":5,"ai_transfer_rate":null,"ai_knowledge_hit_rate":0,
		"msg_rejected_customer_cnt":6}}]}`)
	wantCorp := &kf.CorpFigures{Sessions: 1, Customers: 2, CustomerMessages: 3, Upgraded: 4, AISessions: 5, AIKnowledgeHitRate: ptr(.0), Rejected: 6}
	if err != nil || len(corp) != 1 || !reflect.DeepEqual(corp[0].Figures, wantCorp) {
		t.Errorf("corp: %+v, %v", corp, err)
	}
}

// The name of the surveys is misspelt in the protocol. Were it put right, nothing would be lost.
func TestStatisticMisspeltName(t *testing.T) {
	for figures, want := range map[string]uint64{
		`"satisfaction_investgate_cnt":3`:                                  3,
		`"satisfaction_investigate_cnt":4`:                                 4,
		`"satisfaction_investgate_cnt":0,"satisfaction_investigate_cnt":4`: 0,
		`"session_cnt":1`:                                                  0,
	} {
		days, err := servicerStatistic(t, `{"errcode":0,"statistic_list":[{"stat_time":1759680000,"statistic":{`+figures+`}}]}`)
		if err != nil || len(days) != 1 || days[0].Figures == nil || days[0].Figures.SurveysSent != want {
			t.Errorf("%s: %+v, %v", figures, days, err)
		}
	}
}

// What cannot be figures is an error, and never half an answer.
func TestStatisticMalformed(t *testing.T) {
	const good = `{"stat_time":1759680000,"statistic":{"session_cnt":1}},`
	for _, entry := range []string{`{}`, `7`, `null`, `{"stat_time":-1}`, `{"stat_time":4294967296}`, `{"stat_time":"soon"}`, `{"stat_time":1759680000,"statistic":[]}`} {
		for name, read := range map[string]func(string) (int, error){
			"corp":     func(s string) (int, error) { d, err := corpStatistic(t, s); return len(d), err },
			"servicer": func(s string) (int, error) { d, err := servicerStatistic(t, s); return len(d), err },
		} {
			wantMalformedDays(t, name, `{"errcode":0,"statistic_list":[`+good+entry+`]}`, read)
		}
	}
	for _, figure := range []string{`"session_cnt":-1`, `"session_cnt":1.5`, `"session_cnt":"NaN"`, `"session_cnt":1e300`, `"session_cnt":true`,
		`"ai_transfer_rate":-0.1`, `"ai_transfer_rate":"NaN"`, `"ai_transfer_rate":"Inf"`, `"ai_transfer_rate":""`, `"ai_transfer_rate":{}`} {
		wantMalformedDays(t, "corp", `{"errcode":0,"statistic_list":[`+good+`{"stat_time":1759766400,"statistic":{`+figure+`}}]}`,
			func(s string) (int, error) { d, err := corpStatistic(t, s); return len(d), err })
	}
}

func wantMalformedDays(t *testing.T, name, body string, read func(string) (int, error)) {
	t.Helper()
	n, err := read(body)
	var answer *kf.HTTPError
	if n != 0 || !errors.As(err, &answer) || answer.Status != 200 || answer.Reason == "" {
		t.Errorf("%s: %s: %d days, %v", name, body, n, err)
	}
}

// An empty servicer is left out: it stands for all together.
func TestStatisticRequestOfAll(t *testing.T) {
	w := newWire(t, text(okJSON))
	if _, err := w.client(t, kf.Options{}).ServicerStatistic(t.Context(), "wk1", "", sampleDay, sampleDay2); err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(w.received("kf/get_servicer_statistic")[0].Body, &sent); err != nil {
		t.Fatal(err)
	}
	if want := (map[string]any{"open_kfid": "wk1", "start_time": 1759680000.0, "end_time": 1759766400.0}); !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %v, want %v", sent, want)
	}
}

func TestStatisticDay(t *testing.T) {
	for in, want := range map[string]string{
		"2025-10-05T15:59:59Z":      "2025-10-05",
		"2025-10-05T16:00:00Z":      "2025-10-06",
		"2025-10-06T23:59:59+08:00": "2025-10-06",
		"2025-03-30T02:30:00+01:00": "2025-03-30", // an hour that Europe has not
		"2025-10-05T23:00:00-11:00": "2025-10-06",
	} {
		at, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		if day := kf.StatisticDay(at); day.Format(time.RFC3339) != want+"T00:00:00+08:00" {
			t.Errorf("%s: %s, want %s", in, day, want)
		}
	}
}
