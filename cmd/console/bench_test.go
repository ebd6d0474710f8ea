//go:build bench

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hello is the least that a Go program can be that answers a browser: the limit that start, size and memory are held against.
const hello = `package main

import (
	"net/http"
	"os"
)

func main() {
	_ = http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("ok\n")) }))
}
`

// TestBenchP10 prints the rows of P10: cold start against a bare server of the same run, and size, memory and first load against
// their bounds.
func TestBenchP10(t *testing.T) {
	ours, bare := os.Getenv("CONSOLE_BINARY"), filepath.Join(t.TempDir(), "hello")
	if ours == "" {
		ours = filepath.Join(t.TempDir(), "console")
		goBuild(t, ours, ".")
	}
	source := filepath.Join(t.TempDir(), "hello.go")
	if err := os.WriteFile(source, []byte(hello), 0o600); err != nil {
		t.Fatal(err)
	}
	goBuild(t, bare, source)
	existing := t.TempDir()
	timeToAnswer(t, serveCommandLine(ours, existing))
	var fresh, again, limit, freshRatio, againRatio []float64
	for range 15 {
		l := timeToAnswer(t, func(addr string) *exec.Cmd { return exec.Command(bare, addr) })
		f := timeToAnswer(t, serveCommandLine(ours, t.TempDir()))
		a := timeToAnswer(t, serveCommandLine(ours, existing))
		fresh, again, limit = append(fresh, f), append(again, a), append(limit, l)
		freshRatio, againRatio = append(freshRatio, f/l), append(againRatio, a/l)
	}
	fmt.Printf("P10 cold start, fresh data: %.1f ms / %.1f ms net/http hello = %.2f (target <= 4)\n", median(fresh), median(limit), median(freshRatio))
	fmt.Printf("P10 cold start, existing data: %.1f ms / %.1f ms net/http hello = %.2f (target <= 2.5)\n", median(again), median(limit), median(againRatio))
	for _, row := range []struct {
		name          string
		ours, allowed float64
		unit          string
	}{
		{"size of the program", fileSize(t, ours) / 1e6, 20, "MB"},
		{"idle memory", idleMemory(t, serveCommandLine(ours, existing)), 40, "MB"},
		{"first load of the overview, compressed", firstLoad(t, ours), 60, "KB"},
	} {
		fmt.Printf("P10 %s: %.1f %s / %.0f %s allowed = %.2f (target <= 1)\n", row.name, row.ours, row.unit, row.allowed, row.unit, row.ours/row.allowed)
	}
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func goBuild(t *testing.T, to, what string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, what)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", what, err, out)
	}
}

func fileSize(t *testing.T, path string) float64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return float64(info.Size())
}

// serveCommandLine serves a corp whose WeCom does not answer.
func serveCommandLine(binary, data string) func(string) *exec.Cmd {
	return func(addr string) *exec.Cmd {
		return exec.Command(binary, "serve", "--addr", addr, "--data", data, "--corp-id", "ww0000000000000000", "--corp-secret", "none",
			"--api-url", "http://127.0.0.1:1")
	}
}

// started runs a program on a free port, calls fn after its first answer with the milliseconds that it took, and ends it.
func started(t *testing.T, program func(addr string) *exec.Cmd, fn func(cmd *exec.Cmd, base string, millis float64)) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := program(addr)
	from := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	for {
		resp, err := http.Get("http://" + addr + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(from) > time.Minute {
			t.Fatalf("%s did not answer: %v", cmd, err)
		}
		time.Sleep(200 * time.Microsecond)
	}
	fn(cmd, "http://"+addr, float64(time.Since(from).Microseconds())/1000)
}

func timeToAnswer(t *testing.T, program func(addr string) *exec.Cmd) (millis float64) {
	started(t, program, func(_ *exec.Cmd, _ string, ms float64) { millis = ms })
	return millis
}

var residentLine = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// idleMemory is the resident memory in megabytes, five seconds after the start.
func idleMemory(t *testing.T, program func(addr string) *exec.Cmd) (megabytes float64) {
	started(t, program, func(cmd *exec.Cmd, _ string, _ float64) {
		time.Sleep(5 * time.Second)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		found := residentLine.FindSubmatch(status)
		if found == nil {
			t.Fatal("no VmRSS")
		}
		kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		megabytes = kilobytes * 1024 / 1e6
	})
	return megabytes
}

var assetAddress = regexp.MustCompile(`(?:href|src)="(/static/[^"]+\.(?:css|js|svg|png|ico|woff2))"`)

// firstLoad is what a browser with an empty cache fetches for the overview, in kilobytes as sent.
func firstLoad(t *testing.T, binary string) (kilobytes float64) {
	data := t.TempDir()
	started(t, func(addr string) *exec.Cmd { return exec.Command(binary, "demo", "--addr", addr, "--data", data) },
		func(_ *exec.Cmd, base string, _ float64) {
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Jar: jar}
			resp, err := client.PostForm(base+"/login", url.Values{"name": {"owner"}, "password": {"demo-console"}})
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			page, sent := fetch(t, client, base+"/")
			if !strings.Contains(page, "<main") || strings.Contains(page, `name="password"`) {
				t.Fatalf("not signed in: %.300s", page)
			}
			seen := map[string]bool{}
			for _, found := range assetAddress.FindAllStringSubmatch(page, -1) {
				if !seen[found[1]] {
					seen[found[1]] = true
					_, n := fetch(t, client, base+found[1])
					sent += n
				}
			}
			kilobytes = float64(sent) / 1000
		})
	return kilobytes
}

// fetch returns a text and how many bytes of it were sent.
func fetch(t *testing.T, client *http.Client, address string) (text string, sent int) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", address, resp.Status, err)
	}
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return string(raw), len(raw)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return string(whole), len(raw)
}
