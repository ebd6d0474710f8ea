package ops

import (
	"errors"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

func (s *stage) outside(action, id, name string) {
	s.Helper()
	s.control("POST", "/_sim/outside", map[string]any{"action": action, "open_kfid": id, "name": name}, nil)
}

// lose makes a change whose answer is lost, before or after it is made.
func (s *stage) lose(endpoint, kind string, make func() (Result, error)) string {
	s.Helper()
	s.fault(fault{Endpoint: endpoint, Kind: kind})
	r, err := make()
	s.must(err)
	s.ended(r.IntentID, Open)
	return r.IntentID
}

func TestSettleCreateBesideAnotherOfThatName(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	s.outside("add", "", "同名账号")
	s.mirror()
	create := func() (Result, error) {
		return s.ops.CreateAccount(s.ctx, s.manager, NewAccount{Name: "同名账号"})
	}
	id := s.lose("kf/account/add", "cut_before", create)
	s.clock.advance(time.Minute)
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Failed)
	id = s.lose("kf/account/add", "cut_after", create)
	// The mirror may see the new account before it is settled.
	began := s.clock.now()
	var list []db.Account
	for account, err := range s.kf.Accounts(s.ctx) {
		s.must(err)
		list = append(list, db.Account{ID: string(account.ID), Name: account.Name, AvatarURL: account.Avatar, Managed: account.ManagePrivilege})
	}
	s.must(s.db.ReplaceAccounts(s.ctx, list, began))
	s.must(s.ops.Settle(s.ctx))
	e := s.ended(id, Done)
	if a := s.account(e.Outcome.RemoteID); a.FirstSeen.Before(e.At) || a.AvatarURL == "" || a.PictureID == "" {
		t.Errorf("settled with %+v", a)
	}
}

func TestSettleRenameThatWasOvertaken(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.account(s.managed().ID)
	id := s.lose("kf/account/update", "cut_after", func() (Result, error) {
		return s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("我们的")})
	})
	s.outside("rename", a.ID, "别人的")
	s.must(s.ops.Settle(s.ctx))
	if e := s.ended(id, Failed); e.Outcome.Errmsg == notApplied {
		t.Errorf("outcome %+v", e.Outcome)
	}
}

func TestSettleOnAnAccountThatIsGone(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.account(s.managed().ID)
	id := s.lose("kf/account/update", "cut_before", func() (Result, error) {
		return s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("我们的")})
	})
	s.outside("delete", a.ID, "")
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Failed)
}

func TestSettleDoesNotTrustAHoleInTheList(t *testing.T) {
	for endpoint, change := range map[string]func(s *stage, a db.Account) (Result, error){
		"kf/account/del": func(s *stage, a db.Account) (Result, error) {
			return s.ops.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name})
		},
		"kf/account/update": func(s *stage, a db.Account) (Result, error) {
			return s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("我们的")})
		},
	} {
		s := newStage(t, kfsim.SeedDemo)
		a := s.account(s.managed().ID)
		id := s.lose(endpoint, "cut_before", func() (Result, error) { return change(s, a) })
		// As if the account had slipped between two pages of the list.
		missing := &world{ops: s.ops, known: map[kf.AccountID]kf.Account{}}
		s.must(s.ops.settle(s.ctx, s.entry(id).Intent, missing))
		s.ended(id, Open)
	}
}

func TestSettlePictureWithoutABefore(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	r, err := s.ops.CreateAccount(s.ctx, s.manager, NewAccount{Name: "刚刚创建"})
	s.must(err)
	a := s.account(r.RemoteID)
	id := s.lose("kf/account/update", "cut_before", func() (Result, error) {
		return s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: a.Rev, Picture: asPNG(t, quarters(9, 9))})
	})
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Open)
	s.clock.advance(time.Minute)
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Failed)
}

func TestSettleLink(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	create := func() (Result, error) {
		return s.ops.CreateLink(s.ctx, s.manager, NewLink{AccountID: a.ID, Name: "官网"})
	}
	refused := s.lose("kf/add_contact_way", "cut_before", create)
	s.fault(fault{Endpoint: "kf/add_contact_way", Kind: "errcode", Code: 95004})
	s.must(s.ops.Settle(s.ctx))
	if e := s.ended(refused, Refused); e.Outcome.Errcode != 95004 {
		t.Errorf("outcome %+v", e.Outcome)
	}
	never := s.lose("kf/add_contact_way", "cut_before", create)
	s.fault(fault{Endpoint: "kf/add_contact_way", Kind: "html", Times: 2})
	if err := s.ops.Settle(s.ctx); err == nil {
		t.Error("a lost answer is no error")
	}
	s.ended(never, Open)
	s.clock.advance(25 * time.Hour)
	s.must(s.ops.Settle(s.ctx))
	s.ended(never, Failed)
}

func TestSettleLeavesWhatIsUnderWay(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	s.fault(fault{Endpoint: "kf/account/add", Kind: "hang"})
	id := db.NewID()
	var r Result
	var err error
	var done sync.WaitGroup
	done.Go(func() { r, err = s.ops.CreateAccount(s.ctx, s.manager, NewAccount{IntentID: id, Name: "正在创建"}) })
	s.held()
	s.clock.advance(time.Hour)
	s.must(s.ops.Settle(s.ctx))
	s.ended(id, Open)
	if err := s.ops.SettleOne(s.ctx, id); !errors.Is(err, ErrLocked) {
		t.Errorf("settling what is under way: %v", err)
	}
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	s.must(err)
	if r.Outcome != Done {
		t.Errorf("%+v", r)
	}
	s.ended(id, Done)
}

// TestRestart is a program that was killed between the intent and the call, and between the call and the outcome.
func TestRestart(t *testing.T) {
	for _, applied := range []bool{false, true} {
		s := newStage(t, kfsim.SeedDemo)
		a := s.account(s.managed().ID)
		in, err := s.ops.intent(s.manager, change{
			action: AccountUpdate, target: Target{KindAccount, a.ID, a.Name}, input: accountPayload{Name: ptr("重启之后")}, before: accountPayload{Name: &a.Name},
		})
		s.must(err)
		s.must(s.db.InsertIntent(s.ctx, in, "account:"+a.ID))
		if applied {
			s.outside("rename", a.ID, "重启之后")
		}
		s.clock.advance(time.Minute)
		again := s.newOps(s.open(db.Options{}), s.kf)
		if _, err := again.UpdateAccount(s.ctx, s.owner, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("不该通过")}); !errors.Is(err, ErrLocked) {
			t.Errorf("before it is settled: %v", err)
		}
		s.must(again.Settle(s.ctx))
		want := Failed
		if applied {
			want = Done
		}
		s.ended(in.ID, want)
		if n := len(s.calls("kf/account/update")); n != 0 {
			t.Errorf("%d renames were sent: a blind repetition", n)
		}
	}
}
