package i18n

import "fmt"

// Scene are the words about where customers came from: what a link brought, and the
// inbox of scenes that were never created here.
type Scene struct {
	Brought, BroughtNote, BroughtNone, BroughtNoScene, BroughtTable string
	Entered, Wrote, Human, Replied, Day                             string
	Period                                                          func(days int) string
	Share                                                           func(percent int) string
	Summary                                                         func(entered, wrote, human int) string
	ShowDays                                                        string
	Title, Intro, Caption, Unnamed, ColScene, ColAccount, ColCount  string
	ColLast, ColName                                                string
	Facts                                                           func(unnamed int) string
	NameIt, Rename, NoneTitle, NoneText, AllNamed, ReasonRole       string
	NameTitle                                                       func(scene string) string
	NameText, Name, NameHelp, Note, NoteHelp, Save                  string
	Inbox                                                           func(n int) string
	Empty                                                           string
	Errors                                                          map[string]func(limit int) string
	By                                                              func(who string) string
}

var sceneZH = Scene{
	Brought: "带来的客户", BroughtNote: "北京时间，按天计", BroughtNone: "这段时间还没有客户从这条链接进入", BroughtTable: "每天带来的客户",
	BroughtNoScene: "这条链接没有场景值，企业微信不会告诉我们客户来自哪条链接，所以无法统计。",
	Entered:        "进入", Wrote: "发过消息", Human: "人工接待", Replied: "得到回复", Day: "日期",
	Period: func(days int) string { return fmt.Sprintf("%d 天", days) },
	Share:  func(percent int) string { return fmt.Sprintf("%d%%", percent) },
	Summary: func(entered, wrote, human int) string {
		return fmt.Sprintf("%s 次进入，%s 次发过消息，%s 次由人工接待。", group(entered), group(wrote), group(human))
	},
	ShowDays: "查看每天的数字",
	Title:    "来源收件箱", Caption: "场景值列表", Unnamed: "未命名",
	Intro:    "客户带着这些场景值进入，但它们不是在管理台创建的：可能来自旧海报、其他工具或企业微信后台。命名之后，会话和统计里就能看懂来源。",
	ColScene: "场景值", ColAccount: "账号", ColCount: "进入", ColLast: "最近进入", ColName: "名称",
	Facts:  func(n int) string { return fmt.Sprintf("%d 个来源还没有名称", n) },
	NameIt: "命名", Rename: "改名", NoneTitle: "没有未知的来源", NoneText: "客户带来的每个场景值都在链接登记中。", AllNamed: "都已命名", ReasonRole: "你的角色只能查看",
	NameTitle: func(s string) string { return "为场景值“" + s + "”命名" },
	NameText:  "名称只保存在管理台，不改变任何链接。", Name: "名称", NameHelp: "例如：2025 年旧海报", Note: "备注", NoteHelp: "在哪里见到它、由谁负责", Save: "保存名称",
	Inbox: func(n int) string { return fmt.Sprintf("%d 个未知来源", n) },
	Empty: "无场景值",
	Errors: map[string]func(int) string{
		"required":  func(int) string { return "请填写" },
		"long":      func(n int) string { return fmt.Sprintf("最多 %d 个字符", n) },
		"control":   func(int) string { return "包含看不见的控制字符，请重新输入" },
		"unchanged": func(int) string { return "没有任何改变，请先修改内容" },
	},
	By: func(who string) string { return "由 " + who + " 命名" },
}

var sceneEN = Scene{
	Brought: "Customers brought", BroughtNote: "Beijing days", BroughtNone: "No customer came in through this link in this period", BroughtTable: "Customers brought per day",
	BroughtNoScene: "This link has no scene, so WeCom does not tell which link a customer came from, and nothing can be counted.",
	Entered:        "Entered", Wrote: "Wrote", Human: "Reached a person", Replied: "Got a reply", Day: "Day",
	Period: func(days int) string { return fmt.Sprintf("%d days", days) },
	Share:  func(percent int) string { return fmt.Sprintf("%d%%", percent) },
	Summary: func(entered, wrote, human int) string {
		return fmt.Sprintf("%s entered, %s wrote, %s reached a person.", group(entered), group(wrote), group(human))
	},
	ShowDays: "Show the numbers per day",
	Title:    "Source inbox", Caption: "List of scenes", Unnamed: "Not named",
	Intro:    "Customers came in with these scenes, but they were not created here: an old poster, another tool or WeCom’s admin page. Once named, conversations and statistics tell where people came from.",
	ColScene: "Scene", ColAccount: "Account", ColCount: "Entered", ColLast: "Last entered", ColName: "Name",
	Facts:  func(n int) string { return plural(n, "source has", "sources have") + " no name yet" },
	NameIt: "Name it", Rename: "Rename", NoneTitle: "No unknown sources", NoneText: "Every scene that customers bring is in the register of links.", AllNamed: "All named", ReasonRole: "Your role may only look",
	NameTitle: func(s string) string { return "Name the scene “" + s + "”" },
	NameText:  "The name is kept in the console; no link changes.", Name: "Name", NameHelp: "For example: old poster of 2025", Note: "Note", NoteHelp: "Where it was seen, who looks after it", Save: "Save name",
	Inbox: func(n int) string { return plural(n, "unknown source", "unknown sources") },
	Empty: "no scene",
	Errors: map[string]func(int) string{
		"required":  func(int) string { return "Required" },
		"long":      func(n int) string { return fmt.Sprintf("At most %d characters", n) },
		"control":   func(int) string { return "Contains invisible control characters; type it again" },
		"unchanged": func(int) string { return "Nothing changed; edit something first" },
	},
	By: func(who string) string { return "named by " + who },
}
