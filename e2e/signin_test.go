//go:build e2e

package e2e

import (
	"testing"
)

// Each role signs in, sees its name, finds its way around, and signs out; afterwards the address of a page leads to the sign-in
// page and from there back.
func TestSignInAndOut(t *testing.T) {
	for i, role := range Roles() {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := Start(t)
			p := s.Open(Look{English: i%2 == 1})
			p.Go("/accounts")
			p.At("/login")
			p.Check()
			p.FillIn(p.Say("用户名", "Name"), role)
			p.FillIn(p.Say("密码", "Password"), Password)
			p.Press(p.Say("登录", "Sign in"))
			p.At("/accounts")
			p.See(p.Say("客服账号", "Accounts"))
			p.Go("/")
			p.Check()
			p.SignOut()
			p.Go("/")
			p.At("/login")
		})
	}
}

// A wrong password and an unknown name get the same answer, and the typed name is kept.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.Open(Look{})
	p.Allow(422, "/login")
	p.Go("/login")
	for _, name := range []string{"owner", "nobody"} {
		p.FillIn("用户名", name)
		p.FillIn("密码", "not-the-password")
		p.Press("登录")
		p.See("用户名或密码不正确")
		if kept, err := p.Field("用户名").InputValue(); err != nil || kept != name {
			t.Errorf("the field holds %q, want %q: %v", kept, name, err)
		}
		p.Check(name)
	}
}
