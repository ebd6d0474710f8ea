package kfsim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// Limits of a plan. They keep a slip of the finger from filling the memory.
const (
	maxTraffic      = 2_000_000
	trafficBatch    = 50 // messages between two looks at the clock and at who wants it to stop
	trafficPerStaff = 4  // servicers of an account made for a plan
)

// TrafficPlan is talk made in bulk: entries, texts, pictures, menus, servicers who pick, answer, transfer, end and open again, and
// recalls. The same plan on the same world makes the same talk. Nothing in it needs a call of the API, so whoever reads sync_msg
// knows every state.
type TrafficPlan struct {
	Accounts  int           // managed ones with somebody on duty; missing ones are made
	Customers int           // all accounts together
	Messages  int           // entries of msg_list to make, events counted
	Seed      int64         //
	Over      time.Duration // spread over so much real time; 0 is as fast as it goes
}

func (p TrafficPlan) check() error {
	if p.Accounts < 1 || p.Accounts > maxAccounts || p.Customers < p.Accounts || p.Messages < 1 || p.Messages > maxTraffic || p.Customers > maxTraffic || p.Over < 0 {
		return fmt.Errorf("1 to %d accounts, at least as many customers, 1 to %d messages", maxAccounts, maxTraffic)
	}
	return nil
}

// Traffic makes the talk of a plan and returns when it is made.
func (s *Sim) Traffic(p TrafficPlan) error { return s.TrafficContext(context.Background(), p) }

// TrafficContext is Traffic that can be stopped.
func (s *Sim) TrafficContext(ctx context.Context, p TrafficPlan) error {
	if err := p.check(); err != nil {
		return err
	}
	t := &traffic{dice: rand.New(rand.NewPCG(uint64(p.Seed), 0x74726166)), left: p.Messages}
	if _, err := s.alter(func(w *world) (any, error) { return nil, t.prepare(w, p) }); err != nil {
		return err
	}
	var tick *time.Ticker
	if p.Over > 0 {
		tick = time.NewTicker(max(time.Microsecond, p.Over*trafficBatch/time.Duration(p.Messages)))
		defer tick.Stop()
	}
	for t.left > 0 {
		if err := s.act(t.batch); err != nil {
			return err
		}
		if tick != nil {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped with %d messages to go: %w", t.left, err)
		}
	}
	return nil
}

// traffic is a plan under way.
type traffic struct {
	dice  *rand.Rand
	left  int
	talks []trafficTalk

	pictures [8][]byte
}

// trafficTalk is one customer with one account.
type trafficTalk struct {
	account  string
	customer CustomerCard
	staff    []string
	own      []string // messages of the customer that were not recalled
	theirs   []string // the same for servicers
}

// prepare finds accounts and staff, and makes what is missing.
func (t *traffic) prepare(w *world, p TrafficPlan) error {
	type place struct {
		account string
		staff   []string
	}
	var places []place
	for _, a := range w.Accounts {
		if staff := w.working(a); a.Managed && len(staff) > 0 && len(places) < p.Accounts {
			places = append(places, place{a.ID, staff})
		}
	}
	for i := range t.pictures {
		t.pictures[i] = drawAvatar(i, i)
	}
	var people []string
	for _, one := range w.People {
		if one.Status == personActive && w.visible(one) && len(people) < trafficPerStaff {
			people = append(people, one.UserID)
		}
	}
	for n := len(places) + 1; len(places) < p.Accounts; n++ {
		if len(people) == 0 {
			return errors.New("nobody in this world can serve")
		}
		if len(w.Accounts) >= maxAccounts {
			return refuse(95005, "at most %d", maxAccounts)
		}
		a := &account{ID: w.nextID("wk", 30), Name: fmt.Sprintf("临时客服%02d", n), Picture: drawnPicture(w.Made)}
		for _, id := range people {
			a.Servicers = append(a.Servicers, on(id))
		}
		w.addAccount(a)
		w.assign(a, true)
		places = append(places, place{a.ID, people})
	}
	for i := range p.Customers {
		where := places[i%len(places)]
		card := CustomerCard{ID: madeID("wm", 30, "traffic", strconv.FormatInt(p.Seed, 10), strconv.Itoa(i)), Name: fmt.Sprintf("访客%05d", i+1), Gender: i % 3}
		t.talks = append(t.talks, trafficTalk{account: where.account, customer: card, staff: where.staff})
	}
	return nil
}

// working lists the people who have a row of their own and are on duty.
func (w *world) working(a *account) []string {
	var list []string
	for _, row := range a.Servicers {
		if p := w.person(row.UserID); row.UserID != "" && row.Status == serving && p != nil && p.Status == personActive {
			list = append(list, p.UserID)
		}
	}
	return list
}

// batch makes some messages while the world is locked.
func (t *traffic) batch(w *world, now time.Time) error {
	stop := max(0, t.left-trafficBatch)
	for t.left > stop {
		one := &t.talks[t.dice.IntN(len(t.talks))]
		before := len(w.talk.news.messages)
		if err := t.step(w, one, now); err != nil {
			return fmt.Errorf("traffic: %w", err)
		}
		t.left -= len(w.talk.news.messages) - before
	}
	return nil
}

// step lets something happen in a talk that fits its state, one message or event at a time.
func (t *traffic) step(w *world, one *trafficTalk, now time.Time) error {
	x := w.talk.session(one.account, one.customer.ID)
	if x == nil {
		return t.enter(w, one, now)
	}
	x.settle(now)
	chance := t.dice.IntN(100)
	staff := one.staff[t.dice.IntN(len(one.staff))]
	switch {
	case chance < 3:
		return t.enter(w, one, now)
	case chance < 5 && len(one.own) > 0:
		return t.recall(w, one, x, now)
	case x.State == stateHuman && chance < 45:
		id, err := w.servicerSends(one.account, one.customer.ID, x.Servicer, t.content(), now)
		one.theirs = append(one.theirs, id)
		return err
	case x.State == stateHuman && chance < 50 && staff != x.Servicer:
		return w.transfers(one.account, one.customer.ID, x.Servicer, staff, now)
	case x.State == stateHuman && chance < 58:
		return w.ends(one.account, one.customer.ID, x.Servicer, now)
	case x.State == stateEnded && chance < 20 && len(x.Past) > 0 && !x.Expired:
		return w.reopens(x, w.person(x.Past[len(x.Past)-1]), now)
	case (x.State == stateNew || x.State == stateAssistant) && chance < 40:
		// An account can be set to send everybody to the pool; that he was there is told by the event of the pick.
		x.enter(stateQueue, "", now)
		return w.picks(one.account, one.customer.ID, staff, now)
	}
	id, err := w.customerSends(one.account, one.customer.ID, t.content(), now)
	one.own = append(one.own, id)
	return err
}

func (t *traffic) enter(w *world, one *trafficTalk, now time.Time) error {
	who, err := w.guest(one.customer)
	if err != nil {
		return err
	}
	from := &enterContext{}
	if n := t.dice.IntN(4); n > 0 {
		from.Scene = "scene_" + strconv.Itoa(n)
	}
	w.arrive(one.account, who, from, false, now)
	return nil
}

// recall takes a message back, of the servicer if there is one.
func (t *traffic) recall(w *world, one *trafficTalk, x *session, now time.Time) error {
	if n := len(one.theirs); n > 0 && t.dice.IntN(2) == 0 {
		m, err := x.said(w.talk, one.theirs[n-1])
		one.theirs = one.theirs[:n-1]
		if err != nil {
			return err
		}
		m.Recalled = true
		w.talk.event(now, x.Account, x.Customer, "servicer_recall_msg", fieldServicerID, m.Servicer, "recall_msgid", m.ID)
		return nil
	}
	i := t.dice.IntN(len(one.own))
	id := one.own[i]
	one.own = append(one.own[:i], one.own[i+1:]...)
	return w.customerRecalls(one.account, one.customer.ID, id, now)
}

// content is something to say.
func (t *traffic) content() Content {
	switch n := t.dice.IntN(100); {
	case n < 8:
		return Content{"image", map[string]any{"filename": "picture" + strconv.Itoa(n) + ".png", "data": t.pictures[n]}}
	case n < 10:
		return Content{"voice", nil}
	case n < 12:
		return Content{"file", nil}
	case n < 14:
		return Content{"location", map[string]any{"latitude": 30.5, "longitude": 114.3, "name": "样板间", "address": "云杉路 1 号"}}
	case n < 16:
		return Content{"link", map[string]any{"title": "商品详情", "desc": "实木餐桌", "url": "https://example.com/p/1", "pic_url": "https://example.com/p/1.png"}}
	default:
		return TextContent(trafficTexts[n%len(trafficTexts)] + " " + strconv.Itoa(t.dice.IntN(1_000_000)))
	}
}

var trafficTexts = []string{
	"请问这款沙发有现货吗", "我的订单什么时候发货", "想退款，怎么操作", "安装师傅几点到", "茶几有一条划痕，可以换吗",
	"好的，谢谢", "这边为您查询一下", "已经帮您登记了", "请问您方便提供订单号吗", "周末可以上门量尺吗", "发票可以开公司抬头吗",
}
