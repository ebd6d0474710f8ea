//go:build e2e

package e2e

import "testing"

// An operator changes language, look and password; other sessions of that operator end, and the old password no longer works.
func TestOwnPage(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	elsewhere := s.SignIn("manager", Look{Phone: true})
	p.Allow(422, "/me/password")

	p.Go("/me")
	p.FillIn("当前密码", "not-the-password")
	p.FillIn("新密码", "a-long-enough-password")
	p.FillIn("再输入一次新密码", "a-long-enough-password")
	p.Press("修改密码")
	p.See("当前密码不正确")
	p.Check()
	p.FillIn("当前密码", Password)
	p.FillIn("新密码", "a-long-enough-password")
	p.FillIn("再输入一次新密码", "a-long-enough-password")
	p.Press("修改密码")
	p.See("密码已修改")

	elsewhere.Go("/accounts")
	elsewhere.At("/login")

	p.Choose("语言", "English")
	p.Choose("外观", "深色")
	p.Press("保存")
	p.Look.English = true
	p.See("Settings saved")
	if scheme := p.Eval(`() => document.documentElement.dataset.theme`); scheme != "dark" {
		t.Errorf("the theme is %v, want dark", scheme)
	}
	p.Check()
	p.SignOut()
	p.Allow(422, "/login")
	p.FillIn("Name", "manager")
	p.FillIn("Password", Password)
	p.Press("Sign in")
	p.See("Name or password is wrong")
	p.FillIn("Password", "a-long-enough-password")
	p.Press("Sign in")
	p.At("/")
}

// Two operators rename one account at once: the later one is shown what the other did and both names, and decides.
func TestTwoOperatorsAtOnce(t *testing.T) {
	t.Parallel()
	s := Start(t)
	id := s.Sim.Account("售前咨询台")
	first, second := s.SignIn("manager", Look{}), s.SignIn("owner", Look{})
	first.Go("/accounts/" + id + "/edit")
	second.Go("/accounts/" + id + "/edit")
	first.FillIn("名称", "售前咨询甲台")
	first.Press("保存修改")
	first.At("/accounts/" + id)

	second.Allow(409, "/accounts/"+id)
	second.Allow(422, "/accounts/"+id)
	second.FillIn("名称", "售前咨询乙台")
	second.Press("保存修改")
	second.See("售前咨询甲台")
	second.See("manager")
	second.Check("售前咨询乙台", "售前咨询台")
	if typed := second.Value("名称"); typed != "售前咨询乙台" {
		t.Errorf("the form holds %q", typed)
	}
	if s.Sim.Account("售前咨询甲台") != id {
		t.Error("the later rename was made without asking")
	}
	second.Press("保存修改")
	second.See("已完成")
	if s.Sim.Account("售前咨询乙台") != id {
		t.Error("the later operator's decision was not made")
	}
}

// A form that is sent twice, as by a double click without JavaScript, makes one account.
func TestFormSentTwice(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{NoScript: true})
	p.Go("/accounts/new")
	p.FillIn("名称", "新品体验官")
	if err := p.Role("button", "添加客服账号").Dblclick(); err != nil {
		t.Fatal(err)
	}
	p.See("新品体验官")
	n := 0
	for _, account := range s.Sim.World().Accounts {
		if account.Name == "新品体验官" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("WeCom has %d accounts of that name", n)
	}
}
