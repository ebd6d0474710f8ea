//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// On the first day of a real corp the one-time code makes the first owner, once; the operator is still there after a restart.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	s, code := StartServe(t)
	p := s.Open(Look{})
	p.Allow(422, "/setup")
	p.Go("/")
	p.At("/setup")
	p.Check()
	fill := func(code string) {
		p.FillIn("一次性设置码", code)
		p.FillIn("用户名", "lin")
		p.FillIn("密码", "a-long-enough-password")
		if again := p.Field("再输入一次新密码"); again != nil {
			if n, err := again.Count(); err == nil && n > 0 {
				p.FillIn("再输入一次新密码", "a-long-enough-password")
			}
		}
		p.Press("创建所有者并登录")
	}
	fill("AAAA-BBBB-CCCC")
	p.See("设置码不正确")
	p.Check()
	fill(strings.ToLower(code))
	p.At("/")
	p.Go("/accounts")
	p.See("售前咨询台")
	p.Check("lin")
	p.SignOut()
	p.Go("/setup")
	p.At("/login")

	s.Restart()
	if strings.Contains(s.console.log.String(), "no operator yet") {
		t.Error("the console offers the first run again")
	}
	p.Go("/login")
	p.FillIn("用户名", "LIN")
	p.FillIn("密码", "a-long-enough-password")
	p.Press("登录")
	p.At("/")
	if out, exit := s.Console("", "operator", "list"); exit != 0 || !strings.Contains(out, "lin") || !strings.Contains(out, "owner") {
		t.Errorf("operator list: exit %d\n%s", exit, out)
	}
}
