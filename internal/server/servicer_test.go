package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
)

// staffed is a managed account with servicers of every status and a department.
func (h *house) staffed() db.Account {
	h.t.Helper()
	list, _, err := h.DB.Accounts(h.t.Context(), db.AccountFilter{Filter: db.FilterManaged, Sort: db.SortServicers, Desc: true}, "", 1)
	if err != nil || len(list) != 1 || list[0].Departments == 0 {
		h.t.Fatalf("no staffed account: %+v, %v", list, err)
	}
	return list[0]
}

// staff replaces our copy of an account's servicers.
func (h *house) staff(accountID string, rows []db.Servicer) {
	h.t.Helper()
	if err := h.DB.ReplaceServicers(h.t.Context(), accountID, rows, time.Now()); err != nil {
		h.t.Fatal(err)
	}
}

// world sends a command to the simulator's controls and reads the answer into v.
func (h *house) world(method, path, body string, v any) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.SimURL+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d", path, res.StatusCode)
	}
	if v != nil {
		if err := json.NewDecoder(res.Body).Decode(v); err != nil {
			h.t.Fatal(err)
		}
	}
}

// runOf is the run that an answer leads to.
func (a answer) runOf() string {
	a.t.Helper()
	to := a.want(http.StatusSeeOther).Header.Get("Location")
	id, ok := strings.CutPrefix(to, "/runs/")
	if !ok {
		a.t.Fatalf("sent on to %q, want a run", to)
	}
	id, _, _ = strings.Cut(id, "?")
	return id
}

// ended waits until a run has ended.
func (h *house) runEnded(id string) db.Run {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		run, err := h.DB.Run(h.t.Context(), id)
		if err != nil {
			h.t.Fatal(err)
		}
		if run.FinishedAt != nil {
			return run
		}
		if time.Now().After(end) {
			h.t.Fatalf("the run has not ended: %+v", run)
		}
	}
}

// calls lists how many people each call to an endpoint named.
func (h *house) calls(endpoint string) []int {
	h.t.Helper()
	var journal []struct{ Body string }
	h.world("GET", "/_sim/journal?endpoint="+endpoint, "", &journal)
	var sizes []int
	for _, call := range journal {
		var body struct {
			Users []string `json:"userid_list"`
		}
		if err := json.Unmarshal([]byte(call.Body), &body); err != nil {
			h.t.Fatal(err)
		}
		sizes = append(sizes, len(body.Users))
	}
	return sizes
}

var han = regexp.MustCompile(`\p{Han}+`)

// allEnglish fails the test if a part of an English page speaks Chinese of its own.
func allEnglish(t testing.TB, page answer, selector string) {
	t.Helper()
	part := page.doc().Find(selector)
	if part.Length() == 0 {
		t.Fatalf("no %s on the page", selector)
	}
	part.Find("[translate=no]").Remove()
	if got := han.FindString(part.Text()); got != "" {
		t.Errorf("%s says %q on an English page", selector, got)
	}
	for _, attr := range []string{"aria-label", "title", "placeholder"} {
		for _, e := range part.Find("[" + attr + "]:not([data-select-row]):not(.row-menu)").EachIter() {
			if got := han.FindString(e.AttrOr(attr, "")); got != "" {
				t.Errorf("%s of %s says %q on an English page", attr, goquery.NodeName(e), got)
			}
		}
	}
}

func number(words string) int {
	n, _ := strconv.Atoi(regexp.MustCompile(`\d+`).FindString(words))
	return n
}

func TestServicerList(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	path := href.Account(a.ID, "servicers")
	page := v.get(path).want(http.StatusOK)
	if rows := page.doc().Find("tbody tr").Length(); rows != a.Servicers+a.Departments {
		t.Errorf("%d rows, want %d people and %d departments", rows, a.Servicers, a.Departments)
	}
	if got := page.doc().Find(".tabs [aria-current]").AttrOr("href", ""); got != path {
		t.Errorf("current tab %q", got)
	}
	if n := page.doc().Find(".head .actions .primary").Length(); n != 1 || page.doc().Find(".head .primary").AttrOr("href", "") != path+"/add" {
		t.Errorf("%d primary actions", n)
	}
	if got := page.text(".side .meter b"); got != fmt.Sprintf("%d / 2,000%d / 20", a.Servicers, a.Departments) {
		t.Errorf("limits say %q", got)
	}
	department := page.doc().Find("tbody tr").First()
	if department.Find(".i-network").Length() != 2 || !strings.Contains(department.Find("details summary").Text(), "直属成员") || len(department.Find("details p").Text()) < 10 {
		t.Errorf("department row: %q", strings.Join(strings.Fields(department.Text()), " "))
	}
	for _, c := range []struct{ query, icon string }{{"status=serving", "i-circle-check"}, {"status=stopped", "i-circle-minus"}, {"status=suspended", "i-circle-pause"}, {"kind=department", "i-network"}} {
		filtered := v.get(path + "?" + c.query).want(http.StatusOK)
		rows, marked := filtered.doc().Find("tbody tr").Length(), filtered.doc().Find("tbody tr .state."+c.icon).Length()
		chip := filtered.doc().Find(".chip.on")
		if rows == 0 || rows != marked || chip.Length() != 1 || number(chip.Find(".chip-count").Text()) != rows {
			t.Errorf("%s: %d rows, %d with the mark, chip %q", c.query, rows, marked, chip.Text())
		}
		if got := number(strings.SplitN(filtered.text(".pager .muted"), "共", 2)[1]); got != rows {
			t.Errorf("%s: the pager says %d, %d rows", c.query, got, rows)
		}
	}
	name := page.doc().Find("tbody tr").Last().Find(".who b").Text()
	if found := v.get(path + "?q=" + name).want(http.StatusOK); found.doc().Find("tbody tr").Length() != 1 || found.text("tbody .who b") != name {
		t.Errorf("searching %s found %q", name, found.text("tbody .who b"))
	}
	if none := v.get(path + "?q=nobody+like+that"); none.text(".empty-title") != "没有符合条件的接待人员" {
		t.Errorf("no match says %q", none.text(".empty"))
	}
	for _, bad := range []string{"status=asleep", "kind=robot", "after=forged", "q=" + strings.Repeat("x", 201)} {
		v.get(path + "?" + bad).want(http.StatusBadRequest)
	}
	v.get("/accounts/wkNobody/servicers").want(http.StatusNotFound)
	part := v.with("HX-Request", "true").get(path + "?status=serving").want(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.doc().Find("#list tbody tr").Length() == 0 {
		t.Error("a part of the page is a whole page, or has no rows")
	}
	english := v.in("en").get(path)
	allEnglish(t, english, ".columns")
	if english.doc().Find(".state:contains(Suspended)").Length() == 0 {
		t.Error("no status in English")
	}
}

func TestServicerListPaged(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("viewer")
	var rows []db.Servicer
	for i := range 1801 {
		row := db.Servicer{Kind: db.KindUser, MemberID: fmt.Sprintf("member%04d", i)}
		if i%2 == 0 {
			row.Status = new(int)
		}
		rows = append(rows, row)
	}
	for i := range 18 {
		rows = append(rows, db.Servicer{Kind: db.KindDepartment, MemberID: strconv.Itoa(500 + i)})
	}
	h.staff(a.ID, rows)
	path := href.Account(a.ID, "servicers")
	first := v.get(path).want(http.StatusOK)
	if first.doc().Find(".side .meter.warn").Length() != 2 || !strings.Contains(first.text(".side"), "接近上限") {
		t.Errorf("at nine tenths of the limit: %q", first.text(".side"))
	}
	second := v.get(first.doc().Find(".pager nav a").Last().AttrOr("href", "")).want(http.StatusOK)
	seen := map[string]bool{}
	for _, page := range []answer{first, second} {
		for _, small := range page.doc().Find("tbody .who").EachIter() {
			seen[small.Text()] = true
		}
	}
	if len(seen) != 2*peoplePerPage || first.text(".pager .muted") != "本页 50 条，共 1,819 条" {
		t.Errorf("two pages show %d rows; %q", len(seen), first.text(".pager .muted"))
	}
	unknown := v.get(path + "?status=unknown").want(http.StatusOK)
	if got := unknown.text(".pager .muted"); got != "本页 50 条，共 900 条" || unknown.doc().Find("tbody .state.i-circle-dashed").Length() != peoplePerPage {
		t.Errorf("unknown status: %q", got)
	}
	if !strings.Contains(first.text("tbody"), "通讯录中没有") {
		t.Error("who is not in the directory is not marked")
	}
}

func TestServicerReasons(t *testing.T) {
	h := newHouse(t)
	a := h.staffed()
	reason := func(page answer) string {
		t.Helper()
		if page.doc().Find("[data-select-row]").Length() != 0 || page.doc().Find("tbody button[name=only]").Length() != 0 {
			t.Error("rows can be selected")
		}
		off := page.doc().Find(".head .why button.primary[aria-disabled=true]")
		if off.Length() != 1 || page.doc().Find("tbody .menu-off").Length() == 0 {
			t.Error("the actions are not greyed")
		}
		return off.AttrOr("aria-description", "")
	}
	if got := reason(h.as("viewer").get(href.Account(a.ID, "servicers"))); got != "你的角色只能查看" {
		t.Errorf("a viewer is told %q", got)
	}
	list, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{Filter: db.FilterReadOnly, Sort: db.SortServicers, Desc: true}, "", 1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	v := h.as("owner")
	page := v.get(href.Account(list[0].ID, "servicers"))
	if got := reason(page); !strings.HasPrefix(got, "此账号未分配给本应用管理") || !strings.Contains(page.text(".side"), "企业微信不提供接待状态") {
		t.Errorf("a read-only account: %q, %q", got, page.text(".side"))
	}
	form := v.get(href.Account(list[0].ID, "servicers", "add")).want(http.StatusOK)
	if form.doc().Find("#choose .why button.primary").Length() != 1 || !strings.Contains(form.text(".notice"), "现在不能更改接待人员") {
		t.Errorf("choosing for a read-only account: %q", form.text(".notice"))
	}
	refused := v.post(href.Account(list[0].ID, "servicers"), "ids", "li.na").want(http.StatusUnprocessableEntity)
	if !strings.Contains(refused.text(".notice"), "此账号未分配给本应用管理") || !strings.Contains(refused.text(".id-list"), "li.na") {
		t.Errorf("adding to a read-only account: %q", refused.text("main"))
	}
	if err := h.DB.MarkAccountGone(t.Context(), a.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := reason(v.get(href.Account(a.ID, "servicers"))); got != "此账号已不在企业微信中" {
		t.Errorf("a deleted account: %q", got)
	}
	if got := v.post(href.Account(a.ID, "servicers"), "ids", "li.na").want(http.StatusUnprocessableEntity).text(".notice"); !strings.Contains(got, "这个账号已不在企业微信中") {
		t.Errorf("adding to a deleted account: %q", got)
	}
}

func TestServicerRights(t *testing.T) {
	h := newHouse(t)
	a := h.staffed()
	for _, name := range []string{"viewer", "auditor"} {
		v := h.as(name)
		v.get(href.Account(a.ID, "servicers", "add")).want(http.StatusForbidden)
		for _, part := range []string{"", "preview", "remove", "refresh"} {
			v.post(href.Account(a.ID, "servicers", part), "member", "user:li.na", "confirmed", "1").want(http.StatusForbidden)
		}
		entries, _, err := h.DB.AuditEntries(t.Context(), db.AuditFilter{Action: "access.denied", OperatorName: name}, "", 50)
		if err != nil || len(entries) != 5 {
			t.Errorf("%s: %d denials recorded, want 5: %v", name, len(entries), err)
		}
	}
	run := h.as("manager").post(href.Account(a.ID, "servicers"), "ids", "nobody.at.all").runOf()
	h.runEnded(run)
	viewer, auditor := h.as("viewer").get(href.Run(run)).want(http.StatusOK), h.as("auditor").get(href.Run(run)).want(http.StatusOK)
	if viewer.doc().Find("main a[href^='/audit']").Length() != 0 || strings.Contains(viewer.text(".head-facts"), "manager") {
		t.Error("a viewer is led to the audit log")
	}
	if auditor.doc().Find("main a[href='"+href.AuditEntry(run)+"']").Length() != 1 || auditor.doc().Find("form[action$=undo]").Length() != 0 {
		t.Error("an auditor is not led to the entry, or may undo")
	}
	h.as("manager").get("/runs/" + db.NewID()).want(http.StatusNotFound)
	for _, bad := range []string{"after=x", "after=-1", "after=99", "state=pretty"} {
		h.as("manager").get(href.Run(run) + "?" + bad).want(http.StatusBadRequest)
	}
}

func TestServicerRefresh(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	path := href.Account(a.ID, "servicers")
	h.world("POST", "/_sim/servicer", fmt.Sprintf(`{"open_kfid":%q,"userid":"wang_wei","status":"suspended"}`, a.ID), nil)
	if got := v.post(path+"/refresh", "return", path+"?status=suspended").want(http.StatusSeeOther).Header.Get("Location"); got != path+"?status=suspended" {
		t.Errorf("back to %q", got)
	}
	if got := v.get(path + "?status=suspended").text("tbody"); !strings.Contains(got, "wang_wei") {
		t.Errorf("after a refresh: %q", got)
	}
	if got := v.post(path+"/refresh", "return", "https://evil.example/").want(http.StatusSeeOther).Header.Get("Location"); got != path {
		t.Errorf("sent to %q", got)
	}
	h.fault(`{"endpoint":"kf/servicer/list","kind":"errcode","code":60020}`)
	v.post(path + "/refresh").want(http.StatusSeeOther)
	page := v.get(path).want(http.StatusOK)
	if !strings.Contains(page.text("#list .notice.warn"), "上次核对接待人员没有成功") || page.doc().Find("tbody tr").Length() == 0 {
		t.Errorf("after a refresh that failed: %q", page.text("#list .notice"))
	}
	h.fault(`{"endpoint":"department/list","kind":"errcode","code":60020}`)
	if got := v.post(path+"/refresh", "directory", "1", "return", path+"/add").want(http.StatusSeeOther).Header.Get("Location"); got != path+"/add" {
		t.Errorf("after asking for the directory: %q", got)
	}
	v.post("/accounts/wkNobody/servicers/refresh").want(http.StatusNotFound)
}
