package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kfconsole/web/templates/href"
)

func TestServicerRemove(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	path := href.Account(a.ID, "servicers")
	list := v.get(path).want(http.StatusOK)
	var members []string
	for _, box := range list.doc().Find("[data-select-row]").EachIter() {
		members = append(members, box.AttrOr("value", ""))
	}
	if action := list.doc().Find("form[data-bulk]").AttrOr("action", ""); action != path+"/remove" || len(members) != a.Servicers+a.Departments {
		t.Fatalf("%d rows to select, sent to %q", len(members), action)
	}
	last := members[len(members)-1]
	ask := v.post(path+"/remove", "member", members[1], "member", last).want(http.StatusOK)
	if got := ask.text("h1"); got != "移除 2 位接待人员" || ask.doc().Find(".id-list li").Length() != 2 || ask.doc().Find(".notice").Length() != 0 {
		t.Errorf("asks %q: %q", got, ask.text("main"))
	}
	only := v.post(path+"/remove", "member", members[1], "only", last).want(http.StatusOK)
	if got := only.value("members"); got != last {
		t.Errorf("the menu of one row removes %q", got)
	}
	everybody := []string{}
	for _, m := range members {
		everybody = append(everybody, "member", m)
	}
	if got := v.post(path+"/remove", everybody...).want(http.StatusOK); !strings.Contains(got.text(".notice.danger"), "没有任何接待人员") || got.text(".button.solid") != fmt.Sprintf("移除 %d 位人员和 %d 个部门", a.Servicers, a.Departments) {
		t.Errorf("removing everybody: %q", got.text("main"))
	}
	if got := v.post(path + "/remove").want(http.StatusUnprocessableEntity).text(".notice"); got != "没有选择任何人员或部门" {
		t.Errorf("nothing selected: %q", got)
	}
	if got := v.post(path+"/remove", "member", "user:not.there").want(http.StatusUnprocessableEntity).text(".notice"); got != "所选的人员和部门都已不在接待列表中" {
		t.Errorf("somebody who does not serve: %q", got)
	}
	v.post(path+"/remove", "member", "robot:1").want(http.StatusBadRequest)
	v.post("/accounts/wkNobody/servicers/remove", "member", last).want(http.StatusNotFound)
	allEnglish(t, v.in("en").post(path+"/remove", "member", members[0], "member", last), "main > .card")

	fields := []string{"intent", ask.value("intent"), "confirmed", ask.value("confirmed"), "members", ask.value("members")}
	id := v.post(path+"/remove", fields...).runOf()
	if run := h.runEnded(id); run.Verb != "remove" || run.Done != 2 || run.AccountID != a.ID {
		t.Errorf("run %+v", run)
	}
	if again := v.post(path+"/remove", fields...).runOf(); again != id {
		t.Errorf("the form sent twice leads to %s", again)
	}
	page := v.get(href.Run(id)).want(http.StatusOK)
	if page.text("tbody tr:first-child .state") != "已移除" || page.text(".notice.ok strong") != "全部完成" || page.doc().Find("form[action$=undo]").Length() != 1 {
		t.Errorf("the run's page: %q", page.text("main"))
	}
	if got := v.get(path).doc().Find("[data-select-row]").Length(); got != len(members)-2 {
		t.Errorf("%d rows afterwards, want %d", got, len(members)-2)
	}
}
