package kfsim

import (
	"cmp"
	"net/http"
)

// chatWords are the words of the phone page and of the servicers' page in one language.
type chatWords struct {
	Lang, Other, OtherName string
	// lines of a chat
	Yesterday, RecalledBy, Ended, Serves, Entered, EnteredFrom, NotDelivered, RejectedOn, RejectedOff string
	Card, MiniProgram, Voice, Sending, Failed                                                         string
	// the phone
	Verified, WhoTitle, WhoLead, NewName, NewNameHint, Open, Back, Write, Send, More, Message    string
	Picture, SamplePicture, File, SampleFile, VoiceSample, Place, Link, Video                    string
	Recall, Menu, Switch, Refuse, RefuseHint, EnterAgain, DeskLink, SimLink, Empty               string
	Problem, Demo, Via, Parameter, NoScene, You, UnknownTitle, UnknownLead, Accounts, PhoneTitle string
	// the desk
	DeskTitle, DeskLead, Servicer, Choose, Serving, Stop, Suspend, Resume, Stopped, Suspended string
	Pool, PoolEmpty, Mine, MineEmpty, Past, PastEmpty, Pick, Waits, End, Reopen, Transfer, To string
	Reject, Accept, RatingMenu, Reply, NoChat, NoChatLead, NotYours, NoAccounts, Scene, Talks string
	MenuHead, MenuGood, MenuFair, MenuBad, MenuTail                                           string
	States                                                                                    [5]string
	Kinds                                                                                     map[string]string
}

// Kind names a msgtype that has no look of its own.
func (t chatWords) Kind(kind string) string {
	return "[" + cmp.Or(t.Kinds[kind], t.Kinds[""]+" "+kind) + "]"
}

// State names the state of a session.
func (t chatWords) State(state int) string {
	if state < 0 || state >= len(t.States) {
		return ""
	}
	return t.States[state]
}

// chatLanguage picks the language as the page of the world does.
func chatLanguage(r *http.Request) chatWords {
	if pageLanguage(r).Lang == "en" {
		return chatEnglish()
	}
	return chatChinese()
}

func chatEnglish() chatWords {
	return chatWords{
		Lang: "en", Other: "zh", OtherName: "中文",
		Yesterday: "Yesterday", RecalledBy: "%s recalled a message", Ended: "The conversation has ended", Serves: "%s is with you now",
		Entered: "%s opened the chat", EnteredFrom: "%s opened the chat, scene %s", NotDelivered: "A message was not delivered, fail_type %s",
		RejectedOn: "Messages of this customer are refused", RejectedOff: "Messages of this customer are let through again",
		Card: "Member card", MiniProgram: "Mini program", Voice: "Voice message", Sending: "sending", Failed: "not delivered, fail_type",
		Verified: "Customer service", WhoTitle: "Who are you?", WhoLead: "The simulator has no WeChat to ask. Pick a made-up customer, or be a new one.",
		NewName: "New nickname", NewNameHint: "1 to 20 characters", Open: "Open the chat", Back: "Back", Write: "Write a message", Send: "Send", More: "More to send", Message: "Message",
		Picture: "Picture", SamplePicture: "Sample picture", File: "File", SampleFile: "Sample file", VoiceSample: "Voice", Place: "Location", Link: "Link", Video: "Video",
		Recall: "Recall", Menu: "Chat settings", Switch: "Be somebody else", Refuse: "Refuse messages", RefuseHint: "What is sent then fails with fail_type 10.", EnterAgain: "Leave and enter again",
		DeskLink: "Servicers’ page", SimLink: "The simulator", Empty: "Say hello. Whoever answers for this account sees it at once.",
		Problem: "That did not work", Demo: "Simulated WeChat", Via: "Scene", Parameter: "scene_param", NoScene: "none", You: "You are",
		UnknownTitle: "No such link", UnknownLead: "No account of this corp has the address. It may have been deleted.", Accounts: "Accounts of this corp", PhoneTitle: "%s on the phone",
		DeskTitle: "Servicers’ page", DeskLead: "What a servicer does in the WeCom client.", Servicer: "Servicer", Choose: "Choose", Serving: "serving", Stop: "Stop", Suspend: "Pause", Resume: "Resume",
		Stopped: "stopped", Suspended: "paused", Pool: "Pool", PoolEmpty: "Nobody waits.", Mine: "With me", MineEmpty: "No conversation.", Past: "Earlier", PastEmpty: "Nothing yet.", Pick: "Pick up", Waits: "waits",
		End: "End", Reopen: "Reopen", Transfer: "Transfer", To: "Transfer to", Reject: "Refuse customer", Accept: "Let customer write", RatingMenu: "Rating menu", Reply: "Write a reply",
		NoChat: "No conversation chosen", NoChatLead: "Pick up somebody from the pool, or open one of your conversations.", NotYours: "This conversation is not with you.", NoAccounts: "This person serves no account.",
		Scene: "scene", Talks: "Talks",
		MenuHead: "How did we do?", MenuGood: "Good", MenuFair: "Fair", MenuBad: "Not good", MenuTail: "Thank you",
		States: [5]string{"new", "assistant", "in the pool", "with a servicer", "ended"},
		Kinds:  map[string]string{"": "Message", "note": "Note", "meeting": "Meeting", "schedule": "Schedule", "image": "Picture", "voice": "Voice", "video": "Video", "file": "File"},
	}
}

func chatChinese() chatWords {
	return chatWords{
		Lang: "zh-CN", Other: "en", OtherName: "English",
		Yesterday: "昨天", RecalledBy: "%s 撤回了一条消息", Ended: "本次会话已结束", Serves: "%s 为您服务",
		Entered: "%s 进入会话", EnteredFrom: "%s 进入会话，场景 %s", NotDelivered: "一条消息未送达，fail_type %s",
		RejectedOn: "已拒收该客户的消息", RejectedOff: "已恢复接收该客户的消息",
		Card: "企业名片", MiniProgram: "小程序", Voice: "语音消息", Sending: "发送中", Failed: "未送达，fail_type",
		Verified: "微信客服", WhoTitle: "以谁的身份打开", WhoLead: "模拟器没有真实的微信。请选一位虚构的客户，或者新建一位。",
		NewName: "新的昵称", NewNameHint: "1 到 20 个字", Open: "进入会话", Back: "返回", Write: "发消息", Send: "发送", More: "更多", Message: "消息",
		Picture: "图片", SamplePicture: "示例图片", File: "文件", SampleFile: "示例文件", VoiceSample: "语音", Place: "位置", Link: "链接", Video: "视频",
		Recall: "撤回", Menu: "聊天设置", Switch: "换个身份", Refuse: "不再接收消息", RefuseHint: "打开后，发来的消息以 fail_type 10 失败。", EnterAgain: "退出并重新进入",
		DeskLink: "接待人员页面", SimLink: "模拟器", Empty: "打个招呼吧，接待这个账号的人会立刻看到。",
		Problem: "没有成功", Demo: "模拟微信", Via: "场景值", Parameter: "scene_param", NoScene: "无", You: "您是",
		UnknownTitle: "没有这个链接", UnknownLead: "没有客服账号使用这个地址，账号可能已被删除。", Accounts: "客服账号", PhoneTitle: "%s · 手机端",
		DeskTitle: "接待人员页面", DeskLead: "相当于接待人员手里的企业微信。", Servicer: "接待人员", Choose: "切换", Serving: "接待中", Stop: "停止接待", Suspend: "暂时挂起", Resume: "恢复接待",
		Stopped: "停止接待", Suspended: "暂时挂起", Pool: "待接入池", PoolEmpty: "没有人在排队。", Mine: "我的会话", MineEmpty: "暂无会话。", Past: "接待过", PastEmpty: "暂无。", Pick: "接入", Waits: "已等待",
		End: "结束会话", Reopen: "重新接入", Transfer: "转接", To: "转接给", Reject: "拒收消息", Accept: "恢复接收", RatingMenu: "评价菜单", Reply: "回复客户",
		NoChat: "还没有选择会话", NoChatLead: "从待接入池接入一位客户，或者打开自己的会话。", NotYours: "这个会话不由您接待。", NoAccounts: "此人没有接待任何账号。",
		Scene: "场景", Talks: "会话",
		MenuHead: "请评价本次服务", MenuGood: "满意", MenuFair: "一般", MenuBad: "不满意", MenuTail: "感谢您的反馈",
		States: [5]string{"未处理", "智能助手", "排队中", "人工接待", "已结束"},
		Kinds:  map[string]string{"": "消息", "note": "笔记", "meeting": "会议", "schedule": "日程", "image": "图片", "voice": "语音", "video": "视频", "file": "文件"},
	}
}
