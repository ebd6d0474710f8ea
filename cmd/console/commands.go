package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"runtime"
	"text/tabwriter"
	"time"

	"kfconsole/cmd/console/config"
	"kfconsole/cmd/console/run"
	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

// commands is the command line.
type commands struct {
	config.Config

	Serve    serveCommand `cmd:"" help:"Run the console for a real corp."`
	Demo     demoCommand  `cmd:"" help:"Run the console and a simulated WeCom with a filled corp in one process, on loopback only."`
	Sim      simCommand   `cmd:"" help:"Run the simulated WeCom alone."`
	Operator struct {
		Add    operatorAdd    `cmd:"" help:"Add an operator; the password comes from standard input, or is asked for."`
		List   operatorList   `cmd:"" help:"List the operators."`
		Passwd operatorPasswd `cmd:"" help:"Set an operator's password and end all sessions of that operator."`
	} `cmd:"" help:"Keep the operators of the console."`
	Audit struct {
		Verify auditVerify `cmd:"" help:"Prove that nobody changed the audit log."`
		Export auditExport `cmd:"" help:"Write the audit log to a file or to standard output."`
	} `cmd:"" help:"Check and export the audit log."`
	Migrate migrateCommand `cmd:"" help:"Create the database or bring its schema up to date."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

type serveCommand struct{}

// Run serves a real corp.
func (serveCommand) Run(ctx context.Context, p *program, cfg config.Config) error {
	cfg, err := cfg.WithSecrets(os.ReadFile)
	if err != nil {
		return err
	}
	return run.Serve(ctx, cfg, p.Outside)
}

type demoCommand struct {
	Pace time.Duration `default:"20s" placeholder:"DURATION" help:"How often scripted customers and servicers do something; 0 is never."`
}

// Run serves a simulated corp.
func (c *demoCommand) Run(ctx context.Context, p *program, cfg config.Config) error {
	return run.Demo(ctx, cfg, c.Pace, p.Outside)
}

type simCommand struct {
	Seed  string `enum:"empty,demo,large" default:"demo" help:"Corp to start with: empty, demo or large."`
	State string `placeholder:"FILE" help:"File that keeps the corp across restarts."`

	Pace time.Duration `default:"0" placeholder:"DURATION" help:"How often scripted customers and servicers do something; 0 is never."`
}

// Run serves the simulated WeCom alone.
func (c *simCommand) Run(ctx context.Context, p *program, cfg config.Config) error {
	cfg, err := cfg.WithSecrets(os.ReadFile)
	if err != nil {
		return err
	}
	return run.Sim(ctx, cfg, run.SimOptions{Seed: c.Seed, State: c.State, Pace: c.Pace}, p.Outside)
}

type operatorAdd struct {
	Name string `arg:"" help:"Name to sign in with."`
	Role string `required:"" enum:"owner,manager,auditor,viewer" help:"owner, manager, auditor or viewer."`
}

// Run adds an operator.
func (c *operatorAdd) Run(ctx context.Context, p *program, cfg config.Config) error {
	return p.WithOps(ctx, cfg.Data, func(_ *db.DB, o *ops.Ops) error {
		password, err := p.ReadPassword(c.Name)
		if err != nil {
			return err
		}
		created, err := o.CreateOperator(ctx, p.user(), c.Name, auth.Role(c.Role), password)
		if err != nil {
			return fmt.Errorf("add operator: %w", run.Explained(err))
		}
		return p.print("operator %s (%s) added\n", created.Name, created.Role)
	})
}

type operatorPasswd struct {
	Name string `arg:"" help:"Name of the operator."`
}

// Run sets a password.
func (c *operatorPasswd) Run(ctx context.Context, p *program, cfg config.Config) error {
	return p.WithOps(ctx, cfg.Data, func(_ *db.DB, o *ops.Ops) error {
		password, err := p.ReadPassword(c.Name)
		if err != nil {
			return err
		}
		if err := o.ResetPassword(ctx, p.user(), c.Name, password); err != nil {
			return run.Explained(err)
		}
		return p.print("password of %s set, all sessions ended\n", c.Name)
	})
}

type operatorList struct{}

// Run lists the operators.
func (operatorList) Run(ctx context.Context, p *program, cfg config.Config) error {
	return p.WithDB(ctx, cfg.Data, func(d *db.DB) error {
		list, err := d.Operators(ctx)
		if err != nil {
			return fmt.Errorf("list operators: %w", err)
		}
		w := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "NAME\tROLE\tCREATED\tDISABLED")
		for _, each := range list {
			disabled := "-"
			if each.DisabledAt != nil {
				disabled = each.DisabledAt.UTC().Format(time.RFC3339)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", each.Name, each.Role, each.CreatedAt.UTC().Format(time.RFC3339), disabled)
		}
		return w.Flush()
	})
}

type migrateCommand struct{}

// Run opens the database for changes, which brings it up to date.
func (migrateCommand) Run(ctx context.Context, p *program, cfg config.Config) error {
	return p.WithOps(ctx, cfg.Data, func(*db.DB, *ops.Ops) error { return p.print("%s is up to date\n", run.DatabasePath(cfg.Data)) })
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *program) error {
	return p.print("console %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// user is who acts in the audit log: the user of this machine, with the rights of an owner.
func (p *program) user() auth.Actor {
	name := "command line"
	if u, err := user.Current(); err == nil {
		name += ": " + u.Username
	}
	return run.CommandLine(name)
}

func (p *program) print(format string, args ...any) error {
	_, err := fmt.Fprintf(p.Out, format, args...)
	return err
}
