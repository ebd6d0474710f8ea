package db

import (
	"unicode"
	"unicode/utf8"
)

// The search index of messages holds overlapping pairs of characters, so that any part of a text of two characters or more
// is a phrase of the index, whatever the language: a word of Chinese, the middle of an order number, an emoji. The last
// character stands alone too, so that a single one is always the beginning of a pair.

// foldRunes is the form of text that the index compares: lower case, full-width forms of ASCII as ASCII, every kind of
// white space and control character as a space. It maps character by character, so a part stays a part.
func foldRunes(s string) []rune {
	runes := make([]rune, 0, len(s))
	for _, r := range clean(s) {
		runes = append(runes, foldRune(r))
	}
	return runes
}

func foldRune(r rune) rune {
	switch {
	case 0x2E80 <= r && r <= 0x9FFF && r != 0x3000:
		return r
	case 0xFF01 <= r && r <= 0xFF5E:
		r -= 0xFF01 - '!'
	case unicode.IsSpace(r) || unicode.IsControl(r):
		return ' '
	case 0xE000 <= r && r <= 0xF8FF:
		// These stand for the marks of ASCII in the index.
		return unicode.ReplacementChar
	}
	return unicode.ToLower(r)
}

// foldText is foldRunes as text.
func foldText(s string) string { return string(foldRunes(s)) }

// token appends a character as the tokenizer takes it for a part of a word: letters, digits and everything beyond ASCII
// are; marks of ASCII move to a range of private use.
func token(b []byte, r rune) []byte {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		return append(b, byte(r))
	case r < utf8.RuneSelf:
		r += 0xE000
	}
	return utf8.AppendRune(b, r)
}

// grams are the words that are indexed for a text: each pair of characters, and the last character.
func grams(text string) string {
	text = clean(text)
	b := make([]byte, 0, 3*len(text)+8)
	for _, r := range text {
		r = foldRune(r)
		if len(b) > 0 {
			b = append(token(b, r), ' ')
		}
		b = token(b, r)
	}
	return string(b)
}

// placeToken is the word that is indexed for an id.
func placeToken(id string) string {
	b := make([]byte, 0, len(id)+8)
	for _, r := range clean(id) {
		b = token(b, foldRune(r))
	}
	return string(b)
}

// maxQuery bounds what is searched for, in characters.
const maxQuery = 100

// searchQuery is the expression that finds q in the index, in messages of a conversation or an account if given; "" finds
// nothing. All that comes from outside is inside quotes and has none itself.
func searchQuery(q, accountID, conversationID string) string {
	runes := foldRunes(q)
	if len(runes) == 0 {
		return ""
	}
	runes = runes[:min(len(runes), maxQuery)]
	b := append([]byte(nil), `body : "`...)
	if len(runes) == 1 {
		b = append(token(b, runes[0]), `" *`...)
	} else {
		for i := range len(runes) - 1 {
			b = append(token(token(b, runes[i]), runes[i+1]), ' ')
		}
		b = append(b, '"')
	}
	for _, id := range []string{accountID, conversationID} {
		if id != "" {
			b = append(b, ` AND place : "`+placeToken(id)+`"`...)
		}
	}
	return string(b)
}
