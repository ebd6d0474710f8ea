package server

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/internal/kf"
	"kfconsole/internal/live"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/reply"
	"kfconsole/web/templates/ui"
)

// replyScenes are the occasions of coded messages in the order in which they come up.
func replyScenes() []string {
	return []string{db.SceneWelcome, db.SceneQueue, db.ScenePickup, db.SceneEnding}
}

func (s *Server) replyIndex(r *request) error {
	rules, err := s.DB.ReplyRules(r.ctx)
	if err != nil {
		return err
	}
	t := r.t().Reply
	m := reply.Index{RowMenu: s.replyMenu(r), Empty: ui.EmptyModel{Icon: "message-circle", Title: t.NoneTitle, Text: t.NoneText, Next: s.replyNewButton(r)}}
	order := replyScenes()
	slices.SortStableFunc(rules, func(a, b db.ReplyRule) int {
		return cmp.Compare(slices.Index(order, a.Scene), slices.Index(order, b.Scene))
	})
	on := 0
	for _, rule := range rules {
		m.Rows = append(m.Rows, s.replyRow(r, rule))
		if rule.Enabled {
			on++
		}
	}
	p := s.replyPage(r, href.Replies)
	p.Facts = []templ.Component{ui.Text(t.Facts(on, len(rules)))}
	b := s.replyNewButton(r)
	b.Kind = ui.Primary
	p.Actions = ui.LinkButton(b)
	return s.reply(r, p, reply.List(r.view, m))
}

// replyPage is the frame that rules, test and log share.
func (s *Server) replyPage(r *request, part string) layout.Page {
	t := r.t().Reply
	return layout.Page{Title: t.Title, Nav: layout.Replies, Tabs: []ui.Tab{
		{Text: t.TabRules, Href: href.Replies, On: part == href.Replies},
		{Text: t.TabTest, Href: href.ReplyTest, On: part == href.ReplyTest},
		{Text: t.TabLog, Href: href.ReplyLog, On: part == href.ReplyLog},
	}}
}

func (s *Server) replyNewButton(r *request) ui.Btn {
	b := ui.Btn{Text: r.t().Reply.New, Icon: "plus", Href: href.ReplyNew}
	if !r.can(auth.ChangeReplies) {
		b.Reason = r.t().Reply.ReasonRole
	}
	return b
}

func (s *Server) replyMenu(r *request) []ui.MenuItem {
	t, why := r.t().Reply, ""
	if !r.can(auth.ChangeReplies) {
		why = t.ReasonRole
	}
	return []ui.MenuItem{
		{Text: t.Edit, Icon: "pencil", Href: "{}", Reason: why},
		{Text: t.Delete, Icon: "trash-2", Href: "{}/delete", Danger: true, Rule: true, Reason: why},
	}
}

func (s *Server) replyRow(r *request, rule db.ReplyRule) reply.Row {
	row := reply.Row{Name: rule.Name, Href: href.Reply(rule.ID), Scene: rule.Scene, Slot: slotWords(r.t(), rule), Text: clip(rule.Text, 60), Menu: len(rule.Menu) > 0, Disabled: !rule.Enabled}
	if rule.AccountID != "" {
		row.Account = orID(rule.AccountName, rule.AccountID)
	}
	return row
}

// clip is the first line of a text, at most so many characters of it.
func clip(text string, most int) string {
	first, _, more := strings.Cut(text, "\n")
	runes := []rune(first)
	if len(runes) > most {
		runes, more = runes[:most], true
	}
	if more {
		return string(runes) + "…"
	}
	return string(runes)
}

// slotWords says when a rule holds: its days and hours.
func slotWords(t *i18n.Messages, rule db.ReplyRule) string {
	days := t.Reply.EveryDay
	if rule.Days != 1<<7-1 {
		var list []string
		for i, name := range t.Reply.Days {
			if rule.Days&(1<<i) != 0 {
				list = append(list, name)
			}
		}
		days = strings.Join(list, " ")
	}
	switch {
	case rule.From == rule.To, rule.From == 0 && rule.To == 24*60:
		return days + " · " + t.Reply.AllDay
	case rule.To < rule.From:
		return days + " · " + clock(rule.From) + " – " + t.Reply.NextDay + " " + clock(rule.To)
	}
	return days + " · " + clock(rule.From) + " – " + clock(rule.To)
}

// clock writes a minute of the day as hours and minutes.
func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// replyTest says which rule fires for an account, an occasion and a time.
func (s *Server) replyTest(r *request) error {
	scene, err := r.oneOf("scene", replyScenes()...)
	if err != nil {
		return err
	}
	t := r.t().Reply
	account := r.query("account")
	m := reply.Test{Action: href.ReplyTest, At: r.query("at"), Ran: r.query("scene") != ""}
	for _, each := range replyScenes() {
		m.Scenes = append(m.Scenes, ui.Option{Value: each, Text: t.Scenes[each], On: each == scene})
	}
	if m.Accounts, err = s.replyAccounts(r, account, false); err != nil {
		return err
	}
	at := r.view.Now.In(kf.Beijing)
	if m.At != "" {
		if at, err = time.ParseInLocation("2006-01-02T15:04", m.At, kf.Beijing); err != nil {
			return badRequest("at")
		}
	}
	m.At = at.Format("2006-01-02T15:04")
	if m.Ran {
		rules, err := s.DB.ReplyRules(r.ctx)
		if err != nil {
			return err
		}
		if err := s.replyVerdict(r, &m, rules, account, scene, at); err != nil {
			return err
		}
	}
	return s.replyStatus(r, http.StatusOK, s.replyPage(r, href.ReplyTest), reply.Try(r.view, m))
}

// replyVerdict finds the rule that fires and those that come after it.
func (s *Server) replyVerdict(r *request, m *reply.Test, rules []db.ReplyRule, account, scene string, at time.Time) error {
	for {
		rule, found := live.PickRule(rules, account, scene, at)
		if !found {
			return nil
		}
		if m.Fires == nil {
			message, err := s.replyMessage(r, rule)
			if err != nil {
				return err
			}
			m.Fires = &message
		} else {
			m.Shadowed = append(m.Shadowed, s.replyRow(r, rule))
		}
		rules = slices.DeleteFunc(rules, func(other db.ReplyRule) bool { return other.ID == rule.ID })
	}
}

// replyMessage is what a customer sees of a rule.
func (s *Server) replyMessage(r *request, rule db.ReplyRule) (reply.Message, error) {
	m := reply.Message{Row: s.replyRow(r, rule), Text: rule.Text}
	draft, err := live.RuleDraft(rule)
	if err != nil {
		return m, fmt.Errorf("rule %s: %w", rule.ID, err)
	}
	if menu, ok := draft.Content.(kf.Menu); ok {
		m.Text, m.Tail = menu.Head, menu.Tail
		for _, item := range menu.Items {
			m.Items = append(m.Items, reply.Item{Text: item.Content, URL: item.URL})
		}
	}
	return m, nil
}

// replyAccounts lists the accounts that coded messages can be sent for, with one choice
// for all of them where that makes sense.
func (s *Server) replyAccounts(r *request, chosen string, all bool) ([]ui.Option, error) {
	list, _, err := s.DB.Accounts(r.ctx, db.AccountFilter{Filter: db.FilterManaged}, "", maxAccounts)
	if err != nil {
		return nil, err
	}
	var options []ui.Option
	known := chosen == ""
	if all {
		options = append(options, ui.Option{Text: r.t().Reply.AllAccounts, On: chosen == ""})
	}
	for _, a := range list {
		known = known || a.ID == chosen
		options = append(options, ui.Option{Value: a.ID, Text: a.Name, On: a.ID == chosen})
	}
	if !known {
		options = append(options, ui.Option{Value: chosen, Text: s.accountName(r, chosen), On: true})
	}
	return options, nil
}
