package ops

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

func TestWork(t *testing.T) {
	s := newStage(t, kfsim.SeedDemo)
	a := s.managed()
	// Left open by another process.
	left := s.lose("kf/account/update", "cut_after", func() (Result, error) {
		return s.ops.UpdateAccount(s.ctx, s.manager, AccountChange{AccountID: a.ID, Rev: s.account(a.ID).Rev, Name: ptr("上次没完")})
	})
	export, err := s.ops.StartExport(s.ctx, s.auditor, "csv", "action=account.update")
	s.must(err)
	o := s.newOps(s.db, s.kf)
	ctx, stop := context.WithCancel(s.ctx)
	var done sync.WaitGroup
	done.Go(func() { s.must(o.Work(ctx)) })
	defer done.Wait()
	defer stop()
	end := func(id string) func() bool { return func() bool { return s.entry(id).Outcome != nil } }
	s.until("the open change is settled", end(left))
	s.until("the export of a dead process is closed", end(export))
	if e := s.ended(export, Failed); e.Outcome.Errmsg != "aborted" {
		t.Errorf("outcome %+v", e.Outcome)
	}
	run, err := o.StartServicers(s.ctx, s.manager, ServicerChange{AccountID: a.ID, Verb: Add, UserIDs: s.staff(a, 3)})
	s.must(err)
	s.until("the run is executed", end(run))
	s.ended(run, Done)

	// Stopping waits for the call that is under way, and its results are on disk.
	s.fault(fault{Endpoint: "kf/servicer/del", Kind: "hang", When: "after"})
	run, err = o.StartServicers(s.ctx, s.manager, ServicerChange{AccountID: a.ID, Verb: Remove, UserIDs: s.serving(a.ID)[:2]})
	s.must(err)
	s.held()
	stop()
	s.control("POST", "/_sim/release", nil, nil)
	done.Wait()
	if states := s.states(run); states[db.ItemDone] != 2 {
		t.Errorf("states %v", states)
	}
}

func TestWorkSurvivesPanic(t *testing.T) {
	err := recovered(context.Background(), func(context.Context) error { panic("planted") })
	if err == nil || !strings.Contains(err.Error(), "planted") {
		t.Errorf("%v", err)
	}
}

func TestQuota(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	q := quota{burst: 3, every: time.Second}
	granted := 0
	for range 10 {
		if _, ok := q.take(now); ok {
			granted++
		}
	}
	if suppressed, ok := q.take(now.Add(time.Second)); !ok || suppressed != 7 || granted != 3 {
		t.Errorf("granted %d, then %v with %d suppressed", granted, ok, suppressed)
	}
	if _, ok := q.take(now.Add(time.Second)); ok {
		t.Error("one second gave two")
	}
}
