package kfsim

import (
	"errors"
	"time"
)

// Kinds of a session_status_change.
const (
	changePicked    = 1
	changeMoved     = 2
	changeEnded     = 3
	changeReopened  = 4
	statusServing   = 1 // as servicer_status_change numbers them, other than servicer/list
	statusStopped   = 2
	rejectOn        = 1
	eventStatus     = "servicer_status_change"
	eventSession    = "session_status_change"
	fieldChange     = "change_type"
	fieldNew        = "new_servicer_userid"
	fieldOld        = "old_servicer_userid"
	fieldCode       = "msg_code"
	fieldServicerID = "servicer_userid"
)

var (
	errNotYours = errors.New("the session is not with this servicer")
	errNoPick   = errors.New("the session is not in the pool")
	errTooLate  = errors.New("the customer has been silent for 48 hours")
)

// ServicerPicks takes a waiting customer from the pool.
func (s *Sim) ServicerPicks(account, customer, userID string) error {
	return s.act(func(w *world, now time.Time) error { return w.picks(account, customer, userID, now) })
}

func (w *world) picks(account, customer, userID string, now time.Time) error {
	x, err := w.met(account, customer, now)
	if err != nil {
		return err
	}
	if x.State != stateQueue {
		return errNoPick
	}
	p, err := w.onDuty(w.accountByID[account], userID)
	if err != nil {
		return err
	}
	x.enter(stateHuman, p.UserID, now)
	given := w.talk.replyCode(x, now)
	w.talk.event(now, account, customer, eventSession, fieldChange, changePicked, fieldNew, p.UserID, fieldCode, given.text())
	return nil
}

// ServicerSends has a servicer write in the WeCom client. In a session that ended, or that he gave away, this opens it again.
func (s *Sim) ServicerSends(account, customer, userID string, m Content) (msgid string, err error) {
	err = s.act(func(w *world, now time.Time) error {
		msgid, err = w.servicerSends(account, customer, userID, m, now)
		return err
	})
	return msgid, err
}

func (w *world) servicerSends(account, customer, userID string, m Content, now time.Time) (string, error) {
	x, err := w.met(account, customer, now)
	if err != nil {
		return "", err
	}
	p, err := w.servesAt(w.accountByID[account], userID)
	if err != nil {
		return "", err
	}
	if x.State != stateHuman || x.Servicer != p.UserID {
		if err := w.reopens(x, p, now); err != nil {
			return "", err
		}
	}
	said, err := w.speak(x, fromServicer, p.UserID, m, now)
	if err != nil {
		return "", err
	}
	return said.ID, nil
}

// ServicerTransfers gives a session to a colleague.
func (s *Sim) ServicerTransfers(account, customer, from, to string) error {
	return s.act(func(w *world, now time.Time) error { return w.transfers(account, customer, from, to, now) })
}

func (w *world) transfers(account, customer, from, to string, now time.Time) error {
	x, err := w.held(account, customer, &from, now)
	if err != nil {
		return err
	}
	p, err := w.onDuty(w.accountByID[account], to)
	if err != nil {
		return err
	}
	if p.UserID == x.Servicer {
		return errors.New("the session is with this servicer already")
	}
	x.enter(stateHuman, p.UserID, now)
	w.talk.event(now, account, customer, eventSession, fieldChange, changeMoved, fieldOld, from, fieldNew, p.UserID)
	return nil
}

// ServicerEnds ends a session.
func (s *Sim) ServicerEnds(account, customer, userID string) error {
	return s.act(func(w *world, now time.Time) error { return w.ends(account, customer, userID, now) })
}

func (w *world) ends(account, customer, userID string, now time.Time) error {
	x, err := w.held(account, customer, &userID, now)
	if err != nil {
		return err
	}
	x.enter(stateEnded, "", now)
	given := w.talk.issue(x, sceneEnding, now)
	w.talk.event(now, account, customer, eventSession, fieldChange, changeEnded, fieldOld, userID, fieldCode, given.text())
	return nil
}

// held finds a session that is with a servicer. An empty userid means whoever has it; it becomes the spelling of the address book.
func (w *world) held(account, customer string, userID *string, now time.Time) (*session, error) {
	x, err := w.met(account, customer, now)
	if err != nil {
		return nil, err
	}
	if p := w.person(*userID); p != nil {
		*userID = p.UserID
	}
	if x.State != stateHuman || *userID != "" && *userID != x.Servicer {
		return nil, errNotYours
	}
	*userID = x.Servicer
	return x, nil
}

// ServicerReopens opens a session again that ended, or that the servicer gave away.
func (s *Sim) ServicerReopens(account, customer, userID string) error {
	return s.act(func(w *world, now time.Time) error {
		x, err := w.met(account, customer, now)
		if err != nil {
			return err
		}
		p, err := w.servesAt(w.accountByID[account], userID)
		if err != nil {
			return err
		}
		return w.reopens(x, p, now)
	})
}

func (w *world) reopens(x *session, p *person, now time.Time) error {
	switch {
	case !now.Before(x.Wrote.Add(replyWindow)):
		return errTooLate
	case !x.has(p.UserID) || x.State != stateEnded && x.State != stateHuman || x.Servicer == p.UserID:
		return errNotYours
	}
	old := x.Servicer
	if old == "" {
		old = x.Past[len(x.Past)-1]
	}
	x.enter(stateHuman, p.UserID, now)
	w.talk.event(now, x.Account, x.Customer, eventSession, fieldChange, changeReopened, fieldOld, old, fieldNew, p.UserID)
	return nil
}

// ServicerRecalls takes a message of a servicer back.
func (s *Sim) ServicerRecalls(account, customer, userID, msgid string) error {
	return s.act(func(w *world, now time.Time) error {
		x, err := w.met(account, customer, now)
		if err != nil {
			return err
		}
		m, err := x.said(w.talk, msgid)
		if err != nil {
			return err
		}
		if p := w.person(userID); m.Origin != fromServicer || m.Recalled || p != nil && p.UserID != m.Servicer {
			return errors.New("not a message of this servicer, or recalled already")
		}
		m.Recalled = true
		w.talk.event(now, account, customer, "servicer_recall_msg", fieldServicerID, m.Servicer, "recall_msgid", msgid)
		return nil
	})
}

// ServicerRejects turns a servicer's refusal of a customer's messages on or off.
func (s *Sim) ServicerRejects(account, customer, userID string, on bool) error {
	return s.act(func(w *world, now time.Time) error {
		x, err := w.met(account, customer, now)
		if err != nil {
			return err
		}
		p, err := w.servesAt(w.accountByID[account], userID)
		if err != nil {
			return err
		}
		if x.Rejected == on {
			return errors.New("so it is already")
		}
		value := 0
		if x.Rejected = on; on {
			value = rejectOn
		}
		w.talk.event(now, account, customer, "reject_customer_msg_switch_change", fieldServicerID, p.UserID, "reject_switch", value)
		return nil
	})
}

// ServicerStatus sets the status of somebody who serves an account: serving, stopped or suspended.
func (s *Sim) ServicerStatus(account, userID, status string) error {
	return s.act(func(w *world, now time.Time) error {
		a, err := w.account(account)
		if err != nil {
			return err
		}
		p, err := w.servesAt(a, userID)
		if err != nil {
			return err
		}
		return w.setDuty(a, p.UserID, status, now)
	})
}

// setDuty sets the status of somebody who serves, in his row or, if he serves through a department, beside the list.
func (w *world) setDuty(a *account, userID, status string, now time.Time) error {
	before := a.duty(userID)
	row := a.byKey[(&servicer{UserID: userID}).key()]
	switch {
	case status != nameServing && status != nameStopped && status != nameSuspended:
		return errors.New("status: serving, stopped or suspended")
	case row != nil:
		row.setStatus(status)
	default:
		if a.Duty == nil {
			a.Duty = map[string]string{}
		}
		a.Duty[(&servicer{UserID: userID}).key()] = status
	}
	w.announceDuty(a, userID, before, now)
	return nil
}

func (s *servicer) setStatus(name string) {
	s.Status, s.StopType = serving, 0
	if name != nameServing {
		s.Status = stopped
	}
	if name == nameSuspended {
		s.StopType = 1
	}
}

// announceDuty tells of a servicer whose status has changed.
func (w *world) announceDuty(a *account, userID, before string, now time.Time) {
	after := a.duty(userID)
	if userID == "" || before == after {
		return
	}
	pairs := []any{fieldServicerID, userID, "status", statusServing}
	if after != nameServing {
		stop := 0
		if after == nameSuspended {
			stop = 1
		}
		pairs = []any{fieldServicerID, userID, "status", statusStopped, "stop_type", stop}
	}
	w.talk.event(now, a.ID, "", eventStatus, pairs...)
}
