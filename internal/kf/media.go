package kf

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
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
// MediaLife. To repeat the call does no harm.
func (c *Client) UploadImage(ctx context.Context, filename string, data []byte) (MediaID, error) {
	if len(data) > MaxImageBytes {
		return "", &ArgumentError{Field: "media", Rule: RuleMaxBytes, Limit: MaxImageBytes}
	}
	return c.Upload(ctx, KindImage, filename, data)
}

// Upload uploads a file for a message of its kind (document 90253), within what
// CheckUpload allows. WeCom keeps it for MediaLife. Customers see the name of a
// KindFile. To repeat the call does no harm. It may take longer than other calls
// do: a second more for each 64 KiB.
func (c *Client) Upload(ctx context.Context, kind, filename string, data []byte) (MediaID, error) {
	if err := CheckUpload(kind, filename, data); err != nil {
		return "", err
	}
	body, contentType, err := multipartFile(filename, uploadType(kind, data), data)
	if err != nil {
		return "", &transportError{endpoint: endpointMediaUpload, cause: fmt.Errorf("encode request: %w", err)}
	}
	r := request{
		method:      http.MethodPost,
		endpoint:    endpointMediaUpload,
		query:       url.Values{"type": {kind}},
		contentType: contentType,
		body:        body,
		timeout:     c.timeout + time.Duration(len(body)>>16)*time.Second,
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

// CheckUpload says whether a file can be uploaded as one of its kind:
//
//	KindImage   JPEG or PNG   MaxPictureBytes
//	KindVoice   AMR           MaxVoiceBytes and MaxVoiceSeconds
//	KindVideo   MP4           MaxVideoBytes
//	KindFile    anything      MaxFileBytes
//
// The error is an *ArgumentError of the field type, filename or media.
func CheckUpload(kind, filename string, data []byte) error {
	limits := map[string]int{KindImage: MaxPictureBytes, KindVoice: MaxVoiceBytes, KindVideo: MaxVideoBytes, KindFile: MaxFileBytes}
	limit, ok := limits[kind]
	switch {
	case !ok:
		return &ArgumentError{Field: "type", Rule: RuleKind}
	case filename == "":
		return &ArgumentError{Field: "filename", Rule: RuleRequired}
	case !utf8.ValidString(filename) || strings.ContainsFunc(filename, unprintable):
		return &ArgumentError{Field: "filename", Rule: RuleCharacters}
	case len(data) < MinFileBytes:
		return &ArgumentError{Field: "media", Rule: RuleMinBytes, Limit: MinFileBytes}
	case len(data) > limit:
		return &ArgumentError{Field: "media", Rule: RuleMaxBytes, Limit: limit}
	case uploadType(kind, data) == "":
		return &ArgumentError{Field: "media", Rule: RuleFileFormat}
	case kind == KindVoice && amrLength(data) > MaxVoiceSeconds*time.Second:
		return &ArgumentError{Field: "media", Rule: RuleMaxSeconds, Limit: MaxVoiceSeconds}
	}
	return nil
}

// uploadType is the content type of a file of a kind, or "" if it is none.
func uploadType(kind string, data []byte) string {
	switch found := http.DetectContentType(data); kind {
	case KindImage:
		if found == "image/jpeg" || found == "image/png" {
			return found
		}
	case KindVoice:
		if bytes.HasPrefix(data, []byte(amrHead)) {
			return "audio/amr"
		}
	case KindVideo:
		if len(data) > 8 && string(data[4:8]) == "ftyp" {
			return "video/mp4"
		}
	case KindFile:
		return "application/octet-stream"
	}
	return ""
}

// amrHead begins a file of narrow-band AMR (RFC 4867, section 5).
const amrHead = "#!AMR\n"

// amrLength is how long a narrow-band AMR file plays. What follows a frame of a
// type that does not exist is not counted.
func amrLength(data []byte) (length time.Duration) {
	frame := [16]int{13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1} // bytes by type, with the byte of the type
	data = data[len(amrHead):]
	for len(data) > 0 {
		n := frame[data[0]>>3&15]
		if n == 0 || n > len(data) {
			break
		}
		data = data[n:]
		length += 20 * time.Millisecond
	}
	return length
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
