package server

import (
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/overview"
	"kfconsole/web/templates/ui"
)

// shownUnstaffed is how many accounts that nobody serves the overview names.
const shownUnstaffed = 5

func (s *Server) overview(r *request) error {
	counts, err := s.DB.AccountCounts(r.ctx)
	if err != nil {
		return err
	}
	if target(r) == "now" && r.can(auth.ViewConversations) {
		return s.replyShared(r, func() (templ.Component, error) {
			tiles, err := s.liveTiles(r, counts)
			return overview.Now(r.view, overview.Model{Live: tiles, Here: href.Overview}), err
		})
	}
	links, err := s.DB.LinkCounts(r.ctx)
	if err != nil {
		return err
	}
	open, err := s.DB.OpenIntents(r.ctx)
	if err != nil {
		return err
	}
	m := overview.Model{SeeAudit: r.can(auth.ViewAudit), Tiles: s.overviewTiles(r, counts, links, len(open)), Problems: overviewProblems(r, counts, len(open))}
	t := r.t().Overview
	if counts.Total == 0 {
		m.First = &ui.EmptyModel{Icon: "headset", Title: t.FirstTitle, Text: t.FirstText}
	}
	if m.Here = href.Overview; r.can(auth.ViewConversations) {
		if m.Live, err = s.liveTiles(r, counts); err != nil {
			return err
		}
	}
	if m.Unstaffed, m.More, err = s.unstaffed(r); err != nil {
		return err
	}
	if m.SeeAudit {
		if m.Recent, err = s.recentFeed(r, db.AuditFilter{}, 8); err != nil {
			return err
		}
	}
	if m.Mirror, err = s.mirrorState(r); err != nil {
		return err
	}
	m.Refresh = ui.Btn{Text: r.t().Account.Refresh, Icon: "refresh-cw", Small: true}
	if !r.can(auth.Refresh) {
		m.Refresh.Reason = r.t().Account.ReasonRole
	}
	facts := s.accountFacts(r, counts)
	p := layout.Page{Title: t.Greeting(r.view.Now.In(r.view.Zone).Hour(), r.actor.Name), Nav: layout.Overview, Facts: []templ.Component{facts[0], facts[len(facts)-1]}}
	return s.reply(r, p, overview.Page(r.view, m))
}

func (s *Server) overviewTiles(r *request, c db.AccountCounts, l db.LinkCounts, open int) []ui.TileModel {
	t := r.t().Overview
	unstaffed := ui.TileModel{Label: t.Unstaffed, Icon: "triangle-alert", Value: strconv.Itoa(c.Unstaffed), Note: t.AllStaffed, Tone: ui.ToneOK, Href: href.Q("filter", db.FilterUnstaffed).On(href.Accounts)}
	if c.Unstaffed > 0 {
		unstaffed.Note, unstaffed.Tone = t.UnstaffedNote, ui.ToneDanger
	}
	pending := ui.TileModel{Label: t.Open, Icon: "hourglass", Value: strconv.Itoa(open), Note: t.NoneOpen, Tone: ui.ToneOK}
	if open > 0 {
		pending.Note, pending.Tone = t.OpenNote, ui.ToneWarn
	}
	if r.can(auth.ViewAudit) {
		pending.Href = href.Q("outcome", ops.Open).On(href.Audit)
	}
	return []ui.TileModel{
		unstaffed,
		{Label: t.OnDuty, Icon: "user-check", Value: strconv.Itoa(c.Serving), Note: t.OfPeople(c.Servicers)},
		{Label: t.Accounts, Icon: "headset", Value: strconv.Itoa(c.Total), Note: t.Managed(c.Managed), Href: href.Accounts},
		{Label: t.Links, Icon: "qr-code", Value: strconv.Itoa(l.Active), Note: t.Archived(l.Archived), Href: href.Links},
		pending,
	}
}

// overviewProblems is what needs a person now.
func overviewProblems(r *request, c db.AccountCounts, open int) []layout.Banner {
	t := r.t().Overview
	var list []layout.Banner
	if c.Unstaffed > 0 {
		list = append(list, layout.Banner{Tone: ui.ToneWarn, Title: t.UnstaffedTitle(c.Unstaffed), Text: t.UnstaffedText, Link: t.SeeUnstaffed, Href: href.Q("filter", db.FilterUnstaffed).On(href.Accounts)})
	}
	if open > 0 {
		b := layout.Banner{Tone: ui.ToneWarn, Title: t.OpenTitle, Text: t.OpenText}
		if r.can(auth.ViewAudit) {
			b.Link, b.Href = t.SeeOpen, href.Q("outcome", ops.Open).On(href.Audit)
		}
		list = append(list, b)
	}
	return list
}

// unstaffed lists the first accounts that nobody serves, and the address of the rest.
func (s *Server) unstaffed(r *request) ([]overview.Unstaffed, string, error) {
	list, page, err := s.DB.Accounts(r.ctx, db.AccountFilter{Filter: db.FilterUnstaffed, Sort: db.SortLinks, Desc: true}, "", shownUnstaffed)
	if err != nil {
		return nil, "", err
	}
	var out []overview.Unstaffed
	for _, a := range list {
		out = append(out, overview.Unstaffed{Name: a.Name, Picture: pictureHref(a), ServicersHref: href.Account(a.ID, "servicers"), People: a.Servicers, Links: a.Links})
	}
	more := ""
	if page.Next != "" {
		more = href.Q("filter", db.FilterUnstaffed).On(href.Accounts)
	}
	return out, more, nil
}

// mirrorState says how old the parts of our copy are.
func (s *Server) mirrorState(r *request) ([]overview.Fresh, error) {
	t := r.t().Overview
	var list []overview.Fresh
	for _, each := range []struct{ topic, name string }{{live.TopicAccounts, t.MirrorAccounts}, {live.TopicDirectory, t.MirrorPeople}} {
		f, err := s.freshness(r, each.topic)
		if err != nil {
			return nil, err
		}
		fresh := overview.Fresh{Name: each.name, At: f.OKAt}
		if f.Error != "" {
			fresh.Error = explain(r.t().Lang, f.Errcode, f.Error).Meaning
		}
		list = append(list, fresh)
	}
	return list, nil
}
