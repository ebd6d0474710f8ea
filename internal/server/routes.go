package server

import (
	"slices"

	"kfconsole/internal/auth"
)

// route is one address of the console with what it takes to open it.
type route struct {
	method     string
	path       string
	permission auth.Permission
	handle     func(*Server, *request) error
}

const (
	get  = "GET"
	post = "POST"
)

// routes is every address of the console that an operator uses. The permission is
// checked before the handler runs; Public pages are open to everybody.
func routes() []route {
	return slices.Concat(selfRoutes(), overviewRoutes(), conversationRoutes(), accountRoutes(), servicerRoutes(), linkRoutes(), customerRoutes(), replyRoutes(), auditRoutes())
}

func selfRoutes() []route {
	return []route{
		{get, "/login", auth.Public, (*Server).loginForm},
		{post, "/login", auth.Public, (*Server).login},
		{post, "/logout", auth.Public, (*Server).logout},
		{get, "/setup", auth.Public, (*Server).setupForm},
		{post, "/setup", auth.Public, (*Server).setup},
		{post, "/me/display", auth.Public, (*Server).display},
		{get, "/me", auth.UseSelf, (*Server).me},
		{post, "/me", auth.UseSelf, (*Server).meUpdate},
		{post, "/me/password", auth.UseSelf, (*Server).mePassword},
		{post, "/me/sessions", auth.UseSelf, (*Server).meSessions},
	}
}

func overviewRoutes() []route {
	return []route{
		{get, "/", auth.ViewOverview, (*Server).overview},
		{get, "/search", auth.ViewOverview, (*Server).search},
		{get, "/live", auth.ViewOverview, (*Server).live},
		{get, "/settings/health", auth.ViewHealth, (*Server).health},
	}
}

func conversationRoutes() []route {
	return []route{
		{get, "/conversations", auth.ViewConversations, (*Server).conversationIndex},
		{get, "/conversations/move", auth.MoveConversations, (*Server).conversationChoose},
		{post, "/conversations/move", auth.MoveConversations, (*Server).conversationMoveMany},
		{get, "/conversations/:id", auth.ViewConversations, (*Server).conversationShow},
		{post, "/conversations/:id/move", auth.MoveConversations, (*Server).conversationMove},
		{post, "/conversations/:id/messages", auth.SendMessages, (*Server).conversationSend},
		{post, "/conversations/:id/preview", auth.SendMessages, (*Server).conversationPreview},
		{get, "/conversations/:id/media/:message", auth.ViewMessages, (*Server).conversationMedia},
	}
}

func accountRoutes() []route {
	return []route{
		{get, "/accounts", auth.ViewAccounts, (*Server).accountIndex},
		{post, "/accounts", auth.ChangeAccounts, (*Server).accountCreate},
		{get, "/accounts/new", auth.ChangeAccounts, (*Server).accountNew},
		{post, "/accounts/refresh", auth.Refresh, (*Server).accountRefresh},
		{get, "/accounts/:id", auth.ViewAccounts, (*Server).accountShow},
		{post, "/accounts/:id", auth.ChangeAccounts, (*Server).accountUpdate},
		{get, "/accounts/:id/edit", auth.ChangeAccounts, (*Server).accountEdit},
		{get, "/accounts/:id/delete", auth.DeleteAccounts, (*Server).accountConfirm},
		{post, "/accounts/:id/delete", auth.DeleteAccounts, (*Server).accountDelete},
		{get, "/accounts/:id/picture", auth.ViewAccounts, (*Server).accountPicture},
		{get, "/accounts/:id/links", auth.ViewLinks, (*Server).accountLinks},
		{get, "/accounts/:id/audit", auth.ViewAudit, (*Server).accountAudit},
	}
}

func servicerRoutes() []route {
	return []route{
		{get, "/accounts/:id/servicers", auth.ViewServicers, (*Server).servicerIndex},
		{post, "/accounts/:id/servicers", auth.ChangeServicers, (*Server).servicerAdd},
		{get, "/accounts/:id/servicers/add", auth.ChangeServicers, (*Server).servicerNew},
		{post, "/accounts/:id/servicers/preview", auth.ChangeServicers, (*Server).servicerPreview},
		{post, "/accounts/:id/servicers/remove", auth.ChangeServicers, (*Server).servicerRemove},
		{post, "/accounts/:id/servicers/refresh", auth.Refresh, (*Server).servicerRefresh},
		{get, "/runs/:id", auth.ViewServicers, (*Server).runShow},
	}
}

func linkRoutes() []route {
	return []route{
		{get, "/links", auth.ViewLinks, (*Server).linkIndex},
		{post, "/links", auth.ChangeLinks, (*Server).linkCreate},
		{get, "/links/new", auth.ChangeLinks, (*Server).linkNew},
		{get, "/links/scenes", auth.ViewLinks, (*Server).sceneIndex},
		{get, "/links/scenes/:id", auth.ChangeLinks, (*Server).sceneEdit},
		{post, "/links/scenes/:id", auth.ChangeLinks, (*Server).sceneUpdate},
		{get, "/links/:id", auth.ViewLinks, (*Server).linkShow},
		{post, "/links/:id", auth.ChangeLinks, (*Server).linkUpdate},
		{get, "/links/:id/edit", auth.ChangeLinks, (*Server).linkEdit},
		{post, "/links/:id/archive", auth.ChangeLinks, (*Server).linkArchive},
		{post, "/links/:id/restore", auth.ChangeLinks, (*Server).linkRestore},
		{get, "/links/:id/qr.svg", auth.ViewLinks, (*Server).linkSVG},
		{get, "/links/:id/qr.png", auth.ViewLinks, (*Server).linkPNG},
		{get, "/links/:id/print", auth.ViewLinks, (*Server).linkPrint},
	}
}

func customerRoutes() []route {
	return []route{
		{get, "/customers", auth.ViewCustomers, (*Server).customerIndex},
		{post, "/customers/refresh", auth.Refresh, (*Server).customerRefresh},
		{get, "/customers/:id", auth.ViewCustomers, (*Server).customerShow},
		{get, "/customers/:id/picture", auth.ViewMessages, (*Server).customerPictureFile},
		{get, "/customers/:id/erase", auth.EraseCustomers, (*Server).customerConfirm},
		{post, "/customers/:id/erase", auth.EraseCustomers, (*Server).customerErase},
	}
}

func replyRoutes() []route {
	return []route{
		{get, "/settings/replies", auth.ViewReplies, (*Server).replyIndex},
		{post, "/settings/replies", auth.ChangeReplies, (*Server).replyCreate},
		{get, "/settings/replies/new", auth.ChangeReplies, (*Server).replyNew},
		{get, "/settings/replies/test", auth.ViewReplies, (*Server).replyTest},
		{get, "/settings/replies/log", auth.ViewReplies, (*Server).replyLog},
		{get, "/settings/replies/:id", auth.ChangeReplies, (*Server).replyEdit},
		{post, "/settings/replies/:id", auth.ChangeReplies, (*Server).replyUpdate},
		{get, "/settings/replies/:id/delete", auth.ChangeReplies, (*Server).replyConfirm},
		{post, "/settings/replies/:id/delete", auth.ChangeReplies, (*Server).replyDelete},
	}
}

func auditRoutes() []route {
	return []route{
		{get, "/audit", auth.ViewAudit, (*Server).auditIndex},
		{get, "/audit.csv", auth.ExportAudit, (*Server).auditCSV},
		{get, "/audit.jsonl", auth.ExportAudit, (*Server).auditJSONL},
		{get, "/audit.xlsx", auth.ExportAudit, (*Server).auditXLSX},
		{post, "/audit/verify", auth.VerifyAudit, (*Server).auditVerify},
		{get, "/audit/:id", auth.ViewAudit, (*Server).auditShow},
		{post, "/audit/:id/undo", auth.ViewAudit, (*Server).auditUndo},
		{post, "/audit/:id/settle", auth.ViewAudit, (*Server).auditSettle},
	}
}
