package kf

import "context"

// ServiceState says who serves a customer.
type ServiceState int

// The states, as WeCom numbers them.
const (
	StateNew       ServiceState = 0 // the customer wrote, nobody has taken it on
	StateAssistant ServiceState = 1 // served through the API
	StateQueue     ServiceState = 2 // waits for a servicer to pick it up
	StateHuman     ServiceState = 3 // a servicer talks in the WeCom client
	StateEnded     ServiceState = 4 // ended, or the customer has not written yet
)

// SessionState is the state of a session and with StateHuman who serves.
type SessionState struct {
	State    ServiceState
	Servicer UserID // empty unless StateHuman
}

type sessionRequest struct {
	Account  AccountID  `json:"open_kfid"`
	Customer CustomerID `json:"external_userid"`
}

type stateAnswer struct {
	status
	State    *flexInt    `json:"service_state"`
	Servicer looseString `json:"servicer_userid,omitempty"`
}

// ServiceState returns the state of the session of a customer with an account
// (document 94669).
func (c *Client) ServiceState(ctx context.Context, account AccountID, customer CustomerID) (SessionState, error) {
	if err := firstError(checkAccountID(account), checkCustomerID(customer)); err != nil {
		return SessionState{}, err
	}
	v, err := post[stateAnswer](ctx, c, endpointStateGet, sessionRequest{account, customer})
	if err != nil {
		return SessionState{}, err
	}
	if v.State == nil || *v.State < 0 || *v.State > flexInt(StateEnded) {
		return SessionState{}, malformed(endpointStateGet, "no service_state from 0 to 4")
	}
	s := SessionState{State: ServiceState(*v.State)}
	if s.State == StateHuman {
		s.Servicer = UserID(v.Servicer)
	}
	return s, nil
}

type transferRequest struct {
	Account  AccountID    `json:"open_kfid"`
	Customer CustomerID   `json:"external_userid"`
	State    ServiceState `json:"service_state"`
	Servicer UserID       `json:"servicer_userid,omitempty"`
}

type transferAnswer struct {
	status
	Code looseString `json:"msg_code"`
}

// TransferState moves the session of a customer to another state (document
// 94669). The servicer is required with StateHuman and must be empty otherwise.
// A move that WeCom does not allow gives errcode 95013 or 95016: look at the
// state again. 95014 and 95019 are about the servicer.
//
// The code is good for one SendOnEvent: for ReplyCodeLife after the first move of
// a session to StateQueue or StateHuman, for EndingCodeLife after StateEnded, and
// in each case as long as the state stays. Otherwise it is empty.
func (c *Client) TransferState(ctx context.Context, account AccountID, customer CustomerID, to ServiceState, servicer UserID) (code string, err error) {
	if err := firstError(checkAccountID(account), checkCustomerID(customer), checkTransfer(to, servicer)); err != nil {
		return "", err
	}
	v, err := post[transferAnswer](ctx, c, endpointStateTransfer, transferRequest{account, customer, to, servicer})
	if err != nil {
		return "", err
	}
	return string(v.Code), nil
}

func checkTransfer(to ServiceState, servicer UserID) error {
	switch {
	case to < StateAssistant || to > StateEnded:
		return &ArgumentError{Field: "service_state", Rule: RuleRange, Limit: int(StateEnded)}
	case to == StateHuman:
		return checkID("servicer_userid", string(servicer), MaxUserID)
	case servicer != "":
		return &ArgumentError{Field: "servicer_userid", Rule: RuleKind}
	}
	return nil
}
