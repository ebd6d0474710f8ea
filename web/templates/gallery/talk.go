package gallery

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// talkPage is the frame of one conversation.
func talkPage(v ui.View, m conversation.Page) templ.Component {
	p := page(v, layout.Conversations, m.Head.Name+" · "+v.T.Conversation.Title)
	p.Own, p.Waiting = true, 4
	return in(p, conversation.Show(v, m))
}

// talk is a conversation of the assistant in which every kind of message occurs.
func talk(v ui.View) conversation.Page {
	t := v.T.Conversation
	name, shop := tr(v, "晴天的猫", "Sunny Cat"), tr(v, "售后与退换", "After-sales")
	m := conversation.Page{
		Pane: talkPane(v), Live: conversation.Live{Href: "/conversations/c1", Topics: "conversations conversation/c1"},
		Head: conversation.Head{Name: name, Account: shop, AccountURL: "/accounts/x", Scene: tr(v, "订单详情页", "Order page"), State: conversation.Assistant,
			Waiting: before(v, 4*time.Minute), Tone: ui.ToneWarn, Back: "/conversations",
			Search: ui.SearchModel{Action: "/conversations/c1", Name: "q", Label: t.FindLabel, Placeholder: t.FindHint}},
		Flow:    conversation.Flow{Items: talkItems(v), Earlier: "/conversations/c1?before=x"},
		Window:  conversation.Window{Left: 4, Max: 5, Until: v.Now.Add(47*time.Hour + 51*time.Minute), Minutes: 2871, MaxMinutes: 2880, MayMove: true, Assign: true, End: true},
		Compose: talkCompose(v),
		Moves: conversation.Moves{Action: "/conversations/c1/move", Hidden: []ui.Pair{{"intent", "x"}, {"rev", "7"}}, Assign: true, End: true, May: true, Departments: 1,
			People: []conversation.Person{{ID: "agent01", Name: tr(v, "客服一号", "Agent One"), Load: 3, On: true}, {ID: "agent02", Name: tr(v, "客服二号", "Agent Two")}}},
	}
	m.Side = conversation.Side{Name: name, AsOf: conversation.AsOf(v, t.AsOf, ui.Time(v, before(v, 20*time.Minute))), Href: "/customers/x",
		Facts: []ui.KV{{Key: t.FactFirst, Value: "2026-03-18"}, {Key: t.FactVisits, Value: "6"}, {Key: t.FactScene, Value: tr(v, "订单详情页", "Order page"), Href: "/links/x"},
			{Key: t.FactParam, Value: "order=8841&from=订单", Mono: true}, {Key: t.FactID, Value: "wmAJ2GCAAAxhTq", Mono: true}},
		Others:  []conversation.Other{{Account: tr(v, "售前咨询", "Pre-sales"), Href: "/conversations/c9", State: conversation.Ended, At: before(v, 500*time.Hour)}},
		Diagram: talkDiagram(v, conversation.Assistant)}
	return m
}

// talkAt puts the conversation into another state, in which nothing can be written.
func talkAt(v ui.View, at conversation.State, why, way string) conversation.Page {
	m := talk(v)
	m.Head.State, m.Side.Diagram = at, talkDiagram(v, at)
	m.Window.Locked, m.Window.Way = v.T.Conversation.Locked[why], v.T.Conversation.Ways[way]
	m.Window.Assign, m.Window.End = at == conversation.Queue || at == conversation.Human, at == conversation.Queue || at == conversation.Human
	m.Moves.Assign, m.Moves.End = m.Window.Assign, m.Window.End
	return m
}

func talkQueue(v ui.View) templ.Component {
	return talkPage(v, talkAt(v, conversation.Queue, "queue", "assign"))
}

func talkHuman(v ui.View) templ.Component {
	m := talkAt(v, conversation.Human, "person", "person")
	m.Head.Servicer, m.Moves.Now = tr(v, "客服一号", "Agent One"), tr(v, "客服一号", "Agent One")
	m.Side.Diagram.Who = m.Head.Servicer
	m.Head.Waiting = time.Time{}
	return talkPage(v, m)
}

func talkEnded(v ui.View) templ.Component {
	m := talkAt(v, conversation.Ended, "ended", "wait")
	m.Window.Left, m.Window.Minutes, m.Window.Past = 0, 0, true
	m.Head.Waiting = time.Time{}
	m.Flow.Earlier = ""
	return talkPage(v, m)
}

func talkOpen(v ui.View) templ.Component { return talkPage(v, talk(v)) }

// talkSealed is what an operator sees who may not read messages.
func talkSealed(v ui.View) templ.Component {
	m := talk(v)
	m.Head.Name, m.Side.Name = tr(v, "晴**", "S**"), tr(v, "晴**", "S**")
	m.Flow.Sealed, m.Compose.Reason = true, v.T.Conversation.SendRole
	for n := range m.Flow.Items {
		if i := &m.Flow.Items[n]; i.Line == nil {
			*i = conversation.Item{Key: i.Key, At: i.At, Day: i.Day, Who: i.Who, Name: i.Name, Delivery: i.Delivery, Sealed: v.T.Conversation.SealedKind(v.T.Conversation.Kinds["text"])}
		}
	}
	m.Moves = conversation.Moves{Action: m.Moves.Action}
	for n := range m.Side.Diagram.Nodes {
		if node := &m.Side.Diagram.Nodes[n]; !node.On {
			node.Legal, node.Opens, node.Reason = false, "", v.T.Conversation.ReasonRole
		}
	}
	return talkPage(v, m)
}

// talkRefused is the page after WeCom refused a move, with a text too long in the form.
func talkRefused(v ui.View) templ.Component {
	m := talk(v)
	m.Trouble = problem.Trouble{Notice: &problem.Notice{Title: v.T.Conversation.ChangedTitle, Text: v.T.Conversation.ChangedText(v.T.Conversation.States[3], tr(v, "客服一号", "Agent One"), v.T.Ago(v.Now, before(v, time.Minute)))}}
	m.Compose.Values["text"] = tr(v, "您好，关于您的订单……", "Hello, about your order …")
	m.Compose.Errors["text"] = v.T.Conversation.Wrong["limit"](1)
	m.Compose.Split = &conversation.Split{Parts: []string{tr(v, "第一段", "The first part"), tr(v, "第二段", "The second part")}, Left: 1, Over: true}
	m.Window.Left = 1
	return talkPage(v, m)
}

// talkFound is what a search in the timeline found.
func talkFound(v ui.View) templ.Component {
	m := talk(v)
	q := tr(v, "发票", "invoice")
	m.Flow = conversation.Flow{Q: q, Found: 2, Clear: "/conversations/c1"}
	for _, i := range talkItems(v) {
		if i.Text != "" && i.Line == nil {
			m.Flow.Items = append(m.Flow.Items, i)
		}
	}
	m.Live = conversation.Live{}
	return talkPage(v, m)
}

func talkDiagram(v ui.View, at conversation.State) conversation.Diagram {
	t := v.T.Conversation
	d := conversation.Diagram{At: at, Since: before(v, 11*time.Minute)}
	for s := conversation.New; s <= conversation.Ended; s++ {
		n := conversation.Node{State: s, On: s == at}
		switch {
		case s == at && s != conversation.Human:
		case at == conversation.Ended:
			n.Reason = t.Reasons["ended"]
		case s == conversation.New:
			n.Reason = t.Reasons["initial"]
		case s == conversation.Human:
			n.Legal, n.Opens = true, "assign"
		case s == conversation.Ended:
			n.Legal, n.Opens = true, "ending"
		case at == conversation.Queue:
			n.Reason = t.Reasons["from_queue"]
		case at == conversation.Human:
			n.Reason = t.Reasons["from_person"]
		default:
			n.Legal = true
		}
		d.Nodes[s] = n
	}
	return d
}
