package ops

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// ruleText is a rule as the audit log keeps it.
func ruleText(r db.ReplyRule) replyPayload {
	p := replyPayload{
		Name: r.Name, Account: r.AccountID, Moment: r.Scene, From: clockText(r.From), To: clockText(r.To),
		Text: r.Text, Menu: r.Menu, Enabled: r.Enabled, Days: []int{},
	}
	for day := range 7 {
		if r.Days&(1<<day) != 0 {
			p.Days = append(p.Days, day+1)
		}
	}
	return p
}

// row is the way back.
func (p replyPayload) row(id string) (db.ReplyRule, error) {
	r := db.ReplyRule{ID: id, Name: p.Name, AccountID: p.Account, Scene: p.Moment, Text: p.Text, Menu: p.Menu, Enabled: p.Enabled}
	for _, day := range p.Days {
		r.Days |= 1 << (day - 1)
	}
	var err error
	if r.From, err = minuteOf(p.From); err != nil {
		return r, err
	}
	r.To, err = minuteOf(p.To)
	return r, err
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func minuteOf(text string) (int, error) {
	var hour, minute int
	if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minute); err != nil {
		return 0, fmt.Errorf("audit json: time of day: %w", err)
	}
	return hour*60 + minute, nil
}

// sameRule compares what an operator can change.
func sameRule(a, b db.ReplyRule) bool {
	return a.Name == b.Name && a.AccountID == b.AccountID && a.Scene == b.Scene && a.Days == b.Days && a.From == b.From && a.To == b.To &&
		a.Text == b.Text && bytes.Equal(a.Menu, b.Menu) && a.Enabled == b.Enabled
}

// undoReply puts a rule back as it was: a new one is deleted, a deleted one made again with its id.
func (o *Ops) undoReply(ctx context.Context, actor auth.Actor, entry db.Entry, id string) (Result, error) {
	if entry.Action == ReplySave && entry.Before == "" {
		return o.undoNewRule(ctx, actor, entry, id)
	}
	before, err := payload[replyPayload](entry.Before)
	if err != nil {
		return Result{}, fmt.Errorf("undo: %w", err)
	}
	back, err := before.row(entry.TargetID)
	if err != nil {
		return Result{}, fmt.Errorf("undo: %w", err)
	}
	if entry.Action == ReplyDelete {
		return o.saveRule(ctx, actor, ruleChange{id: id, next: back, isNew: true, undoes: entry.ID})
	}
	now, err := o.asSaved(ctx, entry)
	if err != nil {
		return Result{}, err
	}
	return o.saveRule(ctx, actor, ruleChange{id: id, next: back, rev: now.Rev, undoes: entry.ID})
}

func (o *Ops) undoNewRule(ctx context.Context, actor auth.Actor, entry db.Entry, id string) (Result, error) {
	now, err := o.asSaved(ctx, entry)
	if err != nil {
		return Result{}, err
	}
	return o.deleteRule(ctx, actor, DeleteReply{IntentID: id, ID: now.ID, Rev: now.Rev}, entry.ID)
}

// asSaved reads the rule if it is still what the entry made of it.
func (o *Ops) asSaved(ctx context.Context, entry db.Entry) (db.ReplyRule, error) {
	now, err := o.db.ReplyRule(ctx, entry.TargetID)
	if errors.Is(err, db.ErrNotFound) {
		return now, ErrNotUndoable
	}
	if err != nil {
		return now, fmt.Errorf("undo: %w", err)
	}
	saved, err := payload[replyPayload](entry.Input)
	if err != nil {
		return now, fmt.Errorf("undo: %w", err)
	}
	made, err := saved.row(now.ID)
	if err != nil {
		return now, fmt.Errorf("undo: %w", err)
	}
	if !sameRule(now, made) {
		return now, ruleConflict(ctx, o.db, now, made)
	}
	return now, nil
}
