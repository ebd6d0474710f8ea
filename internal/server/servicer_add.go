package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/servicer"
	"kfconsole/web/templates/ui"
)

// peopleShown is how many people of the directory are offered at once.
const peopleShown = 50

func (s *Server) servicerNew(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	c, err := choiceOf(r.queries("member"), r.query("ids"))
	if err != nil {
		return err
	}
	p, body, err := s.servicerForm(r, a, c, r.query("q"), r.query("department"), trouble{})
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// servicerForm is the page on which people are chosen, with what was chosen already.
func (s *Server) servicerForm(r *request, a db.Account, c choice, q, department string, tr trouble) (layout.Page, templ.Component, error) {
	t := r.t().Servicer
	m := servicer.New{Action: href.Account(a.ID, "servicers", "add"), Preview: href.Account(a.ID, "servicers", "preview"), Cancel: href.Account(a.ID, "servicers"),
		Q: q, Department: department, Text: c.text, Usage: usageOf(a.Servicers, a.Departments), Trouble: tr.above, Reason: s.whyNot(r, a, auth.ChangeServicers)}
	m.TextError = fieldError(tr, fieldOf(tr), t.Errors)
	if m.Reason != "" {
		m.Trouble.Notice = cannot(r, m.Reason)
	}
	if err := s.offer(r, a, c, &m); err != nil {
		return layout.Page{}, nil, err
	}
	fresh, err := s.freshness(r, live.TopicDirectory)
	if err != nil {
		return layout.Page{}, nil, err
	}
	p := s.servicerPage(r, a, t.Add)
	p.Facts = []templ.Component{ui.Text(t.AddText), servicer.Checked(r.view, t.DirectoryAt, ui.MaybeTime(r.view, fresh.OKAt))}
	refresh := ui.Btn{Text: t.DirectoryRefresh, Icon: "refresh-cw"}
	if !r.can(auth.Refresh) {
		refresh.Reason = r.t().Account.ReasonRole
	}
	p.Actions = ui.PostButton(href.Account(a.ID, "servicers", "refresh"), []ui.Pair{{"directory", "1"}, {"return", m.Action}}, refresh)
	return p, servicer.Choose(r.view, m), nil
}

// fieldOf names the field that was refused; all troubles of the form stand beside the
// pasted ids.
func fieldOf(t trouble) string {
	if t.invalid == nil {
		return ""
	}
	return t.invalid.Field
}

// offer fills in what the directory has for the search.
func (s *Server) offer(r *request, a db.Account, c choice, m *servicer.New) error {
	department, err := strconv.ParseInt("0"+m.Department, 10, 64)
	if err != nil || len(m.Q) > 200 {
		return badRequest("department")
	}
	tree, err := s.departments(r.ctx)
	if err != nil {
		return err
	}
	there, err := s.servicers(r, a.ID)
	if err != nil {
		return err
	}
	people, err := s.DB.People(r.ctx, m.Q, department, peopleShown+1)
	if err != nil {
		return err
	}
	if len(people) > peopleShown {
		people, m.Shown = people[:peopleShown], peopleShown
	}
	m.Empty = len(tree.list) == 0 && len(people) == 0 && m.Q == "" && department == 0
	m.Options = []ui.Option{{Text: r.t().Servicer.AllDepartments}}
	shown := map[string]bool{}
	for _, p := range people {
		each := personChoice(r, tree, p, there, c)
		shown[strings.ToLower(each.Value)] = true
		m.People = append(m.People, each)
	}
	for i, d := range tree.list {
		m.Options = append(m.Options, ui.Option{Value: strconv.FormatInt(d.ID, 10), Text: strings.Repeat("　", tree.depth[i]) + d.Name, On: d.ID == department})
		depth := tree.depth[i]
		if m.Q != "" {
			depth = 0 // parents may be missing among what was found
		}
		each := departmentChoice(r, d, depth, there, c)
		if each.On || m.Q == "" || strings.Contains(strings.ToLower(d.Name), strings.ToLower(m.Q)) {
			m.Departments = append(m.Departments, each)
		}
	}
	return s.keepChosen(r, c, tree, there, shown, m)
}

// keepChosen lists who was ticked before the search changed.
func (s *Server) keepChosen(r *request, c choice, tree departmentTree, there servicerSet, shown map[string]bool, m *servicer.New) error {
	known, err := s.DB.PeopleByIDs(r.ctx, c.users)
	if err != nil {
		return err
	}
	for _, id := range c.users {
		if shown[strings.ToLower(db.KindUser+":"+id)] {
			continue
		}
		p, ok := known[strings.ToLower(id)]
		if !ok {
			p = db.Person{UserID: id, Name: id}
		}
		m.Chosen = append(m.Chosen, personChoice(r, tree, p, there, c))
	}
	return nil
}

func personChoice(r *request, tree departmentTree, p db.Person, there servicerSet, c choice) servicer.Choice {
	t := r.t().Servicer
	each := servicer.Choice{Value: db.KindUser + ":" + p.UserID, Name: p.Name, ID: p.UserID, Note: tree.names(p.Departments), On: c.has(db.KindUser, p.UserID)}
	switch {
	case there.has(db.KindUser, p.UserID):
		each.On, each.Off, each.Serves, each.Why = true, true, true, t.Already
	case t.Inactive[p.Status] != "":
		each.On, each.Off, each.Why = false, true, t.Inactive[p.Status]
	}
	return each
}

func departmentChoice(r *request, d db.Department, depth int, there servicerSet, c choice) servicer.Choice {
	id := strconv.FormatInt(d.ID, 10)
	each := servicer.Choice{Value: db.KindDepartment + ":" + id, Name: d.Name, ID: id, Depth: depth, Note: r.t().Servicer.Members(d.People), On: c.has(db.KindDepartment, id)}
	if there.has(db.KindDepartment, id) {
		each.On, each.Off, each.Serves, each.Why = true, true, true, r.t().Servicer.Already
	}
	return each
}

// typed is the choice as it was made on the form before the preview, with what cannot
// be sent still in it; c when the form did not carry that.
func (r *request) typed(c choice) (choice, error) {
	if r.form("typed") == "" && r.form("ticked") == "" {
		return c, nil
	}
	return choiceOf(append(r.members(), strings.Fields(r.form("ticked"))...), r.form("typed"))
}

func (s *Server) servicerAdd(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	c, err := choiceOf(r.members(), r.form("ids"))
	if err != nil {
		return err
	}
	send := ops.ServicerChange{IntentID: r.intent(), AccountID: a.ID, Verb: ops.Add, UserIDs: c.ids.Valid, Departments: c.departments}
	if r.form("skip") != "" {
		sorted, err := s.foresee(r, a, c)
		if err != nil {
			return err
		}
		send.UserIDs, send.Departments = sorted.promising()
	}
	run, err := s.Ops.StartServicers(r.ctx, r.actor, send)
	return s.startedRun(r, run, err, func(status int, t trouble) error {
		c, err := r.typed(c)
		if err != nil {
			return err
		}
		if t.invalid != nil {
			p, body, err := s.servicerForm(r, a, c, "", "", t)
			return s.replyOr(r, status, p, body, err)
		}
		p, body, err := s.previewPage(r, a, c, t)
		return s.replyOr(r, status, p, body, err)
	})
}

// startedRun leads to a run that has begun, also when its form was sent twice, and
// shows the form again when it could not begin.
func (s *Server) startedRun(r *request, run string, err error, again func(int, trouble) error) error {
	var duplicate *ops.Duplicate
	var locked *ops.Locked
	var invalid *ops.Invalid
	switch {
	case err == nil:
		return s.redirect(r, href.Run(run))
	case errors.As(err, &duplicate):
		return s.redirect(r, href.Run(duplicate.IntentID))
	case errors.As(err, &locked):
		return again(http.StatusConflict, trouble{above: problem.Trouble{Notice: lockedRun(r, locked)}})
	case errors.As(err, &invalid):
		if invalid.Field == "account" {
			return again(http.StatusUnprocessableEntity, trouble{above: problem.Trouble{Notice: cannot(r, r.t().Servicer.Errors[invalid.Rule](invalid.Limit))}})
		}
		return again(http.StatusUnprocessableEntity, trouble{invalid: invalid, above: problem.Trouble{Errors: 1}})
	}
	if status, t, ok := s.unwritten(r, err); ok {
		return again(status, t)
	}
	return err
}

// cannot says why the servicers of an account cannot be changed.
func cannot(r *request, why string) *problem.Notice {
	return &problem.Notice{Title: r.t().Servicer.CannotTitle, Text: why}
}

// lockedRun leads to the run that has to end first.
func lockedRun(r *request, locked *ops.Locked) *problem.Notice {
	t := r.t().Servicer
	n := &problem.Notice{Title: t.LockedTitle, Text: t.LockedText}
	if locked.IntentID != "" {
		n.Link, n.Href = t.LockedLink, href.Run(locked.IntentID)
	}
	return n
}
