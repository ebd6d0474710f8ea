package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// compressFrom is the size from which compression pays, in bytes.
const compressFrom = 1024

// reply answers with a page: in its frame, or its content alone when htmx asks for
// a part of it.
func (s *Server) reply(r *request, p layout.Page, body templ.Component) error {
	return s.replyStatus(r, http.StatusOK, p, body)
}

// replyStatus is reply with another status.
func (s *Server) replyStatus(r *request, status int, p layout.Page, body templ.Component) error {
	r.c.Vary("HX-Request", "Accept-Encoding", "Cookie")
	if r.partial() {
		return s.render(r, status, body)
	}
	if err := s.fill(r, &p); err != nil {
		return err
	}
	frame := layout.Frame(p)
	if r.operator == nil {
		frame = layout.Bare(p)
	}
	return s.render(r, status, within(frame, body))
}

// replyOr answers with a form that was built anew, unless that failed.
func (s *Server) replyOr(r *request, status int, p layout.Page, body templ.Component, err error) error {
	if err != nil {
		return err
	}
	return s.replyStatus(r, status, p, body)
}

// sheet answers with a page made for printing.
func (s *Server) sheet(r *request, p layout.Page, body templ.Component) error {
	if err := s.fill(r, &p); err != nil {
		return err
	}
	return s.render(r, http.StatusOK, within(layout.Sheet(p), body))
}

// within renders body as the children of frame.
func within(frame, body templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return frame.Render(templ.WithChildren(ctx, body), w)
	})
}

// render writes a component to a buffer first, so that an error is never half a
// page, and sends it compressed where the browser takes that.
func (s *Server) render(r *request, status int, body templ.Component) error {
	page := s.buffer()
	defer s.release(page)
	if err := body.Render(r.ctx, page); err != nil {
		return err
	}
	r.c.Status(status).Set("Content-Type", "text/html; charset=utf-8")
	s.sendCompressed(r, page.Bytes())
	return nil
}

// sendCompressed sends a copy of a body with gzip at its fastest level, which costs a
// fraction of rendering; anything that would not gain is sent as it is.
func (s *Server) sendCompressed(r *request, body []byte) {
	if len(body) < compressFrom || !takesGzip(r) {
		r.c.Response().SetBody(body)
		return
	}
	r.c.Set("Content-Encoding", "gzip")
	small := s.buffer()
	defer s.release(small)
	r.c.Response().SetBody(fasthttp.AppendGzipBytesLevel(small.AvailableBuffer(), body, fasthttp.CompressBestSpeed))
}

// takesGzip tells whether the browser takes what is compressed.
func takesGzip(r *request) bool { return strings.Contains(r.c.Get("Accept-Encoding"), "gzip") }

// keptBuffer is the size up to which a buffer is used again.
const keptBuffer = 256 << 10

// buffer gives an empty buffer, and release takes it back: a page is ten times the size
// of everything else that a request leaves behind.
func (s *Server) buffer() *bytes.Buffer {
	if b, ok := s.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, 48<<10))
}

func (s *Server) release(b *bytes.Buffer) {
	if b.Cap() <= keptBuffer {
		b.Reset()
		s.buffers.Put(b)
	}
}

// redirect sends the browser on after a change.
func (s *Server) redirect(r *request, path string) error {
	return r.c.Redirect(path, http.StatusSeeOther)
}

// fill completes a page with what the frame shows on all of them.
func (s *Server) fill(r *request, p *layout.Page) error {
	p.Seq = r.seq
	p.View, p.Path, p.Corp = r.view, localPath(r.path(), href.Overview), s.Corp
	if r.c.Method() != http.MethodGet {
		p.Path = localPath(refererPath(r), href.Overview)
	}
	if p.Corp == "" {
		p.Corp = s.CorpID
	}
	if r.theme != "auto" {
		p.Theme = r.theme
	}
	if r.operator == nil {
		return nil
	}
	p.Operator = layout.Operator{Name: r.actor.Name, Role: r.t().Common.Roles[string(r.actor.Role)]}
	p.Can = layout.Can{Overview: r.can(auth.ViewOverview), Conversations: r.can(auth.ViewConversations), Accounts: r.can(auth.ViewAccounts), Links: r.can(auth.ViewLinks), Customers: r.can(auth.ViewCustomers), Audit: r.can(auth.ViewAudit), Replies: r.can(auth.ViewReplies), Health: r.can(auth.ViewHealth)}
	if p.Can.Conversations {
		counts, err := s.DB.ConversationCounts(r.ctx, db.ConversationFilter{})
		if err != nil {
			return err
		}
		p.Waiting = counts.Waiting
	}
	fresh, err := s.freshness(r, "accounts")
	if err != nil {
		return err
	}
	p.Sync = layout.Sync{At: fresh.OKAt, State: syncState(fresh, r.view.Now)}
	if p.Sync.State == layout.SyncOffline {
		p.Banners = append(p.Banners, s.offlineBanner(r, fresh))
	}
	if t := s.toast(r); t != nil {
		p.Toasts = append(p.Toasts, *t)
	}
	return nil
}

// refererPath is the address of the page that a form was on, as far as the browser
// tells.
func refererPath(r *request) string {
	_, rest, ok := strings.Cut(r.c.Get("Referer"), "://"+r.host())
	if !ok {
		return ""
	}
	return rest
}

// freshness reads how old a part of the mirror is, once a request for the part that was
// asked for last; a part never read is zero.
func (s *Server) freshness(r *request, topic string) (db.Freshness, error) {
	if r.fresh != nil && r.fresh.Topic == topic {
		return *r.fresh, nil
	}
	fresh, err := s.DB.Freshness(r.ctx, topic)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fresh, err
	}
	fresh.Topic = topic
	r.fresh = &fresh
	return fresh, nil
}

// staleAfter is the age from which the mirror counts as stale.
const staleAfter = 10 * time.Minute

func syncState(f db.Freshness, now time.Time) layout.SyncState {
	switch {
	case f.Error != "":
		return layout.SyncOffline
	case f.OKAt == nil || now.Sub(*f.OKAt) > staleAfter:
		return layout.SyncStale
	}
	return layout.SyncFresh
}

// offlineBanner says that WeCom did not answer the last time, and how old the copy
// is that the pages show.
func (s *Server) offlineBanner(r *request, f db.Freshness) layout.Banner {
	why := explain(r.t().Lang, f.Errcode, f.Error)
	age := r.t().Time.Never
	if f.OKAt != nil {
		age = r.t().Exact(*f.OKAt, r.view.Zone)
	}
	return layout.Banner{Tone: ui.ToneWarn, Title: r.t().Error.Kinds["offline"].Title, Text: r.t().Error.OnCopy(why.Meaning, age)}
}

// toastFor is how long after a change its message is still shown.
const toastFor = 10 * time.Minute

// toast announces the change that the address names with done=, if this operator
// has just made it. The entry itself tells how it ended, so a reload tells the truth.
func (s *Server) toast(r *request) *ui.ToastModel {
	id := r.query("done")
	if id == "" || r.c.Method() != http.MethodGet {
		return nil
	}
	e, err := s.DB.AuditEntry(r.ctx, id)
	if err != nil || e.OperatorID != r.actor.ID || r.view.Now.Sub(e.At) > toastFor {
		return nil
	}
	if e.Action == ops.MessageSend && outcomeOf(e) == ops.Done {
		return nil // the message is there to be seen
	}
	t := ui.ToastModel{Tone: outcomeTone(outcomeOf(e)), Text: changeSentence(r.t(), e)}
	if r.can(auth.ViewAudit) {
		t.AuditHref = href.AuditEntry(e.ID)
	}
	if ops.CanUndo(e) && r.can(ops.Needs(e.Action)) {
		t.Undo = ui.UndoModel{Action: href.AuditEntry(e.ID, "undo"), Fields: []ui.Pair{{"intent", db.NewID()}, {"return", r.c.Path()}}}
	}
	return &t
}

// changeSentence says in one sentence what was done and how it ended.
func changeSentence(t *i18n.Messages, e db.Entry) string {
	say := t.Audit.Ended[outcomeOf(e)]
	if say == nil {
		return t.Audit.Actions[e.Action]
	}
	return say(t.Audit.Actions[e.Action], e.TargetName)
}

// outcomeOf is how a change ended, ops.Open when it has not.
func outcomeOf(e db.Entry) string {
	if e.Outcome == nil {
		return ops.Open
	}
	return e.Outcome.Result
}

// outcomeTone is the colour and shape of an outcome.
func outcomeTone(outcome string) ui.Tone {
	switch outcome {
	case ops.Done:
		return ui.ToneOK
	case ops.Partial, ops.Open:
		return ui.ToneWarn
	case ops.Refused, ops.Failed:
		return ui.ToneDanger
	}
	return ui.ToneNeutral
}

// fail answers an error: in the operator's words, with the request id, as a page or
// as a message in the page that is there.
func (s *Server) fail(r *request, err error) error {
	status, what := classify(err)
	if status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "id", r.id, "method", r.c.Method(), "path", r.c.Path(), "status", status, "error", err)
	}
	if r.denied != "" {
		if err := s.Ops.RecordDenied(r.ctx, r.actor, r.c.Method(), r.c.Path(), r.denied); err != nil {
			s.Log.Error("record denial", "id", r.id, "error", err)
		}
	}
	words := r.t().Error.Kinds[string(what)]
	m := problem.Model{Status: status, Title: words.Title, Text: words.Text, RequestID: r.id,
		Next: ui.Btn{Text: r.t().Error.BackToOverview, Href: href.Overview}}
	if r.operator == nil {
		m.Next = ui.Btn{Text: r.t().Error.SignIn, Href: href.Login}
	}
	if r.partial() {
		return s.render(r, status, problem.Part(r.view, m))
	}
	p := layout.Page{Title: words.Title, Narrow: true}
	if s.fill(r, &p) != nil {
		p.Operator, p.Sync = layout.Operator{}, layout.Sync{}
	}
	if p.Operator.Name == "" {
		return s.render(r, status, within(layout.Bare(p), problem.Page(r.view, m)))
	}
	return s.render(r, status, within(layout.Frame(p), problem.Page(r.view, m)))
}
