package kfsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// FastestPace is the shortest time between two turns of the script.
const FastestPace = 10 * time.Millisecond

const (
	scriptSeed    = 20261108
	scriptAtOnce  = 7    // talks under way at a time
	scriptMaxTurn = 5000 // turns of one call
)

// script has made-up customers and servicers talk, one thing a turn. What it does follows from its seed, as long as nobody else
// has a hand in its talks.
type script struct {
	mu     sync.Mutex // one turn at a time
	talks  []scriptTalk
	seed   uint64
	dice   *rand.Rand
	order  []int // talks still to come in this round
	active []*runningTalk
	begun  int
	turns  int
	pace   time.Duration
	halt   context.CancelFunc
	ended  chan struct{}
}

// scriptNames are the customers who come while the demo runs; those of the talks themselves have been here before.
func scriptNames() []string {
	return []string{
		"半夏微凉天", "不吃香菜", "草莓大福", "春山可望", "大橘为重", "二楼的窗", "风里有花香", "给我一块蛋糕", "海边的房子", "慢慢走的猫", "胡同口", "加冰美式",
		"今晚吃火锅", "鹿角巷尾", "绿豆沙", "米粒儿", "南瓜马车", "跑调大王", "七点半起床", "热牛奶", "三更灯火", "糖炒栗子", "未央湖", "西瓜最中间",
		"一只旧行李箱", "雨后的操场", "月亮邮递员", "早安小巷", "芝麻开花", "转角的灯", "坐看云起", "Luna露娜", "Tony不剪发", "小周不加班",
	}
}

// demoTalks are the talks of the table, read once: their pictures take a while to draw. Nobody changes them.
var demoTalks = sync.OnceValues(func() ([]scriptTalk, error) { return scriptTalks(scriptTable) })

// load reads the talks the first time they are needed.
func (c *script) load() ([]scriptTalk, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.talks != nil {
		return c.talks, nil
	}
	talks, err := demoTalks()
	if err != nil {
		return nil, fmt.Errorf("script: %w", err)
	}
	c.talks = talks
	c.begin(scriptSeed)
	return talks, nil
}

// begin starts the script over with a seed.
func (c *script) begin(seed uint64) {
	c.seed, c.dice = seed, rand.New(rand.NewPCG(seed, 1))
	c.order, c.active, c.begun, c.turns = nil, nil, 0, 0
}

// restart forgets the talks under way, because their world is gone.
func (c *script) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begin(cmp.Or(c.seed, scriptSeed))
}

// scriptTurn lets one thing happen.
func (s *Sim) scriptTurn() {
	c := &s.script
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns++
	if len(c.active) == 0 || len(c.active) < scriptAtOnce && c.dice.IntN(3) == 0 {
		s.beginTalk()
	}
	if len(c.active) == 0 {
		return
	}
	i := c.dice.IntN(len(c.active))
	t := c.active[i]
	err := s.act(func(w *world, now time.Time) error { return t.step(w, c.dice, true, now) })
	if err != nil || t.over() {
		c.active = append(c.active[:i:i], c.active[i+1:]...)
	}
}

// beginTalk takes the next talk of the round whose account is there. A customer who is talking somewhere does not begin another.
func (s *Sim) beginTalk() {
	c := &s.script
	if len(c.order) == 0 {
		c.order = c.dice.Perm(len(c.talks))
	}
	t := c.talks[c.order[0]]
	c.order = c.order[1:]
	names := scriptNames()
	t.name = names[c.begun%len(names)]
	c.begun++
	run := &runningTalk{scriptTalk: t, accountID: demoAccountID(t.account), customer: customerID(t.name)}
	s.mu.RLock()
	a := s.world.accountByID[run.accountID]
	s.mu.RUnlock()
	if a != nil && a.Managed {
		c.active = append(c.active, run)
	}
}

// demoAccountID is the id of an account of the demo, whatever it is called by now.
func demoAccountID(name string) string {
	w := &world{}
	w.seedDemo()
	for _, a := range w.Accounts {
		if a.Name == name {
			return a.ID
		}
	}
	return ""
}

// SetPace has the script take a turn that often, 0 not at all.
func (s *Sim) SetPace(pace time.Duration) error {
	c := &s.script
	c.rest()
	if pace <= 0 {
		return nil
	}
	if _, err := c.load(); err != nil {
		return err
	}
	running, halt := context.WithCancel(context.Background())
	ended := make(chan struct{})
	c.mu.Lock()
	c.halt, c.ended, c.pace = halt, ended, pace
	c.mu.Unlock()
	go func() {
		defer close(ended)
		ticks := time.NewTicker(pace)
		defer ticks.Stop()
		for {
			select {
			case <-running.Done():
				return
			case <-ticks.C:
				s.scriptTurn()
			}
		}
	}()
	return nil
}

// rest stops the script and waits for the turn under way.
func (c *script) rest() {
	c.mu.Lock()
	halt, ended := c.halt, c.ended
	c.halt, c.ended, c.pace = nil, nil, 0
	c.mu.Unlock()
	if halt != nil {
		halt()
		<-ended
	}
}

// scriptView is the script as the control API shows it.
type scriptView struct {
	Pace   string `json:"pace"`
	Seed   uint64 `json:"seed"`
	Talks  int    `json:"talks"`
	Active int    `json:"active"`
	Turns  int    `json:"turns"`
}

func (s *Sim) showScript(*http.Request) (any, error) {
	c := &s.script
	c.mu.Lock()
	defer c.mu.Unlock()
	return scriptView{c.pace.String(), c.seed, len(c.talks), len(c.active), c.turns}, nil
}

// setScript sets the pace; a seed starts over, and turns are taken at once.
func (s *Sim) setScript(r *http.Request) (any, error) {
	var body struct {
		Pace  *string `json:"pace"`
		Seed  *uint64 `json:"seed"`
		Turns int     `json:"turns"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Turns < 0 || body.Turns > scriptMaxTurn {
		return nil, fmt.Errorf("turns: 0 to %d", scriptMaxTurn)
	}
	var pace time.Duration
	if body.Pace != nil {
		var err error
		if pace, err = time.ParseDuration(*body.Pace); err != nil || pace < 0 || pace > 0 && pace < FastestPace {
			return nil, errors.New(`pace: a duration such as "20s", at least "10ms", or "0"`)
		}
	}
	if _, err := s.script.load(); err != nil {
		return nil, err
	}
	if body.Seed != nil {
		s.script.mu.Lock()
		s.script.begin(*body.Seed)
		s.script.mu.Unlock()
	}
	for range body.Turns {
		s.scriptTurn()
	}
	if body.Pace != nil {
		if err := s.SetPace(pace); err != nil {
			return nil, err
		}
	}
	return s.showScript(r)
}
