package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/web/templates/href"
)

func TestSceneInbox(t *testing.T) {
	h := newHouse(t)
	v, at := h.as("manager"), time.Now().Add(-time.Hour)
	if got := v.get("/links/scenes").want(http.StatusOK).text(".empty-title"); got != "没有未知的来源" {
		t.Errorf("empty inbox says %q", got)
	}
	makeLink(t, v, h.account(0).ID, "官网页脚", "web_footer")
	h.storeTalk(firstTalk{h.account(0).ID, "wmone", "", "web_footer", "在吗", at})
	h.storeTalk(firstTalk{h.account(0).ID, "wmtwo", "", "old_poster", "在吗", at})
	h.storeTalk(firstTalk{h.account(1).ID, "wmtwo", "", "old_poster", "你好", at.Add(time.Minute)})
	page := v.get("/links/scenes").want(http.StatusOK)
	if got := page.doc().Find("tbody tr").Length(); got != 1 {
		t.Fatalf("%d unknown scenes, want 1: %s", got, page.text("tbody"))
	}
	if got := v.get("/links").want(http.StatusOK).text("main header"); !strings.Contains(got, "1 个未知来源") {
		t.Errorf("register says %q", got)
	}
	form := v.get(href.Scene("old_poster")).want(http.StatusOK)
	v.submit(form, href.Scene("old_poster"), "name", "").want(http.StatusUnprocessableEntity)
	v.submit(form, href.Scene("old_poster"), "name", "旧海报").want(http.StatusSeeOther)
	if got := v.in("en").get("/links/scenes").want(http.StatusOK).text("main"); !strings.Contains(got, "旧海报") || !strings.Contains(got, "All named") {
		t.Errorf("inbox after naming: %s", got)
	}
	if got := v.get("/customers/wmtwo").want(http.StatusOK).text("main"); !strings.Contains(got, "旧海报") {
		t.Errorf("visits do not know the name: %s", got)
	}
	v.get(href.Scene(strings.Repeat("x", 129))).want(http.StatusBadRequest)
	h.as("viewer").get(href.Scene("old_poster")).want(http.StatusForbidden)
}

func TestLinkShowsWhatItBrought(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	l := makeLink(t, v, h.account(0).ID, "官网页脚", "web_footer")
	plain := makeLink(t, v, h.account(0).ID, "短信", "")
	if got := v.get(href.Link(l.ID)).want(http.StatusOK).text("#brought"); !strings.Contains(got, "还没有客户") {
		t.Errorf("before anybody came: %s", got)
	}
	h.storeTalk(firstTalk{l.AccountID, "wmone", "", "web_footer", "在吗", time.Now()})
	h.storeTalk(firstTalk{l.AccountID, "wmtwo", "", "web_footer", "在吗", time.Now().Add(-20 * 24 * time.Hour)})
	h.storeTalk(firstTalk{h.account(1).ID, "wmthree", "", "web_footer", "在吗", time.Now()})
	for days, want := range map[string]string{"": "2 次进入，2 次发过消息，0 次由人工接待。", "?days=7": "1 次进入，1 次发过消息，0 次由人工接待。"} {
		if got := v.get(href.Link(l.ID) + days).want(http.StatusOK).text("#brought p.sr"); got != want {
			t.Errorf("%q: %q, want %q", days, got, want)
		}
	}
	if got := v.get(href.Link(plain.ID)).want(http.StatusOK).text("#brought"); !strings.Contains(got, "没有场景值") {
		t.Errorf("a link without a scene: %s", got)
	}
	v.get(href.Link(l.ID) + "?days=31").want(http.StatusBadRequest)
}

func TestOverviewCountsConversations(t *testing.T) {
	h := newHouse(t)
	h.storeTalk(firstTalk{h.account(0).ID, "wmone", "", "", "在吗", time.Now().Add(-6 * time.Minute)})
	page := h.as("viewer").get("/").want(http.StatusOK)
	if got := page.text("#now .tile:first-child"); got != "未处理 1 最久 6 分" {
		t.Errorf("first tile: %q", got)
	}
	if got := page.text("#now .tile:last-child"); !strings.Contains(got, "–") {
		t.Errorf("first reply without one: %q", got)
	}
}
