package kf_test

import (
	"context"
	"time"

	"kfconsole/internal/kf"
)

const sampleCustomer = kf.CustomerID("wmSampleCustomer0000000000000001")

func conversationVerbs() []verb {
	type ctx = context.Context
	return []verb{
		{"POST", "kf/sync_msg", func(ctx ctx, c *kf.Client) (any, error) {
			page, err := c.SyncMsg(ctx, kf.SyncRequest{Account: sampleAccount, Cursor: "sAmpleCursor0001", Token: "ENCsampleSyncToken0001"})
			for i := range page.Messages {
				page.Messages[i].Raw = nil
			}
			return page, err
		}, samplePage()},
		{"POST", "kf/service_state/get", func(ctx ctx, c *kf.Client) (any, error) {
			return c.ServiceState(ctx, sampleAccount, sampleCustomer)
		}, kf.SessionState{State: kf.StateHuman, Servicer: "sample.bai"}},
		{"POST", "kf/service_state/trans", func(ctx ctx, c *kf.Client) (any, error) {
			return c.TransferState(ctx, sampleAccount, sampleCustomer, kf.StateHuman, "sample.bai")
		}, "SAMPLEMSGCODE0001"},
		{"POST", "kf/send_msg", func(ctx ctx, c *kf.Client) (any, error) {
			return c.SendMsg(ctx, sampleAccount, sampleCustomer, "sample_out-0001", textDraft("九点开门。\n<A&B>"))
		}, kf.MessageID("sample_out-0001")},
		{"POST", "kf/send_msg_on_event", func(ctx ctx, c *kf.Client) (any, error) {
			return c.SendOnEvent(ctx, "SAMPLEWELCOMECODE0001", "sample_wel-0001", kf.Draft{Kind: kf.KindMenu, Content: sampleMenu()})
		}, kf.MessageID("sample_wel-0001")},
	}
}

func samplePage() kf.SyncPage {
	return kf.SyncPage{Next: "sAmpleCursor0002", Messages: []kf.Message{
		{ID: "4sAmpleEnter00000000000000000000000000001", Account: sampleAccount, Customer: sampleCustomer,
			SentAt: time.Unix(1760000110, 0).UTC(), Origin: kf.OriginSystem, Kind: kf.KindEvent,
			Content: kf.EnterSession{Scene: "shop_door-2", SceneParam: "table%3D7", WelcomeCode: "SAMPLEWELCOMECODE0001"}},
		{ID: "5sAmpleText000000000000000000000000000001", Account: sampleAccount, Customer: sampleCustomer,
			SentAt: time.Unix(1760000120, 0).UTC(), Origin: kf.OriginCustomer, Kind: kf.KindText,
			Content: kf.Text{Content: "请问几点开门？ <A&B>"}},
	}}
}

func textDraft(s string) kf.Draft { return kf.Draft{Kind: kf.KindText, Content: kf.Text{Content: s}} }

func sampleMenu() kf.Menu {
	return kf.Menu{
		Head: "您好，请选择：",
		Items: []kf.MenuItem{
			{Type: kf.ItemClick, ID: "hours", Content: "营业时间"},
			{Type: kf.ItemView, URL: "https://example.com/help?a=1&b=2", Content: "帮助中心"},
			{Type: kf.ItemMiniProgram, AppID: "wxsample000000001", Path: "pages/index.html", Content: "小程序"},
			{Type: kf.ItemText, Content: "或者直接留言", NoNewline: true},
		},
		Tail: "谢谢",
	}
}

func customerVerbs() []verb {
	type ctx = context.Context
	return []verb{
		{"POST", "kf/customer/batchget", func(ctx ctx, c *kf.Client) (any, error) {
			found, invalid, err := c.Customers(ctx, []kf.CustomerID{sampleCustomer, "wmSampleGone00000000000000000001"})
			if found == nil && invalid == nil {
				return nil, err
			}
			return []any{found, invalid}, err
		}, []any{
			[]kf.Customer{{ID: sampleCustomer, Name: "样例客户", Avatar: "http://wx.qlogo.cn/mmhead/sample1/0", Gender: 2,
				Context: &kf.EnterContext{Scene: "shop_door-2", SceneParam: "table%3D7"}}},
			[]kf.CustomerID{"wmSampleGone00000000000000000001"},
		}},
		{"GET", "kf/customer/get_upgrade_service_config", func(ctx ctx, c *kf.Client) (any, error) {
			return c.UpgradeServiceConfig(ctx)
		}, kf.UpgradeConfig{Users: []kf.UserID{"sample.bai"}, Departments: []kf.DepartmentID{4}, Chats: []kf.ChatID{"wrSampleGroup00000000000000000001"}}},
		{"POST", "kf/customer/upgrade_service", func(ctx ctx, c *kf.Client) (any, error) {
			return nil, c.RecommendMember(ctx, sampleAccount, sampleCustomer, "sample.bai", "由白样例为您服务")
		}, nil},
		{"POST", "kf/customer/cancel_upgrade_service", func(ctx ctx, c *kf.Client) (any, error) {
			return nil, c.CancelUpgrade(ctx, sampleAccount, sampleCustomer)
		}, nil},
	}
}
