package ops

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"kfconsole/internal/kf"
)

func TestSplitText(t *testing.T) {
	line := strings.Repeat("一", 500) // 1500 bytes
	family := "👨\u200d👩\u200d👧\u200d👦"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":            {" \r\n\t ", nil},
		"short":              {"  您好\r\n请问\r", []string{"您好\n请问"}},
		"exactly full":       {strings.Repeat("a", 2048), []string{strings.Repeat("a", 2048)}},
		"one byte more":      {strings.Repeat("a", 2049), []string{strings.Repeat("a", 2048), "a"}},
		"three-byte runes":   {strings.Repeat("退", 683), []string{strings.Repeat("退", 682), "退"}},
		"at a line":          {line + "\n" + line, []string{line, line}},
		"at a paragraph":     {line + "\n\n" + strings.Repeat("b", 300) + "\n" + line, []string{line, strings.Repeat("b", 300) + "\n" + line}},
		"after a sentence":   {strings.Repeat("字", 600) + "。" + strings.Repeat("句", 600), []string{strings.Repeat("字", 600) + "。", strings.Repeat("句", 600)}},
		"not at a figure":    {strings.Repeat("x", 2040) + " 3.14 is" + strings.Repeat("y", 20), []string{strings.Repeat("x", 2040) + " 3.14", "is" + strings.Repeat("y", 20)}},
		"at a space":         {strings.Repeat("word ", 500), []string{strings.TrimSpace(strings.Repeat("word ", 409)), strings.TrimSpace(strings.Repeat("word ", 91))}},
		"a family is whole":  {strings.Repeat("a", 2040) + family + "b", []string{strings.Repeat("a", 2040), family + "b"}},
		"flags keep in two":  {strings.Repeat("🇨🇳", 257), []string{strings.Repeat("🇨🇳", 256), "🇨🇳"}},
		"a tone stays":       {strings.Repeat("a", 2044) + "👍🏽", []string{strings.Repeat("a", 2044), "👍🏽"}},
		"an accent stays":    {strings.Repeat("a", 2047) + "e\u0301", []string{strings.Repeat("a", 2047), "e\u0301"}},
		"one huge character": {"a" + strings.Repeat("\u0301", 1500), []string{"a" + strings.Repeat("\u0301", 1023), strings.Repeat("\u0301", 477)}},
		"a quote goes along": {strings.Repeat("字", 400) + "。" + strings.Repeat("甲", 279) + "！”乙", []string{strings.Repeat("字", 400) + "。", strings.Repeat("甲", 279) + "！”乙"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := SplitText(c.text)
			if len(got) != len(c.want) {
				t.Fatalf("%d parts of %v bytes, want %d", len(got), sizes(got), len(c.want))
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("part %d has %d bytes, want %d:\n%.60q…%q", i, len(got[i]), len(c.want[i]), got[i], got[i][max(0, len(got[i])-20):])
				}
			}
		})
	}
}

func sizes(parts []string) (list []int) {
	for _, p := range parts {
		list = append(list, len(p))
	}
	return list
}

// FuzzSplitText: nothing but white space is lost, no part is too long, blank or torn within a rune.
func FuzzSplitText(f *testing.F) {
	f.Add("你好。", 700)
	f.Add("👨\u200d👩\u200d👧 a\r\n", 300)
	f.Add("🇨🇳", 999)
	f.Add("\xff\xfe", 2000)
	f.Fuzz(func(t *testing.T, text string, times int) {
		text = strings.Repeat(text, max(1, min(times, 20_000/max(1, len(text)))))
		parts := SplitText(text)
		for _, p := range parts {
			if len(p) > kf.MaxTextBytes || strings.TrimSpace(p) == "" {
				t.Fatalf("a part of %d bytes", len(p))
			}
		}
		if !utf8.ValidString(text) {
			// Refused later. Its parts say nothing: put together, stray bytes may become a character.
			return
		}
		for _, p := range parts {
			if !utf8.ValidString(p) {
				t.Fatal("a rune was torn")
			}
		}
		if solid(strings.Join(parts, "")) != solid(text) {
			t.Fatal("something was lost")
		}
	})
}

func solid(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}
