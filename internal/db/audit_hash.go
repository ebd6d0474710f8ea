package db

import (
	"context"
	"errors"
)

// AuditHash returns the hash of the row at a place of the chain, in hex; ErrNotFound when the chain is shorter. It is
// compared with a head that was noted when the chain ended there.
func (db *DB) AuditHash(ctx context.Context, seq int64) (string, error) {
	end, _, err := db.AuditHead(ctx)
	if err == nil && seq > end {
		err = ErrNotFound
	}
	if err != nil {
		return "", wrap("read hash of the audit chain", err)
	}
	// Outcomes are kept by intent. One at a place is most often that of an intent shortly before it.
	for _, text := range []string{
		"SELECT hash FROM audit_intent WHERE seq = $1", "SELECT hash FROM audit_note WHERE seq = $1",
		"SELECT hash FROM audit_outcome WHERE seq = $1 AND intent_seq < $1 ORDER BY intent_seq DESC LIMIT 1",
	} {
		hash, err := one(ctx, db, scanText, text, seq)
		if !errors.Is(err, ErrNotFound) {
			return hash, wrap("read hash of the audit chain", err)
		}
	}
	return "", wrap("read hash of the audit chain", ErrNotFound)
}
