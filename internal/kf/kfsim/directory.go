package kfsim

import "strconv"

type departmentRow struct {
	ID       int64    `json:"id"`
	Name     string   `json:"name"`
	NameEN   string   `json:"name_en,omitempty"`
	Leader   []string `json:"department_leader"`
	ParentID int64    `json:"parentid"`
	Order    int64    `json:"order"`
}

type departmentListAnswer struct {
	Department []departmentRow `json:"department"`
}

// listDepartments answers department/list: the visible part of the subtree, in no particular order.
func listDepartments(c *call) (any, error) {
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	rows := []departmentRow{}
	err := c.eachDepartment(func(d *department) {
		leader := append([]string{}, d.Leader...)
		rows = append(rows, departmentRow{d.ID, d.Name, d.NameEN, leader, d.Parent, d.Order})
	})
	return departmentListAnswer{rows}, err
}

type departmentIDRow struct {
	ID       int64 `json:"id"`
	ParentID int64 `json:"parentid"`
	Order    int64 `json:"order"`
}

type departmentIDAnswer struct {
	DepartmentID []departmentIDRow `json:"department_id"`
}

// listDepartmentIDs answers department/simplelist.
func listDepartmentIDs(c *call) (any, error) {
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	rows := []departmentIDRow{}
	err := c.eachDepartment(func(d *department) { rows = append(rows, departmentIDRow{d.ID, d.Parent, d.Order}) })
	return departmentIDAnswer{rows}, err
}

// eachDepartment visits the visible departments at and below the id of the query, all of them without one.
func (c *call) eachDepartment(visit func(*department)) error {
	w, root := c.sim.world, int64(0)
	if c.query.Get("id") != "" {
		d, err := c.department("id")
		if err != nil {
			return err
		}
		root = d.ID
	}
	for _, d := range w.Departments {
		if !d.Hidden && (root == 0 || w.within(d, root)) {
			visit(d)
		}
	}
	return nil
}

// within reports whether d is root or below it. The number of steps is bounded, so a loop in the tree ends.
func (w *world) within(d *department, root int64) bool {
	for range w.Departments {
		if d == nil || d.ID == root {
			return d != nil
		}
		d = w.departmentBy[d.Parent]
	}
	return false
}

// department finds the visible department a query parameter names.
func (c *call) department(parameter string) (*department, error) {
	id, err := strconv.ParseInt(c.query.Get(parameter), 10, 64)
	if err != nil {
		c.violate(kindType, parameter, "a whole number is needed")
		return nil, refuse(40058, "%s: a whole number is needed", parameter)
	}
	d := c.sim.world.departmentBy[id]
	switch {
	case d == nil:
		return nil, refuse(60123, "")
	case d.Hidden:
		return nil, refuse(60011, "")
	}
	return d, nil
}

type memberRow struct {
	UserID     string  `json:"userid"`
	Name       string  `json:"name"`
	Department []int64 `json:"department"`
}

type memberListAnswer struct {
	UserList []memberRow `json:"userlist"`
}

// listMembers answers user/simplelist: the people directly in one department.
func listMembers(c *call) (any, error) {
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	rows := []memberRow{}
	err := c.eachMember(func(p *person) {
		rows = append(rows, memberRow{p.UserID, p.Name, c.sim.world.shown(p)})
	})
	return memberListAnswer{rows}, err
}

// eachMember visits the people directly in the department of the query.
func (c *call) eachMember(visit func(*person)) error {
	if c.query.Get("department_id") == "" {
		c.violate(kindMissing, "department_id", "required")
		return refuse(40058, "department_id: required")
	}
	d, err := c.department("department_id")
	if err != nil {
		return err
	}
	for _, p := range c.sim.world.members[d.ID] {
		visit(p)
	}
	return nil
}

type userListAnswer struct {
	UserList []userAnswer `json:"userlist"`
}

// listUsers answers user/list: the people of user/simplelist with the fields of user/get.
func listUsers(c *call) (any, error) {
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	rows := []userAnswer{}
	err := c.eachMember(func(p *person) { rows = append(rows, c.sim.world.tell(p)) })
	return userListAnswer{rows}, err
}

type userAnswer struct {
	UserID         string  `json:"userid"`
	Name           string  `json:"name"`
	Department     []int64 `json:"department"`
	MainDepartment int64   `json:"main_department"`
	Position       string  `json:"position"`
	Status         int     `json:"status"`
	Gender         string  `json:"gender"`
}

// tell is what the app learns of a visible person: no avatar, mobile or e-mail, as a self-built app gets none of them.
func (w *world) tell(p *person) userAnswer {
	shown := w.shown(p)
	return userAnswer{p.UserID, p.Name, shown, shown[0], p.Position, p.Status, p.Gender}
}

// getUser answers user/get.
func getUser(c *call) (any, error) {
	id := c.query.Get("userid")
	if id == "" {
		c.violate(kindMissing, "userid", "required")
		return nil, refuse(40058, "userid: required")
	}
	if len(id) > maxUserID || !userIDForm.MatchString(id) {
		c.violate(kindRange, "userid", "not a userid")
		return nil, refuse(40003, "")
	}
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	w := c.sim.world
	p := w.person(id)
	switch {
	case p == nil:
		return nil, refuse(60111, "")
	case !w.visible(p):
		return nil, refuse(60011, "")
	}
	return w.tell(p), nil
}
