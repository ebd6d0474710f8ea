package ops

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseIDs(t *testing.T) {
	for name, c := range map[string]struct {
		text       string
		valid      string
		invalid    string
		duplicates int
	}{
		"every separator":  {"a1 b2\tc3\nd4\r\ne5,f6，g7、h8;i9；j10|k11\"l12\"　m13\u00a0n14\ufeffo15", "a1 b2 c3 d4 e5 f6 g7 h8 i9 j10 k11 l12 m13 n14 o15", "", 0},
		"first spelling":   {"Lin.Qing lin.qing LIN.QING su_he", "Lin.Qing su_he", "", 2},
		"invalid ones":     {"ok 林晴 -lead a*b a*b " + strings.Repeat("x", 65), "ok", "林晴 -lead a*b " + strings.Repeat("x", 65), 1},
		"marks inside":     {"a-b_c.d@e 0x", "a-b_c.d@e 0x", "", 0},
		"nothing":          {" ,;\n", "", "", 0},
		"64 is the limit":  {strings.Repeat("x", 64), strings.Repeat("x", 64), "", 0},
		"long invalid cut": {strings.Repeat("长", 300), "", strings.Repeat("长", 80), 0},
	} {
		got := ParseIDs(c.text)
		if strings.Join(got.Valid, " ") != c.valid || strings.Join(got.Invalid, " ") != c.invalid || got.Duplicates != c.duplicates {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzParseIDs(f *testing.F) {
	f.Add("a, b；C c\n林晴")
	f.Add("\xff\xfe\x00a")
	f.Fuzz(func(t *testing.T, text string) {
		got := ParseIDs(text)
		seen := map[string]bool{}
		for _, id := range got.Valid {
			key := strings.ToLower(id)
			if seen[key] || !userID.MatchString(id) || !strings.Contains(text, id) {
				t.Errorf("%q among %q", id, got.Valid)
			}
			seen[key] = true
		}
		for _, id := range got.Invalid {
			if userID.MatchString(id) && utf8.RuneCountInString(id) < 80 {
				t.Errorf("%q is called invalid", id)
			}
		}
		again := ParseIDs(strings.Join(got.Valid, "，"))
		if !slices.Equal(again.Valid, got.Valid) || again.Duplicates != 0 || len(again.Invalid) != 0 {
			t.Errorf("read again: %+v, first %+v", again, got)
		}
	})
}
