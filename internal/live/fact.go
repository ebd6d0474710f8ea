package live

import (
	"cmp"
	"encoding/json"
	"strings"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// factOf says what a row means. m is its content, as kf.ParseMessage reads it.
func factOf(row db.Message, m kf.Message) Fact {
	f := Fact{ID: row.ID, At: row.At, Seq: row.Seq, Origin: row.Origin, Message: row.Kind, Text: preview(row.Text)}
	if !row.RecalledAt.IsZero() {
		f.Message, f.Text = KindRecalled, ""
	}
	switch {
	case row.Kind == db.KindState:
		f.noted(row)
	case row.Origin == db.OriginConsole:
		f.sent(row, m)
	case m.Kind == kf.KindEvent:
		f.event(m)
	case row.Origin == db.OriginCustomer:
		f.Kind = FactCustomer
		if text, ok := m.Content.(kf.Text); ok {
			f.MenuID = text.MenuID
		}
	case row.Origin == db.OriginServicer:
		f.Kind = FactServicer
	}
	return f
}

// factsOf reads stored rows.
func factsOf(rows []db.Message) []Fact {
	facts := make([]Fact, 0, len(rows))
	for _, row := range rows {
		var m kf.Message
		if row.Kind != db.KindState {
			m = kf.ParseMessage(row.Raw)
		}
		facts = append(facts, factOf(row, m))
	}
	return facts
}

func (f *Fact) noted(row db.Message) {
	var note db.StateNote
	if json.Unmarshal(row.Raw, &note) != nil || note.State < 0 || note.State > int(kf.StateEnded) {
		return
	}
	f.Kind, f.To, f.Servicer = FactMoved, note.State, cmp.Or(note.Servicer, row.ServicerID)
	if note.Reason == db.ReasonExpired {
		// Says nothing by itself: had the customer written meanwhile, the 48 hours would not be over.
		f.Kind = FactExpired
	}
}

func (f *Fact) sent(row db.Message, m kf.Message) {
	switch row.Delivery {
	case db.DeliveryRefused, db.DeliveryNotSent:
		return
	}
	if row.Coded != "" {
		_, menu := m.Content.(kf.Menu)
		f.Kind, f.Asks = FactCoded, row.Coded == db.SceneEnding && (menu || row.Kind == kf.KindMenu)
		return
	}
	f.Kind = FactTried
	if row.Delivery == db.DeliveryAccepted {
		f.Kind = FactSent
	}
}

func (f *Fact) event(m kf.Message) {
	switch e := m.Content.(type) {
	case kf.EnterSession:
		f.Kind, f.Scene, f.SceneParam = FactEntered, e.Scene, e.SceneParam
	case kf.SendFailed:
		f.Kind, f.Target = FactFailed, string(e.Message)
	case kf.Recalled:
		f.Kind, f.Target = FactRecalled, string(e.Message)
	case kf.RejectSwitch:
		f.Kind, f.On = FactRefusal, e.On
	case kf.SessionChange:
		switch e.Type {
		case kf.SessionPicked, kf.SessionTransferred, kf.SessionReopened:
			f.Kind, f.Servicer = FactTaken, string(e.New)
		case kf.SessionEnded:
			f.Kind = FactEnded
		}
	}
}

// previewRunes bounds the last message as lists show it.
const previewRunes = 120

func preview(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	n := 0
	for i := range text {
		if n++; n > previewRunes {
			return text[:i] + "…"
		}
	}
	return text
}

// Words is what of a message can be read and searched for: text, titles, names. It is empty for events and for what only
// can be looked at or heard.
func Words(m kf.Message) string {
	return strings.Join(strings.Fields(strings.Join(words(m, 0), " \n")), " ")
}

// mostNested bounds chat records within chat records.
const mostNested = 4

func words(m kf.Message, depth int) []string {
	switch c := m.Content.(type) {
	case kf.Text:
		return []string{c.Content}
	case kf.Location:
		return []string{c.Name, c.Address}
	case kf.LinkCard:
		return []string{c.Title, c.Desc, c.URL}
	case kf.BusinessCard:
		return []string{string(c.User)}
	case kf.MiniProgram:
		return []string{c.Title}
	case kf.Menu:
		list := []string{c.Head}
		for _, item := range c.Items {
			list = append(list, item.Content)
		}
		return append(list, c.Tail)
	case kf.Product:
		return []string{c.Title, c.ShopName, c.ID}
	case kf.Order:
		return append([]string{c.ID, c.ShopName, c.Price, c.State}, c.Products...)
	case kf.Channels:
		return []string{c.Nickname, c.Title}
	case kf.CALink:
		return []string{c.URL}
	case kf.Merged:
		list := []string{c.Title}
		for _, item := range c.Items {
			if depth < mostNested {
				list = append(append(list, item.Sender), words(item.Message, depth+1)...)
			}
		}
		return list
	}
	return nil
}

// rowKind is the kind under which a message is stored: the msgtype, and for events their event_type.
func rowKind(m kf.Message) string {
	if m.Kind != kf.KindEvent {
		return m.Kind
	}
	return cmp.Or(m.EventType(), kf.KindEvent)
}
