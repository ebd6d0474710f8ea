package kfsim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every control call that the manual shows works as written there.
func TestManual(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	k := newTalk(t)
	b, said := k.bench, ""
	example := regexp.MustCompile(`(?m)^curl -s (?:-X ([A-Z]+) )?"?\$SIM/_sim/([^ "\n]*)"?(?: -d '([^']*)')?$`)
	shown := example.FindAllStringSubmatch(string(raw), -1)
	if lines := strings.Count(string(raw), "$SIM/_sim/"); len(shown) != lines || lines < 25 {
		t.Errorf("%d of %d examples can be read", len(shown), lines)
	}
	for _, m := range shown {
		method := m[1]
		if method == "" {
			method = http.MethodGet
		}
		if m[2] == "desk/pick" {
			b.signIn()
			k.trans("wmmanual", 2, "").want(t, 0)
		}
		real := strings.NewReplacer("wk...", k.account, "wm...", "wmmanual", "m...", said)
		status, answer := b.controlRaw(method, real.Replace(m[2]), real.Replace(m[3]))
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", m[0], status, answer)
		}
		var made struct {
			ID string `json:"msgid"`
		}
		if json.Unmarshal(answer, &made) == nil && made.ID != "" {
			said = made.ID
		}
	}
}

// The manual shows every call the simulator answers, and none that it does not.
func TestManualListsEveryCall(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	var shown, served []string
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$SIM/cgi-bin/([a-z_/]+)`).FindAllStringSubmatch(string(raw), -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			shown = append(shown, m[1])
		}
	}
	for _, r := range control[[]struct{ Path string }](demo(t), "GET", "routes", "") {
		served = append(served, r.Path)
	}
	same(t, "calls in the manual", shown, served)
}
