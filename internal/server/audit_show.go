package server

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/audit"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

func (s *Server) auditShow(r *request) error {
	e, err := s.DB.AuditEntry(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	return s.auditPage(r, http.StatusOK, e, nil)
}

// auditPage shows one entry, with a notice above it when an undo could not be done.
func (s *Server) auditPage(r *request, status int, e db.Entry, n *problem.Notice) error {
	t := r.t().Audit
	outcome := outcomeOf(e)
	m := audit.Show{Facts: s.auditKVs(r, e), Changes: worded(diff(r, e)), Outcome: t.Outcomes[outcome], Tone: outcomeTone(outcome), Open: outcome == ops.Open,
		Settle: href.AuditEntry(e.ID, "settle"), Card: entryCard(r, e)}
	for _, note := range e.Notes {
		by := note.OperatorName
		if by == "" {
			by = t.NoteByConsole
		}
		m.Notes = append(m.Notes, audit.Note{At: note.At, By: by, Text: note.Text})
	}
	m.Chain = []ui.KV{{Key: t.ColSeq, Value: strconv.FormatInt(e.Seq, 10)}, {Key: t.ColID, Show: ui.Copy(r.view, t.ColID, e.ID)}, {Key: t.RequestID, Show: ui.Copy(r.view, t.RequestID, e.RequestID)}}
	p := layout.Page{Title: t.Actions[e.Action], Nav: layout.Audit, Facts: []templ.Component{ui.State(m.Tone, m.Outcome), ui.ExactTime(r.view, e.At)},
		Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Audit}, {Text: t.Actions[e.Action]}}}
	if ops.CanUndo(e) && r.can(ops.Needs(e.Action)) {
		p.Actions = ui.PostButton(href.AuditEntry(e.ID, "undo"), []ui.Pair{{"intent", db.NewID()}, {"return", href.AuditEntry(e.ID)}}, ui.Btn{Text: t.UndoTitle, Icon: "undo-2"})
	}
	body := audit.Page(r.view, m)
	if n != nil {
		body = components(problem.Above(r.view, problem.Trouble{Notice: n}), body)
	}
	return s.replyStatus(r, status, p, body)
}

func (s *Server) auditKVs(r *request, e db.Entry) []ui.KV {
	t := r.t().Audit
	who := e.OperatorName
	if who == "" {
		who = t.Nobody
	}
	facts := []ui.KV{
		{Key: t.Who, Show: ui.Who(ui.WhoModel{Name: who, Size: ui.AvatarRoundSmall})},
		{Key: t.When, Show: ui.ExactTime(r.view, e.At)},
		{Key: t.Where, Value: e.IP, Mono: true},
		{Key: t.What, Value: t.Actions[e.Action]},
		{Key: t.Object, Value: targetName(e), Href: targetHref(e)},
	}
	if e.Outcome != nil && e.Outcome.RemoteID != "" {
		facts = append(facts, ui.KV{Key: t.RemoteID, Show: ui.Copy(r.view, t.RemoteID, e.Outcome.RemoteID)})
	}
	if e.Undoes != "" {
		facts = append(facts, ui.KV{Key: t.Undoes, Value: e.Undoes[:min(12, len(e.Undoes))], Href: href.AuditEntry(e.Undoes), Mono: true})
	}
	if ops.IsRun(e.Action) {
		if _, err := s.DB.Run(r.ctx, e.ID); err == nil {
			facts = append(facts, ui.KV{Key: t.Changes, Value: t.SeeRun, Href: href.Run(e.ID)})
		}
	}
	return facts
}

// entryCard explains why an entry was not done, where WeCom said so.
func entryCard(r *request, e db.Entry) *ui.ErrorModel {
	if e.Outcome == nil || (e.Outcome.Errcode == 0 && (e.Outcome.Result != ops.Failed || ops.Needs(e.Action) == "")) {
		return nil
	}
	o := e.Outcome
	why := explain(r.t().Lang, o.Errcode, "")
	card := ui.ErrorModel{Title: r.t().Audit.ErrTitle, Tried: r.t().Audit.Actions[e.Action], Message: o.Errmsg, HintID: o.Hint, FromIP: o.FromIP, RequestID: e.RequestID}
	if o.Errcode != 0 {
		card.Code, card.Meaning, card.Cause, card.Advice = strconv.Itoa(o.Errcode), why.Meaning, why.Cause, why.Advice
	}
	return &card
}

// auditUndo takes a change back, as a change of its own.
func (s *Server) auditUndo(r *request) error {
	e, err := s.DB.AuditEntry(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	result, err := s.Ops.Undo(r.ctx, r.actor, e.ID, r.intent())
	to := r.back(href.AuditEntry(e.ID))
	run := result.IntentID
	var twice *ops.Duplicate
	if errors.As(err, &twice) {
		run = twice.IntentID
	}
	if run != "" && (e.Action == ops.ServicerAdd || e.Action == ops.ServicerRemove) {
		to = href.Run(run)
	}
	t := r.t().Audit
	var conflict *ops.Conflict
	switch {
	case errors.Is(err, ops.ErrNotUndoable):
		return s.auditPage(r, http.StatusConflict, e, &problem.Notice{Title: t.NotUndoable})
	case errors.As(err, &conflict):
		return s.auditPage(r, http.StatusConflict, e, &problem.Notice{Title: t.UndoConflict, Link: targetName(e), Href: targetHref(e)})
	case err == nil && (result.Outcome == ops.Refused || result.Outcome == ops.Failed):
		return s.redirect(r, href.AuditEntry(result.IntentID))
	}
	return s.conclude(r, change{result: result, err: err, tried: t.UndoTitle, to: to})
}

// auditSettle asks WeCom now how an open change ended.
func (s *Server) auditSettle(r *request) error {
	e, err := s.DB.AuditEntry(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	if !r.can(ops.Needs(e.Action)) {
		r.denied = ops.Needs(e.Action)
		return &statusError{status: http.StatusForbidden, what: string(r.denied)}
	}
	if err := s.Ops.SettleOne(r.ctx, e.ID); err != nil {
		s.Log.Warn("settle", "id", r.id, "intent", e.ID, "error", err)
	}
	return s.redirect(r, r.back(href.AuditEntry(e.ID)))
}

// auditVerify proves the chain and records the verdict.
func (s *Server) auditVerify(r *request) error {
	start := s.Now()
	v, err := s.DB.VerifyAudit(r.ctx, nil)
	if err != nil {
		return err
	}
	took := s.Now().Sub(start)
	if err := s.Ops.RecordVerify(r.ctx, r.actor, v); err != nil {
		return err
	}
	t := r.t().Audit
	m := audit.Verdict{OK: v.Broken == nil, Back: href.Audit, Facts: []ui.KV{
		{Key: t.VerifyRows, Value: strconv.FormatInt(v.Rows, 10)}, {Key: t.VerifyHead, Show: ui.Copy(r.view, t.VerifyHead, strconv.FormatInt(v.Rows, 10)+":"+v.Head)},
		{Key: t.VerifyTook, Value: took.Round(time.Millisecond).String()}}}
	if b := v.Broken; b != nil {
		m.Facts = append(m.Facts, ui.KV{Key: t.VerifyKind, Value: t.Breaks[b.Reason]}, ui.KV{Key: t.VerifySeq, Value: strconv.FormatInt(b.Seq, 10)},
			ui.KV{Key: t.VerifyTable, Value: b.Table, Mono: true}, ui.KV{Key: t.VerifyID, Value: b.ID, Mono: true})
	}
	p := layout.Page{Title: t.VerifyTitle, Nav: layout.Audit, Narrow: true, Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Audit}, {Text: t.Verify}}}
	return s.reply(r, p, audit.Result(r.view, m))
}
