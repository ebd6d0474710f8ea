package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEngineVersion(t *testing.T) {
	for _, c := range []struct {
		v    string
		want bool
	}{{"3.51.3", true}, {"3.51.10", true}, {"3.54.1", true}, {"4.0", true}, {"3.51.2", false}, {"3.40.1", false}, {"3.51", false}, {"", false}} {
		if got := atLeast(c.v, minEngine); got != c.want {
			t.Errorf("%q: %v", c.v, got)
		}
	}
}

func TestNative(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1": "SELECT 1", "a = $1 AND b IN ($2, $3)": "a = ? AND b IN (?, ?)", "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)": "(?,?,?,?,?,?,?,?,?,?)",
		"a = $1 OR b = $1": "a = $1 OR b = $1", "a = $2 AND b = $1": "a = $2 AND b = $1", "a = $1 AND b = $3": "a = $1 AND b = $3", "a = $x": "a = $x", "a = $": "a = $",
	} {
		if got := native(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPragmas(t *testing.T) {
	d := openTest(t)
	writerExec(t, d, "SELECT 1")
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := d.e.write.conn.QueryRowContext(context.Background(), "PRAGMA "+name).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %q, want %q: %v", name, got, want, err)
		}
	}
	for name, want := range map[string]string{"query_only": "1", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := d.e.read.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
			t.Errorf("reader: %s is %q, want %q: %v", name, got, want, err)
		}
	}
	if _, err := d.e.read.Exec("DELETE FROM setting"); !errors.Is(classify(err), ErrReadOnly) {
		t.Errorf("a reader wrote: %v", err)
	}
}

// rawOpen opens the file as another process would.
func rawOpen(t testing.TB, path string) *sql.DB {
	t.Helper()
	pool, err := openSQLite(path, "rwc")
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { pool.Close() })
	return pool
}

func TestOtherProcessHoldsTheLock(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	d := openAt(t, path)
	writerExec(t, d, "PRAGMA busy_timeout=50")
	tx, err := rawOpen(t, path).Begin()
	if err != nil {
		t.Fatal(err)
	}
	in, out := record(1)
	if err := d.InsertRecord(ctx, in, out); !errors.Is(err, ErrBusy) {
		t.Errorf("while another process writes: %v", err)
	}
	if _, err := d.Operators(ctx); err != nil {
		t.Errorf("reading meanwhile: %v", err)
	}
	writerExecBusy(t, d, "PRAGMA busy_timeout=5000")
	end := make(chan error)
	go func() { end <- d.InsertRecord(ctx, in, out) }()
	select {
	case err := <-end:
		t.Errorf("did not wait for the lock: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-end; err != nil {
		t.Errorf("after the lock was free: %v", err)
	}
	mustVerify(t, d)
}

// writerExecBusy is writerExec while nothing can be written.
func writerExecBusy(t *testing.T, d *DB, q string) {
	t.Helper()
	if _, err := d.e.write.conn.ExecContext(context.Background(), q); err != nil {
		t.Fatal(err)
	}
}

func TestTwoWritersOneChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	a, b := openAt(t, path), openAt(t, path)
	for n := range 20 {
		mustRecord(t, a, n)
		mustRecord(t, b, n)
	}
	if n := mustVerify(t, a); n != 80 {
		t.Errorf("chain of %d rows, want 80", n)
	}
}

func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	mustRecord(t, d, 0)
	writerExec(t, d, "PRAGMA max_page_count=1")
	big := strings.Repeat("x", 20000)
	if err := d.SetSetting(ctx, "big", big); !errors.Is(err, ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	// Others in the same commit end with an error too or are safe on disk, never in between.
	release := block(t, d, true)
	ends := queue(d, func(tx *DB) error { return tx.SetSetting(ctx, "small", "x") }, func(tx *DB) error { return tx.SetSetting(ctx, "big", big) })
	release()
	if err := <-ends[1]; !errors.Is(err, ErrFull) {
		t.Errorf("on a full disk, beside others: %v", err)
	}
	small := <-ends[0]
	if _, err := d.Setting(ctx, "small"); (err == nil) != (small == nil) {
		t.Errorf("neighbour was told %v, reading it says %v", small, err)
	}
	in, out := record(1)
	out.After = big
	if err := d.InsertRecord(ctx, in, out); !errors.Is(err, ErrFull) {
		t.Errorf("audited change on a full disk: %v", err)
	}
	if _, err := d.AuditEntry(ctx, in.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("half of it is there: %v", err)
	}
	writerExecBusy(t, d, "PRAGMA max_page_count=4294967294")
	if err := d.InsertRecord(ctx, in, out); err != nil {
		t.Errorf("after space returned: %v", err)
	}
	if n := mustVerify(t, d); n != 4 {
		t.Errorf("chain of %d rows, want 4", n)
	}
}

func TestReadOnlyFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	d := openAt(t, path)
	mustRecord(t, d, 0)
	writerExec(t, d, "PRAGMA query_only=1")
	in, out := record(1)
	if err := d.InsertRecord(ctx, in, out); !errors.Is(err, ErrReadOnly) {
		t.Errorf("write: %v", err)
	}
	if n := mustVerify(t, d); n != 2 {
		t.Errorf("chain of %d rows, want 2", n)
	}
	ro, err := Open(ctx, Options{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	if err := ro.InsertRecord(ctx, in, out); !errors.Is(err, ErrReadOnly) {
		t.Errorf("write to a database opened for reading: %v", err)
	}
	mustVerify(t, ro)
	writerExecBusy(t, d, "PRAGMA query_only=0")
	if err := d.InsertRecord(ctx, in, out); err != nil {
		t.Errorf("after it became writable: %v", err)
	}
	mustVerify(t, ro)
}

func TestOpensAFileThatCannotBeWritten(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path := filepath.Join(dir, "console.db")
	d := openAt(t, path)
	mustRecord(t, d, 0)
	// immutable is what a read-only mount looks like to the engine; file modes mean nothing to root.
	pool, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_txlock=immediate&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := migrate(ctx, pool); err != nil {
		t.Errorf("an up-to-date schema needs no writing: %v", err)
	}
	e := &engine{}
	w := startWriter(e, pool)
	err = w.do(ctx, func(tx *DB) error { return tx.SetSetting(ctx, "k", "v") })
	if !errors.Is(err, ErrReadOnly) {
		t.Errorf("write: %v", err)
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
}

func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("云杉家居 "), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{Path: path}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("open: %v", err)
	}
	if _, err := Open(context.Background(), Options{Path: filepath.Join(path, "below", "console.db")}); err == nil {
		t.Error("opened a file in a folder that is not there")
	}
}

func TestDamagedPage(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	d, err := Open(ctx, Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 200 {
		mustRecord(t, d, n)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(raw, []byte("海报 150"))
	if i < 0 {
		t.Fatal("the text of a row is not in the file")
	}
	copy(raw[i:], "海报 151")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	d = openAt(t, path)
	v, err := d.VerifyAudit(ctx, nil)
	if err != nil || v.Broken == nil || v.Broken.Reason != BreakEdited {
		t.Errorf("flipped byte in a row: %+v, %v", v.Broken, err)
	}
}

func TestCutFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "console.db")
	d, err := Open(ctx, Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 400 {
		mustRecord(t, d, n)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
	d, err = Open(ctx, Options{Path: path})
	if err == nil {
		_, err = d.VerifyAudit(ctx, nil)
		d.Close()
	}
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("half of the file is missing: %v", err)
	}
}

func TestBackupUnderLoad(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	d := openAt(t, filepath.Join(dir, "console.db"))
	for n := range 50 {
		mustRecord(t, d, n)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 50; ; n++ {
			select {
			case <-stop:
				return
			default:
				mustRecord(t, d, n)
			}
		}
	}()
	path := filepath.Join(dir, "copy.db")
	err := d.Backup(ctx, path)
	close(stop)
	<-ended
	if err != nil {
		t.Fatal(err)
	}
	c := openAt(t, path)
	n := mustVerify(t, c)
	if n < 100 || n > mustVerify(t, d) {
		t.Errorf("copy has %d rows", n)
	}
	if err := d.Backup(ctx, path); err == nil {
		t.Error("a backup overwrote a file")
	}
}
