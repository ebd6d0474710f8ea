package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// Limits of a rule.
const (
	MaxReplyName = 60      // characters
	endOfDay     = 24 * 60 // minutes
	everyDay     = 1<<7 - 1
)

// ReplyRule is the form of a rule: what is said in coded messages of one moment.
type ReplyRule struct {
	IntentID  string
	ID        string // "" makes a new one
	Rev       int64  // of an existing one: the revision that the operator's page showed
	AccountID string // "" = every account without a rule of its own
	Scene     string // a db.Scene constant: when it is said
	Name      string // 1..60 characters, for operators
	Days      int    // bit 0 is Monday
	From, To  int    // minutes of the Beijing day; one that does not end after it begins runs over midnight
	Text      string // at most kf.MaxTextBytes; above a menu at most kf.MaxMenuTextBytes
	Menu      *kf.Menu
	Enabled   bool
}

// replyPayload is a rule in the audit log. Its text is a setting of ours, and nothing that was said to somebody.
type replyPayload struct {
	Name    string          `json:"name"`
	Account string          `json:"account,omitempty"`
	Moment  string          `json:"moment"`
	Days    []int           `json:"days"`
	From    string          `json:"from"`
	To      string          `json:"to"`
	Text    string          `json:"text"`
	Menu    json.RawMessage `json:"menu,omitempty"`
	Enabled bool            `json:"enabled"`
}

// SaveReplyRule makes a rule or changes one. Result.RemoteID is the id of a new one, which is that of its intent.
//
// Errors: ErrDenied, db.ErrNotFound (rule or account), *Invalid (name, scene, days, from, to, text, and the fields of a menu with the rules
// of kf.CheckDraft; name: unchanged), *Conflict, *Duplicate, ErrStorage.
func (o *Ops) SaveReplyRule(ctx context.Context, actor auth.Actor, r ReplyRule) (Result, error) {
	if r.IntentID == "" {
		r.IntentID = db.NewID()
	}
	target := Target{Kind: KindReply, ID: cutText(r.ID, 64), Name: cutText(r.Name, MaxReplyName)}
	if r.ID == "" {
		target.ID = r.IntentID
	}
	if err := o.permit(ctx, actor, ReplySave, target, r.IntentID); err != nil {
		return Result{}, err
	}
	next, err := r.row()
	if err != nil {
		return Result{}, err
	}
	if r.AccountID != "" {
		if _, err := o.db.Account(ctx, r.AccountID); err != nil {
			return Result{}, fmt.Errorf("save rule: account: %w", err)
		}
	}
	next.ID = target.ID
	return o.saveRule(ctx, actor, ruleChange{id: r.IntentID, next: next, rev: r.Rev, isNew: r.ID == ""})
}

// row checks the form.
func (r ReplyRule) row() (db.ReplyRule, error) {
	row := db.ReplyRule{AccountID: r.AccountID, Scene: r.Scene, Days: r.Days, From: r.From, To: r.To, Enabled: r.Enabled}
	var err error
	if row.Name, err = line("name", r.Name, true, MaxReplyName); err != nil {
		return row, err
	}
	if row.Text, err = prose("text", r.Text, kf.MaxTextBytes); err != nil {
		return row, err
	}
	switch r.Scene {
	case db.SceneWelcome, db.SceneEnding:
	case db.SceneQueue, db.ScenePickup:
		if r.Menu != nil {
			return row, &Invalid{Field: "menu", Rule: "scene"}
		}
	default:
		return row, &Invalid{Field: "scene", Rule: "required"}
	}
	switch {
	case r.Days <= 0 || r.Days > everyDay:
		return row, &Invalid{Field: "days", Rule: "required"}
	case r.From < 0 || r.From >= endOfDay:
		return row, &Invalid{Field: "from", Rule: "limit", Limit: endOfDay - 1}
	case r.To < 0 || r.To > endOfDay:
		return row, &Invalid{Field: "to", Rule: "limit", Limit: endOfDay}
	}
	if r.Menu == nil {
		return row, textInvalid(kf.CheckDraft(kf.Draft{Kind: kf.KindText, Content: kf.Text{Content: row.Text}}))
	}
	row.Menu, err = menuJSON(*r.Menu, row.Text)
	return row, err
}

// menuJSON is a menu as WeCom writes it. The text of the rule stands above a menu that has no head of its own.
func menuJSON(menu kf.Menu, text string) ([]byte, error) {
	shown := menu
	if shown.Head == "" {
		shown.Head = text
	}
	if err := kf.CheckDraft(kf.Draft{Kind: kf.KindMenu, Content: shown}); err != nil {
		return nil, invalidArgument(err)
	}
	raw, err := kf.EncodeDraft(kf.Draft{Kind: kf.KindMenu, Content: menu})
	if err != nil {
		return nil, invalidArgument(err)
	}
	var entry map[string]json.RawMessage
	if err := json.Unmarshal(raw, &entry); err != nil {
		return nil, fmt.Errorf("menu: %w", err)
	}
	return entry[kf.KindMenu], nil
}

// ruleChange is a rule whose values are checked.
type ruleChange struct {
	id     string
	next   db.ReplyRule
	rev    int64
	isNew  bool
	undoes string
}

func (o *Ops) saveRule(ctx context.Context, actor auth.Actor, c ruleChange) (Result, error) {
	plan := change{id: c.id, action: ReplySave, target: ruleTarget(c.next), undoes: c.undoes, input: ruleText(c.next)}
	c.next.UpdatedAt = o.now()
	if c.isNew {
		c.next.CreatedAt = c.next.UpdatedAt
		result, err := o.local(ctx, actor, plan, ruleText(c.next), func(tx *db.DB) error {
			return errors.Join(tx.InsertReplyRule(ctx, c.next), tx.AddChange(ctx, "replies", c.next.ID))
		})
		if err == nil {
			result.RemoteID = c.next.ID
		}
		return result, err
	}
	old, err := o.db.ReplyRule(ctx, c.next.ID)
	if err != nil {
		return Result{}, fmt.Errorf("read rule: %w", err)
	}
	if sameRule(old, c.next) {
		return Result{}, &Invalid{Field: "name", Rule: "unchanged"}
	}
	plan.before = ruleText(old)
	return o.local(ctx, actor, plan, ruleText(c.next), func(tx *db.DB) error {
		now, err := tx.ReplyRule(ctx, old.ID)
		if err != nil {
			return err
		}
		if now.Rev != c.rev || now.Rev != old.Rev {
			return ruleConflict(ctx, tx, now, c.next)
		}
		c.next.Rev, c.next.CreatedAt = now.Rev, now.CreatedAt
		return errors.Join(tx.UpdateReplyRule(ctx, c.next), tx.AddChange(ctx, "replies", c.next.ID))
	})
}

// DeleteReply is the form that deletes a rule.
type DeleteReply struct {
	IntentID, ID string
	Rev          int64 // the revision that the operator's page showed; 0: whatever it is by now
}

// DeleteReplyRule deletes a rule; Undo brings it back.
//
// Errors: ErrDenied, db.ErrNotFound, *Conflict, *Duplicate, ErrStorage.
func (o *Ops) DeleteReplyRule(ctx context.Context, actor auth.Actor, d DeleteReply) (Result, error) {
	return o.deleteRule(ctx, actor, d, "")
}

func (o *Ops) deleteRule(ctx context.Context, actor auth.Actor, d DeleteReply, undoes string) (Result, error) {
	target := Target{Kind: KindReply, ID: cutText(d.ID, 64)}
	old, readErr := o.db.ReplyRule(ctx, d.ID)
	if readErr == nil {
		target = ruleTarget(old)
	}
	if err := o.permit(ctx, actor, ReplyDelete, target, d.IntentID); err != nil {
		return Result{}, err
	}
	if readErr != nil {
		return Result{}, fmt.Errorf("read rule: %w", readErr)
	}
	plan := change{id: d.IntentID, action: ReplyDelete, target: target, before: ruleText(old), undoes: undoes}
	return o.local(ctx, actor, plan, nil, func(tx *db.DB) error {
		now, err := tx.ReplyRule(ctx, old.ID)
		if err != nil {
			return err
		}
		if now.Rev != old.Rev || d.Rev != 0 && now.Rev != d.Rev {
			return ruleConflict(ctx, tx, now, old)
		}
		return errors.Join(tx.DeleteReplyRule(ctx, now.ID, now.Rev), tx.AddChange(ctx, "replies", now.ID))
	})
}

func ruleTarget(r db.ReplyRule) Target { return Target{Kind: KindReply, ID: r.ID, Name: r.Name} }

// ruleConflict names the first field in which the two differ.
func ruleConflict(ctx context.Context, tx *db.DB, now, yours db.ReplyRule) *Conflict {
	conflict := &Conflict{Field: "name", Yours: yours.Name, Theirs: now.Name, Rev: now.Rev}
	if yours.Name == now.Name && yours.Text != now.Text {
		conflict.Field, conflict.Yours, conflict.Theirs = "text", yours.Text, now.Text
	}
	conflict.By, conflict.At = lastChange(ctx, tx, now.ID, ReplySave)
	return conflict
}
