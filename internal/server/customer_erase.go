package server

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/customer"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

func (s *Server) customerConfirm(r *request) error {
	p, body, err := s.customerEraseForm(r, trouble{})
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// eraseWord is what has to be typed before a customer is erased: the name, or the end
// of the id of somebody without one.
func eraseWord(c db.Customer) string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID[max(0, len(c.ID)-8):]
}

func (s *Server) customerEraseForm(r *request, t trouble) (layout.Page, templ.Component, error) {
	c, err := s.DB.Customer(r.ctx, r.param("id"))
	if err != nil {
		return layout.Page{}, nil, err
	}
	impact, open, err := s.eraseImpact(r, c)
	if err != nil {
		return layout.Page{}, nil, err
	}
	words := r.t().Customer
	m := customer.Erase{Name: orName(r, c.Name), Word: eraseWord(c), Action: href.Customer(c.ID, "erase"), Cancel: href.Customer(c.ID),
		Hidden: []ui.Pair{{"intent", db.NewID()}}, Typed: r.form("typed"), Open: open, Trouble: t.above, Impact: impact}
	if t.invalid != nil {
		m.TypedError = fieldError(t, t.invalid.Field, words.Errors)
	}
	p := layout.Page{Title: words.EraseTitle(m.Name), Nav: layout.Customers, Narrow: true,
		Crumbs: []ui.Crumb{{Text: words.Title, Href: href.Customers}, {Text: m.Name, Href: href.Customer(c.ID)}, {Text: words.Erase}}}
	return p, customer.Confirm(r.view, m), nil
}

// eraseImpact counts what goes with a customer, and says whether a conversation is
// under way.
func (s *Server) eraseImpact(r *request, c db.Customer) (impact []ui.KV, open bool, err error) {
	list, _, err := s.DB.Conversations(r.ctx, db.ConversationFilter{Customer: c.ID, Sort: db.SortRecent}, "", customerConversations)
	if err != nil {
		return nil, false, err
	}
	messages := 0
	for _, each := range list {
		messages += each.Messages
		open = open || each.State != db.StateEnded
	}
	t := r.t().Customer
	return []ui.KV{{Key: t.EraseImpact, Value: strconv.Itoa(len(list))}, {Key: t.EraseMessages, Value: strconv.Itoa(messages)}}, open, nil
}

func (s *Server) customerErase(r *request) error {
	c, err := s.DB.Customer(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	result, err := s.Ops.EraseCustomer(r.ctx, r.actor, ops.Erase{IntentID: r.intent(), CustomerID: c.ID, Typed: r.form("typed")})
	return s.conclude(r, change{result: result, err: err, tried: r.t().Customer.Erase, to: href.Customers,
		again: func(t trouble) (layout.Page, templ.Component, error) { return s.customerEraseForm(r, t) }})
}
