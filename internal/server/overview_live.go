package server

import (
	"strconv"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// liveTiles are the numbers of the conversations as they are now.
func (s *Server) liveTiles(r *request, accounts db.AccountCounts) ([]ui.TileModel, error) {
	t, states := r.t().Overview.Live, []int{db.StateNew, db.StateQueue, db.StateHuman, db.StateAssistant}
	names := map[int]string{db.StateNew: t.New, db.StateQueue: t.Queue, db.StateHuman: t.Human, db.StateAssistant: t.Assistant}
	icons := map[int]string{db.StateNew: "circle-dashed", db.StateQueue: "hourglass", db.StateHuman: "user-check", db.StateAssistant: "bot"}
	tones := map[int]ui.Tone{db.StateNew: ui.ToneWarn, db.StateQueue: ui.ToneWarn, db.StateHuman: ui.ToneOK, db.StateAssistant: ui.ToneInfo}
	counts, err := s.DB.ConversationCounts(r.ctx, db.ConversationFilter{})
	if err != nil {
		return nil, err
	}
	var tiles []ui.TileModel
	for _, state := range states {
		n := counts.ByState[state]
		tile := ui.TileModel{Label: names[state], Icon: icons[state], Value: strconv.Itoa(n), Href: href.Q("state", strconv.Itoa(state)).On(href.Conversations)}
		if tile.Note, err = s.longestWait(r, state, n); err != nil {
			return nil, err
		}
		if n > 0 {
			tile.Tone = tones[state]
		}
		if state == db.StateHuman && tile.Note == t.NobodyWaits {
			tile.Note = t.OnDuty(accounts.Serving)
		}
		tiles = append(tiles, tile)
	}
	first, err := s.firstReply(r)
	return append(tiles, first), err
}

// longestWait says how long the customer has waited who waits longest in a state.
func (s *Server) longestWait(r *request, state, n int) (string, error) {
	t := r.t().Overview.Live
	if n == 0 {
		return t.NobodyWaits, nil
	}
	list, _, err := s.DB.Conversations(r.ctx, db.ConversationFilter{States: []int{state}}, "", 1)
	if err != nil || len(list) == 0 || list[0].WaitingSince.IsZero() {
		return t.NobodyWaits, err
	}
	return t.Longest(r.t().Conversation.Span(r.view.Now.Sub(list[0].WaitingSince))), nil
}

// firstReply is the median of today's first replies, of the Beijing day.
func (s *Server) firstReply(r *request) (ui.TileModel, error) {
	t := r.t().Overview.Live
	today := kf.StatisticDay(r.view.Now)
	median, n, err := s.DB.FirstReplyMedian(r.ctx, today, today.AddDate(0, 0, 1))
	tile := ui.TileModel{Label: t.FirstReply, Icon: "clock", Value: "–", Note: t.NoReply}
	if n > 0 {
		tile.Value, tile.Note = r.t().Conversation.Span(median), t.Median(n)
	}
	return tile, err
}
