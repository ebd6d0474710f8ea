// Package scene shows where customers came from: what a link brought per day, and the
// inbox of scenes that were never created here.
package scene

import (
	"strconv"
	"time"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Brought is what a scene of an account brought in a period.
type Brought struct {
	// Why says why nothing can be counted; "" when it can.
	Why string
	// Periods are the choices of how many days.
	Periods []ui.Choice
	Days    []Day
	Sum     Day
}

// Day is one Beijing day: how many visits there were and how far they came.
type Day struct {
	Date                           string
	Entered, Wrote, Human, Replied int
}

// Row is a scene in the inbox.
type Row struct {
	Scene string
	// Accounts is how many accounts it was seen by.
	Accounts int
	// Name is what an operator called it, "" for not yet.
	Name, Note, By string
	Entered        int
	Last           time.Time
	NameHref       string
}

// Index is the inbox.
type Index struct {
	Rows   []Row
	Empty  ui.EmptyModel
	Reason string
}

// Form names a scene.
type Form struct {
	Action, Cancel string
	Hidden         []ui.Pair
	Scene          string
	Name, Note     string
	Errors         map[string]string
	Trouble        problem.Trouble
}

// Limits of the fields in characters.
const (
	NameLimit = 60
	NoteLimit = 500
)

// step is one bar of the funnel.
type step struct {
	words string
	count int
	// width is the bar's, in thousandths.
	width   string
	percent int
}

func (b Brought) steps(v ui.View) []step {
	t := v.T.Scene
	var list []step
	for _, s := range []step{{words: t.Entered, count: b.Sum.Entered}, {words: t.Wrote, count: b.Sum.Wrote}, {words: t.Replied, count: b.Sum.Replied}, {words: t.Human, count: b.Sum.Human}} {
		if b.Sum.Entered > 0 {
			s.percent = (s.count*100 + b.Sum.Entered/2) / b.Sum.Entered
			s.width = strconv.Itoa(min(s.count*1000/b.Sum.Entered, 1000))
		}
		list = append(list, s)
	}
	return list
}

// bar is one day of the chart: 100 high, the part that wrote in front of all that
// entered.
type bar struct {
	x, width              string
	y, height             string
	wroteY, wroteHeight   string
	title                 string
	enteredAny, anyOfThem bool
}

// chartWidth and chartHeight are the units of the chart's view box.
const (
	chartWidth  = 1000
	chartHeight = 120
)

func (b Brought) bars(v ui.View) []bar {
	most := 1
	for _, d := range b.Days {
		most = max(most, d.Entered)
	}
	slot := chartWidth / max(len(b.Days), 1)
	var list []bar
	for i, d := range b.Days {
		all, wrote := d.Entered*chartHeight/most, min(d.Wrote, d.Entered)*chartHeight/most
		list = append(list, bar{
			x: strconv.Itoa(i*slot + slot/8), width: strconv.Itoa(max(slot*3/4, 1)),
			y: strconv.Itoa(chartHeight - all), height: strconv.Itoa(all),
			wroteY: strconv.Itoa(chartHeight - wrote), wroteHeight: strconv.Itoa(wrote),
			title: d.Date + " " + v.T.Scene.Summary(d.Entered, d.Wrote, d.Human), enteredAny: d.Entered > 0, anyOfThem: d.Wrote > 0,
		})
	}
	return list
}

// first and last are the days at the ends of the chart.
func (b Brought) first() string {
	if len(b.Days) == 0 {
		return ""
	}
	return b.Days[0].Date
}

func (b Brought) last() string {
	if len(b.Days) == 0 {
		return ""
	}
	return b.Days[len(b.Days)-1].Date
}
