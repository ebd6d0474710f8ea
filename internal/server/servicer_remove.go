package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/servicer"
	"kfconsole/web/templates/ui"
)

// servicerRemove asks before it removes: a selection leads to the list of who would
// go, and that page's button says confirmed. The menu of one row names it as only.
func (s *Server) servicerRemove(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	members := r.members()
	if only := r.form("only"); only != "" {
		members = []string{only}
	}
	c, err := choiceOf(members, "")
	if err != nil {
		return err
	}
	rows, err := s.chosenServicers(r, a, c)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		why := r.t().Servicer.RemoveGone
		if c.empty() {
			why = r.t().Servicer.RemoveNone
		}
		return s.removalPage(r, http.StatusUnprocessableEntity, a, nil, trouble{above: problem.Trouble{Notice: &problem.Notice{Title: why}}})
	}
	if r.form("confirmed") == "" {
		return s.removalPage(r, http.StatusOK, a, rows, trouble{})
	}
	send := ops.ServicerChange{IntentID: r.intent(), AccountID: a.ID, Verb: ops.Remove}
	for _, row := range rows {
		if row.Kind == db.KindUser {
			send.UserIDs = append(send.UserIDs, row.MemberID)
		} else if id, err := strconv.ParseInt(row.MemberID, 10, 64); err == nil {
			send.Departments = append(send.Departments, id)
		}
	}
	run, err := s.Ops.StartServicers(r.ctx, r.actor, send)
	return s.startedRun(r, run, err, func(status int, t trouble) error {
		return s.removalPage(r, status, a, rows, t)
	})
}

// chosenServicers are those of the choice that serve, by our copy; a form that was sent
// twice finds them gone, so a confirmed one keeps what it names.
func (s *Server) chosenServicers(r *request, a db.Account, c choice) ([]db.Servicer, error) {
	known, err := s.servicers(r, a.ID)
	if err != nil {
		return nil, err
	}
	var rows []db.Servicer
	add := func(kind, id string) {
		if row, ok := known[memberKey(kind, id)]; ok {
			rows = append(rows, row)
		} else if r.form("confirmed") != "" {
			rows = append(rows, db.Servicer{AccountID: a.ID, Kind: kind, MemberID: id})
		}
	}
	for _, id := range c.departments {
		add(db.KindDepartment, strconv.FormatInt(id, 10))
	}
	for _, id := range c.ids.Valid {
		add(db.KindUser, id)
	}
	return rows, nil
}

func (s *Server) removalPage(r *request, status int, a db.Account, rows []db.Servicer, tr trouble) error {
	t := r.t().Servicer
	m := servicer.Removal{Action: href.Account(a.ID, "servicers", "remove"), Cancel: href.Account(a.ID, "servicers"), Trouble: tr.above, Reason: s.whyNot(r, a, auth.ChangeServicers)}
	var members []string
	for _, row := range rows {
		item := servicer.Item{Name: row.Name, ID: row.MemberID}
		if row.Kind == db.KindDepartment {
			m.Departments++
			item.Why = t.Department
		} else {
			m.People++
		}
		m.Items = append(m.Items, item)
		members = append(members, row.Kind+":"+row.MemberID)
	}
	m.Hidden = []ui.Pair{{"intent", db.NewID()}, {"confirmed", "1"}, {"members", strings.Join(members, "\n")}}
	m.Nobody = m.People >= a.Servicers && m.Departments >= a.Departments && len(rows) > 0
	if m.Reason != "" && m.Trouble.Notice == nil {
		m.Trouble.Notice = cannot(r, m.Reason)
	}
	title := t.Remove
	if len(rows) > 0 {
		title = t.RemoveTitle(m.People, m.Departments)
	}
	p := s.servicerPage(r, a, title)
	p.Narrow, p.Facts = true, []templ.Component{servicer.Owner(a.Name, href.Account(a.ID))}
	return s.replyStatus(r, status, p, servicer.Release(r.view, m))
}
