package kfsim

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"
)

// Content is what somebody writes: a msgtype and the fields of its object. Media without media_id is made: of Fields["data"]
// (bytes, or base64 text) named Fields["filename"], else a sample.
type Content struct {
	Type   string         `json:"type"`
	Fields map[string]any `json:"fields"`
}

// TextContent is a plain text.
func TextContent(text string) Content {
	return Content{"text", map[string]any{"content": text}}
}

var messageTypeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// receivable names, for each msgtype, the fields it cannot be without. Another type passes as it is: WeCom invents them too.
var receivable = map[string][]string{
	"text": {"content"}, "image": nil, "voice": nil, "video": nil, "file": nil,
	"location": {"latitude", "longitude"}, "link": {"title", "url"}, "business_card": {"userid"},
	"miniprogram": {"title", "appid", "pagepath"}, "msgmenu": {"list"},
	"channels_shop_product": {"product_id", "title"}, "channels_shop_order": {"order_id"}, "channels": {"sub_type", "nickname"},
	"merged_msg": {"title", "item"}, "note": nil, "meeting": nil, "schedule": nil,
}

// receiveLimits are the bytes over which media arrives as a notice in text.
var receiveLimits = map[string]int{"image": 2 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}

// content turns what somebody writes into the object of a message.
func (w *world) content(c Content, now time.Time) (kind string, body json.RawMessage, err error) {
	if c.Type == "" {
		c.Type = "text"
	}
	if !messageTypeForm.MatchString(c.Type) || c.Type == "event" {
		return "", nil, fmt.Errorf("type: not a msgtype: %s", cutAt(c.Type, 32))
	}
	fields := maps.Clone(c.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	if limit := receiveLimits[c.Type]; limit > 0 && fields["media_id"] == nil {
		file, err := givenMedia(c.Type, fields)
		if err != nil {
			return "", nil, err
		}
		if len(file.data) > limit {
			return "text", marshal(map[string]any{"content": tooLargeNotice(c.Type, limit)}), nil
		}
		fields = map[string]any{"media_id": w.addMedia(c.Type, file, now).ID}
	}
	for _, name := range receivable[c.Type] {
		if fields[name] == nil {
			return "", nil, fmt.Errorf("fields: %s has no %s", c.Type, name)
		}
	}
	if text, ok := fields["content"].(string); c.Type == "text" && (!ok || strings.TrimSpace(text) == "") {
		return "", nil, errors.New("fields: content is no text")
	}
	return c.Type, marshal(fields), nil
}

func tooLargeNotice(kind string, limit int) string {
	return fmt.Sprintf("[%s] 文件超过 %d MB，无法接收，请在企业微信客户端查看", kind, limit>>20)
}

// givenMedia is the file somebody sends, or a sample.
func givenMedia(kind string, fields map[string]any) (mediaFile, error) {
	name, _ := fields["filename"].(string)
	file := sampleMedia(kind, name)
	switch data := fields["data"].(type) {
	case nil:
		return file, nil
	case []byte:
		file.data = data
	case string:
		var err error
		if file.data, err = base64.StdEncoding.DecodeString(data); err != nil {
			return mediaFile{}, fmt.Errorf("fields: data is no base64: %w", err)
		}
	default:
		return mediaFile{}, errors.New("fields: data is neither bytes nor base64")
	}
	if file.contentType = ""; kind == "voice" || kind == "video" {
		rules, _ := mediaTypes(kind)
		file.contentType = rules.fallback
	}
	if len(file.data) == 0 {
		return mediaFile{}, errors.New("fields: data is empty")
	}
	return file, nil
}

// menuItem finds the text of a click item of a menu.
func (m *message) menuItem(id string) (string, error) {
	var menu struct {
		List []struct {
			Type  string `json:"type"`
			Click struct {
				ID      string `json:"id"`
				Content string `json:"content"`
			} `json:"click"`
		} `json:"list"`
	}
	if m.Type != "msgmenu" || json.Unmarshal(m.Body, &menu) != nil {
		return "", errors.New("not a menu")
	}
	for _, item := range menu.List {
		if item.Type == "click" && item.Click.ID == id {
			return item.Click.Content, nil
		}
	}
	return "", fmt.Errorf("the menu has no item %s", cutAt(id, 64))
}
