package db

import (
	"context"
	"errors"
	"time"
)

// SyncState is how far the messages of an account have been read, and how that goes.
type SyncState struct {
	AccountID     string
	Cursor        string // of WeCom, "" = from the oldest it still has
	OKAt, TriedAt time.Time
	NotBefore     time.Time // WeCom asked for a pause until then
	Error         string    // of the last try, without secrets; "" = it worked
	Errcode       int
	Failures      int // in a row
	LeaseOwner    string
	LeaseUntil    time.Time
	Messages      int64 // taken in so far
}

const (
	syncStateCols = "account_id, cursor, ok_at, tried_at, not_before, error, errcode, failures, lease_owner, lease_until, messages"

	selectSyncState = "SELECT " + syncStateCols + " FROM sync_state"
)

func scanSyncState(s scanner) (SyncState, error) { return scanSyncStateAnd(s) }

// scanSyncStateAnd reads the syncStateCols of a row and further columns.
func scanSyncStateAnd(s scanner, more ...any) (y SyncState, err error) {
	var ok, tried, before, lease int64
	err = s.Scan(append([]any{&y.AccountID, &y.Cursor, &ok, &tried, &before, &y.Error, &y.Errcode, &y.Failures, &y.LeaseOwner, &lease, &y.Messages}, more...)...)
	y.OKAt, y.TriedAt, y.NotBefore, y.LeaseUntil = fromMS(ok), fromMS(tried), fromMS(before), fromMS(lease)
	return y, err
}

// SyncStates returns those of all accounts that were ever synced, by account id.
func (db *DB) SyncStates(ctx context.Context) ([]SyncState, error) {
	l, err := all(ctx, db, scanSyncState, selectSyncState+" ORDER BY account_id")
	return l, wrap("list sync states", err)
}

// StaleSync is an account whose messages were last read long ago.
type StaleSync struct {
	SyncState
	AccountName string // "" = unknown
}

// StaleSyncs returns the accounts whose last good sync was at a time or before it, the longest ago first, at most limit
// (0 = 50). Those that never had one are not among them.
func (db *DB) StaleSyncs(ctx context.Context, until time.Time, limit int) ([]StaleSync, error) {
	l, err := all(ctx, db, func(s scanner) (y StaleSync, err error) {
		y.SyncState, err = scanSyncStateAnd(s, &y.AccountName)
		return y, err
	}, "SELECT "+syncStateCols+`, COALESCE((SELECT a.name FROM account a WHERE a.id = account_id), '') FROM sync_state
		WHERE ok_at > 0 AND ok_at <= $1 ORDER BY ok_at, account_id LIMIT $2`, ms(until), clampLimit(limit))
	return l, wrap("list stale syncs", err)
}

// SyncState returns that of an account; one never synced has nothing but its id.
func (db *DB) SyncState(ctx context.Context, accountID string) (SyncState, error) {
	s, err := one(ctx, db, scanSyncState, selectSyncState+" WHERE account_id = $1", accountID)
	if errors.Is(err, ErrNotFound) {
		return SyncState{AccountID: accountID}, nil
	}
	return s, wrap("read sync state", err)
}

// SaveSyncState stores all of it. Cursor and lease are not to be set back: who saves reads first, in the same transaction.
func (db *DB) SaveSyncState(ctx context.Context, s SyncState) error {
	_, err := db.exec(ctx, `INSERT INTO sync_state (account_id, cursor, ok_at, tried_at, not_before, error, errcode, failures, lease_owner,
		lease_until, messages) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (account_id) DO UPDATE SET
		cursor = excluded.cursor, ok_at = excluded.ok_at, tried_at = excluded.tried_at, not_before = excluded.not_before,
		error = excluded.error, errcode = excluded.errcode, failures = excluded.failures, lease_owner = excluded.lease_owner,
		lease_until = excluded.lease_until, messages = excluded.messages`,
		clean(s.AccountID), clean(s.Cursor), ms(s.OKAt), ms(s.TriedAt), ms(s.NotBefore), clean(s.Error), s.Errcode, s.Failures,
		s.LeaseOwner, ms(s.LeaseUntil), s.Messages)
	return wrap("save sync state", err)
}

// LeaseSync gives the syncing of an account to an owner until a time, or renews it, and tells whether the owner has it: not
// while another has a lease that is not over. One that lasts twice as long as what is asked for was given by a clock that
// was set back since: it does not count. A time that has passed gives the lease back.
func (db *DB) LeaseSync(ctx context.Context, accountID, owner string, until time.Time) (bool, error) {
	now := db.e.now()
	believed := int64(farthest)
	if until.After(now) {
		believed = ms(until.Add(until.Sub(now)))
	}
	n, err := db.exec(ctx, `INSERT INTO sync_state (account_id, cursor, ok_at, tried_at, not_before, error, errcode, failures, lease_owner,
		lease_until, messages) VALUES ($1, '', 0, 0, 0, '', 0, 0, $2, $3, 0) ON CONFLICT (account_id) DO UPDATE SET
		lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
		WHERE sync_state.lease_owner = excluded.lease_owner OR sync_state.lease_until <= $4 OR sync_state.lease_until > $5`,
		clean(accountID), owner, ms(until), ms(now), believed)
	return n > 0, wrap("lease sync", err)
}

// SyncRequest asks for the messages of an account: a callback came, or its absence was noticed.
type SyncRequest struct {
	AccountID, Token string // Token "" = none
	TokenAt          time.Time
	AskedAt          time.Time // for the first time since it was last settled
	N                int64     // tells one asking from another: it grows with each
}

// AskSync writes a request down, or adds to the one that is open; the newest token stays. N is not read.
func (db *DB) AskSync(ctx context.Context, r SyncRequest) error {
	if r.Token == "" {
		r.TokenAt = time.Time{}
	}
	_, err := db.exec(ctx, `INSERT INTO sync_request (account_id, token, token_at, asked_at, n) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account_id) DO UPDATE SET n = CASE WHEN excluded.n > sync_request.n THEN excluded.n ELSE sync_request.n + 1 END,
		token = CASE WHEN excluded.token <> '' AND excluded.token_at >= sync_request.token_at THEN excluded.token ELSE sync_request.token END,
		token_at = CASE WHEN excluded.token <> '' AND excluded.token_at >= sync_request.token_at THEN excluded.token_at ELSE sync_request.token_at END`,
		clean(r.AccountID), clean(r.Token), ms(r.TokenAt), ms(r.AskedAt), db.e.now().UnixNano())
	return wrap("ask for sync", err)
}

const (
	syncRequestCols = "r.account_id, r.token, r.token_at, r.asked_at, r.n"

	selectSyncRequest = "SELECT " + syncRequestCols + " FROM sync_request r"
)

func scanSyncRequest(s scanner) (r SyncRequest, err error) {
	var token, asked int64
	err = s.Scan(&r.AccountID, &r.Token, &token, &asked, &r.N)
	r.TokenAt, r.AskedAt = fromMS(token), fromMS(asked)
	return r, err
}

// SyncRequests returns the open requests, by account id.
func (db *DB) SyncRequests(ctx context.Context) ([]SyncRequest, error) {
	l, err := all(ctx, db, scanSyncRequest, selectSyncRequest+" ORDER BY r.account_id")
	return l, wrap("list sync requests", err)
}

// DueSyncs returns the open requests that owner may work on now, the longest untried first: no other has the account, and
// no pause is under way. Leases and pauses that last longer than lease and pause are no more believed than by LeaseSync.
func (db *DB) DueSyncs(ctx context.Context, owner string, now time.Time, lease, pause time.Duration) ([]SyncRequest, error) {
	l, err := all(ctx, db, scanSyncRequest, "SELECT "+syncRequestCols+` FROM sync_request r LEFT JOIN sync_state y ON y.account_id = r.account_id
		WHERE y.account_id IS NULL OR (y.not_before <= $1 OR y.not_before > $2) AND (y.lease_owner = $3 OR y.lease_until <= $1 OR y.lease_until > $4)
		ORDER BY COALESCE(y.tried_at, 0), r.account_id`, ms(now), ms(now.Add(pause)), owner, ms(now.Add(2*lease)))
	return l, wrap("list due syncs", err)
}

// SyncRequest returns the open request of an account. ErrNotFound if there is none.
func (db *DB) SyncRequest(ctx context.Context, accountID string) (SyncRequest, error) {
	r, err := one(ctx, db, scanSyncRequest, selectSyncRequest+" WHERE r.account_id = $1", accountID)
	return r, wrap("read sync request", err)
}

// SettleSyncRequest closes the request of an account unless it was asked for again since n.
func (db *DB) SettleSyncRequest(ctx context.Context, accountID string, n int64) error {
	_, err := db.exec(ctx, "DELETE FROM sync_request WHERE account_id = $1 AND n = $2", accountID, n)
	return wrap("settle sync request", err)
}
