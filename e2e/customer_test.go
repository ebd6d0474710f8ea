//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// What customers wrote is found by a word of two characters, in everything and in one conversation; somebody who wants that is erased.
func TestCustomers(t *testing.T) {
	t.Parallel()
	s := Start(t)
	account := s.Sim.Account("售前咨询台")
	s.Sim.Enter(account, "杨梅汤", "web_footer", "我想申请退款，订单还没发货", "麻烦尽快")
	p := s.SignIn("owner", Look{})
	p.Go("/customers?q=" + url.QueryEscape("杨梅汤"))
	p.See("杨梅汤")
	p.Check("杨梅汤")
	p.Follow("杨梅汤")
	p.See("来访记录")
	p.See("官网页脚")
	p.Check("杨梅汤", "麻烦尽快")
	customer := p.path()

	const found = "main a[href*='/conversations/']"
	p.Go("/search?q=" + url.QueryEscape("退款"))
	p.See("我想申请退款")
	p.Check("杨梅汤", "退款")
	p.click(p.Locator(found).Filter(withText("我想申请退款")).First(), "the message that was found")
	p.See("找到 1 条")
	if text := p.Text(p.Locator("#flow mark").First()); text != "退款" {
		t.Errorf("%q is marked", text)
	}
	p.Check("杨梅汤", "退款")

	p.Allow(422, customer)
	p.Go(customer + "/erase")
	p.See("正在进行的会话")
	p.Check("杨梅汤")
	p.FillIn("输入“杨梅汤”以确认", "杨梅汤")
	p.Press("清除这位客户的数据")
	p.At("/customers")
	p.Go("/search?q=" + url.QueryEscape("退款"))
	if n, err := p.Locator(found).Filter(withText("我想申请退款")).Count(); err != nil || n != 0 {
		t.Errorf("the message is still found %d times: %v", n, err)
	}
	p.Allow(404, customer)
	p.Go(customer)
	p.See("找不到这个页面")
	p.Go("/audit?action=customer.erase")
	if rows := p.Text(p.Locator("main table tbody")); !strings.Contains(rows, "完成") || strings.Contains(rows, "杨梅汤") {
		t.Errorf("the audit log tells the erasure as:\n%s", rows)
	}
	p.Check()
}

// A scene that was never made here is given a name, which conversations then show.
func TestSceneIsNamed(t *testing.T) {
	t.Parallel()
	s := Start(t)
	account := s.Sim.Account("售前咨询台")
	s.Sim.Enter(account, "路过的人", "metro_2024", "海报上的活动还有吗")
	p := s.SignIn("manager", Look{})
	p.Go("/links/scenes")
	p.See("metro_2024")
	p.Check()
	p.Follow("metro_2024")
	p.Check()
	p.FillIn("名称", "2024 地铁海报")
	p.Press("保存名称")
	p.At("/links/scenes")
	p.See("2024 地铁海报")
	p.Check("2024 地铁海报")
	p.Go("/conversations?q=" + url.QueryEscape("路过的人"))
	p.Follow("路过的人")
	p.See("客户进入会话 · 来自“2024 地铁海报”")
}

// The page of a link counts whom it brought and how far they came.
func TestWhatALinkBrought(t *testing.T) {
	t.Parallel()
	s := Start(t)
	account := s.Sim.Account("售前咨询台")
	p := s.SignIn("manager", Look{})
	p.linkAddress("web_footer")
	page := p.path()
	entered, wrote := p.figure("进入"), p.figure("发过消息")
	s.Sim.Enter(account, "只看不说", "web_footer")
	s.Sim.Enter(account, "开口的人", "web_footer", "你好")
	p.Go("/conversations?account=" + account)
	p.See("开口的人")
	p.Go(page)
	if now := [2]int{p.figure("进入"), p.figure("发过消息")}; now != [2]int{entered + 2, wrote + 1} {
		t.Errorf("the link brought %v, before %d and %d", now, entered, wrote)
	}
	p.Unfold("查看每天的数字")
	p.Check()
}

// figure is a number of the funnel of a link.
func (p *Page) figure(step string) (n int) {
	p.t.Helper()
	text := p.Text(p.Locator(".funnel > div").Filter(withText(step)).Locator("b").First())
	if _, err := fmt.Sscan(text, &n); err != nil {
		p.t.Fatalf("%s: %q: %v", step, text, err)
	}
	return n
}
