package server

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

// openFile opens the database of a file until the test ends.
func openFile(t *testing.T, file string, readOnly bool) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: file, ReadOnly: readOnly})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// typed are the forms of changes with something typed into them, and what must still be
// in the form that comes back.
func (p places) typed(a db.Account, l db.Link) []struct {
	path, form, kept string
	fields           []string
} {
	account, link := "/accounts/"+p.account, "/links/"+p.link
	return []struct {
		path, form, kept string
		fields           []string
	}{
		{"/accounts", "/accounts/new", "input[name=name][value=打字打了半天]", []string{"name", "打字打了半天"}},
		{account, account + "/edit", "input[name=name][value=打字打了半天]", []string{"name", "打字打了半天"}},
		{account + "/delete", account + "/delete", `input[name=typed][value="` + a.Name + `"]`, []string{"typed", a.Name}},
		{"/links", "/links/new", "input[name=scene][value=typed_scene]", []string{"account", p.account, "name", "新链接", "scene", "typed_scene"}},
		{link, link + "/edit", "input[name=campaign][value=打字打了半天]", []string{"name", l.Name, "campaign", "打字打了半天"}},
	}
}

// refusesToChange sends every change to a console whose database cannot write: 503 with
// the reason and everything typed, and not a word to WeCom.
func (h *house) refusesToChange(t *testing.T, v *visitor, p places, reason string) {
	t.Helper()
	a, err := h.DB.Account(t.Context(), p.account)
	if err != nil {
		t.Fatal(err)
	}
	l, err := h.DB.Link(t.Context(), p.link)
	if err != nil {
		t.Fatal(err)
	}
	asked := len(h.journal())
	for _, c := range p.typed(a, l) {
		r := v.submit(v.get(c.form).want(http.StatusOK), c.path, c.fields...)
		if r.Code != http.StatusServiceUnavailable || !strings.Contains(r.text("main"), reason) || r.doc().Find(c.kept).Length() != 1 {
			t.Errorf("%s: %d, kept %d of what was typed: %s", c.path, r.Code, r.doc().Find(c.kept).Length(), r.text("main"))
		}
	}
	for _, path := range []string{"/links/" + p.link + "/archive", "/me/sessions", "/audit/verify"} {
		if r := v.post(path, "intent", db.NewID()); r.Code != http.StatusServiceUnavailable || !strings.Contains(r.text("main"), reason) {
			t.Errorf("%s: %d %s", path, r.Code, r.text("main"))
		}
	}
	if r := v.post("/accounts/"+p.account+"/servicers", "intent", db.NewID(), "users", "li.na", "member", "user:li.na"); r.Code != http.StatusServiceUnavailable && r.Code != http.StatusUnprocessableEntity {
		t.Errorf("servicers: %d", r.Code)
	}
	for _, format := range []string{"csv", "jsonl", "xlsx"} {
		r := v.get("/audit." + format)
		if r.Code != http.StatusServiceUnavailable || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.Header.Get("Content-Disposition") != "" {
			t.Errorf("an export that cannot be written down: %d %v", r.Code, r.Header)
		}
	}
	if calls := h.journal(); len(calls) != asked {
		t.Errorf("WeCom was asked for %q", calls[asked:])
	}
}

// reads opens every page.
func (h *house) reads(t *testing.T, v *visitor, p places) {
	t.Helper()
	for _, rt := range routes() {
		if rt.method != get || rt.path == "/login" || rt.path == "/setup" || rt.path == "/live" || strings.HasPrefix(rt.path, "/audit.") {
			continue
		}
		if r := v.get(p.on(rt.path)); r.Code != http.StatusOK {
			t.Errorf("%s: %d", p.on(rt.path), r.Code)
		}
	}
}

func TestReadOnlyDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	first := openFile(t, file, false)
	writable := newHouseOn(t, first, nil).fill()
	p := writable.places()
	v, viewer := writable.as("owner"), writable.as("viewer")
	h := newHouseOn(t, openFile(t, file, true), nil)
	v.h, viewer.h = h, h
	h.reads(t, v, p)
	h.refusesToChange(t, v, p, "没有向企业微信发送任何请求")
	if r := viewer.get("/audit"); r.Code != http.StatusForbidden {
		t.Errorf("a denial that cannot be written down: %d", r.Code)
	}
	if r := h.anonymous().post("/login", "name", "owner", "password", "demo-console"); r.Code != http.StatusServiceUnavailable || r.Header.Get("Set-Cookie") != "" {
		t.Errorf("sign-in: %d", r.Code)
	}
	if r := h.anonymous().get("/readyz"); r.Code != http.StatusOK {
		t.Errorf("readyz: %d", r.Code)
	}
}

// TestFullDisk keeps the files of the database from growing, as a full disk does, with a
// limit of the operating system.
func TestFullDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	h := newHouseOn(t, openFile(t, file, false), nil).fill()
	p := h.places()
	v := h.as("owner")
	h.fillDisk(t, file)
	h.reads(t, v, p)
	h.refusesToChange(t, v, p, "没有向企业微信发送任何请求")
	h.freeDisk(t)
	// It goes on without a restart.
	a, err := h.DB.Account(t.Context(), p.account)
	if err != nil {
		t.Fatal(err)
	}
	if r := v.rename(a, "又有地方了"); r.Code != http.StatusSeeOther {
		t.Errorf("after space returned: %d %s", r.Code, r.text("main"))
	}
	if verdict, err := h.DB.VerifyAudit(t.Context(), nil); err != nil || verdict.Broken != nil {
		t.Errorf("the log is broken: %+v, %v", verdict.Broken, err)
	}
}

// fillDisk lets no file of the process grow beyond the write-ahead log of the database.
func (h *house) fillDisk(t *testing.T, file string) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	size, err := os.Stat(file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if size.Size() < 64<<10 {
		t.Fatalf("the log has %d bytes only: the index of it would not fit either", size.Size())
	}
	// The signal that comes with it ends a program that does not ask for it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ)
	full := limit
	full.Cur = uint64(size.Size())
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.freeDisk(t) })
}

// freeDisk takes the limit away.
func (h *house) freeDisk(t *testing.T) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

// TestBusyDatabase has another program hold the database for longer than the console
// waits: 503 that says to try again, and nothing sent.
func TestBusyDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	h := newHouseOn(t, openFile(t, file, false), nil).fill()
	v := h.as("manager")
	a := h.account(0)
	form := v.get("/accounts/" + a.ID + "/edit").want(http.StatusOK)
	asked := h.journal()
	other, held, release := openFile(t, file, false), make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- other.Tx(context.Background(), func(tx *db.DB) error {
			if err := tx.SetSetting(context.Background(), "busy", "1"); err != nil {
				return err
			}
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	from := time.Now()
	r := v.submit(form, "/accounts/"+a.ID, "name", "等一等")
	took := time.Since(from)
	v.get("/accounts").want(http.StatusOK)
	close(release)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if r.Code != http.StatusServiceUnavailable || r.value("name") != "等一等" || took > 15*time.Second {
		t.Errorf("%d after %v: %s", r.Code, took, r.text("main"))
	}
	if now := h.journal(); !slices.Equal(now, asked) {
		t.Errorf("WeCom was asked for %q", now[len(asked):])
	}
	v.submit(r, "/accounts/"+a.ID).want(http.StatusSeeOther)
	if e := h.everything()[0]; e.Action != ops.AccountUpdate || e.Outcome.Result != ops.Done {
		t.Errorf("entry %+v", e)
	}
}
