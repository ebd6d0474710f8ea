//go:build bench

package server

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/i18n"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// The board that is measured.
const (
	boardAccounts = 200
	boardOpen     = 10_000
	boardEnded    = 20_000
	boardMessages = 200 // of the conversation that is shown
)

// busyHouse is a console with many conversations, and one among them with many messages.
func busyHouse(t *testing.T) (*house, string) {
	h := newHouseOn(t, dbtest.New(t), nil)
	managed, now := true, time.Now()
	var accounts []db.Account
	for i := range boardAccounts {
		accounts = append(accounts, db.Account{ID: fmt.Sprintf("wk%030d", i), Name: fmt.Sprintf("云杉家居门店 %d 号", i), Managed: &managed})
	}
	var people []db.Person
	for i := range 600 {
		people = append(people, db.Person{UserID: fmt.Sprintf("user%d", i), Name: fmt.Sprintf("接待%d", i)})
	}
	err := h.DB.Tx(t.Context(), func(tx *db.DB) error {
		if err := tx.ReplaceAccounts(t.Context(), accounts, now); err != nil {
			return err
		}
		for i := range accounts {
			state := db.SyncState{AccountID: accounts[i].ID, OKAt: now, TriedAt: now}
			if err := tx.SaveSyncState(t.Context(), state); err != nil {
				return err
			}
		}
		return tx.SetFreshness(t.Context(), db.Freshness{Topic: "accounts", OKAt: &now, TriedAt: &now})
	})
	if err == nil {
		err = h.DB.ReplaceDirectory(t.Context(), nil, people, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < boardOpen+boardEnded; {
		err := h.DB.Tx(t.Context(), func(tx *db.DB) error {
			for end := n + 1000; n < end; n++ {
				if err := busyTalk(t.Context(), tx, n, accounts[n%boardAccounts].ID, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := h.DB.ConversationOf(t.Context(), fmt.Sprintf("wk%030d", 0), "wmbench000000")
	if err != nil {
		t.Fatal(err)
	}
	return h, c.ID
}

// busyTalk stores one of many conversations: a third is open, half of those wait.
func busyTalk(ctx context.Context, tx *db.DB, n int, account string, now time.Time) error {
	customer := fmt.Sprintf("wmbench%06d", n)
	at := now.Add(-time.Duration(n) * 3 * time.Second)
	c, _, err := tx.ConversationFor(ctx, account, customer, at)
	if err != nil {
		return err
	}
	visit := db.Visit{ID: db.NewID(), ConversationID: c.ID, AccountID: account, CustomerID: customer, Scene: fmt.Sprintf("scene%d", n%40), EnteredAt: at, WroteAt: at}
	if err := tx.InsertVisit(ctx, visit); err != nil {
		return err
	}
	said := 1
	if n == 0 {
		said = boardMessages
	}
	var rows []db.Message
	for i := range said {
		text := fmt.Sprintf("请问沙发 %d 什么时候到货，能不能改到周末上午安装？", i)
		rows = append(rows, db.Message{ID: db.NewID(), AccountID: account, ConversationID: c.ID, At: at.Add(time.Duration(i-said) * time.Second), Origin: db.OriginCustomer, Kind: "text", Text: text,
			Raw: fmt.Appendf(nil, `{"msgid":"%d-%d","open_kfid":%q,"external_userid":%q,"send_time":%d,"origin":3,"msgtype":"text","text":{"content":%q}}`, n, i, account, customer, at.Unix(), text)})
	}
	if _, err := tx.InsertMessages(ctx, rows); err != nil {
		return err
	}
	c.State, c.LastCustomerAt, c.LastAt, c.LastText, c.LastKind, c.LastOrigin, c.Messages = db.StateEnded, at, at, rows[0].Text, "text", db.OriginCustomer, said
	c.Scene, c.VisitID, c.EnteredAt, c.StateAt = visit.Scene, visit.ID, at, at
	if n < boardOpen {
		c.State, c.ServicerID = n%4, fmt.Sprintf("user%d", n%600)
		if n%2 == 0 {
			c.WaitingSince = at
		}
	}
	if err := tx.UpdateConversation(ctx, c); err != nil {
		return err
	}
	return tx.SetCustomerProfile(ctx, db.Customer{ID: customer, Name: fmt.Sprintf("林小满%d", n), ProfileState: db.ProfileOK, ProfileAt: at, TriedAt: at})
}

// deepBoard is the address of a page in the middle of the board.
func deepBoard(t *testing.T, h *house) string {
	at := db.Cursor("")
	for range 100 {
		_, page, err := h.DB.Conversations(t.Context(), db.ConversationFilter{States: openStates()}, at, perPage)
		if err != nil || page.Next == "" {
			t.Fatal(page, err)
		}
		at = page.Next
	}
	return string(at)
}

// bareHandler serves what is the least that can show a page.
func bareHandler(t *testing.T, page func(r *request) (templ.Component, error)) string {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	view := ui.View{T: i18n.For(i18n.ZH), Zone: zoneOf("")}
	app.Get("/", func(c *fiber.Ctx) error {
		r := &request{c: c, ctx: c.Context(), actor: auth.Actor{ID: "x", Role: auth.Manager}, view: view}
		r.view.Now = time.Now()
		body, err := page(r)
		if err != nil {
			return err
		}
		var buf bytes.Buffer
		if err := body.Render(r.ctx, &buf); err != nil {
			return err
		}
		c.Set("Content-Type", "text/html; charset=utf-8")
		return c.Send(buf.Bytes())
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(ln) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return ln.Addr().String()
}

// bareBoard reads the rows of the board and renders its table.
func bareBoard(t *testing.T, h *house, after string) string {
	return bareHandler(t, func(r *request) (templ.Component, error) {
		list, page, err := h.DB.Conversations(r.ctx, db.ConversationFilter{States: openStates()}, db.Cursor(after), perPage)
		if err != nil {
			return nil, err
		}
		m := conversation.Board{Move: href.ConversationsMove, Pager: pager(r, href.Query{}, href.Conversations, page, len(list), "#list")}
		for _, c := range list {
			m.Rows = append(m.Rows, h.Server.conversationRow(r, c, href.Query{}))
		}
		return conversation.List(r.view, m), nil
	})
}

// bareTalk reads the rows of a conversation and of the list beside it and renders both.
func bareTalk(t *testing.T, h *house, id string) string {
	return bareHandler(t, func(r *request) (templ.Component, error) {
		c, err := h.DB.Conversation(r.ctx, id)
		if err != nil {
			return nil, err
		}
		k := &talk{Conversation: c, board: board{filter: db.ConversationFilter{States: openStates()}}, window: h.Ops.MayWrite(c, r.view.Now)}
		m := conversation.Page{Head: h.Server.talkHead(r, k), Window: h.Server.talkWindow(r, k), Compose: composeFor(r, k, conversation.Compose{})}
		if m.Flow, err = h.Server.talkFlow(r, k); err != nil {
			return nil, err
		}
		m.Pane, err = h.Server.conversationPane(r, k)
		return conversation.Show(r.view, m), err
	})
}

// TestServeForP6Board is the server of the board. On its own it has nothing to do.
func TestServeForP6Board(t *testing.T) {
	if os.Getenv(childOf) != "board" {
		return
	}
	h, id := busyHouse(t)
	deep := deepBoard(t, h)
	serveForP6(t, h, h.as("manager"), []benchPage{
		{href.Conversations, bareBoard(t, h, "")},
		{href.Q("after", deep).On(href.Conversations), bareBoard(t, h, deep)},
		{href.Conversation(id), bareTalk(t, h, id)},
	})
}

// TestBenchP6Board prints the board of 10 000 open conversations, its first page and one in its middle, and the page of a
// conversation.
func TestBenchP6Board(t *testing.T) {
	whats := []string{"board of 10 000 open conversations", "the same, a page in the middle", "conversation of 200 messages"}
	rows := []float64{perPage, perPage, perTimeline}
	for i, f := range measureP6(t, "TestServeForP6Board", "board") {
		f.print(whats[i], rows[i])
	}
}
