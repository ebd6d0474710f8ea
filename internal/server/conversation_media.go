package server

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode"

	"kfconsole/internal/db"
)

// playable are the types that browsers show in place, by kind. Everything else is saved: a page or a drawing with scripts in it among them.
var playable = map[string][]string{
	"image": {"image/jpeg", "image/png", "image/gif", "image/webp"},
	"voice": {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav"},
	"video": {"video/mp4", "video/webm"},
}

func plays(kind, mimeType string) bool {
	for _, each := range playable[kind] {
		if each == mimeType {
			return true
		}
	}
	return false
}

// filePolicy is for what a stranger sent: whatever it is, it runs nothing and reaches nothing.
const filePolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

// conversationMedia answers with the file of a message that was kept.
func (s *Server) conversationMedia(r *request) error {
	c, err := s.DB.Conversation(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	row, err := s.DB.Message(r.ctx, c.AccountID, r.param("message"))
	if err != nil {
		return err
	}
	if row.ConversationID != c.ID || row.Media == "" {
		return errNotFound
	}
	file, err := s.DB.Media(r.ctx, row.Media)
	if err != nil {
		return err
	}
	if file.State != db.MediaKept {
		return errNotFound
	}
	blob, err := s.DB.OpenBlob(file.SHA256)
	if err != nil {
		return err
	}
	size, err := blob.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(err, blob.Close())
	}
	h := r.c.Set
	h("Content-Security-Policy", filePolicy)
	h("Cache-Control", "private, max-age=86400")
	h("Accept-Ranges", "bytes")
	kind, how := file.MIME, "inline"
	if !plays(file.Kind, file.MIME) {
		kind, how = "application/octet-stream", "attachment"
	}
	h("Content-Type", kind)
	h("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": mediaName(file)}))
	return s.sendRange(r, blob, size)
}

// sendRange sends a file, or the part of it that a player asks for.
func (s *Server) sendRange(r *request, blob io.ReadSeekCloser, size int64) error {
	from, to, ok := byteRange(r.c.Get("Range"), size)
	status := http.StatusPartialContent
	switch {
	case !ok && strings.HasPrefix(r.c.Get("Range"), "bytes="):
		r.c.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		r.c.Status(http.StatusRequestedRangeNotSatisfiable)
		return blob.Close()
	case !ok:
		from, to, status = 0, size-1, http.StatusOK
	default:
		r.c.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, size))
	}
	if _, err := blob.Seek(from, io.SeekStart); err != nil {
		return errors.Join(err, blob.Close())
	}
	r.c.Status(status)
	r.c.Response().SetBodyStream(part{io.LimitReader(blob, to-from+1), blob}, int(to-from+1))
	return nil
}

// part is a piece of a file; the framework closes it when it was sent.
type part struct {
	io.Reader
	io.Closer
}

// byteRange reads a header that asks for one range; false without one, or for one that lies outside.
func byteRange(header string, size int64) (from, to int64, ok bool) {
	spec, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !found || !dash || strings.Contains(spec, ",") {
		return 0, 0, false
	}
	to = size - 1
	var err error
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		return max(0, size-n), to, err == nil && n > 0 && size > 0
	}
	if from, err = strconv.ParseInt(first, 10, 64); err != nil || from < 0 {
		return 0, 0, false
	}
	if last != "" {
		if to, err = strconv.ParseInt(last, 10, 64); err != nil {
			return 0, 0, false
		}
		to = min(to, size-1)
	}
	return from, to, from <= to
}

// plainName is the name of a file that a stranger chose: without a path, and without characters that are not seen and make
// the rest look like something else, such as another ending. "" if nothing is left.
func plainName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, path.Base(strings.ReplaceAll(name, "\\", "/")))
	if strings.Trim(name, " ./") == "" {
		return ""
	}
	return name
}

// mediaName is what a file is saved as: the name that it came with, without a path, or one after its kind.
func mediaName(m db.Media) string {
	name := plainName(m.Name)
	if name == "" {
		name = m.Kind
		if ends, err := mime.ExtensionsByType(m.MIME); err == nil && len(ends) > 0 {
			name += ends[0]
		} else if m.MIME == "audio/amr" {
			name += ".amr"
		}
	}
	return name
}
