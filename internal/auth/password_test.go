package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// cheap keeps the tests fast; the default cost is tested once.
var cheap = Cost{MemoryKiB: 64, Passes: 1}

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct{ name, password, rule string }{
		{"mgr", "short77", "short"},
		{"mgr", "密码密码密码密", "short"},
		{"mgr", "云杉家居的客服台", ""},
		{"mgr", strings.Repeat("长", 129), "long"},
		{"mgr", "correct horse " + strings.Repeat("b", 114), ""},
		{"linqing-desk", "LinQing-Desk", "name"},
		{"mgr", "Password123", "common"},
		{"mgr", "qwertyuiop", "common"},
		{"mgr", "demo-console", "common"},
		{"mgr", "aaaaaaaaaaaa", "common"},
		{"mgr", "abababababab", "common"},
		{"mgr", "20252025", "common"},
		{"mgr", "1234567890", "common"},
		{"mgr", "87654321", "common"},
		{"mgr", "ABCDEFGHIJ", "common"},
		{"mgr", "blue lamp on the stairs", ""},
		{"mgr", "        ", "common"},
	} {
		err := CheckPassword(c.name, c.password)
		var policy *PolicyError
		rule := ""
		if errors.As(err, &policy) {
			rule = policy.Rule
		}
		if rule != c.rule {
			t.Errorf("%q: rule %q, want %q", c.password, rule, c.rule)
		}
		if err != nil && strings.Contains(err.Error(), c.password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestHashAndCompare(t *testing.T) {
	ctx := context.Background()
	p, err := NewPasswords(cheap)
	if err != nil {
		t.Fatal(err)
	}
	one, err := p.Hash(ctx, "blue lamp on the stairs")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := p.Hash(ctx, "blue lamp on the stairs")
	if one == two {
		t.Error("two hashes of one password are equal: no salt")
	}
	for _, c := range []struct {
		password, hash string
		match          bool
	}{
		{"blue lamp on the stairs", one, true},
		{"blue lamp on the stairs ", one, false},
		{"", one, false},
		{"", "", false},
		{"anything", "", false},
	} {
		match, outdated, err := p.Compare(ctx, c.password, c.hash)
		if err != nil || match != c.match || outdated {
			t.Errorf("%q: match %v, outdated %v, %v", c.password, match, outdated, err)
		}
	}
	if _, _, err := p.Compare(ctx, "x", "not a hash"); err == nil {
		t.Error("a malformed hash is no error")
	}
	dearer, _ := NewPasswords(Cost{MemoryKiB: 128, Passes: 1})
	if match, outdated, _ := dearer.Compare(ctx, "blue lamp on the stairs", one); !match || !outdated {
		t.Error("a hash of another cost should match and be outdated")
	}
}

func TestDefaultCost(t *testing.T) {
	p, err := NewPasswords(Cost{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(p.dummy, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hashes begin with %.32s", p.dummy)
	}
}

func TestCompareWaitsItsTurn(t *testing.T) {
	p, err := NewPasswords(cheap)
	if err != nil {
		t.Fatal(err)
	}
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := p.Compare(ctx, "x", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("with all turns taken: %v", err)
	}
}

func TestCommonListIsUsable(t *testing.T) {
	n := 0
	for line := range strings.Lines(commonPasswords) {
		word := strings.TrimSpace(line)
		if word != strings.ToLower(word) || len([]rune(word)) < MinPassword {
			t.Errorf("%q can never match", word)
		}
		n++
	}
	if n < 400 {
		t.Errorf("only %d common passwords", n)
	}
}

func TestSetupCode(t *testing.T) {
	code, err := NewSetupCode()
	if err != nil {
		t.Fatal(err)
	}
	shown := code.String()
	if len(shown) != 14 || shown[4] != '-' || shown[9] != '-' {
		t.Fatalf("shown as %q", shown)
	}
	for _, typed := range []string{shown, strings.ToLower(shown), strings.ReplaceAll(shown, "-", ""), " " + strings.ReplaceAll(shown, "-", " ")} {
		if !code.Matches(typed) {
			t.Errorf("%q should match", typed)
		}
	}
	other, _ := NewSetupCode()
	for _, typed := range []string{"", "----", shown[:13], shown + "A", other.String()} {
		if code.Matches(typed) {
			t.Errorf("%q should not match", typed)
		}
	}
	if (*SetupCode)(nil).Matches("") || (&SetupCode{}).Matches("") {
		t.Error("no code should match nothing")
	}
}
