package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Options of Open.
type Options struct {
	Path     string           // of the SQLite file; its folder must exist
	Blobs    string           // folder of the media files, made when first needed; "" = media beside the database
	ReadOnly bool             // open without a writer and without migrating; every change fails with ErrReadOnly
	Now      func() time.Time // nil = time.Now
}

// DB is the database, or one transaction of it inside Tx. The database is safe for concurrent use, a transaction is for
// the goroutine that runs its function.
type DB struct {
	e  *engine
	tx *tx // nil = the pool
}

// engine is what the database and all its transactions share.
type engine struct {
	path  string
	now   func() time.Time
	read  *sql.DB
	reads *statements
	write *writer // nil = read-only
	keys  keyer

	blobs blobs

	commits            atomic.Int64 // made by this process
	queries            atomic.Int64 // run by this process
	written            written
	accountCounts      memo[AccountCounts]
	conversationCounts memos[conversationMemoKey, ConversationCounts]
	busyPlaces         memo[BusyPlaces]
	customerCounts     memos[CustomerFilter, int]
	sceneCounts        memo[[]SceneSeen]
	mediaCounts        memo[map[string]int]
	watchers           watchers
}

// Open opens or creates the database, brings its schema up to date and checks the engine's version.
// Errors: ErrNewer, ErrBusy, ErrFull, ErrReadOnly, ErrCorrupt. A file that cannot be written is opened all the same when
// its schema is up to date: reads work and changes fail with ErrReadOnly.
func Open(ctx context.Context, o Options) (*DB, error) {
	e := newEngine(o)
	if err := e.open(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", classify(err)), e.close())
	}
	return &DB{e: e}, nil
}

// newEngine says which tables the answers are read from that are kept.
func newEngine(o Options) *engine {
	e := &engine{path: o.Path, now: o.Now, blobs: blobs{dir: o.Blobs},
		accountCounts:      memoOf[AccountCounts]("account"),
		conversationCounts: memosOf[conversationMemoKey, ConversationCounts]("conversation", "conversation_tally"),
		busyPlaces:         memoOf[BusyPlaces]("conversation", "account", "person"),
		customerCounts:     memosOf[CustomerFilter, int]("customer", "conversation"),
		sceneCounts:        memoOf[[]SceneSeen]("visit", "link", "scene_name"),
		mediaCounts:        memoOf[map[string]int]("media"),
	}
	if e.blobs.dir == "" {
		e.blobs.dir = filepath.Join(filepath.Dir(o.Path), "media")
	}
	if e.now == nil {
		e.now = time.Now
	}
	return e
}

func (e *engine) open(ctx context.Context, o Options) error {
	if !o.ReadOnly {
		pool, err := openWriter(o.Path)
		if err != nil {
			return err
		}
		e.write = startWriter(e, pool)
		if err := migrate(ctx, pool); err != nil {
			return err
		}
	}
	pool, err := openReaders(o.Path, o.ReadOnly)
	if err != nil {
		return err
	}
	e.read, e.reads = pool, newStatements(pool.PrepareContext)
	if err := checkEngine(ctx, pool); err != nil {
		return err
	}
	if o.ReadOnly {
		return checkSchema(ctx, pool)
	}
	return nil
}

// Close ends the database after the transactions that are queued. Later changes fail with ErrClosed.
func (db *DB) Close() error {
	if err := db.e.close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

func (e *engine) close() error {
	var errs []error
	if e.read != nil {
		errs = append(errs, e.reads.close(), e.read.Close())
	}
	if e.write != nil {
		errs = append(errs, e.write.close())
	}
	return errors.Join(errs...)
}

// Tx runs fn in a transaction that is durable when Tx returns nil. Transactions of many callers share one commit; an
// error or panic of one fn takes back only its own changes. fn must use the tx it is given for everything: a change
// through the database itself inside fn would wait for itself. fn should not wait for anything but the database.
//
// A transaction inside a transaction is part of it; its error takes back the inner changes only.
//
// If ctx ends before the turn of fn, fn is not run and the context's error is returned; after that the end is awaited
// whatever happens to ctx. Errors: those of fn, ErrBusy, ErrFull, ErrReadOnly, ErrClosed, *PanicError.
func (db *DB) Tx(ctx context.Context, fn func(tx *DB) error) error {
	if db.tx != nil {
		return db.tx.nested(db, fn)
	}
	if db.e.write == nil {
		return fmt.Errorf("begin: %w: opened for reading", ErrReadOnly)
	}
	return db.e.write.do(ctx, fn)
}

// Commits is how many commits this process has made: while it stays the same, so does what this process has written.
func (db *DB) Commits() int64 { return db.e.commits.Load() }

// Queries is how many queries this process has run.
func (db *DB) Queries() int64 { return db.e.queries.Load() }

// PanicError is returned by Tx when its function panicked.
type PanicError struct {
	Value any
	Stack []byte
}

// Error says what the panic said.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in transaction: %v", e.Value) }
