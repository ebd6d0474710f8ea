package live

import (
	"bytes"
	"context"
	"errors"
	"image"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// start runs the mirror until the test ends or the returned function is called.
func (c *corp) start() (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	done := make(chan error, 1)
	go func() { done <- c.mirror.Run(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if stopped {
			return
		}
		stopped = true
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				c.t.Errorf("Run ended with %v", err)
			}
		case <-time.After(30 * time.Second):
			c.t.Error("Run does not end")
		}
	}
	c.t.Cleanup(stop)
	return stop
}

// eventually waits until a condition holds, for as long as a slow machine may need.
func (c *corp) eventually(what string, holds func() bool) {
	c.t.Helper()
	for end := time.Now().Add(60 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("still not: %s", what)
		}
	}
}

func TestRunKeepsTheCopyInStep(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	fast := 20 * time.Millisecond
	c.use(30*time.Second, Every{Accounts: fast, Servicers: 10 * fast, Directory: fast})
	stop := c.start()
	real := c.world()
	c.eventually("all accounts, servicers, people and pictures are there", func() bool {
		list := c.copy()
		for _, a := range list {
			if a.ServicersAt == nil || a.PictureID == "" {
				return false
			}
		}
		departments, err := c.db.Departments(t.Context())
		return err == nil && len(list) == len(real.Accounts) && len(departments) > 0
	})
	c.outside("rename", real.Accounts[0].ID, "新名称", false)
	added := c.outside("add", "", "外部新建", true)
	c.eventually("outside changes have arrived", func() bool {
		list := c.copy()
		return list[real.Accounts[0].ID].Name == "新名称" && list[added].ServicersAt != nil
	})
	stop()
	if err := c.mirror.RefreshAccounts(t.Context()); !errors.Is(err, ErrStopped) {
		t.Errorf("refresh after the end: %v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.most > callsAtOnce {
		t.Errorf("%d calls at once, want at most %d", c.most, callsAtOnce)
	}
}

// TestRunWithoutWeCom starts while WeCom is down: nothing ends, the reason is noted, and the copy fills once it is back.
func TestRunWithoutWeCom(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	fast := 20 * time.Millisecond
	c.use(30*time.Second, Every{Accounts: fast, Servicers: 10 * fast, Directory: fast})
	c.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/cgi-bin/") {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	})
	c.start()
	c.eventually("the failure is noted", func() bool {
		f, err := c.db.Freshness(t.Context(), TopicAccounts)
		return err == nil && f.OKAt == nil && f.Error != ""
	})
	c.answer(nil)
	c.eventually("the copy is full", func() bool { return len(c.copy()) == len(c.world().Accounts) })
	c.eventually("the failure is over", func() bool { return c.freshness(TopicAccounts).Error == "" })
}

// TestRunDoesNotHammer: with 45009 the mirror asks each list once and then leaves WeCom alone for a minute.
func TestRunDoesNotHammer(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	c.must(c.mirror.RefreshAccounts(t.Context()))
	fast := 5 * time.Millisecond
	c.use(30*time.Second, Every{Accounts: fast, Servicers: fast, Directory: fast})
	c.fault(map[string]any{"endpoint": "kf/account/list", "kind": "errcode", "code": 45009, "times": -1})
	c.fault(map[string]any{"endpoint": "kf/servicer/list", "kind": "errcode", "code": 45009, "times": -1})
	c.fault(map[string]any{"endpoint": "department/list", "kind": "errcode", "code": 45009, "times": -1})
	var lists atomic.Int32
	c.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/cgi-bin/") && !strings.HasSuffix(r.URL.Path, "/gettoken") {
			lists.Add(1)
		}
		return false
	})
	stop := c.start()
	c.eventually("each list was refused", func() bool {
		f, err := c.db.Freshness(t.Context(), TopicDirectory)
		return err == nil && f.Errcode == 45009 && c.freshness(TopicAccounts).Errcode == 45009
	})
	// A hundred of the intervals: who goes on asking has asked hundreds of times by then.
	time.Sleep(100 * fast)
	stop()
	if n := lists.Load(); n > 2+callsAtOnce {
		t.Errorf("%d calls although WeCom said 45009 to each", n)
	}
}

func TestPicturesAreTakenOver(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	ctx := t.Context()
	refresh := func() {
		t.Helper()
		c.must(c.mirror.RefreshAccounts(ctx))
		c.must(c.mirror.RefreshPictures(ctx))
	}
	var asked atomic.Int32
	var broken atomic.Value // the account whose picture cannot be had
	broken.Store("none")
	c.answer(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/_sim/avatar/") {
			return false
		}
		asked.Add(1)
		if !strings.HasSuffix(r.URL.Path, broken.Load().(string)) {
			return false
		}
		_, err := w.Write([]byte("<html>busy</html>"))
		return err == nil
	})
	refresh()
	first := c.copy()
	for _, a := range first {
		picture, err := c.db.Picture(ctx, a.PictureID)
		if err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(picture.Data))
		if err != nil || "image/"+format != picture.MIME || config.Width != 192 || config.Height != 192 {
			t.Errorf("%s: %s (%s) %dx%d, %v", a.Name, format, picture.MIME, config.Width, config.Height, err)
		}
	}
	had := asked.Load()
	refresh()
	c.use(30*time.Second, Every{}) // a restart
	refresh()
	if n := asked.Load(); n != had || int(had) != len(first) {
		t.Errorf("%d pictures fetched for %d accounts, then %d more", had, len(first), n-had)
	}

	id := c.world().Accounts[0].ID
	c.outside("picture", id, "", false)
	broken.Store(id)
	refresh()
	refresh()
	if a := c.copy()[id]; a.PictureID != first[id].PictureID || asked.Load() != had+1 {
		t.Errorf("a picture that cannot be fetched: %q instead of %q after %d tries", a.PictureID, first[id].PictureID, asked.Load()-had)
	}
	broken.Store("none")
	c.pass(pictureRetry)
	refresh()
	if a := c.copy()[id]; a.PictureID == first[id].PictureID {
		t.Error("the new picture has not arrived")
	}
}

// TestPictureOfAnOperatorStays: while the mirror reads the old picture from WeCom, an operator chooses a new one.
func TestPictureOfAnOperatorStays(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	ctx := t.Context()
	c.must(c.mirror.RefreshAccounts(ctx))
	id := c.world().Accounts[0].ID
	chosen := db.Picture{ID: db.PictureID([]byte("chosen")), MIME: "image/png", Data: []byte("chosen")}
	c.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/_sim/avatar/"+id) {
			if err := errors.Join(c.db.InsertPicture(ctx, chosen), c.db.SetAccountPicture(ctx, id, chosen.ID)); err != nil {
				t.Error(err)
			}
		}
		return false
	})
	c.must(c.mirror.RefreshPictures(ctx))
	c.must(c.mirror.RefreshAccounts(ctx))
	c.must(c.mirror.RefreshPictures(ctx))
	if a := c.copy()[id]; a.PictureID != chosen.ID {
		t.Errorf("picture %q, want the operator's", a.PictureID)
	}
}

func TestLargeCorp(t *testing.T) {
	t.Parallel()
	c := newCorp(t, kfsim.SeedLarge)
	ctx := t.Context()
	c.must(c.mirror.RefreshAccounts(ctx))
	c.same()
	list := c.world().Accounts
	c.outside("delete", list[0].ID, "", false)
	c.outside("rename", list[4999].ID, "最后一个", false)
	c.pass(time.Minute)
	c.must(c.mirror.RefreshAccounts(ctx))
	c.same()
	changed := 0
	for _, a := range c.copy() {
		if a.Rev != 1 {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d accounts were changed for one that was renamed", changed)
	}
	for _, a := range list[1:101] {
		c.must(c.mirror.RefreshServicers(ctx, a.ID))
	}
}
