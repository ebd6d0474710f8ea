//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Simulator is the simulated WeCom of a stack, driven over its control API.
type Simulator struct {
	URL     string // without a final slash
	t       testing.TB
	forward bool // its clock was moved
}

// Fault is something that goes wrong with the next calls: Kind is errcode, delay, cut_before, cut_after, html, status, hang and so on.
type Fault struct {
	Endpoint string `json:"endpoint"`
	Kind     string `json:"kind"`
	Times    int    `json:"times,omitempty"`
	Code     int    `json:"code,omitempty"`
	Millis   int    `json:"ms,omitempty"`
}

// World is what the simulated corp consists of.
type World struct {
	Accounts []struct {
		ID        string `json:"open_kfid"`
		Name      string `json:"name"`
		Managed   bool   `json:"manage_privilege"`
		Servicers []struct {
			UserID     string `json:"userid"`
			Department int64  `json:"department_id"`
		} `json:"servicers"`
	} `json:"accounts"`
	Departments []struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	} `json:"departments"`
	People []struct {
		UserID  string `json:"userid"`
		Name    string `json:"name"`
		Visible bool   `json:"visible"`
	} `json:"people"`
}

// Call is one call that the simulator received.
type Call struct {
	Endpoint string `json:"endpoint"`
	Body     string `json:"body"`
	Errcode  *int   `json:"errcode"`
	Applied  bool   `json:"applied"`
}

func (s *Simulator) do(method, path string, body, into any) {
	s.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest(method, s.URL+"/_sim/"+path, bytes.NewReader(sent))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatalf("simulator: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("simulator: %s %s: %s %s %v", method, path, resp.Status, raw, err)
	}
	if into != nil {
		if err := json.Unmarshal(raw, into); err != nil {
			s.t.Fatalf("simulator: %s: %v", path, err)
		}
	}
}

// Break makes calls go wrong.
func (s *Simulator) Break(f Fault) { s.t.Helper(); s.do(http.MethodPost, "faults", f, nil) }

// Mend drops every fault that has not happened yet.
func (s *Simulator) Mend() {
	s.t.Helper()
	s.do(http.MethodDelete, "faults", nil, nil)
	s.do(http.MethodPost, "release", nil, nil)
}

// World returns everything in the corp.
func (s *Simulator) World() (w World) { s.t.Helper(); s.do(http.MethodGet, "world", nil, &w); return w }

// Calls returns the calls of one endpoint, oldest first.
func (s *Simulator) Calls(endpoint string) (list []Call) {
	s.t.Helper()
	s.do(http.MethodGet, "journal?endpoint="+endpoint, nil, &list)
	return list
}

// Account returns the id of the account of that name, "" when there is none.
func (s *Simulator) Account(name string) string {
	s.t.Helper()
	for _, a := range s.World().Accounts {
		if a.Name == name {
			return a.ID
		}
	}
	return ""
}

// Session is the chat of a customer with an account. State is 0 new, 1 assistant, 2 queue, 3 with a servicer, 4 ended.
type Session struct {
	Account  string `json:"account"`
	Customer string `json:"customer"`
	Name     string `json:"name"`
	State    int    `json:"state"`
	Servicer string `json:"servicer"`
}

// Sessions lists the chats of an account, those of all accounts without one.
func (s *Simulator) Sessions(account string) (list []Session) {
	s.t.Helper()
	s.do(http.MethodGet, "sessions?account="+account, nil, &list)
	return list
}

// Names lists the names of everybody and everything in the corp, which a page shows untranslated.
func (s *Simulator) Names() (names []string) {
	s.t.Helper()
	w := s.World()
	for _, a := range w.Accounts {
		names = append(names, a.Name, a.ID, a.ID[:min(len(a.ID), 17)]) // lists show the beginning of an id
	}
	for _, d := range w.Departments {
		names = append(names, d.Name)
	}
	for _, p := range w.People {
		names = append(names, p.Name, p.UserID)
	}
	for _, x := range s.Sessions("") {
		names = append(names, x.Name)
	}
	return names
}

// violations fails the test for whatever the console did against the protocol, also where the call succeeded.
func (s *Simulator) violations() {
	s.t.Helper()
	var list []json.RawMessage
	s.do(http.MethodGet, "violations", nil, &list)
	for _, each := range list {
		var v struct{ Endpoint, Kind string }
		if err := json.Unmarshal(each, &v); err != nil {
			s.t.Errorf("%s: %v", each, err)
		}
		// The days that can be asked for are those of the simulator's clock, which is not the console's any more.
		if s.forward && v.Kind == "range" && strings.HasSuffix(v.Endpoint, "_statistic") {
			continue
		}
		s.t.Errorf("the console broke the protocol: %s", each)
	}
}
