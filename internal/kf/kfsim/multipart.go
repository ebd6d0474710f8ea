package kfsim

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strings"
)

// mediaFile is the file part of an upload.
type mediaFile struct {
	name, filename, contentType string
	data                        []byte
}

var (
	looseBoundary = regexp.MustCompile(`(?i)boundary="?([^";,]+)"?`)
	looseName     = regexp.MustCompile(`(?i)(?:^|[;\s])name="?([^";]*)"?`)
	looseFilename = regexp.MustCompile(`(?i)(?:^|[;\s])filename="?([^";]*)"?`)
)

// mediaPart finds the part named media. It reads what browsers and HTTP libraries send, also where that is not quite the
// standard; only a missing part is refused.
func (c *call) mediaPart() (mediaFile, error) {
	parts, err := c.readParts()
	if err != nil {
		c.violate(kindHeader, "Content-Type", cutAt(err.Error(), 200))
	}
	for _, p := range parts {
		if p.name != "media" {
			continue
		}
		if p.filename == "" {
			c.violate(kindMissing, "filename", "the part media needs a filename")
		}
		return p, nil
	}
	c.violate(kindMissing, "media", "multipart/form-data with a part named media")
	return mediaFile{}, refuse(44001, "multipart/form-data with a part named media is needed")
}

// readParts takes the body apart, once for the journal and the call.
func (c *call) readParts() ([]mediaFile, error) {
	if c.parts == nil {
		parts, err := readParts(c.request.Header.Get("Content-Type"), c.body)
		c.parts = func() ([]mediaFile, error) { return parts, err }
	}
	return c.parts()
}

// readParts takes a multipart body apart. With an error it returns the parts before it.
func readParts(contentType string, body []byte) ([]mediaFile, error) {
	boundary, err := findBoundary(contentType)
	if err != nil {
		return nil, err
	}
	var parts []mediaFile
	for r := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return parts, fmt.Errorf("read multipart body: %w", err)
		}
		p := mediaFile{contentType: part.Header.Get("Content-Type")}
		p.name, p.filename = disposition(part.Header.Get("Content-Disposition"))
		data, err := io.ReadAll(part)
		if err != nil {
			return parts, fmt.Errorf("read part %q: %w", p.name, err)
		}
		p.data = data
		parts = append(parts, p)
	}
}

func findBoundary(contentType string) (string, error) {
	if kind, params, err := mime.ParseMediaType(contentType); err == nil && strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		return params["boundary"], nil
	}
	if m := looseBoundary.FindStringSubmatch(contentType); m != nil && strings.HasPrefix(strings.ToLower(contentType), "multipart/") {
		return m[1], nil
	}
	return "", fmt.Errorf("multipart/form-data with a boundary is needed")
}

// disposition reads name and filename, leniently where the header is not well formed.
func disposition(header string) (name, filename string) {
	if _, params, err := mime.ParseMediaType(header); err == nil {
		return params["name"], params["filename"]
	}
	if m := looseName.FindStringSubmatch(header); m != nil {
		name = m[1]
	}
	if m := looseFilename.FindStringSubmatch(header); m != nil {
		filename = m[1]
	}
	return name, filename
}

// describeUpload is a multipart body as the journal keeps it.
func (c *call) describeUpload() string {
	parts, err := c.readParts()
	var lines []string
	for i, p := range parts {
		if i == 8 {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, fmt.Sprintf("part %q filename %q type %q %d bytes",
			cutAt(p.name, 64), cutAt(p.filename, 255), cutAt(p.contentType, 64), len(p.data)))
	}
	if err != nil {
		lines = append(lines, cutAt(err.Error(), 200))
	}
	return strings.Join(lines, "\n")
}
