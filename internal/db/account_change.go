package db

import (
	"context"
	"errors"
	"time"
)

// accountSearch is what the search of accounts compares.
func accountSearch(id, name string) string { return fold(name) + "\n" + fold(id) }

// UpsertAccount stores an account that we made or read alone: it inserts it, or sets name, avatar, picture and managed of
// the one that is there, as of a.ChangedAt (zero = now), and takes it back if it was gone. An empty AvatarURL or
// PictureID and a nil Managed keep what is stored. Counters and revision of a are not read.
func (db *DB) UpsertAccount(ctx context.Context, a Account) error {
	if a.ChangedAt.IsZero() {
		a.ChangedAt = db.e.now()
	}
	return wrap("upsert account", db.atomic(ctx, func(tx *DB) error {
		old, err := tx.Account(ctx, a.ID)
		if errors.Is(err, ErrNotFound) {
			return tx.addAccount(ctx, a, a.ChangedAt)
		}
		if err != nil {
			return err
		}
		if a.PictureID == "" {
			a.PictureID = old.PictureID
		}
		_, err = tx.mergeAccount(ctx, old, a, a.ChangedAt)
		return err
	}))
}

func (db *DB) addAccount(ctx context.Context, a Account, at time.Time) error {
	var managed any
	if a.Managed != nil {
		managed = *a.Managed
	}
	_, err := db.exec(ctx, `INSERT INTO account (id, name, name_key, search, avatar_url, picture_id, managed, rev, serving, stopped,
		servicers, departments, links, first_seen, seen_at, changed_at, renamed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, 0, 0, 0, 0, $8, $8, $8, 0)`,
		clean(a.ID), clean(a.Name), db.e.keys.of(a.Name), accountSearch(a.ID, a.Name), clean(a.AvatarURL), a.PictureID, managed, ms(at))
	return err
}

// mergeAccount brings the stored account in step with a and tells whether anything changed.
func (db *DB) mergeAccount(ctx context.Context, old, a Account, at time.Time) (changed bool, err error) {
	if a.AvatarURL == "" {
		a.AvatarURL = old.AvatarURL
	}
	if a.Managed == nil {
		a.Managed = old.Managed
	}
	var managed any
	if a.Managed != nil {
		managed = *a.Managed
	}
	renamed := old.RenamedAt
	if clean(a.Name) != old.Name {
		renamed = at
	}
	same := clean(a.Name) == old.Name && clean(a.AvatarURL) == old.AvatarURL && a.PictureID == old.PictureID &&
		(a.Managed == nil || old.Managed != nil && *a.Managed == *old.Managed)
	if same && old.GoneAt == nil {
		return false, nil
	}
	_, err = db.exec(ctx, `UPDATE account SET name = $1, name_key = $2, search = $3, avatar_url = $4, picture_id = $5, managed = $6,
		rev = rev + 1, seen_at = $7, changed_at = $7, renamed_at = $8, gone_at = NULL WHERE id = $9`,
		clean(a.Name), db.e.keys.of(a.Name), accountSearch(a.ID, a.Name), clean(a.AvatarURL), a.PictureID, managed, ms(at),
		ms(renamed), old.ID)
	if err != nil || clean(a.Name) == old.Name {
		return true, err
	}
	_, err = db.exec(ctx, "UPDATE link SET account_key = $1 WHERE account_id = $2", db.e.keys.of(a.Name), old.ID)
	return true, err
}

// UpdateAccountName renames an account. With a rev other than 0 it must be the stored one, else ErrConflict. ErrNotFound
// without the account.
func (db *DB) UpdateAccountName(ctx context.Context, id, name string, rev int64) error {
	return wrap("update account name", db.atomic(ctx, func(tx *DB) error {
		old, err := tx.Account(ctx, id)
		if err != nil {
			return err
		}
		if rev != 0 && rev != old.Rev {
			return ErrConflict
		}
		a := old
		a.Name = name
		_, err = tx.mergeAccount(ctx, old, a, db.e.now())
		return err
	}))
}

// SetAccountPicture sets our own copy of an account's picture, "" = none. ErrNotFound without the account.
func (db *DB) SetAccountPicture(ctx context.Context, id, pictureID string) error {
	return wrap("set account picture", db.execOne(ctx,
		"UPDATE account SET picture_id = $1, rev = rev + 1, changed_at = $2 WHERE id = $3", pictureID, ms(db.e.now()), id))
}

// MarkAccountGone notes that WeCom does not have the account any more. ErrNotFound without the account; one that is gone
// already keeps its time.
func (db *DB) MarkAccountGone(ctx context.Context, id string, at time.Time) error {
	return wrap("mark account gone", db.execOne(ctx, `UPDATE account SET gone_at = COALESCE(gone_at, $1),
		rev = rev + CASE WHEN gone_at IS NULL THEN 1 ELSE 0 END,
		changed_at = CASE WHEN gone_at IS NULL THEN $1 ELSE changed_at END WHERE id = $2`, ms(at), id))
}

// ReplaceAccounts brings the mirror in step with a full list of WeCom that was begun at at: new accounts are added,
// changed ones updated, missing ones marked gone, returned ones taken back. Rows that changed since the list began are
// left alone, because the list may be older than them. PictureID, counters and times of the list are not read; an empty
// AvatarURL and a nil Managed keep what is stored.
func (db *DB) ReplaceAccounts(ctx context.Context, list []Account, at time.Time) error {
	return wrap("replace accounts", db.atomic(ctx, func(tx *DB) error {
		stored, err := all(ctx, tx, func(s scanner) (Account, error) { return scanAccount(s) }, "SELECT "+accountCols+" FROM account a")
		if err != nil {
			return err
		}
		left := make(map[string]Account, len(stored))
		for _, a := range stored {
			left[a.ID] = a
		}
		listed := make(map[string]bool, len(list))
		for _, a := range list {
			old, ok := left[clean(a.ID)]
			if listed[a.ID] {
				// Pages of a list that changes meanwhile can overlap.
				continue
			}
			listed[a.ID] = true
			if !ok {
				a.PictureID = ""
				if err := tx.addAccount(ctx, a, at); err != nil {
					return err
				}
				continue
			}
			delete(left, old.ID)
			if ms(old.ChangedAt) > ms(at) {
				continue
			}
			a.PictureID = old.PictureID
			if _, err := tx.mergeAccount(ctx, old, a, at); err != nil {
				return err
			}
		}
		return tx.finishReplace(ctx, left, at)
	}))
}

// finishReplace marks the accounts that were not in a list as gone and the others as seen.
func (db *DB) finishReplace(ctx context.Context, missing map[string]Account, at time.Time) error {
	for id, a := range missing {
		if a.GoneAt != nil || ms(a.ChangedAt) > ms(at) {
			continue
		}
		if err := db.MarkAccountGone(ctx, id, at); err != nil {
			return err
		}
	}
	_, err := db.exec(ctx, "UPDATE account SET seen_at = $1 WHERE gone_at IS NULL AND seen_at < $1", ms(at))
	return err
}
