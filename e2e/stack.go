//go:build e2e

package e2e

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Password is the password of every operator of the demo.
const Password = "demo-console"

// Roles are the names of the demo's operators, which are those of their roles.
func Roles() []string { return []string{"owner", "manager", "auditor", "viewer"} }

// Stack is a running console and its simulated WeCom, with data of their own.
type Stack struct {
	URL  string // of the console, without a final slash
	Sim  *Simulator
	Data string // the data folder

	t        testing.TB
	settings []string
	args     []string
	console  *process
	pages    []*Page
}

// Start starts `console demo` on free ports; nobody in it does anything unasked. It is stopped at the end of the test, which fails when it does not end cleanly.
func Start(t testing.TB) *Stack {
	t.Helper()
	s := &Stack{t: t, Data: t.TempDir()}
	s.args = []string{"demo", "--data", s.Data, "--pace", "0"}
	s.launch("127.0.0.1:0")
	s.Sim = &Simulator{URL: s.console.address("simulator on "), t: t}
	t.Cleanup(s.stop)
	return s
}

// StartServe starts `console sim` and `console serve` beside it: a real corp on its first day, without operators. It returns the
// one-time code as well.
func StartServe(t testing.TB) (s *Stack, code string) {
	t.Helper()
	sim := start(t, nil, "sim", "--addr", "127.0.0.1:0")
	t.Cleanup(sim.stop)
	address := sim.address("listening on ")
	if again := sim.address("simulator on "); again != address {
		t.Fatalf("the simulator is on %s and on %s", address, again)
	}
	s = &Stack{t: t, Data: t.TempDir(), Sim: &Simulator{URL: address, t: t}}
	s.settings = []string{"KFCONSOLE_DATA=" + s.Data, "KFCONSOLE_API_URL=" + address,
		"KFCONSOLE_CORP_ID=" + sim.line("corp id "), "KFCONSOLE_CORP_SECRET=" + sim.line("corp secret ")}
	s.args = []string{"serve"}
	s.launch("127.0.0.1:0")
	t.Cleanup(s.stop)
	return s, s.setupCode()
}

var setupLine = regexp.MustCompile(`no operator yet: open (http://\S+)/setup and enter the code (\S+)`)

// setupCode waits for the line that offers the first run.
func (s *Stack) setupCode() string {
	s.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found := setupLine.FindStringSubmatch(s.console.log.String()); found != nil {
			return found[2]
		}
	}
	s.t.Fatalf("no code was printed:\n%s", &s.console.log)
	return ""
}

func (s *Stack) launch(addr string) {
	s.t.Helper()
	s.console = start(s.t, append(s.settings, "TZ=Asia/Shanghai", "KFCONSOLE_ADDR="+addr), s.args...)
	s.URL = s.console.address("listening on ")
}

// Restart stops the console and starts it again on the same address with the same data. Its tabs show an empty page afterwards:
// the browser asks for a page's icon at a time of its own, which no journey can wait for, and the console must not be gone then.
func (s *Stack) Restart() {
	s.t.Helper()
	for _, p := range s.pages {
		if _, err := p.Goto("about:blank"); err != nil {
			s.t.Fatalf("leave the console: %v", err)
		}
	}
	s.stop()
	s.launch(strings.TrimPrefix(s.URL, "http://"))
}

// stop ends the console and fails the test for what it did against the protocol.
func (s *Stack) stop() {
	s.t.Helper()
	if s.console.cmd.ProcessState == nil {
		s.Sim.violations()
	}
	s.console.stop()
}

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
