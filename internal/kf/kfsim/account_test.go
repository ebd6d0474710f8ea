package kfsim_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

// rows returns the account_list of an answer.
func (a answer) rows(t testing.TB, name string) []map[string]any {
	t.Helper()
	list, ok := a.fields[name].([]any)
	if !ok {
		t.Fatalf("no %s in %s", name, a.raw)
	}
	rows := make([]map[string]any, len(list))
	for i, v := range list {
		rows[i] = v.(map[string]any)
	}
	return rows
}

func (b *bench) accounts() []map[string]any {
	b.Helper()
	return b.post("kf/account/list", `{"offset":0,"limit":100}`).want(b, 0).rows(b, "account_list")
}

func TestAccountLifeCycle(t *testing.T) {
	b := demo(t)
	added := b.post("kf/account/add", object("name", "云杉样板间", "media_id", b.uploadPNG(1))).want(t, 0)
	id, _ := added.fields["open_kfid"].(string)
	if !regexp.MustCompile(`^wk[0-9A-Za-z_-]{30}$`).MatchString(id) {
		t.Fatalf("open_kfid %q", id)
	}
	row := b.accounts()[12]
	if row["open_kfid"] != id || row["name"] != "云杉样板间" || row["manage_privilege"] != true {
		t.Errorf("new row %v", row)
	}
	b.post("kf/account/update", object("open_kfid", id, "name", "样板间预约")).want(t, 0)
	renamed := b.accounts()[12]
	if renamed["name"] != "样板间预约" || renamed["avatar"] != row["avatar"] {
		t.Errorf("after renaming %v", renamed)
	}
	b.post("kf/account/update", object("open_kfid", id, "media_id", b.uploadPNG(2))).want(t, 0)
	if pictured := b.accounts()[12]; pictured["avatar"] == row["avatar"] || pictured["name"] != "样板间预约" {
		t.Errorf("after the new picture %v", pictured)
	}
	b.post("kf/account/del", object("open_kfid", id)).want(t, 0)
	for _, path := range []string{"kf/account/del", "kf/account/update", "kf/add_contact_way"} {
		b.post(path, object("open_kfid", id)).want(t, 95004)
	}
	b.get("kf/servicer/list", "open_kfid", id).want(t, 95004)
	if n := len(b.accounts()); n != 12 {
		t.Errorf("%d accounts after deleting, want 12", n)
	}
}

func TestAddAccountRefusals(t *testing.T) {
	b := demo(t)
	picture := b.uploadPNG(1)
	voice := b.upload("voice", "a.amr", "audio/amr", []byte("#!AMR\n123456")).want(t, 0).fields["media_id"].(string)
	for _, tt := range []struct {
		name, body string
		code       int
		violations []string
	}{
		{"no name", object("media_id", picture), 95006, []string{"missing:name"}},
		{"empty name", object("name", "", "media_id", picture), 95006, nil},
		{"blank name", object("name", " 　", "media_id", picture), 95006, nil},
		{"17 characters", object("name", strings.Repeat("云", 17), "media_id", picture), 95006, []string{"too_long:name"}},
		{"control character", `{"name":"a\tb","media_id":"` + picture + `"}`, 95006, nil},
		{"no media_id", object("name", "a"), 41006, []string{"missing:media_id"}},
		{"unknown media_id", object("name", "a", "media_id", "3nothing"), 40007, nil},
		{"media_id of 129 bytes", object("name", "a", "media_id", strings.Repeat("3", 129)), 40058, []string{"too_long:media_id"}},
		{"media_id of a voice", object("name", "a", "media_id", voice), 40007, nil},
		{"number for a name", object("name", 7, "media_id", picture), 40058, []string{"type:name"}},
		{"unknown field", object("name", "a", "media_id", "3nothing", "avatar", "x"), 40007, []string{"field:avatar"}},
		{"null", `{"name":null,"media_id":"x"}`, 95006, []string{"type:name", "missing:name"}},
		{"field twice", `{"name":"a","name":"b","media_id":"x"}`, 40007, []string{"field:name"}},
		{"escaped text", `{"name":"\u4e91","media_id":"x"}`, 40007, []string{"type:name"}},
		{"16 characters", object("name", strings.Repeat("云", 16), "media_id", picture), 0, nil},
		{"backslash before u", `{"name":"a\\u4e91","media_id":"` + picture + `"}`, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(b.accounts())
			b.clean()
			b.post("kf/account/add", tt.body).want(t, tt.code)
			same(t, "violations", b.violations(), tt.violations)
			if added := len(b.accounts()) - before; (added == 1) != (tt.code == 0) {
				t.Errorf("%d accounts were added", added)
			}
		})
	}
}

func TestUpdateAccountRefusals(t *testing.T) {
	b := demo(t)
	mine, other := b.account("售前咨询台"), b.account("企业采购专线")
	for _, tt := range []struct {
		name, body string
		code       int
		violations []string
	}{
		{"no account", object("name", "a"), 40058, []string{"missing:open_kfid"}},
		{"account id too long", object("open_kfid", "wk"+strings.Repeat("a", 63), "name", "a"), 40058, []string{"too_long:open_kfid"}},
		{"not an account id", object("open_kfid", "kf-1", "name", "a"), 95000, nil},
		{"unknown account", object("open_kfid", "wk1", "name", "a"), 95004, nil},
		{"not managed by API", object("open_kfid", other, "name", "a"), 48007, nil},
		{"name too long", object("open_kfid", mine, "name", strings.Repeat("a", 17)), 95006, []string{"too_long:name"}},
		{"picture unknown", object("open_kfid", mine, "name", "a", "media_id", "3x"), 40007, nil},
		{"empty name keeps the name", object("open_kfid", mine, "name", "", "media_id", b.uploadPNG(3)), 0, []string{"range"}},
		{"nothing to change", object("open_kfid", mine), 0, []string{"missing"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.post("kf/account/update", tt.body).want(t, tt.code)
			same(t, "violations", b.violations(), tt.violations)
			if name := b.accounts()[0]["name"]; name != "售前咨询台" {
				t.Errorf("the name is now %v", name)
			}
			b.clean()
		})
	}
}

func TestUpdateToTheSameIsNoChange(t *testing.T) {
	b := demo(t)
	b.post("kf/account/update", object("open_kfid", b.account("售前咨询台"), "name", "售前咨询台")).want(t, 0)
	if b.lastCall().Applied {
		t.Error("the journal says the world was changed")
	}
}

func TestDeleteAccountRefusals(t *testing.T) {
	b := demo(t)
	b.post("kf/account/del", object("open_kfid", b.account("企业采购专线"))).want(t, 48007)
	all := b.world().Accounts
	for _, a := range all[1:] {
		control[any](b, "POST", "outside", object("action", "delete", "open_kfid", a.ID))
	}
	b.post("kf/account/del", object("open_kfid", all[0].ID)).want(t, 95005)
	if n := len(b.accounts()); n != 1 {
		t.Errorf("%d accounts, want the last one to remain", n)
	}
}

func TestFirstAccountCannotBeMadeByAPI(t *testing.T) {
	b := start(t, kfsim.Options{})
	body := object("name", "第一个", "media_id", b.uploadPNG(1))
	b.post("kf/account/add", body).want(t, 48007)
	control[any](b, "POST", "outside", object("action", "add", "name", "后台建的", "manage_privilege", true))
	b.post("kf/account/add", body).want(t, 0)
}

func TestAccountLimit(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedLarge})
	body := object("name", "第5001个", "media_id", b.uploadPNG(1))
	b.post("kf/account/add", body).want(t, 95005)
	b.post("kf/account/del", object("open_kfid", b.accounts()[0]["open_kfid"])).want(t, 0)
	b.post("kf/account/add", body).want(t, 0)
	b.post("kf/account/add", body).want(t, 95005)
}

func TestAccountPages(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedLarge})
	seen := map[any]bool{}
	for offset := 0; ; offset += 100 {
		rows := b.post("kf/account/list", fmt.Sprintf(`{"offset":%d}`, offset)).want(t, 0).rows(t, "account_list")
		for _, row := range rows {
			seen[row["open_kfid"]] = true
		}
		if len(rows) < 100 {
			break
		}
	}
	if len(seen) != 5000 {
		t.Errorf("%d accounts on all pages, want 5000", len(seen))
	}
	b.clean()
}

func TestAccountListRequests(t *testing.T) {
	b := demo(t)
	for _, tt := range []struct {
		body       string
		code, rows int
		violations []string
	}{
		{`{}`, 0, 12, nil},
		{``, 0, 12, []string{"type"}},
		{`{"limit":5}`, 0, 5, nil},
		{`{"offset":10,"limit":5}`, 0, 2, nil},
		{`{"offset":12}`, 0, 0, nil},
		{`{"offset":4294967295,"limit":100}`, 0, 0, nil},
		{`{"offset":null}`, 0, 12, []string{"type:offset"}},
		{`{"limit":0}`, 40058, 0, []string{"range:limit"}},
		{`{"limit":101}`, 40058, 0, []string{"range:limit"}},
		{`{"limit":"5"}`, 40058, 0, []string{"type:limit"}},
		{`{"limit":5.0}`, 40058, 0, []string{"type:limit"}},
		{`{"offset":-1}`, 40058, 0, []string{"type:offset"}},
		{`{"offset":4294967296}`, 40058, 0, []string{"type:offset"}},
		{`{"Offset":10}`, 0, 12, []string{"field:Offset"}},
		{`[]`, 40058, 0, []string{"type"}},
		{`null`, 40058, 0, []string{"type"}},
		{`{`, 40058, 0, []string{"type"}},
		{`{"offset":1}{}`, 40058, 0, []string{"type"}},
		{`{"offset":1,}`, 40058, 0, []string{"type"}},
		{"{\"x\":\"\xff\"}", 40058, 0, []string{"type"}},
		{"offset=1&limit=5", 40058, 0, []string{"type"}},
	} {
		a := b.post("kf/account/list", tt.body)
		if a.code != tt.code {
			t.Errorf("%s: errcode %d (%s), want %d", tt.body, a.code, a.msg, tt.code)
		}
		if a.code == 0 && len(a.rows(t, "account_list")) != tt.rows {
			t.Errorf("%s: %d rows, want %d", tt.body, len(a.rows(t, "account_list")), tt.rows)
		}
		same(t, tt.body, b.violations(), tt.violations)
	}
	if a := b.post("kf/account/list", `[]`); !strings.Contains(a.msg, "Warning: wrong json format.") {
		t.Errorf("errmsg %q", a.msg)
	}
}

func TestBodyTooLarge(t *testing.T) {
	b := demo(t)
	b.post("kf/account/list", `{"x":"`+strings.Repeat("a", 1<<20)+`"}`).want(t, 40206)
	same(t, "violations", b.violations(), []string{"too_long"})
}

func TestContentTypeIsOnlyRecorded(t *testing.T) {
	b := demo(t)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json;charset=utf-8"} {
		b.send("POST", "kf/account/list", map[string][]string{"access_token": {b.token}}, kind, []byte(`{}`)).want(t, 0)
	}
	same(t, "violations", b.violations(), []string{"header:Content-Type", "header:Content-Type", "header:Content-Type"})
}
