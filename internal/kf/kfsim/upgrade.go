package kfsim

import (
	"slices"
	"time"
)

// Types of an upgrade.
const (
	upgradeMember = 1
	upgradeGroup  = 2
)

// upgradeRange is who may be recommended.
type upgradeRange struct {
	Members     []string `json:"members"`
	Departments []int64  `json:"departments"`
	Groups      []string `json:"groups"`
}

// upgrade is a recommendation shown to the servicer.
type upgrade struct {
	Type    int    `json:"type"`
	Target  string `json:"target"` // userid or chat_id
	Wording string `json:"wording,omitempty"`
}

type upgradeConfigAnswer struct {
	Members struct {
		Users       []string `json:"userid_list"`
		Departments []int64  `json:"department_id_list"`
	} `json:"member_range"`
	Groups struct {
		Chats []string `json:"chat_id_list"`
	} `json:"groupchat_range"`
}

// getUpgradeConfig answers kf/customer/get_upgrade_service_config with what the app may see of it.
func getUpgradeConfig(c *call) (any, error) {
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	w := c.sim.world
	var answer upgradeConfigAnswer
	answer.Members.Users, answer.Members.Departments, answer.Groups.Chats = []string{}, []int64{}, []string{}
	for _, id := range w.Upgrade.Members {
		if p := w.person(id); p != nil && w.visible(p) {
			answer.Members.Users = append(answer.Members.Users, p.UserID)
		}
	}
	for _, id := range w.Upgrade.Departments {
		if d := w.departmentBy[id]; d != nil && !d.Hidden {
			answer.Members.Departments = append(answer.Members.Departments, id)
		}
	}
	answer.Groups.Chats = append(answer.Groups.Chats, w.Upgrade.Groups...)
	return answer, nil
}

// upgradeService answers kf/customer/upgrade_service.
func upgradeService(c *call) (any, error) {
	f := c.fields(false)
	account := f.accountID()
	customer := f.needed("external_userid", 0)
	if f.raw["type"] == nil {
		f.missing("type")
	}
	u := &upgrade{Type: f.number("type", upgradeMember, upgradeGroup, upgradeMember)}
	object, field := "member", "userid"
	if u.Type == upgradeGroup {
		object, field = "groupchat", "chat_id"
	}
	f.object(object, func(inner *fields) {
		u.Target = inner.needed(field, 0)
		u.Wording, _ = inner.text("wording", 0)
	})
	if err := f.end(); err != nil {
		return nil, err
	}
	return nil, c.act(func(w *world, now time.Time) error {
		x, err := w.consulted(account, customer, now)
		if err != nil {
			return err
		}
		if !w.recommendable(u) {
			return refuse(95021, "")
		}
		x.Upgrade = u
		return nil
	})
}

// recommendable reports whether the configuration has the target of an upgrade.
func (w *world) recommendable(u *upgrade) bool {
	if u.Type == upgradeGroup {
		return slices.Contains(w.Upgrade.Groups, u.Target)
	}
	p := w.person(u.Target)
	if p == nil || !w.visible(p) {
		return false
	}
	return slices.Contains(w.Upgrade.Members, p.UserID) ||
		slices.ContainsFunc(p.Departments, func(id int64) bool { return slices.Contains(w.Upgrade.Departments, id) })
}

// cancelUpgrade answers kf/customer/cancel_upgrade_service.
func cancelUpgrade(c *call) (any, error) {
	f := c.fields(false)
	account := f.accountID()
	customer := f.needed("external_userid", 0)
	if err := f.end(); err != nil {
		return nil, err
	}
	return nil, c.act(func(w *world, now time.Time) error {
		x, err := w.consulted(account, customer, now)
		if err != nil {
			return err
		}
		x.Upgrade = nil
		return nil
	})
}
