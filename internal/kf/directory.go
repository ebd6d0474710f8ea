package kf

import (
	"context"
	"net/url"
	"strconv"
)

// Department is a department of the address book.
type Department struct {
	ID   DepartmentID `json:"id"`
	Name string       `json:"name"`
	// ParentID may name a department that the application cannot see.
	ParentID DepartmentID `json:"parentid"`
	Order    int64        `json:"order"` // among its siblings the higher comes first
}

type departmentListAnswer struct {
	status
	Departments []Department `json:"department"`
}

// Departments returns all departments the application can see (document 90208).
// They need not form one tree, and there are none if the application sees only
// single members. The call is slow at WeCom: keep the answer for some minutes.
func (c *Client) Departments(ctx context.Context) ([]Department, error) {
	v, err := get[departmentListAnswer](ctx, c, endpointDepartmentList, nil)
	if err != nil {
		return nil, err
	}
	for _, d := range v.Departments {
		if d.ID == 0 {
			return nil, malformed(endpointDepartmentList, "department without id")
		}
	}
	return v.Departments, nil
}

// Member is a person of a department.
type Member struct {
	UserID      UserID         `json:"userid"`
	Name        string         `json:"name"`
	Departments []DepartmentID `json:"department"`
}

type memberListAnswer struct {
	status
	Members []Member `json:"userlist"`
}

// DepartmentMembers returns the members of one department, without those of the
// departments below it (document 90200).
func (c *Client) DepartmentMembers(ctx context.Context, id DepartmentID) ([]Member, error) {
	if err := checkDepartmentID(id); err != nil {
		return nil, err
	}
	v, err := get[memberListAnswer](ctx, c, endpointDepartmentMembers, departmentQuery(id))
	if err != nil {
		return nil, err
	}
	for _, m := range v.Members {
		if m.UserID == "" {
			return nil, malformed(endpointDepartmentMembers, "member without userid")
		}
	}
	return v.Members, nil
}

func departmentQuery(id DepartmentID) url.Values {
	return url.Values{"department_id": {strconv.FormatInt(int64(id), 10)}}
}

// UserStatus says whether a member uses WeCom.
type UserStatus int

// Only an activated member can serve customers.
const (
	UserActivated    UserStatus = 1
	UserDisabled     UserStatus = 2
	UserNotActivated UserStatus = 4
	UserLeft         UserStatus = 5
)

// User is what an application may know of a member.
type User struct {
	ID             UserID         `json:"userid"`
	Name           string         `json:"name"`
	Departments    []DepartmentID `json:"department"`
	MainDepartment DepartmentID   `json:"main_department"`
	Position       string         `json:"position"`
	Status         UserStatus     `json:"status"` // 0 if WeCom did not say
}

type userListAnswer struct {
	status
	Users []User `json:"userlist"`
}

// DepartmentUsers returns the members of one department like DepartmentMembers,
// with all that User tells of each (document 90201). A department that is too
// large for one answer gives errcode 45029.
func (c *Client) DepartmentUsers(ctx context.Context, id DepartmentID) ([]User, error) {
	if err := checkDepartmentID(id); err != nil {
		return nil, err
	}
	v, err := get[userListAnswer](ctx, c, endpointDepartmentUsers, departmentQuery(id))
	if err != nil {
		return nil, err
	}
	for _, u := range v.Users {
		if u.ID == "" {
			return nil, malformed(endpointDepartmentUsers, "member without userid")
		}
	}
	return v.Users, nil
}

type userAnswer struct {
	status
	User
}

// User returns a member of the corp (document 90196). One the application
// cannot see gives errcode 60111.
func (c *Client) User(ctx context.Context, id UserID) (User, error) {
	if err := checkUserID(id); err != nil {
		return User{}, err
	}
	v, err := get[userAnswer](ctx, c, endpointUser, url.Values{"userid": {string(id)}})
	if err != nil {
		return User{}, err
	}
	if v.User.ID == "" {
		return User{}, malformed(endpointUser, "no userid")
	}
	return v.User, nil
}
