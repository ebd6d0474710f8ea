package kf_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"kfconsole/internal/kf"
)

// limitCase is a call just within a limit, or just beyond it; field is empty for
// the former.
type limitCase struct {
	name  string
	call  func(context.Context, *kf.Client) error
	field string
	rule  string
	limit int
}

func TestLimits(t *testing.T) {
	for _, cases := range [][]limitCase{accountLimits(), linkLimits(), pageLimits(), servicerLimits(), uploadLimits(), fileLimits(), conversationLimits(), readLimits(), statisticLimits()} {
		for _, test := range cases {
			t.Run(test.name, func(t *testing.T) {
				w := newWire(t, text(`{"errcode":0,"open_kfid":"wk1","url":"https://work.weixin.qq.com/kf/1","media_id":"m1"}`))
				err := test.call(t.Context(), w.client(t, kf.Options{}))
				if test.field == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				wantArgument(t, err, kf.ArgumentError{Field: test.field, Rule: test.rule, Limit: test.limit})
				if n := len(w.requests); n > 0 {
					t.Errorf("%d requests for arguments that cannot be right", n)
				}
			})
		}
	}
}

func accountLimits() []limitCase {
	add := func(name, media string) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.AddAccount(ctx, kf.NewAccount{Name: name, MediaID: kf.MediaID(media)})
			return err
		}
	}
	update := func(id string, change kf.AccountChange) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error { return c.UpdateAccount(ctx, kf.AccountID(id), change) }
	}
	long := strings.Repeat
	return []limitCase{
		{"name of 16", add(long("客", 16), "m1"), "", "", 0},
		{"name of 17", add(long("客", 17), "m1"), "name", kf.RuleMaxChars, 16},
		{"no name", add("", "m1"), "name", kf.RuleRequired, 0},
		{"blank name", add(" \t", "m1"), "name", kf.RuleRequired, 0},
		{"name with a line break", add("a\nb", "m1"), "name", kf.RuleCharacters, 0},
		{"name with U+2028", add("a\u2028b", "m1"), "name", kf.RuleCharacters, 0},
		{"name not UTF-8", add("a\xff", "m1"), "name", kf.RuleCharacters, 0},
		{"media_id of 128", add("a", long("m", 128)), "", "", 0},
		{"media_id of 129", add("a", long("m", 129)), "media_id", kf.RuleMaxBytes, 128},
		{"no media_id", add("a", ""), "media_id", kf.RuleRequired, 0},
		{"change of nothing", update("wk1", kf.AccountChange{}), "name", kf.RuleRequired, 0},
		{"change to no name", update("wk1", kf.AccountChange{Name: ptr("")}), "name", kf.RuleRequired, 0},
		{"change to no picture", update("wk1", kf.AccountChange{MediaID: ptr(kf.MediaID(""))}), "media_id", kf.RuleRequired, 0},
		{"open_kfid of 64", update(long("w", 64), kf.AccountChange{Name: ptr("a")}), "", "", 0},
		{"open_kfid of 65", update(long("w", 65), kf.AccountChange{Name: ptr("a")}), "open_kfid", kf.RuleMaxBytes, 64},
	}
}

func linkLimits() []limitCase {
	link := func(id, scene string) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.AddContactWay(ctx, kf.AccountID(id), scene)
			return err
		}
	}
	long := strings.Repeat
	return []limitCase{
		{"no open_kfid", link("", ""), "open_kfid", kf.RuleRequired, 0},
		{"scene of 32", link("wk1", long("a", 30)+"_-"), "", "", 0},
		{"scene of 33", link("wk1", long("a", 33)), "scene", kf.RuleMaxBytes, 32},
		{"scene in Chinese", link("wk1", "门店"), "scene", kf.RuleCharacters, 0},
		{"scene with a space", link("wk1", "a b"), "scene", kf.RuleCharacters, 0},
		{"scene with a line break", link("wk1", "a\n"), "scene", kf.RuleCharacters, 0},
	}
}

func pageLimits() []limitCase {
	page := func(offset, limit int) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.ListAccounts(ctx, offset, limit)
			return err
		}
	}
	return []limitCase{
		{"page of 100", page(0, 100), "", "", 0},
		{"page of 101", page(0, 101), "limit", kf.RuleRange, 100},
		{"page of 0", page(0, 0), "limit", kf.RuleRange, 100},
		{"negative offset", page(-1, 1), "offset", kf.RuleRange, 0},
		{"offset beyond 32 bits", page(1<<32, 1), "offset", kf.RuleRange, 0},
	}
}

func servicerLimits() []limitCase {
	var cases []limitCase
	change := func(name string, s kf.Servicers, field, rule string, limit int) {
		cases = append(cases,
			limitCase{"add " + name, func(ctx context.Context, c *kf.Client) error {
				_, err := c.AddServicers(ctx, "wk1", s)
				return err
			}, field, rule, limit},
			limitCase{"remove " + name, func(ctx context.Context, c *kf.Client) error {
				_, err := c.DeleteServicers(ctx, "wk1", s)
				return err
			}, field, rule, limit})
	}
	users := func(ids ...kf.UserID) kf.Servicers { return kf.Servicers{UserIDs: ids} }
	change("100 and 20 servicers", people(100, 20), "", "", 0)
	change("101 members", people(101, 0), "userid_list", kf.RuleMaxItems, 100)
	change("21 departments", people(0, 21), "department_id_list", kf.RuleMaxItems, 20)
	change("nobody", kf.Servicers{}, "userid_list", kf.RuleRequired, 0)
	change("a userid of 65", users(kf.UserID(strings.Repeat("u", 65))), "userid", kf.RuleMaxBytes, 64)
	change("an empty userid", users("a", ""), "userid", kf.RuleRequired, 0)
	change("department 0", kf.Servicers{Departments: []kf.DepartmentID{0}}, "department_id", kf.RuleRange, 0)
	return cases
}

func uploadLimits() []limitCase {
	upload := func(name string, data []byte) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.UploadImage(ctx, name, data)
			return err
		}
	}
	png := func(n int) []byte { return append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, n-8)...) }
	return []limitCase{
		{"image of 2 MB", upload("a.png", png(2<<20)), "", "", 0},
		{"image beyond 2 MB", upload("a.png", png(2<<20+1)), "media", kf.RuleMaxBytes, 2 << 20},
		{"image of 5 bytes", upload("a.jpg", []byte("\xff\xd8\xff\xe0\x00")), "media", kf.RuleMinBytes, 6},
		{"image of 6 bytes", upload("a.jpg", []byte("\xff\xd8\xff\xe0\x00\x00")), "", "", 0},
		{"image that is a GIF", upload("a.png", []byte("GIF89a...")), "media", kf.RuleFileFormat, 0},
		{"image without a name", upload("", png(9)), "filename", kf.RuleRequired, 0},
		{"two-line file name", upload("a\r\nX: y", png(9)), "filename", kf.RuleCharacters, 0},
	}
}

func wantArgument(t *testing.T, err error, want kf.ArgumentError) {
	t.Helper()
	var got *kf.ArgumentError
	if !errors.As(err, &got) {
		t.Fatalf("%v is no *kf.ArgumentError", err)
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	if c := kf.CertaintyOf(err); c != kf.NotSent {
		t.Errorf("certainty %v", c)
	}
}

func TestLimitsOfReads(t *testing.T) {
	c := newClient(t, kf.Options{BaseURL: "http://kf.invalid"})
	_, err := c.ListServicers(t.Context(), "")
	wantArgument(t, err, kf.ArgumentError{Field: "open_kfid", Rule: kf.RuleRequired})
	wantArgument(t, c.DeleteAccount(t.Context(), "wk\x00"), kf.ArgumentError{Field: "open_kfid", Rule: kf.RuleCharacters})
	_, err = c.DepartmentMembers(t.Context(), -1)
	wantArgument(t, err, kf.ArgumentError{Field: "department_id", Rule: kf.RuleRange})
	_, err = c.DepartmentUsers(t.Context(), 0)
	wantArgument(t, err, kf.ArgumentError{Field: "department_id", Rule: kf.RuleRange})
	_, err = c.User(t.Context(), "")
	wantArgument(t, err, kf.ArgumentError{Field: "userid", Rule: kf.RuleRequired})
	_, err = c.GetMedia(t.Context(), "", 1)
	wantArgument(t, err, kf.ArgumentError{Field: "media_id", Rule: kf.RuleRequired})
	_, err = c.GetMedia(t.Context(), "m1", 0)
	wantArgument(t, err, kf.ArgumentError{Field: "limit", Rule: kf.RuleRange})
}

// people makes servicers that all differ.
func people(users, departments int) kf.Servicers {
	var s kf.Servicers
	for i := range users {
		s.UserIDs = append(s.UserIDs, kf.UserID("u"+strings.Repeat("x", i%50)+string(rune('a'+i/50))))
	}
	for i := range departments {
		s.Departments = append(s.Departments, kf.DepartmentID(i+1))
	}
	return s
}

func TestChunks(t *testing.T) {
	for _, test := range []struct {
		users, departments, want int
	}{
		{0, 0, 0}, {1, 0, 1}, {0, 1, 1}, {100, 20, 1}, {101, 20, 2}, {100, 21, 2}, {0, 41, 3}, {250, 1, 3}, {2000, 20, 20},
	} {
		all := people(test.users, test.departments)
		var joined kf.Servicers
		chunks := kf.Chunks(all)
		for _, chunk := range chunks {
			if len(chunk.UserIDs) > kf.MaxUsersPerCall || len(chunk.Departments) > kf.MaxDepartments ||
				len(chunk.UserIDs)+len(chunk.Departments) == 0 {
				t.Errorf("chunk of %d and %d", len(chunk.UserIDs), len(chunk.Departments))
			}
			joined.UserIDs = append(joined.UserIDs, chunk.UserIDs...)
			joined.Departments = append(joined.Departments, chunk.Departments...)
		}
		if len(chunks) != test.want || !reflect.DeepEqual(joined, all) {
			t.Errorf("%d and %d: %d chunks, want %d that make up the whole", test.users, test.departments, len(chunks), test.want)
		}
	}
}

// To append to a chunk must not write into the next one.
func TestChunksDoNotOverlap(t *testing.T) {
	chunks := kf.Chunks(people(101, 0))
	next := chunks[1].UserIDs[0]
	_ = append(chunks[0].UserIDs, "other")
	if chunks[1].UserIDs[0] != next {
		t.Error("chunks share their room to grow")
	}
}

func TestServicerResult(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"errmsg":"ok","result_list":[
		{"userid":"A.B","errcode":0,"errmsg":"success"},
		{"userid":"c","errcode":0,"errmsg":"ignored"},
		{"userid":"d","errcode":"60111","errmsg":"userid not found, hint: [17], from ip: 203.0.113.7, more info at https://x"},
		{"department_id":9,"errcode":60003,"errmsg":60003},
		{"tag_id":5,"errcode":0,"errmsg":"success"}]}`))
	results, err := w.client(t, kf.Options{}).AddServicers(t.Context(), "wk1", people(4, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := []kf.ServicerResult{
		{UserID: "A.B", Msg: "success", Endpoint: "kf/servicer/add"},
		{UserID: "c", Msg: "ignored", Endpoint: "kf/servicer/add"},
		{UserID: "d", Code: 60111, Msg: "userid not found", Endpoint: "kf/servicer/add"},
		{Department: 9, Code: 60003, Msg: "60003", Endpoint: "kf/servicer/add"},
	}
	if !reflect.DeepEqual(results, want) {
		t.Fatalf("\n got %+v\nwant %+v", results, want)
	}
	for i, ignored := range []bool{false, true, false, false} {
		if results[i].Ignored() != ignored || (results[i].Err() == nil) != (results[i].Code == 0) {
			t.Errorf("%+v: ignored %v, error %v", results[i], results[i].Ignored(), results[i].Err())
		}
	}
	if got := results[2].Err(); *got != (kf.Error{Endpoint: "kf/servicer/add", Code: 60111, Msg: "userid not found"}) {
		t.Errorf("error %+v", got)
	}
	if !results[0].UserID.Equal("a.b") || results[0].UserID.Equal("a_b") {
		t.Error("userids differ in case only, or not at all")
	}
}
