package server

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

// departmentTree is the directory's departments, parents before their children.
type departmentTree struct {
	list  []db.Department
	depth []int // of each of list
	byID  map[int64]db.Department
}

// departments reads the tree. The topmost departments are those whose parent the app
// cannot see.
func (s *Server) departments(ctx context.Context) (departmentTree, error) {
	flat, err := s.DB.Departments(ctx)
	if err != nil {
		return departmentTree{}, err
	}
	t := departmentTree{byID: map[int64]db.Department{}}
	for _, d := range flat {
		t.byID[d.ID] = d
	}
	children := map[int64][]db.Department{}
	var roots []db.Department
	for _, d := range flat {
		if _, seen := t.byID[d.ParentID]; seen && d.ParentID != d.ID {
			children[d.ParentID] = append(children[d.ParentID], d)
		} else {
			roots = append(roots, d)
		}
	}
	var add func(list []db.Department, depth int)
	add = func(list []db.Department, depth int) {
		for _, d := range list {
			t.list, t.depth = append(t.list, d), append(t.depth, depth)
			add(children[d.ID], depth+1)
		}
	}
	add(roots, 0)
	return t, nil
}

// names joins the names of some departments.
func (t departmentTree) names(ids []int64) string {
	var names []string
	for _, id := range ids {
		if d, ok := t.byID[id]; ok {
			names = append(names, d.Name)
		}
	}
	return strings.Join(names, " · ")
}

// servicerSet is who serves an account, by memberKey.
type servicerSet map[string]db.Servicer

// memberKey names a person or a department; WeCom does not tell userids apart by case.
func memberKey(kind, id string) string { return strings.ToLower(kind + ":" + id) }

func (s servicerSet) has(kind, id string) bool {
	_, ok := s[memberKey(kind, id)]
	return ok
}

// servicers reads who serves an account, by our copy.
func (s *Server) servicers(r *request, accountID string) (servicerSet, error) {
	list, _, err := s.DB.Servicers(r.ctx, accountID, db.ServicerFilter{}, "", allServicers)
	set := servicerSet{}
	for _, each := range list {
		set[memberKey(each.Kind, each.MemberID)] = each
	}
	return set, err
}

// choice is who was chosen: ticked, pasted, or both.
type choice struct {
	users       []string // ticked
	departments []int64
	text        string // pasted, as it was typed
	// ids are all people chosen, ticked ones first.
	ids ops.IDs
}

// choiceOf reads ticked members, "user:li.na" or "department:5", and pasted ids.
func choiceOf(members []string, text string) (choice, error) {
	c := choice{text: text}
	for _, each := range members {
		kind, id, _ := strings.Cut(each, ":")
		switch kind {
		case db.KindUser:
			if id == "" || strings.ContainsAny(id, " \n") {
				return c, badRequest("member")
			}
			c.users = append(c.users, id)
		case db.KindDepartment:
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil || n <= 0 {
				return c, badRequest("member")
			}
			if !slices.Contains(c.departments, n) {
				c.departments = append(c.departments, n)
			}
		default:
			return c, badRequest("member")
		}
	}
	c.ids = ops.ParseIDs(strings.Join(c.users, "\n") + "\n" + text)
	return c, nil
}

// has tells whether somebody was ticked.
func (c choice) has(kind, id string) bool {
	if kind == db.KindDepartment {
		return slices.ContainsFunc(c.departments, func(n int64) bool { return strconv.FormatInt(n, 10) == id })
	}
	return slices.ContainsFunc(c.users, func(u string) bool { return strings.EqualFold(u, id) })
}

// empty tells whether nothing was chosen that could be sent.
func (c choice) empty() bool { return len(c.ids.Valid) == 0 && len(c.departments) == 0 }

// members are the values of the form's ticks: one a field, or many in one field, a
// line each.
func (r *request) members() []string {
	return append(r.forms("member"), strings.Fields(r.form("members"))...)
}

// queries lists the values of a query parameter that may be there many times.
func (r *request) queries(name string) []string {
	var list []string
	for _, v := range r.c.Context().QueryArgs().PeekMulti(name) {
		list = append(list, string(v))
	}
	return list
}
