package gallery

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

func boardFrame(v ui.View, m conversation.Board) templ.Component {
	p := page(v, layout.Conversations, v.T.Conversation.Title)
	p.Waiting = 4
	p.Facts = []templ.Component{conversation.Facts(v, v.T.Conversation.WaitingFact(4, v.T.Conversation.Span(16*time.Minute)), v.T.Conversation.OpenFact(31))}
	return in(p, conversation.List(v, m))
}

func boardList(v ui.View) templ.Component {
	m := boardModel(v)
	m.Clocks = []conversation.Clock{{Account: tr(v, "物流查询", "Delivery"), Href: "/accounts/x", At: before(v, 26*time.Hour), Tone: ui.ToneWarn}}
	return boardFrame(v, m)
}

func boardColumns(v ui.View) templ.Component {
	m := boardModel(v)
	m.Views[0].On, m.Views[1].On = false, true
	m.Rows = nil
	for _, s := range []conversation.State{conversation.New, conversation.Assistant, conversation.Queue, conversation.Human} {
		c := conversation.Column{State: s}
		for _, r := range talkRows(v) {
			if r.State == s {
				c.Rows = append(c.Rows, r)
			}
		}
		if c.Count = len(c.Rows); s == conversation.Human {
			c.Count, c.More = 18, "/conversations?state=3"
		}
		m.Columns = append(m.Columns, c)
	}
	return boardFrame(v, m)
}

func boardEmpty(v ui.View) templ.Component {
	m := boardModel(v)
	m.Rows = nil
	m.Empty = ui.EmptyModel{Icon: "messages-square", Title: v.T.Conversation.NoneTitle, Text: v.T.Conversation.NoneText, Next: ui.Btn{Text: v.T.Conversation.NoneNext, Icon: "qr-code", Href: "/links"}}
	m.Clocks = []conversation.Clock{{Account: tr(v, "物流查询", "Delivery"), Href: "/accounts/x", At: before(v, 75*time.Hour), Tone: ui.ToneDanger, Lost: true}, {Account: tr(v, "售前咨询", "Pre-sales"), Href: "/accounts/y", Tone: ui.ToneWarn}}
	return boardFrame(v, m)
}

func boardSealed(v ui.View) templ.Component {
	m := boardModel(v)
	m.Sealed, m.Reason = true, v.T.Conversation.ReasonRole
	for n := range m.Rows {
		m.Rows[n].Name, m.Rows[n].Preview, m.Rows[n].From = tr(v, "晴**", "S**"), v.T.Conversation.Kinds["text"], ""
	}
	return boardFrame(v, m)
}

func boardMove(v ui.View) templ.Component {
	p := page(v, layout.Conversations, v.T.Conversation.MoveTitle(3))
	m := conversation.Choose{Action: "/conversations/move", Cancel: "/conversations", Hidden: []ui.Pair{{"intent", "x"}}, To: "3",
		People: []conversation.Person{{ID: "agent01", Name: tr(v, "客服一号", "Agent One"), Load: 3}, {ID: "agent02", Name: tr(v, "客服二号", "Agent Two"), On: true}}}
	for _, r := range talkRows(v)[:3] {
		m.Rows = append(m.Rows, conversation.MoveRow{ID: r.ID, Name: r.Name, Account: r.Account, State: r.State})
	}
	m.Targets = []conversation.Target{{State: conversation.Assistant, Legal: 1}, {State: conversation.Queue, Legal: 2}, {State: conversation.Human, Legal: 3}, {State: conversation.Ended, Legal: 0}}
	return in(p, conversation.Move(v, m))
}
