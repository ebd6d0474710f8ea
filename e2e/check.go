//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/playwright-community/playwright-go"
)

// Check looks at the page that is shown: accessibility, words of the other language, a title and a language, nothing that sticks out
// to the side, and a screenshot for people to look at.
func (p *Page) Check(data ...string) {
	p.t.Helper()
	if err := p.WaitForLoadState(); err != nil {
		p.t.Fatalf("%s: load: %v", p.URL(), err)
	}
	if !p.Look.NoScript { // the checker needs a running page
		p.axe()
	}
	p.words(data)
	if title, err := p.Title(); err != nil || title == "" {
		p.t.Errorf("%s has no title: %v", p.URL(), err)
	}
	if lang := p.Eval(`() => document.documentElement.lang`); lang != p.Say("zh-CN", "en") {
		p.t.Errorf("%s says its language is %v", p.URL(), lang)
	}
	if wide := p.Eval(`() => Math.max(0, document.documentElement.scrollWidth - Math.min(innerWidth, screen.width))`); fmt.Sprint(wide) != "0" {
		p.t.Errorf("%s at %s: %v pixels stick out to the side", p.URL(), p.Look, wide)
	}
	p.Shot(pageName(p.path()))
}

// pageName names a page after its path without the ids in it.
func pageName(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	parts = slices.DeleteFunc(parts, func(part string) bool { return len(part) > 20 })
	if name := strings.Join(parts, "-"); name != "" {
		return name
	}
	return "overview"
}

// path is the path of the page that is shown.
func (p *Page) path() string {
	path, _, _ := strings.Cut(strings.TrimPrefix(p.URL(), p.base), "?")
	return path
}

const runAxe = `async () => (await axe.run(document, {
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
})).violations.map(v => v.id + ' (' + v.help + '): ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '))`

// axe runs the accessibility checker on what is shown.
func (p *Page) axe() {
	p.t.Helper()
	e, err := launched()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.Eval(`() => typeof axe`) == "undefined" {
		p.Eval(e.axe + "\n;undefined")
	}
	found, ok := p.Eval(runAxe).([]any)
	if !ok {
		p.t.Fatalf("%s: axe gave no list", p.URL())
	}
	for _, each := range found {
		p.t.Errorf("%s at %s: %v", p.URL(), p.Look, each)
	}
}

// shownText collects the words of the interface: what is visible, and what is read aloud. What is marked as not to be translated, or
// as being in another language, is data and not an untranslated word.
const shownText = `() => {
	const exempt = e => {
		const marked = e.closest('[lang]');
		return e.closest('[translate="no"], .face, code, pre, kbd, svg text, script, style, noscript') || marked && marked !== document.documentElement;
	};
	const texts = [document.title];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; n = walk.nextNode();) {
		const e = n.parentElement;
		if (n.data.trim() && !exempt(e) && e.checkVisibility()) texts.push(n.data.trim());
	}
	for (const e of document.body.querySelectorAll('[title], [aria-label], [placeholder], [alt]')) {
		if (exempt(e)) continue;
		for (const a of ['title', 'aria-label', 'placeholder', 'alt']) if (e.getAttribute(a)) texts.push(e.getAttribute(a));
	}
	return texts;
}`

var (
	chinese = regexp.MustCompile(`\p{Han}+`)
	english = regexp.MustCompile(`[A-Za-z][A-Za-z'’]{2,}`)
	// identifier is what nobody translates: an id, address, file, or value with a mark or digit in it.
	identifier = regexp.MustCompile(`[!-~]*(?:[0-9_=/@]|[.:-][A-Za-z0-9])[!-~]*`)
)

// kept are words that a Chinese page writes in Latin letters: names of things, formats and units.
var kept = []string{"wecom", "wechat", "api", "svg", "png", "jpg", "jpeg", "csv", "xlsx", "json", "lines", "url", "http", "https", "html", "utf",
	"bom", "hint", "userid", "errcode", "errmsg", "console", "app", "ios", "android", "wxml", "chrome", "linux", "ctrl", "enter", "esc",
	"tab", "shift", "javascript", "amr", "mp4", "sha", "media", "secret", "excel", "english", "utc"}

// demoData are names that the demo starts with beside those of its simulated corp.
var demoData = []string{
	"云杉家居", "订单确认邮件", "支付失败页", "会员卡背面", "安装预约短信", "安装师傅名片", "官网页脚", "家居展展位立牌", "门店收银台立牌", "包装箱说明书", "物流查询页",
	"工作时间欢迎语", "排队提示", "夜间欢迎语", "邀请评价", "日常", "会员日", "双十二", "秋季家居展", "放在订单确认邮件的页脚", "小程序支付失败页的按钮", "每张会员卡背面的二维码", "配送完成后的短信", "官网所有页面",
	"全国 6 个展位通用", "全国 86 家门店通用，用 scene_param 区分门店", "印在包装箱里的说明书上", "物流详情页右下角",
}

// words fails the test for each text in the other language that is neither data of the simulated corp nor given as data.
func (p *Page) words(data []string) {
	p.t.Helper()
	list, ok := p.Eval(shownText).([]any)
	if !ok {
		p.t.Fatalf("%s: no list of texts", p.URL())
	}
	known := slices.Concat(data, Roles(), demoData, []string{Password})
	if p.stack.Sim != nil {
		known = append(known, p.stack.Sim.Names()...)
	}
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	for _, each := range list {
		text := fmt.Sprint(each)
		for _, name := range known {
			text = strings.ReplaceAll(text, name, " ")
		}
		if word := foreign(text, p.Look.English); word != "" {
			p.t.Errorf("%s at %s shows %q in the other language: %q", p.URL(), p.Look, word, each)
		}
	}
}

// foreign returns the first word of the other language, "" when there is none.
func foreign(text string, inEnglish bool) string {
	if inEnglish {
		return chinese.FindString(text)
	}
	for _, word := range english.FindAllString(identifier.ReplaceAllString(text, " "), -1) {
		if !slices.Contains(kept, strings.ToLower(word)) {
			return word
		}
	}
	return ""
}

// Shot keeps a picture of the whole page under artifacts, named after the journey.
func (p *Page) Shot(name string) {
	p.t.Helper()
	p.shots++
	file := filepath.Join("artifacts", p.t.Name(), fmt.Sprintf("%s-%02d%s.png", p.Look, p.shots, strings.TrimRight("-"+strings.Trim(name, "-"), "-")))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Screenshot(playwright.PageScreenshotOptions{Path: playwright.String(file), FullPage: playwright.Bool(true)}); err != nil {
		p.t.Errorf("screenshot %s: %v", file, err)
	}
}
