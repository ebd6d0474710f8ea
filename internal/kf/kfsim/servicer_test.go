package kfsim_test

import (
	"fmt"
	"strings"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

// results lists each row of result_list as "id code msg".
func (a answer) results(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, row := range a.rows(t, "result_list") {
		id := row["userid"]
		if id == nil {
			id = row["department_id"]
		}
		list = append(list, fmt.Sprintf("%v %v %v", id, row["errcode"], row["errmsg"]))
	}
	return list
}

// servicers lists each row of servicer/list as the id and its status fields.
func (b *bench) servicers(account string) []string {
	b.Helper()
	var list []string
	for _, row := range b.get("kf/servicer/list", "open_kfid", account).want(b, 0).rows(b, "servicer_list") {
		switch {
		case row["department_id"] != nil && len(row) == 1:
			list = append(list, fmt.Sprintf("%v", row["department_id"]))
		case row["stop_type"] != nil:
			list = append(list, fmt.Sprintf("%v %v.%v", row["userid"], row["status"], row["stop_type"]))
		case row["status"] != nil:
			list = append(list, fmt.Sprintf("%v %v", row["userid"], row["status"]))
		default:
			list = append(list, fmt.Sprintf("%v", row["userid"]))
		}
	}
	return list
}

func servicerBody(account string, users []string, departments []int64) string {
	body := []any{"open_kfid", account}
	if users != nil {
		body = append(body, "userid_list", users)
	}
	if departments != nil {
		body = append(body, "department_id_list", departments)
	}
	return object(body...)
}

func TestAddServicers(t *testing.T) {
	b := demo(t)
	id := b.account("订单与付款")
	users := []string{
		"li.na", "LI.NA", "WANG_WEI", "nobody", "zhang.qinghe", "TaoZhiyao", "suan.panzhu", "-bad", "", "王", strings.Repeat("a", 65), "gui.xiaoyuan",
	}
	got := b.post("kf/servicer/add", servicerBody(id, users, []int64{5, 5, 99, 9, 0})).want(t, 0).results(t)
	if !b.lastCall().Applied {
		t.Error("the journal says nothing was changed")
	}
	same(t, "results", got, []string{
		"li.na 0 success", "LI.NA 0 ignored", "WANG_WEI 0 ignored", "nobody 60111 userid not found",
		"zhang.qinghe 95014 servicer is not activated", "TaoZhiyao 95014 servicer is not activated",
		"suan.panzhu 60021 userid is not in the visible range", "-bad 40003 invalid userid", " 40003 invalid userid", "王 40003 invalid userid",
		strings.Repeat("a", 65) + " 40003 invalid userid: at most 64 bytes", "gui.xiaoyuan 0 success",
		"5 0 success", "5 0 ignored", "99 60123 invalid party id", "9 60011 no privilege to access/modify contact/party/agent", "0 60123 invalid party id",
	})
	same(t, "servicers", b.servicers(id), []string{
		"wang_wei 0", "feng.xiaoman 0", "NanXingzhou 1.1", "you_tiantian 1.0", "li.na 0", "gui.xiaoyuan 0", "5",
	})
}

func TestAddServicersAllIgnoredIsNoChange(t *testing.T) {
	b := demo(t)
	id := b.account("订单与付款")
	b.post("kf/servicer/add", servicerBody(id, []string{"wang_wei", "nobody"}, nil)).want(t, 0)
	if b.lastCall().Applied {
		t.Error("the journal says the world was changed")
	}
	b.clean()
}

func TestDeleteServicers(t *testing.T) {
	b := demo(t)
	id := b.account("退换货服务台")
	got := b.post("kf/servicer/del", servicerBody(id, []string{"YING_xiaoxue", "ying_xiaoxue", "gui.xiaoyuan", "nobody"}, []int64{7, 7, 8, 99})).want(t, 0).results(t)
	same(t, "results", got, []string{
		"YING_xiaoxue 0 success", "ying_xiaoxue 0 ignored", "gui.xiaoyuan 0 ignored", "nobody 60111 userid not found",
		"7 0 success", "7 0 ignored", "8 0 ignored", "99 60123 invalid party id",
	})
	same(t, "servicers", b.servicers(id), []string{"ZaoMancang 1.0", "6"})
	b.post("kf/servicer/add", servicerBody(id, []string{"ying_xiaoxue"}, nil)).want(t, 0)
	same(t, "servicers", b.servicers(id), []string{"ZaoMancang 1.0", "6", "ying_xiaoxue 0"})
}

func TestServicerRequests(t *testing.T) {
	b := demo(t)
	mine, other := b.account("订单与付款"), b.account("企业采购专线")
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf("user%d", i)
	}
	manyDepartments := make([]int64, 101)
	for _, tt := range []struct {
		name, body string
		code       int
		violations []string
	}{
		{"nobody", object("open_kfid", mine), 40058, []string{"missing:userid_list"}},
		{"empty lists", servicerBody(mine, []string{}, []int64{}), 40058, []string{"missing:userid_list"}},
		{"101 people", servicerBody(mine, many, nil), 40058, []string{"too_many:userid_list"}},
		{"101 departments", servicerBody(mine, nil, manyDepartments), 40058, []string{"too_many:department_id_list"}},
		{"100 people", servicerBody(mine, many[:100], nil), 0, nil},
		{"department as a text", object("open_kfid", mine, "department_id_list", []string{"5"}), 40058, []string{"type:department_id_list"}},
		{"userid as a number", object("open_kfid", mine, "userid_list", []int{5}), 40058, []string{"type:userid_list"}},
		{"userid alone", object("open_kfid", mine, "userid_list", "li.na"), 40058, []string{"type:userid_list"}},
		{"null beside people", `{"open_kfid":"` + mine + `","userid_list":["x1"],"department_id_list":null}`, 0, []string{"type:department_id_list"}},
		{"unknown account", servicerBody("wk0", []string{"li.na"}, nil), 95004, nil},
		{"no account", object("userid_list", []string{"li.na"}), 40058, []string{"missing:open_kfid"}},
		{"not managed by API", servicerBody(other, []string{"li.na"}, nil), 48007, nil},
	} {
		for _, path := range []string{"kf/servicer/add", "kf/servicer/del"} {
			t.Run(tt.name+" "+path, func(t *testing.T) {
				b.post(path, tt.body).want(t, tt.code)
				same(t, "violations", b.violations(), tt.violations)
			})
		}
	}
}

func TestServicerListOfAnAccountNotManaged(t *testing.T) {
	b := demo(t)
	same(t, "servicers", b.servicers(b.account("软装搭配顾问")), []string{"PingShanyuan", "3"})
	b.get("kf/servicer/list").want(t, 40058)
	same(t, "violations", b.violations(), []string{"missing:open_kfid"})
	b.get("kf/servicer/list", "open_kfid", "wk0").want(t, 95004)
	b.get("kf/servicer/list", "open_kfid", "nonsense").want(t, 95000)
}

func TestDepartmentLimit(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedLarge})
	id := b.world().Accounts[1].ID
	departments := make([]int64, 22)
	for i := range departments {
		departments[i] = int64(i + 2)
	}
	got := b.post("kf/servicer/add", servicerBody(id, nil, departments)).want(t, 0).results(t)
	for i, want := range []string{"21 0 success", "22 40032 invalid userid list size: at most 20 departments an account"} {
		if got[19+i] != want {
			t.Errorf("row %d %q, want %q", 19+i, got[19+i], want)
		}
	}
	b.post("kf/servicer/del", servicerBody(id, nil, departments[:1])).want(t, 0)
	if got := b.post("kf/servicer/add", servicerBody(id, nil, departments[20:])).want(t, 0).results(t); got[0] != "22 0 success" || !strings.HasPrefix(got[1], "23 40032") {
		t.Errorf("after removing one: %v", got)
	}
}

func TestStatusByControl(t *testing.T) {
	b := demo(t)
	id := b.account("订单与付款")
	for _, tt := range []struct{ user, status, want string }{
		{"wang_wei", "suspended", "wang_wei 1.1"},
		{"feng.xiaoman", "stopped", "feng.xiaoman 1.0"},
		{"NanXingzhou", "serving", "NanXingzhou 0"},
		{"LI.NA", "serving", "li.na 0"},
	} {
		control[any](b, "POST", "servicer", object("open_kfid", id, "userid", tt.user, "status", tt.status))
	}
	control[any](b, "POST", "servicer", object("open_kfid", id, "userid", "you_tiantian", "status", "removed"))
	control[any](b, "POST", "servicer", object("open_kfid", id, "department_id", 8, "status", "serving"))
	same(t, "servicers", b.servicers(id), []string{"wang_wei 1.1", "feng.xiaoman 1.0", "NanXingzhou 0", "li.na 0", "8"})
	for _, body := range []string{
		object("open_kfid", id, "userid", "wang_wei", "status", "asleep"),
		object("open_kfid", id, "userid", "nobody", "status", "serving"),
		object("open_kfid", id, "userid", "you_tiantian", "status", "removed"),
		object("open_kfid", id, "status", "serving"),
		object("open_kfid", "wk0", "userid", "wang_wei", "status", "serving"),
	} {
		if status, _ := b.controlRaw("POST", "servicer", body); status != 400 {
			t.Errorf("%s: status %d, want 400", body, status)
		}
	}
}

func TestSomebodyWhoLeft(t *testing.T) {
	b := demo(t)
	id := b.account("订单与付款")
	control[any](b, "POST", "person", object("userid", "Wang_Wei", "status", 5))
	b.get("user/get", "userid", "wang_wei").want(t, 60111)
	same(t, "add", b.post("kf/servicer/add", servicerBody(b.account("售前咨询台"), []string{"wang_wei"}, nil)).results(t), []string{"wang_wei 60111 userid not found"})
	same(t, "del", b.post("kf/servicer/del", servicerBody(id, []string{"wang_wei"}, nil)).results(t), []string{"wang_wei 0 success"})
	control[any](b, "POST", "person", object("userid", "zhang.qinghe", "status", 1))
	same(t, "activated", b.post("kf/servicer/add", servicerBody(id, []string{"zhang.qinghe"}, nil)).results(t), []string{"zhang.qinghe 0 success"})
}
