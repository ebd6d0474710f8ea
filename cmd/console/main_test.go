package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kfconsole/cmd/console/run"
)

// console runs one command line in this process, without the settings of whoever runs the tests.
func console(t *testing.T, stdin string, args ...string) (out, errOut string, code int) {
	t.Helper()
	for _, each := range os.Environ() {
		if name, _, _ := strings.Cut(each, "="); strings.HasPrefix(name, "KFCONSOLE_") {
			t.Setenv(name, "") // put back at the end of the test
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	return consoleAsSet(stdin, args...)
}

// consoleAsSet runs one command line in this process with the settings of the environment.
func consoleAsSet(stdin string, args ...string) (out, errOut string, code int) {
	var o, e bytes.Buffer
	p := &program{run.Outside{In: strings.NewReader(stdin), Out: &o, ErrOut: &e, Log: slog.New(slog.DiscardHandler), Version: version}}
	code = p.run(context.Background(), args)
	return o.String(), e.String(), code
}

// A wrong command line or setting is one line on standard error that names it, and exit code 2.
func TestUsageErrors(t *testing.T) {
	corp := []string{"--corp-id", "ww7d3f9a1c5e2b8046", "--corp-secret", "s3cret-of-the-app"}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no command", nil, "serve"},
		{"unknown command", []string{"start"}, "start"},
		{"unknown flag", []string{"serve", "--port", "1"}, "--port"},
		{"no corp id", []string{"serve"}, "KFCONSOLE_CORP_ID (--corp-id)"},
		{"no secret", []string{"serve", "--corp-id", "ww7d3f9a1c5e2b8046"}, "KFCONSOLE_CORP_SECRET (--corp-secret)"},
		{"bad address", append([]string{"serve", "--addr", "here"}, corp...), "KFCONSOLE_ADDR (--addr)"},
		{"bad public url", append([]string{"serve", "--public-url", "kf.example.com"}, corp...), "KFCONSOLE_PUBLIC_URL (--public-url)"},
		{"bad key", append([]string{"serve", "--callback-token", "a", "--callback-aes-key", "b"}, corp...), "KFCONSOLE_CALLBACK_AES_KEY (--callback-aes-key)"},
		{"no secret file", []string{"serve", "--corp-id", "ww7d3f9a1c5e2b8046", "--corp-secret-file", "/nowhere/secret"}, "KFCONSOLE_CORP_SECRET_FILE (--corp-secret-file)"},
		{"demo for everybody", []string{"demo", "--addr", "0.0.0.0:0"}, "KFCONSOLE_ADDR (--addr)"},
		{"simulator with half the credentials", []string{"sim", "--corp-id", "ww7d3f9a1c5e2b8046"}, "KFCONSOLE_CORP_SECRET"},
		{"unknown seed", []string{"sim", "--seed", "huge"}, "--seed"},
		{"no role", []string{"operator", "add", "lin"}, "--role"},
		{"unknown role", []string{"operator", "add", "lin", "--role", "admin"}, "--role"},
		{"no data", []string{"operator", "list", "--data", filepath.Join(t.TempDir(), "none")}, "KFCONSOLE_DATA (--data)"},
		{"data is a file", []string{"migrate", "--data", "main.go"}, "KFCONSOLE_DATA (--data)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errOut, code := console(t, "", tt.args...)
			if code != exitUsage || out != "" || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, tt.want) {
				t.Errorf("exit %d, stdout %q, stderr %q; want exit %d and one line with %q", code, out, errOut, exitUsage, tt.want)
			}
			if strings.Contains(errOut, "s3cret") {
				t.Errorf("stderr shows the secret: %q", errOut)
			}
		})
	}
}

func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	for _, command := range []string{"demo", "sim"} {
		data := filepath.Join(t.TempDir(), "data")
		out, errOut, code := console(t, "", command, "--addr", ln.Addr().String(), "--data", data)
		if code != exitError || out != "" || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "address already in use") {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", command, code, out, errOut)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s made its data folder before it had its port", command)
		}
	}
}

func TestOperatorsAndAudit(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	step := func(stdin, wantOut, wantErr string, wantCode int, args ...string) string {
		t.Helper()
		out, errOut, code := console(t, stdin, append(args, "--data", data)...)
		if code != wantCode || !strings.Contains(out, wantOut) || !strings.Contains(errOut, wantErr) || (wantErr == "" && errOut != "") {
			t.Fatalf("console %q: exit %d, stdout %q, stderr %q; want exit %d, %q, %q", args, code, out, errOut, wantCode, wantOut, wantErr)
		}
		return out
	}
	step("", "is up to date", "", 0, "migrate")
	step("a-long-enough-password\n", "operator lin (owner) added", "", 0, "operator", "add", "lin", "--role", "owner")
	step("another-good-password", "operator mei (viewer) added", "", 0, "operator", "add", "mei", "--role", "viewer")
	step("a-long-enough-password\n", "", "taken", exitError, "operator", "add", "LIN", "--role", "viewer")
	step("short\n", "", "at least 8 characters", exitError, "operator", "add", "wu", "--role", "viewer")
	step("", "", "no password on standard input", exitError, "operator", "add", "wu", "--role", "viewer")
	step("the-third-password\n", "password of mei set", "", 0, "operator", "passwd", "mei")
	step("the-third-password\n", "", "no operator of that name", exitError, "operator", "passwd", "nobody")
	step("", "OK\n", "", 0, "audit", "verify")
	step("", "operator.create", "", 0, "audit", "export", "--format", "jsonl")
	step("", "操作员", "", 0, "audit", "export", "--from", "2020-01-01", "--operator", "nobody")
	list := step("", "NAME", "", 0, "operator", "list")
	if !strings.Contains(list, "lin") || !strings.Contains(list, "owner") || !strings.Contains(list, "mei") || strings.Contains(list, "wu") || strings.Contains(list, "argon2") {
		t.Errorf("operator list:\n%s", list)
	}
}

func TestVersion(t *testing.T) {
	out, errOut, code := console(t, "", "version")
	if code != 0 || errOut != "" || !strings.HasPrefix(out, "console dev go1.") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	t.Setenv("KFCONSOLE_ADDR", "nonsense")
	_, errOut, code := consoleAsSet("", "demo")
	if code != exitUsage || !strings.Contains(errOut, `not "nonsense"`) {
		t.Errorf("exit %d, %q", code, errOut)
	}
	_, errOut, code = consoleAsSet("", "demo", "--addr", "from the flag")
	if code != exitUsage || !strings.Contains(errOut, `not "from the flag"`) {
		t.Errorf("a flag must win: exit %d, %q", code, errOut)
	}
}
