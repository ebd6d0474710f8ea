package kfsim

import (
	"strconv"
	"time"
)

// Scenes of a code.
const (
	sceneWelcome = "welcome"
	sceneQueue   = "queue"
	scenePickup  = "pickup"
	sceneEnding  = "ending"
)

// Lives of a code.
const (
	shortCode = 20 * time.Second // welcome and ending
	longCode  = 48 * time.Hour   // queue and pickup
)

// code is good for one send_msg_on_event.
type code struct {
	Code     string    `json:"code"`
	Account  string    `json:"open_kfid"`
	Customer string    `json:"external_userid"`
	Scene    string    `json:"scene"`
	Run      int       `json:"run"` // of the session, when it was given
	Ends     time.Time `json:"ends"`
	Used     bool      `json:"used"`
}

// issue gives a code for a session as it is now.
func (t *talk) issue(x *session, scene string, now time.Time) *code {
	life := longCode
	if scene == sceneWelcome || scene == sceneEnding {
		life = shortCode
	}
	t.forgetCodes(now)
	c := &code{Account: x.Account, Customer: x.Customer, Scene: scene, Run: x.Run, Ends: now.Add(life)}
	for n := 0; c.Code == "" || t.codeBy[c.Code] != nil; n++ {
		c.Code = madeID("C", 42, "code", x.Account, x.Customer, scene, strconv.FormatInt(now.UnixNano(), 36), strconv.Itoa(x.Run), strconv.Itoa(n))
	}
	t.Codes = append(t.Codes, c)
	t.codeBy[c.Code] = c
	return c
}

// forgetCodes drops the oldest codes when they are over. A code that is looked for then was never given: the answer is the same.
func (t *talk) forgetCodes(now time.Time) {
	for len(t.Codes) > 0 && now.Sub(t.Codes[0].Ends) > longCode {
		delete(t.codeBy, t.Codes[0].Code)
		t.Codes = t.Codes[1:]
	}
}

// replyCode gives the code of queue or servicer the first time a conversation comes there, else nil.
func (t *talk) replyCode(x *session, now time.Time) *code {
	scene := map[int]string{stateQueue: sceneQueue, stateHuman: scenePickup}[x.State]
	if scene == "" || x.Given[x.State] {
		return nil
	}
	x.Given[x.State] = true
	return t.issue(x, scene, now)
}

// welcomeCode gives the code of an entry, if the customer had no welcome and wrote nothing in 48 hours.
func (t *talk) welcomeCode(x *session, now time.Time) *code {
	recent := func(at time.Time) bool { return !at.IsZero() && now.Sub(at) < replyWindow }
	if recent(x.Welcomed) || recent(x.Wrote) || x.State != stateEnded {
		return nil
	}
	return t.issue(x, sceneWelcome, now)
}

// redeem finds what a code is for, and refuses one that is over. It is not used up before the message is known to be good.
func (t *talk) redeem(text string, now time.Time) (*code, *session, error) {
	c := t.codeBy[text]
	if c == nil || c.Used || !now.Before(c.Ends) {
		return nil, nil, refuse(41050, "")
	}
	x := t.session(c.Account, c.Customer)
	if x == nil {
		return nil, nil, refuse(41050, "")
	}
	x.settle(now)
	if c.Scene != sceneWelcome && c.Run != x.Run {
		return nil, nil, refuse(95018, "the session has left the state of the code")
	}
	return c, x, nil
}

// text is the code as an answer has it, empty for none.
func (c *code) text() string {
	if c == nil {
		return ""
	}
	return c.Code
}
