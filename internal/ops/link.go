package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// NewLink is the form of a new link.
type NewLink struct {
	IntentID, AccountID  string
	Scene                string // at most 32 of 0-9a-zA-Z_-; empty: none
	Name, Campaign, Note string // 1..60, at most 60, at most 500 characters
}

// CreateLink asks WeCom for a link (document 94665) and keeps it. The link has the id of its intent, which is Result.RemoteID.
//
// Errors: ErrDenied, db.ErrNotFound (account), *Invalid (name, campaign, note, scene, account), *Duplicate, ErrStorage.
func (o *Ops) CreateLink(ctx context.Context, actor auth.Actor, n NewLink) (Result, error) {
	if n.IntentID == "" {
		n.IntentID = db.NewID()
	}
	target := Target{Kind: KindLink, Name: cutText(strings.TrimSpace(n.Name), MaxLinkName)}
	if err := o.permit(ctx, actor, LinkCreate, target, n.IntentID); err != nil {
		return Result{}, err
	}
	text, err := linkText(n.Name, n.Campaign, n.Note)
	if err != nil {
		return Result{}, err
	}
	scene := strings.TrimSpace(n.Scene)
	if len(scene) > MaxScene {
		return Result{}, &Invalid{Field: "scene", Rule: "long", Limit: MaxScene}
	}
	if !ValidScene(scene) {
		return Result{}, &Invalid{Field: "scene", Rule: "chars"}
	}
	account, err := o.db.Account(ctx, n.AccountID)
	if err != nil {
		return Result{}, fmt.Errorf("create link: account: %w", err)
	}
	if account.GoneAt != nil {
		return Result{}, &Invalid{Field: "account", Rule: "gone"}
	}
	text.Account, text.Scene = account.ID, &scene
	return o.do(ctx, actor, change{
		id: n.IntentID, action: LinkCreate, target: Target{KindLink, n.IntentID, text.Name}, input: text,
		call: func(ctx context.Context) (answer, error) {
			url, err := o.kf.AddContactWay(ctx, kf.AccountID(account.ID), scene)
			if err != nil {
				return answer{}, err
			}
			return answer{id: n.IntentID, url: url}, nil
		},
	})
}

// linkText checks what an operator notes about a link.
func linkText(name, campaign, note string) (linkPayload, error) {
	var text linkPayload
	var err error
	if text.Name, err = line("name", name, true, MaxLinkName); err != nil {
		return text, err
	}
	if text.Campaign, err = line("campaign", campaign, false, MaxCampaign); err != nil {
		return text, err
	}
	text.Note, err = prose("note", note, MaxNote)
	return text, err
}

// LinkChange is the form that changes what we noted about a link.
type LinkChange struct {
	IntentID, LinkID     string
	Rev                  int64 // the revision that the operator's page showed
	Name, Campaign, Note string
}

// UpdateLink changes the name, campaign and note of a link. WeCom does not know them.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (name, campaign, note), *Conflict, *Duplicate, ErrStorage.
func (o *Ops) UpdateLink(ctx context.Context, actor auth.Actor, c LinkChange) (Result, error) {
	return o.updateLink(ctx, actor, c, "")
}

func (o *Ops) updateLink(ctx context.Context, actor auth.Actor, c LinkChange, undoes string) (Result, error) {
	target, link, err := o.link(ctx, c.LinkID)
	if err := o.permit(ctx, actor, LinkUpdate, target, c.IntentID); err != nil {
		return Result{}, err
	}
	if err != nil {
		return Result{}, err
	}
	next, err := linkText(c.Name, c.Campaign, c.Note)
	if err != nil {
		return Result{}, err
	}
	if before := textOf(link); before == next {
		return Result{}, &Invalid{Field: "name", Rule: "unchanged"}
	}
	return o.local(ctx, actor, change{
		id: c.IntentID, action: LinkUpdate, target: target, undoes: undoes, input: next, before: textOf(link),
	}, next, func(tx *db.DB) error {
		if link.Rev != c.Rev {
			return linkConflict(ctx, tx, link, next)
		}
		changed := link
		changed.Name, changed.Campaign, changed.Note, changed.UpdatedAt = next.Name, next.Campaign, next.Note, o.now()
		err := tx.UpdateLink(ctx, changed)
		if errors.Is(err, db.ErrConflict) {
			now, readErr := tx.Link(ctx, link.ID)
			if readErr != nil {
				return readErr
			}
			return linkConflict(ctx, tx, now, next)
		}
		return err
	})
}

func textOf(link db.Link) linkPayload {
	return linkPayload{Name: link.Name, Campaign: link.Campaign, Note: link.Note}
}

// linkConflict names the first field in which the two differ.
func linkConflict(ctx context.Context, tx *db.DB, now db.Link, yours linkPayload) *Conflict {
	conflict := &Conflict{Field: "name", Yours: yours.Name, Theirs: now.Name, Rev: now.Rev}
	switch {
	case yours.Name != now.Name:
	case yours.Campaign != now.Campaign:
		conflict.Field, conflict.Yours, conflict.Theirs = "campaign", yours.Campaign, now.Campaign
	case yours.Note != now.Note:
		conflict.Field, conflict.Yours, conflict.Theirs = "note", yours.Note, now.Note
	}
	conflict.By, conflict.At = lastChange(ctx, tx, now.ID, LinkUpdate)
	return conflict
}

// LinkAction is the form that archives or restores a link.
type LinkAction struct{ IntentID, LinkID string }

// ArchiveLink takes a link out of the register; its address goes on working, because WeCom cannot delete one.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (link: unchanged), *Duplicate, ErrStorage.
func (o *Ops) ArchiveLink(ctx context.Context, actor auth.Actor, a LinkAction) (Result, error) {
	return o.archive(ctx, actor, a, true, "")
}

// RestoreLink puts an archived link back. Errors as of ArchiveLink.
func (o *Ops) RestoreLink(ctx context.Context, actor auth.Actor, a LinkAction) (Result, error) {
	return o.archive(ctx, actor, a, false, "")
}

func (o *Ops) archive(ctx context.Context, actor auth.Actor, a LinkAction, archived bool, undoes string) (Result, error) {
	action := LinkRestore
	if archived {
		action = LinkArchive
	}
	target, link, err := o.link(ctx, a.LinkID)
	if err := o.permit(ctx, actor, action, target, a.IntentID); err != nil {
		return Result{}, err
	}
	if err != nil {
		return Result{}, err
	}
	return o.local(ctx, actor, change{
		id: a.IntentID, action: action, target: target, undoes: undoes, before: archivedPayload{!archived},
	}, archivedPayload{archived}, func(tx *db.DB) error {
		now, err := tx.Link(ctx, link.ID)
		if err != nil {
			return err
		}
		if (now.ArchivedAt != nil) == archived {
			return &Invalid{Field: "link", Rule: "unchanged"}
		}
		if archived {
			return tx.ArchiveLink(ctx, now.ID, now.Rev, o.now())
		}
		return tx.RestoreLink(ctx, now.ID, now.Rev, o.now())
	})
}

// link reads the link of a change. The target is usable even with the error.
func (o *Ops) link(ctx context.Context, id string) (Target, db.Link, error) {
	target := Target{Kind: KindLink, ID: cutText(id, 64)}
	link, err := o.db.Link(ctx, id)
	if err != nil {
		return target, db.Link{}, fmt.Errorf("read link: %w", err)
	}
	target.Name = link.Name
	return target, link, nil
}
