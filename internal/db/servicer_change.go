package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// member is the key of a servicer of an account. WeCom takes user ids in any case.
type member struct{ kind, key string }

// memberState is what is stored of it beside.
type memberState struct {
	id           string
	status, stop sql.NullInt64
}

func stateOf(s Servicer) memberState {
	m := memberState{id: clean(s.MemberID)}
	if s.Status != nil {
		m.status = sql.NullInt64{Int64: int64(*s.Status), Valid: true}
	}
	if s.StopType != nil {
		m.stop = sql.NullInt64{Int64: int64(*s.StopType), Valid: true}
	}
	return m
}

func memberOf(s Servicer) (member, error) {
	if s.Kind != KindUser && s.Kind != KindDepartment {
		return member{}, fmt.Errorf("servicer kind %q", s.Kind)
	}
	return member{kind: s.Kind, key: fold(strings.TrimSpace(s.MemberID))}, nil
}

// ReplaceServicers stores the full list of an account's servicers, read from WeCom at at, and counts them. ErrNotFound
// without the account.
func (db *DB) ReplaceServicers(ctx context.Context, accountID string, list []Servicer, at time.Time) error {
	return wrap("replace servicers", db.atomic(ctx, func(tx *DB) error {
		left, err := tx.members(ctx, accountID)
		if err != nil {
			return err
		}
		for _, s := range list {
			m, err := memberOf(s)
			if err != nil {
				return err
			}
			old, ok := left[m]
			delete(left, m)
			if ok && old == stateOf(s) {
				continue
			}
			if err := tx.putServicer(ctx, accountID, m, stateOf(s), at); err != nil {
				return err
			}
		}
		for m := range left {
			if _, err := tx.exec(ctx, deleteServicer, accountID, m.kind, m.key); err != nil {
				return err
			}
		}
		_, err = tx.exec(ctx, "UPDATE servicer SET seen_at = $1 WHERE account_id = $2 AND seen_at < $1", ms(at), accountID)
		if err != nil {
			return err
		}
		err = tx.execOne(ctx, "UPDATE account SET servicers_at = $1 WHERE id = $2", ms(at), accountID)
		return errors.Join(err, tx.countServicers(ctx, accountID))
	}))
}

// UpsertServicers stores servicers of an account that were added or read alone; an unknown status keeps the stored one.
// AccountID of the list is not read. ErrNotFound without the account.
func (db *DB) UpsertServicers(ctx context.Context, accountID string, list []Servicer) error {
	return wrap("upsert servicers", db.atomic(ctx, func(tx *DB) error {
		for _, s := range list {
			m, err := memberOf(s)
			if err != nil {
				return err
			}
			at := s.SeenAt
			if at.IsZero() {
				at = db.e.now()
			}
			if err := tx.putServicer(ctx, accountID, m, stateOf(s), at); err != nil {
				return err
			}
		}
		return tx.countServicers(ctx, accountID)
	}))
}

// RemoveServicers removes servicers of an account by kind and member id; those that are not there are no error.
func (db *DB) RemoveServicers(ctx context.Context, accountID string, list []Servicer) error {
	return wrap("remove servicers", db.atomic(ctx, func(tx *DB) error {
		for _, s := range list {
			m, err := memberOf(s)
			if err != nil {
				return err
			}
			if _, err := tx.exec(ctx, deleteServicer, accountID, m.kind, m.key); err != nil {
				return err
			}
		}
		return tx.countServicers(ctx, accountID)
	}))
}

const deleteServicer = "DELETE FROM servicer WHERE account_id = $1 AND kind = $2 AND member_key = $3"

// members reads the servicers of an account.
func (db *DB) members(ctx context.Context, accountID string) (map[member]memberState, error) {
	stored := map[member]memberState{}
	err := db.each(ctx, func(s scanner) error {
		var m member
		var st memberState
		if err := s.Scan(&m.kind, &m.key, &st.id, &st.status, &st.stop); err != nil {
			return err
		}
		stored[m] = st
		return nil
	}, "SELECT kind, member_key, member_id, status, stop_type FROM servicer WHERE account_id = $1", accountID)
	return stored, err
}

func (db *DB) putServicer(ctx context.Context, accountID string, m member, st memberState, at time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO servicer (account_id, kind, member_key, member_id, status, stop_type, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, kind, member_key) DO UPDATE SET
		member_id = excluded.member_id, seen_at = excluded.seen_at, status = COALESCE(excluded.status, servicer.status),
		stop_type = CASE WHEN excluded.status IS NULL THEN servicer.stop_type ELSE excluded.stop_type END`,
		accountID, m.kind, m.key, st.id, st.status, st.stop, ms(at))
	return err
}

// countServicers sets the counters of an account from its servicers.
func (db *DB) countServicers(ctx context.Context, accountID string) error {
	return db.execOne(ctx, `UPDATE account SET
		serving = (SELECT count(*) FROM servicer s WHERE s.account_id = $1 AND s.kind = 'user' AND s.status = 0),
		stopped = (SELECT count(*) FROM servicer s WHERE s.account_id = $1 AND s.kind = 'user' AND s.status = 1),
		servicers = (SELECT count(*) FROM servicer s WHERE s.account_id = $1 AND s.kind = 'user'),
		departments = (SELECT count(*) FROM servicer s WHERE s.account_id = $1 AND s.kind = 'department')
		WHERE id = $1`, accountID)
}
