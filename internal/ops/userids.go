package ops

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IDs is what ParseIDs found.
type IDs struct {
	// Valid holds the user ids in the order typed, each in its first spelling.
	Valid []string
	// Invalid holds what cannot be a user id, each once and cut to 80 characters.
	Invalid []string
	// Duplicates counts the repetitions that were folded, of valid and invalid ones.
	Duplicates int
}

// userID is what WeCom allows as a userid.
var userID = regexp.MustCompile(`^[0-9a-zA-Z][0-9a-zA-Z_\-@.]{0,63}$`)

// ParseIDs reads user ids pasted from anywhere: a column of a sheet, a chat, a list with commas of either language. Quotes and invisible marks separate too.
// Ids that differ only in case are the same member.
func ParseIDs(text string) IDs {
	var found IDs
	seen := map[string]bool{}
	for _, id := range strings.FieldsFunc(text, separates) {
		key := strings.ToLower(id)
		switch {
		case seen[key]:
			found.Duplicates++
		case userID.MatchString(id):
			found.Valid = append(found.Valid, id)
		default:
			found.Invalid = append(found.Invalid, cutText(id, 80))
		}
		seen[key] = true
	}
	return found
}

func separates(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`,，、;；|/"'“”‘’`, r)
}

// cutText shortens text to at most n characters.
func cutText(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n])
}
