package server

import (
	"bytes"
	"image/png"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
)

func TestAddressWith(t *testing.T) {
	scened := db.Link{Scene: "s", URL: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E"}
	for _, c := range []struct {
		link        db.Link
		param, want string
		err         error
	}{
		{link: scened, want: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E"},
		{link: scened, param: "order=1001", want: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=order%3D1001"},
		{link: scened, param: "a b&c+d/云", want: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=a%20b%26c%2Bd%2F%E4%BA%91"},
		{link: scened, param: strings.Repeat("x", 128), want: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=" + strings.Repeat("x", 128)},
		{link: scened, param: strings.Repeat("x", 129), err: errLongParam},
		{link: scened, param: strings.Repeat("云", 14) + "ab", want: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=" + strings.Repeat("%E4%BA%91", 14) + "ab"},
		{link: scened, param: strings.Repeat("云", 14) + "abc", err: errLongParam},
		{link: db.Link{URL: "https://work.weixin.qq.com/kf/kfc1"}, param: "x", err: errNoScene},
		{link: db.Link{URL: "https://work.weixin.qq.com/kf/kfc1"}, want: "https://work.weixin.qq.com/kf/kfc1"},
		{link: db.Link{Scene: "s", URL: "https://work.weixin.qq.com/kf/kfc1?encScene=E"}, param: "x", err: errOldLink},
		{link: db.Link{Scene: "s", URL: "https://work.weixin.qq.com/kf/kfc1"}, param: "x", want: "https://work.weixin.qq.com/kf/kfc1?scene_param=x"},
	} {
		got, err := addressWith(c.link, c.param)
		if got != c.want || err != c.err {
			t.Errorf("addressWith(%s, %q) = %q, %v; want %q, %v", c.link.URL, c.param, got, err, c.want, c.err)
		}
	}
}

func FuzzAddressWith(f *testing.F) {
	for _, s := range []string{"", "order=1001", "云杉 家居", "%&+?#", strings.Repeat("x", 129)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, param string) {
		l := db.Link{Scene: "s", URL: "https://work.weixin.qq.com/kf/kfc1?enc_scene=E"}
		address, err := addressWith(l, param)
		if err != nil {
			if len(encodeParam(param)) <= maxSceneParam {
				t.Fatalf("%q refused: %v", param, err)
			}
			return
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Query(); got.Get("scene_param") != param || got.Get("enc_scene") != "E" || u.Fragment != "" {
			t.Fatalf("%q became %s", param, address)
		}
		if _, encoded, ok := strings.Cut(address, "scene_param="); ok && (len(encoded) > maxSceneParam || strings.ContainsAny(encoded, "+ &#")) {
			t.Fatalf("%q encoded as %q", param, encoded)
		}
	})
}

func TestLinkFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"门店收银台立牌": "门店收银台立牌", "a/b\\c:d*e?f\"g<h>i|j": "a-b-c-d-e-f-g-h-i-j", "..": "link", " .hidden. ": "hidden", "x\r\ny\u202e": "xy", "": "link",
	} {
		if got := safeName(name); got != want {
			t.Errorf("safeName(%q) = %q, want %q", name, got, want)
		}
	}
	kind, params, err := mime.ParseMediaType(linkFile(db.Link{ID: "0123456789", Name: "门店 “A”; x=1"}, ".svg").disposition())
	if err != nil || kind != "attachment" || params["filename"] != "门店 “A”- x=1.svg" {
		t.Errorf("%s %v: %v", kind, params, err)
	}
}

func TestLinkCodeFiles(t *testing.T) {
	h := newHouse(t)
	v := h.as("viewer")
	l := makeLink(t, h.as("manager"), h.account(0).ID, "门店 “A”", "shop_desk")
	with := l.URL + "&scene_param=shop%3D021%26desk%3D%E4%BA%8C"
	param := "?param=" + url.QueryEscape("shop=021&desk=二")
	for path, want := range map[string]string{"qr.png": l.URL, "qr.png?size=256": l.URL, "qr.png" + param + "&size=2048": with, "qr.png" + param + "&size=512": with} {
		pic := v.get(href.Link(l.ID, path)).want(http.StatusOK)
		got, err := qrRead([]byte(pic.Body))
		if err != nil || got != want {
			t.Errorf("%s reads %q, %v; want %q", path, got, err, want)
		}
		if pic.Header.Get("Content-Type") != "image/png" || pic.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, pic.Header)
		}
	}
	pic := v.get(href.Link(l.ID, "qr.png") + "?size=300")
	if cfg, err := png.DecodeConfig(bytes.NewReader([]byte(pic.Body))); err != nil || cfg.Width != 300 || cfg.Height != 300 {
		t.Errorf("asked for 300 pixels: %+v, %v", cfg, err)
	}
	if got := pic.Header.Get("Content-Disposition"); got != `attachment; filename="kf-shop_desk-300.png"; filename*=UTF-8''%E9%97%A8%E5%BA%97%20%E2%80%9CA%E2%80%9D-300.png` {
		t.Errorf("Content-Disposition %s", got)
	}

	svg := v.get(href.Link(l.ID, "qr.svg") + param).want(http.StatusOK)
	want, err := qrSVG(with, l.Name)
	if err != nil || svg.Body != string(want) {
		t.Errorf("the SVG is not that of %s: %v", with, err)
	}
	readSVG(t, []byte(svg.Body))
	for name, want := range map[string]string{"Content-Type": "image/svg+xml", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff"} {
		if got := svg.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	long := "param=" + strings.Repeat("x", 129)
	for _, bad := range []string{"qr.png?size=127", "qr.png?size=2049", "qr.png?size=big", "qr.png?size=-1", "qr.png?" + long, "qr.svg?" + long, "print?" + long, "qr.svg?param=%ff", "?param=%ff", "print?paper=A3", "print?caption=" + strings.Repeat("x", 61)} {
		v.get(strings.TrimSuffix(href.Link(l.ID, bad), "/")).want(http.StatusBadRequest)
	}
	v.get(href.Link(db.NewID(), "qr.svg")).want(http.StatusNotFound)
	for _, path := range []string{"", "qr.png", "qr.svg", "print"} {
		head := v.send(httptest.NewRequest(http.MethodHead, href.Link(l.ID, path), nil)).want(http.StatusOK)
		if get := v.get(href.Link(l.ID, path)); head.Body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("HEAD %q: %d bytes, %s", path, len(head.Body), head.Header.Get("Content-Type"))
		}
	}
}

func TestLinkParamBuilder(t *testing.T) {
	h := newHouse(t)
	v := h.as("viewer")
	l := makeLink(t, h.as("manager"), h.account(0).ID, "builder", "shop")
	address := l.URL + "&scene_param=shop%3D021%26desk%3D2"
	for _, who := range []*visitor{v, v.with("HX-Request", "true")} {
		page := who.get(href.Link(l.ID) + "?param=" + url.QueryEscape("shop=021&desk=2")).want(http.StatusOK)
		for selector, want := range map[string]string{
			"#link-address code": address, "#link-plain code": address, "#link-param-count": "21 / 128 字节", "#link-param-error": "",
			"#link-event pre": `"scene": "shop", "scene_param": "shop%3D021%26desk%3D2"`,
		} {
			if got := page.text(selector); got != want {
				t.Errorf("%s: %q, want %q", selector, got, want)
			}
		}
		for _, place := range []string{"web", "mini", "menu", "app"} {
			if code := strings.ReplaceAll(page.text("#link-"+place+" code"), "&amp;", "&"); !strings.Contains(code, address) {
				t.Errorf("the code for %s has not the address: %s", place, code)
			}
		}
		if got := page.doc().Find("#link-copy").AttrOr("data-copy", ""); got != address {
			t.Errorf("the button copies %q", got)
		}
		query := "?param=" + url.QueryEscape("shop=021&desk=2")
		if got := page.doc().Find("#link-print").AttrOr("href", ""); got != href.Link(l.ID, "print")+query {
			t.Errorf("the sheet is at %q", got)
		}
		if got := page.doc().Find("#link-code a[download]").AttrOr("href", ""); got != href.Link(l.ID, "qr.svg")+query {
			t.Errorf("the SVG is at %q", got)
		}
		if got := page.doc().Find("#link-code form [name=param]").AttrOr("value", ""); got != "shop=021&desk=2" {
			t.Errorf("the PNG form sends %q", got)
		}
		want, err := qrSVG(address, "“builder”的二维码")
		if err != nil || !strings.Contains(page.Body, string(want)) {
			t.Errorf("the code in the page is not that of %s: %v", address, err)
		}
		if strings.Contains(page.Body, "<html") == (who.header != nil) {
			t.Error("page and part are mixed up")
		}
	}

	long := href.Link(l.ID) + "?param=" + strings.Repeat("%E4%BA%91", 15)
	for who, status := range map[*visitor]int{v: http.StatusUnprocessableEntity, v.with("HX-Request", "true"): http.StatusOK} {
		page := who.get(long).want(status)
		if got := page.text("#link-param-error"); !strings.HasPrefix(got, "编码后 135 字节，最多 128 字节") {
			t.Errorf("error %q", got)
		}
		if page.text("#link-address code") != l.URL || page.doc().Find("#f-param").AttrOr("value", "") != strings.Repeat("云", 15) || page.doc().Find("#link-param-count.over").Length() != 1 {
			t.Errorf("address %q, value %q, counter %q", page.text("#link-address code"), page.doc().Find("#f-param").AttrOr("value", ""), page.text("#link-param-count"))
		}
	}
}

func TestLinkOldForm(t *testing.T) {
	h := newHouse(t)
	now := time.Now()
	l := db.Link{ID: db.NewID(), AccountID: h.account(0).ID, Scene: "old", Name: "old", URL: "https://work.weixin.qq.com/kf/kfc1?encScene=OLD", CreatedAt: now, UpdatedAt: now}
	if err := h.DB.InsertLink(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	page := h.as("viewer").get(href.Link(l.ID) + "?param=x").want(http.StatusOK)
	if page.doc().Find("input[name=param]").Length() != 0 || !strings.Contains(page.text("main"), "encScene") || page.text("#link-address code") != l.URL {
		t.Errorf("an address of the old form: %q", page.text("#link-address code"))
	}
}

func TestLinkSheet(t *testing.T) {
	h := newHouse(t)
	v, account := h.as("viewer"), h.account(0)
	l := makeLink(t, h.as("manager"), account.ID, "to print", "p")
	picture := db.Picture{MIME: "image/png", Data: []byte("no picture, but its address will do")}
	picture.ID = db.PictureID(picture.Data)
	if err := h.DB.InsertPicture(t.Context(), picture); err != nil {
		t.Fatal(err)
	}
	if err := h.DB.SetAccountPicture(t.Context(), account.ID, picture.ID); err != nil {
		t.Fatal(err)
	}
	page := v.get(href.Link(l.ID, "print")).want(http.StatusOK)
	if page.text(".poster-name") != account.Name || page.text(".poster-caption") != "to print" || page.doc().Find("[data-print]").Length() != 1 {
		t.Errorf("sheet of %q: %q", page.text(".poster-name"), page.text(".poster-caption"))
	}
	if page.doc().Find(".poster img[src^='"+href.Account(account.ID, "picture")+"']").Length() != 1 {
		t.Error("the sheet is without the account's picture")
	}
	svg, err := qrSVG(l.URL, "“to print”的二维码")
	if err != nil || !strings.Contains(page.Body, string(svg)) {
		t.Errorf("the sheet does not hold the code: %v", err)
	}
	if page.doc().Find(".rail, .top, .bottom-bar").Length() != 0 {
		t.Error("the sheet has the frame around it")
	}
	other := v.in("en").get(href.Link(l.ID, "print") + "?caption=" + url.QueryEscape("<b>欢迎</b>") + "&paper=A6&param=x").want(http.StatusOK)
	if other.text(".poster-caption") != "<b>欢迎</b>" || other.doc().Find(".paper.a6").Length() != 1 || other.value("param") != "x" {
		t.Errorf("caption %q", other.text(".poster-caption"))
	}
	svg, err = qrSVG(l.URL+"&scene_param=x", "QR code of “to print”")
	if err != nil || !strings.Contains(other.Body, string(svg)) {
		t.Errorf("the sheet does not hold the code with its scene_param: %v", err)
	}
}

// TestLinkPagesInEnglish looks for Chinese in what is not marked as somebody's data.
func TestLinkPagesInEnglish(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager").in("en")
	l := makeLink(t, v, h.account(0).ID, "poster", "p", "campaign", "活动", "note", "备注")
	for _, path := range []string{"/links", "/links?archived=1", "/links/new", href.Link(l.ID), href.Link(l.ID) + "?param=x", href.Link(l.ID, "edit"), href.Link(l.ID, "print"), href.Account(l.AccountID, "links")} {
		page := v.get(path).want(http.StatusOK).doc()
		main := page.Find("main")
		main.Find("[translate=no], .head, .poster, .chip-menu").Remove()
		for _, c := range main.Text() {
			if unicode.Is(unicode.Han, c) {
				t.Errorf("%s: Chinese in %q", path, strings.Join(strings.Fields(main.Text()), " "))
				break
			}
		}
	}
}
