//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Password is the password of every operator of the demo.
const Password = "demo-console"

// Roles are the names of the demo's operators, which are those of their roles.
func Roles() []string { return []string{"owner", "manager", "auditor", "viewer"} }

// startWithin bounds the wait for the program's addresses, and for its end after SIGTERM.
const startWithin = 60 * time.Second

// Stack is one running `console demo` with its own data.
type Stack struct {
	URL  string // of the console, without a final slash
	Sim  *Simulator
	Data string // the data folder

	t       testing.TB
	cmd     *exec.Cmd
	log     *buffer
	drained chan struct{} // closed when standard output has ended
}

// Start starts a demo of its own on free ports. It is stopped at the end of the test, which fails when it does not end cleanly.
func Start(t testing.TB) *Stack {
	t.Helper()
	s := &Stack{t: t, Data: t.TempDir()}
	s.launch("127.0.0.1:0")
	t.Cleanup(s.Stop)
	return s
}

// Restart stops the console and starts it again on the same address with the same data.
func (s *Stack) Restart() {
	s.t.Helper()
	s.Stop()
	s.launch(strings.TrimPrefix(s.URL, "http://"))
}

func (s *Stack) launch(addr string) {
	s.t.Helper()
	s.log = &buffer{}
	s.cmd = exec.Command(binary(s.t), "demo", "--addr", addr, "--data", s.Data)
	s.cmd.Env = append(os.Environ(), "TZ=Asia/Shanghai")
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start the console: %v", err)
	}
	lines := make(chan string, 16)
	s.drained = make(chan struct{})
	go func() {
		defer close(s.drained)
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			select {
			case lines <- scan.Text():
			default: // nobody reads any more
			}
		}
	}()
	s.URL = s.address(lines, "listening on ")
	s.Sim = &Simulator{URL: s.address(lines, "simulator on "), t: s.t}
}

// address reads the next line of the program and takes the address from it.
func (s *Stack) address(lines <-chan string, prefix string) string {
	s.t.Helper()
	select {
	case line, ok := <-lines:
		if rest, found := strings.CutPrefix(line, prefix); ok && found && strings.HasPrefix(rest, "http://127.0.0.1:") {
			return rest
		}
		s.kill()
		s.t.Fatalf("the console printed %q, want %q and an address; standard error:\n%s", line, prefix, s.log)
	case <-time.After(startWithin):
		s.kill()
		s.t.Fatalf("the console did not print %q within %s; standard error:\n%s", prefix, startWithin, s.log)
	}
	return ""
}

func (s *Stack) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Stop asks the program to end and waits until it has; any exit code but 0 fails the test, and so does a panic that was caught.
func (s *Stack) Stop() {
	s.t.Helper()
	if s.cmd == nil {
		return
	}
	s.Sim.violations()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Errorf("stop the console: %v", err)
	}
	force := time.AfterFunc(startWithin, func() { _ = s.cmd.Process.Kill() })
	<-s.drained
	err := s.cmd.Wait()
	force.Stop()
	if err != nil {
		s.t.Errorf("the console ended with %v; standard error:\n%s", err, s.log)
	}
	s.cmd = nil
	if text := s.log.String(); strings.Contains(text, "panic") || strings.Contains(text, "DATA RACE") {
		s.t.Errorf("the console panicked:\n%s", text)
	}
	if s.t.Failed() {
		s.t.Logf("standard error of the console:\n%s", tail(s.log.String(), 25))
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

// Console runs one command of the program on the stack's data and returns what it printed on both outputs, and its exit code.
func (s *Stack) Console(stdin string, args ...string) (string, int) {
	s.t.Helper()
	cmd := exec.Command(binary(s.t), append(args, "--data", s.Data)...)
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		s.t.Fatalf("console %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// buffer is a bytes.Buffer that a process may write while a test reads it.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

var _ io.Writer = (*buffer)(nil)

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
