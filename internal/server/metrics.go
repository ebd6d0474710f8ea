package server

import (
	"bytes"
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"kfconsole/internal/live"
)

// metricsWithin bounds the reading of one set of metrics.
const metricsWithin = 5 * time.Second

// metrics answers a monitor with counts in the text format of Prometheus 0.0.4: no names, no texts, no addresses of people.
func (s *Server) metrics(c *fiber.Ctx) error {
	if !s.mayMeasure(c) {
		return c.SendStatus(http.StatusForbidden)
	}
	ctx, cancel := context.WithTimeout(context.Background(), metricsWithin)
	defer cancel()
	var m gauges
	if err := s.measure(ctx, &m); err != nil {
		s.Log.Error("metrics", "error", err)
		m = gauges{}
		m.add("kf_up", "Whether the database answers.", 0)
		c.Status(http.StatusServiceUnavailable)
	}
	c.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	return c.Send(m.Bytes())
}

// mayMeasure tells whether the asker has the token, or without one is a program on this machine. What a proxy on this
// machine passes on comes from elsewhere: it has another host, or a header that says so.
func (s *Server) mayMeasure(c *fiber.Ctx) bool {
	if s.MetricsToken != "" {
		given, ok := strings.CutPrefix(c.Get("Authorization"), "Bearer ")
		return ok && subtle.ConstantTimeCompare([]byte(given), []byte(s.MetricsToken)) == 1
	}
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} {
		if c.Get(name) != "" {
			return false
		}
	}
	host := string(c.Request().Header.Host())
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return c.Context().RemoteIP().IsLoopback() && (strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback())
}

// measure reads everything that is counted.
func (s *Server) measure(ctx context.Context, m *gauges) error {
	lag, err := s.Syncer.Lag(ctx)
	if err != nil {
		return err
	}
	media, err := s.DB.BlobBytes(ctx)
	if err != nil {
		return err
	}
	open, err := s.DB.OpenIntents(ctx)
	if err != nil {
		return err
	}
	m.add("kf_up", "Whether the database answers.", 1)
	measureSync(m, lag)
	m.counter("kf_callbacks_total", "Callbacks since the start, by what became of them.")
	for _, result := range callResults() {
		m.value("kf_callbacks_total", "result", result, float64(s.door.counts[result].Load()))
	}
	s.streams.measure(m)
	m.add("kf_changes_open", "Changes at WeCom without a known end.", float64(len(open)))
	m.add("kf_media_bytes", "Bytes of pictures, voices and files that are kept.", float64(media))
	m.counter("kf_worker_panics_total", "Background workers that panicked and were started again.")
	m.value("kf_worker_panics_total", "", "", float64(s.Syncer.Panics()))
	m.add("kf_goroutines", "Goroutines of the process.", float64(runtime.NumGoroutine()))
	return nil
}

// measureSync tells how far the copy of each account is behind.
func measureSync(m *gauges, lag []live.AccountLag) {
	for _, each := range []struct {
		name, help string
		counts     bool
		of         func(live.AccountLag) (float64, bool)
	}{
		{"kf_sync_lag_seconds", "How long a callback has been waiting for its messages, 0 when none waits.", false, func(l live.AccountLag) (float64, bool) { return l.Lag.Seconds(), true }},
		{"kf_sync_age_seconds", "Time since the last good sync. WeCom forgets messages after 259200.", false, func(l live.AccountLag) (float64, bool) {
			return l.Safety.Age.Seconds(), l.Safety.Level != live.SafetyNever
		}},
		{"kf_sync_failures", "Failed syncs in a row.", false, func(l live.AccountLag) (float64, bool) { return float64(l.State.Failures), true }},
		{"kf_messages_total", "Messages and events stored.", true, func(l live.AccountLag) (float64, bool) { return float64(l.State.Messages), true }},
	} {
		if each.counts {
			m.counter(each.name, each.help)
		} else {
			m.gauge(each.name, each.help)
		}
		for _, l := range lag {
			if v, ok := each.of(l); ok {
				m.value(each.name, "account", l.AccountID, v)
			}
		}
	}
}

// measure counts the browsers that watch.
func (set *streams) measure(m *gauges) {
	hub := set.hub.Stats()
	m.add("kf_stream_connections", "Browsers that watch now.", float64(set.count()))
	m.counter("kf_streams_opened_total", "Streams opened since the start.")
	m.value("kf_streams_opened_total", "", "", float64(set.opened.Load()))
	m.counter("kf_streams_ended_total", "Streams that have ended since the start, by reason.")
	for _, why := range streamEnds() {
		m.value("kf_streams_ended_total", "reason", why, float64(set.ended[why].Load()))
	}
	m.counter("kf_events_total", "Events given to streams since the start.")
	m.value("kf_events_total", "", "", float64(hub.Announced))
	m.add("kf_change_seq", "The newest change that browsers were told of.", float64(hub.Seq))
}

// gauges is a set of metrics as text.
type gauges struct{ bytes.Buffer }

func (m *gauges) gauge(name, help string)   { m.head(name, help, "gauge") }
func (m *gauges) counter(name, help string) { m.head(name, help, "counter") }

func (m *gauges) head(name, help, kind string) {
	m.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n")
}

// add writes a gauge of one value.
func (m *gauges) add(name, help string, v float64) {
	m.gauge(name, help)
	m.value(name, "", "", v)
}

// value writes one value, with a label unless its name is empty.
func (m *gauges) value(name, label, text string, v float64) {
	m.WriteString(name)
	if label != "" {
		m.WriteString("{" + label + "=\"" + labelEscape.Replace(text) + "\"}")
	}
	m.WriteString(" " + strconv.FormatFloat(v, 'f', -1, 64) + "\n")
}

var labelEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
