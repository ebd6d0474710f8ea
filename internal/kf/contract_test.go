package kf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// The contract has three corners: the samples, the client and the simulator.
// TestVerbsSendAndReadTheSamples holds the client to the samples; here the
// simulator is held to them as well, and the client to the simulator.

// sim is a simulator at work.
type sim struct {
	*httptest.Server
	token string
}

func newSim(t *testing.T) *sim {
	t.Helper()
	s, err := kfsim.New(kfsim.Options{CorpID: corpID, Secret: canarySecret, Seed: kfsim.SeedDemo})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &sim{Server: server}
}

// do sends a request and returns the answer, which must be HTTP 200.
func (s *sim) do(t *testing.T, method, path, contentType string, body []byte) (http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v: %s", method, path, resp.Status, err, answer)
	}
	return resp.Header, answer
}

// wantNoViolation fails the test if the simulator found fault with any call.
func (s *sim) wantNoViolation(t *testing.T) {
	t.Helper()
	_, b := s.do(t, http.MethodGet, "/_sim/violations", "", nil)
	if list, ok := decode(t, b).([]any); !ok || len(list) > 0 {
		t.Errorf("the simulator complains: %s", b)
	}
}

// stop makes a servicer of the account stop for a while.
func (s *sim) stop(t *testing.T, account, userID any) {
	t.Helper()
	body := rawJSON(t, map[string]any{"open_kfid": account, "userid": userID, "status": "suspended"})
	s.do(t, http.MethodPost, "/_sim/servicer", "application/json", body)
}

// substitute returns v with every string and number that is a key of live
// replaced: samples speak of accounts and people that the simulator has not.
func substitute(v any, live map[any]any) any {
	switch v := v.(type) {
	case map[string]any:
		changed := map[string]any{}
		for key, inner := range v {
			changed[key] = substitute(inner, live)
		}
		return changed
	case []any:
		changed := make([]any, len(v))
		for i, inner := range v {
			changed[i] = substitute(inner, live)
		}
		return changed
	default:
		if other, ok := live[v]; ok {
			return other
		}
		return v
	}
}

// replay sends the request sample of an endpoint and returns the answer in the
// shape of the response samples.
func (s *sim) replay(t *testing.T, method, endpoint string, live map[any]any) map[string]any {
	t.Helper()
	request := substitute(decode(t, sample(t, endpoint, "request")), live).(map[string]any)
	query := url.Values{}
	if s.token != "" {
		query.Set("access_token", s.token)
	}
	var body []byte
	var contentType string
	switch {
	case method == http.MethodGet:
		for key, value := range request {
			query.Set(key, fmt.Sprint(value))
		}
	case endpoint == "media/upload":
		query.Set("type", request["type"].(string))
		body, contentType = uploadForm(t, request["media"].(map[string]any))
	default:
		body, contentType = rawJSON(t, request), "application/json"
	}
	header, answer := s.do(t, method, "/cgi-bin/"+endpoint+"?"+query.Encode(), contentType, body)
	if endpoint == "media/get" {
		if !bytes.Equal(answer, picture()) {
			t.Errorf("media/get: %q", answer)
		}
		return map[string]any{"Content-Type": header.Get("Content-Type"), "Content-Disposition": header.Get("Content-Disposition")}
	}
	return decode(t, answer).(map[string]any)
}

// rawJSON encodes v without escaping < and &, as a sample is written.
func rawJSON(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func uploadForm(t *testing.T, media map[string]any) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="media"; filename="` + strings.ReplaceAll(media["filename"].(string), `"`, `\"`) + `"`},
		"Content-Type":        {media["content_type"].(string)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(picture()); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), form.FormDataContentType()
}

// replayer sends one request sample after the other.
type replayer struct {
	*sim
	live map[any]any // what stands in samples, and what the simulator has instead
	done []string
}

// send sends the sample of an endpoint as it stands. The simulator must take it and answer with the keys of the response sample.
func (r *replayer) send(t *testing.T, method, endpoint string) map[string]any {
	t.Helper()
	got := r.replay(t, method, endpoint, r.live)
	r.done = append(r.done, endpoint)
	if code, ok := got["errcode"]; ok && code != 0.0 {
		t.Fatalf("%s: %v", endpoint, got)
	}
	if got, want := keysOf(t, rawJSON(t, got)), keysOf(t, sample(t, endpoint, "response")); !slices.Equal(got, want) {
		t.Errorf("%s: keys\n simulator %v\n sample    %v", endpoint, got, want)
	}
	return got
}

// The simulator takes every request sample without a complaint.
func TestContractSamplesAgainstSimulator(t *testing.T) {
	s := newSim(t)
	r := &replayer{sim: s, live: map[any]any{"ww3b81f0d27ce94a65": corpID, "sAmpleSecret-of-the-console-app-000000000001": canarySecret}}
	s.noon(t)
	s.token = r.send(t, http.MethodGet, "gettoken")["access_token"].(string)
	replayDirectory(t, r)
	r.live["3sAmpleAvatarMediaId0001"] = r.send(t, http.MethodPost, "media/upload")["media_id"]
	r.send(t, http.MethodGet, "media/get")
	account := r.send(t, http.MethodPost, "kf/account/add")["open_kfid"]
	r.live[string(sampleAccount)] = account
	r.send(t, http.MethodPost, "kf/account/update")
	r.send(t, http.MethodPost, "kf/account/list")
	r.send(t, http.MethodPost, "kf/add_contact_way")
	r.send(t, http.MethodPost, "kf/servicer/add")
	replayConversation(t, r)
	s.stop(t, account, r.live["sample_qiu"])
	r.send(t, http.MethodGet, "kf/servicer/list")
	replayStatistic(t, r)
	r.send(t, http.MethodPost, "kf/servicer/del")
	r.send(t, http.MethodPost, "kf/account/del")

	slices.Sort(r.done)
	if got := slices.Compact(r.done); !slices.Equal(got, kf.Endpoints()) {
		t.Errorf("replayed %v\nof       %v", got, kf.Endpoints())
	}
	s.wantNoViolation(t)
}

// replayDirectory looks for a department of two members and has them stand for those of the samples: first one whom servicers may
// recommend.
func replayDirectory(t *testing.T, r *replayer) {
	t.Helper()
	config := r.send(t, http.MethodGet, "kf/customer/get_upgrade_service_config")
	recommended := config["member_range"].(map[string]any)["userid_list"].([]any)
	users := []any{}
	for _, row := range r.send(t, http.MethodGet, "department/list")["department"].([]any) {
		department := row.(map[string]any)["id"].(float64)
		r.live["4"], r.live[4.0] = department, department
		users = []any{}
		for _, user := range r.send(t, http.MethodGet, "user/simplelist")["userlist"].([]any) {
			users = append(users, user.(map[string]any)["userid"])
		}
		if i := slices.IndexFunc(users, func(id any) bool { return slices.Contains(recommended, id) }); i >= 0 && len(users) >= 2 {
			users[0], users[i] = users[i], users[0]
			break
		}
	}
	r.live["sample.bai"], r.live["sample_qiu"] = users[0], users[1]
	r.send(t, http.MethodGet, "user/list")
	r.send(t, http.MethodGet, "user/get")
}

// The table in doc.go, the constants of the client and the routes of the
// simulator tell the same.
func TestContractRoutes(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var routes []struct{ Method, Path string }
	_, b := newSim(t).do(t, http.MethodGet, "/_sim/routes", "", nil)
	if err := json.Unmarshal(b, &routes); err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, r := range routes {
		served[r.Method+" "+strings.TrimPrefix(r.Path, "/cgi-bin/")] = true
	}
	sent := map[string]string{"gettoken": "GET"}
	for _, v := range verbs() {
		sent[v.endpoint] = v.method
	}
	var listed []string
	row := regexp.MustCompile(`(?m)^//\t([a-z_/]+) +(GET|POST) +(\S.*\S) +(\d{5})$`)
	for _, m := range row.FindAllStringSubmatch(string(doc), -1) {
		endpoint, method := m[1], m[2]
		listed = append(listed, endpoint)
		if !served[method+" "+endpoint] {
			t.Errorf("the simulator does not serve %s %s", method, endpoint)
		}
		if sent[endpoint] != method {
			t.Errorf("doc.go says %s %s, the client sends %q", method, endpoint, sent[endpoint])
		}
	}
	slices.Sort(listed)
	if !slices.Equal(listed, kf.Endpoints()) {
		t.Errorf("doc.go lists %v\nthe client calls %v", listed, kf.Endpoints())
	}
}

// What the two sides share, they cannot check in each other.
func TestContractSimulatorStandsAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./kfsim").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range strings.Fields(string(out)) {
		ours := strings.HasPrefix(pkg, "kfconsole/") && pkg != "kfconsole/internal/kf/kfsim"
		if first, _, _ := strings.Cut(pkg, "/"); ours || strings.Contains(first, ".") {
			t.Errorf("the simulator depends on %s", pkg)
		}
	}
}
