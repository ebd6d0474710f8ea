package gallery

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/i18n"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/customer"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/reply"
	"kfconsole/web/templates/scene"
	"kfconsole/web/templates/ui"
)

func customerRows(v ui.View) []customer.Row {
	return []customer.Row{
		{ID: "wmAJ2GCAAA8h3Kd9sQm2VxWqLcTzCC01", Name: tr(v, "晴天小雨", "Sunny Rain"), Href: "/customers/1", Profile: customer.Known, AsOf: before(v, 2*time.Hour), Conversations: 3, First: before(v, 240*24*time.Hour), Last: before(v, 4*time.Minute)},
		{ID: "wmAJ2GCAAAq1tVb7uJn5RyEoPfXkCC02", Name: tr(v, "大鱼", "Big Fish"), Href: "/customers/2", Profile: customer.Gone, AsOf: before(v, 48*24*time.Hour), Conversations: 1, First: before(v, 48*24*time.Hour), Last: before(v, 48*24*time.Hour)},
		{ID: "wmAJ2GCAAAz6mYc4wHs8TuIaGeNjCC03", Href: "/customers/3", Profile: customer.Unasked, Conversations: 1, First: before(v, 9*time.Second), Last: before(v, 9*time.Second)},
		{ID: "wmAJ2GCAAAo9xRf2dLk6BiUvSqMhCC04", Href: "/customers/4", Profile: customer.Failed, Conversations: 2, First: before(v, 3*24*time.Hour), Last: before(v, 26*time.Hour)},
	}
}

func customersPage(v ui.View) templ.Component {
	p := page(v, layout.Customers, v.T.Customer.Title)
	p.Facts = []templ.Component{ui.Text(v.T.Customer.Facts(1284, 1102))}
	return in(p, customer.List(v, customer.Index{
		Search: ui.SearchModel{Action: "/customers", Name: "q", Label: v.T.Customer.SearchLabel, Placeholder: v.T.Customer.SearchHint, Target: "#list"},
		Chips:  []ui.ChipModel{{Text: v.T.Customer.Gone, Icon: "clock", Href: "/customers?profile=invalid"}},
		Name:   ui.SortModel{Label: v.T.Customer.ColName, Href: "/customers?sort=name"}, Last: ui.SortModel{Label: v.T.Customer.ColLast, Dir: "desc", Href: "/customers"},
		Rows: customerRows(v), Refresh: ui.Btn{Text: v.T.Customer.Refresh, Icon: "refresh-cw", Form: "customers"}, Back: "/customers",
		Pager: ui.PagerModel{Shown: 4, Total: 1284, Next: "/customers?after=x", Target: "#list"},
	}))
}

func customerPage(v ui.View) templ.Component {
	r := customerRows(v)[1]
	p := page(v, layout.Customers, r.Name)
	p.Crumbs = []ui.Crumb{{Text: v.T.Customer.Title, Href: "/customers"}, {Text: r.Name}}
	p.Lead, p.Facts = ui.Avatar(r.Name, "", ui.AvatarRoundLarger), []templ.Component{customer.AsOf(v, r)}
	return in(p, customer.Page(v, customer.Show{Row: r,
		Facts:         []ui.KV{{Key: v.T.Customer.ID, Show: ui.Copy(v, v.T.Customer.ID, r.ID)}, {Key: v.T.Customer.First, Show: ui.Time(v, r.First)}},
		Conversations: []customer.Conversation{{Account: tr(v, "售前咨询", "Pre-sales"), Href: "/conversations/1", State: conversation.Pill(v, conversation.Ended), Text: tr(v, "谢谢", "Thanks"), Last: r.Last}},
		Visits: []customer.Visit{
			{At: before(v, 48*24*time.Hour), Account: tr(v, "售前咨询", "Pre-sales"), Source: tr(v, "官网页脚", "Web footer"), Href: "/links/1", Wrote: before(v, 48*24*time.Hour), Replied: before(v, 48*24*time.Hour), Human: before(v, 48*24*time.Hour), Ended: before(v, 48*24*time.Hour), EndedBy: "servicer", Rating: tr(v, "满意", "Satisfied")},
			{At: before(v, 50*24*time.Hour), Account: tr(v, "售前咨询", "Pre-sales"), Source: "old_poster_2025"},
			{At: before(v, 55*24*time.Hour), Account: tr(v, "门店预约", "Shop appointments"), Wrote: before(v, 55*24*time.Hour), Ended: before(v, 53*24*time.Hour), EndedBy: "expired"},
		},
	}))
}

func erasePage(v ui.View) templ.Component {
	r := customerRows(v)[0]
	p := page(v, layout.Customers, v.T.Customer.EraseTitle(r.Name))
	p.Narrow = true
	return in(p, customer.Confirm(v, customer.Erase{Name: r.Name, Word: r.Name, Action: "/customers/1/erase", Cancel: "/customers/1", Open: true, Typed: "x", TypedError: v.T.Customer.Errors["typed"](0),
		Impact: []ui.KV{{Key: v.T.Customer.EraseImpact, Value: "3"}, {Key: v.T.Customer.EraseMessages, Value: "148"}}}))
}

func replyRows(v ui.View) []reply.Row {
	night := v.T.Reply.EveryDay + " · 18:00 – " + v.T.Reply.NextDay + " 09:00"
	return []reply.Row{
		{Name: tr(v, "工作时间欢迎语", "Welcome by day"), Href: "/settings/replies/1", Scene: "welcome", Slot: v.T.Reply.EveryDay + " · 09:00 – 18:00", Text: tr(v, "您好，这里是云杉家居，请问有什么可以帮您？", "Hello, this is Yunshan Home. How can we help?"), Menu: true},
		{Name: tr(v, "夜间欢迎语", "Welcome by night"), Href: "/settings/replies/2", Scene: "welcome", Slot: night, Text: tr(v, "现在是休息时间，明早 9 点后回复您。", "We are closed now and answer after 9 in the morning.")},
		{Name: tr(v, "排队", "Queue"), Href: "/settings/replies/3", Scene: "queue", Account: tr(v, "售后与退换", "After-sales and returns"), Slot: v.T.Reply.EveryDay + " · " + v.T.Reply.AllDay, Text: tr(v, "前面还有几位客户，请稍候。", "A few customers are before you; one moment."), Disabled: true},
		{Name: tr(v, "邀请评价", "Ask for a rating"), Href: "/settings/replies/4", Scene: "ending", Slot: v.T.Reply.EveryDay + " · " + v.T.Reply.AllDay, Text: tr(v, "请为本次服务评价", "How did we do?"), Menu: true},
	}
}

func repliesPage(v ui.View) templ.Component {
	p := page(v, layout.Replies, v.T.Reply.Title)
	p.Facts = []templ.Component{ui.Text(v.T.Reply.Facts(3, 4))}
	return in(p, reply.List(v, reply.Index{Rows: replyRows(v), RowMenu: []ui.MenuItem{{Text: v.T.Reply.Edit, Icon: "pencil", Href: "{}"}, {Text: v.T.Reply.Delete, Icon: "trash-2", Href: "{}/delete", Danger: true, Rule: true}}}))
}

func replyFormPage(v ui.View) templ.Component {
	p := page(v, layout.Replies, v.T.Reply.New)
	p.Narrow = true
	m := reply.Form{Action: "/settings/replies", Cancel: "/settings/replies", Submit: v.T.Reply.Create, Name: tr(v, "工作时间欢迎语", "Welcome by day"), From: "09:00", To: "18:00",
		Days: [7]bool{true, true, true, true, true}, Text: tr(v, "您好，请选择：", "Hello, please choose:"), Menu: tr(v, "查询物流\n帮助中心 http:/example", "Track an order\nHelp centre http:/example"), Enabled: true,
		Accounts: []ui.Option{{Text: v.T.Reply.AllAccounts, On: true}}, Errors: map[string]string{"menu": v.T.Reply.Errors["address"](0)}}
	for _, each := range []string{"welcome", "queue", "pickup", "ending"} {
		m.Scenes = append(m.Scenes, ui.Option{Value: each, Text: v.T.Reply.Scenes[each], Help: v.T.Reply.SceneHelp[each], On: each == "welcome"})
	}
	return in(p, reply.Edit(v, m))
}

func replyTestPage(v ui.View) templ.Component {
	p := page(v, layout.Replies, v.T.Reply.Title)
	rows := replyRows(v)
	return in(p, reply.Try(v, reply.Test{Action: "/settings/replies/test", At: "2026-11-20T14:21", Ran: true, Shadowed: rows[1:2],
		Accounts: []ui.Option{{Value: "a", Text: tr(v, "售前咨询", "Pre-sales"), On: true}}, Scenes: []ui.Option{{Value: "welcome", Text: v.T.Reply.Scenes["welcome"], On: true}},
		Fires: &reply.Message{Row: rows[0], Text: rows[0].Text, Items: []reply.Item{{Text: tr(v, "查询物流", "Track an order")}, {Text: tr(v, "帮助中心", "Help centre"), URL: "https://example.com/help"}}, Tail: tr(v, "也可以直接留言", "Or just write to us")}}))
}

func replyLogPage(v ui.View) templ.Component {
	p := page(v, layout.Replies, v.T.Reply.Title)
	row := func(n int, scene, state string, tone ui.Tone, reason string) reply.LogRow {
		return reply.LogRow{At: before(v, time.Duration(n)*time.Minute), Scene: scene, Customer: customerRows(v)[n%2].Name, Href: "/conversations/" + strconv.Itoa(n), Account: tr(v, "售前咨询", "Pre-sales"), State: state, Tone: tone, Reason: v.T.Reply.Reasons[reason]}
	}
	sent, refused := row(1, "welcome", "sent", ui.ToneOK, ""), row(4, "ending", "refused", ui.ToneDanger, "")
	sent.Took, sent.Rule, sent.RuleHref = v.T.Conversation.Span(2*time.Second), tr(v, "工作时间欢迎语", "Welcome by day"), "/settings/replies/1"
	refused.Errcode, refused.Meaning = 95018, i18n.Errcode(string(v.T.Lang), 95018).Meaning
	return in(p, reply.Record(v, reply.Log{Here: "/settings/replies/log", Pager: ui.PagerModel{Shown: 5, Total: 5},
		Rows: []reply.LogRow{sent, row(2, "welcome", "skipped", ui.ToneNeutral, "native_or_repeat"), row(3, "queue", "skipped", ui.ToneNeutral, "no_rule"), refused, row(5, "pickup", "unknown", ui.ToneWarn, "")}}))
}

func scenesPage(v ui.View) templ.Component {
	p := page(v, layout.Links, v.T.Scene.Title)
	p.Facts = []templ.Component{ui.Text(v.T.Scene.Facts(1))}
	return in(p, scene.Inbox(v, scene.Index{Rows: []scene.Row{
		{Scene: "old_poster_2025", Accounts: 2, Entered: 31, Last: before(v, 3*time.Hour), NameHref: "/links/scenes/old_poster_2025"},
		{Scene: "fair_hz", Accounts: 1, Name: tr(v, "杭州展会", "Hangzhou fair"), By: "manager", Entered: 112, Last: before(v, 40*24*time.Hour), NameHref: "/links/scenes/fair_hz"},
	}}))
}

func broughtPage(v ui.View) templ.Component {
	p := page(v, layout.Links, tr(v, "门店收银台立牌", "Till stand"))
	b := scene.Brought{Periods: []ui.Choice{{Text: v.T.Scene.Period(7), Href: "?days=7"}, {Text: v.T.Scene.Period(30), Href: "?days=30", On: true}, {Text: v.T.Scene.Period(90), Href: "?days=90"}}}
	for i := range 30 {
		entered := (i*7)%13 + i/4
		d := scene.Day{Date: v.Now.AddDate(0, 0, i-29).Format(time.DateOnly), Entered: entered, Wrote: entered * 2 / 3, Human: entered / 3, Replied: entered / 2}
		b.Days = append(b.Days, d)
		b.Sum.Entered, b.Sum.Wrote, b.Sum.Human, b.Sum.Replied = b.Sum.Entered+d.Entered, b.Sum.Wrote+d.Wrote, b.Sum.Human+d.Human, b.Sum.Replied+d.Replied
	}
	return in(p, scene.Figures(v, b))
}
