package live

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// corp is a simulated corp behind HTTP, with a mirror of it in a database of its own.
type corp struct {
	t      *testing.T
	url    string
	db     *db.DB
	mirror *Mirror
	client *kf.Client

	mu      sync.Mutex
	now     time.Time
	instead func(w http.ResponseWriter, r *http.Request) bool // looks at each request first; true: it has answered
	running int
	most    int // calls of the API that were under way at the same time
}

func newCorp(t *testing.T, seed kfsim.Seed) *corp {
	t.Helper()
	sim, err := kfsim.New(kfsim.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	c := &corp{t: t, now: time.Date(2026, 10, 18, 9, 0, 0, 0, time.UTC)}
	srv := httptest.NewServer(c.front(sim.Handler()))
	t.Cleanup(func() {
		srv.CloseClientConnections()
		srv.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	c.url = srv.URL
	// The database takes the same clock: it leaves alone what changed after a list began.
	c.db, err = db.Open(t.Context(), db.Options{Path: filepath.Join(t.TempDir(), "copy.db"), Now: c.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.db.Close(); err != nil {
			t.Error(err)
		}
	})
	c.use(30*time.Second, Every{})
	return c
}

// use builds the mirror anew, with another patience and other intervals.
func (c *corp) use(timeout time.Duration, every Every) {
	c.t.Helper()
	var err error
	c.client, err = kf.New(kf.Options{BaseURL: c.url, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Timeout: timeout})
	if err != nil {
		c.t.Fatal(err)
	}
	c.mirror = New(Options{DB: c.db, KF: c.client, APIURL: c.url, Now: c.clock, Log: slog.New(slog.DiscardHandler), Every: every})
}

func (c *corp) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *corp) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// answer puts a function before the simulator; nil takes it away.
func (c *corp) answer(f func(w http.ResponseWriter, r *http.Request) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instead = f
}

func (c *corp) front(sim http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api := strings.HasPrefix(r.URL.Path, "/cgi-bin/") && !strings.HasSuffix(r.URL.Path, "/gettoken")
		c.mu.Lock()
		instead := c.instead
		if api {
			c.running++
			c.most = max(c.most, c.running)
		}
		c.mu.Unlock()
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if api {
				c.running--
			}
		}()
		if instead == nil || !instead(w, r) {
			sim.ServeHTTP(w, r)
		}
	})
}

// control calls the simulator's control API and decodes its answer into v.
func (c *corp) control(method, path string, body, v any) {
	c.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/_sim/"+path, bytes.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err = io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %s: HTTP %d %s, %v", method, path, resp.StatusCode, raw, err)
	}
	if v != nil {
		if err := json.Unmarshal(raw, v); err != nil {
			c.t.Fatal(err)
		}
	}
}

type world struct {
	Accounts []struct {
		ID        string `json:"open_kfid"`
		Name      string `json:"name"`
		Avatar    string `json:"avatar"`
		Managed   bool   `json:"manage_privilege"`
		Servicers []struct {
			UserID     string `json:"userid"`
			Department int64  `json:"department_id"`
			Status     string `json:"status"`
		} `json:"servicers"`
	} `json:"accounts"`
	Departments []struct {
		ID      int64  `json:"id"`
		Name    string `json:"name"`
		Visible bool   `json:"visible"`
	} `json:"departments"`
	People []struct {
		UserID      string  `json:"userid"`
		Name        string  `json:"name"`
		Status      int     `json:"status"`
		Departments []int64 `json:"departments"`
		Visible     bool    `json:"visible"`
	} `json:"people"`
}

func (c *corp) world() world {
	c.t.Helper()
	var w world
	c.control(http.MethodGet, "world", nil, &w)
	return w
}

// outside changes an account as an admin does on WeCom's own pages, and returns its id.
func (c *corp) outside(action, id, name string, managed bool) string {
	c.t.Helper()
	var made struct {
		ID string `json:"open_kfid"`
	}
	c.control(http.MethodPost, "outside", map[string]any{"action": action, "open_kfid": id, "name": name, "manage_privilege": managed}, &made)
	return made.ID
}

// fault scripts what goes wrong; it is taken back when the test ends early as well.
func (c *corp) fault(f map[string]any) {
	c.t.Helper()
	c.control(http.MethodPost, "faults", f, nil)
}

// copy lists the accounts of the copy, by id.
func (c *corp) copy() map[string]db.Account {
	c.t.Helper()
	list, err := c.mirror.copied(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	byID := make(map[string]db.Account, len(list))
	for _, a := range list {
		byID[a.ID] = a
	}
	return byID
}

// same compares the copy of the accounts with the world.
func (c *corp) same() {
	c.t.Helper()
	copied, real := c.copy(), c.world().Accounts
	if len(copied) != len(real) {
		c.t.Errorf("%d accounts in the copy, %d in the world", len(copied), len(real))
	}
	for _, a := range real {
		have, ok := copied[a.ID]
		if !ok || have.Name != a.Name || have.Managed == nil || *have.Managed != a.Managed || have.AvatarURL != c.url+a.Avatar {
			c.t.Errorf("copy %+v of %+v", have, a)
		}
	}
}

func (c *corp) freshness(topic string) db.Freshness {
	c.t.Helper()
	f, err := c.db.Freshness(c.t.Context(), topic)
	if err != nil {
		c.t.Fatalf("freshness of %s: %v", topic, err)
	}
	return f
}

// wantFresh expects that a topic was tried now, and how it ended: error "" is success.
func (c *corp) wantFresh(topic, text string, errcode int) {
	c.t.Helper()
	f, now := c.freshness(topic), c.clock()
	switch {
	case f.TriedAt == nil || !f.TriedAt.Equal(now):
		c.t.Errorf("%s tried at %v, want %v", topic, f.TriedAt, now)
	case f.Errcode != errcode || text != "*" && f.Error != text || text == "*" && f.Error == "":
		c.t.Errorf("%s: error %q (%d), want %q (%d)", topic, f.Error, f.Errcode, text, errcode)
	case text == "" && (f.OKAt == nil || !f.OKAt.Equal(now)):
		c.t.Errorf("%s ok at %v, want %v", topic, f.OKAt, now)
	case text != "" && f.OKAt != nil && f.OKAt.Equal(now):
		c.t.Errorf("%s: ok although it failed", topic)
	}
	if strings.Contains(f.Error, kfsim.DemoSecret) {
		c.t.Errorf("%s: the secret stands in %q", topic, f.Error)
	}
}

func (c *corp) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}
