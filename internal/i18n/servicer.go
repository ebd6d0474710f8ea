package i18n

import "fmt"

// Servicer are the words of the servicer pages.
type Servicer struct {
	Title, Caption, Add, Remove, RemoveSelected, Back      string
	CheckedAt, CheckFailed                                 string
	SearchLabel, SearchHint                                string
	Serving, Stopped, Suspended, StatusUnknown, Department string
	ColWho, ColStatus, ColDepartments                      string
	Members                                                func(n int) string
	MoreMembers                                            func(n int) string
	NotInDirectory                                         string
	// Inactive are the statuses of people who cannot serve, by WeCom's number.
	Inactive                                                     map[int]string
	LimitsTitle, LimitPeople, LimitDepartments, LimitNear        string
	Of                                                           func(n, limit int) string
	StatusTitle, StatusText, StatusHidden, DepartmentText        string
	NoneTitle, NoneText, NoMatchTitle, NoMatchText, ClearFilters string
	ServicerAdd
	ServicerRun
}

// ServicerAdd are the words of adding and removing servicers, up to the last question.
type ServicerAdd struct {
	AddText, Directory, DirectoryAt, DirectoryRefresh, DirectoryNone               string
	PeopleLabel, DepartmentsLabel, FindLabel, FindHint, FindButton                 string
	DepartmentFilter, AllDepartments                                               string
	Already, NoPeople, NoDepartments                                               string
	MorePeople                                                                     func(shown int) string
	Chosen                                                                         string
	Paste, PasteLabel, PasteHelp, PastePlaceholder, Preview                        string
	PreviewTitle                                                                   func(people, departments int) string
	PreviewText, After, Confirm, Change                                            string
	WillAdd, WillAddHelp, IsThere, IsThereHelp, Strange, StrangeHelp               string
	Idle, IdleHelp, Wrong, WrongHelp, Folded, Calls                                string
	People                                                                         func(n int) string
	Departments                                                                    func(n int) string
	FoldedCount                                                                    func(n int) string
	CallCount                                                                      func(n int) string
	Skip                                                                           func(n int) string
	OverTitle, OverText                                                            string
	RemoveTitle                                                                    func(people, departments int) string
	RemoveText, RemoveNobody, RemoveDepartment, RemoveUndo, RemoveGone, RemoveNone string
	Errors                                                                         map[string]func(limit int) string
	CannotTitle                                                                    string
	LockedTitle, LockedText, LockedLink                                            string
}

// ServicerRun are the words of a run: a change of many servicers in several calls.
type ServicerRun struct {
	RunAdd, RunRemove             func(n int) string
	RunWaiting, RunUnder, RunDone string
	RunLeave                      string
	Progress                      string
	RunEnded                      map[string]string
	RunTold                       func(done, ignored, failed int) string
	// States of a row by run verb: "add" or "remove", a point, and the state.
	States                                           map[string]string
	StateHelp                                        map[string]string
	RunCaption, RunPos, RunReason, RunAudit, RunUndo string
	RunUndoes                                        string
	Reasons                                          string
	ReasonCount                                      func(n int) string
	NotApplied                                       string
	RunNone                                          string
}

var servicerZH = Servicer{
	Title: "接待人员", Caption: "接待人员列表", Add: "添加接待人员", Remove: "移除", RemoveSelected: "移除所选", Back: "返回接待人员",
	CheckedAt: "接待人员核对于", CheckFailed: "上次核对接待人员没有成功",
	SearchLabel: "按姓名、部门名称或 userid 搜索接待人员", SearchHint: "姓名、部门或 userid",
	Serving: "接待中", Stopped: "停止接待", Suspended: "暂时挂起", StatusUnknown: "状态未知", Department: "部门",
	ColWho: "接待人员", ColStatus: "状态", ColDepartments: "所在部门",
	Members:        func(n int) string { return fmt.Sprintf("直属成员 %s 人", group(n)) },
	MoreMembers:    func(n int) string { return fmt.Sprintf("另有 %s 人", group(n)) },
	NotInDirectory: "通讯录中没有",
	Inactive:       map[int]string{2: "已禁用", 4: "未激活", 5: "已退出企业"},
	LimitsTitle:    "每个账号的上限", LimitPeople: "人员", LimitDepartments: "部门", LimitNear: "接近上限。整个部门只占一个名额，可以用部门代替逐个添加成员。",
	Of:          func(n, limit int) string { return group(n) + " / " + group(limit) },
	StatusTitle: "关于状态", StatusText: "接待状态由接待人员在企业微信中自己切换，这里不能代为更改。",
	StatusHidden: "此账号未分配给本应用管理，企业微信不提供接待状态。", DepartmentText: "通过部门接待的成员没有单独一行，要移除他们需移除部门。",
	NoneTitle: "还没有接待人员", NoneText: "客户转人工时没有人可以接待。从通讯录选择，或粘贴 userid。",
	NoMatchTitle: "没有符合条件的接待人员", NoMatchText: "换一个关键词，或清除筛选条件。", ClearFilters: "清除条件",
	ServicerAdd: servicerAddZH, ServicerRun: servicerRunZH,
}

var servicerAddZH = ServicerAdd{
	AddText: "勾选人员或粘贴 userid，可同时使用，下一步先预览", Directory: "从通讯录选择", DirectoryAt: "通讯录核对于", DirectoryRefresh: "核对通讯录",
	DirectoryNone: "还没有读到通讯录。可以先粘贴 userid。",
	PeopleLabel:   "人员", DepartmentsLabel: "部门", FindLabel: "按姓名或 userid 搜索通讯录", FindHint: "姓名或 userid", FindButton: "搜索",
	DepartmentFilter: "只看部门", AllDepartments: "全部部门",
	Already: "已在接待", NoPeople: "没有符合条件的人员", NoDepartments: "没有符合条件的部门",
	MorePeople: func(n int) string {
		return fmt.Sprintf("只显示前 %d 人，请输入姓名或选择部门缩小范围", n)
	},
	Chosen: "已勾选",
	Paste:  "粘贴 userid", PasteLabel: "userid 列表", PasteHelp: "换行、空格、逗号、顿号、分号都可以分隔。大小写不同视为同一人，重复的会合并。", PastePlaceholder: "li.na\nwang_wei\n…", Preview: "下一步：预览",
	PreviewTitle: func(p, d int) string { return "预览：添加" + crowdZH(p, d) },
	PreviewText:  "还没有发送。请核对后确认。", After: "添加后的用量", Confirm: "确认添加", Change: "返回修改",
	WillAdd: "将添加", WillAddHelp: "会成为此账号的接待人员",
	IsThere: "已在接待", IsThereHelp: "企业微信会忽略，不受影响",
	Strange: "通讯录中没有", StrangeHelp: "很可能失败：userid 有误，或不在应用的可见范围内",
	Idle: "不能接待", IdleHelp: "很可能失败：成员未激活、已禁用或已退出",
	Wrong: "不是 userid", WrongHelp: "不会发送。userid 由字母、数字和 _-@. 组成，最长 64 位",
	Folded: "合并的重复项", Calls: "调用次数",
	People:      func(n int) string { return group(n) + " 人" },
	Departments: func(n int) string { return group(n) + " 个部门" },
	FoldedCount: func(n int) string { return group(n) + " 个" },
	CallCount:   func(n int) string { return fmt.Sprintf("%d 次，每次最多 100 人、20 个部门", n) },
	Skip:        func(n int) string { return fmt.Sprintf("不发送很可能失败的 %s 项", group(n)) },
	OverTitle:   "会超出上限", OverText: "超出的部分会被企业微信拒绝。可以改为添加部门，或先移除一些人员。",
	RemoveTitle: func(p, d int) string { return "移除" + crowdZH(p, d) },
	RemoveText:  "他们不再接待这个账号的客户。进行中的会话由企业微信处理。", RemoveNobody: "移除后这个账号没有任何接待人员，客户转人工时无人接待。",
	RemoveDepartment: "移除部门后，只通过该部门接待的成员也不再接待。", RemoveUndo: "完成后可以撤销。", RemoveGone: "所选的人员和部门都已不在接待列表中", RemoveNone: "没有选择任何人员或部门",
	Errors: map[string]func(int) string{
		"required": func(int) string { return "请勾选人员或部门，或粘贴 userid" },
		"limit":    func(n int) string { return fmt.Sprintf("一次最多 %s 项，请分几次添加", group(n)) },
		"id":       func(int) string { return "其中有不是 userid 的内容，请修改" },
		"gone":     func(int) string { return "这个账号已不在企业微信中" },
		"readonly": func(int) string { return "此账号未分配给本应用管理" },
	},
	CannotTitle: "现在不能更改接待人员",
	LockedTitle: "这个账号的上一次接待人员变更还没有完成", LockedText: "等它完成后再操作，你选择的内容还在下面。", LockedLink: "查看进度",
}

var servicerRunZH = ServicerRun{
	RunAdd: func(n int) string { return fmt.Sprintf("添加 %s 项接待人员", group(n)) }, RunRemove: func(n int) string { return fmt.Sprintf("移除 %s 项接待人员", group(n)) },
	RunWaiting: "等待开始", RunUnder: "进行中", RunDone: "已结束",
	RunLeave: "可以离开此页，执行不会中断，稍后回到这个地址查看结果。",
	Progress: "进度",
	RunEnded: map[string]string{"done": "全部完成", "partial": "部分完成", "refused": "被企业微信拒绝", "failed": "没有生效", "open": "正在核实结果"},
	RunTold: func(done, ignored, failed int) string {
		return fmt.Sprintf("%s 项已生效，%s 项无需改变，%s 项失败。", group(done), group(ignored), group(failed))
	},
	States: map[string]string{
		"add.done": "已添加", "add.ignored": "已在接待，忽略", "add.failed": "失败", "add.unknown": "核实中", "add.pending": "等待", "add.sending": "发送中",
		"remove.done": "已移除", "remove.ignored": "本就不在，忽略", "remove.failed": "失败", "remove.unknown": "核实中", "remove.pending": "等待", "remove.sending": "发送中",
		"move.done": "已转移", "move.ignored": "已在那里，忽略", "move.failed": "失败", "move.unknown": "核实中", "move.pending": "等待", "move.sending": "发送中",
	},
	StateHelp:  map[string]string{"unknown": "企业微信没有给出结果，正在核对实际状态"},
	RunCaption: "每一项的结果", RunPos: "序号", RunReason: "说明", RunAudit: "查看操作记录", RunUndo: "撤销这次变更",
	RunUndoes:   "撤销了这次变更",
	Reasons:     "失败原因",
	ReasonCount: func(n int) string { return group(n) + " 项" },
	NotApplied:  "没有生效：请求没有送达，或核对后确认企业微信没有执行", RunNone: "没有这种结果的项",
}

// crowdZH counts people and departments.
func crowdZH(people, departments int) string {
	switch {
	case departments == 0:
		return fmt.Sprintf(" %s 位接待人员", group(people))
	case people == 0:
		return fmt.Sprintf(" %s 个接待部门", group(departments))
	}
	return fmt.Sprintf(" %s 位人员和 %s 个部门", group(people), group(departments))
}

var servicerEN = Servicer{
	Title: "Servicers", Caption: "List of servicers", Add: "Add servicers", Remove: "Remove", RemoveSelected: "Remove selected", Back: "Back to the servicers",
	CheckedAt: "servicers checked", CheckFailed: "The last check of the servicers failed",
	SearchLabel: "Search servicers by name, department or userid", SearchHint: "Name, department or userid",
	Serving: "Serving", Stopped: "Stopped", Suspended: "Suspended", StatusUnknown: "Status unknown", Department: "Department",
	ColWho: "Servicer", ColStatus: "Status", ColDepartments: "Departments",
	Members:        func(n int) string { return plural(n, "direct member", "direct members") },
	MoreMembers:    func(n int) string { return "and " + group(n) + " more" },
	NotInDirectory: "Not in the directory",
	Inactive:       map[int]string{2: "Disabled", 4: "Not activated", 5: "Left the corp"},
	LimitsTitle:    "Limits of one account", LimitPeople: "People", LimitDepartments: "Departments", LimitNear: "Close to the limit. A whole department takes one place; use it instead of its members.",
	Of:          func(n, limit int) string { return group(n) + " / " + group(limit) },
	StatusTitle: "About the status", StatusText: "Servicers switch their status themselves in WeCom; it cannot be changed from here.",
	StatusHidden: "This account is not assigned to the app, so WeCom does not tell the status.", DepartmentText: "Members who serve through a department have no row of their own; to remove them, remove the department.",
	NoneTitle: "No servicers yet", NoneText: "Nobody can take over a customer. Choose from the directory, or paste userids.",
	NoMatchTitle: "No servicer matches", NoMatchText: "Try another word, or clear the filters.", ClearFilters: "Clear filters",
	ServicerAdd: servicerAddEN, ServicerRun: servicerRunEN,
}

var servicerAddEN = ServicerAdd{
	AddText: "Tick people, paste userids, or both; a preview comes next", Directory: "Choose from the directory", DirectoryAt: "Directory checked", DirectoryRefresh: "Check the directory",
	DirectoryNone: "The directory has not been read yet. Userids can be pasted already.",
	PeopleLabel:   "People", DepartmentsLabel: "Departments", FindLabel: "Search the directory by name or userid", FindHint: "Name or userid", FindButton: "Search",
	DepartmentFilter: "Department", AllDepartments: "All departments",
	Already: "Serves already", NoPeople: "Nobody matches", NoDepartments: "No department matches",
	MorePeople: func(n int) string {
		return fmt.Sprintf("Only the first %d are shown; type a name or choose a department", n)
	},
	Chosen: "Ticked",
	Paste:  "Paste userids", PasteLabel: "List of userids", PasteHelp: "Separated by lines, spaces, commas or semicolons. Ids that differ only in case are one person; repeated ones are folded.", PastePlaceholder: "li.na\nwang_wei\n…", Preview: "Next: preview",
	PreviewTitle: func(p, d int) string { return "Preview: add " + crowdEN(p, d) },
	PreviewText:  "Nothing has been sent yet. Check the list, then confirm.", After: "Usage afterwards", Confirm: "Add", Change: "Change the selection",
	WillAdd: "Will be added", WillAddHelp: "become servicers of this account",
	IsThere: "Serve already", IsThereHelp: "WeCom ignores them; nothing changes",
	Strange: "Not in the directory", StrangeHelp: "will probably fail: the userid is wrong, or outside the app’s visible range",
	Idle: "Cannot serve", IdleHelp: "will probably fail: not activated, disabled or gone",
	Wrong: "Not a userid", WrongHelp: "left out. A userid has letters, digits and _-@. and at most 64 characters",
	Folded: "Repetitions folded", Calls: "Calls",
	People:      func(n int) string { return countOf(n, "person", "people") },
	Departments: func(n int) string { return countOf(n, "department", "departments") },
	FoldedCount: group,
	CallCount:   func(n int) string { return plural(n, "call", "calls") + " of at most 100 people and 20 departments" },
	Skip:        func(n int) string { return "Leave out the " + group(n) + " that will probably fail" },
	OverTitle:   "This exceeds the limit", OverText: "WeCom refuses what is over. Add a department instead, or remove some people first.",
	RemoveTitle: func(p, d int) string { return "Remove " + crowdEN(p, d) },
	RemoveText:  "They no longer serve customers of this account. WeCom deals with sessions under way.", RemoveNobody: "Nobody will be left to serve this account.",
	RemoveDepartment: "Members who serve only through a removed department no longer serve either.", RemoveUndo: "It can be undone afterwards.", RemoveGone: "None of the selected is on the list any more", RemoveNone: "Nobody was selected",
	Errors: map[string]func(int) string{
		"required": func(int) string { return "Tick people or departments, or paste userids" },
		"limit":    func(n int) string { return "At most " + group(n) + " at a time; add them in several turns" },
		"id":       func(int) string { return "Something in it is not a userid; correct it" },
		"gone":     func(int) string { return "This account is no longer in WeCom" },
		"readonly": func(int) string { return "This account is not assigned to the app" },
	},
	CannotTitle: "The servicers cannot be changed now",
	LockedTitle: "The last change of this account’s servicers is still under way", LockedText: "Wait until it has ended. What you chose is still below.", LockedLink: "See its progress",
}

var servicerRunEN = ServicerRun{
	RunAdd: func(n int) string { return "Add " + countOf(n, "servicer", "servicers") }, RunRemove: func(n int) string { return "Remove " + countOf(n, "servicer", "servicers") },
	RunWaiting: "Waiting", RunUnder: "Under way", RunDone: "Ended",
	RunLeave: "You may leave this page; the work goes on, and this address shows the result later.",
	Progress: "Progress",
	RunEnded: map[string]string{"done": "All done", "partial": "Partly done", "refused": "Refused by WeCom", "failed": "Not applied", "open": "Checking the result"},
	RunTold: func(done, ignored, failed int) string {
		return fmt.Sprintf("%s changed, %s needed no change, %s failed.", group(done), group(ignored), group(failed))
	},
	States: map[string]string{
		"add.done": "Added", "add.ignored": "Served already, ignored", "add.failed": "Failed", "add.unknown": "Being checked", "add.pending": "Waiting", "add.sending": "Being sent",
		"remove.done": "Removed", "remove.ignored": "Was not there, ignored", "remove.failed": "Failed", "remove.unknown": "Being checked", "remove.pending": "Waiting", "remove.sending": "Being sent",
		"move.done": "Moved", "move.ignored": "Was there, ignored", "move.failed": "Failed", "move.unknown": "Being checked", "move.pending": "Waiting", "move.sending": "Being sent",
	},
	StateHelp:  map[string]string{"unknown": "WeCom gave no result; the actual state is being checked"},
	RunCaption: "Result of every row", RunPos: "No.", RunReason: "Explanation", RunAudit: "See audit entry", RunUndo: "Undo this change",
	RunUndoes:   "undoes this change",
	Reasons:     "Why rows failed",
	ReasonCount: group,
	NotApplied:  "Not applied: the request did not arrive, or a check showed that WeCom had not carried it out", RunNone: "No row with this result",
}

// crowdEN counts people and departments.
func crowdEN(people, departments int) string {
	switch {
	case departments == 0:
		return countOf(people, "servicer", "servicers")
	case people == 0:
		return countOf(departments, "department", "departments")
	}
	return countOf(people, "person", "people") + " and " + countOf(departments, "department", "departments")
}

// countOf is plural with thousands grouped.
func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return group(n) + " " + many
}
