package kfsim

import (
	"cmp"
	"regexp"
	"time"
)

const maxScene = 32 // bytes

var sceneForm = regexp.MustCompile(`^[0-9A-Za-z_-]*$`)

// link is an address that add_contact_way gave out. WeCom can neither list nor delete them; we list them for the person at the
// controls.
type link struct {
	Account string    `json:"open_kfid"`
	Scene   string    `json:"scene"`
	URL     string    `json:"url"`
	First   time.Time `json:"first_issued"`
	Times   int       `json:"times"`
}

type linkKey struct{ account, scene string }

type linkAnswer struct {
	URL string `json:"url"`
}

// addContactWay answers kf/add_contact_way: always the same address for an account and scene.
func addContactWay(c *call) (any, error) {
	f := c.fields(false)
	id := f.accountID()
	scene, _ := f.text("scene", maxScene)
	if !sceneForm.MatchString(scene) {
		c.violate(kindRange, "scene", "0-9 a-z A-Z _ - only")
		f.fail(refuse(40058, "scene: 0-9a-zA-Z_- only"))
	}
	if err := f.end(); err != nil {
		return nil, err
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	w := c.sim.world
	if _, err := w.account(id); err != nil {
		return nil, err
	}
	l := w.linkBy[linkKey{id, scene}]
	if l == nil {
		l = &link{Account: id, Scene: scene, URL: c.sim.linkURL(id, scene), First: c.sim.now().UTC()}
		w.Links = append(w.Links, l)
		w.linkBy[linkKey{id, scene}] = l
		c.changed(w)
	}
	l.Times++
	return linkAnswer{l.URL}, nil
}

// linkURL derives the address. Only one with a scene takes a scene_param, so only that one has a query. It begins as WeCom's, or
// with the address of the simulator where that is known, so that a browser can open it.
func (s *Sim) linkURL(account, scene string) string {
	url := cmp.Or(s.baseURL, "https://work.weixin.qq.com") + "/kf/" + linkCode(account)
	if scene != "" {
		url += "?enc_scene=" + linkScene(account, scene)
	}
	return url
}

func linkCode(account string) string         { return madeID("kfc", 16, account) }
func linkScene(account, scene string) string { return madeID("ENC", 24, account, scene) }

// linkTarget finds what a link that was given out leads to.
func (s *Sim) linkTarget(code, encScene string) (account, scene string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, l := range s.world.Links {
		if linkCode(l.Account) == code && (l.Scene == "" && encScene == "" || l.Scene != "" && linkScene(l.Account, l.Scene) == encScene) {
			return l.Account, l.Scene, s.world.accountByID[l.Account] != nil
		}
	}
	return "", "", false
}
