//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"
)

// places are all pages that can be reached by an address of their own. The words in capitals stand for the first one of its kind.
var places = []string{
	"/", "/accounts", "/accounts?q=售前", "/accounts?filter=unstaffed&sort=links&dir=desc", "/accounts?q=nothing-like-that", "/accounts/new",
	"/accounts/ACCOUNT", "/accounts/ACCOUNT/edit", "/accounts/ACCOUNT/delete", "/accounts/ACCOUNT/servicers", "/accounts/ACCOUNT/servicers/add",
	"/accounts/ACCOUNT/links", "/accounts/ACCOUNT/audit", "/links", "/links?archived=1", "/links/new", "/links/LINK", "/links/LINK/edit",
	"/links/LINK/print", "/audit", "/audit?action=link.create&outcome=done", "/audit/LINK", "/me", "/search?q=售前",
	"/conversations", "/conversations?view=columns", "/conversations?state=4&sort=recent", "/conversations?q=nothing-like-that", "/conversations/TALK",
	"/conversations/TALK?q=在", "/conversations/move?c=TALK", "/customers", "/customers?q=nothing-like-that", "/CUSTOMER", "/CUSTOMER/erase",
	"/links/scenes", "/links/scenes/old_poster_2025", "/settings/replies", "/settings/replies/new", "/REPLY", "/REPLY/delete",
	"/settings/replies/test?scene=welcome&account=ACCOUNT", "/settings/replies/log", "/settings/health", "/search?q=退",
}

// visit opens every page in one look and checks it.
func visit(t *testing.T, s *Stack, look Look) {
	t.Helper()
	p := s.SignIn("owner", look)
	p.until("/settings/replies/log", "松果不吃松子")
	link, talk := p.firstOf("/links?q=web_footer", "main table tbody a"), p.firstOf("/conversations?account="+s.Sim.Account("售前咨询台"), "#rows tbody td.lead a")
	names := strings.NewReplacer("ACCOUNT", s.Sim.Account("售前咨询台"), "LINK", strings.TrimPrefix(link, "/links/"), "TALK", strings.TrimPrefix(talk, "/conversations/"),
		"/CUSTOMER", p.firstOf("/customers", "#list tbody td.lead a"), "/REPLY", p.firstOf("/settings/replies", "main table tbody td.lead a"))
	for _, place := range places {
		p.Go(names.Replace(place))
		p.Check("售前", "nothing-like-that", "退", "在")
	}
}

// until opens a page again and again, until it shows a text: what it is about comes in the background.
func (p *Page) until(path, text string) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		p.Go(path)
		if n, err := p.GetByText(text).Count(); err == nil && n > 0 {
			return
		}
	}
	p.t.Fatalf("%s never shows %q", path, text)
}

// firstOf is the path, without a query, of the first link of its kind on a page.
func (p *Page) firstOf(path, selector string) string {
	p.t.Helper()
	p.Go(path)
	address, err := p.Locator(selector).First().GetAttribute("href")
	if err != nil {
		p.t.Fatalf("%s: no link: %v", path, err)
	}
	address, _, _ = strings.Cut(address, "?")
	return address
}

func TestEveryPageInChinese(t *testing.T) {
	t.Parallel()
	visit(t, Start(t), Look{})
}

func TestEveryPageInEnglish(t *testing.T) {
	t.Parallel()
	visit(t, Start(t), Look{English: true, Dark: true})
}

func TestEveryPageOnAPhone(t *testing.T) {
	t.Parallel()
	visit(t, Start(t), Look{Phone: true})
}

func TestEveryPageOnADarkEnglishPhone(t *testing.T) {
	t.Parallel()
	visit(t, Start(t), Look{Phone: true, English: true, Dark: true})
}

// Without JavaScript an operator signs in, reads every page, filters, creates an account with a plain form, answers a customer and
// moves the conversation.
func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := Start(t)
	visit(t, s, Look{NoScript: true})
	p := s.SignIn("manager", Look{NoScript: true})
	p.Go("/accounts")
	search := p.Locator("main").GetByRole("searchbox")
	if err := search.Fill("退换货"); err != nil {
		t.Fatal(err)
	}
	if err := search.Press("Enter"); err != nil {
		t.Fatal(err)
	}
	p.See("退换货服务台")
	p.Gone("售前咨询台")
	p.Go("/accounts/new")
	p.FillIn("名称", "新品体验官")
	p.Press("添加客服账号")
	p.At("/accounts/" + s.Sim.Account("新品体验官"))
	p.See("新品体验官")
	s.Sim.Enter(s.Sim.Account("售前咨询台"), "无脚本客户", "web_footer", "有人吗")
	p.until("/conversations?q=无脚本客户", "有人吗")
	p.Follow("无脚本客户")
	p.compose("有的，请讲")
	p.Press("发送")
	p.See("有的，请讲")
	p.See("4 / 5 条")
	p.click(p.Locator(".diagram button[name=to][value='2']"), "the queue in the diagram")
	p.See("会话在待接入池中，现在不能发送。")
	p.Check("无脚本客户", "有人吗", "有的，请讲")
	p.Go("/conversations?q=无脚本客户")
	if err := p.Role("checkbox", "选择无脚本客户").Check(); err != nil {
		t.Fatal(err)
	}
	p.Press("转移所选")
	p.moveTo(1, "li.na")
	p.until(p.path(), "1 项已生效")
	p.SignOut()
}

// With the keyboard alone an operator signs in, finds the shortcuts, goes places, opens a row and creates a link.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.Open(Look{})
	p.Go("/login")
	p.Type("manager", "Tab", Password, "Enter")
	p.At("/")
	p.Keys("?")
	p.See("键盘快捷键")
	p.See("前往")
	p.Keys("Escape")
	p.Keys("g", "a")
	p.At("/accounts")
	p.Keys("j", "j", "Enter")
	p.See("open_kfid")
	p.Keys("g", "l")
	p.At("/links")
	p.Keys("/")
	p.Type("web_footer", "Enter")
	p.See("官网页脚")
	p.Gone("支付失败页")
}

// With the keyboard alone an operator goes to the board, opens a conversation, reads it and answers.
func TestAnswerByKeyboard(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.Open(Look{})
	p.Go("/login")
	p.Type("manager", "Tab", Password, "Enter")
	p.At("/")
	s.Sim.Enter(s.Sim.Account("售前咨询台"), "键盘客户", "web_footer", "餐桌能定制尺寸吗")
	p.Keys("g", "c")
	p.At("/conversations")
	p.Keys("/")
	p.Type("键盘客户")
	p.Gone("白日不做梦")
	p.See("餐桌能定制尺寸吗")
	p.focusOn(`document.activeElement.textContent === '键盘客户'`)
	p.Keys("Enter")
	p.See("5 / 5 条")
	p.focusOn(`document.activeElement.id === 'f-text'`)
	p.Type("可以，长度每十厘米一档", "Control+Enter")
	p.See("4 / 5 条")
	p.See("可以，长度每十厘米一档")
}

// focusOn moves the focus with Tab alone until the condition holds.
func (p *Page) focusOn(condition string) {
	p.t.Helper()
	for range 80 {
		if p.Eval(`() => `+condition) == true {
			return
		}
		p.Keys("Tab")
	}
	p.t.Fatalf("%s: Tab never leads to where %s", p.URL(), condition)
}
