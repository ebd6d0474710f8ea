package ops

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of text fields, in characters.
const (
	MaxAccountName = 16
	MaxLinkName    = 60
	MaxCampaign    = 60
	MaxNote        = 500
	MaxScene       = 32 // bytes
)

var sceneText = regexp.MustCompile(`^[0-9a-zA-Z_-]{0,32}$`)

// ValidScene reports whether WeCom takes the text as the scene of a link: at most 32 of 0-9a-zA-Z_-, or nothing.
func ValidScene(scene string) bool { return sceneText.MatchString(scene) }

// line checks one line of text and returns it trimmed. The error is an *Invalid.
func line(field, text string, required bool, limit int) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" && required {
		return "", &Invalid{Field: field, Rule: "required"}
	}
	return text, checkText(field, text, limit, "")
}

// prose checks text of several lines and returns it trimmed, with plain line ends.
func prose(field, text string, limit int) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	return text, checkText(field, text, limit, "\n\t")
}

// checkText refuses what is too long, not UTF-8, or holds control characters, line separators or marks that turn the reading direction:
// such a name could pass itself off as another in lists and exports.
func checkText(field, text string, limit int, allowed string) error {
	if utf8.RuneCountInString(text) > limit {
		return &Invalid{Field: field, Rule: "long", Limit: limit}
	}
	for _, r := range text {
		if strings.ContainsRune(allowed, r) {
			continue
		}
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return &Invalid{Field: field, Rule: "control"}
		}
	}
	return nil
}
