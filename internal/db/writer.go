package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// maxGroup bounds the transactions that share a commit, so that none waits long for others.
	maxGroup = 128

	// queueLen is how many callers can queue before the next ones wait to be let in.
	queueLen = 256
)

// writer owns the one connection that changes the database. Its goroutine takes the transactions of all callers from a
// queue, runs each inside a savepoint and makes as many durable with one commit as have come meanwhile: a commit costs
// one flush of the disk whatever its size.
type writer struct {
	e     *engine
	pool  *sql.DB
	conn  *sql.Conn   // nil until first needed and after it broke
	stmts *statements // of conn
	group group

	mu     sync.RWMutex // held for reading while sending, so that closing never races with a send
	closed bool
	queue  chan *job
	ended  chan struct{} // closed when the goroutine has returned
}

// group is what shares the commit in progress.
type group struct {
	jobs    []*job
	head    *chainHead // of the audit chain, nil = not read in this commit
	changed bool       // rows were added to the feed of changes
	tables  []string   // written to, each once
}

// job is one caller's transaction.
type job struct {
	ctx   context.Context
	fn    func(*DB) error
	taken atomic.Bool // by the writer to run it, or by the caller to give it up
	err   error       // set before done is closed
	done  chan struct{}
}

func startWriter(e *engine, pool *sql.DB) *writer {
	w := &writer{e: e, pool: pool, queue: make(chan *job, queueLen), ended: make(chan struct{})}
	go w.loop()
	return w
}

// do queues fn and waits for its end.
func (w *writer) do(ctx context.Context, fn func(*DB) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := w.send(j); err != nil {
		return err
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
	}
	if j.taken.CompareAndSwap(false, true) {
		return fmt.Errorf("wait for the writer: %w", ctx.Err())
	}
	<-j.done
	return j.err
}

func (w *writer) send(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- j:
		return nil
	case <-j.ctx.Done():
		return fmt.Errorf("wait for the writer: %w", j.ctx.Err())
	}
}

// close lets the queue run empty and closes the connection.
func (w *writer) close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	w.mu.Unlock()
	if !first {
		return nil
	}
	close(w.queue)
	<-w.ended
	return errors.Join(w.drop(), w.pool.Close())
}

// loop runs groups until the queue is closed. A function that ends its goroutine (a test that fails inside one) ends
// the group with it; the rest goes on in a new goroutine.
func (w *writer) loop() {
	finished := false
	defer func() {
		if finished {
			close(w.ended)
			return
		}
		w.abort(errors.New("a transaction ended its goroutine"))
		go w.loop()
	}()
	for j := range w.queue {
		w.runGroup(j)
	}
	finished = true
}

// runGroup runs the transaction first and what else is queued, and commits them.
func (w *writer) runGroup(first *job) {
	if !w.take(first) {
		return
	}
	if err := w.begin(); err != nil {
		// Those who wait at this moment would only wait as long for the same answer. All are taken before any is
		// answered: who comes back with another change gets another try.
		for j := w.poll(); j != nil; j = w.poll() {
		}
		w.abort(err)
		return
	}
	for j := first; j != nil; j = w.next() {
		if err := w.run(j, j == first); err != nil {
			w.abort(err)
			return
		}
		if len(w.group.jobs) == maxGroup {
			break
		}
	}
	if err := w.commit(); err != nil {
		w.abort(err)
		return
	}
	w.e.written.add(w.group.tables...)
	w.e.commits.Add(1)
	if w.group.changed {
		w.e.watchers.tell()
	}
	w.answer(nil)
}

// take makes a job part of the group unless its caller has given up.
func (w *writer) take(j *job) bool {
	if !j.taken.CompareAndSwap(false, true) {
		return false
	}
	if err := j.ctx.Err(); err != nil {
		j.err = fmt.Errorf("wait for the writer: %w", err)
		close(j.done)
		return false
	}
	w.group.jobs = append(w.group.jobs, j)
	return true
}

// poll takes another job if one is queued; nil = none.
func (w *writer) poll() *job {
	for {
		select {
		case j, ok := <-w.queue:
			if !ok {
				return nil
			}
			if w.take(j) {
				return j
			}
		default:
			return nil
		}
	}
}

// next takes another job, and lets the callers of the last commit, who are on their way back, come in first.
func (w *writer) next() *job {
	if len(w.queue) == 0 {
		runtime.Gosched()
	}
	return w.poll()
}

// run runs one transaction so that it can be taken back alone: the first of a group is the transaction itself, the next
// ones are savepoints. Its own failure is kept for its caller; the error returned is one of the connection and ends the
// group.
func (w *writer) run(j *job, first bool) error {
	if !first {
		if err := w.control("SAVEPOINT one"); err != nil {
			return err
		}
	}
	t := &tx{w: w, head: w.group.head.copy()}
	j.err = t.call(j.fn, &DB{e: w.e, tx: t})
	if j.err == nil {
		j.err = t.broken
	}
	t.over = true
	switch {
	case j.err != nil && first:
		return errors.Join(w.control("ROLLBACK"), w.control("BEGIN IMMEDIATE"))
	case j.err != nil:
		// A full disk and the like have taken back the whole transaction: then there is no savepoint to go back to.
		if err := w.control("ROLLBACK TO one"); err != nil {
			return errors.Join(j.err, err)
		}
		return w.control("RELEASE one")
	case !first:
		if err := w.control("RELEASE one"); err != nil {
			return err
		}
	}
	w.group.head = t.head
	w.group.changed = w.group.changed || t.lastChange != 0
	return nil
}

func (w *writer) begin() error {
	if err := w.connect(); err != nil {
		return err
	}
	return w.control("BEGIN IMMEDIATE")
}

func (w *writer) commit() error {
	if err := w.writeHead(); err != nil {
		return err
	}
	return w.control("COMMIT")
}

// abort takes back what the group did and gives its callers the error.
func (w *writer) abort(err error) {
	if w.conn != nil {
		// Fails when the engine has taken the transaction back already.
		if w.control("ROLLBACK") != nil && errors.Is(err, sql.ErrConnDone) {
			_ = w.drop() // the connection is gone already
		}
	}
	w.answer(classify(err))
}

// answer tells the callers of the group how it ended and starts a new one. A caller whose own function failed keeps its
// error.
func (w *writer) answer(err error) {
	for _, j := range w.group.jobs {
		if j.err == nil {
			j.err = err
		}
		close(j.done)
	}
	clear(w.group.jobs)
	w.group = group{jobs: w.group.jobs[:0], tables: w.group.tables[:0]}
}

// connect makes sure there is a connection.
func (w *writer) connect() error {
	if w.conn != nil {
		return nil
	}
	conn, err := w.pool.Conn(context.Background())
	if err != nil {
		return err
	}
	w.conn, w.stmts = conn, newStatements(conn.PrepareContext)
	return nil
}

// drop gives up the connection and its statements.
func (w *writer) drop() error {
	if w.conn == nil {
		return nil
	}
	err := errors.Join(w.stmts.close(), w.conn.Close())
	w.conn, w.stmts = nil, nil
	return err
}

// control runs a statement that steers the transaction.
func (w *writer) control(q string) error {
	_, err := w.exec(q, nil)
	return err
}

func (w *writer) exec(q string, args []any) (int64, error) {
	ctx := context.Background()
	st, keep, err := w.stmts.get(ctx, q)
	if err != nil {
		return 0, err
	}
	if !keep {
		defer func() { _ = st.Close() }()
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
