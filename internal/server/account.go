package server

import (
	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/web/templates/account"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// perPage is how many rows a list shows at once, peoplePerPage how many of the shorter rows of people.
const (
	perPage       = 25
	peoplePerPage = 50
)

func (s *Server) accountIndex(r *request) error {
	filter, err := accountFilter(r)
	if err != nil {
		return err
	}
	list, page, err := s.DB.Accounts(r.ctx, filter, db.Cursor(r.query("after")), perPage)
	if err != nil {
		return err
	}
	counts, err := s.DB.AccountCounts(r.ctx)
	if err != nil {
		return err
	}
	m := s.accountList(r, filter, list, page)
	if m.Pager.Total, err = s.accountTotal(r, filter, counts); err != nil {
		return err
	}
	p := layout.Page{Title: r.t().Account.Title, Nav: layout.Accounts, Facts: s.accountFacts(r, counts)}
	p.Actions = components(s.refreshButton(r, href.Refresh), s.accountNewButton(r))
	return s.reply(r, p, account.List(r.view, m))
}

// accountFilter reads the filter, search and sort of the list's address.
func accountFilter(r *request) (db.AccountFilter, error) {
	filter, err := r.oneOf("filter", "", db.FilterManaged, db.FilterReadOnly, db.FilterUnstaffed, db.FilterRenamed)
	if err != nil {
		return db.AccountFilter{}, err
	}
	sort, desc, err := sorting(r, db.SortName, db.SortServicers, db.SortLinks, db.SortChanged)
	if err != nil {
		return db.AccountFilter{}, err
	}
	q := r.query("q")
	if len(q) > 200 {
		return db.AccountFilter{}, badRequest("q")
	}
	return db.AccountFilter{Q: q, Filter: filter, Sort: sort, Desc: desc}, nil
}

// accountTotal is how many accounts the filter lets through.
func (s *Server) accountTotal(r *request, f db.AccountFilter, c db.AccountCounts) (int, error) {
	if f.Q != "" {
		return s.DB.AccountCount(r.ctx, f)
	}
	switch f.Filter {
	case db.FilterManaged:
		return c.Managed, nil
	case db.FilterReadOnly:
		return c.ReadOnly, nil
	case db.FilterUnstaffed:
		return c.Unstaffed, nil
	case db.FilterRenamed:
		return c.Renamed, nil
	}
	return c.Total, nil
}

func (s *Server) accountList(r *request, f db.AccountFilter, list []db.Account, page db.Page) account.Index {
	t := r.t().Account
	q := href.Q("q", f.Q, "filter", f.Filter, "sort", r.query("sort"), "dir", r.query("dir"))
	m := account.Index{
		Search: ui.SearchModel{Action: href.Accounts, Name: "q", Value: f.Q, Label: t.SearchLabel, Placeholder: t.SearchHint, Hidden: q.Without("q").Pairs(), Target: "#list"},
		Name:   sortHead(r, q, href.Accounts, t.ColName, db.SortName, true, false), Staff: sortHead(r, q, href.Accounts, t.ColServicers, db.SortServicers, false, false),
		Links: sortHead(r, q, href.Accounts, t.ColLinks, db.SortLinks, false, true), Changed: sortHead(r, q, href.Accounts, t.ColChanged, db.SortChanged, false, false),
		Pager: pager(r, q, href.Accounts, page, len(list), "#list"),
	}
	for _, c := range []struct{ value, words string }{
		{db.FilterManaged, t.FilterManaged}, {db.FilterReadOnly, t.FilterReadOnly}, {db.FilterUnstaffed, t.FilterUnstaffed}, {db.FilterRenamed, t.FilterRenamed},
	} {
		on := f.Filter == c.value
		next := q.With("filter", c.value)
		if on {
			next = q.Without("filter")
		}
		m.Chips = append(m.Chips, ui.ChipModel{Text: c.words, On: on, Href: next.On(href.Accounts)})
	}
	for _, a := range list {
		m.Rows = append(m.Rows, s.accountRow(r, a))
	}
	m.Menus = s.accountMenus(r, list)
	m.Empty = ui.EmptyModel{Icon: "headset", Title: t.NoneTitle, Text: t.NoneText}
	if f.Q != "" || f.Filter != "" {
		m.Empty = ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchText, Next: ui.Btn{Text: t.ClearFilters, Href: href.Accounts}}
	}
	return m
}

func (s *Server) accountRow(r *request, a db.Account) account.Row {
	return account.Row{ID: a.ID, Name: a.Name, Href: href.Account(a.ID), Picture: pictureHref(a), Managed: managedOf(a), Staff: staffOf(a), Links: a.Links, Changed: a.ChangedAt, Menu: "menu-" + string(managedOf(a))}
}

// accountMenus are the menus of the rows, one for each way to be managed that a page
// shows.
func (s *Server) accountMenus(r *request, list []db.Account) []account.Menu {
	t := r.t().Account
	var menus []account.Menu
	done := map[account.Managed]bool{}
	for _, a := range list {
		kind := managedOf(a)
		if done[kind] {
			continue
		}
		done[kind] = true
		menus = append(menus, account.Menu{ID: "menu-" + string(kind), Items: []ui.MenuItem{
			{Text: t.Edit, Icon: "pencil", Href: "{}/edit", Reason: s.whyNot(r, a, auth.ChangeAccounts)},
			{Text: t.Servicers, Icon: "users", Href: "{}/servicers"},
			{Text: t.Links, Icon: "qr-code", Href: "{}/links"},
			{Text: t.Delete, Icon: "trash-2", Href: "{}/delete", Danger: true, Rule: true, Reason: s.whyNot(r, a, auth.DeleteAccounts)},
		}})
	}
	return menus
}

// whyNot says why the operator cannot change an account; "" when it can be done.
func (s *Server) whyNot(r *request, a db.Account, p auth.Permission) string {
	switch {
	case a.GoneAt != nil:
		return r.t().Account.ReasonGone
	case !r.can(p):
		return r.t().Account.ReasonRole
	case a.Managed != nil && !*a.Managed:
		return r.t().Account.ReasonReadOnly
	}
	return ""
}

func managedOf(a db.Account) account.Managed {
	switch {
	case a.Managed == nil:
		return account.UnknownManage
	case *a.Managed:
		return account.ByAPI
	}
	return account.ReadOnly
}

func staffOf(a db.Account) account.Staff {
	return account.Staff{Serving: a.Serving, People: a.Servicers, Departments: a.Departments, Told: a.Managed != nil && *a.Managed}
}

// pictureHref is the address of our copy of an account's picture; it changes with
// the picture, so that it may be cached.
func pictureHref(a db.Account) string {
	if a.PictureID == "" {
		return ""
	}
	return href.Q("v", a.PictureID[:min(12, len(a.PictureID))]).On(href.Account(a.ID, "picture"))
}

func (s *Server) accountFacts(r *request, c db.AccountCounts) []templ.Component {
	t := r.t().Account
	facts := []templ.Component{ui.Text(t.Facts(c.Total, c.Managed))}
	if c.Unstaffed > 0 {
		facts = append(facts, ui.Text(t.Unstaffed(c.Unstaffed)))
	}
	checked := t.NeverChecked
	if f, err := s.freshness(r, "accounts"); err == nil && f.OKAt != nil {
		checked = t.Checked(r.t().Ago(r.view.Now, *f.OKAt))
	}
	return append(facts, ui.Text(checked))
}

// refreshButton asks WeCom again.
func (s *Server) refreshButton(r *request, action string) templ.Component {
	b := ui.Btn{Text: r.t().Account.Refresh, Icon: "refresh-cw"}
	if !r.can(auth.Refresh) {
		b.Reason = r.t().Account.ReasonRole
	}
	return ui.PostButton(action, []ui.Pair{{"return", localPath(r.path(), href.Accounts)}}, b)
}

func (s *Server) accountNewButton(r *request) templ.Component {
	b := ui.Btn{Text: r.t().Account.New, Icon: "plus", Kind: ui.Primary, Href: href.AccountNew}
	if !r.can(auth.ChangeAccounts) {
		b.Reason = r.t().Account.ReasonRole
	}
	return ui.LinkButton(b)
}

// accountRefresh asks WeCom for the accounts now. A failure is on every page as the
// banner, so the answer is the page it was asked from.
func (s *Server) accountRefresh(r *request) error {
	if err := s.Mirror.RefreshAccounts(r.ctx); err != nil {
		s.Log.Warn("refresh accounts", "id", r.id, "error", err)
	}
	return s.redirect(r, r.back(href.Accounts))
}

func (s *Server) accountPicture(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	return s.sendPicture(r, a.PictureID)
}
