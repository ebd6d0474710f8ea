package server

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/live"
	"kfconsole/web/templates/health"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// shownClocks is how many accounts the health page lists, the worst first.
const shownClocks = 100

// health shows whether messages are missed, callbacks arrive and room is left.
func (s *Server) health(r *request) error {
	t := r.t().Health
	m := health.Model{Callback: health.Callback{On: s.Callback != nil, Address: s.callbackAddress(r)}}
	lag, err := s.allLag(r)
	if err != nil {
		return err
	}
	if m.Accounts, err = s.healthClocks(r, lag[:min(len(lag), shownClocks)]); err != nil {
		return err
	}
	if len(lag) > shownClocks {
		m.Note = t.Sync.Worst(shownClocks)
	}
	notes, err := s.DB.CallbackNotes(r.ctx)
	if err != nil {
		return err
	}
	s.healthCallback(r, &m, notes)
	unplaced, err := s.DB.UnplacedCounts(r.ctx)
	if err != nil {
		return err
	}
	m.Broken = unplaced[kf.KindBroken]
	if err := s.healthMedia(r, &m); err != nil {
		return err
	}
	s.healthStreams(r, &m)
	m.Problems = s.healthProblems(r, lag, m)
	m.Tiles = s.healthTiles(r, lag, m)
	return s.reply(r, layout.Page{Title: t.Title, Nav: layout.Health, Facts: []templ.Component{ui.Text(t.Lead)}}, health.Page(r.view, m))
}

// callbackAddress is what an administrator enters at WeCom.
func (s *Server) callbackAddress(r *request) string {
	if s.PublicURL != nil {
		return s.PublicURL.Scheme + "://" + s.PublicURL.Host + href.Callback
	}
	return "http://" + r.host() + href.Callback
}

// severity orders the levels, the worst last.
func severity(l live.Level) int {
	return slices.Index([]live.Level{live.SafetyOK, live.SafetyNever, live.SafetyAmber, live.SafetyRed, live.SafetyLost}, l)
}

func levelTone(l live.Level) ui.Tone {
	switch l {
	case live.SafetyOK:
		return ui.ToneOK
	case live.SafetyNever:
		return ui.ToneNeutral
	case live.SafetyAmber:
		return ui.ToneWarn
	}
	return ui.ToneDanger
}

// allLag is how the sync of every account is doing, the worst first: those that are managed, and those that once were as
// long as the sync remembers them.
func (s *Server) allLag(r *request) ([]live.AccountLag, error) {
	list, err := s.Syncer.Lag(r.ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, l := range list {
		known[l.AccountID] = true
	}
	for at := db.Cursor(""); ; {
		accounts, page, err := s.DB.Accounts(r.ctx, db.AccountFilter{Filter: db.FilterManaged}, at, perRead)
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			if !known[a.ID] {
				list = append(list, live.AccountLag{AccountID: a.ID, Safety: live.Safety{Level: live.SafetyNever}})
			}
		}
		if at = page.Next; at == "" {
			break
		}
	}
	slices.SortFunc(list, func(a, b live.AccountLag) int {
		return cmp.Or(severity(b.Safety.Level)-severity(a.Safety.Level), b.State.Failures-a.State.Failures, cmp.Compare(b.Lag, a.Lag), cmp.Compare(a.AccountID, b.AccountID))
	})
	return list, nil
}

// perRead is how many rows are read at once where all are needed.
const perRead = 1000

func (s *Server) healthClocks(r *request, lag []live.AccountLag) ([]health.Account, error) {
	t := r.t().Health.Sync
	var out []health.Account
	for _, l := range lag {
		a := health.Account{Name: l.AccountID, Tone: levelTone(l.Safety.Level), Level: t.Levels[string(l.Safety.Level)], Messages: strconv.FormatInt(l.State.Messages, 10)}
		account, err := s.DB.Account(r.ctx, l.AccountID)
		switch {
		case err == nil:
			a.Name, a.Picture, a.Href = account.Name, pictureHref(account), href.Account(account.ID)
		case classifyStatus(err) != http.StatusNotFound:
			return nil, err
		}
		a.LastGood = moment(l.State.OKAt)
		if l.Lag > 0 {
			a.Waiting = t.Span(int(l.Lag.Seconds()))
		}
		if l.State.Error != "" || l.State.Errcode != 0 {
			a.Trouble, a.Failures = explain(r.t().Lang, l.State.Errcode, l.State.Error).Meaning, t.Failed(l.State.Failures)
		}
		out = append(out, a)
	}
	return out, nil
}

func classifyStatus(err error) int {
	status, _ := classify(err)
	return status
}

// moment is nil for the time that never was.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// healthCallback sorts what was noted: when known events came last, and what else came.
func (s *Server) healthCallback(r *request, m *health.Model, notes []db.CallbackNote) {
	t := r.t().Health
	for _, n := range notes {
		switch n.Kind {
		case callback.KindMessages, callback.KindAuthChange:
			if m.Callback.Last == nil || n.LastAt.After(*m.Callback.Last) {
				m.Callback.Last = &n.LastAt
			}
			continue
		}
		kind := n.Kind
		if kind == noteMalformed {
			kind = t.Strange.Malformed
		}
		m.Strange = append(m.Strange, health.Strange{Kind: kind, Count: strconv.FormatInt(n.Count, 10), First: n.FirstAt, Last: n.LastAt})
	}
	slices.SortStableFunc(m.Strange, func(a, b health.Strange) int { return b.Last.Compare(a.Last) })
	for _, result := range callResults() {
		if n := s.door.counts[result].Load(); n > 0 {
			m.Callback.Results = append(m.Callback.Results, ui.KV{Key: t.Callback.Kinds[result], Value: strconv.FormatInt(n, 10)})
		}
	}
}

// healthMedia says how much room pictures, voices and files take, and what became of them.
func (s *Server) healthMedia(r *request, m *health.Model) error {
	t := r.t().Health
	used, err := s.DB.BlobBytes(r.ctx)
	if err != nil {
		return err
	}
	counts, err := s.DB.MediaCounts(r.ctx)
	if err != nil {
		return err
	}
	const unit = 1 << 20
	quota := s.mediaQuota()
	m.Used = used
	m.Room = ui.MeterModel{Label: t.MediaUsed, Value: int(used / unit), Max: int(quota / unit), Words: t.Bytes(bytesWords(used), bytesWords(quota))}
	for _, state := range slices.Sorted(maps.Keys(counts)) {
		m.Media = append(m.Media, ui.KV{Key: t.MediaStates[state], Value: strconv.Itoa(counts[state])})
	}
	return nil
}

// bytesWords is a number of bytes in the unit that suits it, the same in both languages.
func bytesWords(n int64) string {
	value, unit := float64(n), "B"
	for _, next := range []string{"KB", "MB", "GB", "TB"} {
		if value < 1024 {
			break
		}
		value, unit = value/1024, next
	}
	precision := 1
	if value >= 10 || unit == "B" {
		precision = 0
	}
	return strconv.FormatFloat(value, 'f', precision, 64) + " " + unit
}

// healthStreams counts the browsers that watch, and why others no longer do.
func (s *Server) healthStreams(r *request, m *health.Model) {
	t := r.t().Health
	m.Streams = []ui.KV{{Key: r.t().Frame.LiveOn, Value: t.Browsers(s.streams.count())}}
	for _, why := range streamEnds() {
		if n := s.streams.ended[why].Load(); n > 0 {
			m.Ended = append(m.Ended, ui.KV{Key: t.Ends[why], Value: strconv.FormatInt(n, 10)})
		}
	}
}
