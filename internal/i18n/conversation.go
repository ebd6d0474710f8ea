package i18n

import (
	"fmt"
	"strings"
	"time"
)

// Conversation are the words of the board and of the page of one conversation.
type Conversation struct {
	Title, Caption string
	// States are the service states by WeCom's number.
	States map[int]string
	// Span says how long something lasts. SpanWords says the same for the script:
	// seconds, minutes, hours, days, with 0 and 1 in the places of the numbers.
	Span      func(d time.Duration) string
	SpanWords string

	Calm, Nobody                                 string
	WaitingFact                                  func(n int, oldest string) string
	OpenFact                                     func(n int) string
	SearchLabel, SearchHint                      string
	ViewLabel, ViewList, ViewColumns, StateLabel string
	FilterAccount, FilterServicer, FilterWait    string
	WaitOver                                     func(minutes int) string
	SealedBoard                                  string
	NewRows                                      func(n int, atLeast bool) string
	ClockTitle, ClockNever, ClockLost, ClockText string
	ClockSince                                   func(span string) string
	ColWho, ColLast, ColState, ColWaiting, ColAt string
	Waiting                                      string
	WaitingSince                                 func(exact string) string
	ColumnEmpty, SeeBoard                        string
	SeeAll                                       func(n int) string
	NoneTitle, NoneText, NoneNext                string
	NoMatchTitle, NoMatchText, ClearFilters      string
	NoMatchOpen, SearchEnded, Open               string
	QuietTitle, QuietText, QuietNext             string
	FromUs                                       string
	FromName                                     func(name string) string
	Nameless                                     func(tail string) string
	NavWaiting                                   func(n int) string
	SearchMessages                               string
	ConversationMove
	ConversationTalk
	ConversationCompose
}

// ConversationMove are the words of moving conversations between their states.
type ConversationMove struct {
	MoveSelected, MoveWhere, MoveSkips                         string
	Selected, MoveDo, MoveTitle                                func(n int) string
	LegalFor                                                   func(n, of int) string
	MoveTo                                                     func(state string) string
	Assign, AssignTitle, AssignDo                              string
	AssignNow                                                  func(name string) string
	End, EndTitle, EndText                                     string
	OnDuty, NobodyOnDuty, NobodyText, OtherUser, OtherUserHelp string
	NobodyShared, NobodySharedText                             string
	Load, MorePeople, DepartmentsServe                         func(n int) string
	Here, StateHead                                            string
	StateSince                                                 func(span string) string
	// Reasons say why a state cannot be moved to.
	Reasons             map[string]string
	ReasonRole          string
	MoveTried, EndTried string
	// Errors are what is wrong with a move, by rule.
	Errors                               map[string]func(limit int) string
	ChangedTitle                         string
	ChangedText                          func(state, who, ago string) string
	RunTitle                             func(n int, state string) string
	NothingSelected, NothingSelectedText string
	OpenTitle, OpenText                  string
}

// spanOf says a span in two units at most; each form has its greater unit in place of 0
// and its smaller one in place of 1.
func spanOf(words string, d time.Duration) string {
	w := strings.Split(words, "|")
	two := func(form string, a, b int) string {
		out := strings.NewReplacer("0", fmt.Sprint(a), "1", fmt.Sprint(b))
		return out.Replace(form)
	}
	s := int(max(0, d) / time.Second)
	switch {
	case s < 60:
		return two(w[0], s, 0)
	case s < 3600:
		return two(w[1], s/60, 0)
	case s < 86400:
		return two(w[2], s/3600, s%3600/60)
	}
	return two(w[3], s/86400, s%86400/3600)
}

const (
	spansZH = "0 秒|0 分|0 小时 1 分|0 天 1 小时"
	spansEN = "0 s|0 min|0 h 1 min|0 d 1 h"
)

var conversationZH = Conversation{
	Title: "会话", Caption: "会话列表",
	States: map[int]string{0: "未处理", 1: "智能助手", 2: "待接入池", 3: "人工接待", 4: "已结束"},
	Span:   func(d time.Duration) string { return spanOf(spansZH, d) }, SpanWords: spansZH,
	Calm: "没有客户在等", Nobody: "还没有会话",
	WaitingFact: func(n int, oldest string) string {
		return fmt.Sprintf("%s 位客户在等，最久 %s", group(n), oldest)
	},
	OpenFact:    func(n int) string { return fmt.Sprintf("%s 个会话进行中", group(n)) },
	SearchLabel: "按客户、最后一条消息或 external_userid 搜索会话", SearchHint: "客户、消息内容",
	ViewLabel: "显示方式", ViewList: "列表", ViewColumns: "分列", StateLabel: "会话状态",
	FilterAccount: "账号", FilterServicer: "接待人员", FilterWait: "等待超过",
	WaitOver:    func(n int) string { return fmt.Sprintf("%d 分钟", n) },
	SealedBoard: "你的角色看不到消息内容，昵称已打码。",
	NewRows: func(n int, atLeast bool) string {
		if atLeast {
			return fmt.Sprintf("%d 个以上会话有更新", n)
		}
		return fmt.Sprintf("%d 个会话有更新", n)
	},
	ClockTitle: "有账号很久没有同步到消息", ClockNever: "从未成功同步", ClockLost: "更早的消息已无法取回",
	ClockText:  "企业微信只保留最近 3 天的消息，超过后无法补回。",
	ClockSince: func(span string) string { return span + "没有同步" },
	ColWho:     "客户", ColLast: "最后一条", ColState: "状态", ColWaiting: "等待", ColAt: "时间",
	Waiting: "等待回复", WaitingSince: func(exact string) string { return "从 " + exact + " 起等待回复" },
	ColumnEmpty: "没有会话", SeeBoard: "查看全部会话",
	SeeAll:    func(n int) string { return fmt.Sprintf("查看全部 %s 个", group(n)) },
	NoneTitle: "还没有会话", NoneText: "客户从任意一条客服链接进来写下第一句话，会话就会出现在这里，无需刷新。", NoneNext: "取一条客服链接",
	NoMatchTitle: "没有符合条件的会话", NoMatchText: "换一个关键词，或清除筛选条件。", ClearFilters: "清除条件",
	NoMatchOpen: "进行中的会话里没有，也许已经结束。", SearchEnded: "在已结束的会话中找", Open: "进行中",
	QuietTitle: "现在没有进行中的会话", QuietText: "客户再次来信时会出现在这里，无需刷新。", QuietNext: "查看已结束的会话",
	FromUs: "我们：", FromName: func(name string) string { return name + "：" },
	Nameless:         func(tail string) string { return "微信客户 " + tail },
	NavWaiting:       func(n int) string { return fmt.Sprintf("%s 位客户在等", group(n)) },
	SearchMessages:   "消息",
	ConversationMove: conversationMoveZH, ConversationTalk: conversationTalkZH, ConversationCompose: conversationComposeZH,
}

var conversationMoveZH = ConversationMove{
	MoveSelected: "转移所选", MoveWhere: "转到哪里", MoveSkips: "不能转移的会话会跳过，结果逐条列出。",
	Selected:  func(n int) string { return fmt.Sprintf("已选 %s 个会话", group(n)) },
	MoveDo:    func(n int) string { return fmt.Sprintf("转移 %s 个会话", group(n)) },
	MoveTitle: func(n int) string { return fmt.Sprintf("转移 %s 个会话", group(n)) },
	LegalFor: func(n, of int) string {
		if n == of {
			return "全部可以"
		}
		return fmt.Sprintf("%d 个中的 %d 个可以", of, n)
	},
	MoveTo: func(state string) string { return "转到" + state },
	Assign: "分配给…", AssignTitle: "分配给接待人员", AssignDo: "分配",
	AssignNow: func(name string) string { return "现在由 " + name + " 接待，可以转给另一位。" },
	End:       "结束会话", EndTitle: "结束这个会话？", EndText: "结束后不能再发消息，客户再次来信才会重新开始。若设置了结束语，会在结束时发送一条。",
	OnDuty: "此刻在岗", NobodyOnDuty: "此刻没有人在岗", NobodyText: "请接待人员在企业微信中打开接待，或先转入待接入池。",
	NobodyShared: "没有人同时接待所选会话的账号", NobodySharedText: "请只选择同一个账号的会话，或先转入待接入池。",
	OtherUser: "其他 userid", OtherUserHelp: "通过部门接待的成员不会逐个列出，可直接填写 userid。",
	Load:             func(n int) string { return fmt.Sprintf("接待中 %d", n) },
	MorePeople:       func(n int) string { return fmt.Sprintf("另有 %d 人在岗，可在下方填写 userid。", n) },
	DepartmentsServe: func(n int) string { return fmt.Sprintf("另有 %d 个部门接待这个账号。", n) },
	Here:             "现在", StateHead: "会话状态",
	StateSince: func(span string) string { return "已持续 " + span },
	Reasons: map[string]string{
		"same": "会话已在这个状态", "initial": "只有客户来信才会回到未处理", "ended": "会话已结束，等客户再次来信",
		"from_queue": "待接入池中的会话只能分配给接待人员，或结束", "from_person": "人工接待中的会话只能转给另一位接待人员，或结束",
	},
	ReasonRole: "你的角色只能查看",
	MoveTried:  "转移会话", EndTried: "结束会话",
	Errors: map[string]func(int) string{
		"required": func(int) string { return "请选择接待人员，或填写 userid" }, "id": func(int) string { return "这不是 userid" },
		"not_serving": func(int) string { return "此人不接待这个账号" }, "off_duty": func(int) string { return "此人已停止接待，请另选一位" },
		"unchanged": func(int) string { return "会话已由此人接待" }, "limit": func(n int) string { return fmt.Sprintf("一次最多转移 %d 个会话", n) },
		"target": func(int) string { return "请选择转到哪里" }, "chars": func(int) string { return "请选择转到哪里" }, "gone": func(int) string { return "会话或账号已不存在" }, "readonly": func(int) string { return "账号未分配给本应用管理" },
		"under_way": func(int) string { return "另一次转移正在进行" }, "not_applied": func(int) string { return "没有生效" },
		"same": func(int) string { return "会话已在这个状态" }, "initial": func(int) string { return "只有客户来信才会回到未处理" }, "ended": func(int) string { return "会话已结束，等客户再次来信" },
		"from_queue": func(int) string { return "待接入池中的会话只能分配给接待人员，或结束" }, "from_person": func(int) string { return "人工接待中的会话只能转给另一位接待人员，或结束" },
	},
	ChangedTitle: "会话在你打开页面之后有变化，刚才的操作没有执行",
	ChangedText: func(state, who, ago string) string {
		if who == "" {
			return fmt.Sprintf("%s转到了%s。请看过最新情况再操作。", ago, state)
		}
		return fmt.Sprintf("%s转到了%s（%s）。请看过最新情况再操作。", ago, state, who)
	},
	RunTitle:        func(n int, state string) string { return fmt.Sprintf("把 %s 个会话转到%s", group(n), state) },
	NothingSelected: "没有选择会话", NothingSelectedText: "回到会话列表，勾选要转移的会话。",
	OpenTitle: "这个会话的上一次变更还没有结果", OpenText: "等它核实之后再操作。",
}

var conversationEN = Conversation{
	Title: "Conversations", Caption: "List of conversations",
	States: map[int]string{0: "New", 1: "Assistant", 2: "In queue", 3: "With a person", 4: "Ended"},
	Span:   func(d time.Duration) string { return spanOf(spansEN, d) }, SpanWords: spansEN,
	Calm: "No customer is waiting", Nobody: "No conversations yet",
	WaitingFact: func(n int, oldest string) string {
		if n == 1 {
			return "1 customer is waiting, for " + oldest
		}
		return fmt.Sprintf("%s customers are waiting, the longest for %s", group(n), oldest)
	},
	OpenFact:    func(n int) string { return group(n) + " open" },
	SearchLabel: "Search conversations by customer, last message or external_userid", SearchHint: "Customer, message",
	ViewLabel: "View", ViewList: "List", ViewColumns: "Columns", StateLabel: "State",
	FilterAccount: "Account", FilterServicer: "Servicer", FilterWait: "Waiting over",
	WaitOver:    func(n int) string { return fmt.Sprintf("%d min", n) },
	SealedBoard: "Your role does not see what was said; names are masked.",
	NewRows: func(n int, atLeast bool) string {
		if atLeast {
			return fmt.Sprintf("More than %d conversations have news", n)
		}
		return plural(n, "conversation has", "conversations have") + " news"
	},
	ClockTitle: "Some accounts have not been synced for long", ClockNever: "never synced", ClockLost: "older messages can no longer be fetched",
	ClockText:  "WeCom keeps messages for 3 days only; what is older cannot be made up for.",
	ClockSince: func(span string) string { return "not synced for " + span },
	ColWho:     "Customer", ColLast: "Last message", ColState: "State", ColWaiting: "Waiting", ColAt: "Time",
	Waiting: "Waiting for a reply", WaitingSince: func(exact string) string { return "Waiting for a reply since " + exact },
	ColumnEmpty: "No conversations", SeeBoard: "See all conversations",
	SeeAll:    func(n int) string { return "See all " + group(n) },
	NoneTitle: "No conversations yet", NoneText: "When a customer opens any of your links and writes, the conversation appears here by itself.", NoneNext: "Get a link",
	NoMatchTitle: "No conversation matches", NoMatchText: "Try another word, or clear the filters.", ClearFilters: "Clear filters",
	NoMatchOpen: "None of the open ones does; it may have ended.", SearchEnded: "Search the ended ones", Open: "Open",
	QuietTitle: "No conversation is open right now", QuietText: "When a customer writes again it appears here by itself.", QuietNext: "See ended conversations",
	FromUs: "Us: ", FromName: func(name string) string { return name + ": " },
	Nameless:         func(tail string) string { return "Customer " + tail },
	NavWaiting:       func(n int) string { return plural(n, "customer", "customers") + " waiting" },
	SearchMessages:   "Messages",
	ConversationMove: conversationMoveEN, ConversationTalk: conversationTalkEN, ConversationCompose: conversationComposeEN,
}

var conversationMoveEN = ConversationMove{
	MoveSelected: "Move selected", MoveWhere: "Where to", MoveSkips: "Conversations that cannot be moved are skipped; the result is listed for each.",
	Selected:  func(n int) string { return plural(n, "conversation", "conversations") + " selected" },
	MoveDo:    func(n int) string { return "Move " + plural(n, "conversation", "conversations") },
	MoveTitle: func(n int) string { return "Move " + plural(n, "conversation", "conversations") },
	LegalFor: func(n, of int) string {
		if n == of {
			return "possible for all"
		}
		return fmt.Sprintf("possible for %d of %d", n, of)
	},
	MoveTo: func(state string) string { return "Move to: " + state },
	Assign: "Assign…", AssignTitle: "Assign to a servicer", AssignDo: "Assign",
	AssignNow: func(name string) string { return name + " has it now; it can be passed to somebody else." },
	End:       "End conversation", EndTitle: "End this conversation?", EndText: "Nothing can be sent afterwards until the customer writes again. If an ending text is set up, it is sent once.",
	OnDuty: "On duty now", NobodyOnDuty: "Nobody is on duty now", NobodyText: "Ask a servicer to start serving in WeCom, or move the conversation to the queue first.",
	NobodyShared: "Nobody on duty serves all of these accounts", NobodySharedText: "Select conversations of one account, or move them to the queue first.",
	OtherUser: "Another userid", OtherUserHelp: "Members who serve through a department are not listed one by one; type their userid.",
	Load:             func(n int) string { return fmt.Sprintf("%d under way", n) },
	MorePeople:       func(n int) string { return fmt.Sprintf("%d more are on duty; type a userid below.", n) },
	DepartmentsServe: func(n int) string { return plural(n, "department serves", "departments serve") + " this account too." },
	Here:             "now", StateHead: "State",
	StateSince: func(span string) string { return "for " + span },
	Reasons: map[string]string{
		"same": "It is in this state already", "initial": "Only a message of the customer makes it new again", "ended": "It has ended; wait until the customer writes again",
		"from_queue": "Out of the queue it can only go to a servicer, or end", "from_person": "From a person it can only go to another servicer, or end",
	},
	ReasonRole: "Your role may only look",
	MoveTried:  "Move the conversation", EndTried: "End the conversation",
	Errors: map[string]func(int) string{
		"required": func(int) string { return "Choose a servicer, or type a userid" }, "id": func(int) string { return "This is not a userid" },
		"not_serving": func(int) string { return "This person does not serve the account" }, "off_duty": func(int) string { return "This person has stopped serving; choose another" },
		"unchanged": func(int) string { return "This person has it already" }, "limit": func(n int) string { return fmt.Sprintf("At most %d conversations at a time", n) },
		"target": func(int) string { return "Choose where to" }, "chars": func(int) string { return "Choose where to" }, "gone": func(int) string { return "The conversation or the account is gone" }, "readonly": func(int) string { return "The account is not assigned to the app" },
		"under_way": func(int) string { return "Another move is under way" }, "not_applied": func(int) string { return "Not applied" },
		"same": func(int) string { return "It is in this state already" }, "initial": func(int) string { return "Only a message of the customer makes it new again" }, "ended": func(int) string { return "It has ended; wait until the customer writes again" },
		"from_queue": func(int) string { return "Out of the queue it can only go to a servicer, or end" }, "from_person": func(int) string { return "From a person it can only go to another servicer, or end" },
	},
	ChangedTitle: "The conversation changed after you opened the page; nothing was done",
	ChangedText: func(state, who, ago string) string {
		if who == "" {
			return fmt.Sprintf("It moved %s: %s. Look at it as it is now, then decide.", ago, state)
		}
		return fmt.Sprintf("It moved %s: %s (%s). Look at it as it is now, then decide.", ago, state, who)
	},
	RunTitle: func(n int, state string) string {
		return "Move " + plural(n, "conversation", "conversations") + ": " + state
	},
	NothingSelected: "No conversation was selected", NothingSelectedText: "Go back to the list and tick those to move.",
	OpenTitle: "The last change of this conversation has no result yet", OpenText: "Wait until it has been settled.",
}
