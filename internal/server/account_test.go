package server

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

func TestAccountIndex(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	page := v.get("/accounts").want(http.StatusOK)
	if n := page.doc().Find("#list tbody tr").Length(); n != 12 {
		t.Errorf("%d rows", n)
	}
	if !strings.Contains(page.text(".head"), "12 个账号，8 个由 API 管理") {
		t.Errorf("facts %q", page.text(".head"))
	}
	page = v.get("/accounts?filter=managed&sort=servicers&dir=desc").want(http.StatusOK)
	if n := page.doc().Find("#list tbody tr").Length(); n != 8 {
		t.Errorf("%d managed rows", n)
	}
	if dir, _ := page.doc().Find("th[aria-sort=descending]").Attr("aria-sort"); dir == "" {
		t.Error("no column is sorted")
	}
	a := h.account(0)
	page = v.get("/accounts?q=" + a.ID[4:14]).want(http.StatusOK)
	if n := page.doc().Find("#list tbody tr").Length(); n != 1 {
		t.Errorf("%d rows by id", n)
	}
	page = v.get("/accounts?q=nothing-like-this").want(http.StatusOK)
	if !strings.Contains(page.text("#list"), "没有符合条件的账号") {
		t.Errorf("empty state %q", page.text("#list"))
	}
	part := v.with("HX-Request", "true").get("/accounts?filter=unstaffed").want(http.StatusOK)
	if part.doc().Find("nav, header.top").Length() != 0 || part.doc().Find("#list").Length() != 1 {
		t.Error("a part has the frame around it")
	}
	english := v.in("en").get("/accounts")
	if english.text("h1") != "KF accounts" {
		t.Errorf("title %q", english.text("h1"))
	}
}

func TestForgedAddresses(t *testing.T) {
	h := newHouse(t)
	v := h.as("owner")
	for _, path := range []string{"/accounts?after=forged", "/accounts?sort=secret", "/accounts?dir=up", "/accounts?filter=x", "/audit?from=yesterday", "/audit?outcome=x", "/audit?after=AAAA", "/links?sort=x"} {
		if r := v.get(path); r.Code != http.StatusBadRequest || !strings.Contains(r.text("main"), "无法识别") {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
	for _, path := range []string{"/accounts/wkNone", "/accounts/wkNone/edit", "/links/none", "/audit/none", "/runs/none"} {
		if r := v.get(path); r.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
}

func TestAccountCreate(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	intent := v.get("/accounts/new").want(http.StatusOK).value("intent")
	r := v.post("/accounts", "intent", intent, "name", "一二三四五六七八九十一二三四五六七").want(http.StatusUnprocessableEntity)
	if r.value("name") != "一二三四五六七八九十一二三四五六七" || !strings.Contains(r.text(".field-error"), "最多 16 个字符") {
		t.Errorf("form came back as %s", r.text("main"))
	}
	intent = r.value("intent")
	first := v.post("/accounts", "intent", intent, "name", "门店自提").want(http.StatusSeeOther)
	second := v.post("/accounts", "intent", intent, "name", "门店自提").want(http.StatusSeeOther)
	if first.Header.Get("Location") != second.Header.Get("Location") {
		t.Errorf("sent twice: %q and %q", first.Header.Get("Location"), second.Header.Get("Location"))
	}
	list, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{Q: "门店自提"}, "", 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d accounts, %v", len(list), err)
	}
	page := v.get(first.Header.Get("Location")).want(http.StatusOK)
	if page.text("h1") != "门店自提" || !strings.Contains(page.text(".toast"), "已完成：添加客服账号：门店自提") {
		t.Errorf("title %q, message %q", page.text("h1"), page.text(".toast"))
	}
	if recent := page.text(".feed"); !strings.Contains(recent, "添加客服账号") {
		t.Errorf("the last changes are %q", recent)
	}
	trail := v.get("/accounts/" + list[0].ID + "/audit").want(http.StatusOK)
	if n := trail.doc().Find("#list tbody tr").Length(); n != 1 || !strings.Contains(trail.text("#list"), "添加客服账号") || !strings.Contains(trail.text(".pager"), "共 1 条") {
		t.Errorf("%d rows: %s", n, trail.text("#list"))
	}
}

func TestAccountRenameConflictAndUndo(t *testing.T) {
	h := newHouse(t)
	one, two := h.as("manager"), h.as("owner")
	a := h.account(0)
	path := "/accounts/" + a.ID
	formOne, formTwo := one.get(path+"/edit"), two.get(path+"/edit")
	done := one.post(path, "intent", formOne.value("intent"), "rev", formOne.value("rev"), "seen_name", formOne.value("seen_name"), "seen_picture", formOne.value("seen_picture"), "name", "新名字").want(http.StatusSeeOther).done()
	r := two.post(path, "intent", formTwo.value("intent"), "rev", formTwo.value("rev"), "seen_name", formTwo.value("seen_name"), "seen_picture", formTwo.value("seen_picture"), "name", "另一个名字").want(http.StatusConflict)
	if text := r.text("main"); !strings.Contains(text, "manager") || !strings.Contains(text, "新名字") || r.value("name") != "另一个名字" {
		t.Errorf("conflict says %q", text)
	}
	if r.value("rev") == formTwo.value("rev") {
		t.Error("the form keeps the old revision")
	}
	page := one.get(path + "?done=" + done).want(http.StatusOK)
	action, _ := page.doc().Find(".toast form").Attr("action")
	if action != "/audit/"+done+"/undo" {
		t.Fatalf("undo leads to %q", action)
	}
	one.post(action, "intent", db.NewID(), "return", path).want(http.StatusSeeOther)
	now, err := h.DB.Account(t.Context(), a.ID)
	if err != nil || now.Name != a.Name {
		t.Errorf("name is %q, want %q (%v)", now.Name, a.Name, err)
	}
}

func TestAccountRefusedAndLost(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(1)
	path := "/accounts/" + a.ID
	h.fault(`{"endpoint":"kf/account/update","kind":"errcode","code":95006,"times":1}`)
	r := v.post(path, "intent", db.NewID(), "rev", revOf(a), "seen_name", a.Name, "seen_picture", a.PictureID, "name", "不行的名字").want(http.StatusUnprocessableEntity)
	if text := r.text(".error-card"); !strings.Contains(text, "95006") || r.value("name") != "不行的名字" {
		t.Errorf("card %q", text)
	}
	h.fault(`{"endpoint":"kf/account/update","kind":"cut_after","times":1}`)
	r = v.post(path, "intent", db.NewID(), "rev", revOf(a), "seen_name", a.Name, "seen_picture", a.PictureID, "name", "结果未知").want(http.StatusSeeOther)
	page := v.get(r.Header.Get("Location")).want(http.StatusOK)
	if !strings.Contains(page.text(".toast"), "尚未给出结果") {
		t.Errorf("message %q", page.text(".toast"))
	}
	entry := v.get("/audit/" + r.done()).want(http.StatusOK)
	if !strings.Contains(entry.text("main"), "结果未知") {
		t.Errorf("entry %q", entry.text("main"))
	}
	v.post("/audit/" + r.done() + "/settle").want(http.StatusSeeOther)
	e, err := h.DB.AuditEntry(t.Context(), r.done())
	if err != nil || e.Outcome == nil || e.Outcome.Result != ops.Done {
		t.Errorf("entry %+v, %v", e, err)
	}
	now, _ := h.DB.Account(t.Context(), a.ID)
	if now.Name != "结果未知" {
		t.Errorf("name is %q", now.Name)
	}
}

func TestAccountPicture(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(2)
	var wide, square bytes.Buffer
	_ = png.Encode(&wide, image.NewRGBA(image.Rect(0, 0, 300, 200)))
	_ = png.Encode(&square, image.NewRGBA(image.Rect(0, 0, 300, 300)))
	for _, c := range []struct {
		name string
		file []byte
		more []string
		code int
		says string
	}{
		{"not square", wide.Bytes(), nil, 422, "正方形"},
		{"fake", []byte("\x89PNG this is not a picture at all"), nil, 422, "JPG 或 PNG"},
		{"large", bytes.Repeat([]byte{1}, 3<<20), nil, 422, "超过 2 MB"},
		{"crop outside", wide.Bytes(), []string{"x", "250", "y", "0", "size", "200"}, 422, "裁剪"},
		{"cropped", wide.Bytes(), []string{"x", "10", "y", "0", "size", "200"}, 303, ""},
	} {
		a, _ = h.DB.Account(t.Context(), a.ID)
		r := v.upload("/accounts/"+a.ID, c.file, append(c.more, "name", a.Name, "rev", revOf(a), "seen_name", a.Name, "seen_picture", a.PictureID)...)
		if r.Code != c.code || !strings.Contains(r.text(".field-error"), c.says) {
			t.Errorf("%s: %d %q", c.name, r.Code, r.text(".field-error"))
		}
	}
	now, _ := h.DB.Account(t.Context(), a.ID)
	r := v.get("/accounts/" + a.ID + "/picture?v=" + now.PictureID[:12]).want(http.StatusOK)
	if r.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("headers %v", r.Header)
	}
}

func TestAccountDelete(t *testing.T) {
	h := newHouse(t)
	v := h.as("owner")
	a := h.account(3)
	path := "/accounts/" + a.ID + "/delete"
	page := v.get(path).want(http.StatusOK)
	v.post(path, "intent", page.value("intent"), "typed", "别的名字").want(http.StatusUnprocessableEntity)
	v.post(path, "intent", db.NewID(), "typed", a.Name).want(http.StatusSeeOther)
	now, err := h.DB.Account(t.Context(), a.ID)
	if err != nil || now.GoneAt == nil {
		t.Errorf("account %+v, %v", now, err)
	}
	if text := v.get("/accounts/" + a.ID).want(http.StatusOK).text("main"); !strings.Contains(text, "已删除") {
		t.Errorf("page says %q", text)
	}
}

func TestReadOnlyAccountSaysWhy(t *testing.T) {
	h := newHouse(t)
	list, _, err := h.DB.Accounts(t.Context(), db.AccountFilter{Filter: db.FilterReadOnly}, "", 10)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	page := h.as("owner").get("/accounts/" + list[0].ID).want(http.StatusOK)
	if why, _ := page.doc().Find(".head button[aria-disabled=true]").First().Attr("aria-description"); !strings.Contains(why, "未分配给本应用") {
		t.Errorf("reason %q", why)
	}
}

func TestMirrorWithoutWeCom(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	h.fault(`{"endpoint":"kf/account/list","kind":"status","code":502,"times":-1}`)
	v.post("/accounts/refresh", "return", "/accounts").want(http.StatusSeeOther)
	page := v.get("/accounts").want(http.StatusOK)
	if !strings.Contains(page.text(".notice"), "无法从企业微信读取") || page.doc().Find("#list tbody tr").Length() != 12 {
		t.Errorf("page says %q", page.text(".notice"))
	}
}

func revOf(a db.Account) string { return strconv.FormatInt(a.Rev, 10) }

// upload sends a form with a picture.
func (v *visitor) upload(path string, picture []byte, pairs ...string) answer {
	v.h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	pairs = append(pairs, "intent", db.NewID())
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	part, _ := w.CreateFormFile("picture", "picture.png")
	_, _ = part.Write(picture)
	_ = w.Close()
	req := httptest.NewRequest(http.MethodPost, path, &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.send(req)
}
