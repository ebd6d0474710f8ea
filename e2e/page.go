//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Page is one tab of a visitor. Its methods fail the test when the browser cannot do what they say. Everything that goes wrong in the
// tab meanwhile is collected and fails the test at its end, unless it was allowed.
type Page struct {
	playwright.Page
	Look  Look
	base  string // where the tab is at home: the console, or the simulator
	stack *Stack
	t     testing.TB
	shots int

	mu      sync.Mutex
	allowed []answer
	quiet   []string // parts of console errors that are part of the journey
	faults  []string
}

// answer is one that is expected to be an error: its status, and the beginning of its path.
type answer struct {
	status int
	path   string
}

// Open opens a tab in a browser profile of its own; it shows no page yet.
func (s *Stack) Open(look Look) *Page { s.t.Helper(); return s.open(look, s.URL) }

// open opens a tab for the pages below an address.
func (s *Stack) open(look Look, base string) *Page {
	s.t.Helper()
	return s.tab(look, base, look.browserContext(s.t, base))
}

// tab opens a tab in a browser profile.
func (s *Stack) tab(look Look, base string, profile playwright.BrowserContext) *Page {
	s.t.Helper()
	tab, err := profile.NewPage()
	if err != nil {
		s.t.Fatalf("open a page: %v", err)
	}
	p := &Page{Page: tab, Look: look, base: base, stack: s, t: s.t}
	p.watch()
	s.pages = append(s.pages, p)
	s.t.Cleanup(p.report)
	return p
}

// SignIn opens a tab and signs in with the role's operator. The tab then shows the overview.
func (s *Stack) SignIn(role string, look Look) *Page {
	s.t.Helper()
	p := s.Open(look)
	p.Go("/login")
	p.FillIn(p.Say("用户名", "Name"), role)
	p.FillIn(p.Say("密码", "Password"), Password)
	p.Press(p.Say("登录", "Sign in"))
	p.At("/")
	return p
}

// SignOut signs out through the operator's menu.
func (p *Page) SignOut() {
	p.t.Helper()
	p.Unfold(p.Say("操作员菜单", "Operator menu"))
	p.Press(p.Say("退出登录", "Sign out"))
	p.At("/login")
}

// Say picks the words of the language that the tab is shown in.
func (p *Page) Say(zh, en string) string {
	if p.Look.English {
		return en
	}
	return zh
}

// Allow says that answers of this status to addresses that begin with path are part of the journey.
func (p *Page) Allow(status int, path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = append(p.allowed, answer{status, path})
}

// AllowConsole says that console errors with one of these parts are part of the journey.
func (p *Page) AllowConsole(parts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quiet = append(p.quiet, parts...)
}

// expects tells whether a console error is part of the journey.
func (p *Page) expects(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.quiet, func(part string) bool { return strings.Contains(text, part) })
}

func (p *Page) allows(status int, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.allowed {
		if a.status == status && strings.HasPrefix(u.Path, a.path) {
			return true
		}
	}
	return false
}

func (p *Page) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

var loadFailure = regexp.MustCompile(`^Failed to load resource: the server responded with a status of (\d+)`)

// watch collects what goes wrong in the tab.
func (p *Page) watch() {
	p.OnConsole(func(m playwright.ConsoleMessage) {
		// The browser logs every error status too, which OnResponse judges, and every request that got no answer at all, which is
		// found here: the driver never raises its event for that.
		if m.Type() == "error" && !loadFailure.MatchString(m.Text()) && !p.expects(m.Text()) || m.Type() == "warning" {
			p.fault("console %s: %s (%s)", m.Type(), m.Text(), m.Location().URL)
		}
	})
	p.OnPageError(func(err error) { p.fault("page error: %v", err) })
	p.OnResponse(func(r playwright.Response) {
		if r.Status() >= 400 && !p.allows(r.Status(), r.URL()) {
			p.fault("answer %d: %s %s", r.Status(), r.Request().Method(), r.URL())
		}
		if !strings.HasPrefix(r.URL(), p.base+"/") && !strings.HasPrefix(r.URL(), "data:") && !strings.HasPrefix(r.URL(), "blob:") {
			p.fault("the page asked another server: %s", r.URL())
		}
	})
}

// report fails the test for everything that went wrong, and keeps a picture of a journey that failed.
func (p *Page) report() {
	p.mu.Lock()
	faults := p.faults
	p.mu.Unlock()
	for _, each := range faults {
		p.t.Errorf("%s: %s", p.Look, each)
	}
	if p.t.Failed() && !p.IsClosed() {
		p.Shot("failed")
		snapshot, err := p.Locator("body").AriaSnapshot()
		p.t.Logf("%s: the page was %s %v\n%s", p.Look, p.URL(), err, snapshot)
	}
}

// Go opens a path of the console.
func (p *Page) Go(path string) {
	p.t.Helper()
	if _, err := p.Goto(path); err != nil {
		p.t.Fatalf("go to %s: %v", path, err)
	}
}

// At waits until the tab shows the path; the query does not count.
func (p *Page) At(path string) {
	p.t.Helper()
	want := regexp.MustCompile("^" + regexp.QuoteMeta(p.base+path) + `([?#].*)?$`)
	if err := p.WaitForURL(want); err != nil {
		p.t.Fatalf("the page is %s, want %s: %v", p.URL(), path, err)
	}
}

// Role finds the one element of a role whose accessible name is exactly this.
func (p *Page) Role(role, name string) playwright.Locator {
	return p.GetByRole(playwright.AriaRole(role), playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)})
}

// Press presses the button of that name.
func (p *Page) Press(name string) { p.t.Helper(); p.click(p.Role("button", name), "button "+name) }

// Follow follows the link of that name; where a page offers it twice, the first one.
func (p *Page) Follow(name string) { p.t.Helper(); p.click(p.Role("link", name).First(), "link "+name) }

// Unfold opens the menu or fold that shows this text or is read aloud as it.
func (p *Page) Unfold(text string) {
	p.t.Helper()
	p.click(p.Locator("summary", playwright.PageLocatorOptions{HasText: text}), "fold "+text)
}

func (p *Page) click(l playwright.Locator, what string) {
	p.t.Helper()
	if err := l.Click(); err != nil {
		p.t.Fatalf("%s: click %s: %v", p.URL(), what, err)
	}
}

// Field finds the field with that label.
func (p *Page) Field(label string) playwright.Locator {
	return p.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)})
}

// FillIn types into the field with that label, in place of what it holds.
func (p *Page) FillIn(label, text string) {
	p.t.Helper()
	if err := p.Field(label).Fill(text); err != nil {
		p.t.Fatalf("%s: fill in %s: %v", p.URL(), label, err)
	}
}

// See waits until the text is visible somewhere on the page.
func (p *Page) See(text string) {
	p.t.Helper()
	found := p.GetByText(text).And(p.Locator(":visible")).First()
	if err := found.WaitFor(); err != nil {
		p.t.Fatalf("%s does not show %q: %v", p.URL(), text, err)
	}
}

// Gone waits until the text is visible nowhere on the page.
func (p *Page) Gone(text string) {
	p.t.Helper()
	shown := p.GetByText(text).And(p.Locator(":visible"))
	if err := shown.First().WaitFor(playwright.LocatorWaitForOptions{State: playwright.WaitForSelectorStateHidden}); err != nil {
		p.t.Fatalf("%s still shows %q: %v", p.URL(), text, err)
	}
}

// Choose picks the option of that text in the list with that label.
func (p *Page) Choose(label, option string) {
	p.t.Helper()
	if _, err := p.Field(label).SelectOption(playwright.SelectOptionValues{Labels: &[]string{option}}); err != nil {
		p.t.Fatalf("%s: choose %s in %s: %v", p.URL(), option, label, err)
	}
}

// Value is what the field with that label holds.
func (p *Page) Value(label string) string {
	p.t.Helper()
	v, err := p.Field(label).InputValue()
	if err != nil {
		p.t.Fatalf("%s: read %s: %v", p.URL(), label, err)
	}
	return v
}

// Text is what an element shows.
func (p *Page) Text(of playwright.Locator) string {
	p.t.Helper()
	text, err := of.InnerText()
	if err != nil {
		p.t.Fatalf("%s: read text: %v", p.URL(), err)
	}
	return text
}

// Upload puts a file into the field with that label.
func (p *Page) Upload(label, name, mime string, content []byte) {
	p.t.Helper()
	if err := p.GetByLabel(label).SetInputFiles(playwright.InputFile{Name: name, MimeType: mime, Buffer: content}); err != nil {
		p.t.Fatalf("%s: put %s into %s: %v", p.URL(), name, label, err)
	}
}

// keyNames are the keys that Type presses rather than types.
var keyNames = []string{"Tab", "Shift+Tab", "Enter", "Escape", "Control+Enter", "Space", "ArrowDown", "ArrowUp"}

// Keys presses keys one after the other, wherever the focus is.
func (p *Page) Keys(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		if err := p.Keyboard().Press(key); err != nil {
			p.t.Fatalf("%s: press %s: %v", p.URL(), key, err)
		}
	}
}

// Type types texts and presses keys in turn, wherever the focus is.
func (p *Page) Type(each ...string) {
	p.t.Helper()
	for _, text := range each {
		if slices.Contains(keyNames, text) {
			p.Keys(text)
		} else if err := p.Keyboard().Type(text); err != nil {
			p.t.Fatalf("%s: type: %v", p.URL(), err)
		}
	}
}

// Eval runs a function of JavaScript in the page and returns its result.
func (p *Page) Eval(script string, arg ...any) any {
	p.t.Helper()
	v, err := p.Evaluate(script, arg...)
	if err != nil {
		p.t.Fatalf("%s: evaluate: %v", p.URL(), err)
	}
	return v
}

// withText keeps the elements that show a text.
func withText(text string) playwright.LocatorFilterOptions {
	return playwright.LocatorFilterOptions{HasText: text}
}
