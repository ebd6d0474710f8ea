package i18n

import "fmt"

// Health are the words of the health page.
type Health struct {
	Title, Lead string
	// Sync are the words of the safety clock of each account.
	Sync HealthSync
	// Callback are the words of what WeCom sends us.
	Callback HealthCallback
	// Strange are the words of what was received and not understood.
	Strange HealthStrange

	Streams, StreamsNote, StreamsNone string
	Browsers                          func(n int) string
	Media, MediaUsed, MediaFull       string
	MediaStates                       map[string]string
	MediaNone                         string
	Bytes                             func(used, of string) string
	Ends                              map[string]string
	StreamEnds                        string
}

// HealthSync are the words of the safety clock.
type HealthSync struct {
	Title, Note, Caption, Col, LastGood, Waiting, Stored, Trouble, None, NoneText string
	// Levels names the levels, Advice says what to do about the worst of them.
	Levels  map[string]string
	Advice  map[string]string
	Late    func(n int) string
	AllGood string
	Worst   func(n int) string
	NoWait  string
	Failed  func(n int) string
	Span    func(seconds int) string
}

// HealthCallback are the words of the callback.
type HealthCallback struct {
	Title, Address, State, On, Off, OffText, Last, LastNever, NeverText, Results, Clock, ClockText, Refused, RefusedText string
	// Kinds names what became of a callback.
	Kinds map[string]string
}

// HealthStrange are the words of what was not understood.
type HealthStrange struct {
	Title, Note, Caption, Kind, Count, First, Last, None, Broken, BrokenText, Malformed string
	BrokenCount                                                                         func(n int) string
}

var healthZH = Health{
	Title: "健康状况", Lead: "消息有没有漏、回调通不通、还剩多少余地。",
	Sync: HealthSync{
		Title: "消息安全时钟", Note: "企业微信只保留 3 天的消息，超过 3 天没有同步就会丢失", Caption: "每个账号的同步情况",
		Col: "客服账号", LastGood: "上次成功同步", Waiting: "回调等待", Stored: "已保存", Trouble: "最近的问题", None: "还没有由 API 管理的账号", NoneText: "把账号分配给应用后，这里会显示每个账号的同步情况。",
		Levels: map[string]string{"ok": "正常", "amber": "超过 24 小时", "red": "超过 60 小时", "lost": "超过 3 天", "never": "尚未同步"},
		Advice: map[string]string{
			"amber": "有账号一天以上没有成功同步。消息还在，请查看下面的原因并处理。",
			"red":   "有账号再过不到 12 小时就会开始丢失消息。请立即处理下面的原因。",
			"lost":  "有账号超过 3 天没有成功同步，最早的消息已经取不回来了。请立即处理下面的原因，避免丢失更多。",
		},
		Late:    func(n int) string { return fmt.Sprintf("%d 个账号同步太久没有成功", n) },
		AllGood: "每个账号都同步正常", NoWait: "无",
		Worst:  func(n int) string { return fmt.Sprintf("只列出情况最差的 %d 个", n) },
		Failed: func(n int) string { return fmt.Sprintf("连续失败 %d 次", n) },
		Span: func(n int) string {
			if n < 120 {
				return fmt.Sprintf("%d 秒", n)
			}
			return fmt.Sprintf("%d 分钟", n/60)
		},
	},
	Callback: HealthCallback{
		Title: "回调", Address: "接收地址", State: "状态", On: "已配置", Off: "未配置",
		OffText: "没有设置回调的 Token 和 EncodingAESKey，消息只能靠定时拉取，会晚几分钟，欢迎语也发不出去。设置方法见运维文档“接收回调”。",
		Last:    "上次收到", LastNever: "从未收到", NeverText: "已经配置，但还没有收到过回调。请检查企业微信后台“接收消息”里的地址，并确认勾选了微信客服的事件。",
		Results: "启动以来", Clock: "有回调因时间相差太远被拒绝", ClockText: "可能是有人重放旧的回调，也可能是本机时间不准。请检查服务器的时钟。",
		Refused: "有回调没有通过验证", RefusedText: "签名、密钥或接收方不符。如果正常的回调也收不到，请核对 Token、EncodingAESKey 和企业 ID。",
		Kinds: map[string]string{"heeded": "已处理", "repeated": "重复，已忽略", "checked": "地址验证", "unknown": "不认识的事件", "malformed": "读不懂的内容", "rejected": "验证不通过", "stale": "时间相差太远", "too_large": "内容过大", "failed": "没能保存，已请企业微信重发", "unset": "未配置时收到"},
	},
	Strange: HealthStrange{
		Title: "看不懂的内容", Note: "企业微信新增的事件会先出现在这里，不影响其他消息", Caption: "不认识的事件", Kind: "事件", Count: "次数", First: "第一次", Last: "最近一次", None: "没有收到看不懂的内容",
		Broken: "读不出的消息", BrokenText: "内容已原样保存，其余消息不受影响。", Malformed: "读不懂的回调",
		BrokenCount: func(n int) string { return fmt.Sprintf("%d 条", n) },
	},
	Streams: "实时更新", StreamsNote: "打开的浏览器收到变化通知的通道", StreamsNone: "现在没有浏览器打开",
	Browsers: func(n int) string { return fmt.Sprintf("%d 个浏览器", n) },
	Media:    "图片与文件", MediaUsed: "已用空间", MediaFull: "空间已满，新的图片和文件不再保存。请加大 KFCONSOLE_MEDIA_QUOTA，或清理磁盘后调整。",
	MediaStates: map[string]string{"wanted": "等待下载", "kept": "已保存", "gone": "企业微信已删除", "large": "超过单个上限", "type": "类型不符", "failed": "下载失败", "quota": "空间不足，等待"},
	MediaNone:   "还没有图片或文件", Bytes: func(used, of string) string { return used + "，上限 " + of },
	Ends:       map[string]string{"gone": "离开", "stalled": "停止接收", "slow": "跟不上", "revoked": "登录失效", "old": "定时重连", "stop": "管理台停止", "panic": "内部错误"},
	StreamEnds: "启动以来结束的",
}

var healthEN = Health{
	Title: "Health", Lead: "Whether messages are missed, callbacks arrive, and room is left.",
	Sync: HealthSync{
		Title: "Safety clock", Note: "WeCom keeps messages for 3 days; an account that is not synced for longer loses some", Caption: "The sync of each account",
		Col: "KF account", LastGood: "Last good sync", Waiting: "Callback waiting", Stored: "Stored", Trouble: "Last trouble", None: "No account is managed by the API yet", NoneText: "Once accounts are assigned to the app, the sync of each one is shown here.",
		Levels: map[string]string{"ok": "Good", "amber": "Over 24 hours", "red": "Over 60 hours", "lost": "Over 3 days", "never": "Not synced yet"},
		Advice: map[string]string{
			"amber": "An account has had no good sync for more than a day. Its messages are still there; look at the reason below.",
			"red":   "An account will begin to lose messages in less than 12 hours. Deal with the reason below now.",
			"lost":  "An account has had no good sync for more than 3 days, and its oldest messages can no longer be fetched. Deal with the reason below now, before more is lost.",
		},
		Late: func(n int) string {
			return plural(n, "account has", "accounts have") + " gone too long without a good sync"
		},
		AllGood: "Every account is in sync", NoWait: "none",
		Worst:  func(n int) string { return fmt.Sprintf("the worst %d only", n) },
		Failed: func(n int) string { return plural(n, "failure", "failures") + " in a row" },
		Span: func(n int) string {
			if n < 120 {
				return fmt.Sprintf("%d s", n)
			}
			return fmt.Sprintf("%d min", n/60)
		},
	},
	Callback: HealthCallback{
		Title: "Callback", Address: "Address", State: "State", On: "Set up", Off: "Not set up",
		OffText: "No token and EncodingAESKey are set. Messages are only fetched by a timer, some minutes late, and no welcome can be sent. See “Receive callbacks” in the operating manual.",
		Last:    "Last received", LastNever: "never", NeverText: "It is set up, but no callback has come yet. Check the address of the message receiver in WeCom's admin console, and that events of customer service are ticked.",
		Results: "Since the start", Clock: "Callbacks were refused because their time is too far from ours", ClockText: "Somebody may be sending old ones again, or the clock of this machine is wrong. Check the clock of the server.",
		Refused: "Callbacks did not pass the check", RefusedText: "Signature, key or receiver do not match. If no genuine callback arrives either, compare token, EncodingAESKey and corp id.",
		Kinds: map[string]string{"heeded": "Heeded", "repeated": "Repeated, ignored", "checked": "Check of the address", "unknown": "Unknown event", "malformed": "Unreadable content", "rejected": "Did not pass the check", "stale": "Time too far from ours", "too_large": "Too large", "failed": "Not stored, WeCom sends it again", "unset": "Came while not set up"},
	},
	Strange: HealthStrange{
		Title: "Not understood", Note: "An event that WeCom adds shows here first; other messages are not affected", Caption: "Unknown events", Kind: "Event", Count: "Times", First: "First", Last: "Last", None: "Everything that came was understood",
		Broken: "Unreadable messages", BrokenText: "They are kept as they came; other messages are not affected.", Malformed: "Unreadable callback",
		BrokenCount: func(n int) string { return plural(n, "message", "messages") },
	},
	Streams: "Live updates", StreamsNote: "how open browsers are told of changes", StreamsNone: "no browser is open now",
	Browsers: func(n int) string { return plural(n, "browser", "browsers") },
	Media:    "Pictures and files", MediaUsed: "Space used", MediaFull: "The space is used up, and new pictures and files are not kept. Raise KFCONSOLE_MEDIA_QUOTA, after making room on the disk.",
	MediaStates: map[string]string{"wanted": "To be fetched", "kept": "Kept", "gone": "Deleted by WeCom", "large": "Over the limit of a file", "type": "Not of its type", "failed": "Not fetched", "quota": "Waiting for room"},
	MediaNone:   "No picture or file yet", Bytes: func(used, of string) string { return used + " of " + of },
	Ends:       map[string]string{"gone": "left", "stalled": "stopped reading", "slow": "fell behind", "revoked": "signed out", "old": "renewed", "stop": "console stopped", "panic": "internal error"},
	StreamEnds: "Ended since the start",
}
