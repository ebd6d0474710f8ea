package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// TestSharedPart holds that the parts of the board are made once for all who see them alike, and anew after every change and
// when they are old.
func TestSharedPart(t *testing.T) {
	now := time.Now()
	h := newHouseOn(t, dbtest.New(t), func(o *Options) { o.Now = func() time.Time { return now } }).fill()
	talk := firstTalk{h.account(0).ID, "wmshared", "顾南风", "door", "第一句", now.Add(sharedFor/2 - time.Hour)}
	h.storeTalk(talk)
	part := func(v *visitor, target, path string) (string, int64) {
		t.Helper()
		before := h.DB.Queries()
		body := v.with("HX-Request", "true").with("HX-Target", target).get(path).want(http.StatusOK).Body
		return body, h.DB.Queries() - before
	}
	manager, owner, viewer := h.as("manager"), h.as("manager"), h.as("viewer")
	rows, cost := part(manager, "rows", "/conversations")
	again, shared := part(owner, "rows", "/conversations")
	if again != rows || shared >= cost {
		t.Errorf("two who see alike: %d and %d queries, the same part: %v", cost, shared, again == rows)
	}
	for what, other := range map[string]string{"another role": first(part(viewer, "rows", "/conversations")), "another language": first(part(manager.in("en"), "rows", "/conversations")),
		"another filter": first(part(manager, "rows", "/conversations?state=4")), "another part": first(part(manager, "facts", "/conversations"))} {
		if other == rows {
			t.Errorf("%s sees the same part", what)
		}
	}
	if strings.Contains(first(part(viewer, "rows", "/conversations")), "第一句") || !strings.Contains(rows, "第一句") {
		t.Error("who sees what was said is not told apart")
	}
	talk.customer, talk.text = "wmsecond", "第二句"
	h.storeTalk(talk)
	if rows, _ = part(owner, "rows", "/conversations"); !strings.Contains(rows, "第二句") {
		t.Error("a change is not shown")
	}
	now = now.Add(sharedFor)
	if later, _ := part(owner, "rows", "/conversations"); later == rows {
		t.Error("an old part is still shown")
	}
	if err := h.DB.Tx(t.Context(), func(tx *db.DB) error { return tx.AddChange(t.Context(), "sync", "") }); err != nil {
		t.Fatal(err)
	}
	if len(h.Server.shared.find(sharedKey{}, h.DB.Commits()).html) != 0 || len(h.Server.shared.parts) != 1 {
		t.Error("what is out of date is kept")
	}
}

func first(body string, _ int64) string { return body }
