package server

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/servicer"
	"kfconsole/web/templates/ui"
)

// allServicers is more rows than an account can have, for reading all of them.
const allServicers = 3000

// membersShown is how many people of a department that serves are named.
const membersShown = 30

func (s *Server) servicerIndex(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	filter, err := servicerFilter(r)
	if err != nil {
		return err
	}
	list, page, err := s.DB.Servicers(r.ctx, a.ID, filter, db.Cursor(r.query("after")), peoplePerPage)
	if err != nil {
		return err
	}
	all, _, err := s.DB.Servicers(r.ctx, a.ID, db.ServicerFilter{Q: filter.Q}, "", allServicers)
	if err != nil {
		return err
	}
	m, err := s.servicerList(r, a, filter, list, all, page)
	if err != nil {
		return err
	}
	p := s.accountPage(r, a, "servicers")
	fresh, err := s.freshness(r, live.ServicersTopic(a.ID))
	if err != nil {
		return err
	}
	if fresh.Error != "" {
		m.Stale = explain(r.t().Lang, fresh.Errcode, fresh.Error).Meaning
	}
	p.Facts = append(p.Facts, servicer.Checked(r.view, r.t().Servicer.CheckedAt, ui.MaybeTime(r.view, a.ServicersAt)))
	p.Actions = components(s.refreshButton(r, href.Account(a.ID, "servicers", "refresh")), s.servicerAddButton(r, a, ui.Primary))
	return s.reply(r, p, servicer.List(r.view, m))
}

// servicerFilter reads the search and the filters of the list's address.
func servicerFilter(r *request) (f db.ServicerFilter, err error) {
	if f.Status, err = r.oneOf("status", "", db.ServicerServing, db.ServicerStopped, db.ServicerSuspended, db.ServicerUnknown); err != nil {
		return f, err
	}
	if f.Kind, err = r.oneOf("kind", "", db.KindUser, db.KindDepartment); err != nil {
		return f, err
	}
	if f.Q = r.query("q"); len(f.Q) > 200 {
		return f, badRequest("q")
	}
	return f, nil
}

// servicerAddButton leads to the choice of new servicers.
func (s *Server) servicerAddButton(r *request, a db.Account, kind ui.Kind) templ.Component {
	return ui.LinkButton(ui.Btn{Text: r.t().Servicer.Add, Icon: "user-plus", Kind: kind, Href: href.Account(a.ID, "servicers", "add"), Reason: s.whyNot(r, a, auth.ChangeServicers)})
}

// servicerList shapes a page of the list; all are the servicers that the search lets
// through, whatever their status.
func (s *Server) servicerList(r *request, a db.Account, f db.ServicerFilter, list, all []db.Servicer, page db.Page) (servicer.Index, error) {
	t, path := r.t().Servicer, href.Account(a.ID, "servicers")
	q := href.Q("q", f.Q, "status", f.Status, "kind", f.Kind)
	m := servicer.Index{
		Search: ui.SearchModel{Action: path, Name: "q", Value: f.Q, Label: t.SearchLabel, Placeholder: t.SearchHint, Hidden: q.Without("q").Pairs(), Target: "#list"},
		Pager:  pager(r, q, path, page, len(list), "#list"), Usage: usageOf(a.Servicers, a.Departments),
		Remove: href.Account(a.ID, "servicers", "remove"), Reason: s.whyNot(r, a, auth.ChangeServicers), Told: a.Managed == nil || *a.Managed,
	}
	counts := map[servicer.Status]int{}
	for _, each := range all {
		counts[statusOf(each)]++
		if servicerPasses(each, f) {
			m.Pager.Total++
		}
	}
	m.Chips = servicerChips(r, q, path, counts)
	m.Empty = ui.EmptyModel{Icon: "users", Title: t.NoneTitle, Text: t.NoneText}
	if m.Reason == "" {
		m.Empty.Next = ui.Btn{Text: t.Add, Icon: "user-plus", Href: href.Account(a.ID, "servicers", "add")}
	}
	if f != (db.ServicerFilter{}) {
		m.Empty = ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchText, Next: ui.Btn{Text: t.ClearFilters, Href: path}}
	}
	var err error
	m.Rows, err = s.servicerRows(r, list)
	return m, err
}

// usageOf is how much of an account's limits is used.
func usageOf(people, departments int) servicer.Usage {
	return servicer.Usage{People: people, MaxPeople: ops.MaxServicers, Departments: departments, MaxDepartments: ops.MaxDepartments}
}

// statusOf is the status in the words of the page.
func statusOf(row db.Servicer) servicer.Status {
	switch {
	case row.Kind == db.KindDepartment:
		return servicer.Whole
	case row.Status == nil:
		return servicer.Unknown
	case *row.Status == db.StatusServing:
		return servicer.Serving
	case row.StopType != nil && *row.StopType == 1:
		return servicer.Suspended
	}
	return servicer.Stopped
}

// servicerPasses tells whether a row that the search found passes the other filters too.
func servicerPasses(row db.Servicer, f db.ServicerFilter) bool {
	return (f.Kind == "" || f.Kind == row.Kind) && (f.Status == "" || f.Status == string(statusOf(row)))
}

// servicerChips are the filters; one that would show nothing is left out.
func servicerChips(r *request, q href.Query, path string, counts map[servicer.Status]int) []ui.ChipModel {
	t := r.t().Servicer
	var chips []ui.ChipModel
	for _, c := range []struct {
		name, value, words string
		status             servicer.Status
	}{
		{"status", db.ServicerServing, t.Serving, servicer.Serving}, {"status", db.ServicerStopped, t.Stopped, servicer.Stopped},
		{"status", db.ServicerSuspended, t.Suspended, servicer.Suspended}, {"status", db.ServicerUnknown, t.StatusUnknown, servicer.Unknown},
		{"kind", db.KindDepartment, t.Department, servicer.Whole},
	} {
		n, on := counts[c.status], q.Get(c.name) == c.value
		if n == 0 && !on {
			continue
		}
		chip := ui.ChipModel{Text: c.words, On: on, Count: &n, Href: q.Without("status", "kind").With(c.name, c.value).On(path)}
		if on {
			chip.Href = q.Without(c.name).On(path)
		}
		chips = append(chips, chip)
	}
	return chips
}

// servicerRows completes the rows with what the directory knows.
func (s *Server) servicerRows(r *request, list []db.Servicer) ([]servicer.Row, error) {
	var ids []string
	for _, each := range list {
		if each.Kind == db.KindUser {
			ids = append(ids, each.MemberID)
		}
	}
	people, err := s.DB.PeopleByIDs(r.ctx, ids)
	if err != nil {
		return nil, err
	}
	tree, err := s.departments(r.ctx)
	if err != nil {
		return nil, err
	}
	var rows []servicer.Row
	for _, each := range list {
		row := servicer.Row{Value: each.Kind + ":" + each.MemberID, ID: each.MemberID, Name: each.Name, Known: each.Name != "", Status: statusOf(each)}
		if row.Name == "" {
			row.Name = row.ID
		}
		if each.Kind == db.KindDepartment {
			if err := s.fillMembers(r.ctx, tree, &row); err != nil {
				return nil, err
			}
		} else if p, ok := people[strings.ToLower(each.MemberID)]; ok {
			row.Inactive, row.Departments = r.t().Servicer.Inactive[p.Status], tree.names(p.Departments)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// fillMembers names some people of a department that serves.
func (s *Server) fillMembers(ctx context.Context, tree departmentTree, row *servicer.Row) error {
	id, err := strconv.ParseInt(row.ID, 10, 64)
	if err != nil {
		return nil // not an id that the directory can have
	}
	row.People = tree.byID[id].People
	if row.People == 0 {
		return nil
	}
	people, err := s.DB.People(ctx, "", id, membersShown)
	if err != nil {
		return err
	}
	for _, p := range people {
		row.Members = append(row.Members, p.Name)
	}
	row.More = max(0, row.People-len(people))
	return nil
}

// servicerRefresh asks WeCom for the servicers now, or for the directory. A failure
// is told by the page it was asked from.
func (s *Server) servicerRefresh(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	if r.form("directory") != "" {
		err = s.Mirror.RefreshDirectory(r.ctx)
	} else {
		err = s.Mirror.RefreshServicers(r.ctx, a.ID)
	}
	if err != nil {
		s.Log.Warn("refresh servicers", "id", r.id, "account", a.ID, "error", err)
	}
	return s.redirect(r, r.back(href.Account(a.ID, "servicers")))
}

// servicerPage is the frame of the pages below the list.
func (s *Server) servicerPage(r *request, a db.Account, title string) layout.Page {
	return layout.Page{Title: title, Nav: layout.Accounts, Crumbs: []ui.Crumb{{Text: r.t().Account.Title, Href: href.Accounts}, {Text: a.Name, Href: href.Account(a.ID)},
		{Text: r.t().Servicer.Title, Href: href.Account(a.ID, "servicers")}, {Text: title}}}
}
