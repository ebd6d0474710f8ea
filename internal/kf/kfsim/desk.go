package kfsim

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	deskPast   = 20  // conversations a servicer had
	deskChoice = 500 // people to choose from
)

// deskData is what the servicers' page shows.
type deskData struct {
	T             chatWords
	OtherLanguage string
	People        []deskPerson
	UserID, Name  string
	Desks         []deskAccount
	Mine, Past    []deskSession
	Open          *deskSession
	Rows          []chatRow
	Colleagues    []deskPerson
}

// deskPerson is somebody who serves an account.
type deskPerson struct {
	UserID, Name string
	Chosen       bool
	Talks, Waits int // conversations with him, and customers in the pools he serves
}

// deskAccount is an account that the servicer serves.
type deskAccount struct {
	ID, Name, Avatar string
	Duty             string
	Pool             []deskSession
}

// deskSession is a line of one of the lists.
type deskSession struct {
	Account, AccountName, Customer, Name string
	Initial                              string
	Hue                                  int
	State                                int
	StateName, Scene                     string
	Waits                                string
	Last                                 string
	Href                                 string
	Current, Mine, Rejected, MayReopen   bool
	since                                time.Time
}

// serveDesk answers GET /_sim/desk?userid=&account=&customer=.
func (s *Sim) serveDesk(w http.ResponseWriter, r *http.Request) {
	servePhonePage(w, http.StatusOK, "desk", s.deskData(r))
}

// serveDeskPane answers with what changes of the same page.
func (s *Sim) serveDeskPane(w http.ResponseWriter, r *http.Request) {
	servePhonePage(w, http.StatusOK, "desk-pane", s.deskData(r))
}

func (s *Sim) deskData(r *http.Request) deskData {
	q := r.URL.Query()
	d := deskData{T: chatLanguage(r)}
	other := cloneQuery(q)
	other.Set("lang", d.T.Other)
	d.OtherLanguage = "/_sim/desk?" + other.Encode()
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := s.world, s.now()
	d.People = w.deskPeople(q.Get("userid"))
	for _, p := range d.People {
		if p.Chosen {
			d.UserID, d.Name = p.UserID, p.Name
		}
	}
	if d.UserID == "" {
		return d
	}
	lister := deskLister{w, d.T, d.UserID, q.Get("account"), q.Get("customer"), q.Get("lang"), now}
	me := w.person(d.UserID)
	served := map[string]bool{}
	for _, a := range w.Accounts {
		if w.covered(a, me) {
			served[a.ID] = true
			d.Desks = append(d.Desks, deskAccount{ID: a.ID, Name: a.Name, Avatar: a.avatarPath(), Duty: a.duty(d.UserID)})
		}
	}
	lister.sort(&d, served)
	if d.Open != nil {
		a := w.accountByID[d.Open.Account]
		d.Rows = w.chatOf(a, d.Open.Customer, d.UserID, d.T, now)
		d.Colleagues = w.colleagues(a, d.UserID)
	}
	return d
}

func cloneQuery(q url.Values) url.Values {
	clone := url.Values{}
	for name, values := range q {
		clone[name] = slices.Clone(values)
	}
	return clone
}

// deskPeople are all who serve an account, in the order of the address book; without a choice it is nobody.
func (w *world) deskPeople(chosen string) []deskPerson {
	talks, waits := map[string]int{}, map[string]int{}
	for _, x := range w.talk.Sessions {
		switch x.State {
		case stateHuman:
			talks[x.Servicer]++
		case stateQueue:
			waits[x.Account]++
		}
	}
	var list []deskPerson
	for _, p := range w.People {
		one := deskPerson{UserID: p.UserID, Name: p.Name, Chosen: strings.EqualFold(p.UserID, chosen), Talks: talks[p.UserID]}
		serves := false
		for _, a := range w.Accounts {
			if p.Status == personActive && w.covered(a, p) {
				serves = true
				one.Waits += waits[a.ID]
			}
		}
		if serves {
			list = append(list, one)
		}
		if len(list) == deskChoice {
			break
		}
	}
	return list
}

// colleagues are the others who serve an account and may be given a customer.
func (w *world) colleagues(a *account, but string) []deskPerson {
	var list []deskPerson
	for _, p := range w.People {
		if p.UserID == but || p.Status != personActive || !w.covered(a, p) || a.duty(p.UserID) != nameServing {
			continue
		}
		list = append(list, deskPerson{UserID: p.UserID, Name: p.Name})
	}
	return list
}

// deskLister sorts the sessions into the lists of one servicer.
type deskLister struct {
	w                       *world
	t                       chatWords
	me                      string
	account, customer, lang string
	now                     time.Time
}

func (l deskLister) sort(d *deskData, served map[string]bool) {
	pools := map[string][]deskSession{}
	for _, x := range l.w.talk.Sessions {
		if !served[x.Account] {
			continue
		}
		x.settle(l.now)
		one := l.line(x)
		if one.Current {
			d.Open = &one
		}
		switch {
		case x.State == stateQueue:
			pools[x.Account] = append(pools[x.Account], one)
		case one.Mine:
			d.Mine = append(d.Mine, one)
		case x.has(l.me):
			d.Past = append(d.Past, one)
		}
	}
	oldest := func(a, b deskSession) int {
		return cmp.Or(a.since.Compare(b.since), strings.Compare(a.Customer, b.Customer))
	}
	newest := func(a, b deskSession) int { return oldest(b, a) }
	for i := range d.Desks {
		d.Desks[i].Pool = pools[d.Desks[i].ID]
		slices.SortFunc(d.Desks[i].Pool, oldest)
	}
	slices.SortFunc(d.Mine, newest)
	slices.SortFunc(d.Past, newest)
	d.Past = d.Past[:min(deskPast, len(d.Past))]
}

// line shows a session.
func (l deskLister) line(x *session) deskSession {
	who, a := l.w.talk.customerBy[x.Customer], l.w.accountByID[x.Account]
	one := deskSession{
		Account: x.Account, AccountName: a.Name, Customer: x.Customer, Hue: hue(x.Customer), State: x.State, StateName: l.t.State(x.State),
		Current: x.Account == l.account && x.Customer == l.customer, Rejected: x.Rejected,
		Mine: x.State == stateHuman && x.Servicer == l.me, since: x.Since, Waits: waited(l.now.Sub(x.Since)),
	}
	one.MayReopen = !one.Mine && x.has(l.me) && !x.Expired && (x.State == stateEnded || x.State == stateHuman)
	if who != nil {
		one.Name, one.Initial = who.Name, initial(who.Name)
		if who.Context != nil {
			one.Scene = who.Context.Scene
		}
	}
	query := url.Values{"userid": {l.me}, "account": {x.Account}, "customer": {x.Customer}}
	if l.lang != "" {
		query.Set("lang", l.lang)
	}
	one.Href = "/_sim/desk?" + query.Encode()
	for i := len(x.chat) - 1; i >= 0 && one.Last == ""; i-- {
		if m := x.chat[i]; m.Origin != fromSystem {
			one.Last = cmp.Or(m.view().Text, l.t.Kind(m.Type))
		}
	}
	return one
}

// waited writes how long somebody waits, as minutes and seconds or hours, minutes and seconds.
func waited(d time.Duration) string {
	seconds := max(0, int(d.Seconds()))
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
