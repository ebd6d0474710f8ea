//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// launched is the one browser of the package; each test has a context of its own in it.
var launched = sync.OnceValues(launch)

type engine struct {
	driver  *playwright.Playwright
	browser playwright.Browser
	axe     string
}

func launch() (*engine, error) {
	axe, err := os.ReadFile(os.Getenv("AXE_SCRIPT"))
	if err != nil {
		return nil, fmt.Errorf("AXE_SCRIPT: %w; start the tests with `make e2e`", err)
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("%w; start the tests with `make e2e`", err)
	}
	driver, err := playwright.Run(&playwright.RunOptions{SkipInstallBrowsers: true, Stderr: os.Stderr})
	if err != nil {
		return nil, fmt.Errorf("start the driver: %w", err)
	}
	browser, err := driver.Chromium.Launch(playwright.BrowserTypeLaunchOptions{
		ExecutablePath: playwright.String(chromium), ChromiumSandbox: playwright.Bool(false),
		Args: []string{"--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync"},
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", chromium, err)
	}
	return &engine{driver, browser, string(axe)}, nil
}

// TestMain ends the browser after the last journey.
func TestMain(m *testing.M) {
	code := m.Run()
	if e, err := launched(); err == nil {
		if err := e.browser.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "close the browser:", err)
		}
		if err := e.driver.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop the driver:", err)
		}
	}
	os.Exit(code)
}

// Look is how a visitor's browser is set up. The zero Look is a Chinese desk with light colours and JavaScript.
type Look struct {
	English, Phone, Dark, NoScript bool
}

// String names the look in the names of screenshots.
func (l Look) String() string {
	name := "zh"
	if l.English {
		name = "en"
	}
	for _, each := range []struct {
		on   bool
		name string
	}{{l.Phone, "-phone"}, {l.Dark, "-dark"}, {l.NoScript, "-plain"}} {
		if each.on {
			name += each.name
		}
	}
	return name
}

// browserContext opens a fresh browser profile for the look.
func (l Look) browserContext(t testing.TB, base string) playwright.BrowserContext {
	t.Helper()
	e, err := launched()
	if err != nil {
		t.Fatal(err)
	}
	o := playwright.BrowserNewContextOptions{
		BaseURL: playwright.String(base), Locale: playwright.String("zh-CN"), TimezoneId: playwright.String("Asia/Shanghai"),
		Viewport: &playwright.Size{Width: 1440, Height: 900}, ColorScheme: playwright.ColorSchemeLight,
		ReducedMotion: playwright.ReducedMotionReduce, JavaScriptEnabled: playwright.Bool(!l.NoScript),
		Permissions: []string{"clipboard-read", "clipboard-write"},
	}
	if l.English {
		o.Locale = playwright.String("en-US")
	}
	if l.Phone {
		o.Viewport, o.IsMobile, o.HasTouch = &playwright.Size{Width: 390, Height: 844}, playwright.Bool(true), playwright.Bool(true)
		o.DeviceScaleFactor = playwright.Float(2)
	}
	if l.Dark {
		o.ColorScheme = playwright.ColorSchemeDark
	}
	ctx, err := e.browser.NewContext(o)
	if err != nil {
		t.Fatalf("open a browser context: %v", err)
	}
	ctx.SetDefaultTimeout(15_000)
	if err := ctx.AddInitScript(playwright.Script{Content: playwright.String(reportScript)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ctx.Close(); err != nil {
			t.Errorf("close the browser context: %v", err)
		}
	})
	return ctx
}

// reportScript turns what a page may hide into console errors, which fail the journey.
const reportScript = `addEventListener('securitypolicyviolation', e => console.error('content policy: ' + e.violatedDirective + ' ' + e.blockedURI));
addEventListener('unhandledrejection', e => console.error('unhandled rejection: ' + e.reason));`
