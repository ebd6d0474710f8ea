package db

import (
	"context"
	"errors"
	"time"
)

// StatisticSeries is how far the days of an account, or of one of its servicers, have been read, and how that goes.
type StatisticSeries struct {
	AccountID, Kind string
	ServicerID      string    // "" = the account as a whole
	First           time.Time // first day that was read, zero = none yet
	Through         time.Time // last day that was read
	Settled         time.Time // last day up to which no row has to be read again
	OKAt, TriedAt   time.Time
	NotBefore       time.Time // to be left alone until then
	Error           string    // of the last try, without secrets; "" = it worked
	Errcode         int
	Failures        int // in a row
}

const seriesCols = `s.first_day, s.through, s.settled, s.ok_at, s.tried_at, s.not_before, s.error, s.errcode, s.failures`

func scanSeries(s scanner) (v StatisticSeries, err error) {
	var first, through, settled, ok, tried, before int64
	err = s.Scan(&v.AccountID, &v.Kind, &v.ServicerID, &first, &through, &settled, &ok, &tried, &before, &v.Error, &v.Errcode, &v.Failures)
	v.First, v.Through, v.Settled = fromMS(first), fromMS(through), fromMS(settled)
	v.OKAt, v.TriedAt, v.NotBefore = fromMS(ok), fromMS(tried), fromMS(before)
	return v, err
}

const selectSeries = "SELECT s.account_id, s.kind, s.servicer_id, " + seriesCols + " FROM statistic_series s"

// StatisticSeries returns that of an account or servicer; one never read has nothing but its name.
func (db *DB) StatisticSeries(ctx context.Context, accountID, kind, servicerID string) (StatisticSeries, error) {
	v, err := one(ctx, db, scanSeries, selectSeries+" WHERE s.account_id = $1 AND s.kind = $2 AND s.servicer_key = $3",
		accountID, kind, servicerKeyOf(servicerID))
	if errors.Is(err, ErrNotFound) {
		return StatisticSeries{AccountID: accountID, Kind: kind, ServicerID: servicerID}, nil
	}
	return v, wrap("read statistic series", err)
}

// SaveStatisticSeries stores all of it.
func (db *DB) SaveStatisticSeries(ctx context.Context, v StatisticSeries) error {
	_, err := db.exec(ctx, `INSERT INTO statistic_series (account_id, kind, servicer_key, servicer_id, first_day, through, settled, ok_at,
		tried_at, not_before, error, errcode, failures) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (account_id, kind, servicer_key) DO UPDATE SET servicer_id = excluded.servicer_id, first_day = excluded.first_day,
		through = excluded.through, settled = excluded.settled, ok_at = excluded.ok_at, tried_at = excluded.tried_at,
		not_before = excluded.not_before, error = excluded.error, errcode = excluded.errcode, failures = excluded.failures`,
		clean(v.AccountID), v.Kind, servicerKeyOf(v.ServicerID), clean(v.ServicerID), ms(v.First), ms(v.Through), ms(v.Settled), ms(v.OKAt),
		ms(v.TriedAt), ms(v.NotBefore), clean(v.Error), v.Errcode, v.Failures)
	return wrap("save statistic series", err)
}

// wantedSeries are the series there should be: of every account that is not gone both kinds, and people. People are those
// on its list of servicers, and those who got a conversation as members of a department on it.
const wantedSeries = `WITH wanted (place, account_id, kind, servicer_key, servicer_id) AS (
	SELECT 0, a.id, 'corp', '', '' FROM account a WHERE a.gone_at IS NULL
	UNION ALL SELECT 1, a.id, 'servicer', '', '' FROM account a WHERE a.gone_at IS NULL
	UNION ALL SELECT 2, a.id, 'servicer', v.member_key, v.member_id FROM account a JOIN servicer v ON v.account_id = a.id
		WHERE a.gone_at IS NULL AND v.kind = 'user'
	UNION ALL SELECT DISTINCT 2, a.id, 'servicer', t.servicer_key, t.servicer_key FROM account a
		JOIN conversation_tally t ON t.account_id = a.id WHERE a.gone_at IS NULL AND t.servicer_key <> '' AND NOT EXISTS (
			SELECT 1 FROM servicer v WHERE v.account_id = a.id AND v.kind = 'user' AND v.member_key = t.servicer_key))
	SELECT w.account_id, w.kind, w.servicer_id, COALESCE(s.first_day, 0), COALESCE(s.through, 0), COALESCE(s.settled, 0),
	COALESCE(s.ok_at, 0), COALESCE(s.tried_at, 0), COALESCE(s.not_before, 0), COALESCE(s.error, ''), COALESCE(s.errcode, 0),
	COALESCE(s.failures, 0) FROM wanted w LEFT JOIN statistic_series s
	ON s.account_id = w.account_id AND s.kind = w.kind AND s.servicer_key = w.servicer_key`

// WantedStatistics returns the series that are to be read: the accounts as a whole first, then people. Those of accounts
// that are gone, and of people who left a list without ever having had a conversation, are not among them; their rows stay.
func (db *DB) WantedStatistics(ctx context.Context) ([]StatisticSeries, error) {
	l, err := all(ctx, db, scanSeries, wantedSeries+" ORDER BY w.place, w.account_id, w.servicer_key")
	return l, wrap("list wanted statistics", err)
}
