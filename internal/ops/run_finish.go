package ops

import (
	"context"
	"fmt"
	"strconv"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// finish writes the outcome of a run whose rows all have a result, and brings our copy of the servicers up to date.
func (r *run) finish(ctx context.Context) error {
	o := r.ops
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outlive)
	defer cancel()
	end, err := r.outcome(ctx)
	if err != nil {
		return fmt.Errorf("servicer run: %w", err)
	}
	mirror := r.mirror(ctx)
	err = o.db.Tx(ctx, func(tx *db.DB) error {
		if err := mirror(tx); err != nil {
			return err
		}
		return r.close(ctx, tx, end)
	})
	if err != nil && !unwritable(err) && !o.concluded(ctx, r.row.ID) {
		o.log.Error("the mirror could not follow a servicer run", "intent", r.row.ID, "error", err)
		err = o.db.Tx(ctx, func(tx *db.DB) error { return r.close(ctx, tx, end) })
	}
	if err != nil {
		return fmt.Errorf("finish servicer run: %w", err)
	}
	return nil
}

func (r *run) close(ctx context.Context, tx *db.DB, end db.Outcome) error {
	if err := tx.FinishRun(ctx, r.row.ID, end.At); err != nil {
		return err
	}
	return tx.InsertOutcome(ctx, end)
}

// outcome counts the rows: done if none failed, partial if some did, and else the refusal or failure of the first.
func (r *run) outcome(ctx context.Context) (db.Outcome, error) {
	counts, err := r.ops.db.Run(ctx, r.row.ID)
	if err != nil {
		return db.Outcome{}, err
	}
	end := db.Outcome{IntentID: r.row.ID, At: r.ops.now(), Result: Done}
	if end.After, err = jsonText(runPayload{Done: counts.Done, Ignored: counts.Ignored, Failed: counts.Failed}); err != nil {
		return db.Outcome{}, err
	}
	if counts.Failed == 0 {
		return end, nil
	}
	failed, err := r.ops.db.RunItems(ctx, r.row.ID, db.ItemFailed, 0, 1)
	if err != nil {
		return db.Outcome{}, err
	}
	if len(failed) > 0 {
		end.Errcode, end.Errmsg = failed[0].Errcode, failed[0].Errmsg
	}
	switch {
	case counts.Done+counts.Ignored > 0:
		end.Result = Partial
	case end.Errcode != 0:
		end.Result = Refused
	default:
		end.Result = Failed
	}
	return end, nil
}

// mirror returns what brings our copy up to date: WeCom's list, or our own results where WeCom does not give it.
func (r *run) mirror(ctx context.Context) func(tx *db.DB) error {
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
			items, err := tx.RunItems(ctx, r.row.ID, state, 0, MaxServicers+MaxDepartments)
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
