package kf

import (
	"context"
	"encoding/json"
	"iter"
)

// SyncRequest asks for the messages of an account after Cursor.
type SyncRequest struct {
	Account AccountID
	// Cursor is that of the page before. Empty means from the oldest message of
	// HistoryLife.
	Cursor Cursor
	// Token is that of a callback not older than SyncTokenLife. Without one WeCom
	// takes SyncsPerMinute calls a minute and then answers 45009 for a minute. A
	// token that is too old gives errcode 95007.
	Token string
	Limit int // messages at most, up to MaxSyncPage; 0 means MaxSyncPage
}

// SyncPage is an answer to SyncRequest.
type SyncPage struct {
	Messages []Message // oldest first; there may be none though there are More
	// Next is the cursor of the next page. It is never empty unless that of the
	// request was.
	Next Cursor
	More bool // the next page is there already
}

type syncRequest struct {
	Cursor  Cursor    `json:"cursor"`
	Token   string    `json:"token,omitempty"`
	Limit   int       `json:"limit"`
	Account AccountID `json:"open_kfid"`
}

type syncAnswer struct {
	status
	Next     looseString       `json:"next_cursor"`
	More     looseInt          `json:"has_more"`
	Messages []json.RawMessage `json:"msg_list"`
}

// SyncMsg returns a page of the messages and events of an account (document
// 94670), without what was sent through the API. To ask for the same page again
// does no harm. An entry that cannot be read does not cost the others: see
// KindBroken. An answer that does not move the cursor is the last page, whatever
// it says.
func (c *Client) SyncMsg(ctx context.Context, r SyncRequest) (SyncPage, error) {
	if r.Limit == 0 {
		r.Limit = MaxSyncPage
	}
	if err := checkAccountID(r.Account); err != nil {
		return SyncPage{}, err
	}
	if r.Limit < 0 || r.Limit > MaxSyncPage {
		return SyncPage{}, &ArgumentError{Field: "limit", Rule: RuleRange, Limit: MaxSyncPage}
	}
	v, err := post[syncAnswer](ctx, c, endpointSyncMsg, syncRequest{r.Cursor, r.Token, r.Limit, r.Account})
	if err != nil {
		return SyncPage{}, err
	}
	page := SyncPage{Messages: make([]Message, 0, len(v.Messages)), Next: Cursor(v.Next)}
	if page.Next == "" {
		page.Next = r.Cursor
	}
	page.More = v.More == 1 && page.Next != r.Cursor
	for _, raw := range v.Messages {
		m := ParseMessage(raw)
		if m.Account == "" {
			m.Account = r.Account
		}
		page.Messages = append(page.Messages, m)
	}
	return page, nil
}

// SyncMsgs returns all pages from r on, until there are no more. It ends with
// the first error.
func (c *Client) SyncMsgs(ctx context.Context, r SyncRequest) iter.Seq2[SyncPage, error] {
	return func(yield func(SyncPage, error) bool) {
		for {
			page, err := c.SyncMsg(ctx, r)
			if !yield(page, err) || err != nil || !page.More {
				return
			}
			r.Cursor = page.Next
		}
	}
}
