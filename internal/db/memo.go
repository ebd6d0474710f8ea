package db

import (
	"strings"
	"sync"
	"time"
)

const (
	// memoFor bounds how long a change that another process made stays unseen.
	memoFor = 2 * time.Second

	// maxMemos bounds the answers that are kept for different questions.
	maxMemos = 200
)

// memo keeps the answer of a query that walks a whole table until this process writes
// to one of the tables that it was read from.
type memo[T any] struct{ memos[struct{}, T] }

// get returns the answer that is kept, or reads it. Transactions always read.
func (m *memo[T]) get(db *DB, read func() (T, error)) (T, error) {
	return m.memos.get(db, struct{}{}, read)
}

// memoOf is a memo of a query of these tables.
func memoOf[T any](tables ...string) memo[T] { return memo[T]{memos[struct{}, T]{tables: tables}} }

// memos is a memo of a query with several answers.
type memos[K comparable, T any] struct {
	tables []string
	mu     sync.Mutex
	writes int64 // to the tables before the answers were read, or more
	values map[K]*kept[T]
}

// memosOf is a memo of a query of these tables with several answers.
func memosOf[K comparable, T any](tables ...string) memos[K, T] { return memos[K, T]{tables: tables} }

// kept is an answer; who asks while it is read waits for it, and for no other.
type kept[T any] struct {
	mu    sync.Mutex
	at    time.Time // zero = not read
	value T
}

// get returns the answer to a question that is kept, or reads it. Transactions always read.
func (m *memos[K, T]) get(db *DB, key K, read func() (T, error)) (T, error) {
	if db.tx != nil {
		return read()
	}
	k := m.find(key, db.e.written.to(m.tables))
	k.mu.Lock()
	defer k.mu.Unlock()
	now := db.e.now()
	if age := now.Sub(k.at); !k.at.IsZero() && age >= 0 && age < memoFor {
		return k.value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	k.at, k.value = now, value
	return value, nil
}

// find returns the place of the answer to a question that nothing was written to since.
func (m *memos[K, T]) find(key K, writes int64) *kept[T] {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil || m.writes != writes || len(m.values) >= maxMemos {
		m.writes, m.values = writes, map[K]*kept[T]{}
	}
	k := m.values[key]
	if k == nil {
		k = &kept[T]{}
		m.values[key] = k
	}
	return k
}

// written counts the commits of this process by the tables they wrote to. Safe for concurrent use.
type written struct {
	mu     sync.RWMutex
	tables map[string]int64
}

// add counts a commit.
func (w *written) add(tables ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tables == nil {
		w.tables = map[string]int64{}
	}
	for _, each := range tables {
		w.tables[each]++
	}
}

// to is how often any of the tables was written to.
func (w *written) to(tables []string) (n int64) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for _, each := range tables {
		n += w.tables[each]
	}
	return n
}

// writesTo is the table that a changing statement names; every statement of this package begins with one of these verbs.
func writesTo(q string) string {
	for _, verb := range []string{"INSERT INTO ", "UPDATE ", "DELETE FROM "} {
		if rest, ok := strings.CutPrefix(q, verb); ok {
			return rest[:strings.IndexAny(rest+" ", " (\n\t")]
		}
	}
	panic("a statement that changes no table: " + q)
}
