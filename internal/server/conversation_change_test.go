package server

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// sentTexts are the texts that reached the customer, in order.
func (s *shop) sentTexts() (list []string) {
	s.t.Helper()
	rows, err := s.DB.ConversationMessages(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, row := range rows {
		if row.Origin == db.OriginConsole && row.Kind == "text" && row.Delivery == db.DeliveryAccepted {
			list = append(list, row.Text)
		}
	}
	return list
}

func TestSendText(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	page := v.get(s.page("")).want(http.StatusOK)
	if page.text("#window[data-locked]") != "" || !strings.Contains(page.text(".meters"), "5 / 5 条") {
		t.Fatalf("the window says %q", page.text("#window"))
	}
	intent := page.value("intent")
	for range 2 { // the second is a form that was sent twice
		v.post(s.page("/messages"), "intent", intent, "kind", "text", "text", "您好，请讲。").want(http.StatusSeeOther)
	}
	if got := s.sentTexts(); len(got) != 1 || got[0] != "您好，请讲。" {
		t.Errorf("the customer got %q", got)
	}
	page = v.get(s.page("")).want(http.StatusOK)
	if got := page.text("#flow .console"); !strings.Contains(got, "您好，请讲。") || !strings.Contains(got, "manager（助手身份）") || !strings.Contains(got, "已提交企业微信") {
		t.Errorf("the bubble says %q", got)
	}
	if got := page.text("#window"); !strings.Contains(got, "4 / 5 条") || s.now().State != db.StateAssistant {
		t.Errorf("afterwards: %s, state %d", got, s.now().State)
	}
}

// TestSendLongText is asked how a text will be cut before it is sent.
func TestSendLongText(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	long := strings.Repeat("很长的一句话。", 150) // 3150 bytes
	preview := v.with("HX-Request", "true").post(s.page("/preview"), "text", long).want(http.StatusOK)
	if got := preview.text("summary"); !strings.Contains(got, "2 条") {
		t.Errorf("the preview says %q", got)
	}
	asked := v.post(s.page("/messages"), "kind", "text", "text", long).want(http.StatusUnprocessableEntity)
	if !strings.Contains(asked.text(".of-text .field-error"), "2 条") || strings.TrimSpace(asked.doc().Find("textarea").Text()) != long || asked.value("parts") != "2" {
		t.Errorf("without a script nobody is asked: %q", asked.text(".of-text"))
	}
	if len(s.sentTexts()) != 0 {
		t.Error("sent before it was confirmed")
	}
	v.submit(asked, s.page("/messages"), "kind", "text").want(http.StatusSeeOther)
	if got := s.sentTexts(); strings.Join(got, "") != long || len(got) != 2 {
		t.Errorf("the customer got %d parts", len(got))
	}
	over := v.post(s.page("/messages"), "kind", "text", "text", strings.Repeat(long, 3), "parts", "5").want(http.StatusUnprocessableEntity)
	if got := over.text(".of-text .field-error"); !strings.Contains(got, "只能再发 3 条") {
		t.Errorf("too many parts: %q", got)
	}
}

// TestComposerKeepsWhatWasTyped sends what cannot be sent, in each kind.
func TestComposerKeepsWhatWasTyped(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	for name, c := range map[string]struct {
		pairs       []string
		kept, value string
		at, says    string
	}{
		"empty text":   {[]string{"kind", "text", "text", " "}, "", "", ".of-text .field-error", "请填写"},
		"no picture":   {[]string{"kind", "image"}, "", "", ".of-image .field-error", "请填写"},
		"link":         {[]string{"kind", "link", "link_title", "说明", "link_url", "ftp://x"}, "link_title", "说明", ".of-link .field-error", "请填写"},
		"no number":    {[]string{"kind", "location", "latitude", "北", "longitude", "120"}, "latitude", "北", ".of-location .field-error", "请填写数字"},
		"off the map":  {[]string{"kind", "location", "latitude", "91", "longitude", "120"}, "longitude", "120", ".of-location .field-error", "-90 到 90"},
		"menu":         {[]string{"kind", "msgmenu", "menu_head", "您好", "item_type", "view", "item_content", "帮助", "item_extra", "nowhere", "item_path", ""}, "item_extra", "nowhere", ".of-msgmenu .field-error", "http"},
		"empty menu":   {[]string{"kind", "msgmenu", "menu_head", "您好"}, "menu_head", "您好", ".of-msgmenu .field-error", "请填写"},
		"unknown kind": {[]string{"kind", "hologram"}, "", "", ".notice", "不能发送这种消息"},
		"mini program": {[]string{"kind", "miniprogram", "mini_appid", "wx1", "mini_path", "a.html"}, "mini_appid", "wx1", ".of-miniprogram .field-error", "请填写"},
	} {
		page := v.post(s.page("/messages"), c.pairs...).want(http.StatusUnprocessableEntity)
		if got := page.text(c.at); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s says %q, want %q", name, c.at, got, c.says)
		}
		if c.kept != "" && page.value(c.kept) != c.value {
			t.Errorf("%s: %s is %q", name, c.kept, page.value(c.kept))
		}
	}
	more := v.post(s.page("/messages"), "kind", "msgmenu", "more", "1", "menu_head", "您好").want(http.StatusOK)
	if n := more.doc().Find(".menu-item").Length(); n != menuShown || more.value("menu_head") != "您好" {
		t.Errorf("%d items", n)
	}
	if n := s.now().Sent; n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	for _, role := range []string{"auditor", "viewer"} {
		s.as(role).post(s.page("/messages"), "kind", "text", "text", "x").want(http.StatusForbidden)
	}
}

// TestSendPictureAndSeeIt sends a picture, a menu and a place, and looks at the picture.
func TestSendPictureAndSeeIt(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	v.attach(s.page("/messages"), "image", "../a.png", "image/png", b.Bytes(), "kind", "image").want(http.StatusSeeOther)
	v.post(s.page("/messages"), "kind", "msgmenu", "menu_head", "满意吗", "item_type", "click", "item_content", "满意", "item_extra", "yes", "item_path", "").want(http.StatusSeeOther)
	v.post(s.page("/messages"), "kind", "location", "latitude", "30.25", "longitude", "120.16", "place", "湖滨").want(http.StatusSeeOther)
	page := v.get(s.page("")).want(http.StatusOK)
	if got := page.text("#flow"); !strings.Contains(got, "满意") || !strings.Contains(got, "湖滨") {
		t.Errorf("the timeline: %s", got)
	}
	src, ok := page.doc().Find("#flow img").Attr("src")
	if !ok {
		t.Fatal("no picture in the timeline")
	}
	file := v.get(src).want(http.StatusOK)
	if file.Body != b.String() {
		t.Errorf("%d bytes instead of %d", len(file.Body), b.Len())
	}
	for name, want := range map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": filePolicy, "Content-Disposition": "inline; filename=a.png"} {
		if got := file.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	part := v.with("Range", "bytes=1-3").get(src).want(http.StatusPartialContent)
	if part.Body != "PNG" || part.Header.Get("Content-Range") != "bytes 1-3/"+strconv.Itoa(b.Len()) {
		t.Errorf("a range: %q %q", part.Body, part.Header.Get("Content-Range"))
	}
	v.with("Range", "bytes=9999-").get(src).want(http.StatusRequestedRangeNotSatisfiable)
	s.as("viewer").get(src).want(http.StatusForbidden)
	v.get(s.page("/media/nothing")).want(http.StatusNotFound)
	// A drawing can hold scripts, so it is never shown in place.
	v.attach(s.page("/messages"), "file", "x.svg", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "kind", "file").want(http.StatusSeeOther)
	svg := v.get(v.get(s.page("")).doc().Find("#flow .file-link").Last().AttrOr("href", "")).want(http.StatusOK)
	if !strings.HasPrefix(svg.Header.Get("Content-Disposition"), "attachment") || svg.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("a drawing comes as %s, %s", svg.Header.Get("Content-Type"), svg.Header.Get("Content-Disposition"))
	}
}

// TestSendWithoutAnAnswer sends while WeCom does not answer: what is not known is shown as such, and can be settled.
func TestSendWithoutAnAnswer(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	s.fault(`{"endpoint":"kf/send_msg","kind":"cut_after","times":1}`)
	v.post(s.page("/messages"), "kind", "text", "text", "收到").want(http.StatusSeeOther)
	page := v.get(s.page("")).want(http.StatusOK)
	form := page.doc().Find(`#flow form[action$="/settle"]`)
	if !strings.Contains(page.text("#flow .console"), "结果未知") || form.Length() != 1 {
		t.Fatalf("the bubble: %s", page.text("#flow .console"))
	}
	to := form.AttrOr("action", "")
	if got := v.submit(page, to).want(http.StatusSeeOther).Header.Get("Location"); got != s.page("") {
		t.Errorf("settling leads to %q", got)
	}
	if got := v.get(s.page("")).text("#flow .console"); !strings.Contains(got, "已提交企业微信") {
		t.Errorf("settled: %s", got)
	}
	s.fault(`{"endpoint":"kf/send_msg","kind":"errcode","code":95001,"times":1}`)
	refused := v.post(s.page("/messages"), "kind", "text", "text", "再说一句").want(http.StatusUnprocessableEntity)
	if !strings.Contains(refused.text(".error-card"), "95001") || strings.TrimSpace(refused.doc().Find("textarea").Text()) != "再说一句" {
		t.Errorf("refused: %s", refused.text(".error-card"))
	}
	if got := refused.text("#flow .console"); !strings.Contains(got, "被企业微信拒绝") {
		t.Errorf("the bubble: %s", got)
	}
}

func TestMoveAndEnd(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	page := v.get(s.page("")).want(http.StatusOK)
	if got, ok := page.doc().Find(".node.at-0 [aria-current=true]").Attr("class"); !ok || !strings.Contains(got, "warn") {
		t.Errorf("the diagram does not show where the conversation is")
	}
	v.submit(page, s.page("/move"), "to", "2").want(http.StatusSeeOther)
	page = v.get(s.page("")).want(http.StatusOK)
	if got := page.text("#flow"); !strings.Contains(got, "manager 转到待接入池") || s.now().State != db.StateQueue {
		t.Errorf("moved: %s", got)
	}
	if got := page.text("#window"); !strings.Contains(got, "待接入池中，现在不能发送") || !strings.Contains(got, "分配给") {
		t.Errorf("the composer is not locked: %s", got)
	}
	if got := page.doc().Find(".node.at-1 button").AttrOr("aria-description", ""); !strings.Contains(got, "待接入池中的会话只能") {
		t.Errorf("the reason is %q", got)
	}
	illegal := v.post(s.page("/move"), "to", "1", "state", "2").want(http.StatusUnprocessableEntity)
	if got := illegal.text("#trouble"); !strings.Contains(got, "只能分配给接待人员") {
		t.Errorf("illegal: %q", got)
	}
	if got := v.post(s.page("/move"), "to", "3", "state", "2").want(http.StatusUnprocessableEntity).text("#trouble"); !strings.Contains(got, "请选择接待人员") {
		t.Errorf("to nobody: %q", got)
	}
	person := page.doc().Find(`#assign input[name="person"]`).First().AttrOr("value", "")
	v.post(s.page("/move"), "to", "3", "state", "2", "person", person).want(http.StatusSeeOther)
	if c := s.now(); c.State != db.StateHuman || !strings.EqualFold(c.ServicerID, person) {
		t.Errorf("with %q in state %d", c.ServicerID, c.State)
	}
	v.post(s.page("/move"), "to", "4", "state", "3", "held", person).want(http.StatusSeeOther)
	if got := v.in("en").get(s.page("")).text("#window"); !strings.Contains(got, "has ended") || s.now().State != db.StateEnded {
		t.Errorf("ended: %s", got)
	}
	s.as("viewer").post(s.page("/move"), "to", "4").want(http.StatusForbidden)
}

// TestMoveOfWhatHasMoved is told what happened meanwhile: here, and at WeCom.
func TestMoveOfWhatHasMoved(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	person := v.get(s.page("")).doc().Find(`#assign input[name="person"]`).First().AttrOr("value", "")
	s.as("owner").post(s.page("/move"), "to", "2", "state", "0").want(http.StatusSeeOther)
	late := v.post(s.page("/move"), "to", "4", "state", "0").want(http.StatusConflict)
	if got := late.text("#trouble"); !strings.Contains(got, "刚才的操作没有执行") || !strings.Contains(got, "待接入池（owner）") || s.now().State != db.StateQueue {
		t.Errorf("moved here: %q", got)
	}
	if err := s.Sim.ServicerPicks(s.account.ID, s.customer, person); err != nil {
		t.Fatal(err)
	}
	if err := s.Sim.ServicerEnds(s.account.ID, s.customer, person); err != nil {
		t.Fatal(err)
	}
	gone := v.post(s.page("/move"), "to", "3", "state", "2", "person", person).want(http.StatusUnprocessableEntity)
	if got := gone.text("#trouble"); !strings.Contains(got, "转到了已结束") || s.now().State != db.StateEnded {
		t.Errorf("moved at WeCom: %q, state %d", got, s.now().State)
	}
}

func TestMoveMany(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager")
	second := s.storeTalk(firstTalk{s.account.ID, "wmtwo", "二号", "", "你好", s.now().LastAt})
	form := v.get("/conversations/move?c=" + s.id + "&c=" + second.ID).want(http.StatusOK)
	if got := form.text("main"); !strings.Contains(got, "已选 2 个会话") || !strings.Contains(got, "晴天小雨") || !strings.Contains(got, "二号") {
		t.Errorf("the form: %s", got)
	}
	if got := v.get("/conversations/move").want(http.StatusOK).text("main .notice"); !strings.Contains(got, "没有选择会话") {
		t.Errorf("nothing selected: %s", got)
	}
	v.post("/conversations/move", "to", "2").want(http.StatusUnprocessableEntity)
	if got := v.post("/conversations/move", "c", s.id, "to", "3").want(http.StatusUnprocessableEntity).text("main"); !strings.Contains(got, "请选择接待人员") {
		t.Errorf("to nobody: %s", got)
	}
	run := v.post("/conversations/move", "c", s.id, "c", second.ID, "to", "2").want(http.StatusSeeOther).Header.Get("Location")
	s.concluded(strings.TrimPrefix(run, "/runs/"))
	page := v.get(run).want(http.StatusOK)
	// The second is known to us only, so WeCom refuses it.
	if got := page.text("#results"); !strings.Contains(got, "晴天小雨") || !strings.Contains(got, "已转移") || !strings.Contains(got, "失败") || s.now().State != db.StateQueue {
		t.Errorf("the run: %s", got)
	}
	if got := v.in("en").get(run).text("main"); !strings.Contains(got, "Move 2 conversations: In queue") {
		t.Errorf("in English: %s", got)
	}
	s.as("viewer").get("/conversations/move?c=" + s.id).want(http.StatusForbidden)
}

func TestFileOfACustomer(t *testing.T) {
	s := newShopAfter(t, "晴天小雨", func(s *shop) {
		s.says(kfsim.Content{Type: "voice", Fields: map[string]any{"data": "IyFBTVIKPA==", "filename": "v.amr"}})
	})
	page := s.as("manager").get(s.page("")).want(http.StatusOK)
	if got := page.text("#flow .bubble"); !strings.Contains(got, "语音") {
		t.Errorf("the voice: %s", got)
	}
}
