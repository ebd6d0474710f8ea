package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// blobs are files named by the SHA-256 of what is in them, in a folder for each of its first two digits. A name is only
// there when all of the file is.
type blobs struct{ dir string }

// ErrTooLarge: there is more to read than the limit.
var ErrTooLarge = errors.New("larger than the limit")

// unfinished is the pattern of the names of files that are being written.
const unfinished = "part-*"

// path is where a blob is; "" for what is no hash, so that no name from outside leads anywhere.
func (b blobs) path(sha string) string {
	if raw, err := hex.DecodeString(sha); err != nil || len(raw) != sha256.Size || strings.ToLower(sha) != sha {
		return ""
	}
	return filepath.Join(b.dir, sha[:2], sha)
}

// check is ErrNotFound without the file.
func (b blobs) check(sha string) error {
	_, err := os.Stat(b.path(sha))
	return blobError(sha, err)
}

// blobError says ErrNotFound of a file that is not there, and ErrFull of a full disk.
func blobError(sha string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("blob %q: %w", sha, ErrNotFound)
	case isFull(err):
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// PutBlob keeps what is read as a durable file and returns its hash and size. It is dropped by a later SweepBlobs unless
// media name it by then. Errors: ErrTooLarge beyond limit bytes (nothing is kept), ErrFull, those of r.
func (db *DB) PutBlob(ctx context.Context, r io.Reader, limit int64) (sha string, n int64, err error) {
	if db.e.write == nil {
		return "", 0, wrap("put blob", ErrReadOnly)
	}
	sha, n, err = db.e.blobs.put(ctx, r, limit)
	return sha, n, wrap("put blob", blobError(sha, err))
}

func (b blobs) put(ctx context.Context, r io.Reader, limit int64) (sha string, n int64, err error) {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return "", 0, err
	}
	f, err := os.CreateTemp(b.dir, unfinished)
	if err != nil {
		return "", 0, err
	}
	defer func() {
		// Gone already when all went well.
		if left := os.Remove(f.Name()); err == nil && left != nil && !errors.Is(left, fs.ErrNotExist) {
			err = left
		}
	}()
	sum := sha256.New()
	n, err = io.Copy(io.MultiWriter(f, sum), io.LimitReader(&readUntil{ctx, r}, limit+1))
	if err == nil && n > limit {
		err = ErrTooLarge
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, err
	}
	sha = hex.EncodeToString(sum.Sum(nil))
	return sha, n, b.place(f.Name(), sha)
}

// place gives a finished file its name, durably.
func (b blobs) place(name, sha string) error {
	to := b.path(sha)
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Rename(name, to); err != nil {
		return err
	}
	return errors.Join(flush(dir), flush(b.dir))
}

// readUntil is a reader that ends with its context.
type readUntil struct {
	ctx context.Context
	r   io.Reader
}

func (r *readUntil) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// OpenBlob opens the file of a hash. ErrNotFound if there is none.
func (db *DB) OpenBlob(sha string) (io.ReadSeekCloser, error) {
	f, err := os.Open(db.e.blobs.path(sha))
	if err != nil {
		return nil, wrap("open blob", blobError(sha, err))
	}
	return f, nil
}

// DropBlob deletes the file of a hash unless media name it. One that is not there is no error.
func (db *DB) DropBlob(ctx context.Context, sha string) error {
	return wrap("drop blob", db.Tx(ctx, func(tx *DB) error {
		// Asked of what is committed too: what another transaction of this group deleted may come back.
		for _, at := range []*DB{{e: db.e}, tx} {
			named, err := number(ctx, at, blobNamed, sha)
			if err != nil || named > 0 {
				return err
			}
		}
		if path := db.e.blobs.path(sha); path != "" {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		_, err := tx.exec(ctx, "DELETE FROM blob_drop WHERE sha256 = $1", sha)
		return err
	}))
}

// DropBlobs deletes the files of what was erased, as far as that is committed.
func (db *DB) DropBlobs(ctx context.Context) error {
	l, err := all(ctx, db, scanText, "SELECT sha256 FROM blob_drop ORDER BY sha256 LIMIT $1", maxLimit)
	for _, sha := range l {
		if err == nil {
			err = db.DropBlob(ctx, sha)
		}
	}
	return wrap("drop blobs", err)
}

// SweepBlobs deletes the files that no media name and what a crash left unfinished, as far as they were written before a
// time: a file has no media yet while it is being put.
func (db *DB) SweepBlobs(ctx context.Context, before time.Time) error {
	return wrap("sweep blobs", filepath.WalkDir(db.e.blobs.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || d.IsDir():
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		return db.sweepBlob(ctx, path, d, before)
	}))
}

func (db *DB) sweepBlob(ctx context.Context, path string, d fs.DirEntry, before time.Time) error {
	part, _ := filepath.Match(unfinished, d.Name())
	if !part && db.e.blobs.path(d.Name()) != path {
		return nil
	}
	info, err := d.Info()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil || !info.ModTime().Before(before):
		return err
	case part:
		return os.Remove(path)
	}
	// Looked at first, so that the writer is only asked for the few that nobody needs.
	named, err := number(ctx, db, blobNamed, d.Name())
	if err != nil || named > 0 {
		return err
	}
	return db.DropBlob(ctx, d.Name())
}

const blobNamed = "SELECT count(*) FROM media WHERE sha256 = $1 AND sha256 <> ''"

// BlobBytes returns how much room the kept media take.
func (db *DB) BlobBytes(ctx context.Context) (int64, error) {
	n, err := number(ctx, db, "SELECT sum(b.bytes) FROM (SELECT DISTINCT sha256, bytes FROM media WHERE sha256 <> '') b")
	return n, wrap("count blob bytes", err)
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
