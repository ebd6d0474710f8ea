// Package server answers browsers. It is the only package that knows HTTP serving
// and the web framework: a handler parses the request, reads rows or asks ops for a
// change, shapes a view model and replies with a page or a part of one. It knows no
// SQL and holds no sentence: words come from i18n.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
)

// Options are what a Server is built from. DB, Ops, Mirror, Syncer, Hub and Gate are required.
type Options struct {
	DB     *db.DB
	Ops    *ops.Ops
	Mirror *live.Mirror
	Syncer *live.Syncer
	Hub    *live.Hub
	Gate   *auth.Gate
	// Callback opens what WeCom sends to /callback; nil means that nothing can be sent there.
	Callback *callback.Opener
	// MediaQuota is how many bytes of pictures, voices and files are kept; 0 means live.DefaultMediaQuota.
	MediaQuota int64
	// MetricsToken is asked for at /metrics; without one only this machine is answered.
	MetricsToken string
	// Corp is the name shown for the company; empty shows the corp id.
	Corp   string
	CorpID string
	// PublicURL is the address that operators use; nil means any loopback address
	// and the address of the listener. With https, cookies are Secure.
	PublicURL *url.URL
	// Demo shows the operators of the demonstration on the sign-in page.
	Demo bool
	Now  func() time.Time
	Log  *slog.Logger
}

// Server is the console's web server. Build it with New, run it with Serve.
type Server struct {
	Options
	app   *fiber.App
	cross *http.CrossOriginProtection
	hosts map[string]bool
	// streams are the browsers that watch, door is where WeCom calls.
	streams *streams
	door    *door
	// packed holds the compressed form of embedded files by address.
	packed sync.Map
	// shared are parts of pages that many browsers ask for at once.
	shared shared
	// buffers are those that pages are rendered to.
	buffers sync.Pool
}

// Limits of one connection and one request.
const (
	readTimeout    = 30 * time.Second
	writeTimeout   = 2 * time.Minute
	idleTimeout    = 90 * time.Second
	requestTimeout = 45 * time.Second
)

// New builds a server. It does not listen yet.
func New(o Options) (*Server, error) {
	if o.DB == nil || o.Ops == nil || o.Mirror == nil || o.Syncer == nil || o.Hub == nil || o.Gate == nil {
		return nil, errors.New("server: DB, Ops, Mirror, Syncer, Hub and Gate are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Options: o, cross: http.NewCrossOriginProtection(), hosts: map[string]bool{}, streams: newStreams(o), door: newDoor(o.Now)}
	if o.PublicURL != nil {
		s.hosts[o.PublicURL.Host] = true
		origin := o.PublicURL.Scheme + "://" + o.PublicURL.Host
		if err := s.cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("server: public url: %w", err)
		}
	}
	s.app = fiber.New(fiber.Config{
		Immutable: true, DisableStartupMessage: true, StrictRouting: false, CaseSensitive: true,
		BodyLimit: maxBody, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorHandler: s.lastResort, ServerHeader: "", ReadBufferSize: 16 << 10,
		RequestMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
	})
	// A stream takes its connection over for good; a handler that keeps it holds no memory of the framework's.
	s.app.Server().KeepHijackedConns = true
	s.app.Server().HeaderReceived = s.bodyLimit
	s.mount()
	return s, nil
}

// mount puts the middleware and the routes in their order.
func (s *Server) mount() {
	s.app.Use(s.guard)
	s.app.Get("/static/*", s.static)
	s.app.Get("/favicon.ico", s.favicon)
	s.app.Get("/healthz", s.healthz)
	s.app.Get("/readyz", s.readyz)
	s.app.Get("/metrics", s.metrics)
	s.app.Get("/callback", s.callbackCheck)
	s.app.Post("/callback", s.callback)
	for _, each := range routes() {
		handle := s.wrap(each)
		if each.method == get {
			s.app.Get(each.path, handle)
		} else {
			s.app.Post(each.path, handle)
		}
	}
	s.app.Use(s.wrap(route{get, "*", auth.Public, func(*Server, *request) error { return errNotFound }}))
	s.harden()
}

// Serve answers requests from ln until Shutdown is called; it then returns nil.
func (s *Server) Serve(ln net.Listener) error {
	if s.PublicURL == nil {
		s.hosts[ln.Addr().String()] = true
	}
	watching, stop := context.WithCancel(context.Background())
	var watch sync.WaitGroup
	watch.Go(func() { s.streams.watch(watching) })
	defer watch.Wait()
	defer stop()
	return s.app.Listener(ln)
}

// Shutdown ends the streams at once, stops listening and waits until every request
// under way has been answered, or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.streams.stop(ctx)
	return s.app.ShutdownWithContext(ctx)
}

// Test sends a request to the server without a connection. For tests of handlers.
func (s *Server) Test(req *http.Request) (*http.Response, error) {
	return s.app.Test(req, int((30 * time.Second).Milliseconds()))
}

func (s *Server) healthz(c *fiber.Ctx) error { return c.SendString("ok\n") }

// readyz tells whether the console can do its work: the database answers. WeCom
// being away does not make it unready, because it runs on its mirror.
func (s *Server) readyz(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, err := s.DB.OperatorCount(ctx); err != nil {
		s.Log.Error("readyz", "error", err)
		return c.Status(http.StatusServiceUnavailable).SendString("database\n")
	}
	return c.SendString("ok\n")
}
