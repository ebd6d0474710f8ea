package db

import "context"

// Setting returns the value of a setting. ErrNotFound if it was never set.
func (db *DB) Setting(ctx context.Context, key string) (string, error) {
	v, err := one(ctx, db, scanText, "SELECT value FROM setting WHERE name = $1", key)
	return v, wrap("read setting", err)
}

// SetSetting sets a setting.
func (db *DB) SetSetting(ctx context.Context, key, value string) error {
	_, err := db.exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, key, clean(value))
	return wrap("set setting", err)
}
