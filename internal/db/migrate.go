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

// checkSchema compares the database with this binary without changing it: ErrNewer if the database is newer, errOlder if
// it needs migrating.
func checkSchema(ctx context.Context, pool *sql.DB) error {
	want, err := LatestSchema()
	if err != nil {
		return err
	}
	made, err := hasTable(ctx, pool, "goose_db_version")
	if err != nil {
		return err
	}
	var have sql.NullInt64
	if made {
		err = pool.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&have)
		if err != nil {
			return err
		}
	}
	switch {
	case have.Int64 > want:
		return fmt.Errorf("%w: schema %d, this binary knows %d", ErrNewer, have.Int64, want)
	case have.Int64 < want:
		return fmt.Errorf("%w: schema %d, this binary needs %d", errOlder, have.Int64, want)
	}
	return nil
}

// errOlder: the database has to be migrated first.
var errOlder = errors.New("database is older than this binary")

// migrate brings the schema up to date. Two processes may try at once: the one that comes second finds it done.
func migrate(ctx context.Context, pool *sql.DB) error {
	if err := checkSchema(ctx, pool); !errors.Is(err, errOlder) {
		return err
	}
	p, err := migrations(pool)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		if checkSchema(ctx, pool) == nil {
			return nil
		}
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func migrations(pool *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files, goose.WithDisableGlobalRegistry(true))
}
