package db

import (
	"context"
	"time"
)

// CallbackNote counts the callbacks of a kind that nothing is done with.
type CallbackNote struct {
	Kind            string
	Count           int64
	FirstAt, LastAt time.Time
}

// NoteCallback counts a callback of a kind.
func (db *DB) NoteCallback(ctx context.Context, kind string, at time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO callback_note (kind, count, first_at, last_at) VALUES ($1, 1, $2, $2)
		ON CONFLICT (kind) DO UPDATE SET count = callback_note.count + 1, last_at = excluded.last_at`, clean(kind), ms(at))
	return wrap("note callback", err)
}

// CallbackNotes returns what was counted, by kind, at most 10 000.
func (db *DB) CallbackNotes(ctx context.Context) ([]CallbackNote, error) {
	l, err := all(ctx, db, func(s scanner) (n CallbackNote, err error) {
		var first, last int64
		err = s.Scan(&n.Kind, &n.Count, &first, &last)
		n.FirstAt, n.LastAt = fromMS(first), fromMS(last)
		return n, err
	}, "SELECT kind, count, first_at, last_at FROM callback_note ORDER BY kind LIMIT $1", maxLimit)
	return l, wrap("list callback notes", err)
}
