package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
)

// lookAtRun reads the pages of a run of 249 done and one failed row.
func (h *house) lookAtRun(v *visitor, a db.Account, run db.Run) {
	h.t.Helper()
	page := v.get(href.Run(run.ID)).want(http.StatusOK)
	for selector, want := range map[string]string{
		"h1": "添加 250 项接待人员", ".notice.warn strong": "部分完成", ".pager .muted": "本页 50 条，共 250 条", ".feed code": "60111", ".feed .num": "1 项", ".parts li:first-child": "已添加249",
	} {
		if got := strings.ReplaceAll(page.text(selector), " 249", "249"); got != want {
			h.t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	if page.doc().Find("[hx-trigger^=every]").Length() != 0 || strings.Contains(page.Body, `http-equiv="refresh"`) {
		h.t.Error("a run that has ended is still asked for")
	}
	if page.doc().Find("main a[href='"+href.AuditEntry(run.ID)+"']").Length() != 1 || page.doc().Find(".head a[href='"+href.Account(a.ID, "servicers")+"']").Length() == 0 {
		h.t.Error("no way to the audit entry or back")
	}
	seen := 0
	for next := href.Run(run.ID); next != ""; {
		one := v.get(next).want(http.StatusOK)
		seen += one.doc().Find("tbody tr").Length()
		next = ""
		for _, link := range one.doc().Find(".pager nav a").EachIter() {
			if strings.TrimSpace(link.Text()) == "下一页" {
				next = link.AttrOr("href", "")
			}
		}
	}
	if seen != 250 {
		h.t.Errorf("the pages show %d rows", seen)
	}
	failed := v.get(href.Run(run.ID) + "?state=failed").want(http.StatusOK)
	if failed.doc().Find("tbody tr").Length() != 1 || failed.text("tbody .who b") != "ghost.of.nobody" || failed.text("tbody .wide") != "60111 找不到成员" {
		h.t.Errorf("failed rows: %q", failed.text("tbody"))
	}
	if none := v.get(href.Run(run.ID) + "?state=unknown").want(http.StatusOK); none.doc().Find(".empty").Length() != 1 {
		h.t.Error("no rows is not said")
	}
	part := v.with("HX-Request", "true").get(href.Run(run.ID)).want(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.doc().Find("#run").Length() != 1 || part.doc().Find("#results tbody tr").Length() != peoplePerPage {
		h.t.Error("the part that is asked for is wrong")
	}
	english := v.in("en").get(href.Run(run.ID))
	allEnglish(h.t, english, "#list")
	if got := english.text("tbody tr:first-child .state"); got != "Added" {
		h.t.Errorf("in English a row says %q", got)
	}
}

func TestServicerRunUnderWay(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	ids := h.free(a.ID, 2)
	h.fault(`{"endpoint":"kf/servicer/add","kind":"hang","when":"before"}`)
	path := href.Account(a.ID, "servicers")
	id := v.post(path, "ids", ids[0]).runOf()
	page := v.get(href.Run(id)).want(http.StatusOK)
	poll := page.doc().Find("#run")
	if poll.AttrOr("hx-trigger", "") != "every 1s" || poll.AttrOr("hx-get", "") != href.Run(id) || poll.AttrOr("hx-select", "") != "#run" || poll.AttrOr("hx-select-oob", "") != "#results" {
		t.Errorf("asks for news with %s", poll.AttrOr("hx-trigger", ""))
	}
	if !strings.Contains(page.Body, `<noscript><meta http-equiv="refresh"`) || page.doc().Find("form[action$=undo]").Length() != 0 || page.doc().Find("progress").AttrOr("max", "") != "1" {
		t.Error("no refresh without a script, an undo too early, or no progress")
	}
	locked := v.post(path, "ids", ids[1]).want(http.StatusConflict)
	if got := locked.doc().Find(".notice.warn a").AttrOr("href", ""); got != href.Run(id) || !strings.Contains(locked.text(".id-list"), ids[1]) {
		t.Errorf("a second run: led to %q, %q kept", got, locked.text(".id-list"))
	}
	if got := v.post(path+"/remove", "member", "user:"+h.someone(a.ID), "confirmed", "1").want(http.StatusConflict).doc().Find(".notice.warn a").AttrOr("href", ""); got != href.Run(id) {
		t.Errorf("removing meanwhile: led to %q", got)
	}
	for deadline := time.Now().Add(10 * time.Second); h.finishedAt(id) == nil && time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		h.world("POST", "/_sim/release", "", nil)
	}
	h.runEnded(id)
	if v.get(href.Run(id)).doc().Find("[hx-trigger^=every]").Length() != 0 {
		t.Error("a run that has ended is still asked for")
	}
}

// finishedAt is when a run ended, nil before.
func (h *house) finishedAt(id string) *time.Time {
	h.t.Helper()
	run, err := h.DB.Run(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return run.FinishedAt
}

// someone serves the account.
func (h *house) someone(accountID string) string {
	h.t.Helper()
	rows, _, err := h.DB.Servicers(h.t.Context(), accountID, db.ServicerFilter{Kind: db.KindUser}, "", 1)
	if err != nil || len(rows) != 1 {
		h.t.Fatal(rows, err)
	}
	return rows[0].MemberID
}

func TestServicerRunRefused(t *testing.T) {
	h := newHouse(t)
	a, v := h.staffed(), h.as("manager")
	ids := h.free(a.ID, 3)
	h.fault(`{"endpoint":"kf/servicer/add","kind":"errcode","code":48007}`)
	run := h.runEnded(v.post(href.Account(a.ID, "servicers"), "ids", strings.Join(ids, "\n")).runOf())
	page := v.get(href.Run(run.ID)).want(http.StatusOK)
	if run.Failed != 3 || page.text(".notice.danger strong") != "被企业微信拒绝" || page.text(".feed code") != "48007" || page.text(".feed .num") != "3 项" || page.doc().Find("form[action$=undo]").Length() != 0 {
		t.Errorf("refused: %+v, %q", run, page.text("#run"))
	}
	h.fault(`{"endpoint":"kf/servicer/add","kind":"cut_before","times":-1}`)
	run = h.runEnded(v.post(href.Account(a.ID, "servicers"), "ids", ids[0]).runOf())
	if got := v.get(href.Run(run.ID)).text("#results td.wide"); run.Failed != 1 || got != "没有生效：请求没有送达，或核对后确认企业微信没有执行" {
		t.Errorf("WeCom down: %+v, %q", run, got)
	}
}
