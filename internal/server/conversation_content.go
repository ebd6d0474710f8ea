package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// rawShown is how much of an entry that nobody can read is shown, in bytes.
const rawShown = 4096

// rawParts is up to how many objects and lists an entry is laid out.
const rawParts = 200

// fillContent puts what was said into a row of the timeline.
func (s *Server) fillContent(r *request, k *talk, row db.Message, m kf.Message, i *conversation.Item) error {
	t := r.t().Conversation
	kind := kindWords(t, m.Kind)
	switch c := m.Content.(type) {
	case kf.Text:
		i.Text = c.Content
		if c.MenuID != "" {
			i.Note = t.MenuChosen + " · " + c.MenuID
		}
	case kf.Media:
		media, err := s.talkMedia(r, k, row)
		i.Media = &media
		return err
	case kf.Location:
		i.Card = &conversation.Card{Icon: "map-pin", Kind: kind, Title: c.Name, Text: c.Address, Facts: []ui.KV{{Key: t.Latitude, Value: fmt.Sprintf("%.5f, %.5f", c.Latitude, c.Longitude), Mono: true}}}
	case kf.LinkCard:
		i.Card = &conversation.Card{Icon: "link", Kind: kind, Title: either(c.Title, c.URL), Text: c.Desc, Href: webOnly(c.URL)}
	case kf.MiniProgram:
		i.Card = &conversation.Card{Icon: "app-window", Kind: kind, Title: c.Title, Facts: facts(t.AppID, c.AppID, t.AppPath, c.Path)}
	case kf.BusinessCard:
		i.Card = &conversation.Card{Icon: "id-card", Kind: kind, Title: nameIn(k.known.people, string(c.User)), Facts: facts("userid", string(c.User))}
	case kf.Menu:
		i.Menu = menuOf(c)
	case kf.Product:
		i.Card = &conversation.Card{Icon: "shopping-bag", Kind: kind, Title: c.Title, Facts: facts(t.Price, yuan(c.Price), t.Shop, c.ShopName)}
	case kf.Order:
		i.Card = &conversation.Card{Icon: "shopping-bag", Kind: kind, Title: strings.Join(c.Products, "、"), Facts: facts(t.Order, c.ID, t.Price, c.Price, t.OrderState, c.State, t.Shop, c.ShopName)}
	case kf.Channels:
		i.Card = &conversation.Card{Icon: "video", Kind: kind, Title: either(c.Title, c.Nickname), Text: c.Nickname}
	case kf.CALink:
		i.Card = &conversation.Card{Icon: "link", Kind: kind, Title: c.URL, Href: webOnly(c.URL)}
	case kf.Merged:
		i.Text = c.Title
		for _, item := range c.Items {
			i.Merged = append(i.Merged, conversation.MergedLine{Who: item.Sender, Text: mergedText(r, item.Message), At: item.Message.SentAt})
		}
	case kf.Empty:
		i.Card = &conversation.Card{Icon: "file-text", Kind: kind}
	default:
		i.Broken, i.Unknown, i.Raw = m.Kind == kf.KindBroken, m.Kind, rawWords(row.Raw)
	}
	return nil
}

// mergedText is one message of a forwarded record in a line.
func mergedText(r *request, m kf.Message) string {
	if text, ok := m.Content.(kf.Text); ok {
		return text.Content
	}
	return "[" + kindWords(r.t().Conversation, m.Kind) + "]"
}

// rawWords is an entry as it came, laid out where it is JSON of a sensible size: each step in makes every line longer.
func rawWords(raw []byte) string {
	var b bytes.Buffer
	if len(raw) <= rawShown && bytes.Count(raw, []byte("{"))+bytes.Count(raw, []byte("[")) <= rawParts && json.Indent(&b, raw, "", "  ") == nil {
		raw = b.Bytes()
	}
	if len(raw) > rawShown {
		return strings.ToValidUTF8(string(raw[:rawShown]), "") + "…"
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}

// facts lists the pairs that have a value.
func facts(pairs ...string) (list []ui.KV) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			list = append(list, ui.KV{Key: pairs[i], Value: pairs[i+1]})
		}
	}
	return list
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// webOnly is an address that a customer sent, if it leads to the web and nowhere else.
func webOnly(address string) string {
	if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
		return address
	}
	return ""
}

// yuan is a price in fen as people write it.
func yuan(fen string) string {
	n, err := strconv.ParseInt(fen, 10, 64)
	if err != nil || n < 0 {
		return fen
	}
	return fmt.Sprintf("¥%d.%02d", n/100, n%100)
}

func menuOf(c kf.Menu) *conversation.Menu {
	m := &conversation.Menu{Head: c.Head, Tail: c.Tail}
	for _, item := range c.Items {
		line := conversation.MenuLine{Text: item.Content}
		switch item.Type {
		case kf.ItemClick:
			line.Icon = "message-circle"
		case kf.ItemView:
			line.Icon, line.Href = "link", webOnly(item.URL)
		case kf.ItemMiniProgram:
			line.Icon = "app-window"
		}
		m.Items = append(m.Items, line)
	}
	return m
}

// talkMedia is the file of a message: ours, or why there is none.
func (s *Server) talkMedia(r *request, k *talk, row db.Message) (conversation.Media, error) {
	t := r.t().Conversation
	m := conversation.Media{Kind: row.Kind, Why: t.MediaWhy["none"]}
	file, ok := k.known.media[row.Media]
	if !ok {
		return m, nil
	}
	if file.State != db.MediaKept {
		m.Why = t.MediaWhy[file.State]
		return m, nil
	}
	m.Href, m.Why = href.Conversation(k.ID, "media", row.ID), ""
	m.Name, m.Size, m.Plays = plainName(file.Name), t.Size(file.Bytes), plays(file.Kind, file.MIME)
	if file.Kind != "voice" {
		return m, nil
	}
	lasts, err := s.voiceLasts(file)
	if errors.Is(err, db.ErrNotFound) {
		m.Href, m.Why = "", t.MediaWhy["failed"]
		return m, nil
	}
	// What WeCom calls the file says nothing.
	if m.Name = ""; lasts > 0 {
		m.Size = t.Span(lasts.Round(time.Second)) + " · " + m.Size
	}
	return m, err
}
