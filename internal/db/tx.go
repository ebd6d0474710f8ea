package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
)

// tx is one caller's transaction while its function runs.
type tx struct {
	w      *writer
	head   *chainHead // of the audit chain as this transaction sees it, nil = not read
	depth  int
	wrote  int64 // statements that changed something
	broken error // why this transaction must not be committed
	over   bool

	lastChange int64 // given out in the feed of changes, 0 = none by this transaction
}

func (t *tx) exec(q string, args []any) (int64, error) {
	if t.over {
		return 0, sql.ErrTxDone
	}
	n, err := t.w.exec(q, args)
	t.wrote += n
	return n, classify(err)
}

// call runs fn and turns a panic into an error.
func (t *tx) call(fn func(*DB) error, db *DB) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn(db)
}

// nested runs fn as a part of t that can be taken back alone.
func (t *tx) nested(db *DB, fn func(*DB) error) error {
	t.depth++
	defer func() { t.depth-- }()
	name := fmt.Sprintf("nested%d", t.depth)
	if _, err := t.exec("SAVEPOINT "+name, nil); err != nil {
		return err
	}
	head, broken := t.head.copy(), t.broken
	err := t.call(fn, db)
	if err == nil && broken == nil {
		err = t.broken
	}
	if err != nil {
		t.head, t.broken = head, broken
		if _, back := t.exec("ROLLBACK TO "+name, nil); back != nil {
			return errors.Join(err, back)
		}
	}
	_, release := t.exec("RELEASE "+name, nil)
	return errors.Join(err, release)
}

// atomic runs the statements of one change: in a transaction of their own, or as a part of db's. In the latter case an
// error after a first change makes it impossible to commit the transaction, which is cheaper than a savepoint.
func (db *DB) atomic(ctx context.Context, fn func(*DB) error) error {
	if db.tx == nil {
		return db.Tx(ctx, fn)
	}
	wrote := db.tx.wrote
	err := fn(db)
	if err != nil && db.tx.wrote != wrote && db.tx.broken == nil {
		db.tx.broken = err
	}
	return err
}
