package server

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/live"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// How much of the board is shown at once.
const (
	perColumn   = 12
	newsCounted = 50 // changed conversations that are counted one by one
)

// openStates are those of conversations that are under way: what the board shows unless it is asked for others.
func openStates() []int { return []int{db.StateNew, db.StateAssistant, db.StateQueue, db.StateHuman} }

// board is what the address of the board asks for.
type board struct {
	filter  db.ConversationFilter
	q       href.Query
	columns bool
}

// boardAsked reads the filters of an address. The search of the board does not go along to a conversation, which has its own.
func boardAsked(r *request, search bool) (b board, err error) {
	state, err := r.oneOf("state", "", "0", "1", "2", "3", "4")
	if err != nil {
		return b, err
	}
	sort, err := r.oneOf("sort", "", db.SortWaiting, db.SortRecent)
	if err != nil {
		return b, err
	}
	view, err := r.oneOf("view", "", "columns")
	if err != nil {
		return b, err
	}
	wait, err := strconv.Atoi("0" + r.query("wait"))
	if err != nil || wait > 2*24*60 {
		return b, badRequest("wait")
	}
	for _, name := range []string{"q", "account", "servicer"} {
		if len(r.query(name)) > 200 {
			return b, badRequest(name)
		}
	}
	// Whoever does not see names and messages could find them out letter by letter.
	if search && r.query("q") != "" && !r.can(auth.ViewMessages) {
		return b, badRequest("q")
	}
	b.filter = db.ConversationFilter{Account: r.query("account"), Servicer: r.query("servicer"), States: openStates(), Sort: sort}
	b.q = href.Q("state", state, "account", b.filter.Account, "servicer", b.filter.Servicer, "wait", r.query("wait"), "sort", sort)
	if wait > 0 {
		b.filter.UnansweredSince = r.view.Now.Add(-time.Duration(wait) * time.Minute)
	}
	if state != "" {
		b.filter.States = []int{int(state[0] - '0')}
	}
	if search {
		b.filter.Q, b.columns = r.query("q"), view == "columns"
		b.q = b.q.With("q", b.filter.Q).With("view", view)
	}
	return b, nil
}

// target is the id of the part of the page that htmx asks for.
func target(r *request) string {
	if !r.partial() {
		return ""
	}
	return r.c.Get("HX-Target")
}

func (s *Server) conversationIndex(r *request) error {
	b, err := boardAsked(r, true)
	if err != nil {
		return err
	}
	if r.query("since") != "" {
		return s.conversationNews(r, b, b.q.On(href.Conversations))
	}
	switch part := target(r); part {
	case "waits", "facts", "rows":
		return s.replyShared(r, func() (templ.Component, error) { return s.boardPart(r, b, part) })
	}
	all, err := s.DB.ConversationCounts(r.ctx, db.ConversationFilter{})
	if err != nil {
		return err
	}
	m, err := s.boardRows(r, b)
	if err != nil {
		return err
	}
	t := r.t().Conversation
	if !m.Sealed {
		m.Search = ui.SearchModel{Action: href.Conversations, Name: "q", Value: b.filter.Q, Label: t.SearchLabel, Placeholder: t.SearchHint, Hidden: b.q.Without("q").Pairs(), Target: "#list"}
	}
	if m.Menus, err = s.boardMenus(r, b); err != nil {
		return err
	}
	m.Views = []conversation.ViewLink{{Text: t.ViewList, Icon: "rows-3", Href: b.q.Without("view").On(href.Conversations), On: !b.columns},
		{Text: t.ViewColumns, Icon: "columns-3", Href: b.q.With("view", "columns").On(href.Conversations), On: b.columns}}
	p := layout.Page{Title: t.Title, Nav: layout.Conversations, Facts: []templ.Component{boardFacts(r, all)}}
	return s.reply(r, p, conversation.List(r.view, m))
}

// boardPart is a part that asks for itself anew when something has happened.
func (s *Server) boardPart(r *request, b board, part string) (templ.Component, error) {
	if part == "rows" {
		m, err := s.boardRows(r, b)
		return conversation.Rows(r.view, m), err
	}
	all, err := s.DB.ConversationCounts(r.ctx, db.ConversationFilter{})
	if part == "waits" {
		return layout.Waits(r.view, all.Waiting), err
	}
	return boardFacts(r, all), err
}

// boardFacts says how many wait and how many conversations there are.
func boardFacts(r *request, c db.ConversationCounts) templ.Component {
	t := r.t().Conversation
	open := 0
	for _, state := range openStates() {
		open += c.ByState[state]
	}
	waiting := t.Calm
	if c.Waiting > 0 {
		waiting = t.WaitingFact(c.Waiting, t.Span(r.view.Now.Sub(c.OldestWaiting)))
	}
	return conversation.Facts(r.view, waiting, t.OpenFact(open))
}

// boardRows is the part of the board that follows what happens.
func (s *Server) boardRows(r *request, b board) (conversation.Board, error) {
	m := conversation.Board{Sealed: !r.can(auth.ViewMessages), Move: href.ConversationsMove, Live: conversation.Live{Href: localPath(r.path(), href.Conversations), Topics: live.TopicConversations + " " + live.TopicSync,
		First: r.query("after") == "", News: b.q.With("since", since(r)).On(href.Conversations)}}
	if !r.can(auth.MoveConversations) {
		m.Reason = r.t().Conversation.ReasonRole
	}
	counts, err := s.DB.ConversationCounts(r.ctx, b.filter)
	if err != nil {
		return m, err
	}
	m.States = stateChips(b, counts)
	if m.Clocks, err = s.clocks(r); err != nil {
		return m, err
	}
	if b.columns {
		m.Columns, err = s.boardColumns(r, b, counts)
		return m, err
	}
	list, page, err := s.DB.Conversations(r.ctx, b.filter, db.Cursor(r.query("after")), perPage)
	if err != nil {
		return m, err
	}
	for _, c := range list {
		m.Rows = append(m.Rows, s.conversationRow(r, c, b.q))
	}
	m.ByWait, m.ByTime = boardHeads(r, b)
	m.Pager, m.Empty = pager(r, b.q, href.Conversations, page, len(list), "#list"), boardEmpty(r, b, counts)
	for _, state := range b.filter.States {
		m.Pager.Total += counts.ByState[state]
	}
	return m, nil
}

// since is the change that news are counted from.
func since(r *request) string { return strconv.FormatInt(r.seq, 10) }

// conversationNews counts what has changed since a list was read, for a list that stays as it is under the reader.
func (s *Server) conversationNews(r *request, b board, to string) error {
	seq, err := strconv.ParseInt(r.query("since"), 10, 64)
	if err != nil || seq < 0 {
		return badRequest("since")
	}
	changed, all, err := s.changedSince(r, seq)
	if err != nil {
		return err
	}
	b.filter.Sort = db.SortRecent
	list, _, err := s.DB.Conversations(r.ctx, b.filter, "", newsCounted+1)
	if err != nil {
		return err
	}
	n := 0
	for _, c := range list {
		if changed[c.ID] {
			n++
		}
	}
	return s.reply(r, layout.Page{}, conversation.News(r.view, min(n, newsCounted), n > newsCounted || n > 0 && !all, to))
}

// newsRead is how many changes are looked through for news.
const newsRead = 2000

// changedSince names the conversations that have changed since a change; all is false when there may be more of them.
func (s *Server) changedSince(r *request, seq int64) (changed map[string]bool, all bool, err error) {
	first, err := s.DB.FirstChange(r.ctx)
	if err != nil {
		return nil, false, err
	}
	list, err := s.DB.ChangesAfter(r.ctx, seq, newsRead)
	if err != nil {
		return nil, false, err
	}
	changed = map[string]bool{}
	for _, c := range list {
		if kind, ok := live.TopicKind(c.Topic); ok && kind == live.TopicConversation {
			changed[c.Ref] = true
		}
	}
	return changed, first <= seq+1 && len(list) < newsRead, nil
}

// stateChips are the filters of the five states; one that is on leads back to all.
func stateChips(b board, counts db.ConversationCounts) []conversation.StateChip {
	every := conversation.StateChip{All: true, On: b.q.Get("state") == "", Href: b.q.Without("state").On(href.Conversations)}
	chips := make([]conversation.StateChip, 1, 6)
	for state, n := range counts.ByState {
		value := strconv.Itoa(state)
		chip := conversation.StateChip{State: conversation.State(state), Count: n, On: b.q.Get("state") == value, Href: b.q.With("state", value).On(href.Conversations)}
		if chip.On {
			chip.Href = every.Href
		}
		if state != db.StateEnded {
			every.Count += n
		}
		chips = append(chips, chip)
	}
	chips[0] = every
	return chips
}

// boardHeads are the two orders of the board: who waits longest, and what happened last.
func boardHeads(r *request, b board) (wait, last ui.SortModel) {
	t := r.t().Conversation
	wait = ui.SortModel{Label: t.ColWaiting, Href: b.q.Without("sort").On(href.Conversations), Dir: "desc"}
	last = ui.SortModel{Label: t.ColAt, Href: b.q.With("sort", db.SortRecent).On(href.Conversations)}
	if b.filter.Sort == db.SortRecent {
		wait.Dir, last.Dir = "", "desc"
	}
	return wait, last
}

func boardEmpty(r *request, b board, counts db.ConversationCounts) ui.EmptyModel {
	t := r.t().Conversation
	narrowed := b.q.Without("sort", "view", "state").On("") != ""
	switch {
	case b.filter.Q != "" && b.q.Get("state") == "":
		return ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchOpen, Next: ui.Btn{Text: t.SearchEnded, Href: b.q.With("state", "4").On(href.Conversations)}}
	case narrowed || b.q.Get("state") != "":
		return ui.EmptyModel{Icon: "search-x", Title: t.NoMatchTitle, Text: t.NoMatchText, Next: ui.Btn{Text: t.ClearFilters, Href: href.Conversations}}
	case counts.ByState[db.StateEnded] > 0:
		return ui.EmptyModel{Icon: "messages-square", Title: t.QuietTitle, Text: t.QuietText, Next: ui.Btn{Text: t.QuietNext, Href: href.Q("state", "4").On(href.Conversations)}}
	}
	return ui.EmptyModel{Icon: "messages-square", Title: t.NoneTitle, Text: t.NoneText, Next: ui.Btn{Text: t.NoneNext, Icon: "qr-code", Href: href.Links}}
}

func (s *Server) boardColumns(r *request, b board, counts db.ConversationCounts) ([]conversation.Column, error) {
	most := perColumn
	if len(b.filter.States) == 1 {
		most = 4 * perColumn
	}
	var columns []conversation.Column
	for _, state := range b.filter.States {
		one := b.filter
		one.States = []int{state}
		list, page, err := s.DB.Conversations(r.ctx, one, "", most)
		if err != nil {
			return nil, err
		}
		c := conversation.Column{State: conversation.State(state), Count: counts.ByState[state]}
		for _, each := range list {
			c.Rows = append(c.Rows, s.conversationRow(r, each, b.q))
		}
		if page.Next != "" {
			c.More = b.q.Without("view").With("state", strconv.Itoa(state)).On(href.Conversations)
		}
		columns = append(columns, c)
	}
	return columns, nil
}

// boardMenus are the filters by account, servicer and waiting time. They offer whose conversations are under way.
func (s *Server) boardMenus(r *request, b board) ([]ui.ChipMenuModel, error) {
	t := r.t().Conversation
	busy, err := s.DB.BusyPlaces(r.ctx)
	if err != nil {
		return nil, err
	}
	menu := func(name, label, value string) ui.ChipMenuModel {
		return ui.ChipMenuModel{Label: label, Value: value, Clear: b.q.Without(name).On(href.Conversations)}
	}
	offer := func(m *ui.ChipMenuModel, name, value, words string) {
		m.Choices = append(m.Choices, ui.Choice{Text: words, Href: b.q.With(name, value).On(href.Conversations), On: b.q.Get(name) == value})
	}
	accounts, people, wait := menu("account", t.FilterAccount, ""), menu("servicer", t.FilterServicer, ""), menu("wait", t.FilterWait, "")
	if b.filter.Account != "" {
		accounts.Value = s.accountName(r, b.filter.Account)
	}
	if b.filter.Servicer != "" {
		people.Value = s.personName(r.ctx, b.filter.Servicer)
	}
	for _, each := range busy.Accounts {
		offer(&accounts, "account", each.ID, orID(each.Name, each.ID))
	}
	for _, each := range busy.Servicers {
		offer(&people, "servicer", each.ID, orID(each.Name, each.ID))
	}
	for _, minutes := range []int{5, 15, 60} {
		offer(&wait, "wait", strconv.Itoa(minutes), t.WaitOver(minutes))
	}
	if n, err := strconv.Atoi(b.q.Get("wait")); err == nil && n > 0 {
		wait.Value = t.WaitOver(n)
	}
	var menus []ui.ChipMenuModel
	for _, m := range []ui.ChipMenuModel{accounts, people, wait} {
		if len(m.Choices) > 0 || m.Value != "" {
			menus = append(menus, m)
		}
	}
	return menus, nil
}

// personName is what a member of the corp is called, the userid when nobody knows.
func (s *Server) personName(ctx context.Context, userID string) string {
	people, err := s.DB.PeopleByIDs(ctx, []string{userID})
	if err != nil {
		return userID
	}
	return nameIn(people, userID)
}
