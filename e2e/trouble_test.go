//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// WeCom refuses a new account: the form comes back with what was typed, and a card says what was tried, why and what to do.
func TestWeComRefuses(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	s.Sim.Break(Fault{Endpoint: "kf/account/add", Kind: "errcode", Code: 60020})
	p.Allow(422, "/accounts")
	p.Go("/accounts/new")
	p.FillIn("名称", "新品体验官")
	p.Press("添加客服账号")
	p.See("错误码 60020")
	p.Check("新品体验官", "not allow to access from your ip")
	card := p.Text(p.GetByRole("alert"))
	for _, part := range []string{"服务器 IP 不受信任", "企业可信IP", "hint", "127.0.0.1", "请求编号"} {
		if !strings.Contains(card, part) {
			t.Errorf("the card does not say %q:\n%s", part, card)
		}
	}
	if typed := p.Value("名称"); typed != "新品体验官" {
		t.Errorf("the form holds %q", typed)
	}
	if id := s.Sim.Account("新品体验官"); id != "" {
		t.Fatal("WeCom has the account that it refused")
	}
	p.Press("添加客服账号")
	p.See("已完成")
	p.At("/accounts/" + s.Sim.Account("新品体验官"))
}

// WeCom's answer is lost: the change is shown as unknown, and asking WeCom settles it without making it twice.
func TestAnswerLostThenSettled(t *testing.T) {
	t.Parallel()
	s := Start(t)
	id := s.Sim.Account("售前咨询台")
	p := s.SignIn("manager", Look{})
	s.Sim.Break(Fault{Endpoint: "kf/account/update", Kind: "cut_after"})
	p.Go("/accounts/" + id + "/edit")
	p.FillIn("名称", "售前咨询一号台")
	p.Press("保存修改")
	p.At("/accounts/" + id)
	p.See("企业微信尚未给出结果")
	p.Check("售前咨询台", "售前咨询一号台")
	p.Follow("修改客服账号")
	p.See("结果未知")
	p.Check("售前咨询台", "售前咨询一号台")
	p.Press("立即核实")
	p.See("完成")
	p.Check("售前咨询台", "售前咨询一号台")
	if n := len(s.Sim.Calls("kf/account/update")); n != 1 {
		t.Errorf("the change was sent %d times", n)
	}
	p.Go("/accounts/" + id)
	p.See("售前咨询一号台")
}

// WeCom is down: pages go on showing the last copy and say so, and a change that was not made is told as such.
func TestWeComIsDown(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	s.Sim.Break(Fault{Endpoint: "*", Kind: "status", Times: -1})
	p.Go("/accounts")
	p.Press("立即核对")
	p.See("无法连接企业微信")
	p.See("售前咨询台")
	p.Check()
	s.Sim.Mend()
	p.Press("立即核对")
	p.Gone("无法连接企业微信")
}

// A viewer sees accounts and no way to change them; an address typed by hand is refused, and the owner sees who tried.
func TestViewerIsRefused(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("viewer", Look{})
	p.Go("/accounts")
	p.Check()
	add := p.Role("button", "添加客服账号")
	if off, err := add.IsDisabled(); err != nil || !off {
		t.Errorf("a viewer may press the button: %v", err)
	}
	if n, err := p.Role("link", "操作日志").Count(); err != nil || n != 0 {
		t.Errorf("a viewer is offered the audit log %d times: %v", n, err)
	}
	for _, path := range []string{"/accounts/new", "/audit"} {
		p.Allow(403, path)
		p.Go(path)
		p.See("你的角色不能进行此操作")
		p.Check()
	}
	owner := s.SignIn("owner", Look{English: true})
	owner.Go("/audit?outcome=denied")
	rows := owner.Text(owner.Locator("main table tbody"))
	if strings.Count(rows, "viewer") < 2 {
		t.Errorf("the log does not show both refusals:\n%s", rows)
	}
	owner.Check()
}
