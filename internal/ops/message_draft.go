package ops

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// drafts are the messages of a form, checked as far as they can be without an upload. A file has no id yet: see withMedia.
func (s Send) drafts() ([]kf.Draft, error) {
	if s.Kind == kf.KindText {
		parts := SplitText(s.Text)
		if len(parts) == 0 {
			return nil, &Invalid{Field: "text", Rule: "required"}
		}
		drafts := make([]kf.Draft, len(parts))
		for i, text := range parts {
			drafts[i] = kf.Draft{Kind: kf.KindText, Content: kf.Text{Content: text}}
			if err := kf.CheckDraft(drafts[i]); err != nil {
				return nil, textInvalid(err)
			}
		}
		return drafts, nil
	}
	draft := kf.Draft{Kind: s.Kind, Content: s.Content}
	if ofFile(s.Kind) {
		draft.Content = kf.Media{}
	}
	if needsUpload(s.Kind) {
		if s.Upload == nil || len(s.Upload.Data) == 0 {
			return nil, &Invalid{Field: "media", Rule: "required"}
		}
		if err := kf.CheckUpload(uploadKind(s.Kind), s.Upload.Name, s.Upload.Data); err != nil {
			return nil, invalidArgument(err)
		}
	}
	checked := draft
	checked.Content = withMedia(draft.Content, "x")
	if err := kf.CheckDraft(checked); err != nil {
		return nil, invalidArgument(err)
	}
	return []kf.Draft{draft}, nil
}

// textInvalid names the field of the form.
func textInvalid(err error) error {
	err = invalidArgument(err)
	var invalid *Invalid
	if errors.As(err, &invalid) {
		invalid.Field = "text"
	}
	return err
}

func ofFile(kind string) bool {
	return kind == kf.KindImage || kind == kf.KindVoice || kind == kf.KindVideo || kind == kf.KindFile
}

func needsUpload(kind string) bool {
	return ofFile(kind) || kind == kf.KindLink || kind == kf.KindMiniProgram
}

// uploadKind is what WeCom takes an upload for: the picture of a card is an image.
func uploadKind(kind string) string {
	if ofFile(kind) {
		return kind
	}
	return kf.KindImage
}

// withMedia puts the id of the uploaded file into the content of a message that has one.
func withMedia(content any, id kf.MediaID) any {
	switch c := content.(type) {
	case kf.Media:
		c.ID = id
		return c
	case kf.LinkCard:
		c.Thumb = id
		return c
	case kf.MiniProgram:
		c.Thumb = id
		return c
	}
	return content
}

// readable is what of a message lists and the search show.
func readable(content any) string {
	var words []string
	switch c := content.(type) {
	case kf.Text:
		return c.Content
	case kf.LinkCard:
		words = []string{c.Title, c.Desc, c.URL}
	case kf.MiniProgram:
		words = []string{c.Title}
	case kf.Location:
		words = []string{c.Name, c.Address}
	case kf.CALink:
		words = []string{c.URL}
	case kf.Menu:
		words = []string{c.Head}
		for _, item := range c.Items {
			words = append(words, item.Content)
		}
		words = append(words, c.Tail)
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// keepFile keeps our own copy of an upload, so that the timeline can show it and a lost answer can be settled. Nothing refers to it until
// the message is written down.
func (o *Ops) keepFile(ctx context.Context, s Send) (*db.Media, error) {
	if !needsUpload(s.Kind) {
		return nil, nil
	}
	sha, n, err := o.db.PutBlob(ctx, bytes.NewReader(s.Upload.Data), int64(len(s.Upload.Data)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStorage, err)
	}
	return &db.Media{
		Kind: uploadKind(s.Kind), State: db.MediaKept, MIME: mimeOf(uploadKind(s.Kind), s.Upload.Data), Name: s.Upload.Name, SHA256: sha, Bytes: n,
	}, nil
}

// mimeOf says what a checked upload is; a file of no known kind is just bytes.
func mimeOf(kind string, data []byte) string {
	switch kind {
	case kf.KindImage:
		if bytes.HasPrefix(data, []byte("\x89PNG")) {
			return "image/png"
		}
		return "image/jpeg"
	case kf.KindVoice:
		return "audio/amr"
	case kf.KindVideo:
		return "video/mp4"
	}
	return "application/octet-stream"
}

// draftOf is a message of ours as it is to be sent: with the id of its file at WeCom, where it is uploaded now. An upload changes nothing
// and WeCom forgets it after three days.
func (o *Ops) draftOf(ctx context.Context, row db.Message) (kf.Draft, error) {
	stored := kf.ParseMessage(row.Raw)
	draft := kf.Draft{Kind: stored.Kind, Content: stored.Content}
	if row.Media == "" {
		return draft, nil
	}
	file, err := o.db.Media(ctx, row.Media)
	if err != nil {
		return draft, fmt.Errorf("read file: %w", err)
	}
	blob, err := o.db.OpenBlob(file.SHA256)
	if err != nil {
		return draft, fmt.Errorf("read file: %w", err)
	}
	data, err := io.ReadAll(blob)
	if err = errors.Join(err, blob.Close()); err != nil {
		return draft, fmt.Errorf("read file: %w", err)
	}
	id, err := o.kf.Upload(ctx, file.Kind, file.Name, data)
	if err != nil {
		return draft, err
	}
	draft.Content = withMedia(draft.Content, id)
	return draft, nil
}
