package kf

import (
	"context"
	"iter"
	"math"
)

// Account is a customer service account as kf/account/list shows it.
type Account struct {
	ID     AccountID `json:"open_kfid"`
	Name   string    `json:"name"`
	Avatar string    `json:"avatar"` // URL of the picture
	// ManagePrivilege says whether the application may change the account, its
	// servicers and its sessions. Nil means that WeCom did not say.
	ManagePrivilege *bool `json:"manage_privilege,omitempty"`
}

// NewAccount is what AddAccount needs. Both fields are required.
type NewAccount struct {
	Name    string  `json:"name"`     // at most MaxNameChars characters
	MediaID MediaID `json:"media_id"` // picture, at most MaxMediaIDBytes bytes
}

// AccountChange is what UpdateAccount changes. A nil field stays as it is, and
// one at least must not be nil.
type AccountChange struct {
	Name    *string  // at most MaxNameChars characters
	MediaID *MediaID // picture, at most MaxMediaIDBytes bytes
}

type accountAddAnswer struct {
	status
	ID AccountID `json:"open_kfid"`
}

// AddAccount creates an account and returns its id (document 94662). WeCom
// refuses the first account of an application: one must have been assigned to it
// by hand. After an Unknown error look at the list before trying again.
func (c *Client) AddAccount(ctx context.Context, a NewAccount) (AccountID, error) {
	if err := firstError(checkName(a.Name), checkMediaID(a.MediaID)); err != nil {
		return "", err
	}
	v, err := post[accountAddAnswer](ctx, c, endpointAccountAdd, a)
	if err != nil {
		return "", err
	}
	if v.ID == "" {
		return "", malformed(endpointAccountAdd, "no open_kfid")
	}
	return v.ID, nil
}

type accountUpdateRequest struct {
	ID      AccountID `json:"open_kfid"`
	Name    *string   `json:"name,omitempty"`
	MediaID *MediaID  `json:"media_id,omitempty"`
}

// UpdateAccount changes the name or the picture of an account (document 94664).
// To repeat it does no harm.
func (c *Client) UpdateAccount(ctx context.Context, id AccountID, change AccountChange) error {
	if err := checkAccountID(id); err != nil {
		return err
	}
	if change.Name == nil && change.MediaID == nil {
		return &ArgumentError{Field: "name", Rule: RuleRequired}
	}
	if change.Name != nil {
		if err := checkName(*change.Name); err != nil {
			return err
		}
	}
	if change.MediaID != nil {
		if err := checkMediaID(*change.MediaID); err != nil {
			return err
		}
	}
	_, err := post[status](ctx, c, endpointAccountUpdate, accountUpdateRequest{id, change.Name, change.MediaID})
	return err
}

type accountRequest struct {
	ID AccountID `json:"open_kfid"`
}

// DeleteAccount deletes an account for good (document 94663). An account that
// is gone already gives errcode 95004.
func (c *Client) DeleteAccount(ctx context.Context, id AccountID) error {
	if err := checkAccountID(id); err != nil {
		return err
	}
	_, err := post[status](ctx, c, endpointAccountDelete, accountRequest{id})
	return err
}

type accountListRequest struct {
	Offset int `json:"offset"`
	Limit  int `json:"limit"`
}

type accountListAnswer struct {
	status
	Accounts []Account `json:"account_list"`
}

// ListAccounts returns one page of accounts (document 94661): limit of them, 1
// to MaxPage, from the offset-th, counted from 0. A page shorter than limit is
// the last one.
func (c *Client) ListAccounts(ctx context.Context, offset, limit int) ([]Account, error) {
	if offset < 0 || int64(offset) > math.MaxUint32 {
		return nil, &ArgumentError{Field: "offset", Rule: RuleRange}
	}
	if limit < 1 || limit > MaxPage {
		return nil, &ArgumentError{Field: "limit", Rule: RuleRange, Limit: MaxPage}
	}
	v, err := post[accountListAnswer](ctx, c, endpointAccountList, accountListRequest{offset, limit})
	if err != nil {
		return nil, err
	}
	for _, a := range v.Accounts {
		if a.ID == "" {
			return nil, malformed(endpointAccountList, "account without open_kfid")
		}
	}
	return v.Accounts, nil
}

// Accounts returns all accounts, page by page. It ends with the first error. An
// account that is added or deleted meanwhile can make another appear twice or
// not at all.
func (c *Client) Accounts(ctx context.Context) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		var first AccountID
		for offset := 0; ; offset += MaxPage {
			page, err := c.ListAccounts(ctx, offset, MaxPage)
			if err == nil && offset > 0 && len(page) > 0 && page[0].ID == first {
				err = malformed(endpointAccountList, "every page is the same")
			}
			if err != nil {
				yield(Account{}, err)
				return
			}
			for _, a := range page {
				if !yield(a, nil) {
					return
				}
			}
			if len(page) < MaxPage {
				return
			}
			first = page[0].ID
		}
	}
}
