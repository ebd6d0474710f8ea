package server

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/link"
	"kfconsole/web/templates/ui"
)

// maxAccounts is how many accounts a corp may have; the form of a link offers all.
const maxAccounts = 5000

func (s *Server) linkNew(r *request) error {
	p, body, err := s.linkNewForm(r, link.Form{}, r.query("account"))
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// linkNewForm is the form of a new link for an account, "" for none yet.
func (s *Server) linkNewForm(r *request, m link.Form, accountID string) (layout.Page, templ.Component, error) {
	t := r.t().Link
	var err error
	if m.Accounts, err = s.linkAccountOptions(r, accountID); err != nil {
		return layout.Page{}, nil, err
	}
	if m.Campaigns, err = s.DB.Campaigns(r.ctx, linkCampaigns); err != nil {
		return layout.Page{}, nil, err
	}
	m.Action, m.Cancel, m.Submit, m.Hidden = href.Links, href.Links, t.Create, []ui.Pair{{"intent", db.NewID()}}
	p := layout.Page{Title: t.New, Nav: layout.Links, Narrow: true, Facts: []templ.Component{ui.Text(t.NewText)}}
	return p, link.Edit(r.view, m), nil
}

// linkAccountOptions lists the accounts that a link can be made for. Accounts of the
// same name are told apart by their ids.
func (s *Server) linkAccountOptions(r *request, chosen string) ([]ui.Option, error) {
	list, _, err := s.DB.Accounts(r.ctx, db.AccountFilter{}, "", maxAccounts)
	if err != nil {
		return nil, err
	}
	same := map[string]int{}
	for _, a := range list {
		same[a.Name]++
	}
	options := []ui.Option{{Text: r.t().Link.AccountChoose, On: chosen == ""}}
	for _, a := range list {
		if a.GoneAt != nil {
			continue
		}
		text := a.Name
		if same[a.Name] > 1 {
			text += " · " + a.ID
		}
		if a.Managed != nil && !*a.Managed {
			text += " · " + r.t().Link.AccountReadOnly
		}
		options = append(options, ui.Option{Value: a.ID, Text: text, On: a.ID == chosen})
	}
	return options, nil
}

func (s *Server) linkCreate(r *request) error {
	n := ops.NewLink{IntentID: r.intent(), AccountID: r.form("account"), Scene: r.form("scene"), Name: r.form("name"), Campaign: r.form("campaign"), Note: r.form("note")}
	result, err := ops.Result{}, error(&ops.Invalid{Field: "account", Rule: "choose"})
	if n.AccountID != "" {
		result, err = s.Ops.CreateLink(r.ctx, r.actor, n)
	}
	if errors.Is(err, db.ErrNotFound) {
		err = &ops.Invalid{Field: "account", Rule: "gone"}
	}
	to := href.Links
	if id := remoteID(result, err); id != "" {
		to = href.Link(id)
	}
	return s.conclude(r, change{result: result, err: err, tried: r.t().Link.New + " " + n.Name, to: to,
		again: func(t trouble) (layout.Page, templ.Component, error) {
			return s.linkNewForm(r, linkForm(r, t), n.AccountID)
		}})
}

// linkForm is what was typed, with what is wrong with it.
func linkForm(r *request, t trouble) link.Form {
	m := link.Form{Scene: r.form("scene"), Name: r.form("name"), Campaign: r.form("campaign"), Note: r.form("note"), Errors: map[string]string{}, Trouble: t.above}
	if t.invalid == nil {
		return m
	}
	field := t.invalid.Field
	switch field {
	case "account", "scene", "campaign", "note":
	default:
		field = "name"
	}
	m.Errors[field] = fieldError(t, t.invalid.Field, r.t().Link.Errors)
	return m
}

func (s *Server) linkEdit(r *request) error {
	l, err := s.DB.Link(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	p, body, err := s.linkEditForm(r, l, link.Form{Name: l.Name, Campaign: l.Campaign, Note: l.Note}, l.Rev)
	return s.replyOr(r, http.StatusOK, p, body, err)
}

func (s *Server) linkEditForm(r *request, l db.Link, m link.Form, rev int64) (layout.Page, templ.Component, error) {
	t := r.t().Link
	var err error
	if m.Campaigns, err = s.DB.Campaigns(r.ctx, linkCampaigns); err != nil {
		return layout.Page{}, nil, err
	}
	m.Exists, m.AccountName, m.Scene = true, orID(l.AccountName, l.AccountID), l.Scene
	m.Action, m.Cancel, m.Submit = href.Link(l.ID), href.Link(l.ID), t.Save
	m.Hidden = []ui.Pair{{"intent", db.NewID()}, {"rev", strconv.FormatInt(rev, 10)}}
	p := layout.Page{Title: t.Edit + " · " + l.Name, Nav: layout.Links, Narrow: true, Facts: []templ.Component{ui.Text(t.EditText)},
		Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Links}, {Text: l.Name, Href: href.Link(l.ID)}, {Text: t.Edit}}}
	return p, link.Edit(r.view, m), nil
}

func (s *Server) linkUpdate(r *request) error {
	l, err := s.DB.Link(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	c := ops.LinkChange{IntentID: r.intent(), LinkID: l.ID, Name: r.form("name"), Campaign: r.form("campaign"), Note: r.form("note")}
	if c.Rev, err = strconv.ParseInt(r.form("rev"), 10, 64); err != nil {
		return badRequest("rev")
	}
	result, err := s.Ops.UpdateLink(r.ctx, r.actor, c)
	return s.conclude(r, change{result: result, err: err, tried: r.t().Link.Edit + " " + l.Name, to: href.Link(l.ID),
		words: func(field string) string { return r.t().Link.Fields[field] },
		again: func(t trouble) (layout.Page, templ.Component, error) {
			rev := c.Rev
			if t.rev != 0 {
				rev = t.rev
			}
			return s.linkEditForm(r, l, linkForm(r, t), rev)
		}})
}

func (s *Server) linkArchive(r *request) error { return s.linkShelve(r, s.Ops.ArchiveLink) }

func (s *Server) linkRestore(r *request) error { return s.linkShelve(r, s.Ops.RestoreLink) }

// linkShelve archives or restores a link and returns to where that was asked for. A
// link that is there already is left as it is: somebody pressed twice.
func (s *Server) linkShelve(r *request, do func(context.Context, auth.Actor, ops.LinkAction) (ops.Result, error)) error {
	id := r.param("id")
	to := r.back(href.Link(id))
	result, err := do(r.ctx, r.actor, ops.LinkAction{IntentID: r.intent(), LinkID: id})
	var invalid *ops.Invalid
	if errors.As(err, &invalid) && invalid.Rule == "unchanged" {
		return s.redirect(r, to)
	}
	return s.conclude(r, change{result: result, err: err, to: to})
}
