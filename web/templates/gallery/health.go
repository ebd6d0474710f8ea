package gallery

import (
	"time"

	"github.com/a-h/templ"

	"kfconsole/web/templates/health"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

func healthPage(v ui.View) templ.Component {
	t := v.T.Health
	last, late, now := before(v, 12*time.Second), before(v, 61*time.Hour), before(v, 3*time.Second)
	p := page(v, layout.Health, t.Title)
	p.Facts = []templ.Component{ui.Text(t.Lead)}
	return in(p, health.Page(v, health.Model{
		Problems: []layout.Banner{{Tone: ui.ToneDanger, Title: t.Sync.Late(1), Text: t.Sync.Advice["red"]}, {Tone: ui.ToneWarn, Title: t.Callback.Clock, Text: t.Callback.ClockText}},
		Tiles: []ui.TileModel{
			{Label: t.Sync.Title, Icon: "shield-check", Value: "1", Note: t.Sync.Late(1), Tone: ui.ToneDanger},
			{Label: t.Callback.Title, Icon: "inbox", Value: "18204", Note: t.Callback.Results, Tone: ui.ToneOK},
			{Label: t.Streams, Icon: "activity", Value: "14", Note: t.Browsers(14), Tone: ui.ToneOK},
		},
		Accounts: []health.Account{
			{Name: tr(v, "物流查询", "Delivery"), Href: "/accounts/3", Tone: ui.ToneDanger, Level: t.Sync.Levels["red"], LastGood: &late, Waiting: t.Sync.Span(5400), Messages: "8120", Trouble: tr(v, "没有权限", "No permission"), Failures: t.Sync.Failed(37)},
			{Name: tr(v, "门店预约", "Shop appointments"), Href: "/accounts/2", Tone: ui.ToneNeutral, Level: t.Sync.Levels["never"], Messages: "0"},
			{Name: tr(v, "售前咨询", "Pre-sales"), Href: "/accounts/1", Tone: ui.ToneOK, Level: t.Sync.Levels["ok"], LastGood: &now, Messages: "148211"},
		},
		Callback: health.Callback{Address: "https://kf.example.com/callback", On: true, Last: &last,
			Results: []ui.KV{{Key: t.Callback.Kinds["heeded"], Value: "18204"}, {Key: t.Callback.Kinds["rejected"], Value: "3"}}},
		Strange: []health.Strange{{Kind: "kf_brand_new", Count: "12", First: before(v, 40*24*time.Hour), Last: before(v, time.Hour)}},
		Broken:  2,
		Room:    ui.MeterModel{Label: t.MediaUsed, Value: 9300, Max: 10240, Words: t.Bytes("9.1 GB", "10 GB")},
		Media:   []ui.KV{{Key: t.MediaStates["kept"], Value: "5210"}, {Key: t.MediaStates["large"], Value: "4"}},
		Streams: []ui.KV{{Key: v.T.Frame.LiveOn, Value: t.Browsers(14)}},
		Ended:   []ui.KV{{Key: t.Ends["gone"], Value: "310"}, {Key: t.Ends["old"], Value: "96"}},
	}))
}
