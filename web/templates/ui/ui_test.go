package ui

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"kfconsole/internal/i18n"
)

var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

func view() View {
	return View{T: i18n.For(i18n.EN), Now: noon, Zone: time.FixedZone("Asia/Shanghai", 8*3600)}
}

func html(t testing.TB, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const evil = `"><script>alert(1)</script>`

// TestNothingBreaksOut puts markup into every text that a widget written by hand
// takes.
func TestNothingBreaksOut(t *testing.T) {
	v := view()
	for name, c := range map[string]templ.Component{
		"text":    Text(evil),
		"state":   State(ToneOK, evil),
		"dot":     Dot(ToneWarn, evil),
		"avatar":  Avatar(evil, "", Avatar32),
		"picture": Avatar("x", evil, Avatar32),
		"who":     Who(WhoModel{Name: evil, Sub: evil, Href: "/x?" + evil}),
		"row":     SelectRow(v, "id", evil, evil),
		"menu":    RowMenu(RowMenuModel{Menu: "m", Href: "/x" + evil, Label: evil}),
		"copy":    Copy(v, evil, evil),
		"toast":   Toast(v, ToastModel{Text: evil, AuditHref: "/" + evil}),
		"field":   TextInput(v, Field{Name: "n", Label: evil, Value: evil, Error: evil, Help: evil, Pattern: evil}),
	} {
		if got := html(t, c); strings.Contains(got, "<script>") || strings.Contains(got, `""><`) {
			t.Errorf("%s lets markup through: %s", name, got)
		}
	}
}

func TestLinksKeepToSafeSchemes(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"who":  Who(WhoModel{Name: "x", Href: "javascript:alert(1)"}),
		"menu": RowMenu(RowMenuModel{Menu: "m", Href: "javascript:alert(1)"}),
	} {
		if got := html(t, c); strings.Contains(got, "javascript:") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestUnknownIcon(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an unknown icon is drawn")
		}
	}()
	Icon("no-such-icon")
}

func TestField(t *testing.T) {
	for _, c := range []struct {
		name  string
		field Field
		want  []string
	}{
		{"characters", Field{Name: "a", Value: "客服a", Limit: 16, Unit: Chars}, []string{`data-limit="16"`, `data-unit="chars"`, ">3 / 16 characters<"}},
		{"bytes", Field{Name: "a", Value: "客服a", Limit: 32, Unit: Bytes}, []string{`data-unit="bytes"`, ">7 / 32 bytes<"}},
		{"over", Field{Name: "a", Value: "abc", Limit: 2}, []string{`class="counter over"`}},
		{"error", Field{Name: "a", Error: "wrong", Help: "help"}, []string{`aria-invalid="true"`, `aria-describedby="f-a-error f-a-help"`, "autofocus", ">wrong<"}},
		{"reason", Field{Name: "a", Reason: "fixed"}, []string{" disabled", "fixed", `id="f-a-help"`}},
		{"extra", Field{Name: "a", Attrs: templ.Attributes{"min": "3"}}, []string{`min="3"`}},
	} {
		got := html(t, TextInput(view(), c.field))
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in %s", c.name, w, got)
			}
		}
	}
}

func TestButtonWithReason(t *testing.T) {
	got := html(t, Button(Btn{Text: "Delete", Name: "go", Value: "1", Reason: "read-only"}))
	for _, w := range []string{`aria-disabled="true"`, `type="button"`, `aria-description="read-only"`} {
		if !strings.Contains(got, w) {
			t.Errorf("no %s in %s", w, got)
		}
	}
	if strings.Contains(got, `name="go"`) || strings.Contains(html(t, LinkButton(Btn{Text: "x", Href: "/y", Reason: "no"})), "href") {
		t.Error("a grey button still does something")
	}
}

func TestTime(t *testing.T) {
	v := view()
	for _, c := range []struct {
		what templ.Component
		want string
	}{
		{Time(v, noon.Add(-3*time.Minute)), `<time datetime="2026-11-20T03:57:00Z" title="2026-11-20 11:57:00 Beijing time" data-rel>3 min ago</time>`},
		{ExactTime(v, noon), `<time datetime="2026-11-20T04:00:00Z" title="2026-11-20 12:00:00 Beijing time">2026-11-20 12:00:00</time>`},
		{MaybeTime(v, nil), `<span class="muted">never</span>`},
		{Time(View{T: v.T, Now: noon}, noon), `<time datetime="2026-11-20T04:00:00Z" title="2026-11-20 04:00:00 UTC" data-rel>just now</time>`},
	} {
		if got := html(t, c.what); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
}

func TestAvatar(t *testing.T) {
	for name, want := range map[string]string{"售前": "售", "vip": "V", "（测试）": "测", "42": "4", "…": "·", "": "·"} {
		if got := initial(name); got != want {
			t.Errorf("initial(%q) = %q, want %q", name, got, want)
		}
	}
	hues := map[string]int{}
	for _, r := range "abcdefghijklmnopqrstuvwxyz售前后物流门店视频安装企业" {
		hues[hue(string(r))]++
	}
	if len(hues) != 6 {
		t.Errorf("only these colours occur: %v", hues)
	}
}

func TestSections(t *testing.T) {
	got := sections([]Part{{ToneOK, "a", 1}, {ToneInfo, "b", 0}, {ToneDanger, "c", 3}})
	want := []section{{"0", "247", "ok"}, {"250", "747", "danger"}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("sections = %v, want %v", got, want)
	}
	if sections(nil) != nil || sections([]Part{{Count: 0}}) != nil {
		t.Error("nothing has sections")
	}
	tiny := sections([]Part{{ToneOK, "a", 100000}, {ToneDanger, "b", 1}})
	if tiny[1].width == "0" {
		t.Error("a small part is not seen")
	}
}

func TestPager(t *testing.T) {
	v := view()
	if got := html(t, Pager(v, PagerModel{Shown: 50, Total: 5000, Next: "/x?after=a", Target: "#list"})); !strings.Contains(got, "50 of 5,000 shown") || !strings.Contains(got, `hx-target="#list"`) || strings.Contains(got, "Previous") {
		t.Errorf("pager: %s", got)
	}
	if got := html(t, Pager(v, PagerModel{})); strings.Contains(got, "<nav") || !strings.Contains(got, "Nothing to show") {
		t.Errorf("empty pager: %s", got)
	}
	if got := html(t, Pager(v, PagerModel{Shown: 50, Total: 10000, AtLeast: true})); !strings.Contains(got, "more than 10,000") {
		t.Errorf("bounded pager: %s", got)
	}
}

func TestSortTh(t *testing.T) {
	for dir, want := range map[string]string{"asc": `aria-sort="ascending"`, "desc": `aria-sort="descending"`, "": `aria-sort="none"`} {
		if got := html(t, SortTh(view(), SortModel{Label: "Name", Href: "?sort=name", Dir: dir})); !strings.Contains(got, want) {
			t.Errorf("%q: no %s in %s", dir, want, got)
		}
	}
}

// TestRowAllocations holds the price of the widgets of one row, because a list
// renders them a hundred times.
func TestRowAllocations(t *testing.T) {
	v, ctx := view(), context.Background()
	var b bytes.Buffer
	n := testing.AllocsPerRun(100, func() {
		b.Reset()
		for _, c := range []templ.Component{
			Who(WhoModel{Name: "售前咨询", Href: "/accounts/wk1", Sub: "wk1", Mono: true}),
			StateIcon(ToneInfo, "shield-check", "API"),
			State(ToneOK, "8 / 11"),
			Time(v, noon.Add(-time.Hour)),
			RowMenu(RowMenuModel{Menu: "m", Href: "/accounts/wk1", Label: "Actions"}),
		} {
			if err := c.Render(ctx, &b); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n > 12 {
		t.Errorf("a row takes %.0f allocations, more than 12", n)
	}
	t.Logf("%.0f allocations", n)
}
