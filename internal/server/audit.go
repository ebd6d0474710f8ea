package server

import (
	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/audit"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// auditCountMost is where counting the entries of a filter stops.
const auditCountMost = 10000

func (s *Server) auditIndex(r *request) error {
	filter, q, err := auditFilter(r)
	if err != nil {
		return err
	}
	m, n, more, err := s.auditList(r, filter, q, href.Audit)
	if err != nil {
		return err
	}
	if m.Menus, err = s.auditMenus(r, q); err != nil {
		return err
	}
	t := r.t().Audit
	m.Search = ui.SearchModel{Action: href.Audit, Name: "target", Value: filter.Target, Label: t.Target, Placeholder: t.SearchHint, Hidden: q.Without("target").Pairs(), Target: "#list"}
	m.Action, m.From, m.To, m.Hidden = href.Audit, q.Get("from"), q.Get("to"), q.Without("from", "to").Pairs()
	p := layout.Page{Title: t.Title, Nav: layout.Audit, Actions: audit.Buttons(r.view, s.auditActions(r, q, n, more))}
	if p.Facts, err = s.auditFacts(r, n, more); err != nil {
		return err
	}
	return s.reply(r, p, audit.List(r.view, m))
}

// auditFilter reads the filter of the log's address, and the query that stands for
// it.
func auditFilter(r *request) (db.AuditFilter, href.Query, error) {
	f := db.AuditFilter{OperatorName: r.query("operator"), Target: r.query("target")}
	if len(f.OperatorName) > 200 || len(f.Target) > 200 {
		return f, href.Query{}, badRequest("target")
	}
	for _, each := range []struct {
		name    string
		allowed []string
		into    *string
	}{{"action", ops.Actions(), &f.Action}, {"kind", ops.Kinds(), &f.TargetKind}, {"outcome", ops.Outcomes(), &f.Result}} {
		v, err := r.oneOf(each.name, append([]string{""}, each.allowed...)...)
		if err != nil {
			return f, href.Query{}, err
		}
		*each.into = v
	}
	var err error
	if f.From, err = r.day("from", false); err != nil {
		return f, href.Query{}, err
	}
	if f.To, err = r.day("to", true); err != nil {
		return f, href.Query{}, err
	}
	return f, href.Q("operator", f.OperatorName, "action", f.Action, "kind", f.TargetKind, "outcome", f.Result,
		"from", r.query("from"), "to", r.query("to"), "target", f.Target), nil
}

// auditList reads a page of the log and counts what the filter lets through.
func (s *Server) auditList(r *request, f db.AuditFilter, q href.Query, path string) (audit.Index, int, bool, error) {
	entries, page, err := s.DB.AuditEntries(r.ctx, f, db.Cursor(r.query("after")), perPage)
	if err != nil {
		return audit.Index{}, 0, false, err
	}
	n, more, err := s.DB.AuditCount(r.ctx, f, auditCountMost)
	if err != nil {
		return audit.Index{}, 0, false, err
	}
	t := r.t().Audit
	m := audit.Index{Pager: pager(r, q, path, page, len(entries), "#list"), Empty: ui.EmptyModel{Icon: "scroll-text", Title: t.NoneTitle, Text: t.NoneText}}
	m.Pager.Total, m.Pager.AtLeast = n, more
	if q.On("") != "" {
		m.Empty = ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchText, Next: ui.Btn{Text: t.ClearFilters, Href: path}}
	}
	for _, e := range entries {
		m.Rows = append(m.Rows, s.auditRow(r, e))
	}
	return m, n, more, nil
}

func (s *Server) auditRow(r *request, e db.Entry) audit.Row {
	t, outcome := r.t().Audit, outcomeOf(e)
	return audit.Row{Href: href.AuditEntry(e.ID), At: e.At, Operator: e.OperatorName, Action: t.Actions[e.Action], Target: targetName(e), TargetHref: targetHref(e),
		Outcome: t.Outcomes[outcome], Tone: outcomeTone(outcome), Change: s.changeLine(r, e)}
}

// targetName is what an entry is about, as it was called then.
func targetName(e db.Entry) string {
	if e.TargetName != "" {
		return e.TargetName
	}
	return e.TargetID
}

// targetHref leads to what an entry is about, where that has a page.
func targetHref(e db.Entry) string {
	if e.TargetID == "" {
		return ""
	}
	switch e.TargetKind {
	case ops.KindAccount:
		return href.Account(e.TargetID)
	case ops.KindServicer:
		return href.Account(e.TargetID, "servicers")
	case ops.KindLink:
		return href.Link(e.TargetID)
	case ops.KindConversation:
		return href.Conversation(e.TargetID)
	case ops.KindScene:
		return href.Scenes
	case ops.KindReply:
		if e.Action != ops.ReplyDelete {
			return href.Reply(e.TargetID)
		}
	}
	return ""
}

// auditMenus are the filters that offer a choice.
func (s *Server) auditMenus(r *request, q href.Query) ([]ui.ChipMenuModel, error) {
	operators, err := s.DB.Operators(r.ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	words := map[string]string{}
	for _, o := range operators {
		names = append(names, o.Name)
		words[o.Name] = o.Name
	}
	t := r.t().Audit
	menu := func(name, label string, values []string, words map[string]string) ui.ChipMenuModel {
		m := ui.ChipMenuModel{Label: label, Clear: q.Without(name).On(href.Audit)}
		for _, v := range values {
			on := q.Get(name) == v
			if on {
				m.Value = words[v]
			}
			m.Choices = append(m.Choices, ui.Choice{Text: words[v], On: on, Href: q.With(name, v).On(href.Audit)})
		}
		return m
	}
	return []ui.ChipMenuModel{menu("operator", t.Operator, names, words), menu("action", t.Action, ops.Actions(), t.Actions),
		menu("kind", t.Kind, ops.Kinds(), t.Kinds), menu("outcome", t.Outcome, ops.Outcomes(), t.Outcomes)}, nil
}

func (s *Server) auditActions(r *request, q href.Query, n int, more bool) audit.Actions {
	t := r.t().Audit
	a := audit.Actions{Verify: ui.Btn{Text: t.Verify, Icon: "shield-check"}, Export: t.ExportText(n, more)}
	if !r.can(auth.VerifyAudit) {
		a.Verify.Reason = t.VerifyReason
	}
	if !r.can(auth.ExportAudit) {
		a.Reason = t.ExportReason
	}
	for _, f := range []struct{ ext, words string }{{"csv", t.CSV}, {"xlsx", t.XLSX}, {"jsonl", t.JSONL}} {
		a.Formats = append(a.Formats, ui.MenuItem{Text: f.words, Href: q.On(href.AuditExport(f.ext))})
	}
	return a
}

// auditFacts says how much the filter lets through, how long the chain is and when it
// was last verified.
func (s *Server) auditFacts(r *request, n int, more bool) ([]templ.Component, error) {
	t := r.t().Audit
	rows, head, err := s.DB.AuditHead(r.ctx)
	if err != nil {
		return nil, err
	}
	last, _, err := s.DB.AuditEntries(r.ctx, db.AuditFilter{Action: ops.AuditVerify, Result: ops.Done}, "", 1)
	if err != nil {
		return nil, err
	}
	verified := t.NeverVerified
	if len(last) > 0 {
		verified = t.Verified(r.t().Ago(r.view.Now, last[0].At))
	}
	return []templ.Component{ui.Text(t.Total(n, more)), ui.Text(t.Head(rows, head[:min(12, len(head))])), ui.Text(verified)}, nil
}

// accountAudit is the log of one account: its own changes and those of its servicers.
func (s *Server) accountAudit(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	path := href.Account(a.ID, "audit")
	m, _, _, err := s.auditList(r, db.AuditFilter{TargetID: a.ID}, href.Q(), path)
	if err != nil {
		return err
	}
	birth, err := s.accountBirth(r, a.ID)
	if err != nil {
		return err
	}
	for _, e := range birth {
		m.Pager.Total++
		if m.Pager.Next == "" {
			m.Rows = append(m.Rows, s.auditRow(r, e))
			m.Pager.Shown++
		}
	}
	m.Bare, m.Empty.Title = true, r.t().Account.AuditNone
	return s.reply(r, s.accountPage(r, a, "audit"), audit.List(r.view, m))
}

// accountBirth is the entry of an account's creation, where it was created here. It was
// written down before the account had an id, so no filter by target finds it, only the
// id that came back. It is the oldest entry there can be: it ends the last page.
func (s *Server) accountBirth(r *request, accountID string) ([]db.Entry, error) {
	list, _, err := s.DB.AuditEntries(r.ctx, db.AuditFilter{Action: ops.AccountCreate, RemoteID: accountID}, "", 1)
	return list, err
}
