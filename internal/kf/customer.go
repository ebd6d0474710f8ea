package kf

import "context"

// Customer is what WeCom tells of a WeChat customer.
type Customer struct {
	ID     CustomerID
	Name   string // nickname in WeChat
	Avatar string // URL of the picture; may be empty
	Gender int    // 0 unknown, 1 male, 2 female
	// UnionID is the id under a WeChat developer account of the corp; mostly empty.
	UnionID string
	// Context is how the customer entered last, nil if that was more than
	// ProfileWindow ago.
	Context *EnterContext
}

// EnterContext is how a customer entered.
type EnterContext struct {
	Scene      string
	SceneParam string
	Channels   *WeChatChannels // nil unless the customer came from channels
}

type customersRequest struct {
	IDs     []CustomerID `json:"external_userid_list"`
	Context int          `json:"need_enter_session_context"`
}

type customersAnswer struct {
	status
	Customers []customerRow `json:"customer_list"`
	Invalid   looseStrings  `json:"invalid_external_userid"`
}

type customerRow struct {
	ID      looseString `json:"external_userid"`
	Name    looseString `json:"nickname"`
	Avatar  looseString `json:"avatar"`
	Gender  looseInt    `json:"gender"`
	UnionID looseString `json:"unionid,omitempty"`
	Context *struct {
		Scene      looseString      `json:"scene"`
		SceneParam looseString      `json:"scene_param"`
		Channels   *channelsContext `json:"wechat_channels,omitempty"`
	} `json:"enter_session_context,omitempty"`
}

// Customers returns the profiles of 1 to MaxCustomersPerCall customers (document
// 95159) in any order. Invalid are those WeCom does not know, or not any more:
// it forgets a customer ProfileWindow after the last entry or message. One that
// is in neither list was not answered for.
func (c *Client) Customers(ctx context.Context, ids []CustomerID) (found []Customer, invalid []CustomerID, err error) {
	switch {
	case len(ids) == 0:
		return nil, nil, &ArgumentError{Field: "external_userid_list", Rule: RuleRequired}
	case len(ids) > MaxCustomersPerCall:
		return nil, nil, &ArgumentError{Field: "external_userid_list", Rule: RuleMaxItems, Limit: MaxCustomersPerCall}
	}
	for _, id := range ids {
		if err := checkCustomerID(id); err != nil {
			return nil, nil, err
		}
	}
	v, err := post[customersAnswer](ctx, c, endpointCustomers, customersRequest{ids, 1})
	if err != nil {
		return nil, nil, err
	}
	for _, row := range v.Customers {
		if row.ID != "" {
			found = append(found, row.value())
		}
	}
	for _, id := range v.Invalid {
		invalid = append(invalid, CustomerID(id))
	}
	return found, invalid, nil
}

func (r customerRow) value() Customer {
	customer := Customer{
		ID: CustomerID(r.ID), Name: string(r.Name), Avatar: string(r.Avatar), Gender: int(r.Gender), UnionID: string(r.UnionID),
	}
	if r.Context != nil {
		customer.Context = &EnterContext{string(r.Context.Scene), string(r.Context.SceneParam), r.Context.Channels.value()}
	}
	return customer
}
