package server

import (
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/account"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

func (s *Server) accountShow(r *request) error {
	a, err := s.DB.Account(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	m := account.Show{Row: s.accountRow(r, a), Gone: a.GoneAt != nil, SeeAudit: r.can(auth.ViewAudit), RecentHref: href.Account(a.ID, "audit"), Facts: accountKVs(r, a)}
	clock, err := s.accountClock(r, a)
	if err != nil {
		return err
	}
	m.Facts = append(m.Facts, clock...)
	if m.SeeAudit {
		entries, page, err := s.DB.AuditEntries(r.ctx, db.AuditFilter{TargetID: a.ID}, "", accountRecent)
		if err != nil {
			return err
		}
		birth, err := s.accountBirth(r, a.ID)
		if err != nil {
			return err
		}
		if page.Next == "" && len(entries) < accountRecent {
			entries = append(entries, birth...)
		}
		m.Recent = changeFeed(r, entries, false)
	}
	return s.reply(r, s.accountPage(r, a, ""), account.Page(r.view, m))
}

// accountPage is the frame that all parts of one account share; part names the tab.
func (s *Server) accountPage(r *request, a db.Account, part string) layout.Page {
	t := r.t().Account
	p := layout.Page{Title: a.Name, Nav: layout.Accounts, Lead: ui.Avatar(a.Name, pictureHref(a), ui.AvatarLarge)}
	p.Facts = []templ.Component{account.ManagedState(r.view, managedOf(a)), account.StaffState(r.view, managedOf(a), staffOf(a))}
	p.Actions = components(
		ui.LinkButton(ui.Btn{Text: t.Delete, Icon: "trash-2", Kind: ui.Danger, Href: href.Account(a.ID, "delete"), Reason: s.whyNot(r, a, auth.DeleteAccounts)}),
		ui.LinkButton(ui.Btn{Text: t.Edit, Icon: "pencil", Kind: ui.Primary, Href: href.Account(a.ID, "edit"), Reason: s.whyNot(r, a, auth.ChangeAccounts)}),
	)
	staff := a.Servicers + a.Departments
	p.Tabs = []ui.Tab{
		{Text: t.Overview, Href: href.Account(a.ID), On: part == ""},
		{Text: t.Servicers, Href: href.Account(a.ID, "servicers"), On: part == "servicers", Count: &staff},
		{Text: t.Links, Href: href.Account(a.ID, "links"), On: part == "links", Count: &a.Links},
	}
	if r.can(auth.ViewConversations) {
		p.Tabs = append(p.Tabs, ui.Tab{Text: r.t().Conversation.Title, Href: href.Q("account", a.ID).On(href.Conversations)})
	}
	if r.can(auth.ViewAudit) {
		p.Tabs = append(p.Tabs, ui.Tab{Text: t.Audit, Href: href.Account(a.ID, "audit"), On: part == "audit"})
	}
	return p
}

func accountKVs(r *request, a db.Account) []ui.KV {
	t := r.t().Account
	picture := t.PictureNone
	if a.PictureID != "" {
		picture = t.PictureOwn
	}
	facts := []ui.KV{
		{Key: t.ID, Show: ui.Copy(r.view, t.ID, a.ID)},
		{Key: t.ManagedBy, Show: account.ManagedState(r.view, managedOf(a))},
		{Key: t.Picture, Value: picture},
		{Key: t.LinkCount, Value: strconv.Itoa(a.Links), Href: href.Account(a.ID, "links")},
		{Key: t.ServicersAt, Show: ui.MaybeTime(r.view, a.ServicersAt)},
		{Key: t.LastSeen, Show: ui.Time(r.view, a.SeenAt)},
		{Key: t.FirstSeen, Show: ui.Time(r.view, a.FirstSeen)},
	}
	if !a.RenamedAt.IsZero() {
		facts = append(facts, ui.KV{Key: t.Renamed, Show: ui.Time(r.view, a.RenamedAt)})
	}
	return facts
}

// accountClock says how long ago the messages of an account were last read in full;
// nothing for one whose messages the app may not read.
func (s *Server) accountClock(r *request, a db.Account) ([]ui.KV, error) {
	if managedOf(a) == account.ReadOnly || a.GoneAt != nil {
		return nil, nil
	}
	state, err := s.DB.SyncState(r.ctx, a.ID)
	if err != nil {
		return nil, err
	}
	t := r.t().Health.Sync
	safety := live.SafetyClock(state, r.view.Now)
	show := components(ui.State(levelTone(safety.Level), t.Levels[string(safety.Level)]), ui.Text(" "), ui.MaybeTime(r.view, moment(state.OKAt)))
	return []ui.KV{{Key: t.Title, Show: show}}, nil
}

// accountRecent is how many of its last changes an account's page shows.
const accountRecent = 6

// recentFeed lists the last changes that a filter lets through.
func (s *Server) recentFeed(r *request, f db.AuditFilter, n int) ([]ui.FeedItem, error) {
	entries, _, err := s.DB.AuditEntries(r.ctx, f, "", n)
	return changeFeed(r, entries, f.TargetID == ""), err
}

// changeFeed lists changes, with what they are about where that is not the page itself.
func changeFeed(r *request, entries []db.Entry, targets bool) []ui.FeedItem {
	var feed []ui.FeedItem
	for _, e := range entries {
		title := r.t().Audit.Actions[e.Action]
		if e.TargetName != "" && targets {
			title += " · " + e.TargetName
		}
		outcome := outcomeOf(e)
		item := ui.FeedItem{Name: e.OperatorName, Title: title, Href: href.AuditEntry(e.ID), Sub: []templ.Component{ui.Text(e.OperatorName), ui.Time(r.view, e.At)}}
		if outcome != ops.Done {
			item.End = ui.State(outcomeTone(outcome), r.t().Audit.Outcomes[outcome])
		}
		feed = append(feed, item)
	}
	return feed
}
