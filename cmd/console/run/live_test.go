package run

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The demo's simulator calls the demo's console: what a customer does is known without asking for it, and a stop with a
// browser watching takes no longer than one without.
func TestDemoIsCalledBack(t *testing.T) {
	cfg := demoConfig(t)
	r := begin(t, func(ctx context.Context, o Outside) error { return Demo(ctx, cfg, 0, o) })
	base, sim := r.line(r.out, "listening on "), r.line(r.out, "simulator on ")
	r.line(r.out, "operators ")
	password := r.line(r.out, "password ")
	resp, err := http.Get(sim + "/_sim/world")
	status, text := send(t, resp, err)
	var world struct {
		Accounts []struct {
			ID      string `json:"open_kfid"`
			Managed bool   `json:"manage_privilege"`
		} `json:"accounts"`
	}
	if err := json.Unmarshal([]byte(text), &world); status != http.StatusOK || err != nil || len(world.Accounts) == 0 {
		t.Fatal(status, err)
	}
	account := world.Accounts[0].ID
	for _, a := range world.Accounts {
		if a.Managed {
			account = a.ID
		}
	}
	resp, err = http.Post(sim+"/_sim/customer/enter", "application/json", strings.NewReader(fmt.Sprintf(`{"account":%q,"customer":{"name":"晴天"}}`, account)))
	if status, text := send(t, resp, err); status != http.StatusOK {
		t.Fatal(status, text)
	}
	heeded := func() bool {
		resp, err := http.Get(base + "/metrics")
		_, text := send(t, resp, err)
		return strings.Contains(text, `kf_callbacks_total{result="heeded"}`) && !strings.Contains(text, `kf_callbacks_total{result="heeded"} 0`)
	}
	for deadline := time.Now().Add(time.Minute); !heeded(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no callback has come")
		}
	}
	c := client(t)
	signIn(t, c, base, "viewer", password)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/live?topic=conversations", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	stream, err := c.Do(req)
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatal(stream, err)
	}
	defer func() { _ = stream.Body.Close() }()
	start := time.Now()
	if err := r.end(); err != nil || time.Since(start) > 10*time.Second {
		t.Errorf("ended after %v: %v", time.Since(start), err)
	}
}
