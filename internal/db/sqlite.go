package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// This is the one file that knows SQLite: connections, its version, its error codes, its backup.

const (
	// minEngine is the first SQLite without the WAL-reset bug, which could damage a database.
	minEngine = "3.51.3"

	// readers bounds the query-only connections.
	readers = 8
)

// openWriter opens the pool of the one connection that writes.
func openWriter(path string) (*sql.DB, error) {
	pool, err := openSQLite(path, "rwc",
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		// The log is moved into the file every 8 MB and never keeps more than 16 MB.
		"wal_autocheckpoint(2000)", "journal_size_limit(16777216)", "cache_size(-16000)",
		// What a savepoint may have to restore stays in memory.
		"temp_store(MEMORY)",
		// What is deleted is overwritten: erasing a customer is a promise about the file.
		"secure_delete(ON)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// openReaders opens the query-only pool.
func openReaders(path string, readOnly bool) (*sql.DB, error) {
	mode := "rw"
	if readOnly {
		mode = "ro"
	}
	pool, err := openSQLite(path, mode, "query_only(1)", "foreign_keys(1)", "cache_size(-4000)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	return pool, nil
}

func openSQLite(path, mode string, pragmas ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	dsn := url.URL{Scheme: "file", Path: abs, RawQuery: q.Encode()}
	return sql.Open("sqlite", dsn.String())
}

// dialect is what the migration library calls the engine.
const dialect = goose.DialectSQLite3

// hasTable tells whether a table exists.
func hasTable(ctx context.Context, pool *sql.DB, name string) (bool, error) {
	var n int
	err := pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1", name).Scan(&n)
	return n > 0, err
}

// checkEngine refuses an SQLite that is known to damage databases.
func checkEngine(ctx context.Context, pool *sql.DB) error {
	var v string
	if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&v); err != nil {
		return err
	}
	if !atLeast(v, minEngine) {
		return fmt.Errorf("SQLite %s is too old, need %s", v, minEngine)
	}
	return nil
}

// atLeast compares dotted version numbers. What is no number counts as 0.
func atLeast(v, minimum string) bool {
	have, want := strings.Split(v, "."), strings.Split(minimum, ".")
	for i, w := range want {
		n, _ := strconv.Atoi(w)
		h := 0
		if i < len(have) {
			h, _ = strconv.Atoi(have[i])
		}
		if h != n {
			return h > n
		}
	}
	return true
}

// native is a statement as the driver takes it fastest: it looks a numbered place up by comparing it, as text, with the
// number of every argument. Only places in the order of the arguments can do without numbers.
func native(text string) string {
	var b strings.Builder
	rest := text
	for n := 1; ; n++ {
		before, after, more := strings.Cut(rest, "$")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		number := after[:len(after)-len(strings.TrimLeft(after, "0123456789"))]
		if number != strconv.Itoa(n) {
			return text
		}
		b.WriteByte('?')
		rest = after[len(number):]
	}
}

// classify adds the sentinel error of the package to an engine's error, so that callers need not know the engine.
func classify(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	if kind := kindOf(e.Code()); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

// kindOf maps a result code, extended or not, to a sentinel of this package; nil = none fits.
func kindOf(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return ErrConflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrNotFound
	case sqlite3.SQLITE_IOERR_SHMSIZE:
		return ErrFull
	case sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS, sqlite3.SQLITE_IOERR_DATA:
		return ErrCorrupt
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return ErrReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	}
	return nil
}

// Backup writes a consistent copy of the database to path, which must not exist: the state at one moment, while changes
// go on. It holds one read transaction for its whole time.
func (db *DB) Backup(ctx context.Context, path string) error {
	pool, err := openSQLite(db.e.path, "rw")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { _ = pool.Close() }()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return fmt.Errorf("backup: %w", classify(err))
	}
	return wrap("backup", errors.Join(flush(path), flush(filepath.Dir(path))))
}

// flush makes a file or the names in a folder durable.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
