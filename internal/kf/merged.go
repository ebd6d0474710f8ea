package kf

import "encoding/json"

// maxMergedDepth bounds how deep a chat record within a chat record is read.
const maxMergedDepth = 4

// mergedPayload has two spellings of its list in the sources.
type mergedPayload struct {
	Title looseString  `json:"title"`
	Items looseEntries `json:"item"`
	Old   looseEntries `json:"items"`

	depth int
}

// looseEntries is a list of anything; what is no list reads as an empty one.
type looseEntries []json.RawMessage

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (l *looseEntries) UnmarshalJSON(b []byte) error {
	_ = json.Unmarshal(b, (*[]json.RawMessage)(l))
	return nil
}

type mergedItemPayload struct {
	SentAt  looseInt    `json:"send_time"`
	Kind    looseString `json:"msgtype"`
	Sender  looseString `json:"sender_name"`
	Content looseJSON   `json:"msg_content"`
}

// looseJSON is JSON that may come within a string.
type looseJSON []byte

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (j *looseJSON) UnmarshalJSON(b []byte) error {
	var s string
	if b[0] == '"' && json.Unmarshal(b, &s) == nil {
		b = []byte(s)
	}
	*j = append(looseJSON(nil), b...)
	return nil
}

func (p *mergedPayload) content() any {
	items := p.Items
	if len(items) == 0 {
		items = p.Old
	}
	merged := Merged{Title: string(p.Title)}
	for _, raw := range items {
		merged.Items = append(merged.Items, mergedItem(raw, p.depth+1))
	}
	return merged
}

// mergedItem reads an item of a chat record. WeCom does not say whether its
// content is the payload of the message or an object that holds the payload
// under the name of the kind.
func mergedItem(raw []byte, depth int) MergedItem {
	item := MergedItem{Message: Message{Raw: validJSON(raw), Kind: KindBroken, Content: Unsupported{}}}
	var p mergedItemPayload
	if !isObject(item.Message.Raw) || json.Unmarshal(item.Message.Raw, &p) != nil {
		return item
	}
	item.Sender, item.Message.SentAt = string(p.Sender), sentAt(p.SentAt)
	kind := string(p.Kind)
	if kind == "" || kind == KindEvent || kind == KindBroken || depth > maxMergedDepth {
		return item
	}
	inner := validJSON(p.Content)
	var fields map[string]json.RawMessage
	if isObject(inner) && json.Unmarshal(inner, &fields) == nil && isObject(fields[kind]) {
		inner = fields[kind]
	}
	if content, ok := readPayload(kind, inner, depth); ok {
		item.Message.Kind, item.Message.Content = kind, content
	}
	return item
}
