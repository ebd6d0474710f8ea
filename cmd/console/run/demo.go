package run

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"kfconsole/cmd/console/config"
	"kfconsole/internal/auth"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/server"
)

// CommandLine is who acts in the audit log when the program does by itself or from the command line; name tells which.
func CommandLine(name string) auth.Actor {
	return auth.Actor{ID: "command-line", Name: name, Role: auth.Owner}
}

// Demo serves the console and a simulated WeCom with a filled corp until ctx ends, both on loopback only. The data folder keeps
// the simulated corp as well. Its scripted people do something at the pace; at 0 they rest.
func Demo(ctx context.Context, cfg config.Config, pace time.Duration, o Outside) error {
	if err := cmp.Or(cfg.CheckDemo(), checkPace(pace)); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	defer o.closeListener(ln)
	simLn, err := demoListener(cfg.Data)
	if err != nil {
		return err
	}
	defer o.closeListener(simLn)
	simURL := "http://" + simLn.Addr().String()
	// Of this start only.
	cfg.CallbackToken, cfg.CallbackAESKey = rand.Text(), (rand.Text() + rand.Text())[:43]
	tell := kfsim.Callback{URL: "http://" + ln.Addr().String() + "/callback", Token: cfg.CallbackToken, AESKey: cfg.CallbackAESKey}
	sim, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo, StateFile: filepath.Join(cfg.Data, "simulator.json"), BaseURL: simURL, Callback: tell, Talks: true, Pace: pace})
	if err != nil {
		return fmt.Errorf("start simulator: %w", err)
	}
	defer o.close("simulator", sim)
	cfg.CorpID, cfg.CorpSecret, cfg.APIURL = kfsim.DemoCorpID, kfsim.DemoSecret, simURL
	c, err := build(ctx, cfg, o, server.Options{Corp: "云杉家居", Demo: true})
	if err != nil {
		return err
	}
	defer o.close("database", c.db)
	if err := c.gate.EnsureDemoOperators(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(o.Out, "listening on http://%s\nsimulator on %s\noperators owner, manager, auditor, viewer\npassword %s\n",
		ln.Addr(), simURL, auth.DemoPassword); err != nil {
		return err
	}
	return c.runBeside(ctx, ln, simLn, sim)
}

// runBeside runs the console beside its simulator and stops the simulator last: it still answers the console's last calls.
func (c *console) runBeside(ctx context.Context, ln, simLn net.Listener, sim *kfsim.Sim) error {
	ctx, stopConsole := context.WithCancel(ctx)
	defer stopConsole()
	simulating, stopSim := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSim()
	var group errgroup.Group
	group.Go(func() error {
		defer stopConsole() // a simulator that fails takes the console along
		return c.serveSim(simulating, simLn, sim)
	})
	group.Go(func() error {
		defer stopSim()
		if err := c.fill(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		return c.run(ctx, ln)
	})
	return group.Wait()
}

// demoListener listens where the simulator of this folder listened before, so that the addresses it gave out stay valid, or on a
// free port when that one is taken or unknown.
func demoListener(folder string) (net.Listener, error) {
	if err := prepareFolder(folder, false); err != nil {
		return nil, err
	}
	note := filepath.Join(folder, "simulator.addr")
	if addr, err := os.ReadFile(note); err == nil {
		if host, _, err := net.SplitHostPort(string(addr)); err == nil && config.IsLoopback(host) {
			if ln, err := net.Listen("tcp", string(addr)); err == nil {
				return ln, nil
			}
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(note, []byte(ln.Addr().String()), 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}
