package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// LatestSchema is the schema version that this binary makes and needs.
func LatestSchema() (int64, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("list migrations: %d files: %w", len(files), err)
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(files[len(files)-1], "migrations/"), "_")
	return strconv.ParseInt(number, 10, 64)
}

// SchemaVersion is the schema version of the database.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) {
	v, err := number(ctx, db, "SELECT max(version_id) FROM goose_db_version")
	return v, wrap("schema version", err)
}

// schemaOf returns the schema version of a file, 0 = none yet.
func schemaOf(ctx context.Context, pool *sql.DB) (int64, error) {
	made, err := hasTable(ctx, pool, "goose_db_version")
	if err != nil || !made {
		return 0, err
	}
	var v sql.NullInt64
	err = pool.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&v)
	return v.Int64, err
}

// checkSchema compares the database with this binary without changing it: ErrNewer if the database is newer, errOlder if
// it needs migrating.
func checkSchema(ctx context.Context, pool *sql.DB) error {
	want, err := LatestSchema()
	if err != nil {
		return err
	}
	have, err := schemaOf(ctx, pool)
	switch {
	case err != nil:
		return err
	case have > want:
		return fmt.Errorf("%w: schema %d, this binary knows %d", ErrNewer, have, want)
	case have < want:
		return fmt.Errorf("%w: schema %d, this binary needs %d", errOlder, have, want)
	}
	return nil
}

// errOlder: the database has to be migrated first.
var errOlder = errors.New("database is older than this binary")

// migrate brings the schema up to date. Several processes may try at once: one that finds a step done by another goes on
// after it, as long as the schema moves.
func migrate(ctx context.Context, pool *sql.DB) error {
	if err := checkSchema(ctx, pool); !errors.Is(err, errOlder) {
		return err
	}
	p, err := migrations(pool)
	if err != nil {
		return err
	}
	for before := int64(-1); ; {
		_, failed := p.Up(ctx)
		if failed == nil {
			return nil
		}
		now, err := schemaOf(ctx, pool)
		if err != nil || now == before {
			return errors.Join(fmt.Errorf("migrate: %w", failed), err)
		}
		before = now
	}
}

func migrations(pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files, goose.WithDisableGlobalRegistry(true))
}
