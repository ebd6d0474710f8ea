package kfsim

import "time"

type stateAnswer struct {
	ServiceState int    `json:"service_state"`
	Servicer     string `json:"servicer_userid"`
}

type transAnswer struct {
	Code string `json:"msg_code,omitempty"`
}

// getServiceState answers kf/service_state/get.
func getServiceState(c *call) (any, error) {
	f := c.fields(false)
	account := f.accountID()
	customer := f.needed("external_userid", 0)
	if err := f.end(); err != nil {
		return nil, err
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	x, err := c.sessionFor(c.sim.world, account, customer, c.sim.now())
	if err != nil {
		return nil, err
	}
	return stateAnswer{x.State, x.Servicer}, nil
}

// changeServiceState answers kf/service_state/trans.
func changeServiceState(c *call) (any, error) {
	f := c.fields(false)
	account := f.accountID()
	customer := f.needed("external_userid", 0)
	if f.raw["service_state"] == nil {
		f.missing("service_state")
	}
	to := f.number("service_state", 0, 4, 0)
	servicer, given := f.text("servicer_userid", maxUserID)
	if err := f.end(); err != nil {
		return nil, err
	}
	if to == stateHuman && servicer == "" {
		f.missing("servicer_userid")
		return nil, f.err
	}
	if to != stateHuman && given {
		c.violate(kindField, "servicer_userid", "belongs to state 3 only")
	}
	var answer transAnswer
	err := c.act(func(w *world, now time.Time) error {
		x, err := c.sessionFor(w, account, customer, now)
		if err != nil {
			return err
		}
		given, err := w.transfer(x, to, servicer, now)
		answer.Code = given.text()
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}
