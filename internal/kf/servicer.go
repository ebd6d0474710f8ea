package kf

import (
	"context"
	"net/url"
)

// Servicers are members and departments to be added to an account or removed
// from it.
type Servicers struct {
	UserIDs     []UserID       // at most MaxUsersPerCall in one call
	Departments []DepartmentID // at most MaxDepartments in one call
}

// Chunks splits s into parts that AddServicers and DeleteServicers take, in
// order. Of nothing it makes no parts.
func Chunks(s Servicers) []Servicers {
	var chunks []Servicers
	for len(s.UserIDs) > 0 || len(s.Departments) > 0 {
		users := min(len(s.UserIDs), MaxUsersPerCall)
		departments := min(len(s.Departments), MaxDepartments)
		chunks = append(chunks, Servicers{
			UserIDs:     s.UserIDs[:users:users],
			Departments: s.Departments[:departments:departments],
		})
		s.UserIDs, s.Departments = s.UserIDs[users:], s.Departments[departments:]
	}
	return chunks
}

// ServicerResult is what became of one member or department of a change.
type ServicerResult struct {
	UserID     UserID       // empty for a department; may differ in case from what was sent
	Department DepartmentID // 0 for a member
	Code       int          // errcode, 0 for success
	Msg        string       // errmsg without its hint and address tail
	Endpoint   string       // of the call, for Err
}

// Ignored reports whether there was nothing to do: the servicer to be added was
// there, or the one to be removed was not.
func (r ServicerResult) Ignored() bool { return r.Code == 0 && r.Msg == "ignored" }

// Err returns the refusal of this one servicer, or nil.
func (r ServicerResult) Err() *Error {
	if r.Code == 0 {
		return nil
	}
	return &Error{Endpoint: r.Endpoint, Code: r.Code, Msg: r.Msg}
}

type servicerRequest struct {
	ID          AccountID      `json:"open_kfid"`
	UserIDs     []UserID       `json:"userid_list,omitempty"`
	Departments []DepartmentID `json:"department_id_list,omitempty"`
}

type servicerResultAnswer struct {
	status
	Results []servicerResultRow `json:"result_list"`
}

type servicerResultRow struct {
	UserID     UserID       `json:"userid,omitempty"`
	Department DepartmentID `json:"department_id,omitempty"`
	Code       *flexInt     `json:"errcode"`
	Msg        flexString   `json:"errmsg"`
}

// AddServicers adds members and departments to an account in one call (document
// 94646). An account takes 2000 members and 20 departments.
//
// A nil error does not mean that all were added: each has a result of its own.
// Of a servicer that is missing from the results, nothing is known.
func (c *Client) AddServicers(ctx context.Context, id AccountID, s Servicers) ([]ServicerResult, error) {
	return c.changeServicers(ctx, endpointServicerAdd, id, s)
}

// DeleteServicers removes members and departments from an account in one call
// (document 94647). Results are as with AddServicers. A member who serves
// through a department stays.
func (c *Client) DeleteServicers(ctx context.Context, id AccountID, s Servicers) ([]ServicerResult, error) {
	return c.changeServicers(ctx, endpointServicerDelete, id, s)
}

func (c *Client) changeServicers(ctx context.Context, endpoint string, id AccountID, s Servicers) ([]ServicerResult, error) {
	if err := firstError(checkAccountID(id), checkServicers(s)); err != nil {
		return nil, err
	}
	r, err := jsonRequest(endpoint, servicerRequest{id, s.UserIDs, s.Departments})
	if err != nil {
		return nil, err
	}
	return call(ctx, c, r, decodeResults)
}

func decodeResults(a *answer) ([]ServicerResult, error) {
	v, err := decodeJSON[servicerResultAnswer](a)
	if err != nil {
		return nil, err
	}
	results := make([]ServicerResult, 0, len(v.Results))
	for _, row := range v.Results {
		if row.UserID == "" && row.Department == 0 {
			continue // a kind of servicer that cannot have been asked for
		}
		if row.Code == nil {
			return nil, a.malformed("result without errcode")
		}
		e := newError(a.endpoint, int(*row.Code), string(row.Msg), a.secrets)
		results = append(results, ServicerResult{row.UserID, row.Department, e.Code, e.Msg, e.Endpoint})
	}
	return results, nil
}

// ServicerStatus says whether a servicer takes customers at present.
type ServicerStatus int

// The states of kf/servicer/list. The event servicer_status_change counts
// differently.
const (
	StatusServing ServicerStatus = 0
	StatusStopped ServicerStatus = 1
)

// Servicer is a row of kf/servicer/list: a member or a department.
type Servicer struct {
	UserID     UserID       `json:"userid,omitempty"`        // empty for a department
	Department DepartmentID `json:"department_id,omitempty"` // 0 for a member
	// Status is nil for departments, and for the members of an account which the
	// application may not manage.
	Status *ServicerStatus `json:"status,omitempty"`
	// StopType tells with StatusStopped whether the servicer has stopped (0) or
	// is away for a while (1).
	StopType *int `json:"stop_type,omitempty"`
}

type servicerListAnswer struct {
	status
	Servicers []Servicer `json:"servicer_list"`
}

// ListServicers returns all servicers of an account (document 94645). Rows that
// are neither members nor departments are left out.
func (c *Client) ListServicers(ctx context.Context, id AccountID) ([]Servicer, error) {
	if err := checkAccountID(id); err != nil {
		return nil, err
	}
	v, err := get[servicerListAnswer](ctx, c, endpointServicerList, url.Values{"open_kfid": {string(id)}})
	if err != nil {
		return nil, err
	}
	servicers := make([]Servicer, 0, len(v.Servicers))
	for _, s := range v.Servicers {
		if s.UserID != "" || s.Department != 0 {
			servicers = append(servicers, s)
		}
	}
	return servicers, nil
}
