package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// maxTries is how often in a row a chunk is tried while WeCom is busy, refuses for frequency or cannot be reached.
const maxTries = 5

// run executes one servicer run, chunk by chunk. Every step is on disk before the next: what is `sending` may have reached WeCom, and
// after a restart it is looked up and not sent again blindly.
type run struct {
	ops    *Ops
	row    db.Run
	intent db.Intent
	before map[member]bool // servicers that were there already
	resent map[member]bool // rows that were sent once more after they were looked for in vain
	tries  int             // of the present chunk
}

// advance executes a run until it is finished, ctx ends, or WeCom or the database cannot be reached; then a later call goes on.
func (o *Ops) advance(ctx context.Context, row db.Run) error {
	if !o.acquire(row.ID) {
		return nil
	}
	defer o.release(row.ID)
	entry, err := o.db.AuditEntry(ctx, row.ID)
	if err != nil {
		return fmt.Errorf("servicer run: %w", err)
	}
	before, err := payload[servicerPayload](entry.Before)
	if err != nil {
		return fmt.Errorf("servicer run: %w", err)
	}
	r := &run{ops: o, row: row, intent: entry.Intent, before: map[member]bool{}, resent: map[member]bool{}}
	for _, id := range before.Users {
		r.before[memberOf(db.KindUser, id)] = true
	}
	for _, id := range before.Departments {
		r.before[memberOf(db.KindDepartment, id)] = true
	}
	if err := r.recover(ctx); err != nil {
		return fmt.Errorf("servicer run: %w", err)
	}
	for {
		chunk, err := r.next(ctx)
		if err != nil {
			return fmt.Errorf("servicer run: %w", err)
		}
		if len(chunk) == 0 {
			return r.finish(ctx)
		}
		// A chunk is not interrupted: when the program is to end, it ends between two chunks.
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.send(context.WithoutCancel(ctx), chunk); err != nil {
			return fmt.Errorf("servicer run: %w", err)
		}
		if err := r.recoverLater(ctx); err != nil {
			return fmt.Errorf("servicer run: %w", err)
		}
	}
}

// next returns the rows of the next call: at most 100 people and 20 departments that wait.
func (r *run) next(ctx context.Context) ([]db.RunItem, error) {
	waiting, err := r.ops.db.RunItems(ctx, r.row.ID, db.ItemPending, 0, kf.MaxUsersPerCall+kf.MaxDepartments)
	if err != nil {
		return nil, err
	}
	var chunk []db.RunItem
	people, departments := 0, 0
	for _, item := range waiting {
		switch {
		case item.Kind == db.KindUser && people < kf.MaxUsersPerCall:
			people++
		case item.Kind == db.KindDepartment && departments < kf.MaxDepartments:
			departments++
		default:
			continue
		}
		chunk = append(chunk, item)
	}
	return chunk, nil
}

// send makes one call and writes what became of each row.
func (r *run) send(ctx context.Context, chunk []db.RunItem) error {
	if err := r.mark(ctx, chunk, db.ItemSending, 0, ""); err != nil {
		return err
	}
	results, err := r.call(ctx, chunk)
	if err == nil {
		judged := r.judge(chunk, results)
		// A row that WeCom does not mention counts as a try in vain, or it would be sent for ever.
		if !slices.ContainsFunc(judged, func(item db.RunItem) bool { return item.State == db.ItemUnknown }) {
			r.tries = 0
		}
		return r.set(ctx, judged)
	}
	code, msg, _, _ := remoteError(err)
	var argument *kf.ArgumentError
	switch certainty := kf.CertaintyOf(err); {
	case certainty == kf.Unknown:
		return r.mark(ctx, chunk, db.ItemUnknown, code, msg)
	case errors.As(err, &argument), certainty == kf.Refused && !tooOften(code):
		return r.mark(ctx, chunk, db.ItemFailed, code, msg)
	}
	r.tries++
	if r.tries < maxTries {
		return r.mark(ctx, chunk, db.ItemPending, code, msg)
	}
	return r.abandon(ctx, code, msg)
}

// tooOften says whether WeCom asks to come back later: the frequency limit and too many calls at once.
func tooOften(code int) bool { return code == 45009 || code == 45033 }

func (r *run) call(ctx context.Context, chunk []db.RunItem) ([]kf.ServicerResult, error) {
	ctx, cancel := context.WithTimeout(ctx, outlive)
	defer cancel()
	var list kf.Servicers
	for _, item := range chunk {
		if item.Kind == db.KindUser {
			list.UserIDs = append(list.UserIDs, kf.UserID(item.MemberID))
			continue
		}
		id, err := strconv.ParseInt(item.MemberID, 10, 64)
		if err != nil {
			return nil, &kf.ArgumentError{Field: "department_id_list", Rule: kf.RuleCharacters}
		}
		list.Departments = append(list.Departments, kf.DepartmentID(id))
	}
	if r.row.Verb == Remove {
		return r.ops.kf.DeleteServicers(ctx, kf.AccountID(r.row.AccountID), list)
	}
	return r.ops.kf.AddServicers(ctx, kf.AccountID(r.row.AccountID), list)
}

// judge gives every row its result; one that WeCom does not mention is unknown.
func (r *run) judge(chunk []db.RunItem, results []kf.ServicerResult) []db.RunItem {
	found := map[member]kf.ServicerResult{}
	for _, result := range results {
		found[memberOfRow(result.UserID, result.Department)] = result
	}
	for i, item := range chunk {
		key := memberOf(item.Kind, item.MemberID)
		result, ok := found[key]
		item.Errcode, item.Errmsg = result.Code, ""
		switch {
		case !ok:
			item.State = db.ItemUnknown
		case result.Code != 0:
			item.State, item.Errmsg = db.ItemFailed, result.Msg
		case result.Ignored() && (!r.resent[key] || r.before[key] == (r.row.Verb == Add)):
			item.State = db.ItemIgnored
		default:
			item.State = db.ItemDone
		}
		chunk[i] = item
	}
	return chunk
}

func memberOfRow(user kf.UserID, department kf.DepartmentID) member {
	if user != "" {
		return memberOf(db.KindUser, string(user))
	}
	return memberOf(db.KindDepartment, strconv.FormatInt(int64(department), 10))
}

// recover looks up the rows whose call was cut off by the end of the program, or whose end was not known when the run was left.
func (r *run) recover(ctx context.Context) error {
	sending, err := r.items(ctx, db.ItemSending)
	if err != nil {
		return err
	}
	if err := r.mark(ctx, sending, db.ItemUnknown, 0, ""); err != nil {
		return err
	}
	return r.look(ctx)
}

// recoverLater waits after a call that must be repeated or looked up, and looks.
func (r *run) recoverLater(ctx context.Context) error {
	unknown, err := r.ops.db.RunItems(ctx, r.row.ID, db.ItemUnknown, 0, 1)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		r.tries++
	} else if r.tries == 0 {
		return nil
	}
	if err := r.pause(ctx); err != nil {
		return err
	}
	if len(unknown) == 0 {
		return nil
	}
	return r.look(ctx)
}

func (r *run) pause(ctx context.Context) error {
	wait := time.NewTimer(r.ops.backoff << max(0, r.tries-1))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look asks WeCom who serves now, and ends the rows whose end is unknown: they are as asked for, or they wait for another turn
// (adding and removing a servicer twice is the same as once), or, after several turns, they failed.
func (r *run) look(ctx context.Context) error {
	unknown, err := r.items(ctx, db.ItemUnknown)
	if err != nil || len(unknown) == 0 {
		return err
	}
	rows, err := r.ops.kf.ListServicers(ctx, kf.AccountID(r.row.AccountID))
	if err != nil {
		return r.lookFailed(ctx, unknown, err)
	}
	there := map[member]bool{}
	for _, row := range rows {
		there[memberOfRow(row.UserID, row.Department)] = true
	}
	for i, item := range unknown {
		key := memberOf(item.Kind, item.MemberID)
		wanted := r.row.Verb == Add
		switch {
		case there[key] == wanted && r.before[key] == wanted:
			item.State, item.Errcode, item.Errmsg = db.ItemIgnored, 0, ""
		case there[key] == wanted:
			item.State, item.Errcode, item.Errmsg = db.ItemDone, 0, ""
		case r.tries < maxTries:
			item.State = db.ItemPending
			r.resent[key] = true
		default:
			item.State = db.ItemFailed
			if item.Errmsg == "" {
				item.Errmsg = notApplied
			}
		}
		unknown[i] = item
	}
	return r.set(ctx, unknown)
}

// lookFailed leaves the rows unknown for a later look, unless WeCom says that the account itself is gone.
func (r *run) lookFailed(ctx context.Context, unknown []db.RunItem, err error) error {
	if code, msg, _, _ := remoteError(err); code == 95004 || code == 95000 || code == 60252 {
		return r.mark(ctx, unknown, db.ItemFailed, code, msg)
	}
	return err
}

// abandon fails everything that still waits or was on its way, because WeCom does not take any more.
func (r *run) abandon(ctx context.Context, code int, msg string) error {
	for _, state := range []string{db.ItemSending, db.ItemPending} {
		items, err := r.items(ctx, state)
		if err != nil {
			return err
		}
		if err := r.mark(ctx, items, db.ItemFailed, code, msg); err != nil {
			return err
		}
	}
	r.tries = 0
	return nil
}

func (r *run) items(ctx context.Context, state string) ([]db.RunItem, error) {
	return r.ops.db.RunItems(ctx, r.row.ID, state, 0, MaxServicers+MaxDepartments)
}

func (r *run) mark(ctx context.Context, items []db.RunItem, state string, code int, msg string) error {
	for i := range items {
		items[i].State, items[i].Errcode, items[i].Errmsg = state, code, msg
	}
	return r.set(ctx, items)
}

func (r *run) set(ctx context.Context, items []db.RunItem) error {
	if len(items) == 0 {
		return nil
	}
	return r.ops.db.SetRunItems(ctx, r.row.ID, items)
}
