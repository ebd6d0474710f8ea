package i18n

// Error are the sentences for answers other than success. Kinds maps the kind of
// an error to what happened and what to do next.
type Error struct {
	RequestID, BackToOverview, SignIn     string
	ConflictTitle, Theirs, Yours, SeeOpen string
	// Conflict says who changed the same thing first; the name may be unknown.
	Conflict func(by string) string
	// Tried names what was attempted, in front of the explanation of a refusal.
	RefusedTitle, UnknownTitle, NotSentTitle string
	// OnCopy says why WeCom cannot be asked and how old the copy is.
	OnCopy func(why, at string) string
	Kinds  map[string]Problem
}

// Problem says what happened and what to do next.
type Problem struct{ Title, Text string }

var errorZH = Error{
	RequestID: "请求编号", BackToOverview: "回到总览", SignIn: "登录",
	ConflictTitle: "保存前已被他人修改", Theirs: "现在的值", Yours: "你填写的值", SeeOpen: "查看那次变更",
	Conflict: func(by string) string {
		if by == "" {
			return "有人在管理台之外修改了它。你填写的内容还在下面，再次保存会覆盖现在的值。"
		}
		return by + " 刚刚修改了它。你填写的内容还在下面，再次保存会覆盖现在的值。"
	},
	RefusedTitle: "企业微信拒绝了这次操作", UnknownTitle: "企业微信没有给出结果", NotSentTitle: "请求没有送达企业微信",
	OnCopy: func(why, at string) string { return why + "。页面显示的是 " + at + " 的副本。" },
	Kinds: map[string]Problem{
		"bad":         {"这个地址或表单有误", "地址中的条件、翻页位置或表单内容无法识别。请从列表重新进入。"},
		"denied":      {"没有权限", "你的角色不能进行此操作。这次尝试已记入操作日志。需要时请联系所有者。"},
		"cross_site":  {"请求来自其他网站", "为了安全，只接受从本管理台页面发出的操作。请回到管理台后重试。"},
		"not_found":   {"找不到这个页面", "它可能已被删除，或地址有误。"},
		"method":      {"不支持的请求方式", "请从页面上的按钮或表单操作。"},
		"conflict":    {"内容已被他人修改", "保存前有人改动了同一对象。请查看最新内容后再决定。"},
		"locked":      {"上一次变更尚未确定", "同一对象还有一次变更没有结果。等它确定后再操作。"},
		"too_large":   {"内容太大", "上传的内容超过了允许的大小。请换一个更小的文件。"},
		"media":       {"表单格式不支持", "请从页面上的表单提交。"},
		"throttled":   {"尝试次数过多", "请稍后再试。"},
		"remote":      {"企业微信没有完成请求", "请查看错误码的说明后重试。"},
		"storage":     {"无法写入记录", "磁盘已满或数据库只读。没有向企业微信发送任何请求。请管理员恢复存储后重试。"},
		"busy":        {"数据库正忙", "没有发送任何请求。请稍后重试。"},
		"timeout":     {"处理超时", "请稍后重试。如果是变更，请先在操作日志中查看结果。"},
		"internal":    {"管理台出错了", "错误已写入日志。把请求编号交给管理员可以更快找到原因。"},
		"offline":     {"无法从企业微信读取", ""},
		"unavailable": {"暂时不可用", "请稍后重试。"},
	},
}

var errorEN = Error{
	RequestID: "Request id", BackToOverview: "Back to the overview", SignIn: "Sign in",
	ConflictTitle: "Somebody else changed this first", Theirs: "what it is now", Yours: "what you typed", SeeOpen: "See that change",
	Conflict: func(by string) string {
		if by == "" {
			return "It was changed outside the console. What you typed is still below; saving again overwrites what it is now."
		}
		return by + " has just changed it. What you typed is still below; saving again overwrites what it is now."
	},
	RefusedTitle: "WeCom refused this change", UnknownTitle: "WeCom gave no result", NotSentTitle: "The request did not reach WeCom",
	OnCopy: func(why, at string) string { return why + ". The pages show the copy of " + at + "." },
	Kinds: map[string]Problem{
		"bad":         {"This address or form makes no sense", "A filter, a page position or a field could not be read. Go back to the list and start from there."},
		"denied":      {"Not allowed", "Your role may not do this. The attempt is in the audit log. Ask an owner if you need it."},
		"cross_site":  {"The request came from another site", "Only actions that start on a page of this console are accepted. Go back to the console and try again."},
		"not_found":   {"There is no such page", "It may have been deleted, or the address is wrong."},
		"method":      {"This kind of request is not supported", "Use the buttons and forms of the pages."},
		"conflict":    {"Somebody else changed this", "The same object was changed before you saved. Look at what it is now, then decide."},
		"locked":      {"The last change has no known end yet", "Another change of the same object is still open. Wait until it is settled."},
		"too_large":   {"Too large", "What was uploaded is larger than allowed. Choose a smaller file."},
		"media":       {"This form format is not supported", "Use the forms of the pages."},
		"throttled":   {"Too many attempts", "Wait a while, then try again."},
		"remote":      {"WeCom did not complete the request", "Read what the error code means, then try again."},
		"storage":     {"The record cannot be written", "The disk is full or the database is read-only. Nothing was sent to WeCom. Try again once storage works."},
		"busy":        {"The database is busy", "Nothing was sent. Try again in a moment."},
		"timeout":     {"This took too long", "Try again in a moment. If it was a change, look in the audit log first."},
		"internal":    {"The console made an error", "It is in the log. The request id helps the administrator to find the cause."},
		"offline":     {"WeCom cannot be read", ""},
		"unavailable": {"Not available right now", "Try again in a moment."},
	},
}
