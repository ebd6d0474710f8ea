package server

import (
	"bytes"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/i18n"
)

const (
	// sharedFor bounds how old a part may be that says for how long somebody waits.
	sharedFor = time.Second

	// maxShared bounds the parts that are kept.
	maxShared = 100
)

// shared keeps the parts of pages that everybody with the same rights and words sees alike, until something is written: many
// browsers that watch ask for the same when something has happened. Safe for concurrent use.
type shared struct {
	mu      sync.Mutex
	commits int64 // made before the parts were read, or more
	parts   map[sharedKey]*sharedPart
}

// sharedKey is all that such a part depends on, beside what is stored.
type sharedKey struct {
	address, target, role, zone string
	lang                        i18n.Lang
}

// sharedPart is a part as it is sent; who asks for it while it is made waits for it.
type sharedPart struct {
	mu           sync.Mutex
	at           time.Time // zero = not made
	html, packed []byte
}

// find returns the place of a part that nothing was written since.
func (h *shared) find(key sharedKey, commits int64) *sharedPart {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.parts == nil || h.commits != commits || len(h.parts) >= maxShared {
		h.commits, h.parts = commits, map[sharedKey]*sharedPart{}
	}
	p := h.parts[key]
	if p == nil {
		p = &sharedPart{}
		h.parts[key] = p
	}
	return p
}

// replyShared answers with a part of a page that htmx asks for, and makes it unless it is there. The part must not depend on
// anything but sharedKey and what is stored.
func (s *Server) replyShared(r *request, make func() (templ.Component, error)) error {
	key := sharedKey{address: r.c.OriginalURL(), target: target(r), role: string(r.actor.Role), zone: r.view.Zone.String(), lang: r.t().Lang}
	p := s.shared.find(key, s.DB.Commits())
	html, packed, err := p.get(r, make)
	if err != nil {
		return err
	}
	r.c.Vary("HX-Request", "Accept-Encoding", "Cookie")
	r.c.Set("Content-Type", "text/html; charset=utf-8")
	if len(packed) == 0 || !takesGzip(r) {
		r.c.Response().SetBody(html)
		return nil
	}
	r.c.Set("Content-Encoding", "gzip")
	r.c.Response().SetBody(packed)
	return nil
}

// get returns the part as HTML and compressed; a small one is not compressed.
func (p *sharedPart) get(r *request, make func() (templ.Component, error)) (html, packed []byte, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if age := r.view.Now.Sub(p.at); !p.at.IsZero() && age >= -sharedFor && age < sharedFor {
		return p.html, p.packed, nil
	}
	body, err := make()
	if err != nil {
		return nil, nil, err
	}
	var page bytes.Buffer
	if err := body.Render(r.ctx, &page); err != nil {
		return nil, nil, err
	}
	p.at, p.html, p.packed = r.view.Now, page.Bytes(), nil
	if page.Len() >= compressFrom {
		p.packed = fasthttp.AppendGzipBytesLevel(nil, p.html, fasthttp.CompressBestSpeed)
	}
	return p.html, p.packed, nil
}
