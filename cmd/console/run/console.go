// Package run builds the console from its parts, runs it and stops it in order: for a real corp, for a simulated one in the same
// process, or the simulator alone. It knows every part and what each needs, and no flag, page or row.
package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"kfconsole/cmd/console/config"
	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/live"
	"kfconsole/internal/ops"
	"kfconsole/internal/server"
)

// stopWithin bounds the wait for requests under way. Each ends sooner by its own deadline; only a slow download may not.
const stopWithin = 50 * time.Second

// corpKey is the setting in the database that says whose data it holds.
const corpKey = "corp_id"

// Outside is what a command may use of the world beside its Config.
type Outside struct {
	In          io.Reader
	Out, ErrOut io.Writer
	Log         *slog.Logger
	Version     string
}

// Serve serves the console for a real corp until ctx ends; WeCom need not answer.
func Serve(ctx context.Context, cfg config.Config, o Outside) error {
	if err := cfg.CheckServe(); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	defer o.closeListener(ln)
	o.Log.Info("start", "version", o.Version, "config", cfg.String())
	c, err := build(ctx, cfg, o, server.Options{})
	if err != nil {
		return err
	}
	defer o.close("database", c.db)
	if _, err := fmt.Fprintf(o.Out, "listening on http://%s\n", ln.Addr()); err != nil {
		return err
	}
	if err := c.offerSetup(ctx, ln); err != nil {
		return err
	}
	return c.run(ctx, ln)
}

// console is everything that serves the console.
type console struct {
	Outside
	db      *db.DB
	ops     *ops.Ops
	mirror  *live.Mirror
	syncer  *live.Syncer
	hub     *live.Hub
	archive *live.Archive
	server  *server.Server
	gate    *auth.Gate
	setup   *auth.SetupCode
}

// build opens the database and puts the parts together; nothing runs yet. Whoever asked closes the database.
func build(ctx context.Context, cfg config.Config, out Outside, o server.Options) (_ *console, err error) {
	c := &console{Outside: out}
	if c.db, err = OpenDB(ctx, cfg.Data, false); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			out.close("database", c.db)
		}
	}()
	if err := claim(ctx, c.db, cfg); err != nil {
		return nil, err
	}
	client, err := kf.New(kf.Options{BaseURL: cfg.APIURL, CorpID: cfg.CorpID, Secret: cfg.CorpSecret})
	if err != nil {
		return nil, err
	}
	if c.setup, err = auth.NewSetupCode(); err != nil {
		return nil, err
	}
	if o.Gate, err = auth.NewGate(auth.GateOptions{DB: c.db, SetupCode: c.setup}); err != nil {
		return nil, err
	}
	c.gate = o.Gate
	if cfg.PublicURL != "" {
		if o.PublicURL, err = url.Parse(cfg.PublicURL); err != nil {
			return nil, err
		}
	}
	c.ops = ops.New(ops.Options{DB: c.db, KF: client, Gate: o.Gate, Log: out.Log, Fold: live.Refold})
	if err := c.follow(cfg, client, &o); err != nil {
		return nil, err
	}
	o.DB, o.Ops, o.CorpID, o.Log, o.MetricsToken = c.db, c.ops, cfg.CorpID, out.Log, cfg.MetricsToken
	c.server, err = server.New(o)
	return c, err
}

// follow builds what keeps our copy in step with WeCom: the mirror, the sync of messages, the archive of figures, the way in
// for callbacks and the hub that tells browsers.
func (c *console) follow(cfg config.Config, client *kf.Client, o *server.Options) error {
	media, err := cfg.Media()
	if err != nil {
		return err
	}
	c.mirror = live.New(live.Options{DB: c.db, KF: client, APIURL: cfg.APIURL, Log: c.Log})
	c.syncer = live.NewSyncer(live.SyncOptions{DB: c.db, KF: client, Mirror: c.mirror, APIURL: cfg.APIURL, Log: c.Log, MediaLimit: media.Limit, MediaQuota: media.Quota})
	c.hub = live.NewHub(c.db, c.Log)
	c.archive = live.NewArchive(live.ArchiveOptions{DB: c.db, KF: client, Log: c.Log})
	if cfg.CallbackToken != "" {
		if o.Callback, err = callback.New(cfg.CallbackToken, cfg.CallbackAESKey, cfg.CorpID); err != nil {
			return err
		}
	}
	o.Mirror, o.Syncer, o.Hub, o.MediaQuota = c.mirror, c.syncer, c.hub, media.Quota
	return nil
}

// run serves ln and works in the background until ctx ends or a part fails. Then the server stops first, so that no request finds
// a part gone, and the workers next; the database is closed last, by the caller.
func (c *console) run(ctx context.Context, ln net.Listener) error {
	working, stopWorkers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorkers()
	group, failed := errgroup.WithContext(working)
	group.Go(func() error { return unlessCancelled(c.ops.Work(failed)) })
	group.Go(func() error { return unlessCancelled(c.mirror.Run(failed)) })
	group.Go(func() error { return unlessCancelled(c.syncer.Run(failed)) })
	group.Go(func() error { return unlessCancelled(c.hub.Run(failed)) })
	group.Go(func() error { return unlessCancelled(c.archive.Run(failed)) })
	group.Go(func() error { return c.server.Serve(ln) })
	select {
	case <-ctx.Done():
		c.Log.Info("stop")
	case <-failed.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := c.server.Shutdown(bounded); err != nil {
		c.Log.Error("requests were cut off", "error", err)
	}
	stopWorkers()
	return group.Wait()
}

func unlessCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// offerSetup tells the way in while nobody can sign in.
func (c *console) offerSetup(ctx context.Context, ln net.Listener) error {
	n, err := c.db.OperatorCount(ctx)
	if err != nil || n > 0 {
		return err
	}
	_, err = fmt.Fprintf(c.ErrOut, "no operator yet: open http://%s/setup and enter the code %s\n", ln.Addr(), c.setup)
	return err
}

func (o Outside) close(what string, c io.Closer) {
	if err := c.Close(); err != nil {
		o.Log.Error("close "+what, "error", err)
	}
}

// closeListener closes a listener that its server may have closed already.
func (o Outside) closeListener(ln net.Listener) {
	if err := ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		o.Log.Error("close listener", "error", err)
	}
}
