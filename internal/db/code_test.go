package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
)

func TestCodes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustReplace(t, d, now, db.Account{ID: "wkA", Name: "售前"})
		c := mustConversation(t, d, "wkA", "wm1")
		want := db.Code{ID: "c1", AccountID: "wkA", ConversationID: c.ID, CustomerID: "wm1", Scene: db.SceneWelcome, Code: "secret", GotAt: now,
			ExpiresAt: now.Add(20 * time.Second), State: db.CodeDue, AccountName: "售前"}
		if err := d.InsertCode(ctx, want); err != nil {
			t.Fatal(err)
		}
		if err := d.InsertCode(ctx, want); !errors.Is(err, db.ErrConflict) {
			t.Errorf("the same id: %v", err)
		}
		want.State, want.RuleID, want.MessageID, want.DoneAt = db.CodeSending, "r1", "m1", now.Add(time.Second)
		if err := d.UpdateCode(ctx, want); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Code(ctx, "c1"); err != nil || got != want {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		if l, err := d.SendingCodes(ctx, now.Add(time.Second)); err != nil || len(l) != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		if l, err := d.SendingCodes(ctx, now.Add(2*time.Second)); err != nil || len(l) != 1 || l[0] != want {
			t.Errorf("%+v, %v", l, err)
		}
		want.State, want.Reason, want.Errcode = db.CodeRefused, "late", 95018
		if err := d.UpdateCode(ctx, want); err != nil {
			t.Fatal(err)
		}
		want.Code = ""
		if got, err := d.Code(ctx, "c1"); err != nil || got != want {
			t.Errorf("a used code is kept: %+v, %v", got, err)
		}
		if err := d.UpdateCode(ctx, db.Code{ID: "x", State: db.CodeSent}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("no code: %v", err)
		}
		for _, err := range []error{d.UpdateCode(ctx, db.Code{ID: "c1", State: "odd"}), d.InsertCode(ctx, db.Code{ID: "c2"})} {
			if err == nil {
				t.Error("an unknown state was taken")
			}
		}
	})
}

func TestCodeLog(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a, b := mustConversation(t, d, "wkA", "wm1"), mustConversation(t, d, "wkB", "wm1")
		for i := range 40 {
			c := []db.Conversation{a, b}[i%2]
			k := db.Code{ID: fmt.Sprintf("c%02d", i), AccountID: c.AccountID, ConversationID: c.ID, CustomerID: "wm1", Scene: []string{db.SceneWelcome, db.SceneEnding, db.SceneQueue}[i%3],
				Code: "x", GotAt: now.Add(time.Duration(i/2) * time.Second), State: []string{db.CodeDue, db.CodeSent, db.CodeSkipped, db.CodeSending}[i%4]}
			if err := d.InsertCode(ctx, k); err != nil {
				t.Fatal(err)
			}
		}
		for f, n := range map[db.CodeFilter]int{{}: 40, {Account: "wkA"}: 20, {Conversation: b.ID}: 20, {Scene: db.SceneEnding}: 13, {State: db.CodeSent}: 10, {State: db.CodeDue}: 10,
			{Account: "wkA", Scene: db.SceneQueue, State: db.CodeSkipped}: 4, {Account: "wkX"}: 0} {
			list, _, err := d.Codes(ctx, f, "", 100)
			var ids []string
			for _, c := range list {
				ids = append(ids, c.ID)
			}
			newest := func(a, b string) int { return strings.Compare(b, a) }
			if err != nil || len(ids) != n || !slices.IsSortedFunc(ids, newest) {
				t.Errorf("%+v: %v, %v, want %d", f, ids, err, n)
			}
			checkPages(t, ids, 4, func(at db.Cursor) (ids []string, page db.Page, err error) {
				l, page, err := d.Codes(ctx, f, at, 4)
				for _, c := range l {
					ids = append(ids, c.ID)
				}
				return ids, page, err
			})
		}
		due, err := d.DueCodes(ctx, 3)
		if err != nil || len(due) != 3 || due[0].ID != "c36" || due[1].ID != "c32" {
			t.Errorf("%+v, %v", due, err)
		}
	})
}

func TestReplyRules(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		mustReplace(t, d, now, db.Account{ID: "wkA", Name: "售前"})
		rule := func(id, account, scene string, on bool) db.ReplyRule {
			return db.ReplyRule{ID: id, AccountID: account, Scene: scene, Name: "工作时间", Days: 31, From: 540, To: 1080, Text: "您好", Menu: []byte(`{"items":[]}`), Enabled: on,
				CreatedAt: now, UpdatedAt: now}
		}
		for _, r := range []db.ReplyRule{rule("r1", "", db.SceneWelcome, true), rule("r2", "wkA", db.SceneWelcome, true), rule("r3", "wkA", db.SceneWelcome, false),
			rule("r4", "wkB", db.SceneWelcome, true), rule("r5", "wkA", db.SceneEnding, true)} {
			if err := d.InsertReplyRule(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		ids := func(l []db.ReplyRule, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, r := range l {
				text += r.ID
			}
			return text
		}
		if got := ids(d.ReplyRules(ctx)); got != "r5r1r2r3r4" {
			t.Error(got)
		}
		if got := ids(d.ReplyRulesFor(ctx, "wkA", db.SceneWelcome)); got != "r2r1" {
			t.Error(got)
		}
		want := rule("r2", "wkA", db.SceneWelcome, true)
		want.Rev, want.AccountName = 1, "售前"
		if got, err := d.ReplyRule(ctx, "r2"); err != nil || !sameRule(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		want.AccountID, want.Scene, want.Name, want.Days, want.From, want.To, want.Text, want.Menu, want.Enabled, want.UpdatedAt = "", db.SceneQueue, "夜间", 96, 1200, 300,
			"请稍候", nil, false, now.Add(time.Hour)
		if err := d.UpdateReplyRule(ctx, want); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{d.UpdateReplyRule(ctx, want), d.DeleteReplyRule(ctx, "r2", 1), d.InsertReplyRule(ctx, want)} {
			if !errors.Is(err, db.ErrConflict) {
				t.Errorf("an old revision: %v", err)
			}
		}
		want.Rev, want.AccountName = 2, ""
		if got, err := d.ReplyRule(ctx, "r2"); err != nil || !sameRule(got, want) {
			t.Errorf("%+v, %v\nwant %+v", got, err, want)
		}
		if err := d.DeleteReplyRule(ctx, "r2", 2); err != nil {
			t.Error(err)
		}
		for _, err := range []error{d.UpdateReplyRule(ctx, want), d.DeleteReplyRule(ctx, "r2", 2)} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("no rule: %v", err)
			}
		}
	})
}

func sameRule(a, b db.ReplyRule) bool {
	same := string(a.Menu) == string(b.Menu) && (a.Menu == nil) == (b.Menu == nil)
	a.Menu, b.Menu = nil, nil
	return same && fmt.Sprint(a) == fmt.Sprint(b)
}

func TestCallbackNotes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i, kind := range []string{"b", "a", "b"} {
			if err := d.NoteCallback(ctx, kind, now.Add(time.Duration(i)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		want := []db.CallbackNote{{"a", 1, now.Add(time.Minute), now.Add(time.Minute)}, {"b", 2, now, now.Add(2 * time.Minute)}}
		if got, err := d.CallbackNotes(ctx); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
