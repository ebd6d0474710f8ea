package kfsim_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestContactWay(t *testing.T) {
	b := demo(t)
	mine, other := b.account("售前咨询台"), b.account("企业采购专线")
	link := func(account, scene string) string {
		t.Helper()
		body := object("open_kfid", account, "scene", scene)
		if scene == "" {
			body = object("open_kfid", account)
		}
		url, _ := b.post("kf/add_contact_way", body).want(t, 0).fields["url"].(string)
		return url
	}
	plain, footer, door := link(mine, ""), link(mine, "web_footer"), link(mine, "door")
	if !regexp.MustCompile(`^https://work\.weixin\.qq\.com/kf/kfc[0-9A-Za-z_-]+$`).MatchString(plain) {
		t.Errorf("link without a scene %s", plain)
	}
	if !strings.HasPrefix(footer, plain+"?enc_scene=ENC") {
		t.Errorf("link with a scene %s", footer)
	}
	if footer == door || footer == link(other, "web_footer") {
		t.Error("two scenes or accounts have one link")
	}
	if again := link(mine, "web_footer"); again != footer {
		t.Errorf("the link changed from %s to %s", footer, again)
	}
	links := b.world().Links
	if len(links) != 4 || links[1].URL != footer || links[1].Times != 2 || links[1].Account != mine || links[1].Scene != "web_footer" {
		t.Errorf("links issued %+v", links)
	}
	b.clean()
}

func TestContactWayRefusals(t *testing.T) {
	b := demo(t)
	id := b.account("售前咨询台")
	for _, tt := range []struct {
		name, body string
		code       int
		violations []string
	}{
		{"33 bytes", object("open_kfid", id, "scene", strings.Repeat("a", 33)), 40058, []string{"too_long:scene"}},
		{"32 bytes", object("open_kfid", id, "scene", strings.Repeat("a", 32)), 0, nil},
		{"Chinese", object("open_kfid", id, "scene", "门店"), 40058, []string{"range:scene"}},
		{"space", object("open_kfid", id, "scene", "a b"), 40058, []string{"range:scene"}},
		{"all characters", object("open_kfid", id, "scene", "aZ09_-"), 0, nil},
		{"empty", object("open_kfid", id, "scene", ""), 0, nil},
		{"number", object("open_kfid", id, "scene", 1), 40058, []string{"type:scene"}},
		{"no account", object("scene", "a"), 40058, []string{"missing:open_kfid"}},
		{"unknown account", object("open_kfid", "wk0", "scene", "a"), 95004, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.post("kf/add_contact_way", tt.body).want(t, tt.code)
			same(t, "violations", b.violations(), tt.violations)
		})
	}
}
