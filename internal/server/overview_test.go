package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

// corp is what the simulator itself says of its world.
type corp struct {
	Accounts []struct {
		ID        string `json:"open_kfid"`
		Name      string
		Managed   bool `json:"manage_privilege"`
		Servicers []struct {
			UserID, Status string
			Department     int64 `json:"department_id"`
		}
	}
}

// numbers counts the world: accounts, managed ones, those that nobody serves, people on
// duty and people. WeCom tells who is on duty for managed accounts only.
func (c corp) numbers() (total, managed, unstaffed, serving, people int) {
	for _, a := range c.Accounts {
		total++
		staffed := false
		for _, s := range a.Servicers {
			if s.Department != 0 {
				staffed = true
				continue
			}
			people++
			if s.Status == "serving" && a.Managed {
				serving++
				staffed = true
			}
		}
		if a.Managed {
			managed++
			if !staffed {
				unstaffed++
			}
		}
	}
	return total, managed, unstaffed, serving, people
}

func TestOverviewNumbers(t *testing.T) {
	h := newHouse(t)
	var c corp
	h.world("GET", "/_sim/world", "", &c)
	total, managed, unstaffed, serving, people := c.numbers()
	if total != 12 || managed != 8 || unstaffed == 0 || serving == 0 {
		t.Fatalf("the world is not what this test was made for: %d %d %d %d", total, managed, unstaffed, serving)
	}
	h.storeLinks(h.account(0).ID, 7)
	v := h.as("manager")
	page := v.get("/").want(http.StatusOK)
	want := []struct{ label, value, note string }{
		{"无人接待的账号", strconv.Itoa(unstaffed), "客户进来没有人应答"},
		{"在岗的接待人员", strconv.Itoa(serving), fmt.Sprintf("共 %d 人次", people)},
		{"客服账号", "12", "8 个由 API 管理"},
		{"有效链接", "7", "另有 0 条已归档"},
		{"结果未知的变更", "0", "所有变更都有结果"},
	}
	tiles := page.doc().Find("main > .tiles .tile")
	if tiles.Length() != len(want) {
		t.Fatalf("%d tiles", tiles.Length())
	}
	for i, w := range want {
		text := strings.Join(strings.Fields(tiles.Eq(i).Text()), " ")
		for _, part := range []string{w.label, w.value, w.note} {
			if !strings.Contains(text, part) {
				t.Errorf("tile %d says %q, want %q", i, text, part)
			}
		}
	}
	if to, _ := tiles.Eq(0).Attr("href"); v.get(to).want(http.StatusOK).doc().Find("#list tbody tr").Length() != unstaffed {
		t.Errorf("%s does not list the %d accounts that nobody serves", to, unstaffed)
	}
	if n := page.doc().Find(`main a[href$="/servicers"]`).Length(); n != unstaffed {
		t.Errorf("%d accounts are named as unstaffed, want %d", n, unstaffed)
	}
	if notice := page.text("main .notice"); !strings.Contains(notice, fmt.Sprintf("%d 个账号此刻无人接待", unstaffed)) {
		t.Errorf("the problem is not said: %q", notice)
	}
	english := v.in("en").get("/").want(http.StatusOK)
	allEnglish(t, english, ".tiles")
	if !strings.Contains(english.text("main"), "Accounts nobody serves") {
		t.Errorf("english: %q", english.text("main"))
	}
}

func TestOverviewChanges(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(0)
	v.rename(a, "总览里的新名字").want(http.StatusSeeOther)
	h.fault(`{"endpoint":"kf/account/update","kind":"cut_after","times":1}`)
	open := v.rename(h.account(1), "没有回答").want(http.StatusSeeOther).done()
	page := v.get("/").want(http.StatusOK)
	if n := page.doc().Find(`.feed a[href="/audit/` + open + `"]`).Length(); n != 1 {
		t.Errorf("the last change is named %d times", n)
	}
	if text := page.text("main"); !strings.Contains(text, "有变更的结果还不知道") || !strings.Contains(text, a.Name) {
		t.Errorf("page says %q", text)
	}
	if to, _ := page.doc().Find("main > .tiles .tile").Eq(4).Attr("href"); v.get(to).want(http.StatusOK).doc().Find("#list tbody tr").Length() != 1 {
		t.Errorf("%s does not list the open change", to)
	}
	viewer := h.as("viewer").get("/").want(http.StatusOK)
	if viewer.doc().Find(`main a[href^="/audit"]`).Length() != 0 || !strings.Contains(viewer.text("main"), "你的角色不能查看操作日志") {
		t.Errorf("the viewer sees %q", viewer.text("main"))
	}
	if why := viewer.doc().Find("main button[aria-disabled=true]").AttrOr("aria-description", ""); why == "" {
		t.Error("the viewer is not told why the mirror cannot be refreshed")
	}
}

func TestOverviewWithoutAccounts(t *testing.T) {
	h := newEmptyHouse(t)
	page := h.as("owner").get("/").want(http.StatusOK)
	if !strings.Contains(page.text("main"), "还没有客服账号") || page.doc().Find(".tile").Length() != 0 {
		t.Errorf("page says %q", page.text("main"))
	}
}

func TestOverviewWithoutWeCom(t *testing.T) {
	h := newHouse(t)
	h.fault(`{"endpoint":"department/list","kind":"errcode","code":60020,"times":-1}`)
	h.fault(`{"endpoint":"kf/account/list","kind":"html","times":-1}`)
	_ = h.Mirror.RefreshDirectory(t.Context())
	v := h.as("manager")
	v.post("/accounts/refresh", "return", "/").want(http.StatusSeeOther)
	page := v.get("/").want(http.StatusOK)
	if text := page.text("main"); !strings.Contains(text, "无法从企业微信读取") || page.doc().Find(".facts .state.warn").Length() != 2 {
		t.Errorf("page says %q", text)
	}
	if page.doc().Find("main > .tiles .tile").Length() != 5 {
		t.Error("the numbers of the mirror are gone")
	}
}

func TestSearchOfEverything(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	a := h.account(0)
	link, err := h.Ops.CreateLink(t.Context(), h.actor("manager"), ops.NewLink{IntentID: db.NewID(), AccountID: a.ID, Scene: "palette_scene", Name: "春季 50% 海报", Campaign: "春季"})
	if err != nil {
		t.Fatal(err)
	}
	hits := func(v *visitor, q string) []string {
		var list []string
		r := v.get("/search?q=" + q).want(http.StatusOK)
		for _, hit := range r.doc().Find("main a.hit").EachIter() {
			list = append(list, hit.AttrOr("href", ""))
		}
		part := v.with("HX-Request", "true").get("/search?q=" + q).want(http.StatusOK)
		if strings.Contains(part.Body, "<html") || part.doc().Find("a.hit").Length() != len(list) {
			t.Errorf("%s: the palette finds %d, the page %d", q, part.doc().Find("a.hit").Length(), len(list))
		}
		return list
	}
	has := func(list []string, want string) bool {
		for _, each := range list {
			if each == want {
				return true
			}
		}
		return false
	}
	entry := h.everything()[0].ID
	for q, want := range map[string]string{
		a.ID[5:15]: "/accounts/" + a.ID, "%E6%98%A5%E5%AD%A3": "/links/" + link.RemoteID, "palette_s": "/links/" + link.RemoteID, "50%25": "/links/" + link.RemoteID,
		entry: "/audit/" + entry, "accounts": "/accounts", "%E6%93%8D%E4%BD%9C%E6%97%A5%E5%BF%97": "/audit", "audit": "/audit", "add%20account": "/accounts/new",
	} {
		if list := hits(v, q); !has(list, want) {
			t.Errorf("%q finds %q, not %s", q, list, want)
		}
	}
	for _, q := range []string{"zzz-nothing", "%25%25%25", "_________________________"} {
		if list := hits(v, q); len(list) != 0 {
			t.Errorf("%q finds %q", q, list)
		}
	}
	if list := hits(v, ""); len(list) != 12 || !has(list, "/links/new") {
		t.Errorf("without a word: %q", list)
	}
	viewer := h.as("viewer")
	for q, not := range map[string]string{entry: "/audit/" + entry, "audit": "/audit", "add%20account": "/accounts/new"} {
		if list := hits(viewer, q); has(list, not) {
			t.Errorf("the viewer finds %s by %q", not, q)
		}
	}
	v.get("/search?q=" + strings.Repeat("x", 201)).want(http.StatusBadRequest)
	if none := v.in("en").get("/search?q=zzz-nothing").want(http.StatusOK); !strings.Contains(none.text("main"), "Nothing found") {
		t.Errorf("english: %q", none.text("main"))
	}
}

// actor is an operator of the demonstration, for a change without a browser.
func (h *house) actor(name string) auth.Actor {
	h.t.Helper()
	o, err := h.DB.OperatorByName(h.t.Context(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	return auth.Actor{ID: o.ID, Name: o.Name, Role: auth.Role(o.Role)}
}
