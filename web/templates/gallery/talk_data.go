package gallery

import (
	"time"

	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/ui"
)

func talkCompose(v ui.View) conversation.Compose {
	t := v.T.Conversation
	c := conversation.Compose{Action: "/conversations/c1/messages", Preview: "/conversations/c1/preview", Intent: "x", Kind: "text", Values: map[string]string{}, Errors: map[string]string{}, MaxBytes: 2048, Left: 4,
		Items: []conversation.MenuInput{{Type: "click"}, {Type: "click"}, {Type: "view"}}, MaxItems: 10}
	c.Files = map[string]string{"image": t.FileHelp["image"], "file": t.FileHelp["file"], "voice": t.FileHelp["voice"], "video": t.FileHelp["video"], "link_cover": t.FileHelp["cover"], "mini_cover": t.FileHelp["cover"]}
	for _, k := range [][2]string{{"text", "message-circle"}, {"image", "image"}, {"file", "paperclip"}, {"voice", "mic"}, {"video", "video"}, {"link", "link"}, {"miniprogram", "app-window"}, {"msgmenu", "list"}, {"location", "map-pin"}} {
		c.Kinds = append(c.Kinds, conversation.Kind{Value: k[0], Icon: k[1], Text: t.Kinds[k[0]]})
	}
	return c
}

func talkPane(v ui.View) conversation.Pane {
	p := conversation.Pane{Title: v.T.Conversation.Title, Back: "/conversations", More: "/conversations", Rows: talkRows(v),
		Live: conversation.Live{Href: "/conversations/c1", Topics: "conversations", First: true, News: "/conversations?since=1"}}
	p.Rows[0].On = true
	return p
}

func talkRows(v ui.View) []conversation.Row {
	sales, returns := tr(v, "售前咨询", "Pre-sales"), tr(v, "售后与退换", "After-sales")
	one := tr(v, "客服一号", "Agent One")
	row := func(id, zh, en, account string, s conversation.State, wait time.Duration, tone ui.Tone, zhLast, enLast string) conversation.Row {
		r := conversation.Row{ID: id, Href: "/conversations/" + id, Name: tr(v, zh, en), Account: account, State: s, Preview: tr(v, zhLast, enLast), LastAt: before(v, wait+20*time.Second), Tone: tone}
		if tone != "" {
			r.Waiting = before(v, wait)
		}
		return r
	}
	rows := []conversation.Row{
		row("c1", "晴天的猫", "Sunny Cat", returns, conversation.Assistant, 16*time.Minute, ui.ToneDanger, "刚才那张发票抬头能改吗？", "Can the invoice still be changed?"),
		row("c2", "北岛来信", "North Island", returns, conversation.Queue, 6*time.Minute, ui.ToneWarn, "[图片]", "[Picture]"),
		row("c3", "木木", "Mumu", sales, conversation.New, 74*time.Second, ui.ToneNeutral, "你们明天开门吗", "Are you open tomorrow?"),
		row("c4", "小满", "Small Full", sales, conversation.New, 20*time.Second, ui.ToneNeutral, "在吗", "Hello?"),
		row("c5", "一颗青豆", "Green Pea", sales, conversation.Human, 3*time.Minute, "", "好的，麻烦尽快安排师傅", "Fine, please send the fitter soon"),
		row("c6", "微信客户 8fQ2", "Customer 8fQ2", returns, conversation.Assistant, 40*time.Minute, "", "您的退款已经受理", "Your refund is under way"),
		row("c7", "向日葵", "Sunflower", sales, conversation.Ended, 26*time.Hour, "", "谢谢", "Thanks"),
	}
	rows[4].Servicer, rows[5].From = one, v.T.Conversation.FromUs
	return rows
}

func boardModel(v ui.View) conversation.Board {
	t := v.T.Conversation
	m := conversation.Board{
		Search: ui.SearchModel{Action: "/conversations", Name: "q", Label: t.SearchLabel, Placeholder: t.SearchHint, Target: "#list"},
		Menus: []ui.ChipMenuModel{{Label: t.FilterAccount, Choices: []ui.Choice{{Text: tr(v, "售前咨询", "Pre-sales"), Href: "/conversations?account=x"}}},
			{Label: t.FilterServicer, Value: tr(v, "客服一号", "Agent One"), Clear: "/conversations"}, {Label: t.FilterWait, Choices: []ui.Choice{{Text: t.WaitOver(10), Href: "/conversations?wait=10"}}}},
		Views: []conversation.ViewLink{{Text: t.ViewList, Icon: "rows-3", Href: "/conversations", On: true}, {Text: t.ViewColumns, Icon: "columns-3", Href: "/conversations?view=columns"}},
		Live:  conversation.Live{Href: "/conversations", Topics: "conversations", First: true, News: "/conversations?since=1"},
		Rows:  talkRows(v), Pager: ui.PagerModel{Shown: 7, Total: 31, Next: "/conversations?after=x", Target: "#list"}, Move: "/conversations/move",
		ByWait: ui.SortModel{Label: t.ColWaiting, Href: "/conversations", Dir: "desc"}, ByTime: ui.SortModel{Label: t.ColAt, Href: "/conversations?sort=recent"},
		States: []conversation.StateChip{{All: true, Href: "/conversations", On: true, Count: 31}},
	}
	for s, n := range []int{2, 6, 5, 18, 0} {
		m.States = append(m.States, conversation.StateChip{State: conversation.State(s), Href: "/conversations?state=0", Count: n})
	}
	return m
}

func talkItems(v ui.View) []conversation.Item {
	t := v.T.Conversation
	who := tr(v, "客服主管", "manager")
	n := 0
	at := func(i conversation.Item) conversation.Item {
		i.Key, i.At = "m"+string(rune('a'+n)), before(v, 20*time.Minute-time.Duration(n)*40*time.Second)
		n++
		return i
	}
	own := func(i conversation.Item, tone ui.Tone, icon, state, why string) conversation.Item {
		i.Who, i.Name = conversation.Console, t.Assistant(who)
		i.Delivery = &conversation.Delivery{Tone: tone, Icon: icon, Words: t.Deliveries[state], Why: why, Audit: "/audit/1"}
		return i
	}
	line := func(icon, words string, tone ui.Tone) conversation.Item {
		return conversation.Item{Line: &conversation.Line{Icon: icon, Words: words, Tone: tone}}
	}
	customer := func(i conversation.Item) conversation.Item { i.Who = conversation.Customer; return i }
	first := at(line("log-in", t.EnteredScene(tr(v, "订单详情页", "Order page")), ui.ToneNeutral))
	first.Day = t.Today
	welcome := own(conversation.Item{Text: tr(v, "您好，这里是云杉家居售后，请问有什么可以帮您？", "Hello, this is after-sales. How can we help?"), Coded: t.Coded["welcome"]}, ui.ToneOK, "check", "accepted", "")
	welcome.Name = ""
	unknown := own(conversation.Item{Text: tr(v, "正在为您查询。", "Looking it up.")}, ui.ToneWarn, "hourglass", "unknown", t.SettleText)
	unknown.Delivery.Settle, unknown.Delivery.SettleFields = "/audit/1/settle", []ui.Pair{{"return", "/conversations/c1"}}
	return []conversation.Item{
		first, at(welcome),
		at(customer(conversation.Item{Text: tr(v, "你好，订单 20261120-8841 的发票抬头写错了", "Hello, the invoice of order 20261120-8841 has the wrong name")})),
		at(customer(conversation.Item{Media: &conversation.Media{Kind: "image", Why: t.MediaWhy["wanted"]}})),
		at(customer(conversation.Item{Media: &conversation.Media{Kind: "voice", Href: "/conversations/c1/media/4", Size: "14 KB"}})),
		at(customer(conversation.Item{Media: &conversation.Media{Kind: "file", Href: "/conversations/c1/media/5", Name: tr(v, "发票信息.pdf", "invoice.pdf"), Size: "212 KB"}})),
		at(own(conversation.Item{Text: tr(v, "收到，我帮您登记修改，预计今天 18 点前重新开具。", "Got it. A new invoice is due by 18:00.")}, ui.ToneOK, "check", "accepted", "")),
		at(customer(conversation.Item{Card: &conversation.Card{Icon: "map-pin", Kind: t.Kinds["location"], Title: tr(v, "湖滨银泰", "Lakeside"), Text: tr(v, "杭州市上城区东坡路 7 号", "7 Dongpo Road"), Facts: []ui.KV{{Key: t.Latitude, Value: "30.2489, 120.1648", Mono: true}}}})),
		at(customer(conversation.Item{Card: &conversation.Card{Icon: "link", Kind: t.Kinds["link"], Title: tr(v, "退换货说明", "Returns"), Text: tr(v, "七天无理由", "Seven days"), Href: "https://example.com/help"}})),
		at(own(conversation.Item{Menu: &conversation.Menu{Head: tr(v, "您想咨询哪类问题？", "What is it about?"), Items: []conversation.MenuLine{{Icon: "message-circle", Text: tr(v, "发票", "Invoice")}, {Icon: "link", Text: tr(v, "帮助中心", "Help centre"), Href: "https://example.com"}}}}, ui.ToneDanger, "circle-x", "failed", t.FailTypes[6])),
		at(customer(conversation.Item{Text: tr(v, "发票", "Invoice"), Note: t.MenuChosen})),
		at(customer(conversation.Item{Merged: []conversation.MergedLine{{Who: tr(v, "店员", "Shop"), Text: tr(v, "已经寄出", "It is on its way")}}, Text: tr(v, "和店员的聊天记录", "Chat with the shop")})),
		at(line("user-check", t.Picked(tr(v, "客服一号", "Agent One")), ui.ToneOK)),
		at(conversation.Item{Who: conversation.Servicer, Name: tr(v, "客服一号", "Agent One"), Text: tr(v, "您好，我来处理。", "Hello, I will see to it."), Recalled: t.RecalledBy["servicer"]}),
		at(customer(conversation.Item{Unknown: "channels_live_gift", Raw: `{"msgtype":"channels_live_gift"}`})),
		at(customer(conversation.Item{Broken: true, Raw: `{"msgtype":"text","text":`})),
		at(unknown),
		at(customer(conversation.Item{Text: tr(v, "刚才那张发票抬头能改吗？", "Can the invoice still be changed?")})),
	}
}
