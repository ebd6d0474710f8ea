package auth

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
)

// Limits of a password, in characters. There are no other rules of composition: length is what counts.
const (
	MinPassword = 8
	MaxPassword = 128
)

// PolicyError says why a name or password cannot be taken. Rule is short, long, common, name (the password is the operator's name), chars or taken.
type PolicyError struct {
	Field string // name, password or current
	Rule  string
	Limit int // of short and long
}

// Error names the field and the rule, never the value.
func (e *PolicyError) Error() string { return e.Field + ": " + e.Rule }

//go:embed common.txt
var commonPasswords string

// CheckPassword says whether the password may be chosen by the operator of that name; the error is a *PolicyError.
func CheckPassword(name, password string) error {
	if err := checkLength(password); err != nil {
		return err
	}
	folded := strings.ToLower(password)
	if name != "" && folded == strings.ToLower(name) {
		return &PolicyError{Field: "password", Rule: "name"}
	}
	if isCommon(folded) {
		return &PolicyError{Field: "password", Rule: "common"}
	}
	return nil
}

func checkLength(password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return &PolicyError{Field: "password", Rule: "short", Limit: MinPassword}
	case n > MaxPassword:
		return &PolicyError{Field: "password", Rule: "long", Limit: MaxPassword}
	}
	return nil
}

// isCommon finds the listed passwords, a piece of at most four characters repeated, and a run along the alphabet or the digits.
func isCommon(folded string) bool {
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(line) == folded {
			return true
		}
	}
	runes := []rune(folded)
	for period := 1; period <= 4; period++ {
		if repeats(runes, period) {
			return true
		}
	}
	return isRun(runes, 1) || isRun(runes, -1)
}

func repeats(runes []rune, period int) bool {
	for i := period; i < len(runes); i++ {
		if runes[i] != runes[i-period] {
			return false
		}
	}
	return true
}

func isRun(runes []rune, step rune) bool {
	for i := 1; i < len(runes); i++ {
		nine := step == 1 && runes[i-1] == '9' && runes[i] == '0'
		if runes[i]-runes[i-1] != step && !nine {
			return false
		}
	}
	return true
}

// Passwords hashes and compares with argon2id. At most a few comparisons run at once, because each takes 19 MiB.
type Passwords struct {
	params argon2id.Params
	dummy  string
	slots  chan struct{}
}

// Cost is what one hash takes. The zero Cost is 19 MiB, 2 passes, 1 lane: the smallest that OWASP advises.
type Cost struct{ MemoryKiB, Passes uint32 }

// NewPasswords prepares hashing at the given cost.
func NewPasswords(cost Cost) (*Passwords, error) {
	if cost == (Cost{}) {
		cost = Cost{MemoryKiB: 19 * 1024, Passes: 2}
	}
	p := &Passwords{
		params: argon2id.Params{Memory: cost.MemoryKiB, Iterations: cost.Passes, Parallelism: 1, SaltLength: 16, KeyLength: 32},
		slots:  make(chan struct{}, 4),
	}
	raw := make([]byte, 16+32)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("prepare passwords: %w", err)
	}
	// Random salt and key rather than a real hash, which would take 19 MiB and 40 ms of every start.
	text := base64.RawStdEncoding.EncodeToString
	p.dummy = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, cost.MemoryKiB, cost.Passes, text(raw[:16]), text(raw[16:]))
	return p, nil
}

// Hash returns the text to store for a password. It does not ask CheckPassword.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	hash, err := argon2id.CreateHash(password, &p.params)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Compare says whether the password belongs to the hash, and whether the hash should be made anew because it was made at another cost.
// An empty hash (there is no such operator) is compared with a dummy: the same work, and never a match.
func (p *Passwords) Compare(ctx context.Context, password, hash string) (match, outdated bool, err error) {
	if err := p.enter(ctx); err != nil {
		return false, false, err
	}
	defer p.leave()
	nobody := hash == ""
	if nobody {
		hash = p.dummy
	}
	match, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("compare password: %w", err)
	}
	return match && !nobody, *params != p.params, nil
}

func (p *Passwords) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn to compare passwords: %w", ctx.Err())
	}
}

func (p *Passwords) leave() { <-p.slots }
