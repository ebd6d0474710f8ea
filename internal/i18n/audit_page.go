package i18n

import "fmt"

// AuditPages are the words of the pages of the audit log.
type AuditPages struct {
	Title, Caption, Export, ExportReason, Verify, VerifyReason                   string
	ExportText                                                                   func(n int, more bool) string
	CSV, JSONL, XLSX                                                             string
	Total                                                                        func(n int, more bool) string
	Head                                                                         func(rows int64, hash string) string
	Verified                                                                     func(ago string) string
	NeverVerified                                                                string
	Operator, Action, Kind, Outcome, From, To, Apply, Period, Target, SearchHint string
	ColTime, ColOperator, ColAction, ColTarget, ColOutcome, ColChange            string
	Nobody                                                                       string
	NoneTitle, NoneText, NoMatchTitle, NoMatchText, ClearFilters                 string
	Who, When, Where, What, Object, RequestID, RemoteID, Place, PlaceText        string
	Undoes, SeeRun, Notes, NoChange, Changes, Entry, NoteByConsole               string
	OpenTitle, OpenText, CheckNow, UndoTitle                                     string
	NotUndoable, UndoConflict                                                    string
	ErrTitle                                                                     string
	Yes, No                                                                      string
	PictureOf                                                                    func(sha string) string
	VerifyTitle, VerifyOK, VerifyOKText, VerifyBroken, VerifyRows, VerifyHead    string
	VerifyHeadText, VerifyTook, VerifySeq, VerifyTable, VerifyID, VerifyKind     string
	Breaks                                                                       map[string]string
	Sheet, ColID, ColIP, ColKind, ColTargetID, ColBefore, ColAfter, ColInput     string
	ColErrcode, ColErrmsg, ColHint, ColRequestID, ColRemoteID, ColEnded, ColSeq  string
}

var auditPagesZH = AuditPages{
	Title: "操作日志", Caption: "操作日志", Export: "导出", ExportReason: "你的角色不能导出操作日志", Verify: "校验", VerifyReason: "你的角色不能校验操作日志",
	ExportText: func(n int, more bool) string { return "导出当前筛选的 " + count(n, more, "条以上", "条") },
	CSV:        "CSV", JSONL: "JSON Lines", XLSX: "Excel (XLSX)",
	Total: func(n int, more bool) string { return "符合条件 " + count(n, more, "条以上", "条") },
	Head: func(rows int64, hash string) string {
		return fmt.Sprintf("链上 %s 行，链头 %s", group(int(rows)), hash)
	},
	Verified: func(ago string) string { return "最近一次校验 " + ago }, NeverVerified: "尚未校验",
	Operator: "操作员", Action: "动作", Kind: "对象类型", Outcome: "结果", From: "从", To: "到", Apply: "应用", Period: "时间", Target: "按对象的名称或编号搜索", SearchHint: "对象名称或编号",
	ColTime: "时间", ColOperator: "操作员", ColAction: "动作", ColTarget: "对象", ColOutcome: "结果", ColChange: "变化",
	Nobody:    "未登录",
	NoneTitle: "还没有记录", NoneText: "登录、变更和被拒绝的访问都会记在这里。", NoMatchTitle: "没有符合条件的记录", NoMatchText: "放宽时间或清除筛选条件。", ClearFilters: "清除条件",
	Who: "谁", When: "何时", Where: "从哪里", What: "做了什么", Object: "对象", RequestID: "请求编号", RemoteID: "企业微信编号", Place: "在链上的位置", PlaceText: "每条记录都含有上一条的散列值，改动任何一条都会被校验发现。",
	Undoes: "撤销的是", SeeRun: "查看逐行结果", Notes: "核实过程", NoChange: "这条记录没有变更内容。", Changes: "变更内容", Entry: "记录", NoteByConsole: "管理台",
	OpenTitle: "结果未知", OpenText: "请求已发出，但企业微信没有给出可用的回答。管理台每分钟自动核实一次，不会重复提交。", CheckNow: "立即核实", UndoTitle: "撤销这次变更",
	NotUndoable: "这次变更无法撤销，或已经撤销过。", UndoConflict: "之后又有人改动过，不能直接撤销。请查看对象的现状。",
	ErrTitle: "没有完成的原因", Yes: "是", No: "否",
	PictureOf:   func(sha string) string { return "图片 " + sha },
	VerifyTitle: "校验操作日志", VerifyOK: "链条完整", VerifyOKText: "从第一条到最后一条，没有记录被改动、删除、调换或插入。", VerifyBroken: "链条在这里断裂", VerifyRows: "已核对的行", VerifyHead: "链头",
	VerifyHeadText: "把行数和链头抄到别处保存。以后运行 console audit verify --expect 行数:链头，可以发现整条链被截断或重算。", VerifyTook: "用时", VerifySeq: "位置", VerifyTable: "表", VerifyID: "编号", VerifyKind: "问题",
	Breaks: map[string]string{"edited": "内容被改动", "missing": "记录缺失", "reordered": "顺序被调换", "tail": "结尾被截断", "orphan": "结果没有对应的记录", "inserted": "插入了链外的记录"},
	Sheet:  "操作日志", ColID: "编号", ColIP: "IP 地址", ColKind: "对象类型", ColTargetID: "对象编号", ColBefore: "变更前", ColAfter: "变更后", ColInput: "输入",
	ColErrcode: "错误码", ColErrmsg: "企业微信原文", ColHint: "hint 编号", ColRequestID: "请求编号", ColRemoteID: "企业微信编号", ColEnded: "结束时间", ColSeq: "链上位置",
}

var auditPagesEN = AuditPages{
	Title: "Audit log", Caption: "Audit log", Export: "Export", ExportReason: "Your role may not export the audit log", Verify: "Verify", VerifyReason: "Your role may not verify the audit log",
	ExportText: func(n int, more bool) string {
		return "Export the " + count(n, more, "or more entries", "entries") + " of this filter"
	},
	CSV: "CSV", JSONL: "JSON Lines", XLSX: "Excel (XLSX)",
	Total: func(n int, more bool) string { return count(n, more, "or more match", "match") },
	Head: func(rows int64, hash string) string {
		return fmt.Sprintf("%s rows in the chain, head %s", group(int(rows)), hash)
	},
	Verified: func(ago string) string { return "last verified " + ago }, NeverVerified: "not verified yet",
	Operator: "Operator", Action: "Action", Kind: "Kind", Outcome: "Outcome", From: "From", To: "To", Apply: "Apply", Period: "Period", Target: "Search by the target’s name or id", SearchHint: "Name or id of the target",
	ColTime: "Time", ColOperator: "Operator", ColAction: "Action", ColTarget: "Target", ColOutcome: "Outcome", ColChange: "Change",
	Nobody:    "not signed in",
	NoneTitle: "Nothing recorded yet", NoneText: "Sign-ins, changes and refused requests appear here.", NoMatchTitle: "No entry matches", NoMatchText: "Widen the period or clear the filters.", ClearFilters: "Clear filters",
	Who: "Who", When: "When", Where: "From where", What: "What", Object: "Target", RequestID: "Request id", RemoteID: "WeCom’s id", Place: "Place in the chain", PlaceText: "Every row holds the hash of the one before, so verifying finds any row that was altered.",
	Undoes: "Undoes", SeeRun: "See the result row by row", Notes: "How it was settled", NoChange: "This entry changed nothing.", Changes: "What changed", Entry: "Entry", NoteByConsole: "the console",
	OpenTitle: "Unknown end", OpenText: "The request was sent, but WeCom gave no usable answer. The console checks every minute and never sends it twice.", CheckNow: "Check now", UndoTitle: "Undo this change",
	NotUndoable: "This change cannot be undone, or has been undone already.", UndoConflict: "It was changed again since, so it cannot simply be undone. Look at what it is now.",
	ErrTitle: "Why it was not done", Yes: "yes", No: "no",
	PictureOf:   func(sha string) string { return "picture " + sha },
	VerifyTitle: "Verify the audit log", VerifyOK: "The chain holds", VerifyOKText: "From the first row to the last, nothing was altered, removed, moved or put in.", VerifyBroken: "The chain breaks here", VerifyRows: "Rows that hold", VerifyHead: "Head",
	VerifyHeadText: "Keep the number of rows and the head somewhere else. Later, console audit verify --expect ROWS:HEAD finds a chain that was cut short or made anew.", VerifyTook: "Took", VerifySeq: "Place", VerifyTable: "Table", VerifyID: "Id", VerifyKind: "Problem",
	Breaks: map[string]string{"edited": "altered", "missing": "missing", "reordered": "moved", "tail": "the end was cut off", "orphan": "an outcome without its entry", "inserted": "a row that the chain does not know"},
	Sheet:  "Audit log", ColID: "Id", ColIP: "IP address", ColKind: "Kind", ColTargetID: "Target id", ColBefore: "Before", ColAfter: "After", ColInput: "Input",
	ColErrcode: "Errcode", ColErrmsg: "WeCom’s words", ColHint: "Hint id", ColRequestID: "Request id", ColRemoteID: "WeCom’s id", ColEnded: "Ended", ColSeq: "Place in the chain",
}

// count writes a number with its noun; more says that counting stopped there.
func count(n int, more bool, atLeast, exactly string) string {
	if more {
		return group(n) + " " + atLeast
	}
	return group(n) + " " + exactly
}
