package server

import (
	"strings"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/internal/live"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// From when on a customer has waited for long, and for too long.
const (
	waitsLong    = 5 * time.Minute
	waitsTooLong = 15 * time.Minute
)

func waitTone(now, since time.Time) ui.Tone {
	switch d := now.Sub(since); {
	case d >= waitsTooLong:
		return ui.ToneDanger
	case d >= waitsLong:
		return ui.ToneWarn
	}
	return ui.ToneNeutral
}

// talkName is what the page calls a customer: the name as the operator may see it, or the end of the id of one whose name is not known.
func talkName(r *request, c db.Conversation) string {
	if name := customerName(r, c.CustomerName); name != "" {
		return name
	}
	return r.t().Conversation.Nameless(c.CustomerID[max(0, len(c.CustomerID)-4):])
}

// conversationRow is a conversation in a list; q is the list's address, which goes along.
func (s *Server) conversationRow(r *request, c db.Conversation, q href.Query) conversation.Row {
	row := conversation.Row{
		ID: c.ID, Href: q.Without("q", "view", "sort").On(href.Conversation(c.ID)), Name: talkName(r, c), Picture: s.customerPicture(r, c.CustomerID, c.PictureID),
		Account: orID(c.AccountName, c.AccountID), State: conversation.State(c.State), Waiting: c.WaitingSince, LastAt: c.LastAt,
	}
	if !c.WaitingSince.IsZero() {
		row.Tone = waitTone(r.view.Now, c.WaitingSince)
	}
	if c.State == db.StateHuman {
		row.Servicer = orID(c.ServicerName, c.ServicerID)
	}
	row.From, row.Preview = lastWords(r, c)
	return row
}

// lastWords is the last message as lists show it, and who wrote it; only its kind for those who may not read it.
func lastWords(r *request, c db.Conversation) (from, words string) {
	t := r.t().Conversation
	if c.LastKind == "" {
		return "", t.NoMessages
	}
	switch c.LastOrigin {
	case db.OriginConsole:
		from = t.FromUs
	case db.OriginServicer:
		from = t.FromName(orID(c.ServicerName, c.ServicerID))
	}
	kind := kindWords(t, c.LastKind)
	switch {
	case !r.can(auth.ViewMessages):
		return "", kind
	case c.LastKind == live.KindRecalled:
		return from, kind
	case c.LastText == "":
		return from, "[" + kind + "]"
	case c.LastKind != textKind:
		return from, "[" + kind + "] " + firstWords(c.LastText)
	}
	return from, c.LastText
}

// textKind is the one kind of message that speaks for itself; kindShown is how many characters of another are shown.
const (
	textKind  = "text"
	kindShown = 24
)

// firstWords is the beginning of what a message holds that is more than words: a place, a card, a chat record.
func firstWords(text string) string {
	if runes := []rune(text); len(runes) > kindShown {
		return string(runes[:kindShown]) + "…"
	}
	return text
}

// kindWords names a kind of message.
func kindWords(t i18n.Conversation, kind string) string {
	if words, ok := t.Kinds[kind]; ok {
		return words
	}
	return t.Kinds["unknown"]
}

// nameIn finds somebody among people, who are kept by their id in small letters.
func nameIn(people map[string]db.Person, userID string) string {
	if p, ok := people[strings.ToLower(userID)]; ok && p.Name != "" {
		return p.Name
	}
	return userID
}

// clocks are the accounts whose messages were not fetched for long, the worst first.
func (s *Server) clocks(r *request) ([]conversation.Clock, error) {
	stale, err := s.DB.StaleSyncs(r.ctx, r.view.Now.Add(-live.AmberAfter), clocksNamed)
	var list []conversation.Clock
	for _, each := range stale {
		clock := conversation.Clock{Account: orID(each.AccountName, each.AccountID), Href: href.Account(each.AccountID), At: each.OKAt, Tone: ui.ToneWarn}
		switch live.SafetyClock(each.SyncState, r.view.Now).Level {
		case live.SafetyLost:
			clock.Tone, clock.Lost = ui.ToneDanger, true
		case live.SafetyRed:
			clock.Tone = ui.ToneDanger
		}
		list = append(list, clock)
	}
	return list, err
}

// clocksNamed is how many accounts the banner names.
const clocksNamed = 5
