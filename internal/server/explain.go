package server

import (
	"context"
	"errors"
	"net"

	"kfconsole/internal/i18n"
	"kfconsole/internal/kf"
)

// networkKind names how a call to WeCom failed when no errcode came back; "" when
// err is a refusal or nothing.
func networkKind(err error) string {
	var answer *kf.HTTPError
	var refused *kf.Error
	var slow net.Error
	switch {
	case err == nil || errors.As(err, &refused):
		return ""
	case errors.As(err, &answer) && answer.Status != 200:
		return i18n.KindHTTP
	case errors.As(err, &answer):
		return i18n.KindHTML
	case kf.CertaintyOf(err) == kf.NotSent:
		return i18n.KindNotSent
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return i18n.KindTimeout
	}
	return i18n.KindUnknown
}

// explain puts an errcode, or without one the kind of a network failure, into words.
func explain(lang i18n.Lang, code int, kind string) i18n.Explanation {
	if code != 0 || kind == "" {
		return i18n.Errcode(string(lang), code)
	}
	return i18n.Network(string(lang), kind)
}
