package i18n

import "fmt"

// Account are the words of the account pages.
type Account struct {
	Title, New, Edit, Delete, Refresh, Caption                                   string
	Facts                                                                        func(total, managed int) string
	Unstaffed                                                                    func(n int) string
	Checked                                                                      func(ago string) string
	NeverChecked                                                                 string
	SearchLabel, SearchHint                                                      string
	FilterManaged, FilterReadOnly, FilterUnstaffed, FilterRenamed                string
	ColName, ColManaged, ColServicers, ColLinks, ColChanged                      string
	Managed, ReadOnly, ManagedUnknown                                            string
	Serving                                                                      func(serving, all int) string
	NobodyServing, NoServicers                                                   string
	Departments                                                                  func(n int) string
	NoneTitle, NoneText, NoMatchTitle, NoMatchText, ClearFilters                 string
	ReasonReadOnly, ReasonRole, ReasonGone                                       string
	Gone, GoneText                                                               string
	Overview, Servicers, Links, Audit                                            string
	ID, Picture, FirstSeen, LastSeen, Renamed, LinkCount, ManagedBy, ServicersAt string
	PictureOwn, PictureNone                                                      string
	ManagedText, ReadOnlyText                                                    string
	Recent, RecentAll, RecentNone                                                string
	NewText, EditText, Name, NameHelp, PictureHelp, Create, Save                 string
	NoSideEffect                                                                 string
	DeleteTitle                                                                  func(name string) string
	DeleteText, DeleteForGood                                                    string
	DeleteButton                                                                 func(name string) string
	ImpactTitle, ImpactServicers, ImpactLinks, ImpactNoLinks, ImpactCampaigns    string
	ImpactMore                                                                   func(n int) string
	ImpactConversations                                                          string
	SeeLinks, AuditNone                                                          string
	Errors                                                                       map[string]func(limit int) string
	Fields                                                                       map[string]string
}

var accountZH = Account{
	Title: "客服账号", New: "添加客服账号", Edit: "修改", Delete: "删除", Refresh: "立即核对", Caption: "客服账号列表",
	Facts: func(total, managed int) string {
		return fmt.Sprintf("%d 个账号，%d 个由 API 管理", total, managed)
	},
	Unstaffed:    func(n int) string { return fmt.Sprintf("%d 个账号此刻无人接待", n) },
	Checked:      func(ago string) string { return "与企业微信核对于 " + ago },
	NeverChecked: "尚未与企业微信核对",
	SearchLabel:  "按名称或 open_kfid 搜索客服账号", SearchHint: "名称或 open_kfid",
	FilterManaged: "API 管理", FilterReadOnly: "只读", FilterUnstaffed: "无人接待", FilterRenamed: "改过名",
	ColName: "账号", ColManaged: "管理方式", ColServicers: "接待", ColLinks: "链接", ColChanged: "最近变化",
	Managed: "API 管理", ReadOnly: "只读", ManagedUnknown: "未知",
	Serving:       func(serving, all int) string { return fmt.Sprintf("%d / %d 在岗", serving, all) },
	NobodyServing: "无人接待", NoServicers: "没有接待人员",
	Departments: func(n int) string { return fmt.Sprintf("%d 个部门", n) },
	NoneTitle:   "还没有客服账号", NoneText: "先在企业微信后台“微信客服”中创建第一个账号并分配给应用，再点“立即核对”。",
	NoMatchTitle: "没有符合条件的账号", NoMatchText: "换一个关键词，或清除筛选条件。", ClearFilters: "清除条件",
	ReasonReadOnly: "此账号未分配给本应用管理，请在企业微信后台“微信客服 · 通过API管理会话消息”中分配",
	ReasonRole:     "你的角色只能查看", ReasonGone: "此账号已不在企业微信中",
	Gone: "已删除", GoneText: "企业微信的账号列表中已没有它。这里保留最后一次看到的内容和操作记录。",
	Overview: "概况", Servicers: "接待人员", Links: "链接", Audit: "操作日志",
	ID: "open_kfid", Picture: "头像", FirstSeen: "首次看到", LastSeen: "最近核对", Renamed: "最近改名", LinkCount: "有效链接", ManagedBy: "管理方式", ServicersAt: "接待人员核对于",
	PictureOwn: "已留存副本", PictureNone: "没有留存副本",
	ManagedText:  "由本应用通过 API 管理会话。企业微信自带的智能回复和满意度评价对它不生效。",
	ReadOnlyText: "本应用只能查看它，也可以为它生成链接。修改、接待人员和会话由企业微信后台管理。",
	Recent:       "最近的变更", RecentAll: "全部", RecentNone: "还没有变更记录",
	NewText: "账号会立即出现在企业微信中。", EditText: "修改会立即对客户可见。",
	Name: "名称", NameHelp: "客户看到的名称", PictureHelp: "JPG 或 PNG，不超过 2 MB。非正方形的图片可以裁剪。", Create: "添加客服账号", Save: "保存修改",
	NoSideEffect: "新账号由本应用通过 API 管理：企业微信自带的智能回复和满意度评价对它不生效。",
	DeleteTitle:  func(name string) string { return "删除“" + name + "”" },
	DeleteText:   "删除后无法恢复。以下内容会受影响：", DeleteForGood: "客户将无法再从这些链接进入，也看不到这个账号。",
	DeleteButton: func(name string) string { return "删除“" + name + "”" },
	ImpactTitle:  "受影响的内容", ImpactServicers: "接待人员", ImpactLinks: "会失效的链接", ImpactNoLinks: "没有在这里登记过的链接", ImpactCampaigns: "涉及的活动",
	ImpactMore:          func(n int) string { return fmt.Sprintf("另有 %d 条链接", n) },
	ImpactConversations: "进行中的会话会中断，企业微信不再接受发往它的消息。",
	SeeLinks:            "查看全部链接", AuditNone: "这个账号还没有操作记录",
	Errors: map[string]func(int) string{
		"required":  func(int) string { return "请填写" },
		"long":      func(n int) string { return fmt.Sprintf("最多 %d 个字符", n) },
		"control":   func(int) string { return "包含看不见的控制字符，请重新输入" },
		"chars":     func(int) string { return "包含不支持的字符" },
		"unchanged": func(int) string { return "没有任何改变，请先修改名称或选择图片" },
		"bytes":     func(n int) string { return fmt.Sprintf("图片超过 %d MB，请换一张更小的", n>>20) },
		"format":    func(int) string { return "这不是可以识别的 JPG 或 PNG 图片" },
		"pixels":    func(n int) string { return fmt.Sprintf("图片边长超过 %d 像素，请缩小后再上传", n) },
		"square":    func(int) string { return "图片不是正方形，请裁剪成正方形后再上传" },
		"crop":      func(int) string { return "裁剪区域超出了图片，请重新选择" },
		"typed":     func(int) string { return "与账号名称不一致" },
		"gone":      func(int) string { return "这个账号已不在企业微信中" },
		"readonly":  func(int) string { return "此账号未分配给本应用管理" },
	},
	Fields: map[string]string{"name": "名称", "picture": "头像"},
}

var accountEN = Account{
	Title: "KF accounts", New: "Add account", Edit: "Edit", Delete: "Delete", Refresh: "Check now", Caption: "List of KF accounts",
	Facts: func(total, managed int) string {
		return fmt.Sprintf("%s, %d managed by API", plural(total, "account", "accounts"), managed)
	},
	Unstaffed:    func(n int) string { return plural(n, "account has", "accounts have") + " nobody serving now" },
	Checked:      func(ago string) string { return "checked with WeCom " + ago },
	NeverChecked: "not checked with WeCom yet",
	SearchLabel:  "Search accounts by name or open_kfid", SearchHint: "Name or open_kfid",
	FilterManaged: "Managed by API", FilterReadOnly: "Read-only", FilterUnstaffed: "Nobody serving", FilterRenamed: "Renamed",
	ColName: "Account", ColManaged: "Managed", ColServicers: "Servicers", ColLinks: "Links", ColChanged: "Last change",
	Managed: "Managed by API", ReadOnly: "Read-only", ManagedUnknown: "Unknown",
	Serving:       func(serving, all int) string { return fmt.Sprintf("%d of %d on duty", serving, all) },
	NobodyServing: "Nobody serving", NoServicers: "No servicers",
	Departments: func(n int) string { return plural(n, "department", "departments") },
	NoneTitle:   "No accounts yet", NoneText: "Create the first account in WeCom’s admin page (微信客服), assign it to the app, then press “Check now”.",
	NoMatchTitle: "No account matches", NoMatchText: "Try another word, or clear the filters.", ClearFilters: "Clear filters",
	ReasonReadOnly: "This account is not assigned to the app; assign it in WeCom’s admin page (微信客服 · 通过API管理会话消息)",
	ReasonRole:     "Your role may only look", ReasonGone: "This account is no longer in WeCom",
	Gone: "Deleted", GoneText: "WeCom’s list of accounts no longer has it. What was last seen and its records are kept here.",
	Overview: "Overview", Servicers: "Servicers", Links: "Links", Audit: "Audit log",
	ID: "open_kfid", Picture: "Picture", FirstSeen: "First seen", LastSeen: "Last checked", Renamed: "Last renamed", LinkCount: "Active links", ManagedBy: "Managed", ServicersAt: "Servicers checked",
	PictureOwn: "copy kept", PictureNone: "no copy kept",
	ManagedText:  "The app manages its sessions by API. WeCom’s own smart reply and satisfaction survey do not work for it.",
	ReadOnlyText: "The app can look at it and make links for it. Changes, servicers and sessions belong to WeCom’s admin page.",
	Recent:       "Last changes", RecentAll: "All", RecentNone: "No changes recorded yet",
	NewText: "The account appears in WeCom at once.", EditText: "Customers see the change at once.",
	Name: "Name", NameHelp: "What customers see", PictureHelp: "JPG or PNG, at most 2 MB. A picture that is not square can be cropped.", Create: "Add account", Save: "Save changes",
	NoSideEffect: "The app manages the new account by API: WeCom’s own smart reply and satisfaction survey do not work for it.",
	DeleteTitle:  func(name string) string { return "Delete “" + name + "”" },
	DeleteText:   "This cannot be undone. It affects:", DeleteForGood: "Customers can no longer come in through these links, nor see the account.",
	DeleteButton: func(name string) string { return "Delete “" + name + "”" },
	ImpactTitle:  "What is affected", ImpactServicers: "Servicers", ImpactLinks: "Links that will die", ImpactNoLinks: "No links were registered here", ImpactCampaigns: "Campaigns",
	ImpactMore:          func(n int) string { return plural(n, "more link", "more links") },
	ImpactConversations: "Conversations under way break off; WeCom takes no more messages for it.",
	SeeLinks:            "See all links", AuditNone: "Nothing recorded for this account yet",
	Errors: map[string]func(int) string{
		"required":  func(int) string { return "Required" },
		"long":      func(n int) string { return fmt.Sprintf("At most %d characters", n) },
		"control":   func(int) string { return "Contains invisible control characters; type it again" },
		"chars":     func(int) string { return "Contains characters that are not supported" },
		"unchanged": func(int) string { return "Nothing changed; edit the name or choose a picture first" },
		"bytes":     func(n int) string { return fmt.Sprintf("Larger than %d MB; choose a smaller picture", n>>20) },
		"format":    func(int) string { return "Not a JPG or PNG picture that can be read" },
		"pixels":    func(n int) string { return fmt.Sprintf("More than %d pixels a side; make it smaller first", n) },
		"square":    func(int) string { return "Not square; crop it to a square first" },
		"crop":      func(int) string { return "The crop lies outside the picture; choose it again" },
		"typed":     func(int) string { return "Does not equal the account’s name" },
		"gone":      func(int) string { return "This account is no longer in WeCom" },
		"readonly":  func(int) string { return "This account is not assigned to the app" },
	},
	Fields: map[string]string{"name": "Name", "picture": "Picture"},
}
