package kf_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"kfconsole/internal/kf"
)

// draftCase is a draft just within a limit, or just beyond it; field is empty for the former.
type draftCase struct {
	name    string
	kind    string
	content any
	field   string
	rule    string
	limit   int
}

func TestDraftLimits(t *testing.T) {
	for _, cases := range [][]draftCase{textDrafts(), mediaDrafts(), cardDrafts(), locationDrafts(), menuDrafts(), itemDrafts()} {
		for _, test := range cases {
			t.Run(test.name, func(t *testing.T) {
				err := kf.CheckDraft(kf.Draft{Kind: test.kind, Content: test.content})
				if test.field == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				wantArgument(t, err, kf.ArgumentError{Field: test.field, Rule: test.rule, Limit: test.limit})
			})
		}
	}
}

func textDrafts() []draftCase {
	long := strings.Repeat
	of := func(s string) kf.Text { return kf.Text{Content: s} }
	return []draftCase{
		{"text of 2048", "text", of(long("a", 2048)), "", "", 0},
		{"text of 2049", "text", of(long("a", 2049)), "content", kf.RuleMaxBytes, 2048},
		{"text of 683 in Chinese", "text", of(long("客", 683)), "content", kf.RuleMaxBytes, 2048},
		{"no text", "text", of(""), "content", kf.RuleRequired, 0},
		{"blank text", "text", of(" \n"), "content", kf.RuleRequired, 0},
		{"text in lines", "text", of("a\r\n\tb😀"), "", "", 0},
		{"text with NUL", "text", of("a\x00"), "content", kf.RuleCharacters, 0},
		{"text with DEL", "text", of("a\x7f"), "content", kf.RuleCharacters, 0},
		{"text with U+2028", "text", of("a\u2028"), "content", kf.RuleCharacters, 0},
		{"text not UTF-8", "text", of("a\xff"), "content", kf.RuleCharacters, 0},
		{"text as link", "link", of("a"), "msgtype", kf.RuleKind, 0},
		{"nothing", "text", nil, "msgtype", kf.RuleKind, 0},
		{"no kind", "", of("a"), "msgtype", kf.RuleKind, 0},
		{"business card", "business_card", kf.BusinessCard{User: "a"}, "msgtype", kf.RuleKind, 0},
		{"channels", "channels", kf.Channels{}, "msgtype", kf.RuleKind, 0},
		{"chat record", "merged_msg", kf.Merged{}, "msgtype", kf.RuleKind, 0},
		{"note", "note", kf.Empty{}, "msgtype", kf.RuleKind, 0},
	}
}

func mediaDrafts() []draftCase {
	long := strings.Repeat
	var cases []draftCase
	for _, kind := range []string{"image", "voice", "video", "file"} {
		cases = append(cases,
			draftCase{kind, kind, kf.Media{ID: kf.MediaID(long("m", 128))}, "", "", 0},
			draftCase{kind + " of 129", kind, kf.Media{ID: kf.MediaID(long("m", 129))}, "media_id", kf.RuleMaxBytes, 128},
			draftCase{"no " + kind, kind, kf.Media{}, "media_id", kf.RuleRequired, 0})
	}
	return append(cases, draftCase{"media as text", "text", kf.Media{ID: "m1"}, "msgtype", kf.RuleKind, 0})
}

func cardDrafts() []draftCase {
	long := strings.Repeat
	link := func(change func(*kf.LinkCard)) kf.LinkCard {
		l := kf.LinkCard{Title: "t", URL: "https://x.example/", Thumb: "m1"}
		change(&l)
		return l
	}
	program := func(change func(*kf.MiniProgram)) kf.MiniProgram {
		p := kf.MiniProgram{AppID: "wx1", Path: "a.html", Thumb: "m1"}
		change(&p)
		return p
	}
	return []draftCase{
		{"link", "link", link(func(l *kf.LinkCard) {
			l.Title, l.Desc, l.URL = long("t", 128), long("d", 512), "http://x.example/"+long("u", 2031)
		}), "", "", 0},
		{"link without title", "link", link(func(l *kf.LinkCard) { l.Title = "" }), "title", kf.RuleRequired, 0},
		{"title of 129", "link", link(func(l *kf.LinkCard) { l.Title = long("t", 129) }), "title", kf.RuleMaxBytes, 128},
		{"description of 513", "link", link(func(l *kf.LinkCard) { l.Desc = long("d", 513) }), "desc", kf.RuleMaxBytes, 512},
		{"no address", "link", link(func(l *kf.LinkCard) { l.URL = "" }), "url", kf.RuleRequired, 0},
		{"address of 2049", "link", link(func(l *kf.LinkCard) { l.URL = "https://x.example/" + long("u", 2031) }), "url", kf.RuleMaxBytes, 2048},
		{"address without scheme", "link", link(func(l *kf.LinkCard) { l.URL = "x.example" }), "url", kf.RuleAddress, 0},
		{"address with a script", "link", link(func(l *kf.LinkCard) { l.URL = "javascript:alert(1)" }), "url", kf.RuleAddress, 0},
		{"address in two lines", "link", link(func(l *kf.LinkCard) { l.URL = "https://x.example/\na" }), "url", kf.RuleAddress, 0},
		{"link without picture", "link", link(func(l *kf.LinkCard) { l.Thumb = "" }), "thumb_media_id", kf.RuleRequired, 0},
		{"mini program", "miniprogram", program(func(p *kf.MiniProgram) { p.Title = long("t", 64) }), "", "", 0},
		{"mini program title of 65", "miniprogram", program(func(p *kf.MiniProgram) { p.Title = long("t", 65) }), "title", kf.RuleMaxBytes, 64},
		{"mini program without appid", "miniprogram", program(func(p *kf.MiniProgram) { p.AppID = "" }), "appid", kf.RuleRequired, 0},
		{"mini program without path", "miniprogram", program(func(p *kf.MiniProgram) { p.Path = "" }), "pagepath", kf.RuleRequired, 0},
		{"mini program without picture", "miniprogram", program(func(p *kf.MiniProgram) { p.Thumb = "" }), "thumb_media_id", kf.RuleRequired, 0},
		{"acquisition link", "ca_link", kf.CALink{URL: "https://work.weixin.qq.com/ca/c1"}, "", "", 0},
		{"acquisition link of nothing", "ca_link", kf.CALink{URL: "https://work.weixin.qq.com/ca/"}, "link_url", kf.RuleAddress, 0},
		{"acquisition link elsewhere", "ca_link", kf.CALink{URL: "https://x.example/ca/c1"}, "link_url", kf.RuleAddress, 0},
		{"no acquisition link", "ca_link", kf.CALink{}, "link_url", kf.RuleRequired, 0},
	}
}

func locationDrafts() []draftCase {
	at := func(latitude, longitude float64) kf.Location {
		return kf.Location{Latitude: latitude, Longitude: longitude}
	}
	return []draftCase{
		{"south pole", "location", at(-90, 180), "", "", 0},
		{"beyond the north pole", "location", at(90.001, 0), "latitude", kf.RuleRange, 90},
		{"beyond the date line", "location", at(0, -180.001), "longitude", kf.RuleRange, 180},
		{"no latitude", "location", at(math.NaN(), 0), "latitude", kf.RuleRange, 90},
		{"endless longitude", "location", at(0, math.Inf(1)), "longitude", kf.RuleRange, 180},
	}
}

func menuDrafts() []draftCase {
	long := strings.Repeat
	menu := func(items int, head, tail string) kf.Menu {
		m := kf.Menu{Head: head, Tail: tail}
		for range items {
			m.Items = append(m.Items, kf.MenuItem{Type: kf.ItemClick, Content: "c"})
		}
		return m
	}
	return []draftCase{
		{"menu of 10", "msgmenu", menu(10, long("h", 1024), long("t", 1024)), "", "", 0},
		{"menu of 11", "msgmenu", menu(11, "", ""), "list", kf.RuleMaxItems, 10},
		{"menu of nothing", "msgmenu", menu(0, "h", "t"), "list", kf.RuleRequired, 0},
		{"head of 1025", "msgmenu", menu(1, long("h", 1025), ""), "head_content", kf.RuleMaxBytes, 1024},
		{"tail of 1025", "msgmenu", menu(1, "", long("t", 1025)), "tail_content", kf.RuleMaxBytes, 1024},
	}
}

func itemDrafts() []draftCase {
	long := strings.Repeat
	item := func(i kf.MenuItem) kf.Menu {
		return kf.Menu{Items: []kf.MenuItem{{Type: kf.ItemText, Content: "first"}, i}}
	}
	return []draftCase{
		{"click", "msgmenu", item(kf.MenuItem{Type: "click", ID: long("a", 128), Content: long("c", 128)}), "", "", 0},
		{"click id of 129", "msgmenu", item(kf.MenuItem{Type: "click", ID: long("a", 129), Content: "c"}), "id", kf.RuleMaxBytes, 128},
		{"click id with #", "msgmenu", item(kf.MenuItem{Type: "click", ID: "a#b", Content: "c"}), "id", kf.RuleCharacters, 0},
		{"click of 129", "msgmenu", item(kf.MenuItem{Type: "click", Content: long("c", 129)}), "content", kf.RuleMaxBytes, 128},
		{"click of nothing", "msgmenu", item(kf.MenuItem{Type: "click"}), "content", kf.RuleRequired, 0},
		{"view", "msgmenu", item(kf.MenuItem{Type: "view", URL: "https://x.example", Content: long("c", 1024)}), "", "", 0},
		{"view of 1025", "msgmenu", item(kf.MenuItem{Type: "view", URL: "https://x.example", Content: long("c", 1025)}), "content", kf.RuleMaxBytes, 1024},
		{"view of no address", "msgmenu", item(kf.MenuItem{Type: "view", Content: "c"}), "url", kf.RuleRequired, 0},
		{"mini program item", "msgmenu", item(kf.MenuItem{Type: "miniprogram", AppID: long("a", 32), Path: long("p", 1024), Content: "c"}), "", "", 0},
		{"mini program item appid of 33", "msgmenu", item(kf.MenuItem{Type: "miniprogram", AppID: long("a", 33), Path: "p", Content: "c"}), "appid", kf.RuleMaxBytes, 32},
		{"mini program item path of 1025", "msgmenu", item(kf.MenuItem{Type: "miniprogram", AppID: "a", Path: long("p", 1025), Content: "c"}), "pagepath", kf.RuleMaxBytes, 1024},
		{"line", "msgmenu", item(kf.MenuItem{Type: "text", Content: long("c", 256)}), "", "", 0},
		{"line of 257", "msgmenu", item(kf.MenuItem{Type: "text", Content: long("c", 257)}), "content", kf.RuleMaxBytes, 256},
		{"item of no kind", "msgmenu", item(kf.MenuItem{Content: "c"}), "type", kf.RuleKind, 0},
	}
}

// conversationLimits are the limits of the calls themselves.
func conversationLimits() []limitCase {
	type ctx = context.Context
	long := strings.Repeat
	send := func(id string, d kf.Draft) func(ctx, *kf.Client) error {
		return func(ctx ctx, c *kf.Client) error {
			_, err := c.SendMsg(ctx, "wk1", "wm1", kf.MessageID(id), d)
			return err
		}
	}
	onEvent := func(code string, d kf.Draft) func(ctx, *kf.Client) error {
		return func(ctx ctx, c *kf.Client) error {
			_, err := c.SendOnEvent(ctx, code, "m1", d)
			return err
		}
	}
	move := func(customer string, to kf.ServiceState, servicer string) func(ctx, *kf.Client) error {
		return func(ctx ctx, c *kf.Client) error {
			_, err := c.TransferState(ctx, "wk1", kf.CustomerID(customer), to, kf.UserID(servicer))
			return err
		}
	}
	return []limitCase{
		{"msgid of 32", send(long("a", 32), textDraft("a")), "", "", 0},
		{"msgid of 33", send(long("a", 33), textDraft("a")), "msgid", kf.RuleMaxBytes, 32},
		{"msgid with a dot", send("a.b", textDraft("a")), "msgid", kf.RuleCharacters, 0},
		{"empty message", send("", textDraft("")), "content", kf.RuleRequired, 0},
		{"on event without a code", onEvent("", textDraft("a")), "code", kf.RuleRequired, 0},
		{"image on event", onEvent("C1", kf.Draft{Kind: kf.KindImage, Content: kf.Media{ID: "m1"}}), "msgtype", kf.RuleKind, 0},
		{"to the queue", move("wm1", kf.StateQueue, ""), "", "", 0},
		{"to the queue with a servicer", move("wm1", kf.StateQueue, "li.na"), "servicer_userid", kf.RuleKind, 0},
		{"to nobody", move("wm1", kf.StateHuman, ""), "servicer_userid", kf.RuleRequired, 0},
		{"back to new", move("wm1", kf.StateNew, ""), "service_state", kf.RuleRange, 4},
		{"beyond the end", move("wm1", 5, ""), "service_state", kf.RuleRange, 4},
		{"no customer", move("", kf.StateEnded, ""), "external_userid", kf.RuleRequired, 0},
		{"customer of 65", move(long("w", 65), kf.StateEnded, ""), "external_userid", kf.RuleMaxBytes, 64},
	}
}

func readLimits() []limitCase {
	type ctx = context.Context
	sync := func(limit int) func(ctx, *kf.Client) error {
		return func(ctx ctx, c *kf.Client) error {
			_, err := c.SyncMsg(ctx, kf.SyncRequest{Account: "wk1", Limit: limit})
			return err
		}
	}
	customers := func(n int) func(ctx, *kf.Client) error {
		return func(ctx ctx, c *kf.Client) error {
			ids := make([]kf.CustomerID, n)
			for i := range ids {
				ids[i] = "wm1"
			}
			_, _, err := c.Customers(ctx, ids)
			return err
		}
	}
	return []limitCase{
		{"page of 1000 messages", sync(1000), "", "", 0},
		{"page of 1001 messages", sync(1001), "limit", kf.RuleRange, 1000},
		{"page of -1 messages", sync(-1), "limit", kf.RuleRange, 1000},
		{"100 customers", customers(100), "", "", 0},
		{"101 customers", customers(101), "external_userid_list", kf.RuleMaxItems, 100},
		{"0 customers", customers(0), "external_userid_list", kf.RuleRequired, 0},
	}
}
