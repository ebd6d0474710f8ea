package db

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// killEnv makes the test binary write to the database it names until it is killed.
const killEnv = "KFCONSOLE_TEST_KILL_DB"

func TestMain(m *testing.M) {
	if path := os.Getenv(killEnv); path != "" {
		write := writeUntilKilled
		if os.Getenv(killIngestEnv) != "" {
			write = ingestUntilKilled
		}
		if err := write(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes audited changes from many goroutines and prints the id of each when it is durable.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	d, err := Open(ctx, Options{Path: path})
	if err != nil {
		return err
	}
	errs := make(chan error)
	var mu sync.Mutex
	for g := range 8 {
		go func() {
			for n := 0; ; n++ {
				in, out := record(n)
				err := d.Tx(ctx, func(tx *DB) error {
					return errors.Join(tx.SetSetting(ctx, fmt.Sprint("last of ", g), in.ID), tx.InsertRecord(ctx, in, out))
				})
				if err != nil {
					errs <- err
					return
				}
				mu.Lock()
				fmt.Println(in.ID)
				mu.Unlock()
			}
		}()
	}
	return <-errs
}

// TestKill kills a writing process at random moments: what it said was done is there, and the chain holds.
func TestKill(t *testing.T) {
	r := seeded(t)
	path := filepath.Join(t.TempDir(), "console.db")
	openAt(t, path).Close()
	total := 0
	for round := range 20 {
		acked := killed(t, path, time.Duration(r.IntN(40_000))*time.Microsecond)
		total += len(acked)
		d, err := Open(context.Background(), Options{Path: path})
		if err != nil {
			t.Fatalf("round %d: open after the kill: %v", round, err)
		}
		for _, id := range acked {
			if e, err := d.AuditEntry(context.Background(), id); err != nil || e.Outcome == nil {
				t.Errorf("round %d: acknowledged change %s: %v", round, id, err)
			}
		}
		mustVerify(t, d)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if total == 0 {
		t.Error("no change was acknowledged before any kill")
	}
	t.Logf("%d acknowledged changes survived 20 kills", total)
}

// killed runs a writing process, kills it some time after its first acknowledgement and returns the acknowledged ids.
func killed(t *testing.T, path string, after time.Duration, env ...string) (acked []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), killEnv+"="+path), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // the last line may be cut: it was not acknowledged then
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(acked) == 0 {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
		acked = append(acked, strings.TrimSpace(line))
	}
	cmd.Wait()
	if stderr.Len() > 0 {
		t.Fatalf("the writing process: %s", stderr.String())
	}
	return acked
}
