package server

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/ops"
)

var (
	auditNames   = []string{"owner", "manager", "auditor", "门店主管"}
	auditTargets = []string{"云杉家居售前", "Spruce Pre-Sales", "50% off_", `=cmd|'/c calc'!A1`, "+86 400", "-1+2", "@sum(A1)", "\t=1", "＝1+1", "带\"引号\",和逗号", "两\n行", "", `<img src=x onerror=alert(1)>`}
)

// manyEntries writes n entries of every kind and end, an hour apart at most, the last
// of them now; every tenth stays open.
func (h *house) manyEntries(n int) {
	h.t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(n)))
	at := time.Now().Add(-time.Duration(n) * 30 * time.Minute)
	results := []string{db.ResultDone, db.ResultDone, db.ResultPartial, db.ResultRefused, db.ResultFailed, db.ResultDenied}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	err := h.DB.Tx(h.t.Context(), func(tx *db.DB) error {
		for i := range n {
			at = at.Add(time.Duration(r.IntN(60)) * time.Minute).Truncate(time.Millisecond)
			in := db.Intent{ID: db.NewID(), At: at, OperatorID: "op", OperatorName: pick(auditNames), IP: "192.0.2.7", Action: pick(ops.Actions()), TargetKind: pick(ops.Kinds()),
				TargetID: fmt.Sprintf("wkTest%04d", r.IntN(40)), TargetName: pick(auditTargets), Input: fmt.Sprintf(`{"name":"改名 %d"}`, i), Before: `{"name":"原名"}`, RequestID: db.NewID()}
			if i%10 == 9 {
				if err := tx.InsertIntent(context.Background(), in, ""); err != nil {
					return err
				}
				continue
			}
			out := db.Outcome{At: at.Add(time.Second), Result: pick(results), After: fmt.Sprintf(`{"name":"改名 %d"}`, i)}
			if out.Result == db.ResultRefused {
				out.Errcode, out.Errmsg, out.Hint, out.FromIP = 95006, "=name too long", "1729840000", "203.0.113.9"
			}
			if err := tx.InsertRecord(context.Background(), in, out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// everything is the whole log, newest first.
func (h *house) everything() []db.Entry {
	h.t.Helper()
	var list []db.Entry
	for after := db.Cursor(""); ; {
		part, page, err := h.DB.AuditEntries(h.t.Context(), db.AuditFilter{}, after, 10000)
		if err != nil {
			h.t.Fatal(err)
		}
		list = append(list, part...)
		if after = page.Next; after == "" {
			return list
		}
	}
}

// entryPasses tells by its own means whether a filter of the address lets an entry through.
func entryPasses(q url.Values, e db.Entry) bool {
	outcome := "open"
	if e.Outcome != nil {
		outcome = e.Outcome.Result
	}
	for name, have := range map[string]string{"operator": e.OperatorName, "action": e.Action, "kind": e.TargetKind, "outcome": outcome} {
		if want := q.Get(name); want != "" && want != have {
			return false
		}
	}
	day := e.At.In(kf.Beijing).Format(time.DateOnly)
	if from := q.Get("from"); from != "" && day < from {
		return false
	}
	if to := q.Get("to"); to != "" && day > to {
		return false
	}
	part := strings.ToLower(q.Get("target"))
	return strings.Contains(strings.ToLower(e.TargetName), part) || strings.Contains(strings.ToLower(e.TargetID), part)
}

// matching lists the ids that a filter should give, newest first.
func matching(q url.Values, all []db.Entry) []string {
	ids := []string{}
	for _, e := range all {
		if entryPasses(q, e) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// listed walks through all pages of a list and gives the ids that its rows lead to.
func (v *visitor) listed(address string) []string {
	v.h.t.Helper()
	ids := []string{}
	for range 100 {
		page := v.get(address).want(http.StatusOK).doc()
		page.Find("#list tbody tr td.lead a").Each(func(_ int, a *goquery.Selection) { ids = append(ids, path.Base(a.AttrOr("href", ""))) })
		next := ""
		page.Find(".pager nav a").Each(func(_ int, a *goquery.Selection) {
			if strings.Contains(a.Text(), "下一页") {
				next = a.AttrOr("href", "")
			}
		})
		if next == "" {
			return ids
		}
		address = next
	}
	v.h.t.Fatalf("%s has no end", address)
	return nil
}

// someFilters are every value of each filter alone, and combinations.
func someFilters() []url.Values {
	list := []url.Values{{}}
	one := func(name string, values ...string) {
		for _, v := range values {
			list = append(list, url.Values{name: {v}})
		}
	}
	day := func(ago int) string { return time.Now().In(kf.Beijing).AddDate(0, 0, -ago).Format(time.DateOnly) }
	one("operator", append(slices.Clone(auditNames), "nobody")...)
	one("action", ops.Actions()...)
	one("kind", ops.Kinds()...)
	one("outcome", ops.Outcomes()...)
	one("from", day(0), day(2), day(400))
	one("to", day(0), day(2), day(400))
	one("target", "spruce", "%", "_", "家居", "wktest0007", `"`, "\\", "'")
	r := rand.New(rand.NewPCG(3, 5))
	for range 30 {
		q := url.Values{}
		for range 2 + r.IntN(3) {
			for name, v := range list[1+r.IntN(len(list)-1)] {
				q[name] = v
			}
		}
		list = append(list, q)
	}
	return list
}

func TestAuditFiltersAreExact(t *testing.T) {
	h := newEmptyHouse(t)
	h.manyEntries(400)
	v := h.as("owner")
	v.get("/audit?from=2026-13-01").want(http.StatusBadRequest)
	all := h.everything()
	for _, q := range someFilters() {
		want := matching(q, all)
		if got := v.listed("/audit?" + q.Encode()); !slices.Equal(got, want) {
			t.Errorf("%v: %d entries, want %d", q, len(got), len(want))
		}
	}
	page := v.get("/audit?operator=manager&outcome=refused&from=2020-01-01&target=%E5%AE%B6").want(http.StatusOK)
	head := page.text("h1") + page.text(".head-facts")
	if n := len(matching(url.Values{"operator": {"manager"}, "outcome": {"refused"}, "target": {"家"}}, all)); !strings.Contains(head, fmt.Sprintf("符合条件 %d 条", n)) {
		t.Errorf("head %q, want %d", head, n)
	}
	if n := page.doc().Find("summary.chip.on").Length(); n != 3 {
		t.Errorf("%d filters are shown as set, want 3", n)
	}
	if to, _ := page.doc().Find(`.head a[href^="/audit.csv"]`).Attr("href"); to != "/audit.csv?from=2020-01-01&operator=manager&outcome=refused&target=%E5%AE%B6" {
		t.Errorf("export leads to %q", to)
	}
	none := v.get("/audit?operator=nobody").want(http.StatusOK)
	if !strings.Contains(none.text("#list"), "没有符合条件的记录") {
		t.Errorf("empty list says %q", none.text("#list"))
	}
}

// TestAuditPages goes forward and back through pages that share their moment.
func TestAuditPages(t *testing.T) {
	h := newEmptyHouse(t)
	h.manyEntries(120)
	v := h.as("auditor")
	first := v.get("/audit").want(http.StatusOK)
	to := func(a answer, words string) string {
		return a.doc().Find(".pager nav a").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), words) }).AttrOr("href", "")
	}
	second := v.get(to(first, "下一页")).want(http.StatusOK)
	again := v.get(to(second, "上一页")).want(http.StatusOK)
	if first.text("#list tbody") != again.text("#list tbody") {
		t.Error("back again is not the first page")
	}
	if first.text("#list tbody") == second.text("#list tbody") {
		t.Error("the second page is the first")
	}
	part := v.with("HX-Request", "true").get("/audit?outcome=open").want(http.StatusOK)
	if part.doc().Find("#list tbody tr").Length() != 12 || part.doc().Find("html head title").Length() != 0 {
		t.Errorf("part: %s", part.Body)
	}
	english := v.in("en").get("/audit").want(http.StatusOK)
	if english.text("h1") != "Audit log" || !strings.Contains(english.text(".head-facts"), "121 match") {
		t.Errorf("english: %q %q", english.text("h1"), english.text(".head-facts"))
	}
}

func TestAuditEntryPage(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(0)
	done := v.rename(a, "改过的名字").want(http.StatusSeeOther).done()
	entry := v.get("/audit/" + done).want(http.StatusOK)
	if entry.text("table.diff del") != a.Name || entry.text("table.diff ins") != "改过的名字" {
		t.Errorf("changed %q to %q", entry.text("table.diff del"), entry.text("table.diff ins"))
	}
	main := entry.text("main")
	e, err := h.DB.AuditEntry(t.Context(), done)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"manager", e.IP, "修改客服账号", a.Name, "完成", e.At.In(kf.Beijing).Format("2006-01-02 15:04:05"), e.RequestID, done} {
		if !strings.Contains(main, part) {
			t.Errorf("the page does not say %q: %s", part, main)
		}
	}
	english := v.in("en").get("/audit/" + done)
	if english.text("h1") != "Change account" || english.text("table.diff ins") != "改过的名字" {
		t.Errorf("english: %q", english.text("main"))
	}
	tab := v.get("/accounts/" + a.ID + "/audit").want(http.StatusOK)
	if n := tab.doc().Find(`#list tbody a[href="/audit/` + done + `"]`).Length(); n != 1 {
		t.Errorf("the account's own log has it %d times", n)
	}
	h.fault(`{"endpoint":"kf/account/update","kind":"errcode","code":48007,"times":1}`)
	r := v.rename(a, "不行").want(http.StatusUnprocessableEntity)
	link, _ := r.doc().Find(".error-card a[href^='/audit/']").Attr("href")
	refused := v.get(link).want(http.StatusOK)
	if text := refused.text(".error-card"); !strings.Contains(text, "48007") || !strings.Contains(refused.text("main"), "被拒绝") {
		t.Errorf("card %q", text)
	}
	if hint, _ := h.DB.AuditEntry(t.Context(), path.Base(link)); hint.Outcome.Hint == "" || !strings.Contains(refused.Body, hint.Outcome.Hint) {
		t.Error("the hint of WeCom is not on the page")
	}
	if refused.doc().Find(`form[action$="/undo"]`).Length() != 0 {
		t.Error("a refused change offers to be undone")
	}
}

func TestUndoFromTheEntry(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(0)
	address := "/accounts/" + a.ID
	rename := func(name string) string { return v.rename(a, name).want(http.StatusSeeOther).done() }
	first := rename("第一次")
	entry := v.get("/audit/" + first).want(http.StatusOK)
	form := entry.doc().Find(`.head form[action="/audit/` + first + `/undo"]`)
	intent := form.Find("[name=intent]").AttrOr("value", "")
	back := form.Find("[name=return]").AttrOr("value", "")
	done := v.post("/audit/"+first+"/undo", "intent", intent, "return", back).want(http.StatusSeeOther)
	if to := done.Header.Get("Location"); !strings.HasPrefix(to, "/audit/"+first+"?done=") {
		t.Errorf("sent to %q", to)
	}
	if twice := v.post("/audit/"+first+"/undo", "intent", intent, "return", back).want(http.StatusSeeOther); twice.done() != done.done() {
		t.Error("the form sent twice is another change")
	}
	if now, _ := h.DB.Account(t.Context(), a.ID); now.Name != a.Name {
		t.Errorf("name is %q, want %q", now.Name, a.Name)
	}
	if n := v.get("/audit/" + done.done()).want(http.StatusOK).doc().Find(`main a[href="/audit/` + first + `"]`).Length(); n != 1 {
		t.Errorf("the undo names what it undoes %d times", n)
	}
	again := v.post("/audit/"+first+"/undo", "intent", db.NewID()).want(http.StatusConflict)
	if !strings.Contains(again.text("main"), "无法撤销") {
		t.Errorf("says %q", again.text("main"))
	}
	second := rename("第二次")
	rename("第三次")
	conflict := v.post("/audit/"+second+"/undo", "intent", db.NewID()).want(http.StatusConflict)
	if text := conflict.text("main"); !strings.Contains(text, "之后又有人改动过") || conflict.doc().Find(`main a[href="`+address+`"]`).Length() == 0 {
		t.Errorf("says %q", text)
	}
	third := h.everything()[0].ID
	h.fault(`{"endpoint":"kf/account/update","kind":"errcode","code":95006,"times":1}`)
	refused := v.post("/audit/"+third+"/undo", "intent", db.NewID()).want(http.StatusSeeOther)
	if text := v.get(refused.Header.Get("Location")).want(http.StatusOK).text(".error-card"); !strings.Contains(text, "95006") {
		t.Errorf("refused undo says %q", text)
	}
	v.post("/audit/none/undo", "intent", db.NewID()).want(http.StatusNotFound)
}

// TestUndoWithoutTheRight holds that who may see the log but not change things can
// undo nothing, and who may not see the log learns nothing of it.
func TestUndoWithoutTheRight(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(0)
	change := v.rename(a, "改名").want(http.StatusSeeOther).done()
	h.fault(`{"endpoint":"kf/account/update","kind":"cut_after","times":1}`)
	open := v.rename(a, "未知").want(http.StatusSeeOther).done()
	signIn := h.everything()[len(h.everything())-1].ID
	auditor, viewer := h.as("auditor"), h.as("viewer")
	if page := auditor.get("/audit/" + change).want(http.StatusOK); page.doc().Find(`form[action$="/undo"]`).Length() != 0 {
		t.Error("the auditor is offered an undo")
	}
	before := len(h.everything())
	auditor.post("/audit/"+change+"/undo", "intent", db.NewID()).want(http.StatusForbidden)
	auditor.post("/audit/"+open+"/settle", "intent", db.NewID()).want(http.StatusForbidden)
	for _, id := range []string{change, open, signIn} {
		for _, what := range []string{"undo", "settle"} {
			r := viewer.post("/audit/"+id+"/"+what, "intent", db.NewID()).want(http.StatusForbidden)
			if strings.Contains(r.Body, "改名") || strings.Contains(r.Body, "manager") {
				t.Errorf("%s of %s tells the viewer about the entry", what, id)
			}
		}
	}
	denied := 0
	for _, e := range h.everything()[:len(h.everything())-before] {
		if e.Outcome != nil && e.Outcome.Result == ops.Denied {
			denied++
		}
	}
	if denied != 8 {
		t.Errorf("%d denials are in the log, want 8", denied)
	}
	if now, _ := h.DB.Account(t.Context(), a.ID); now.Name != "改名" {
		t.Errorf("name is %q", now.Name)
	}
}

func TestSettleFromTheEntry(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(1)
	h.fault(`{"endpoint":"kf/account/update","kind":"cut_after","times":1}`)
	id := v.rename(a, "没有回答").want(http.StatusSeeOther).done()
	page := v.get("/audit/" + id).want(http.StatusOK)
	action, _ := page.doc().Find(`main form[action$="/settle"]`).Attr("action")
	if action != "/audit/"+id+"/settle" {
		t.Fatalf("no way to settle: %s", page.text("main"))
	}
	if n := v.get("/audit?outcome=open").doc().Find("#list tbody tr").Length(); n != 1 {
		t.Errorf("%d open entries are listed", n)
	}
	if to := v.post(action).want(http.StatusSeeOther).Header.Get("Location"); to != "/audit/"+id {
		t.Errorf("sent to %q", to)
	}
	page = v.get("/audit/" + id).want(http.StatusOK)
	if page.doc().Find(`form[action$="/settle"]`).Length() != 0 || !strings.Contains(page.text(".head-facts"), "完成") {
		t.Errorf("after settling: %s", page.text("main"))
	}
	if err := h.DB.InsertNote(t.Context(), db.Note{ID: db.NewID(), IntentID: id, At: time.Now(), Text: "客户来电确认 <b>"}); err != nil {
		t.Fatal(err)
	}
	if text := v.get("/audit/" + id).text(".feed li"); !strings.Contains(text, "客户来电确认 <b>") || !strings.Contains(text, "管理台") {
		t.Errorf("note %q", text)
	}
	v.post("/audit/none/settle").want(http.StatusNotFound)
}

func TestVerifyPage(t *testing.T) {
	h := newEmptyHouse(t)
	h.manyEntries(30)
	v := h.as("auditor")
	before, head, err := h.DB.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page := v.post("/audit/verify").want(http.StatusOK)
	for _, part := range []string{"链条完整", fmt.Sprint(before), head} {
		if !strings.Contains(page.text("main"), part) {
			t.Errorf("%q is missing: %s", part, page.text("main"))
		}
	}
	e := h.everything()[0]
	if e.Action != ops.AuditVerify || e.Outcome.Result != ops.Done || e.OperatorName != "auditor" || !strings.Contains(e.Outcome.After, head) {
		t.Errorf("entry %+v", e)
	}
	if facts := v.get("/audit").text(".head-facts"); !strings.Contains(facts, "最近一次校验") {
		t.Errorf("the log does not say that it was verified: %q", facts)
	}
	manager := h.as("manager")
	if why, _ := manager.get("/audit").doc().Find(`.head button[aria-disabled=true]`).First().Attr("aria-description"); why == "" {
		t.Error("the manager is not told why the log cannot be verified")
	}
	manager.post("/audit/verify").want(http.StatusForbidden)
}

// TestVerifyPageNamesTheBreak alters a byte of a row behind the console's back.
func TestVerifyPageNamesTheBreak(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	first, err := db.Open(t.Context(), db.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	newHouseOn(t, first, nil).manyEntries(60)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(string(raw), "改名 41", "改名 14", 1)
	if forged == string(raw) {
		t.Fatal("the row is not in the file")
	}
	if err := os.WriteFile(file, []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	h := newHouseOn(t, d, nil)
	page := h.as("owner").in("en").post("/audit/verify").want(http.StatusOK)
	for _, part := range []string{"The chain breaks here", "altered", "audit_"} {
		if !strings.Contains(page.text("main"), part) {
			t.Errorf("%q is missing: %s", part, page.text("main"))
		}
	}
	if e := h.everything()[0]; e.Action != ops.AuditVerify || e.Outcome.Result != ops.Failed {
		t.Errorf("entry %+v", e)
	}
}

func TestAuditByRole(t *testing.T) {
	h := newHouse(t)
	viewer, manager := h.as("viewer"), h.as("manager")
	if page := viewer.get("/"); page.doc().Find(`a[href="/audit"]`).Length() != 0 {
		t.Error("the viewer is shown a way to the log")
	}
	for _, address := range []string{"/audit", "/audit.csv", "/audit.jsonl", "/audit.xlsx", "/audit/" + h.everything()[0].ID, "/accounts/" + h.account(0).ID + "/audit"} {
		n := len(h.everything())
		r := viewer.get(address).want(http.StatusForbidden)
		now := h.everything()
		if len(now) != n+1 || now[0].Action != ops.AccessDenied || now[0].OperatorName != "viewer" || !strings.Contains(now[0].Input, address) {
			t.Errorf("%s: %d new entries, the last %+v", address, len(now)-n, now[0])
		}
		if !strings.Contains(r.text("main"), "权限") {
			t.Errorf("%s says %q", address, r.text("main"))
		}
	}
	page := manager.get("/audit").want(http.StatusOK)
	if page.doc().Find(`a[href^="/audit.csv"]`).Length() != 0 || !strings.Contains(page.Body, "你的角色不能导出操作日志") {
		t.Error("the manager is offered an export, or not told why there is none")
	}
	manager.get("/audit.csv").want(http.StatusForbidden)
	if e := h.everything()[0]; e.Action != ops.AccessDenied || e.OperatorName != "manager" {
		t.Errorf("entry %+v", e)
	}
}
