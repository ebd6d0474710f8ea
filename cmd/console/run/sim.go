package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"kfconsole/cmd/console/config"
	"kfconsole/internal/kf/kfsim"
)

// SimOptions is what is set of the simulator alone.
type SimOptions struct {
	Seed  string        // the corp to start with: empty, demo or large
	State string        // the file that keeps the corp across restarts; empty keeps it in memory
	Pace  time.Duration // how often scripted people do something; 0 is never
}

// Sim serves the simulated WeCom alone until ctx ends. Corp id and secret are those of the Config, or the published ones when it
// has neither.
func Sim(ctx context.Context, cfg config.Config, with SimOptions, o Outside) error {
	if err := checkPace(with.Pace); err != nil {
		return err
	}
	world, err := kfsim.ParseSeed(with.Seed)
	if err != nil {
		return err
	}
	secret := "as set"
	if cfg.CorpID == "" && cfg.CorpSecret == "" {
		cfg.CorpID, cfg.CorpSecret, secret = kfsim.DemoCorpID, kfsim.DemoSecret, kfsim.DemoSecret
	}
	if err := cfg.CheckServe(); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	defer o.closeListener(ln)
	sim, err := kfsim.New(kfsim.Options{CorpID: cfg.CorpID, Secret: cfg.CorpSecret, Seed: world, StateFile: with.State, BaseURL: cfg.PublicURL, Pace: with.Pace})
	if err != nil {
		return fmt.Errorf("start simulator: %w", err)
	}
	defer o.close("simulator", sim)
	if _, err := fmt.Fprintf(o.Out, "listening on http://%s\nsimulator on http://%[1]s\ncorp id %s\ncorp secret %s\n",
		ln.Addr(), cfg.CorpID, secret); err != nil {
		return err
	}
	return o.serveSim(ctx, ln, sim)
}

// checkPace refuses a pace that would keep the machine busy with nothing else.
func checkPace(pace time.Duration) error {
	if pace != 0 && pace < kfsim.FastestPace {
		return fmt.Errorf("--pace: 0 or at least %s, not %s", kfsim.FastestPace, pace)
	}
	return nil
}

// serveSim answers on ln until ctx ends, then lets held requests go and waits for those under way.
func (o Outside) serveSim(ctx context.Context, ln net.Listener, sim *kfsim.Sim) error {
	s := &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: 10 * time.Second}
	group, stopping := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-stopping.Done()
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		return errors.Join(sim.Close(), s.Shutdown(bounded))
	})
	return group.Wait()
}
