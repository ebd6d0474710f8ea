package ops

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// NewAccount is the form of a new account.
type NewAccount struct {
	IntentID string // made with the form (db.NewID), so that a form sent twice is found out; empty: a new one
	Name     string // 1..16 characters
	Picture  []byte // JPEG or PNG up to 2 MB; empty: a picture is drawn, because WeCom asks for one
	Crop     *Crop  // which part of the picture; nil: the picture must be square
}

// CreateAccount creates an account at WeCom (document 94662). Result.RemoteID is its open_kfid.
//
// Errors: ErrDenied, *Invalid (name, picture), *Duplicate, *Locked (an account of that name is being created), ErrStorage.
func (o *Ops) CreateAccount(ctx context.Context, actor auth.Actor, n NewAccount) (Result, error) {
	target := Target{Kind: KindAccount, Name: cutText(strings.TrimSpace(n.Name), MaxAccountName)}
	if err := o.permit(ctx, actor, AccountCreate, target, n.IntentID); err != nil {
		return Result{}, err
	}
	name, err := line("name", n.Name, true, MaxAccountName)
	if err != nil {
		return Result{}, err
	}
	picture, err := o.readPicture(ctx, n.Picture, n.Crop)
	if len(n.Picture) == 0 {
		picture, err = defaultPicture(name)
	}
	if err != nil {
		return Result{}, err
	}
	return o.do(ctx, actor, change{
		id: n.IntentID, action: AccountCreate, target: target, lock: "account.create:" + strings.ToLower(name),
		input: accountPayload{Name: &name, Picture: refOf(picture)},
		check: keepPicture(picture),
		call: func(ctx context.Context) (answer, error) {
			media, err := o.upload(ctx, picture)
			if err != nil {
				return answer{}, err
			}
			id, err := o.kf.AddAccount(ctx, kf.NewAccount{Name: name, MediaID: media})
			return answer{id: string(id)}, err
		},
	})
}

// AccountChange is the form that renames an account or gives it a new picture.
type AccountChange struct {
	IntentID, AccountID string
	Rev                 int64 // the revision that the operator's page showed
	// Seen is what the operator's page showed. With it only a change of the very field is a conflict; without it (nil) every other
	// revision is, even one that merely noted WeCom's new address of the picture.
	Seen    *AccountSeen
	Name    *string // nil: keep
	Picture []byte  // empty: keep
	Crop    *Crop
}

// AccountSeen is what a page showed of an account: its name and the id of our copy of its picture.
type AccountSeen struct{ Name, PictureID string }

// UpdateAccount renames an account, gives it a new picture, or both in one call (document 94664).
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (name, picture, account), *Conflict, *Duplicate, *Locked, ErrStorage.
func (o *Ops) UpdateAccount(ctx context.Context, actor auth.Actor, c AccountChange) (Result, error) {
	target, account, err := o.account(ctx, c.AccountID)
	if err := o.permit(ctx, actor, AccountUpdate, target, c.IntentID); err != nil {
		return Result{}, err
	}
	if err != nil {
		return Result{}, err
	}
	var next accountPayload
	if c.Name != nil {
		name, err := line("name", *c.Name, true, MaxAccountName)
		if err != nil {
			return Result{}, err
		}
		if shown := c.Seen; (shown == nil && name != account.Name) || (shown != nil && name != shown.Name) {
			next.Name = &name
		}
	}
	var picture Picture
	if len(c.Picture) > 0 {
		if picture, err = o.readPicture(ctx, c.Picture, c.Crop); err != nil {
			return Result{}, err
		}
	}
	return o.updateAccount(ctx, actor, accountUpdate{id: c.IntentID, account: account, next: next, picture: picture, rev: c.Rev, seen: c.Seen})
}

// accountUpdate is a change of an account whose values are checked.
type accountUpdate struct {
	id      string
	account db.Account
	next    accountPayload
	picture Picture // zero: keep
	rev     int64
	seen    *AccountSeen
	undoes  string
}

func (o *Ops) updateAccount(ctx context.Context, actor auth.Actor, u accountUpdate) (Result, error) {
	var before accountPayload
	if u.next.Name != nil {
		before.Name = &u.account.Name
	}
	if u.picture.ID != "" {
		u.next.Picture = refOf(u.picture)
		before.Picture, before.Avatar = &pictureRef{SHA256: u.account.PictureID}, u.account.AvatarURL
	}
	if u.next.Name == nil && u.next.Picture == nil {
		return Result{}, &Invalid{Field: "name", Rule: "unchanged"}
	}
	return o.do(ctx, actor, change{
		id: u.id, action: AccountUpdate, target: Target{KindAccount, u.account.ID, u.account.Name}, lock: "account:" + u.account.ID,
		undoes: u.undoes, input: u.next, before: before,
		check: func(ctx context.Context, tx *db.DB) error {
			if err := o.sameAccount(ctx, tx, u); err != nil {
				return err
			}
			if u.picture.ID == "" {
				return nil
			}
			return keepPicture(u.picture)(ctx, tx)
		},
		call: func(ctx context.Context) (answer, error) {
			update := kf.AccountChange{Name: u.next.Name}
			if u.picture.ID != "" {
				media, err := o.upload(ctx, u.picture)
				if err != nil {
					return answer{}, err
				}
				update.MediaID = &media
			}
			return answer{}, o.kf.UpdateAccount(ctx, kf.AccountID(u.account.ID), update)
		},
	})
}

// sameAccount finds out that somebody else was faster.
func (o *Ops) sameAccount(ctx context.Context, tx *db.DB, u accountUpdate) error {
	now, err := tx.Account(ctx, u.account.ID)
	if err != nil {
		return err
	}
	if err := changeable(now); err != nil {
		return err
	}
	moved := now.Rev != u.rev
	conflict := &Conflict{Rev: now.Rev}
	switch {
	case u.next.Name != nil && *u.next.Name == now.Name && u.next.Picture == nil:
		return &Invalid{Field: "name", Rule: "unchanged"}
	case u.next.Name != nil && (u.seen == nil && moved || u.seen != nil && u.seen.Name != now.Name):
		conflict.Field, conflict.Yours, conflict.Theirs = "name", *u.next.Name, now.Name
	case u.next.Picture != nil && (u.seen == nil && moved || u.seen != nil && u.seen.PictureID != now.PictureID):
		conflict.Field, conflict.Yours, conflict.Theirs = "picture", u.picture.ID, now.PictureID
	default:
		return nil
	}
	conflict.By, conflict.At = lastChange(ctx, tx, now.ID, AccountUpdate)
	return conflict
}

// lastChange names who last changed the target with that action, if the log knows.
func lastChange(ctx context.Context, tx *db.DB, targetID, action string) (by string, at time.Time) {
	entries, _, err := tx.AuditEntries(ctx, db.AuditFilter{TargetID: targetID, Action: action, Result: Done}, "", 1)
	if err != nil || len(entries) == 0 {
		return "", time.Time{}
	}
	return entries[0].OperatorName, entries[0].At
}

// AccountDeletion is the form that deletes an account.
type AccountDeletion struct{ IntentID, AccountID, TypedName string }

// DeleteAccount deletes an account for good (document 94663). The typed name must equal the account's.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (name: typed; account), *Duplicate, *Locked (any other change of it is under way), ErrStorage.
func (o *Ops) DeleteAccount(ctx context.Context, actor auth.Actor, d AccountDeletion) (Result, error) {
	target, account, err := o.account(ctx, d.AccountID)
	if err := o.permit(ctx, actor, AccountDelete, target, d.IntentID); err != nil {
		return Result{}, err
	}
	if err != nil {
		return Result{}, err
	}
	if strings.TrimSpace(d.TypedName) != account.Name {
		return Result{}, &Invalid{Field: "name", Rule: "typed"}
	}
	return o.do(ctx, actor, change{
		id: d.IntentID, action: AccountDelete, target: target, lock: "account:" + account.ID,
		before: deletionPayload{Name: account.Name, Links: account.Links, Servicers: account.Servicers, Departments: account.Departments},
		check: func(ctx context.Context, tx *db.DB) error {
			now, err := tx.Account(ctx, account.ID)
			if err != nil {
				return err
			}
			if now.Name != account.Name {
				return &Invalid{Field: "name", Rule: "typed"}
			}
			return changeable(now)
		},
		call: func(ctx context.Context) (answer, error) {
			return answer{}, o.kf.DeleteAccount(ctx, kf.AccountID(account.ID))
		},
	})
}

// Impact tells what goes with an account.
type Impact struct {
	Account   db.Account // with the numbers of its servicers and departments
	LinkCount int        // links that are not archived; their addresses stop working
	Links     []db.Link  // the first ten
	Campaigns []string   // of the first hundred links, distinct, sorted
}

// Impact tells what deleting the account would take along. Error: db.ErrNotFound.
func (o *Ops) Impact(ctx context.Context, accountID string) (Impact, error) {
	account, err := o.db.Account(ctx, accountID)
	if err != nil {
		return Impact{}, fmt.Errorf("impact: %w", err)
	}
	links, _, err := o.db.Links(ctx, db.LinkFilter{AccountID: accountID}, "", 100)
	if err != nil {
		return Impact{}, fmt.Errorf("impact: %w", err)
	}
	found := Impact{Account: account, LinkCount: account.Links, Links: links[:min(10, len(links))]}
	for _, link := range links {
		if link.Campaign != "" {
			found.Campaigns = append(found.Campaigns, link.Campaign)
		}
	}
	slices.Sort(found.Campaigns)
	found.Campaigns = slices.Compact(found.Campaigns)
	return found, nil
}

// account reads the account of a change. The target is usable even with the error.
func (o *Ops) account(ctx context.Context, id string) (Target, db.Account, error) {
	target := Target{Kind: KindAccount, ID: cutText(id, 64)}
	account, err := o.db.Account(ctx, id)
	if err != nil {
		return target, db.Account{}, fmt.Errorf("read account: %w", err)
	}
	target.Name = account.Name
	return target, account, changeable(account)
}

// changeable says why an account cannot be changed: it is gone, or known not to be managed by this application.
func changeable(account db.Account) error {
	switch {
	case account.GoneAt != nil:
		return &Invalid{Field: "account", Rule: "gone"}
	case account.Managed != nil && !*account.Managed:
		return &Invalid{Field: "account", Rule: "readonly"}
	}
	return nil
}

// readPicture brings an upload into shape, one at a time. No upload is no error.
func (o *Ops) readPicture(ctx context.Context, raw []byte, crop *Crop) (Picture, error) {
	if len(raw) == 0 {
		return Picture{}, nil
	}
	select {
	case o.pictures <- struct{}{}:
	case <-ctx.Done():
		return Picture{}, fmt.Errorf("wait for a turn to decode a picture: %w", ctx.Err())
	}
	defer func() { <-o.pictures }()
	return ReadPicture(raw, crop)
}

// keepPicture keeps our own copy with the intent, so that it is there however the change ends.
func keepPicture(picture Picture) func(context.Context, *db.DB) error {
	return func(ctx context.Context, tx *db.DB) error {
		return tx.InsertPicture(ctx, db.Picture{ID: picture.ID, MIME: picture.MIME, Data: picture.Data})
	}
}

// upload hands the picture to WeCom for three days. Nothing is changed by it.
func (o *Ops) upload(ctx context.Context, picture Picture) (kf.MediaID, error) {
	media, err := o.kf.UploadImage(ctx, "avatar.jpg", picture.Data)
	if err != nil {
		return "", &beforehand{err}
	}
	return media, nil
}

func refOf(picture Picture) *pictureRef {
	return &pictureRef{SHA256: picture.ID, Bytes: len(picture.Data)}
}
