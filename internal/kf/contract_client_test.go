package kf_test

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kfconsole/internal/kf"
)

// The client does each of its verbs, and sees the effect of each.
func TestContractClientAgainstSimulator(t *testing.T) {
	s := newSim(t)
	c := newClient(t, kf.Options{BaseURL: s.URL})
	t.Run("directory", func(t *testing.T) { contractDirectory(t.Context(), t, c) })
	t.Run("account", func(t *testing.T) { contractAccount(t.Context(), t, c) })
	t.Run("servicers", func(t *testing.T) { contractServicers(t.Context(), t, c, s) })
	t.Run("conversation", func(t *testing.T) { contractConversation(t.Context(), t, c, s) })
	t.Run("drafts", func(t *testing.T) { contractDrafts(t.Context(), t, c, s) })
	t.Run("failures", func(t *testing.T) { contractFailures(t.Context(), t, c, s) })
	t.Run("upgrade", func(t *testing.T) { contractUpgrade(t.Context(), t, c, s) })
	t.Run("token", func(t *testing.T) { contractToken(t, c, s) })
	s.wantNoViolation(t)
	t.Run("refusal", func(t *testing.T) { contractRefusal(t.Context(), t, c) })
}

// someMembers returns a department and its members, of which there are a few.
func someMembers(ctx context.Context, t *testing.T, c *kf.Client) (kf.DepartmentID, []kf.Member) {
	t.Helper()
	departments, err := c.Departments(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range departments {
		members, err := c.DepartmentMembers(ctx, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(members) >= 3 {
			return d.ID, members
		}
	}
	t.Fatalf("no department with members among %v", departments)
	return 0, nil
}

func contractDirectory(ctx context.Context, t *testing.T, c *kf.Client) {
	department, members := someMembers(ctx, t, c)
	user, err := c.User(ctx, members[0].UserID)
	if err != nil {
		t.Fatal(err)
	}
	if user.ID != members[0].UserID || user.Name != members[0].Name || user.Status == 0 || !slices.Contains(user.Departments, department) {
		t.Errorf("user %+v of department %d is not the member %+v", user, department, members[0])
	}
	users, err := c.DepartmentUsers(ctx, department)
	if err != nil || len(users) != len(members) {
		t.Fatalf("%d users of department %d, want %d: %v", len(users), department, len(members), err)
	}
	for i, u := range users {
		if one, err := c.User(ctx, members[i].UserID); err != nil || !reflect.DeepEqual(u, one) {
			t.Errorf("in the list %+v, alone %+v, %v", u, one, err)
		}
	}
}

func contractAccount(ctx context.Context, t *testing.T, c *kf.Client) {
	media, err := c.UploadImage(ctx, "云杉.png", picture())
	if err != nil {
		t.Fatal(err)
	}
	file, err := fetched(c.GetMedia(ctx, media, kf.MaxImageBytes))
	if err != nil || file.Body != string(picture()) || file.ContentType != "image/png" || file.Filename == "" {
		t.Errorf("media %+v, %v", file, err)
	}
	id, err := c.AddAccount(ctx, kf.NewAccount{Name: "试用 <A&B>", MediaID: media})
	if err != nil {
		t.Fatal(err)
	}
	if a := findAccount(ctx, t, c, id); a == nil || a.Name != "试用 <A&B>" || a.Avatar == "" || a.ManagePrivilege == nil || !*a.ManagePrivilege {
		t.Errorf("after add: %+v", a)
	}
	if err := c.UpdateAccount(ctx, id, kf.AccountChange{Name: ptr("改名")}); err != nil {
		t.Fatal(err)
	}
	if a := findAccount(ctx, t, c, id); a == nil || a.Name != "改名" {
		t.Errorf("after update: %+v", a)
	}
	link, err := c.AddContactWay(ctx, id, "shop_door-2")
	if err != nil || !strings.Contains(link, "enc_scene=") {
		t.Errorf("link %q, %v", link, err)
	}
	if err := c.DeleteAccount(ctx, id); err != nil {
		t.Fatal(err)
	}
	if a := findAccount(ctx, t, c, id); a != nil {
		t.Errorf("after delete: %+v", a)
	}
}

func findAccount(ctx context.Context, t *testing.T, c *kf.Client, id kf.AccountID) *kf.Account {
	t.Helper()
	for a, err := range c.Accounts(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if a.ID == id {
			return &a
		}
	}
	return nil
}

func contractServicers(ctx context.Context, t *testing.T, c *kf.Client, s *sim) {
	department, members := someMembers(ctx, t, c)
	media, err := c.UploadImage(ctx, "a.png", picture())
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.AddAccount(ctx, kf.NewAccount{Name: "接待试用", MediaID: media})
	if err != nil {
		t.Fatal(err)
	}
	first, second := members[0].UserID, members[1].UserID
	all := kf.Servicers{UserIDs: []kf.UserID{first, second}, Departments: []kf.DepartmentID{department}}
	wantResults(t, "add", 3, 0)(c.AddServicers(ctx, id, all))
	wantResults(t, "add again", 3, 3)(c.AddServicers(ctx, id, all))
	s.stop(t, id, second)

	list, err := c.ListServicers(ctx, id)
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, row := range list {
		switch {
		case row.Department == department && row.UserID == "" && row.Status == nil:
		case row.UserID.Equal(first) && row.Status != nil && *row.Status == kf.StatusServing:
		case row.UserID.Equal(second) && row.Status != nil && *row.Status == kf.StatusStopped && row.StopType != nil && *row.StopType == 1:
		default:
			t.Errorf("row %+v", row)
		}
	}
	wantResults(t, "remove", 3, 0)(c.DeleteServicers(ctx, id, all))
	wantResults(t, "remove again", 3, 3)(c.DeleteServicers(ctx, id, all))

	results, err := c.AddServicers(ctx, id, kf.Servicers{UserIDs: []kf.UserID{first, "nobody.at.all"}})
	if err != nil || len(results) != 2 || results[0].Err() != nil || results[1].Err() == nil {
		t.Errorf("one of two refused: %+v, %v", results, err)
	}
}

func wantResults(t *testing.T, what string, n, ignored int) func([]kf.ServicerResult, error) {
	return func(results []kf.ServicerResult, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for _, r := range results {
			if r.Err() != nil {
				t.Errorf("%s: %+v", what, r)
			}
			if r.Ignored() {
				ignored--
			}
		}
		if len(results) != n || ignored != 0 {
			t.Errorf("%s: %+v", what, results)
		}
	}
}

func contractToken(t *testing.T, c *kf.Client, s *sim) {
	for _, code := range []string{"42001", "40014"} {
		s.do(t, http.MethodPost, "/_sim/expire_token", "application/json", []byte(`{"code":`+code+`}`))
		if _, err := c.ListAccounts(t.Context(), 0, 1); err != nil {
			t.Errorf("after %s: %v", code, err)
		}
	}
}

func contractRefusal(ctx context.Context, t *testing.T, c *kf.Client) {
	err := c.DeleteAccount(ctx, "wkNoSuchAccount00000000000000001")
	if !isCode(95004)(err) && !isCode(95000)(err) {
		t.Errorf("an account that is not there: %v", err)
	}
	if got := kf.CertaintyOf(err); got != kf.Refused {
		t.Errorf("certainty %v", got)
	}
	wantNoLeak(t, err)
}
