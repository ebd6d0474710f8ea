package server

import (
	"strconv"

	"kfconsole/internal/live"
	"kfconsole/web/templates/health"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// mediaQuota is how many bytes may be kept.
func (s *Server) mediaQuota() int64 {
	if s.MediaQuota > 0 {
		return s.MediaQuota
	}
	return live.DefaultMediaQuota
}

// late counts the accounts that have gone too long without a good sync, and finds the worst level.
func late(lag []live.AccountLag) (n int, worst live.Level) {
	worst = live.SafetyOK
	for _, l := range lag {
		if severity(l.Safety.Level) < severity(live.SafetyAmber) {
			continue
		}
		n++
		if severity(l.Safety.Level) > severity(worst) {
			worst = l.Safety.Level
		}
	}
	return n, worst
}

// healthProblems is what needs a person now.
func (s *Server) healthProblems(r *request, lag []live.AccountLag, m health.Model) []layout.Banner {
	t := r.t().Health
	var list []layout.Banner
	if n, worst := late(lag); n > 0 {
		list = append(list, layout.Banner{Tone: levelTone(worst), Title: t.Sync.Late(n), Text: t.Sync.Advice[string(worst)]})
	}
	if !m.Callback.On {
		list = append(list, layout.Banner{Tone: ui.ToneWarn, Title: t.Callback.Off, Text: t.Callback.OffText})
	} else if m.Callback.Last == nil {
		list = append(list, layout.Banner{Tone: ui.ToneInfo, Title: t.Callback.Last + " " + t.Callback.LastNever, Text: t.Callback.NeverText})
	}
	if s.door.counts[callStale].Load() > 0 {
		list = append(list, layout.Banner{Tone: ui.ToneWarn, Title: t.Callback.Clock, Text: t.Callback.ClockText})
	}
	if s.door.counts[callRejected].Load() > 0 {
		list = append(list, layout.Banner{Tone: ui.ToneInfo, Title: t.Callback.Refused, Text: t.Callback.RefusedText})
	}
	if m.Room.Value >= m.Room.Max {
		list = append(list, layout.Banner{Tone: ui.ToneDanger, Title: t.MediaUsed + " " + m.Room.Words, Text: t.MediaFull})
	}
	return list
}

// healthTiles sums the page up.
func (s *Server) healthTiles(r *request, lag []live.AccountLag, m health.Model) []ui.TileModel {
	t := r.t().Health
	n, worst := late(lag)
	safe := ui.TileModel{Label: t.Sync.Title, Icon: "shield-check", Value: strconv.Itoa(len(lag) - n), Note: t.Sync.AllGood, Tone: ui.ToneOK}
	if n > 0 {
		safe.Value, safe.Note, safe.Tone = strconv.Itoa(n), t.Sync.Late(n), levelTone(worst)
	}
	calls := ui.TileModel{Label: t.Callback.Title, Icon: "inbox", Value: strconv.FormatInt(s.door.counts[callHeeded].Load(), 10), Note: t.Callback.Results, Tone: ui.ToneOK}
	if !m.Callback.On {
		calls.Note, calls.Tone = t.Callback.Off, ui.ToneWarn
	}
	watching := s.streams.count()
	streams := ui.TileModel{Label: t.Streams, Icon: "activity", Value: strconv.Itoa(watching), Note: t.Browsers(watching), Tone: ui.ToneOK}
	if watching == 0 {
		streams.Note, streams.Tone = t.StreamsNone, ui.ToneNeutral
	}
	room := ui.TileModel{Label: t.Media, Icon: "image", Value: bytesWords(m.Used), Note: m.Room.Words, Tone: ui.ToneOK}
	if m.Room.Value >= m.Room.Max {
		room.Tone = ui.ToneDanger
	}
	odd := ui.TileModel{Label: t.Strange.Title, Icon: "search-x", Value: strconv.Itoa(len(m.Strange) + m.Broken), Note: t.Strange.None, Tone: ui.ToneOK}
	if len(m.Strange)+m.Broken > 0 {
		odd.Note, odd.Tone, odd.Href = t.Strange.Note, ui.ToneWarn, href.Health+"#strange"
	}
	return []ui.TileModel{safe, calls, streams, room, odd}
}
