package server

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
)

func TestBoardInBothLanguages(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗", "发票抬头写错了")
	v := s.as("manager")
	for lang, want := range map[string][]string{"zh-CN": {"未处理", "发票抬头写错了", "1 位客户在等"}, "en": {"New", "发票抬头写错了", "1 customer is waiting"}} {
		page := v.in(lang).get("/conversations").want(http.StatusOK)
		for _, words := range append(want, "晴天小雨", s.account.Name) {
			if !strings.Contains(page.text("main"), words) {
				t.Errorf("%s: the board lacks %q", lang, words)
			}
		}
		if got := page.text("#waits [aria-hidden]"); got != "1" {
			t.Errorf("%s: the navigation counts %q", lang, got)
		}
	}
	for query, rows := range map[string]int{"": 1, "?state=0": 1, "?state=3": 0, "?q=发票": 1, "?q=退款": 0, "?account=" + s.account.ID: 1, "?account=wkother": 0, "?servicer=li.na": 0, "?wait=5": 0, "?sort=recent": 1} {
		if got := v.get("/conversations" + query).want(http.StatusOK).doc().Find("#rows tbody tr").Length(); got != rows {
			t.Errorf("%s shows %d rows, want %d", query, got, rows)
		}
	}
	columns := v.get("/conversations?view=columns").want(http.StatusOK)
	if n := columns.doc().Find(".column").Length(); n != 4 || !strings.Contains(columns.text(".column.warn"), "晴天小雨") {
		t.Errorf("%d columns; the first says %q", n, columns.text(".column.warn"))
	}
	for _, bad := range []string{"?state=5", "?state=x", "?view=tree", "?wait=x", "?wait=99999", "?sort=name", "?since=x", "?after=!", "?q=" + strings.Repeat("a", 201)} {
		v.get("/conversations" + bad).want(http.StatusBadRequest)
	}
}

func TestBoardSaysWhatToDoWhenEmpty(t *testing.T) {
	h := newHouse(t)
	v := h.as("manager")
	if got := v.get("/conversations").want(http.StatusOK).text(".empty"); !strings.Contains(got, "还没有会话") || !strings.Contains(got, "客服链接") {
		t.Errorf("nothing at all: %q", got)
	}
	if got := v.get("/conversations?q=x").want(http.StatusOK).text(".empty"); !strings.Contains(got, "已结束的会话中找") {
		t.Errorf("nothing found: %q", got)
	}
	// An account whose messages were not fetched for two days and a half.
	err := h.DB.SaveSyncState(t.Context(), db.SyncState{AccountID: h.account(0).ID, OKAt: time.Now().Add(-61 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	page := v.get("/conversations").want(http.StatusOK)
	if got := page.text("#rows .notice.danger"); !strings.Contains(got, h.account(0).Name) || !strings.Contains(got, "2 天 13 小时") {
		t.Errorf("the safety clock says %q", got)
	}
}

// TestBoardParts asks for what the live page asks for: a part by its id, and what is new since a moment.
func TestBoardParts(t *testing.T) {
	s := newShop(t, "晴天小雨", "在吗")
	v := s.as("manager").with("HX-Request", "true")
	for id, selector := range map[string]string{"rows": "#rows", "waits": "#waits", "facts": "#facts"} {
		part := v.with("HX-Target", id).get("/conversations").want(http.StatusOK)
		if part.doc().Find(selector).Length() != 1 || strings.Contains(part.Body, "<html") || part.doc().Find("body").Children().Length() != 1 {
			t.Errorf("%s: %s", id, part.Body)
		}
	}
	for id, selector := range map[string]string{"pane": "#pane", "now": "#now"} {
		part := v.with("HX-Target", id).get(s.page("")).want(http.StatusOK)
		if part.doc().Find(selector).Length() != 1 || part.doc().Find("#pane, #now").Length() != 1 {
			t.Errorf("%s is not alone", id)
		}
	}
	if got := v.get("/conversations?since=0").want(http.StatusOK).text("a"); got != "1 个会话有更新" {
		t.Errorf("news since the beginning: %q", got)
	}
	last, err := s.DB.LastChange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := "/conversations?since=" + strconv.FormatInt(last, 10)
	if got := v.get(now).want(http.StatusOK).text("a"); got != "" {
		t.Errorf("news since now: %q", got)
	}
	// News of the second in which the list was read are news too: WeCom's times are whole seconds.
	if err := s.DB.AddChange(t.Context(), live.ConversationTopic(s.id), s.id); err != nil {
		t.Fatal(err)
	}
	if got := v.get(now).want(http.StatusOK).text("a"); got != "1 个会话有更新" {
		t.Errorf("news of this second: %q", got)
	}
}

// TestMessagesAreTheirOwnPermission looks at everything as somebody who may not read messages.
func TestMessagesAreTheirOwnPermission(t *testing.T) {
	const secret = "身份证号 330106"
	s := newShop(t, "晴天小雨", secret)
	for _, role := range []string{"auditor", "viewer"} {
		v := s.as(role)
		for _, path := range []string{"/conversations", "/conversations?view=columns", s.page(""), s.page("?q=身份证"), s.page("?at=1"), "/customers", "/search?q=身份证", "/search?q=330106"} {
			page := v.get(path).want(http.StatusOK)
			main := page.text("main")
			if strings.Contains(main, secret) || strings.Contains(main, "晴天小雨") {
				t.Errorf("%s sees on %s: %s", role, path, main)
			}
		}
		if got := v.get(s.page("")).text("main"); !strings.Contains(got, "看不到消息内容") || !strings.Contains(got, "文本（内容不可见）") {
			t.Errorf("%s is not told why: %s", role, got)
		}
	}
	if got := s.as("manager").get("/search?q=330106").text("main"); !strings.Contains(got, secret) {
		t.Errorf("the manager does not find it: %s", got)
	}
}

// everything is a conversation in which every kind of row occurs, and somebody who reads it.
func everything(t *testing.T) (*visitor, *shop) {
	t.Helper()
	s := newShopAfter(t, "晴天小雨", func(s *shop) {
		s.says(kfsim.TextContent("你好"))
		recalled := s.says(kfsim.TextContent("发错了"))
		if err := s.Sim.CustomerRecalls(s.account.ID, s.customer, recalled); err != nil {
			t.Fatal(err)
		}
		s.says(kfsim.Content{Type: "location", Fields: map[string]any{"latitude": 30.25, "longitude": 120.16, "name": "湖滨", "address": "东坡路 7 号"}})
		s.says(kfsim.Content{Type: "link", Fields: map[string]any{"title": "退换货说明", "url": "javascript:alert(1)", "desc": "七天"}})
		s.entry(map[string]any{"msgid": "new1", "origin": 3, "msgtype": "hologram", "hologram": map[string]any{"depth": 3}})
		s.entry(map[string]any{"msgid": "broken1", "origin": 3, "msgtype": "text"})
		s.says(kfsim.TextContent("退款什么时候到"))
	})
	return s.as("manager"), s
}

// TestTimeline looks at a conversation in which everything occurs.
func TestTimeline(t *testing.T) {
	v, s := everything(t)
	page := v.get(s.page("")).want(http.StatusOK)
	main := page.text("#flow")
	for _, want := range []string{"今天", "客户进入会话 · 来自“till”", "你好", "发错了", "客户已撤回", "客户撤回了一条消息", "湖滨", "30.25000, 120.16000", "退换货说明", "不认识的消息类型 hologram", "depth", "这条消息无法解析", "退款什么时候到"} {
		if !strings.Contains(main, want) {
			t.Errorf("the timeline lacks %q\n%s", want, main)
		}
	}
	if strings.Contains(page.Body, "javascript:") {
		t.Error("an address that is no web address is a link")
	}
	if got := page.text("#side"); !strings.Contains(got, "desk=2&shop=021") {
		t.Errorf("scene_param is not decoded: %s", got)
	}
	if len(page.Body) > 100<<10 {
		t.Errorf("the page has %d bytes", len(page.Body))
	}
	found := v.get(s.page("?q=退款")).want(http.StatusOK)
	if n := found.doc().Find("#flow .bubble").Length(); n != 1 || found.text("#flow mark") != "退款" {
		t.Errorf("search finds %d, marks %q", n, found.text("#flow mark"))
	}
	if got := v.in("en").get(s.page("")).text("#flow"); !strings.Contains(got, "Unknown kind of message hologram") || !strings.Contains(got, "Recalled by the customer") {
		t.Errorf("in English: %s", got)
	}
	v.get(s.page("?before=x")).want(http.StatusBadRequest)
	v.get(s.page("?at=x")).want(http.StatusBadRequest)
	v.get(s.page("?at=999999")).want(http.StatusNotFound)
	v.get("/conversations/" + strings.Repeat("0", 32)).want(http.StatusNotFound)
}

// TestHostileCustomer has a customer whose name and words are markup.
func TestHostileCustomer(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	s := newShop(t, evil, evil, "\u202e\u2066 x")
	v := s.as("manager")
	for _, path := range []string{"/conversations", "/conversations?view=columns", s.page(""), s.page("?q=script"), "/conversations/move?c=" + s.id, "/search?q=script"} {
		page := v.get(path).want(http.StatusOK)
		if page.doc().Find("main script:not([src]), main img[onerror]").Length() != 0 || strings.Contains(page.Body, "<script>alert") {
			t.Errorf("%s runs what the customer wrote", path)
		}
	}
}

// TestEarlierMessages pages back through a long conversation.
func TestEarlierMessages(t *testing.T) {
	s := newShopAfter(t, "晴天小雨", func(s *shop) {
		for n := range perTimeline + 10 {
			s.says(kfsim.TextContent("第 " + strconv.Itoa(n) + " 句"))
		}
	})
	v := s.as("manager")
	page := v.get(s.page("?state=0")).want(http.StatusOK)
	to, ok := page.doc().Find("#earlier a").Attr("href")
	if !ok || !strings.Contains(page.text("#flow"), "第 49 句") || strings.Contains(page.text("#flow"), "第 3 句") {
		t.Fatalf("the newest page leads to %q", to)
	}
	old := v.get(to).want(http.StatusOK)
	if got := old.text("#flow"); !strings.Contains(got, "第 3 句") || strings.Contains(got, "第 49 句") || !strings.Contains(got, "回到最新") {
		t.Errorf("the older page: %s", got)
	}
	if old.doc().Find("#now[data-live]").Length() != 0 || old.doc().Find("[data-older]").Length() == 0 {
		t.Error("an older page follows what happens")
	}
	if !strings.Contains(to, "state=0") {
		t.Errorf("%q has lost the filter of the list", to)
	}
}

// TestHitInPlace follows what a search found to where it stands.
func TestHitInPlace(t *testing.T) {
	const said = 3 * perTimeline
	s := newShopAfter(t, "晴天小雨", func(s *shop) {
		for n := range said {
			s.says(kfsim.TextContent("第 " + strconv.Itoa(n) + " 句话"))
		}
	})
	v := s.as("manager")
	for _, each := range []struct {
		n, newest int
		old       bool
	}{{30, 30 + newerShown, true}, {said - newerShown - 2, said - 2, true}, {said - newerShown, said - 1, false}, {said - 1, said - 1, false}} {
		words := "第 " + strconv.Itoa(each.n) + " 句话"
		hit := v.get(s.page("?state=0&q=" + url.QueryEscape(words))).want(http.StatusOK).doc().Find("#flow .in-place")
		to, _ := hit.Attr("href")
		path, at, _ := strings.Cut(to, "#")
		page := v.get(path).want(http.StatusOK)
		rows := page.doc().Find("#flow .rows > li")
		if got := page.doc().Find("#" + at + " .said").Text(); got != words || !strings.Contains(path, "state=0") {
			t.Errorf("%s leads to %q", to, got)
		}
		if got, want := rows.Last().Find(".said").Text(), "第 "+strconv.Itoa(each.newest)+" 句话"; got != want || rows.Length() != perTimeline {
			t.Errorf("around %q are %d rows up to %q, want %q", words, rows.Length(), got, want)
		}
		if old := page.doc().Find("#now[data-live]").Length() == 0; old != each.old || strings.Contains(page.text("#flow"), "回到最新") != each.old {
			t.Errorf("around %q: an older page %v", words, old)
		}
	}
	// All of them came within a moment; they stand in the order in which they were said.
	hits := v.get(s.page("?q=" + url.QueryEscape("第 3"))).doc().Find("#flow .said")
	if first, last := hits.First().Text(), hits.Last().Text(); first != "第 3 句话" || last != "第 39 句话" {
		t.Errorf("found from %q to %q", first, last)
	}
}

// TestEnteredOnly looks at a conversation in which nothing has been said: it has no state since a moment.
func TestEnteredOnly(t *testing.T) {
	s := newShopAfter(t, "晴天小雨", func(*shop) {})
	for lang, never := range map[string]string{"zh-CN": "已持续", "en": "for "} {
		if got := s.as("manager").in(lang).get(s.page("")).want(http.StatusOK).text("#state-head + p"); strings.Contains(got, never) {
			t.Errorf("%s: the state has lasted %q", lang, got)
		}
	}
}

// TestPreviewsSayTheKind looks at the board when the last message is more than words.
func TestPreviewsSayTheKind(t *testing.T) {
	s := newShopAfter(t, "晴天小雨", func(s *shop) {
		s.says(kfsim.Content{Type: "location", Fields: map[string]any{"latitude": 30.25, "longitude": 120.16, "name": "湖滨银泰二期地下停车场东侧入口", "address": "上城区东坡路七号延安路二百四十五号"}})
	})
	v := s.as("manager")
	for lang, want := range map[string]string{"zh-CN": "[位置] 湖滨银泰二期地下停车场东侧入口 上城区东坡路七号…", "en": "[Location] 湖滨银泰二期地下停车场东侧入口 上城区东坡路七号…"} {
		if got := v.in(lang).get("/conversations").want(http.StatusOK).text("#rows td.preview"); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	if got := v.get("/customers/" + s.customer).want(http.StatusOK).text("main"); !strings.Contains(got, "[位置] 湖滨") || !strings.Contains(got, "资料取自") && !strings.Contains(v.get("/customers/"+s.customer).text("header, main"), "资料取自") {
		t.Errorf("the customer's page: %s", got)
	}
}
