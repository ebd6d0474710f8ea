//go:build e2e

package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// boardWithin is the most that may pass between a customer's send and the sight of it on an open board, in milliseconds.
const boardWithin = 2000

// welcomeWithin is how long WeCom takes a welcome after a customer has come in, in milliseconds.
const welcomeWithin = 20_000

// A customer is welcomed, writes, is answered by the console, queued, given to a person, answered, asked for a rating and gives one.
// Everybody sees what concerns him without loading a page anew, and the audit log has every change without a word of what was said.
func TestConversation(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	p.addRule("welcome", "咨询欢迎语", "您好，这里是云杉家居，请问想了解哪款家具？", "")
	p.addRule("ending", "结束评价", "感谢咨询，请评价本次服务", "满意\n一般\n不满意")
	address := p.linkAddress("web_footer")
	board := s.SignIn("manager", Look{})
	board.Go("/conversations?account=" + s.Sim.Account("售前咨询台"))

	phone := welcomed(t, s, address)
	onBoardAtOnce(t, board, phone)
	board.Check("柿子和猫", "你好，岩板茶几还有现货吗？")
	p.openTalk("柿子和猫")
	p.answer(t, phone)
	phone.Write("好的，要两张")
	p.See("5 / 5 条")
	p.Check("柿子和猫", "好的，要两张", "岩板茶几", "云杉家居")

	p.toQueue(t)
	p.toPerson()
	desk := p.served(t, s, phone)
	p.ended(phone, desk)
	p.audited(t, s)
}

// addRule adds a coded message for one account at all times; it goes before those of the demo.
func (p *Page) addRule(scene, name, text, menu string) {
	p.t.Helper()
	p.Go("/settings/replies/new")
	if err := p.Locator("input[name=scene][value=" + scene + "]").Check(); err != nil {
		p.t.Fatalf("choose %s: %v", scene, err)
	}
	p.Choose("账号", "售前咨询台")
	p.FillIn("名称", name)
	p.FillIn("内容", text)
	p.FillIn("菜单 选填", menu)
	p.Press("添加规则")
	p.At("/settings/replies")
	p.See(name)
}

// linkAddress is the address of the link with that scene.
func (p *Page) linkAddress(scene string) string {
	p.t.Helper()
	p.Go("/links?q=" + scene)
	p.click(p.Locator("main table tbody a").First(), "the link of "+scene)
	p.See("链接地址")
	return p.Text(p.Role("region", "链接地址").Locator("code").First())
}

// welcomed enters by the link and waits for the welcome.
func welcomed(t *testing.T, s *Stack, address string) *Page {
	t.Helper()
	phone := s.Phone(address, "柿子和猫")
	began := phone.moment(phone.Eval(`() => performance.timeOrigin`), "no beginning")
	welcome := phone.seenAt("请问想了解哪款家具")()
	t.Logf("the welcome was on the phone %.0f ms after the chat was opened", welcome-began)
	if welcome-began > welcomeWithin {
		t.Errorf("the welcome came after %.0f ms", welcome-began)
	}
	return phone
}

// onBoardAtOnce sends the customer's first message and waits for it on a board that was open before.
func onBoardAtOnce(t *testing.T, board, phone *Page) {
	t.Helper()
	loaded := board.Eval(`() => performance.timeOrigin`)
	seen, clicked := board.seenAt("岩板茶几还有现货"), phone.clickedAt("发送")
	phone.Write("你好，岩板茶几还有现货吗？")
	took := seen() - clicked()
	t.Logf("the message was on the board %.0f ms after the click", took)
	if took > boardWithin || took <= 0 {
		t.Errorf("the message was on the board after %.0f ms, want at most %d", took, boardWithin)
	}
	if now := board.Eval(`() => performance.timeOrigin`); now != loaded {
		t.Error("the board was loaded anew")
	}
}

// openTalk opens the conversation of a customer from the board.
func (p *Page) openTalk(customer string) {
	p.t.Helper()
	p.Go("/conversations?q=" + url.QueryEscape(customer))
	p.Follow(customer)
	p.See("还能发送")
}

// answer writes a text and sends a picture; both are on the phone and count.
func (p *Page) answer(t *testing.T, phone *Page) {
	t.Helper()
	p.See("5 / 5 条")
	p.compose("有现货，杭州仓三天内送达。")
	p.Press("发送")
	p.See("4 / 5 条")
	phone.Hear("有现货，杭州仓三天内送达。")
	p.See("已提交企业微信")
	p.chooseKind("image")
	if err := p.Locator("#f-image").SetInputFiles(playwright.InputFile{Name: "table.png", MimeType: "image/png", Buffer: picture(t, 300)}); err != nil {
		t.Fatal(err)
	}
	p.Press("发送")
	p.See("3 / 5 条")
	theirs := phone.Locator("#log .row.theirs img.picture").First()
	if err := theirs.WaitFor(); err != nil {
		t.Fatalf("the picture is not on the phone: %v", err)
	}
	p.pictureIn(p.Locator("#flow .rows img"))
}

// compose types into the composer.
func (p *Page) compose(text string) {
	p.t.Helper()
	if err := p.Role("textbox", p.Say("文本", "Text")).Fill(text); err != nil {
		p.t.Fatalf("%s: compose: %v", p.URL(), err)
	}
}

// chooseKind chooses the kind of message in the composer.
func (p *Page) chooseKind(kind string) {
	p.t.Helper()
	if err := p.Locator("#compose input[name=kind][value=" + kind + "]").Check(playwright.LocatorCheckOptions{Force: playwright.Bool(true)}); err != nil {
		p.t.Fatalf("choose the kind %s: %v", kind, err)
	}
}

// pictureIn waits until a picture has come and can be seen.
func (p *Page) pictureIn(picture playwright.Locator) {
	p.t.Helper()
	if err := picture.First().WaitFor(); err != nil {
		p.t.Fatalf("%s: no picture: %v", p.URL(), err)
	}
	if _, err := picture.First().Evaluate(`img => img.decode().then(() => { if (!img.naturalWidth) throw new Error('empty') })`, nil); err != nil {
		p.t.Fatalf("%s: the picture cannot be seen: %v", p.URL(), err)
	}
}

// toQueue moves the conversation to the queue; then nothing can be written, and the page says why.
func (p *Page) toQueue(t *testing.T) {
	t.Helper()
	p.compose("还没发出的草稿")
	p.click(p.Locator(".diagram button[name=to][value='2']"), "the queue in the diagram")
	p.See("会话在待接入池中，现在不能发送。")
	if on, err := p.Locator("#compose button.primary").IsEnabled(); err == nil && on {
		if shown, _ := p.Locator("#compose button.primary").IsVisible(); shown {
			t.Error("the composer can still send")
		}
	}
	p.Check("柿子和猫", "好的，要两张", "岩板茶几", "云杉家居")
}

// toPerson gives the conversation to somebody on duty.
func (p *Page) toPerson() {
	p.t.Helper()
	p.click(p.Locator("#window button[popovertarget=assign]"), "assign")
	if err := p.Locator("#assign input[name=person][value='li.na']").Check(); err != nil {
		p.t.Fatalf("choose a person: %v", err)
	}
	p.Press("分配")
	p.See("会话由人工接待，这里不能发送。")
}

// served answers as the servicer; the answer is on the timeline and on the phone.
func (p *Page) served(t *testing.T, s *Stack, phone *Page) *Page {
	t.Helper()
	desk := s.Desk("li.na")
	desk.click(desk.Locator("#mine a", playwright.PageLocatorOptions{HasText: "柿子和猫"}), "the conversation on the desk")
	desk.FillIn("回复客户", "我是小娜，已为您留货两张。")
	desk.Press("发送")
	p.See("我是小娜，已为您留货两张。")
	phone.Hear("我是小娜，已为您留货两张。")
	return desk
}

// ended ends the conversation as the servicer; the customer rates it by the menu of the ending text.
func (p *Page) ended(phone, desk *Page) {
	p.t.Helper()
	desk.Press("结束会话")
	p.See("会话已结束，现在不能发送。")
	phone.Hear("感谢咨询，请评价本次服务")
	phone.Press("满意")
	p.See("点选菜单")
	p.Follow("柿子和猫") // the customer's own page
	p.See("评价 满意")
	p.Check("柿子和猫", "满意", "云杉家居")
}

// audited looks for every change in the log, and for no word of what was said anywhere in it.
func (p *Page) audited(t *testing.T, s *Stack) {
	t.Helper()
	p.Go("/audit")
	for _, action := range []string{"保存自动消息规则", "发送消息", "转移会话"} {
		p.See(action)
	}
	owner := s.SignIn("owner", Look{})
	owner.Go("/audit")
	text := owner.export("JSON Lines")
	for action, want := range map[string]int{"message.send": 2, "conversation.move": 2} {
		if n := strings.Count(text, `"`+action+`"`); n != want {
			t.Errorf("%d entries of %s, want %d", n, action, want)
		}
	}
	for _, rule := range []string{"咨询欢迎语", "结束评价"} {
		if !strings.Contains(text, rule) {
			t.Errorf("the log does not hold the rule %s", rule)
		}
	}
	said := []string{"岩板", "现货", "要两张", "留货", "草稿", "柿子和猫", "table.png"}
	if i := slices.IndexFunc(said, func(part string) bool { return strings.Contains(text, part) }); i >= 0 {
		t.Errorf("the audit log holds %q", said[i])
	}
	if n := len(s.Sim.Calls("kf/send_msg")); n != 2 {
		t.Errorf("%d messages were sent, want 2", n)
	}
}

// On a phone, in English, an operator answers a customer and ends the conversation.
func TestConversationOnAPhone(t *testing.T) {
	t.Parallel()
	s := Start(t)
	customer := s.Sim.Enter(s.Sim.Account("售前咨询台"), "口袋里的人", "web_footer", "能送到舟山吗")
	p := s.SignIn("manager", Look{English: true, Phone: true})
	p.until("/conversations?q="+url.QueryEscape("口袋里的人"), "口袋里的人")
	p.Follow("口袋里的人")
	p.See("5 of 5")
	p.compose("可以，加收上岛费")
	p.Press("Send")
	p.See("4 of 5")
	p.See("Accepted by WeCom")
	p.Check("口袋里的人")
	p.Follow("Customer and state")
	p.See("With a person")
	p.click(p.Locator(".diagram button[popovertarget=ending]"), "the end in the diagram")
	p.Press("End conversation")
	p.See("The conversation has ended; nothing can be sent.")
	p.Check("口袋里的人")
	for _, x := range s.Sim.Sessions("") {
		if x.Customer == customer && x.State != 4 {
			t.Errorf("WeCom has the conversation in state %d", x.State)
		}
	}
}
