package i18n

// Common are words that several areas share.
type Common struct {
	Save, Cancel, Back, Edit, Delete, Create, Search, Copy, Undo, Details, All, Unknown, Yes, No, Optional, Account, Operator string
	Roles                                                                                                                     map[string]string
}

var commonZH = Common{
	Save: "保存", Cancel: "取消", Back: "返回", Edit: "修改", Delete: "删除", Create: "创建",
	Search: "搜索", Copy: "复制", Undo: "撤销", Details: "详情", All: "全部", Unknown: "未知", Yes: "是", No: "否",
	Optional: "选填", Account: "客服账号", Operator: "操作员",
	Roles: map[string]string{"owner": "所有者", "manager": "客服主管", "auditor": "审计员", "viewer": "只读成员"},
}

var commonEN = Common{
	Save: "Save", Cancel: "Cancel", Back: "Back", Edit: "Edit", Delete: "Delete", Create: "Create",
	Search: "Search", Copy: "Copy", Undo: "Undo", Details: "Details", All: "All", Unknown: "Unknown", Yes: "Yes", No: "No",
	Optional: "optional", Account: "KF account", Operator: "Operator",
	Roles: map[string]string{"owner": "Owner", "manager": "Manager", "auditor": "Auditor", "viewer": "Viewer"},
}
