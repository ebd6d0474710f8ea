// Package layout puts pages into their frame: the rail, the top bar, the
// header of a page, the messages, and the bare frame of signing in. It is told
// who reads and what they may see; it knows nothing of how that was found out.
package layout

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/i18n"
	"kfconsole/web/static"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// Place is an entry of the navigation.
type Place string

// The places.
const (
	Overview      Place = "overview"
	Conversations Place = "conversations"
	Accounts      Place = "accounts"
	Links         Place = "links"
	Customers     Place = "customers"
	Audit         Place = "audit"
	Replies       Place = "replies"
	Health        Place = "health"
	Me            Place = "me"
)

// Page is everything that the frame shows around a page's own content.
type Page struct {
	View ui.View
	// Title is the heading and, with the product's name, the window's title.
	Title string
	// Lead is shown before the title: a picture.
	Lead templ.Component
	// Nav is the current place, "" for none.
	Nav Place
	// Corp names the corp that is managed.
	Corp string
	// Operator is who is signed in.
	Operator Operator
	// Can says which places the operator may see.
	Can Can
	// Sync says how old our copy of WeCom is.
	Sync Sync
	// Seq is the newest change before the page was read: its live parts are told of
	// what comes after.
	Seq int64
	// Theme is "light", "dark" or "" for the system's.
	Theme string
	// Path is where the language and theme forms return to: path and query.
	Path string
	// Crumbs are shown below the second level only.
	Crumbs []ui.Crumb
	// Facts is one line below the title; the frame puts dots between them.
	Facts []templ.Component
	// Actions stand at the end of the header, exactly one of them primary.
	Actions templ.Component
	// Tabs are the parts of the thing that the page is about.
	Tabs []ui.Tab
	// Toasts name what has just changed.
	Toasts []ui.ToastModel
	// Banners say what is wrong with the console as a whole.
	Banners []Banner
	// Own: the content has its heading itself; Title is the window's alone.
	Own bool
	// Waiting is how many customers wait for an answer.
	Waiting int
	// Narrow is for forms: one column of readable width.
	Narrow bool
	// Refresh fetches the page again every so many seconds where there is no
	// script; 0 never. With one, the part that changes asks for itself.
	Refresh int
}

// Operator is who is signed in. The zero Operator is nobody.
type Operator struct {
	Name string
	// Role in words.
	Role string
}

// Can says which places an operator may see.
type Can struct{ Overview, Conversations, Accounts, Links, Customers, Audit, Replies, Health bool }

// SyncState says how the copy of WeCom is doing.
type SyncState string

// The states of the copy: fresh, older than it should be, WeCom cannot be
// reached.
const (
	SyncFresh   SyncState = "fresh"
	SyncStale   SyncState = "stale"
	SyncOffline SyncState = "offline"
)

// Sync is the age of our copy of WeCom; At is nil before the first sync.
type Sync struct {
	At    *time.Time
	State SyncState
}

// Banner is a statement about the console as a whole, above every page.
type Banner struct {
	Tone ui.Tone
	// Title sums it up, Text says more.
	Title, Text string
	// Href leads to what can be done about it, in the words of Link.
	Link, Href string
}

// entry is one line of the navigation.
type entry struct {
	place       Place
	icon, words string
	href, key   string
}

// places lists what the operator may see, in the order of the rail.
func (p Page) places() []entry {
	n := p.View.T.Frame.Nav
	var list []entry
	add := func(can bool, e entry) {
		if can {
			list = append(list, e)
		}
	}
	add(p.Can.Overview, entry{Overview, "layout-dashboard", n.Overview, href.Overview, "o"})
	add(p.Can.Conversations, entry{Conversations, "messages-square", n.Conversations, href.Conversations, "c"})
	add(p.Can.Accounts, entry{Accounts, "headset", n.Accounts, href.Accounts, "a"})
	add(p.Can.Links, entry{Links, "qr-code", n.Links, href.Links, "l"})
	add(p.Can.Customers, entry{Customers, "id-card", n.Customers, href.Customers, "k"})
	add(p.Can.Replies, entry{Replies, "message-circle", n.Replies, href.Replies, "w"})
	add(p.Can.Audit, entry{Audit, "scroll-text", n.Audit, href.Audit, "u"})
	add(p.Can.Health, entry{Health, "activity", n.Health, href.Health, "h"})
	add(p.Operator.Name != "", entry{Me, "user-round", n.Me, href.Me, "m"})
	return list
}

// phonePlaces is how many places the bar of the phone shows; the others are behind one
// button.
const phonePlaces = 4

// behindMore tells whether the current place is one of the others.
func (p Page) behindMore() bool {
	for i, e := range p.places() {
		if e.place == p.Nav {
			return i >= phonePlaces
		}
	}
	return false
}

// waits is a count in the little room that the navigation has.
func waits(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

func (p Page) title() string {
	if p.Title == "" {
		return p.View.T.Frame.Brand
	}
	return p.Title + " · " + p.View.T.Frame.Brand
}

func (p Page) syncTone() ui.Tone {
	switch {
	case p.Sync.State == SyncOffline:
		return ui.ToneDanger
	case p.Sync.State == SyncStale || p.Sync.At == nil:
		return ui.ToneWarn
	}
	return ui.ToneOK
}

func (p Page) syncWords() string {
	f := p.View.T.Frame
	switch {
	case p.Sync.State == SyncOffline:
		return f.SyncOffline
	case p.Sync.At == nil:
		return f.SyncNever
	}
	return f.Synced(p.View.T.Ago(p.View.Now, *p.Sync.At))
}

// theme is an entry of the theme menu.
type theme struct{ value, icon, words string }

func (p Page) themes() []theme {
	f := p.View.T.Frame
	return []theme{{"", "monitor", f.ThemeAuto}, {"light", "sun", f.ThemeLight}, {"dark", "moon", f.ThemeDark}}
}

func (p Page) themeIcon() string {
	for _, t := range p.themes() {
		if t.value == p.Theme && t.value != "" {
			return t.icon
		}
	}
	return "sun-moon"
}

// otherLang is the language that the switch leads to.
func (p Page) otherLang() i18n.Lang {
	if p.View.T.Lang == i18n.EN {
		return i18n.ZH
	}
	return i18n.EN
}

// agoWords are the sentences of a relative time for the script, which puts its
// number in the place of the 0: just now, seconds, minutes, hours, days, one day.
func (p Page) agoWords() string {
	t := p.View.T.Time
	return strings.Join([]string{t.JustNow, t.Seconds(0), t.Minutes(0), t.Hours(0), t.Days(0), t.Days(1)}, "|")
}

// htmxConfig forbids what the content security policy forbids anyway, swaps a
// refused form (422), and sends every other error to the messages.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,"timeout":30000,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":true,"error":true,"target":"#toasts","swapOverride":"beforeend"}]}`

func asset(name string) string { return static.Path(name) }
