package server

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
)

// firstTalk is what storeTalk makes: a customer who came in by a scene and wrote.
type firstTalk struct {
	account, customer, name, scene, text string
	at                                   time.Time
}

// storeTalk puts a conversation with one message and one visit into the database, as
// a sync would.
func (h *house) storeTalk(x firstTalk) db.Conversation {
	h.t.Helper()
	var c db.Conversation
	err := h.DB.Tx(h.t.Context(), func(tx *db.DB) error {
		ctx := h.t.Context()
		var err error
		if c, _, err = tx.ConversationFor(ctx, x.account, x.customer, x.at); err != nil {
			return err
		}
		if _, err := tx.InsertMessages(ctx, []db.Message{{ID: "m" + db.NewID(), AccountID: x.account, ConversationID: c.ID, At: x.at, Origin: db.OriginCustomer, Kind: "text", Text: x.text, Raw: []byte(`{"msgtype":"text"}`)}}); err != nil {
			return err
		}
		visit := db.Visit{ID: db.NewID(), ConversationID: c.ID, AccountID: x.account, CustomerID: x.customer, Scene: x.scene, EnteredAt: x.at, WroteAt: x.at}
		if err := tx.InsertVisit(ctx, visit); err != nil {
			return err
		}
		c.State, c.WaitingSince, c.LastCustomerAt, c.LastAt, c.LastText, c.LastKind, c.LastOrigin, c.Messages = db.StateNew, x.at, x.at, x.at, x.text, "text", db.OriginCustomer, 1
		c.Scene, c.VisitID = x.scene, visit.ID
		if err := tx.UpdateConversation(ctx, c); err != nil || x.name == "" {
			return err
		}
		return tx.SetCustomerProfile(ctx, db.Customer{ID: x.customer, Name: x.name, ProfileState: db.ProfileOK, ProfileAt: x.at, TriedAt: x.at})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if c, err = h.DB.Conversation(h.t.Context(), c.ID); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// known gives the customer of a conversation a picture.
func (h *house) known(conversation string) (customer string) {
	h.t.Helper()
	ctx := h.t.Context()
	c, err := h.DB.Conversation(ctx, conversation)
	if err != nil {
		h.t.Fatal(err)
	}
	data := []byte("\x89PNG")
	picture := db.Picture{ID: db.PictureID(data), MIME: "image/png", Data: data}
	if err := errors.Join(h.DB.InsertPicture(ctx, picture), h.DB.SetCustomerPicture(ctx, c.CustomerID, picture.ID)); err != nil {
		h.t.Fatal(err)
	}
	return c.CustomerID
}

func TestCustomersInBothLanguages(t *testing.T) {
	h := newHouse(t)
	v, at := h.as("manager"), time.Now().Add(-time.Hour)
	empty := v.get("/customers").want(http.StatusOK)
	if got := empty.text(".empty-title"); got != "还没有客户" {
		t.Errorf("empty directory says %q", got)
	}
	h.storeTalk(firstTalk{h.account(0).ID, "wmone", "晴天小雨", "old_poster", "在吗", at})
	h.storeTalk(firstTalk{h.account(1).ID, "wmtwo", "", "", "你好", at.Add(time.Minute)})
	for lang, nameless := range map[string]string{"zh-CN": "未知昵称", "en": "Unknown nickname"} {
		page := v.in(lang).get("/customers").want(http.StatusOK)
		if got := page.text("tbody"); !strings.Contains(got, "晴天小雨") || !strings.Contains(got, nameless) {
			t.Errorf("%s: %s", lang, got)
		}
	}
	if got := v.get("/customers?q=小雨").want(http.StatusOK).doc().Find("tbody tr").Length(); got != 1 {
		t.Errorf("search finds %d customers, want 1", got)
	}
	show := v.get("/customers/wmone").want(http.StatusOK)
	for _, want := range []string{"晴天小雨", "在吗", "old_poster", h.account(0).Name} {
		if !strings.Contains(show.text("main"), want) {
			t.Errorf("page lacks %q", want)
		}
	}
	v.get("/customers/nobody").want(http.StatusNotFound)
	v.get("/customers?sort=colour").want(http.StatusBadRequest)
	v.get("/customers?profile=x").want(http.StatusBadRequest)
}

// Whoever may not read messages sees no name, no picture and no text, and cannot find
// names out by searching.
func TestCustomersAreMasked(t *testing.T) {
	h := newHouse(t)
	h.storeTalk(firstTalk{h.account(0).ID, "wmone", "晴天小雨", "", "我的地址是幸福路", time.Now().Add(-time.Hour)})
	for _, role := range []string{"auditor", "viewer"} {
		v := h.as(role)
		for _, path := range []string{"/customers", "/customers/wmone", "/search?q=wmone", "/search?q=晴天"} {
			page := v.get(path).want(http.StatusOK)
			// What was asked for stands in the search box.
			text := page.text("table") + page.text(".who") + page.text(".facts") + page.text("h1")
			for _, secret := range []string{"晴天小雨", "幸福路"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s reads %q on %s", role, secret, path)
				}
			}
		}
		v.get("/customers?q=晴").want(http.StatusBadRequest)
		v.get("/customers/wmone/picture").want(http.StatusForbidden)
		v.get("/customers/wmone/erase").want(http.StatusForbidden)
	}
	if got := h.as("viewer").get("/customers").text("tbody"); !strings.Contains(got, "晴*") {
		t.Errorf("masked name: %q", got)
	}
}

func TestEraseCustomer(t *testing.T) {
	h := newHouse(t)
	c := h.storeTalk(firstTalk{h.account(0).ID, "wmone", "晴天小雨", "", "我的地址是幸福路", time.Now().Add(-time.Hour)})
	v, address := h.as("owner"), href.Customer("wmone", "erase")
	form := v.get(address).want(http.StatusOK)
	if got := form.text(".facts"); !strings.Contains(got, "1") {
		t.Errorf("impact: %q", got)
	}
	wrong := v.submit(form, address, "typed", "晴天").want(http.StatusUnprocessableEntity)
	if wrong.value("typed") != "晴天" || wrong.text(".field-error") == "" {
		t.Errorf("a wrong name: %q, %q", wrong.value("typed"), wrong.text(".field-error"))
	}
	done := v.submit(form, address, "typed", "晴天小雨").want(http.StatusSeeOther)
	v.get("/customers/wmone").want(http.StatusNotFound)
	if _, err := h.DB.Conversation(t.Context(), c.ID); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the conversation is there: %v", err)
	}
	entry, err := h.DB.AuditEntry(t.Context(), done.done())
	if err != nil {
		t.Fatal(err)
	}
	written := entry.TargetID + entry.TargetName + entry.Input + entry.Before + entry.Outcome.After
	for _, secret := range []string{"wmone", "晴天", "幸福路"} {
		if strings.Contains(written, secret) {
			t.Errorf("the audit log holds %q: %s", secret, written)
		}
	}
	if entry.TargetID != ops.CustomerHash("wmone") {
		t.Errorf("target %q", entry.TargetID)
	}
	h.as("manager").get(address).want(http.StatusForbidden)
}

// A refresh asks WeCom and says what came of it; those WeCom does not answer for are
// explained.
func TestRefreshCustomers(t *testing.T) {
	h := newHouse(t)
	h.storeTalk(firstTalk{h.account(0).ID, "wmgone", "", "", "在吗", time.Now().Add(-80 * time.Hour)})
	v := h.as("manager")
	to := v.post("/customers/refresh", "id", "wmgone", "return", "/customers/wmgone").want(http.StatusSeeOther).Header.Get("Location")
	page := v.get(to).want(http.StatusOK)
	if got := page.text(".toast"); !strings.Contains(got, "1 位企业微信不再提供") {
		t.Errorf("toast says %q", got)
	}
	if got := page.text(".notice"); !strings.Contains(got, "48 小时") {
		t.Errorf("notice says %q", got)
	}
	h.fault(`{"endpoint":"kf/customer/batchget","kind":"errcode","code":48002,"times":1}`)
	to = v.post("/customers/refresh", "id", "wmgone").want(http.StatusSeeOther).Header.Get("Location")
	if got := v.get(to).text(".toast"); !strings.Contains(got, "没有取得资料") {
		t.Errorf("toast says %q", got)
	}
	v.post("/customers/refresh", "id", "nobody").want(http.StatusBadRequest)
	h.as("viewer").post("/customers/refresh", "id", "wmgone").want(http.StatusForbidden)
}
