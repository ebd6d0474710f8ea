package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestSyncState(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if s, err := d.SyncState(ctx, "wkB"); err != nil || s != (db.SyncState{AccountID: "wkB"}) {
			t.Errorf("never synced: %+v, %v", s, err)
		}
		want := []db.SyncState{{AccountID: "wkA", Cursor: "c1", OKAt: now, TriedAt: now.Add(1e9), NotBefore: now.Add(2e9), Error: "busy", Errcode: 45009, Failures: 2,
			LeaseOwner: "me", LeaseUntil: now.Add(3e9), Messages: 77}, {AccountID: "wkB"}}
		for _, s := range []db.SyncState{want[1], {AccountID: "wkA", Cursor: "c0"}, want[0]} {
			if err := d.SaveSyncState(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.SyncStates(ctx); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := d.SyncState(ctx, "wkA"); err != nil || got != want[0] {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestLease(t *testing.T) {
	ctx := context.Background()
	at := now
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(t.TempDir(), "console.db"), Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	take := func(owner string, until time.Time, want bool) {
		t.Helper()
		if got, err := d.LeaseSync(ctx, "wkA", owner, until); err != nil || got != want {
			t.Errorf("%s: %v, %v", owner, got, err)
		}
	}
	take("a", at.Add(time.Minute), true)
	take("b", at.Add(time.Minute), false)
	take("a", at.Add(2*time.Minute), true)
	at = at.Add(2*time.Minute - time.Millisecond)
	take("b", at.Add(time.Minute), false)
	at = at.Add(time.Millisecond)
	take("b", at.Add(time.Minute), true)
	take("a", at.Add(time.Minute), false)
	take("b", time.Time{}, true)
	take("a", at.Add(time.Minute), true)
	// A clock that is set back by an hour does not make the lease last an hour.
	at = at.Add(-time.Hour)
	take("b", at.Add(time.Minute), true)
	take("a", at.Add(time.Minute), false)
	at = at.Add(time.Hour)
	take("a", at.Add(time.Minute), true)
	if s, err := d.SyncState(ctx, "wkA"); err != nil || s.LeaseOwner != "a" || !s.LeaseUntil.Equal(at.Add(time.Minute)) || s.Cursor != "" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestSyncRequests(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		ask := func(token string, at time.Time) db.SyncRequest {
			t.Helper()
			if err := d.AskSync(ctx, db.SyncRequest{AccountID: "wkA", Token: token, TokenAt: at, AskedAt: at}); err != nil {
				t.Fatal(err)
			}
			r, err := d.SyncRequest(ctx, "wkA")
			if err != nil || !r.AskedAt.Equal(now) {
				t.Fatalf("not of the first time: %+v, %v", r, err)
			}
			return r
		}
		if _, err := d.SyncRequest(ctx, "wkA"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("nothing asked: %v", err)
		}
		first := ask("t1", now)
		second := ask("t0", now.Add(-time.Minute))
		if second.Token != "t1" || !second.TokenAt.Equal(now) || second.N <= first.N {
			t.Errorf("an older token: %+v", second)
		}
		third := ask("", now.Add(time.Minute))
		if third.Token != "t1" || third.N <= second.N {
			t.Errorf("no token: %+v", third)
		}
		settle := func(n int64, left int) {
			t.Helper()
			if err := d.SettleSyncRequest(ctx, "wkA", n); err != nil {
				t.Fatal(err)
			}
			if l, err := d.SyncRequests(ctx); err != nil || len(l) != left {
				t.Errorf("%+v, %v", l, err)
			}
		}
		settle(second.N, 1)
		settle(third.N, 0)
		// A number that is given out again would let somebody late settle what he never saw.
		if again := ask("t2", now); again.N == first.N || again.N == third.N || again.Token != "t2" {
			t.Errorf("%+v", again)
		}
		settle(third.N, 1)
	})
}

// TestDueSyncs: the longest untried first, but neither who is left alone nor what somebody else works on, unless their
// times are of a clock that was set back.
func TestDueSyncs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for _, s := range []db.SyncState{
			{AccountID: "fresh", TriedAt: now}, {AccountID: "stale", TriedAt: now.Add(-time.Hour)},
			{AccountID: "paused", NotBefore: now.Add(time.Second)}, {AccountID: "pause over", TriedAt: now, NotBefore: now},
			{AccountID: "absurd pause", TriedAt: now, NotBefore: now.Add(11 * time.Minute)},
			{AccountID: "mine", TriedAt: now, LeaseOwner: "me", LeaseUntil: now.Add(time.Minute)},
			{AccountID: "theirs", LeaseOwner: "other", LeaseUntil: now.Add(time.Minute)},
			{AccountID: "given back", TriedAt: now, LeaseOwner: "other", LeaseUntil: now},
			{AccountID: "absurd lease", TriedAt: now, LeaseOwner: "other", LeaseUntil: now.Add(3 * time.Minute)},
			{AccountID: "not asked for"},
		} {
			if err := d.SaveSyncState(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
		for _, id := range []string{"never", "fresh", "stale", "paused", "pause over", "absurd pause", "mine", "theirs", "given back", "absurd lease"} {
			if err := d.AskSync(ctx, db.SyncRequest{AccountID: id, Token: "t", TokenAt: now, AskedAt: now}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := d.DueSyncs(ctx, "me", now, time.Minute, 10*time.Minute)
		var got []string
		for _, r := range list {
			got = append(got, r.AccountID)
			if r.Token != "t" || !r.AskedAt.Equal(now) {
				t.Errorf("%+v", r)
			}
		}
		want := []string{"never", "stale", "absurd lease", "absurd pause", "fresh", "given back", "mine", "pause over"}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
	})
}

// TestRequestTakesLaterToken: one who asks without a token, at whatever time, keeps no token away that comes with a callback; the time of
// a callback is told to the second and may seem to be earlier.
func TestRequestTakesLaterToken(t *testing.T) {
	d := dbtest.New(t)
	at := time.Unix(1_760_000_100, 305e6)
	for _, r := range []db.SyncRequest{{AccountID: "wk1", TokenAt: at, AskedAt: at}, {AccountID: "wk1", Token: "ENC1", TokenAt: at.Truncate(time.Second), AskedAt: at}} {
		if err := d.AskSync(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := d.SyncRequest(t.Context(), "wk1"); err != nil || r.Token != "ENC1" {
		t.Errorf("%+v, %v", r, err)
	}
}
