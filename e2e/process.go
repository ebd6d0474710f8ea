//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds the wait for a line of the program, and for its end after SIGTERM.
const patience = 60 * time.Second

// process is the program under way with one command.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	lines   chan string
	log     buffer
	drained chan struct{} // closed when standard output has ended
}

// start runs the program; settings are environment variables.
func start(t testing.TB, settings []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(binary(t), args...), lines: make(chan string, 64), drained: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), settings...)
	p.cmd.Stderr = &p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", args[0], err)
	}
	go func() {
		defer close(p.drained)
		defer close(p.lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			select {
			case p.lines <- scan.Text():
			default: // nobody reads any more
			}
		}
	}()
	return p
}

// line reads the next line of standard output, which must begin with the prefix, and returns the rest of it.
func (p *process) line(prefix string) string {
	p.t.Helper()
	select {
	case line, ok := <-p.lines:
		if rest, found := strings.CutPrefix(line, prefix); ok && found {
			return rest
		}
		p.kill()
		p.t.Fatalf("the program printed %q, want a line that begins with %q; standard error:\n%s", line, prefix, &p.log)
	case <-time.After(patience):
		p.kill()
		p.t.Fatalf("the program did not print %q within %s; standard error:\n%s", prefix, patience, &p.log)
	}
	return ""
}

// address reads the next line and takes an address on loopback from it.
func (p *process) address(prefix string) string {
	p.t.Helper()
	address := p.line(prefix)
	if !strings.HasPrefix(address, "http://127.0.0.1:") {
		p.kill()
		p.t.Fatalf("%s%q is no address on loopback", prefix, address)
	}
	return address
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop asks the program to end and waits until it has. Any exit code but 0 fails the test, and so does a panic that was caught.
func (p *process) stop() {
	p.t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("stop the program: %v", err)
	}
	force := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	<-p.drained
	err := p.cmd.Wait()
	force.Stop()
	if err != nil {
		p.t.Errorf("the program ended with %v", err)
	}
	if text := p.log.String(); strings.Contains(text, "panic") || strings.Contains(text, "DATA RACE") {
		p.t.Errorf("the program panicked:\n%s", text)
	}
	if p.t.Failed() {
		lines := strings.Split(strings.TrimSpace(p.log.String()), "\n")
		p.t.Logf("standard error of %s:\n%s", p.cmd.Args[1], strings.Join(lines[max(0, len(lines)-25):], "\n"))
	}
}

// binary is the program under test: that of CONSOLE_BINARY, or one built for this run.
func binary(t testing.TB) string {
	t.Helper()
	path, err := builtBinary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var builtBinary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("CONSOLE_BINARY"); path != "" {
		return path, nil
	}
	folder, err := os.MkdirTemp("", "console-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "console")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/console").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the console: %w\n%s", err, out)
	}
	return path, nil
})

// buffer is a bytes.Buffer that a process may write while a test reads it. The zero value is empty.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends to the buffer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns what was written so far.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
