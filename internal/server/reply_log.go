package server

import (
	"slices"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/reply"
	"kfconsole/web/templates/ui"
)

// codeStates are the ends that the log can be filtered by.
func codeStates() []string {
	return []string{db.CodeSent, db.CodeSkipped, db.CodeRefused, db.CodeUnknown, db.CodeDue, db.CodeSending}
}

// replyLog lists every occasion on which a coded message could be sent, and its end.
func (s *Server) replyLog(r *request) error {
	scene, err := r.oneOf("scene", append([]string{""}, replyScenes()...)...)
	if err != nil {
		return err
	}
	state, err := r.oneOf("state", append([]string{""}, codeStates()...)...)
	if err != nil {
		return err
	}
	f := db.CodeFilter{Account: r.query("account"), Scene: scene, State: state}
	list, page, err := s.DB.Codes(r.ctx, f, db.Cursor(r.query("after")), perPage)
	if err != nil {
		return err
	}
	rules, err := s.DB.ReplyRules(r.ctx)
	if err != nil {
		return err
	}
	q := href.Q("account", f.Account, "scene", scene, "state", state)
	m := reply.Log{Here: q.With("after", r.query("after")).On(href.ReplyLog), Pager: pager(r, q, href.ReplyLog, page, len(list), "#list"), Empty: s.replyLogEmpty(r, f)}
	m.Pager.Total, m.Pager.AtLeast = len(list), page.Next != ""
	if m.Menus, err = s.replyLogMenus(r, f, q); err != nil {
		return err
	}
	for _, c := range list {
		m.Rows = append(m.Rows, s.replyLogRow(r, c, rules))
	}
	return s.reply(r, s.replyPage(r, href.ReplyLog), reply.Record(r.view, m))
}

func (s *Server) replyLogEmpty(r *request, f db.CodeFilter) ui.EmptyModel {
	t := r.t().Reply
	if f != (db.CodeFilter{}) {
		return ui.EmptyModel{Icon: "search-x", Title: r.t().Customer.NoMatchTitle, Next: ui.Btn{Text: r.t().Customer.ClearIt, Href: href.ReplyLog}}
	}
	return ui.EmptyModel{Icon: "inbox", Title: t.LogNoneTitle, Text: t.LogNoneText}
}

func (s *Server) replyLogMenus(r *request, f db.CodeFilter, q href.Query) ([]ui.ChipMenuModel, error) {
	t := r.t().Reply
	account := ui.ChipMenuModel{Label: t.FilterAccount, Clear: q.Without("account").On(href.ReplyLog)}
	options, err := s.replyAccounts(r, f.Account, false)
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		account.Choices = append(account.Choices, ui.Choice{Text: o.Text, Href: q.With("account", o.Value).On(href.ReplyLog), On: o.On})
		if o.On {
			account.Value = o.Text
		}
	}
	scene := ui.ChipMenuModel{Label: t.FilterScene, Value: t.Scenes[f.Scene], Clear: q.Without("scene").On(href.ReplyLog)}
	for _, each := range replyScenes() {
		scene.Choices = append(scene.Choices, ui.Choice{Text: t.Scenes[each], Href: q.With("scene", each).On(href.ReplyLog), On: each == f.Scene})
	}
	state := ui.ChipMenuModel{Label: t.FilterState, Value: t.States[f.State], Clear: q.Without("state").On(href.ReplyLog)}
	for _, each := range codeStates() {
		state.Choices = append(state.Choices, ui.Choice{Text: t.States[each], Href: q.With("state", each).On(href.ReplyLog), On: each == f.State})
	}
	return []ui.ChipMenuModel{account, scene, state}, nil
}

func (s *Server) replyLogRow(r *request, c db.Code, rules []db.ReplyRule) reply.LogRow {
	t := r.t().Reply
	row := reply.LogRow{At: c.GotAt, Scene: c.Scene, Customer: orName(r, customerName(r, c.CustomerName)), Href: href.Conversation(c.ConversationID),
		Account: orID(c.AccountName, c.AccountID), State: c.State, Reason: t.Reasons[c.Reason], Tone: codeTone(c.State), Errcode: c.Errcode}
	if c.State == db.CodeSent && c.DoneAt.After(c.GotAt) {
		row.Took = r.t().Conversation.Span(c.DoneAt.Sub(c.GotAt))
	}
	if c.Errcode != 0 {
		row.Meaning = explain(r.t().Lang, c.Errcode, "").Meaning
	}
	if at := slices.IndexFunc(rules, func(rule db.ReplyRule) bool { return rule.ID == c.RuleID }); at >= 0 {
		row.Rule, row.RuleHref = rules[at].Name, href.Reply(c.RuleID)
	}
	return row
}

func codeTone(state string) ui.Tone {
	switch state {
	case db.CodeSent:
		return ui.ToneOK
	case db.CodeRefused:
		return ui.ToneDanger
	case db.CodeUnknown:
		return ui.ToneWarn
	case db.CodeDue, db.CodeSending:
		return ui.ToneInfo
	}
	return ui.ToneNeutral
}
