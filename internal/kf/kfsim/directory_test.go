package kfsim_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
)

func ids(rows []map[string]any, name string) []string {
	var list []string
	for _, row := range rows {
		list = append(list, fmt.Sprint(row[name]))
	}
	return list
}

func TestDepartments(t *testing.T) {
	b := demo(t)
	for _, tt := range []struct {
		id   string
		code int
		want []string
	}{
		{"", 0, []string{"2", "3", "4", "5", "6", "7", "8"}},
		{"2", 0, []string{"2", "5", "6", "7"}},
		{"8", 0, []string{"8"}},
		{"1", 60011, nil},
		{"9", 60011, nil},
		{"77", 60123, nil},
		{"x", 40058, nil},
	} {
		var pairs []string
		if tt.id != "" {
			pairs = []string{"id", tt.id}
		}
		full := b.get("department/list", pairs...).want(t, tt.code)
		short := b.get("department/simplelist", pairs...).want(t, tt.code)
		if tt.code != 0 {
			continue
		}
		same(t, "department/list "+tt.id, ids(full.rows(t, "department"), "id"), tt.want)
		same(t, "department/simplelist "+tt.id, ids(short.rows(t, "department_id"), "id"), tt.want)
	}
	row := b.get("department/list", "id", "5").rows(t, "department")[0]
	if row["name"] != "售前咨询组" || row["parentid"] != 2.0 || row["order"] != 1e8 {
		t.Errorf("row %v", row)
	}
}

func TestMembers(t *testing.T) {
	b := demo(t)
	seen := map[string]bool{}
	for _, department := range ids(b.get("department/list").rows(t, "department"), "id") {
		for _, row := range b.get("user/simplelist", "department_id", department).want(t, 0).rows(t, "userlist") {
			seen[row["userid"].(string)] = true
			if !slices.ContainsFunc(row["department"].([]any), func(d any) bool { return fmt.Sprint(d) == department }) {
				t.Errorf("%v is not in department %s", row, department)
			}
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d people, want 60", len(seen))
	}
	for id, code := range map[string]int{"": 40058, "x": 40058, "77": 60123, "9": 60011} {
		b.get("user/simplelist", "department_id", id).want(t, code)
		b.get("user/list", "department_id", id).want(t, code)
	}
}

// TestUsers: user/list has the people of user/simplelist, each as user/get tells of him.
func TestUsers(t *testing.T) {
	b := demo(t)
	for _, department := range ids(b.get("department/list").rows(t, "department"), "id") {
		members := b.get("user/simplelist", "department_id", department).want(t, 0).rows(t, "userlist")
		users := b.get("user/list", "department_id", department).want(t, 0).rows(t, "userlist")
		same(t, "people of department "+department, ids(users, "userid"), ids(members, "userid"))
		for _, row := range users {
			alone := b.get("user/get", "userid", row["userid"].(string)).want(t, 0).fields
			delete(alone, "errcode")
			delete(alone, "errmsg")
			if !reflect.DeepEqual(row, alone) {
				t.Errorf("in the list %v, alone %v", row, alone)
			}
		}
	}
	b.fault(`{"endpoint":"user/list","kind":"errcode","code":45029}`)
	b.get("user/list", "department_id", "5").want(t, 45029)
	b.get("user/list", "department_id", "5").want(t, 0)
}

func TestUser(t *testing.T) {
	b := demo(t)
	a := b.get("user/get", "userid", "LI.NA").want(t, 0)
	if a.fields["userid"] != "li.na" || a.fields["name"] != "栗小娜" || a.fields["status"] != 1.0 || a.fields["gender"] != "2" ||
		a.fields["main_department"] != 2.0 || len(a.fields["department"].([]any)) != 2 {
		t.Errorf("answer %s", a.raw)
	}
	for id, status := range map[string]float64{"zhu@yunshan": 4, "TaoZhiyao": 2} {
		if got := b.get("user/get", "userid", id).want(t, 0).fields["status"]; got != status {
			t.Errorf("%s: status %v, want %v", id, got, status)
		}
	}
	for id, code := range map[string]int{"": 40058, "nobody": 60111, "suan.panzhu": 60011, "名字": 40003} {
		b.get("user/get", "userid", id).want(t, code)
	}
	for _, field := range []string{"mobile", "email", "avatar"} {
		if a.fields[field] != nil {
			t.Errorf("%s is not for a self-built app", field)
		}
	}
}
