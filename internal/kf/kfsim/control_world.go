package kfsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

type worldView struct {
	CorpID      string           `json:"corp_id"`
	Now         time.Time        `json:"now"`
	Accounts    []accountView    `json:"accounts"`
	Departments []departmentView `json:"departments"`
	People      []personView     `json:"people"`
	Links       []*link          `json:"links"`
	Media       []*media         `json:"media"`
}

type accountView struct {
	ID        string         `json:"open_kfid"`
	Name      string         `json:"name"`
	Avatar    string         `json:"avatar"` // a path
	Managed   bool           `json:"manage_privilege"`
	Servicers []servicerView `json:"servicers"`
}

type servicerView struct {
	UserID     string `json:"userid,omitempty"`
	Department int64  `json:"department_id,omitempty"`
	Status     string `json:"status,omitempty"` // serving, stopped or suspended; none for a department
}

type departmentView struct {
	ID      int64  `json:"id"`
	Parent  int64  `json:"parentid"`
	Name    string `json:"name"`
	People  int    `json:"people"` // directly in it
	Visible bool   `json:"visible"`
}

type personView struct {
	UserID      string  `json:"userid"`
	Name        string  `json:"name"`
	Departments []int64 `json:"departments"`
	Status      int     `json:"status"`
	Visible     bool    `json:"visible"`
}

// showWorld lists everything, also what the app may not see.
func (s *Sim) showWorld(*http.Request) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := s.world
	v := worldView{
		CorpID: s.corpID, Now: s.now(), Accounts: []accountView{}, Departments: []departmentView{}, People: []personView{},
		Links: []*link{}, Media: []*media{},
	}
	for _, a := range w.Accounts {
		row := accountView{a.ID, a.Name, a.avatarPath(), a.Managed, []servicerView{}}
		for _, one := range a.Servicers {
			row.Servicers = append(row.Servicers, servicerView{one.UserID, one.Department, one.statusName()})
		}
		v.Accounts = append(v.Accounts, row)
	}
	for _, d := range w.Departments {
		v.Departments = append(v.Departments, departmentView{d.ID, d.Parent, d.Name, len(w.members[d.ID]), !d.Hidden})
	}
	for _, p := range w.People {
		v.People = append(v.People, personView{p.UserID, p.Name, p.Departments, p.Status, w.visible(p)})
	}
	v.Links, v.Media = append(v.Links, w.Links...), append(v.Media, w.Media...)
	// Links and media are shared with the world, so they are written while it is locked.
	return json.RawMessage(marshal(v)), nil
}

// Names of a servicer's status, as the control API has them.
const (
	nameServing   = "serving"
	nameStopped   = "stopped"
	nameSuspended = "suspended"
	nameRemoved   = "removed"
)

func (s *servicer) statusName() string {
	switch {
	case s.UserID == "":
		return ""
	case s.Status == serving:
		return nameServing
	case s.StopType == 1:
		return nameSuspended
	}
	return nameStopped
}

// alter runs a change of the world and saves it.
func (s *Sim) alter(change func(w *world) (any, error)) (any, error) {
	s.mu.Lock()
	value, err := change(s.world)
	if err == nil {
		s.world.version++
	}
	fresh := s.spoken()
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	err = s.save()
	s.tell(fresh, s.now())
	return value, err
}

// setServicer does what a servicer does in the WeCom client, or an admin on WeCom's own page: it sets a status, puts somebody on
// the list who was not, or takes him off.
func (s *Sim) setServicer(r *http.Request) (any, error) {
	var body struct {
		OpenKFID   string `json:"open_kfid"`
		UserID     string `json:"userid"`
		Department int64  `json:"department_id"`
		Status     string `json:"status"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return s.alter(func(w *world) (any, error) {
		a, err := w.account(body.OpenKFID)
		if err != nil {
			return nil, err
		}
		wanted := &servicer{UserID: body.UserID, Department: body.Department}
		if (body.UserID == "") == (body.Department == 0) {
			return nil, errors.New("one of userid and department_id is needed")
		}
		if p := w.person(body.UserID); p != nil {
			wanted.UserID = p.UserID
		}
		before := a.rowStatus(wanted)
		view, err := a.put(w, wanted, body.Status)
		if err == nil && before != "" && body.Status != nameRemoved {
			w.announceDuty(a, wanted.UserID, before, s.now())
		}
		return view, err
	})
}

// rowStatus is the status of a person on the list, empty for somebody else.
func (a *account) rowStatus(wanted *servicer) string {
	if row := a.byKey[wanted.key()]; row != nil {
		return row.statusName()
	}
	return ""
}

func (a *account) put(w *world, wanted *servicer, status string) (any, error) {
	row := a.byKey[wanted.key()]
	switch status {
	case nameServing:
	case nameStopped:
		wanted.Status = stopped
	case nameSuspended:
		wanted.Status, wanted.StopType = stopped, 1
	case nameRemoved:
		if row == nil {
			return nil, errors.New("not a servicer of the account")
		}
		a.remove(map[string]bool{row.key(): true})
		return servicerView{row.UserID, row.Department, nameRemoved}, nil
	default:
		return nil, errors.New("status: serving, stopped, suspended or removed")
	}
	if row == nil {
		if err := w.exists(wanted); err != nil {
			return nil, err
		}
		a.add(wanted)
		row = wanted
	}
	row.Status, row.StopType = wanted.Status, wanted.StopType
	return servicerView{row.UserID, row.Department, row.statusName()}, nil
}

// setPerson changes the status of a member; 5 removes him from the address book, though not from any servicer list.
func (s *Sim) setPerson(r *http.Request) (any, error) {
	var body struct {
		UserID string `json:"userid"`
		Status int    `json:"status"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return s.alter(func(w *world) (any, error) {
		p := w.person(body.UserID)
		if p == nil {
			return nil, refuse(60111, "")
		}
		switch body.Status {
		case personActive, personDisabled, personInactive:
			p.Status = body.Status
		case personLeft:
			p.Status = personLeft
			w.removePerson(p)
		default:
			return nil, errors.New("status: 1 activated, 2 disabled, 4 not activated, 5 left")
		}
		return personView{p.UserID, p.Name, p.Departments, p.Status, w.visible(p)}, nil
	})
}

func (w *world) removePerson(p *person) {
	is := func(x *person) bool { return x == p }
	w.People = slices.DeleteFunc(w.People, is)
	delete(w.personBy, strings.ToLower(p.UserID))
	for _, d := range p.Departments {
		w.members[d] = slices.DeleteFunc(w.members[d], is)
	}
}

// outsideChange is something another person does to the accounts on WeCom's own admin page.
type outsideChange struct {
	Action   string `json:"action"` // add, rename, delete, picture or privilege
	OpenKFID string `json:"open_kfid"`
	Name     string `json:"name"`
	Managed  bool   `json:"manage_privilege"`
}

func (s *Sim) changeOutside(r *http.Request) (any, error) {
	var body outsideChange
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return s.alter(func(w *world) (any, error) { return w.changeOutside(body) })
}

// assign lets the app manage an account, or no longer, and notes what the app will be told.
func (w *world) assign(a *account, managed bool) {
	switch news := &w.talk.news; {
	case managed && !a.Managed:
		news.added = append(news.added, a.ID)
	case a.Managed && !managed:
		news.removed = append(news.removed, a.ID)
	}
	a.Managed = managed
}

func (w *world) changeOutside(o outsideChange) (any, error) {
	if o.Action == "add" || o.Action == "rename" {
		if n := utf8.RuneCountInString(strings.TrimSpace(o.Name)); n == 0 || n > maxName {
			return nil, fmt.Errorf("name: 1 to %d characters", maxName)
		}
	}
	if o.Action == "add" {
		if len(w.Accounts) >= maxAccounts {
			return nil, refuse(95005, "at most %d", maxAccounts)
		}
		a := &account{ID: w.nextID("wk", 30), Name: o.Name, Picture: drawnPicture(w.Made)}
		w.addAccount(a)
		w.assign(a, o.Managed)
		return accountAnswer{a.ID}, nil
	}
	a, err := w.account(o.OpenKFID)
	if err != nil {
		return nil, err
	}
	switch o.Action {
	case "rename":
		a.Name = o.Name
	case "delete":
		if len(w.Accounts) == 1 {
			return nil, refuse(95005, "at least one must remain")
		}
		if w.removeAccount(a); a.Managed {
			w.talk.news.removed = append(w.talk.news.removed, a.ID)
		}
	case "picture":
		for old := a.Picture; a.Picture == old; {
			w.Made++
			a.Picture = drawnPicture(w.Made)
		}
	case "privilege":
		w.assign(a, o.Managed)
	default:
		return nil, errors.New("action: add, rename, delete, picture or privilege")
	}
	return accountAnswer{a.ID}, nil
}
