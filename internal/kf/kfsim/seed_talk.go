package kfsim

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// seedAges says how long ago the last thing happened in a talk that is in a state when the demo starts: from the youngest to the
// oldest. The waiting are young, so that nobody seems forgotten; all are within the 48 hours a session lives.
var seedAges = [5][2]time.Duration{
	stateNew:       {40 * time.Second, 100 * time.Minute},
	stateAssistant: {4 * time.Minute, 9 * time.Hour},
	stateQueue:     {50 * time.Second, 45 * time.Minute},
	stateHuman:     {20 * time.Second, 3 * time.Hour},
	stateEnded:     {50 * time.Minute, 44 * time.Hour},
}

// seedEvent is a step of a talk at its time.
type seedEvent struct {
	at   time.Time
	talk *runningTalk
}

// newWorld is the world of a seed, with talks when they are wanted and the seed has them.
func (s *Sim) newWorld(seed Seed) (*world, error) {
	s.script.restart()
	w := newWorld(seed)
	w.remember(seed, s.base())
	if !s.talks || seed != SeedDemo {
		return w, nil
	}
	talks, err := s.script.load()
	if err == nil {
		err = w.seedTalks(talks, s.base().UTC())
	}
	if err != nil {
		return nil, fmt.Errorf("talks: %w", err)
	}
	return w, nil
}

// announce calls back for the news a new world begins with.
func (s *Sim) announce() {
	s.mu.Lock()
	news := s.world.talk.news
	s.mu.Unlock()
	if len(news.messages) > 0 {
		_ = s.act(func(*world, time.Time) error { return nil }) // tells what is there
	}
}

// seedTalks fills the last two days before now. It leaves one piece of news for each account, so that whoever is called back
// reads them all.
func (w *world) seedTalks(talks []scriptTalk, now time.Time) error {
	dice := rand.New(rand.NewPCG(scriptSeed, 2))
	counts, seen := [5]int{}, [5]int{}
	for _, t := range talks {
		counts[t.state]++
	}
	var events []seedEvent
	for _, t := range talks {
		t.steps = t.until(dice)
		run := &runningTalk{scriptTalk: t, accountID: demoAccountID(t.account), customer: customerID(t.name)}
		part := (float64(seen[t.state]) + .5) / float64(counts[t.state])
		seen[t.state]++
		youngest, oldest := seedAges[t.state][0].Seconds(), seedAges[t.state][1].Seconds()
		at := now.Add(-time.Duration(youngest * math.Pow(oldest/youngest, part) * float64(time.Second)))
		for range len(t.steps) + 1 { // the entry is one more
			events = append(events, seedEvent{at, run})
			at = at.Add(-time.Duration(12+dice.IntN(90)) * time.Second)
		}
	}
	slices.SortStableFunc(events, func(a, b seedEvent) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	for _, e := range events {
		if err := e.talk.step(w, dice, false, e.at); err != nil {
			return fmt.Errorf("%s, step %d: %w", e.talk.name, e.talk.next, err)
		}
	}
	slices.Sort(w.talk.news.messages)
	w.talk.news.messages = slices.Compact(w.talk.news.messages)
	return nil
}

// until cuts the talk where it is in the state it is to start in.
func (t scriptTalk) until(dice *rand.Rand) []scriptStep {
	at := func(kinds ...byte) int {
		if i := slices.IndexFunc(t.steps, func(s scriptStep) bool { return slices.Contains(kinds, s.kind) }); i >= 0 {
			return i
		}
		return len(t.steps)
	}
	end := at('=', 'e', '?')
	switch t.state {
	case stateNew:
		return t.steps[:at('+', 'q', '@')]
	case stateQueue:
		return t.steps[:at('q')+1]
	case stateHuman:
		picked := at('+') + 1
		return t.steps[:picked+1+dice.IntN(max(1, end-picked))]
	case stateEnded:
		return t.steps[:min(end+1, len(t.steps))]
	}
	return t.steps[:end]
}
