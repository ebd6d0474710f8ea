package db

import "context"

// AuditHash returns the hash of the row at a place of the chain, in hex; ErrNotFound when the chain is shorter. It is compared with a
// head that was noted when the chain ended there.
func (db *DB) AuditHash(ctx context.Context, seq int64) (string, error) {
	hash, err := one(ctx, db, scanText, "SELECT hash FROM audit_intent WHERE seq = $1 UNION ALL "+
		"SELECT hash FROM audit_outcome WHERE seq = $1 UNION ALL SELECT hash FROM audit_note WHERE seq = $1", seq)
	return hash, wrap("read hash of the audit chain", err)
}
