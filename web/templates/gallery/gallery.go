// Package gallery shows every widget and every state of the frame with fixed
// data, in both languages. Its stories are compared with golden files, and can be
// written out to be looked at:
//
//	GALLERY_OUT=/some/folder go test ./web/templates/gallery
package gallery

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/i18n"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// Story is one page of the gallery.
type Story struct {
	// Name is the name of its files.
	Name string
	// Show renders it for a reader.
	Show func(v ui.View) templ.Component
}

// Stories lists the pages of the gallery.
func Stories() []Story {
	return []Story{
		{"widgets", widgetsPage},
		{"fields", fieldsPage},
		{"feedback", feedbackPage},
		{"list", listPage},
		{"list-empty", emptyPage},
		{"overview", overviewPage},
		{"form", formPage},
		{"delete", deletePage},
		{"link", linkPage},
		{"people", peoplePage},
		{"run", runPage},
		{"entry", entryPage},
		{"customers", customersPage},
		{"customer", customerPage},
		{"customer-erase", erasePage},
		{"replies", repliesPage},
		{"reply-form", replyFormPage},
		{"reply-test", replyTestPage},
		{"reply-log", replyLogPage},
		{"scenes", scenesPage},
		{"brought", broughtPage},
		{"health", healthPage},
		{"login", loginPage},
		{"poster", posterPage},
		{"board", boardList},
		{"board-columns", boardColumns},
		{"board-empty", boardEmpty},
		{"board-sealed", boardSealed},
		{"board-move", boardMove},
		{"talk", talkOpen},
		{"talk-queue", talkQueue},
		{"talk-human", talkHuman},
		{"talk-ended", talkEnded},
		{"talk-sealed", talkSealed},
		{"talk-refused", talkRefused},
		{"talk-found", talkFound},
	}
}

// Now is the present moment of all stories.
func Now() time.Time { return time.Date(2026, 11, 20, 6, 21, 7, 0, time.UTC) }

// View is the reader of all stories, in a language.
func View(lang i18n.Lang) ui.View {
	return ui.View{T: i18n.For(lang), Now: Now(), Zone: time.FixedZone("Asia/Shanghai", 8*3600)}
}

// tr picks the words of the reader's language: data of a story exists in both.
func tr(v ui.View, zh, en string) string {
	if v.T.Lang == i18n.EN {
		return en
	}
	return zh
}

// page is the frame that all stories share.
func page(v ui.View, nav layout.Place, title string) layout.Page {
	synced := v.Now.Add(-12 * time.Second)
	return layout.Page{
		View: v, Title: title, Nav: nav, Corp: tr(v, "云杉家居", "Yunshan Home"),
		Operator: layout.Operator{Name: tr(v, "客服主管", "manager"), Role: v.T.Common.Roles["manager"]},
		Can:      layout.Can{Overview: true, Conversations: true, Accounts: true, Links: true, Customers: true, Audit: true, Replies: true},
		Sync:     layout.Sync{At: &synced, State: layout.SyncFresh}, Path: "/",
	}
}

// in puts content into a frame.
func in(p layout.Page, content templ.Component) templ.Component { return framed(p, content) }

func count(n int) *int { return &n }

func before(v ui.View, d time.Duration) time.Time { return v.Now.Add(-d) }
