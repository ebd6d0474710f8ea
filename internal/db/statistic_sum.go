package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// What StatisticSums can be grouped by.
const (
	ByDay      = "day"
	ByAccount  = "account"
	ByServicer = "servicer"
)

// StatisticSum is what the rows of a filter come to.
type StatisticSum struct {
	Day         time.Time // with ByDay
	AccountID   string    // with ByAccount
	ServicerID  string    // with ByServicer
	Rows        int       // with figures
	Missing     int       // without
	Provisional int       // not final, with or without
	FetchedAt   time.Time // of the oldest row

	// Counts of WeCom's days, added up: who wrote on two days or to two accounts is two customers.
	Sessions, Customers, CustomerMessages, Upgraded, Rejected            int64
	AISessions                                                           int64
	SurveysSent, MemberInvites, MembersAdded, GroupInvites, GroupsJoined int64

	// Means by what WeCom counts nearest to the denominator it keeps to itself: near, not exact, over several rows.
	AITransferRate, AIKnowledgeHitRate            Mean // by sessions of the assistant
	ReplyRate                                     Mean // by sessions
	FirstReplySec                                 Mean // by answered sessions
	ParticipationRate                             Mean // by surveys
	SatisfiedRate, MiddlingRate, DissatisfiedRate Mean // by answered surveys
}

// Mean is a weighted mean on the way.
type Mean struct{ Sum, Weight float64 }

// Value returns the mean, nil when nothing was weighed.
func (m Mean) Value() *float64 {
	if m.Weight <= 0 {
		return nil
	}
	v := m.Sum / m.Weight
	return &v
}

const (
	answeredSessions = "sessions * reply_rate"
	answeredSurveys  = "surveys * participation_rate"
)

// weigh is the SQL of a Mean: days that lack either do not count.
func weigh(figure, by string) string {
	return fmt.Sprintf(", COALESCE(sum(%[1]s * %[2]s), 0), COALESCE(sum(CASE WHEN %[1]s IS NOT NULL THEN %[2]s END), 0)", figure, by)
}

var sumCols = `count(sessions), count(*) - count(sessions), count(CASE WHEN NOT final THEN 1 END), min(fetched_at),
	COALESCE(sum(sessions), 0), COALESCE(sum(customers), 0), COALESCE(sum(customer_messages), 0), COALESCE(sum(upgraded), 0),
	COALESCE(sum(rejected), 0), COALESCE(sum(ai_sessions), 0), COALESCE(sum(surveys), 0), COALESCE(sum(member_invites), 0),
	COALESCE(sum(members_added), 0), COALESCE(sum(group_invites), 0), COALESCE(sum(groups_joined), 0)` +
	weigh("ai_transfer_rate", "ai_sessions") + weigh("ai_hit_rate", "ai_sessions") + weigh("reply_rate", "sessions") +
	weigh("first_reply_sec", answeredSessions) + weigh("participation_rate", "surveys") + weigh("satisfied_rate", answeredSurveys) +
	weigh("middling_rate", answeredSurveys) + weigh("dissatisfied_rate", answeredSurveys)

func scanSum(s scanner) (v StatisticSum, err error) {
	var at int64
	var fetched sql.NullInt64
	err = s.Scan(&at, &v.AccountID, &v.ServicerID, &v.Rows, &v.Missing, &v.Provisional, &fetched, &v.Sessions, &v.Customers,
		&v.CustomerMessages, &v.Upgraded, &v.Rejected, &v.AISessions, &v.SurveysSent, &v.MemberInvites, &v.MembersAdded, &v.GroupInvites,
		&v.GroupsJoined, &v.AITransferRate.Sum, &v.AITransferRate.Weight, &v.AIKnowledgeHitRate.Sum, &v.AIKnowledgeHitRate.Weight,
		&v.ReplyRate.Sum, &v.ReplyRate.Weight, &v.FirstReplySec.Sum, &v.FirstReplySec.Weight, &v.ParticipationRate.Sum,
		&v.ParticipationRate.Weight, &v.SatisfiedRate.Sum, &v.SatisfiedRate.Weight, &v.MiddlingRate.Sum, &v.MiddlingRate.Weight,
		&v.DissatisfiedRate.Sum, &v.DissatisfiedRate.Weight)
	v.Day, v.FetchedAt = fromMS(at), fromMS(fetched.Int64)
	return v, err
}

// StatisticSums adds up the rows of a filter: one sum a day, account or servicer, in their order, or with "" one of
// everything, which is there even without rows. ErrBadFilter.
func (db *DB) StatisticSums(ctx context.Context, f StatisticFilter, by string) ([]StatisticSum, error) {
	q, group, err := sumQuery(f, by)
	if err != nil {
		return nil, wrap("sum statistics", err)
	}
	l, err := all(ctx, db, scanSum, q.text()+group, q.args...)
	return l, wrap("sum statistics", err)
}

func sumQuery(f StatisticFilter, by string) (q query, group string, err error) {
	keys := map[string][2]string{
		"":         {"0, '', '', ", ""},
		ByDay:      {"day, '', '', ", " GROUP BY day ORDER BY day"},
		ByAccount:  {"0, account_id, '', ", " GROUP BY account_id ORDER BY account_id"},
		ByServicer: {"0, '', max(servicer_id), ", " GROUP BY servicer_key ORDER BY servicer_key"},
	}
	key, ok := keys[by]
	if !ok {
		return q, "", fmt.Errorf("%w: by %q", ErrBadFilter, by)
	}
	q, err = statisticQuery(f, key[0]+sumCols)
	return q, key[1], err
}
