package kfsim_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// attempt renames the first account and reports what became of it on both sides.
func (b *bench) attempt(name string) (a answer, err error, applied bool) {
	b.Helper()
	first := b.world().Accounts[0]
	a, err = b.try("POST", "kf/account/update", url.Values{"access_token": {b.token}}, "application/json", []byte(object("open_kfid", first.ID, "name", name)))
	return a, err, b.world().Accounts[0].Name == name
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name, fault string
		applied     bool
		fails       bool // no whole answer
		status      int
		begins      string
		state       string
		errcode     string // in the journal
	}{
		{"errcode", `{"kind":"errcode","code":60020}`, false, false, 200, `{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [`, "answered", "60020"},
		{"errcode by default", `{"kind":"errcode"}`, false, false, 200, `{"errcode":-1,"errmsg":"system busy, hint: [`, "answered", "-1"},
		{"errcode after", `{"kind":"errcode","when":"after"}`, true, false, 200, `{"errcode":-1,`, "answered", "-1"},
		{"unknown errcode", `{"kind":"errcode","code":95099}`, false, false, 200, `{"errcode":95099,"errmsg":"scripted error, hint: [`, "answered", "95099"},
		{"delay", `{"kind":"delay","ms":1}`, true, false, 200, `{"errcode":0,`, "answered", "0"},
		{"delay after", `{"kind":"delay","ms":1,"when":"after"}`, true, false, 200, `{"errcode":0,`, "answered", "0"},
		{"cut before", `{"kind":"cut_before"}`, false, true, 0, "", "lost", "none"},
		{"cut after", `{"kind":"cut_after"}`, true, true, 0, "", "lost", "0"},
		{"truncate", `{"kind":"truncate"}`, true, true, 200, `{"errcode"`, "lost", "0"},
		{"truncate before", `{"kind":"truncate","when":"before"}`, false, true, 200, `{"errcode":-1`, "lost", "none"},
		{"html", `{"kind":"html"}`, false, false, 200, "<!DOCTYPE html>", "answered", "none"},
		{"html after", `{"kind":"html","when":"after"}`, true, false, 200, "<!DOCTYPE html>", "answered", "0"},
		{"status", `{"kind":"status"}`, false, false, 502, "<!DOCTYPE html>", "answered", "none"},
		{"status 503 after", `{"kind":"status","code":503,"when":"after"}`, true, false, 503, "<!DOCTYPE html>", "answered", "0"},
		{"token expiry", `{"kind":"token_expiry"}`, false, false, 200, `{"errcode":42001,"errmsg":"access_token expired, hint: [`, "answered", "42001"},
		{"token unknown", `{"kind":"token_expiry","code":40014}`, false, false, 200, `{"errcode":40014,`, "answered", "40014"},
		{"slow drip", `{"kind":"slow_drip","ms":1}`, true, false, 200, `{"errcode":0,"errmsg":"ok"}`, "answered", "0"},
		{"garbage", `{"kind":"garbage"}`, true, false, 200, "\x1f\x8b", "answered", "0"},
		{"huge", `{"kind":"huge","bytes":200000}`, true, false, 200, `{"errcode":0,"errmsg":"ok","padding":"xxx`, "answered", "0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := demo(t)
			b.fault(`%s,"endpoint":"kf/account/update"}`, strings.TrimSuffix(tt.fault, "}"))
			a, err, applied := b.attempt("换过的名字")
			if applied != tt.applied {
				t.Errorf("applied %v, want %v", applied, tt.applied)
			}
			if (err != nil) != tt.fails {
				t.Errorf("error %v", err)
			}
			if a.status != tt.status || !strings.HasPrefix(string(a.raw), tt.begins) {
				t.Errorf("status %d, %.80q", a.status, a.raw)
			}
			checkFaultEntry(t, b, tt.fault, tt.state, tt.errcode, tt.applied)
			b.signIn()
			if again, err, _ := b.attempt("第二次"); err != nil || again.parse() != nil || again.code != 0 {
				t.Errorf("the fault has not ended: %v %s", err, again.raw)
			}
		})
	}
}

func checkFaultEntry(t *testing.T, b *bench, fault, state, errcode string, applied bool) {
	t.Helper()
	var wanted kfsim.Fault
	if err := json.Unmarshal([]byte(fault), &wanted); err != nil {
		t.Fatal(err)
	}
	e := b.lastCall()
	told := "none"
	if e.Errcode != nil {
		told = fmt.Sprint(*e.Errcode)
	}
	if e.Fault != wanted.Kind || e.State != state || told != errcode || e.Applied != applied {
		t.Errorf("journal: fault %s, state %s, errcode %s, applied %v", e.Fault, e.State, told, e.Applied)
	}
}

func TestHugeAnswerIsJSON(t *testing.T) {
	b := demo(t)
	b.fault(`{"endpoint":"*","kind":"huge","bytes":100}`)
	a := b.post("kf/account/list", `{}`).want(t, 0)
	if padding, _ := a.fields["padding"].(string); len(padding) != 100 {
		t.Errorf("%d bytes of padding", len(padding))
	}
}

func TestFaultOrder(t *testing.T) {
	b := demo(t)
	b.fault(`[{"endpoint":"kf/account/list","kind":"errcode","code":45009,"after":2,"times":2},{"endpoint":"*","kind":"errcode","code":-1,"times":-1,"after":1}]`)
	var got []string
	for range 7 {
		got = append(got, fmt.Sprint(b.post("kf/account/list", `{}`).code))
	}
	// The second fault sees only the calls the first one lets through.
	if want := "0 -1 45009 45009 -1 -1 -1"; strings.Join(got, " ") != want {
		t.Errorf("errcodes %v, want %s", got, want)
	}
	b.get("department/list").want(t, -1)
	list := control[struct{ Faults []kfsim.Fault }](b, "GET", "faults", "").Faults
	if len(list) != 1 || list[0].Hits != 5 || list[0].Times != -1 {
		t.Errorf("script %+v", list)
	}
	if n := control[map[string]int](b, "DELETE", fmt.Sprintf("faults?id=%d", list[0].ID), "")["dropped"]; n != 1 {
		t.Errorf("dropped %d", n)
	}
	b.post("kf/account/list", `{}`).want(t, 0)
}

func TestFaultRefusals(t *testing.T) {
	b := demo(t)
	for _, body := range []string{
		``, `{}`, `{"kind":"errcode"}`, `{"endpoint":"*"}`, `{"endpoint":"*","kind":"earthquake"}`, `{"endpoint":"kf/sync","kind":"hang"}`,
		`{"endpoint":"*","kind":"cut_before","when":"after"}`, `{"endpoint":"*","kind":"hang","when":"never"}`, `{"endpoint":"*","kind":"hang","times":-2}`,
		`{"endpoint":"*","kind":"hang","after":-1}`, `{"endpoint":"*","kind":"status","code":99}`, `{"endpoint":"*","kind":"hang","seconds":1}`,
		`[{"endpoint":"*","kind":"hang"},{"endpoint":"*","kind":"x"}]`, `"x"`, `{"endpoint":"*","kind":"hang"} {}`,
	} {
		if status, raw := b.controlRaw("POST", "faults", body); status != 400 || !strings.Contains(string(raw), `"error":"`) {
			t.Errorf("%s: %d %s", body, status, raw)
		}
	}
	if list := control[struct{ Faults []kfsim.Fault }](b, "GET", "faults", "").Faults; len(list) != 0 {
		t.Errorf("script %+v, want none", list)
	}
}

// until waits for something another goroutine brings about.
func (b *bench) until(what string, done func() bool) {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(end) {
			b.Fatalf("%s: never", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func (b *bench) holding() int {
	return control[struct{ Holding int }](b, "GET", "faults", "").Holding
}

func TestHang(t *testing.T) {
	for when, appliedWhileHeld := range map[string]bool{"before": false, "after": true} {
		t.Run(when, func(t *testing.T) {
			b := demo(t)
			b.fault(`{"endpoint":"kf/account/update","kind":"hang","when":%q}`, when)
			id := b.world().Accounts[0].ID
			done := make(chan error, 1)
			go func() {
				a, err := b.try("POST", "kf/account/update", url.Values{"access_token": {b.token}}, "application/json", []byte(object("open_kfid", id, "name", "等一等")))
				if err == nil && !strings.HasPrefix(string(a.raw), `{"errcode":0,`) {
					err = errors.New(string(a.raw))
				}
				done <- err
			}()
			b.until("holding", func() bool { return b.holding() == 1 })
			if applied := b.world().Accounts[0].Name == "等一等"; applied != appliedWhileHeld {
				t.Errorf("while held: applied %v", applied)
			}
			if n := control[map[string]int](b, "POST", "release", "")["released"]; n != 1 {
				t.Errorf("released %d", n)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if b.world().Accounts[0].Name != "等一等" || b.holding() != 0 {
				t.Error("the released call was not carried out, or is still held")
			}
		})
	}
}

// A caller that leaves while he is held before the call finds it not carried out.
func TestLeavingWhileHeld(t *testing.T) {
	b := demo(t)
	b.fault(`{"endpoint":"kf/account/del","kind":"hang"}`)
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	body := object("open_kfid", b.world().Accounts[0].ID)
	if _, err := fmt.Fprintf(conn, "POST /cgi-bin/kf/account/del?access_token=%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", b.token, len(body), body); err != nil {
		t.Fatal(err)
	}
	b.until("holding", func() bool { return b.holding() == 1 })
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	b.until("gone", func() bool { return b.holding() == 0 })
	if n := len(b.world().Accounts); n != 12 {
		t.Errorf("%d accounts, want 12", n)
	}
	b.until("lost", func() bool { return b.lastCall().State == "lost" })
}

func TestCloseReleases(t *testing.T) {
	b := demo(t)
	b.fault(`{"endpoint":"*","kind":"hang"}`)
	done := make(chan error, 1)
	go func() {
		_, err := b.try("POST", "kf/account/list", url.Values{"access_token": {b.token}}, "application/json", []byte(`{}`))
		done <- err
	}()
	b.until("holding", func() bool { return b.holding() == 1 })
	if err := b.sim.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// The status line and half of the announced length arrive, then the end.
func TestTruncateOnTheWire(t *testing.T) {
	b := demo(t)
	b.fault(`{"endpoint":"*","kind":"truncate"}`)
	conn, err := net.Dial("tcp", strings.TrimPrefix(b.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "GET /cgi-bin/department/list?access_token=%s HTTP/1.1\r\nHost: x\r\n\r\n", b.token); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || int64(len(body)) != response.ContentLength/2 {
		t.Errorf("%d of %d bytes, error %v", len(body), response.ContentLength, err)
	}
}

func TestFaultOnMedia(t *testing.T) {
	b := demo(t)
	id := b.uploadPNG(1)
	b.fault(`{"endpoint":"media/get","kind":"truncate"}`)
	a, err := b.try("GET", "media/get", url.Values{"access_token": {b.token}, "media_id": {id}}, "", nil)
	if err == nil || len(a.raw) != len(pngOf(t, 1))/2 {
		t.Errorf("%d bytes, error %v", len(a.raw), err)
	}
}
