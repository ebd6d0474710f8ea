package kfsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

// bench drives a simulator over HTTP, as a client would.
type bench struct {
	testing.TB
	sim   *kfsim.Sim
	url   string
	clock *clock
	token string
}

// clock is a time that only a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t testing.TB, o kfsim.Options) *bench {
	t.Helper()
	b := &bench{TB: t, clock: &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	if o.Now == nil {
		o.Now = b.clock.Now
	}
	sim, err := kfsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	b.sim, b.url = sim, server.URL
	b.signIn()
	return b
}

func demo(t testing.TB) *bench { return start(t, kfsim.Options{Seed: kfsim.SeedDemo}) }

func (b *bench) signIn() {
	b.Helper()
	a := b.send("GET", "gettoken", url.Values{"corpid": {kfsim.DemoCorpID}, "corpsecret": {kfsim.DemoSecret}}, "", nil)
	if b.token, _ = a.fields["access_token"].(string); b.token == "" {
		b.Fatalf("gettoken: %s", a.raw)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	code   int
	msg    string
	fields map[string]any
}

// send makes a request below /cgi-bin/ and requires an answer with errcode and errmsg, unless it is a file.
func (b *bench) send(method, path string, query url.Values, contentType string, body []byte) answer {
	b.Helper()
	a, err := b.try(method, path, query, contentType, body)
	if err != nil {
		b.Fatalf("%s %s: %v", method, path, err)
	}
	if a.header.Get("Content-Disposition") != "" {
		return a
	}
	if err := a.parse(); err != nil {
		b.Fatalf("%s %s: %v in %q", method, path, err, a.raw)
	}
	return a
}

func (b *bench) try(method, path string, query url.Values, contentType string, body []byte) (answer, error) {
	request, err := http.NewRequest(method, b.url+"/cgi-bin/"+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	return answer{status: response.StatusCode, header: response.Header, raw: raw}, err
}

func (a *answer) parse() error {
	if err := json.Unmarshal(a.raw, &a.fields); err != nil {
		return err
	}
	code, hasCode := a.fields["errcode"].(float64)
	msg, hasMsg := a.fields["errmsg"].(string)
	if !hasCode || !hasMsg {
		return fmt.Errorf("errcode or errmsg is missing")
	}
	a.code, a.msg = int(code), msg
	return nil
}

// post makes a JSON call with the token.
func (b *bench) post(path, body string) answer {
	b.Helper()
	return b.send("POST", path, url.Values{"access_token": {b.token}}, "application/json", []byte(body))
}

// get makes a GET call with the token; the query is given as name, value pairs.
func (b *bench) get(path string, pairs ...string) answer {
	b.Helper()
	query := url.Values{"access_token": {b.token}}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return b.send("GET", path, query, "", nil)
}

// want requires an errcode and returns the answer.
func (a answer) want(t testing.TB, code int) answer {
	t.Helper()
	if a.code != code {
		t.Fatalf("errcode %d (%s), want %d", a.code, a.msg, code)
	}
	return a
}

// control calls the control API and decodes its answer into T.
func control[T any](b *bench, method, path, body string) T {
	b.Helper()
	status, raw := b.controlRaw(method, path, body)
	if status != http.StatusOK {
		b.Fatalf("%s /_sim/%s: %d %s", method, path, status, raw)
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		b.Fatalf("%s /_sim/%s: %v in %s", method, path, err, raw)
	}
	return v
}

func (b *bench) controlRaw(method, path, body string) (int, []byte) {
	b.Helper()
	request, err := http.NewRequest(method, b.url+"/_sim/"+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return response.StatusCode, raw
}

// violations lists what was recorded since the last look, as kind or kind:field.
func (b *bench) violations() []string {
	b.Helper()
	list := []string{}
	for _, v := range control[[]kfsim.Violation](b, "GET", "violations", "") {
		text := v.Kind
		if v.Field != "" {
			text += ":" + v.Field
		}
		list = append(list, text)
	}
	control[any](b, "DELETE", "violations", "")
	return list
}

// clean requires that nothing was recorded since the last look.
func (b *bench) clean() {
	b.Helper()
	if v := b.violations(); len(v) > 0 {
		b.Errorf("violations %v, want none", v)
	}
}

// world is the part of GET /_sim/world the tests look at.
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
		Parent  int64  `json:"parentid"`
		Name    string `json:"name"`
		People  int    `json:"people"`
		Visible bool   `json:"visible"`
	} `json:"departments"`
	People []struct {
		UserID      string  `json:"userid"`
		Name        string  `json:"name"`
		Departments []int64 `json:"departments"`
		Status      int     `json:"status"`
		Visible     bool    `json:"visible"`
	} `json:"people"`
	Links []struct {
		Account string `json:"open_kfid"`
		Scene   string `json:"scene"`
		URL     string `json:"url"`
		Times   int    `json:"times"`
	} `json:"links"`
	Media []struct {
		ID string `json:"media_id"`
	} `json:"media"`
}

func (b *bench) world() world {
	b.Helper()
	return control[world](b, "GET", "world", "")
}

// account returns the id of an account by its name.
func (b *bench) account(name string) string {
	b.Helper()
	for _, a := range b.world().Accounts {
		if a.Name == name {
			return a.ID
		}
	}
	b.Fatalf("no account %s", name)
	return ""
}

// fault scripts something that goes wrong.
func (b *bench) fault(format string, args ...any) {
	b.Helper()
	control[[]kfsim.Fault](b, "POST", "faults", fmt.Sprintf(format, args...))
}

// lastCall is the newest entry of the journal.
func (b *bench) lastCall() kfsim.Entry {
	b.Helper()
	calls := control[[]kfsim.Entry](b, "GET", "journal?last=1", "")
	if len(calls) != 1 {
		b.Fatal("the journal is empty")
	}
	return calls[0]
}

func object(pairs ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s %v, want %v", what, got, want)
	}
}
