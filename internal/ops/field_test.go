package ops

import (
	"errors"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ text, want, rule string }{
		{"  售前咨询 ", "售前咨询", ""},
		{strings.Repeat("长", 16), strings.Repeat("长", 16), ""},
		{strings.Repeat("长", 17), "", "long"},
		{" \t ", "", "required"},
		{"a\nb", "", "control"},
		{"a\x00b", "", "control"},
		{"a\u202eb", "", "control"},
		{"a\u2028b", "", "control"},
		{"a\xffb", "", "control"},
		{"👩‍🔧 desk", "👩‍🔧 desk", ""},
	} {
		got, err := line("name", c.text, true, 16)
		var invalid *Invalid
		if errors.As(err, &invalid); (invalid == nil) != (c.rule == "") || invalid != nil && invalid.Rule != c.rule {
			t.Errorf("%q: %v, want rule %q", c.text, err, c.rule)
		}
		if err == nil && got != c.want {
			t.Errorf("%q became %q", c.text, got)
		}
	}
}

func TestProse(t *testing.T) {
	got, err := prose("note", " 第一行\r\n\t第二行 ", 20)
	if err != nil || got != "第一行\n\t第二行" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := prose("note", "a\x1bb", 20); err == nil {
		t.Error("an escape character was taken")
	}
}

func TestValidScene(t *testing.T) {
	for scene, want := range map[string]bool{
		"": true, "web_footer-1": true, strings.Repeat("s", 32): true,
		strings.Repeat("s", 33): false, "首页": false, "a b": false, "a.b": false, "a\n": false,
	} {
		if ValidScene(scene) != want {
			t.Errorf("%q: %v", scene, !want)
		}
	}
}
