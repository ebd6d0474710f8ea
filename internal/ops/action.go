package ops

import "kfconsole/internal/auth"

// Actions, as the audit log names them.
const (
	AccountCreate = "account.create"
	AccountUpdate = "account.update"
	AccountDelete = "account.delete"

	ServicerAdd    = "servicer.add"
	ServicerRemove = "servicer.remove"

	LinkCreate  = "link.create"
	LinkUpdate  = "link.update"
	LinkArchive = "link.archive"
	LinkRestore = "link.restore"

	ConversationMove     = "conversation.move"
	ConversationEnd      = "conversation.end"
	ConversationMoveMany = "conversation.move_many"

	MessageSend = "message.send"

	ReplySave   = "reply.save"
	ReplyDelete = "reply.delete"

	CustomerErase = "customer.erase"

	SceneName = "scene.name"

	SessionSignIn  = "session.signin"
	SessionSignOut = "session.signout"
	SessionEndAll  = "session.end_all"

	OperatorCreate   = "operator.create"
	OperatorPassword = "operator.password"
	OperatorSettings = "operator.settings"

	AuditExport = "audit.export"
	AuditVerify = "audit.verify"

	AccessDenied    = "access.denied"
	AccessCrossSite = "access.cross_site"
)

// Actions lists every action, in the order a filter should offer them.
func Actions() []string {
	return []string{
		AccountCreate, AccountUpdate, AccountDelete,
		ServicerAdd, ServicerRemove,
		LinkCreate, LinkUpdate, LinkArchive, LinkRestore, SceneName,
		ConversationMove, ConversationEnd, ConversationMoveMany, MessageSend,
		ReplySave, ReplyDelete,
		CustomerErase,
		SessionSignIn, SessionSignOut, SessionEndAll,
		OperatorCreate, OperatorPassword, OperatorSettings,
		AuditExport, AuditVerify,
		AccessDenied, AccessCrossSite,
	}
}

// Kinds of target. The target id of a servicer change is the account's; that of a customer is the hash of WeCom's id, and a conversation
// is named by its account: the log outlives what an erasure takes away.
const (
	KindAccount      = "account"
	KindServicer     = "servicer"
	KindLink         = "link"
	KindScene        = "scene"
	KindConversation = "conversation"
	KindReply        = "reply"
	KindCustomer     = "customer"
	KindOperator     = "operator"
	KindSession      = "session"
	KindAudit        = "audit"
	KindRequest      = "request"
)

// Kinds lists every kind of target.
func Kinds() []string {
	return []string{
		KindAccount, KindServicer, KindLink, KindScene, KindConversation, KindReply, KindCustomer,
		KindOperator, KindSession, KindAudit, KindRequest,
	}
}

// Ends of a change. Open is not stored: it is an intent without an outcome.
const (
	Done    = "done"
	Partial = "partial" // some rows of a run
	Refused = "refused" // WeCom said no, or a sign-in or request was turned away
	Failed  = "failed"  // it certainly did not happen, for another reason
	Denied  = "denied"  // the operator's role does not allow it
	Open    = "open"    // no known end yet
)

// Outcomes lists every end, Open included.
func Outcomes() []string { return []string{Done, Partial, Refused, Failed, Denied, Open} }

// Needs returns the permission that an action asks for; Public for those on oneself and for what is only recorded.
func Needs(action string) auth.Permission {
	switch action {
	case AccountCreate, AccountUpdate:
		return auth.ChangeAccounts
	case AccountDelete:
		return auth.DeleteAccounts
	case ServicerAdd, ServicerRemove:
		return auth.ChangeServicers
	case LinkCreate, LinkUpdate, LinkArchive, LinkRestore, SceneName:
		return auth.ChangeLinks
	case ConversationMove, ConversationEnd, ConversationMoveMany:
		return auth.MoveConversations
	case MessageSend:
		return auth.SendMessages
	case ReplySave, ReplyDelete:
		return auth.ChangeReplies
	case CustomerErase:
		return auth.EraseCustomers
	case OperatorCreate:
		return auth.ManageOperators
	case AuditExport:
		return auth.ExportAudit
	case AuditVerify:
		return auth.VerifyAudit
	}
	return auth.Public
}

// Target is what a change is about, as it was called at that time.
type Target struct{ Kind, ID, Name string }
