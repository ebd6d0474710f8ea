package server

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// talkFlow is the timeline: its newest rows, older ones, or what a search in it finds.
func (s *Server) talkFlow(r *request, k *talk) (conversation.Flow, error) {
	f := conversation.Flow{Sealed: !r.can(auth.ViewMessages)}
	if f.Q = r.query("q"); f.Q != "" && !f.Sealed && r.c.Method() == http.MethodGet {
		return s.talkFound(r, k, f)
	}
	f.Q = ""
	rows, page, err := s.talkRows(r, k)
	if err != nil {
		return f, err
	}
	if f.Old = page.Prev != ""; f.Old {
		f.Latest = k.self()
	}
	if page.Next != "" {
		f.Earlier = k.board.q.With("before", string(page.Next)).On(href.Conversation(k.ID))
	}
	slices.Reverse(rows)
	f.Items, err = s.talkItems(r, k, rows)
	return f, err
}

// talkRows reads the newest rows, those before a place, or those around a message.
func (s *Server) talkRows(r *request, k *talk) ([]db.Message, db.Page, error) {
	if r.c.Method() != http.MethodGet {
		return s.DB.Timeline(r.ctx, k.ID, "", perTimeline)
	}
	if r.query("at") == "" {
		return s.DB.Timeline(r.ctx, k.ID, db.Cursor(r.query("before")), perTimeline)
	}
	seq, err := strconv.ParseInt(r.query("at"), 10, 64)
	if err != nil {
		return nil, db.Page{}, badRequest("at")
	}
	return s.DB.TimelineAround(r.ctx, k.ID, seq, newerShown, perTimeline)
}

// newerShown is how many messages are shown after one that is looked at in its place.
const newerShown = 12

// itemKey is the id of a row on the page.
func itemKey(row db.Message) string { return "m" + strconv.FormatInt(row.Seq, 10) }

// inPlace is the address of the timeline around a message.
func inPlace(q href.Query, row db.Message) string {
	return q.With("at", strconv.FormatInt(row.Seq, 10)).On(href.Conversation(row.ConversationID)) + "#" + itemKey(row)
}

// talkFound is what a search finds, the newest last as in the timeline.
func (s *Server) talkFound(r *request, k *talk, f conversation.Flow) (conversation.Flow, error) {
	if len(f.Q) > 200 {
		return f, badRequest("q")
	}
	hits, page, err := s.DB.SearchMessages(r.ctx, f.Q, db.MessageFilter{Conversation: k.ID}, "", perTimeline)
	if err != nil {
		return f, err
	}
	var rows []db.Message
	for _, hit := range hits {
		rows = append(rows, hit.Message)
	}
	slices.SortFunc(rows, func(a, b db.Message) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq)) })
	f.Found, f.More, f.Clear = len(rows), page.Next != "", k.self()
	f.Items, err = s.talkItems(r, k, rows)
	for n := range f.Items {
		f.Items[n].InPlace = inPlace(k.board.q, rows[n])
	}
	return f, err
}

// talkItems shapes rows, the oldest first.
func (s *Server) talkItems(r *request, k *talk, rows []db.Message) ([]conversation.Item, error) {
	if err := s.learn(r.ctx, k, rows); err != nil {
		return nil, err
	}
	day := ""
	var items []conversation.Item
	for _, row := range rows {
		i, err := s.talkItem(r, k, row)
		if err != nil {
			return nil, err
		}
		if d := dayWords(r, row.At); d != day {
			day, i.Day = d, d
		}
		items = append(items, i)
	}
	return items, nil
}

// dayWords names the day of a moment in the reader's zone.
func dayWords(r *request, at time.Time) string {
	t, date := r.t().Conversation, at.In(r.view.Zone).Format(time.DateOnly)
	switch now := r.view.Now.In(r.view.Zone); date {
	case now.Format(time.DateOnly):
		return t.Today
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return t.Yesterday
	}
	return date
}

func (s *Server) talkItem(r *request, k *talk, row db.Message) (conversation.Item, error) {
	i := conversation.Item{Key: itemKey(row), At: row.At}
	if row.Kind == db.KindState {
		i.Line = stateLine(r, row, k.known.people)
		return i, nil
	}
	m := kf.ParseMessage(row.Raw)
	if m.Kind == kf.KindEvent {
		line := eventLine(r, k, m)
		i.Line = &line
		return i, nil
	}
	t := r.t().Conversation
	switch row.Origin {
	case db.OriginConsole:
		i.Who, i.Delivery = conversation.Console, deliveryOf(r, k, row)
		if row.OperatorName != "" {
			i.Name = t.Assistant(row.OperatorName)
		}
	case db.OriginServicer:
		i.Who, i.Name = conversation.Servicer, nameIn(k.known.people, row.ServicerID)
	default:
		i.Who = conversation.Customer
	}
	i.Coded = t.Coded[row.Coded]
	if !row.RecalledAt.IsZero() {
		i.Recalled = t.RecalledBy["servicer"]
		if row.Origin == db.OriginCustomer {
			i.Recalled = t.RecalledBy["customer"]
		}
	}
	if !r.can(auth.ViewMessages) {
		i.Sealed = t.SealedKind(kindWords(t, row.Kind))
		return i, nil
	}
	return i, s.fillContent(r, k, row, m, &i)
}

// deliveryOf says what became of a message of ours.
func deliveryOf(r *request, k *talk, row db.Message) *conversation.Delivery {
	t := r.t().Conversation
	d := conversation.Delivery{Words: t.Deliveries[row.Delivery]}
	if r.can(auth.ViewAudit) && row.OperatorID != "" {
		d.Audit = href.AuditEntry(row.ID)
	}
	switch row.Delivery {
	case db.DeliverySending:
		d.Tone, d.Icon = ui.ToneNeutral, "hourglass"
	case db.DeliveryAccepted:
		d.Tone, d.Icon = ui.ToneOK, "check"
	case db.DeliveryFailed:
		d.Tone, d.Icon, d.Why = ui.ToneDanger, "circle-x", failWords(r, row.FailType)
	case db.DeliveryUnknown:
		d.Tone, d.Icon, d.Why = ui.ToneWarn, "hourglass", t.SettleText
		if r.can(auth.SendMessages) && row.OperatorID != "" {
			d.Settle, d.SettleFields = href.AuditEntry(row.ID, "settle"), []ui.Pair{{"return", k.self()}}
		}
	case db.DeliveryRefused, db.DeliveryNotSent:
		d.Tone, d.Icon = ui.ToneDanger, "circle-x"
	default:
		return nil
	}
	return &d
}

// failWords says why a message did not arrive.
func failWords(r *request, failType int) string {
	t := r.t().Conversation
	if words, ok := t.FailTypes[failType]; ok {
		return words
	}
	return t.FailTypes[0] + " (" + strconv.Itoa(failType) + ")"
}

// stateLine tells of a change of state that was made or noticed here.
func stateLine(r *request, row db.Message, people map[string]db.Person) *conversation.Line {
	t := r.t().Conversation
	var note db.StateNote
	if json.Unmarshal(row.Raw, &note) != nil {
		return &conversation.Line{Icon: "triangle-alert", Words: t.UnknownEvent(row.Kind), Tone: ui.ToneWarn}
	}
	line := &conversation.Line{Icon: "arrow-right", Tone: ui.ToneNeutral}
	state := t.States[note.State]
	switch {
	case note.Reason == db.ReasonExpired:
		line.Icon, line.Words = "clock", t.Expired
	case note.Reason == db.ReasonChecked || row.OperatorName == "":
		line.Icon, line.Words = "refresh-cw", t.StateFound(state)
	case note.Servicer != "":
		line.Words = t.MovedTo(row.OperatorName, state, nameIn(people, note.Servicer))
	default:
		line.Words = t.Moved(row.OperatorName, state)
	}
	return line
}

// eventLine tells of an event.
func eventLine(r *request, k *talk, m kf.Message) conversation.Line {
	t := r.t().Conversation
	name := func(id kf.UserID) string { return nameIn(k.known.people, string(id)) }
	line := func(icon string, tone ui.Tone, words string) conversation.Line {
		return conversation.Line{Icon: icon, Words: words, Tone: tone}
	}
	switch e := m.Content.(type) {
	case kf.EnterSession:
		if e.Scene == "" {
			return line("log-in", ui.ToneNeutral, t.Entered)
		}
		return line("log-in", ui.ToneNeutral, t.EnteredScene(k.known.scenes[e.Scene].name))
	case kf.SendFailed:
		return line("circle-x", ui.ToneDanger, t.NotDelivered(failWords(r, e.Type)))
	case kf.SessionChange:
		switch e.Type {
		case kf.SessionPicked:
			return line("user-check", ui.ToneOK, t.Picked(name(e.New)))
		case kf.SessionTransferred:
			return line("arrow-right", ui.ToneOK, t.TransferredFrom(name(e.Old), name(e.New)))
		case kf.SessionEnded:
			return line("circle-check", ui.ToneNeutral, t.EndedBy(name(e.Old)))
		case kf.SessionReopened:
			return line("user-check", ui.ToneOK, t.Reopened(name(e.New)))
		}
	case kf.Recalled:
		if e.ByServicer {
			return line("undo-2", ui.ToneNeutral, t.ServicerRecalled(name(e.Servicer)))
		}
		return line("undo-2", ui.ToneNeutral, t.CustomerRecalled)
	case kf.RejectSwitch:
		if e.On {
			return line("ban", ui.ToneWarn, t.RefusalOn(name(e.Servicer)))
		}
		return line("circle-check", ui.ToneNeutral, t.RefusalOff(name(e.Servicer)))
	}
	return line("triangle-alert", ui.ToneWarn, t.UnknownEvent(m.EventType()))
}
