//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A colleague who has stopped serving leaves 20 conversations behind: they go to another in one run that says for each what became
// of it. One was ended by the time, and that is said too.
func TestMoveConversationsOfAbsentColleague(t *testing.T) {
	t.Parallel()
	s := Start(t)
	account := s.Sim.Account("售前咨询台")
	var customers []string
	for n := range 20 {
		customers = append(customers, s.Sim.Enter(account, fmt.Sprintf("批量客户%02d", n+1), "web_footer", "在吗"))
	}
	p := s.SignIn("manager", Look{})
	p.Go("/conversations?q=" + url.QueryEscape("批量客户"))
	p.See("本页 20 条")
	p.chooseAll(20)
	p.Check()
	p.Press("转移所选")
	p.moveTo(20, "li.na")
	p.See("20 项已生效，0 项无需改变，0 项失败")
	p.Check()

	s.Sim.Absent(account, "li.na")
	p.Go("/conversations?servicer=li.na&q=" + url.QueryEscape("批量客户"))
	p.chooseAll(20)
	p.Press("转移所选")
	p.See("已选 20 个会话")
	p.Check()
	if n, err := p.Locator("input[name=person][value='li.na']").Count(); err != nil || n != 0 {
		t.Errorf("somebody who does not serve is offered: %v", err)
	}
	s.Sim.do("POST", "desk/end", map[string]string{"account": account, "customer": customers[6], "userid": "li.na"}, nil)
	p.moveTo(20, "bai.zhixia")
	p.See("19 项已生效，0 项无需改变，1 项失败")
	p.Follow("失败")
	p.Check()
	rows := p.Text(p.Locator("main table tbody"))
	if strings.Count(rows, "售前咨询台") != 1 || !strings.Contains(rows, "会话已结束，等客户再次来信") {
		t.Errorf("the failed one is told as:\n%s", rows)
	}
	moved := 0
	for _, x := range s.Sim.Sessions(account) {
		if x.State == 3 && x.Servicer == "bai.zhixia" && strings.HasPrefix(x.Name, "批量客户") {
			moved++
		}
	}
	if moved != 19 {
		t.Errorf("%d conversations are with the colleague, want 19", moved)
	}
}

// chooseAll ticks every row of the page.
func (p *Page) chooseAll(n int) {
	p.t.Helper()
	if err := p.Role("checkbox", "选择本页全部").Check(); err != nil {
		p.t.Fatalf("%s: tick all: %v", p.URL(), err)
	}
	p.See(fmt.Sprintf("已选 %d 项", n))
}

// moveTo gives the chosen conversations to somebody, and waits for the run.
func (p *Page) moveTo(n int, userid string) {
	p.t.Helper()
	if err := p.Locator("input[name=to][value='3']").Check(); err != nil {
		p.t.Fatalf("%s: choose the state: %v", p.URL(), err)
	}
	if err := p.Locator("input[name=person][value='" + userid + "']").Check(); err != nil {
		p.t.Fatalf("%s: choose %s: %v", p.URL(), userid, err)
	}
	p.Press(fmt.Sprintf("转移 %d 个会话", n))
	if !strings.HasPrefix(p.path(), "/runs/") {
		p.t.Fatalf("the page is %s, want that of the run", p.path())
	}
}
