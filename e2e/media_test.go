//go:build e2e

package e2e

import (
	"bytes"
	"net/url"
	"os"
	"testing"
)

// A picture, a file and a voice message are in the conversation where they were sent. WeCom forgets them after 3 days; the console
// still has them.
func TestMedia(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	phone := s.Phone(p.linkAddress("web_footer"), "拍照的人")
	contract := bytes.Repeat([]byte("%PDF-1.7 contract\n"), 200)
	phone.Write("尺寸在图里")
	phone.Attach("picture", "room.png", "image/png", picture(t, 240))
	phone.pictureIn(phone.Locator("#log .row.mine img.picture"))
	phone.Attach("file", "合同.pdf", "application/pdf", contract)
	phone.See("合同.pdf")
	phone.click(phone.Locator("#more"), "more to send")
	phone.Press("语音")

	p.Go("/conversations?q=" + url.QueryEscape("拍照的人"))
	p.Follow("拍照的人")
	shown := p.Locator("#flow .rows .picture-link img")
	p.pictureIn(shown)
	p.See("合同.pdf")
	p.See("浏览器不能播放 AMR 语音")
	p.Check("拍照的人", "尺寸在图里", "合同.pdf")
	if got := p.fetched("合同.pdf"); !bytes.Equal(got, contract) {
		t.Errorf("the file has %d bytes, want the %d that were sent", len(got), len(contract))
	}

	s.Sim.Forward("96h")
	p.Go(p.path())
	p.pictureIn(shown)
	if got := p.fetched("合同.pdf"); !bytes.Equal(got, contract) {
		t.Errorf("after 4 days the file has %d bytes", len(got))
	}
}

// fetched downloads a file of the timeline.
func (p *Page) fetched(name string) []byte {
	p.t.Helper()
	link := p.Locator("#flow a.file-link").Filter(withText(name)).First()
	file, err := p.ExpectDownload(func() error { return link.Click() })
	if err != nil {
		p.t.Fatalf("download %s: %v", name, err)
	}
	if file.SuggestedFilename() != name {
		p.t.Errorf("the file is called %q, want %q", file.SuggestedFilename(), name)
	}
	path, err := file.Path()
	if err != nil {
		p.t.Fatalf("download %s: %v", name, err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	return content
}
