package i18n

// Frame are the words around every page: navigation, search, language, theme,
// the operator's menu, the sheet of shortcuts.
type Frame struct {
	// Nav names the places of the console.
	Nav FrameNav
	// Keys are the words of the sheet of shortcuts.
	Keys FrameKeys
	// SkipToContent is the first link of every page.
	SkipToContent string
	MainNav       string
	Crumbs        string
	Brand         string

	SearchEverything, SearchPlaceholder, SearchHint string

	OtherLanguage, SwitchLanguage           string
	Theme, ThemeAuto, ThemeLight, ThemeDark string
	OperatorMenu, SignOut, Shortcuts        string

	Synced      func(ago string) string
	SyncNever   string
	SyncOffline string
	// LiveOn, LiveWait and LiveOff say whether changes reach the page by themselves;
	// LiveFirst stands there before that is known.
	LiveFirst, LiveOn, LiveWait, LiveOff string
	Messages                             string
	// More opens the places for which the bar of the phone has no room.
	More        string
	Offline     string
	ServerError string
	Dismiss     string
}

// FrameNav names the places of the console.
type FrameNav struct{ Overview, Conversations, Accounts, Links, Customers, Replies, Audit, Health, Me string }

// FrameKeys are the words of the sheet of shortcuts.
type FrameKeys struct {
	Title, Anywhere, Lists, Go                   string
	Search, Palette, Sheet, Next, Previous, Open string
	Select, Leave                                string
	// Single is the switch that turns single keys off, for those who dictate.
	Single string
}

var frameZH = Frame{
	Nav: FrameNav{Overview: "总览", Conversations: "会话", Accounts: "客服账号", Links: "链接与二维码", Customers: "客户", Replies: "自动消息", Audit: "操作日志", Health: "健康状况", Me: "我的设置"},
	Keys: FrameKeys{
		Title: "键盘快捷键", Anywhere: "任何页面", Lists: "列表", Go: "前往",
		Search: "聚焦本页搜索", Palette: "全局搜索", Sheet: "显示这张表", Next: "下一行", Previous: "上一行", Open: "打开这一行",
		Select: "选中或取消这一行", Leave: "关闭菜单或对话框", Single: "启用单个字母的快捷键（仅本浏览器）",
	},
	SkipToContent: "跳到正文", MainNav: "主导航", Crumbs: "当前位置", Brand: "微信客服管理台",
	SearchEverything: "全局搜索", SearchPlaceholder: "搜索客户、消息、账号、链接", SearchHint: "输入昵称、消息内容、账号名称或场景值",
	OtherLanguage: "English", SwitchLanguage: "切换到英文",
	Theme: "外观", ThemeAuto: "跟随系统", ThemeLight: "浅色", ThemeDark: "深色",
	OperatorMenu: "操作员菜单", SignOut: "退出登录", Shortcuts: "键盘快捷键",
	Synced:    func(ago string) string { return ago + "同步" },
	SyncNever: "尚未同步", SyncOffline: "无法连接企业微信",
	LiveFirst: "连接中", LiveOn: "实时更新", LiveWait: "正在重新连接", LiveOff: "已断开，刷新可重试",
	More: "更多", Messages: "消息", Offline: "无法连接管理台服务器。请检查网络后重试，刚才的操作没有提交。", ServerError: "管理台没有给出可用的回答。请刷新页面，确认结果后再操作。",
	Dismiss: "关闭这条消息",
}

var frameEN = Frame{
	Nav: FrameNav{Overview: "Overview", Conversations: "Conversations", Accounts: "Accounts", Links: "Links", Customers: "Customers", Replies: "Coded messages", Audit: "Audit log", Health: "Health", Me: "My settings"},
	Keys: FrameKeys{
		Title: "Keyboard shortcuts", Anywhere: "On every page", Lists: "In lists", Go: "Go to",
		Search: "Focus the search of this page", Palette: "Find accounts, links and pages", Sheet: "Show this sheet", Next: "Next row", Previous: "Previous row", Open: "Open the row",
		Select: "Select or clear the row", Leave: "Close a menu or dialog", Single: "Use single-letter shortcuts (this browser only)",
	},
	SkipToContent: "Skip to content", MainNav: "Main", Crumbs: "You are here", Brand: "KF Console",
	SearchEverything: "Search everything", SearchPlaceholder: "Search customers, messages, accounts, links", SearchHint: "Type a name, what was said, or a scene",
	OtherLanguage: "中文", SwitchLanguage: "Switch to Chinese",
	Theme: "Appearance", ThemeAuto: "Same as system", ThemeLight: "Light", ThemeDark: "Dark",
	OperatorMenu: "Operator menu", SignOut: "Sign out", Shortcuts: "Keyboard shortcuts",
	Synced:    func(ago string) string { return "Synced " + ago },
	SyncNever: "Not synced yet", SyncOffline: "WeCom cannot be reached",
	LiveFirst: "Connecting", LiveOn: "Live", LiveWait: "Reconnecting", LiveOff: "Not live; reload to retry",
	More:     "More",
	Messages: "Messages", Offline: "The console server cannot be reached. Check the network and try again; the last action was not sent.", ServerError: "The console gave no usable answer. Reload the page and check the result before you try again.",
	Dismiss: "Dismiss this message",
}
