package ops

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
	"kfconsole/internal/live"
)

// killEnv makes the test binary a console that changes conversations until it is killed. It holds a victim as JSON.
const killEnv = "KFCONSOLE_TEST_KILL_OPS"

func TestMain(m *testing.M) {
	if order := os.Getenv(killEnv); order != "" {
		if err := changeUntilKilled(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// victim says what the process that is to be killed does.
type victim struct {
	Path, URL     string
	At            time.Time // by its clock
	Actor         auth.Actor
	Conversations []string
	Person        string
	Steps         []string // for each conversation: move, end or send; unwritten is a move that breaks the rule
}

// changeUntilKilled makes the changes one after the other and prints a line before each.
func changeUntilKilled(order string) error {
	var v victim
	if err := json.Unmarshal([]byte(order), &v); err != nil {
		return err
	}
	ctx, now := context.Background(), func() time.Time { return v.At }
	d, err := db.Open(ctx, db.Options{Path: v.Path, Now: now})
	if err != nil {
		return err
	}
	client, err := kf.New(kf.Options{BaseURL: v.URL, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret, Now: now, Timeout: time.Minute})
	if err != nil {
		return err
	}
	o := New(Options{DB: d, KF: client, Now: now, Fold: live.Refold})
	for _, id := range v.Conversations {
		for _, step := range v.Steps {
			fmt.Println(step)
			if err := v.step(ctx, o, id, step); err != nil {
				return fmt.Errorf("%s: %w", step, err)
			}
		}
	}
	return d.Close()
}

func (v victim) step(ctx context.Context, o *Ops, id, step string) error {
	var err error
	switch step {
	case "move":
		_, err = o.MoveConversation(ctx, v.Actor, Move{ConversationID: id, To: 3, ServicerID: v.Person})
	case "end":
		_, err = o.MoveConversation(ctx, v.Actor, Move{ConversationID: id, To: 4})
	case "send":
		_, err = o.SendMessage(ctx, v.Actor, Send{ConversationID: id, Kind: kf.KindText, Text: answered})
	case "unwritten":
		var c db.Conversation
		if c, err = o.db.Conversation(ctx, id); err == nil {
			_, err = o.kf.TransferState(ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID), kf.StateQueue, "")
		}
	}
	return err
}

// kill runs a victim, kills it when ready says so, and opens the database anew. The victim's database is its alone meanwhile.
func (s *talkStage) kill(conversations, steps []string, ready func(lines *bufio.Reader)) {
	s.Helper()
	s.must(s.db.Close())
	order, err := json.Marshal(victim{s.path, s.url, s.clock.now(), s.manager, conversations, s.people[0], steps})
	s.must(err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killEnv+"="+string(order))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	s.must(err)
	s.must(cmd.Start())
	lines := bufio.NewReader(out)
	ready(lines)
	_ = cmd.Process.Kill()
	_, _ = io.Copy(io.Discard, lines)
	_ = cmd.Wait()
	if stderr.Len() > 0 {
		s.Fatalf("the victim: %s", stderr.String())
	}
	s.control("DELETE", "/_sim/faults", nil, nil)
	s.control("POST", "/_sim/release", nil, nil)
	s.until("nothing is held", func() bool {
		var state struct {
			Holding int `json:"holding"`
		}
		s.control("GET", "/_sim/faults", nil, &state)
		return state.Holding == 0
	})
	s.db = s.open(db.Options{})
	s.gate = s.newGate(nil)
	s.ops = s.newOps(s.db, s.kf)
}

// broken lists what WeCom carried out and the audit log does not know, or knows once and WeCom has carried out twice.
func (s *talkStage) broken(list []db.Conversation) (faults []string) {
	s.Helper()
	moves := map[string]int{}
	for _, c := range list {
		entries, _, err := s.db.AuditEntries(s.ctx, db.AuditFilter{TargetID: c.ID}, "", 100)
		s.must(err)
		known := map[string]bool{}
		for _, e := range entries {
			known[e.ID] = true
			if e.Action != MessageSend {
				moves[c.CustomerID]++
			}
		}
		got := s.got(c)
		for _, id := range got {
			if !known[id] {
				faults = append(faults, "a message without an intent: "+id)
			}
		}
		if slices.Sort(got); len(slices.Compact(got)) > sends(entries) || len(got) != len(s.got(c)) {
			faults = append(faults, fmt.Sprintf("%d messages for %d intents", len(got), sends(entries)))
		}
	}
	for _, call := range s.calls("kf/service_state/trans") {
		var body struct {
			Customer string `json:"external_userid"`
		}
		s.must(json.Unmarshal([]byte(call.Body), &body))
		if moves[body.Customer]--; moves[body.Customer] < 0 {
			faults = append(faults, "a move without an intent of its own: "+call.Body)
		}
	}
	return faults
}

func sends(entries []db.Entry) (n int) {
	for _, e := range entries {
		if e.Action == MessageSend {
			n++
		}
	}
	return n
}

// settledLate settles twice: at once, and after the time in which a change may still take effect.
func (s *talkStage) settledLate() {
	s.Helper()
	s.must(s.ops.Settle(s.ctx))
	s.clock.advance(time.Minute)
	s.must(s.ops.Settle(s.ctx))
	open, err := s.db.OpenIntents(s.ctx)
	s.must(err)
	if len(open) != 0 {
		s.Errorf("still open: %+v", open)
	}
}

// sameAsWeCom compares our copy with WeCom.
func (s *talkStage) sameAsWeCom(list []db.Conversation) {
	s.Helper()
	for _, c := range list {
		chat := s.chat(c)
		s.is(c, chat.State, chat.Servicer)
	}
}

// TestKillAtAPause kills a console before its call leaves, after WeCom received it and before WeCom's answer.
func TestKillAtAPause(t *testing.T) {
	endpoints := map[string]string{"move": "kf/service_state/trans", "end": "kf/service_state/trans", "send": "kf/send_msg", "unwritten": "kf/service_state/trans"}
	for pause, f := range map[string]fault{
		"before it is sent":    {Endpoint: "gettoken", Kind: "hang"},
		"after it is received": {Kind: "hang"},
		"before the answer":    {Kind: "hang", When: "after"},
	} {
		for _, step := range []string{"move", "end", "send"} {
			t.Run(step+" "+pause, func(t *testing.T) {
				t.Parallel()
				s := newTalkStage(t)
				c := s.meets()
				f := f
				if f.Endpoint == "" {
					f.Endpoint = endpoints[step]
				}
				s.fault(f)
				s.kill([]string{c.ID}, []string{step}, func(*bufio.Reader) { s.held() })
				open, err := s.db.OpenIntents(s.ctx)
				s.must(err)
				if len(open) != 1 {
					t.Fatalf("%d open changes after the kill", len(open))
				}
				s.settledLate()
				if faults := s.broken([]db.Conversation{c}); len(faults) > 0 {
					t.Error(faults)
				}
				if step != "send" && len(s.calls(endpoints[step])) > 1 {
					t.Error("a blind repetition")
				}
				s.sameAsWeCom([]db.Conversation{c})
			})
		}
	}
}

// TestKillControl: the check above finds a change that was not written down, and one that was repeated blindly.
func TestKillControl(t *testing.T) {
	s := newTalkStage(t)
	c := s.meets()
	s.fault(fault{Endpoint: "kf/service_state/trans", Kind: "hang", When: "after"})
	s.kill([]string{c.ID}, []string{"unwritten"}, func(*bufio.Reader) { s.held() })
	if faults := s.broken([]db.Conversation{c}); len(faults) == 0 {
		t.Error("a move that was not written down is not found")
	}
	s = newTalkStage(t)
	c = s.meets()
	s.fault(fault{Endpoint: "kf/send_msg", Kind: "hang", When: "after"})
	s.kill([]string{c.ID}, []string{"send"}, func(*bufio.Reader) { s.held() })
	_, err := s.kf.SendMsg(s.ctx, kf.AccountID(c.AccountID), kf.CustomerID(c.CustomerID), kf.MessageID(db.NewID()), kf.Draft{Kind: kf.KindText, Content: kf.Text{Content: answered}})
	s.must(err)
	if faults := s.broken([]db.Conversation{c}); len(faults) == 0 {
		t.Error("a message that was sent again is not found")
	}
}

// TestKillAnywhere kills a console at random moments of many changes. KFCONSOLE_TEST_KILLS asks for more rounds, and
// KFCONSOLE_TEST_SEED repeats one.
func TestKillAnywhere(t *testing.T) {
	seed, rounds := rand.Uint64(), 8
	for name, into := range map[string]func(uint64){"KFCONSOLE_TEST_SEED": func(n uint64) { seed = n }, "KFCONSOLE_TEST_KILLS": func(n uint64) { rounds = int(n) }} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			into(n)
		}
	}
	r := rand.New(rand.NewPCG(seed, 1))
	s := newTalkStage(t)
	left := 0
	for round := range rounds {
		s.clock.advance(time.Minute)
		list, ids := s.crowd(6)
		wait := time.Duration(r.IntN(60_000)) * time.Microsecond
		s.kill(ids, []string{"send", "send", "move", "end"}, func(lines *bufio.Reader) {
			if _, err := lines.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			time.Sleep(wait)
		})
		open, err := s.db.OpenIntents(s.ctx)
		s.must(err)
		left += len(open)
		s.settledLate()
		if faults := s.broken(list); len(faults) > 0 {
			t.Errorf("round %d: %v", round, faults)
		}
		s.sameAsWeCom(list)
		if t.Failed() {
			t.Fatalf("repeat with KFCONSOLE_TEST_SEED=%d", seed)
		}
	}
	t.Logf("%d rounds left %d changes open", rounds, left)
}
