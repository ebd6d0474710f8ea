// Package kfsim is the other side of the wire: a WeCom (企业微信) for WeChat customer service (微信客服) that answers over real
// HTTP as the published one does, with its limits, its errcodes and, when told to, its failures.
//
// It knows the protocol and nothing else. It imports the standard library only and shares no type, constant or test helper with
// any client, so a mistake on one side of the wire cannot hide behind the same mistake on the other.
//
// What the protocol leaves open is decided here once; docs/simulator.md lists every such decision.
package kfsim

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Credentials of the made-up corp, used when Options leaves them empty.
const (
	DemoCorpID = "ww5f3cdemo00000001"
	DemoSecret = "kfsim-demo-secret-not-a-secret-000000000001"
)

// Options configures a Sim. The zero value is an empty corp with the demo credentials, kept in memory.
type Options struct {
	// CorpID and Secret are the only credentials gettoken accepts; empty means DemoCorpID and DemoSecret.
	CorpID, Secret string
	// Now is the clock the simulator starts from; nil means time.Now. POST /_sim/clock moves it.
	Now func() time.Time
	// Seed is the world to start with when there is no state file yet.
	Seed Seed
	// StateFile keeps the world across restarts, pictures in a folder beside it named StateFile + ".files". Empty means memory only.
	StateFile string
	// BaseURL is put in front of avatar addresses, without a final slash. Empty means http:// and the Host of each request. With one,
	// links of add_contact_way begin with it too, so that they open a page of the simulator.
	BaseURL string
	// Callback is where news are told from the start. POST /_sim/callback changes it.
	Callback Callback
	// Talks begins the world of SeedDemo with conversations of its last two days, in every state.
	Talks bool
	// Pace is how often scripted customers and servicers do something; 0 is never. POST /_sim/script changes it.
	Pace time.Duration
}

// Sim is one simulated corp. Its methods may be called from any goroutine.
type Sim struct {
	corpID, secret, baseURL string
	seed                    Seed
	base                    func() time.Time
	offset                  atomic.Int64 // nanoseconds the clock was moved by
	endpoints               map[string]endpoint

	mu    sync.RWMutex // guards world and what hangs on it
	world *world
	store *store

	talks      bool
	script     script
	courier    *courier
	tokens     tokens
	limits     limits
	faults     faults
	journal    journal
	violations ring[Violation]
}

// New builds a simulator, from the state file if there is one, else from the seed. A state file that cannot be read as one is an
// error, never silently replaced.
func New(o Options) (*Sim, error) {
	s := &Sim{
		corpID: cmp.Or(o.CorpID, DemoCorpID), secret: cmp.Or(o.Secret, DemoSecret),
		baseURL: strings.TrimRight(o.BaseURL, "/"), seed: o.Seed, base: o.Now, talks: o.Talks,
		store: &store{file: o.StateFile},
	}
	if s.base == nil {
		s.base = time.Now
	}
	s.endpoints = endpointTable()
	if err := o.Callback.check(); err != nil {
		return nil, fmt.Errorf("kfsim: callback: %w", err)
	}
	s.courier = newCourier(s, o.Callback)
	world, err := s.store.load()
	if err != nil {
		return nil, fmt.Errorf("kfsim: %w", err)
	}
	if world == nil {
		if world, err = s.newWorld(o.Seed); err != nil {
			return nil, fmt.Errorf("kfsim: %w", err)
		}
	}
	s.world = world
	if err := s.saveAll(); err != nil {
		return nil, fmt.Errorf("kfsim: %w", err)
	}
	s.announce()
	if err := s.SetPace(o.Pace); err != nil {
		return nil, fmt.Errorf("kfsim: %w", err)
	}
	return s, nil
}

// Handler answers /cgi-bin/ as WeCom does and /_sim/ for whoever is at the controls.
func (s *Sim) Handler() http.Handler {
	control := s.controls()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Not by ServeMux: its redirect for a doubled slash would turn a POST into a GET.
		if p := path.Clean("/" + r.URL.Path); strings.HasPrefix(p, "/cgi-bin/") {
			s.serveAPI(w, r, strings.TrimPrefix(p, "/cgi-bin/"))
			return
		}
		control.ServeHTTP(w, r)
	})
}

// Close lets every held request go, stops callbacks and reports whether the world is safe in the state file.
func (s *Sim) Close() error {
	s.faults.release()
	s.script.rest()
	s.courier.close()
	s.store.soon.close()
	return s.saveAll()
}

// now is the simulator's time: the base clock plus what POST /_sim/clock added.
func (s *Sim) now() time.Time { return s.base().Add(time.Duration(s.offset.Load())) }
