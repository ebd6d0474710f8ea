package server

import (
	"strings"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/overview"
	"kfconsole/web/templates/ui"
)

// searchMost is how many results of one kind the search of everything shows.
const searchMost = 6

// search finds accounts, links, pages and audit entries: as a page, or as the part
// that the palette shows while somebody types.
func (s *Server) search(r *request) error {
	q := r.query("q")
	if len(q) > 200 {
		return badRequest("q")
	}
	m := overview.Results{Q: q}
	for _, find := range []func(*request, string) (overview.Group, error){s.searchPages, s.searchAccounts, s.searchLinks, s.searchCustomers, s.searchMessages, s.searchEntries} {
		group, err := find(r, q)
		if err != nil {
			return err
		}
		if len(group.Hits) > 0 {
			m.Groups = append(m.Groups, group)
		}
	}
	if r.partial() {
		return s.reply(r, layout.Page{}, overview.Found(r.view, m))
	}
	p := layout.Page{Title: r.t().Overview.SearchTitle, Narrow: true}
	if q != "" {
		p.Facts = []templ.Component{ui.Text(r.t().Overview.SearchFor + q)}
	}
	return s.reply(r, p, overview.Search(r.view, m))
}

// searchPages finds pages by their name in either language.
func (s *Server) searchPages(r *request, q string) (overview.Group, error) {
	g := overview.Group{Title: r.t().Overview.SearchPages}
	zh, en, own := i18n.For(i18n.ZH), i18n.For(i18n.EN), r.t()
	words := func(pick func(*i18n.Messages) string) []string { return []string{pick(own), pick(zh), pick(en)} }
	for _, p := range []struct {
		icon, href string
		needs      auth.Permission
		names      []string
	}{
		{"layout-dashboard", href.Overview, auth.ViewOverview, words(func(m *i18n.Messages) string { return m.Frame.Nav.Overview })},
		{"messages-square", href.Conversations, auth.ViewConversations, words(func(m *i18n.Messages) string { return m.Frame.Nav.Conversations })},
		{"headset", href.Accounts, auth.ViewAccounts, words(func(m *i18n.Messages) string { return m.Frame.Nav.Accounts })},
		{"plus", href.AccountNew, auth.ChangeAccounts, words(func(m *i18n.Messages) string { return m.Account.New })},
		{"qr-code", href.Links, auth.ViewLinks, words(func(m *i18n.Messages) string { return m.Frame.Nav.Links })},
		{"plus", href.LinkNew, auth.ChangeLinks, words(func(m *i18n.Messages) string { return m.Audit.Actions["link.create"] })},
		{"id-card", href.Customers, auth.ViewCustomers, words(func(m *i18n.Messages) string { return m.Frame.Nav.Customers })},
		{"inbox", href.Scenes, auth.ViewLinks, words(func(m *i18n.Messages) string { return m.Scene.Title })},
		{"message-circle", href.Replies, auth.ViewReplies, words(func(m *i18n.Messages) string { return m.Frame.Nav.Replies })},
		{"scroll-text", href.Audit, auth.ViewAudit, words(func(m *i18n.Messages) string { return m.Frame.Nav.Audit })},
		{"activity", href.Health, auth.ViewHealth, words(func(m *i18n.Messages) string { return m.Health.Title })},
		{"user-round", href.Me, auth.UseSelf, words(func(m *i18n.Messages) string { return m.Frame.Nav.Me })},
	} {
		if r.can(p.needs) && matches(p.names, q) {
			g.Hits = append(g.Hits, layout.HitModel{Icon: p.icon, Text: p.names[0], Href: p.href})
		}
	}
	return g, nil
}

func matches(names []string, q string) bool {
	for _, n := range names {
		if strings.Contains(strings.ToLower(n), strings.ToLower(q)) {
			return true
		}
	}
	return false
}

func (s *Server) searchAccounts(r *request, q string) (overview.Group, error) {
	g := overview.Group{Title: r.t().Overview.SearchAccounts}
	if q == "" || !r.can(auth.ViewAccounts) {
		return g, nil
	}
	list, _, err := s.DB.Accounts(r.ctx, db.AccountFilter{Q: q}, "", searchMost)
	for _, a := range list {
		g.Hits = append(g.Hits, layout.HitModel{Name: a.Name, Picture: pictureHref(a), Text: a.Name, Sub: a.ID, Href: href.Account(a.ID)})
	}
	return g, err
}

func (s *Server) searchLinks(r *request, q string) (overview.Group, error) {
	g := overview.Group{Title: r.t().Overview.SearchLinks}
	if q == "" || !r.can(auth.ViewLinks) {
		return g, nil
	}
	list, _, err := s.DB.Links(r.ctx, db.LinkFilter{Q: q}, "", searchMost)
	for _, l := range list {
		g.Hits = append(g.Hits, layout.HitModel{Icon: "qr-code", Text: l.Name, Sub: strings.Trim(l.Scene+" · "+l.AccountName, " ·"), Note: l.Campaign, Href: href.Link(l.ID)})
	}
	return g, err
}

// searchCustomers finds customers by name or id; by id only for those who see masked
// names, who could else guess them letter by letter.
func (s *Server) searchCustomers(r *request, q string) (overview.Group, error) {
	g := overview.Group{Title: r.t().Overview.SearchCustomers}
	if q == "" || !r.can(auth.ViewCustomers) || !r.can(auth.ViewMessages) {
		return g, nil
	}
	list, _, err := s.DB.Customers(r.ctx, db.CustomerFilter{Q: q}, "", searchMost)
	for _, c := range list {
		g.Hits = append(g.Hits, layout.HitModel{Name: orName(r, c.Name), Picture: s.customerPicture(r, c.ID, c.PictureID), Text: orName(r, c.Name), Sub: c.ID, Href: href.Customer(c.ID)})
	}
	return g, err
}

// searchEntries finds one audit entry by its id.
func (s *Server) searchEntries(r *request, q string) (overview.Group, error) {
	g := overview.Group{Title: r.t().Overview.SearchEntries}
	if !intentID.MatchString(q) || !r.can(auth.ViewAudit) {
		return g, nil
	}
	if e, err := s.DB.AuditEntry(r.ctx, q); err == nil {
		g.Hits = append(g.Hits, layout.HitModel{Icon: "scroll-text", Text: r.t().Audit.Actions[e.Action], Sub: targetName(e), Href: href.AuditEntry(e.ID)})
	}
	return g, nil
}
