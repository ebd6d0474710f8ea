package server

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/account"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// maxPicture is the largest picture that a form may carry, in bytes.
const maxPicture = 2 << 20

func (s *Server) accountNew(r *request) error {
	p, body, err := s.accountNewForm(r, account.Form{}, db.NewID())
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// accountNewForm is the form of a new account; intent makes a second submit of the
// same form harmless.
func (s *Server) accountNewForm(r *request, m account.Form, intent string) (layout.Page, templ.Component, error) {
	t := r.t().Account
	m.Action, m.Cancel, m.Submit, m.Note = href.Accounts, href.Accounts, t.Create, t.NoSideEffect
	m.Hidden = []ui.Pair{{"intent", intent}}
	p := layout.Page{Title: t.New, Nav: layout.Accounts, Narrow: true, Facts: []templ.Component{ui.Text(t.NewText)}}
	return p, account.Edit(r.view, m), nil
}

func (s *Server) accountCreate(r *request) error {
	n := ops.NewAccount{IntentID: r.intent(), Name: r.form("name")}
	result, err := ops.Result{}, error(nil)
	if n.Picture, n.Crop, err = r.picture(); err == nil {
		result, err = s.Ops.CreateAccount(r.ctx, r.actor, n)
	}
	to := href.Accounts
	if id := remoteID(result, err); id != "" {
		to = href.Account(id)
	}
	return s.conclude(r, change{result: result, err: err, tried: r.t().Account.New + " " + n.Name, to: to,
		again: func(t trouble) (layout.Page, templ.Component, error) {
			return s.accountNewForm(r, s.accountForm(r, t), db.NewID())
		}})
}

// accountForm is what was typed, with what is wrong with it.
func (s *Server) accountForm(r *request, t trouble) account.Form {
	m := account.Form{Name: r.form("name"), Trouble: t.above}
	m.NameError = fieldError(t, "name", r.t().Account.Errors)
	m.PictureError = fieldError(t, "picture", r.t().Account.Errors)
	if m.NameError == "" && m.PictureError == "" && t.invalid != nil {
		m.NameError = fieldError(t, t.invalid.Field, r.t().Account.Errors)
	}
	return m
}

func (s *Server) accountEdit(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	p, body, err := s.accountEditForm(r, a, account.Form{Name: a.Name}, seenOf(a))
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// seen is what the form showed of the account before it was changed: the base of the
// next attempt.
type seen struct {
	rev int64
	ops.AccountSeen
}

func seenOf(a db.Account) seen {
	return seen{rev: a.Rev, AccountSeen: ops.AccountSeen{Name: a.Name, PictureID: a.PictureID}}
}

func (s *Server) accountEditForm(r *request, a db.Account, m account.Form, base seen) (layout.Page, templ.Component, error) {
	t := r.t().Account
	m.Action, m.Cancel, m.Submit, m.Picture = href.Account(a.ID), href.Account(a.ID), t.Save, pictureHref(a)
	m.Hidden = []ui.Pair{{"intent", db.NewID()}, {"rev", strconv.FormatInt(base.rev, 10)}, {"seen_name", base.Name}, {"seen_picture", base.PictureID}}
	p := layout.Page{Title: t.Edit + " · " + a.Name, Nav: layout.Accounts, Narrow: true, Facts: []templ.Component{ui.Text(t.EditText)},
		Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Accounts}, {Text: a.Name, Href: href.Account(a.ID)}, {Text: t.Edit}}}
	return p, account.Edit(r.view, m), nil
}

func (s *Server) accountUpdate(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	base := seen{AccountSeen: ops.AccountSeen{Name: r.form("seen_name"), PictureID: r.form("seen_picture")}}
	c := ops.AccountChange{IntentID: r.intent(), AccountID: a.ID, Seen: &base.AccountSeen}
	if base.rev, err = strconv.ParseInt(r.form("rev"), 10, 64); err != nil {
		return badRequest("rev")
	}
	c.Rev = base.rev
	result := ops.Result{}
	if c.Picture, c.Crop, err = r.picture(); err == nil {
		if name := r.form("name"); name != a.Name || len(c.Picture) == 0 || c.Rev != a.Rev {
			c.Name = &name
		}
		result, err = s.Ops.UpdateAccount(r.ctx, r.actor, c)
	}
	return s.conclude(r, change{result: result, err: err, tried: r.t().Account.Edit + " " + a.Name, to: href.Account(a.ID),
		words: func(field string) string { return r.t().Account.Fields[field] },
		again: func(t trouble) (layout.Page, templ.Component, error) {
			if t.rev != 0 {
				if a, err = s.DB.Account(r.ctx, a.ID); err != nil {
					return layout.Page{}, nil, err
				}
				base = seenOf(a)
			}
			return s.accountEditForm(r, a, s.accountForm(r, t), base)
		}})
}

func (s *Server) accountConfirm(r *request) error {
	p, body, err := s.accountDeleteForm(r, trouble{})
	return s.replyOr(r, http.StatusOK, p, body, err)
}

func (s *Server) accountDeleteForm(r *request, t trouble) (layout.Page, templ.Component, error) {
	impact, err := s.Ops.Impact(r.ctx, r.param("id"))
	if err != nil {
		return layout.Page{}, nil, err
	}
	a, words := impact.Account, r.t().Account
	m := account.Delete{Name: a.Name, Action: href.Account(a.ID, "delete"), Cancel: href.Account(a.ID), Hidden: []ui.Pair{{"intent", db.NewID()}},
		Typed: r.form("typed"), Staff: staffOf(a), LinkCount: impact.LinkCount, LinksHref: href.Account(a.ID, "links"), Campaigns: impact.Campaigns, Trouble: t.above}
	if t.invalid != nil {
		m.TypedError = fieldError(t, t.invalid.Field, words.Errors)
	}
	for _, l := range impact.Links {
		m.Links = append(m.Links, account.LinkLine{Name: l.Name, Scene: l.Scene, Campaign: l.Campaign, Href: href.Link(l.ID)})
	}
	p := layout.Page{Title: words.DeleteTitle(a.Name), Nav: layout.Accounts, Narrow: true,
		Crumbs: []ui.Crumb{{Text: words.Title, Href: href.Accounts}, {Text: a.Name, Href: href.Account(a.ID)}, {Text: words.Delete}}}
	return p, account.Confirm(r.view, m), nil
}

func (s *Server) accountDelete(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	result, err := s.Ops.DeleteAccount(r.ctx, r.actor, ops.AccountDeletion{IntentID: r.intent(), AccountID: a.ID, TypedName: r.form("typed")})
	return s.conclude(r, change{result: result, err: err, tried: r.t().Account.DeleteTitle(a.Name), to: href.Accounts,
		again: func(t trouble) (layout.Page, templ.Component, error) { return s.accountDeleteForm(r, t) }})
}
