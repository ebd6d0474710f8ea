package server

import (
	"net/http"
	"unicode/utf8"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/scene"
	"kfconsole/web/templates/ui"
)

// sceneIndex is the inbox of scenes that customers brought along and that no link of
// ours has.
func (s *Server) sceneIndex(r *request) error {
	list, err := s.DB.Scenes(r.ctx)
	if err != nil {
		return err
	}
	t := r.t().Scene
	m := scene.Index{Empty: ui.EmptyModel{Icon: "inbox", Title: t.NoneTitle, Text: t.NoneText}}
	if !r.can(auth.ChangeLinks) {
		m.Reason = t.ReasonRole
	}
	for _, seen := range list {
		if seen.Links > 0 {
			continue
		}
		m.Rows = append(m.Rows, scene.Row{Scene: seen.Scene, Accounts: seen.Accounts, Name: seen.Name, Note: seen.Note, By: seen.NamedBy,
			Entered: seen.Visits, Last: seen.LastAt, NameHref: href.Scene(seen.Scene)})
	}
	p := layout.Page{Title: t.Title, Nav: layout.Links, Facts: []templ.Component{ui.Text(t.AllNamed)}, Crumbs: []ui.Crumb{{Text: r.t().Link.Title, Href: href.Links}, {Text: t.Title}}}
	if n := unnamed(list); n > 0 {
		p.Facts = []templ.Component{ui.Text(t.Facts(n))}
	}
	return s.reply(r, p, scene.Inbox(r.view, m))
}

// sceneInboxButton leads to the inbox and says how many of its scenes have no name yet.
func (s *Server) sceneInboxButton(r *request) (templ.Component, error) {
	list, err := s.DB.Scenes(r.ctx)
	b := ui.Btn{Text: r.t().Scene.Title, Icon: "inbox", Href: href.Scenes}
	if n := unnamed(list); n > 0 {
		b.Text = r.t().Scene.Inbox(n)
	}
	return ui.LinkButton(b), err
}

// unnamed counts the scenes that no link of ours has and that nobody has named.
func unnamed(list []db.SceneSeen) (n int) {
	for _, seen := range list {
		if seen.Links == 0 && seen.Name == "" {
			n++
		}
	}
	return n
}

func (s *Server) sceneEdit(r *request) error {
	name := r.param("id")
	if name == "" || len(name) > ops.MaxSeenScene || !utf8.ValidString(name) {
		return badRequest("scene")
	}
	known, _, err := s.DB.SceneName(r.ctx, name)
	if err != nil {
		return err
	}
	p, body := s.sceneForm(r, name, scene.Form{Name: known.Name, Note: known.Note})
	return s.replyStatus(r, http.StatusOK, p, body)
}

func (s *Server) sceneForm(r *request, name string, m scene.Form) (layout.Page, templ.Component) {
	t := r.t().Scene
	m.Scene, m.Action, m.Cancel, m.Hidden = name, href.Scene(name), href.Scenes, []ui.Pair{{"intent", db.NewID()}}
	return layout.Page{Title: t.NameTitle(name), Nav: layout.Links, Narrow: true, Facts: []templ.Component{ui.Text(t.NameText)},
		Crumbs: []ui.Crumb{{Text: r.t().Link.Title, Href: href.Links}, {Text: t.Title, Href: href.Scenes}, {Text: name}}}, scene.NameIt(r.view, m)
}

func (s *Server) sceneUpdate(r *request) error {
	n := ops.NameOfScene{IntentID: r.intent(), Scene: r.param("id"), Name: r.form("name"), Note: r.form("note")}
	result, err := s.Ops.NameScene(r.ctx, r.actor, n)
	return s.conclude(r, change{result: result, err: err, tried: r.t().Scene.NameIt + " " + n.Scene, to: href.Scenes,
		again: func(t trouble) (layout.Page, templ.Component, error) {
			m := scene.Form{Name: n.Name, Note: n.Note, Errors: map[string]string{}, Trouble: t.above}
			if t.invalid != nil {
				field := "name"
				if t.invalid.Field == "note" {
					field = "note"
				}
				m.Errors[field] = fieldError(t, t.invalid.Field, r.t().Scene.Errors)
			}
			p, body := s.sceneForm(r, n.Scene, m)
			return p, body, nil
		}})
}
