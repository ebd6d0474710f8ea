package db

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// maxStatements bounds a cache; the texts of this package are far fewer.
const maxStatements = 200

// statements caches prepared statements by their text. Safe for concurrent use.
type statements struct {
	prepare func(ctx context.Context, q string) (*sql.Stmt, error)
	mu      sync.RWMutex
	byText  map[string]*sql.Stmt
}

func newStatements(prepare func(ctx context.Context, q string) (*sql.Stmt, error)) *statements {
	return &statements{prepare: prepare, byText: map[string]*sql.Stmt{}}
}

// get returns the statement of a text. keep is false when the cache is full: the caller then closes the statement.
func (s *statements) get(ctx context.Context, q string) (st *sql.Stmt, keep bool, err error) {
	s.mu.RLock()
	st, ok := s.byText[q]
	s.mu.RUnlock()
	if ok {
		return st, true, nil
	}
	st, err = s.prepare(ctx, native(q))
	if err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.byText[q]; ok {
		return other, true, st.Close()
	}
	if len(s.byText) >= maxStatements {
		return st, false, nil
	}
	s.byText[q] = st
	return st, true, nil
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.byText {
		errs = append(errs, st.Close())
	}
	s.byText = map[string]*sql.Stmt{}
	return errors.Join(errs...)
}
