package kfsim_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`

// page is an HTML page taken apart.
type page struct {
	status   int
	text     string
	elements []xml.StartElement
	cookies  []*http.Cookie
	location string
}

// open asks for a page of the simulator as a browser does, with the nickname in its cookie if there is one.
func (b *bench) open(method, address, nickname string, form url.Values) page {
	b.Helper()
	request, err := http.NewRequest(method, b.url+address, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Language", "zh-CN")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if nickname != "" {
		request.AddCookie(&http.Cookie{Name: "kfsim_customer", Value: url.QueryEscape(nickname)})
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	p := page{status: response.StatusCode, cookies: response.Cookies(), location: response.Header.Get("Location")}
	if method == http.MethodGet {
		p.parse(b, raw)
	}
	return p
}

// parse takes the page apart, and refuses one with scripts of its own or an id that is there twice.
func (p *page) parse(b *bench, raw []byte) {
	b.Helper()
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	ids := map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			b.Fatalf("%v in %s", err, raw)
		}
		switch token := token.(type) {
		case xml.CharData:
			p.text += string(token)
		case xml.StartElement:
			p.elements = append(p.elements, token.Copy())
			for _, a := range token.Attr {
				name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
				if strings.HasPrefix(name, "on") || name == "style" || strings.HasPrefix(value, "javascript:") || name == "id" && ids[a.Value] {
					b.Errorf("%s has %s=%q", token.Name.Local, name, a.Value)
				}
				if name == "id" {
					ids[a.Value] = true
				}
			}
			if name := token.Name.Local; name == "style" || name == "script" && !strings.HasPrefix(attribute(token, "src"), "/_sim/") {
				b.Errorf("the page has a %s of its own", name)
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// find returns the first element that has an attribute with that value.
func (p page) find(name, value string) (xml.StartElement, bool) {
	for _, e := range p.elements {
		if attribute(e, name) == value {
			return e, true
		}
	}
	return xml.StartElement{}, false
}

func (p page) has(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text, text) {
			t.Errorf("the page does not say %q: %s", text, strings.Join(strings.Fields(p.text), " "))
		}
	}
}

// opened is a phone: somebody who followed a link to an account.
func opened(t testing.TB, nickname string) (b *bench, path, account, customer string) {
	b = start(t, kfsim.Options{Seed: kfsim.SeedDemo, BaseURL: "http://sim.example"})
	account = b.account("售前咨询台")
	a := b.post("kf/add_contact_way", object("open_kfid", account, "scene", "shop_desk")).want(t, 0)
	link, _ := a.fields["url"].(string)
	path, ok := strings.CutPrefix(link, "http://sim.example")
	if !ok {
		t.Fatalf("the link %s does not lead to the simulator", link)
	}
	path += "&scene_param=" + url.QueryEscape("店=杭州 012")
	p := b.open("GET", path, nickname, nil)
	body := p.elements[0]
	for _, e := range p.elements {
		if e.Name.Local == "body" {
			body = e
		}
	}
	customer = attribute(body, "data-customer")
	if p.status != http.StatusOK || attribute(body, "data-account") != account || attribute(body, "data-scene") != "shop_desk" ||
		attribute(body, "data-param") != "%E5%BA%97%3D%E6%9D%AD%E5%B7%9E%20012" || attribute(body, "data-nickname") != nickname {
		t.Fatalf("%d %+v", p.status, body)
	}
	control[any](b, "POST", "customer/enter", object("account", account, "scene", "shop_desk", "scene_param", attribute(body, "data-param"),
		"customer", map[string]string{"external_userid": customer, "name": nickname}))
	return b, path, account, customer
}

func TestPhoneAsksWhoComes(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, BaseURL: "http://sim.example"})
	a := b.post("kf/add_contact_way", object("open_kfid", b.account("售前咨询台"), "scene", "")).want(t, 0)
	link, _ := a.fields["url"].(string)
	path := strings.TrimPrefix(link, "http://sim.example")
	p := b.open("GET", path, "", nil)
	p.has(t, "售前咨询台", "以谁的身份打开", "云上的猫")
	if len(b.sessions()) != 0 {
		t.Error("somebody entered before he said who he is")
	}
	for name, want := range map[string]string{"阿木": "阿木", "": "", strings.Repeat("长", 21): ""} {
		p := b.open("POST", "/_sim/phone/who", "", url.Values{"back": {path}, "name": {name}})
		if p.status != http.StatusSeeOther || p.location != path || len(p.cookies) != 1 {
			t.Fatalf("%d to %s with %v", p.status, p.location, p.cookies)
		}
		if got, _ := url.QueryUnescape(p.cookies[0].Value); got != want {
			t.Errorf("cookie of %q is %q", name, got)
		}
	}
	if p := b.open("POST", "/_sim/phone/who", "", url.Values{"back": {"//elsewhere.example/kf/"}, "name": {"阿木"}}); p.location != "/_sim/" {
		t.Errorf("sent on to %s", p.location)
	}
	b.open("GET", path, "阿木", nil).has(t, "售前咨询台", "打个招呼")
}

func TestPhoneOfNoAccount(t *testing.T) {
	b := demo(t)
	p := b.open("GET", "/kf/kfcnothing", "", nil)
	if p.status != http.StatusNotFound {
		t.Errorf("status %d", p.status)
	}
	p.has(t, "没有这个链接", "售前咨询台")
	if status := b.open("GET", "/_sim/phone/chat?account=wknone&customer=x", "", nil).status; status != http.StatusNotFound {
		t.Errorf("chat of no account: %d", status)
	}
}

// The customer sees what he wrote and what reached him, and nothing else.
func TestPhoneShowsTheChat(t *testing.T) {
	b, path, account, customer := opened(t, "桂花小圆子")
	see := func() page {
		return b.open("GET", "/_sim/phone/chat?"+url.Values{"account": {account}, "customer": {customer}}.Encode(), "", nil)
	}
	say := func(text string) string {
		return control[map[string]string](b, "POST", "customer/send", object("account", account, "customer", customer, "text", text))["msgid"]
	}
	say("沙发有现货吗")
	taken := say("发错了")
	control[any](b, "POST", "customer/recall", object("account", account, "customer", customer, "msgid", taken))
	send := func(msgid, kind string, content any) {
		b.post("kf/send_msg", object("touser", customer, "open_kfid", account, "msgid", msgid, "msgtype", kind, kind, content)).want(t, 0)
	}
	send("answer1", "text", map[string]string{"content": "有的，三天内发货。"})
	send("menu1", "msgmenu", map[string]any{"head_content": "请评价", "list": []any{map[string]any{"type": "click", "click": map[string]string{"id": "good", "content": "满意"}}}})
	p := see()
	p.has(t, "沙发有现货吗", "桂花小圆子 撤回了一条消息", "有的，三天内发货。", "请评价", "满意")
	if strings.Contains(p.text, "发错了") {
		t.Error("a recalled message is still there")
	}
	item, ok := p.find("data-item", "good")
	if !ok || item.Name.Local != "button" {
		t.Errorf("the menu cannot be tapped: %+v", item)
	}
	if _, ok := p.find("id", "mmenu1"); !ok {
		t.Error("a row is not found by its message")
	}
	control[any](b, "POST", "customer/click", object("account", account, "customer", customer, "msgid", "menu1", "item", "good"))
	control[any](b, "POST", "customer/refuse", object("account", account, "customer", customer, "on", true))
	send("answer2", "text", map[string]string{"content": "这条收不到"})
	if p := see(); strings.Contains(p.text, "这条收不到") || strings.Count(p.text, "满意") != 2 {
		t.Errorf("after the tap and the refusal: %s", p.text)
	}
	refuse, _ := b.open("GET", path, "桂花小圆子", nil).find("id", "refuse")
	if _, checked := attributeThere(refuse, "checked"); !checked {
		t.Error("the switch forgot that he refuses")
	}
}

func attributeThere(e xml.StartElement, name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// Whatever people write is text on the pages, never markup.
func TestPagesEscapeHostileText(t *testing.T) {
	b, path, account, customer := opened(t, `<b>"'&x`)
	for _, m := range []struct {
		kind   string
		fields map[string]any
	}{
		{"text", map[string]any{"content": hostile}},
		{"link", map[string]any{"title": hostile, "desc": hostile, "url": "javascript:alert(1)"}},
		{"location", map[string]any{"name": hostile, "address": hostile, "latitude": 1, "longitude": "x"}},
		{"file", map[string]any{"filename": hostile, "data": "aGVsbG8="}},
		{"image", map[string]any{"filename": hostile}},
		{"msgmenu", map[string]any{"head_content": hostile, "list": []any{
			map[string]any{"type": "view", "view": map[string]string{"url": "javascript:alert(1)", "content": hostile}},
			map[string]any{"type": "click", "click": map[string]string{"id": hostile, "content": hostile}}, map[string]any{"type": 7}}}},
		{"merged_msg", map[string]any{"title": hostile, "item": []any{map[string]string{"sender_name": hostile, "msg_content": hostile}}}},
		{"channels_shop_order", map[string]any{"order_id": hostile, "product_titles": []any{hostile, 7}}},
		{"channels_shop_product", map[string]any{"product_id": "1", "title": hostile, "sales_price": hostile}},
		{"business_card", map[string]any{"userid": hostile}},
		{"brand_new", map[string]any{"x": hostile}},
	} {
		control[any](b, "POST", "customer/send", object("account", account, "customer", customer, "type", m.kind, "fields", m.fields))
	}
	b.post("kf/service_state/trans", object("open_kfid", account, "external_userid", customer, "service_state", 3, "servicer_userid", "li.na")).want(t, 0)
	query := url.Values{"account": {account}, "customer": {customer}, "userid": {"li.na"}}.Encode()
	for _, address := range []string{path, "/_sim/phone/chat?" + query, "/_sim/desk?" + query, "/_sim/desk/pane?" + query} {
		p := b.open("GET", address, `<b>"'&x`, nil)
		if p.has(t, hostile); p.status != http.StatusOK {
			t.Errorf("%s: %d", address, p.status)
		}
		for _, e := range p.elements {
			if href := attribute(e, "href"); strings.Contains(href, "alert") {
				t.Errorf("%s leads to %s", address, href)
			}
		}
	}
}

// A servicer sees who waits, picks up, answers, and sees his colleagues.
func TestDesk(t *testing.T) {
	b, _, account, customer := opened(t, "住在七楼")
	at := object("account", account, "customer", customer, "userid", "li.na")
	control[any](b, "POST", "customer/send", object("account", account, "customer", customer, "text", "有人吗"))
	b.open("GET", "/_sim/desk", "", nil).has(t, "接待人员页面", "栗小娜", "柏知夏")
	desk := "/_sim/desk?" + url.Values{"userid": {"LI.NA"}, "account": {account}, "customer": {customer}}.Encode()
	if _, waits := b.open("GET", desk, "", nil).find("data-do", "pick"); waits {
		t.Error("somebody who is not in the pool can be picked up")
	}
	b.post("kf/service_state/trans", object("open_kfid", account, "external_userid", customer, "service_state", 2)).want(t, 0)
	b.clock.Advance(75_000_000_000)
	p := b.open("GET", desk, "", nil)
	p.has(t, "住在七楼", "1:15", "有人吗")
	if _, waits := p.find("data-do", "pick"); !waits {
		t.Error("the pool has nobody to pick up")
	}
	control[any](b, "POST", "desk/pick", at)
	control[any](b, "POST", "desk/send", object("account", account, "customer", customer, "userid", "li.na", "text", "在的"))
	p = b.open("GET", desk, "", nil)
	p.has(t, "人工接待", "栗小娜 为您服务", "在的", "结束会话", "柏知夏")
	if _, own := p.find("value", "li.na"); !own {
		t.Error("she is not in the list of servicers")
	}
	control[any](b, "POST", "desk/end", at)
	b.open("GET", desk, "", nil).has(t, "本次会话已结束", "重新接入")
	control[any](b, "POST", "desk/status", object("account", account, "userid", "li.na", "status", "suspended"))
	b.open("GET", desk, "", nil).has(t, "恢复接待")
}

// Each call of the pages' scripts is one the control API answers.
func TestPagesCallWhatIsThere(t *testing.T) {
	b := demo(t)
	calls := map[string]bool{}
	for _, name := range []string{"phone.js", "desk.js"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`'((?:customer|desk)/[a-z]+)'`).FindAllStringSubmatch(string(raw), -1) {
			calls[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`'(/_sim/[a-z./]+)[?']`).FindAllStringSubmatch(string(raw), -1) {
			response, err := http.Get(b.url + m[1])
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusOK && m[1] != "/_sim/phone/chat" {
				t.Errorf("%s: %d", m[1], response.StatusCode)
			}
		}
	}
	if len(calls) < 11 {
		t.Errorf("only %d calls found", len(calls))
	}
	for call := range calls {
		if status, answer := b.controlRaw("POST", call, `{"account":"wknone"}`); status != http.StatusBadRequest || !strings.Contains(string(answer), "error") {
			t.Errorf("POST %s: %d %s", call, status, answer)
		}
	}
}
