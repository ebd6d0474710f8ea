package ops

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// CanUndo reports whether the entry is of a kind and in a state that Undo reverses: a rename, a new picture that replaced one of which
// we have a copy, a servicer run that changed something, archiving, restoring or changing a link, and saving or deleting a rule. Whether it was undone already,
// or changed since, only Undo finds out.
func CanUndo(e db.Entry) bool {
	if e.Outcome == nil {
		return false
	}
	switch e.Action {
	case AccountUpdate:
		before, err := payload[accountPayload](e.Before)
		return err == nil && e.Outcome.Result == Done && (before.Picture == nil || before.Picture.SHA256 != "")
	case ServicerAdd, ServicerRemove:
		after, err := payload[runPayload](e.Outcome.After)
		return err == nil && after.Done > 0
	case LinkUpdate, LinkArchive, LinkRestore, ReplySave, ReplyDelete:
		return e.Outcome.Result == Done
	}
	return false
}

// Undo makes the reverse of a change, as a change of its own with the id newIntentID, for an operator who may make that. For servicers
// it starts a run over the rows that were really changed: Result.Outcome is then open.
//
// Errors: ErrDenied, db.ErrNotFound, ErrNotUndoable (also when it was undone already), *Conflict (it was changed since), and those of the reverse change.
func (o *Ops) Undo(ctx context.Context, actor auth.Actor, intentID, newIntentID string) (Result, error) {
	entry, err := o.db.AuditEntry(ctx, intentID)
	if err != nil {
		return Result{}, fmt.Errorf("undo: %w", err)
	}
	if err := o.permit(ctx, actor, reverse(entry), Target{entry.TargetKind, entry.TargetID, entry.TargetName}, newIntentID); err != nil {
		return Result{}, err
	}
	if !CanUndo(entry) {
		return Result{}, ErrNotUndoable
	}
	undone, err := o.undone(ctx, entry)
	if err != nil {
		return Result{}, err
	}
	if undone {
		return Result{}, ErrNotUndoable
	}
	switch entry.Action {
	case AccountUpdate:
		return o.undoAccount(ctx, actor, entry, newIntentID)
	case ServicerAdd, ServicerRemove:
		return o.undoServicers(ctx, actor, entry, newIntentID)
	case LinkUpdate:
		return o.undoLink(ctx, actor, entry, newIntentID)
	case ReplySave, ReplyDelete:
		return o.undoReply(ctx, actor, entry, newIntentID)
	}
	return o.archive(ctx, actor, LinkAction{newIntentID, entry.TargetID}, entry.Action == LinkRestore, entry.ID)
}

// reverse names the action that takes a change back.
func reverse(e db.Entry) string {
	switch e.Action {
	case ServicerAdd:
		return ServicerRemove
	case ServicerRemove:
		return ServicerAdd
	case LinkArchive:
		return LinkRestore
	case LinkRestore:
		return LinkArchive
	case ReplyDelete:
		return ReplySave
	case ReplySave:
		if e.Before == "" {
			return ReplyDelete
		}
	}
	return e.Action
}

// undone says whether the log has a reverse of the entry that is done or still open. It looks through all later changes of the target.
func (o *Ops) undone(ctx context.Context, entry db.Entry) (bool, error) {
	var after db.Cursor
	for {
		later, page, err := o.db.AuditEntries(ctx, db.AuditFilter{TargetID: entry.TargetID, Action: reverse(entry)}, after, 100)
		if err != nil {
			return false, fmt.Errorf("undo: %w", err)
		}
		for _, each := range later {
			if each.Seq < entry.Seq {
				return false, nil
			}
			if each.Undoes == entry.ID && (each.Outcome == nil || each.Outcome.Result == Done || each.Outcome.Result == Partial) {
				return true, nil
			}
		}
		if after = page.Next; after == "" {
			return false, nil
		}
	}
}

// undoAccount puts name and picture back, if they are still what the change made them.
func (o *Ops) undoAccount(ctx context.Context, actor auth.Actor, entry db.Entry, id string) (Result, error) {
	before, beforeErr := payload[accountPayload](entry.Before)
	made, madeErr := payload[accountPayload](entry.Input)
	if err := errors.Join(beforeErr, madeErr); err != nil {
		return Result{}, fmt.Errorf("undo: %w", err)
	}
	_, account, err := o.account(ctx, entry.TargetID)
	if err != nil {
		return Result{}, err
	}
	back := accountUpdate{id: id, account: account, rev: account.Rev, undoes: entry.ID, seen: &AccountSeen{account.Name, account.PictureID}}
	if before.Name != nil && made.Name != nil {
		back.next.Name, back.seen.Name = before.Name, *made.Name
	}
	if before.Picture != nil && made.Picture != nil {
		kept, err := o.db.Picture(ctx, before.Picture.SHA256)
		if err != nil {
			return Result{}, fmt.Errorf("undo: picture: %w", err)
		}
		back.picture, back.seen.PictureID = Picture{ID: kept.ID, MIME: kept.MIME, Data: kept.Data}, made.Picture.SHA256
	}
	return o.updateAccount(ctx, actor, back)
}

// undoServicers starts the reverse run over the rows that the first one changed; those that it found as asked for stay.
func (o *Ops) undoServicers(ctx context.Context, actor auth.Actor, entry db.Entry, id string) (Result, error) {
	items, err := o.db.RunItems(ctx, entry.ID, db.ItemDone, 0, MaxServicers+MaxDepartments)
	if err != nil {
		return Result{}, fmt.Errorf("undo: %w", err)
	}
	back := ServicerChange{IntentID: id, AccountID: entry.TargetID, Verb: Remove}
	if entry.Action == ServicerRemove {
		back.Verb = Add
	}
	for _, item := range items {
		if item.Kind == db.KindUser {
			back.UserIDs = append(back.UserIDs, item.MemberID)
			continue
		}
		department, err := strconv.ParseInt(item.MemberID, 10, 64)
		if err != nil {
			return Result{}, fmt.Errorf("undo: department: %w", err)
		}
		back.Departments = append(back.Departments, department)
	}
	started, err := o.startRun(ctx, actor, back, entry.ID)
	if err != nil {
		return Result{}, err
	}
	return Result{IntentID: started, Outcome: Open}, nil
}

// undoLink puts name, campaign and note back, if they are still what the change made them.
func (o *Ops) undoLink(ctx context.Context, actor auth.Actor, entry db.Entry, id string) (Result, error) {
	before, beforeErr := payload[linkPayload](entry.Before)
	made, madeErr := payload[linkPayload](entry.Input)
	if err := errors.Join(beforeErr, madeErr); err != nil {
		return Result{}, fmt.Errorf("undo: %w", err)
	}
	_, link, err := o.link(ctx, entry.TargetID)
	if err != nil {
		return Result{}, err
	}
	if textOf(link) != made {
		conflict := linkConflict(ctx, o.db, link, made)
		switch conflict.Field {
		case "name":
			conflict.Yours = before.Name
		case "campaign":
			conflict.Yours = before.Campaign
		case "note":
			conflict.Yours = before.Note
		}
		return Result{}, conflict
	}
	change := LinkChange{IntentID: id, LinkID: link.ID, Rev: link.Rev, Name: before.Name, Campaign: before.Campaign, Note: before.Note}
	return o.updateLink(ctx, actor, change, entry.ID)
}
