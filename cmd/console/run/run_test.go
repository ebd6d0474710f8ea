package run

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/cmd/console/config"
	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// output hands the lines that a command prints to a test, and keeps all of them.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines chan string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, line := range strings.SplitAfter(string(p), "\n") {
		if line != "" {
			o.lines <- strings.TrimSuffix(line, "\n")
		}
	}
	return o.text.Write(p)
}

// running is a command under way.
type running struct {
	t           *testing.T
	out, errOut *output
	stop        context.CancelFunc
	done        chan error
}

// begin runs a command of this package in the background; it is stopped at the end of the test.
func begin(t *testing.T, command func(context.Context, Outside) error) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, out: &output{lines: make(chan string, 100)}, errOut: &output{lines: make(chan string, 100)}, stop: stop, done: make(chan error, 1)}
	go func() {
		r.done <- command(ctx, Outside{In: strings.NewReader(""), Out: r.out, ErrOut: r.errOut, Log: slog.New(slog.DiscardHandler), Version: "test"})
	}()
	t.Cleanup(stop)
	return r
}

// line waits for the next line, which must begin with the prefix, and returns the rest of it.
func (r *running) line(from *output, prefix string) string {
	r.t.Helper()
	select {
	case line := <-from.lines:
		rest, ok := strings.CutPrefix(line, prefix)
		if !ok {
			r.t.Fatalf("printed %q, want a line that begins with %q", line, prefix)
		}
		return rest
	case err := <-r.done:
		r.t.Fatalf("ended with %v before it printed %q", err, prefix)
	case <-time.After(time.Minute):
		r.t.Fatalf("did not print %q", prefix)
	}
	return ""
}

// end stops the command and returns its error.
func (r *running) end() error {
	r.t.Helper()
	r.stop()
	select {
	case err := <-r.done:
		return err
	case <-time.After(time.Minute):
		r.t.Fatal("did not end")
		return nil
	}
}

func demoConfig(t *testing.T) config.Config {
	return config.Config{Addr: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "data")}
}

// client is a browser with cookies that does not follow redirects.
func client(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func send(t *testing.T, resp *http.Response, err error) (status int, body string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func signIn(t *testing.T, c *http.Client, base, name, password string) {
	t.Helper()
	resp, err := c.PostForm(base+"/login", url.Values{"name": {name}, "password": {password}})
	if status, _ := send(t, resp, err); status != http.StatusSeeOther {
		t.Fatalf("sign in as %s: %d", name, status)
	}
}

func TestDemoStartsStopsAndStartsAgain(t *testing.T) {
	cfg := demoConfig(t)
	simulator := ""
	for round := range 2 {
		r := begin(t, func(ctx context.Context, o Outside) error { return Demo(ctx, cfg, 0, o) })
		base, sim := r.line(r.out, "listening on "), r.line(r.out, "simulator on ")
		if round == 1 && sim != simulator {
			t.Errorf("the simulator moved from %s to %s: addresses that it gave out are dead", simulator, sim)
		}
		simulator = sim
		if names := r.line(r.out, "operators "); names != "owner, manager, auditor, viewer" {
			t.Errorf("operators %q", names)
		}
		password := r.line(r.out, "password ")
		for _, role := range auth.Roles() {
			signIn(t, client(t), base, string(role), password)
		}
		resp, err := http.Get(sim + "/_sim/world")
		if status, world := send(t, resp, err); status != http.StatusOK || !strings.Contains(world, "售前咨询台") {
			t.Errorf("simulator: %d %.200s", status, world)
		}
		if err := r.end(); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		if _, err := http.Get(base + "/healthz"); err == nil {
			t.Error("the port is still open")
		}
	}
}

// WeCom is down at start: the console serves, and offers the first run.
func TestServeWithoutWeCom(t *testing.T) {
	cfg := demoConfig(t)
	cfg.CorpID, cfg.CorpSecret, cfg.APIURL = "ww7d3f9a1c5e2b8046", "s3cret-of-the-app", "http://127.0.0.1:1"
	r := begin(t, func(ctx context.Context, o Outside) error { return Serve(ctx, cfg, o) })
	base := r.line(r.out, "listening on ")
	offer := r.line(r.errOut, "no operator yet: open "+base+"/setup and enter the code ")
	c := client(t)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/setup": 200, "/": 303, "/accounts": 303} {
		resp, err := c.Get(base + path)
		if status, _ := send(t, resp, err); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if len(offer) != len("XXXX-XXXX-XXXX") {
		t.Errorf("the code is %q", offer)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if text := r.out.text.String() + r.errOut.text.String(); strings.Contains(text, cfg.CorpSecret) {
		t.Errorf("the secret was printed:\n%s", text)
	}
}

// A stop while WeCom is being asked cuts nothing: the operator gets an answer, and the audit log has the end of the change.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	cfg := demoConfig(t)
	r := begin(t, func(ctx context.Context, o Outside) error { return Demo(ctx, cfg, 0, o) })
	base, sim := r.line(r.out, "listening on "), r.line(r.out, "simulator on ")
	c := client(t)
	signIn(t, c, base, "manager", auth.DemoPassword)
	resp, err := http.Post(sim+"/_sim/faults", "application/json", strings.NewReader(`{"endpoint":"kf/account/add","kind":"delay","ms":1500}`))
	if status, body := send(t, resp, err); status != http.StatusOK {
		t.Fatal(status, body)
	}
	resp, err = c.Get(base + "/accounts/new")
	_, form := send(t, resp, err)
	_, intent, found := strings.Cut(form, `name="intent" value="`)
	if !found {
		t.Fatalf("the form has no intent:\n%s", form)
	}
	intent, _, _ = strings.Cut(intent, `"`)
	answered := make(chan *http.Response, 1)
	go func() {
		resp, err := c.PostForm(base+"/accounts", url.Values{"intent": {intent}, "name": {"新品体验官"}})
		if err != nil {
			t.Error(err)
		}
		answered <- resp
	}()
	waitForCall(t, sim)
	if err := r.end(); err != nil {
		t.Error(err)
	}
	if resp := <-answered; resp != nil {
		if status, body := send(t, resp, nil); status != http.StatusSeeOther {
			t.Errorf("the operator got %d\n%.300s", status, body)
		}
	}
	d, err := OpenDB(t.Context(), cfg.Data, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	entry, err := d.AuditEntry(t.Context(), intent)
	if err != nil || entry.Outcome == nil || entry.Outcome.Result != db.ResultDone {
		t.Errorf("the audit log has %+v, %v", entry, err)
	}
	if v, err := d.VerifyAudit(t.Context(), nil); err != nil || v.Broken != nil {
		t.Errorf("the audit log does not hold: %+v %v", v.Broken, err)
	}
}

// waitForCall waits until the simulator has received the change.
func waitForCall(t *testing.T, sim string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(sim + "/_sim/journal?endpoint=kf/account/add")
		if _, journal := send(t, resp, err); strings.Contains(journal, "kf/account/add") {
			return
		}
	}
	t.Fatal("WeCom was not asked")
}

// The data of two corps must not mix, least of all that of the demo with published passwords and that of a real console.
func TestDataBelongsToOneCorp(t *testing.T) {
	cfg := demoConfig(t)
	r := begin(t, func(ctx context.Context, o Outside) error { return Demo(ctx, cfg, 0, o) })
	base := r.line(r.out, "listening on ")
	resp, err := http.Get(base + "/login") // answered when the demo is filled
	if status, _ := send(t, resp, err); status != http.StatusOK {
		t.Fatal(status)
	}
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	cfg.CorpID, cfg.CorpSecret, cfg.APIURL = "ww7d3f9a1c5e2b8046", "s3cret-of-the-app", "http://127.0.0.1:1"
	r = begin(t, func(ctx context.Context, o Outside) error { return Serve(ctx, cfg, o) })
	setting := (*config.Error)(nil)
	if err := <-r.done; !errors.As(err, &setting) || setting.Setting != "KFCONSOLE_DATA" {
		t.Errorf("got %v, want an error about KFCONSOLE_DATA", err)
	}
	if text := r.out.text.String(); text != "" {
		t.Errorf("printed %q", text)
	}
}

func TestVerifyNamesWhatIsWrong(t *testing.T) {
	cfg := demoConfig(t)
	r := begin(t, func(ctx context.Context, o Outside) error { return Demo(ctx, cfg, 0, o) })
	signIn(t, client(t), r.line(r.out, "listening on "), "owner", auth.DemoPassword)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	verify := func(noted string) (string, error) {
		head, err := ParseHead(noted)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err = Outside{Out: &out, Log: slog.New(slog.DiscardHandler)}.Verify(t.Context(), cfg.Data, head)
		return out.String(), err
	}
	out, err := verify("")
	if err != nil || !strings.HasSuffix(out, "\nOK\n") {
		t.Fatalf("%v\n%s", err, out)
	}
	_, head, _ := strings.Cut(out, "head ")
	head, _, _ = strings.Cut(head, "\n")
	if out, err := verify(head); err != nil {
		t.Errorf("its own head: %v\n%s", err, out)
	}
	first := "1:" + strings.Repeat("0", 64)
	if out, err := verify(first); !errors.Is(err, ErrBroken) || !strings.Contains(out, "made anew") {
		t.Errorf("another first row: %v\n%s", err, out)
	}
	if out, err := verify("100000:" + strings.Repeat("0", 64)); !errors.Is(err, ErrBroken) || !strings.Contains(out, "cut off") {
		t.Errorf("a longer log: %v\n%s", err, out)
	}
	tamper(t, cfg.Data)
	if out, err := verify(""); !errors.Is(err, ErrBroken) || !strings.Contains(out, "broken at row ") {
		t.Errorf("an edited row: %v\n%s", err, out)
	}
}

// tamper changes a word in the database file into one of the same length, as somebody with a hex editor would.
func tamper(t *testing.T, folder string) {
	t.Helper()
	file := DatabasePath(folder)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.ReplaceAll(raw, []byte("session.signin"), []byte("session.SIGNIN"))
	if bytes.Equal(edited, raw) {
		t.Fatal("no sign-in in the file")
	}
	if err := os.WriteFile(file, edited, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestParseHead(t *testing.T) {
	for text, ok := range map[string]bool{"": true, "3:ab": true, " 3:AB ": true, "3": false, ":ab": false, "0:ab": false, "-1:ab": false, "3:": false, "x:ab": false} {
		if _, err := ParseHead(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
