package ops

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// remoteChange is one kind of change at WeCom, for the tests of every end it can have.
type remoteChange struct {
	endpoint string
	make     func(s *stage, o *Ops, a db.Account) (Result, error)
	// applied says whether WeCom has made the change.
	applied func(s *stage, a db.Account) bool
	// mirrored says whether our own rows show it.
	mirrored func(s *stage, a db.Account) bool
}

func remoteChanges(t *testing.T) map[string]remoteChange {
	raw := asPNG(t, quarters(40, 40))
	renamed := func(name string) bool { return name == "换了名字" }
	return map[string]remoteChange{
		AccountCreate: {
			"kf/account/add",
			func(s *stage, o *Ops, _ db.Account) (Result, error) {
				return o.CreateAccount(s.ctx, s.manager, NewAccount{Name: "新开的账号", Picture: raw})
			},
			func(s *stage, _ db.Account) bool { return s.named("新开的账号") == 1 },
			func(s *stage, _ db.Account) bool {
				list, _, err := s.db.Accounts(s.ctx, db.AccountFilter{Q: "新开的账号"}, "", 10)
				s.must(err)
				return len(list) == 1 && list[0].PictureID != ""
			},
		},
		AccountUpdate: {
			"kf/account/update",
			func(s *stage, o *Ops, a db.Account) (Result, error) {
				return o.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: a.Rev, Name: ptr("换了名字")})
			},
			func(s *stage, a db.Account) bool { now, _ := s.remote(a.ID); return renamed(now.Name) },
			func(s *stage, a db.Account) bool { return renamed(s.account(a.ID).Name) },
		},
		"account.update picture": {
			"kf/account/update",
			func(s *stage, o *Ops, a db.Account) (Result, error) {
				return o.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: a.Rev, Picture: raw})
			},
			func(s *stage, a db.Account) bool {
				now, _ := s.remote(a.ID)
				return now.Avatar != avatarPath(a.AvatarURL, s.url)
			},
			func(s *stage, a db.Account) bool { return s.account(a.ID).PictureID != "" },
		},
		AccountDelete: {
			"kf/account/del",
			func(s *stage, o *Ops, a db.Account) (Result, error) {
				return o.DeleteAccount(s.ctx, s.manager, AccountDeletion{AccountID: a.ID, TypedName: a.Name})
			},
			func(s *stage, a db.Account) bool { _, there := s.remote(a.ID); return !there },
			func(s *stage, a db.Account) bool { return s.account(a.ID).GoneAt != nil },
		},
		LinkCreate: {
			"kf/add_contact_way",
			func(s *stage, o *Ops, a db.Account) (Result, error) {
				return o.CreateLink(s.ctx, s.manager, NewLink{AccountID: a.ID, Name: "官网页脚", Scene: "web_footer", Campaign: "春季", Note: "首页"})
			},
			func(s *stage, _ db.Account) bool { return len(s.world().Links) == 1 },
			func(s *stage, a db.Account) bool {
				list, _, err := s.db.Links(s.ctx, db.LinkFilter{AccountID: a.ID}, "", 10)
				s.must(err)
				return len(list) == 1 && strings.HasPrefix(list[0].URL, "http") && list[0].Scene == "web_footer" &&
					list[0].CreatedByName == "op-manager" && list[0].Campaign == "春季" && list[0].Note == "首页"
			},
		},
	}
}

func avatarPath(url, base string) string { return strings.TrimPrefix(url, base) }

// eachChange runs a test on a stage of its own for every kind of change.
func eachChange(t *testing.T, f func(s *stage, c remoteChange, a db.Account)) {
	for name, c := range remoteChanges(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, kfsim.SeedDemo)
			f(s, c, s.account(s.managed().ID))
		})
	}
}

func (s *stage) nothingHappened(c remoteChange, a db.Account) {
	s.Helper()
	if c.applied(s, a) || c.mirrored(s, a) {
		s.Errorf("applied %v, mirrored %v", c.applied(s, a), c.mirrored(s, a))
	}
}

func (s *stage) happened(c remoteChange, a db.Account) {
	s.Helper()
	if !c.applied(s, a) || !c.mirrored(s, a) {
		s.Errorf("applied %v, mirrored %v", c.applied(s, a), c.mirrored(s, a))
	}
}

func TestEndDone(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		r, err := c.make(s, s.ops, a)
		s.must(err)
		e := s.ended(r.IntentID, Done)
		s.happened(c, a)
		if n := len(s.calls(c.endpoint)); n != 1 || r.RemoteID != e.Outcome.RemoteID {
			s.Errorf("%d calls, result %+v", n, r)
		}
	})
}

func TestEndRefused(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		s.fault(fault{Endpoint: c.endpoint, Kind: "errcode", Code: 48007})
		r, err := c.make(s, s.ops, a)
		s.must(err)
		e := s.ended(r.IntentID, Refused)
		s.nothingHappened(c, a)
		if r.Outcome != Refused || e.Outcome.Errcode != 48007 || e.Outcome.Errmsg == "" || e.Outcome.Hint == "" {
			s.Errorf("result %+v, outcome %+v", r, e.Outcome)
		}
	})
}

func TestEndNotSent(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		r, err := c.make(s, s.newOps(s.db, s.unreachable()), a)
		s.must(err)
		e := s.ended(r.IntentID, Failed)
		s.nothingHappened(c, a)
		if r.Outcome != Failed || r.Err == nil || e.Outcome.Errmsg == "" || e.Outcome.Errcode != 0 {
			s.Errorf("result %+v, outcome %+v", r, e.Outcome)
		}
		if strings.Contains(e.Outcome.Errmsg, kfsim.DemoSecret) {
			s.Errorf("the secret is in the log: %s", e.Outcome.Errmsg)
		}
	})
}

// unknownEnds are the ways to lose an answer; applied tells whether WeCom made the change.
var unknownEnds = map[string]struct {
	fault   fault
	applied bool
}{
	"cut after":        {fault{Kind: "cut_after"}, true},
	"cut before":       {fault{Kind: "cut_before"}, false},
	"proxy page after": {fault{Kind: "html", When: "after"}, true},
	"502 before":       {fault{Kind: "status"}, false},
	"system busy":      {fault{Kind: "errcode", Code: -1}, false},
}

func TestEndUnknownIsSettled(t *testing.T) {
	for name, lost := range unknownEnds {
		t.Run(name, func(t *testing.T) {
			eachChange(t, func(s *stage, c remoteChange, a db.Account) {
				spoiled := lost.fault
				spoiled.Endpoint = c.endpoint
				s.fault(spoiled)
				r, err := c.make(s, s.ops, a)
				s.must(err)
				s.ended(r.IntentID, Open)
				if r.Outcome != Open || r.Err == nil || c.applied(s, a) != lost.applied || c.mirrored(s, a) {
					s.Errorf("result %+v, applied %v, mirrored %v", r, c.applied(s, a), c.mirrored(s, a))
				}
				settled(s, c, a, r.IntentID, lost.applied)
				if n := len(s.calls(c.endpoint)); n != 1 && c.endpoint != "kf/add_contact_way" {
					s.Errorf("%d calls: the change was repeated", n)
				}
			})
		})
	}
}

// settled settles an open change as it must end.
func settled(s *stage, c remoteChange, a db.Account, id string, applied bool) {
	s.Helper()
	link := c.endpoint == "kf/add_contact_way"
	s.must(s.ops.Settle(s.ctx))
	if !applied && !link {
		// It could still take effect: nothing is said before the time for that is over.
		s.ended(id, Open)
		s.clock.advance(time.Minute)
		s.must(s.ops.Settle(s.ctx))
		if e := s.ended(id, Failed); e.Outcome.Errmsg != notApplied || e.Outcome.After != "" {
			s.Errorf("outcome %+v", e.Outcome)
		}
		s.nothingHappened(c, a)
		return
	}
	e := s.ended(id, Done)
	if !c.mirrored(s, a) {
		s.Error("our own rows do not show it")
	}
	if e.Outcome.After == "" && e.Action != AccountDelete {
		s.Errorf("no after: %+v", e.Outcome)
	}
	if e.Action == AccountCreate {
		if _, there := s.remote(e.Outcome.RemoteID); !there {
			s.Errorf("remote id %q", e.Outcome.RemoteID)
		}
	}
	if link && !applied && !c.applied(s, a) {
		s.Error("the link was not asked for again")
	}
}

func TestEndByTimeout(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		s.fault(fault{Endpoint: c.endpoint, Kind: "hang", When: "after"})
		r, err := c.make(s, s.newOps(s.db, s.client(s.url, time.Second)), a)
		s.must(err)
		s.ended(r.IntentID, Open)
		if r.Outcome != Open {
			s.Errorf("result %+v", r)
		}
		s.control("POST", "/_sim/release", nil, nil)
		settled(s, c, a, r.IntentID, true)
	})
}

func TestSettleWaitsForWeCom(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		s.fault(fault{Endpoint: c.endpoint, Kind: "cut_after"})
		r, err := c.make(s, s.ops, a)
		s.must(err)
		away := s.newOps(s.db, s.unreachable())
		s.clock.advance(time.Hour)
		if err := away.Settle(s.ctx); err == nil {
			s.Error("settling without WeCom is no error")
		}
		if err := away.SettleOne(s.ctx, r.IntentID); err == nil {
			s.Error("settling one without WeCom is no error")
		}
		s.ended(r.IntentID, Open)
		s.must(s.ops.SettleOne(s.ctx, r.IntentID))
		s.ended(r.IntentID, Done)
		s.must(s.ops.SettleOne(s.ctx, r.IntentID))
		if err := s.ops.SettleOne(s.ctx, db.NewID()); !errors.Is(err, db.ErrNotFound) {
			s.Errorf("settling what does not exist: %v", err)
		}
	})
}

func TestNothingIsSentWithoutIntent(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		for name, broken := range map[string]*db.DB{"read-only": s.open(db.Options{ReadOnly: true}), "closed": s.open(db.Options{})} {
			if name == "closed" {
				s.must(broken.Close())
			}
			o := s.newOps(broken, s.kf)
			_, err := c.make(s, o, a)
			if name == "read-only" && (!errors.Is(err, ErrStorage) || !errors.Is(err, db.ErrReadOnly)) {
				s.Errorf("%s: %v", name, err)
			}
			if err == nil {
				s.Errorf("%s: no error", name)
			}
		}
		if calls := s.calls(""); len(calls) != 0 {
			s.Errorf("sent without an intent: %+v", calls)
		}
	})
}

func TestDenied(t *testing.T) {
	eachChange(t, func(s *stage, c remoteChange, a db.Account) {
		for _, actor := range []*struct{ name string }{{"viewer"}, {"auditor"}} {
			s.manager = s.viewer
			if actor.name == "auditor" {
				s.manager = s.auditor
			}
			before := s.count("")
			if _, err := c.make(s, s.ops, a); !errors.Is(err, ErrDenied) {
				s.Fatalf("%s: %v", actor.name, err)
			}
			list, _, err := s.db.AuditEntries(s.ctx, db.AuditFilter{Result: Denied}, "", 1)
			s.must(err)
			if len(list) != 1 || list[0].OperatorName != "op-"+actor.name || list[0].TargetName == "" || s.count("") != before+1 {
				s.Errorf("the denial in the log: %+v", list)
			}
		}
		if calls := s.calls(""); len(calls) != 0 {
			s.Errorf("a denied change was sent: %+v", calls)
		}
	})
}

func TestUploadLost(t *testing.T) {
	for name, f := range map[string]fault{"cut": {Kind: "cut_after"}, "html": {Kind: "html"}, "refused": {Kind: "errcode", Code: 40006}} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, kfsim.SeedDemo)
			f.Endpoint = "media/upload"
			s.fault(f)
			r, err := s.ops.CreateAccount(s.ctx, s.manager, NewAccount{Name: "头像没传上"})
			s.must(err)
			want := Failed
			if name == "refused" {
				want = Refused
			}
			// Whatever became of the picture, the account was certainly not created.
			s.ended(r.IntentID, want)
			if n := len(s.calls("kf/account/add")); n != 0 {
				t.Errorf("%d accounts were created after the upload failed", n)
			}
		})
	}
}
