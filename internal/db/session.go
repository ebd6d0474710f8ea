package db

import (
	"context"
	"time"
)

// Session is one signed-in browser. Only the hash of its token is known here.
type Session struct {
	Hash, OperatorID  string
	IP, UserAgent     string
	CreatedAt, SeenAt time.Time
}

const sessionCols = "s.hash, s.operator_id, s.ip, s.user_agent, s.created_at, s.seen_at"

// sessionRow receives the sessionCols of a row.
type sessionRow struct {
	Session
	created, seen int64
}

func (r *sessionRow) dest() []any {
	return []any{&r.Hash, &r.OperatorID, &r.IP, &r.UserAgent, &r.created, &r.seen}
}

func (r *sessionRow) value() Session {
	r.CreatedAt, r.SeenAt = fromMS(r.created), fromMS(r.seen)
	return r.Session
}

func scanSession(s scanner) (Session, error) {
	var r sessionRow
	err := s.Scan(r.dest()...)
	return r.value(), err
}

// InsertSession adds a session. ErrConflict if the hash exists, ErrNotFound without the operator.
func (db *DB) InsertSession(ctx context.Context, s Session) error {
	_, err := db.exec(ctx, `INSERT INTO session (hash, operator_id, ip, user_agent, created_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, s.Hash, s.OperatorID, clean(s.IP), clean(s.UserAgent), ms(s.CreatedAt), ms(s.SeenAt))
	return wrap("insert session", err)
}

// SessionByHash returns a session and its operator, who may be disabled. ErrNotFound if there is none. Expiry is the
// caller's to judge.
func (db *DB) SessionByHash(ctx context.Context, hash string) (Session, Operator, error) {
	var sr sessionRow
	o, err := one(ctx, db, func(s scanner) (Operator, error) {
		var or operatorRow
		err := s.Scan(append(sr.dest(), or.dest()...)...)
		return or.value(), err
	}, "SELECT "+sessionCols+", "+operatorCols+" FROM session s JOIN operator o ON o.id = s.operator_id WHERE s.hash = $1", hash)
	return sr.value(), o, wrap("read session", err)
}

// TouchSession moves the time a session was last seen. ErrNotFound if it has ended.
func (db *DB) TouchSession(ctx context.Context, hash string, at time.Time) error {
	return wrap("touch session", db.execOne(ctx, "UPDATE session SET seen_at = $1 WHERE hash = $2", ms(at), hash))
}

// DeleteSession ends a session. One that does not exist has ended already.
func (db *DB) DeleteSession(ctx context.Context, hash string) error {
	_, err := db.exec(ctx, "DELETE FROM session WHERE hash = $1", hash)
	return wrap("delete session", err)
}

// DeleteSessions ends all sessions of an operator but the one with exceptHash ("" = all) and returns how many.
func (db *DB) DeleteSessions(ctx context.Context, operatorID, exceptHash string) (int, error) {
	n, err := db.exec(ctx, "DELETE FROM session WHERE operator_id = $1 AND hash <> $2", operatorID, exceptHash)
	return int(n), wrap("delete sessions", err)
}

// Sessions returns the sessions of an operator, newest first, expired ones included.
func (db *DB) Sessions(ctx context.Context, operatorID string) ([]Session, error) {
	l, err := all(ctx, db, scanSession, "SELECT "+sessionCols+` FROM session s
		WHERE s.operator_id = $1 ORDER BY s.created_at DESC, s.hash`, operatorID)
	return l, wrap("list sessions", err)
}

// DeleteSessionsBefore ends the sessions that were created before created or last seen before seen and returns how many.
func (db *DB) DeleteSessionsBefore(ctx context.Context, created, seen time.Time) (int, error) {
	n, err := db.exec(ctx, "DELETE FROM session WHERE created_at < $1 OR seen_at < $2", ms(created), ms(seen))
	return int(n), wrap("delete expired sessions", err)
}
