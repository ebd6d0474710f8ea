package i18n

import "fmt"

// Customer are the words of the customer pages.
type Customer struct {
	Title, Caption                                          string
	Facts                                                   func(all, known int) string
	SearchLabel, SearchHint                                 string
	FilterAccount                                           string
	ColName, ColConversations, ColFirst, ColLast, ColAsOf   string
	Nameless                                                string
	NeverAsked, Gone, GoneText, AskFailed, Masked           string
	NoneTitle, NoneText, NoMatchTitle, NoMatchText, ClearIt string
	Refresh, RefreshOne, ReasonRole                         string
	Refreshed                                               func(found, gone int) string
	RefreshedText, RefreshFailed                            string
	Profile, ID, Name, Gender, UnionID, First, Last, Asked  string
	Genders                                                 map[int]string
	Conversations, ConversationsNone, ColAccount, ColState  string
	Visits, VisitsNote, VisitsNone                          string
	ColVisit, ColScene, ColWrote, ColHuman, ColEnded        string
	ColReplied, NoScene, NotYet, EndedBy, Rating            string
	EndedWords                                              map[string]string
	Erase                                                   string
	EraseTitle                                              func(name string) string
	EraseText, EraseKept, EraseButton, EraseLabel           string
	EraseMessages, EraseImpact                              string
	EraseOpen                                               string
	Errors                                                  map[string]func(limit int) string
}

var customerZH = Customer{
	Title: "客户", Caption: "客户列表",
	Facts: func(all, known int) string {
		return fmt.Sprintf("%s 位客户，%s 位有昵称", group(all), group(known))
	},
	SearchLabel: "按昵称或 external_userid 搜索客户", SearchHint: "昵称或 external_userid",
	FilterAccount: "账号",
	ColName:       "客户", ColConversations: "会话", ColFirst: "首次来访", ColLast: "最近来访", ColAsOf: "资料",
	Nameless:   "未知昵称",
	NeverAsked: "尚未获取", Gone: "企业微信不再提供",
	GoneText:  "客户 48 小时内没有进入会话或发消息，企业微信不再返回资料。这里保留最后一次取得的内容；客户下次来访时会自动更新。",
	AskFailed: "获取失败，稍后会再试", Masked: "你的角色只能看到打码的昵称",
	NoneTitle: "还没有客户", NoneText: "客户从任意一条客服链接进入后，会出现在这里。",
	NoMatchTitle: "没有符合条件的客户", NoMatchText: "换一个关键词，或清除筛选条件。", ClearIt: "清除条件",
	Refresh: "更新资料", RefreshOne: "更新资料", ReasonRole: "你的角色只能查看",
	Refreshed: func(found, gone int) string {
		return fmt.Sprintf("已更新 %d 位客户的资料，%d 位企业微信不再提供", found, gone)
	},
	RefreshedText: "企业微信只返回 48 小时内来访过的客户；其他客户保留原有资料。", RefreshFailed: "没有取得资料",
	Profile: "资料", ID: "external_userid", Name: "昵称", Gender: "性别", UnionID: "unionid", First: "首次来访", Last: "最近来访", Asked: "资料取得于",
	Genders:       map[int]string{0: "未知", 1: "男", 2: "女"},
	Conversations: "会话", ConversationsNone: "还没有会话", ColAccount: "账号", ColState: "状态",
	Visits: "来访记录", VisitsNote: "最近 50 次", VisitsNone: "还没有来访记录",
	ColVisit: "进入", ColScene: "来源", ColWrote: "首条消息", ColHuman: "人工接入", ColEnded: "结束",
	ColReplied: "首次回复", NoScene: "无场景值", NotYet: "未发生", EndedBy: "结束方式", Rating: "评价",
	EndedWords: map[string]string{"servicer": "接待人员结束", "console": "管理台结束", "expired": "48 小时未发言"},
	Erase:      "清除客户数据",
	EraseTitle: func(name string) string { return "清除“" + name + "”的数据" },
	EraseText:  "清除后无法恢复，以下内容会从管理台删除：", EraseKept: "操作日志只保留“清除过一位客户”这件事和不可还原的标识，不含内容。企业微信中的记录不受影响。",
	EraseButton: "清除这位客户的数据", EraseLabel: "受影响的内容",
	EraseMessages: "消息（含图片、语音和文件）", EraseImpact: "会话",
	EraseOpen: "这位客户有正在进行的会话。清除之前的内容之后，新的消息仍会继续出现。",
	Errors: map[string]func(int) string{
		"required": func(int) string { return "请填写" },
		"typed":    func(int) string { return "与要求输入的内容不一致" },
	},
}

var customerEN = Customer{
	Title: "Customers", Caption: "List of customers",
	Facts: func(all, known int) string {
		return group(all) + " " + noun(all, "customer", "customers") + ", " + group(known) + " with a nickname"
	},
	SearchLabel: "Search customers by nickname or external_userid", SearchHint: "Nickname or external_userid",
	FilterAccount: "Account",
	ColName:       "Customer", ColConversations: "Conversations", ColFirst: "First visit", ColLast: "Last visit", ColAsOf: "Profile",
	Nameless:   "Unknown nickname",
	NeverAsked: "Not fetched yet", Gone: "WeCom no longer answers",
	GoneText:  "The customer has not come in or written for 48 hours, so WeCom gives no profile. What was last fetched is kept here; it is updated by itself on the next visit.",
	AskFailed: "Fetching failed; it is tried again", Masked: "Your role sees masked nicknames",
	NoneTitle: "No customers yet", NoneText: "Customers appear here once they come in through any of your links.",
	NoMatchTitle: "No customer matches", NoMatchText: "Try another word, or clear the filters.", ClearIt: "Clear filters",
	Refresh: "Update profiles", RefreshOne: "Update profile", ReasonRole: "Your role may only look",
	Refreshed: func(found, gone int) string {
		return fmt.Sprintf("%d %s updated, %d no longer answered by WeCom", found, noun(found, "profile", "profiles"), gone)
	},
	RefreshedText: "WeCom answers for customers of the last 48 hours only; all others keep the profile they have.", RefreshFailed: "No profile was fetched",
	Profile: "Profile", ID: "external_userid", Name: "Nickname", Gender: "Gender", UnionID: "unionid", First: "First visit", Last: "Last visit", Asked: "Profile as of",
	Genders:       map[int]string{0: "Unknown", 1: "Male", 2: "Female"},
	Conversations: "Conversations", ConversationsNone: "No conversations yet", ColAccount: "Account", ColState: "State",
	Visits: "Visits", VisitsNote: "The last 50", VisitsNone: "No visits yet",
	ColVisit: "Came in", ColScene: "Source", ColWrote: "First message", ColHuman: "Reached a person", ColEnded: "Ended",
	ColReplied: "First reply", NoScene: "no scene", NotYet: "Not yet", EndedBy: "Ended by", Rating: "Rating",
	EndedWords: map[string]string{"servicer": "by the servicer", "console": "by the console", "expired": "silent for 48 hours"},
	Erase:      "Erase customer data",
	EraseTitle: func(name string) string { return "Erase the data of “" + name + "”" },
	EraseText:  "This cannot be undone. The console deletes:", EraseKept: "The audit log keeps only that a customer was erased, with an identifier that cannot be turned back, and nothing of the content. Records in WeCom are not affected.",
	EraseButton: "Erase this customer’s data", EraseLabel: "What is affected",
	EraseMessages: "Messages, with their media", EraseImpact: "Conversations",
	EraseOpen: "This customer has a conversation under way. After everything so far is erased, new messages go on appearing.",
	Errors: map[string]func(int) string{
		"required": func(int) string { return "Required" },
		"typed":    func(int) string { return "Does not match what was asked for" },
	},
}
