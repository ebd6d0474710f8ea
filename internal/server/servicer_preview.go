package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/servicer"
	"kfconsole/web/templates/ui"
)

// fate is what will probably become of somebody who was chosen.
type fate int

const (
	fateNew     fate = iota // becomes a servicer
	fateThere               // is one already
	fateStrange             // not in the directory
	fateIdle                // in the directory, but cannot serve
)

// foreseen is one of the chosen with the probable fate.
type foreseen struct {
	kind, id, name, why string
	fate                fate
}

type forecast []foreseen

// foresee compares the choice with our copy of WeCom. Before the directory has been
// read nobody counts as strange.
func (s *Server) foresee(r *request, a db.Account, c choice) (forecast, error) {
	fresh, err := s.freshness(r, live.TopicDirectory)
	if err != nil {
		return nil, err
	}
	there, err := s.servicers(r, a.ID)
	if err != nil {
		return nil, err
	}
	people, err := s.DB.PeopleByIDs(r.ctx, c.ids.Valid)
	if err != nil {
		return nil, err
	}
	tree, err := s.departments(r.ctx)
	if err != nil {
		return nil, err
	}
	var f forecast
	for _, id := range c.departments {
		d, known := tree.byID[id]
		each := foreseen{kind: db.KindDepartment, id: strconv.FormatInt(id, 10), name: d.Name, why: r.t().Servicer.Department}
		each.judge(there, known || fresh.OKAt == nil, "")
		f = append(f, each)
	}
	for _, id := range c.ids.Valid {
		p, known := people[strings.ToLower(id)]
		each := foreseen{kind: db.KindUser, id: id, name: p.Name}
		each.judge(there, known || fresh.OKAt == nil, r.t().Servicer.Inactive[p.Status])
		f = append(f, each)
	}
	return f, nil
}

func (e *foreseen) judge(there servicerSet, known bool, inactive string) {
	switch {
	case there.has(e.kind, e.id):
		e.fate = fateThere
	case !known:
		e.fate = fateStrange
	case inactive != "":
		e.fate, e.why = fateIdle, inactive
	}
}

// promising are those that will probably not fail.
func (f forecast) promising() (users []string, departments []int64) {
	for _, each := range f {
		if each.fate == fateStrange || each.fate == fateIdle {
			continue
		}
		if n, err := strconv.ParseInt(each.id, 10, 64); each.kind == db.KindDepartment && err == nil {
			departments = append(departments, n)
		} else if each.kind == db.KindUser {
			users = append(users, each.id)
		}
	}
	return users, departments
}

// group gathers those of one fate.
func (f forecast) group(want fate, g servicer.Group) servicer.Group {
	for _, each := range f {
		if each.fate != want {
			continue
		}
		if each.kind == db.KindDepartment {
			g.Departments++
		} else {
			g.People++
		}
		g.Items = append(g.Items, servicer.Item{Name: each.name, ID: each.id, Why: each.why})
	}
	return g
}

// servicerPreview shows what would be sent; with edit it goes back to the choice.
func (s *Server) servicerPreview(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	c, err := choiceOf(r.members(), r.form("ids"))
	if err != nil {
		return err
	}
	if r.form("edit") != "" {
		if c, err = r.typed(c); err != nil {
			return err
		}
		p, body, err := s.servicerForm(r, a, c, "", "", trouble{})
		return s.replyOr(r, http.StatusOK, p, body, err)
	}
	if wrong := unsendable(c); wrong != nil {
		t := trouble{invalid: wrong, above: problem.Trouble{Errors: 1}}
		p, body, err := s.servicerForm(r, a, c, r.form("q"), r.form("department"), t)
		return s.replyOr(r, http.StatusUnprocessableEntity, p, body, err)
	}
	p, body, err := s.previewPage(r, a, c, trouble{})
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// unsendable says why a choice cannot become a run; nil when it can.
func unsendable(c choice) *ops.Invalid {
	switch {
	case c.empty() && len(c.ids.Invalid) > 0:
		return &ops.Invalid{Field: "users", Rule: "id"}
	case c.empty():
		return &ops.Invalid{Field: "users", Rule: "required"}
	case len(c.ids.Valid) > ops.MaxServicers:
		return &ops.Invalid{Field: "users", Rule: "limit", Limit: ops.MaxServicers}
	case len(c.departments) > ops.MaxDepartments:
		return &ops.Invalid{Field: "departments", Rule: "limit", Limit: ops.MaxDepartments}
	}
	return nil
}

func (s *Server) previewPage(r *request, a db.Account, c choice, tr trouble) (layout.Page, templ.Component, error) {
	t := r.t().Servicer
	f, err := s.foresee(r, a, c)
	if err != nil {
		return layout.Page{}, nil, err
	}
	m := servicer.Preview{Action: href.Account(a.ID, "servicers"), Edit: href.Account(a.ID, "servicers", "preview"), Cancel: href.Account(a.ID, "servicers"),
		Hidden: carry(c), Folded: c.ids.Duplicates, Calls: calls(len(c.ids.Valid), len(c.departments)), Trouble: tr.above, Reason: s.whyNot(r, a, auth.ChangeServicers)}
	fresh := f.group(fateNew, servicer.Group{Title: t.WillAdd, Help: t.WillAddHelp, Tone: ui.ToneOK, Icon: "user-plus", Open: true})
	idle := f.group(fateIdle, servicer.Group{Title: t.Idle, Help: t.IdleHelp, Tone: ui.ToneWarn, Icon: "triangle-alert", Open: true})
	strange := f.group(fateStrange, servicer.Group{Title: t.Strange, Help: t.StrangeHelp, Tone: ui.ToneWarn, Icon: "search-x", Open: true})
	wrong := servicer.Group{Title: t.Wrong, Help: t.WrongHelp, Tone: ui.ToneDanger, Icon: "ban", Open: true}
	for _, id := range c.ids.Invalid {
		wrong.Items = append(wrong.Items, servicer.Item{ID: id})
	}
	there := f.group(fateThere, servicer.Group{Title: t.IsThere, Help: t.IsThereHelp, Tone: ui.ToneNeutral, Icon: "user-check"})
	for _, g := range []servicer.Group{fresh, idle, strange, wrong, there} {
		if len(g.Items) > 0 {
			m.Groups = append(m.Groups, g)
		}
	}
	if sure := len(fresh.Items) + len(there.Items); sure > 0 {
		m.Doubtful = len(idle.Items) + len(strange.Items)
	}
	m.Usage = usageOf(a.Servicers+fresh.People, a.Departments+fresh.Departments)
	if m.Reason != "" && m.Trouble.Notice == nil {
		m.Trouble.Notice = cannot(r, m.Reason)
	}
	p := s.servicerPage(r, a, t.PreviewTitle(len(c.ids.Valid), len(c.departments)))
	p.Facts = []templ.Component{ui.Text(t.PreviewText)}
	return p, servicer.Ask(r.view, m), nil
}

// calls is how many calls a run takes.
func calls(people, departments int) int {
	return max((people+kf.MaxUsersPerCall-1)/kf.MaxUsersPerCall, (departments+kf.MaxDepartments-1)/kf.MaxDepartments)
}

// carry are the hidden fields that take a choice to the next form: what would be sent,
// and what was typed, for going back. They are few and long, because a form may have
// only so many fields.
func carry(c choice) []ui.Pair {
	var departments, ticked []string
	for _, id := range c.departments {
		departments = append(departments, db.KindDepartment+":"+strconv.FormatInt(id, 10))
	}
	for _, id := range c.users {
		ticked = append(ticked, db.KindUser+":"+id)
	}
	return []ui.Pair{{"intent", db.NewID()}, {"ids", strings.Join(c.ids.Valid, "\n")}, {"members", strings.Join(departments, "\n")},
		{"typed", c.text}, {"ticked", strings.Join(ticked, "\n")}}
}
