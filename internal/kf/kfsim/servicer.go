package kfsim

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const (
	maxPerCall = 100 // of people, and of departments
	maxUserID  = 64  // bytes
)

var userIDForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.@-]*$`)

// servicerResult is what became of one submitted id.
type servicerResult struct {
	UserID     *string `json:"userid,omitempty"`
	Department *int64  `json:"department_id,omitempty"`
	Errcode    int     `json:"errcode"`
	Errmsg     string  `json:"errmsg"`
}

type servicerAnswer struct {
	ResultList []servicerResult `json:"result_list"`
}

// addServicers answers kf/servicer/add.
func addServicers(c *call) (any, error) {
	return c.eachServicer(func(w *world, a *account) (row rowRule, finish func()) {
		people, departments := a.count()
		return func(s *servicer) (bool, error) {
			if err := w.mayServe(s); err != nil || a.byKey[s.key()] != nil {
				return false, err
			}
			count, most, what := &people, maxServicers, "members"
			if s.UserID == "" {
				count, most, what = &departments, maxServicerDepartments, "departments"
			}
			if *count >= most {
				return false, refuse(40032, "at most %d %s an account", most, what)
			}
			*count++
			a.add(s)
			return true, nil
		}, func() {}
	})
}

// deleteServicers answers kf/servicer/del. Somebody who serves only through a department is not on the list, so he is ignored.
func deleteServicers(c *call) (any, error) {
	return c.eachServicer(func(w *world, a *account) (row rowRule, finish func()) {
		gone := map[string]bool{}
		return func(s *servicer) (bool, error) {
			if key := s.key(); a.byKey[key] != nil {
				again := gone[key]
				gone[key] = true
				return !again, nil
			}
			return false, w.exists(s)
		}, func() { a.remove(gone) }
	})
}

// rowRule does one row and reports whether it changed something.
type rowRule func(*servicer) (changed bool, err error)

// eachServicer reads a request and runs a rule over every submitted id, in order; finish runs once after them.
func (c *call) eachServicer(begin func(*world, *account) (row rowRule, finish func())) (any, error) {
	f := c.fields(false)
	id := f.accountID()
	users := f.texts("userid_list", maxPerCall)
	departments := f.numbers("department_id_list", maxPerCall)
	if err := f.end(); err != nil {
		return nil, err
	}
	if len(users) == 0 && len(departments) == 0 {
		c.violate(kindMissing, "userid_list", "one of userid_list and department_id_list")
		return nil, refuse(40058, "userid_list or department_id_list: required")
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	w := c.sim.world
	a, err := w.managedAccount(id)
	if err != nil {
		return nil, err
	}
	row, finish := begin(w, a)
	results := make([]servicerResult, 0, len(users)+len(departments))
	altered := false
	for _, user := range users {
		changed, err := c.userRow(w, user, row)
		altered = altered || changed
		results = append(results, rowResult(&user, nil, changed, err))
	}
	for _, department := range departments {
		changed, err := row(&servicer{Department: department})
		altered = altered || changed
		results = append(results, rowResult(nil, &department, changed, err))
	}
	finish()
	if altered {
		c.changed(w)
	}
	return servicerAnswer{results}, nil
}

// userRow checks the form of a userid and gives the rule the spelling of the address book.
func (c *call) userRow(w *world, id string, row rowRule) (changed bool, err error) {
	if len(id) > maxUserID {
		c.violate(kindTooLong, "userid_list", fmt.Sprintf("at most %d bytes", maxUserID))
		return false, refuse(40003, "at most %d bytes", maxUserID)
	}
	if !userIDForm.MatchString(id) {
		c.violate(kindRange, "userid_list", "not a userid")
		return false, refuse(40003, "")
	}
	if p := w.person(id); p != nil {
		id = p.UserID
	}
	return row(&servicer{UserID: id})
}

// rowResult is the answer for one row. Its errmsg has no tail: the one of the whole answer would have it.
func rowResult(user *string, department *int64, changed bool, err error) servicerResult {
	r := servicerResult{UserID: user, Department: department, Errmsg: "ignored"}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		r.Errcode, r.Errmsg = refused.code, refused.text()
	case changed:
		r.Errmsg = "success"
	}
	return r
}

// mayServe tells why a person or department cannot be made a servicer, nil if it can.
func (w *world) mayServe(s *servicer) error {
	if err := w.exists(s); err != nil {
		return err
	}
	if s.UserID == "" {
		if w.departmentBy[s.Department].Hidden {
			return refuse(60011, "")
		}
		return nil
	}
	p := w.person(s.UserID)
	switch {
	case !w.visible(p):
		return refuse(60021, "")
	case p.Status != personActive:
		return refuse(95014, "")
	}
	return nil
}

// exists tells whether the address book knows a person or department.
func (w *world) exists(s *servicer) error {
	if s.UserID == "" {
		if w.departmentBy[s.Department] == nil {
			return refuse(60123, "")
		}
		return nil
	}
	if w.person(s.UserID) == nil {
		return refuse(60111, "")
	}
	return nil
}

// person finds a member by any spelling of the userid.
func (w *world) person(userID string) *person { return w.personBy[strings.ToLower(userID)] }

// servicerRow is one row of servicer/list; status is there only for a person on an account the app manages.
type servicerRow struct {
	UserID     string `json:"userid,omitempty"`
	Department int64  `json:"department_id,omitempty"`
	Status     *int   `json:"status,omitempty"`
	StopType   *int   `json:"stop_type,omitempty"`
}

type servicerListAnswer struct {
	ServicerList []servicerRow `json:"servicer_list"`
}

// listServicers answers kf/servicer/list.
func listServicers(c *call) (any, error) {
	id := c.query.Get("open_kfid")
	if err := c.checkAccountID(id); err != nil {
		return nil, err
	}
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	a, err := c.sim.world.account(id)
	if err != nil {
		return nil, err
	}
	rows := make([]servicerRow, 0, len(a.Servicers))
	for _, s := range a.Servicers {
		row := servicerRow{UserID: s.UserID, Department: s.Department}
		if a.Managed && s.UserID != "" {
			status, stop := s.Status, s.StopType
			if row.Status = &status; status == stopped {
				row.StopType = &stop
			}
		}
		rows = append(rows, row)
	}
	return servicerListAnswer{rows}, nil
}
