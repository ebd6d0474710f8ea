package kf

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckDraft says whether a message can be sent as it is. The error is an
// *ArgumentError whose field is that of the protocol.
func CheckDraft(d Draft) error {
	switch content := d.Content.(type) {
	case Text:
		if d.Kind == KindText {
			return checkText("content", content.Content, 1, MaxTextBytes)
		}
	case Media:
		switch d.Kind {
		case KindImage, KindVoice, KindVideo, KindFile:
			return checkMediaID(content.ID)
		}
	case LinkCard:
		if d.Kind == KindLink {
			return checkLink(content)
		}
	case MiniProgram:
		if d.Kind == KindMiniProgram {
			return checkMiniProgram(content)
		}
	case Menu:
		if d.Kind == KindMenu {
			return checkMenu(content)
		}
	case Location:
		if d.Kind == KindLocation {
			return checkLocation(content)
		}
	case CALink:
		if d.Kind == KindCALink {
			return checkCALink(content)
		}
	}
	return &ArgumentError{Field: "msgtype", Rule: RuleKind}
}

// checkText holds for every text that customers read: at most limit bytes, and
// if required is 1 not blank.
func checkText(field, s string, required, limit int) error {
	switch {
	case required > 0 && strings.TrimSpace(s) == "":
		return &ArgumentError{Field: field, Rule: RuleRequired}
	case len(s) > limit:
		return &ArgumentError{Field: field, Rule: RuleMaxBytes, Limit: limit}
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unsendable):
		return &ArgumentError{Field: field, Rule: RuleCharacters}
	}
	return nil
}

// unsendable reports the characters that JSON can only carry as \uxxxx
// sequences. Unlike in a name, line breaks and tabs may stand in a text.
func unsendable(r rune) bool { return unprintable(r) && r != '\n' && r != '\r' && r != '\t' }

// checkURL takes a web address of at most limit bytes.
func checkURL(field, s string, limit int) error {
	switch {
	case s == "":
		return &ArgumentError{Field: field, Rule: RuleRequired}
	case len(s) > limit:
		return &ArgumentError{Field: field, Rule: RuleMaxBytes, Limit: limit}
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsSpace):
		return &ArgumentError{Field: field, Rule: RuleAddress}
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return &ArgumentError{Field: field, Rule: RuleAddress}
	}
	return nil
}

func checkLink(l LinkCard) error {
	return firstError(
		checkText("title", l.Title, 1, MaxLinkTitleBytes),
		checkText("desc", l.Desc, 0, MaxLinkDescBytes),
		checkURL("url", l.URL, MaxURLBytes),
		checkThumb(l.Thumb))
}

func checkThumb(id MediaID) error { return checkID("thumb_media_id", string(id), MaxMediaIDBytes) }

func checkMiniProgram(p MiniProgram) error {
	return firstError(
		checkText("title", p.Title, 0, MaxMiniProgramTitleBytes),
		checkID("appid", p.AppID, MaxAppIDBytes),
		checkID("pagepath", p.Path, MaxPagePathBytes),
		checkThumb(p.Thumb))
}

func checkLocation(l Location) error {
	// The comparisons are false for what is no number.
	if !(l.Latitude >= -90 && l.Latitude <= 90) {
		return &ArgumentError{Field: "latitude", Rule: RuleRange, Limit: 90}
	}
	if !(l.Longitude >= -180 && l.Longitude <= 180) {
		return &ArgumentError{Field: "longitude", Rule: RuleRange, Limit: 180}
	}
	return firstError(checkText("name", l.Name, 0, MaxTextBytes), checkText("address", l.Address, 0, MaxTextBytes))
}

// caLinkStart is how every customer acquisition link begins.
const caLinkStart = "https://work.weixin.qq.com/ca/"

func checkCALink(l CALink) error {
	if err := checkURL("link_url", l.URL, MaxURLBytes); err != nil {
		return err
	}
	if rest, ok := strings.CutPrefix(l.URL, caLinkStart); !ok || rest == "" {
		return &ArgumentError{Field: "link_url", Rule: RuleAddress}
	}
	return nil
}

func checkMenu(m Menu) error {
	switch {
	case len(m.Items) == 0:
		return &ArgumentError{Field: "list", Rule: RuleRequired}
	case len(m.Items) > MaxMenuItems:
		return &ArgumentError{Field: "list", Rule: RuleMaxItems, Limit: MaxMenuItems}
	}
	err := firstError(
		checkText("head_content", m.Head, 0, MaxMenuTextBytes),
		checkText("tail_content", m.Tail, 0, MaxMenuTextBytes))
	for _, item := range m.Items {
		err = firstError(err, checkMenuItem(item))
	}
	return err
}

func checkMenuItem(i MenuItem) error {
	switch i.Type {
	case ItemClick:
		if len(i.ID) > MaxMenuIDBytes {
			return &ArgumentError{Field: "id", Rule: RuleMaxBytes, Limit: MaxMenuIDBytes}
		}
		// WeCom may cut an id at a #.
		if !scenePattern.MatchString(i.ID) {
			return &ArgumentError{Field: "id", Rule: RuleCharacters}
		}
		return checkText("content", i.Content, 1, MaxClickBytes)
	case ItemView:
		return firstError(
			checkURL("url", i.URL, MaxURLBytes),
			checkText("content", i.Content, 1, MaxMenuTextBytes))
	case ItemMiniProgram:
		return firstError(
			checkID("appid", i.AppID, MaxAppIDBytes),
			checkID("pagepath", i.Path, MaxPagePathBytes),
			checkText("content", i.Content, 1, MaxMenuTextBytes))
	case ItemText:
		return checkText("content", i.Content, 1, MaxMenuLineBytes)
	}
	return &ArgumentError{Field: "type", Rule: RuleKind}
}
