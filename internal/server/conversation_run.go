package server

import (
	"encoding/json"
	"errors"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/servicer"
	"kfconsole/web/templates/ui"
)

// movedPage is the page of a run that moves conversations.
func (s *Server) movedPage(r *request, run db.Run, entry db.Entry, m servicer.Run) error {
	t := r.t().Conversation
	var goal struct {
		State    int    `json:"state"`
		Servicer string `json:"servicer"`
	}
	if err := json.Unmarshal([]byte(run.Input), &goal); err != nil {
		return err
	}
	m.Who = t.ColWho
	p := layout.Page{Title: t.RunTitle(run.Total, t.States[goal.State]), Nav: layout.Conversations, Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Conversations}, {Text: t.MoveSelected}}}
	if goal.Servicer != "" {
		p.Facts = append(p.Facts, servicer.By(s.personName(r.ctx, goal.Servicer)))
	}
	if r.can(auth.ViewAudit) {
		p.Facts = append(p.Facts, servicer.By(entry.OperatorName))
	}
	p.Facts = append(p.Facts, ui.Time(r.view, run.CreatedAt))
	p.Actions = templ.Component(ui.LinkButton(ui.Btn{Text: t.SeeBoard, Icon: "messages-square", Href: href.Conversations}))
	if !m.Finished {
		p.Refresh = refreshEvery
	}
	return s.reply(r, p, servicer.Progress(r.view, m))
}

// movedRow is what became of one conversation of a run. One that was erased since has no name any more.
func (s *Server) movedRow(r *request, item db.RunItem) (servicer.Result, error) {
	t := r.t()
	row := servicer.Result{Pos: item.Pos, Name: t.Conversation.TheCustomer, ID: item.Name, State: item.State, Code: item.Errcode, Meaning: t.Servicer.StateHelp[item.State]}
	c, err := s.DB.Conversation(r.ctx, item.MemberID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return row, err
	}
	if err == nil {
		row.Name, row.ID, row.Href = talkName(r, c), orID(c.AccountName, c.AccountID), href.Conversation(c.ID)
	}
	switch {
	case item.Errcode != 0:
		row.Meaning = i18n.Errcode(string(t.Lang), item.Errcode).Meaning
	case item.State == db.ItemFailed:
		row.Meaning = t.Servicer.NotApplied
		if say := t.Conversation.Errors[item.Errmsg]; say != nil {
			row.Meaning = say(0)
		}
	}
	return row, nil
}
