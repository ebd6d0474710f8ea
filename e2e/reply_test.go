//go:build e2e

package e2e

import (
	"testing"
)

// A rule for one account is made by its form and goes before those for all; the test page says which
// fires, and the log says what each customer got, or why nothing.
func TestCodedMessages(t *testing.T) {
	t.Parallel()
	s := Start(t)
	account := s.Sim.Account("售前咨询台")
	p := s.SignIn("manager", Look{})
	p.Allow(422, "/settings/replies")
	p.Go("/settings/replies/new")
	p.Press("添加规则")
	p.See("请填写")
	p.Check()
	p.FillIn("名称", "售前菜单")
	p.Choose("账号", "售前咨询台")
	p.FillIn("内容", "云杉家居售前，请选择：")
	p.FillIn("菜单 选填", "看新品\n门店地址 https://yunshan.example/shops")
	p.FillIn("菜单下方的文字 选填", "也可以直接输入问题")
	p.Press("添加规则")
	p.At("/settings/replies")
	p.See("5 条规则，5 条启用")
	p.Check("售前菜单")

	p.Go("/settings/replies/test")
	p.Choose("账号", "售前咨询台")
	p.Press("测试")
	p.See("会发送")
	p.See("同样符合、但排在后面的规则")
	p.Check("售前菜单", "看新品", "门店地址")
	if shown := p.Text(p.Locator(".phone-look")); shown == "" {
		t.Error("the message is not shown as the customer sees it")
	}
	p.Choose("时机", "接入提示")
	p.Press("测试")
	p.See("不会发送任何内容")

	phone := s.Phone(p.linkAddress("web_footer"), "看菜单的人")
	phone.Hear("云杉家居售前，请选择：")
	phone.Press("看新品")
	p.Go("/conversations?account=" + account)
	p.See("看菜单的人")
	p.replyLog("接入提示", "未发送", "没有符合的规则")
	p.replyLog("看菜单的人", "已发送", "售前菜单")

	// WeCom gives no code to whoever has written within 48 hours, and the log says so.
	phone.click(phone.Locator("#settings summary"), "the menu of the chat")
	phone.Press("退出并重新进入")
	p.replyLog("看菜单的人", "未发送", "企业微信没有给出发送凭证")
	p.Check("售前菜单")
}

// replyLog waits for an entry of the log with all these parts.
func (p *Page) replyLog(parts ...string) {
	p.t.Helper()
	if p.path() != "/settings/replies/log" {
		p.Go("/settings/replies/log")
	}
	row := p.Locator("#list tbody tr")
	for _, part := range parts {
		row = row.Filter(withText(part))
	}
	if err := row.First().WaitFor(); err != nil {
		p.t.Fatalf("the log has no entry with %v: %v", parts, err)
	}
}
