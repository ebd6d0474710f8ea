package db

import (
	"sync"
	"time"
)

// memoFor bounds how long a change that another process made stays unseen.
const memoFor = 2 * time.Second

// memo keeps the answer of a query that walks a whole table until this process writes
// something, whatever that is.
type memo[T any] struct {
	mu      sync.Mutex
	known   bool
	commits int64 // of the engine before the answer was read
	at      time.Time
	value   T
}

// get returns the answer that is kept, or reads it. Transactions always read.
func (m *memo[T]) get(db *DB, read func() (T, error)) (T, error) {
	if db.tx != nil {
		return read()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	commits, now := db.e.commits.Load(), db.e.now()
	if age := now.Sub(m.at); m.known && m.commits == commits && age >= 0 && age < memoFor {
		return m.value, nil
	}
	value, err := read()
	m.known, m.commits, m.at, m.value = err == nil, commits, now, value
	return value, err
}
