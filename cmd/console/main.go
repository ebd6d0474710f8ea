// Command console is the web admin console for WeCom's WeChat customer service (微信客服): it serves the console for a real
// corp or for a simulated one, and keeps its operators and audit log from the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // operators choose a zone, and a small machine may have none

	"github.com/alecthomas/kong"

	"kfconsole/cmd/console/config"
	"kfconsole/cmd/console/run"
)

// version is set by the linker.
var version = "dev"

// Exit codes.
const (
	exitError = 1 // it could not be done
	exitUsage = 2 // the command line or a setting is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the second one ends the process at once.
	context.AfterFunc(ctx, stop)
	p := &program{run.Outside{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Version: version}}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is what a command may use of the outside.
type program struct{ run.Outside }

// run executes the command line and returns the exit code. Whatever goes wrong is one line on standard error.
func (p *program) run(ctx context.Context, args []string) int {
	var c commands
	parser, err := kong.New(&c, kong.Name("console"), kong.Description("KF Console, the web admin console for WeChat customer service (微信客服)."),
		kong.Writers(p.Out, p.ErrOut), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return p.fail(err, exitError)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return p.fail(err, exitUsage)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(p, c.Config)
	if setting := (*config.Error)(nil); errors.As(err, &setting) {
		return p.fail(err, exitUsage)
	}
	if err != nil {
		return p.fail(err, exitError)
	}
	return 0
}

func (p *program) fail(err error, code int) int {
	_, _ = fmt.Fprintln(p.ErrOut, "console:", strings.Join(strings.Fields(err.Error()), " "))
	return code
}
