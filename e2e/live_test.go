//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"
)

// reader is what a page must not take away from who reads it.
const reader = `() => { const a = document.activeElement;
	const row = [...document.querySelectorAll('#rows tbody tr')].find(row => row.getBoundingClientRect().top > 100);
	const at = row && scrollY > 160 ? row.id + ' ' + Math.round(row.getBoundingClientRect().top) : '';
	return [a.id, a.value ?? '', a.selectionStart ?? '', a.selectionEnd ?? '', at, document.querySelectorAll('[data-select-row]:checked').length].join('|') }`

// unmoved fails the test when focus, text, selection, scroll or ticks are not what they were.
func (p *Page) unmoved(before any, when string) {
	p.t.Helper()
	if now := p.Eval(reader); now != before {
		p.t.Errorf("%s: focus, text, selection, scroll and ticks were %v and are %v", when, before, now)
	}
}

// A board that is searched, ticked, scrolled or turned over stays as it is for its reader, and says how much is new.
func TestBoardUnderTheReader(t *testing.T) {
	t.Parallel()
	s := Start(t)
	account := s.Sim.Account("售前咨询台")
	p := s.SignIn("manager", Look{})
	p.Go("/conversations")
	p.See("实时更新")

	p.Enter(p.Locator("#search-q"), "青石板")
	p.See("没有符合条件的会话")
	p.Eval(`() => document.querySelector('#search-q').setSelectionRange(1, 2)`)
	searching := p.Eval(reader)
	s.Sim.Enter(account, "溪口人家", "web_footer", "有青石板色的餐边柜吗")
	p.See("溪口人家")
	p.unmoved(searching, "while searching")

	p.Go("/conversations")
	for _, n := range []int{1, 3} {
		if err := p.Locator("[data-select-row]").Nth(n).Check(); err != nil {
			t.Fatal(err)
		}
	}
	ticked, order := p.Eval(reader), p.rowOrder()
	s.Sim.Enter(account, "溪口人家", "web_footer", "在吗")
	p.See("1 个会话有更新")
	p.unmoved(ticked, "with rows ticked")
	if now := p.rowOrder(); now != order {
		t.Errorf("the rows changed under the ticks:\n%s\n%s", order, now)
	}
	p.Check("溪口人家")

	p.Go("/conversations")
	p.Eval(`() => scrollTo(0, 400)`)
	scrolled, order := p.Eval(reader), p.rowOrder()
	s.Sim.Enter(account, "白墙黑瓦", "web_footer", "你好")
	p.See("1 个会话有更新")
	p.unmoved(scrolled, "scrolled down")
	if now := p.rowOrder(); now != order {
		t.Error("the rows changed under the reader")
	}

	p.Follow("下一页")
	p.See("白墙黑瓦")
	order = p.rowOrder()
	s.Sim.Enter(account, "石榴裙", "web_footer", "在不在")
	p.See("1 个会话有更新")
	if now := p.rowOrder(); now != order {
		t.Error("the second page changed under the reader")
	}
	p.Follow("1 个会话有更新")
	p.At("/conversations")
	p.Gone("会话有更新")
}

// rowOrder is the ids of the rows of a list.
func (p *Page) rowOrder() string {
	p.t.Helper()
	return fmt.Sprint(p.Eval(`() => [...document.querySelectorAll('#rows tbody tr')].map(row => row.id).join()`))
}

// Enter types into a field key by key, so that what the page does at each key happens.
func (p *Page) Enter(field playwright.Locator, text string) {
	p.t.Helper()
	if err := field.PressSequentially(text); err != nil {
		p.t.Fatalf("%s: type %s: %v", p.URL(), text, err)
	}
}

// The console goes away and comes back: the page says so, and follows again without being loaded anew.
func TestStreamComesBack(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	p.Go("/conversations?account=" + s.Sim.Account("售前咨询台"))
	p.See("实时更新")
	loaded := p.Eval(`() => performance.timeOrigin`)
	p.AllowConsole("net::ERR_CONNECTION_REFUSED", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_EMPTY_RESPONSE", "net::ERR_CONNECTION_RESET")
	s.stop()
	p.See("正在重新连接")
	s.launch(strings.TrimPrefix(s.URL, "http://"))
	p.See("实时更新")
	s.Sim.Enter(s.Sim.Account("售前咨询台"), "归来人", "web_footer", "我又来了")
	p.See("归来人")
	if now := p.Eval(`() => performance.timeOrigin`); now != loaded {
		t.Error("the page was loaded anew")
	}
}

// Three tabs of a browser follow by one connection; another browser has its own. Closed tabs give it back.
func TestTabsShareOneStream(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	p.Go("/conversations")
	tabs := []*Page{p}
	for _, path := range []string{"/", "/customers"} {
		tab := s.tab(Look{}, s.URL, p.Context())
		tab.Go(path)
		tabs = append(tabs, tab)
	}
	for _, tab := range tabs {
		tab.See("实时更新")
	}
	s.streams(1)
	waits := p.oneMoreWaits()
	other := s.SignIn("owner", Look{})
	other.See("实时更新")
	s.streams(2)
	s.Sim.Enter(s.Sim.Account("售前咨询台"), "三个窗口", "web_footer", "你好")
	for _, tab := range append(tabs, other) {
		tab.See(waits)
	}
	for _, tab := range append(tabs, other) {
		if err := tab.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.streams(0)
}

// oneMoreWaits is what the badge in the navigation says once another customer waits.
func (p *Page) oneMoreWaits() string {
	p.t.Helper()
	var n int
	if _, err := fmt.Sscan(p.Text(p.Locator("#waits").First()), &n); err != nil {
		p.t.Fatalf("nobody waits: %v", err)
	}
	return fmt.Sprintf("%d 位客户在等", n+1)
}

// streams waits until that many browsers follow.
func (s *Stack) streams(want int) {
	s.t.Helper()
	line := fmt.Sprintf("\nkf_stream_connections %d\n", want)
	var text string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if text = s.metrics(); strings.Contains(text, line) {
			return
		}
	}
	s.t.Fatalf("not %d browsers follow:\n%s", want, text)
}

func (s *Stack) metrics() string {
	s.t.Helper()
	resp, err := http.Get(s.URL + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("metrics: %s %v", resp.Status, err)
	}
	return string(text)
}
