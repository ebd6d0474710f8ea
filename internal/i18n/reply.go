package i18n

import "fmt"

// Reply are the words of the coded messages: rules, their test and the log.
type Reply struct {
	Title, Intro, Caption, New, Edit, Delete              string
	TabRules, TabTest, TabLog                             string
	Facts                                                 func(on, all int) string
	Scenes, SceneHelp                                     map[string]string
	AllAccounts, AllDay, EveryDay, Off, WithMenu, NextDay string
	Days                                                  []string
	ColRule, ColScene, ColAccount, ColSlot, ColText       string
	FilterScene, FilterAccount, FilterState               string
	NoneTitle, NoneText, ReasonRole                       string
	Name, NameHelp, Account, AccountHelp, Scene           string
	From, FromHelp, To, ToHelp, DaysLabel                 string
	Text, TextHelp, Menu, MenuHelp, Tail, TailHelp        string
	Enabled, EnabledHelp, Save, Create, SceneFixed        string
	NewText, EditText                                     string
	DeleteTitle                                           func(name string) string
	DeleteText, DeleteButton                              string
	TestText, TestWhen, TestRun, TestFires, TestNone      string
	TestNoneText, TestShadowed, TestLook                  string
	LogCaption, LogNoneTitle, LogNoneText, LogText        string
	ColWhen, ColCustomer, ColEnd, ColWhy                  string
	States, Reasons                                       map[string]string
	After                                                 func(took string) string
	Errors                                                map[string]func(limit int) string
	Fields                                                map[string]string
}

var replyZH = Reply{
	Title: "自动消息", Caption: "自动消息规则", New: "添加规则", Edit: "修改", Delete: "删除",
	Intro:    "客户进入、排队、被接入或会话结束时，企业微信各允许发送一条事件消息。欢迎语和结束语必须在 20 秒内发出。",
	TabRules: "规则", TabTest: "测试", TabLog: "发送记录",
	Facts:  func(on, all int) string { return fmt.Sprintf("%d 条规则，%d 条启用", all, on) },
	Scenes: map[string]string{"welcome": "欢迎语", "queue": "排队提示", "pickup": "接入提示", "ending": "结束语"},
	SceneHelp: map[string]string{
		"welcome": "客户进入会话时发送。48 小时内没有收过欢迎语、也没有发过消息的客户才会收到。20 秒内有效，可以带菜单。",
		"queue":   "会话转入待接入池时发送，每次会话一条。仅文本。",
		"pickup":  "接待人员接入会话时发送，例如说明夜间回复较慢，每次会话一条。仅文本。",
		"ending":  "会话结束时发送，例如邀请评价。20 秒内有效，可以带菜单。",
	},
	AllAccounts: "全部账号", AllDay: "全天", EveryDay: "每天", Off: "已停用", WithMenu: "含菜单", NextDay: "次日",
	Days:    []string{"周一", "周二", "周三", "周四", "周五", "周六", "周日"},
	ColRule: "规则", ColScene: "时机", ColAccount: "账号", ColSlot: "时段", ColText: "内容",
	FilterScene: "时机", FilterAccount: "账号", FilterState: "结果",
	NoneTitle: "还没有规则", NoneText: "添加一条欢迎语，客户进入会话时就能马上收到。", ReasonRole: "你的角色只能查看",
	Name: "名称", NameHelp: "只在管理台中显示", Account: "账号", AccountHelp: "指定账号的规则优先于“全部账号”的规则", Scene: "时机",
	From: "开始", FromHelp: "北京时间", To: "结束", ToHelp: "早于开始表示跨过午夜，与开始相同表示全天", DaysLabel: "星期",
	Text: "内容", TextHelp: "按字节计，一个汉字占 3 字节。带菜单时它是菜单上方的文字，最多 1024 字节。",
	Menu: "菜单", MenuHelp: "每行一项，最多 10 项。只写文字是可以点选的选项；文字后空一格再写 https:// 地址，就是链接。",
	Tail: "菜单下方的文字", TailHelp: "没有菜单时不使用",
	Enabled: "启用", EnabledHelp: "停用的规则不会发送", Save: "保存修改", Create: "添加规则", SceneFixed: "时机不能修改，请另外添加一条规则",
	NewText: "同一时机有多条规则时，指定账号的优先，其次是最早添加的。", EditText: "修改从下一次事件开始生效。",
	DeleteTitle: func(name string) string { return "删除规则“" + name + "”" },
	DeleteText:  "删除后，符合它的客户会收到下一条符合的规则的内容；没有其他规则时什么也不发。可以从操作日志中撤销。", DeleteButton: "删除规则",
	TestText: "选择账号、时机和时间，看哪一条规则会生效、客户会看到什么。不会真的发送。", TestWhen: "时间（北京时间）", TestRun: "测试",
	TestFires: "会发送", TestNone: "不会发送任何内容", TestNoneText: "没有启用的规则符合这个账号、时机和时间。",
	TestShadowed: "同样符合、但排在后面的规则", TestLook: "客户看到的样子",
	LogCaption: "自动消息发送记录", LogNoneTitle: "还没有记录", LogNoneText: "客户进入会话后，每一条欢迎语、排队提示、接入提示和结束语都会在这里说明发送了什么，或者为什么没有发送。",
	LogText: "每一次可以发送事件消息的机会，以及它的结果。",
	ColWhen: "时间", ColCustomer: "客户", ColEnd: "结果", ColWhy: "说明",
	States: map[string]string{"due": "等待发送", "sending": "正在发送", "sent": "已发送", "skipped": "未发送", "refused": "被拒绝", "unknown": "结果未知"},
	Reasons: map[string]string{
		"late":             "处理时距事件太久，来不及发送",
		"no_rule":          "没有符合的规则",
		"native_or_repeat": "企业微信没有给出发送凭证：后台配置了自带欢迎语，或客户 48 小时内收过欢迎语或发过消息",
		"state":            "会话已不在可以发送的状态",
		"bad_rule":         "规则的内容不符合企业微信的要求，请修改规则",
	},
	After: func(took string) string { return "事件后 " + took },
	Errors: map[string]func(int) string{
		"required":   func(int) string { return "请填写" },
		"long":       func(n int) string { return fmt.Sprintf("最多 %d 个字符", n) },
		"control":    func(int) string { return "包含看不见的控制字符，请重新输入" },
		"limit":      func(n int) string { return fmt.Sprintf("最多 %d 项", n) },
		"max_bytes":  func(n int) string { return fmt.Sprintf("最多 %d 字节，一个汉字占 3 字节", n) },
		"max_items":  func(n int) string { return fmt.Sprintf("最多 %d 项", n) },
		"characters": func(int) string { return "包含不支持的字符" },
		"address":    func(int) string { return "链接必须是以 https:// 或 http:// 开头的完整地址" },
		"time":       func(int) string { return "请填写 00:00 到 23:59 之间的时间" },
		"unchanged":  func(int) string { return "没有任何改变，请先修改内容" },
		"scene":      func(int) string { return "排队提示和接入提示只能是文本，不能带菜单" },
	},
	Fields: map[string]string{"name": "名称", "text": "内容", "menu": "菜单", "slot": "时段", "account": "账号", "enabled": "启用"},
}

var replyEN = Reply{
	Title: "Coded messages", Caption: "Rules of coded messages", New: "Add rule", Edit: "Edit", Delete: "Delete",
	Intro:    "When a customer comes in, queues, is picked up or a conversation ends, WeCom lets one message each be sent. Welcome and ending must go out within 20 seconds.",
	TabRules: "Rules", TabTest: "Test", TabLog: "Log",
	Facts: func(on, all int) string {
		return fmt.Sprintf("%d %s, %d switched on", all, noun(all, "rule", "rules"), on)
	},
	Scenes: map[string]string{"welcome": "Welcome", "queue": "Queue notice", "pickup": "Pick-up notice", "ending": "Ending"},
	SceneHelp: map[string]string{
		"welcome": "Sent when a customer comes in, if they got no welcome within 48 hours and have not written. Valid for 20 seconds; may have a menu.",
		"queue":   "Sent when a conversation moves to the pool, once per session. Text only.",
		"pickup":  "Sent when a servicer takes the conversation, for example to say that nights are slow, once per session. Text only.",
		"ending":  "Sent when a conversation ends, for example to ask for a rating. Valid for 20 seconds; may have a menu.",
	},
	AllAccounts: "All accounts", AllDay: "All day", EveryDay: "Every day", Off: "Off", WithMenu: "with menu", NextDay: "next day",
	Days:    []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
	ColRule: "Rule", ColScene: "When", ColAccount: "Account", ColSlot: "Hours", ColText: "Content",
	FilterScene: "When", FilterAccount: "Account", FilterState: "Result",
	NoneTitle: "No rules yet", NoneText: "Add a welcome, and customers get it as soon as they come in.", ReasonRole: "Your role may only look",
	Name: "Name", NameHelp: "Shown in the console only", Account: "Account", AccountHelp: "A rule for one account comes before one for all accounts", Scene: "When",
	From: "From", FromHelp: "Beijing time", To: "To", ToHelp: "Before the start: past midnight; the same: all day", DaysLabel: "Days",
	Text: "Content", TextHelp: "Counted in bytes; a Chinese character takes 3. With a menu this is the text above it, at most 1,024 bytes.",
	Menu: "Menu", MenuHelp: "One item a line, at most 10. Words alone are a choice to tap; words, a space and an https:// address are a link.",
	Tail: "Text below the menu", TailHelp: "Not used without a menu",
	Enabled: "Switched on", EnabledHelp: "A rule that is off sends nothing", Save: "Save changes", Create: "Add rule", SceneFixed: "This cannot be changed; add another rule instead",
	NewText: "When several rules fit, the one for that account comes first, then the one added first.", EditText: "Changes take effect with the next event.",
	DeleteTitle: func(name string) string { return "Delete the rule “" + name + "”" },
	DeleteText:  "Customers it would have reached get the next rule that fits, or nothing if there is none. This can be undone from the audit log.", DeleteButton: "Delete rule",
	TestText: "Choose an account, an occasion and a time to see which rule fires and what the customer sees. Nothing is sent.", TestWhen: "Time (Beijing)", TestRun: "Test",
	TestFires: "This is sent", TestNone: "Nothing is sent", TestNoneText: "No rule that is switched on fits this account, occasion and time.",
	TestShadowed: "Rules that fit too and come later", TestLook: "What the customer sees",
	LogCaption: "Log of coded messages", LogNoneTitle: "Nothing yet", LogNoneText: "Once customers come in, every welcome, queue notice, pick-up notice and ending is listed here: what was sent, or why nothing was.",
	LogText: "Every occasion on which a coded message could be sent, and how it ended.",
	ColWhen: "When", ColCustomer: "Customer", ColEnd: "Result", ColWhy: "Reason",
	States: map[string]string{"due": "Due", "sending": "Being sent", "sent": "Sent", "skipped": "Not sent", "refused": "Refused", "unknown": "Unknown"},
	Reasons: map[string]string{
		"late":             "Too long after the event to send",
		"no_rule":          "No rule fits",
		"native_or_repeat": "WeCom gave no code: a native welcome is configured, or the customer got a welcome or wrote within 48 hours",
		"state":            "The conversation is no longer in a state that allows it",
		"bad_rule":         "WeCom would not take the rule’s content; edit the rule",
	},
	After: func(took string) string { return took + " after the event" },
	Errors: map[string]func(int) string{
		"required":   func(int) string { return "Required" },
		"long":       func(n int) string { return fmt.Sprintf("At most %d characters", n) },
		"control":    func(int) string { return "Contains invisible control characters; type it again" },
		"limit":      func(n int) string { return fmt.Sprintf("At most %d items", n) },
		"max_bytes":  func(n int) string { return fmt.Sprintf("At most %d bytes; a Chinese character takes 3", n) },
		"max_items":  func(n int) string { return fmt.Sprintf("At most %d items", n) },
		"characters": func(int) string { return "Contains characters that cannot be taken" },
		"address":    func(int) string { return "A link must be a whole address that begins with https:// or http://" },
		"time":       func(int) string { return "Enter a time between 00:00 and 23:59" },
		"unchanged":  func(int) string { return "Nothing changed; edit something first" },
		"scene":      func(int) string { return "Queue and pick-up notices are text only, without a menu" },
	},
	Fields: map[string]string{"name": "Name", "text": "Content", "menu": "Menu", "slot": "Hours", "account": "Account", "enabled": "Switched on"},
}
