package ui

import "github.com/a-h/templ"

// CardModel is a framed part of a page.
type CardModel struct {
	// ID makes the card a target of links and htmx.
	ID string
	// Title is the heading; without one the card has no head.
	Title string
	// Note is muted text beside the title.
	Note string
	// End is shown at the end of the head: a link, a button.
	End templ.Component
	// Flush leaves out the padding, for tables and lists.
	Flush bool
	// Attrs are further attributes: hx-*.
	Attrs templ.Attributes
}

// TileModel is one number that matters.
type TileModel struct {
	Label, Value, Note, Icon string
	// Href makes the whole tile a link.
	Href string
	// Tone colours the mark beside the label; ToneNeutral or "" stays plain.
	Tone Tone
}

// KV is a line of a list of facts.
type KV struct {
	Key, Value string
	// Mono sets the value in the fixed-width font.
	Mono bool
	// Href makes the value a link.
	Href string
	// Show replaces Value.
	Show templ.Component
}

// FeedItem is one thing that happened, in a list of the last ones.
type FeedItem struct {
	// Name gives the letter of the picture; Picture replaces it.
	Name, Picture string
	Title, Href   string
	// Sub are short facts below the title.
	Sub []templ.Component
	// End stands at the end of the line: a State.
	End templ.Component
}

// size is round for people, who have no pictures here, and square for accounts.
func (i FeedItem) size() AvatarSize {
	if i.Picture != "" {
		return Avatar32
	}
	return AvatarRound
}

// FoldModel is a part that opens on a click, without a script.
type FoldModel struct {
	Title string
	// Group closes the other folds of the same group.
	Group string
	Open  bool
}

// PosterModel is a sheet of A4 to be printed and put up.
type PosterModel struct {
	Corp, Account, Picture string
	// Code is the QR code as SVG.
	Code templ.Component
	// Caption says what to do with the code, Foot is the small print.
	Caption, Foot string
}

// EmptyModel is what a list says when it has nothing: why, and the next step.
type EmptyModel struct {
	Icon, Title, Text string
	// Next is the button of the next step; the zero Btn shows none.
	Next Btn
}
