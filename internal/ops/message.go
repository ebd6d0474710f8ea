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

// Send is the composer's form.
type Send struct {
	IntentID, ConversationID string
	Kind                     string // kf.KindText, KindImage, KindVoice, KindVideo, KindFile, KindLink, KindMiniProgram, KindMenu, KindLocation or KindCALink
	Text                     string // of KindText; what is longer than one message becomes several: see SplitText
	// Content is a kf.LinkCard, kf.MiniProgram, kf.Menu, kf.Location or kf.CALink of a kind that is neither a text nor a file.
	Content any
	// Upload is the file of KindImage, KindVoice, KindVideo and KindFile, and the picture of KindLink and KindMiniProgram.
	Upload *Upload
}

// Upload is a file that an operator sends. Customers see the name of a KindFile.
type Upload struct {
	Name string
	Data []byte
}

// sendPayload is what the audit log keeps of a message: never what it says.
type sendPayload struct {
	Type  string `json:"type"`
	Bytes int    `json:"bytes"`
	Part  int    `json:"part,omitempty"`
	Parts int    `json:"parts,omitempty"`
}

// SendMessage sends a message to the customer of a conversation (document 94677), a long text as several, one change each: the first has
// the id of the form. Its id at WeCom is that of the change, so that a lost answer can be settled by sending the very same once more:
// WeCom refuses an id that it has. The results are those of the parts that were tried; after one that is not done there are no more.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (window: a Window constant; text: required, or limit with the number of messages that are
// left; message, and the fields of kf.CheckDraft and kf.CheckUpload with their rules; account), *Duplicate, ErrStorage.
func (o *Ops) SendMessage(ctx context.Context, actor auth.Actor, s Send) ([]Result, error) {
	if s.IntentID == "" {
		s.IntentID = db.NewID()
	}
	target, c, err := o.conversation(ctx, s.ConversationID)
	if err := o.permit(ctx, actor, MessageSend, target, s.IntentID); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	if !formID.MatchString(s.IntentID) {
		return nil, &Invalid{Field: "intent_id", Rule: "id"}
	}
	drafts, err := s.drafts()
	if err != nil {
		return nil, err
	}
	if err := o.mayWrite(c, len(drafts)); err != nil {
		return nil, err
	}
	file, err := o.keepFile(ctx, s)
	if err != nil {
		return nil, err
	}
	var results []Result
	for n, draft := range drafts {
		result, err := o.sendPart(ctx, actor, c, part{id: partID(s.IntentID, n), n: n + 1, of: len(drafts), draft: draft, file: file})
		if err != nil {
			return results, err
		}
		if results = append(results, result); result.Outcome != Done {
			break
		}
	}
	return results, nil
}

// part is one message of a form.
type part struct {
	id    string
	n, of int
	draft kf.Draft
	file  *db.Media // of the upload, nil without one
}

func (o *Ops) sendPart(ctx context.Context, actor auth.Actor, c db.Conversation, p part) (Result, error) {
	row, err := messageRow(c, p.id, p.draft)
	if err != nil {
		return Result{}, err
	}
	row.At, row.OperatorID, row.OperatorName = o.now(), actor.ID, actor.Name
	input := sendPayload{Type: p.draft.Kind, Bytes: len(row.Text)}
	if p.file != nil {
		row.Media, input.Bytes = p.id, int(p.file.Bytes)
		if row.Text == "" && p.draft.Kind == kf.KindFile {
			row.Text = p.file.Name
		}
	}
	if p.of > 1 {
		input.Part, input.Parts = p.n, p.of
	}
	return o.do(ctx, actor, change{
		id: p.id, action: MessageSend, target: conversationTarget(c), input: input,
		check: func(ctx context.Context, tx *db.DB) error {
			now, err := tx.Conversation(ctx, c.ID)
			if err != nil {
				return err
			}
			if err := o.reachable(ctx, tx, now.AccountID); err != nil {
				return err
			}
			return o.mayWrite(now, 1)
		},
		keep: func(ctx context.Context, tx *db.DB) error { return o.keepMessage(ctx, tx, row, p.file) },
		call: func(ctx context.Context) (answer, error) { return o.send(ctx, c, row) },
	})
}

// mayWrite refuses what WeCom would refuse: see MayWrite.
func (o *Ops) mayWrite(c db.Conversation, messages int) error {
	switch w := o.MayWrite(c, o.now()); {
	case !w.Allowed:
		return &Invalid{Field: "window", Rule: w.Reason}
	case messages > w.Left:
		return &Invalid{Field: "text", Rule: "limit", Limit: w.Left}
	}
	return nil
}

// keepMessage puts a message that is about to be sent into the timeline.
func (o *Ops) keepMessage(ctx context.Context, tx *db.DB, row db.Message, file *db.Media) error {
	fresh, err := tx.InsertMessages(ctx, []db.Message{row})
	if err != nil {
		return err
	}
	if len(fresh) == 0 {
		return fmt.Errorf("message %s: %w", row.ID, db.ErrConflict)
	}
	if file != nil {
		kept := *file
		kept.ID, kept.AccountID, kept.ConversationID, kept.MessageID = row.Media, row.AccountID, row.ConversationID, row.ID
		kept.WantedAt, kept.KeptAt = row.At, row.At
		if err := tx.InsertMedia(ctx, kept); err != nil {
			return err
		}
	}
	return o.refold(ctx, tx, row.ConversationID)
}

// send uploads what goes with a message and sends it, as its row in the timeline says. It does the same right away and when a lost
// answer is settled.
func (o *Ops) send(ctx context.Context, c db.Conversation, row db.Message) (answer, error) {
	draft, err := o.draftOf(ctx, row)
	if err != nil {
		return answer{}, &beforehand{err}
	}
	id, err := o.kf.SendMsg(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID), kf.MessageID(row.ID), draft)
	if err == nil {
		return answer{id: string(id)}, nil
	}
	return o.readAnew(ctx, c, err)
}

// messageRow is a message of ours as the timeline keeps it: in the shape in which it is sent, with our own id for the uploaded file.
func messageRow(c db.Conversation, id string, draft kf.Draft) (db.Message, error) {
	draft.Content = withMedia(draft.Content, kf.MediaID(id))
	raw, err := kf.EncodeDraft(draft)
	if err != nil {
		return db.Message{}, invalidArgument(err)
	}
	return db.Message{
		ID: id, AccountID: c.AccountID, ConversationID: c.ID, Origin: db.OriginConsole, Kind: draft.Kind, Text: readable(draft.Content),
		Raw: json.RawMessage(raw), Delivery: db.DeliverySending,
	}, nil
}

// deliver notes how a message of ours ended. That it failed after it was accepted may be known already, and stays.
func (o *Ops) deliver(ctx context.Context, tx *db.DB, intent db.Intent, delivery string) error {
	c, err := tx.Conversation(ctx, intent.TargetID)
	if err != nil {
		return ignoreMissing(err)
	}
	row, err := tx.Message(ctx, c.AccountID, intent.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	if row.Delivery == db.DeliveryFailed {
		return nil
	}
	if err := tx.SetDelivery(ctx, c.AccountID, row.ID, delivery, 0); err != nil {
		return err
	}
	return o.refold(ctx, tx, c.ID)
}

// invalidArgument turns what kf refuses to send into an *Invalid; nil stays nil.
func invalidArgument(err error) error {
	var argument *kf.ArgumentError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &argument):
		return &Invalid{Field: argument.Field, Rule: argument.Rule, Limit: argument.Limit}
	}
	return fmt.Errorf("message: %w", err)
}
