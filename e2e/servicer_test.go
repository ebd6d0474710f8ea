//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// idsToPaste are 250 ids: those of the people whom the app sees, some of them in another case, strangers, and two repetitions.
func idsToPaste(w World) (ids []string, people int) {
	for i, person := range w.People {
		if person.Visible && len(ids) < 50 {
			id := person.UserID
			if i%5 == 0 {
				id = strings.ToUpper(id) // the same person
			}
			ids = append(ids, id)
		}
	}
	people = len(ids)
	for i := people; i < 248; i++ {
		ids = append(ids, fmt.Sprintf("stranger-%03d", i))
	}
	return append(ids, strings.ToLower(ids[0]), ids[1]), people
}

// 250 pasted ids become a preview, a run of three calls with a result for each id, and servicers at WeCom.
func TestStaffWithPastedIDs(t *testing.T) {
	t.Parallel()
	s := Start(t)
	id := s.Sim.Account("全屋定制顾问")
	pasted, people := idsToPaste(s.Sim.World())
	p := s.SignIn("manager", Look{})
	p.Go("/accounts/" + id + "/servicers")
	p.Check()
	p.Follow("添加接待人员")
	p.FillIn("userid 列表", strings.Join(pasted[:100], "\n")+"， "+strings.Join(pasted[100:200], ";")+"、"+strings.Join(pasted[200:], " "))
	p.Check()
	p.Press("下一步：预览")
	p.See("预览：添加 248 位接待人员")
	for _, fact := range []string{"43 人", "7 人", "198 人", "3 次，每次最多 100 人", "2 个"} {
		p.See(fact)
	}
	p.Check()
	if n := len(s.Sim.Calls("kf/servicer/add")); n != 0 {
		t.Fatalf("the preview made %d calls", n)
	}
	p.Press("确认添加")
	if !strings.HasPrefix(p.path(), "/runs/") {
		t.Fatalf("the page is %s, want that of the run", p.path())
	}
	p.See("部分完成")
	p.Check()
	added := 0
	for _, account := range s.Sim.World().Accounts {
		if account.ID == id {
			added = len(account.Servicers)
		}
	}
	if added == 0 || added > people {
		t.Errorf("WeCom has %d servicers, want some of %d", added, people)
	}
	p.See(fmt.Sprintf("%d 项已生效，0 项无需改变，%d 项失败", added, 248-added))
	p.See("60111")
	calls := s.Sim.Calls("kf/servicer/add")
	if len(calls) != 3 {
		t.Errorf("%d calls, want 3 of at most 100", len(calls))
	}
	run := p.path()
	p.Go(run)
	p.Follow(fmt.Sprintf("失败 %d", 248-added))
	p.See("stranger-050")
	p.Go(run)
	p.Follow("返回接待人员")
	p.See("松沐青")
	p.Check()
}

// Some of the servicers of an account are taken off again; each is named before.
func TestRemoveServicers(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	p.Go("/accounts/" + s.Sim.Account("售前咨询台") + "/servicers")
	for _, name := range []string{"柏知夏", "栗小娜"} {
		if err := p.Role("checkbox", "选择"+name).Check(); err != nil {
			t.Fatal(err)
		}
	}
	p.See("已选 2 项")
	p.Press("移除所选")
	p.See("柏知夏")
	p.See("栗小娜")
	p.Check()
	p.Press("移除 2 位接待人员")
	p.See("2 项已生效")
	p.Check()
	calls := s.Sim.Calls("kf/servicer/del")
	if len(calls) != 1 || !strings.Contains(calls[0].Body, "li.na") || strings.Contains(calls[0].Body, "YuWanqing") {
		t.Errorf("WeCom received %v", calls)
	}
}
