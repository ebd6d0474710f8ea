package server

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// How much of a conversation is shown at once.
const (
	perTimeline = 40
	perPane     = 30
	othersShown = 8
)

// talk is a conversation while its page is made.
type talk struct {
	db.Conversation
	board  board
	window ops.Window
	known  known
}

func (s *Server) conversationShow(r *request) error {
	k, err := s.talk(r)
	if err != nil {
		return err
	}
	switch {
	case r.query("since") != "":
		return s.conversationNews(r, k.board, k.board.q.On(href.Conversation(k.ID)))
	case target(r) == "pane":
		pane, err := s.conversationPane(r, k)
		if err != nil {
			return err
		}
		return s.reply(r, layout.Page{}, conversation.Beside(r.view, pane))
	}
	p, body, err := s.conversationPage(r, k, conversation.Compose{Focus: r.query("done") != ""}, problem.Trouble{})
	return s.replyOr(r, http.StatusOK, p, body, err)
}

// talk reads the conversation of an address.
func (s *Server) talk(r *request) (*talk, error) {
	b, err := boardAsked(r, false)
	if err != nil {
		return nil, err
	}
	c, err := s.DB.Conversation(r.ctx, r.param("id"))
	if err != nil {
		return nil, err
	}
	return &talk{Conversation: c, board: b, window: s.Ops.MayWrite(c, r.view.Now)}, nil
}

// self is the address of the conversation with the filters of the list beside it.
func (k *talk) self() string { return k.board.q.On(href.Conversation(k.ID)) }

// conversationPage puts a conversation together: with what is typed in the composer, and what went wrong.
func (s *Server) conversationPage(r *request, k *talk, typed conversation.Compose, trouble problem.Trouble) (layout.Page, templ.Component, error) {
	m := conversation.Page{Head: s.talkHead(r, k), Trouble: trouble, Window: s.talkWindow(r, k), Compose: composeFor(r, k, typed), Moves: conversation.Moves{}}
	p := layout.Page{Title: m.Head.Name + " · " + r.t().Conversation.Title, Nav: layout.Conversations, Own: true}
	var err error
	if m.Flow, err = s.talkFlow(r, k); err != nil {
		return p, nil, err
	}
	m.Head.Scene = k.known.scenes[k.Scene].name
	if m.Moves, err = s.talkMoves(r, k); err != nil {
		return p, nil, err
	}
	if m.Side, err = s.talkSide(r, k); err != nil {
		return p, nil, err
	}
	if !m.Flow.Old && m.Flow.Q == "" {
		m.Live = conversation.Live{Href: k.self(), Topics: live.ConversationTopic(k.ID) + " " + live.TopicCustomers}
	}
	if r.partial() && r.c.Method() == http.MethodGet {
		return p, conversation.Talk(r.view, m), nil
	}
	if m.Pane, err = s.conversationPane(r, k); err != nil {
		return p, nil, err
	}
	return p, conversation.Show(r.view, m), nil
}

// conversationPane is the list beside the conversation: the beginning of the board.
func (s *Server) conversationPane(r *request, k *talk) (conversation.Pane, error) {
	p := conversation.Pane{Title: r.t().Conversation.Title, Back: k.board.q.On(href.Conversations), Live: conversation.Live{
		Href: k.self(), Topics: live.TopicConversations, First: true, News: k.board.q.With("since", since(r)).On(href.Conversation(k.ID))}}
	list, page, err := s.DB.Conversations(r.ctx, k.board.filter, "", perPane)
	if err != nil {
		return p, err
	}
	for _, c := range list {
		row := s.conversationRow(r, c, k.board.q)
		row.On = c.ID == k.ID
		p.Rows = append(p.Rows, row)
	}
	if page.Next != "" {
		p.More = p.Back
	}
	return p, nil
}

func (s *Server) talkHead(r *request, k *talk) conversation.Head {
	t := r.t().Conversation
	h := conversation.Head{Name: talkName(r, k.Conversation), Picture: s.customerPicture(r, k.CustomerID, k.PictureID), Account: orID(k.AccountName, k.AccountID), AccountURL: href.Account(k.AccountID),
		State: conversation.State(k.State), Waiting: k.WaitingSince, Back: k.board.q.On(href.Conversations)}
	if !k.WaitingSince.IsZero() {
		h.Tone = waitTone(r.view.Now, k.WaitingSince)
	}
	if k.State == db.StateHuman {
		h.Servicer = orID(k.ServicerName, k.ServicerID)
	}
	if r.can(auth.ViewMessages) {
		h.Search = ui.SearchModel{Action: href.Conversation(k.ID), Name: "q", Value: r.query("q"), Label: t.FindLabel, Placeholder: t.FindHint, Hidden: k.board.q.Pairs()}
	}
	return h
}

// talkWindow says whether, how often and how long one may still write.
func (s *Server) talkWindow(r *request, k *talk) conversation.Window {
	t := r.t().Conversation
	w := conversation.Window{Left: k.window.Left, Max: kf.SendQuota, MaxMinutes: int(kf.SendWindow / time.Minute), Never: k.window.Until.IsZero(), MayMove: r.can(auth.MoveConversations)}
	w.Minutes = max(0, int(k.window.Until.Sub(r.view.Now)/time.Minute))
	w.Past = !k.window.Until.After(r.view.Now)
	if !k.window.Allowed {
		w.Locked, w.Way = t.Locked[k.window.Reason], t.Ways[k.window.LegalWay]
		for _, option := range ops.LegalMoves(k.Conversation) {
			w.Assign = w.Assign || option.Legal && option.To == db.StateHuman
			w.End = w.End || option.Legal && option.To == db.StateEnded
		}
	}
	return w
}

// talkSide is what is known about the customer, and the state.
func (s *Server) talkSide(r *request, k *talk) (conversation.Side, error) {
	t := r.t().Conversation
	m := conversation.Side{Name: talkName(r, k.Conversation), Picture: s.customerPicture(r, k.CustomerID, k.PictureID), Diagram: s.talkDiagram(r, k)}
	if r.can(auth.ViewCustomers) {
		m.Href = href.Customer(k.CustomerID)
	}
	c, err := s.DB.Customer(r.ctx, k.CustomerID)
	if err != nil {
		return m, err
	}
	m.AsOf = profileAge(r, c)
	visits, err := s.DB.VisitsOf(r.ctx, k.ID)
	if err != nil {
		return m, err
	}
	scene := k.known.scenes[k.Scene]
	m.Facts = []ui.KV{{Key: t.FactFirst, Show: ui.Time(r.view, k.FirstAt)}, {Key: t.FactVisits, Value: strconv.Itoa(len(visits))}}
	if k.Scene == "" {
		m.Facts = append(m.Facts, ui.KV{Key: t.FactScene, Value: t.NoScene})
	} else {
		m.Facts = append(m.Facts, ui.KV{Key: t.FactScene, Value: scene.name, Href: scene.href})
	}
	if k.SceneParam != "" {
		m.Facts = append(m.Facts, ui.KV{Key: t.FactParam, Value: decoded(k.SceneParam), Mono: true})
	}
	if k.Rejected {
		m.Facts = append(m.Facts, ui.KV{Key: t.FactRefused, Value: t.FactRefusedYes})
	}
	m.Facts = append(m.Facts, ui.KV{Key: t.FactID, Show: ui.Copy(r.view, t.FactID, k.CustomerID)})
	others, _, err := s.DB.Conversations(r.ctx, db.ConversationFilter{Customer: k.CustomerID, Sort: db.SortRecent}, "", othersShown+1)
	for _, o := range others {
		if o.ID != k.ID && len(m.Others) < othersShown {
			m.Others = append(m.Others, conversation.Other{Account: orID(o.AccountName, o.AccountID), Href: href.Conversation(o.ID), State: conversation.State(o.State), At: o.LastAt})
		}
	}
	return m, err
}

// decoded is a scene_param as it was meant: WeCom gives it as it stood in the address.
func decoded(param string) string {
	if s, err := url.QueryUnescape(param); err == nil && isText(s) {
		return s
	}
	return param
}

// profileAge says how old a customer's profile is, or why there is none.
func profileAge(r *request, c db.Customer) templ.Component {
	t := r.t().Conversation
	switch {
	case !r.can(auth.ViewMessages):
		return ui.Text(t.Masked)
	case !c.ProfileAt.IsZero():
		return conversation.AsOf(r.view, t.AsOf, ui.Time(r.view, c.ProfileAt))
	case c.ProfileState == db.ProfileInvalid:
		return ui.Text(t.AsOfInvalid)
	case c.ProfileState == db.ProfileFailed:
		return ui.Text(t.AsOfFailed)
	}
	return ui.Text(t.AsOfNever)
}
