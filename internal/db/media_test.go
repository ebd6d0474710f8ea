package db_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// blobDB is a database that keeps its blobs in a folder of the test.
func blobDB(t *testing.T) (*db.DB, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	d, err := db.Open(context.Background(), db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Blobs: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, dir
}

// files are the names of all files under a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}

func mustPut(t *testing.T, d *db.DB, text string) string {
	t.Helper()
	sha, n, err := d.PutBlob(context.Background(), strings.NewReader(text), 100)
	sum := sha256.Sum256([]byte(text))
	if err != nil || n != int64(len(text)) || sha != hex.EncodeToString(sum[:]) {
		t.Fatalf("%s, %d, %v", sha, n, err)
	}
	return sha
}

func TestBlobs(t *testing.T) {
	ctx := context.Background()
	d, dir := blobDB(t)
	sha := mustPut(t, d, "hello")
	mustPut(t, d, "hello")
	mustPut(t, d, strings.Repeat("x", 100))
	mustPut(t, d, "")
	f, err := d.OpenBlob(sha)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "hello" || f.Close() != nil {
		t.Errorf("%q, %v", b, err)
	}
	before := files(t, dir)
	broken := errors.New("connection reset")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for want, put := range map[error]func() (string, int64, error){
		db.ErrTooLarge: func() (string, int64, error) { return d.PutBlob(ctx, strings.NewReader(strings.Repeat("x", 101)), 100) },
		broken: func() (string, int64, error) {
			return d.PutBlob(ctx, io.MultiReader(strings.NewReader("hal"), iotest.ErrReader(broken)), 100)
		},
		context.Canceled: func() (string, int64, error) { return d.PutBlob(cancelled, strings.NewReader("x"), 100) },
	} {
		if sha, _, err := put(); !errors.Is(err, want) || sha != "" {
			t.Errorf("%v: %q, %v", want, sha, err)
		}
	}
	if after := files(t, dir); len(before) != 3 || !slices.Equal(after, before) {
		t.Errorf("%v, before %v", after, before)
	}
	for _, name := range []string{"", "x", "../console.db", strings.ToUpper(sha), sha[:62] + "/x", strings.Repeat("00", 32)} {
		if _, err := d.OpenBlob(name); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("open %q: %v", name, err)
		}
	}
}

// TestSweepBlobs: what no media name goes, and what a crash has left; but not what is so young that it may be on its way.
func TestSweepBlobs(t *testing.T) {
	ctx := context.Background()
	d, dir := blobDB(t)
	sha := mustPut(t, d, "hello")
	mustPut(t, d, "nobody's")
	if err := os.WriteFile(filepath.Join(dir, "part-left-by-a-crash"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "not ours"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.InsertMedia(ctx, db.Media{ID: "m1", Kind: "file", State: db.MediaKept, SHA256: sha, Bytes: 5}); err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	for _, c := range []struct {
		written time.Duration // before that from now they may be swept
		want    []string
	}{{-time.Hour, all}, {time.Hour, []string{sha, "not ours"}}} {
		if err := d.SweepBlobs(ctx, time.Now().Add(c.written)); err != nil {
			t.Fatal(err)
		}
		left := files(t, dir)
		slices.Sort(left)
		slices.Sort(c.want)
		if !slices.Equal(left, c.want) {
			t.Errorf("%v, want %v", left, c.want)
		}
	}
}

func TestDropBlob(t *testing.T) {
	ctx := context.Background()
	d, _ := blobDB(t)
	sha := mustPut(t, d, "hello")
	kept := func(id string) db.Media {
		return db.Media{ID: id, ConversationID: "c", Kind: "file", State: db.MediaKept, SHA256: sha, Bytes: 5}
	}
	there := func(want bool) {
		t.Helper()
		f, err := d.OpenBlob(sha)
		if (err == nil) != want {
			t.Errorf("there is a file: %v", err)
		}
		if err == nil {
			f.Close()
		}
	}
	if err := d.InsertMedia(ctx, kept("m1")); err != nil {
		t.Fatal(err)
	}
	if err := d.DropBlob(ctx, sha); err != nil {
		t.Fatal(err)
	}
	there(true)
	gone := kept("m1")
	gone.State, gone.SHA256 = db.MediaGone, ""
	// What the transaction did not commit does not count.
	undone := errors.New("undone")
	err := d.Tx(ctx, func(tx *db.DB) error {
		return errors.Join(tx.UpdateMedia(ctx, gone), tx.DropBlob(ctx, sha), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	there(true)
	if err := errors.Join(d.UpdateMedia(ctx, gone), d.DropBlob(ctx, sha), d.DropBlob(ctx, sha), d.DropBlob(ctx, "../x")); err != nil {
		t.Fatal(err)
	}
	there(false)
	for _, err := range []error{d.InsertMedia(ctx, kept("m2")), d.UpdateMedia(ctx, kept("m1"))} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("kept without a file: %v", err)
		}
	}
}

func TestMedia(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var want []db.Media
		for i, state := range []string{db.MediaWanted, db.MediaWanted, db.MediaQuota, db.MediaGone} {
			m := db.Media{ID: "m" + string(rune('0'+i)), AccountID: "wkA", ConversationID: "c1", MessageID: "msg", Kind: "image", State: state, WantedAt: now.Add(-time.Duration(i) * time.Minute)}
			want = append(want, m)
			for range 2 {
				if err := d.InsertMedia(ctx, m); err != nil {
					t.Fatal(err)
				}
				m.Kind = "ignored"
			}
		}
		if got, err := d.MediaOf(ctx, "c1"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		sha, n, err := d.PutBlob(ctx, bytes.NewReader([]byte("12345")), 10)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			m := want[i]
			m.State, m.MIME, m.Name, m.SHA256, m.Bytes, m.KeptAt, m.TriedAt, m.Tries = db.MediaKept, "image/png", "图.png", sha, n, now, now, 2
			if i == 1 {
				m.State, m.SHA256, m.Bytes = db.MediaWanted, "", 0
			}
			if err := d.UpdateMedia(ctx, m); err != nil {
				t.Fatal(err)
			}
			if got, err := d.Media(ctx, m.ID); err != nil || got != m {
				t.Errorf("%+v, %v\nwant %+v", got, err, m)
			}
		}
		open := func(state string, at time.Time, ids int) {
			t.Helper()
			l, err := d.OpenMedia(ctx, state, at, time.Minute, time.Hour, 0)
			if err != nil || len(l) != ids || ids > 0 && l[0].State != state {
				t.Errorf("%s at %v: %+v, %v", state, at, l, err)
			}
		}
		open(db.MediaQuota, now, 1)
		// The second try is two minutes ago at the soonest, unless the clock was set back.
		open(db.MediaWanted, now, 0)
		open(db.MediaWanted, now.Add(2*time.Minute-time.Millisecond), 0)
		open(db.MediaWanted, now.Add(2*time.Minute), 1)
		open(db.MediaWanted, now.Add(-time.Minute), 1)
		many := want[1]
		many.Tries, many.TriedAt = 90, now
		if err := d.UpdateMedia(ctx, many); err != nil {
			t.Fatal(err)
		}
		open(db.MediaWanted, now.Add(time.Hour-time.Millisecond), 0)
		open(db.MediaWanted, now.Add(time.Hour), 1)
	})
}

func TestMediaCounts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		sha, n, err := d.PutBlob(ctx, strings.NewReader("12345"), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []db.Media{{ID: "a", State: db.MediaKept, SHA256: sha, Bytes: n}, {ID: "b", State: db.MediaKept, SHA256: sha, Bytes: n}, {ID: "c", State: db.MediaWanted}} {
			if err := d.InsertMedia(ctx, m); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.BlobBytes(ctx); err != nil || got != n {
			t.Errorf("%d bytes, %v", got, err)
		}
		if got, err := d.MediaCounts(ctx); err != nil || got[db.MediaKept] != 2 || got[db.MediaWanted] != 1 {
			t.Errorf("%v, %v", got, err)
		}
		if _, err := d.Media(ctx, "x"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no media: %v", err)
		}
		if err := d.UpdateMedia(ctx, db.Media{ID: "x", State: db.MediaGone}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no media: %v", err)
		}
		if err := d.InsertMedia(ctx, db.Media{ID: "y", State: "odd"}); err == nil {
			t.Error("an unknown state was taken")
		}
	})
}
