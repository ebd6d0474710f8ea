package server

import (
	"unicode/utf8"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/link"
	"kfconsole/web/templates/ui"
)

// The most choices that the filters of the register offer.
const (
	linkAccounts  = 30
	linkCampaigns = 50
)

func (s *Server) linkIndex(r *request) error {
	filter, err := linkFilter(r)
	if err != nil {
		return err
	}
	filter.AccountID = r.query("account")
	counts, err := s.DB.LinkCounts(r.ctx)
	if err != nil {
		return err
	}
	m, err := s.linkList(r, filter, href.Links)
	if err != nil {
		return err
	}
	if err := s.linkMenus(r, filter, href.Links, &m); err != nil {
		return err
	}
	p := layout.Page{Title: r.t().Link.Title, Nav: layout.Links, Facts: []templ.Component{ui.Text(r.t().Link.Facts(counts.Active, counts.Archived))}}
	b := s.linkNewButton(r, filter.AccountID)
	b.Kind = ui.Primary
	inbox, err := s.sceneInboxButton(r)
	if err != nil {
		return err
	}
	p.Actions = components(inbox, ui.LinkButton(b))
	return s.reply(r, p, link.List(r.view, m))
}

// accountLinks is the register of one account, as a part of its page.
func (s *Server) accountLinks(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	filter, err := linkFilter(r)
	if err != nil {
		return err
	}
	filter.AccountID = a.ID
	m, err := s.linkList(r, filter, href.Account(a.ID, "links"))
	if err != nil {
		return err
	}
	m.Own, m.New = true, s.linkNewButton(r, a.ID)
	m.New.Small = true
	if a.GoneAt != nil {
		m.New.Reason = r.t().Account.ReasonGone
	}
	return s.reply(r, s.accountPage(r, a, "links"), link.List(r.view, m))
}

// linkFilter reads the filters, search and sort of a register's address; the account
// is up to the page. Without a sort the newest come first.
func linkFilter(r *request) (db.LinkFilter, error) {
	archived, err := r.oneOf("archived", "", "1")
	if err != nil {
		return db.LinkFilter{}, err
	}
	sort, desc, err := sorting(r, db.SortCreated, db.SortName, db.SortChanged, db.SortAccount)
	if err != nil {
		return db.LinkFilter{}, err
	}
	for _, name := range []string{"q", "account", "campaign"} {
		if v := r.query(name); len(v) > 4*ops.MaxCampaign || !utf8.ValidString(v) {
			return db.LinkFilter{}, badRequest(name)
		}
	}
	return db.LinkFilter{Q: r.query("q"), Campaign: r.query("campaign"), Archived: archived == "1",
		Sort: sort, Desc: desc || (sort == db.SortCreated && r.query("dir") == "")}, nil
}

// linkQuery is the address of a register without its page.
func linkQuery(r *request, f db.LinkFilter) href.Query {
	return href.Q("q", f.Q, "account", r.query("account"), "campaign", f.Campaign, "archived", r.query("archived"), "sort", r.query("sort"), "dir", r.query("dir"))
}

func (s *Server) linkList(r *request, f db.LinkFilter, path string) (link.Index, error) {
	list, page, err := s.DB.Links(r.ctx, f, db.Cursor(r.query("after")), perPage)
	if err != nil {
		return link.Index{}, err
	}
	t, q := r.t().Link, linkQuery(r, f)
	m := link.Index{
		Search:   ui.SearchModel{Action: path, Name: "q", Value: f.Q, Label: t.SearchLabel, Placeholder: t.SearchHint, Hidden: q.Without("q").Pairs(), Target: "#list"},
		Archived: ui.ChipModel{Text: t.FilterArchived, Icon: "archive", On: f.Archived, Href: q.With("archived", "1").On(path)},
		Name:     sortHead(r, q, path, t.ColName, db.SortName, false, false), Account: sortHead(r, q, path, t.ColAccount, db.SortAccount, false, false),
		Created: createdHead(r, q, path), Pager: pager(r, q, path, page, len(list), "#list"), Empty: s.linkEmpty(r, f, path),
	}
	if f.Archived {
		m.Archived.Href = q.Without("archived").On(path)
	}
	for _, l := range list {
		m.Rows = append(m.Rows, s.linkRow(r, l))
	}
	if len(m.Rows) > 0 {
		m.RowMenu = s.linkMenu(r, f.Archived)
	}
	m.Pager.Total, err = s.DB.LinkCount(r.ctx, f)
	return m, err
}

// createdHead is the head of the column that sorts a register by itself: the newest
// first, and the oldest first after a click.
func createdHead(r *request, q href.Query, path string) ui.SortModel {
	m := ui.SortModel{Label: r.t().Link.ColCreated, Href: q.Without("sort", "dir").On(path)}
	switch sort, dir := q.Get("sort"), q.Get("dir"); {
	case sort != "" && sort != db.SortCreated:
	case dir == "asc":
		m.Dir = "asc"
	default:
		m.Dir, m.Href = "desc", q.With("sort", db.SortCreated).With("dir", "asc").On(path)
	}
	return m
}

// linkMenus adds the filters by account and by campaign to the register of all links.
func (s *Server) linkMenus(r *request, f db.LinkFilter, path string, m *link.Index) error {
	t, q := r.t().Link, linkQuery(r, f)
	accounts := ui.ChipMenuModel{Label: t.FilterAccount, Clear: q.Without("account").On(path)}
	list, _, err := s.DB.Accounts(r.ctx, db.AccountFilter{Sort: db.SortLinks, Desc: true}, "", linkAccounts)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Links > 0 || a.ID == f.AccountID {
			accounts.Choices = append(accounts.Choices, ui.Choice{Text: a.Name, Href: q.With("account", a.ID).On(path), On: a.ID == f.AccountID})
		}
	}
	if f.AccountID != "" {
		accounts.Value = s.accountName(r, f.AccountID)
	}
	campaigns := ui.ChipMenuModel{Label: t.FilterCampaign, Value: f.Campaign, Clear: q.Without("campaign").On(path)}
	names, err := s.DB.Campaigns(r.ctx, linkCampaigns)
	if err != nil {
		return err
	}
	for _, name := range names {
		campaigns.Choices = append(campaigns.Choices, ui.Choice{Text: name, Href: q.With("campaign", name).On(path), On: name == f.Campaign})
	}
	for _, menu := range []ui.ChipMenuModel{accounts, campaigns} {
		if len(menu.Choices) > 0 || menu.Value != "" {
			m.Menus = append(m.Menus, menu)
		}
	}
	return nil
}

// accountName is what an account is called, its id when nobody knows it.
func (s *Server) accountName(r *request, id string) string {
	if a, err := s.DB.Account(r.ctx, id); err == nil {
		return a.Name
	}
	return id
}

func (s *Server) linkEmpty(r *request, f db.LinkFilter, path string) ui.EmptyModel {
	t := r.t().Link
	own := path != href.Links
	switch {
	case f.Q != "" || f.Campaign != "" || (f.AccountID != "" && !own):
		return ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchText, Next: ui.Btn{Text: t.ClearFilters, Href: path}}
	case f.Archived:
		return ui.EmptyModel{Icon: "archive", Title: t.NoneArchivedTitle, Text: t.NoneArchivedText, Next: ui.Btn{Text: t.ClearFilters, Href: path}}
	case own:
		return ui.EmptyModel{Icon: "qr-code", Title: t.AccountNone, Text: t.AccountNoneText, Next: s.linkNewButton(r, f.AccountID)}
	}
	return ui.EmptyModel{Icon: "qr-code", Title: t.NoneTitle, Text: t.NoneText, Next: s.linkNewButton(r, "")}
}

// linkNewButton leads to the form of a new link, for an account where one is meant.
func (s *Server) linkNewButton(r *request, accountID string) ui.Btn {
	b := ui.Btn{Text: r.t().Link.New, Icon: "plus", Href: href.Q("account", accountID).On(href.LinkNew)}
	if !r.can(auth.ChangeLinks) {
		b.Reason = r.t().Link.ReasonRole
	}
	return b
}

func (s *Server) linkRow(r *request, l db.Link) link.Row {
	return link.Row{Name: l.Name, Href: href.Link(l.ID), Scene: l.Scene, Campaign: l.Campaign, Account: orID(l.AccountName, l.AccountID), AccountHref: href.Account(l.AccountID),
		Address: l.URL, Created: l.CreatedAt, By: l.CreatedByName, Archived: l.ArchivedAt != nil}
}

// linkMenu is the menu of all rows of a page: they are all archived, or none is.
func (s *Server) linkMenu(r *request, archived bool) []ui.MenuItem {
	t, why := r.t().Link, ""
	if !r.can(auth.ChangeLinks) {
		why = t.ReasonRole
	}
	last := ui.MenuItem{Text: t.Archive, Icon: "archive", Post: "{}/archive"}
	if archived {
		last = ui.MenuItem{Text: t.Restore, Icon: "archive-restore", Post: "{}/restore"}
	}
	last.Fields, last.Rule, last.Reason = []ui.Pair{{"intent", db.NewID()}, {"return", r.path()}}, true, why
	return []ui.MenuItem{
		{Text: t.Open, Icon: "qr-code", Href: "{}"},
		{Text: t.Edit, Icon: "pencil", Href: "{}/edit", Reason: why},
		{Text: t.Print, Icon: "printer", Href: "{}/print"},
		last,
	}
}

// orID is a name, or the beginning of the id of something that has none here.
func orID(name, id string) string {
	if name != "" {
		return name
	}
	return id[:min(len(id), 12)]
}
