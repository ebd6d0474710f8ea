package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Kinds of statistics, as WeCom tells them.
const (
	StatisticCorp     = "corp"     // an account: people and assistant together
	StatisticServicer = "servicer" // people: all of an account together, or one of them
)

// Statistic is what WeCom says of one day.
type Statistic struct {
	AccountID, Kind string
	ServicerID      string            // "" = the account as a whole
	Day             time.Time         // 00:00 in Beijing
	Figures         *StatisticFigures // nil = WeCom had none: nothing happened, or it had not computed the day yet
	Raw             string            // the entry as it came, "" = the day was not in the answer
	FetchedAt       time.Time
	Final           bool // not fetched so early that WeCom may still change it
}

// StatisticFigures are those of both kinds. Rates are from 0 to 1; nil is not computable, or not of the kind.
type StatisticFigures struct {
	Sessions, Customers, CustomerMessages, Upgraded, Rejected int64

	// Of StatisticCorp.
	AISessions                         *int64
	AITransferRate, AIKnowledgeHitRate *float64

	// Of StatisticServicer.
	ReplyRate, FirstReplySec                                         *float64 // seconds, on average
	SurveysSent                                                      *int64
	ParticipationRate, SatisfiedRate, MiddlingRate, DissatisfiedRate *float64
	MemberInvites, MembersAdded, GroupInvites, GroupsJoined          *int64
}

const figureCols = `sessions, customers, customer_messages, upgraded, rejected, ai_sessions, ai_transfer_rate, ai_hit_rate, reply_rate,
	first_reply_sec, surveys, participation_rate, satisfied_rate, middling_rate, dissatisfied_rate, member_invites, members_added,
	group_invites, groups_joined`

const statisticCols = "account_id, kind, servicer_id, day, " + figureCols + ", raw, fetched_at, final"

// args are the values of figureCols.
func (f *StatisticFigures) args() []any {
	if f == nil {
		return make([]any, 19)
	}
	return []any{f.Sessions, f.Customers, f.CustomerMessages, f.Upgraded, f.Rejected, f.AISessions, f.AITransferRate, f.AIKnowledgeHitRate,
		f.ReplyRate, f.FirstReplySec, f.SurveysSent, f.ParticipationRate, f.SatisfiedRate, f.MiddlingRate, f.DissatisfiedRate,
		f.MemberInvites, f.MembersAdded, f.GroupInvites, f.GroupsJoined}
}

func scanStatistic(s scanner) (v Statistic, err error) {
	var f StatisticFigures
	var sessions, customers, messages, upgraded, rejected sql.NullInt64
	var at, fetched int64
	err = s.Scan(&v.AccountID, &v.Kind, &v.ServicerID, &at, &sessions, &customers, &messages, &upgraded, &rejected, &f.AISessions,
		&f.AITransferRate, &f.AIKnowledgeHitRate, &f.ReplyRate, &f.FirstReplySec, &f.SurveysSent, &f.ParticipationRate, &f.SatisfiedRate,
		&f.MiddlingRate, &f.DissatisfiedRate, &f.MemberInvites, &f.MembersAdded, &f.GroupInvites, &f.GroupsJoined, &v.Raw, &fetched, &v.Final)
	v.Day, v.FetchedAt = fromMS(at), fromMS(fetched)
	if sessions.Valid {
		f.Sessions, f.Customers, f.CustomerMessages = sessions.Int64, customers.Int64, messages.Int64
		f.Upgraded, f.Rejected = upgraded.Int64, rejected.Int64
		v.Figures = &f
	}
	return v, err
}

// StatisticFilter chooses rows. From and To are days, both included.
type StatisticFilter struct {
	Kind         string // StatisticCorp or StatisticServicer
	AccountID    string // "" = all accounts
	ServicerID   string // "" = the accounts as a whole
	EachServicer bool   // every servicer instead, whatever ServicerID says
	From, To     time.Time
}

// Statistics returns the rows of a filter by day, then account and servicer. A day that was never asked for has none. All
// are held in memory: whoever wants everybody's days of years reads them a month at a time. ErrBadFilter.
func (db *DB) Statistics(ctx context.Context, f StatisticFilter) ([]Statistic, error) {
	q, err := statisticQuery(f, statisticCols)
	if err != nil {
		return nil, wrap("read statistics", err)
	}
	l, err := all(ctx, db, scanStatistic, q.text()+statisticOrder, q.args...)
	return l, wrap("read statistics", err)
}

const statisticOrder = " ORDER BY day, account_id, servicer_key"

func statisticQuery(f StatisticFilter, cols string) (query, error) {
	q := query{sel: "SELECT " + cols + " FROM statistic"}
	if f.Kind != StatisticCorp && f.Kind != StatisticServicer {
		return q, fmt.Errorf("%w: kind %q", ErrBadFilter, f.Kind)
	}
	q.add("kind = ? AND day >= ? AND day <= ?", f.Kind, ms(f.From), ms(f.To))
	addIf(&q, "account_id = ?", f.AccountID)
	if f.EachServicer {
		q.add("servicer_key <> ''")
	} else {
		q.add("servicer_key = ?", servicerKeyOf(f.ServicerID))
	}
	return q, nil
}

// upsertStatistic keeps figures that are there when WeCom says later that it has none: it forgets, the archive does not.
const upsertStatistic = `INSERT INTO statistic (servicer_key, ` + statisticCols + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
	$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
	ON CONFLICT (account_id, kind, servicer_key, day) DO UPDATE SET servicer_id = excluded.servicer_id, sessions = excluded.sessions,
	customers = excluded.customers, customer_messages = excluded.customer_messages, upgraded = excluded.upgraded,
	rejected = excluded.rejected, ai_sessions = excluded.ai_sessions, ai_transfer_rate = excluded.ai_transfer_rate,
	ai_hit_rate = excluded.ai_hit_rate, reply_rate = excluded.reply_rate, first_reply_sec = excluded.first_reply_sec,
	surveys = excluded.surveys, participation_rate = excluded.participation_rate, satisfied_rate = excluded.satisfied_rate,
	middling_rate = excluded.middling_rate, dissatisfied_rate = excluded.dissatisfied_rate, member_invites = excluded.member_invites,
	members_added = excluded.members_added, group_invites = excluded.group_invites, groups_joined = excluded.groups_joined,
	raw = excluded.raw, fetched_at = excluded.fetched_at, final = excluded.final
	WHERE (excluded.sessions IS NOT NULL OR statistic.sessions IS NULL) AND excluded.fetched_at >= statistic.fetched_at`

// PutStatistics stores rows in the stead of those of the same days and notes how far their series has been read, in one
// transaction. A day that has figures keeps them when the new row has none, or is older.
func (db *DB) PutStatistics(ctx context.Context, series StatisticSeries, rows []Statistic) error {
	return wrap("put statistics", db.atomic(ctx, func(tx *DB) error {
		for _, v := range rows {
			args := []any{servicerKeyOf(v.ServicerID), clean(v.AccountID), v.Kind, clean(v.ServicerID), ms(v.Day)}
			args = append(append(args, v.Figures.args()...), clean(v.Raw), ms(v.FetchedAt), v.Final)
			if _, err := tx.exec(ctx, upsertStatistic, args...); err != nil {
				return err
			}
		}
		return tx.SaveStatisticSeries(ctx, series)
	}))
}
