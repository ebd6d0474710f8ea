package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
)

// rule makes a rule and returns its id.
func (h *house) rule() string {
	h.t.Helper()
	r := db.ReplyRule{ID: db.NewID(), Scene: db.SceneWelcome, Name: "欢迎", Days: 127, Text: "您好", Enabled: true, CreatedAt: time.Now(), UpdatedAt: time.Now()}
	if err := h.DB.InsertReplyRule(h.t.Context(), r); err != nil {
		h.t.Fatal(err)
	}
	return r.ID
}

func TestReplyFromFormToCustomer(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	if got := v.get("/settings/replies").want(http.StatusOK).text(".empty-title"); got != "还没有规则" {
		t.Errorf("empty list says %q", got)
	}
	form := v.get("/settings/replies/new").want(http.StatusOK)
	short := v.submit(form, "/settings/replies", "name", "", "text", "您好").want(http.StatusUnprocessableEntity)
	if short.doc().Find("textarea[name=text]").Text() != "您好" {
		t.Error("what was typed is lost")
	}
	v.submit(form, "/settings/replies", "name", "白天", "from", "09:00", "to", "18:00", "text", "您好，请选择", "menu", "查询物流\n帮助 https://example.com/help", "tail", "或直接留言").want(http.StatusSeeOther)
	rules, err := h.DB.ReplyRules(t.Context())
	if err != nil || len(rules) != 1 {
		t.Fatalf("%d rules, %v", len(rules), err)
	}
	list := v.in("en").get("/settings/replies").want(http.StatusOK)
	if got := list.text("tbody tr"); !strings.Contains(got, "Welcome") || !strings.Contains(got, "Every day · 09:00 – 18:00") {
		t.Errorf("row: %s", got)
	}
	test := func(at string) string {
		q := url.Values{"account": {h.account(0).ID}, "scene": {"welcome"}, "at": {at}}
		return v.get("/settings/replies/test?" + q.Encode()).want(http.StatusOK).text("#result")
	}
	if got := test("2026-11-20T10:00"); !strings.Contains(got, "白天") || !strings.Contains(got, "查询物流") || !strings.Contains(got, "或直接留言") {
		t.Errorf("by day: %s", got)
	}
	if got := test("2026-11-20T18:00"); !strings.Contains(got, "不会发送任何内容") {
		t.Errorf("at 18:00: %s", got)
	}
	edit := v.get("/settings/replies/" + rules[0].ID).want(http.StatusOK)
	if got := edit.doc().Find("textarea[name=menu]").Text(); got != "查询物流\n帮助 https://example.com/help" {
		t.Errorf("menu comes back as %q", got)
	}
	late := v.get("/settings/replies/" + rules[0].ID).want(http.StatusOK)
	v.submit(edit, "/settings/replies/"+rules[0].ID, "name", "全天", "to", "09:00").want(http.StatusSeeOther)
	if got := test("2026-11-20T18:00"); !strings.Contains(got, "全天") {
		t.Errorf("after the change: %s", got)
	}
	stale := v.submit(late, "/settings/replies/"+rules[0].ID, "name", "又改").want(http.StatusConflict)
	if stale.value("name") != "又改" {
		t.Error("what was typed is lost in a conflict")
	}
	gone := v.get("/settings/replies/" + rules[0].ID + "/delete").want(http.StatusOK)
	v.submit(gone, "/settings/replies/"+rules[0].ID+"/delete").want(http.StatusSeeOther)
	if got := test("2026-11-20T10:00"); !strings.Contains(got, "不会发送任何内容") {
		t.Errorf("after the end: %s", got)
	}
}

func TestReplyBadInput(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	form := v.get("/settings/replies/new").want(http.StatusOK)
	for _, c := range []struct{ field, selector, value string }{
		{"text", "text", strings.Repeat("字", 683)},
		{"menu", "menu", strings.Repeat("项\n", 11)},
		{"menu", "menu", "查询 https://"},
		{"from", "from", "25:00"},
		{"to", "to", "soon"},
		{"name", "name", strings.Repeat("长", 61)},
	} {
		pairs := map[string]string{"name": "规则", "text": "您好"}
		pairs[c.field] = c.value
		var typed []string
		for field, value := range pairs {
			typed = append(typed, field, value)
		}
		page := v.submit(form, "/settings/replies", typed...).want(http.StatusUnprocessableEntity)
		if page.text("#f-"+c.selector+"-error") == "" {
			t.Errorf("%s %q: no sentence beside the field; %s", c.field, c.value[:min(20, len(c.value))], page.text(".field-error"))
		}
	}
	queue := v.submit(form, "/settings/replies", "scene", "queue", "name", "排队", "text", "请稍候", "menu", "取消").want(http.StatusUnprocessableEntity)
	if got := queue.text("#f-menu-error"); !strings.Contains(got, "只能是文本") {
		t.Errorf("a menu for the queue: %q", got)
	}
	v.get("/settings/replies/test?scene=dinner").want(http.StatusBadRequest)
	v.get("/settings/replies/test?scene=welcome&at=now").want(http.StatusBadRequest)
	v.get("/settings/replies/log?state=x").want(http.StatusBadRequest)
	v.get("/settings/replies/nothing").want(http.StatusNotFound)
	h.as("viewer").post("/settings/replies", "name", "x").want(http.StatusForbidden)
}

func TestReplyLog(t *testing.T) {
	h := newHouse(t)
	at := time.Now().Add(-time.Hour)
	c := h.storeTalk(firstTalk{h.account(0).ID, "wmone", "晴天小雨", "", "在吗", at})
	for _, code := range []db.Code{
		{Scene: db.SceneWelcome, State: db.CodeSkipped, Reason: "native_or_repeat", DoneAt: at},
		{Scene: db.SceneQueue, State: db.CodeSent, DoneAt: at.Add(2 * time.Second)},
		{Scene: db.SceneEnding, State: db.CodeRefused, Errcode: 95018, DoneAt: at},
	} {
		code.ID, code.AccountID, code.ConversationID, code.CustomerID, code.GotAt, code.ExpiresAt = db.NewID(), c.AccountID, c.ID, c.CustomerID, at, at.Add(time.Minute)
		if err := h.DB.InsertCode(t.Context(), code); err != nil {
			t.Fatal(err)
		}
	}
	v := h.as("manager")
	page := v.get("/settings/replies/log").want(http.StatusOK).text("tbody")
	for _, want := range []string{"没有给出发送凭证", "事件后 2 秒", "95018", "晴天小雨"} {
		if !strings.Contains(page, want) {
			t.Errorf("log lacks %q: %s", want, page)
		}
	}
	if got := v.get("/settings/replies/log?state=sent").want(http.StatusOK).doc().Find("tbody tr").Length(); got != 1 {
		t.Errorf("%d rows were sent, want 1", got)
	}
	if strings.Contains(h.as("auditor").get("/settings/replies/log").want(http.StatusOK).text("tbody"), "晴天小雨") {
		t.Error("an auditor reads the name")
	}
}
