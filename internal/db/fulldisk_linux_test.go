package db

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReallyFullDisk fills a small file system and empties it again. Only root may make one; everybody else has
// TestDiskFull, which limits the file instead.
func TestReallyFullDisk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Logf("no small file system: %v", err)
		return
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	d := openAt(t, filepath.Join(dir, "console.db"))
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	written := 0
	var err error
	for ; err == nil && written < 10000; written++ {
		in, out := record(written)
		err = d.InsertRecord(ctx, in, out)
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("after %d changes: %v", written, err)
	}
	if n := mustVerify(t, d); n != int64(written-1)*2 {
		t.Errorf("chain of %d rows after %d changes", n, written-1)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	mustRecord(t, d, written)
	mustVerify(t, d)
}
