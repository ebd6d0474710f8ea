package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// scanner is one row: *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// exec runs one changing statement, in a transaction of its own unless db is one, and returns the number of rows it
// changed.
func (db *DB) exec(ctx context.Context, q string, args ...any) (n int64, err error) {
	if db.tx == nil {
		err = db.Tx(ctx, func(tx *DB) error {
			n, err = tx.exec(ctx, q, args...)
			return err
		})
		return n, err
	}
	if table := writesTo(q); !slices.Contains(db.tx.w.group.tables, table) {
		db.tx.w.group.tables = append(db.tx.w.group.tables, table)
	}
	return db.tx.exec(q, args)
}

// execOne is exec for a statement that must change exactly one row: none is ErrNotFound.
func (db *DB) execOne(ctx context.Context, q string, args ...any) error {
	n, err := db.exec(ctx, q, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// each calls f with every row of a query. Reads of the pool stop when ctx ends; those of a transaction do not, because
// an interrupted statement would take back the changes of everybody in the same commit.
func (db *DB) each(ctx context.Context, f func(scanner) error, q string, args ...any) (err error) {
	db.e.queries.Add(1)
	cache := db.e.reads
	if db.tx != nil {
		if db.tx.over {
			return sql.ErrTxDone
		}
		cache, ctx = db.tx.w.stmts, context.Background()
	}
	st, keep, err := cache.get(ctx, q)
	if err != nil {
		return classify(err)
	}
	if !keep {
		defer func() { _ = st.Close() }()
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return classify(err)
	}
	defer func() {
		err = classify(errors.Join(err, rows.Close()))
	}()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads the single row of a query; ErrNotFound if there is none.
func one[T any](ctx context.Context, db *DB, scan func(scanner) (T, error), q string, args ...any) (v T, err error) {
	found := false
	err = db.each(ctx, func(s scanner) error {
		if found {
			return fmt.Errorf("more than one row")
		}
		found = true
		v, err = scan(s)
		return err
	}, q, args...)
	if err == nil && !found {
		err = ErrNotFound
	}
	return v, err
}

// all reads every row of a query.
func all[T any](ctx context.Context, db *DB, scan func(scanner) (T, error), q string, args ...any) (list []T, err error) {
	err = db.each(ctx, func(s scanner) error {
		v, err := scan(s)
		list = append(list, v)
		return err
	}, q, args...)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// number reads one integer; a null or no row is 0.
func number(ctx context.Context, db *DB, q string, args ...any) (int64, error) {
	n, err := one(ctx, db, func(s scanner) (n sql.NullInt64, err error) { return n, s.Scan(&n) }, q, args...)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return n.Int64, err
}

// wrap puts the operation before an error; nil stays nil.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}

func scanText(s scanner) (v string, err error) { return v, s.Scan(&v) }

func scanInt(s scanner) (v int64, err error) { return v, s.Scan(&v) }
