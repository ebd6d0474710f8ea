package server

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"kfconsole/internal/db"
)

// manyRows adds n of everything that the pages of conversations name, and returns a conversation with n entries of every kind
// and visits by n scenes.
func (h *house) manyRows(from, n int) db.Conversation {
	h.t.Helper()
	ctx, at := h.t.Context(), time.Now().Add(-time.Hour)
	first := h.storeTalk(firstTalk{h.account(0).ID, "wmfirst", "沈知夏", fmt.Sprint("scene", from), "你好", at})
	err := h.DB.Tx(ctx, func(tx *db.DB) error {
		var rows []db.Message
		for i := from; i < from+n; i++ {
			account := h.account(i % 6).ID
			put := func(origin int, kind, media, servicer, raw string) {
				rows = append(rows, db.Message{ID: fmt.Sprint(kind, i), AccountID: first.AccountID, ConversationID: first.ID, At: at.Add(time.Duration(i) * time.Second),
					Origin: origin, Kind: kind, Media: media, ServicerID: servicer, Raw: []byte(raw)})
			}
			put(db.OriginCustomer, "image", fmt.Sprint("file", i), "", `{"msgtype":"image","image":{"media_id":"x"}}`)
			put(db.OriginServicer, "text", "", fmt.Sprint("servicer", i), `{"msgtype":"text","text":{"content":"好"}}`)
			put(db.OriginCustomer, "business_card", "", "", fmt.Sprintf(`{"msgtype":"business_card","business_card":{"userid":"card%d"}}`, i))
			put(db.OriginSystem, "enter_session", "", "", fmt.Sprintf(`{"msgtype":"event","origin":4,"event":{"event_type":"enter_session","scene":"entered%d"}}`, i))
			if err := tx.InsertMedia(ctx, db.Media{ID: fmt.Sprint("file", i), AccountID: first.AccountID, ConversationID: first.ID, MessageID: fmt.Sprint("image", i), Kind: "image", State: db.MediaWanted, WantedAt: at}); err != nil {
				return err
			}
			other, _, err := tx.ConversationFor(ctx, account, fmt.Sprint("wm", i), at)
			if err != nil {
				return err
			}
			other.State, other.ServicerID, other.WaitingSince, other.LastAt, other.LastKind = i%4, fmt.Sprint("servicer", i), at, at, "text"
			if err := tx.UpdateConversation(ctx, other); err != nil {
				return err
			}
			if err := tx.InsertVisit(ctx, db.Visit{ID: db.NewID(), ConversationID: first.ID, AccountID: account, CustomerID: first.CustomerID, Scene: fmt.Sprint("visited", i), EnteredAt: at}); err != nil {
				return err
			}
			if err := tx.InsertCode(ctx, db.Code{ID: db.NewID(), AccountID: account, ConversationID: other.ID, CustomerID: other.CustomerID, Scene: db.SceneWelcome, GotAt: at, State: db.CodeSkipped, Reason: "late", RuleID: fmt.Sprint("rule", i), DoneAt: at}); err != nil {
				return err
			}
			if err := tx.SaveSyncState(ctx, db.SyncState{AccountID: fmt.Sprint("wkstale", i), OKAt: at.Add(-30 * time.Hour)}); err != nil {
				return err
			}
		}
		_, err := tx.InsertMessages(ctx, rows)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return first
}

// queries is how many queries a page runs when all that it counts has changed. Background work may run some meanwhile: it is
// the least of a few counts.
func (v *visitor) queries(path string) int64 {
	v.h.t.Helper()
	least := int64(1 << 60)
	for range 3 {
		v.h.manyRows(1_000_000+int(v.h.DB.Commits())*10, 1)
		before := v.h.DB.Queries()
		v.get(path).want(http.StatusOK)
		least = min(least, v.h.DB.Queries()-before)
	}
	return least
}

// TestQueriesOfAPage holds that a page runs as many queries for many rows as for few, and not many at all.
func TestQueriesOfAPage(t *testing.T) {
	h := newHouse(t)
	v := h.as("owner")
	first := h.manyRows(0, 8) // one in every state
	pages := []struct {
		path string
		most int64
	}{
		{"/conversations", 9}, {"/conversations?view=columns", 13}, {"/conversations?q=a", 11}, {"/conversations/" + first.ID, 19},
		{"/customers", 9}, {"/customers/" + first.CustomerID, 11}, {"/settings/replies/log", 9}, {"/", 20}, {"/links/scenes", 6}, {"/links", 10},
	}
	few := map[string]int64{}
	for _, p := range pages {
		if few[p.path] = v.queries(p.path); few[p.path] > p.most {
			t.Errorf("%s: %d queries, at most %d are meant", p.path, few[p.path], p.most)
		}
	}
	h.manyRows(1000, 60)
	for _, p := range pages {
		if n := v.queries(p.path); n > few[p.path] {
			t.Errorf("%s: %d queries for many rows, %d for few", p.path, n, few[p.path])
		}
	}
}
