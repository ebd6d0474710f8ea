package server

import (
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/overview"
)

// hitAround is how many characters of a message are shown before what was searched for.
const hitAround = 16

// searchMessages finds what was written, for those who may read it.
func (s *Server) searchMessages(r *request, q string) (overview.Group, error) {
	g := overview.Group{Title: r.t().Conversation.SearchMessages}
	if q == "" || !r.can(auth.ViewMessages) {
		return g, nil
	}
	hits, _, err := s.DB.SearchMessages(r.ctx, q, db.MessageFilter{}, "", searchMost)
	for _, hit := range hits {
		if hit.ConversationID == "" {
			continue
		}
		name := hit.CustomerName
		if name == "" {
			name = r.t().Conversation.TheCustomer
		}
		g.Hits = append(g.Hits, layout.HitModel{Icon: "message-circle", Text: around(hit.Text, q), Said: true, Sub: name + " · " + orID(hit.AccountName, hit.AccountID), Note: r.t().Ago(r.view.Now, hit.At),
			Href: href.Q("q", q).On(href.Conversation(hit.ConversationID))})
	}
	return g, err
}

// around is the part of a text in which something stands, on one line.
func around(text, q string) string {
	text = strings.Join(strings.Fields(text), " ")
	at := max(0, strings.Index(strings.ToLower(text), strings.ToLower(q)))
	if at > len(text) {
		return text // its small letters are longer
	}
	before := []rune(strings.ToValidUTF8(text[:at], ""))
	if len(before) <= hitAround {
		return text
	}
	return "…" + string(before[len(before)-hitAround:]) + strings.ToValidUTF8(text[at:], "")
}
