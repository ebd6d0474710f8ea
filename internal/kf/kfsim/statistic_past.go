package kfsim

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

// past is what the figures tell of the days before a world began, of which there are no messages. It is the same each time for
// the same seed and day of the beginning.
type past struct {
	Began time.Time `json:"began"`
	Seed  uint64    `json:"seed"`
}

const pastSeed = 20260524

// remember gives the demo its past.
func (w *world) remember(seed Seed, now time.Time) {
	if seed == SeedDemo {
		w.Past = &past{Began: now.UTC(), Seed: pastSeed}
	}
}

// desk is an account of the demo as it was in the past.
type desk struct {
	perDay    float64 // sessions on a middling day
	week      [7]float64
	assistant float64 // share of the sessions that the assistant begins
	handed    float64 // share of those that it hands to people
	hits      float64 // share of messages to WeCom's own assistant that its knowledge base answers
	patience  float64 // seconds until the first answer, on average
	since     int     // days before the beginning the account was opened; 0 is before all figures
	staff     []string
}

// Weeks, from Sunday: shops are busiest at the weekend, while repairs and companies call on workdays.
var (
	shopWeek    = [7]float64{1.15, .97, .91, .92, .94, 1.01, 1.22}
	serviceWeek = [7]float64{.38, 1.34, 1.16, 1.08, 1.04, 1.06, .52}
	officeWeek  = [7]float64{0, 1.26, 1.12, 1.08, 1.04, 0.92, 0.12}
)

// demoDesks are the accounts of the demo by id. The one without servicers never had a customer.
var demoDesks = sync.OnceValue(func() map[string]*desk {
	w := newWorld(SeedDemo)
	byName := map[string]*desk{
		"售前咨询台":  {perDay: 64, week: shopWeek, assistant: .55, handed: .42, patience: 38},
		"订单与付款":  {perDay: 41, week: shopWeek, assistant: .62, handed: .33, patience: 46},
		"物流进度查询": {perDay: 52, week: serviceWeek, assistant: .71, handed: .27, patience: 55},
		"上门安装预约": {perDay: 24, week: serviceWeek, assistant: .30, handed: .64, patience: 92},
		"售后维修中心": {perDay: 33, week: serviceWeek, assistant: .34, handed: .71, patience: 118},
		"退换货服务台": {perDay: 21, week: serviceWeek, assistant: .41, handed: .66, patience: 84},
		"会员与积分":  {perDay: 13, week: shopWeek, assistant: .80, handed: .22, patience: 140},
		"门店到店预约": {perDay: 18, week: shopWeek, assistant: .45, handed: .48, hits: .72, patience: 61},
		"企业采购专线": {perDay: 7, week: officeWeek, patience: 33},
		"软装搭配顾问": {perDay: 10, week: shopWeek, assistant: .38, handed: .58, hits: .55, patience: 150},
		"经销商支持":  {perDay: 5, week: officeWeek, patience: 75, since: 76},
	}
	desks := map[string]*desk{}
	for _, a := range w.Accounts {
		d := byName[a.Name]
		if d == nil {
			continue
		}
		for _, p := range w.People {
			if p.Status == personActive && w.covered(a, p) {
				d.staff = append(d.staff, p.UserID)
			}
		}
		desks[a.ID] = d
	}
	return desks
})

// add counts what the past has of a query.
func (p *past) add(q statisticQuery, days map[int64]*tally) {
	if p == nil {
		return
	}
	d := demoDesks()[q.account]
	if d == nil {
		return
	}
	began := dayOf(p.Began.Unix())
	for day := max(q.from, began-statisticHistory*oneDay); day <= q.to && day < began; day += oneDay {
		before := int((began - day) / oneDay)
		if d.since > 0 && before > d.since {
			continue
		}
		t := d.day(p.Seed, q, day, before)
		if t.sessions == 0 {
			continue
		}
		if days[day] == nil {
			days[day] = &tally{}
		}
		days[day].plus(t)
	}
}

// The story of the past, in days before the beginning.
const (
	outageDay     = 26 // hardly anybody gets through, and the answers are late
	campaignFirst = 63 // a sale, a week long
)

var campaign = []float64{1.5, 2.3, 2.9, 2.5, 1.9, 1.5, 1.2}

// busy is how many sessions a day has, against a middling one: the week, growth by two fifths, the sale, the outage, and chance.
func (d *desk) busy(day int64, before int, dice *rand.Rand) float64 {
	f := d.week[time.Unix(day, 0).In(beijing).Weekday()]
	f *= 1.1 - .4*float64(before)/statisticHistory
	if i := campaignFirst - before; i >= 0 && i < len(campaign) {
		f *= campaign[i]
	}
	if before == outageDay {
		f *= .12
	}
	return f * (.88 + .24*dice.Float64())
}

// day makes up a day of an account, session by session, and counts those of the query. What servicers did adds up to the total.
func (d *desk) day(seed uint64, q statisticQuery, day int64, before int) *tally {
	dice := rand.New(rand.NewPCG(seed, number(q.account, strconv.Itoa(before))))
	sessions := int(math.Round(d.perDay * d.busy(day, before, dice)))
	staff := d.present(day)
	whole := &tally{}
	met := map[string]bool{} // servicers who have had a customer today, and "" for the assistant
	for range sessions {
		who, t := d.session(staff, met, before == outageDay, dice)
		switch {
		case q.corp:
			whole.plus(t)
			whole.messages += t.assistantMessages
		case who != "" && (q.servicer == "" || q.servicer == who):
			whole.plus(t.byPeople())
		}
	}
	return whole
}

// present is who works on a day: each has two days off in seven, and a big account keeps a dozen at work.
func (d *desk) present(day int64) []string {
	const most = 12
	var list []string
	for _, id := range d.staff {
		if (day/oneDay+int64(number(id)%7))%7 >= 2 && len(list) < most {
			list = append(list, id)
		}
	}
	if len(list) == 0 {
		return d.staff
	}
	return list
}

// session makes up one session, and says who of the staff had it, empty when it stayed with the assistant.
func (d *desk) session(staff []string, met map[string]bool, outage bool, dice *rand.Rand) (who string, t *tally) {
	t = &tally{sessions: 1, messages: 1 + int(dice.ExpFloat64()*3)}
	person := staff[min(dice.IntN(len(staff)), dice.IntN(len(staff)))] // the first on the list have the most
	if dice.Float64() < d.assistant {
		t.assisted, t.assistantAsked, t.assistantMessages = 1, 1, 1+int(dice.ExpFloat64()*1.5)
		for range t.assistantMessages {
			if dice.Float64() < d.hits {
				t.known++
			}
		}
		if dice.Float64() >= d.handed {
			person, t.messages = "", 0
		} else {
			t.handed = 1
		}
	}
	if !met[person] || dice.Float64() >= .06 { // now and then somebody comes again
		t.customers, met[person] = 1, true
	}
	if person != "" {
		d.serve(person, t, outage, dice)
	}
	return person, t
}

// serve makes up what a servicer did in a session.
func (d *desk) serve(person string, t *tally, outage bool, dice *rand.Rand) {
	chance := func(p float64) int {
		if dice.Float64() < p {
			return 1
		}
		return 0
	}
	care := float64(number(person)%100) / 100 // people differ
	late, slow := .01+.08*care, d.patience*(.6+.9*care)
	if outage {
		late, slow = .6, slow*7
	}
	t.asked = 1
	if t.replied = 1 - chance(late); t.replied == 1 {
		t.waited = 3 + int(slow*(.4+.6*dice.ExpFloat64()))
	}
	if t.surveys = chance(.7); t.surveys == 1 && chance(.38) == 1 {
		t.rated = 1
		if t.satisfied = chance(.93 - .14*care); t.satisfied == 0 {
			t.middling = chance(.62)
		}
	}
	t.memberInvites, t.groupInvites = chance(.06), chance(.04)
	t.membersAdded, t.groupsJoined = t.memberInvites*chance(.45), t.groupInvites*chance(.4)
	t.upgraded = max(t.membersAdded, t.groupsJoined)
	t.rejected = chance(.0015)
}

// byPeople is the session as get_servicer_statistic counts it, without the assistant.
func (t *tally) byPeople() *tally {
	c := *t
	c.assisted, c.assistantAsked, c.handed, c.assistantMessages, c.known = 0, 0, 0, 0, 0
	return &c
}

// number derives a number from what it is of.
func number(parts ...string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(parts, "|")))
	return h.Sum64()
}
