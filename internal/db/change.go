package db

import (
	"context"
	"sync"
	"time"
)

// Change says that something changed, not what.
type Change struct {
	Seq        int64 // grows in the order of commits
	Topic, Ref string
	At         time.Time
}

// AddChange adds a row to the feed of changes. Who watches is told when its transaction is durable.
func (db *DB) AddChange(ctx context.Context, topic, ref string) error {
	return wrap("add change", db.atomic(ctx, func(tx *DB) error {
		if tx.tx.lastChange == 0 {
			last, err := number(ctx, tx, "SELECT max(seq) FROM change")
			if err != nil {
				return err
			}
			tx.tx.lastChange = last
		}
		tx.tx.lastChange++
		_, err := tx.exec(ctx, "INSERT INTO change (seq, topic, ref, at) VALUES ($1, $2, $3, $4)",
			tx.tx.lastChange, clean(topic), clean(ref), ms(tx.e.now()))
		return err
	}))
}

// ChangesAfter returns the changes after a seq, in order, at most limit (0 = 50, at most 10 000).
func (db *DB) ChangesAfter(ctx context.Context, seq int64, limit int) ([]Change, error) {
	l, err := all(ctx, db, func(s scanner) (c Change, err error) {
		var at int64
		err = s.Scan(&c.Seq, &c.Topic, &c.Ref, &at)
		c.At = fromMS(at)
		return c, err
	}, "SELECT seq, topic, ref, at FROM change WHERE seq > $1 ORDER BY seq LIMIT $2", seq, clampLimit(limit))
	return l, wrap("list changes", err)
}

// LastChange returns the seq of the last change, 0 = there was none.
func (db *DB) LastChange(ctx context.Context) (int64, error) {
	n, err := number(ctx, db, "SELECT max(seq) FROM change")
	return n, wrap("last change", err)
}

// FirstChange returns the seq of the oldest change that is kept, 0 = there was none. Who knows less than the one before
// it has missed something.
func (db *DB) FirstChange(ctx context.Context) (int64, error) {
	n, err := number(ctx, db, "SELECT min(seq) FROM change")
	return n, wrap("first change", err)
}

// TrimChanges deletes the changes before a time but for the last one, whose seq must not be given out again.
func (db *DB) TrimChanges(ctx context.Context, before time.Time) error {
	_, err := db.exec(ctx, "DELETE FROM change WHERE at < $1 AND seq < (SELECT max(c.seq) FROM change c)", ms(before))
	return wrap("trim changes", err)
}

// watchers are told of commits with changes.
type watchers struct {
	mu  sync.Mutex
	all map[chan struct{}]struct{}
}

// Watch returns a channel that has something in it after a commit of this process that added changes, however many; what
// another process adds is only seen by looking. stop ends that and may be called again.
func (db *DB) Watch() (changed <-chan struct{}, stop func()) {
	w, c := &db.e.watchers, make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]struct{}{}
	}
	w.all[c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, c)
	}
}

// tell wakes everybody who watches and has not been woken.
func (w *watchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.all {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
