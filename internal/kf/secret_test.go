package kf_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kfconsole/internal/kf"
)

// leaks returns the canaries found in s, plain or escaped for a URL.
func leaks(s string) []string {
	var found []string
	for _, canary := range []string{canarySecret, canaryToken} {
		for _, form := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary)} {
			if strings.Contains(s, form) {
				found = append(found, form)
			}
		}
	}
	return found
}

// wantNoLeak looks at err, and at all it wraps, as a log might print them.
func wantNoLeak(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		var record strings.Builder
		slog.New(slog.NewJSONHandler(&record, nil)).Error("call", "err", e)
		for _, s := range []string{
			e.Error(), fmt.Sprintf("%v", e), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e), fmt.Sprintf("%q", e), record.String(),
		} {
			if found := leaks(s); found != nil {
				t.Errorf("%T shows %q: %s", e, found, s)
			}
		}
	}
}

func TestSecretsStayOutOfErrors(t *testing.T) {
	for _, f := range failures() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			wantNoLeak(t, f.run(t))
		})
	}
}

// WeCom has no reason to repeat a token or a secret. A proxy that shows what it
// was asked has.
func TestSecretsEchoedAreCut(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"errcode":40058,"errmsg":"bad call %s, %s and %s, hint: [1]"}`,
			r.URL, r.URL.Query().Get("access_token"), canarySecret)
	}
	w := newWire(t, echo)
	err := w.client(t, kf.Options{}).DeleteAccount(t.Context(), "wk1")
	wantNoLeak(t, err)
	if !strings.Contains(err.Error(), "[redacted]") {
		t.Errorf("nothing was echoed: %v", err)
	}

	w = newWire(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"errcode":0,"result_list":[{"userid":"a","errcode":40003,"errmsg":"%s"}]}`, r.URL.Query().Get("access_token"))
	})
	results, err := w.client(t, kf.Options{}).AddServicers(t.Context(), "wk1", kf.Servicers{UserIDs: []kf.UserID{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	wantNoLeak(t, results[0].Err())
	if results[0].Msg != "[redacted]" {
		t.Errorf("message %q", results[0].Msg)
	}

	w = newWire(t, text(okJSON))
	w.answerTokenWith(echo)
	wantNoLeak(t, w.client(t, kf.Options{}).DeleteAccount(t.Context(), "wk1"))
}

func TestSecretsStayOutOfPrintedValues(t *testing.T) {
	o := kf.Options{BaseURL: "https://proxy.example", CorpID: corpID, Secret: canarySecret}
	c, err := kf.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{o, &o, c} {
		var record strings.Builder
		slog.New(slog.NewTextHandler(&record, nil)).Info("start", "kf", v)
		for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), record.String()} {
			if found := leaks(s); found != nil {
				t.Errorf("%T shows %q: %s", v, found, s)
			}
			if !strings.Contains(s, corpID) {
				t.Errorf("%T does not name its corp: %s", v, s)
			}
		}
	}
}
