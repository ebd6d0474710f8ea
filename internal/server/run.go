package server

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/servicer"
	"kfconsole/web/templates/ui"
)

// refreshEvery is how often a browser without scripts fetches the page of a run that
// is under way, in seconds.
const refreshEvery = 2

// runShow shows a run of servicers or of conversations. Everything on it is read from the database, so it
// can be left and found again at any time.
func (s *Server) runShow(r *request) error {
	run, err := s.DB.Run(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	state, err := r.oneOf("state", "", db.ItemDone, db.ItemIgnored, db.ItemFailed, db.ItemUnknown)
	if err != nil {
		return err
	}
	after, err := strconv.Atoi("0" + r.query("after"))
	if err != nil || after > run.Total {
		return badRequest("after")
	}
	entry, err := s.DB.AuditEntry(r.ctx, run.ID)
	if err != nil {
		return err
	}
	m, err := s.runPage(r, run, entry, state, after)
	if err != nil {
		return err
	}
	if run.Verb == ops.VerbMove {
		return s.movedPage(r, run, entry, m)
	}
	a, err := s.DB.Account(r.ctx, run.AccountID)
	if err != nil {
		return err
	}
	t := r.t().Servicer
	title := t.RunAdd(run.Total)
	if run.Verb == ops.Remove {
		title = t.RunRemove(run.Total)
	}
	p := s.servicerPage(r, a, title)
	p.Facts = []templ.Component{servicer.Owner(a.Name, href.Account(a.ID))}
	if r.can(auth.ViewAudit) {
		p.Facts = append(p.Facts, servicer.By(entry.OperatorName))
	}
	p.Facts = append(p.Facts, ui.Time(r.view, run.CreatedAt))
	if entry.Undoes != "" {
		p.Facts = append(p.Facts, servicer.Undoes(r.view, href.Run(entry.Undoes)))
	}
	p.Actions = ui.LinkButton(ui.Btn{Text: t.Back, Icon: "users", Href: href.Account(a.ID, "servicers")})
	if !m.Finished {
		p.Refresh = refreshEvery
	}
	return s.reply(r, p, servicer.Progress(r.view, m))
}

func (s *Server) runPage(r *request, run db.Run, entry db.Entry, state string, after int) (servicer.Run, error) {
	path := href.Run(run.ID)
	q := href.Q("state", state, "after", r.query("after"))
	m := servicer.Run{Self: q.On(path), Verb: run.Verb, Who: r.t().Servicer.ColWho, Finished: run.FinishedAt != nil, Total: run.Total, Done: run.Done, Ignored: run.Ignored, Failed: run.Failed,
		Unknown: run.Unknown, Pending: run.Pending, Chips: runChips(r, run, q.Without("after"), path)}
	if m.Finished {
		m.Outcome = outcomeOf(entry)
		m.Tone = outcomeTone(m.Outcome)
	}
	if r.can(auth.ViewAudit) {
		m.AuditHref = href.AuditEntry(run.ID)
	}
	if m.Finished && ops.CanUndo(entry) && r.can(ops.Needs(entry.Action)) {
		m.Undo, m.UndoFields = href.AuditEntry(run.ID, "undo"), []ui.Pair{{"intent", db.NewID()}, {"return", path}}
	}
	items, err := s.DB.RunItems(r.ctx, run.ID, state, after, peoplePerPage+1)
	if err != nil {
		return m, err
	}
	more := len(items) > peoplePerPage
	items = items[:min(len(items), peoplePerPage)]
	for _, item := range items {
		row, err := s.runRow(r, item)
		if err != nil {
			return m, err
		}
		m.Rows = append(m.Rows, row)
	}
	m.Pager = runPager(q, path, run, state, after, items, more)
	m.Reasons, err = s.runReasons(r, run)
	return m, err
}

// runChips filter the rows by their state. While the run is under way each is on
// offer, since its rows may come.
func runChips(r *request, run db.Run, q href.Query, path string) []ui.ChipModel {
	t := r.t().Servicer
	var chips []ui.ChipModel
	for _, c := range []struct {
		state string
		n     int
	}{{db.ItemDone, run.Done}, {db.ItemIgnored, run.Ignored}, {db.ItemFailed, run.Failed}, {db.ItemUnknown, run.Unknown}} {
		on := q.Get("state") == c.state
		if run.FinishedAt != nil && c.n == 0 && !on {
			continue
		}
		chip := ui.ChipModel{Text: t.States[run.Verb+"."+c.state], On: on, Href: q.With("state", c.state).On(path)}
		if on {
			chip.Href = q.Without("state").On(path)
		}
		if run.FinishedAt != nil {
			chip.Count = &c.n
		}
		chips = append(chips, chip)
	}
	return chips
}

// runPager pages by position. Without a filter the pages are even, so there is a way
// back; with one there is a way to the beginning.
func runPager(q href.Query, path string, run db.Run, state string, after int, items []db.RunItem, more bool) ui.PagerModel {
	m := ui.PagerModel{Shown: len(items), Total: run.Total, Target: "#list"}
	switch state {
	case db.ItemDone:
		m.Total = run.Done
	case db.ItemIgnored:
		m.Total = run.Ignored
	case db.ItemFailed:
		m.Total = run.Failed
	case db.ItemUnknown:
		m.Total = run.Unknown
	}
	if after > 0 {
		m.First = q.Without("after").On(path)
	}
	if after > peoplePerPage && state == "" {
		m.Prev = q.With("after", strconv.Itoa(after-peoplePerPage)).On(path)
	}
	if more {
		m.Next = q.With("after", strconv.Itoa(items[len(items)-1].Pos)).On(path)
	}
	return m
}

func (s *Server) runRow(r *request, item db.RunItem) (servicer.Result, error) {
	if item.Kind == ops.KindConversation {
		return s.movedRow(r, item)
	}
	return servicerRow(r, item), nil
}

func servicerRow(r *request, item db.RunItem) servicer.Result {
	t := r.t().Servicer
	row := servicer.Result{Pos: item.Pos, Name: item.Name, ID: item.MemberID, Department: item.Kind == db.KindDepartment, State: item.State, Code: item.Errcode, Meaning: t.StateHelp[item.State]}
	if row.Department && row.Name == "" {
		row.Name = t.NotInDirectory
	}
	switch {
	case item.Errcode != 0:
		row.Meaning = i18n.Errcode(string(r.t().Lang), item.Errcode).Meaning
	case item.State == db.ItemFailed:
		row.Meaning = t.NotApplied
	}
	return row
}

// runReasons counts why rows failed, the most frequent first.
func (s *Server) runReasons(r *request, run db.Run) ([]servicer.Reason, error) {
	if run.Failed == 0 {
		return nil, nil
	}
	failed, err := s.DB.RunItems(r.ctx, run.ID, db.ItemFailed, 0, allServicers)
	if err != nil {
		return nil, err
	}
	var list []servicer.Reason
	for _, item := range failed {
		row, err := s.runRow(r, item)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list, func(reason servicer.Reason) bool { return reason.Code == item.Errcode && reason.Meaning == row.Meaning })
		if at < 0 {
			reason := servicer.Reason{Code: item.Errcode, Meaning: row.Meaning}
			if item.Errcode != 0 {
				reason.Advice = i18n.Errcode(string(r.t().Lang), item.Errcode).Advice
			}
			at, list = len(list), append(list, reason)
		}
		list[at].Count++
	}
	slices.SortStableFunc(list, func(a, b servicer.Reason) int { return b.Count - a.Count })
	return list, nil
}
