package kf_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"kfconsole/internal/kf"
)

// serveFile answers with a body under the given headers.
func serveFile(contentType, disposition, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		if disposition != "" {
			w.Header().Set("Content-disposition", disposition)
		}
		io.WriteString(w, body)
	}
}

// WeCom answers HTTP 200 with a file, or with the JSON of an error.
func TestGetMediaTellsFilesFromErrors(t *testing.T) {
	const refusal = `{"errcode":40007,"errmsg":"invalid media_id"}`
	const attachment = `attachment; filename="a.png"`
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		want   string // body, or
		code   int    // errcode, or
		reason string
	}{
		"file":                         {serveFile("image/png", attachment, "picture"), "picture", 0, ""},
		"file without a name":          {serveFile("image/png", "", "picture"), "picture", 0, ""},
		"file of text":                 {serveFile("text/plain", attachment, "words"), "words", 0, ""},
		"file that looks like refusal": {serveFile("application/json", attachment, refusal), refusal, 0, ""},
		"empty file":                   {serveFile("image/png", attachment, ""), "", 0, ""},
		"refusal":                      {serveFile("application/json; charset=UTF-8", "", refusal), "", 40007, ""},
		"refusal as text":              {serveFile("text/plain", "", refusal), "", 40007, ""},
		"refusal without a type":       {serveFile("", "", refusal), "", 40007, ""},
		"HTML":                         {serveFile("text/html", "", "<html>"), "", 0, "HTML or XML instead of JSON"},
		"no file":                      {serveFile("application/json", "", okJSON), "", 0, "JSON instead of a file"},
		"file too large":               {serveFile("image/png", attachment, strings.Repeat("x", 101)), "", 0, "answer of more than 100 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			media, err := newWire(t, test.handle).client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100)
			var refusal *kf.Error
			var answer *kf.HTTPError
			switch {
			case test.code != 0:
				if !errors.As(err, &refusal) || refusal.Code != test.code {
					t.Errorf("got %v, want errcode %d", err, test.code)
				}
			case test.reason != "":
				if !errors.As(err, &answer) || answer.Reason != test.reason {
					t.Errorf("got %v, want %q", err, test.reason)
				}
			case err != nil || string(media.Body) != test.want:
				t.Errorf("got %q, %v, want %q", media.Body, err, test.want)
			}
		})
	}
}

func TestGetMediaOfExactlyMax(t *testing.T) {
	w := newWire(t, serveFile("image/png", "attachment", strings.Repeat("x", 100)))
	media, err := w.client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100)
	if err != nil || len(media.Body) != 100 {
		t.Errorf("%d bytes, %v", len(media.Body), err)
	}
}

func TestGetMediaRenewsItsToken(t *testing.T) {
	w := newWire(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") == canaryToken+"1" {
			serveFile("application/json", "", `{"errcode":42001,"errmsg":"access_token expired"}`)(w, r)
			return
		}
		serveFile("image/png", "attachment", "picture")(w, r)
	})
	media, err := w.client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100)
	if err != nil || string(media.Body) != "picture" {
		t.Errorf("%q, %v", media.Body, err)
	}
}

func TestMediaFilename(t *testing.T) {
	for disposition, want := range map[string]string{
		`attachment; filename="a.png"`:               "a.png",
		`attachment; filename=a.png`:                 "a.png",
		`attachment; filename="云杉 家居.png"`:           "云杉 家居.png",
		`attachment; filename*=UTF-8''%E4%BA%91.png`: "云.png",
		`attachment; filename="../../etc/passwd"`:    "passwd",
		`attachment; filename="C:\\temp\\a.png"`:     "a.png",
		`attachment; filename*=UTF-8''a%0Ab.png`:     "",
		`attachment; filename=`:                      "",
		`attachment`:                                 "",
		`;;;`:                                        "",
		"attachment; filename=\"\xff\xfe.png\"":      "",
	} {
		media, err := newWire(t, serveFile("image/png", disposition, "x")).client(t, kf.Options{}).GetMedia(t.Context(), "m1", 10)
		if err != nil || media.Filename != want {
			t.Errorf("%s: %q, %v, want %q", disposition, media.Filename, err, want)
		}
	}
}
