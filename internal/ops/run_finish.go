package ops

import (
	"context"
	"fmt"

	"kfconsole/internal/db"
)

// finish writes the outcome of a run whose rows all have a result, and brings our copy up to date.
func (r *run) finish(ctx context.Context) error {
	o := r.ops
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outlive)
	defer cancel()
	end, err := r.outcome(ctx)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	mirror := r.job.mirror(ctx)
	err = o.db.Tx(ctx, func(tx *db.DB) error {
		if err := mirror(tx); err != nil {
			return err
		}
		return r.close(ctx, tx, end)
	})
	if err != nil && !unwritable(err) && !o.concluded(ctx, r.row.ID) {
		o.log.Error("the mirror could not follow a run", "intent", r.row.ID, "error", err)
		err = o.db.Tx(ctx, func(tx *db.DB) error { return r.close(ctx, tx, end) })
	}
	if err != nil {
		return fmt.Errorf("finish run: %w", err)
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
