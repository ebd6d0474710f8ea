package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
)

// box is the tick box of a member on the page.
func (a answer) box(member string) (checked, disabled bool) {
	a.t.Helper()
	box := a.doc().Find(`input[name=member][value="` + member + `"]`)
	if box.Length() != 1 {
		a.t.Fatalf("%d boxes for %s", box.Length(), member)
	}
	_, checked = box.Attr("checked")
	_, disabled = box.Attr("disabled")
	return checked, disabled
}

// directory replaces our copy of the directory.
func (h *house) directory(people ...db.Person) {
	h.t.Helper()
	tree := []db.Department{{ID: 10, ParentID: 1, Name: "客服部"}, {ID: 11, ParentID: 10, Name: "夜班组"}, {ID: 12, ParentID: 1, Name: "Stores"}}
	if err := h.DB.ReplaceDirectory(h.t.Context(), tree, people, time.Now()); err != nil {
		h.t.Fatal(err)
	}
}

func TestServicerChoose(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	h.directory(db.Person{UserID: "amber.w", Name: "Amber", Status: 1, Departments: []int64{10}}, db.Person{UserID: "Basil", Name: "罗勒", Status: 4, Departments: []int64{11}},
		db.Person{UserID: "cedar", Name: "Cedar", Status: 2, Departments: []int64{11}}, db.Person{UserID: "dune", Name: "Dune", Departments: []int64{11, 12}})
	h.staff(a.ID, []db.Servicer{{Kind: db.KindUser, MemberID: "AMBER.W"}, {Kind: db.KindDepartment, MemberID: "12"}})
	path := href.Account(a.ID, "servicers", "add")
	page := v.get(path).want(http.StatusOK)
	for member, want := range map[string][2]bool{
		"user:amber.w": {true, true}, "user:Basil": {false, true}, "user:cedar": {false, true}, "user:dune": {false, false}, "department:10": {false, false}, "department:12": {true, true},
	} {
		if checked, disabled := page.box(member); checked != want[0] || disabled != want[1] {
			t.Errorf("%s: ticked %v, greyed %v", member, checked, disabled)
		}
	}
	for member, want := range map[string]string{"user:amber.w": "已在接待", "user:Basil": "未激活", "user:cedar": "已禁用", "user:dune": "夜班组 · Stores", "department:11": "直属成员 3 人"} {
		if got := page.text(`label:has(input[value="` + member + `"])`); !strings.HasSuffix(got, want) {
			t.Errorf("%s says %q, want %q at its end", member, got, want)
		}
	}
	if got := page.doc().Find("label.deep-1 input").AttrOr("value", ""); got != "department:11" {
		t.Errorf("%s is below another department", got)
	}
	if got := page.text("select[name=department] option"); got != "全部部门客服部 夜班组Stores" {
		t.Errorf("departments to search in: %q", got)
	}

	// What was ticked stays ticked while one searches on.
	found := v.get(path + "?q=AMB&member=user:dune&member=department:11&member=user:stranger").want(http.StatusOK)
	if got := found.doc().Find(".field:has(h3:contains(人员)) label").Length(); got != 1 {
		t.Errorf("searching AMB finds %d", got)
	}
	for _, member := range []string{"user:dune", "user:stranger", "department:11"} {
		if checked, disabled := found.box(member); !checked || disabled {
			t.Errorf("%s is not ticked any more", member)
		}
	}
	if in := v.get(path + "?department=11").want(http.StatusOK); in.doc().Find("input[value^='user:']").Length() != 3 || in.doc().Find("option[selected]").AttrOr("value", "") != "11" {
		t.Errorf("of one department: %q", in.text("#people"))
	}
	part := v.with("HX-Request", "true").get(path + "?q=dune").want(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.doc().Find("#people input[value^='user:']").Length() != 1 {
		t.Error("the part for typing is wrong")
	}
	for _, bad := range []string{"department=x", "department=-4", "member=robot:1", "member=department:x", "member=user:", "q=" + strings.Repeat("x", 201)} {
		v.get(path + "?" + bad).want(http.StatusBadRequest)
	}
	allEnglish(t, v.in("en").get(path), "#choose")
	v.get("/accounts/wkNobody/servicers/add").want(http.StatusNotFound)
}

func TestServicerChooseNothing(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	preview := href.Account(a.ID, "servicers", "preview")
	many := make([]string, 2001)
	for i := range many {
		many[i] = "member" + strconv.Itoa(i)
	}
	for name, c := range map[string]struct{ ids, zh, en string }{
		"nothing":      {" \n", "请勾选人员或部门，或粘贴 userid", "Tick people or departments, or paste userids"},
		"no userid":    {"你好 !!!", "其中有不是 userid 的内容，请修改", "Something in it is not a userid; correct it"},
		"2 001 people": {strings.Join(many, " "), "一次最多 2,000 项，请分几次添加", "At most 2,000 at a time; add them in several turns"},
	} {
		for lang, want := range map[string]string{"zh-CN": c.zh, "en": c.en} {
			page := v.in(lang).post(preview, "ids", c.ids).want(http.StatusUnprocessableEntity)
			if got := page.text("#f-ids-error"); got != want {
				t.Errorf("%s in %s: %q", name, lang, got)
			}
			if got := page.doc().Find("textarea[name=ids]").Text(); got != c.ids {
				t.Errorf("%s: what was pasted is gone: %d bytes of %d", name, len(got), len(c.ids))
			}
		}
	}
	departments := []string{}
	for i := range 21 {
		departments = append(departments, "member", "department:"+strconv.Itoa(i+1))
	}
	if got := v.post(preview, departments...).want(http.StatusUnprocessableEntity).text("#f-ids-error"); got != "一次最多 20 项，请分几次添加" {
		t.Errorf("21 departments: %q", got)
	}
	v.post(preview, "member", "robot:5").want(http.StatusBadRequest)
	v.post("/accounts/wkNobody/servicers/preview", "ids", "li.na").want(http.StatusNotFound)
}

func TestServicerPreview(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	h.directory(db.Person{UserID: "amber.w", Name: "Amber", Status: 1}, db.Person{UserID: "Basil", Name: "罗勒", Status: 4}, db.Person{UserID: "dune", Name: "Dune"}, db.Person{UserID: "elm", Name: "Elm"})
	h.staff(a.ID, []db.Servicer{{Kind: db.KindUser, MemberID: "elm"}})
	typed := "AMBER.W，amber.w; basil\nELM\tghost bad!id"
	page := v.post(href.Account(a.ID, "servicers", "preview"), "ids", typed, "member", "user:dune", "member", "department:11", "member", "department:99").want(http.StatusOK)
	groups := map[string]string{}
	for _, g := range page.doc().Find("section.card:has(.id-list)").EachIter() {
		groups[g.AttrOr("aria-label", "")] = strings.Join(strings.Fields(g.Find("header b").Text()+" | "+g.Find(".id-list").Text()), " ")
	}
	for title, want := range map[string]string{
		"将添加": "2 人 · 1 个部门 | 夜班组 11 部门Dune dune Amber AMBER.W", "不能接待": "1 人 | 罗勒 basil 未激活", "通讯录中没有": "1 人 · 1 个部门 | 99 部门ghost",
		"不是 userid": "1 个 | bad!id", "已在接待": "1 人 | Elm ELM",
	} {
		if groups[title] != want {
			t.Errorf("%s: %q, want %q", title, groups[title], want)
		}
	}
	if got := page.text(".side .facts"); got != "调用次数 1 次，每次最多 100 人、20 个部门 合并的重复项 1 个" && got != "调用次数1 次，每次最多 100 人、20 个部门合并的重复项1 个" {
		t.Errorf("facts: %q", got)
	}
	if got := page.text(".side .meter b"); got != "3 / 2,0001 / 20" {
		t.Errorf("limits afterwards: %q", got)
	}
	if got := page.value("ids"); got != "dune\nAMBER.W\nbasil\nELM\nghost" || page.value("members") != "department:11\ndepartment:99" || len(page.value("intent")) != 32 {
		t.Errorf("carried on: %q, %q", got, page.value("members"))
	}
	allEnglish(t, v.in("en").post(href.Account(a.ID, "servicers", "preview"), "ids", typed, "member", "user:dune"), ".columns")

	// Going back shows everything as it was typed and ticked.
	back := v.post(href.Account(a.ID, "servicers", "preview"), "edit", "1", "ids", page.value("ids"), "members", page.value("members"), "typed", page.value("typed"), "ticked", page.value("ticked")).want(http.StatusOK)
	if got := back.doc().Find("textarea[name=ids]").Text(); got != typed {
		t.Errorf("pasted before: %q, now %q", typed, got)
	}
	if dune, _ := back.box("user:dune"); !dune {
		t.Error("a ticked person is not ticked any more")
	}
	if night, _ := back.box("department:11"); !night {
		t.Error("a ticked department is not ticked any more")
	}

	// Leaving out what will probably fail.
	run := h.runEnded(v.post(href.Account(a.ID, "servicers"), "skip", "1", "intent", page.value("intent"), "ids", page.value("ids"), "members", page.value("members")).runOf())
	items, err := h.DB.RunItems(t.Context(), run.ID, "", 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	for _, item := range items {
		sent = append(sent, item.MemberID)
	}
	if !slices.Equal(sent, []string{"dune", "AMBER.W", "ELM", "11"}) || run.ID != page.value("intent") {
		t.Errorf("sent %v in run %s", sent, run.ID)
	}
}

// crowd empties the world for one with 600 people and looks at it, and returns a
// managed account and people who do not serve it.
func (h *house) crowd(n int) (db.Account, []string) {
	h.t.Helper()
	h.world("POST", "/_sim/reset", `{"seed":"large"}`, nil)
	var world struct {
		Accounts []struct {
			OpenKfID string `json:"open_kfid"`
			Name     string
			Managed  bool `json:"manage_privilege"`
		}
	}
	h.world("GET", "/_sim/world", "", &world)
	if err := h.Mirror.RefreshDirectory(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	managed := true
	for _, a := range world.Accounts {
		if !a.Managed {
			continue
		}
		if err := h.DB.UpsertAccount(h.t.Context(), db.Account{ID: a.OpenKfID, Name: a.Name, Managed: &managed, FirstSeen: time.Now(), SeenAt: time.Now(), ChangedAt: time.Now()}); err != nil {
			h.t.Fatal(err)
		}
		if err := h.Mirror.RefreshServicers(h.t.Context(), a.OpenKfID); err != nil {
			h.t.Fatal(err)
		}
		account, err := h.DB.Account(h.t.Context(), a.OpenKfID)
		if err != nil {
			h.t.Fatal(err)
		}
		return account, h.free(account.ID, n)
	}
	h.t.Fatal("no managed account")
	return db.Account{}, nil
}

// free lists people of the directory who do not serve an account and could.
func (h *house) free(accountID string, n int) []string {
	h.t.Helper()
	var world struct {
		People []struct {
			UserID string `json:"userid"`
			Status int
			Hidden bool
		}
	}
	h.world("GET", "/_sim/world", "", &world)
	rows, _, err := h.DB.Servicers(h.t.Context(), accountID, db.ServicerFilter{}, "", allServicers)
	if err != nil {
		h.t.Fatal(err)
	}
	serves := map[string]bool{}
	for _, row := range rows {
		serves[strings.ToLower(row.MemberID)] = true
	}
	seen, err := h.DB.People(h.t.Context(), "", 0, 5000)
	if err != nil {
		h.t.Fatal(err)
	}
	visible := map[string]bool{}
	for _, p := range seen {
		visible[p.UserID] = true
	}
	var ids []string
	for _, p := range world.People {
		if p.Status == 1 && visible[p.UserID] && !serves[strings.ToLower(p.UserID)] && len(ids) < n {
			ids = append(ids, p.UserID)
		}
	}
	if len(ids) < n {
		h.t.Fatalf("only %d people are free", len(ids))
	}
	return ids
}

func TestServicer250Pasted(t *testing.T) {
	h := newEmptyHouse(t)
	a, ids := h.crowd(249)
	v := h.as("manager")
	separators := []string{"\n", "，", ", ", ";", "；", "\t", "、", " \r\n", "|"}
	var typed strings.Builder
	for i, id := range ids {
		typed.WriteString(id + separators[i%len(separators)])
		if i%50 == 0 {
			typed.WriteString(strings.ToUpper(id) + " " + id + "\n")
		}
	}
	typed.WriteString("ghost.of.nobody\n不是编号")
	page := v.post(href.Account(a.ID, "servicers", "preview"), "ids", typed.String()).want(http.StatusOK)
	if got := page.text("h1"); got != "预览：添加 250 位接待人员" {
		t.Errorf("title %q", got)
	}
	for selector, want := range map[string]string{
		"section[aria-label=将添加] header b": "249 人", "section[aria-label=通讯录中没有] header b": "1 人", "section[aria-label='不是 userid'] header b": "1 个",
		".side .facts div:first-child dd": "3 次，每次最多 100 人、20 个部门", ".side .facts div:last-child dd": "10 个",
	} {
		if got := page.text(selector); got != want {
			t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	fields := []string{"intent", page.value("intent"), "ids", page.value("ids"), "members", page.value("members"), "typed", page.value("typed")}
	h.world("DELETE", "/_sim/journal", "", nil)
	id := v.post(href.Account(a.ID, "servicers"), fields...).runOf()
	run := h.runEnded(id)
	if run.Total != 250 || run.Done != 249 || run.Failed != 1 || run.Ignored+run.Unknown+run.Pending != 0 {
		t.Errorf("run %+v", run)
	}
	if got := h.calls("kf/servicer/add"); !slices.Equal(got, []int{100, 100, 50}) {
		t.Errorf("calls of %v people", got)
	}
	if again := v.post(href.Account(a.ID, "servicers"), fields...).runOf(); again != id {
		t.Errorf("the form sent twice leads to %s", again)
	}
	h.lookAtRun(v, a, run)
	now, err := h.DB.Account(t.Context(), a.ID)
	if err != nil || now.Servicers != a.Servicers+249 {
		t.Errorf("%d servicers, want %d: %v", now.Servicers, a.Servicers+249, err)
	}

	// Undoing is a run of its own.
	undo := v.get(href.Run(id)).doc().Find("form[action$=undo]")
	back := v.post(undo.AttrOr("action", ""), "intent", undo.Find("[name=intent]").AttrOr("value", ""), "return", href.Run(id)).runOf()
	if end := h.runEnded(back); end.Verb != "remove" || end.Done != 249 {
		t.Errorf("undoing: %+v", end)
	}
	if got := v.get(href.Run(back)).want(http.StatusOK); got.doc().Find(".head-facts a[href='"+href.Run(id)+"']").Length() != 1 || got.text("h1") != "移除 249 项接待人员" {
		t.Errorf("the page of the undo: %q", got.text(".head"))
	}
}
