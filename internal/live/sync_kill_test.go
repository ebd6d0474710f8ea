package live

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// killEnv makes the test binary sync until it is killed; its value is a killOrder.
const killEnv = "KFCONSOLE_TEST_KILL_SYNC"

// killOrder says what a killed process is to do.
type killOrder struct {
	Path, API, Listen string
	AtStore           int64 // it kills itself before it stores the page with messages of that number; 0 = it waits to be killed
	CursorFirst       bool  // the planted bug
}

// syncUntilKilled is the process that is killed: the database, the client, the callback and a syncer, as in the program.
func syncUntilKilled() error {
	var o killOrder
	if err := json.Unmarshal([]byte(os.Getenv(killEnv)), &o); err != nil {
		return err
	}
	ctx := context.Background()
	store, err := db.Open(ctx, db.Options{Path: o.Path})
	if err != nil {
		return err
	}
	client, err := kf.New(kf.Options{BaseURL: o.API, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret})
	if err != nil {
		return err
	}
	s := NewSyncer(SyncOptions{DB: store, KF: client, APIURL: o.API, Log: slog.New(slog.DiscardHandler)})
	quicken(s)
	// The clock of the wall is not to be waited for: a lease of the killed process is over at once, an account without
	// a callback is pulled after half a second.
	s.every, s.owner = 500*time.Millisecond, "killed"
	s.fault.cursorFirst = o.CursorFirst
	var stores atomic.Int64
	s.fault.beforeStore = func(_ string, messages int) {
		if messages > 0 && stores.Add(1) == o.AtStore {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return err
	}
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { receive(w, r, s) }))
	}()
	fmt.Println("ready")
	return s.Run(ctx)
}

// killRun is a run of kills while a simulator talks.
type killRun struct {
	t     *testing.T
	sim   *kfsim.Sim
	order killOrder
	dice  *rand.Rand
	kills int
}

func newKillRun(t *testing.T, seed uint64, terms kfsim.Delivery) *killRun {
	t.Helper()
	t.Logf("seed %d", seed)
	k := &killRun{t: t, dice: rand.New(rand.NewPCG(seed, 3))}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k.order = killOrder{Path: filepath.Join(t.TempDir(), "kill.db"), Listen: free.Addr().String()}
	free.Close()
	k.sim, err = kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo, Callback: kfsim.Callback{
		URL: "http://" + k.order.Listen, Token: testToken, AESKey: testAESKey, Pause: 50 * time.Millisecond,
	}})
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(k.sim.Handler())
	t.Cleanup(func() {
		api.CloseClientConnections()
		api.Close()
		k.sim.Close()
	})
	k.order.API = api.URL
	k.sim.SetLimits(kfsim.Limits{SyncWithoutToken: -1, Page: 200, ShortPages: true, EmptyPages: true})
	if err := k.sim.SetDelivery(terms); err != nil {
		t.Fatal(err)
	}
	store, err := db.Open(context.Background(), db.Options{Path: k.order.Path})
	if err != nil {
		t.Fatal(err)
	}
	m := New(Options{DB: store, KF: k.client(), APIURL: api.URL, Log: slog.New(slog.DiscardHandler)})
	if err := errors.Join(m.RefreshAccounts(context.Background()), store.Close()); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *killRun) client() *kf.Client {
	client, err := kf.New(kf.Options{BaseURL: k.order.API, CorpID: kfsim.DemoCorpID, Secret: kfsim.DemoSecret})
	if err != nil {
		k.t.Fatal(err)
	}
	return client
}

// process is one that is to be killed, or that kills itself.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr bytes.Buffer
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	p.dead()
}

// dead waits for the end of the process.
func (p *process) dead() {
	tooLong := time.AfterFunc(60*time.Second, func() { p.cmd.Process.Kill() })
	p.cmd.Wait()
	if !tooLong.Stop() {
		p.t.Error("the process did not kill itself")
	}
	if p.stderr.Len() > 0 {
		p.t.Errorf("the process: %s", p.stderr.String())
	}
}

// start starts the process and waits until it is ready.
func (k *killRun) start(atStore int64) *process {
	k.t.Helper()
	order := k.order
	order.AtStore = atStore
	raw, err := json.Marshal(order)
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	p := &process{t: k.t, cmd: cmd}
	cmd.Env = append(os.Environ(), killEnv+"="+string(raw))
	cmd.Stderr = &p.stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "ready\n" {
		cmd.Process.Kill()
		cmd.Wait()
		k.t.Fatalf("the process says %q, %v: %s", line, err, p.stderr.String())
	}
	k.kills++
	return p
}

// check opens what the killed processes have left and compares it with the truth.
func (k *killRun) check() error {
	store, err := db.Open(context.Background(), db.Options{Path: k.order.Path, ReadOnly: true})
	if err != nil {
		return err
	}
	return errors.Join(compare(store, k.sim.Truth()), store.Close())
}

// run kills a process again and again while the talk goes on: at any moment, and just before a page is stored. Then one
// process may live until everything is there, or for as long as patience lasts.
func (k *killRun) run(plan kfsim.TrafficPlan, kills int, patience time.Duration) error {
	ctx, cancel := context.WithCancel(context.Background())
	talked := make(chan error, 1)
	go func() { talked <- k.sim.TrafficContext(ctx, plan) }()
	defer cancel()
	for range kills {
		atStore := int64(0)
		if k.dice.IntN(2) == 0 {
			atStore = 1 + k.dice.Int64N(12)
		}
		p := k.start(atStore)
		time.Sleep(time.Duration(20+k.dice.IntN(250)) * time.Millisecond)
		p.kill()
	}
	defer k.start(0).kill()
	if err := <-talked; err != nil {
		return err
	}
	err := errors.New("not looked")
	for end := time.Now().Add(patience); err != nil && time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		err = k.check()
	}
	return err
}

// TestKillDuringIngest kills the process while it takes messages in: afterwards every message is there, each once, and
// every conversation is in its state.
func TestKillDuringIngest(t *testing.T) {
	t.Parallel()
	k := newKillRun(t, 42, kfsim.Delivery{Duplicate: 2, Shuffle: true, Seed: 42, Merge: true})
	plan := kfsim.TrafficPlan{Accounts: 20, Customers: 400, Messages: 3000, Seed: 42, Over: 4 * time.Second}
	if err := k.run(plan, 15, 60*time.Second); err != nil {
		t.Errorf("after %d kills: %.2000s", k.kills, err.Error())
	}
}

// TestKillFindsACursorSavedFirst is the negative control: with the cursor on disk before the page, a kill loses messages.
func TestKillFindsACursorSavedFirst(t *testing.T) {
	t.Parallel()
	k := newKillRun(t, 43, kfsim.Delivery{Merge: true})
	k.order.CursorFirst = true
	if err := k.sim.Traffic(kfsim.TrafficPlan{Accounts: 5, Customers: 50, Messages: 500, Seed: 43}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		k.start(1).dead()
	}
	if err := k.run(kfsim.TrafficPlan{Accounts: 5, Customers: 50, Messages: 50, Seed: 44}, 0, 3*time.Second); err == nil {
		t.Error("the planted bug was not found")
	}
}
