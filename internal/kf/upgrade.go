package kf

import "context"

// UpgradeConfig is whom servicers may recommend to customers. The administrator
// chooses them in WeCom; those outside the application's visible range are
// missing.
type UpgradeConfig struct {
	Users       []UserID
	Departments []DepartmentID
	Chats       []ChatID
}

type upgradeConfigAnswer struct {
	status
	Members struct {
		Users       []UserID       `json:"userid_list"`
		Departments []DepartmentID `json:"department_id_list"`
		// Old is the name in the table of the document, which its example contradicts.
		Old []DepartmentID `json:"department_list,omitempty"`
	} `json:"member_range"`
	Groups struct {
		Chats []ChatID `json:"chat_id_list"`
	} `json:"groupchat_range"`
}

// UpgradeServiceConfig returns whom RecommendMember and RecommendGroup may name
// (document 94674).
func (c *Client) UpgradeServiceConfig(ctx context.Context) (UpgradeConfig, error) {
	v, err := get[upgradeConfigAnswer](ctx, c, endpointUpgradeConfig, nil)
	if err != nil {
		return UpgradeConfig{}, err
	}
	departments := v.Members.Departments
	if len(departments) == 0 {
		departments = v.Members.Old
	}
	return UpgradeConfig{v.Members.Users, departments, v.Groups.Chats}, nil
}

// The values of type in kf/customer/upgrade_service.
const (
	upgradeToMember = 1
	upgradeToGroup  = 2
)

type upgradeRequest struct {
	Account  AccountID      `json:"open_kfid"`
	Customer CustomerID     `json:"external_userid"`
	Type     int            `json:"type"`
	Member   *upgradeMember `json:"member,omitempty"`
	Group    *upgradeGroup  `json:"groupchat,omitempty"`
}

type upgradeMember struct {
	User    UserID `json:"userid"`
	Wording string `json:"wording,omitempty"`
}

type upgradeGroup struct {
	Chat    ChatID `json:"chat_id"`
	Wording string `json:"wording,omitempty"`
}

// RecommendMember asks the servicer of a customer to recommend a member of the
// corp (document 94674). The wording, which may be empty, is what the customer
// reads. A member who is not in UpgradeServiceConfig gives errcode 95021.
func (c *Client) RecommendMember(ctx context.Context, account AccountID, customer CustomerID, user UserID, wording string) error {
	if err := firstError(checkAccountID(account), checkCustomerID(customer), checkUserID(user), checkWording(wording)); err != nil {
		return err
	}
	_, err := post[status](ctx, c, endpointUpgrade, upgradeRequest{
		Account: account, Customer: customer, Type: upgradeToMember, Member: &upgradeMember{user, wording}})
	return err
}

// RecommendGroup is RecommendMember with a group of customers.
func (c *Client) RecommendGroup(ctx context.Context, account AccountID, customer CustomerID, chat ChatID, wording string) error {
	if err := firstError(checkAccountID(account), checkCustomerID(customer), checkID("chat_id", string(chat), MaxUserID), checkWording(wording)); err != nil {
		return err
	}
	_, err := post[status](ctx, c, endpointUpgrade, upgradeRequest{
		Account: account, Customer: customer, Type: upgradeToGroup, Group: &upgradeGroup{chat, wording}})
	return err
}

func checkWording(wording string) error { return checkText("wording", wording, 0, MaxTextBytes) }

// CancelUpgrade takes a recommendation back (document 94674).
func (c *Client) CancelUpgrade(ctx context.Context, account AccountID, customer CustomerID) error {
	if err := firstError(checkAccountID(account), checkCustomerID(customer)); err != nil {
		return err
	}
	_, err := post[status](ctx, c, endpointUpgradeCancel, sessionRequest{account, customer})
	return err
}
