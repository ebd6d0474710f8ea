package i18n

// Audit are the words of the audit log: what was done, to what, and how it ended.
type Audit struct {
	// Actions, Outcomes and Kinds put the identifiers of the log into words.
	Actions, Outcomes, Kinds map[string]string
	// Ended is the sentence of a message after a change, by outcome: the action and
	// the name of its target.
	Ended map[string]func(action, target string) string
	// Fields names the parts of what was changed.
	Fields map[string]string
	AuditPages
}

var auditZH = Audit{
	Actions: map[string]string{
		"account.create": "添加客服账号", "account.update": "修改客服账号", "account.delete": "删除客服账号",
		"servicer.add": "添加接待人员", "servicer.remove": "移除接待人员",
		"link.create": "创建链接", "link.update": "修改链接", "link.archive": "归档链接", "link.restore": "恢复链接", "scene.name": "命名场景值",
		"conversation.move": "转移会话", "conversation.end": "结束会话", "conversation.move_many": "批量转移会话", "message.send": "发送消息",
		"reply.save": "保存自动消息规则", "reply.delete": "删除自动消息规则", "customer.erase": "清除客户数据",
		"session.signin": "登录", "session.signout": "退出登录", "session.end_all": "结束其他登录",
		"operator.create": "添加操作员", "operator.password": "修改密码", "operator.settings": "修改个人设置",
		"audit.export": "导出操作日志", "audit.verify": "校验操作日志", "access.denied": "越权访问", "access.cross_site": "跨站请求",
	},
	Outcomes: map[string]string{"done": "完成", "partial": "部分完成", "refused": "被拒绝", "failed": "未生效", "denied": "无权限", "open": "结果未知"},
	Kinds:    map[string]string{"account": "客服账号", "servicer": "接待人员", "link": "链接", "scene": "场景值", "conversation": "会话", "reply": "自动消息规则", "customer": "微信客户", "operator": "操作员", "session": "登录", "audit": "操作日志", "request": "请求"},
	Fields: map[string]string{
		"name": "名称", "picture": "头像", "links": "链接", "servicers": "接待人员", "departments": "部门", "account": "客服账号", "scene": "场景值",
		"campaign": "活动", "note": "备注", "url": "链接地址", "archived": "归档", "users": "成员", "done": "成功", "ignored": "忽略", "failed": "失败",
		"method": "方式", "path": "地址", "permission": "所需权限", "origin": "来源", "suppressed": "未单独记录的同类请求", "role": "角色", "locale": "语言", "theme": "外观",
		"zone": "时区", "ended": "结束的登录", "format": "格式", "filter": "筛选条件", "rows": "行数", "head": "链头", "broken": "第一处断裂", "reason": "原因",
		"state": "会话状态", "servicer": "接待人员", "conversations": "会话数", "type": "消息类型", "bytes": "字节数", "part": "第几条", "parts": "共几条",
		"messages": "消息数", "media": "媒体文件数", "moment": "时机", "days": "星期", "from": "开始时间", "to": "结束时间", "text": "文字", "menu": "菜单", "enabled": "启用",
	},
	AuditPages: auditPagesZH,
	Ended: map[string]func(action, target string) string{
		"done":    func(a, t string) string { return "已完成：" + a + about("：", t) },
		"partial": func(a, t string) string { return "部分完成：" + a + about("：", t) },
		"refused": func(a, t string) string { return "企业微信拒绝了：" + a + about("：", t) },
		"failed":  func(a, t string) string { return "没有生效：" + a + about("：", t) },
		"denied":  func(a, t string) string { return "没有权限：" + a + about("：", t) },
		"open": func(a, t string) string {
			return "已提交，企业微信尚未给出结果，稍后自动核实：" + a + about("：", t)
		},
	},
}

var auditEN = Audit{
	Actions: map[string]string{
		"account.create": "Create account", "account.update": "Change account", "account.delete": "Delete account",
		"servicer.add": "Add servicers", "servicer.remove": "Remove servicers",
		"link.create": "Create link", "link.update": "Change link", "link.archive": "Archive link", "link.restore": "Restore link", "scene.name": "Name scene",
		"conversation.move": "Move conversation", "conversation.end": "End conversation", "conversation.move_many": "Move conversations", "message.send": "Send message",
		"reply.save": "Save coded message rule", "reply.delete": "Delete coded message rule", "customer.erase": "Erase customer data",
		"session.signin": "Sign in", "session.signout": "Sign out", "session.end_all": "End other sessions",
		"operator.create": "Add operator", "operator.password": "Change password", "operator.settings": "Change own settings",
		"audit.export": "Export audit log", "audit.verify": "Verify audit log", "access.denied": "Access without permission", "access.cross_site": "Cross-site request",
	},
	Outcomes: map[string]string{"done": "Done", "partial": "Partly done", "refused": "Refused", "failed": "Not applied", "denied": "Not allowed", "open": "Unknown"},
	Kinds:    map[string]string{"account": "Account", "servicer": "Servicers", "link": "Link", "scene": "Scene", "conversation": "Conversation", "reply": "Coded message rule", "customer": "Customer", "operator": "Operator", "session": "Session", "audit": "Audit log", "request": "Request"},
	Fields: map[string]string{
		"name": "Name", "picture": "Picture", "links": "Links", "servicers": "Servicers", "departments": "Departments", "account": "Account", "scene": "Scene",
		"campaign": "Campaign", "note": "Note", "url": "Address", "archived": "Archived", "users": "Members", "done": "Done", "ignored": "Ignored", "failed": "Failed",
		"method": "Method", "path": "Path", "permission": "Permission needed", "origin": "Origin", "suppressed": "More of the same, not recorded one by one", "role": "Role", "locale": "Language", "theme": "Appearance",
		"zone": "Time zone", "ended": "Sessions ended", "format": "Format", "filter": "Filter", "rows": "Rows", "head": "Head", "broken": "First break", "reason": "Reason",
		"state": "State", "servicer": "Servicer", "conversations": "Conversations", "type": "Kind of message", "bytes": "Bytes", "part": "Part", "parts": "Parts",
		"messages": "Messages", "media": "Media files", "moment": "Moment", "days": "Weekdays", "from": "From", "to": "Until", "text": "Text", "menu": "Menu", "enabled": "Enabled",
	},
	AuditPages: auditPagesEN,
	Ended: map[string]func(action, target string) string{
		"done":    func(a, t string) string { return "Done: " + a + about(": ", t) },
		"partial": func(a, t string) string { return "Partly done: " + a + about(": ", t) },
		"refused": func(a, t string) string { return "WeCom refused: " + a + about(": ", t) },
		"failed":  func(a, t string) string { return "Not applied: " + a + about(": ", t) },
		"denied":  func(a, t string) string { return "Not allowed: " + a + about(": ", t) },
		"open": func(a, t string) string {
			return "Sent, but WeCom has not confirmed it; it will be checked: " + a + about(": ", t)
		},
	},
}

// about adds the name of a target to a sentence, if there is one.
func about(mark, target string) string {
	if target == "" {
		return ""
	}
	return mark + target
}
