package i18n

import "fmt"

// ConversationCompose are the words of writing to a customer.
type ConversationCompose struct {
	ComposeLabel, KindLabel, Send, SendsIt, SendTried, SendRole string
	TextLabel, TextHint                                         string
	MeterLeft, MeterHours, WindowOver                           string
	OfMessages                                                  func(n, of int) string
	Remaining                                                   func(hours, minutes int) string
	SplitInto, SplitOver                                        func(parts, left int) string
	SplitCheck                                                  func(parts int) string
	Bytes                                                       func(n int) string
	// Locked says why nothing may be written, Ways what to do instead.
	Locked, Ways                                        map[string]string
	FileLabels, FileHelp, FieldLabels                   map[string]string
	MenuItems, MenuMore, MenuContentHint, MenuExtraHint string
	MenuPathHint                                        string
	MenuTypes                                           map[string]string
	MenuType, MenuContent, MenuExtra, MenuPath          func(n int) string
	// Wrong is what is wrong with a field, by rule.
	Wrong map[string]func(limit int) string
}

// size says a number of bytes in the unit that fits.
func size(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 16<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return group(n) + " B"
}

var conversationComposeZH = ConversationCompose{
	ComposeLabel: "写消息", KindLabel: "消息类型", Send: "发送", SendsIt: "发送", SendTried: "发送消息", SendRole: "你的角色不能发送消息。",
	TextLabel: "文本", TextHint: "以智能助手的身份回复客户",
	MeterLeft: "还能发送", MeterHours: "时间窗", WindowOver: "已过 48 小时",
	OfMessages: func(n, of int) string { return fmt.Sprintf("%d / %d 条", n, of) },
	Remaining:  func(h, m int) string { return fmt.Sprintf("剩 %d 小时 %d 分", h, m) },
	SplitInto: func(parts, left int) string {
		return fmt.Sprintf("超过一条的长度，将分成 %d 条发送，发后还剩 %d 条", parts, left-parts)
	},
	SplitOver: func(parts, left int) string {
		return fmt.Sprintf("需要分成 %d 条，但只能再发 %d 条，请缩短", parts, left)
	},
	SplitCheck: func(parts int) string {
		return fmt.Sprintf("这段文字会分成 %d 条发送，请确认后再点发送", parts)
	},
	Bytes: func(n int) string { return group(n) + " 字节" },
	Locked: map[string]string{
		"never_wrote": "客户还没有写过消息，现在不能发送。", "expired": "客户最后一条消息已超过 48 小时，现在不能发送。", "ended": "会话已结束，现在不能发送。",
		"queue": "会话在待接入池中，现在不能发送。", "person": "会话由人工接待，这里不能发送。", "quota": "已连发 5 条，现在不能再发。",
	},
	Ways: map[string]string{
		"wait": "等客户再次来信，会话会自动回到未处理。", "assign": "可以分配给接待人员，由其在企业微信中回复。", "person": "由接待人员在企业微信中回复；也可以转给另一位，或结束会话。",
	},
	FileLabels: map[string]string{"image": "图片", "file": "文件", "voice": "语音", "video": "视频"},
	FileHelp: map[string]string{
		"image": "JPG 或 PNG，不超过 10 MB", "file": "任意类型，不超过 20 MB，文件名会显示给客户", "voice": "AMR，不超过 2 MB、60 秒", "video": "MP4，不超过 10 MB", "cover": "JPG 或 PNG，不超过 10 MB",
	},
	FieldLabels: map[string]string{
		"link_title": "标题", "link_url": "网址", "link_desc": "摘要", "link_cover": "封面图", "mini_title": "标题", "mini_appid": "appid", "mini_path": "页面路径", "mini_cover": "封面图",
		"menu_head": "开头的话", "menu_tail": "结尾的话", "latitude": "纬度", "longitude": "经度", "place": "名称", "address": "地址",
	},
	MenuItems: "菜单项", MenuMore: "再加一项", MenuContentHint: "显示的文字", MenuExtraHint: "编号、网址或 appid", MenuPathHint: "页面路径",
	MenuTypes:   map[string]string{"click": "点选回复", "view": "打开网页", "miniprogram": "打开小程序", "text": "纯文字"},
	MenuType:    func(n int) string { return fmt.Sprintf("第 %d 项的类型", n) },
	MenuContent: func(n int) string { return fmt.Sprintf("第 %d 项显示的文字", n) },
	MenuExtra:   func(n int) string { return fmt.Sprintf("第 %d 项的编号、网址或 appid", n) },
	MenuPath:    func(n int) string { return fmt.Sprintf("第 %d 项的小程序页面路径", n) },
	Wrong: map[string]func(int) string{
		"required": func(int) string { return "请填写" }, "max_bytes": func(n int) string { return "超过上限 " + size(n) }, "min_bytes": func(n int) string { return fmt.Sprintf("文件太小，至少 %d 字节", n) },
		"characters": func(int) string { return "含有企业微信不接受的字符" }, "file_format": func(int) string { return "文件格式不符，不能作为这种消息发送" }, "max_seconds": func(n int) string { return fmt.Sprintf("超过 %d 秒", n) },
		"address": func(int) string { return "网址要以 http:// 或 https:// 开头" }, "number": func(int) string { return "请填写数字" }, "range": func(n int) string { return fmt.Sprintf("要在 -%d 到 %d 之间", n, n) },
		"max_items": func(n int) string { return fmt.Sprintf("最多 %d 项", n) }, "limit": func(n int) string { return fmt.Sprintf("只能再发 %d 条，请缩短", n) }, "kind": func(int) string { return "不能发送这种消息" },
		"bytes": func(n int) string { return "超过上限 " + size(n) },
	},
}

var conversationComposeEN = ConversationCompose{
	ComposeLabel: "Write a message", KindLabel: "Kind of message", Send: "Send", SendsIt: "sends", SendTried: "Send a message", SendRole: "Your role cannot send messages.",
	TextLabel: "Text", TextHint: "Reply to the customer as the assistant",
	MeterLeft: "Messages left", MeterHours: "Time left", WindowOver: "48 hours are over",
	OfMessages: func(n, of int) string { return fmt.Sprintf("%d of %d", n, of) },
	Remaining:  func(h, m int) string { return fmt.Sprintf("%d h %d min", h, m) },
	SplitInto: func(parts, left int) string {
		return fmt.Sprintf("Too long for one: goes out as %d messages, %d left afterwards", parts, left-parts)
	},
	SplitOver: func(parts, left int) string {
		return fmt.Sprintf("Needs %d messages but only %d are left; shorten it", parts, left)
	},
	SplitCheck: func(parts int) string {
		return fmt.Sprintf("This text goes out as %d messages; check it, then send again", parts)
	},
	Bytes: func(n int) string { return group(n) + " bytes" },
	Locked: map[string]string{
		"never_wrote": "The customer has not written yet; nothing can be sent.", "expired": "The customer’s last message is over 48 hours old; nothing can be sent.", "ended": "The conversation has ended; nothing can be sent.",
		"queue": "The conversation is in the queue; nothing can be sent now.", "person": "A servicer has this conversation; nothing can be sent from here.", "quota": "Five messages were sent in a row; no more can be sent now.",
	},
	Ways: map[string]string{
		"wait": "Wait until the customer writes again; the conversation then starts anew by itself.", "assign": "Assign it to a servicer, who replies in WeCom.", "person": "The servicer replies in WeCom. You can pass it to another one, or end it.",
	},
	FileLabels: map[string]string{"image": "Picture", "file": "File", "voice": "Voice", "video": "Video"},
	FileHelp: map[string]string{
		"image": "JPG or PNG, at most 10 MB", "file": "Any type, at most 20 MB; the customer sees its name", "voice": "AMR, at most 2 MB and 60 seconds", "video": "MP4, at most 10 MB", "cover": "JPG or PNG, at most 10 MB",
	},
	FieldLabels: map[string]string{
		"link_title": "Title", "link_url": "Address", "link_desc": "Summary", "link_cover": "Cover", "mini_title": "Title", "mini_appid": "appid", "mini_path": "Page path", "mini_cover": "Cover",
		"menu_head": "Opening words", "menu_tail": "Closing words", "latitude": "Latitude", "longitude": "Longitude", "place": "Name", "address": "Address",
	},
	MenuItems: "Menu items", MenuMore: "Add an item", MenuContentHint: "Words shown", MenuExtraHint: "Id, address or appid", MenuPathHint: "Page path",
	MenuTypes:   map[string]string{"click": "Tap to answer", "view": "Open a web page", "miniprogram": "Open a mini program", "text": "Plain words"},
	MenuType:    func(n int) string { return fmt.Sprintf("Type of item %d", n) },
	MenuContent: func(n int) string { return fmt.Sprintf("Words of item %d", n) },
	MenuExtra:   func(n int) string { return fmt.Sprintf("Id, address or appid of item %d", n) },
	MenuPath:    func(n int) string { return fmt.Sprintf("Page path of item %d", n) },
	Wrong: map[string]func(int) string{
		"required": func(int) string { return "Fill this in" }, "max_bytes": func(n int) string { return "Over the limit of " + size(n) }, "min_bytes": func(n int) string { return fmt.Sprintf("The file is too small; at least %d bytes", n) },
		"characters": func(int) string { return "Has characters that WeCom does not take" }, "file_format": func(int) string { return "Not a file that can be sent as such a message" }, "max_seconds": func(n int) string { return fmt.Sprintf("Longer than %d seconds", n) },
		"address": func(int) string { return "The address must begin with http:// or https://" }, "number": func(int) string { return "Type a number" }, "range": func(n int) string { return fmt.Sprintf("Must be between -%d and %d", n, n) },
		"max_items": func(n int) string { return fmt.Sprintf("At most %d items", n) }, "limit": func(n int) string { return fmt.Sprintf("Only %d more can be sent; shorten it", n) }, "kind": func(int) string { return "This kind cannot be sent" },
		"bytes": func(n int) string { return "Over the limit of " + size(n) },
	},
}
