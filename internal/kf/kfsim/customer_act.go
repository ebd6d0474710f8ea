package kfsim

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"
)

const maxSceneParam = 128 // bytes, URL-encoded

var customerIDForm = regexp.MustCompile(`^w[mo][0-9A-Za-z_-]{1,62}$`)

// CustomerCard is who enters. Without an ID it is somebody new.
type CustomerCard struct {
	ID       string        `json:"external_userid"`
	Name     string        `json:"name"`
	Gender   int           `json:"gender"` // 0 unknown, 1 male, 2 female
	UnionID  string        `json:"unionid"`
	Channels *ChannelsCard `json:"channels"`
	// NativeWelcome means that WeCom greets him itself, so there is no welcome_code.
	NativeWelcome bool `json:"native_welcome"`
}

// CustomerEnters opens an account's chat for a customer and returns his external_userid. sceneParam is URL-encoded, as in the
// address, and needs a scene.
func (s *Sim) CustomerEnters(account, scene, sceneParam string, c CustomerCard) (customerID string, err error) {
	if len(scene) > maxScene || !sceneForm.MatchString(scene) {
		return "", fmt.Errorf("scene: at most %d of 0-9a-zA-Z_-", maxScene)
	}
	if _, err := url.QueryUnescape(sceneParam); err != nil || len(sceneParam) > maxSceneParam || scene == "" && sceneParam != "" {
		return "", fmt.Errorf("scene_param: at most %d bytes, URL-encoded, after a scene", maxSceneParam)
	}
	err = s.act(func(w *world, now time.Time) error {
		if _, err := w.account(account); err != nil {
			return err
		}
		who, err := w.guest(c)
		if err != nil {
			return err
		}
		customerID = who.ID
		w.arrive(account, who, &enterContext{scene, sceneParam, c.Channels}, c.NativeWelcome, now)
		return nil
	})
	return customerID, err
}

// guest finds or makes the customer of a card.
func (w *world) guest(c CustomerCard) (*customer, error) {
	t := w.talk
	if c.ID == "" {
		c.ID = w.nextID("wm", 30)
	}
	if !customerIDForm.MatchString(c.ID) {
		return nil, errors.New("external_userid: wm and 1 to 62 of 0-9a-zA-Z_-")
	}
	who := t.customerBy[c.ID]
	if who == nil {
		who = &customer{ID: c.ID, Name: "微信用户"}
		t.Customers = append(t.Customers, who)
		t.customerBy[c.ID] = who
	}
	if c.Name != "" {
		who.Name, who.Gender = c.Name, c.Gender
	}
	if c.UnionID != "" {
		who.UnionID = c.UnionID
	}
	return who, nil
}

// arrive is the entry of a customer.
func (w *world) arrive(account string, who *customer, from *enterContext, greeted bool, now time.Time) {
	t := w.talk
	x := t.open(account, who.ID, now)
	x.settle(now)
	who.Seen, who.Entered, who.Context = now, now, from
	var welcome *code
	if !greeted {
		welcome = t.welcomeCode(x, now)
	}
	pairs := []any{"scene", from.Scene, "scene_param", from.SceneParam, "welcome_code", welcome.text()}
	if from.Channels != nil {
		pairs = append(pairs, "wechat_channels", from.Channels)
	}
	t.event(now, account, who.ID, "enter_session", pairs...)
}

// CustomerSends has a customer write to an account where he has been.
func (s *Sim) CustomerSends(account, customer string, m Content) (msgid string, err error) {
	err = s.act(func(w *world, now time.Time) error {
		msgid, err = w.customerSends(account, customer, m, now)
		return err
	})
	return msgid, err
}

func (w *world) customerSends(account, customer string, m Content, now time.Time) (string, error) {
	x, err := w.met(account, customer, now)
	if err != nil {
		return "", err
	}
	if x.Rejected {
		return "", errors.New("a servicer refuses the messages of this customer")
	}
	said, err := w.speak(x, fromCustomer, "", m, now)
	if err != nil {
		return "", err
	}
	x.written(now)
	w.talk.customerBy[customer].Seen = now
	return said.ID, nil
}

// CustomerRecalls takes a message of the customer back.
func (s *Sim) CustomerRecalls(account, customer, msgid string) error {
	return s.act(func(w *world, now time.Time) error { return w.customerRecalls(account, customer, msgid, now) })
}

func (w *world) customerRecalls(account, customer, msgid string, now time.Time) error {
	x, err := w.met(account, customer, now)
	if err != nil {
		return err
	}
	m, err := x.said(w.talk, msgid)
	if err != nil {
		return err
	}
	if m.Origin != fromCustomer || m.Recalled {
		return errors.New("not a message of the customer, or recalled already")
	}
	m.Recalled = true
	w.talk.event(now, account, customer, "user_recall_msg", "recall_msgid", msgid)
	return nil
}

// CustomerClicksMenu has a customer tap an item of a menu he was sent: he writes its text. The id of that message is returned.
func (s *Sim) CustomerClicksMenu(account, customer, msgid, itemID string) (answer string, err error) {
	err = s.act(func(w *world, now time.Time) error {
		x, err := w.met(account, customer, now)
		if err != nil {
			return err
		}
		m, err := x.said(w.talk, msgid)
		if err != nil {
			return err
		}
		text, err := m.menuItem(itemID)
		if err != nil {
			return err
		}
		answer, err = w.customerSends(account, customer, Content{"text", map[string]any{"content": text, "menu_id": itemID}}, now)
		return err
	})
	return answer, err
}

// CustomerRefuses turns the customer's wish for no more messages on or off. No event tells of it; what is sent to him fails.
func (s *Sim) CustomerRefuses(account, customer string, on bool) error {
	return s.act(func(w *world, now time.Time) error {
		x, err := w.met(account, customer, now)
		if err == nil {
			x.Refuses = on
		}
		return err
	})
}
