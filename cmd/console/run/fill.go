package run

import (
	"context"
	"fmt"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/ops"
)

// demoLinks are the links that the demo starts with: the place of their account in the list, scene, name, campaign and note.
var demoLinks = []struct {
	account                     int
	scene, name, campaign, note string
}{
	{0, "order_mail", "订单确认邮件", "日常", "放在订单确认邮件的页脚"},
	{0, "pay_failed", "支付失败页", "日常", "小程序支付失败页的按钮"},
	{1, "member_card", "会员卡背面", "会员日", "每张会员卡背面的二维码"},
	{3, "install_sms", "安装预约短信", "日常", "配送完成后的短信"},
	{3, "install_card", "安装师傅名片", "双十二", ""},
	{5, "web_footer", "官网页脚", "日常", "官网所有页面"},
	{5, "expo_booth", "家居展展位立牌", "秋季家居展", "全国 6 个展位通用"},
	{5, "shop_desk", "门店收银台立牌", "双十二", "全国 86 家门店通用，用 scene_param 区分门店"},
	{6, "return_box", "包装箱说明书", "日常", "印在包装箱里的说明书上"},
	{7, "track_page", "物流查询页", "日常", "物流详情页右下角"},
}

// demoRules are the coded messages that the demo starts with.
var demoRules = []ops.ReplyRule{
	{Scene: db.SceneWelcome, Name: "工作时间欢迎语", From: 9 * 60, To: 21 * 60, Text: "您好，这里是云杉家居，请问有什么可以帮您？", Menu: &kf.Menu{Items: []kf.MenuItem{
		{Type: kf.ItemClick, ID: "track", Content: "查询物流"}, {Type: kf.ItemClick, ID: "install", Content: "预约安装"}, {Type: kf.ItemClick, ID: "return", Content: "退换货"}}, Tail: "也可以直接留言。"}},
	{Scene: db.SceneWelcome, Name: "夜间欢迎语", From: 21 * 60, To: 9 * 60, Text: "您好，现在是休息时间，留言会在早上 9 点后回复。"},
	{Scene: db.SceneQueue, Name: "排队提示", Text: "正在为您安排客服，请稍候。"},
	{Scene: db.SceneEnding, Name: "邀请评价", Text: "本次服务已结束，请评价：", Menu: &kf.Menu{Items: []kf.MenuItem{
		{Type: kf.ItemClick, ID: "good", Content: "满意"}, {Type: kf.ItemClick, ID: "fair", Content: "一般"}, {Type: kf.ItemClick, ID: "poor", Content: "不满意"}}}},
}

// fillRules makes the coded messages of a new demo, the ordinary way.
func (c *console) fillRules(ctx context.Context, who auth.Actor) error {
	for _, rule := range demoRules {
		rule.IntentID, rule.Days, rule.Enabled = db.NewID(), 1<<7-1, true
		if _, err := c.ops.SaveReplyRule(ctx, who, rule); err != nil {
			return fmt.Errorf("fill demo: %w", err)
		}
	}
	return nil
}

// fill gives a new demo something to look at: coded messages, links and an archived link, all made the ordinary way. A demo that has
// links, or whose simulated WeCom does not answer, is left as it is.
func (c *console) fill(ctx context.Context) error {
	for _, refresh := range []func(context.Context) error{c.mirror.RefreshAccounts, c.mirror.RefreshDirectory} {
		if err := refresh(ctx); err != nil {
			c.Log.Warn("demo starts with what it has", "error", err)
			return nil
		}
	}
	links, err := c.db.LinkCounts(ctx)
	if err != nil || links.Active+links.Archived > 0 {
		return err
	}
	accounts, _, err := c.db.Accounts(ctx, db.AccountFilter{Filter: db.FilterManaged}, "", 100)
	if err != nil {
		return err
	}
	who, err := c.demoActors(ctx)
	if err != nil {
		return err
	}
	if err := c.fillRules(ctx, who[0]); err != nil {
		return err
	}
	last := ""
	for i, l := range demoLinks {
		if l.account >= len(accounts) {
			continue
		}
		result, err := c.ops.CreateLink(ctx, who[i%2], ops.NewLink{IntentID: db.NewID(), AccountID: accounts[l.account].ID, Scene: l.scene, Name: l.name, Campaign: l.campaign, Note: l.note})
		if err != nil {
			return fmt.Errorf("fill demo: %w", err)
		}
		last = result.RemoteID
	}
	if _, err := c.ops.ArchiveLink(ctx, who[1], ops.LinkAction{IntentID: db.NewID(), LinkID: last}); err != nil {
		return fmt.Errorf("fill demo: %w", err)
	}
	return nil
}

// demoActors are the owner and the manager of the demo.
func (c *console) demoActors(ctx context.Context) (who [2]auth.Actor, err error) {
	for i, role := range []auth.Role{auth.Manager, auth.Owner} {
		o, err := c.db.OperatorByName(ctx, string(role))
		if err != nil {
			return who, fmt.Errorf("demo operators: %w", err)
		}
		who[i] = auth.Actor{ID: o.ID, Name: o.Name, Role: role, IP: "127.0.0.1", RequestID: db.NewID()}
	}
	return who, nil
}
