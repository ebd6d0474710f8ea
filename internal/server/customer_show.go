package server

import (
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/customer"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// What one customer's page shows at most: nobody talks to that many accounts.
const (
	customerConversations = 100
	customerVisits        = 50
)

func (s *Server) customerShow(r *request) error {
	c, err := s.DB.Customer(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	m := customer.Show{Row: s.customerRow(r, c), Masked: !r.can(auth.ViewMessages), Facts: customerFacts(r, c)}
	list, _, err := s.DB.Conversations(r.ctx, db.ConversationFilter{Customer: c.ID, Sort: db.SortRecent}, "", customerConversations)
	if err != nil {
		return err
	}
	accounts := map[string]string{}
	for _, each := range list {
		accounts[each.AccountID] = each.AccountName
		m.Conversations = append(m.Conversations, s.customerConversation(r, each))
	}
	if m.Visits, err = s.customerVisits(r, c.ID, accounts); err != nil {
		return err
	}
	p := layout.Page{Title: orName(r, m.Name), Nav: layout.Customers, Lead: ui.Avatar(m.Name, m.Picture, ui.AvatarRoundLarger),
		Crumbs: []ui.Crumb{{Text: r.t().Customer.Title, Href: href.Customers}, {Text: orName(r, m.Name)}},
		Facts:  []templ.Component{customer.Profiled(r.view, m.Row)}, Toasts: refreshed(r)}
	p.Actions = components(s.customerEraseButton(r, c), s.customerRefreshButton(r, c))
	return s.reply(r, p, customer.Page(r.view, m))
}

// orName is what to call a customer whose name is not known.
func orName(r *request, name string) string {
	if name == "" {
		return r.t().Customer.Nameless
	}
	return name
}

func (s *Server) customerRefreshButton(r *request, c db.Customer) templ.Component {
	b := ui.Btn{Text: r.t().Customer.RefreshOne, Icon: "refresh-cw"}
	if !r.can(auth.Refresh) {
		b.Reason = r.t().Customer.ReasonRole
	}
	return ui.PostButton(href.CustomerRefresh, []ui.Pair{{"id", c.ID}, {"return", href.Customer(c.ID)}}, b)
}

func (s *Server) customerEraseButton(r *request, c db.Customer) templ.Component {
	b := ui.Btn{Text: r.t().Customer.Erase, Icon: "trash-2", Kind: ui.Danger, Href: href.Customer(c.ID, "erase")}
	if !r.can(auth.EraseCustomers) {
		b.Reason = r.t().Customer.ReasonRole
	}
	return ui.LinkButton(b)
}

func customerFacts(r *request, c db.Customer) []ui.KV {
	t := r.t().Customer
	facts := []ui.KV{
		{Key: t.ID, Show: ui.Copy(r.view, t.ID, c.ID)},
		{Key: t.First, Show: ui.Time(r.view, c.FirstAt)},
		{Key: t.Last, Show: ui.Time(r.view, c.LastAt)},
		{Key: t.Asked, Show: ui.Time(r.view, c.ProfileAt)},
		{Key: t.Conversations, Value: strconv.Itoa(c.Conversations)},
	}
	if c.Gender != 0 {
		facts = append(facts, ui.KV{Key: t.Gender, Value: t.Genders[c.Gender]})
	}
	if c.UnionID != "" && r.can(auth.ViewMessages) {
		facts = append(facts, ui.KV{Key: t.UnionID, Show: ui.Copy(r.view, t.UnionID, c.UnionID)})
	}
	return facts
}

func (s *Server) customerConversation(r *request, c db.Conversation) customer.Conversation {
	m := customer.Conversation{Account: orID(c.AccountName, c.AccountID), Href: href.Conversation(c.ID), State: conversation.Pill(r.view, conversation.State(c.State)), Last: c.LastAt}
	if r.can(auth.ViewMessages) {
		from, words := lastWords(r, c)
		m.Text = from + words
	}
	return m
}

// customerVisits lists the visits of a customer to accounts whose names are given.
func (s *Server) customerVisits(r *request, id string, accounts map[string]string) ([]customer.Visit, error) {
	list, err := s.DB.CustomerVisits(r.ctx, id, customerVisits)
	if err != nil {
		return nil, err
	}
	var scenes []db.SceneOf
	for _, v := range list {
		scenes = append(scenes, db.SceneOf{AccountID: v.AccountID, Scene: v.Scene})
	}
	sources, err := s.sources(r.ctx, scenes)
	if err != nil {
		return nil, err
	}
	var out []customer.Visit
	for _, v := range list {
		at := v.EnteredAt
		if at.IsZero() {
			at = v.WroteAt
		}
		from := sources[db.SceneOf{AccountID: v.AccountID, Scene: v.Scene}]
		if !r.can(auth.ViewMessages) {
			v.Rating = ""
		}
		out = append(out, customer.Visit{At: at, Account: orID(accounts[v.AccountID], v.AccountID), Source: from.name, Href: from.href,
			Wrote: v.WroteAt, Replied: v.RepliedAt, Human: v.HumanAt, Ended: v.EndedAt, EndedBy: v.EndedBy, Rating: v.Rating})
	}
	return out, nil
}
