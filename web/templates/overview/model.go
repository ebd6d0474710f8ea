// Package overview shows the first page, which says what needs a person now, and the
// results of the search of everything.
package overview

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// Model is the overview.
type Model struct {
	// Problems stand above everything else.
	Problems []layout.Banner
	// Live are the tiles about conversations, Here is where they are asked for again;
	// none for those who may not see conversations.
	Live  []ui.TileModel
	Here  string
	Tiles []ui.TileModel
	// First is set while there is no account at all.
	First *ui.EmptyModel
	// Unstaffed are the first accounts that nobody serves; More leads to the rest.
	Unstaffed []Unstaffed
	More      string
	Recent    []ui.FeedItem
	SeeAudit  bool
	Mirror    []Fresh
	Refresh   ui.Btn
}

// Unstaffed is an account that nobody serves.
type Unstaffed struct {
	Name, Picture, ServicersHref string
	People, Links                int
}

// Fresh is a part of our copy and when it was last compared.
type Fresh struct {
	Name  string
	At    *time.Time
	Error string
}

// Results are what the search of everything found.
type Results struct {
	Q      string
	Groups []Group
}

// Group is results of one kind.
type Group struct {
	Title string
	Hits  []layout.HitModel
}

// unstaffedFeed lists the accounts that nobody serves.
func unstaffedFeed(v ui.View, list []Unstaffed) []ui.FeedItem {
	var feed []ui.FeedItem
	for _, u := range list {
		feed = append(feed, ui.FeedItem{Name: u.Name, Picture: u.Picture, Title: u.Name, Href: u.ServicersHref,
			Sub: []templ.Component{ui.Text(v.T.Account.Serving(0, u.People)), ui.Text(v.T.Account.ColLinks + " " + strconv.Itoa(u.Links))}})
	}
	return feed
}
