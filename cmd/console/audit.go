package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"time"

	"kfconsole/cmd/console/config"
	"kfconsole/cmd/console/run"
	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/internal/ops"
	"kfconsole/internal/server"
)

type auditVerify struct {
	Expect string `placeholder:"SEQ:HASH" help:"Head that was noted earlier: the log must still hold it."`
}

// Validate refuses a head that cannot be one.
func (c *auditVerify) Validate() error {
	_, err := run.ParseHead(c.Expect)
	return err
}

// Run reads the whole log and says whether it holds.
func (c *auditVerify) Run(ctx context.Context, p *program, cfg config.Config) error {
	noted, err := run.ParseHead(c.Expect)
	if err != nil {
		return err
	}
	return p.Verify(ctx, cfg.Data, noted)
}

type auditExport struct {
	Format   string `enum:"csv,jsonl,xlsx" default:"csv" help:"csv, jsonl or xlsx."`
	Output   string `short:"o" placeholder:"FILE" help:"File to write; standard output without it."`
	From     string `placeholder:"DATE" help:"First day, such as 2026-01-31."`
	To       string `placeholder:"DATE" help:"Last day."`
	Operator string `placeholder:"NAME" help:"Only this operator."`
	Action   string `placeholder:"ACTION" help:"Only this action, such as account.update."`
	Outcome  string `placeholder:"OUTCOME" help:"Only this outcome: done, partial, refused, failed, denied or open."`
	Target   string `placeholder:"TEXT" help:"Only targets with this in their name or id."`
	Lang     string `enum:"zh-CN,en" default:"zh-CN" help:"Language of the titles: zh-CN or en."`
	Zone     string `default:"Asia/Shanghai" help:"Time zone of days and times."`
}

// Validate refuses days and zones that there are not.
func (c *auditExport) Validate() error {
	_, _, err := c.filter()
	return err
}

// Run writes the entries of the filter, and records that it did.
func (c *auditExport) Run(ctx context.Context, p *program, cfg config.Config) error {
	filter, zone, err := c.filter()
	if err != nil {
		return err
	}
	return p.WithOps(ctx, cfg.Data, func(d *db.DB, o *ops.Ops) error {
		id, err := o.StartExport(ctx, p.user(), c.Format, c.query().Encode())
		if err != nil {
			return err
		}
		rows, err := c.write(p.Out, func(w io.Writer) (int64, error) {
			return server.AuditFile(ctx, d, filter, c.Format, w, i18n.Lang(c.Lang), zone)
		})
		return errors.Join(err, o.FinishExport(ctx, id, rows, err))
	})
}

// write gives fn the file of --output, or standard output.
func (c *auditExport) write(out io.Writer, fn func(io.Writer) (int64, error)) (int64, error) {
	if c.Output == "" {
		return fn(out)
	}
	file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	rows, err := fn(file)
	return rows, errors.Join(err, file.Close())
}

func (c *auditExport) filter() (f db.AuditFilter, zone *time.Location, err error) {
	if zone, err = time.LoadLocation(c.Zone); err != nil {
		return f, nil, fmt.Errorf("--zone: %w", err)
	}
	f = db.AuditFilter{OperatorName: c.Operator, Action: c.Action, Result: c.Outcome, Target: c.Target}
	for _, day := range []struct {
		flag, text string
		later      int
		into       **time.Time
	}{{"from", c.From, 0, &f.From}, {"to", c.To, 1, &f.To}} {
		if day.text == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, day.text, zone)
		if err != nil {
			return f, nil, fmt.Errorf("--%s: want a day such as 2026-01-31, not %q", day.flag, day.text)
		}
		at = at.AddDate(0, 0, day.later)
		*day.into = &at
	}
	return f, zone, nil
}

// query is the filter as the address of the log's page has it.
func (c *auditExport) query() url.Values {
	q := url.Values{"operator": {c.Operator}, "action": {c.Action}, "outcome": {c.Outcome}, "target": {c.Target}, "from": {c.From}, "to": {c.To}}
	maps.DeleteFunc(q, func(_ string, v []string) bool { return v[0] == "" })
	return q
}
