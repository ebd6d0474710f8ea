package live

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// randomStory makes the rows of a conversation from bytes: what happens, and how much later, often in the same second.
func randomStory(data []byte) []Fact {
	kinds := []Fact{
		writes, writes, answers, sent, tried, coded, enters, picked, passed, ended, expired, queued, assigned, closed, helped,
		{Kind: FactRefusal, On: true}, {Kind: FactRecalled}, {Kind: FactFailed}, {Kind: FactCoded, Asks: true, Message: "msgmenu"},
		{Kind: FactCustomer, Message: "text", Text: "满意", MenuID: "good"}, {Kind: FactEntered, Scene: "shop"}, {},
	}
	gaps := []time.Duration{0, 0, time.Second, time.Minute, 20 * time.Hour, 48 * time.Hour, 50 * time.Hour}
	s := newStory()
	for len(data) >= 2 && len(s.list) < 40 {
		f := kinds[int(data[0])%len(kinds)]
		s.wait(gaps[int(data[1]>>4)%len(gaps)] - time.Minute)
		if f.Kind == FactRecalled || f.Kind == FactFailed {
			// What is taken back was said before.
			f.Target = fmt.Sprint("m", int(data[1])%(len(s.list)+1))
		}
		s.then(f)
		data = data[2:]
	}
	return s.list
}

// arrive folds rows as they come: on top where they fit, else everything anew, as a page does.
func arrive(rows []Fact, fits func(State, Fact) bool) State {
	blank := newState("c", "wk1", "wm1")
	s := blank
	var there []Fact
	for _, f := range rows {
		if slices.ContainsFunc(there, func(g Fact) bool { return g.ID == f.ID }) {
			continue
		}
		there = append(there, f)
		if fits(s, f) {
			s = Fold(s, f)
			// Nothing but what is stored may be needed for the next row.
			s.asked = false
		} else {
			s = foldAll(blank, there)
			s.asked = false
		}
	}
	return s
}

// shuffled repeats some rows and puts all into another order.
func shuffled(rows []Fact, seed uint64) []Fact {
	r := rand.New(rand.NewPCG(seed, 1))
	list := slices.Clone(rows)
	for _, f := range rows {
		if r.IntN(3) == 0 {
			list = append(list, f)
		}
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func checkOrder(rows []Fact, seed uint64, fits func(State, Fact) bool) error {
	want := foldAll(newState("c", "wk1", "wm1"), rows)
	want.asked = false
	for name, list := range map[string][]Fact{"in order": rows, "shuffled": shuffled(rows, seed)} {
		if got := arrive(list, fits); !reflect.DeepEqual(got, want) {
			return fmt.Errorf("%s:\n%+v, want\n%+v", name, got, want)
		}
	}
	switch s := want; {
	case s.State < 0 || s.State > 4, s.Sent < 0, (s.State == 4) != s.Expires.IsZero(), s.State == 4 && !s.Waiting.IsZero(),
		(s.State == 3) != (s.Servicer != ""), s.Visit.ID == "" && len(s.Past) > 0:
		return fmt.Errorf("impossible: %+v", s)
	}
	return nil
}

// FuzzFold: whatever the order in which rows arrive, and however often, the conversation is the same.
func FuzzFold(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		data := make([]byte, 2+r.IntN(60))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data, r.Uint64())
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if err := checkOrder(randomStory(data), seed, State.fits); err != nil {
			t.Error(err)
		}
	})
}

// TestFoldOrderIsChecked is the negative control: a fold that takes late rows on top is found.
func TestFoldOrderIsChecked(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	found := 0
	for range 300 {
		data := make([]byte, 2+r.IntN(60))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		if checkOrder(randomStory(data), r.Uint64(), func(State, Fact) bool { return true }) != nil {
			found++
		}
	}
	if found < 100 {
		t.Errorf("a fold without order was found in %d of 300 stories only", found)
	}
}
