package db

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fillChain makes a chain with all kinds of rows: records, open intents, late outcomes, notes.
func fillChain(t testing.TB, d *DB, r *rand.Rand, n int) {
	t.Helper()
	ctx := context.Background()
	var open []Outcome
	for i := range n {
		in, out := record(i)
		var err error
		switch r.IntN(5) {
		case 0:
			err = d.InsertIntent(ctx, in, "")
			open = append(open, out)
		case 1:
			if len(open) > 1 {
				err, open = d.InsertOutcome(ctx, open[0]), open[1:]
			}
		case 2:
			if len(open) > 0 {
				err = d.InsertNote(ctx, Note{ID: NewID(), IntentID: open[len(open)-1].IntentID, At: out.At, Text: "还在查"})
			}
		default:
			err = d.InsertRecord(ctx, in, out)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tamperer changes one thing in a copy of a chain.
type tamperer struct {
	t    *testing.T
	r    *rand.Rand
	pool *sql.DB
	end  int64
}

func (m *tamperer) exec(q string, args ...any) {
	m.t.Helper()
	res, err := m.pool.Exec(q, args...)
	if err != nil {
		m.t.Fatalf("%s: %v", q, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		m.t.Fatalf("%s %v changed nothing", q, args)
	}
}

// pick returns a random place and the table that has it.
func (m *tamperer) pick() (int64, *chainTable) {
	seq := m.r.Int64N(m.end) + 1
	for _, t := range chainTables {
		var n int
		if err := m.pool.QueryRow("SELECT count(*) FROM "+t.name+" WHERE seq = $1", seq).Scan(&n); err != nil {
			m.t.Fatal(err)
		}
		if n == 1 {
			return seq, t
		}
	}
	m.t.Fatalf("no row %d", seq)
	return 0, nil
}

// expectation is the place that must be named, and the words that may be used for it.
type expectation struct {
	what    string
	seq     int64
	reasons []string
}

// edit changes one column of a row, its type included.
func (m *tamperer) edit() expectation {
	seq, t := m.pick()
	col := t.cols[m.r.IntN(len(t.cols))]
	e := expectation{fmt.Sprintf("edit %s.%s of %d", t.name, col, seq), seq, []string{BreakEdited}}
	switch {
	case col == "seq":
		m.exec("UPDATE "+t.name+" SET seq = $1 WHERE seq = $2", m.end+1+m.r.Int64N(1000), seq)
		e.reasons = []string{BreakMissing, BreakTail}
	case col == "intent_seq" && t == outcomeTable:
		m.exec("UPDATE audit_outcome SET intent_seq = $1 WHERE seq = $2", m.end+1+m.r.Int64N(1000), seq)
	case slices.Contains([]string{"v", "at", "errcode", "intent_seq"}, col):
		m.exec("UPDATE "+t.name+" SET "+col+" = "+pickOne(m.r, col+" + 1", "-"+col+" - 1", "'text'", col+" + 0.5", "x'00'")+" WHERE seq = $1", seq)
	default:
		// The same bytes as a blob are another value too; an empty text stays empty in upper case.
		m.exec("UPDATE "+t.name+" SET "+col+" = "+pickOne(m.r, col+" || 'x'", "x'00'", "CAST("+col+" AS BLOB)", "'x' || "+col)+" WHERE seq = $1", seq)
	}
	return e
}

func pickOne(r *rand.Rand, options ...string) string { return options[r.IntN(len(options))] }

// remove deletes rows in the middle or at the end.
func (m *tamperer) remove() expectation {
	seq, t := m.pick()
	m.exec("DELETE FROM "+t.name+" WHERE seq = $1", seq)
	return expectation{fmt.Sprintf("delete %d", seq), seq, []string{BreakMissing, BreakTail}}
}

func (m *tamperer) truncate() expectation {
	from := m.end - m.r.Int64N(20)
	for _, t := range chainTables {
		if _, err := m.pool.Exec("DELETE FROM "+t.name+" WHERE seq >= $1", from); err != nil {
			m.t.Fatal(err)
		}
	}
	return expectation{fmt.Sprintf("truncate from %d", from), from, []string{BreakTail}}
}

// insert puts a copy of a row at a place that is taken, before the first or after the last.
func (m *tamperer) insert() expectation {
	seq, _ := m.pick()
	e := expectation{"", seq, []string{BreakInserted}}
	switch m.r.IntN(3) {
	case 0:
		e.seq = m.end + 1
	case 1:
		e.seq = -m.r.Int64N(5) - 1
	}
	t := noteTable
	if e.seq == seq {
		// A table has a place only once, so the other one is in another table.
		for _, other := range chainTables {
			var n int
			if err := m.pool.QueryRow("SELECT count(*) FROM "+other.name+" WHERE seq = $1", seq).Scan(&n); err != nil {
				m.t.Fatal(err)
			}
			if n == 0 && other != outcomeTable {
				t = other
			}
		}
	}
	values := make([]any, len(t.cols))
	for i, c := range t.cols {
		values[i] = "forged " + c
	}
	values[0], values[1] = e.seq, int64(1)
	for i, c := range t.cols {
		if c == "at" || c == "intent_seq" {
			values[i] = int64(1)
		}
	}
	m.exec(t.insert, values...)
	e.what = fmt.Sprintf("insert %s at %d", t.name, e.seq)
	return e
}

// swap exchanges the places of two rows of a table, or only what they say.
func (m *tamperer) swap() expectation {
	for {
		a, t := m.pick()
		b, u := m.pick()
		if t != u || a == b {
			continue
		}
		if m.r.IntN(2) == 0 {
			m.exec("UPDATE "+t.name+" SET seq = -1 WHERE seq = $1", a)
			m.exec("UPDATE "+t.name+" SET seq = $1 WHERE seq = $2", a, b)
			m.exec("UPDATE "+t.name+" SET seq = $1 WHERE seq = -1", b)
			return expectation{fmt.Sprintf("swap %s %d and %d", t.name, a, b), min(a, b), []string{BreakReordered}}
		}
		var x, y string
		read := func(seq int64, v *string) {
			if err := m.pool.QueryRow("SELECT hash FROM "+t.name+" WHERE seq = $1", seq).Scan(v); err != nil {
				m.t.Fatal(err)
			}
		}
		read(a, &x)
		read(b, &y)
		m.exec("UPDATE "+t.name+" SET hash = $1 WHERE seq = $2", y, a)
		m.exec("UPDATE "+t.name+" SET hash = $1 WHERE seq = $2", x, b)
		return expectation{fmt.Sprintf("swap hashes of %s %d and %d", t.name, a, b), min(a, b), []string{BreakEdited}}
	}
}

// restamp edits a row and gives it the hash that fits, as somebody who knows the encoding would.
func (m *tamperer) restamp() expectation {
	seq, t := m.pick()
	values := make([]any, len(t.cols))
	dest := make([]any, len(t.cols))
	for i := range values {
		dest[i] = &values[i]
	}
	if err := m.pool.QueryRow("SELECT "+strings.Join(t.cols, ", ")+" FROM "+t.name+" WHERE seq = $1", seq).Scan(dest...); err != nil {
		m.t.Fatal(err)
	}
	at := slices.Index(t.cols, "at")
	n := len(values)
	values[at] = values[at].(int64) + 1
	if m.r.IntN(3) == 0 && seq > 1 {
		values[n-2] = strings.Repeat("0", 64)
	}
	hash := hashOf(t, values[:n-1])
	m.exec("UPDATE "+t.name+" SET at = $1, prev = $2, hash = $3 WHERE seq = $4", values[at], values[n-2], hash, seq)
	return expectation{fmt.Sprintf("restamp %s %d", t.name, seq), seq, []string{BreakEdited}}
}

func TestTampering(t *testing.T) {
	ctx := context.Background()
	r := seeded(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "console.db")
	d, err := Open(ctx, Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	fillChain(t, d, r, 150)
	end := mustVerify(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for i := range 300 {
		broken := tamper(t, raw, filepath.Join(dir, fmt.Sprintf("copy%d.db", i)), func(pool *sql.DB) expectation {
			m := &tamperer{t: t, r: r, pool: pool, end: end}
			return []func() expectation{m.edit, m.edit, m.edit, m.remove, m.truncate, m.insert, m.swap, m.restamp}[i%8]()
		})
		counts[broken]++
	}
	t.Logf("%d rows, breaks named: %v", end, counts)
}

// tamper lets change work on a copy and checks that the verdict names what it did. It returns the reason given.
func tamper(t *testing.T, raw []byte, path string, change func(*sql.DB) expectation) string {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	pool := rawOpen(t, path)
	e := change(pool)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), Options{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		d.Close()
		os.Remove(path)
	}()
	v, err := d.VerifyAudit(context.Background(), nil)
	if err != nil {
		t.Errorf("%s: %v", e.what, err)
		return "error"
	}
	if v.Broken == nil {
		t.Errorf("%s: not seen", e.what)
		return "none"
	}
	if v.Broken.Seq != e.seq || !slices.Contains(e.reasons, v.Broken.Reason) {
		t.Errorf("%s: named %+v, want %d %v", e.what, *v.Broken, e.seq, e.reasons)
	}
	if e.seq > 0 && v.Broken.Reason != BreakInserted && v.Rows != e.seq-1 {
		t.Errorf("%s: %d rows hold, want %d", e.what, v.Rows, e.seq-1)
	}
	return v.Broken.Reason
}

// TestOrphans chains rows correctly to an intent that does not exist.
func TestOrphans(t *testing.T) {
	ctx := context.Background()
	for _, table := range []*chainTable{outcomeTable, noteTable} {
		d := openTest(t)
		mustRecord(t, d, 1)
		writerExec(t, d, "PRAGMA foreign_keys=0")
		err := d.Tx(ctx, func(tx *DB) error {
			values := []any{int64(99), int64(1), nil, int64(0), ResultDone, int64(0), "", "", "", "", ""}
			if table == noteTable {
				values = []any{nil, int64(1), NewID(), int64(99), int64(0), "", "", "text"}
			}
			_, err := tx.chain(ctx, table, values)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		v, err := d.VerifyAudit(ctx, nil)
		if err != nil || v.Broken == nil || v.Broken.Reason != BreakOrphan || v.Broken.Seq != 3 || v.Broken.Table != table.name {
			t.Errorf("%s: %+v, %v", table.name, v.Broken, err)
		}
	}
}

func TestVerifyChunks(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	const n = verifyChunk/2 + 700
	err := d.Tx(ctx, func(tx *DB) error {
		for i := range n {
			in, out := record(i)
			if err := tx.InsertRecord(ctx, in, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var seen []Progress
	v, err := d.VerifyAudit(ctx, func(p Progress) { seen = append(seen, p) })
	if err != nil || v.Broken != nil || v.Rows != 2*n {
		t.Fatalf("%+v, %v", v, err)
	}
	if want := []Progress{{verifyChunk, 2 * n}, {2 * n, 2 * n}}; !slices.Equal(seen, want) {
		t.Errorf("progress %v, want %v", seen, want)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := d.VerifyAudit(stopped, nil); err == nil {
		t.Error("went on after its context ended")
	}
	if v, err := openTest(t).VerifyAudit(ctx, nil); err != nil || v.Broken != nil || v.Rows != 0 || v.Head != "" {
		t.Errorf("empty chain: %+v, %v", v, err)
	}
}
