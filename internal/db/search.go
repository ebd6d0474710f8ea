package db

import "context"

// MessageFilter narrows a search. Empty fields do not narrow.
type MessageFilter struct {
	Account, Conversation string
}

// MessageHit is a message that a search found, and whose it is.
type MessageHit struct {
	Message
	CustomerID, CustomerName, AccountName string // "" = none or unknown
}

// SearchMessages returns a page of the messages whose text has q in it, any case and width, the latest arrived first. A
// single character is found too; more than 100 are cut. Nothing is found without one. limit 0 = 50, at most 10 000.
// ErrBadCursor.
func (db *DB) SearchMessages(ctx context.Context, q string, f MessageFilter, after Cursor, limit int) ([]MessageHit, Page, error) {
	expression := searchQuery(q, f.Account, f.Conversation)
	if expression == "" {
		return nil, Page{}, nil
	}
	sel, o := searchSelect(expression, f)
	hits, page, err := list(ctx, db, sel, o, after, limit, func(s scanner) (h MessageHit, err error) {
		h.Message, err = scanMessageAnd(s, &h.CustomerID, &h.CustomerName, &h.AccountName)
		return h, err
	}, func(h MessageHit) []any { return []any{h.Seq} })
	return hits, page, wrap("search messages", err)
}

func searchSelect(expression string, f MessageFilter) (query, order) {
	q, seq := matching(messageCols+", COALESCE(u.id, ''), COALESCE(u.name, ''), COALESCE(a.name, '')", expression)
	// The index compares ids without case.
	addIf(&q, "m.account_id = ?", f.Account)
	return q, order{name: "search", cols: []string{seq}, like: []any{int64(0)}, desc: true, within: &bounds{0, farthest}}
}
