//go:build bench

package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strconv"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/web/templates/account"
)

// The rows are printed as "ours / limit = ratio (target)". Both sides are measured in
// turns, and the ratio is the median of the turns' ratios.

// largeHouse is a console with 5 000 accounts and 20 000 servicers.
func largeHouse(t *testing.T) *house {
	h := newHouseOn(t, dbtest.New(t), nil)
	managed, now := true, time.Now()
	var list []db.Account
	for i := range 5000 {
		list = append(list, db.Account{ID: fmt.Sprintf("wk%030d", i), Name: fmt.Sprintf("云杉家居门店 %d 号", (i*7919)%5000), Managed: &managed, AvatarURL: "https://example.test/0"})
	}
	err := h.DB.Tx(t.Context(), func(tx *db.DB) error {
		if err := tx.ReplaceAccounts(t.Context(), list, now); err != nil {
			return err
		}
		serving := 0
		for i := range list {
			var staff []db.Servicer
			for k := range 4 {
				staff = append(staff, db.Servicer{Kind: db.KindUser, MemberID: fmt.Sprintf("user%d", (i+k)%600), Status: &serving})
			}
			if err := tx.ReplaceServicers(t.Context(), list[i].ID, staff, now); err != nil {
				return err
			}
		}
		return tx.SetFreshness(t.Context(), db.Freshness{Topic: "accounts", OKAt: &now, TriedAt: &now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// lastPage is the address of the last page of the accounts.
func lastPage(t *testing.T, h *house) string {
	for at := db.Cursor(""); ; {
		_, page, err := h.DB.Accounts(t.Context(), db.AccountFilter{}, at, perPage)
		if err != nil {
			t.Fatal(err)
		}
		if page.Next == "" {
			return "/accounts?after=" + string(at)
		}
		at = page.Next
	}
}

// TestBenchP3Page prints the last page of the accounts against the first, through the
// whole server.
func TestBenchP3Page(t *testing.T) {
	h := largeHouse(t)
	v := h.as("manager")
	addr := h.listen()
	first, last := newLoad(t, addr, "/accounts", v.cookies["kf_session"], 1), newLoad(t, addr, lastPage(t, h), v.cookies["kf_session"], 1)
	var a, b, ratio []float64
	for range 9 {
		y := 1000 / first.perSecond(500*time.Millisecond)
		x := 1000 / last.perSecond(500*time.Millisecond)
		a, b, ratio = append(a, x), append(b, y), append(ratio, x/y)
	}
	fmt.Printf("P3   ms, last / first page of 5 000 accounts in the browser: %.2f / %.2f = %.2f (target <= 1.2)\n", middle(a), middle(b), middle(ratio))
}

// load asks for one page again and again over a few connections.
type load struct {
	t       *testing.T
	request []byte
	conns   []net.Conn
	readers []*bufio.Reader
	size    int
}

func newLoad(t *testing.T, addr, path, session string, conns int) *load {
	l := &load{t: t, request: []byte("GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: zh-CN\r\nCookie: kf_session=" + session + "\r\n\r\n")}
	for range conns {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		l.conns, l.readers = append(l.conns, conn), append(l.readers, bufio.NewReaderSize(conn, 64<<10))
	}
	return l
}

// once asks on one connection and reads the answer.
func (l *load) once(i int) error {
	if _, err := l.conns[i].Write(l.request); err != nil {
		return err
	}
	size := -1
	for {
		line, err := l.readers[i].ReadSlice('\n')
		if err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte("HTTP/1.1 ")) && !bytes.HasPrefix(line[9:], []byte("200")) {
			return fmt.Errorf("answered %s", line)
		}
		if rest, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if size, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return err
			}
		}
		if len(line) == 2 {
			break
		}
	}
	l.size = size
	_, err := l.readers[i].Discard(size)
	return err
}

// perSecond is how many pages come in a while, a second.
func (l *load) perSecond(while time.Duration) float64 {
	start := time.Now()
	counts := make(chan int)
	for i := range l.conns {
		go func() {
			n := 0
			for time.Since(start) < while {
				if err := l.once(i); err != nil {
					l.t.Error(err)
					break
				}
				n++
			}
			counts <- n
		}()
	}
	total := 0
	for range l.conns {
		total += <-counts
	}
	return float64(total) / time.Since(start).Seconds()
}

// bare is the least that can show the same list: the same rows read, the same table
// rendered, and nothing else.
func bare(t *testing.T, h *house) string {
	return bareHandler(t, func(r *request) (templ.Component, error) {
		list, page, err := h.DB.Accounts(r.ctx, db.AccountFilter{}, "", perPage)
		if err != nil {
			return nil, err
		}
		return account.List(r.view, h.Server.accountList(r, db.AccountFilter{}, list, page)), nil
	})
}

// childOf names the variable by which the test program knows which server it is: that of P6, or that of the board.
const childOf = "KFCONSOLE_BENCH_CHILD"

// TestServeForP6 is the server of P6. On its own it has nothing to do.
func TestServeForP6(t *testing.T) {
	if os.Getenv(childOf) != "accounts" {
		return
	}
	h := largeHouse(t)
	serveForP6(t, h, h.as("manager"), []benchPage{{"/accounts", bare(t, h)}})
}

// benchPage is a page of the console and a handler that does the least for the same page.
type benchPage struct{ path, bare string }

// serveForP6 prints addresses and figures of pages and serves until the standard input ends.
func serveForP6(t *testing.T, h *house, v *visitor, pages []benchPage) {
	addr := h.listen()
	fmt.Printf("\nP6CHILD %s %s %d\n", addr, v.cookies["kf_session"], len(pages))
	for _, p := range pages {
		full := allocations(func() { h.direct(v, p.path) })
		fmt.Printf("P6PAGE %s %s %.0f %d\n", p.path, p.bare, full, len(h.direct(v, p.path)))
	}
	if file := os.Getenv(childOf + "_PROFILE"); file != "" {
		out, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := pprof.StartCPUProfile(out); err != nil {
			t.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// direct asks the server without a connection, for a page that is not compressed.
func (h *house) direct(v *visitor, path string) []byte {
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.SetHost("127.0.0.1:8080")
	ctx.Request.Header.SetCookie("kf_session", v.cookies["kf_session"])
	h.Server.app.Server().Handler(&ctx)
	if ctx.Response.StatusCode() != http.StatusOK {
		h.t.Fatalf("%s: %d", path, ctx.Response.StatusCode())
	}
	return ctx.Response.Body()
}

// allocations is how many times f asks for memory.
func allocations(f func()) float64 {
	const rounds = 200
	var before, after runtime.MemStats
	f()
	runtime.ReadMemStats(&before)
	for range rounds {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / rounds
}

// pageFigures are those of a page of the real server and of the bare handler in the same process: pages a second of both in
// turns, allocations, and the size of the page as HTML and as it is sent.
type pageFigures struct {
	ours, limit, ratio float64
	allocations        float64
	html, sent         int
}

// print prints the three rows of a page of so many rows.
func (f pageFigures) print(what string, rows float64) {
	fmt.Printf("P6   pages/s, %s / bare handler, one core: %.0f / %.0f = %.2f (target >= 0.60)\n", what, f.ours, f.limit, f.ratio)
	fmt.Printf("P6   allocations a row, %s: %.1f / 35 = %.2f (target <= 1)\n", what, f.allocations/rows, f.allocations/rows/35)
	fmt.Printf("P6   HTML, %s: %.1f KB / 30 KB = %.2f (target <= 1), %d bytes sent\n", what, float64(f.html)/1000, float64(f.html)/30000, f.sent)
}

// measureP6 starts a server of its own and measures each of its pages. The server has one core, the load another.
func measureP6(t *testing.T, test, name string) (list []pageFigures) {
	if _, err := exec.LookPath("taskset"); err != nil || runtime.NumCPU() < 2 {
		fmt.Println("P6   not measured: needs taskset and two cores")
		return nil
	}
	child := exec.Command("taskset", "-c", "0", os.Args[0], "-test.run", "^"+test+"$", "-test.timeout", "10m")
	child.Env = append(os.Environ(), childOf+"="+name, "GOMAXPROCS=1")
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), child.Wait() })
	var addr, session string
	var pages []benchPage
	lines := bufio.NewScanner(out)
	for n := -1; len(pages) != n && lines.Scan(); {
		var p benchPage
		var f pageFigures
		_, first := fmt.Sscanf(lines.Text(), "P6CHILD %s %s %d", &addr, &session, &n)
		_, second := fmt.Sscanf(lines.Text(), "P6PAGE %s %s %f %d", &p.path, &p.bare, &f.allocations, &f.html)
		if first != nil && second == nil {
			pages, list = append(pages, p), append(list, f)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	pin(t, "1")
	defer pin(t, "0-"+strconv.Itoa(runtime.NumCPU()-1))
	for i, p := range pages {
		list[i].measure(t, newLoad(t, addr, p.path, session, 8), newLoad(t, p.bare, "/", "", 8))
	}
	return list
}

// measure has both sides answer in turns.
func (f *pageFigures) measure(t *testing.T, ours, limit *load) {
	ours.perSecond(time.Second)
	limit.perSecond(time.Second)
	var a, b, ratio []float64
	for range 11 {
		y := limit.perSecond(time.Second)
		x := ours.perSecond(time.Second)
		a, b, ratio = append(a, x), append(b, y), append(ratio, x/y)
	}
	f.ours, f.limit, f.ratio, f.sent = middle(a), middle(b), middle(ratio), ours.size
	t.Logf("ratios %.2f", ratio)
}

// TestBenchP6 prints the accounts page.
func TestBenchP6(t *testing.T) {
	for _, f := range measureP6(t, "TestServeForP6", "accounts") {
		f.print("accounts page", perPage)
	}
}

// pin keeps this process on some cores.
func pin(t *testing.T, cores string) {
	if out, err := exec.Command("taskset", "-acp", cores, strconv.Itoa(os.Getpid())).CombinedOutput(); err != nil {
		t.Fatalf("taskset: %v %s", err, out)
	}
}
