package auth

import "fmt"

// Role is what an operator is in the console. It is stored as its text.
type Role string

// The four roles.
const (
	Owner   Role = "owner"
	Manager Role = "manager"
	Auditor Role = "auditor"
	Viewer  Role = "viewer"
)

// Roles lists the roles, the most powerful first.
func Roles() []Role { return []Role{Owner, Manager, Auditor, Viewer} }

// ParseRole turns the stored or typed text of a role into a Role. Anything else is an error.
func ParseRole(text string) (Role, error) {
	for _, r := range Roles() {
		if text == string(r) {
			return r, nil
		}
	}
	return "", fmt.Errorf("unknown role %q", text)
}

// Permission names one thing that a role may or may not do. It stands beside the route or the change that needs it.
type Permission string

// Every permission of the console.
const (
	// Public needs no sign-in at all; no role is asked.
	Public Permission = ""
	// UseSelf covers an operator's own page: settings, password, sessions, sign-out.
	UseSelf         Permission = "self.use"
	ViewOverview    Permission = "overview.view"
	ViewAccounts    Permission = "account.view"
	ChangeAccounts  Permission = "account.change"
	DeleteAccounts  Permission = "account.delete"
	ViewServicers   Permission = "servicer.view"
	ChangeServicers Permission = "servicer.change"
	ViewLinks       Permission = "link.view"
	ChangeLinks     Permission = "link.change"
	Refresh         Permission = "mirror.refresh"
	ViewAudit       Permission = "audit.view"
	ExportAudit     Permission = "audit.export"
	VerifyAudit     Permission = "audit.verify"
	ManageOperators Permission = "operator.manage"

	ViewConversations Permission = "conversation.view"
	// MoveConversations covers ending them too.
	MoveConversations Permission = "conversation.move"
	// ViewMessages is the right to what was said; without it a conversation is its states, times and numbers, and names are masked.
	ViewMessages   Permission = "message.view"
	SendMessages   Permission = "message.send"
	ViewCustomers  Permission = "customer.view"
	EraseCustomers Permission = "customer.erase"
	ViewReplies    Permission = "reply.view"
	ChangeReplies  Permission = "reply.change"
	ViewHealth     Permission = "health.view"
)

// Permissions lists every permission that a role can have, in the order of the matrix. Public is not among them.
func Permissions() []Permission {
	return []Permission{
		UseSelf, ViewOverview,
		ViewAccounts, ChangeAccounts, DeleteAccounts,
		ViewServicers, ChangeServicers,
		ViewLinks, ChangeLinks,
		ViewConversations, MoveConversations, ViewMessages, SendMessages,
		ViewCustomers, EraseCustomers,
		ViewReplies, ChangeReplies,
		Refresh, ViewHealth,
		ViewAudit, ExportAudit, VerifyAudit,
		ManageOperators,
	}
}

// Can reports whether the role has the permission. An unknown role can nothing, an unknown permission is held by nobody, and Public is held by all.
func (r Role) Can(p Permission) bool {
	if p == Public {
		return true
	}
	switch r {
	case Owner:
		return known(p)
	case Manager:
		return known(p) && p != ExportAudit && p != VerifyAudit && p != ManageOperators && p != EraseCustomers
	case Auditor:
		return p == UseSelf || p == ExportAudit || p == VerifyAudit || views(p)
	case Viewer:
		return p == UseSelf || (views(p) && p != ViewAudit && p != ViewHealth)
	}
	return false
}

func known(p Permission) bool {
	for _, each := range Permissions() {
		if p == each {
			return true
		}
	}
	return false
}

// views says whether a permission only looks at what is no secret among operators. What customers wrote is not among it.
func views(p Permission) bool {
	switch p {
	case ViewOverview, ViewAccounts, ViewServicers, ViewLinks, ViewAudit, ViewConversations, ViewCustomers, ViewReplies, ViewHealth:
		return true
	}
	return false
}

// Actor is the operator on whose behalf something happens, as the audit log names them.
// The zero Actor is nobody: a visitor who has not signed in.
type Actor struct {
	ID, Name string
	Role     Role
	// IP is the visitor's address, RequestID the id of the HTTP request; both may be empty for the command line.
	IP, RequestID string
}

// Can reports whether the actor's role has the permission. Nobody has only Public.
func (a Actor) Can(p Permission) bool {
	if a.ID == "" && p != Public {
		return false
	}
	return a.Role.Can(p)
}

// CommandLine is the actor of the console's own commands: who can run them on the machine may do all that an owner may.
func CommandLine() Actor { return Actor{ID: "command-line", Name: "command line", Role: Owner} }
