package kfsim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/jpeg" // decoders for the pictures that are uploaded
	_ "image/png"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	mediaLife = 3 * 24 * time.Hour
	maxPixels = 25_000_000 // ours: beyond it a picture is not decoded, only its header
)

// media is an uploaded file.
type media struct {
	ID          string    `json:"media_id"`
	Type        string    `json:"type"`
	Filename    string    `json:"filename"`
	ContentType string    `json:"content_type"`
	Blob        string    `json:"blob"` // sha-256 in hex
	Size        int       `json:"size"`
	Created     time.Time `json:"created_at"`
}

// mediaType is what the protocol says of one type of media.
type mediaType struct {
	max      int // bytes
	badSize  int // errcode for too small
	accepts  func([]byte) bool
	fallback string // content type
}

func mediaTypes(name string) (mediaType, bool) {
	t, ok := map[string]mediaType{
		"image": {10 << 20, 40009, isPicture, "image/jpeg"},
		"voice": {2 << 20, 40006, func(b []byte) bool { return bytes.HasPrefix(b, []byte("#!AMR")) }, "audio/amr"},
		"video": {10 << 20, 40011, func(b []byte) bool { return len(b) > 8 && string(b[4:8]) == "ftyp" }, "video/mp4"},
		"file":  {20 << 20, 40006, func([]byte) bool { return true }, "application/octet-stream"},
	}[name]
	return t, ok
}

func isPicture(b []byte) bool {
	kind := http.DetectContentType(b)
	return kind == "image/jpeg" || kind == "image/png"
}

type uploadAnswer struct {
	Type      string `json:"type"`
	MediaID   string `json:"media_id"`
	CreatedAt string `json:"created_at"`
}

// uploadMedia answers media/upload.
func uploadMedia(c *call) (any, error) {
	name := c.query.Get("type")
	rules, ok := mediaTypes(name)
	if !ok {
		c.violate(kindRange, "type", "image, voice, video or file")
		return nil, refuse(40005, "type: image, voice, video or file")
	}
	if c.tooBig {
		c.violate(kindTooLong, "media", fmt.Sprintf("at most %d bytes", rules.max))
		return nil, refuse(45001, "at most %d bytes", rules.max)
	}
	part, err := c.mediaPart()
	if err != nil {
		return nil, err
	}
	if err := c.checkMedia(rules, name, part.data); err != nil {
		return nil, err
	}
	if part.contentType == "" || name == "image" {
		part.contentType = http.DetectContentType(part.data)
	}
	if name == "voice" || name == "video" {
		part.contentType = rules.fallback
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	w, now := c.sim.world, c.sim.now()
	m := w.addMedia(name, part, now)
	c.changed(w)
	return uploadAnswer{name, m.ID, strconv.FormatInt(now.Unix(), 10)}, nil
}

// addMedia keeps a file for three days. A type the sender did not name is found from the bytes.
func (w *world) addMedia(kind string, f mediaFile, now time.Time) *media {
	w.forgetMedia(now)
	if f.contentType == "" {
		f.contentType = http.DetectContentType(f.data)
	}
	m := &media{
		ID: w.nextID("3", 64), Type: kind, Filename: f.filename, ContentType: f.contentType,
		Blob: w.keepBlob(f.data), Size: len(f.data), Created: now.UTC(),
	}
	w.Media = append(w.Media, m)
	w.mediaByID[m.ID] = m
	return m
}

// checkMedia judges size and form of an upload.
func (c *call) checkMedia(rules mediaType, name string, data []byte) error {
	switch {
	case len(data) == 0:
		return refuse(44001, "")
	case len(data) <= 5:
		c.violate(kindRange, "media", "more than 5 bytes are needed")
		return refuse(rules.badSize, "more than 5 bytes are needed")
	case len(data) > rules.max:
		c.violate(kindTooLong, "media", fmt.Sprintf("at most %d bytes", rules.max))
		return refuse(45001, "at most %d bytes", rules.max)
	case !rules.accepts(data):
		c.violate(kindType, "media", "not a file of type "+name)
		return refuse(40004, "not a file of type %s", name)
	}
	if name != "image" {
		return nil
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err == nil && size.Width*size.Height <= maxPixels {
		_, _, err = image.Decode(bytes.NewReader(data))
	}
	if err != nil {
		return refuse(40123, "")
	}
	return nil
}

// keepBlob stores bytes under their hash.
func (w *world) keepBlob(data []byte) string {
	sum := sha256.Sum256(data)
	id := hex.EncodeToString(sum[:])
	w.blobs[id] = data
	return id
}

// liveMedia finds media that is not older than three days.
func (w *world) liveMedia(id string, now time.Time) (*media, error) {
	if m := w.mediaByID[id]; m != nil && now.Sub(m.Created) < mediaLife {
		return m, nil
	}
	return nil, refuse(40007, "")
}

// forgetMedia drops expired media, and the bytes that neither media nor an avatar needs any more. Media is in order of creation,
// so it looks at what it drops and at one more.
func (w *world) forgetMedia(now time.Time) {
	expired := 0
	for expired < len(w.Media) && now.Sub(w.Media[expired].Created) >= mediaLife {
		delete(w.mediaByID, w.Media[expired].ID)
		expired++
	}
	if expired == 0 {
		return
	}
	w.Media = append([]*media{}, w.Media[expired:]...)
	used := w.usedBlobs()
	for id := range w.blobs {
		if !used[id] {
			delete(w.blobs, id)
		}
	}
}

// usedBlobs names the bytes that media or avatars need.
func (w *world) usedBlobs() map[string]bool {
	used := map[string]bool{}
	for _, m := range w.Media {
		used[m.Blob] = true
	}
	for _, a := range w.Accounts {
		if !a.drawn() {
			used[a.Picture] = true
		}
	}
	return used
}

// getMedia answers media/get: the file, or with a Range header part of it.
func getMedia(c *call) (any, error) {
	id := c.query.Get("media_id")
	if id == "" {
		c.violate(kindMissing, "media_id", "required")
		return nil, refuse(41006, "")
	}
	c.sim.mu.RLock()
	w := c.sim.world
	m, err := w.liveMedia(id, c.sim.now())
	var data []byte
	if err == nil {
		data = w.blobs[m.Blob]
	}
	c.sim.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	out := recorder{header: http.Header{}}
	out.header.Set("Content-Type", m.ContentType)
	out.header.Set("Content-Disposition", `attachment; filename="`+quoteName(m.Filename)+`"`)
	http.ServeContent(&out, c.request, "", time.Time{}, bytes.NewReader(data))
	return file{reply{status: out.status, header: out.header, body: out.body.Bytes()}}, nil
}

// quoteName makes a file name safe inside the quotes of a header field. Text beyond ASCII stays raw UTF-8, as WeCom sends it.
func quoteName(name string) string {
	name = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "", "\n", "").Replace(name)
	if name == "" {
		return "media"
	}
	return name
}

// recorder keeps what a handler writes, so that a fault can still spoil it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
