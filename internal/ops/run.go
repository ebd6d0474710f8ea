package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// maxTries is how often in a row a chunk is tried while WeCom is busy, refuses for frequency or cannot be reached.
const maxTries = 5

// maxRows is more than a run can have.
const maxRows = MaxServicers + MaxDepartments

// run executes one run, chunk by chunk. Every step is on disk before the next: what is `sending` may have reached WeCom, and after a
// restart it is looked up and not sent again blindly.
type run struct {
	ops    *Ops
	row    db.Run
	intent db.Intent
	job    job
	tries  int // of the present chunk
}

// job is what a run changes: servicers of an account, or the states of conversations.
type job interface {
	// chunk picks the rows of the next call from those that wait, in their order. None means that the run is over.
	chunk(waiting []db.RunItem) []db.RunItem
	// call makes the change for a chunk and returns its rows with their results; a row that is unknown is looked up later. An error is
	// that of the whole chunk.
	call(ctx context.Context, chunk []db.RunItem) ([]db.RunItem, error)
	// look asks WeCom what became of rows whose end is unknown. Those that are not as they should be wait for another turn, or, when
	// there is none, they failed.
	look(ctx context.Context, unknown []db.RunItem, again bool) ([]db.RunItem, error)
	// follow brings our copy up to rows, in the transaction that writes their results.
	follow(ctx context.Context, tx *db.DB, rows []db.RunItem) error
	// mirror returns what brings our copy up to the whole run, in the transaction that writes its outcome.
	mirror(ctx context.Context) func(tx *db.DB) error
}

// job finds out what a run is about.
func (o *Ops) job(row db.Run, intent db.Intent) (job, error) {
	if intent.Action == ConversationMoveMany {
		return o.movingRun(intent)
	}
	return o.servicerRun(row, intent)
}

// IsRun reports whether changes of that action are made as runs: see db.Run.
func IsRun(action string) bool {
	return action == ServicerAdd || action == ServicerRemove || action == ConversationMoveMany
}

// advance executes a run until it is finished, ctx ends, or WeCom or the database cannot be reached; then a later call goes on.
func (o *Ops) advance(ctx context.Context, row db.Run) error {
	if !o.acquire(row.ID) {
		return nil
	}
	defer o.release(row.ID)
	entry, err := o.db.AuditEntry(ctx, row.ID)
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	r := &run{ops: o, row: row, intent: entry.Intent}
	if r.job, err = o.job(row, entry.Intent); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	if err := r.recover(ctx); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	for {
		waiting, err := o.db.RunItems(ctx, row.ID, db.ItemPending, 0, kf.MaxUsersPerCall+kf.MaxDepartments)
		if err != nil {
			return fmt.Errorf("run: %w", err)
		}
		chunk := r.job.chunk(waiting)
		if len(chunk) == 0 {
			return r.finish(ctx)
		}
		// A chunk is not interrupted: when the program is to end, it ends between two chunks.
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.send(context.WithoutCancel(ctx), chunk); err != nil {
			return fmt.Errorf("run: %w", err)
		}
		if err := r.recoverLater(ctx); err != nil {
			return fmt.Errorf("run: %w", err)
		}
	}
}

// send makes one call and writes what became of each row.
func (r *run) send(ctx context.Context, chunk []db.RunItem) error {
	if err := r.mark(ctx, chunk, db.ItemSending, 0, ""); err != nil {
		return err
	}
	judged, err := r.call(ctx, chunk)
	if err == nil {
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

func (r *run) call(ctx context.Context, chunk []db.RunItem) ([]db.RunItem, error) {
	ctx, cancel := context.WithTimeout(ctx, outlive)
	defer cancel()
	return r.job.call(ctx, chunk)
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

// look ends the rows whose end is unknown, as far as WeCom tells.
func (r *run) look(ctx context.Context) error {
	unknown, err := r.items(ctx, db.ItemUnknown)
	if err != nil || len(unknown) == 0 {
		return err
	}
	found, err := r.job.look(ctx, unknown, r.tries < maxTries)
	if err == nil {
		return r.set(ctx, found)
	}
	// The rows stay unknown for a later look, unless WeCom says that the account itself is gone.
	if code, msg, _, _ := remoteError(err); accountGone(code) {
		return r.mark(ctx, unknown, db.ItemFailed, code, msg)
	}
	return err
}

// accountGone says whether WeCom means that the account of a call does not exist.
func accountGone(code int) bool { return code == 95004 || code == 95000 || code == 60252 }

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
	return r.ops.db.RunItems(ctx, r.row.ID, state, 0, maxRows)
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
	return r.ops.db.Tx(ctx, func(tx *db.DB) error {
		if err := tx.SetRunItems(ctx, r.row.ID, items); err != nil {
			return err
		}
		return r.job.follow(ctx, tx, items)
	})
}
