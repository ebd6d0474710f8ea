package db_test

import (
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

// WeCom's times are whole seconds: what a customer writes in the second in which the console has sent something, and after
// it, stands after it.
func TestTimelineWithinOneSecond(t *testing.T) {
	store := dbtest.New(t)
	ctx, second := t.Context(), time.Date(2026, 10, 18, 9, 0, 5, 0, time.UTC)
	c, _, err := store.ConversationFor(ctx, "wk1", "wm1", second)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []db.Message{
		{ID: "asked", At: second, Origin: db.OriginCustomer},
		{ID: "answered", At: second.Add(400 * time.Millisecond), Origin: db.OriginConsole, Delivery: db.DeliveryAccepted},
		{ID: "asked again", At: second, Origin: db.OriginCustomer},
	} {
		m.AccountID, m.ConversationID, m.Kind, m.Raw = "wk1", c.ID, "text", []byte(`{}`)
		if _, err := store.InsertMessages(ctx, []db.Message{m}); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := store.ConversationMessages(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"asked", "answered", "asked again"} {
		if rows[i].ID != want {
			t.Errorf("row %d is %q, want %q", i, rows[i].ID, want)
		}
	}
}
