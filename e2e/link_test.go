//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// A link is made, its page gives an address and a QR code, and a phone's camera reads exactly that address from the screen.
func TestLinkAndItsCode(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	p.Go("/links/new")
	p.Check()
	p.Choose("账号", "售前咨询台")
	p.FillIn("名称", "春季画册封底")
	p.FillIn("场景值 选填", "spring_book")
	p.FillIn("活动 选填", "春季上新")
	p.Press("创建链接")
	p.See("春季画册封底")
	if !strings.HasPrefix(p.path(), "/links/") || p.path() == "/links/new" {
		t.Fatalf("the page is %s, want that of the link", p.path())
	}
	p.Check("春季画册封底", "春季上新")

	address := p.Text(p.Role("region", "链接地址").Locator("code").First())
	if !strings.HasPrefix(address, s.Sim.URL+"/kf/kfc") || !strings.Contains(address, "enc_scene=") {
		t.Fatalf("the address is %q", address)
	}
	p.Go(p.path()) // without the message about the creation, which may lie on the code for a while
	code := p.Role("img", "“春季画册封底”的二维码").First()
	if read := p.ReadQR(code); read != address {
		t.Errorf("the code says %q, the page %q", read, address)
	}

	p.FillIn("scene_param 参数 选填", "门店=上海 01")
	p.Press("生成")
	p.See("scene_param=")
	longer := p.Text(p.Role("region", "链接地址").Locator("code").First())
	if want := address + "&scene_param=%E9%97%A8%E5%BA%97%3D%E4%B8%8A%E6%B5%B7%2001"; longer != want && longer != strings.ReplaceAll(want, "%20", "+") {
		t.Errorf("the address is %q, want %q", longer, want)
	}
	if read := p.ReadQR(code); read != longer {
		t.Errorf("the code says %q, the page %q", read, longer)
	}
	p.Check("春季画册封底", "春季上新", "门店=上海 01")
	if again := p.bookmarked(); again != longer {
		t.Errorf("a bookmark of the page shows %q, want %q", again, longer)
	}
}

// bookmarked opens the page's own address in a second tab of the same browser and reads the link from it.
func (p *Page) bookmarked() string {
	p.t.Helper()
	address := p.URL()
	p.Go("/")
	p.Go(strings.TrimPrefix(address, p.base))
	return p.Text(p.Role("region", "链接地址").Locator("code").First())
}
