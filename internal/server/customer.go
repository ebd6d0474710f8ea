package server

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/web/templates/customer"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

func (s *Server) customerIndex(r *request) error {
	filter, err := customerFilter(r)
	if err != nil {
		return err
	}
	list, page, err := s.DB.Customers(r.ctx, filter, db.Cursor(r.query("after")), perPage)
	if err != nil {
		return err
	}
	all, err := s.DB.CustomerCount(r.ctx, db.CustomerFilter{})
	if err != nil {
		return err
	}
	known, err := s.DB.CustomerCount(r.ctx, db.CustomerFilter{Profile: db.ProfileOK})
	if err != nil {
		return err
	}
	m := s.customerList(r, filter, list, page)
	if m.Pager.Total, err = s.DB.CustomerCount(r.ctx, filter); err != nil {
		return err
	}
	p := layout.Page{Title: r.t().Customer.Title, Nav: layout.Customers, Facts: []templ.Component{ui.Text(r.t().Customer.Facts(all, known))}, Toasts: refreshed(r)}
	return s.reply(r, p, customer.List(r.view, m))
}

// customerFilter reads the search, filter and sort of the directory's address. Without
// a sort those who came last are first.
func customerFilter(r *request) (db.CustomerFilter, error) {
	profile, err := r.oneOf("profile", "", db.ProfileInvalid)
	if err != nil {
		return db.CustomerFilter{}, err
	}
	sort, err := r.oneOf("sort", db.SortRecent, db.SortName)
	if err != nil {
		return db.CustomerFilter{}, err
	}
	for _, name := range []string{"q", "account"} {
		if len(r.query(name)) > 200 {
			return db.CustomerFilter{}, badRequest(name)
		}
	}
	// Whoever sees masked names could find them out letter by letter, or by their order; the place in a list holds one.
	if !r.can(auth.ViewMessages) && (r.query("q") != "" || sort == db.SortName) {
		return db.CustomerFilter{}, badRequest("q")
	}
	return db.CustomerFilter{Q: r.query("q"), Account: r.query("account"), Profile: profile, Sort: sort}, nil
}

func (s *Server) customerList(r *request, f db.CustomerFilter, list []db.Customer, page db.Page) customer.Index {
	t := r.t().Customer
	q := href.Q("q", f.Q, "account", f.Account, "profile", f.Profile, "sort", r.query("sort"))
	m := customer.Index{
		Search: ui.SearchModel{Action: href.Customers, Name: "q", Value: f.Q, Label: t.SearchLabel, Placeholder: t.SearchHint, Hidden: q.Without("q").Pairs(), Target: "#list"},
		Name:   ui.SortModel{Label: t.ColName, Href: q.With("sort", db.SortName).On(href.Customers)}, Last: ui.SortModel{Label: t.ColLast, Href: q.Without("sort").On(href.Customers)},
		Pager: pager(r, q, href.Customers, page, len(list), "#list"), Masked: !r.can(auth.ViewMessages), Back: localPath(r.path(), href.Customers),
		Refresh: ui.Btn{Text: t.Refresh, Icon: "refresh-cw", Form: "customers"},
		Empty:   ui.EmptyModel{Icon: "id-card", Title: t.NoneTitle, Text: t.NoneText, Next: ui.Btn{Text: r.t().Link.Title, Href: href.Links}},
	}
	if f.Sort == db.SortName {
		m.Name.Dir = "asc"
	} else {
		m.Last.Dir = "desc"
	}
	if f.Account != "" {
		m.Menus = []ui.ChipMenuModel{{Label: t.FilterAccount, Value: s.accountName(r, f.Account), Clear: q.Without("account").On(href.Customers)}}
	}
	gone := ui.ChipModel{Text: t.Gone, Icon: "clock", On: f.Profile != "", Href: q.With("profile", db.ProfileInvalid).On(href.Customers)}
	if gone.On {
		gone.Href = q.Without("profile").On(href.Customers)
	}
	m.Chips = []ui.ChipModel{gone}
	if f != (db.CustomerFilter{Sort: f.Sort}) {
		m.Empty = ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchText, Next: ui.Btn{Text: t.ClearIt, Href: href.Customers}}
	}
	if !r.can(auth.Refresh) {
		m.Refresh.Reason = t.ReasonRole
	}
	for _, c := range list {
		m.Rows = append(m.Rows, s.customerRow(r, c))
	}
	return m
}

func (s *Server) customerRow(r *request, c db.Customer) customer.Row {
	return customer.Row{ID: c.ID, Name: customerName(r, c.Name), Href: href.Customer(c.ID), Picture: s.customerPicture(r, c.ID, c.PictureID),
		Profile: customer.Profile(c.ProfileState), AsOf: c.ProfileAt, Conversations: c.Conversations, First: c.FirstAt, Last: c.LastAt}
}

// customerName is a customer's name as the operator may see it: who may not read
// messages sees its first character only.
func customerName(r *request, name string) string {
	if name == "" || r.can(auth.ViewMessages) {
		return name
	}
	_, size := utf8.DecodeRuneInString(name)
	return name[:size] + "*"
}

// customerPicture is the address of a customer's picture; "" for none, and for those
// who see masked names: a face is a name.
func (s *Server) customerPicture(r *request, id, picture string) string {
	if picture == "" || !r.can(auth.ViewMessages) {
		return ""
	}
	return href.Q("v", picture[:min(12, len(picture))]).On(href.Customer(id, "picture"))
}

func (s *Server) customerPictureFile(r *request) error {
	c, err := s.DB.Customer(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	return s.sendPicture(r, c.PictureID)
}

// sendPicture answers with one of our pictures; an address that names its version may
// be kept by the browser.
func (s *Server) sendPicture(r *request, id string) error {
	if id == "" {
		return errNotFound
	}
	picture, err := s.DB.Picture(r.ctx, id)
	if err != nil {
		return err
	}
	if v := r.query("v"); v != "" && strings.HasPrefix(id, v) {
		r.c.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	r.c.Status(http.StatusOK).Set("Content-Type", picture.MIME)
	return r.c.Send(picture.Data)
}

// mostRefreshed is how many profiles one press may ask for: one call of WeCom.
const mostRefreshed = 100

// customerRefresh asks WeCom for the profiles of the chosen customers now.
func (s *Server) customerRefresh(r *request) error {
	ids := r.forms("id")
	if len(ids) == 0 || len(ids) > mostRefreshed {
		return s.redirect(r, r.back(href.Customers))
	}
	for _, id := range ids {
		if _, err := s.DB.Customer(r.ctx, id); errors.Is(err, db.ErrNotFound) {
			return badRequest("id")
		} else if err != nil {
			return err
		}
	}
	came, err := s.Syncer.RefreshCustomers(r.ctx, ids)
	told := fmt.Sprintf("%d-%d", came.Found, came.Invalid+came.Missing)
	if err != nil {
		s.Log.Warn("refresh customers", "id", r.id, "error", err)
		told = refreshFailed
	}
	return s.redirect(r, href.With(r.back(href.Customers), "refreshed", told))
}

// refreshFailed stands in the address in place of the numbers of a refresh.
const refreshFailed = "failed"

var refreshedNumbers = regexp.MustCompile(`^(\d{1,3})-(\d{1,3})$`)

// refreshed is the message about the refresh that led to this page.
func refreshed(r *request) []ui.ToastModel {
	t, told := r.t().Customer, r.query("refreshed")
	if told == refreshFailed {
		return []ui.ToastModel{{Tone: ui.ToneDanger, Text: t.RefreshFailed}}
	}
	n := refreshedNumbers.FindStringSubmatch(told)
	if n == nil {
		return nil
	}
	found, _ := strconv.Atoi(n[1])
	gone, _ := strconv.Atoi(n[2])
	toast := ui.ToastModel{Tone: ui.ToneOK, Text: t.Refreshed(found, gone)}
	if gone > 0 {
		toast.Tone, toast.Text = ui.ToneNeutral, toast.Text+" "+t.RefreshedText
	}
	return []ui.ToastModel{toast}
}
