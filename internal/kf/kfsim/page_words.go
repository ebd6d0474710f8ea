package kfsim

import (
	"net/http"
	"strings"
)

// pageWords are the words of the page in one language.
type pageWords struct {
	Lang, Other, OtherName                                     string
	Title, Lead, Connect, BaseURL, CorpID, Secret, SecretWhere string
	Clock, Accounts, Account, ID, Managed, ReadOnly            string
	Access, Servicers, Serving, Suspended, Stopped, Nobody     string
	Departments, People, Person, Status, Hidden, Links, Scene  string
	Address, Calls, Time, Call, Answer, Changed, Fault, Ms     string
	NoAnswer, Lost, Violations, Kind, Field, Detail, Faults    string
	Waiting, Left, Every, When, Holding, None, Earlier, Later  string
	LinkCount, Whole, Desk, Phone                              string
	StatusNames                                                map[int]string
}

// pageLanguage picks the language: ?lang=, then Accept-Language, then Chinese.
func pageLanguage(r *http.Request) pageWords {
	lang := r.URL.Query().Get("lang")
	if lang == "" {
		lang = r.Header.Get("Accept-Language")
	}
	if strings.HasPrefix(strings.ToLower(lang), "en") {
		return pageEnglish()
	}
	return pageChinese()
}

func pageEnglish() pageWords {
	return pageWords{
		Lang: "en", Other: "zh", OtherName: "中文",
		Title: "WeCom simulator", Lead: "A WeCom for WeChat customer service on this machine. Nothing here reaches the real one.",
		Connect: "Connect a client", BaseURL: "API address", CorpID: "Corp id", Secret: "Secret", SecretWhere: "printed when the simulator starts",
		Clock: "Clock", Accounts: "Accounts", Account: "Account", ID: "Id", Managed: "API", ReadOnly: "read-only",
		Access: "Access", Servicers: "Servicers", Serving: "serving", Suspended: "suspended", Stopped: "stopped", Nobody: "nobody",
		Departments: "departments", People: "People", Person: "Person", Status: "Status", Hidden: "outside the visible range",
		Links: "Latest links", Scene: "Scene", Address: "Address",
		Calls: "Latest calls", Time: "Time", Call: "Call", Answer: "Answer", Changed: "changed the world", Fault: "Fault", Ms: "ms",
		NoAnswer: "not carried out", Lost: "answer lost", Violations: "Latest violations", Kind: "Kind", Field: "Field", Detail: "Detail",
		Faults: "Faults to come", Waiting: "calls pass first", Left: "Left", Every: "every call", When: "When", Holding: "requests held",
		None: "None.", Earlier: "← earlier", Later: "later →", LinkCount: "Links issued", Whole: "dept.", Desk: "Servicers’ page", Phone: "Open the chat as a customer",
		StatusNames: map[int]string{1: "activated", 2: "disabled", 4: "not activated", 5: "left"},
	}
}

func pageChinese() pageWords {
	return pageWords{
		Lang: "zh-CN", Other: "en", OtherName: "English",
		Title: "企业微信模拟器", Lead: "运行在本机的微信客服接口，不会访问真实的企业微信。",
		Connect: "接入方式", BaseURL: "接口地址", CorpID: "企业 ID", Secret: "Secret", SecretWhere: "见模拟器启动时的输出",
		Clock: "时钟", Accounts: "客服账号", Account: "账号", ID: "ID", Managed: "API 管理", ReadOnly: "只读",
		Access: "权限", Servicers: "接待人员", Serving: "接待中", Suspended: "暂时挂起", Stopped: "停止接待", Nobody: "无人接待",
		Departments: "部门", People: "成员", Person: "姓名", Status: "状态", Hidden: "不在可见范围",
		Links: "最近的客服链接", Scene: "场景值", Address: "地址",
		Calls: "最近的调用", Time: "时间", Call: "接口", Answer: "应答", Changed: "已生效", Fault: "故障", Ms: "毫秒",
		NoAnswer: "未执行", Lost: "应答丢失", Violations: "最近的违规", Kind: "类型", Field: "字段", Detail: "说明",
		Faults: "待触发的故障", Waiting: "次调用后触发", Left: "剩余次数", Every: "每次", When: "时机", Holding: "个请求被挂起",
		None: "暂无。", Earlier: "← 上一页", Later: "下一页 →", LinkCount: "已生成的链接", Whole: "个部门", Desk: "接待人员页面", Phone: "以客户身份打开会话",
		StatusNames: map[int]string{1: "已激活", 2: "已禁用", 4: "未激活", 5: "已退出"},
	}
}
