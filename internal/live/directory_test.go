package live

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf/kfsim"
)

// crowded is the department that these tests refuse to list. Some of its people are in another one as well.
const crowded = 5

// refuse answers each of the endpoints with its errcode when it is asked about the crowded department.
func (c *corp) refuse(codes map[string]int) {
	c.answer(func(w http.ResponseWriter, r *http.Request) bool {
		code, ok := codes[strings.TrimPrefix(r.URL.Path, "/cgi-bin/")]
		if !ok || r.URL.Query().Get("department_id") != fmt.Sprint(crowded) {
			return false
		}
		_, err := fmt.Fprintf(w, `{"errcode":%d,"errmsg":"refused"}`, code)
		return err == nil
	})
}

// people is the copy by userid.
func (c *corp) people() map[string]db.Person {
	c.t.Helper()
	list, err := c.db.People(c.t.Context(), "", 0, 1000)
	c.must(err)
	byID := map[string]db.Person{}
	for _, p := range list {
		byID[p.UserID] = p
	}
	return byID
}

func TestStatusesArrive(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	c.must(c.mirror.RefreshDirectory(t.Context()))
	c.sameDirectory(c.world())
	seen := map[int]int{}
	for _, p := range c.people() {
		seen[p.Status]++
	}
	if seen[1] == 0 || seen[2] == 0 || seen[4] == 0 || seen[0] > 0 {
		t.Errorf("people by status: %v", seen)
	}
	for id, status := range map[string]int{"li.na": 2, "zhu@yunshan": 1} {
		c.control(http.MethodPost, "person", map[string]any{"userid": id, "status": status}, nil)
	}
	c.pass(time.Minute)
	c.must(c.mirror.RefreshDirectory(t.Context()))
	c.sameDirectory(c.world())
}

// TestDirectoryWithoutStatuses: a department whose members WeCom tells by name only has them all, of unknown status.
func TestDirectoryWithoutStatuses(t *testing.T) {
	for _, code := range []int{45029, 48001, 48002, 48009, 60011} {
		c := newCorp(t, kfsim.SeedDemo)
		c.refuse(map[string]int{"user/list": code})
		c.must(c.mirror.RefreshDirectory(t.Context()))
		c.wantFresh(TopicDirectory, "", 0)
		have, unknown, both := c.people(), 0, 0
		for _, p := range c.world().People {
			if !p.Visible {
				continue
			}
			want := p.Status
			switch in := slices.Contains(p.Departments, crowded); {
			case in && len(p.Departments) == 1:
				want = 0
				unknown++
			case in:
				both++
			}
			if got := have[p.UserID]; got.Name != p.Name || got.Status != want || !slices.Equal(got.Departments, p.Departments) {
				t.Errorf("%d: %+v, want status %d of %+v", code, got, want, p)
			}
		}
		if unknown == 0 || both == 0 {
			t.Errorf("%d people of department %d alone, %d of another as well: too few to tell", unknown, crowded, both)
		}
	}
}

// TestDirectorySkipsWhatItMayNotSee: a department without view right, or that is gone meanwhile, has no members, and that
// is no failure.
func TestDirectorySkipsWhatItMayNotSee(t *testing.T) {
	for _, codes := range []map[string]int{
		{"user/list": 60011, "user/simplelist": 60011}, {"user/list": 60123}, {"user/list": 60003}, {"user/list": 45029, "user/simplelist": 60123},
	} {
		c := newCorp(t, kfsim.SeedDemo)
		c.refuse(codes)
		c.must(c.mirror.RefreshDirectory(t.Context()))
		c.wantFresh(TopicDirectory, "", 0)
		have := c.people()
		for _, p := range c.world().People {
			alone := slices.Equal(p.Departments, []int64{crowded})
			if _, ok := have[p.UserID]; ok != (p.Visible && !alone) {
				t.Errorf("%v: %+v is in the copy: %v", codes, p, ok)
			}
		}
	}
}

// TestDirectoryRefusedForGood: other refusals, and those that listing by name meets as well, change nothing.
func TestDirectoryRefusedForGood(t *testing.T) {
	c := newCorp(t, kfsim.SeedDemo)
	c.must(c.mirror.RefreshDirectory(t.Context()))
	real := c.world()
	for _, refusal := range []struct {
		codes map[string]int
		want  int
	}{
		{map[string]int{"user/list": 60020}, 60020},
		{map[string]int{"user/list": 45009}, 45009},
		{map[string]int{"user/list": 48002, "user/simplelist": 48002}, 48002},
		{map[string]int{"user/list": 45029, "user/simplelist": -1}, -1},
	} {
		c.pass(time.Minute)
		c.refuse(refusal.codes)
		if err := c.mirror.RefreshDirectory(t.Context()); err == nil {
			t.Errorf("%v: no error", refusal.codes)
		}
		c.wantFresh(TopicDirectory, "refused", refusal.want)
		c.sameDirectory(real)
	}
}
