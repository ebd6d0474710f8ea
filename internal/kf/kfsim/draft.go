package kfsim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits of what send_msg takes, in bytes.
const (
	maxText      = 2048
	maxLinkTitle = 128
	maxLinkDesc  = 512
	maxURL       = 2048
	maxMiniTitle = 64
	maxMenuText  = 1024
	maxMenuItems = 10
)

// sendable are the msgtypes of send_msg. The others can only be received.
var sendable = []string{"text", "image", "voice", "video", "file", "link", "miniprogram", "msgmenu", "location", "ca_link"}

// draft is a message on its way in.
type draft struct {
	kind  string
	body  json.RawMessage
	media []neededMedia
}

// neededMedia must be alive and of its type when the message is sent.
type neededMedia struct{ id, kind string }

// draft reads msgtype and the object it names. menuItems is how many items a menu may have.
func (f *fields) draft(kinds []string, menuItems int) *draft {
	d := &draft{kind: f.needed("msgtype", 0)}
	f.read = append(f.read, d.kind)
	if f.err != nil {
		return d
	}
	if !slices.Contains(kinds, d.kind) {
		f.c.violate(kindRange, "msgtype", "one of "+strings.Join(kinds, ", "))
		f.fail(refuse(40008, "msgtype: one of %s", strings.Join(kinds, ", ")))
		return d
	}
	if d.body = f.raw[d.kind]; len(d.body) == 0 || string(d.body) == "null" {
		f.missing(d.kind)
		return d
	}
	f.object(d.kind, func(inner *fields) {
		if d.kind == "msgmenu" {
			inner.menu(menuItems)
			return
		}
		d.payload(inner)
	})
	return d
}

// payload reads the object of every msgtype but the menu.
func (d *draft) payload(f *fields) {
	switch d.kind {
	case "text":
		f.messageText()
	case "image", "voice", "video", "file":
		d.needs(f, "media_id", d.kind)
	case "link":
		title, desc := f.cut("title", maxLinkTitle), f.cut("desc", maxLinkDesc)
		address := f.address("url", maxURL)
		if title == "" {
			f.missing("title")
		}
		d.needs(f, "thumb_media_id", "image")
		d.body = marshal(map[string]any{"title": title, "desc": desc, "url": address, "thumb_media_id": d.lastMedia()})
	case "miniprogram":
		title := f.cut("title", maxMiniTitle)
		app, path := f.needed("appid", 0), f.needed("pagepath", 0)
		d.needs(f, "thumb_media_id", "image")
		d.body = marshal(map[string]any{"title": title, "appid": app, "pagepath": path, "thumb_media_id": d.lastMedia()})
	case "location":
		f.decimal("latitude", 90)
		f.decimal("longitude", 180)
		f.text("name", 0)
		f.text("address", 0)
	case "ca_link":
		if address := f.address("link_url", maxURL); f.err == nil && !strings.HasPrefix(address, "https://work.weixin.qq.com/ca/") {
			f.outOfRange("link_url", "a customer-acquisition link")
		}
	}
}

// messageText reads the content of a text.
func (f *fields) messageText() {
	content, ok := f.text("content", 0)
	switch {
	case f.err != nil:
	case !ok || strings.TrimSpace(content) == "":
		f.c.violate(kindMissing, f.path+"content", "required")
		f.fail(refuse(44004, ""))
	case len(content) > maxText:
		f.c.violate(kindTooLong, f.path+"content", fmt.Sprintf("at most %d bytes", maxText))
		f.fail(refuse(45002, "at most %d bytes", maxText))
	}
}

// address reads a required web address.
func (f *fields) address(name string, limit int) string {
	value, _ := f.text(name, 0)
	switch {
	case f.err != nil:
	case value == "":
		f.missing(name)
	case len(value) > limit:
		f.c.violate(kindTooLong, f.path+name, fmt.Sprintf("at most %d bytes", limit))
		f.fail(refuse(40039, "at most %d bytes", limit))
	case !strings.HasPrefix(value, "http://") && !strings.HasPrefix(value, "https://"):
		f.c.violate(kindRange, f.path+name, "http:// or https://")
		f.fail(refuse(45034, ""))
	}
	return value
}

// needs reads a required media_id.
func (d *draft) needs(f *fields, name, kind string) {
	id, _ := f.text(name, 0)
	if f.err == nil && id == "" {
		f.c.violate(kindMissing, f.path+name, "required")
		f.fail(refuse(41006, ""))
	}
	d.media = append(d.media, neededMedia{id, kind})
}

func (d *draft) lastMedia() string { return d.media[len(d.media)-1].id }

// check judges the media of a draft.
func (d *draft) check(w *world, now time.Time) error {
	for _, need := range d.media {
		m, err := w.liveMedia(need.id, now)
		if err != nil {
			return err
		}
		if m.Type != need.kind {
			return refuse(40007, "media of type %s is needed", need.kind)
		}
	}
	return nil
}

// menu reads the object of a msgmenu. Items that can be tapped are limited to ten; send_msg takes texts between them as well.
func (f *fields) menu(most int) {
	head, _ := f.text("head_content", maxMenuText)
	tail, _ := f.text("tail_content", maxMenuText)
	var items []json.RawMessage
	if raw := f.value("list"); raw != nil {
		if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
			f.malformed("list", "an array is needed")
			return
		}
	}
	if head == "" && tail == "" && len(items) == 0 {
		f.missing("list")
	}
	tapped := 0
	for i, raw := range items {
		f.inside(fmt.Sprintf("list[%d]", i), raw, func(item *fields) {
			if item.menuItem() != "text" {
				tapped++
			}
		})
	}
	if len(items) > maxMenuItems {
		f.c.violate(kindTooMany, f.path+"list", fmt.Sprintf("%d items, %d are safe", len(items), maxMenuItems))
	}
	if len(items) > most || tapped > maxMenuItems {
		f.fail(refuse(95008, "at most %d", maxMenuItems))
	}
}

// menuItem reads one item and returns its type.
func (f *fields) menuItem() string {
	kind := f.needed("type", 0)
	if f.err != nil {
		return kind
	}
	readers := map[string]func(*fields){
		"click": func(f *fields) {
			f.text("id", 128)
			f.needed("content", 128)
		},
		"view": func(f *fields) {
			f.address("url", maxURL)
			f.needed("content", maxMenuText)
		},
		"miniprogram": func(f *fields) {
			f.needed("appid", 32)
			f.needed("pagepath", maxMenuText)
			f.needed("content", maxMenuText)
		},
		"text": func(f *fields) {
			f.needed("content", 256)
			f.number("no_newline", 0, 1, 0)
		},
	}
	reader, ok := readers[kind]
	if !ok {
		f.c.violate(kindRange, f.path+"type", "click, view, miniprogram or text")
		f.fail(refuse(95009, ""))
		return kind
	}
	f.object(kind, reader)
	return kind
}
