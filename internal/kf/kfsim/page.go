package kfsim

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS []byte

const (
	pageRows  = 50 // accounts on one page
	pageCalls = 25 // latest calls and violations shown
)

// pageData is what the page shows.
type pageData struct {
	T                        pageWords
	CorpID, BaseURL          string
	Now                      time.Time
	Offset                   time.Duration
	AccountCount, Managed    int
	PeopleCount, LinkCount   int
	DepartmentCount, Holding int
	Accounts                 []pageAccount
	Page, Before, After      int  // numbers of pages; 0 where there is none
	LinksOpen                bool // the links open here
	People                   []pagePerson
	Links                    []link
	Calls                    []Entry
	Violations               []Violation
	Faults                   []Fault
}

type pageAccount struct {
	ID, Name, Avatar, Phone                         string
	Managed                                         bool
	Serving, Suspended, Stopped, People, Department int
}

type pagePerson struct {
	UserID, Name, Departments string
	Status                    int
	Visible                   bool
}

// servePage shows the world, the latest calls and the faults to come.
func (s *Sim) servePage(w http.ResponseWriter, r *http.Request) {
	page, err := template.New("page").Parse(pageHTML)
	var b bytes.Buffer
	if err == nil {
		err = page.Execute(&b, s.pageData(r))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes())
}

func servePageStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(pageCSS)
}

func (s *Sim) pageData(r *http.Request) pageData {
	d := pageData{
		T: pageLanguage(r), LinksOpen: s.baseURL != "", CorpID: s.corpID, BaseURL: "http://" + r.Host, Now: s.now(),
		Offset: time.Duration(s.offset.Load()),
		Calls:  latest(s.journal.all()), Violations: latest(s.violations.all()),
	}
	d.Faults, d.Holding = s.faults.list()
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := s.world
	d.AccountCount, d.PeopleCount, d.LinkCount, d.DepartmentCount = len(w.Accounts), len(w.People), len(w.Links), len(w.Departments)
	for _, a := range w.Accounts {
		if a.Managed {
			d.Managed++
		}
	}
	d.turn(r.URL.Query().Get("page"))
	from := (d.Page - 1) * pageRows
	for _, a := range w.Accounts[from:min(from+pageRows, len(w.Accounts))] {
		d.Accounts = append(d.Accounts, a.pageRow())
	}
	for _, p := range w.People[:min(len(w.People), 200)] {
		d.People = append(d.People, w.pageRow(p))
	}
	for _, l := range w.Links {
		d.Links = append(d.Links, *l)
	}
	d.Links = latest(d.Links)
	return d
}

// turn finds the page of accounts to show; nonsense is page 1.
func (d *pageData) turn(text string) {
	last := max(1, (d.AccountCount+pageRows-1)/pageRows)
	n, err := strconv.Atoi(text)
	if err != nil {
		n = 1
	}
	d.Page = min(max(n, 1), last)
	d.Before = d.Page - 1
	if d.Page < last {
		d.After = d.Page + 1
	}
}

func (a *account) pageRow() pageAccount {
	row := pageAccount{ID: a.ID, Name: a.Name, Avatar: a.avatarPath(), Phone: phonePath(a.ID), Managed: a.Managed}
	for _, s := range a.Servicers {
		switch s.statusName() {
		case "":
			row.Department++
			continue
		case nameServing:
			row.Serving++
		case nameSuspended:
			row.Suspended++
		default:
			row.Stopped++
		}
		row.People++
	}
	return row
}

func (w *world) pageRow(p *person) pagePerson {
	var names []string
	for _, id := range p.Departments {
		if d := w.departmentBy[id]; d != nil {
			names = append(names, d.Name)
		}
	}
	return pagePerson{p.UserID, p.Name, strings.Join(names, ", "), p.Status, w.visible(p)}
}

// latest returns the last entries, newest first.
func latest[T any](list []T) []T {
	list = slices.Clone(list[max(0, len(list)-pageCalls):])
	slices.Reverse(list)
	return list
}
