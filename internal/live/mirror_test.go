package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

func TestMirrorFillsAnEmptyCopy(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	ctx := t.Context()
	c.must(c.mirror.RefreshAccounts(ctx))
	c.must(c.mirror.RefreshDirectory(ctx))
	c.same()
	c.wantFresh(TopicAccounts, "", 0)
	c.wantFresh(TopicDirectory, "", 0)
	real := c.world()
	for _, a := range real.Accounts {
		c.must(c.mirror.RefreshServicers(ctx, a.ID))
		c.wantFresh(ServicersTopic(a.ID), "", 0)
		list, _, err := c.db.Servicers(ctx, a.ID, db.ServicerFilter{}, "", 100)
		c.must(err)
		have := map[string]string{}
		for _, s := range list {
			have[s.Kind+strings.ToLower(s.MemberID)] = statusName(s)
		}
		for _, s := range a.Servicers {
			key := db.KindUser + strings.ToLower(s.UserID)
			if s.UserID == "" {
				key = db.KindDepartment + strconv.FormatInt(s.Department, 10)
			}
			want := s.Status
			if !a.Managed {
				want = "" // WeCom only tells who manages the account
			}
			if got, ok := have[key]; !ok || got != want {
				t.Errorf("%s: servicer %s is %q (%v), want %q", a.Name, key, got, ok, want)
			}
		}
		if len(have) != len(a.Servicers) {
			t.Errorf("%s: %d servicers in the copy, want %d", a.Name, len(have), len(a.Servicers))
		}
	}
	c.sameDirectory(real)
	var violations []any
	c.control(http.MethodGet, "violations", nil, &violations)
	if len(violations) > 0 {
		t.Errorf("violations of the protocol: %v", violations)
	}
}

func statusName(s db.Servicer) string {
	switch {
	case s.Status == nil:
		return ""
	case *s.Status == db.StatusServing:
		return "serving"
	case s.StopType != nil && *s.StopType == 1:
		return "suspended"
	}
	return "stopped"
}

func (c *corp) sameDirectory(real world) {
	c.t.Helper()
	departments, err := c.db.Departments(c.t.Context())
	c.must(err)
	visible := 0
	for _, d := range real.Departments {
		if d.Visible {
			visible++
		}
	}
	if len(departments) != visible || visible == 0 {
		c.t.Errorf("%d departments in the copy, want %d", len(departments), visible)
	}
	var ids []string
	for _, p := range real.People {
		ids = append(ids, strings.ToUpper(p.UserID))
	}
	people, err := c.db.PeopleByIDs(c.t.Context(), ids)
	c.must(err)
	byID := map[string]db.Person{}
	for _, p := range people {
		byID[p.UserID] = p
	}
	for _, p := range real.People {
		if have, ok := byID[p.UserID]; ok != p.Visible || ok && (have.Name != p.Name || have.Status != p.Status || len(have.Departments) == 0) {
			c.t.Errorf("person %+v is %+v in the copy", p, have)
		}
	}
}

func TestOutsideChangesArrive(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	ctx := t.Context()
	c.must(c.mirror.RefreshAccounts(ctx))
	list := c.world().Accounts
	c.outside("rename", list[0].ID, "新名称", false)
	c.outside("delete", list[1].ID, "", false)
	c.outside("privilege", list[2].ID, "", !list[2].Managed)
	c.outside("picture", list[3].ID, "", false)
	added := c.outside("add", "", "外部新建", true)
	c.pass(time.Minute)
	c.must(c.mirror.RefreshAccounts(ctx))
	c.same()
	if a := c.copy()[added]; a.Name != "外部新建" || !a.FirstSeen.Equal(c.clock()) {
		t.Errorf("added account %+v", a)
	}
	gone, err := c.db.Account(ctx, list[1].ID)
	if err != nil || gone.GoneAt == nil || !gone.GoneAt.Equal(c.clock()) {
		t.Errorf("deleted account %+v, %v", gone, err)
	}
	if a := c.copy()[list[0].ID]; a.Rev < 2 || !a.ChangedAt.Equal(c.clock()) {
		t.Errorf("renamed account %+v", a)
	}
}

// TestBrokenListsChangeNothing spoils the second page of 250 accounts in every way there is.
func TestBrokenListsChangeNothing(t *testing.T) {
	t.Parallel()
	c := newCorp(t, kfsim.SeedEmpty)
	c.use(2*time.Second, Every{})
	ctx := t.Context()
	var first string
	for i := range 250 {
		id := c.outside("add", "", fmt.Sprintf("账号%03d", i), true)
		if i == 0 {
			first = id
		}
	}
	c.must(c.mirror.RefreshAccounts(ctx))
	c.same()
	for i, f := range []struct {
		kind, text string
		code       int
		more       map[string]any
	}{
		{kind: "html", text: KindHTML}, {kind: "status", text: KindHTTP}, {kind: "hang", text: KindTimeout}, {kind: "truncate", text: KindUnknown},
		{kind: "garbage", text: KindHTML}, {kind: "cut_after", text: KindUnknown}, {kind: "slow_drip", text: KindTimeout},
		{kind: "errcode", text: "*", code: 45009}, {kind: "errcode", text: "*", code: -1}, {kind: "errcode", text: "*", code: 60020},
	} {
		before := c.copy()
		c.outside("rename", first, "改名"+strconv.Itoa(i), true)
		c.pass(time.Minute)
		fault := map[string]any{"endpoint": "kf/account/list", "kind": f.kind, "after": 1, "code": f.code}
		c.fault(fault)
		if err := c.mirror.RefreshAccounts(ctx); err == nil || errors.Is(err, errStore) {
			t.Errorf("%s: %v", f.kind, err)
		}
		c.wantFresh(TopicAccounts, f.text, f.code)
		after := c.copy()
		if len(after) != 250 || after[first].Name != before[first].Name || !after[first].SeenAt.Equal(before[first].SeenAt) {
			t.Errorf("%s: the copy has changed: %d accounts, %+v", f.kind, len(after), after[first])
		}
		c.pass(time.Minute)
		c.must(c.mirror.RefreshAccounts(ctx))
		c.wantFresh(TopicAccounts, "", 0)
		if got := c.copy()[first].Name; got != "改名"+strconv.Itoa(i) {
			t.Errorf("%s: after it was over the name is %q", f.kind, got)
		}
	}
}

func TestBrokenServicersAndDirectoryChangeNothing(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	ctx := t.Context()
	c.must(c.mirror.RefreshAccounts(ctx))
	c.must(c.mirror.RefreshDirectory(ctx))
	real := c.world()
	account := real.Accounts[0].ID
	c.must(c.mirror.RefreshServicers(ctx, account))
	count := func() int {
		list, _, err := c.db.Servicers(ctx, account, db.ServicerFilter{}, "", 100)
		c.must(err)
		return len(list)
	}
	had := count()
	if had == 0 {
		t.Fatal("the first account has no servicers")
	}
	for _, s := range real.Accounts[0].Servicers {
		c.control(http.MethodPost, "servicer", map[string]any{
			"open_kfid": account, "userid": s.UserID, "department_id": s.Department, "status": "removed",
		}, nil)
	}
	for _, kind := range []string{"html", "status", "truncate"} {
		c.pass(time.Minute)
		c.fault(map[string]any{"endpoint": "kf/servicer/list", "kind": kind})
		c.fault(map[string]any{"endpoint": "user/list", "kind": kind, "after": 3})
		if err := c.mirror.RefreshServicers(ctx, account); err == nil || count() != had {
			t.Errorf("servicers, %s: %v, %d left", kind, err, count())
		}
		if err := c.mirror.RefreshDirectory(ctx); err == nil {
			t.Errorf("directory, %s: no error", kind)
		}
		c.wantFresh(ServicersTopic(account), "*", 0)
		c.wantFresh(TopicDirectory, "*", 0)
		c.sameDirectory(real)
		c.control(http.MethodDelete, "faults", nil, nil)
	}
	c.must(c.mirror.RefreshServicers(ctx, account))
	if count() != 0 {
		t.Error("an empty list of servicers is not taken over")
	}
	if err := c.mirror.RefreshServicers(ctx, "wkNoSuchAccount"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("unknown account: %v", err)
	}
}

// TestAccountDeletedWhileListing deletes the first account between the first page and the second, which moves one account
// past the reader: it must not be taken for gone.
func TestAccountDeletedWhileListing(t *testing.T) {
	c := newCorp(t, kfsim.SeedEmpty)
	ctx := t.Context()
	var first string
	for i := range 150 {
		id := c.outside("add", "", fmt.Sprintf("账号%03d", i), true)
		if i == 0 {
			first = id
		}
	}
	c.must(c.mirror.RefreshAccounts(ctx))
	pages := 0
	c.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/kf/account/list") {
			if pages++; pages == 2 {
				c.outside("delete", first, "", false)
			}
		}
		return false
	})
	c.must(c.mirror.RefreshAccounts(ctx))
	c.must(c.mirror.RefreshAccounts(ctx))
	c.same()
	for id := range c.copy() {
		if a, err := c.db.Account(ctx, id); err != nil || a.Rev != 1 {
			t.Errorf("%s was taken for gone meanwhile: rev %d, %v", a.Name, a.Rev, err)
		}
	}
}

func emptyAccounts(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasSuffix(r.URL.Path, "/kf/account/list") {
		return false
	}
	_, err := w.Write([]byte(`{"errcode":0,"errmsg":"ok","account_list":[]}`))
	return err == nil
}

func TestEmptyListIsNotBelievedAtOnce(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	ctx := t.Context()
	empty := func() error { return c.mirror.RefreshAccounts(ctx) }

	c.answer(emptyAccounts)
	c.must(empty()) // the copy is empty as well
	c.answer(nil)
	c.must(empty())
	c.same()
	for range 2 {
		c.answer(emptyAccounts)
		c.pass(time.Minute)
		if err := empty(); !errors.Is(err, ErrEmpty) || len(c.copy()) != 12 {
			t.Fatalf("first empty list: %v, %d accounts left", err, len(c.copy()))
		}
		c.wantFresh(TopicAccounts, KindEmpty, 0)
		c.pass(time.Second) // the operator presses refresh
		if err := empty(); !errors.Is(err, ErrEmpty) || len(c.copy()) != 12 {
			t.Fatalf("the same moment: %v, %d accounts left", err, len(c.copy()))
		}
		c.answer(nil)
		c.pass(time.Minute)
		c.must(empty()) // a full list in between: the next empty one is the first again
	}
	c.answer(emptyAccounts)
	if err := empty(); !errors.Is(err, ErrEmpty) {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	c.must(empty())
	if n := len(c.copy()); n != 0 {
		t.Errorf("%d accounts left after the second empty list", n)
	}
	c.answer(nil)
	c.must(empty())
	c.same()
}

func TestEndlessListIsRefused(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	next := 0
	c.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/kf/account/list") {
			return false
		}
		var page strings.Builder
		for i := range kf.MaxPage {
			next++
			fmt.Fprintf(&page, `%s{"open_kfid":"wk%d","name":"x"}`, ","[:min(i, 1)], next)
		}
		_, err := fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","account_list":[%s]}`, page.String())
		return err == nil
	})
	if err := c.mirror.RefreshAccounts(t.Context()); !errors.Is(err, ErrIncomplete) {
		t.Errorf("%v", err)
	}
	c.wantFresh(TopicAccounts, KindIncomplete, 0)
}

func TestKind(t *testing.T) {
	for want, err := range map[string]error{
		"":             &kf.Error{Code: 1},
		KindHTTP:       &kf.HTTPError{Endpoint: "kf/account/list", Status: 502},
		KindHTML:       &kf.HTTPError{Endpoint: "kf/account/list", Status: 200, Reason: "x"},
		KindEmpty:      fmt.Errorf("refresh: %w", ErrEmpty),
		KindIncomplete: fmt.Errorf("refresh: %w", ErrIncomplete),
		KindTimeout:    fmt.Errorf("refresh: %w", context.DeadlineExceeded),
		KindUnknown:    errors.New("lost"),
	} {
		if got := Kind(err); got != want {
			t.Errorf("Kind(%v) = %q, want %q", err, got, want)
		}
	}
	if Kind(nil) != "" {
		t.Error("Kind(nil)")
	}
	gone, err := kf.New(kf.Options{BaseURL: "http://127.0.0.1:1", CorpID: "ww1", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gone.ListAccounts(t.Context(), 0, 1); Kind(err) != KindNotSent {
		t.Errorf("nobody listens: %q of %v", Kind(err), err)
	}
}
