package run

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// ReadPassword asks twice without echo on a terminal, and takes the first line of anything else.
func (o Outside) ReadPassword(name string) (string, error) {
	if f, ok := o.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		first, err := o.prompt(f, "Password for "+name+": ")
		if err != nil {
			return "", err
		}
		second, err := o.prompt(f, "Again: ")
		if err == nil && first != second {
			err = errors.New("the two passwords differ")
		}
		return first, err
	}
	line, err := bufio.NewReader(io.LimitReader(o.In, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("no password on standard input")
	}
	return line, nil
}

func (o Outside) prompt(f *os.File, text string) (string, error) {
	_, _ = fmt.Fprint(o.ErrOut, text)
	typed, err := term.ReadPassword(int(f.Fd()))
	_, _ = fmt.Fprintln(o.ErrOut)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return string(typed), nil
}

// Explained puts the rule that a name or password breaks into words.
func Explained(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return errors.New("there is no operator of that name")
	}
	policy := (*auth.PolicyError)(nil)
	if !errors.As(err, &policy) {
		return err
	}
	switch policy.Rule {
	case "short":
		return fmt.Errorf("the %s is too short: at least %d characters", policy.Field, policy.Limit)
	case "long":
		return fmt.Errorf("the %s is too long: at most %d characters", policy.Field, policy.Limit)
	case "common":
		return fmt.Errorf("the %s is too common", policy.Field)
	case "name":
		return fmt.Errorf("the %s is the name", policy.Field)
	case "chars":
		return fmt.Errorf("the %s has a character that is not allowed", policy.Field)
	case "taken":
		return fmt.Errorf("the %s is taken", policy.Field)
	}
	return err
}
