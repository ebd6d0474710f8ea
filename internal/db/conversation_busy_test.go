package db

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestBusyPlaces: those of open conversations in the order of the board, each once.
func TestBusyPlaces(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	if err := d.UpsertAccount(ctx, Account{ID: "wk1", Name: "云杉"}); err != nil {
		t.Fatal(err)
	}
	for i := range 90 {
		c := conversationFor(t, d, fmt.Sprint("wk", i%45), fmt.Sprint("wm", i))
		c.State, c.WaitingSince, c.LastAt = StateHuman, testTime.Add(time.Duration(i)*time.Minute), testTime.Add(2*time.Hour)
		if c.ServicerID = fmt.Sprint("user", i%3); i%45 == 0 {
			c.State, c.WaitingSince, c.ServicerID = StateEnded, time.Time{}, "gone"
		}
		if err := d.UpdateConversation(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	busy, err := d.BusyPlaces(ctx)
	if err != nil || len(busy.Accounts) != busyMost || busy.Accounts[0] != (Named{"wk1", "云杉"}) || busy.Accounts[1] != (Named{ID: "wk2"}) {
		t.Errorf("%v, %v", busy.Accounts, err)
	}
	if want := []Named{{ID: "user1"}, {ID: "user2"}, {ID: "user0"}}; !slices.Equal(busy.Servicers, want) {
		t.Errorf("%v", busy.Servicers)
	}
}

// TestStaleSyncs: the longest ago first; neither a fresh one nor one that never was.
func TestStaleSyncs(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	if err := d.UpsertAccount(ctx, Account{ID: "wkB", Name: "云杉"}); err != nil {
		t.Fatal(err)
	}
	for id, ago := range map[string]time.Duration{"wkA": time.Hour, "wkB": 3 * time.Hour, "wkC": 2 * time.Hour, "wkD": 59 * time.Minute, "wkE": 0} {
		s := SyncState{AccountID: id, TriedAt: testTime}
		if ago > 0 {
			s.OKAt = testTime.Add(-ago)
		}
		if err := d.SaveSyncState(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.StaleSyncs(ctx, testTime.Add(-time.Hour), 10)
	if err != nil || len(list) != 3 || list[0].AccountID != "wkB" || list[0].AccountName != "云杉" || list[1].AccountID != "wkC" || list[2].AccountID != "wkA" || list[2].AccountName != "" {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = d.StaleSyncs(ctx, testTime, 1); err != nil || len(list) != 1 || list[0].AccountID != "wkB" {
		t.Errorf("%+v, %v", list, err)
	}
}
