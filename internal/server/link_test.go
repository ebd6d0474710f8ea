package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
)

// makeLink makes a link by the form and returns it as stored.
func makeLink(t *testing.T, v *visitor, accountID, name, scene string, more ...string) db.Link {
	t.Helper()
	to := v.post("/links", append([]string{"account", accountID, "name", name, "scene", scene}, more...)...).want(http.StatusSeeOther).Header.Get("Location")
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := v.h.DB.Link(t.Context(), strings.TrimPrefix(u.Path, "/links/"))
	if err != nil {
		t.Fatalf("%s: %v", to, err)
	}
	return l
}

// storeLinks puts links of one account into the register without asking WeCom, a
// minute apart.
func (h *house) storeLinks(accountID string, n int) {
	h.t.Helper()
	start := time.Now().Add(-24 * time.Hour)
	for i := range n {
		at := start.Add(time.Duration(i) * time.Minute)
		l := db.Link{ID: db.NewID(), AccountID: accountID, Scene: "row" + string(rune('a'+i%26)), Name: "row " + start.Add(time.Duration(i)*time.Second).Format("150405"),
			URL: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E", CreatedBy: "x", CreatedByName: "owner", CreatedAt: at, UpdatedAt: at}
		if i%2 == 1 {
			l.Campaign = "odd"
		}
		if err := h.DB.InsertLink(h.t.Context(), l); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestLinkFromFormToPage(t *testing.T) {
	h := newHouse(t)
	v, account := h.as("manager"), h.account(0)

	empty := v.get("/links").want(http.StatusOK)
	if got := empty.text(".empty-title"); got != "还没有链接" {
		t.Errorf("empty register says %q", got)
	}
	form := v.get("/links/new?account=" + account.ID).want(http.StatusOK)
	if got, _ := form.doc().Find("select[name=account] option[selected]").Attr("value"); got != account.ID {
		t.Errorf("preselected account %q, want %q", got, account.ID)
	}
	if got := form.doc().Find("select[name=account] option[value^=wk]").Length(); got != 12 {
		t.Errorf("%d accounts on offer, want all 12, read-only ones too", got)
	}
	if got, _ := form.doc().Find("input[name=scene]").Attr("data-pattern"); got != `[0-9a-zA-Z_\-]{0,32}` {
		t.Errorf("scene is checked while typing with %q", got)
	}

	res := v.post("/links", "intent", form.value("intent"), "account", account.ID, "name", "门店收银台立牌", "scene", "shop_desk", "campaign", "双十一门店", "note", "全国 86 家门店通用")
	id := form.value("intent")
	if got := res.want(http.StatusSeeOther).Header.Get("Location"); got != href.Done(href.Link(id), id) {
		t.Fatalf("sent on to %s", got)
	}
	l, err := h.DB.Link(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	checkLinkPage(t, v.get(res.Header.Get("Location")).want(http.StatusOK), account, l)

	for _, path := range []string{"/links", href.Account(account.ID, "links")} {
		rows := v.get(path).want(http.StatusOK).doc().Find("tbody tr")
		if got, _ := rows.Find("a[data-row-link]").Attr("href"); rows.Length() != 1 || got != href.Link(id) {
			t.Errorf("%s: %d rows, the first leads to %q", path, rows.Length(), got)
		}
		if got, _ := rows.Find("[data-copy]").Attr("data-copy"); got != l.URL {
			t.Errorf("%s: a row copies %q", path, got)
		}
	}
	if again := v.post("/links", "intent", id, "account", account.ID, "name", "门店收银台立牌", "scene", "shop_desk"); again.want(http.StatusSeeOther).Header.Get("Location") != res.Header.Get("Location") {
		t.Errorf("the second submit leads to %s", again.Header.Get("Location"))
	}
	if counts, err := h.DB.LinkCounts(t.Context()); err != nil || counts.Active != 1 {
		t.Errorf("after two submits of one form: %+v, %v", counts, err)
	}
}

// checkLinkPage checks what the page of a new link says.
func checkLinkPage(t *testing.T, page answer, account db.Account, l db.Link) {
	t.Helper()
	for selector, want := range map[string]string{
		"h1": "门店收银台立牌", "#link-address code": l.URL, "#link-plain code": l.URL, ".toast.ok p": "已完成：创建链接：门店收银台立牌", ".code-facts .state": "已自检：可识别",
		".crumbs li:nth-child(2)": account.Name, "#link-param-count": "0 / 128 字节",
	} {
		if got := page.text(selector); got != want {
			t.Errorf("%s: %q, want %q", selector, got, want)
		}
	}
	for _, want := range []string{"双十一门店", "全国 86 家门店通用", "shop_desk", "manager"} {
		if !strings.Contains(page.text("main"), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if got, _ := page.doc().Find("#link-copy").Attr("data-copy"); got != l.URL {
		t.Errorf("the main action copies %q", got)
	}
	if n := page.doc().Find(".head .actions .primary").Length(); n != 1 {
		t.Errorf("%d primary actions, want one", n)
	}
}

func TestLinkForReadOnlyAccount(t *testing.T) {
	h := newHouse(t)
	list, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{Filter: db.FilterReadOnly}, "", 10)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d read-only accounts: %v", len(list), err)
	}
	v := h.as("owner")
	if got := v.get("/links/new").text(`option[value="` + list[0].ID + `"]`); got != list[0].Name+" · 只读" {
		t.Errorf("offered as %q", got)
	}
	l := makeLink(t, v, list[0].ID, "只读账号的链接", "")
	if page := v.get(href.Link(l.ID)).want(http.StatusOK); page.doc().Find("input[name=param]").Length() != 0 || !strings.Contains(page.text("main"), "这条链接没有场景值") {
		t.Error("a link without a scene offers a scene_param, or does not say why not")
	}
}

func TestLinkFormRefused(t *testing.T) {
	h := newHouse(t)
	v, account := h.as("manager"), h.account(0)
	for name, c := range map[string]struct {
		account, title, scene, campaign, note string
		field, zh, en                         string
	}{
		"no name":                {account: account.ID, field: "name", zh: "请填写", en: "Required"},
		"name of 61":             {account: account.ID, title: strings.Repeat("名", 61), field: "name", zh: "最多 60 个字符", en: "At most 60 characters"},
		"scene in Chinese":       {account: account.ID, title: "a", scene: "门店", field: "scene", zh: "只能使用 0-9、a-z、A-Z、_ 和 -", en: "Only 0-9, a-z, A-Z, _ and -"},
		"scene of 33 bytes":      {account: account.ID, title: "a", scene: strings.Repeat("s", 33), field: "scene", zh: "最多 32 个字符", en: "At most 32 characters"},
		"scene with a space":     {account: account.ID, title: "a", scene: "a b", field: "scene", zh: "只能使用 0-9、a-z、A-Z、_ 和 -", en: "Only 0-9, a-z, A-Z, _ and -"},
		"campaign of 61":         {account: account.ID, title: "a", campaign: strings.Repeat("c", 61), field: "campaign", zh: "最多 60 个字符", en: "At most 60 characters"},
		"note with a bell":       {account: account.ID, title: "a", note: "x\a", field: "note", zh: "包含看不见的控制字符，请重新输入", en: "Contains invisible control characters; type it again"},
		"no account":             {title: "a", field: "account", zh: "请选择账号", en: "Choose an account"},
		"account never heard of": {account: "wkNobody", title: "a", field: "account", zh: "这个账号已不在企业微信中，请选择另一个", en: "This account is no longer in WeCom; choose another"},
	} {
		t.Run(name, func(t *testing.T) {
			for lang, want := range map[string]string{"zh-CN": c.zh, "en": c.en} {
				page := v.in(lang).post("/links", "account", c.account, "name", c.title, "scene", c.scene, "campaign", c.campaign, "note", c.note).want(http.StatusUnprocessableEntity)
				if got := page.text("#f-" + c.field + "-error"); got != want {
					t.Errorf("%s beside %s: %q, want %q", lang, c.field, got, want)
				}
				if bad := page.doc().Find("[aria-invalid=true]"); bad.Length() != 1 || bad.AttrOr("name", "") != c.field {
					t.Errorf("%d fields marked, want %s", bad.Length(), c.field)
				}
				if page.value("scene") != c.scene || page.value("name") != c.title || page.value("campaign") != c.campaign {
					t.Error("what was typed is gone")
				}
			}
		})
	}
	if counts, err := h.DB.LinkCounts(t.Context()); err != nil || counts.Active != 0 {
		t.Errorf("refused forms left %+v, %v", counts, err)
	}
}

func TestLinkRights(t *testing.T) {
	h := newHouse(t)
	l := makeLink(t, h.as("owner"), h.account(0).ID, "only to look at", "look")
	viewer := h.as("viewer")
	page := viewer.get(href.Link(l.ID)).want(http.StatusOK)
	if got := page.doc().Find(".actions .why [aria-disabled=true]").Length(); got != 2 {
		t.Errorf("%d greyed actions for a viewer, want archive and edit", got)
	}
	if strings.Contains(page.text("main"), "变更记录") {
		t.Error("a viewer sees the audit log")
	}
	if got := h.as("auditor").get(href.Link(l.ID)).text("main"); !strings.Contains(got, "变更记录") {
		t.Error("an auditor does not see the changes")
	}
	for _, path := range []string{"/links", href.Link(l.ID), href.Link(l.ID, "archive"), href.Link(l.ID, "restore")} {
		viewer.post(path, "name", "x", "rev", "1").want(http.StatusForbidden)
	}
	for _, path := range []string{"/links/new", href.Link(l.ID, "edit")} {
		viewer.get(path).want(http.StatusForbidden)
	}
	entries, _, err := h.DB.AuditEntries(t.Context(), db.AuditFilter{Action: "access.denied", OperatorName: "viewer"}, "", 50)
	if err != nil || len(entries) != 6 {
		t.Errorf("%d denials recorded, want 6: %v", len(entries), err)
	}
	for _, path := range []string{"/links", href.Link(l.ID), href.Link(l.ID, "qr.png"), href.Link(l.ID, "print")} {
		if got := h.anonymous().get(path).want(http.StatusSeeOther).Header.Get("Location"); !strings.HasPrefix(got, "/login") {
			t.Errorf("%s sends a stranger to %s", path, got)
		}
		viewer.get(path).want(http.StatusOK)
	}
	viewer.get("/links/" + db.NewID()).want(http.StatusNotFound)
}

func TestLinkUpdateAndConflict(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	l := makeLink(t, v, h.account(0).ID, "first", "s1", "campaign", "spring")
	form := v.get(href.Link(l.ID, "edit")).want(http.StatusOK)
	if got, _ := form.doc().Find("input[name=scene]").Attr("disabled"); form.doc().Find("input[name=scene][disabled]").Length() != 1 {
		t.Errorf("the scene can be edited: %q", got)
	}
	if got := form.doc().Find("datalist option[value=spring]").Length(); got != 1 {
		t.Error("the campaign in use is not suggested")
	}
	other := h.as("owner")
	other.post(href.Link(l.ID), "rev", form.value("rev"), "name", "theirs", "campaign", "spring", "note", "").want(http.StatusSeeOther)

	mine := v.post(href.Link(l.ID), "intent", form.value("intent"), "rev", form.value("rev"), "name", "mine", "campaign", "spring", "note", "n").want(http.StatusConflict)
	if got := mine.text(".notice.warn"); !strings.Contains(got, "theirs") || !strings.Contains(got, "mine") || !strings.Contains(got, "owner") {
		t.Errorf("conflict says %q", got)
	}
	if mine.value("name") != "mine" || mine.text("textarea[name=note]") != "n" {
		t.Error("what was typed is gone")
	}
	done := v.post(href.Link(l.ID), "intent", mine.value("intent"), "rev", mine.value("rev"), "name", "mine", "campaign", "spring", "note", "n").want(http.StatusSeeOther)
	page := v.get(done.Header.Get("Location")).want(http.StatusOK)
	if page.text("h1") != "mine" || page.doc().Find(".toast form[action$=undo]").Length() != 1 {
		t.Errorf("after the second save: title %q, toast %q", page.text("h1"), page.text(".toast"))
	}
	same := v.post(href.Link(l.ID), "rev", v.get(href.Link(l.ID, "edit")).value("rev"), "name", "mine", "campaign", "spring", "note", "n").want(http.StatusUnprocessableEntity)
	if got := same.text("#f-name-error"); got != "没有任何改变，请先修改内容" {
		t.Errorf("saving nothing says %q", got)
	}
	v.post(href.Link(l.ID), "rev", "x", "name", "y").want(http.StatusBadRequest)
	v.post(href.Link(db.NewID()), "rev", "1", "name", "y").want(http.StatusNotFound)
}

func TestLinkArchiveAndBack(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	l := makeLink(t, v, h.account(0).ID, "to the shelf", "shelf")
	button := v.get(href.Link(l.ID)).doc().Find("form[action$=archive] [name=intent]").AttrOr("value", "")
	gone := v.post(href.Link(l.ID, "archive"), "intent", button).want(http.StatusSeeOther)
	page := v.get(gone.Header.Get("Location")).want(http.StatusOK)
	if !strings.Contains(page.text(".notice"), "这条链接已归档") || page.text("#link-address code") != l.URL {
		t.Errorf("an archived link's page: %q, address %q", page.text(".notice"), page.text("#link-address code"))
	}
	if page.doc().Find(".toast form[action$=undo]").Length() != 1 {
		t.Error("archiving offers no undo")
	}
	if got := v.get("/links").doc().Find("tbody tr").Length(); got != 0 {
		t.Errorf("%d rows in the register after archiving", got)
	}
	archived := v.get("/links?archived=1").want(http.StatusOK)
	if got := archived.text("tbody a[data-row-link]"); got != "to the shelf" || archived.doc().Find(".chip.on").Length() != 1 {
		t.Errorf("archived links: %q", got)
	}
	if to := v.post(href.Link(l.ID, "archive"), "intent", db.NewID()).want(http.StatusSeeOther).Header.Get("Location"); to != href.Link(l.ID) {
		t.Errorf("archiving twice leads to %s", to)
	}
	back := v.post(href.Link(l.ID, "restore"), "return", "/links?q=shelf").want(http.StatusSeeOther)
	u, err := url.Parse(back.Header.Get("Location"))
	if err != nil || u.Path != "/links" || u.Query().Get("q") != "shelf" || u.Query().Get("done") == "" {
		t.Errorf("restoring from a filtered list leads to %s", back.Header.Get("Location"))
	}
	if got := v.get(back.Header.Get("Location")).doc().Find("tbody tr").Length(); got != 1 {
		t.Errorf("%d rows after restoring", got)
	}
}

func TestLinkRegister(t *testing.T) {
	h := newHouse(t)
	v, account := h.as("viewer"), h.account(1)
	h.storeLinks(account.ID, 120)
	h.storeLinks(h.account(2).ID, 1)

	first := v.get("/links").want(http.StatusOK)
	if rows := first.doc().Find("tbody tr").Length(); rows != perPage || first.text(".pager .muted") != "本页 25 条，共 121 条" {
		t.Errorf("%d rows; %q", rows, first.text(".pager .muted"))
	}
	if got := first.doc().Find("th[aria-sort=descending]").Length(); got != 1 {
		t.Error("the newest are not first")
	}
	second := v.get(first.doc().Find(".pager nav a").Last().AttrOr("href", "")).want(http.StatusOK)
	seen := map[string]bool{}
	for _, page := range []answer{first, second} {
		for _, a := range page.doc().Find("a[data-row-link]").EachIter() {
			seen[a.AttrOr("href", "")] = true
		}
	}
	if len(seen) != 2*perPage {
		t.Errorf("two pages show %d different links", len(seen))
	}
	for query, want := range map[string]string{
		"account=" + account.ID:                           "本页 25 条，共 120 条",
		"campaign=odd":                                    "本页 25 条，共 60 条",
		"campaign=odd&q=rowb":                             "本页 5 条，共 5 条",
		"sort=name&dir=desc&account=" + account.ID:        "本页 25 条，共 120 条",
		"sort=account&campaign=odd&q=rowb":                "本页 5 条，共 5 条",
		"sort=created&dir=asc&account=" + h.account(2).ID: "本页 1 条，共 1 条",
	} {
		if got := v.get("/links?" + query).want(http.StatusOK).text(".pager .muted"); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	none := v.get("/links?q=nothing+like+it").want(http.StatusOK)
	if none.text(".empty-title") != "没有符合条件的链接" || none.doc().Find(".empty a[href='/links']").Length() != 1 {
		t.Errorf("no match: %q", none.text(".empty"))
	}
	chips := v.get("/links?account=" + account.ID + "&campaign=odd&archived=1").want(http.StatusOK)
	if got := chips.text(".filters .chip.on b"); got != account.Name+"odd" {
		t.Errorf("chosen filters: %q", got)
	}
	own := v.get(href.Account(account.ID, "links") + "?q=rowa").want(http.StatusOK)
	if own.text(".pager .muted") != "本页 5 条，共 5 条" || own.doc().Find(".tabs [aria-current]").AttrOr("href", "") != href.Account(account.ID, "links") {
		t.Errorf("the account's register: %q", own.text(".pager .muted"))
	}
	for _, bad := range []string{"sort=scene", "dir=up", "archived=yes", "after=forged", "q=" + strings.Repeat("x", 241), "campaign=%ff", "sort=name&after=" + url.QueryEscape(nextOf(first))} {
		v.get("/links?" + bad).want(http.StatusBadRequest)
	}
	part := v.with("HX-Request", "true").get("/links?q=rowa").want(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.doc().Find("#list tbody tr").Length() != 6 {
		t.Errorf("a part of the page: %d rows", part.doc().Find("#list tbody tr").Length())
	}
}

// nextOf is the cursor of a list's next page.
func nextOf(page answer) string {
	u, err := url.Parse(page.doc().Find(".pager nav a").Last().AttrOr("href", ""))
	if err != nil {
		return ""
	}
	return u.Query().Get("after")
}

func TestLinkWhenWeComFails(t *testing.T) {
	h := newHouse(t)
	v, account := h.as("manager"), h.account(0)
	h.fault(`{"endpoint":"kf/add_contact_way","kind":"errcode","code":60020}`)
	page := v.post("/links", "account", account.ID, "name", "refused", "scene", "s").want(http.StatusUnprocessableEntity)
	if page.doc().Find(".error-card .code").Length() != 1 || !strings.Contains(page.text(".error-card"), "60020") || page.value("name") != "refused" {
		t.Errorf("WeCom's refusal: %q, name %q", page.text(".error-card"), page.value("name"))
	}
	if got, _ := page.doc().Find("select[name=account] option[selected]").Attr("value"); got != account.ID {
		t.Errorf("the account chosen is %q", got)
	}

	h.fault(`{"endpoint":"kf/add_contact_way","kind":"cut_after"}`)
	open := v.post("/links", "account", account.ID, "name", "silent", "scene", "s2").want(http.StatusSeeOther)
	if to := open.Header.Get("Location"); !strings.HasPrefix(to, "/links?done=") {
		t.Fatalf("without an answer: sent to %s", to)
	}
	if got := v.get(open.Header.Get("Location")).text(".toast"); !strings.Contains(got, "创建链接：silent") {
		t.Errorf("without an answer the message is %q", got)
	}
}

func TestLinkOfDeletedAccount(t *testing.T) {
	h := newHouse(t)
	v, account := h.as("owner"), h.account(0)
	l := makeLink(t, v, account.ID, "orphan", "s")
	if err := h.DB.MarkAccountGone(t.Context(), account.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := v.get(href.Link(l.ID)).want(http.StatusOK).text(".notice.danger"); !strings.Contains(got, "客服账号已删除") {
		t.Errorf("the link of a deleted account says %q", got)
	}
	if got := v.post("/links", "account", account.ID, "name", "x").want(http.StatusUnprocessableEntity).text("#f-account-error"); got != "这个账号已不在企业微信中，请选择另一个" {
		t.Errorf("a link for a deleted account: %q", got)
	}
	if v.get("/links/new").doc().Find(`option[value="`+account.ID+`"]`).Length() != 0 {
		t.Error("a deleted account is on offer")
	}
	if v.get(href.Account(account.ID, "links")).want(http.StatusOK).doc().Find(".card > header .why").Length() != 1 {
		t.Error("a deleted account's tab offers a new link")
	}
}
