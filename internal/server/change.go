package server

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/i18n"
	"kfconsole/internal/kf"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// change is what a handler knows after it asked ops for a change.
type change struct {
	result ops.Result
	err    error
	// tried names the change in words, for the card that explains a refusal.
	tried string
	// to is where the browser goes when the change is done or has no known end yet.
	to string
	// again builds the form anew, with everything typed still in it.
	again func(trouble) (layout.Page, templ.Component, error)
	// words names a field in the operator's language, for conflicts.
	words func(field string) string
}

// trouble is why a form comes back.
type trouble struct {
	// invalid is the field that cannot be taken; nil when it is something else.
	invalid *ops.Invalid
	// above is what the page shows above the form.
	above problem.Trouble
	// rev is the revision to send with the next attempt after a conflict; 0 keeps
	// the one of the form.
	rev int64
}

// conclude answers a change: on with a message when it is done or open, the form
// again with 422 when it cannot be taken or WeCom refused, 409 for a conflict, 503
// when nothing could be written down.
func (s *Server) conclude(r *request, c change) error {
	var duplicate *ops.Duplicate
	if errors.As(c.err, &duplicate) {
		return s.redirect(r, href.Done(c.to, duplicate.IntentID))
	}
	if c.err == nil {
		switch c.result.Outcome {
		case ops.Done, ops.Partial, ops.Open:
			return s.redirect(r, href.Done(c.to, c.result.IntentID))
		}
		card := failureCard(r, c.tried, c.result)
		return s.formAgain(r, http.StatusUnprocessableEntity, c, trouble{above: problem.Trouble{Card: &card}})
	}
	var invalid *ops.Invalid
	var conflict *ops.Conflict
	var locked *ops.Locked
	words := r.t().Error
	switch {
	case errors.As(c.err, &invalid):
		return s.formAgain(r, http.StatusUnprocessableEntity, c, trouble{invalid: invalid, above: problem.Trouble{Errors: 1}})
	case errors.As(c.err, &conflict):
		name := conflict.Field
		if c.words != nil {
			name = c.words(conflict.Field)
		}
		return s.formAgain(r, http.StatusConflict, c, trouble{rev: conflict.Rev, above: problem.Trouble{Conflict: &problem.Conflict{
			Field: name, Yours: conflict.Yours, Theirs: conflict.Theirs, By: conflict.By, At: conflict.At}}})
	case errors.As(c.err, &locked):
		n := notice(words, kindLocked)
		if locked.IntentID != "" && r.can(auth.ViewAudit) {
			n.Link, n.Href = words.SeeOpen, href.AuditEntry(locked.IntentID)
		}
		return s.formAgain(r, http.StatusConflict, c, trouble{above: problem.Trouble{Notice: n}})
	}
	if status, t, ok := s.unwritten(r, c.err); ok {
		return s.formAgain(r, status, c, t)
	}
	return c.err
}

func (s *Server) formAgain(r *request, status int, c change, t trouble) error {
	if c.again == nil {
		if c.err != nil {
			return c.err
		}
		return s.replyStatus(r, status, layout.Page{Title: c.tried, Narrow: true}, problem.Above(r.view, t.above))
	}
	p, body, err := c.again(t)
	return s.replyOr(r, status, p, body, err)
}

// unwritten is the answer to a change that could not be written down, so that nothing
// was sent; false for every other error.
func (s *Server) unwritten(r *request, err error) (int, trouble, bool) {
	status, what := classify(err)
	if what != kindStorage && what != kindBusy {
		return 0, trouble{}, false
	}
	s.Log.Error("change not written down", "id", r.id, "error", err)
	return status, trouble{above: problem.Trouble{Notice: notice(r.t().Error, what)}}, true
}

// remoteID is the id of what a change created, also when the form was sent twice.
func remoteID(result ops.Result, err error) string {
	var duplicate *ops.Duplicate
	if errors.As(err, &duplicate) {
		return duplicate.RemoteID
	}
	return result.RemoteID
}

// fieldError is the sentence about one field of a form that came back; "" when
// nothing is wrong with it.
func fieldError(t trouble, field string, words map[string]func(limit int) string) string {
	if t.invalid == nil || t.invalid.Field != field {
		return ""
	}
	if say := words[t.invalid.Rule]; say != nil {
		return say(t.invalid.Limit)
	}
	return t.invalid.Rule
}

func notice(words i18n.Error, what kind) *problem.Notice {
	k := words.Kinds[string(what)]
	return &problem.Notice{Title: k.Title, Text: k.Text}
}

// failureCard explains why WeCom did not carry out a change.
func failureCard(r *request, tried string, res ops.Result) ui.ErrorModel {
	card := errorCard(r, tried, res.Err)
	if r.can(auth.ViewAudit) && res.IntentID != "" {
		card.AuditHref = href.AuditEntry(res.IntentID)
	}
	return card
}

// errorCard explains an error of a call to WeCom.
func errorCard(r *request, tried string, err error) ui.ErrorModel {
	words := r.t().Error
	card := ui.ErrorModel{Title: words.NotSentTitle, Tried: tried, RequestID: r.id}
	code, reason := 0, networkKind(err)
	var refused *kf.Error
	switch {
	case errors.As(err, &refused):
		code, reason = refused.Code, ""
		card.Title, card.Code, card.Message = words.RefusedTitle, strconv.Itoa(refused.Code), refused.Msg
		card.HintID, card.FromIP = refused.Hint, refused.FromIP
	case kf.CertaintyOf(err) == kf.Unknown:
		card.Title, card.Tone = words.UnknownTitle, ui.ToneWarn
	}
	why := explain(r.t().Lang, code, reason)
	card.Meaning, card.Cause, card.Advice = why.Meaning, why.Cause, why.Advice
	return card
}
