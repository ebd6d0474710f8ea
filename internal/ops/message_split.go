package ops

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"kfconsole/internal/kf"
)

// SplitText cuts a text into messages of at most kf.MaxTextBytes bytes each: at the end of a paragraph or line if there is one in the second half
// of what fits, else after a sentence, else at a space or comma, else between two characters as they are seen, so that no emoji of
// several runes is torn. White space at the cuts is dropped, line ends become plain ones; a text of nothing else has no parts.
func SplitText(text string) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var parts []string
	for rest := strings.TrimSpace(text); rest != ""; {
		part := rest
		if len(rest) > kf.MaxTextBytes {
			part = rest[:cutAt(rest)]
		}
		rest = strings.TrimLeftFunc(rest[len(part):], unicode.IsSpace)
		if part = strings.TrimRightFunc(part, unicode.IsSpace); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// cutAt finds the best place to cut a text that is longer than one message; it is at least 1.
func cutAt(text string) int {
	var paragraph, line, sentence, word, whole int
	end, before := 0, rune(0)
	for at, r := range text {
		if end = at; end > kf.MaxTextBytes {
			break
		}
		if at > 0 && !joined(text[:at], before, r) {
			whole = at
			switch {
			case strings.HasSuffix(text[:at], "\n\n"):
				paragraph = at
			case before == '\n' || r == '\n':
				line = at
			case endsSentence(before, r):
				sentence = at
			case unicode.IsSpace(before), strings.ContainsRune("，、；：,;", before):
				word = at
			}
		}
		before = r
	}
	for _, at := range []int{paragraph, line, sentence, word} {
		if at > kf.MaxTextBytes/2 {
			return at
		}
	}
	if whole > 0 {
		return whole
	}
	// One character of more bytes than a message: it is cut between two of its runes.
	return runeStart(text, kf.MaxTextBytes)
}

func runeStart(text string, at int) int {
	for at > 1 && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// endsSentence says whether a sentence ends between two runes. A full stop of the Latin script does so only before a space: there are
// numbers and addresses.
func endsSentence(before, next rune) bool {
	switch before {
	case '。', '！', '？', '…', '；':
		return !strings.ContainsRune("。！？…；”’」』）", next)
	case '.', '!', '?':
		return unicode.IsSpace(next)
	}
	return false
}

// joined says whether two runes belong to one character as it is seen: combining marks, variation selectors and skin tones, what a
// zero-width joiner ties together, and the two letters of a flag.
func joined(text string, before, next rune) bool {
	const joiner = '\u200d'
	switch {
	case next == joiner, before == joiner, unicode.Is(unicode.M, next), next >= 0x1f3fb && next <= 0x1f3ff, next >= 0xe0020 && next <= 0xe007f:
		return true
	case regional(before) && regional(next):
		return flagsBefore(text)%2 == 1
	}
	return false
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// flagsBefore counts the letters of flags at the end of a text.
func flagsBefore(text string) (n int) {
	for text != "" {
		r, size := utf8.DecodeLastRuneInString(text)
		if !regional(r) {
			break
		}
		text, n = text[:len(text)-size], n+1
	}
	return n
}
