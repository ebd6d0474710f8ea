//go:build e2e

package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

// picture is a square PNG of one colour.
func picture(t *testing.T, side int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for y := range side {
		for x := range side / 2 {
			img.Set(x, y, color.RGBA{R: 7, G: 130, B: 70, A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An account is created with a picture, renamed, given another picture and deleted, each time at WeCom too, and its audit trail tells
// all of it, also after it is gone.
func TestAccountFromBirthToDeath(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("manager", Look{})
	p.Go("/accounts")
	p.Follow("添加客服账号")
	p.At("/accounts/new")
	p.Check()
	p.FillIn("名称", "新品体验官")
	p.Upload("选择图片", "square.png", "image/png", picture(t, 320))
	p.Check("square.png")
	p.Press("添加客服账号")
	p.See("新品体验官")
	id := s.Sim.Account("新品体验官")
	if id == "" {
		t.Fatal("WeCom does not have the account")
	}
	p.At("/accounts/" + id)
	p.Check()

	p.Follow("修改")
	p.FillIn("名称", "新品体验馆")
	p.Press("保存修改")
	p.At("/accounts/" + id)
	p.See("新品体验馆")
	if s.Sim.Account("新品体验馆") != id || s.Sim.Account("新品体验官") != "" {
		t.Error("WeCom has not renamed the account")
	}
	p.Go("/accounts/" + id + "/edit")
	p.Upload("选择图片", "another.png", "image/png", picture(t, 700))
	p.Press("保存修改")
	p.At("/accounts/" + id)
	if n := len(s.Sim.Calls("media/upload")); n != 2 {
		t.Errorf("WeCom received %d pictures, want 2", n)
	}

	p.Go("/accounts/" + id + "/delete")
	p.Check()
	p.FillIn("输入“新品体验馆”以确认", "新品体验馆")
	p.Press("删除“新品体验馆”")
	p.At("/accounts")
	if s.Sim.Account("新品体验馆") != "" {
		t.Error("WeCom still has the account")
	}

	p.Go("/accounts/" + id + "/audit")
	for _, action := range []string{"添加客服账号", "修改客服账号", "删除客服账号"} {
		p.See(action)
	}
	rows := p.Text(p.Locator("main table tbody"))
	if !strings.Contains(rows, "新品体验官") || !strings.Contains(rows, "新品体验馆") {
		t.Errorf("the trail does not show both names:\n%s", rows)
	}
	p.Check("新品体验官", "新品体验馆")
}
