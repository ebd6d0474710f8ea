package kfsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// controls is the API of the person at the controls, and the page that shows the world.
func (s *Sim) controls() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/_sim/", http.StatusFound) })
	mux.HandleFunc("GET /_sim/{$}", s.servePage)
	mux.HandleFunc("GET /_sim/page.css", servePageStyle)
	mux.HandleFunc("GET /_sim/avatar/{id}", s.serveAvatar)
	mux.HandleFunc("GET /favicon.ico", serveIcon)
	mux.HandleFunc("GET /_sim/routes", control(s.showRoutes))
	mux.HandleFunc("GET /_sim/world", control(s.showWorld))
	mux.HandleFunc("POST /_sim/reset", control(s.reset))
	mux.HandleFunc("GET /_sim/clock", control(s.showClock))
	mux.HandleFunc("POST /_sim/clock", control(s.moveClock))
	mux.HandleFunc("GET /_sim/journal", control(s.showJournal))
	mux.HandleFunc("DELETE /_sim/journal", control(s.clearJournal))
	mux.HandleFunc("GET /_sim/violations", control(s.showViolations))
	mux.HandleFunc("DELETE /_sim/violations", control(s.clearViolations))
	mux.HandleFunc("GET /_sim/faults", control(s.showFaults))
	mux.HandleFunc("POST /_sim/faults", control(s.addFaults))
	mux.HandleFunc("DELETE /_sim/faults", control(s.dropFaults))
	mux.HandleFunc("POST /_sim/release", control(s.releaseHeld))
	mux.HandleFunc("POST /_sim/expire_token", control(s.expireToken))
	mux.HandleFunc("GET /_sim/limits", control(s.showLimits))
	mux.HandleFunc("POST /_sim/limits", control(s.setLimits))
	mux.HandleFunc("POST /_sim/servicer", control(s.setServicer))
	mux.HandleFunc("POST /_sim/person", control(s.setPerson))
	mux.HandleFunc("POST /_sim/outside", control(s.changeOutside))
	s.talkControls(mux)
	s.pages(mux)
	return mux
}

// control makes a handler of a function: its value goes out as JSON, its error as 400 with the reason.
func control(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		value, err := do(r)
		if err != nil {
			status, value = http.StatusBadRequest, map[string]string{"error": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write(append(marshal(value), '\n'))
	}
}

// read decodes the body of a control call into v. An empty body leaves v as it is; a field that v has not is an error.
func read(r *http.Request, v any) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxJSONBody))
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return decode(raw, v)
}

func decode(raw []byte, v any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if d.More() {
		return errors.New("body: more than one JSON value")
	}
	return nil
}

type route struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

func (s *Sim) showRoutes(*http.Request) (any, error) {
	list := make([]route, 0, len(s.endpoints))
	for _, name := range slices.Sorted(maps.Keys(s.endpoints)) {
		list = append(list, route{s.endpoints[name].method, name})
	}
	return list, nil
}

// reset starts over: world, clock, tokens, limits, faults, callbacks, journal and violations. Where callbacks go stays.
func (s *Sim) reset(r *http.Request) (any, error) {
	var body struct {
		Seed string `json:"seed"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	seed := s.seed
	if body.Seed != "" {
		var err error
		if seed, err = ParseSeed(body.Seed); err != nil {
			return nil, err
		}
	}
	fresh, err := s.newWorld(seed)
	if err != nil {
		return nil, err
	}
	s.faults.drop(0)
	s.faults.release()
	s.limits.configure(Limits{})
	s.tokens.end(true)
	s.offset.Store(0)
	s.courier.forget()
	s.mu.Lock()
	fresh.version, fresh.spoken = s.world.version+1, s.world.spoken+1
	s.world = fresh
	s.mu.Unlock()
	s.journal.clear()
	s.violations.clear()
	return map[string]string{"seed": seed.String()}, s.saveAll()
}

func (s *Sim) showClock(*http.Request) (any, error) {
	return map[string]any{"now": s.now(), "offset": time.Duration(s.offset.Load()).String()}, nil
}

// moveClock sets the time, moves it, or puts it back to the base clock.
func (s *Sim) moveClock(r *http.Request) (any, error) {
	var body struct {
		Advance string     `json:"advance"`
		Set     *time.Time `json:"set"`
		Reset   bool       `json:"reset"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	switch {
	case body.Reset:
		s.offset.Store(0)
	case body.Set != nil:
		s.offset.Store(int64(body.Set.Sub(s.base())))
	default:
		d, err := time.ParseDuration(body.Advance)
		if err != nil {
			return nil, errors.New(`one of {"advance": "2h"}, {"set": "2026-01-31T08:00:00+08:00"}, {"reset": true}`)
		}
		s.offset.Add(int64(d))
	}
	return s.showClock(r)
}

// showJournal lists received calls, oldest first: after a number, of one endpoint, at most the last so many.
func (s *Sim) showJournal(r *http.Request) (any, error) {
	q := r.URL.Query()
	var from, last int64
	for name, n := range map[string]*int64{"after": &from, "last": &last} {
		if text := q.Get(name); text != "" {
			var err error
			if *n, err = strconv.ParseInt(text, 10, 64); err != nil || *n < 0 {
				return nil, fmt.Errorf("%s: a number is needed", name)
			}
		}
	}
	calls := slices.DeleteFunc(s.journal.all(), func(e Entry) bool {
		return e.Seq <= from || q.Has("endpoint") && e.Endpoint != q.Get("endpoint")
	})
	if over := int64(len(calls)) - last; last > 0 && over > 0 {
		calls = calls[over:]
	}
	return calls, nil
}

func (s *Sim) clearJournal(*http.Request) (any, error) {
	s.journal.clear()
	return struct{}{}, nil
}

func (s *Sim) showViolations(*http.Request) (any, error) { return s.violations.all(), nil }

func (s *Sim) clearViolations(*http.Request) (any, error) {
	s.violations.clear()
	return struct{}{}, nil
}

func (s *Sim) showFaults(*http.Request) (any, error) {
	script, holding := s.faults.list()
	return map[string]any{"faults": script, "holding": holding}, nil
}

// addFaults takes one fault or a list; either all of them are added or none.
func (s *Sim) addFaults(r *http.Request) (any, error) {
	var raw json.RawMessage
	if err := read(r, &raw); err != nil {
		return nil, err
	}
	list := make([]Fault, 1)
	into := any(&list[0])
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '[' {
		into = &list
	}
	if err := decode(raw, into); err != nil {
		return nil, err
	}
	for i := range list {
		if err := list[i].complete(); err != nil {
			return nil, err
		}
	}
	return s.faults.add(list), nil
}

func (s *Sim) dropFaults(r *http.Request) (any, error) {
	id := 0
	if text := r.URL.Query().Get("id"); text != "" {
		var err error
		if id, err = strconv.Atoi(text); err != nil || id <= 0 {
			return nil, errors.New("id: a number is needed")
		}
	}
	return map[string]int{"dropped": s.faults.drop(id)}, nil
}

func (s *Sim) releaseHeld(*http.Request) (any, error) {
	return map[string]int{"released": s.faults.release()}, nil
}

// expireToken ends every token: code 42001 as expired, 40014 as if it had never been.
func (s *Sim) expireToken(r *http.Request) (any, error) {
	body := struct {
		Code int `json:"code"`
	}{42001}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Code != 42001 && body.Code != 40014 {
		return nil, errors.New("code: 42001 or 40014")
	}
	s.tokens.end(body.Code == 40014)
	return body, nil
}

func (s *Sim) showLimits(*http.Request) (any, error) { return s.limits.settings(), nil }

func (s *Sim) setLimits(r *http.Request) (any, error) {
	var set Limits
	if err := read(r, &set); err != nil {
		return nil, err
	}
	s.limits.configure(set)
	return set, nil
}
