package live

import (
	"fmt"
	"testing"
	"time"

	"kfconsole/internal/db"
)

// story makes facts, a minute apart.
type story struct {
	at   time.Time
	seq  int64
	list []Fact
}

func newStory() *story { return &story{at: time.Date(2026, 10, 18, 9, 0, 0, 0, time.UTC)} }

func (s *story) then(f Fact) *story {
	s.at = s.at.Add(time.Minute)
	s.seq++
	f.At, f.Seq, f.ID = s.at, s.seq, fmt.Sprint("m", s.seq)
	s.list = append(s.list, f)
	return s
}

func (s *story) wait(d time.Duration) *story { s.at = s.at.Add(d); return s }

func (s *story) fold() State { return foldAll(newState("c", "wk1", "wm1"), s.list) }

var (
	writes   = Fact{Kind: FactCustomer, Message: "text", Text: "退款", Origin: 3}
	answers  = Fact{Kind: FactServicer, Message: "text", Text: "好的", Origin: 5}
	sent     = Fact{Kind: FactSent, Message: "text", Text: "您好", Origin: 1}
	tried    = Fact{Kind: FactTried, Message: "text", Text: "?", Origin: 1}
	coded    = Fact{Kind: FactCoded, Message: "text", Text: "欢迎", Origin: 1}
	enters   = Fact{Kind: FactEntered, Scene: "web", SceneParam: "a"}
	picked   = Fact{Kind: FactTaken, Servicer: "li.na"}
	passed   = Fact{Kind: FactTaken, Servicer: "wang"}
	ended    = Fact{Kind: FactEnded}
	expired  = Fact{Kind: FactExpired}
	queued   = Fact{Kind: FactMoved, To: 2}
	assigned = Fact{Kind: FactMoved, To: 3, Servicer: "li.na"}
	closed   = Fact{Kind: FactMoved, To: 4}
	helped   = Fact{Kind: FactMoved, To: 1}
)

// TestTransitions holds every state against everything that can happen to it.
func TestTransitions(t *testing.T) {
	to := [5]func() *story{
		func() *story { return newStory().then(writes) },
		func() *story { return newStory().then(writes).then(helped) },
		func() *story { return newStory().then(writes).then(queued) },
		func() *story { return newStory().then(writes).then(assigned) },
		newStory,
	}
	for _, c := range []struct {
		name string
		fact Fact
		want [5]int
	}{
		{"the customer writes", writes, [5]int{0, 1, 2, 3, 0}},
		{"our message is accepted", sent, [5]int{1, 1, 2, 3, 4}},
		{"our message may be accepted", tried, [5]int{0, 1, 2, 3, 4}},
		{"a coded message", coded, [5]int{0, 1, 2, 3, 4}},
		{"a servicer writes", answers, [5]int{0, 1, 2, 3, 4}},
		{"the customer enters", enters, [5]int{0, 1, 2, 3, 4}},
		{"a servicer picks, transfers or reopens", picked, [5]int{3, 3, 3, 3, 3}},
		{"a servicer ends", ended, [5]int{4, 4, 4, 4, 4}},
		{"moved to the assistant", helped, [5]int{1, 1, 1, 1, 1}},
		{"moved to the queue", queued, [5]int{2, 2, 2, 2, 2}},
		{"moved to a person", assigned, [5]int{3, 3, 3, 3, 3}},
		{"ended by us", closed, [5]int{4, 4, 4, 4, 4}},
		{"refused", Fact{Kind: FactRefusal, On: true}, [5]int{0, 1, 2, 3, 4}},
		{"an expiry that is none", expired, [5]int{0, 1, 2, 3, 4}},
		{"something unknown", Fact{}, [5]int{0, 1, 2, 3, 4}},
	} {
		for from, want := range c.want {
			s := to[from]().then(c.fact).fold()
			if s.State != want {
				t.Errorf("%s in state %d: %d, want %d", c.name, from, s.State, want)
			}
			if (s.State == db.StateEnded) != s.Expires.IsZero() || (s.State == db.StateHuman) != (s.Servicer != "") {
				t.Errorf("%s in state %d: expires %v, servicer %q in state %d", c.name, from, s.Expires, s.Servicer, s.State)
			}
		}
		for from := range 4 {
			if s := to[from]().wait(48 * time.Hour).then(c.fact).fold(); c.fact.Kind == FactExpired && s.State != db.StateEnded {
				t.Errorf("state %d after 48 hours: %d", from, s.State)
			}
		}
	}
}

func TestExpiryIsComputed(t *testing.T) {
	one := newStory().then(writes).then(assigned)
	end := one.list[0].At.Add(48 * time.Hour)
	s := one.fold()
	if !s.Expires.Equal(end) {
		t.Errorf("expires %v, want %v", s.Expires, end)
	}
	// Nobody has noted the end: what comes after it finds it ended all the same, and the same if it was noted.
	bare := newStory().then(writes).then(assigned).wait(50 * time.Hour).then(writes).fold()
	noted := newStory().then(writes).then(assigned)
	noted.list = append(noted.list, Fact{Kind: FactExpired, ID: "x", At: end, Seq: 900})
	noted.wait(50 * time.Hour).then(writes)
	s = noted.fold()
	if s.State != 0 || bare.State != 0 || len(s.Past) != 1 || len(bare.Past) != 1 || s.Past[0] != bare.Past[0] || s.Visit != bare.Visit {
		t.Errorf("after the end:\n%+v\n%+v", s, bare)
	}
	if v := s.Past[0]; v.EndedBy != db.EndedByExpiry || !v.EndedAt.Equal(end) {
		t.Errorf("visit %+v, want one that expired at %v", v, end)
	}
	if s := newStory().then(writes).wait(47 * time.Hour).then(writes).then(expired).fold(); s.State != 0 || s.Waiting.IsZero() {
		t.Errorf("who wrote meanwhile has not expired: %+v", s)
	}
	// A servicer who opens an old conversation again gets another 48 hours.
	s = newStory().then(writes).wait(60 * time.Hour).then(picked).fold()
	if s.State != 3 || !s.Expires.Equal(s.At.Add(48*time.Hour)) {
		t.Errorf("opened again: state %d until %v", s.State, s.Expires)
	}
}

func TestWaiting(t *testing.T) {
	for _, c := range []struct {
		name  string
		story *story
		since int // number of the fact since which the customer waits, 0 = does not
	}{
		{"has never written", newStory().then(enters).then(coded), 0},
		{"wrote twice", newStory().then(enters).then(writes).then(writes), 2},
		{"a welcome is no answer", newStory().then(writes).then(coded), 1},
		{"a servicer answered", newStory().then(writes).then(assigned).then(answers), 0},
		{"wrote after the answer", newStory().then(writes).then(answers).then(writes).then(writes), 3},
		{"we answered", newStory().then(writes).then(sent), 0},
		{"our answer may be lost", newStory().then(writes).then(tried), 1},
		{"our answer was refused", newStory().then(writes).then(Fact{Kind: FactNothing}), 1},
		{"our answer was not delivered", newStory().then(writes).then(sent).then(Fact{Kind: FactFailed, Target: "m2"}), 1},
		{"moved", newStory().then(writes).then(queued).then(picked), 1},
		{"ended", newStory().then(writes).then(ended), 0},
		{"expired", newStory().then(writes).wait(48 * time.Hour).then(expired), 0},
	} {
		s := c.story.fold()
		var want time.Time
		if c.since > 0 {
			want = c.story.list[c.since-1].At
		}
		if !s.Waiting.Equal(want) {
			t.Errorf("%s: waiting since %v, want %v", c.name, s.Waiting, want)
		}
	}
}

func TestQuota(t *testing.T) {
	for _, c := range []struct {
		name  string
		story *story
		sent  int
	}{
		{"nothing", newStory().then(writes), 0},
		{"two and a coded one", newStory().then(writes).then(sent).then(coded).then(sent), 2},
		{"unknown ends count", newStory().then(writes).then(sent).then(tried), 2},
		{"not delivered counts", newStory().then(writes).then(sent).then(Fact{Kind: FactFailed, Target: "m2"}), 1},
		{"the customer gives five back", newStory().then(writes).then(sent).then(sent).then(writes).then(sent), 1},
	} {
		if s := c.story.fold(); s.Sent != c.sent {
			t.Errorf("%s: %d, want %d", c.name, s.Sent, c.sent)
		}
	}
}

func TestVisits(t *testing.T) {
	shop := enters
	shop.Scene = "shop"
	again := Fact{Kind: FactEntered}
	for _, c := range []struct {
		name   string
		story  *story
		scenes []string
	}{
		{"entered and left, twice", newStory().then(enters).then(enters), []string{"web", "web"}},
		{"entered, wrote and looked again", newStory().then(enters).then(writes).then(enters).then(again), []string{"web"}},
		{"brought by another link", newStory().then(enters).then(writes).then(shop), []string{"web", "shop"}},
		{"wrote without entering", newStory().then(writes), []string{""}},
		{"wrote after the end", newStory().then(enters).then(writes).then(ended).then(writes), []string{"web", ""}},
		{"entered after the end", newStory().then(enters).then(writes).then(ended).then(shop).then(writes), []string{"web", "shop"}},
		{"wrote after 48 hours", newStory().then(enters).then(writes).wait(48 * time.Hour).then(writes), []string{"web", ""}},
		{"opened again by a servicer", newStory().then(enters).then(writes).then(ended).then(picked).then(writes), []string{"web"}},
	} {
		s := c.story.fold()
		visits := append(s.Past, s.Visit)
		var scenes []string
		ids := map[string]bool{}
		for i, v := range visits {
			scenes = append(scenes, v.Scene)
			ids[v.ID] = true
			if i < len(visits)-1 && v.EndedAt.IsZero() {
				t.Errorf("%s: visit %d has no end", c.name, i)
			}
		}
		if fmt.Sprint(scenes) != fmt.Sprint(c.scenes) || len(ids) != len(visits) {
			t.Errorf("%s: %q, want %q", c.name, scenes, c.scenes)
		}
	}
	one := newStory().then(enters).then(writes).then(queued).then(picked).then(answers).then(ended)
	v, at := one.fold().Visit, one.list
	want := db.Visit{
		ID: v.ID, ConversationID: "c", AccountID: "wk1", CustomerID: "wm1", Scene: "web", SceneParam: "a",
		EnteredAt: at[0].At, WroteAt: at[1].At, QueuedAt: at[2].At, HumanAt: at[3].At, RepliedAt: at[4].At, EndedAt: at[5].At, EndedBy: db.EndedByServicer,
	}
	if v != want {
		t.Errorf("visit\n%+v, want\n%+v", v, want)
	}
}

func TestRating(t *testing.T) {
	asks := Fact{Kind: FactCoded, Message: "msgmenu", Asks: true}
	taps := Fact{Kind: FactCustomer, Message: "text", Text: "满意", MenuID: "good"}
	s := newStory().then(writes).then(assigned).then(ended).then(asks).then(taps).fold()
	if s.Visit.Rating != "满意" || !s.Waiting.IsZero() || s.State != 0 || len(s.Past) != 0 {
		t.Errorf("rated: %+v", s)
	}
	s = newStory().then(writes).then(ended).then(asks).then(taps).then(writes).fold()
	if len(s.Past) != 1 || s.Past[0].Rating != "满意" || s.Visit.Rating != "" || s.Waiting.IsZero() {
		t.Errorf("wrote after rating: %+v", s)
	}
	s = newStory().then(writes).then(ended).then(taps).fold()
	if s.Visit.Rating != "" || s.Waiting.IsZero() || len(s.Past) != 1 {
		t.Errorf("an old menu is no rating: %+v", s)
	}
}

func TestRecalledIsNotShown(t *testing.T) {
	s := newStory().then(writes).then(Fact{Kind: FactRecalled, Target: "m1"}).fold()
	if s.LastText != "" || s.LastKind != KindRecalled || s.Messages != 1 {
		t.Errorf("%+v", s)
	}
}
