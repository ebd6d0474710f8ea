package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// rule makes a rule that always holds.
func (d *desk) rule(scene, text string, menu string) db.ReplyRule {
	d.t.Helper()
	r := db.ReplyRule{ID: db.NewID(), Scene: scene, Name: scene, Days: 127, From: 0, To: 24 * 60, Text: text, Enabled: true, CreatedAt: d.clock(), UpdatedAt: d.clock()}
	if menu != "" {
		r.Menu = []byte(menu)
	}
	d.must(d.db.InsertReplyRule(d.t.Context(), r))
	return r
}

// only waits for the one code of a scene to end, and returns it.
func (d *desk) only(scene string) db.Code {
	d.t.Helper()
	var c db.Code
	d.until("the code of "+scene+" has ended", 0, func() bool {
		list, _, err := d.db.Codes(d.t.Context(), db.CodeFilter{Scene: scene}, "", 10)
		if err == nil && len(list) > 0 {
			c = list[0]
		}
		return err == nil && len(list) == 1 && !c.DoneAt.IsZero() && c.State != db.CodeDue && c.State != db.CodeSending
	})
	if c.Code != "" {
		d.t.Errorf("the code of %s is still there", scene)
	}
	return c
}

// staff is an account and somebody who is on duty there.
func (d *desk) staff() (account, servicer string) {
	d.t.Helper()
	d.mirror()
	for _, a := range (&corp{t: d.t, url: d.url}).world().Accounts {
		for _, s := range a.Servicers {
			if a.Managed && s.UserID != "" && s.Status == "serving" {
				return a.ID, s.UserID
			}
		}
	}
	d.t.Fatal("nobody serves")
	return "", ""
}

const ratingMenu = `{"head_content":"请评价","list":[{"type":"click","click":{"id":"good","content":"满意"}},{"type":"click","click":{"id":"bad","content":"不满意"}}]}`

// TestCodedMessages goes through a conversation: welcome, notice on being taken, farewell with a rating.
func TestCodedMessages(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	account, servicer := d.staff()
	d.rule(db.SceneWelcome, "您好", "")
	d.rule(db.ScenePickup, "已接入", "")
	d.rule(db.SceneEnding, "", ratingMenu)
	d.run(d.syncer())
	customer, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{Name: "甲"})
	d.must(err)
	if c := d.only(db.SceneWelcome); c.State != db.CodeSent || c.RuleID == "" || c.CustomerID != customer {
		t.Errorf("welcome %+v", c)
	}
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("在吗"))
	d.must(err)
	_, err = d.kf.TransferState(ctx, kf.AccountID(account), kf.CustomerID(customer), kf.StateQueue, "")
	d.must(err)
	d.must(d.sim.ServicerPicks(account, customer, servicer))
	if c := d.only(db.ScenePickup); c.State != db.CodeSent {
		t.Errorf("pickup %+v", c)
	}
	_, err = d.sim.ServicerSends(account, customer, servicer, kfsim.TextContent("在的"))
	d.must(err)
	d.must(d.sim.ServicerEnds(account, customer, servicer))
	ending := d.only(db.SceneEnding)
	if ending.State != db.CodeSent {
		t.Errorf("ending %+v", ending)
	}
	_, err = d.sim.CustomerClicksMenu(account, customer, ending.MessageID, "good")
	d.must(err)
	d.until("the rating is there", 0, func() bool {
		conversation, err := d.db.ConversationOf(ctx, account, customer)
		d.must(err)
		visits, err := d.db.VisitsOf(ctx, conversation.ID)
		return err == nil && len(visits) == 1 && visits[0].Rating == "满意" && conversation.WaitingSince.IsZero()
	})
	conversation, err := d.db.ConversationOf(ctx, account, customer)
	d.must(err)
	rows, err := d.db.ConversationMessages(ctx, conversation.ID)
	d.must(err)
	coded := map[string]string{}
	for _, m := range rows {
		if m.Coded != "" {
			coded[m.Coded] = m.Delivery
		}
	}
	if len(coded) != 3 || coded[db.SceneWelcome] != db.DeliveryAccepted || conversation.Sent != 0 {
		t.Errorf("coded rows %v of conversation %+v", coded, conversation)
	}
}

// TestCodesThatAreNotUsed: the log says why.
func TestCodesThatAreNotUsed(t *testing.T) {
	for _, c := range []struct {
		name          string
		rule          string
		before        func(d *desk)
		card          kfsim.CustomerCard
		state, reason string
		calls         int
	}{
		{name: "no rule", state: db.CodeSkipped, reason: CodeNoRule},
		{name: "native welcome", rule: "您好", card: kfsim.CustomerCard{NativeWelcome: true}, state: db.CodeSkipped, reason: CodeNative},
		{name: "too late", rule: "您好", before: func(d *desk) { d.pass(codeSafe) }, state: db.CodeSkipped, reason: CodeLate},
		{name: "first pull of a fresh installation", rule: "您好", before: func(d *desk) { d.pass(20 * time.Hour) }, state: db.CodeSkipped, reason: CodeLate},
		{name: "refused", rule: "您好", before: func(d *desk) {
			d.fail(kfsim.Fault{Endpoint: "kf/send_msg_on_event", Kind: "errcode", Code: 41050, Times: -1})
		}, state: db.CodeRefused, calls: 1},
		{name: "answer lost", rule: "您好", before: func(d *desk) { d.fail(kfsim.Fault{Endpoint: "kf/send_msg_on_event", Kind: "cut_after", Times: -1}) },
			state: db.CodeUnknown, calls: 1},
		{name: "busy", rule: "您好", before: func(d *desk) {
			d.fail(kfsim.Fault{Endpoint: "kf/send_msg_on_event", Kind: "errcode", Code: -1, Times: -1})
		}, state: db.CodeUnknown, calls: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			account, _ := d.staff()
			if c.rule != "" {
				d.rule(db.SceneWelcome, c.rule, "")
			}
			_, err := d.sim.CustomerEnters(account, "web", "", c.card)
			d.must(err)
			if c.before != nil {
				c.before(d)
			}
			s := d.syncer()
			d.run(s)
			d.must(s.Notify(t.Context(), account, "", d.clock()))
			code := d.only(db.SceneWelcome)
			if code.State != c.state || c.reason != "" && code.Reason != c.reason {
				t.Errorf("%s %q, want %s %q", code.State, code.Reason, c.state, c.reason)
			}
			d.pass(2 * codeLost)
			time.Sleep(10 * s.polls.codes) // whoever would use it again has done so by then
			if n := d.count("kf/send_msg_on_event"); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

// TestCodeOfAKilledProcess: a code that was about to be used is not used again.
func TestCodeOfAKilledProcess(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	account, _ := d.staff()
	d.rule(db.SceneWelcome, "您好", "")
	customer, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{})
	d.must(err)
	s := d.syncer()
	d.must(s.Notify(ctx, account, "", d.clock()))
	d.must(s.pull(ctx, db.SyncRequest{AccountID: account}))
	due, err := d.db.DueCodes(ctx, 0)
	d.must(err)
	if len(due) != 1 {
		t.Fatalf("%d codes are due", len(due))
	}
	if _, took, err := s.claim(ctx, &due[0]); err != nil || !took {
		t.Fatalf("claimed: %v, %v", took, err)
	}
	if _, took, err := s.claim(ctx, &due[0]); err != nil || took {
		t.Fatalf("claimed twice: %v, %v", took, err)
	}
	d.pass(codeLost + time.Second)
	d.run(d.syncer())
	if c := d.only(db.SceneWelcome); c.State != db.CodeUnknown || d.count("kf/send_msg_on_event") != 0 {
		t.Errorf("%+v after %d calls", c, d.count("kf/send_msg_on_event"))
	}
	conversation, err := d.db.ConversationOf(ctx, account, customer)
	d.must(err)
	rows, err := d.db.ConversationMessages(ctx, conversation.ID)
	if err != nil || len(rows) != 2 || rows[1].Delivery != db.DeliveryUnknown {
		t.Errorf("%+v, %v", rows, err)
	}
}

// TestCodeInAFullStore: a code that cannot be claimed is not tried again and again without a pause.
func TestCodeInAFullStore(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	d.rule(db.SceneWelcome, "您好", "")
	_, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{})
	d.must(err)
	s := d.syncer()
	d.must(s.Notify(t.Context(), account, "", d.clock()))
	d.must(s.pull(t.Context(), db.SyncRequest{AccountID: account}))
	full, err := db.Open(t.Context(), db.Options{Path: d.path, ReadOnly: true, Now: d.clock})
	d.must(err)
	defer full.Close()
	var said strings.Builder
	s = d.syncer(func(o *SyncOptions) { o.DB, o.Log = full, slog.New(slog.NewTextHandler(&said, nil)) })
	s.polls.codes = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	s.useCodes(ctx)
	if n := strings.Count(said.String(), "ERROR"); n == 0 || n > 25 {
		t.Errorf("%d tries in ten pauses", n)
	}
}

// TestSlowCodeHoldsUpNoOther: one call that hangs does not make the others late.
func TestSlowCodeHoldsUpNoOther(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	d.rule(db.SceneWelcome, "您好", "")
	d.fail(kfsim.Fault{Endpoint: "kf/send_msg_on_event", Kind: "hang"})
	d.run(d.syncer())
	for range 6 {
		_, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{})
		d.must(err)
	}
	d.until("five are welcomed", 0, func() bool {
		list, _, err := d.db.Codes(context.Background(), db.CodeFilter{State: db.CodeSent}, "", 10)
		return err == nil && len(list) == 5
	})
	(&corp{t: t, url: d.url}).control(http.MethodPost, "release", map[string]any{}, nil)
}

func (d *desk) fail(f kfsim.Fault) {
	d.t.Helper()
	(&corp{t: d.t, url: d.url}).control(http.MethodPost, "faults", f, nil)
}

func TestPickRule(t *testing.T) {
	at := func(day, hour, minute int) time.Time { // in Beijing; 2026-10-19 is a Monday
		return time.Date(2026, 10, 18+day, hour, minute, 0, 0, kf.Beijing).UTC()
	}
	rule := func(id, account string, days, from, to int) db.ReplyRule {
		return db.ReplyRule{ID: id, AccountID: account, Scene: db.SceneWelcome, Days: days, From: from, To: to, Enabled: true}
	}
	off := rule("off", "wk1", 127, 0, 1440)
	off.Enabled = false
	ending := rule("ending", "wk1", 127, 0, 1440)
	ending.Scene = db.SceneEnding
	rules := []db.ReplyRule{
		rule("all", "", 127, 0, 1440), off, ending,
		rule("day", "wk1", 31, 9*60, 18*60),
		rule("night", "wk1", 16, 22*60, 6*60), // of Friday
		rule("round", "wk2", 1, 600, 600),
	}
	for _, c := range []struct {
		account string
		at      time.Time
		want    string
	}{
		{"wk1", at(1, 9, 0), "day"}, {"wk1", at(1, 8, 59), "all"}, {"wk1", at(1, 18, 0), "all"}, {"wk1", at(6, 12, 0), "all"},
		{"wk1", at(5, 22, 0), "night"}, {"wk1", at(6, 5, 59), "night"}, {"wk1", at(6, 6, 0), "all"}, {"wk1", at(5, 5, 0), "all"},
		{"wk2", at(1, 10, 0), "round"}, {"wk2", at(2, 9, 59), "round"}, {"wk2", at(2, 10, 0), "all"}, {"wk3", at(1, 10, 0), "all"},
	} {
		if r, ok := PickRule(rules, c.account, db.SceneWelcome, c.at); !ok || r.ID != c.want {
			t.Errorf("%s at %v: %s, want %s", c.account, c.at.In(kf.Beijing), r.ID, c.want)
		}
	}
	if r, ok := PickRule(rules[1:], "wk3", db.SceneWelcome, at(1, 10, 0)); ok {
		t.Errorf("a rule of another account: %s", r.ID)
	}
}

func TestRuleDraft(t *testing.T) {
	for _, c := range []struct {
		text, menu, kind, head string
		bad                    bool
	}{
		{text: "您好", kind: kf.KindText},
		{text: "请选择", menu: `{"list":[{"type":"click","click":{"id":"a","content":"订单"}}]}`, kind: kf.KindMenu, head: "请选择"},
		{text: "x", menu: ratingMenu, kind: kf.KindMenu, head: "请评价"},
		{bad: true}, {text: "x", menu: `[]`, bad: true}, {text: "x", menu: `{`, bad: true},
	} {
		d, err := RuleDraft(db.ReplyRule{Text: c.text, Menu: json.RawMessage(c.menu)})
		if (err != nil) != c.bad {
			t.Errorf("%q %q: %v", c.text, c.menu, err)
		}
		if menu, ok := d.Content.(kf.Menu); !c.bad && (d.Kind != c.kind || ok && menu.Head != c.head) {
			t.Errorf("%q %q: %+v", c.text, c.menu, d)
		}
	}
}
