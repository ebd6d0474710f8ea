package kf_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

// file is a download that has arrived.
type file struct{ ContentType, Filename, Body string }

// fetched reads a download to its end.
func fetched(d *kf.Download, err error) (file, error) {
	if err != nil {
		return file{}, err
	}
	defer d.Body.Close()
	body, err := io.ReadAll(d.Body)
	return file{d.ContentType, d.Filename, string(body)}, err
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
			media, err := fetched(newWire(t, test.handle).client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100))
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
			case err != nil || media.Body != test.want:
				t.Errorf("got %q, %v, want %q", media.Body, err, test.want)
			}
		})
	}
}

func TestGetMediaOfExactlyMax(t *testing.T) {
	w := newWire(t, serveFile("image/png", "attachment", strings.Repeat("x", 100)))
	media, err := fetched(w.client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100))
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
	media, err := fetched(w.client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100))
	if err != nil || media.Body != "picture" {
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
		media, err := fetched(newWire(t, serveFile("image/png", disposition, "x")).client(t, kf.Options{}).GetMedia(t.Context(), "m1", 10))
		if err != nil || media.Filename != want {
			t.Errorf("%s: %q, %v, want %q", disposition, media.Filename, err, want)
		}
	}
}

// A file whose size was not announced is cut off where it grows too large, and stays so.
func TestGetMediaOfUnknownSize(t *testing.T) {
	w := newWire(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", "attachment")
		for range 4 {
			io.WriteString(w, strings.Repeat("x", 50))
			w.(http.Flusher).Flush()
		}
	})
	d, err := w.client(t, kf.Options{}).GetMedia(t.Context(), "m1", 100)
	if err != nil || d.Size != -1 {
		t.Fatal(d, err)
	}
	defer d.Body.Close()
	body, err := io.ReadAll(d.Body)
	var answer *kf.HTTPError
	if len(body) != 100 || !errors.As(err, &answer) || answer.Reason != "answer of more than 100 bytes" {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if n, again := d.Body.Read(make([]byte, 10)); n != 0 || again != err {
		t.Errorf("after the end: %d bytes, %v", n, again)
	}
}

// A file that comes short or is given up is no file.
func TestGetMediaInterrupted(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\nContent-Length: 100\r\n\r\n"
	got, err := fetched(newWire(t, cut(head+"begin")).client(t, kf.Options{}).GetMedia(t.Context(), "m1", 1000))
	if !errors.Is(err, io.ErrUnexpectedEOF) || got.Body != "begin" || kf.CertaintyOf(err) != kf.Unknown {
		t.Errorf("%q, %v", got.Body, err)
	}
	wantNoLeak(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	d, err := newWire(t, func(w http.ResponseWriter, r *http.Request) {
		serveFile("image/png", "attachment", "begin")(w, r)
		w.(http.Flusher).Flush()
		hang(w, r)
	}).client(t, kf.Options{}).GetMedia(ctx, "m1", 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Body.Close()
	cancel()
	if _, err := io.ReadAll(d.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

// pausing is a body that comes byte by byte, with a pause before each.
type pausing struct {
	ctx   context.Context
	left  int
	pause time.Duration
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(p.pause):
		p.left--
		b[0] = 'x'
		return 1, nil
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}

func (p *pausing) Close() error { return nil }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A download may take long as long as something comes, and its reader may take his time. Only a sender that says nothing for the
// timeout of the client is given up.
func TestGetMediaPatience(t *testing.T) {
	for name, test := range map[string]struct {
		pause, reader time.Duration
		want          int
		lost          bool
	}{
		"slow sender": {9 * time.Second, 0, 100, false},
		"stalls":      {11 * time.Second, 0, 0, true},
		"slow reader": {time.Second, time.Minute, 100, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := roundTrip(func(r *http.Request) (*http.Response, error) {
					answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Disposition": {"attachment"}}, ContentLength: -1,
						Body: &pausing{r.Context(), 100, test.pause}}
					if strings.HasSuffix(r.URL.Path, "/gettoken") {
						answer.Body = io.NopCloser(strings.NewReader(`{"errcode":0,"access_token":"t1","expires_in":7200}`))
					}
					return answer, nil
				})
				d, err := newClient(t, kf.Options{HTTP: &http.Client{Transport: transport}, Timeout: 10 * time.Second}).GetMedia(t.Context(), "m1", 100)
				if err != nil {
					t.Fatal(err)
				}
				defer d.Body.Close()
				got := 0
				for err == nil {
					var n int
					n, err = d.Body.Read(make([]byte, 8))
					got += n
					time.Sleep(test.reader)
				}
				if lost := err != io.EOF; got != test.want || lost != test.lost || lost && !strings.Contains(err.Error(), "nothing came for too long") {
					t.Errorf("%d bytes, %v", got, err)
				}
			})
		})
	}
}
