package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// shop is a house whose messages are fetched, with one customer of one account who has written.
type shop struct {
	*house
	account  db.Account
	customer string
	// id is the conversation.
	id string
}

// newShop opens a shop: a customer comes by a scene and says hello.
func newShop(t *testing.T, name string, hello ...string) *shop {
	t.Helper()
	return newShopAfter(t, name, func(s *shop) {
		for _, text := range hello {
			s.says(kfsim.TextContent(text))
		}
	})
}

// newShopAfter opens a shop in which more has happened: messages are fetched once, because WeCom allows few calls without a token.
func newShopAfter(t *testing.T, name string, happens func(*shop)) *shop {
	t.Helper()
	s := &shop{house: newHouse(t)}
	s.account = s.staffed()
	var err error
	if s.customer, err = s.Sim.CustomerEnters(s.account.ID, "till", "desk%3D2%26shop%3D021", kfsim.CustomerCard{Name: name}); err != nil {
		t.Fatal(err)
	}
	happens(s)
	s.work()
	s.synced()
	return s
}

// work fetches messages until the test ends.
func (s *shop) work() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Syncer.Run(ctx)
	}()
	s.t.Cleanup(func() {
		stop()
		<-done
	})
}

// says has the customer write something.
func (s *shop) says(m kfsim.Content) string {
	s.t.Helper()
	id, err := s.Sim.CustomerSends(s.account.ID, s.customer, m)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// synced waits until everything that the simulator has of the account is in the database, and the name of the customer.
func (s *shop) synced() {
	s.t.Helper()
	ctx := s.t.Context()
	if err := s.Syncer.Notify(ctx, s.account.ID, "", time.Now()); err != nil {
		s.t.Fatal(err)
	}
	var want []string
	for _, each := range s.Sim.Truth().Accounts {
		if each.ID == s.account.ID {
			want = each.MsgIDs
		}
	}
	for range 1500 {
		missing := 0
		for _, id := range want {
			if _, err := s.DB.Message(ctx, s.account.ID, id); errors.Is(err, db.ErrNotFound) {
				missing++
			}
		}
		c, err := s.DB.ConversationOf(ctx, s.account.ID, s.customer)
		if missing == 0 && err == nil && c.CustomerName != "" {
			s.id = c.ID
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatal("the messages were not fetched")
}

// page is the address of the conversation.
func (s *shop) page(part string) string { return "/conversations/" + s.id + part }

// now is the conversation as our copy has it.
func (s *shop) now() db.Conversation {
	s.t.Helper()
	c, err := s.DB.Conversation(s.t.Context(), s.id)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// entry puts an entry of any shape among the messages.
func (s *shop) entry(fields map[string]any) {
	s.t.Helper()
	fields["open_kfid"], fields["external_userid"], fields["send_time"] = s.account.ID, s.customer, time.Now().Unix()
	raw, err := json.Marshal(fields)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Sim.Inject(s.account.ID, raw); err != nil {
		s.t.Fatal(err)
	}
}

// attach sends a form with a file of any field.
func (v *visitor) attach(path, field, name, kind string, data []byte, pairs ...string) answer {
	v.h.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			v.h.t.Fatal(err)
		}
	}
	head := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + field + `"; filename="` + name + `"`}, "Content-Type": {kind}}
	part, err := w.CreatePart(head)
	if err == nil {
		_, err = part.Write(data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		v.h.t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, path, &b)
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.send(req)
}

// pictured stores a conversation with a picture that was kept.
func (h *house) pictured(accountID string) (conversation, message string) {
	h.t.Helper()
	ctx, at := h.t.Context(), time.Now().Add(-time.Minute)
	c := h.storeTalk(firstTalk{accountID, "wmpictured", "晴天小雨", "", "你好", at})
	sha, n, err := h.DB.PutBlob(ctx, bytes.NewReader([]byte("\x89PNG")), 10)
	if err != nil {
		h.t.Fatal(err)
	}
	row := db.Message{ID: "picture1", AccountID: accountID, ConversationID: c.ID, At: at, Origin: db.OriginCustomer, Kind: "image", Raw: []byte(`{"msgtype":"image","image":{"media_id":"file1"}}`), Media: "file1"}
	_, err = h.DB.InsertMessages(ctx, []db.Message{row})
	err = errors.Join(err, h.DB.InsertMedia(ctx, db.Media{ID: "file1", AccountID: accountID, ConversationID: c.ID, MessageID: row.ID, Kind: "image", State: db.MediaKept, MIME: "image/png", SHA256: sha, Bytes: n, WantedAt: at, KeptAt: at}))
	if err != nil {
		h.t.Fatal(err)
	}
	return c.ID, row.ID
}
