package i18n

import "fmt"

// Overview are the words of the overview and of the search of everything.
type Overview struct {
	Title                                                           string
	Greeting                                                        func(hour int, name string) string
	Accounts, OnDuty, Links, Unstaffed, Open                        string
	Managed                                                         func(n int) string
	OfPeople                                                        func(n int) string
	Archived                                                        func(n int) string
	AllStaffed, NoneOpen, OpenNote, UnstaffedNote                   string
	UnstaffedTitle                                                  func(n int) string
	UnstaffedText, SeeUnstaffed, OpenTitle, OpenText, SeeOpen       string
	UnstaffedCard, UnstaffedNone, UnstaffedNoneText                 string
	Recent, RecentAll, RecentNone, RecentHidden                     string
	Mirror, MirrorText, MirrorAccounts, MirrorPeople                string
	FirstTitle, FirstText                                           string
	SearchTitle, SearchFor, SearchLabel, SearchNone, SearchNoneText string
	SearchAccounts, SearchLinks, SearchPages, SearchEntries         string
	SearchCustomers                                                 string
	Live                                                            Live
}

// Live are the words of the tiles about conversations.
type Live struct {
	New, Assistant, Queue, Human, FirstReply string
	Longest                                  func(span string) string
	NobodyWaits                              string
	OnDuty                                   func(people int) string
	NoReply                                  string
	Median                                   func(n int) string
}

var overviewZH = Overview{
	Title: "总览",
	Greeting: func(hour int, name string) string {
		switch {
		case hour < 6:
			return "夜深了，" + name
		case hour < 12:
			return "上午好，" + name
		case hour < 18:
			return "下午好，" + name
		}
		return "晚上好，" + name
	},
	Accounts: "客服账号", OnDuty: "在岗的接待人员", Links: "有效链接", Unstaffed: "无人接待的账号", Open: "结果未知的变更",
	Managed:    func(n int) string { return fmt.Sprintf("%d 个由 API 管理", n) },
	OfPeople:   func(n int) string { return fmt.Sprintf("共 %d 人次", n) },
	Archived:   func(n int) string { return fmt.Sprintf("另有 %d 条已归档", n) },
	AllStaffed: "每个账号都有人接待", NoneOpen: "所有变更都有结果", OpenNote: "会自动核实", UnstaffedNote: "客户进来没有人应答",
	UnstaffedTitle: func(n int) string { return fmt.Sprintf("%d 个账号此刻无人接待", n) },
	UnstaffedText:  "客户从这些账号进来，没有人应答。", SeeUnstaffed: "查看这些账号", OpenTitle: "有变更的结果还不知道", OpenText: "企业微信没有给出可用的回答，管理台每分钟核实一次。", SeeOpen: "查看这些变更",
	UnstaffedCard: "无人接待", UnstaffedNone: "每个账号都有人接待", UnstaffedNoneText: "有账号的接待人员全部停止接待时，会列在这里。",
	Recent: "最近的变更", RecentAll: "全部", RecentNone: "还没有变更记录", RecentHidden: "你的角色不能查看操作日志。",
	Mirror: "与企业微信核对", MirrorText: "页面显示的是本机的副本，后台持续与企业微信核对。", MirrorAccounts: "客服账号", MirrorPeople: "通讯录",
	FirstTitle: "还没有客服账号", FirstText: "在企业微信后台“微信客服”中创建第一个账号，并分配给应用管理，然后点“立即核对”。",
	SearchTitle: "搜索", SearchFor: "搜索结果：", SearchLabel: "搜索客户、消息、账号、链接和页面", SearchNone: "没有找到", SearchNoneText: "换一个词试试：客户昵称、消息内容、账号名称、链接名称、场景值或活动。",
	SearchAccounts: "客服账号", SearchLinks: "链接", SearchPages: "页面", SearchEntries: "操作日志",
	SearchCustomers: "客户",
	Live: Live{
		New: "未处理", Assistant: "智能助手", Queue: "待接入池", Human: "人工接待", FirstReply: "首次响应 今天",
		Longest:     func(span string) string { return "最久 " + span },
		NobodyWaits: "没有人在等", NoReply: "今天还没有回复过客户",
		OnDuty: func(n int) string { return fmt.Sprintf("%d 人次在岗", n) },
		Median: func(n int) string { return fmt.Sprintf("%d 次回复的中位数", n) },
	},
}

var overviewEN = Overview{
	Title: "Overview",
	Greeting: func(hour int, name string) string {
		switch {
		case hour < 12:
			return "Good morning, " + name
		case hour < 18:
			return "Good afternoon, " + name
		}
		return "Good evening, " + name
	},
	Accounts: "Accounts", OnDuty: "Servicers on duty", Links: "Active links", Unstaffed: "Accounts nobody serves", Open: "Changes with unknown end",
	Managed:    func(n int) string { return fmt.Sprintf("%d managed by API", n) },
	OfPeople:   func(n int) string { return "of " + plural(n, "assignment", "assignments") },
	Archived:   func(n int) string { return fmt.Sprintf("%d more archived", n) },
	AllStaffed: "every account is served", NoneOpen: "every change has an end", OpenNote: "checked by itself", UnstaffedNote: "customers get no answer",
	UnstaffedTitle: func(n int) string { return plural(n, "account has", "accounts have") + " nobody serving now" },
	UnstaffedText:  "Customers who come in there get no answer.", SeeUnstaffed: "See these accounts", OpenTitle: "Some changes have no known end yet", OpenText: "WeCom gave no usable answer; the console checks every minute.", SeeOpen: "See these changes",
	UnstaffedCard: "Nobody serving", UnstaffedNone: "Every account is served", UnstaffedNoneText: "Accounts whose servicers have all stopped appear here.",
	Recent: "Last changes", RecentAll: "All", RecentNone: "No changes recorded yet", RecentHidden: "Your role may not read the audit log.",
	Mirror: "Checked with WeCom", MirrorText: "Pages show our copy, which is compared with WeCom all the time.", MirrorAccounts: "Accounts", MirrorPeople: "Directory",
	FirstTitle: "No accounts yet", FirstText: "Create the first account in WeCom’s admin page (微信客服), assign it to the app, then press “Check now”.",
	SearchTitle: "Search", SearchFor: "Results for ", SearchLabel: "Search customers, messages, accounts, links and pages", SearchNone: "Nothing found", SearchNoneText: "Try another word: the name of a customer, what was said, an account, a link, a scene or a campaign.",
	SearchAccounts: "Accounts", SearchLinks: "Links", SearchPages: "Pages", SearchEntries: "Audit log",
	SearchCustomers: "Customers",
	Live: Live{
		New: "New", Assistant: "Assistant", Queue: "Queue", Human: "With people", FirstReply: "First reply today",
		Longest:     func(span string) string { return "longest " + span },
		NobodyWaits: "Nobody is waiting", NoReply: "No customer was answered today yet",
		OnDuty: func(n int) string { return fmt.Sprintf("%d on duty", n) },
		Median: func(n int) string { return "median of " + plural(n, "reply", "replies") },
	},
}
