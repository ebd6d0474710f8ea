package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// receiversShown is how many people on duty are offered; others are typed.
const receiversShown = 20

// talkDiagram is the state machine with the conversation in it, and why each move that cannot be made cannot.
func (s *Server) talkDiagram(r *request, k *talk) conversation.Diagram {
	t := r.t().Conversation
	d := conversation.Diagram{At: conversation.State(k.State), Since: k.StateAt}
	if k.State == db.StateHuman {
		d.Who = orID(k.ServicerName, k.ServicerID)
	}
	for n, option := range ops.LegalMoves(k.Conversation) {
		node := conversation.Node{State: conversation.State(option.To), On: option.To == k.State, Legal: option.Legal && r.can(auth.MoveConversations), Reason: t.Reasons[option.Reason]}
		if option.Legal && !node.Legal {
			node.Reason = t.ReasonRole
		}
		switch option.To {
		case db.StateHuman:
			node.Opens = "assign"
		case db.StateEnded:
			node.Opens = "ending"
		}
		d.Nodes[n] = node
	}
	return d
}

// talkMoves are the moves that can be made, and to whom.
func (s *Server) talkMoves(r *request, k *talk) (conversation.Moves, error) {
	m := conversation.Moves{Action: k.board.q.On(href.Conversation(k.ID, "move")), May: r.can(auth.MoveConversations), Picked: r.form("servicer")}
	if !m.May {
		return m, nil
	}
	m.Hidden = []ui.Pair{{"intent", db.NewID()}, {"state", strconv.Itoa(k.State)}, {"held", ""}}
	if k.State == db.StateHuman {
		m.Hidden[2][1], m.Now = k.ServicerID, orID(k.ServicerName, k.ServicerID)
	}
	for _, option := range ops.LegalMoves(k.Conversation) {
		m.Assign = m.Assign || option.Legal && option.To == db.StateHuman
		m.End = m.End || option.Legal && option.To == db.StateEnded
	}
	if !m.Assign {
		return m, nil
	}
	list, err := s.Ops.Receivers(r.ctx, k.AccountID)
	if err != nil {
		return m, err
	}
	m.People, m.More, err = s.onDuty(r, list, k.ServicerID)
	return m, err
}

// onDuty are the first people of a list who are on duty, with what they have to do, and how many more there are.
func (s *Server) onDuty(r *request, list []ops.Receiver, except string) (people []conversation.Person, more int, err error) {
	for _, each := range list {
		switch {
		case !each.OnDuty || each.UserID == except:
			continue
		case len(people) == receiversShown:
			more++
			continue
		}
		counts, err := s.DB.ConversationCounts(r.ctx, db.ConversationFilter{Servicer: each.UserID})
		if err != nil {
			return nil, 0, err
		}
		people = append(people, conversation.Person{ID: each.UserID, Name: orID(each.Name, each.UserID), Load: counts.ByState[db.StateHuman], On: r.form("person") == each.UserID})
	}
	return people, more, nil
}

// receiver is the person whom a form names: typed, or chosen from the list.
func (r *request) receiver() string {
	if id := r.form("servicer"); id != "" {
		return id
	}
	return r.form("person")
}

func (s *Server) conversationMove(r *request) error {
	k, err := s.talk(r)
	if err != nil {
		return err
	}
	to, err := strconv.Atoi(r.form("to"))
	if err != nil {
		to = -1
	}
	send := ops.Move{IntentID: r.intent(), ConversationID: k.ID, To: to, ServicerID: r.receiver()}
	if state, err := strconv.Atoi(r.form("state")); err == nil {
		send.Seen = &ops.ConversationSeen{State: state, ServicerID: r.form("held")}
	}
	result, err := s.Ops.MoveConversation(r.ctx, r.actor, send)
	c := change{result: result, err: err, tried: r.t().Conversation.MoveTried, to: k.self()}
	if to == db.StateEnded {
		c.tried = r.t().Conversation.EndTried
	}
	c.again = func(t trouble) (layout.Page, templ.Component, error) {
		// What the page shows is what is true by now.
		if k, err = s.talk(r); err != nil {
			return layout.Page{}, nil, err
		}
		s.explainMove(r, k, result.Err, &t)
		return s.conversationPage(r, k, conversation.Compose{}, t.above)
	}
	var conflict *ops.Conflict
	if errors.As(err, &conflict) {
		return s.formAgain(r, http.StatusConflict, c, trouble{above: problem.Trouble{Notice: s.changed(r, k, conflict)}})
	}
	return s.conclude(r, c)
}

// changed says what happened to a conversation after the page was made.
func (s *Server) changed(r *request, k *talk, conflict *ops.Conflict) *problem.Notice {
	t := r.t().Conversation
	n := &problem.Notice{Title: t.ChangedTitle}
	state, _ := strconv.Atoi(conflict.Theirs)
	who := conflict.By
	if state == db.StateHuman && who == "" {
		who = orID(k.ServicerName, k.ServicerID)
	}
	at := conflict.At
	if at.IsZero() {
		at = k.StateAt
	}
	n.Text = t.ChangedText(t.States[state], who, r.t().Ago(r.view.Now, at))
	return n
}

// explainMove puts what is wrong with a move into words: a rule, or where WeCom found the conversation instead.
func (s *Server) explainMove(r *request, k *talk, refused error, tr *trouble) {
	t := r.t().Conversation
	var meanwhile *ops.Meanwhile
	switch {
	case tr.invalid != nil:
		tr.above = problem.Trouble{Notice: &problem.Notice{Title: moveWords(r, tr.invalid)}}
	case errors.As(refused, &meanwhile):
		who := ""
		if meanwhile.ServicerID != "" {
			who = s.personName(r.ctx, meanwhile.ServicerID)
		}
		tr.above.Notice = &problem.Notice{Title: t.ChangedTitle, Text: t.ChangedText(t.States[meanwhile.State], who, r.t().Ago(r.view.Now, k.StateAt))}
	}
}

// moveWords says what is wrong with a move.
func moveWords(r *request, invalid *ops.Invalid) string {
	if say := r.t().Conversation.Errors[invalid.Rule]; say != nil {
		return say(invalid.Limit)
	}
	return invalid.Rule
}

// conversationChoose is the form that moves what was selected on the board.
func (s *Server) conversationChoose(r *request) error {
	return s.choosePage(r, http.StatusOK, r.queries("c"), trouble{})
}

// conversationMoveMany starts the run that moves several conversations.
func (s *Server) conversationMoveMany(r *request) error {
	ids := r.forms("c")
	to, err := strconv.Atoi(r.form("to"))
	if err != nil {
		to = -1
	}
	run, err := s.Ops.MoveConversations(r.ctx, r.actor, ops.MoveMany{IntentID: r.intent(), ConversationIDs: ids, To: to, ServicerID: r.receiver()})
	return s.startedRun(r, run, err, func(status int, t trouble) error { return s.choosePage(r, status, ids, t) })
}

func (s *Server) choosePage(r *request, status int, ids []string, tr trouble) error {
	t := r.t().Conversation
	m := conversation.Choose{Action: href.ConversationsMove, Cancel: href.Conversations, Hidden: []ui.Pair{{"intent", db.NewID()}}, To: r.form("to"), Picked: r.form("servicer"), Trouble: tr.above}
	if !r.can(auth.MoveConversations) {
		m.Reason = t.ReasonRole
	}
	rows, err := s.chosen(r, ids, &m)
	if err != nil {
		return err
	}
	if tr.invalid != nil {
		words := moveWords(r, tr.invalid)
		switch tr.invalid.Field {
		case "to":
			m.ToError = words
		case "servicer":
			m.PickError = words
		default:
			m.Trouble = problem.Trouble{Notice: &problem.Notice{Title: words}}
		}
	}
	p := layout.Page{Title: t.NothingSelected, Nav: layout.Conversations, Crumbs: []ui.Crumb{{Text: t.Title, Href: href.Conversations}, {Text: t.MoveSelected}}}
	if len(rows) == 0 {
		m.Trouble.Notice = &problem.Notice{Title: t.NothingSelected, Text: t.NothingSelectedText}
		return s.replyStatus(r, status, p, conversation.Move(r.view, m))
	}
	p.Title = t.MoveTitle(len(rows))
	if m.To == "" {
		m.To = strconv.Itoa(db.StateHuman)
	}
	return s.replyStatus(r, status, p, conversation.Move(r.view, m))
}

// chosen reads what was selected and who could take all of it.
func (s *Server) chosen(r *request, ids []string, m *conversation.Choose) ([]db.Conversation, error) {
	if len(ids) > ops.MaxConversations {
		return nil, badRequest("c")
	}
	slices.Sort(ids)
	var rows []db.Conversation
	legal := [5]int{}
	accounts := map[string]bool{}
	for _, id := range slices.Compact(ids) {
		c, err := s.DB.Conversation(r.ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			continue // erased meanwhile
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, c)
		accounts[c.AccountID] = true
		for _, option := range ops.LegalMoves(c) {
			if option.Legal {
				legal[option.To]++
			}
		}
		row := conversation.MoveRow{Name: talkName(r, c), Picture: s.customerPicture(r, c.CustomerID, c.PictureID), Account: orID(c.AccountName, c.AccountID), State: conversation.State(c.State)}
		if c.State == db.StateHuman {
			row.Servicer = orID(c.ServicerName, c.ServicerID)
		}
		m.Rows, m.Hidden = append(m.Rows, row), append(m.Hidden, ui.Pair{"c", c.ID})
	}
	for _, to := range []int{db.StateAssistant, db.StateQueue, db.StateHuman, db.StateEnded} {
		m.Targets = append(m.Targets, conversation.Target{State: conversation.State(to), Legal: legal[to]})
	}
	m.Accounts = len(accounts)
	all, err := s.commonReceivers(r, accounts)
	if err != nil {
		return nil, err
	}
	m.People, m.More, err = s.onDuty(r, all, "")
	return rows, err
}

// commonReceivers are the people who serve each of the accounts.
func (s *Server) commonReceivers(r *request, accounts map[string]bool) ([]ops.Receiver, error) {
	var common []ops.Receiver
	first := true
	for id := range accounts {
		list, err := s.Ops.Receivers(r.ctx, id)
		if err != nil {
			return nil, err
		}
		if first {
			common, first = list, false
			continue
		}
		common = slices.DeleteFunc(common, func(p ops.Receiver) bool {
			return !slices.ContainsFunc(list, func(other ops.Receiver) bool { return other.UserID == p.UserID && other.OnDuty })
		})
	}
	return common, nil
}
