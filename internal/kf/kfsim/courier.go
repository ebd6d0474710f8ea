package kfsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const (
	courierWorkers = 4                     // callbacks under way at a time
	courierLook    = 20 * time.Millisecond // how often the lookout looks at the clock, which may be moved
	shuffleLooks   = 6                     // shuffled callbacks are put off by so many looks, less one, at most
)

// Delivery is how badly callbacks arrive. The zero value is WeCom on a good day.
type Delivery struct {
	Duplicate int    `json:"duplicate"`  // each arrives so many times; 0 and 1 are once
	Shuffle   bool   `json:"shuffle"`    // in another order than they were made
	DropEvery int    `json:"drop_every"` // every so manieth never arrives; 0 is none
	Delay     string `json:"delay"`      // such as 1h, by the simulator's clock
	Seed      int64  `json:"seed"`       // of the shuffling
	Merge     bool   `json:"merge"`      // an account's news ride on its callback that is still waiting, if there is one
}

// CallbackCounts is what became of callbacks since the start or the last reset.
type CallbackCounts struct {
	Made    int `json:"made"`    // news that were to be told
	Sent    int `json:"sent"`    // answered 200, duplicates counted
	Failed  int `json:"failed"`  // given up after three tries, duplicates counted
	Dropped int `json:"dropped"` // lost on purpose
	Pending int `json:"pending"` // waiting or under way
	Tries   int `json:"tries"`
}

// parcel is a callback on its way.
type parcel struct {
	account string // empty for an event of the app
	inner   string
	due     time.Time // by the simulator's clock
	looks   int       // of the lookout, before it is due by the real one
	tries   int
	round   int
}

// courier brings callbacks: a few workers take them from a queue, and a lookout puts those there whose time has come. None of
// them runs while there is nothing to do.
type courier struct {
	now    func() time.Time
	corpID string
	client *http.Client
	stop   context.Context
	halt   context.CancelFunc
	token  func(account string, now time.Time) string

	mu       sync.Mutex
	to       Callback
	terms    Delivery
	delay    time.Duration
	dice     *rand.Rand
	counts   CallbackCounts
	waiting  map[string]int // parcels of an account that nobody took yet
	ready    []parcel
	later    []parcel
	workers  int
	looking  bool
	idle     chan struct{} // closed when nothing is pending any more; nil when nobody waits for that
	round    int           // counts resets: a parcel of an earlier one is thrown away
	closed   bool
	underWay sync.WaitGroup
}

func newCourier(s *Sim, to Callback) *courier {
	k := &courier{
		now: s.now, corpID: s.corpID, token: s.syncToken, to: to,
		waiting: map[string]int{}, dice: newDice(0),
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: courierWorkers, IdleConnTimeout: 30 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	k.stop, k.halt = context.WithCancel(context.Background())
	return k
}

func newDice(seed int64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 0x6b66)) }

// message tells of news of an account.
func (k *courier) message(account string, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.to.URL == "" || k.terms.Merge && k.waiting[account] > 0 {
		return
	}
	k.post(parcel{account: account, inner: messageEvent(k.corpID, account, k.token(account, at), at), due: at})
}

// auth tells of accounts assigned to the app or taken from it.
func (k *courier) auth(added, removed []string, at time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.to.URL != "" && len(added)+len(removed) > 0 {
		k.post(parcel{inner: authEvent(k.corpID, added, removed, at), due: at})
	}
}

// post sends a parcel on its way, under the terms of delivery. The courier is locked.
func (k *courier) post(p parcel) {
	if k.closed {
		return
	}
	k.counts.Made++
	if every := k.terms.DropEvery; every > 0 && k.counts.Made%every == 0 {
		k.counts.Dropped++
		return
	}
	p.due, p.round = p.due.Add(k.delay), k.round
	for range max(1, k.terms.Duplicate) {
		if k.terms.Shuffle {
			p.looks = k.dice.IntN(shuffleLooks)
		}
		k.counts.Pending++
		k.waiting[p.account]++
		if p.looks > 0 || k.delay > 0 {
			k.putOff(p)
		} else {
			k.enqueue(p)
		}
	}
}

// enqueue hands a parcel to the workers. The courier is locked.
func (k *courier) enqueue(p parcel) {
	k.ready = append(k.ready, p)
	if k.workers < courierWorkers && !k.closed {
		k.workers++
		k.underWay.Go(k.work)
	}
}

// putOff hands a parcel to the lookout. The courier is locked.
func (k *courier) putOff(p parcel) {
	k.later = append(k.later, p)
	if !k.looking && !k.closed {
		k.looking = true
		k.underWay.Go(k.lookOut)
	}
}

// lookOut looks again and again whose time has come, until nobody waits.
func (k *courier) lookOut() {
	tick := time.NewTicker(courierLook)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-k.stop.Done():
			return
		}
		if k.look() {
			return
		}
	}
}

func (k *courier) look() (done bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	later := k.later
	k.later = nil
	for _, p := range later {
		if p.looks--; p.looks > 0 || now.Before(p.due) {
			k.later = append(k.later, p)
			continue
		}
		k.enqueue(p)
	}
	if len(k.later) == 0 {
		k.looking = false
	}
	return !k.looking
}

// work brings parcels until there are none.
func (k *courier) work() {
	for {
		p, to, ok := k.take()
		if !ok {
			return
		}
		err := k.try(to, p.inner)
		k.done(p, to, err)
	}
}

// take gives a worker the next parcel; without one he goes home.
func (k *courier) take() (p parcel, to Callback, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.ready) == 0 || k.closed {
		k.workers--
		return p, to, false
	}
	if k.terms.Shuffle {
		i := k.dice.IntN(len(k.ready))
		k.ready[0], k.ready[i] = k.ready[i], k.ready[0]
	}
	p = k.ready[0]
	if k.ready = k.ready[1:]; len(k.ready) == 0 {
		k.ready = nil
	}
	if p.tries++; p.tries == 1 {
		k.waiting[p.account]--
	}
	k.counts.Tries++
	return p, k.to, true
}

// done notes what became of a try.
func (k *courier) done(p parcel, to Callback, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if p.round != k.round {
		return
	}
	if err != nil && p.tries < callbackTries {
		p.looks = 1 + int(to.pause()/courierLook)
		k.putOff(p)
		return
	}
	k.counts.Pending--
	if err == nil {
		k.counts.Sent++
	} else {
		k.counts.Failed++
	}
	k.rest()
}

// rest lets those go who wait for the last callback. The courier is locked.
func (k *courier) rest() {
	if k.counts.Pending == 0 && k.idle != nil {
		close(k.idle)
		k.idle = nil
	}
}

// settle waits until no callback is on its way.
func (k *courier) settle(ctx context.Context) error {
	k.mu.Lock()
	if k.counts.Pending == 0 {
		k.mu.Unlock()
		return nil
	}
	if k.idle == nil {
		k.idle = make(chan struct{})
	}
	idle := k.idle
	k.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("callbacks: %w", ctx.Err())
	case <-k.stop.Done():
		return errors.New("callbacks: the simulator is closed")
	}
}

// try makes one request. Each has a time and a nonce of its own.
func (k *courier) try(to Callback, inner string) error {
	query, body, err := to.Seal(k.corpID, []byte(inner), k.timestamp(), nonce())
	if err != nil {
		return err
	}
	status, _, err := k.request(to, http.MethodPost, query, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

func (k *courier) timestamp() string { return strconv.FormatInt(k.now().Unix(), 10) }

func nonce() string { return strconv.FormatUint(rand.Uint64N(9e9)+1e9, 10) }

func (k *courier) request(to Callback, method string, query url.Values, body []byte) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(k.stop, to.deadline())
	defer cancel()
	u, err := url.Parse(to.URL)
	if err != nil {
		return 0, nil, err
	}
	for name, values := range u.Query() {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "text/xml")
	response, err := k.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxExcerpt))
	_ = response.Body.Close()
	return response.StatusCode, answer, err
}

// checkAddress asks a callback address to decrypt a text and say it, as WeCom does when an admin saves it.
func (k *courier) checkAddress(to Callback) error {
	echo := strconv.FormatUint(rand.Uint64N(9e18)+1e18, 10)
	query, err := to.SealEcho(k.corpID, echo, k.timestamp(), nonce())
	if err != nil {
		return err
	}
	status, answer, err := k.request(to, http.MethodGet, query, nil)
	switch {
	case err != nil:
		return fmt.Errorf("url: %w", err)
	case status != http.StatusOK || string(answer) != echo:
		return fmt.Errorf("url: status %d and %d bytes, want 200 and the echo", status, len(answer))
	}
	return nil
}

// configure sets the terms of delivery for callbacks made from now on.
func (k *courier) configure(d Delivery) error {
	var delay time.Duration
	if d.Delay != "" {
		var err error
		if delay, err = time.ParseDuration(d.Delay); err != nil || delay < 0 {
			return errors.New(`delay: a duration such as "1h"`)
		}
	}
	if d.Duplicate < 0 || d.Duplicate > 100 || d.DropEvery < 0 {
		return errors.New("duplicate: 0 to 100; drop_every: 0 or more")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.terms, k.delay, k.dice = d, delay, newDice(d.Seed)
	return nil
}

// aim sets where callbacks go.
func (k *courier) aim(to Callback) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.to = to
}

// forget throws away what is waiting and the terms of delivery. Where callbacks go stays.
func (k *courier) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.round++
	k.counts, k.waiting, k.ready, k.later = CallbackCounts{}, map[string]int{}, nil, nil
	k.terms, k.delay = Delivery{}, 0
	k.rest()
}

func (k *courier) state() (to Callback, terms Delivery, counts CallbackCounts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.to, k.terms, k.counts
}

// close stops deliveries and waits for those under way.
func (k *courier) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.halt()
	k.underWay.Wait()
	k.client.CloseIdleConnections()
}
