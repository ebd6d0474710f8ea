package auth_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"kfconsole/internal/auth"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMatrix(t *testing.T) {
	var text strings.Builder
	fmt.Fprintf(&text, "%-18s", "")
	for _, r := range auth.Roles() {
		fmt.Fprintf(&text, " %-8s", r)
	}
	text.WriteString("\n")
	for _, p := range auth.Permissions() {
		fmt.Fprintf(&text, "%-18s", p)
		for _, r := range auth.Roles() {
			mark := "-"
			if r.Can(p) {
				mark = "yes"
			}
			fmt.Fprintf(&text, " %-8s", mark)
		}
		text.WriteString("\n")
	}
	var got strings.Builder
	for line := range strings.Lines(text.String()) {
		got.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	const file = "testdata/matrix.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the permission matrix differs from %s (go test -update writes it):\n%s", file, got.String())
	}
}

func TestCanRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, r := range auth.Roles() {
		if r.Can("account.explode") {
			t.Errorf("%s has a permission that does not exist", r)
		}
		if !r.Can(auth.Public) {
			t.Errorf("%s may not see a public page", r)
		}
	}
	for _, p := range auth.Permissions() {
		if auth.Role("root").Can(p) || auth.Role("").Can(p) {
			t.Errorf("an unknown role has %s", p)
		}
		if (auth.Actor{Role: auth.Owner}).Can(p) {
			t.Errorf("an actor without an id has %s", p)
		}
	}
	if !(auth.Actor{}).Can(auth.Public) {
		t.Error("a visitor may not see a public page")
	}
	if _, err := auth.ParseRole("root"); err == nil {
		t.Error("ParseRole took an unknown role")
	}
}
