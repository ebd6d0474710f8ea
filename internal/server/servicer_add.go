package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
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

// servicerSet reads who serves an account, by kind and lower-case id.
func (s *Server) servicerSet(r *request, accountID string) (map[string]bool, error) {
	list, _, err := s.DB.Servicers(r.ctx, accountID, db.ServicerFilter{}, "", allServicers)
	there := map[string]bool{}
	for _, each := range list {
		there[strings.ToLower(each.Kind+":"+each.MemberID)] = true
	}
	return there, err
}

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
	if err != nil {
		return err
	}
	return s.reply(r, p, body)
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
	there, err := s.servicerSet(r, a.ID)
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
func (s *Server) keepChosen(r *request, c choice, tree departmentTree, there, shown map[string]bool, m *servicer.New) error {
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

func personChoice(r *request, tree departmentTree, p db.Person, there map[string]bool, c choice) servicer.Choice {
	t := r.t().Servicer
	each := servicer.Choice{Value: db.KindUser + ":" + p.UserID, Name: p.Name, ID: p.UserID, Note: tree.names(p.Departments), On: c.has(db.KindUser, p.UserID)}
	switch {
	case there[strings.ToLower(each.Value)]:
		each.On, each.Off, each.Serves, each.Why = true, true, true, t.Already
	case t.Inactive[p.Status] != "":
		each.On, each.Off, each.Why = false, true, t.Inactive[p.Status]
	}
	return each
}

func departmentChoice(r *request, d db.Department, depth int, there map[string]bool, c choice) servicer.Choice {
	id := strconv.FormatInt(d.ID, 10)
	each := servicer.Choice{Value: db.KindDepartment + ":" + id, Name: d.Name, ID: id, Depth: depth, Note: r.t().Servicer.Members(d.People), On: c.has(db.KindDepartment, id)}
	if there[each.Value] {
		each.On, each.Off, each.Serves, each.Why = true, true, true, r.t().Servicer.Already
	}
	return each
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
	return s.startedRun(r, a, run, err, func(status int, t trouble) error {
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

// replyOr answers with a form that was built anew, unless that failed.
func (s *Server) replyOr(r *request, status int, p layout.Page, body templ.Component, err error) error {
	if err != nil {
		return err
	}
	return s.replyStatus(r, status, p, body)
}

// startedRun leads to a run that has begun, also when its form was sent twice, and
// shows the form again when it could not begin.
func (s *Server) startedRun(r *request, a db.Account, run string, err error, again func(int, trouble) error) error {
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
	status, what := classify(err)
	if what != kindStorage && what != kindBusy {
		return err
	}
	s.Log.Error("run not written down", "id", r.id, "account", a.ID, "error", err)
	return again(status, trouble{above: problem.Trouble{Notice: notice(r.t().Error, what)}})
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

// queries lists the values of a query parameter that may be there many times.
func (r *request) queries(name string) []string {
	var list []string
	for _, v := range r.c.Context().QueryArgs().PeekMulti(name) {
		list = append(list, string(v))
	}
	return list
}
