package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kfconsole/cmd/console/config"
	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

// DatabasePath is where the database of a data folder is.
func DatabasePath(folder string) string { return filepath.Join(folder, "console.db") }

// OpenDB opens the database of a data folder and brings its schema up to date. With readOnly it changes nothing, and folder and
// database must exist. A folder that cannot be used is a *config.Error.
func OpenDB(ctx context.Context, folder string, readOnly bool) (*db.DB, error) {
	if err := prepareFolder(folder, readOnly); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Options{Path: DatabasePath(folder), ReadOnly: readOnly})
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", DatabasePath(folder), err)
	}
	return d, nil
}

func prepareFolder(folder string, readOnly bool) error {
	var err error
	switch {
	case folder == "":
		err = errors.New("is missing")
	case readOnly:
		_, err = os.Stat(DatabasePath(folder))
	default:
		err = os.MkdirAll(folder, 0o700)
	}
	if err != nil {
		return &config.Error{Setting: "KFCONSOLE_DATA", Why: err.Error()}
	}
	return nil
}

// WithOps opens the database of a data folder, calls fn and closes it again. The Ops has no way to reach WeCom.
func (o Outside) WithOps(ctx context.Context, folder string, fn func(*db.DB, *ops.Ops) error) error {
	d, err := OpenDB(ctx, folder, false)
	if err != nil {
		return err
	}
	defer o.close("database", d)
	gate, err := auth.NewGate(auth.GateOptions{DB: d})
	if err != nil {
		return err
	}
	return fn(d, ops.New(ops.Options{DB: d, Gate: gate, Log: o.Log}))
}

// WithDB opens the database of a data folder for reading, calls fn and closes it again.
func (o Outside) WithDB(ctx context.Context, folder string, fn func(*db.DB) error) error {
	d, err := OpenDB(ctx, folder, true)
	if err != nil {
		return err
	}
	defer o.close("database", d)
	return fn(d)
}

// claim keeps the data of two corps apart, and the published passwords of the demo away from a real console. A database without
// accounts may change hands, as after a mistyped corp id.
func claim(ctx context.Context, d *db.DB, cfg config.Config) error {
	owner, err := d.Setting(ctx, corpKey)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("read setting: %w", err)
	}
	if owner == cfg.CorpID {
		return nil
	}
	counts, err := d.AccountCounts(ctx)
	if err != nil {
		return fmt.Errorf("count accounts: %w", err)
	}
	if owner != "" && counts.Total > 0 {
		return &config.Error{Setting: "KFCONSOLE_DATA",
			Why: fmt.Sprintf("%s holds the data of corp %s, not of %s: choose another folder", cfg.Data, owner, cfg.CorpID)}
	}
	return d.SetSetting(ctx, corpKey, cfg.CorpID)
}
