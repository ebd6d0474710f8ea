package server

import (
	"net/http"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"kfconsole/web/static"
)

// packed keeps the compressed form of each embedded file, made at the best level
// when it is first asked for: it never changes while the program runs.
type packed struct {
	once sync.Once
	br   []byte
	gzip []byte
}

func (p *packed) of(body []byte) *packed {
	p.once.Do(func() {
		p.br = fasthttp.AppendBrotliBytesLevel(nil, body, fasthttp.CompressBrotliBestCompression)
		p.gzip = fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestCompression)
	})
	return p
}

// static sends an embedded file. Its address holds a hash of its content, so a
// browser may keep it for ever.
func (s *Server) static(c *fiber.Ctx) error {
	asset, ok := static.Open(c.Path())
	if !ok {
		return c.SendStatus(http.StatusNotFound)
	}
	c.Set("Cache-Control", "public, max-age=31536000, immutable")
	c.Set("Content-Type", asset.ContentType)
	c.Vary("Accept-Encoding")
	entry, _ := s.packed.LoadOrStore(asset.Path, &packed{})
	accept := c.Get("Accept-Encoding")
	switch {
	case strings.Contains(accept, "br"):
		c.Set("Content-Encoding", "br")
		return c.Send(entry.(*packed).of(asset.Body).br)
	case strings.Contains(accept, "gzip"):
		c.Set("Content-Encoding", "gzip")
		return c.Send(entry.(*packed).of(asset.Body).gzip)
	}
	return c.Send(asset.Body)
}

// favicon sends browsers that ask at the usual place to the drawing.
func (s *Server) favicon(c *fiber.Ctx) error {
	c.Set("Cache-Control", "public, max-age=86400")
	return c.Redirect(static.Path("img/favicon.svg"), http.StatusFound)
}

// lastResort answers errors that arise before a handler runs: a broken request
// line, a header or body that is too large.
func (s *Server) lastResort(c *fiber.Ctx, err error) error {
	status, _ := classify(err)
	s.Log.Warn("request refused", "status", status, "error", err)
	s.secure(&c.Response().Header)
	c.Set("Content-Type", "text/plain; charset=utf-8")
	return c.Status(status).SendString(http.StatusText(status) + "\n")
}
