package kf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Download is a file from WeCom's temporary store on its way. Its type and name
// are what the sender said: do not trust them.
type Download struct {
	ContentType string
	Filename    string // without any path; may be empty
	Size        int64  // bytes as announced, -1 if they were not
	// Body is the file. It must be closed. Reading it fails with an *HTTPError
	// beyond the limit of GetMedia, and with an error of unknown certainty when the
	// connection is lost, or the file has come short of Size, or nothing has come
	// for the timeout of the client.
	Body io.ReadCloser
}

// errStalled is why a download was given up.
var errStalled = errors.New("nothing came for too long")

// GetMedia downloads a temporary file of at most limit bytes (document 90256). A
// larger one is an *HTTPError, here if its size was announced and else while it
// is read. An unknown or expired id gives errcode 40007, a file that is too large
// for one download errcode 830002. To repeat the call does no harm.
func (c *Client) GetMedia(ctx context.Context, id MediaID, limit int64) (*Download, error) {
	if id == "" {
		return nil, &ArgumentError{Field: "media_id", Rule: RuleRequired}
	}
	if limit <= 0 {
		return nil, &ArgumentError{Field: "limit", Rule: RuleRange}
	}
	r := request{method: http.MethodGet, endpoint: endpointMediaGet, query: url.Values{"media_id": {string(id)}}}
	ctx, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(c.timeout, func() { cancel(errStalled) })
	d, err := withToken(ctx, c, func(token string) (*Download, error) {
		resp, secrets, err := c.exchange(ctx, r, url.Values{"access_token": {token}})
		if err != nil {
			return nil, err
		}
		d, err := newDownload(resp, limit, secrets)
		if err != nil {
			resp.Body.Close()
			return nil, err
		}
		d.Body = &downloadBody{body: resp.Body, left: limit, limit: limit, secrets: secrets,
			ctx: ctx, cancel: cancel, watch: watch, patience: c.timeout}
		return d, nil
	})
	watch.Stop()
	if err != nil {
		cancel(nil)
	}
	return d, err
}

// newDownload tells a file from an error, which comes with HTTP 200 as well. An
// error has no Content-Disposition; a file of JSON or text has.
func newDownload(resp *http.Response, limit int64, secrets []string) (*Download, error) {
	contentType, disposition := resp.Header.Get("Content-Type"), resp.Header.Get("Content-Disposition")
	if disposition == "" && maybeRefusal(contentType) {
		a, err := readAnswer(endpointMediaGet, resp, secrets)
		if err != nil {
			return nil, err
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		return nil, a.malformed("JSON instead of a file")
	}
	if resp.ContentLength > limit {
		return nil, tooLarge(endpointMediaGet, limit)
	}
	return &Download{ContentType: contentType, Filename: dispositionFilename(disposition), Size: resp.ContentLength}, nil
}

// maybeRefusal reports whether a body of this type can be the JSON of an error.
func maybeRefusal(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err != nil || kind == "application/json" || strings.HasPrefix(kind, "text/")
}

// downloadBody holds a body to its limit and gives up on one that stalls.
type downloadBody struct {
	body     io.ReadCloser
	left     int64 // bytes
	limit    int64
	secrets  []string
	ctx      context.Context // of the exchange
	cancel   context.CancelCauseFunc
	watch    *time.Timer
	patience time.Duration
	err      error // ended the body
}

// Read implements io.Reader.
func (b *downloadBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if int64(len(p))-1 > b.left {
		p = p[:b.left+1]
	}
	b.watch.Reset(b.patience)
	n, err := b.body.Read(p)
	b.watch.Stop()
	switch {
	case int64(n) > b.left:
		n, b.err = int(b.left), tooLarge(endpointMediaGet, b.limit)
	case err != nil && err != io.EOF:
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
		b.err = newTransportError(endpointMediaGet, true, err, b.secrets)
	default:
		b.err = err
	}
	b.left -= int64(n)
	return n, b.err
}

// Close implements io.Closer.
func (b *downloadBody) Close() error {
	b.watch.Stop()
	b.cancel(nil)
	if err := b.body.Close(); err != nil {
		return fmt.Errorf("kf: media/get: close: %w", err)
	}
	return nil
}

// dispositionFilename returns the last element of the file name in a
// Content-Disposition. WeCom sends names in raw UTF-8, which the parser of the
// standard library takes only within quotes.
func dispositionFilename(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	name := params["filename"]
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return ""
	}
	return name
}
