package kf

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

type uploadAnswer struct {
	status
	Type      string  `json:"type"`
	MediaID   MediaID `json:"media_id"`
	CreatedAt flexInt `json:"created_at"` // seconds since 1970, in quotes
}

// UploadImage uploads a JPEG or PNG file of MinImageBytes to MaxImageBytes bytes
// for use as the picture of an account (document 90253). WeCom keeps it for
// three days. To repeat the call does no harm.
func (c *Client) UploadImage(ctx context.Context, filename string, data []byte) (MediaID, error) {
	kind := http.DetectContentType(data)
	switch {
	case filename == "":
		return "", &ArgumentError{Field: "filename", Rule: RuleRequired}
	case !utf8.ValidString(filename) || strings.ContainsFunc(filename, unprintable):
		return "", &ArgumentError{Field: "filename", Rule: RuleCharacters}
	case len(data) < MinImageBytes:
		return "", &ArgumentError{Field: "media", Rule: RuleMinBytes, Limit: MinImageBytes}
	case len(data) > MaxImageBytes:
		return "", &ArgumentError{Field: "media", Rule: RuleMaxBytes, Limit: MaxImageBytes}
	case kind != "image/jpeg" && kind != "image/png":
		return "", &ArgumentError{Field: "media", Rule: RuleFileFormat}
	}
	body, contentType, err := multipartFile(filename, kind, data)
	if err != nil {
		return "", &transportError{endpoint: endpointMediaUpload, cause: fmt.Errorf("encode request: %w", err)}
	}
	r := request{
		method:      http.MethodPost,
		endpoint:    endpointMediaUpload,
		query:       url.Values{"type": {"image"}},
		contentType: contentType,
		body:        body,
	}
	v, err := call(ctx, c, r, decodeJSON[uploadAnswer])
	if err != nil {
		return "", err
	}
	if v.MediaID == "" {
		return "", malformed(endpointMediaUpload, "no media_id")
	}
	return v.MediaID, nil
}

// multipartFile builds a form of one file named media. The standard library
// would leave its type out, and WeCom shows an escaped file name literally.
func multipartFile(filename, kind string, data []byte) (body []byte, contentType string, err error) {
	var buf bytes.Buffer
	form := multipart.NewWriter(&buf)
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(filename)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="media"; filename="` + quoted + `"`},
		"Content-Type":        {kind},
	})
	if err != nil {
		return nil, "", err
	}
	if _, err := part.Write(data); err != nil {
		return nil, "", err
	}
	if err := form.Close(); err != nil {
		return nil, "", err
	}
	return buf.Bytes(), form.FormDataContentType(), nil
}

// Media is a file from WeCom's temporary store. Its type and name are what the
// sender said: do not trust them.
type Media struct {
	ContentType string
	Filename    string // without any path; may be empty
	Body        []byte
}

// GetMedia downloads a temporary file of at most limit bytes (document 90256). A
// larger one is an *HTTPError, an unknown or expired id errcode 40007.
func (c *Client) GetMedia(ctx context.Context, id MediaID, limit int64) (Media, error) {
	if id == "" {
		return Media{}, &ArgumentError{Field: "media_id", Rule: RuleRequired}
	}
	if limit <= 0 {
		return Media{}, &ArgumentError{Field: "limit", Rule: RuleRange}
	}
	r := request{
		method:   http.MethodGet,
		endpoint: endpointMediaGet,
		query:    url.Values{"media_id": {string(id)}},
		limit:    limit,
	}
	return call(ctx, c, r, decodeMedia)
}

// decodeMedia tells a file from an error, which comes with HTTP 200 as well. An
// error has no Content-Disposition; a file of JSON or text has.
func decodeMedia(a *answer) (Media, error) {
	contentType, disposition := a.header.Get("Content-Type"), a.header.Get("Content-Disposition")
	if disposition == "" {
		if kind, _, err := mime.ParseMediaType(contentType); err != nil || kind == "application/json" || strings.HasPrefix(kind, "text/") {
			if err := a.check(); err != nil {
				return Media{}, err
			}
			return Media{}, a.malformed("JSON instead of a file")
		}
	}
	return Media{ContentType: contentType, Filename: dispositionFilename(disposition), Body: a.body}, nil
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
