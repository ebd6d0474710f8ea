package kfsim_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// talk drives one account of the demo world: people through the Go methods, the API over HTTP.
type talk struct {
	*bench
	account string
	cursor  string
}

// The people of the demo account that the tests use.
const (
	onDuty   = "li.na"
	onDuty2  = "bai.zhixia"
	stopped  = "tan_yinuo"
	resting  = "hua-xinghe"
	byDep    = "ju.anran" // serves through department 5
	stranger = "gui.xiaoyuan"
)

func newTalk(t testing.TB) *talk {
	t.Helper()
	b := demo(t)
	return &talk{bench: b, account: b.account("售前咨询台")}
}

// enters lets somebody come in and returns his id.
func (k *talk) enters(id string) string {
	k.Helper()
	customer, err := k.sim.CustomerEnters(k.account, "", "", kfsim.CustomerCard{ID: id})
	if err != nil {
		k.Fatal(err)
	}
	return customer
}

// writes lets a customer who has been there write a text.
func (k *talk) writes(customer, text string) string {
	k.Helper()
	id, err := k.sim.CustomerSends(k.account, customer, kfsim.TextContent(text))
	if err != nil {
		k.Fatal(err)
	}
	return id
}

// waiting makes a customer who wrote, and was put into a state.
func (k *talk) waiting(id string, state int) string {
	k.Helper()
	k.writes(k.enters(id), "在吗")
	switch state {
	case 0:
	case 3:
		k.trans(id, 3, onDuty).want(k, 0)
	default:
		k.trans(id, state, "").want(k, 0)
	}
	return id
}

func (k *talk) trans(customer string, to int, servicer string) answer {
	k.Helper()
	fields := []any{"open_kfid", k.account, "external_userid", customer, "service_state", to}
	if servicer != "" {
		fields = append(fields, "servicer_userid", servicer)
	}
	return k.post("kf/service_state/trans", object(fields...))
}

// state is what service_state/get tells, as "3 li.na".
func (k *talk) state(customer string) string {
	k.Helper()
	a := k.post("kf/service_state/get", object("open_kfid", k.account, "external_userid", customer)).want(k, 0)
	return fmt.Sprint(a.fields["service_state"], " ", a.fields["servicer_userid"])
}

func (k *talk) wantState(customer, want string) {
	k.Helper()
	if got := k.state(customer); got != want {
		k.Errorf("state %q, want %q", got, want)
	}
}

// sends makes send_msg with a text; id may be empty.
func (k *talk) sends(customer, id string) answer {
	k.Helper()
	fields := []any{"touser", customer, "open_kfid", k.account, "msgtype", "text", "text", map[string]any{"content": "您好"}}
	if id != "" {
		fields = append(fields, "msgid", id)
	}
	return k.post("kf/send_msg", object(fields...))
}

// says makes send_msg_on_event with a text.
func (k *talk) says(code any) answer {
	k.Helper()
	return k.post("kf/send_msg_on_event", object("code", code, "msgtype", "text", "text", map[string]any{"content": "欢迎"}))
}

// entry is one row of msg_list.
type entry map[string]any

func (e entry) id() string { id, _ := e["msgid"].(string); return id }

// event returns the object of an event, empty for a message.
func (e entry) event() map[string]any { v, _ := e["event"].(map[string]any); return v }

// name is the msgtype, or the event_type of an event.
func (e entry) name() string {
	if kind, ok := e.event()["event_type"].(string); ok {
		return kind
	}
	kind, _ := e["msgtype"].(string)
	return kind
}

// sync makes one call of sync_msg.
func (k *talk) sync(pairs ...any) answer {
	k.Helper()
	return k.post("kf/sync_msg", object(append([]any{"open_kfid", k.account}, pairs...)...))
}

func rows(a answer) []entry {
	var list []entry
	raw, err := json.Marshal(a.fields["msg_list"])
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		panic(err)
	}
	return list
}

// news reads everything since the last call, to the end.
func (k *talk) news() []entry {
	k.Helper()
	control[any](k.bench, "POST", "limits", `{"sync_without_token":-1}`)
	var all []entry
	for more := true; more; {
		a := k.sync("cursor", k.cursor).want(k, 0)
		k.cursor, _ = a.fields["next_cursor"].(string)
		all = append(all, rows(a)...)
		more = a.fields["has_more"] == 1.0
	}
	return all
}

// one reads the news and requires that they are one entry of a name.
func (k *talk) one(name string) entry {
	k.Helper()
	list := k.news()
	if len(list) != 1 || list[0].name() != name {
		k.Fatalf("news %v, want one %s", list, name)
	}
	return list[0]
}

// later moves the clock. The access token is renewed, so that only the rule under test can refuse a call.
func (k *talk) later(d time.Duration) {
	k.Helper()
	k.clock.Advance(d)
	k.signIn()
}

// names lists the names of entries.
func names(list []entry) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, e.name())
	}
	return out
}

// must requires that a Go method worked.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mustNot requires that a Go method refused.
func mustNot(t testing.TB, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: was not refused", what)
	}
}

// file uploads a file and returns its media_id.
func (k *talk) file(kind, name string, data []byte) string {
	k.Helper()
	id, _ := k.upload(kind, name, "", data).want(k, 0).fields["media_id"].(string)
	return id
}
