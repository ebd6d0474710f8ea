//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// places are all pages that can be reached by an address of their own. ACCOUNT and LINK stand for those of the first one.
var places = []string{
	"/", "/accounts", "/accounts?q=售前", "/accounts?filter=unstaffed&sort=links&dir=desc", "/accounts?q=nothing-like-that", "/accounts/new",
	"/accounts/ACCOUNT", "/accounts/ACCOUNT/edit", "/accounts/ACCOUNT/delete", "/accounts/ACCOUNT/servicers", "/accounts/ACCOUNT/servicers/add",
	"/accounts/ACCOUNT/links", "/accounts/ACCOUNT/audit", "/links", "/links?archived=1", "/links/new", "/links/LINK", "/links/LINK/edit",
	"/links/LINK/print", "/audit", "/audit?action=link.create&outcome=done", "/audit/LINK", "/me", "/search?q=售前",
}

// visit opens every page in one look and checks it.
func visit(t *testing.T, s *Stack, look Look) {
	t.Helper()
	p := s.SignIn("owner", look)
	account := s.Sim.Account("售前咨询台")
	p.Go("/links?q=" + "web_footer")
	address, err := p.Locator("main table tbody a").First().GetAttribute("href")
	if err != nil {
		t.Fatal(err)
	}
	link := strings.TrimPrefix(address, "/links/")
	for _, place := range places {
		p.Go(strings.NewReplacer("ACCOUNT", account, "LINK", link).Replace(place))
		p.Check("售前", "nothing-like-that")
	}
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

// Without JavaScript an operator signs in, reads every page, filters, and creates an account with a plain form.
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
