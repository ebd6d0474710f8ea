package db

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Freshness says when a part of the mirror was last brought in step with WeCom.
type Freshness struct {
	Topic         string
	OKAt, TriedAt *time.Time // nil = never
	Error         string     // of the last try, without secrets; "" = it worked
	Errcode       int
}

// Freshness returns that of a topic; one never tried has neither time.
func (db *DB) Freshness(ctx context.Context, topic string) (Freshness, error) {
	f, err := one(ctx, db, func(s scanner) (f Freshness, err error) {
		var ok, tried sql.NullInt64
		err = s.Scan(&ok, &tried, &f.Error, &f.Errcode)
		f.OKAt, f.TriedAt = fromNullMS(ok), fromNullMS(tried)
		return f, err
	}, "SELECT ok_at, tried_at, error, errcode FROM freshness WHERE topic = $1", topic)
	f.Topic = topic
	if errors.Is(err, ErrNotFound) {
		return f, nil
	}
	return f, wrap("read freshness", err)
}

// SetFreshness stores that of a topic. A nil OKAt or TriedAt keeps the time that is stored.
func (db *DB) SetFreshness(ctx context.Context, f Freshness) error {
	_, err := db.exec(ctx, `INSERT INTO freshness (topic, ok_at, tried_at, error, errcode) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (topic) DO UPDATE SET ok_at = COALESCE(excluded.ok_at, freshness.ok_at),
		tried_at = COALESCE(excluded.tried_at, freshness.tried_at), error = excluded.error, errcode = excluded.errcode`,
		f.Topic, nullMS(f.OKAt), nullMS(f.TriedAt), clean(f.Error), f.Errcode)
	return wrap("set freshness", err)
}
