package ops

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// work executes what is open, until nothing is or a round gives up.
func (s *stage) work(o *Ops) error {
	s.Helper()
	return o.runAll(s.ctx)
}

func (s *stage) start(c ServicerChange) string {
	s.Helper()
	id, err := s.ops.StartServicers(s.ctx, s.manager, c)
	s.must(err)
	return id
}

// staff returns people of the simulator who can be made servicers and are none of the account.
func (s *stage) staff(a simAccount, n int) []string {
	s.Helper()
	there := map[string]bool{}
	for _, row := range a.Servicers {
		there[strings.ToLower(row.UserID)] = true
	}
	var ids []string
	for _, p := range s.world().People {
		if p.Visible && p.Status == 1 && !there[strings.ToLower(p.UserID)] && len(ids) < n {
			ids = append(ids, p.UserID)
		}
	}
	if len(ids) < n {
		s.Fatalf("the world has only %d of %d people to add", len(ids), n)
	}
	return ids
}

// serving returns who serves an account at WeCom.
func (s *stage) serving(id string) []string {
	s.Helper()
	a, _ := s.remote(id)
	var ids []string
	for _, row := range a.Servicers {
		if row.UserID != "" {
			ids = append(ids, row.UserID)
		}
	}
	slices.Sort(ids)
	return ids
}

// ours returns who serves an account by our mirror.
func (s *stage) ours(id string) []string {
	s.Helper()
	rows, _, err := s.db.Servicers(s.ctx, id, db.ServicerFilter{Kind: db.KindUser}, "", 2000)
	s.must(err)
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.MemberID)
	}
	slices.Sort(ids)
	return ids
}

func (s *stage) mirrorServicers(id string) {
	s.Helper()
	list, err := s.kf.ListServicers(s.ctx, kf.AccountID(id))
	s.must(err)
	s.must(s.db.ReplaceServicers(s.ctx, id, servicerRows(id, list), s.clock.now()))
	s.control("DELETE", "/_sim/journal", nil, nil)
}

func (s *stage) states(run string) map[string]int {
	s.Helper()
	items, err := s.db.RunItems(s.ctx, run, "", 0, 3000)
	s.must(err)
	states := map[string]int{}
	for _, item := range items {
		states[item.State]++
	}
	return states
}

// chunks returns the number of people in each call.
func (s *stage) chunks(endpoint string) []int {
	s.Helper()
	var sizes []int
	for _, c := range s.calls(endpoint) {
		var body struct {
			Users []string `json:"userid_list"`
		}
		s.must(json.Unmarshal([]byte(c.Body), &body))
		sizes = append(sizes, len(body.Users))
	}
	return sizes
}

func TestRun250(t *testing.T) {
	s := newStage(t, kfsim.SeedLarge)
	a := s.managed()
	people := s.staff(a, 249)
	for _, id := range people[:2] {
		s.control("POST", "/_sim/servicer", map[string]any{"open_kfid": a.ID, "userid": id, "status": "serving"}, nil)
	}
	s.mirrorServicers(a.ID)
	before := s.serving(a.ID)
	ids := ParseIDs(strings.Join(people, "，") + "\n" + strings.ToUpper(people[5]) + " nobody.knows.me")
	if len(ids.Valid) != 250 || ids.Duplicates != 1 {
		t.Fatalf("parsed %d, %d duplicates", len(ids.Valid), ids.Duplicates)
	}
	id := s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: ids.Valid})
	if len(s.calls("")) != 0 {
		t.Error("something was sent before the worker had its turn")
	}
	s.must(s.work(s.ops))
	if got := s.chunks("kf/servicer/add"); !slices.Equal(got, []int{100, 100, 50}) {
		t.Errorf("calls of %v people", got)
	}
	run, err := s.db.Run(s.ctx, id)
	s.must(err)
	if run.Done != 247 || run.Ignored != 2 || run.Failed != 1 || run.Pending+run.Unknown != 0 || run.FinishedAt == nil {
		t.Errorf("run %+v", run)
	}
	e := s.ended(id, Partial)
	if e.Outcome.Errcode == 0 || e.Outcome.Errmsg == "" || e.Outcome.After != `{"done":247,"ignored":2,"failed":1}` || e.TargetKind != KindServicer || e.TargetID != a.ID {
		t.Errorf("entry %+v, outcome %+v", e.Intent, e.Outcome)
	}
	if !strings.Contains(e.Input, people[100]) || !strings.Contains(e.Before, people[0]) || strings.Contains(e.Before, people[2]) {
		t.Errorf("before %s", e.Before)
	}
	failed, err := s.db.RunItems(s.ctx, id, db.ItemFailed, 0, 10)
	s.must(err)
	if len(failed) != 1 || failed[0].MemberID != "nobody.knows.me" || failed[0].Errcode == 0 || failed[0].Errmsg == "" {
		t.Errorf("failed %+v", failed)
	}
	if !slices.Equal(s.ours(a.ID), s.serving(a.ID)) || len(s.serving(a.ID)) != len(before)+247 {
		t.Errorf("%d serve by our copy, %d at WeCom, %d before", len(s.ours(a.ID)), len(s.serving(a.ID)), len(before))
	}

	// Undoing takes away the 247 that were added, and leaves the two that were there.
	if !CanUndo(e) {
		t.Fatal("the run cannot be undone")
	}
	r, err := s.ops.Undo(s.ctx, s.manager, id, db.NewID())
	s.must(err)
	if r.Outcome != Open || s.entry(r.IntentID).Undoes != id {
		t.Errorf("undo %+v", r)
	}
	if _, err := s.ops.Undo(s.ctx, s.manager, id, db.NewID()); !errors.Is(err, ErrNotUndoable) {
		t.Errorf("undone twice: %v", err)
	}
	s.must(s.work(s.ops))
	s.ended(r.IntentID, Done)
	if !slices.Equal(s.serving(a.ID), before) || !slices.Equal(s.ours(a.ID), before) {
		t.Errorf("%d serve after the undo, %d before", len(s.serving(a.ID)), len(before))
	}
}

func TestRunWithDepartments(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	s.mirrorServicers(a.ID)
	free := []int64{}
	for _, d := range []int64{2, 3, 4, 5, 6, 7, 8} {
		if !slices.ContainsFunc(a.Servicers, func(row servicerView) bool { return row.Department == d }) {
			free = append(free, d)
		}
	}
	id := s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: s.staff(a, 2), Departments: append(free[:2:2], free[0], 424242)})
	s.must(s.work(s.ops))
	e := s.ended(id, Partial)
	if e.Outcome.After != `{"done":4,"ignored":0,"failed":1}` || len(s.calls("kf/servicer/add")) != 1 {
		t.Errorf("after %s, %d calls", e.Outcome.After, len(s.calls("kf/servicer/add")))
	}
	departments, _, err := s.db.Servicers(s.ctx, a.ID, db.ServicerFilter{Kind: db.KindDepartment}, "", 50)
	s.must(err)
	if now, _ := s.remote(a.ID); len(departments) == 0 || len(now.Servicers) != len(departments)+len(s.ours(a.ID)) {
		t.Errorf("%d departments, %d people; at WeCom %d", len(departments), len(s.ours(a.ID)), len(now.Servicers))
	}
	id = s.start(ServicerChange{AccountID: a.ID, Verb: Remove, Departments: free[:1]})
	s.must(s.work(s.ops))
	s.ended(id, Done)
}

func TestRunFormsAreChecked(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	many, departments := make([]string, 2001), make([]int64, 21)
	for i := range many {
		many[i] = "u" + number(i)
	}
	for i := range departments {
		departments[i] = int64(i + 1)
	}
	for name, c := range map[string]struct {
		change      ServicerChange
		field, rule string
	}{
		"nothing":         {ServicerChange{AccountID: a.ID, Verb: Add}, "users", "required"},
		"verb":            {ServicerChange{AccountID: a.ID, Verb: "swap", UserIDs: []string{"a"}}, "verb", "chars"},
		"bad id":          {ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: []string{"ok", "不行"}}, "users", "id"},
		"2001 people":     {ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: many}, "users", "limit"},
		"21 departments":  {ServicerChange{AccountID: a.ID, Verb: Add, Departments: departments}, "departments", "limit"},
		"department zero": {ServicerChange{AccountID: a.ID, Verb: Add, Departments: []int64{0}}, "departments", "id"},
	} {
		var invalid *Invalid
		if _, err := s.ops.StartServicers(s.ctx, s.manager, c.change); !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Rule != c.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ops.StartServicers(s.ctx, s.viewer, ServicerChange{AccountID: a.ID, Verb: Remove, UserIDs: []string{"a"}}); !errors.Is(err, ErrDenied) {
		t.Errorf("a viewer: %v", err)
	}
	if e := s.last(ServicerRemove); e.Outcome == nil || e.Outcome.Result != Denied {
		t.Errorf("the denial: %+v", e)
	}
	if _, err := s.newOps(s.open(db.Options{ReadOnly: true}), s.kf).StartServicers(s.ctx, s.manager, ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: []string{"a"}}); !errors.Is(err, ErrStorage) {
		t.Errorf("a read-only database: %v", err)
	}
	form := ServicerChange{IntentID: db.NewID(), AccountID: a.ID, Verb: Add, UserIDs: s.staff(a, 1)}
	s.start(form)
	if _, err := s.ops.StartServicers(s.ctx, s.manager, form); !errors.Is(err, ErrDuplicate) {
		t.Errorf("a form sent twice: %v", err)
	}
	form.IntentID = db.NewID()
	if _, err := s.ops.StartServicers(s.ctx, s.manager, form); !errors.Is(err, ErrLocked) {
		t.Errorf("a second run on the account: %v", err)
	}
	if _, err := s.ops.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name}); !errors.Is(err, ErrLocked) {
		t.Errorf("deleting an account with a run: %v", err)
	}
}

func TestRunRefused(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	s.fault(fault{Endpoint: "kf/servicer/add", Kind: "errcode", Code: 48007, Times: -1})
	id := s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: s.staff(a, 3)})
	s.must(s.work(s.ops))
	if e := s.ended(id, Refused); e.Outcome.Errcode != 48007 || s.states(id)[db.ItemFailed] != 3 {
		t.Errorf("outcome %+v, states %v", e.Outcome, s.states(id))
	}
	if n := len(s.calls("kf/servicer/add")); n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestRunBacksOff(t *testing.T) {
	s := newStage(t, kfsim.SeedLarge)
	accounts := s.unstaffed(10)
	people := s.staff(simAccount{}, 120)
	for i, c := range []struct {
		name         string
		fault        fault
		result       string
		calls        int
		done, failed int
	}{
		{"45009 for a while", fault{Kind: "errcode", Code: 45009, Times: 3}, Done, 5, 120, 0},
		{"45033 for a while", fault{Kind: "errcode", Code: 45033, Times: 1}, Done, 3, 120, 0},
		{"45009 without end", fault{Kind: "errcode", Code: 45009, Times: -1}, Refused, 5, 0, 120},
		{"45009 without end, mid-way", fault{Kind: "errcode", Code: 45009, Times: -1, After: 1}, Partial, 6, 100, 20},
		{"busy for a while", fault{Kind: "errcode", Code: -1, Times: 2}, Done, 4, 120, 0},
		// Five tries for the first chunk; the second gets one, as nothing has worked in between.
		{"busy without end", fault{Kind: "errcode", Code: -1, Times: -1}, Refused, 6, 0, 120},
		{"answers lost, applied", fault{Kind: "cut_after", Times: -1}, Done, 2, 120, 0},
		{"answers lost, not applied", fault{Kind: "cut_before", Times: 2}, Done, 4, 120, 0},
		{"never applied", fault{Kind: "cut_before", Times: -1}, Failed, 6, 0, 120},
		{"a page of a proxy", fault{Kind: "html", When: "after", Times: 1}, Done, 2, 120, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			account := accounts[i]
			s.control("DELETE", "/_sim/journal", nil, nil)
			c.fault.Endpoint = "kf/servicer/add"
			s.fault(c.fault)
			id := s.start(ServicerChange{AccountID: account, Verb: Add, UserIDs: people})
			s.must(s.work(s.ops))
			s.control("DELETE", "/_sim/faults", nil, nil)
			s.ended(id, c.result)
			states := s.states(id)
			if states[db.ItemDone] != c.done || states[db.ItemFailed] != c.failed || states[db.ItemDone]+states[db.ItemFailed] != 120 {
				t.Errorf("states %v", states)
			}
			if n := len(s.calls("kf/servicer/add")); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			if ours := s.ours(account); len(ours) != c.done {
				t.Errorf("%d serve by our copy, want %d", len(ours), c.done)
			}
			s.listed(account, c.done)
		})
	}
}

func TestRunWeComAway(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	s.mirrorServicers(a.ID)
	people := s.staff(a, 4)
	// Nothing was sent: certain, and after some tries the rows fail.
	id := s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: people})
	s.must(s.work(s.newOps(s.db, s.unreachable())))
	s.ended(id, Failed)
	if s.states(id)[db.ItemFailed] != 4 || !slices.Equal(s.ours(a.ID), s.serving(a.ID)) {
		t.Errorf("states %v", s.states(id))
	}
	// The answer is lost and the list cannot be had: the run stays open until it can.
	s.fault(fault{Endpoint: "kf/servicer/add", Kind: "cut_after"})
	s.fault(fault{Endpoint: "kf/servicer/list", Kind: "status", Times: 2})
	id = s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: people})
	if err := s.work(s.ops); err == nil {
		t.Error("a list that cannot be had is no error")
	}
	s.ended(id, Open)
	if s.states(id)[db.ItemUnknown] != 4 {
		t.Errorf("states %v", s.states(id))
	}
	if err := s.work(s.ops); err == nil {
		t.Error("a list that cannot be had is no error")
	}
	s.must(s.work(s.ops))
	s.ended(id, Done)
	// The list cannot be had at the end: our copy follows from the results.
	s.fault(fault{Endpoint: "kf/servicer/list", Kind: "status", Times: 1})
	id = s.start(ServicerChange{AccountID: a.ID, Verb: Remove, UserIDs: people[:3]})
	s.must(s.work(s.ops))
	s.ended(id, Done)
	s.fault(fault{Endpoint: "kf/servicer/list", Kind: "status", Times: 1})
	id = s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: people[:1]})
	s.must(s.work(s.ops))
	s.ended(id, Done)
	if !slices.Equal(s.ours(a.ID), s.serving(a.ID)) {
		t.Errorf("our copy %v, WeCom %v", s.ours(a.ID), s.serving(a.ID))
	}
}

// TestRunKilled is a program that was killed while a chunk was on its way: before WeCom carried it out, or after.
func TestRunKilled(t *testing.T) {
	s := newStage(t, kfsim.SeedLarge)
	accounts := s.unstaffed(4)
	people := s.staff(simAccount{}, 150)
	for i, c := range []struct {
		verb    string
		applied bool
		sent    []int // people in each call after the restart
	}{
		{Add, false, []int{100, 50}},
		{Add, true, []int{50}},
		{Remove, false, []int{100, 50}},
		{Remove, true, []int{50}},
	} {
		account, endpoint, change := kf.AccountID(accounts[i]), "kf/servicer/add", s.kf.AddServicers
		if c.verb == Remove {
			s.each(people, func(chunk kf.Servicers) ([]kf.ServicerResult, error) { return s.kf.AddServicers(s.ctx, account, chunk) })
			endpoint, change = "kf/servicer/del", s.kf.DeleteServicers
		}
		s.mirrorServicers(accounts[i])
		id := s.start(ServicerChange{AccountID: accounts[i], Verb: c.verb, UserIDs: people})
		waiting, err := s.db.RunItems(s.ctx, id, db.ItemPending, 0, 100)
		s.must(err)
		for i := range waiting {
			waiting[i].State = db.ItemSending
		}
		s.must(s.db.SetRunItems(s.ctx, id, waiting))
		if c.applied {
			s.each(people[:100], func(chunk kf.Servicers) ([]kf.ServicerResult, error) { return change(s.ctx, account, chunk) })
		}
		s.control("DELETE", "/_sim/journal", nil, nil)
		s.must(s.work(s.newOps(s.open(db.Options{}), s.kf)))
		s.ended(id, Done)
		if states := s.states(id); states[db.ItemDone] != 150 {
			t.Errorf("%s, applied %v: states %v", c.verb, c.applied, states)
		}
		if got := s.chunks(endpoint); !slices.Equal(got, c.sent) || s.calls("")[0].Endpoint != "kf/servicer/list" {
			t.Errorf("%s, applied %v: calls of %v people", c.verb, c.applied, got)
		}
	}
}

// each makes calls for all people, chunk by chunk.
func (s *stage) each(people []string, call func(kf.Servicers) ([]kf.ServicerResult, error)) {
	s.Helper()
	for _, chunk := range kf.Chunks(kf.Servicers{UserIDs: userIDs(people)}) {
		_, err := call(chunk)
		s.must(err)
	}
}

// unstaffed returns accounts that may be changed, are in our mirror, and have been emptied of servicers.
func (s *stage) unstaffed(n int) []string {
	s.Helper()
	page, err := s.kf.ListAccounts(s.ctx, 0, kf.MaxPage)
	s.must(err)
	var ids []string
	for _, account := range page {
		if len(ids) == n || !*account.ManagePrivilege {
			continue
		}
		list, err := s.kf.ListServicers(s.ctx, account.ID)
		s.must(err)
		var all kf.Servicers
		for _, row := range list {
			if row.UserID != "" {
				all.UserIDs = append(all.UserIDs, row.UserID)
			} else {
				all.Departments = append(all.Departments, row.Department)
			}
		}
		for _, chunk := range kf.Chunks(all) {
			_, err := s.kf.DeleteServicers(s.ctx, account.ID, chunk)
			s.must(err)
		}
		ids = append(ids, string(account.ID))
	}
	return ids
}

// listed checks how many serve an account at WeCom.
func (s *stage) listed(account string, want int) {
	s.Helper()
	list, err := s.kf.ListServicers(s.ctx, kf.AccountID(account))
	s.must(err)
	if len(list) != want {
		s.Errorf("%d serve at WeCom, want %d", len(list), want)
	}
}

func userIDs(ids []string) []kf.UserID {
	list := make([]kf.UserID, len(ids))
	for i, id := range ids {
		list[i] = kf.UserID(id)
	}
	return list
}

// TestRunSilentRows is a WeCom that takes a call and says nothing about its rows, which are then not on the list.
func TestRunSilentRows(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	var sent atomic.Int32
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := `{"errcode":0,"errmsg":"ok","access_token":"t","expires_in":7200,"servicer_list":[],"result_list":[]}`
		if strings.HasSuffix(r.URL.Path, "/servicer/add") {
			sent.Add(1)
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer silent.Close()
	id := s.start(ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: s.staff(a, 2)})
	s.must(s.work(s.newOps(s.db, s.client(silent.URL, 10*time.Second))))
	s.ended(id, Failed)
	if sent.Load() != maxTries || s.states(id)[db.ItemFailed] != 2 {
		t.Errorf("%d calls, states %v", sent.Load(), s.states(id))
	}
}
