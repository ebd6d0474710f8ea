package ops

import (
	"context"
	"fmt"
	"strconv"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// servicerRun changes the servicers of one account.
type servicerRun struct {
	ops    *Ops
	row    db.Run
	before map[member]bool // servicers that were there already
	resent map[member]bool // rows that were sent once more after they were looked for in vain
}

func (o *Ops) servicerRun(row db.Run, intent db.Intent) (*servicerRun, error) {
	before, err := payload[servicerPayload](intent.Before)
	if err != nil {
		return nil, err
	}
	r := &servicerRun{ops: o, row: row, before: map[member]bool{}, resent: map[member]bool{}}
	for _, id := range before.Users {
		r.before[memberOf(db.KindUser, id)] = true
	}
	for _, id := range before.Departments {
		r.before[memberOf(db.KindDepartment, id)] = true
	}
	return r, nil
}

// chunk takes at most 100 people and 20 departments.
func (r *servicerRun) chunk(waiting []db.RunItem) []db.RunItem {
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
	return chunk
}

func (r *servicerRun) call(ctx context.Context, chunk []db.RunItem) ([]db.RunItem, error) {
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
	change := r.ops.kf.AddServicers
	if r.row.Verb == Remove {
		change = r.ops.kf.DeleteServicers
	}
	results, err := change(ctx, kf.AccountID(r.row.AccountID), list)
	if err != nil {
		return nil, fmt.Errorf("change servicers: %w", err)
	}
	return r.judge(chunk, results), nil
}

// judge gives every row its result; one that WeCom does not mention is unknown.
func (r *servicerRun) judge(chunk []db.RunItem, results []kf.ServicerResult) []db.RunItem {
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

// look asks WeCom who serves now. Rows that are not as asked for wait for another turn: adding and removing a servicer twice is the
// same as once.
func (r *servicerRun) look(ctx context.Context, unknown []db.RunItem, again bool) ([]db.RunItem, error) {
	rows, err := r.ops.kf.ListServicers(ctx, kf.AccountID(r.row.AccountID))
	if err != nil {
		return nil, fmt.Errorf("list servicers: %w", err)
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
		case again:
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
	return unknown, nil
}

// follow has nothing to do: our copy of the servicers follows at the end of the run.
func (r *servicerRun) follow(context.Context, *db.DB, []db.RunItem) error { return nil }

// mirror returns what brings our copy up to date: WeCom's list, or our own results where WeCom does not give it.
func (r *servicerRun) mirror(ctx context.Context) func(tx *db.DB) error {
	began := r.ops.now()
	list, err := r.ops.kf.ListServicers(ctx, kf.AccountID(r.row.AccountID))
	if err == nil {
		return func(tx *db.DB) error {
			return tx.ReplaceServicers(ctx, r.row.AccountID, servicerRows(r.row.AccountID, list), began)
		}
	}
	r.ops.log.Warn("the servicers could not be listed after a run", "intent", r.row.ID, "error", err)
	return func(tx *db.DB) error {
		var changed []db.Servicer
		for _, state := range []string{db.ItemDone, db.ItemIgnored} {
			items, err := tx.RunItems(ctx, r.row.ID, state, 0, maxRows)
			if err != nil {
				return err
			}
			for _, item := range items {
				changed = append(changed, db.Servicer{AccountID: r.row.AccountID, Kind: item.Kind, MemberID: item.MemberID, SeenAt: began})
			}
		}
		if r.row.Verb == Remove {
			return tx.RemoveServicers(ctx, r.row.AccountID, changed)
		}
		return tx.UpsertServicers(ctx, r.row.AccountID, changed)
	}
}

func servicerRows(accountID string, list []kf.Servicer) []db.Servicer {
	rows := make([]db.Servicer, 0, len(list))
	for _, each := range list {
		row := db.Servicer{AccountID: accountID, Kind: db.KindUser, MemberID: string(each.UserID), StopType: each.StopType}
		if each.UserID == "" {
			row.Kind, row.MemberID = db.KindDepartment, strconv.FormatInt(int64(each.Department), 10)
		}
		if each.Status != nil {
			status := int(*each.Status)
			row.Status = &status
		}
		rows = append(rows, row)
	}
	return rows
}
