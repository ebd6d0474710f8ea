package db

import (
	"context"
	"strings"
	"time"
)

// linkSearch is what the search of links compares, beside the scene, which never changes.
func linkSearch(l Link) string {
	return fold(strings.Join([]string{l.Name, l.Campaign, l.Note}, "\n"))
}

// InsertLink adds a link with revision 1. ErrConflict if the id exists, ErrNotFound without the account.
func (db *DB) InsertLink(ctx context.Context, l Link) error {
	return wrap("insert link", db.atomic(ctx, func(tx *DB) error {
		_, err := tx.exec(ctx, `INSERT INTO link (id, account_id, scene, name, name_key, search, campaign, note, url, created_by,
			created_by_name, rev, created_at, updated_at, archived, archived_at, account_key)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14, $15,
			COALESCE((SELECT a.name_key FROM account a WHERE a.id = $2), ''))`,
			l.ID, l.AccountID, clean(l.Scene), clean(l.Name), db.e.keys.of(l.Name), linkSearch(l), clean(l.Campaign), clean(l.Note),
			clean(l.URL), clean(l.CreatedBy), clean(l.CreatedByName), ms(l.CreatedAt), ms(l.UpdatedAt), l.ArchivedAt != nil,
			nullMS(l.ArchivedAt))
		if err != nil {
			return err
		}
		return tx.countLinks(ctx, l.AccountID)
	}))
}

// UpdateLink sets name, campaign, note, address and UpdatedAt (zero = now) of the link with l.ID, whose revision must
// still be l.Rev, else ErrConflict. Account and scene never change. ErrNotFound without the link.
func (db *DB) UpdateLink(ctx context.Context, l Link) error {
	if l.UpdatedAt.IsZero() {
		l.UpdatedAt = db.e.now()
	}
	n, err := db.exec(ctx, `UPDATE link SET name = $1, name_key = $2, search = $3, campaign = $4, note = $5, url = $6,
		updated_at = $7, rev = rev + 1 WHERE id = $8 AND rev = $9`,
		clean(l.Name), db.e.keys.of(l.Name), linkSearch(l), clean(l.Campaign), clean(l.Note), clean(l.URL), ms(l.UpdatedAt), l.ID, l.Rev)
	if err == nil && n == 0 {
		err = db.notAtRev(ctx, l.ID)
	}
	return wrap("update link", err)
}

// notAtRev is why a change of a link with its revision found nothing.
func (db *DB) notAtRev(ctx context.Context, id string) error {
	if _, err := one(ctx, db, scanInt, "SELECT rev FROM link WHERE id = $1", id); err != nil {
		return err
	}
	return ErrConflict
}

// ArchiveLink takes a link out of the register of active ones; its address works on. Its revision must be rev, else
// ErrConflict. ErrNotFound without the link.
func (db *DB) ArchiveLink(ctx context.Context, id string, rev int64, at time.Time) error {
	return wrap("archive link", db.setArchived(ctx, id, rev, at, true))
}

// RestoreLink takes a link back among the active ones. Its revision must be rev, else ErrConflict. ErrNotFound without
// the link.
func (db *DB) RestoreLink(ctx context.Context, id string, rev int64, at time.Time) error {
	return wrap("restore link", db.setArchived(ctx, id, rev, at, false))
}

func (db *DB) setArchived(ctx context.Context, id string, rev int64, at time.Time, archived bool) error {
	return db.atomic(ctx, func(tx *DB) error {
		var when any
		if archived {
			when = ms(at)
		}
		n, err := tx.exec(ctx, `UPDATE link SET archived = $1, archived_at = $2, updated_at = $3, rev = rev + 1
			WHERE id = $4 AND rev = $5`, archived, when, ms(at), id, rev)
		if err == nil && n == 0 {
			err = tx.notAtRev(ctx, id)
		}
		if err != nil {
			return err
		}
		account, err := one(ctx, tx, scanText, "SELECT account_id FROM link WHERE id = $1", id)
		if err != nil {
			return err
		}
		return tx.countLinks(ctx, account)
	})
}

// countLinks sets the counter of an account from its links.
func (db *DB) countLinks(ctx context.Context, accountID string) error {
	return db.execOne(ctx, `UPDATE account SET links = (SELECT count(*) FROM link l WHERE l.account_id = $1 AND NOT l.archived)
		WHERE id = $1`, accountID)
}
