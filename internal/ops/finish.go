package ops

import (
	"context"
	"errors"

	"kfconsole/internal/db"
)

// finish brings our own rows up to a change that WeCom has made, and returns the after of the audit log. It reads what was asked from
// the intent, so it does the same right after the call and when the change is settled later.
func (o *Ops) finish(ctx context.Context, tx *db.DB, intent db.Intent, got answer) (after any, err error) {
	switch intent.Action {
	case AccountCreate, AccountUpdate:
		input, err := payload[accountPayload](intent.Input)
		if err != nil {
			return nil, err
		}
		if intent.Action == AccountCreate {
			return input, o.finishCreate(ctx, tx, got.id, input)
		}
		return input, o.finishUpdate(ctx, tx, intent.TargetID, input)
	case AccountDelete:
		return nil, ignoreMissing(tx.MarkAccountGone(ctx, intent.TargetID, o.now()))
	case LinkCreate:
		input, err := payload[linkPayload](intent.Input)
		if err != nil {
			return nil, err
		}
		input.URL = got.url
		return input, o.finishLink(ctx, tx, intent, input)
	case ConversationMove, ConversationEnd:
		goal, err := payload[place](intent.Input)
		if err != nil {
			return nil, err
		}
		return goal, o.finishMove(ctx, tx, intent, intent.TargetID, intent.ID, goal, got.code)
	case MessageSend:
		return nil, o.deliver(ctx, tx, intent, db.DeliveryAccepted)
	}
	return nil, nil
}

// missed brings our own rows up to a change that was not made, and to what was found out about the conversation meanwhile.
func (o *Ops) missed(ctx context.Context, tx *db.DB, intent db.Intent, end db.Outcome, got answer) error {
	if got.found != nil {
		if err := o.noteState(ctx, tx, intent, intent.TargetID, db.NewID(), *got.found, db.ReasonChecked); err != nil {
			return err
		}
	}
	if intent.Action != MessageSend {
		return nil
	}
	delivery := db.DeliveryNotSent
	if end.Result == Refused {
		delivery = db.DeliveryRefused
	}
	return o.deliver(ctx, tx, intent, delivery)
}

// lost notes in our own rows that the end of a change is not known. If that cannot be written the row still says that it is under way,
// and the audit log that it is open.
func (o *Ops) lost(ctx context.Context, intent db.Intent) {
	if intent.Action != MessageSend {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, outlive)
	defer cancel()
	err := o.db.Tx(ctx, func(tx *db.DB) error { return o.deliver(ctx, tx, intent, db.DeliveryUnknown) })
	if err != nil {
		o.log.Error("a message without a known end could not be marked", "intent", intent.ID, "error", err)
	}
}

func (o *Ops) finishCreate(ctx context.Context, tx *db.DB, id string, input accountPayload) error {
	_, err := tx.Account(ctx, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		managed, now := true, o.now()
		// Who creates an account may manage it. WeCom's address of the picture comes with the next list.
		created := db.Account{ID: id, Name: *input.Name, Managed: &managed, FirstSeen: now, SeenAt: now, ChangedAt: now}
		if err := tx.UpsertAccount(ctx, created); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return tx.SetAccountPicture(ctx, id, input.Picture.SHA256)
}

func (o *Ops) finishUpdate(ctx context.Context, tx *db.DB, id string, input accountPayload) error {
	account, err := tx.Account(ctx, id)
	if err != nil {
		return ignoreMissing(err)
	}
	if input.Name != nil && *input.Name != account.Name {
		if err := tx.UpdateAccountName(ctx, id, *input.Name, account.Rev); err != nil {
			return err
		}
	}
	if input.Picture == nil {
		return nil
	}
	return tx.SetAccountPicture(ctx, id, input.Picture.SHA256)
}

func (o *Ops) finishLink(ctx context.Context, tx *db.DB, intent db.Intent, input linkPayload) error {
	now := o.now()
	scene := ""
	if input.Scene != nil {
		scene = *input.Scene
	}
	return tx.InsertLink(ctx, db.Link{
		ID: intent.ID, AccountID: input.Account, Scene: scene, Name: input.Name, Campaign: input.Campaign, Note: input.Note,
		URL: input.URL, CreatedBy: intent.OperatorID, CreatedByName: intent.OperatorName, CreatedAt: now, UpdatedAt: now,
	})
}

func ignoreMissing(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
