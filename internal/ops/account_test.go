package ops

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

func TestCreateAccount(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	id := db.NewID()
	r, err := s.ops.CreateAccount(s.ctx, s.manager, NewAccount{IntentID: id, Name: "  沙发定制 ", Picture: asPNG(t, quarters(100, 100))})
	s.must(err)
	if r.Outcome != Done || r.Err != nil || r.IntentID != id || r.RemoteID == "" || r.Unrecorded {
		t.Fatalf("%+v", r)
	}
	if a, there := s.remote(r.RemoteID); !there || a.Name != "沙发定制" {
		t.Errorf("at WeCom: %+v", a)
	}
	a := s.account(r.RemoteID)
	if a.Name != "沙发定制" || a.Managed == nil || !*a.Managed || a.GoneAt != nil {
		t.Errorf("our copy: %+v", a)
	}
	picture, err := s.db.Picture(s.ctx, a.PictureID)
	s.must(err)
	if picture.MIME != "image/jpeg" || len(picture.Data) < 100 {
		t.Errorf("our picture: %s, %d bytes", picture.MIME, len(picture.Data))
	}
	e := s.ended(id, Done)
	if e.OperatorName != "op-manager" || e.IP != "192.0.2.7" || e.RequestID != "req-manager" || e.TargetName != "沙发定制" || e.Outcome.RemoteID != r.RemoteID {
		t.Errorf("entry: %+v", e)
	}
	if !strings.Contains(e.Input, `"name":"沙发定制"`) || !strings.Contains(e.Input, a.PictureID) || len(e.Input) > 300 || e.Outcome.After != e.Input {
		t.Errorf("input %s, after %s", e.Input, e.Outcome.After)
	}
}

func TestCreateAccountWithoutPicture(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	r, err := s.ops.CreateAccount(s.ctx, s.owner, NewAccount{Name: "餐桌咨询"})
	s.must(err)
	if r.Outcome != Done || s.account(r.RemoteID).PictureID == "" {
		t.Errorf("%+v", r)
	}
}

func TestUpdateAccount(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	r, err := s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: s.account(a.ID).Rev, Name: ptr("新的名字"), Picture: asJPEG(t, quarters(64, 64))})
	s.must(err)
	s.ended(r.IntentID, Done)
	now, _ := s.remote(a.ID)
	if now.Name != "新的名字" || now.Avatar == a.Avatar || s.account(a.ID).Name != "新的名字" || s.account(a.ID).PictureID == "" {
		t.Errorf("at WeCom %+v, ours %+v", now, s.account(a.ID))
	}
	e := s.entry(r.IntentID)
	if !strings.Contains(e.Before, `"name":"`+a.Name+`"`) || !strings.Contains(e.Input, `"name":"新的名字"`) || e.TargetID != a.ID {
		t.Errorf("before %s, input %s", e.Before, e.Input)
	}
	// The picture alone, with the name sent along unchanged by the form.
	r, err = s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{
		AccountID: a.ID, Seen: &AccountSeen{"新的名字", s.account(a.ID).PictureID}, Name: ptr("新的名字"), Picture: asJPEG(t, quarters(32, 32)),
	})
	s.must(err)
	if e := s.ended(r.IntentID, Done); strings.Contains(e.Input, "name") {
		t.Errorf("input %s", e.Input)
	}
	if calls := s.calls("kf/account/update"); strings.Contains(calls[1].Body, "name") {
		t.Errorf("sent %s", calls[1].Body)
	}
}

func TestDeleteAccount(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	link, err := s.ops.CreateLink(s.ctx, s.manager, NewLink{AccountID: a.ID, Name: "官网", Campaign: "春季"})
	s.must(err)
	if link.Outcome != Done {
		t.Fatalf("%+v", link)
	}
	impact, err := s.ops.Impact(s.ctx, a.ID)
	s.must(err)
	if impact.LinkCount != 1 || len(impact.Links) != 1 || strings.Join(impact.Campaigns, ",") != "春季" || impact.Account.ID != a.ID {
		t.Errorf("impact %+v", impact)
	}
	var invalid *Invalid
	if _, err := s.ops.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name + "x"}); !errors.As(err, &invalid) || invalid.Rule != "typed" {
		t.Errorf("another name typed: %v", err)
	}
	r, err := s.ops.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name})
	s.must(err)
	e := s.ended(r.IntentID, Done)
	if _, there := s.remote(a.ID); there || s.account(a.ID).GoneAt == nil {
		t.Error("the account is still there")
	}
	if !strings.Contains(e.Before, `"links":1`) || !strings.Contains(e.Before, a.Name) {
		t.Errorf("before %s", e.Before)
	}
	if _, err := s.ops.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name}); !errors.As(err, &invalid) || invalid.Rule != "gone" {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestAccountFormsAreChecked(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	var readOnly string
	for _, a := range s.world().Accounts {
		if !a.Managed {
			readOnly = a.ID
		}
	}
	a := s.managed()
	rev := s.account(a.ID).Rev
	create := func(n NewAccount) error { _, err := s.ops.CreateAccount(s.ctx, s.manager, n); return err }
	change := func(c AccountChange) error { _, err := s.ops.UpdateAccount(s.ctx, s.manager, c); return err }
	for name, c := range map[string]struct {
		err         error
		field, rule string
	}{
		"17 characters":        {create(NewAccount{Name: strings.Repeat("长", 17)}), "name", "long"},
		"no name":              {create(NewAccount{Name: " "}), "name", "required"},
		"a fake picture":       {create(NewAccount{Name: "好", Picture: []byte("GIF89a")}), "picture", "format"},
		"20 MB":                {create(NewAccount{Name: "好", Picture: make([]byte, 20<<20)}), "picture", "bytes"},
		"a forged intent id":   {create(NewAccount{Name: "好", IntentID: "../../etc"}), "intent_id", "id"},
		"nothing changed":      {change(AccountChange{AccountID: a.ID, Rev: rev, Name: &a.Name}), "name", "unchanged"},
		"no change given":      {change(AccountChange{AccountID: a.ID, Rev: rev}), "name", "unchanged"},
		"read-only account":    {change(AccountChange{AccountID: readOnly, Name: ptr("好")}), "account", "readonly"},
		"new name is too long": {change(AccountChange{AccountID: a.ID, Rev: rev, Name: ptr(strings.Repeat("a", 17))}), "name", "long"},
	} {
		var invalid *Invalid
		if !errors.As(c.err, &invalid) || invalid.Field != c.field || invalid.Rule != c.rule {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	if err := change(AccountChange{AccountID: "wkNobody", Name: ptr("好")}); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("unknown account: %v", err)
	}
	if calls := s.calls(""); len(calls) != 0 {
		t.Errorf("bad forms were sent: %+v", calls)
	}
}

func TestRenameConflicts(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	page := s.account(a.ID)
	r, err := s.ops.UpdateAccount(s.ctx, s.owner, AccountChange{AccountID: a.ID, Rev: page.Rev, Name: ptr("先来的")})
	s.must(err)
	s.ended(r.IntentID, Done)
	for _, seen := range []*AccountSeen{nil, {page.Name, page.PictureID}} {
		_, err = s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: page.Rev, Seen: seen, Name: ptr("后到的")})
		var conflict *Conflict
		if !errors.As(err, &conflict) {
			t.Fatalf("the later rename: %v", err)
		}
		if conflict.Field != "name" || conflict.Yours != "后到的" || conflict.Theirs != "先来的" || conflict.By != "op-owner" ||
			conflict.Rev != s.account(a.ID).Rev || !conflict.At.Equal(s.entry(r.IntentID).At) {
			t.Errorf("conflict %+v", conflict)
		}
	}
	if n := len(s.calls("kf/account/update")); n != 1 {
		t.Errorf("%d renames were sent", n)
	}
	// Something else of the account has changed: with what the page showed at hand, that is no conflict.
	s.must(s.db.SetAccountPicture(s.ctx, a.ID, ""))
	seen := s.account(a.ID)
	list := []db.Account{}
	for account, err := range s.kf.Accounts(s.ctx) {
		s.must(err)
		list = append(list, db.Account{ID: string(account.ID), Name: account.Name, AvatarURL: account.Avatar + "?moved", Managed: account.ManagePrivilege})
	}
	s.clock.advance(time.Minute)
	s.must(s.db.ReplaceAccounts(s.ctx, list, s.clock.now()))
	if s.account(a.ID).Rev == seen.Rev {
		t.Fatal("the revision did not move: this proves nothing")
	}
	r, err = s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: seen.Rev, Seen: &AccountSeen{seen.Name, seen.PictureID}, Name: ptr("第三个")})
	s.must(err)
	s.ended(r.IntentID, Done)
}

func TestTwoRenamesAtOnce(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	rev := s.account(a.ID).Rev
	s.fault(fault{Endpoint: "kf/account/update", Kind: "hang"})
	var first Result
	var firstErr error
	var done sync.WaitGroup
	done.Go(func() {
		first, firstErr = s.ops.UpdateAccount(s.ctx, s.owner, AccountChange{AccountID: a.ID, Rev: rev, Name: ptr("先来的")})
	})
	s.held()
	_, err := s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: rev, Name: ptr("后到的")})
	var locked *Locked
	if !errors.Is(err, ErrLocked) || !errors.As(err, &locked) || locked.By != "op-owner" || locked.Action != AccountUpdate {
		t.Errorf("while the first is under way: %v", err)
	}
	if _, err := s.ops.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name}); !errors.Is(err, ErrLocked) {
		t.Errorf("deleting while it is renamed: %v", err)
	}
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	s.must(firstErr)
	if first.Outcome != Done || locked.IntentID != first.IntentID {
		t.Errorf("first %+v, holder %s", first, locked.IntentID)
	}
	if _, err = s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: rev, Name: ptr("后到的")}); !errors.As(err, new(*Conflict)) {
		t.Errorf("after the first has ended: %v", err)
	}
	if n := len(s.calls("kf/account/update")); n != 1 {
		t.Errorf("%d renames were sent", n)
	}
}

func TestFormSentTwice(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	form := NewAccount{IntentID: db.NewID(), Name: "一次就好"}
	s.fault(fault{Endpoint: "kf/account/add", Kind: "hang"})
	var first Result
	var firstErr error
	var done sync.WaitGroup
	done.Go(func() { first, firstErr = s.ops.CreateAccount(s.ctx, s.manager, form) })
	s.held()
	_, err := s.ops.CreateAccount(s.ctx, s.manager, form)
	var twice *Duplicate
	if !errors.Is(err, ErrDuplicate) || !errors.As(err, &twice) || twice.IntentID != form.IntentID || twice.Outcome != Open {
		t.Errorf("while the first is under way: %v", err)
	}
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	s.must(firstErr)
	_, err = s.ops.CreateAccount(s.ctx, s.manager, form)
	if !errors.As(err, &twice) || twice.Outcome != Done || twice.RemoteID != first.RemoteID {
		t.Errorf("after the first has ended: %v, %+v", err, twice)
	}
	// The id of somebody else's form tells nothing about it.
	var invalid *Invalid
	if _, err = s.ops.CreateAccount(s.ctx, s.owner, form); !errors.As(err, &invalid) || invalid.Rule != "id" {
		t.Errorf("another operator with the same id: %v", err)
	}
	if n := s.named("一次就好"); n != 1 || len(s.calls("kf/account/add")) != 1 {
		t.Errorf("%d accounts of that name", n)
	}
	// The same with a rename, whose second copy would otherwise meet a conflict.
	a := s.account(first.RemoteID)
	rename := AccountChange{IntentID: db.NewID(), AccountID: a.ID, Rev: a.Rev, Name: ptr("改名")}
	_, err = s.ops.UpdateAccount(s.ctx, s.manager, rename)
	s.must(err)
	if _, err = s.ops.UpdateAccount(s.ctx, s.manager, rename); !errors.Is(err, ErrDuplicate) {
		t.Errorf("a rename sent twice: %v", err)
	}
	// And with a deletion, whose second copy finds the account gone.
	deletion := AccountDeletion{IntentID: db.NewID(), AccountID: a.ID, TypedName: "改名"}
	_, err = s.ops.DeleteAccount(s.ctx, s.manager, deletion)
	s.must(err)
	if _, err = s.ops.DeleteAccount(s.ctx, s.manager, deletion); !errors.Is(err, ErrDuplicate) {
		t.Errorf("a deletion sent twice: %v", err)
	}
}

func TestBrowserLeaves(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	s.fault(fault{Endpoint: "kf/account/add", Kind: "hang"})
	ctx, leave := context.WithCancel(s.ctx)
	var r Result
	var err error
	var done sync.WaitGroup
	done.Go(func() { r, err = s.ops.CreateAccount(ctx, s.manager, NewAccount{Name: "关了浏览器"}) })
	s.held()
	leave()
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	s.must(err)
	if r.Outcome != Done {
		t.Errorf("%+v", r)
	}
	s.ended(r.IntentID, Done)
	if _, err := s.db.Account(s.ctx, r.RemoteID); err != nil {
		t.Errorf("our copy: %v", err)
	}
	if _, err := s.ops.CreateAccount(ctx, s.manager, NewAccount{Name: "太晚了"}); err == nil || s.named("太晚了") != 0 {
		t.Error("a request that had ended was carried out")
	}
}

func TestOutcomeCannotBeWritten(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	brief := s.open(db.Options{})
	s.fault(fault{Endpoint: "kf/account/add", Kind: "hang"})
	form := NewAccount{IntentID: db.NewID(), Name: "写不下"}
	var r Result
	var err error
	var done sync.WaitGroup
	done.Go(func() { r, err = s.newOps(brief, s.kf).CreateAccount(s.ctx, s.manager, form) })
	s.held()
	s.must(brief.Close())
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	s.must(err)
	if r.Outcome != Done || !r.Unrecorded || r.RemoteID == "" {
		t.Errorf("%+v", r)
	}
	s.ended(form.IntentID, Open)
	s.must(s.ops.Settle(s.ctx))
	if e := s.ended(form.IntentID, Done); e.Outcome.RemoteID != r.RemoteID {
		t.Errorf("settled as %s, created was %s", e.Outcome.RemoteID, r.RemoteID)
	}
}

func TestResultKeepsTheKindOfError(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	s.fault(fault{Endpoint: "kf/account/add", Kind: "errcode", Code: 60020})
	r, err := s.ops.CreateAccount(s.ctx, s.manager, NewAccount{Name: "来源不可信"})
	s.must(err)
	var refusal *kf.Error
	if r.Outcome != Refused || !errors.As(r.Err, &refusal) || refusal.Code != 60020 {
		t.Fatalf("%+v", r)
	}
	e := s.ended(r.IntentID, Refused)
	if o := e.Outcome; o.Errcode != 60020 || o.Errmsg != refusal.Msg || o.Hint == "" || o.Hint != refusal.Hint || o.FromIP != refusal.FromIP || o.FromIP == "" {
		t.Errorf("outcome %+v, refusal %+v", o, refusal)
	}
}
