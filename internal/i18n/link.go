package i18n

import "fmt"

// Link are the words of the link pages.
type Link struct {
	Title, New, Edit, Open, Print, Archive, Restore, Caption, ArchivedTag        string
	Facts                                                                        func(active, archived int) string
	SearchLabel, SearchHint                                                      string
	FilterArchived, FilterAccount, FilterCampaign                                string
	ColName, ColAccount, ColCampaign, ColCreated                                 string
	NoScene, NoneTitle, NoneText, NoneArchivedTitle, NoneArchivedText            string
	NoMatchTitle, NoMatchText, ClearFilters                                      string
	AccountNone, AccountNoneText, AccountTitle                                   string
	ReasonRole                                                                   string
	ArchivedTitle, ArchivedText, GoneTitle, GoneText                             string
	Address, AddressCopy, AddressNote                                            string
	Readable, Unreadable, UnreadableText, DownloadPNG, DownloadSVG               string
	CodeOf                                                                       func(name string) string
	CodeFacts                                                                    func(modules int, side string) string
	CodeHelp                                                                     string
	PNGSize                                                                      string
	PNGOption                                                                    func(pixels int, side string) string
	Param, ParamHelp, ParamNoScene, ParamOld, ParamMake                          string
	ParamTooLong                                                                 func(used, limit int) string
	ParamEvent                                                                   string
	Places                                                                       string
	Place                                                                        LinkPlaces
	FactsTitle, Account, Scene, Campaign, Note, Created, Changed, PageAddress    string
	By                                                                           func(who string) string
	Recent, RecentAll, RecentNone                                                string
	NewText, EditText, Create, Save, AccountHelp, AccountReadOnly, AccountChoose string
	SceneHelp, ScenePattern, SceneReason, AccountReason                          string
	Name, NameHelp, CampaignHelp, NoteHelp                                       string
	PosterScan                                                                   func(account string) string
	PosterCaption, PosterSize, PosterA4, PosterA6, PosterApply, PosterBack       string
	Errors                                                                       map[string]func(limit int) string
	Fields                                                                       map[string]string
}

// LinkPlaces are the words about the places where customers meet a link, and the
// words that stand in the code for them.
type LinkPlaces struct {
	Web, Mini, Menu, App, Plain                                            string
	WebLink, WebButton, MiniCall, MiniButton, MenuBody, AppBody, PlainText string
	WebNote, MiniNote, MenuNote, AppNote, PlainNote                        string
	// Contact is what customers press.
	Contact string
}

var linkZH = Link{
	Title: "链接与二维码", New: "创建链接", Edit: "修改", Open: "打开", Print: "打印", Archive: "归档", Restore: "恢复", Caption: "链接列表", ArchivedTag: "已归档",
	Facts: func(active, archived int) string {
		if archived == 0 {
			return fmt.Sprintf("%s 条有效链接", group(active))
		}
		return fmt.Sprintf("%s 条有效链接，%s 条已归档", group(active), group(archived))
	},
	SearchLabel: "按名称、场景值、活动或备注搜索链接", SearchHint: "名称、场景值、活动或备注",
	FilterArchived: "已归档", FilterAccount: "账号", FilterCampaign: "活动",
	ColName: "链接", ColAccount: "账号", ColCampaign: "活动", ColCreated: "创建",
	NoScene: "无场景值", NoneTitle: "还没有链接", NoneText: "创建一条链接，就能得到可以打印的二维码、可以嵌入网页和小程序的地址。",
	NoneArchivedTitle: "没有已归档的链接", NoneArchivedText: "归档的链接不再出现在列表中，地址仍然可用。",
	NoMatchTitle: "没有符合条件的链接", NoMatchText: "换一个关键词，或清除筛选条件。", ClearFilters: "清除条件",
	AccountNone: "这个账号还没有链接", AccountNoneText: "创建一条链接，就能得到二维码和可以区分来源的场景值。", AccountTitle: "这个账号的链接",
	ReasonRole:    "你的角色只能查看",
	ArchivedTitle: "这条链接已归档", ArchivedText: "它不再出现在列表中。企业微信无法删除链接，所以地址和二维码仍然可用。",
	GoneTitle: "客服账号已删除", GoneText: "客户无法再从这条链接进入。请换下已经张贴的二维码。",
	Address: "链接地址", AddressCopy: "复制链接", AddressNote: "请原样使用。改动地址或把参数移到别的链接上，企业微信会校验失败，客户进入时就没有来源。",
	Readable: "已自检：可识别", Unreadable: "自检未通过", UnreadableText: "请不要张贴这个二维码，先缩短 scene_param 再试。",
	DownloadPNG: "下载 PNG", DownloadSVG: "下载 SVG",
	CodeOf: func(name string) string { return "“" + name + "”的二维码" },
	CodeFacts: func(modules int, side string) string {
		return fmt.Sprintf("纠错等级 M · %d × %d 格 · 打印边长不小于 %s 厘米", modules, modules, side)
	},
	CodeHelp: "扫描距离约为边长的 10 倍。四周的白边属于二维码，请勿裁掉。",
	PNGSize:  "PNG 尺寸",
	PNGOption: func(pixels int, side string) string {
		return fmt.Sprintf("%d 像素 · 印刷 %s 厘米", pixels, side)
	},
	Param: "scene_param 参数", ParamHelp: "附在地址后面的自定义内容，例如门店或订单，用来区分同一场景下的来源。按编码后的字节数计。",
	ParamNoScene: "这条链接没有场景值，企业微信不接受 scene_param。需要时请创建一条带场景值的链接。",
	ParamOld:     "这是旧格式的地址（含 encScene），不支持 scene_param。请为同一账号和场景值重新创建链接。",
	ParamMake:    "生成",
	ParamTooLong: func(used, limit int) string {
		return fmt.Sprintf("编码后 %d 字节，最多 %d 字节。一个汉字编码后占 9 字节。地址和二维码仍不带参数。", used, limit)
	},
	ParamEvent: "客户进入会话时，事件中原样带回（仍为编码形式）：",
	Places:     "用在哪里",
	Place: LinkPlaces{
		Web: "网页", Mini: "小程序", Menu: "公众号菜单", App: "App", Plain: "短信与聊天",
		WebLink: "链接", WebButton: "按钮，不需要脚本", MiniCall: "页面脚本（.js）", MiniButton: "页面结构（.wxml）", MenuBody: "创建菜单的请求内容", AppBody: "Android", PlainText: "纯文本",
		WebNote:   "在微信内打开会直接进入会话，在其他浏览器中会先引导到微信。",
		MiniNote:  "基础库 2.19.0 起支持。小程序需要先在企业微信后台“微信客服”中绑定到本企业。",
		MenuNote:  "提交到公众号接口 menu/create，或在公众号后台的自定义菜单中选择“跳转网页”并粘贴地址。",
		AppNote:   "使用微信开放平台 SDK。移动应用需要先在企业微信后台“微信客服”中关联到本企业。",
		PlainNote: "直接粘贴即可，不要经过会改写地址的短链服务。",
		Contact:   "联系客服",
	},
	FactsTitle: "基本信息", Account: "账号", Scene: "场景值", Campaign: "活动", Note: "备注", Created: "创建", Changed: "最近修改", PageAddress: "本页地址",
	By:     func(who string) string { return "由 " + who + " 创建" },
	Recent: "变更记录", RecentAll: "全部", RecentNone: "还没有变更记录",
	NewText: "企业微信会返回一个地址，它不能修改也不能删除。", EditText: "名称、活动和备注只保存在管理台，不影响地址。",
	Create: "创建链接", Save: "保存修改", AccountHelp: "由 API 管理的账号和只读账号都可以生成链接", AccountReadOnly: "只读", AccountChoose: "请选择账号",
	SceneHelp: "区分来源，客户进入会话时原样带回。留空则不能附加 scene_param。", ScenePattern: "只能使用 0-9、a-z、A-Z、_ 和 -，最多 32 字节",
	SceneReason: "场景值是地址的一部分，不能修改", AccountReason: "账号是地址的一部分，不能修改",
	Name: "名称", NameHelp: "只在管理台中显示，也是打印页默认的标题", CampaignHelp: "用来把链接归为一组，可以选择已有的活动", NoteHelp: "张贴在哪里、由谁负责",
	PosterScan:    func(account string) string { return "打开微信扫一扫，联系“" + account + "”" },
	PosterCaption: "标题", PosterSize: "大小", PosterA4: "A4", PosterA6: "A6，印在 A4 上裁下", PosterApply: "应用", PosterBack: "返回链接",
	Errors: map[string]func(int) string{
		"required":  func(int) string { return "请填写" },
		"long":      func(n int) string { return fmt.Sprintf("最多 %d 个字符", n) },
		"control":   func(int) string { return "包含看不见的控制字符，请重新输入" },
		"chars":     func(int) string { return "只能使用 0-9、a-z、A-Z、_ 和 -" },
		"unchanged": func(int) string { return "没有任何改变，请先修改内容" },
		"gone":      func(int) string { return "这个账号已不在企业微信中，请选择另一个" },
		"choose":    func(int) string { return "请选择账号" },
	},
	Fields: map[string]string{"name": "名称", "campaign": "活动", "note": "备注"},
}

var linkEN = Link{
	Title: "Links and QR codes", New: "Create link", Edit: "Edit", Open: "Open", Print: "Print", Archive: "Archive", Restore: "Restore", Caption: "List of links", ArchivedTag: "Archived",
	Facts: func(active, archived int) string {
		if archived == 0 {
			return group(active) + " active " + noun(active, "link", "links")
		}
		return group(active) + " active " + noun(active, "link", "links") + ", " + group(archived) + " archived"
	},
	SearchLabel: "Search links by name, scene, campaign or note", SearchHint: "Name, scene, campaign or note",
	FilterArchived: "Archived", FilterAccount: "Account", FilterCampaign: "Campaign",
	ColName: "Link", ColAccount: "Account", ColCampaign: "Campaign", ColCreated: "Created",
	NoScene: "no scene", NoneTitle: "No links yet", NoneText: "Create a link to get a QR code to print and an address for web pages and mini programs.",
	NoneArchivedTitle: "No archived links", NoneArchivedText: "Archived links leave the list; their addresses go on working.",
	NoMatchTitle: "No link matches", NoMatchText: "Try another word, or clear the filters.", ClearFilters: "Clear filters",
	AccountNone: "This account has no links yet", AccountNoneText: "Create a link to get a QR code and a scene that tells where customers came from.", AccountTitle: "Links of this account",
	ReasonRole:    "Your role may only look",
	ArchivedTitle: "This link is archived", ArchivedText: "It has left the list. WeCom cannot delete links, so its address and QR code go on working.",
	GoneTitle: "The account was deleted", GoneText: "Customers can no longer come in through this link. Take down the QR codes that were put up.",
	Address: "Address", AddressCopy: "Copy address", AddressNote: "Use it exactly as it is. When the address is edited, or its parameters are moved to another link, WeCom’s check fails and customers arrive without a source.",
	Readable: "Self-checked: readable", Unreadable: "Self-check failed", UnreadableText: "Do not put this code up; shorten the scene_param and try again.",
	DownloadPNG: "Save PNG", DownloadSVG: "Save SVG",
	CodeOf: func(name string) string { return "QR code of “" + name + "”" },
	CodeFacts: func(modules int, side string) string {
		return fmt.Sprintf("Error correction M · %d × %d modules · print it at least %s cm wide", modules, modules, side)
	},
	CodeHelp: "It scans from about 10 times its width. The white border belongs to the code; do not cut it off.",
	PNGSize:  "PNG size",
	PNGOption: func(pixels int, side string) string {
		return fmt.Sprintf("%d px · prints at %s cm", pixels, side)
	},
	Param: "scene_param", ParamHelp: "Text of your own behind the address, such as a shop or an order, to tell sources of one scene apart. Counted in bytes after encoding.",
	ParamNoScene: "This link has no scene, so WeCom takes no scene_param. Create a link with a scene if you need one.",
	ParamOld:     "This address has the old form (with encScene), which takes no scene_param. Create the link again for the same account and scene.",
	ParamMake:    "Apply",
	ParamTooLong: func(used, limit int) string {
		return fmt.Sprintf("%d bytes after encoding, at most %d. A Chinese character takes 9. The address and the code are still without it.", used, limit)
	},
	ParamEvent: "When a customer comes in, the event brings it back as it is (still encoded):",
	Places:     "Where to use it",
	Place: LinkPlaces{
		Web: "Web page", Mini: "Mini program", Menu: "Official account", App: "App", Plain: "Text or mail",
		WebLink: "Link", WebButton: "Button, without a script", MiniCall: "Page script (.js)", MiniButton: "Page markup (.wxml)", MenuBody: "Body of the request that makes the menu", AppBody: "Android", PlainText: "Plain text",
		WebNote:   "Inside WeChat it opens the conversation at once; other browsers lead to WeChat first.",
		MiniNote:  "Needs base library 2.19.0 or later. Bind the mini program to the corp first, in WeCom’s admin page for WeChat customer service.",
		MenuNote:  "Send it to the official account’s menu/create, or choose “open a web page” in its admin page and paste the address.",
		AppNote:   "Uses the WeChat Open SDK. Connect the mobile app to the corp first, in WeCom’s admin page for WeChat customer service.",
		PlainNote: "Paste it as it is; keep it away from short-link services that rewrite addresses.",
		Contact:   "Chat with us",
	},
	FactsTitle: "About this link", Account: "Account", Scene: "Scene", Campaign: "Campaign", Note: "Note", Created: "Created", Changed: "Last changed", PageAddress: "This page",
	By:     func(who string) string { return " by " + who },
	Recent: "Changes", RecentAll: "All", RecentNone: "No changes recorded yet",
	NewText: "WeCom gives back an address, which can neither be changed nor deleted.", EditText: "Name, campaign and note are kept in the console; the address stays the same.",
	Create: "Create link", Save: "Save changes", AccountHelp: "Works for accounts managed by API and for read-only ones", AccountReadOnly: "read-only", AccountChoose: "Choose an account",
	SceneHelp: "Tells sources apart; it comes back when a customer comes in. Without one the link takes no scene_param.", ScenePattern: "Only 0-9, a-z, A-Z, _ and -, at most 32 bytes",
	SceneReason: "The scene is part of the address and cannot be changed", AccountReason: "The account is part of the address and cannot be changed",
	Name: "Name", NameHelp: "Shown in the console, and as the caption when printed unless you choose another", CampaignHelp: "Groups links; an existing campaign can be chosen", NoteHelp: "Where it hangs, who looks after it",
	PosterScan:    func(account string) string { return "Scan with WeChat to chat with “" + account + "”" },
	PosterCaption: "Caption", PosterSize: "Size", PosterA4: "A4", PosterA6: "A6, cut out of A4", PosterApply: "Apply", PosterBack: "Back to the link",
	Errors: map[string]func(int) string{
		"required":  func(int) string { return "Required" },
		"long":      func(n int) string { return fmt.Sprintf("At most %d characters", n) },
		"control":   func(int) string { return "Contains invisible control characters; type it again" },
		"chars":     func(int) string { return "Only 0-9, a-z, A-Z, _ and -" },
		"unchanged": func(int) string { return "Nothing changed; edit something first" },
		"gone":      func(int) string { return "This account is no longer in WeCom; choose another" },
		"choose":    func(int) string { return "Choose an account" },
	},
	Fields: map[string]string{"name": "Name", "campaign": "Campaign", "note": "Note"},
}

// noun picks the form of a noun that fits a number written elsewhere.
func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
