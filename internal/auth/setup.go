package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
)

// SetupCode is the one-time code that lets the first operator be created in the browser. It is shown on the console's standard output
// while no operator exists, so only who can read that can use it. It lives in memory and changes with every start.
type SetupCode struct{ code string }

// NewSetupCode makes a code of 60 random bits, written as XXXX-XXXX-XXXX.
func NewSetupCode() (*SetupCode, error) {
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("make setup code: %w", err)
	}
	text := base32.StdEncoding.EncodeToString(raw)
	return &SetupCode{code: text[0:4] + "-" + text[4:8] + "-" + text[8:12]}, nil
}

// String returns the code as it is shown.
func (c *SetupCode) String() string { return c.code }

// Matches compares in constant time. Case, spaces and hyphens in the typed text do not matter. A nil code matches nothing.
func (c *SetupCode) Matches(typed string) bool {
	if c == nil || c.code == "" {
		return false
	}
	want, got := sha256.Sum256([]byte(bare(c.code))), sha256.Sum256([]byte(bare(typed)))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

func bare(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(cut(strings.TrimSpace(code), 64)))
}
