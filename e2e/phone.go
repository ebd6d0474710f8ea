//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/playwright-community/playwright-go"
)

// Phone opens the address of a link on a customer's phone and enters the chat under the nickname. What the phone shows is the
// simulator's; At and Go mean its addresses.
func (s *Stack) Phone(address, nickname string) *Page {
	s.t.Helper()
	path, ok := strings.CutPrefix(address, s.Sim.URL)
	if !ok {
		s.t.Fatalf("the link %q does not lead to the simulator %s", address, s.Sim.URL)
	}
	p := s.open(Look{Phone: true}, s.Sim.URL)
	p.Allow(404, "/favicon.ico")
	p.Go(path)
	p.FillIn("新的昵称", nickname)
	p.Press("进入会话")
	if err := p.Locator("#write").WaitFor(); err != nil {
		s.t.Fatalf("%s: no chat: %v", p.URL(), err)
	}
	return p
}

// Write sends a text from the phone.
func (p *Page) Write(text string) {
	p.t.Helper()
	p.FillIn("消息", text)
	p.Press("发送")
	p.said("mine", text)
}

// Hear waits until the chat on the phone shows a message of the other side.
func (p *Page) Hear(text string) { p.t.Helper(); p.said("theirs", text) }

// said waits for a message of one side of the chat.
func (p *Page) said(side, text string) {
	p.t.Helper()
	row := p.Locator("#log .row."+side, playwright.PageLocatorOptions{HasText: text}).First()
	if err := row.WaitFor(); err != nil {
		p.t.Fatalf("the chat does not show %q of %s: %v", text, side, err)
	}
}

// Attach sends a file through a field of the phone that takes files.
func (p *Page) Attach(field, name, mime string, content []byte) {
	p.t.Helper()
	if err := p.Locator("#" + field).SetInputFiles(playwright.InputFile{Name: name, MimeType: mime, Buffer: content}); err != nil {
		p.t.Fatalf("%s: send %s: %v", p.URL(), name, err)
	}
}

// Desk opens the page of a servicer's WeCom.
func (s *Stack) Desk(userid string) *Page {
	s.t.Helper()
	p := s.open(Look{}, s.Sim.URL)
	p.Allow(404, "/favicon.ico")
	p.Go("/_sim/desk?userid=" + url.QueryEscape(userid))
	return p
}

// Enter makes a customer enter the chat of an account and write; it returns the external_userid.
func (s *Simulator) Enter(account, nickname, scene string, texts ...string) (customer string) {
	s.t.Helper()
	var entered struct {
		Customer string `json:"external_userid"`
	}
	body := map[string]any{"account": account, "scene": scene, "customer": map[string]any{"name": nickname}}
	s.do("POST", "customer/enter", body, &entered)
	for _, text := range texts {
		s.do("POST", "customer/send", map[string]any{"account": account, "customer": entered.Customer, "text": text}, nil)
	}
	return entered.Customer
}

// Forward moves the simulator's clock; the duration is one of Go.
func (s *Simulator) Forward(by string) {
	s.t.Helper()
	s.forward = true
	s.do("POST", "clock", map[string]string{"advance": by}, nil)
}

// seenAt makes the page note the moment at which a text comes to be in it. The result waits for that and is in milliseconds since 1970.
func (p *Page) seenAt(text string) func() float64 {
	p.t.Helper()
	const script = `text => { window.seen = new Promise(done => {
		const look = () => document.body.innerText.includes(text) && (watch.disconnect(), done(performance.timeOrigin + performance.now()));
		const watch = new MutationObserver(look);
		watch.observe(document.body, { subtree: true, childList: true, characterData: true });
		look();
	}) }`
	p.Eval(script, text)
	return func() float64 {
		p.t.Helper()
		at := p.Eval(`() => Promise.race([window.seen, new Promise(done => setTimeout(done, 15000, 0))])`)
		return p.moment(at, "the page never showed "+text)
	}
}

// clickedAt makes the page note the moment of the next click on its button of that name.
func (p *Page) clickedAt(button string) func() float64 {
	p.t.Helper()
	const script = `name => { window.clicked = 0; addEventListener('click', e => {
		const button = e.target.closest('button');
		if (button?.textContent.trim() === name) window.clicked ||= performance.timeOrigin + performance.now();
	}, { capture: true }) }`
	p.Eval(script, button)
	return func() float64 {
		p.t.Helper()
		return p.moment(p.Eval(`() => window.clicked`), "nobody clicked "+button)
	}
}

func (p *Page) moment(value any, without string) float64 {
	p.t.Helper()
	var at float64
	if _, err := fmt.Sscan(fmt.Sprint(value), &at); err != nil || at == 0 {
		p.t.Fatalf("%s: %s (%v)", p.URL(), without, value)
	}
	return at
}

// Absent makes somebody stop serving an account.
func (s *Simulator) Absent(account, userid string) {
	s.t.Helper()
	s.do("POST", "desk/status", map[string]string{"account": account, "userid": userid, "status": "stopped"}, nil)
}
