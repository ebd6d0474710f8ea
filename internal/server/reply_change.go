package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/reply"
	"kfconsole/web/templates/ui"
)

func (s *Server) replyNew(r *request) error {
	m := reply.Form{Enabled: true, From: "00:00", To: "00:00", Days: [7]bool{true, true, true, true, true, true, true}}
	p, body, err := s.replyNewForm(r, m, db.SceneWelcome, "")
	return s.replyOr(r, http.StatusOK, p, body, err)
}

func (s *Server) replyNewForm(r *request, m reply.Form, scene, account string) (layout.Page, templ.Component, error) {
	t := r.t().Reply
	var err error
	if m.Accounts, err = s.replyAccounts(r, account, true); err != nil {
		return layout.Page{}, nil, err
	}
	for _, each := range replyScenes() {
		m.Scenes = append(m.Scenes, ui.Option{Value: each, Text: t.Scenes[each], Help: t.SceneHelp[each], On: each == scene})
	}
	m.Action, m.Cancel, m.Submit, m.Hidden = href.Replies, href.Replies, t.Create, []ui.Pair{{"intent", db.NewID()}}
	p := layout.Page{Title: t.New, Nav: layout.Replies, Narrow: true, Facts: []templ.Component{ui.Text(t.NewText)}}
	return p, reply.Edit(r.view, m), nil
}

func (s *Server) replyCreate(r *request) error {
	rule, err := replyTyped(r)
	result := ops.Result{}
	if err == nil {
		result, err = s.Ops.SaveReplyRule(r.ctx, r.actor, rule)
	}
	return s.conclude(r, change{result: result, err: err, tried: r.t().Reply.New + " " + rule.Name, to: href.Replies,
		again: func(t trouble) (layout.Page, templ.Component, error) {
			return s.replyNewForm(r, replyForm(r, t), r.form("scene"), r.form("account"))
		}})
}

func (s *Server) replyEdit(r *request) error {
	rule, err := s.DB.ReplyRule(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	m := reply.Form{Name: rule.Name, From: clock(rule.From), To: clock(rule.To % (24 * 60)), Text: rule.Text, Enabled: rule.Enabled}
	for i := range m.Days {
		m.Days[i] = rule.Days&(1<<i) != 0
	}
	if m.Menu, m.Tail, err = menuLines(rule); err != nil {
		return err
	}
	p, body, err := s.replyEditForm(r, rule, m, rule.Rev)
	return s.replyOr(r, http.StatusOK, p, body, err)
}

func (s *Server) replyEditForm(r *request, rule db.ReplyRule, m reply.Form, rev int64) (layout.Page, templ.Component, error) {
	t := r.t().Reply
	account := rule.AccountID
	if r.c.Method() == http.MethodPost {
		account = r.form("account")
	}
	var err error
	if m.Accounts, err = s.replyAccounts(r, account, true); err != nil {
		return layout.Page{}, nil, err
	}
	m.Exists, m.Scenes = true, []ui.Option{{Value: rule.Scene, Text: t.Scenes[rule.Scene], On: true}}
	m.Action, m.Cancel, m.Submit = href.Reply(rule.ID), href.Replies, t.Save
	m.Hidden = []ui.Pair{{"intent", db.NewID()}, {"rev", strconv.FormatInt(rev, 10)}}
	p := layout.Page{Title: rule.Name, Nav: layout.Replies, Narrow: true, Facts: []templ.Component{reply.Scene(r.view, rule.Scene), ui.Text(t.EditText)},
		Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Replies}, {Text: rule.Name}}}
	return p, reply.Edit(r.view, m), nil
}

func (s *Server) replyUpdate(r *request) error {
	rule, err := s.DB.ReplyRule(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	rev, err := strconv.ParseInt(r.form("rev"), 10, 64)
	if err != nil {
		return badRequest("rev")
	}
	typed, err := replyTyped(r)
	typed.ID, typed.Scene, typed.Rev = rule.ID, rule.Scene, rev
	result := ops.Result{}
	if err == nil {
		result, err = s.Ops.SaveReplyRule(r.ctx, r.actor, typed)
	}
	return s.conclude(r, change{result: result, err: err, tried: r.t().Reply.Edit + " " + rule.Name, to: href.Replies,
		words: func(field string) string { return r.t().Reply.Fields[field] },
		again: func(t trouble) (layout.Page, templ.Component, error) {
			if t.rev != 0 {
				rev = t.rev
			}
			return s.replyEditForm(r, rule, replyForm(r, t), rev)
		}})
}

func (s *Server) replyConfirm(r *request) error {
	p, body, err := s.replyDeleteForm(r, trouble{})
	return s.replyOr(r, http.StatusOK, p, body, err)
}

func (s *Server) replyDeleteForm(r *request, t trouble) (layout.Page, templ.Component, error) {
	rule, err := s.DB.ReplyRule(r.ctx, r.param("id"))
	if err != nil {
		return layout.Page{}, nil, err
	}
	words := r.t().Reply
	m := reply.Delete{Action: href.Reply(rule.ID, "delete"), Cancel: href.Replies, Row: s.replyRow(r, rule), Trouble: t.above,
		Hidden: []ui.Pair{{"intent", db.NewID()}, {"rev", strconv.FormatInt(rule.Rev, 10)}}}
	p := layout.Page{Title: words.DeleteTitle(rule.Name), Nav: layout.Replies, Narrow: true,
		Crumbs: []ui.Crumb{{Text: words.Title, Href: href.Replies}, {Text: rule.Name, Href: href.Reply(rule.ID)}, {Text: words.Delete}}}
	return p, reply.Confirm(r.view, m), nil
}

func (s *Server) replyDelete(r *request) error {
	rule, err := s.DB.ReplyRule(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	rev, err := strconv.ParseInt(r.form("rev"), 10, 64)
	if err != nil {
		return badRequest("rev")
	}
	result, err := s.Ops.DeleteReplyRule(r.ctx, r.actor, ops.DeleteReply{IntentID: r.intent(), ID: rule.ID, Rev: rev})
	return s.conclude(r, change{result: result, err: err, tried: r.t().Reply.DeleteTitle(rule.Name), to: href.Replies,
		words: func(field string) string { return r.t().Reply.Fields[field] },
		again: func(t trouble) (layout.Page, templ.Component, error) { return s.replyDeleteForm(r, t) }})
}

// replyTyped reads the form of a rule. An error is an *ops.Invalid.
func replyTyped(r *request) (ops.ReplyRule, error) {
	rule := ops.ReplyRule{IntentID: r.intent(), AccountID: r.form("account"), Scene: r.form("scene"), Name: r.form("name"), Text: r.form("text"), Enabled: r.form("enabled") != ""}
	for _, each := range r.forms("day") {
		day, err := strconv.Atoi(each)
		if err != nil || day < 0 || day > 6 {
			return rule, &ops.Invalid{Field: "days", Rule: "required"}
		}
		rule.Days |= 1 << day
	}
	var err error
	if rule.From, err = minuteTyped(r, "from"); err != nil {
		return rule, err
	}
	if rule.To, err = minuteTyped(r, "to"); err != nil {
		return rule, err
	}
	rule.Menu = menuTyped(r.form("menu"), r.form("tail"))
	return rule, nil
}

func minuteTyped(r *request, field string) (int, error) {
	at, err := time.Parse("15:04", strings.TrimSpace(r.form(field)))
	if err != nil {
		return 0, &ops.Invalid{Field: field, Rule: "time"}
	}
	return at.Hour()*60 + at.Minute(), nil
}

// menuTyped makes a menu of lines: words alone are a choice, words and an address a
// link. No lines are no menu.
func menuTyped(lines, tail string) *kf.Menu {
	menu := kf.Menu{Tail: strings.TrimSpace(strings.ReplaceAll(tail, "\r\n", "\n"))}
	for _, line := range strings.Split(lines, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		item := kf.MenuItem{Type: kf.ItemClick, ID: strconv.Itoa(len(menu.Items) + 1), Content: line}
		if at := strings.LastIndexAny(line, " \t"); at > 0 && isAddress(line[at+1:]) {
			item = kf.MenuItem{Type: kf.ItemView, Content: strings.TrimSpace(line[:at]), URL: line[at+1:]}
		}
		menu.Items = append(menu.Items, item)
	}
	if len(menu.Items) == 0 {
		return nil
	}
	return &menu
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// menuLines is the inverse of menuTyped.
func menuLines(rule db.ReplyRule) (lines, tail string, err error) {
	if len(rule.Menu) == 0 {
		return "", "", nil
	}
	draft, err := live.RuleDraft(rule)
	if err != nil {
		return "", "", fmt.Errorf("rule %s: %w", rule.ID, err)
	}
	menu, _ := draft.Content.(kf.Menu)
	var list []string
	for _, item := range menu.Items {
		list = append(list, strings.TrimSpace(item.Content+" "+item.URL))
	}
	return strings.Join(list, "\n"), menu.Tail, nil
}

// replyForm is what was typed, with what is wrong with it.
func replyForm(r *request, t trouble) reply.Form {
	m := reply.Form{Name: r.form("name"), From: r.form("from"), To: r.form("to"), Text: r.form("text"), Menu: r.form("menu"), Tail: r.form("tail"),
		Enabled: r.form("enabled") != "", Errors: map[string]string{}, Trouble: t.above}
	for _, each := range r.forms("day") {
		if day, err := strconv.Atoi(each); err == nil && day >= 0 && day < len(m.Days) {
			m.Days[day] = true
		}
	}
	if t.invalid == nil {
		return m
	}
	field := t.invalid.Field
	switch field {
	case "name", "text", "days", "from", "to", "account", "scene", "menu":
	case "head_content":
		field = "text"
	case "tail_content":
		field = "tail"
	default:
		field = "menu"
	}
	m.Errors[field] = fieldError(t, t.invalid.Field, r.t().Reply.Errors)
	return m
}
