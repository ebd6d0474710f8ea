package kfsim

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Sizes of a request body, in bytes. The first is ours: the protocol names no limit for JSON.
const (
	maxJSONBody   = 1 << 20
	maxUploadBody = 20<<20 + 64<<10 // the largest file and its multipart frame
	maxDrain      = 64 << 20        // read and thrown away, so that the client gets to see the answer
)

// call is one request under /cgi-bin/, on its way through the simulator.
type call struct {
	sim     *Sim
	request *http.Request
	name    string // the path below /cgi-bin/
	query   url.Values
	body    []byte
	tooBig  bool
	ip      string
	began   time.Time
	applied bool // the world was changed, which is on disk before the answer
	spoke   bool // people's talk was changed, which is on disk soon after
	entry   *Entry
	parts   func() ([]mediaFile, error) // nil until the body was read as multipart
}

// receive reads the whole request, whatever it is.
func (s *Sim) receive(r *http.Request, name string) *call {
	c := &call{sim: s, request: r, name: name, query: r.URL.Query(), ip: remoteIP(r), began: s.base()}
	limit := int64(maxJSONBody)
	if name == "media/upload" {
		limit = maxUploadBody
	}
	// An error here is a client that left: there is nobody to tell, and what came is judged as it is.
	c.body, _ = io.ReadAll(io.LimitReader(r.Body, limit+1))
	if c.tooBig = int64(len(c.body)) > limit; c.tooBig {
		c.body = c.body[:0]
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
	}
	return c
}

func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// baseURL is what avatar addresses begin with.
func (c *call) baseURL() string {
	if c.sim.baseURL != "" {
		return c.sim.baseURL
	}
	return "http://" + c.request.Host
}

// journal notes that the call came in.
func (c *call) journal(f *Fault) {
	e := Entry{
		Time: c.sim.now(), Method: c.request.Method, Endpoint: c.name, Query: redact(c.query),
		Body: c.excerpt(), IP: c.ip, State: stateOpen,
	}
	if f != nil {
		e.Fault = f.Kind
	}
	c.entry = c.sim.journal.add(e)
}

// decided notes what became of the call, before anybody is told.
func (c *call) decided(code int) {
	c.sim.journal.change(c.entry, func(e *Entry) {
		e.Errcode, e.Applied, e.State = &code, c.applied || c.spoke, stateAnswered
		e.Millis = float64(c.sim.base().Sub(c.began).Microseconds()) / 1000
	})
}

// lost notes that the caller never got the answer.
func (c *call) lost() {
	c.sim.journal.change(c.entry, func(e *Entry) { e.State = stateLost })
}

// excerpt is the body as the journal keeps it.
func (c *call) excerpt() string {
	if strings.HasPrefix(c.request.Header.Get("Content-Type"), "multipart/") {
		return c.describeUpload()
	}
	text := strings.ToValidUTF8(string(c.body), "\uFFFD")
	if len(text) > maxExcerpt {
		text = strings.ToValidUTF8(text[:maxExcerpt], "") + "…"
	}
	return text
}

// redact writes the query for the journal, without secrets.
func redact(q url.Values) string {
	shown := url.Values{}
	for name, values := range q {
		switch name {
		case "access_token", "corpsecret":
			shown[name] = []string{"hidden"}
		default:
			shown[name] = values
		}
	}
	return shown.Encode()
}
