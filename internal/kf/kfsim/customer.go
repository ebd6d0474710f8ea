package kfsim

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"time"
)

const maxCustomers = 100 // ids in one call

type customerRow struct {
	ID      string        `json:"external_userid"`
	Name    string        `json:"nickname"`
	Avatar  string        `json:"avatar"`
	Gender  int           `json:"gender"`
	UnionID string        `json:"unionid,omitempty"`
	Context *enterContext `json:"enter_session_context,omitempty"`
}

type customerAnswer struct {
	Customers []customerRow `json:"customer_list"`
	Invalid   []string      `json:"invalid_external_userid"`
}

// getCustomers answers kf/customer/batchget.
func getCustomers(c *call) (any, error) {
	f := c.fields(false)
	ids := f.texts("external_userid_list", maxCustomers)
	wanted := f.number("need_enter_session_context", 0, 1, 0) == 1
	if f.err == nil && len(ids) == 0 {
		f.missing("external_userid_list")
	}
	if err := f.end(); err != nil {
		return nil, err
	}
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	now := c.sim.now()
	answer := customerAnswer{[]customerRow{}, []string{}}
	for _, id := range ids {
		who := c.sim.world.talk.customerBy[id]
		if who == nil || now.Sub(who.Seen) >= replyWindow {
			answer.Invalid = append(answer.Invalid, id)
			continue
		}
		row := customerRow{ID: id, Name: who.Name, Avatar: c.baseURL() + who.facePath(), Gender: who.Gender, UnionID: who.UnionID}
		if wanted && who.Context != nil && now.Sub(who.Entered) < replyWindow {
			row.Context = who.Context
		}
		answer.Customers = append(answer.Customers, row)
	}
	return answer, nil
}

// facePath is the address of a customer's picture.
func (c *customer) facePath() string { return "/_sim/face/" + c.ID }

// serveFace answers GET /_sim/face/{id}: a picture for any customer, always the same one.
func (s *Sim) serveFace(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	who := s.world.talk.customerBy[r.PathValue("id")]
	s.mu.RUnlock()
	if who == nil {
		http.NotFound(w, r)
		return
	}
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, who.ID)
	n := int(h.Sum32() % 96)
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(drawAvatar(n, n/12))
}

// consulted refuses an upgrade for somebody who has not been there for 48 hours.
func (w *world) consulted(account, customer string, now time.Time) (*session, error) {
	if _, err := w.account(account); err != nil {
		return nil, err
	}
	x := w.talk.session(account, customer)
	if x == nil {
		return nil, refuse(40096, "")
	}
	if now.Sub(w.talk.customerBy[customer].Seen) >= replyWindow {
		return nil, refuse(95031, "")
	}
	return x, nil
}
