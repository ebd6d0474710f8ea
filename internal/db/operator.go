package db

import (
	"context"
	"database/sql"
	"time"
)

// Operator is a user of the console.
type Operator struct {
	ID, Name, Role      string
	PasswordHash        string // argon2id in PHC form
	Locale, Theme, Zone string // "" = not chosen
	CreatedAt           time.Time
	PasswordAt          time.Time // when the password was last set
	DisabledAt          *time.Time
}

const operatorCols = "o.id, o.name, o.role, o.password_hash, o.locale, o.theme, o.zone, o.created_at, o.password_at, o.disabled_at"

// operatorRow receives the operatorCols of a row.
type operatorRow struct {
	Operator
	created, password int64
	disabled          sql.NullInt64
}

func (r *operatorRow) dest() []any {
	return []any{&r.ID, &r.Name, &r.Role, &r.PasswordHash, &r.Locale, &r.Theme, &r.Zone, &r.created, &r.password, &r.disabled}
}

func (r *operatorRow) value() Operator {
	r.CreatedAt, r.PasswordAt, r.DisabledAt = fromMS(r.created), fromMS(r.password), fromNullMS(r.disabled)
	return r.Operator
}

func scanOperator(s scanner) (Operator, error) {
	var r operatorRow
	err := s.Scan(r.dest()...)
	return r.value(), err
}

// Operator returns an operator by id. ErrNotFound if there is none.
func (db *DB) Operator(ctx context.Context, id string) (Operator, error) {
	o, err := one(ctx, db, scanOperator, "SELECT "+operatorCols+" FROM operator o WHERE o.id = $1", id)
	return o, wrap("read operator", err)
}

// OperatorByName returns an operator by name in any case. ErrNotFound if there is none.
func (db *DB) OperatorByName(ctx context.Context, name string) (Operator, error) {
	o, err := one(ctx, db, scanOperator, "SELECT "+operatorCols+" FROM operator o WHERE o.name_key = $1", fold(name))
	return o, wrap("read operator", err)
}

// Operators returns all operators by name.
func (db *DB) Operators(ctx context.Context) ([]Operator, error) {
	l, err := all(ctx, db, scanOperator, "SELECT "+operatorCols+" FROM operator o ORDER BY o.name_key")
	return l, wrap("list operators", err)
}

// OperatorCount returns the number of operators, disabled ones included.
func (db *DB) OperatorCount(ctx context.Context) (int, error) {
	n, err := number(ctx, db, "SELECT count(*) FROM operator")
	return int(n), wrap("count operators", err)
}

// InsertOperator adds an operator. ErrConflict if the id, or the name in any case, exists.
func (db *DB) InsertOperator(ctx context.Context, o Operator) error {
	_, err := db.exec(ctx, `INSERT INTO operator (id, name, name_key, role, password_hash, locale, theme, zone, created_at,
		password_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		o.ID, clean(o.Name), fold(o.Name), o.Role, o.PasswordHash, o.Locale, o.Theme, o.Zone, ms(o.CreatedAt), ms(o.PasswordAt),
		nullMS(o.DisabledAt))
	return wrap("insert operator", err)
}

// UpdateOperatorPassword sets the hash of a password. ErrNotFound without the operator.
func (db *DB) UpdateOperatorPassword(ctx context.Context, id, hash string, at time.Time) error {
	return wrap("update password", db.execOne(ctx,
		"UPDATE operator SET password_hash = $1, password_at = $2 WHERE id = $3", hash, ms(at), id))
}

// UpdateOperatorSettings sets what an operator chose for language, theme and time zone; "" = not chosen. ErrNotFound
// without the operator.
func (db *DB) UpdateOperatorSettings(ctx context.Context, id, locale, theme, zone string) error {
	return wrap("update operator settings", db.execOne(ctx,
		"UPDATE operator SET locale = $1, theme = $2, zone = $3 WHERE id = $4", locale, theme, zone, id))
}
