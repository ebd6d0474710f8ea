package kfsim

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// Limits of the corp.
const (
	maxAccounts            = 5000
	maxServicers           = 2000
	maxServicerDepartments = 20
)

// Statuses of a servicer, as servicer/list numbers them.
const (
	serving = 0
	stopped = 1
)

// Statuses of a person, as user/get numbers them.
const (
	personActive   = 1
	personDisabled = 2
	personInactive = 4
	personLeft     = 5
)

// world is everything WeCom keeps about the corp. The lists are what is saved; the maps are found again from them.
type world struct {
	Made        int           `json:"made"` // things made so far, the seed of the next id
	Accounts    []*account    `json:"accounts"`
	Departments []*department `json:"departments"`
	People      []*person     `json:"people"`
	Links       []*link       `json:"links"`
	Media       []*media      `json:"media"`
	Upgrade     upgradeRange  `json:"upgrade"`
	Past        *past         `json:"past,omitempty"` // made-up figures of the days before the start

	talk         *talk
	version      int64 // counts changes that are saved before anybody is told
	spoken       int64 // counts what is saved soon after
	accountByID  map[string]*account
	departmentBy map[int64]*department
	personBy     map[string]*person // by userid in lower case
	members      map[int64][]*person
	linkBy       map[linkKey]*link
	mediaByID    map[string]*media
	blobs        map[string][]byte // by sha-256 in hex
}

// account is a KF account.
type account struct {
	ID        string      `json:"open_kfid"`
	Name      string      `json:"name"`
	Picture   string      `json:"picture"` // "drawn-P-S" or the sha-256 of an uploaded image
	Managed   bool        `json:"manage_privilege"`
	Servicers []*servicer `json:"servicers"`
	// Duty is the status of people who serve through a department, by userid in lower case; none is serving.
	Duty map[string]string `json:"duty,omitempty"`

	byKey map[string]*servicer
}

// servicer is a row of an account's servicer list: a person or a department.
type servicer struct {
	UserID     string `json:"userid,omitempty"`
	Department int64  `json:"department_id,omitempty"`
	Status     int    `json:"status,omitempty"`
	StopType   int    `json:"stop_type,omitempty"`
}

// department is a node of the address book. A hidden one is outside the app's visible range.
type department struct {
	ID     int64    `json:"id"`
	Parent int64    `json:"parentid"`
	Name   string   `json:"name"`
	NameEN string   `json:"name_en,omitempty"`
	Order  int64    `json:"order"`
	Leader []string `json:"leader,omitempty"`
	Hidden bool     `json:"hidden,omitempty"`
}

// person is a member of the corp. Someone all of whose departments are hidden is outside the app's visible range.
type person struct {
	UserID      string  `json:"userid"`
	Name        string  `json:"name"`
	Departments []int64 `json:"departments"` // the first one is the main one
	Position    string  `json:"position,omitempty"`
	Gender      string  `json:"gender"`
	Status      int     `json:"status"`
}

// index finds the maps from the lists.
func (w *world) index() {
	w.accountByID = make(map[string]*account, len(w.Accounts))
	w.departmentBy = map[int64]*department{}
	w.personBy = make(map[string]*person, len(w.People))
	w.members = map[int64][]*person{}
	w.linkBy = map[linkKey]*link{}
	w.mediaByID = map[string]*media{}
	if w.blobs == nil {
		w.blobs = map[string][]byte{}
	}
	if w.talk == nil {
		w.talk = newTalk()
	}
	for _, a := range w.Accounts {
		a.index()
		w.accountByID[a.ID] = a
	}
	for _, d := range w.Departments {
		w.departmentBy[d.ID] = d
	}
	for _, p := range w.People {
		w.personBy[strings.ToLower(p.UserID)] = p
		for _, d := range p.Departments {
			w.members[d] = append(w.members[d], p)
		}
	}
	for _, l := range w.Links {
		w.linkBy[linkKey{l.Account, l.Scene}] = l
	}
	for _, m := range w.Media {
		w.mediaByID[m.ID] = m
	}
}

func (w *world) addAccount(a *account) {
	a.index()
	w.Accounts = append(w.Accounts, a)
	w.accountByID[a.ID] = a
}

func (w *world) removeAccount(a *account) {
	w.Accounts = slices.DeleteFunc(w.Accounts, func(x *account) bool { return x == a })
	delete(w.accountByID, a.ID)
	w.talk.drop(a.ID)
}

// nextID makes an identifier that looks random and is the same in every run: prefix and n characters of [0-9A-Za-z_-].
func (w *world) nextID(prefix string, n int) string {
	w.Made++
	return madeID(prefix, n, "made", strconv.Itoa(w.Made))
}

// madeID derives an identifier from what it names.
func madeID(prefix string, n int, parts ...string) string {
	id := ""
	for block := 0; len(id) < n; block++ {
		sum := sha256.Sum256([]byte(prefix + strings.Join(parts, "|") + strings.Repeat("+", block)))
		id += base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return prefix + id[:n]
}

func (a *account) index() {
	a.byKey = make(map[string]*servicer, len(a.Servicers))
	for _, s := range a.Servicers {
		a.byKey[s.key()] = s
	}
}

// key is the same for every spelling of a userid.
func (s *servicer) key() string {
	if s.UserID == "" {
		return "#" + strconv.FormatInt(s.Department, 10)
	}
	return strings.ToLower(s.UserID)
}

// count returns how many people and departments serve.
func (a *account) count() (people, departments int) {
	for _, s := range a.Servicers {
		if s.UserID == "" {
			departments++
		}
	}
	return len(a.Servicers) - departments, departments
}

func (a *account) add(s *servicer) {
	a.Servicers = append(a.Servicers, s)
	a.byKey[s.key()] = s
}

// remove takes the rows with these keys off the list, in one pass.
func (a *account) remove(keys map[string]bool) {
	a.Servicers = slices.DeleteFunc(a.Servicers, func(s *servicer) bool { return keys[s.key()] })
	for key := range keys {
		delete(a.byKey, key)
	}
}

// visible reports whether the app may see the person.
func (w *world) visible(p *person) bool { return len(w.shown(p)) > 0 }

// shown returns the departments of the person that the app may see.
func (w *world) shown(p *person) []int64 {
	ids := []int64{}
	for _, id := range p.Departments {
		if d := w.departmentBy[id]; d != nil && !d.Hidden {
			ids = append(ids, id)
		}
	}
	return ids
}
