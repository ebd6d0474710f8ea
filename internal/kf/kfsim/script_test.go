package kfsim_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// chatOf is the part of GET /_sim/chat and /_sim/sessions the tests look at.
type chatOf struct {
	Account  string    `json:"account"`
	Customer string    `json:"customer"`
	Name     string    `json:"name"`
	State    int       `json:"state"`
	Since    time.Time `json:"since"`
	Servicer string    `json:"servicer"`
	Messages []struct {
		ID   string    `json:"msgid"`
		Type string    `json:"type"`
		From string    `json:"from"`
		Time time.Time `json:"time"`
		Text string    `json:"text"`

		Content map[string]any `json:"content"`
	} `json:"messages"`
}

func (b *bench) sessions() []chatOf {
	b.Helper()
	return control[[]chatOf](b, "GET", "sessions", "")
}

func (b *bench) chat(account, customer string) chatOf {
	b.Helper()
	return control[chatOf](b, "GET", "chat?account="+account+"&customer="+customer, "")
}

// The demo starts with conversations in every state, all of them within the 48 hours a session lives and none in the future.
func TestTalksOfTheDemo(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedDemo, Talks: true})
	now := b.clock.Now()
	states, types, scenes, accounts := map[int]int{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	list := b.sessions()
	for _, x := range list {
		states[x.State]++
		accounts[x.Account] = true
		chat := b.chat(x.Account, x.Customer)
		for i, m := range chat.Messages {
			types[m.Type] = true
			if m.Time.After(now) || now.Sub(m.Time) > 48*time.Hour || i > 0 && m.Time.Before(chat.Messages[i-1].Time) {
				t.Errorf("%s has a message at %s", x.Name, m.Time)
			}
		}
		if x.State == 2 && now.Sub(x.Since) > time.Hour {
			t.Errorf("%s waits for %s", x.Name, now.Sub(x.Since))
		}
	}
	for _, entry := range b.syncAll(slices.Collect(maps.Keys(accounts))...) {
		if event, ok := entry["event"].(map[string]any); ok && event["event_type"] == "enter_session" {
			scene, _ := event["scene"].(string)
			scenes[scene] = true
		}
	}
	if len(list) < 38 || len(accounts) != 8 {
		t.Errorf("%d conversations on %d accounts", len(list), len(accounts))
	}
	for state := range 5 {
		if states[state] < 4 {
			t.Errorf("%d conversations in state %d", states[state], state)
		}
	}
	for _, scene := range []string{"order_mail", "pay_failed", "member_card", "web_footer", "shop_desk", "return_box", "track_page", "install_sms", "old_poster_2025", "mini_cart", ""} {
		if !scenes[scene] {
			t.Errorf("nobody came from scene %q", scene)
		}
	}
	for _, kind := range []string{"text", "image", "voice", "video", "file", "location", "link", "channels", "merged_msg", "channels_shop_order"} {
		if !types[kind] {
			t.Errorf("nobody wrote a %s", kind)
		}
	}
}

// syncAll pulls everything of some accounts.
func (b *bench) syncAll(accounts ...string) []map[string]any {
	b.Helper()
	var all []map[string]any
	for _, account := range accounts {
		cursor := ""
		for more := 1.0; more == 1; {
			a := b.post("kf/sync_msg", object("open_kfid", account, "cursor", cursor, "limit", 1000)).want(b, 0)
			for _, entry := range a.fields["msg_list"].([]any) {
				all = append(all, entry.(map[string]any))
			}
			cursor, _ = a.fields["next_cursor"].(string)
			more, _ = a.fields["has_more"].(float64)
		}
	}
	return all
}

func TestNoTalksUnlessAsked(t *testing.T) {
	if list := demo(t).sessions(); len(list) != 0 {
		t.Errorf("%d conversations, want none", len(list))
	}
}

func TestTalksAreTheSameEachTime(t *testing.T) {
	worlds := [2][]byte{}
	for i := range worlds {
		_, worlds[i] = start(t, kfsim.Options{Seed: kfsim.SeedDemo, Talks: true}).controlRaw("GET", "truth", "")
	}
	if !bytes.Equal(worlds[0], worlds[1]) {
		t.Error("two demos differ")
	}
}

// What the script does follows from its seed; another seed does something else.
func TestScriptFollowsItsSeed(t *testing.T) {
	run := func(seed int) []byte {
		b := demo(t)
		control[any](b, "POST", "script", fmt.Sprintf(`{"seed":%d,"turns":400}`, seed))
		_, raw := b.controlRaw("GET", "truth", "")
		return raw
	}
	one, again, other := run(7), run(7), run(8)
	if !bytes.Equal(one, again) {
		t.Error("the same seed gave two worlds")
	}
	if bytes.Equal(one, other) {
		t.Error("two seeds gave the same world")
	}
}

// Left alone, the script's people come, are picked up and answered, and go.
func TestScriptKeepsTheBoardAlive(t *testing.T) {
	b := demo(t)
	began := control[struct {
		Active, Turns int
		Pace          string
	}](b, "POST", "script", `{"turns":1500}`)
	if began.Turns != 1500 || began.Pace != "0s" || began.Active == 0 {
		t.Errorf("the script says %+v", began)
	}
	states, from := map[int]int{}, map[string]int{}
	for _, x := range b.sessions() {
		states[x.State]++
		for _, m := range b.chat(x.Account, x.Customer).Messages {
			from[m.From]++
		}
	}
	if states[0] == 0 || states[3] == 0 || states[4] == 0 || from["servicer"] < 50 || from["customer"] < 100 {
		t.Errorf("states %v, messages from %v", states, from)
	}
}

// A customer of the script rates with the menu that the app sends at the end, and taps none that came before.
func TestScriptRates(t *testing.T) {
	b := demo(t)
	rated, early := 0, 0
	for range 150 {
		control[any](b, "POST", "script", `{"turns":4}`)
		for _, x := range b.sessions() {
			messages := b.chat(x.Account, x.Customer).Messages
			last := messages[len(messages)-1]
			if code := endingCode(last.Content); code != "" {
				b.post("kf/send_msg_on_event", `{"code":"`+code+`","msgtype":"msgmenu","msgmenu":{"list":[{"type":"click","click":{"id":"rate_1","content":"满意"}},{"type":"click","click":{"id":"rate_2","content":"一般"}},{"type":"click","click":{"id":"rate_3","content":"不满意"}}]}}`)
			}
		}
	}
	for _, x := range b.sessions() {
		ended := false
		for _, m := range b.chat(x.Account, x.Customer).Messages {
			id, _ := m.Content["menu_id"].(string)
			switch {
			case endingCode(m.Content) != "":
				ended = true
			case m.Content["event_type"] == "enter_session":
				ended = false // he is back, with something else
			case strings.HasPrefix(id, "rate_"):
				rated++
			case id != "" && ended:
				early++
			}
		}
	}
	if rated < 5 || early > 0 {
		t.Errorf("%d ratings, %d taps of a menu from before the end", rated, early)
	}
}

// endingCode is the code in the event of a session that a servicer ended.
func endingCode(content map[string]any) string {
	if content["event_type"] != "session_status_change" || content["change_type"] != 3.0 {
		return ""
	}
	code, _ := content["msg_code"].(string)
	return code
}

func TestScriptOfAnotherWorldRests(t *testing.T) {
	b := start(t, kfsim.Options{Seed: kfsim.SeedEmpty})
	control[any](b, "POST", "script", `{"turns":50}`)
	if list := b.sessions(); len(list) != 0 {
		t.Errorf("%d conversations, want none", len(list))
	}
}

func TestScriptRefusesNonsense(t *testing.T) {
	b := demo(t)
	for _, body := range []string{`{"pace":"soon"}`, `{"pace":"-1s"}`, `{"pace":"1ms"}`, `{"turns":-1}`, `{"turns":1000000}`, `{"speed":1}`} {
		if status, answer := b.controlRaw("POST", "script", body); status != 400 || !strings.Contains(string(answer), "error") {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

// The script takes a turn each pace, until it is told to rest or the simulator closes.
func TestScriptPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo, Pace: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		messages := func() (n int) {
			for _, x := range sim.Sessions("") {
				chat, err := sim.Chat(x.Account, x.Customer)
				if err != nil {
					t.Fatal(err)
				}
				n += len(chat.Messages)
			}
			return n
		}
		time.Sleep(19 * time.Second)
		if n := messages(); n != 0 {
			t.Errorf("%d messages before the first turn", n)
		}
		time.Sleep(2 * time.Second)
		if n := messages(); n != 1 {
			t.Errorf("%d messages after one turn, want 1", n)
		}
		if err := sim.SetPace(0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n := messages(); n != 1 {
			t.Errorf("%d messages while it rests, want 1", n)
		}
		if err := sim.SetPace(time.Second); err != nil {
			t.Fatal(err)
		}
		if err := sim.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
