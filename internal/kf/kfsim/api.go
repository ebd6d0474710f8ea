package kfsim

import (
	"net/http"
	"slices"
)

// endpoint is one call of the API.
type endpoint struct {
	path, method string
	query        []string // parameters beside access_token
	open         bool     // works without a token
	lenient      bool     // answers GET although it is a POST call
	handle       func(*call) (any, error)
}

// endpointTable lists every call the simulator answers.
func endpointTable() map[string]endpoint {
	list := []endpoint{
		{path: "gettoken", method: http.MethodGet, query: []string{"corpid", "corpsecret"}, open: true, handle: getToken},
		{path: "kf/account/add", method: http.MethodPost, handle: addAccount},
		{path: "kf/account/del", method: http.MethodPost, handle: deleteAccount},
		{path: "kf/account/update", method: http.MethodPost, handle: updateAccount},
		{path: "kf/account/list", method: http.MethodPost, lenient: true, handle: listAccounts},
		{path: "kf/add_contact_way", method: http.MethodPost, handle: addContactWay},
		{path: "kf/servicer/add", method: http.MethodPost, handle: addServicers},
		{path: "kf/servicer/del", method: http.MethodPost, handle: deleteServicers},
		{path: "kf/servicer/list", method: http.MethodGet, query: []string{"open_kfid"}, handle: listServicers},
		{path: "kf/sync_msg", method: http.MethodPost, handle: syncMessages},
		{path: "kf/send_msg", method: http.MethodPost, handle: sendMessage},
		{path: "kf/send_msg_on_event", method: http.MethodPost, handle: sendOnEvent},
		{path: "kf/service_state/get", method: http.MethodPost, handle: getServiceState},
		{path: "kf/service_state/trans", method: http.MethodPost, handle: changeServiceState},
		{path: "kf/customer/batchget", method: http.MethodPost, handle: getCustomers},
		{path: "kf/customer/get_upgrade_service_config", method: http.MethodGet, handle: getUpgradeConfig},
		{path: "kf/customer/upgrade_service", method: http.MethodPost, handle: upgradeService},
		{path: "kf/customer/cancel_upgrade_service", method: http.MethodPost, handle: cancelUpgrade},
		{path: "kf/get_corp_statistic", method: http.MethodPost, handle: getCorpStatistic},
		{path: "kf/get_servicer_statistic", method: http.MethodPost, handle: getServicerStatistic},
		{path: "media/upload", method: http.MethodPost, query: []string{"type"}, handle: uploadMedia},
		{path: "media/get", method: http.MethodGet, query: []string{"media_id"}, handle: getMedia},
		{path: "department/list", method: http.MethodGet, query: []string{"id"}, handle: listDepartments},
		{path: "department/simplelist", method: http.MethodGet, query: []string{"id"}, handle: listDepartmentIDs},
		{path: "user/simplelist", method: http.MethodGet, query: []string{"department_id"}, handle: listMembers},
		{path: "user/list", method: http.MethodGet, query: []string{"department_id"}, handle: listUsers},
		{path: "user/get", method: http.MethodGet, query: []string{"userid"}, handle: getUser},
	}
	table := make(map[string]endpoint, len(list))
	for _, e := range list {
		table[e.path] = e
	}
	return table
}

// serveAPI receives one call, lets a scripted fault have it, and answers.
func (s *Sim) serveAPI(w http.ResponseWriter, r *http.Request, name string) {
	defer s.limits.start(name)()
	c := s.receive(r, name)
	f := s.faults.take(name)
	c.journal(f)
	if f != nil {
		s.spoil(w, c, f)
		return
	}
	s.apply(c).send(w)
}

// apply carries the call out and makes its answer.
func (s *Sim) apply(c *call) reply {
	result, err := c.answer()
	if err == nil && c.applied {
		// The world is on disk before anybody is told that it changed.
		if failed := s.save(); failed != nil {
			err = refuse(-1, "%v", failed)
		}
	}
	out := c.render(result, err)
	c.decided(out.code)
	return out
}

// answer runs the checks every call has in common, then the call itself.
func (c *call) answer() (any, error) {
	e, ok := c.sim.endpoints[c.name]
	if !ok {
		c.violate(kindEndpoint, "", "not a call the simulator answers")
		return nil, refuse(48001, "the simulator does not answer %s", c.name)
	}
	if err := c.checkMethod(e); err != nil {
		return nil, err
	}
	if !e.open {
		if err := c.sim.tokens.check(c.query.Get("access_token"), c.sim.now()); err != nil {
			return nil, err
		}
	}
	if err := c.sim.limits.check(c.name, c.sim.now()); err != nil {
		return nil, err
	}
	c.checkQuery(e)
	return e.handle(c)
}

func (c *call) checkMethod(e endpoint) error {
	method := c.request.Method
	if method == e.method {
		return nil
	}
	c.violate(kindMethod, "", method+" where "+e.method+" is needed")
	asGet := e.method == http.MethodGet && (method == http.MethodPost || method == http.MethodHead)
	if asGet || e.lenient && method == http.MethodGet {
		return nil
	}
	return refuse(40058, "%s is needed", e.method)
}

func (c *call) checkQuery(e endpoint) {
	for name, values := range c.query {
		if name == "debug" && len(values) > 0 {
			c.violate(kindField, name, "debug is limited to 5 calls a minute, never for production")
			continue
		}
		if name != "access_token" && !slices.Contains(e.query, name) {
			c.violate(kindField, name, "unknown query parameter")
		}
		if len(values) > 1 {
			c.violate(kindField, name, "query parameter given twice")
		}
	}
	if e.open && c.query.Has("access_token") {
		c.violate(kindField, "access_token", "not a parameter of this call")
	}
}
