package i18n

import "fmt"

// ConversationTalk are the words of the timeline and of what stands beside it.
type ConversationTalk struct {
	Timeline, Earlier, Latest, NoMessages, ToSide, ToTalk, SideLabel string
	SealedTitle, SealedText                                          string
	SealedKind                                                       func(kind string) string
	FindLabel, FindHint, BackToTimeline, InPlace                     string
	Found                                                            func(n int, more bool) string
	Today, Yesterday                                                 string
	TheCustomer                                                      string
	Says                                                             func(who string) string
	// Kinds name the kinds of message, Short the same for a preview.
	Kinds                                                              map[string]string
	PictureOf                                                          func(size string) string
	Size                                                               func(bytes int64) string
	Download, VoiceUnplayable                                          string
	MediaWhy                                                           map[string]string
	UnknownTitle, UnknownText, BrokenTitle, BrokenText, RawTitle       string
	MergedCount                                                        func(n int) string
	MenuChosen                                                         string
	RecalledBy                                                         map[string]string
	Coded                                                              map[string]string
	Deliveries                                                         map[string]string
	FailTypes                                                          map[int]string
	Settle, SettleText                                                 string
	Assistant                                                          func(name string) string
	Entered                                                            string
	EnteredScene                                                       func(scene string) string
	Picked, EndedBy, Reopened                                          func(who string) string
	TransferredFrom                                                    func(from, to string) string
	RefusalOn, RefusalOff                                              func(who string) string
	CustomerRecalled                                                   string
	ServicerRecalled                                                   func(who string) string
	NotDelivered                                                       func(why string) string
	UnknownEvent                                                       func(name string) string
	Moved                                                              func(who, state string) string
	MovedTo                                                            func(who, state, person string) string
	Expired                                                            string
	StateFound                                                         func(state string) string
	CustomerHead, OthersHead, OthersNone, AsOf, AsOfNever, AsOfInvalid string
	AsOfFailed, Masked                                                 string
	FactFirst, FactVisits, FactScene, FactParam, FactID                string
	FactRefused, FactRefusedYes                                        string
	NoScene                                                            string
	Place, Latitude, Price, Shop, Order, OrderState, AppID, AppPath    string
}

var conversationTalkZH = ConversationTalk{
	Timeline: "消息记录", Earlier: "更早的消息", Latest: "回到最新", NoMessages: "还没有消息", ToSide: "客户与状态", ToTalk: "返回消息", SideLabel: "客户与状态",
	SealedTitle: "看不到消息内容", SealedText: "查看消息内容是单独的权限，你的角色没有。时间、类型和状态仍然完整。",
	SealedKind: func(kind string) string { return kind + "（内容不可见）" },
	FindLabel:  "在这个会话中搜索", FindHint: "搜索消息", BackToTimeline: "返回全部消息", InPlace: "查看上下文",
	Found: func(n int, more bool) string {
		if more {
			return fmt.Sprintf("找到 %d 条以上，只显示最近的", n)
		}
		return fmt.Sprintf("找到 %d 条", n)
	},
	Today: "今天", Yesterday: "昨天", TheCustomer: "客户",
	Says: func(who string) string { return who + "：" },
	Kinds: map[string]string{
		"text": "文本", "image": "图片", "voice": "语音", "video": "视频", "file": "文件", "location": "位置", "link": "链接", "business_card": "名片", "miniprogram": "小程序",
		"msgmenu": "菜单", "channels_shop_product": "视频号商品", "channels_shop_order": "视频号订单", "channels": "视频号", "merged_msg": "聊天记录", "note": "笔记",
		"meeting": "会议", "schedule": "日程", "ca_link": "获客链接", "unknown": "未知类型", "broken": "无法解析的消息", "event": "事件", "recalled": "撤回了一条消息",
	},
	Size:      func(n int64) string { return size(int(n)) },
	PictureOf: func(size string) string { return "图片，" + size },
	Download:  "下载", VoiceUnplayable: "浏览器不能播放 AMR 语音，请下载后收听。",
	MediaWhy: map[string]string{
		"wanted": "正在取回", "gone": "企业微信已不再保留（只保留 3 天）", "large": "超过大小上限，没有保留", "type": "类型不符，没有保留", "failed": "取回失败，稍后会再试",
		"quota": "存储配额已满，没有保留", "none": "消息里没有文件",
	},
	UnknownTitle: "不认识的消息类型", UnknownText: "这个类型在管理台之后才出现，原始内容已完整保留。",
	BrokenTitle: "这条消息无法解析", BrokenText: "企业微信给出的内容不完整，已原样保留，其他消息不受影响。", RawTitle: "原始内容",
	MergedCount: func(n int) string { return fmt.Sprintf("%d 条聊天记录", n) },
	MenuChosen:  "点选菜单",
	RecalledBy:  map[string]string{"customer": "客户已撤回", "servicer": "已撤回"},
	Coded:       map[string]string{"welcome": "欢迎语", "queue": "排队提示", "pickup": "接入提示", "ending": "结束语"},
	Deliveries: map[string]string{
		"sending": "发送中", "accepted": "已提交企业微信", "refused": "被企业微信拒绝", "failed": "未送达", "unknown": "结果未知", "not_sent": "没有发出",
	},
	FailTypes: map[int]string{
		0: "原因未知", 1: "客服账号已删除", 2: "应用已关闭", 4: "会话已过期，超过 48 小时", 5: "会话已关闭", 6: "超过 5 条限制", 7: "未绑定视频号", 8: "主体未验证", 9: "未绑定视频号且主体未验证",
		10: "客户拒收消息", 11: "企业没有成员登录企业微信 App", 12: "客服组件禁止发送这个类型", 13: "安全限制",
	},
	Settle: "核实", SettleText: "企业微信没有给出回答，消息可能已经送达。核实会用同一个消息编号再问一次，不会重复发送。",
	Assistant: func(name string) string { return name + "（助手身份）" },
	Entered:   "客户进入会话", EnteredScene: func(scene string) string { return "客户进入会话 · 来自“" + scene + "”" },
	Picked:           func(who string) string { return who + " 从待接入池接起" },
	TransferredFrom:  func(from, to string) string { return from + " 转接给 " + to },
	EndedBy:          func(who string) string { return who + " 结束了会话" },
	Reopened:         func(who string) string { return who + " 重新接入会话" },
	RefusalOn:        func(who string) string { return who + " 屏蔽了这位客户" },
	RefusalOff:       func(who string) string { return who + " 解除了屏蔽" },
	CustomerRecalled: "客户撤回了一条消息", ServicerRecalled: func(who string) string { return who + " 撤回了一条消息" },
	NotDelivered: func(why string) string { return "一条消息未送达：" + why },
	UnknownEvent: func(name string) string { return "不认识的事件 " + name },
	Moved:        func(who, state string) string { return who + " 转到" + state },
	MovedTo:      func(who, state, person string) string { return fmt.Sprintf("%s 转到%s：%s", who, state, person) },
	Expired:      "48 小时没有新消息，会话结束", StateFound: func(state string) string { return "核对企业微信，状态为" + state },
	CustomerHead: "客户", OthersHead: "其他会话", OthersNone: "这位客户没有其他会话", AsOf: "资料取自", AsOfNever: "资料尚未取得",
	AsOfInvalid: "企业微信已不提供这位客户的资料", AsOfFailed: "资料没有取到，稍后再试", Masked: "昵称已打码",
	FactFirst: "首次来访", FactVisits: "来访次数", FactScene: "场景", FactParam: "scene_param", FactID: "external_userid",
	FactRefused: "屏蔽", FactRefusedYes: "接待人员已屏蔽", NoScene: "没有带场景值",
	Place: "位置", Latitude: "坐标", Price: "价格", Shop: "店铺", Order: "订单号", OrderState: "状态", AppID: "appid", AppPath: "页面",
}

var conversationTalkEN = ConversationTalk{
	Timeline: "Timeline", Earlier: "Earlier messages", Latest: "Back to the newest", NoMessages: "No messages yet", ToSide: "Customer and state", ToTalk: "Back to the messages", SideLabel: "Customer and state",
	SealedTitle: "What was said is not shown", SealedText: "Reading messages is a permission of its own that your role does not have. Times, kinds and states are complete.",
	SealedKind: func(kind string) string { return kind + " (content not shown)" },
	FindLabel:  "Search this conversation", FindHint: "Search messages", BackToTimeline: "Back to all messages", InPlace: "See in context",
	Found: func(n int, more bool) string {
		if more {
			return fmt.Sprintf("More than %d found; the newest are shown", n)
		}
		return fmt.Sprintf("%d found", n)
	},
	Today: "Today", Yesterday: "Yesterday", TheCustomer: "Customer",
	Says: func(who string) string { return who + ":" },
	Kinds: map[string]string{
		"text": "Text", "image": "Picture", "voice": "Voice", "video": "Video", "file": "File", "location": "Location", "link": "Link", "business_card": "Business card", "miniprogram": "Mini program",
		"msgmenu": "Menu", "channels_shop_product": "Channels product", "channels_shop_order": "Channels order", "channels": "Channels", "merged_msg": "Chat record", "note": "Note",
		"meeting": "Meeting", "schedule": "Schedule", "ca_link": "Acquisition link", "unknown": "Unknown kind", "broken": "Unreadable message", "event": "Event", "recalled": "Recalled a message",
	},
	Size:      func(n int64) string { return size(int(n)) },
	PictureOf: func(size string) string { return "Picture, " + size },
	Download:  "Download", VoiceUnplayable: "Browsers cannot play AMR voice; download it to listen.",
	MediaWhy: map[string]string{
		"wanted": "being fetched", "gone": "WeCom no longer has it (kept for 3 days)", "large": "over the size limit, not kept", "type": "of the wrong type, not kept", "failed": "could not be fetched, will be tried again",
		"quota": "storage quota used up, not kept", "none": "the message holds no file",
	},
	UnknownTitle: "Unknown kind of message", UnknownText: "This kind is newer than the console; all that came has been kept.",
	BrokenTitle: "This message cannot be read", BrokenText: "What WeCom gave is incomplete and was kept as it came; other messages are not affected.", RawTitle: "As it came",
	MergedCount: func(n int) string { return plural(n, "forwarded message", "forwarded messages") },
	MenuChosen:  "Chose from a menu",
	RecalledBy:  map[string]string{"customer": "Recalled by the customer", "servicer": "Recalled"},
	Coded:       map[string]string{"welcome": "Welcome", "queue": "Queue notice", "pickup": "Pick-up notice", "ending": "Ending text"},
	Deliveries: map[string]string{
		"sending": "Sending", "accepted": "Accepted by WeCom", "refused": "Refused by WeCom", "failed": "Not delivered", "unknown": "No known result", "not_sent": "Not sent",
	},
	FailTypes: map[int]string{
		0: "for a reason unknown", 1: "the account was deleted", 2: "the app was closed", 4: "more than 48 hours have passed", 5: "the session was closed", 6: "over the limit of 5 messages", 7: "no Channels account is bound",
		8: "the corp is not verified", 9: "no Channels account bound and the corp not verified", 10: "the customer refuses messages", 11: "no member of the corp has signed in to the WeCom app", 12: "the component forbids this kind of message", 13: "security restriction",
	},
	Settle: "Settle", SettleText: "WeCom gave no answer; the message may have arrived. Settling asks again with the same message id and never sends twice.",
	Assistant: func(name string) string { return name + " (as assistant)" },
	Entered:   "Customer entered", EnteredScene: func(scene string) string { return "Customer entered · from “" + scene + "”" },
	Picked:           func(who string) string { return who + " picked it from the queue" },
	TransferredFrom:  func(from, to string) string { return from + " passed it to " + to },
	EndedBy:          func(who string) string { return who + " ended it" },
	Reopened:         func(who string) string { return who + " took it up again" },
	RefusalOn:        func(who string) string { return who + " blocked this customer" },
	RefusalOff:       func(who string) string { return who + " unblocked this customer" },
	CustomerRecalled: "the customer recalled a message", ServicerRecalled: func(who string) string { return who + " recalled a message" },
	NotDelivered: func(why string) string { return "a message was not delivered: " + why },
	UnknownEvent: func(name string) string { return "unknown event " + name },
	Moved:        func(who, state string) string { return who + " moved it: " + state },
	MovedTo:      func(who, state, person string) string { return fmt.Sprintf("%s moved it: %s, %s", who, state, person) },
	Expired:      "48 hours without a message; the conversation ended", StateFound: func(state string) string { return "checked with WeCom, the state is: " + state },
	CustomerHead: "Customer", OthersHead: "Other conversations", OthersNone: "No other conversations of this customer", AsOf: "Profile as of", AsOfNever: "No profile yet",
	AsOfInvalid: "WeCom no longer gives this customer’s profile", AsOfFailed: "The profile could not be fetched; it will be tried again", Masked: "Name masked",
	FactFirst: "First seen", FactVisits: "Visits", FactScene: "Scene", FactParam: "scene_param", FactID: "external_userid",
	FactRefused: "Blocked", FactRefusedYes: "by a servicer", NoScene: "without a scene",
	Place: "Place", Latitude: "Coordinates", Price: "Price", Shop: "Shop", Order: "Order", OrderState: "State", AppID: "appid", AppPath: "Page",
}
