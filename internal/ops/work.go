package ops

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Work executes runs and settles changes without a known end: at once, whenever a run is added, and every minute, until ctx
// ends. It returns when the call that is under way has ended and its results are written. Errors and panics are logged; the next round
// tries again.
func (o *Ops) Work(ctx context.Context) error {
	var loops sync.WaitGroup
	loops.Go(func() { o.loop(ctx, "settle", nil, o.tidy) })
	loops.Go(func() { o.loop(ctx, "runs", o.wake, o.runAll) })
	loops.Wait()
	return nil
}

func (o *Ops) loop(ctx context.Context, what string, wake <-chan struct{}, round func(context.Context) error) {
	ticker := time.NewTicker(o.settleEvery)
	defer ticker.Stop()
	for {
		if err := recovered(ctx, round); err != nil && ctx.Err() == nil {
			o.log.Warn("background work did not finish; it is tried again", "work", what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-wake:
		}
	}
}

func recovered(ctx context.Context, round func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return round(ctx)
}

// tidy settles, and drops the sessions that have ended by age.
func (o *Ops) tidy(ctx context.Context) error {
	err := o.Settle(ctx)
	if o.gate != nil {
		err = errors.Join(err, o.gate.Sessions.Sweep(ctx))
	}
	return err
}

// runAll executes every run that is not finished, one after the other, in the order they were asked for.
func (o *Ops) runAll(ctx context.Context) error {
	open, err := o.db.OpenRuns(ctx)
	if err != nil {
		return fmt.Errorf("runs: %w", err)
	}
	var failures []error
	for _, row := range open {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failures = append(failures, o.advance(ctx, row))
	}
	return errors.Join(failures...)
}

// nudge tells Work that there is a run to execute.
func (o *Ops) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
