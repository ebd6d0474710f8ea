package i18n

import "fmt"

// UI are the words of the widgets that every page is built from.
type UI struct {
	RemoveFilter func(filter string) string
	Filters      string
	SortBy       func(column string) string

	Pages, Previous, Next, First string
	// ShownOf says how many rows a page shows of how many; AtLeast when the
	// count stopped at a limit.
	ShownOf        func(shown, total int) string
	ShownOfAtLeast func(shown, total int) string
	NothingShown   string

	Select     func(name string) string
	SelectPage string
	Selected   func(n int) string
	Unselect   string
	RowMenu    func(name string) string
	RowMenuAny string

	Copy, Copied, CopyFailed string
	CopyOf                   func(what string) string
	Loading                  string
	Close                    string

	Characters   func(used, limit int) string
	Bytes        func(used, limit int) string
	Optional     string
	ErrorsInForm func(n int) string

	ChooseFile, RemoveFile                   string
	CropHelp, CropZoom, CropResult, CropArea string
	FileTooBig                               func(limit string) string
	FileNotImage                             string

	TypeToConfirm func(word string) string
	Before, After string
	Empty         string
	Field         string

	ErrTried, ErrMeaning, ErrCause, ErrAdvice, ErrCode, ErrMessage, ErrHint, ErrIP, ErrRequest string
	SeeAudit                                                                                   string
}

var uiZH = UI{
	RemoveFilter: func(f string) string { return "移除筛选：" + f },
	Filters:      "筛选",
	SortBy:       func(c string) string { return "按" + c + "排序" },
	Pages:        "翻页", Previous: "上一页", Next: "下一页", First: "回到第一页",
	ShownOf: func(n, total int) string { return fmt.Sprintf("本页 %s 条，共 %s 条", group(n), group(total)) },
	ShownOfAtLeast: func(n, total int) string {
		return fmt.Sprintf("本页 %s 条，共 %s 条以上", group(n), group(total))
	},
	NothingShown: "没有可显示的内容",
	Select:       func(n string) string { return "选择" + n },
	SelectPage:   "选择本页全部",
	Selected:     func(n int) string { return fmt.Sprintf("已选 %d 项", n) },
	Unselect:     "取消选择",
	RowMenu:      func(n string) string { return n + "的操作" },
	RowMenuAny:   "操作",
	Copy:         "复制", Copied: "已复制", CopyFailed: "无法复制，请手动选中后复制",
	CopyOf:  func(w string) string { return "复制" + w },
	Loading: "正在载入", Close: "关闭",
	Characters:   func(used, limit int) string { return fmt.Sprintf("%d / %d 字", used, limit) },
	Bytes:        func(used, limit int) string { return fmt.Sprintf("%d / %d 字节", used, limit) },
	Optional:     "选填",
	ErrorsInForm: func(n int) string { return fmt.Sprintf("有 %d 处需要修改，填写的内容都还在", n) },
	ChooseFile:   "选择图片", RemoveFile: "不使用图片",
	CropHelp: "拖动或用方向键移动，滑块缩放；方框内的部分会成为头像", CropZoom: "缩放", CropResult: "裁剪结果", CropArea: "头像裁剪区域",
	FileTooBig:    func(l string) string { return "图片超过 " + l + "，请换一张更小的" },
	FileNotImage:  "这不是 JPG 或 PNG 图片",
	TypeToConfirm: func(w string) string { return "输入“" + w + "”以确认" },
	Before:        "变更前", After: "变更后", Empty: "空", Field: "项目",
	ErrTried: "尝试的操作", ErrMeaning: "含义", ErrCause: "可能原因", ErrAdvice: "怎么办", ErrCode: "错误码", ErrMessage: "企业微信原文",
	ErrHint: "hint 编号", ErrIP: "出口 IP", ErrRequest: "请求编号", SeeAudit: "查看记录",
}

var uiEN = UI{
	RemoveFilter: func(f string) string { return "Remove filter: " + f },
	Filters:      "Filters",
	SortBy:       func(c string) string { return "Sort by " + c },
	Pages:        "Pages", Previous: "Previous", Next: "Next", First: "First page",
	ShownOf:        func(n, total int) string { return fmt.Sprintf("%s of %s shown", group(n), group(total)) },
	ShownOfAtLeast: func(n, total int) string { return fmt.Sprintf("%s of more than %s shown", group(n), group(total)) },
	NothingShown:   "Nothing to show",
	Select:         func(n string) string { return "Select " + n },
	SelectPage:     "Select all on this page",
	Selected:       func(n int) string { return fmt.Sprintf("%d selected", n) },
	Unselect:       "Clear selection",
	RowMenu:        func(n string) string { return "Actions for " + n },
	RowMenuAny:     "Actions",
	Copy:           "Copy", Copied: "Copied", CopyFailed: "Could not copy; select the text and copy it by hand",
	CopyOf:  func(w string) string { return "Copy " + w },
	Loading: "Loading", Close: "Close",
	Characters: func(used, limit int) string { return fmt.Sprintf("%d / %d characters", used, limit) },
	Bytes:      func(used, limit int) string { return fmt.Sprintf("%d / %d bytes", used, limit) },
	Optional:   "optional",
	ErrorsInForm: func(n int) string {
		return plural(n, "field needs", "fields need") + " another look; everything you typed is still here"
	},
	ChooseFile: "Choose picture", RemoveFile: "Use no picture",
	CropHelp: "Drag or use the arrow keys to move, the slider to zoom; what is inside the frame becomes the picture", CropZoom: "Zoom", CropResult: "Result", CropArea: "Picture crop area",
	FileTooBig:    func(l string) string { return "The picture is larger than " + l + "; choose a smaller one" },
	FileNotImage:  "This is not a JPG or PNG picture",
	TypeToConfirm: func(w string) string { return "Type “" + w + "” to confirm" },
	Before:        "Before", After: "After", Empty: "empty", Field: "Field",
	ErrTried: "What was tried", ErrMeaning: "Meaning", ErrCause: "Likely cause", ErrAdvice: "What to do", ErrCode: "Code", ErrMessage: "WeCom’s words",
	ErrHint: "Hint id", ErrIP: "Outgoing IP", ErrRequest: "Request id", SeeAudit: "See entry",
}

// group writes a number with commas between thousands.
func group(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
