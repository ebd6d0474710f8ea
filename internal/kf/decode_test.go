package kf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kfconsole/internal/kf"
)

// unread are documented fields that the client has no use for.
var unread = map[string][]string{
	"department/list": {"department[].department_leader", "department[].name_en"},
	"user/list":       {"userlist[].gender"},
	"user/get":        {"gender"},
}

// keyPaths adds the paths of all keys in v to paths, as a.b[].c.
func keyPaths(v any, at string, paths map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			path := strings.TrimPrefix(at+"."+key, ".")
			paths[path] = true
			keyPaths(inner, path, paths)
		}
	case []any:
		for _, inner := range v {
			keyPaths(inner, at+"[]", paths)
		}
	}
}

func keysOf(t testing.TB, b []byte) []string {
	t.Helper()
	paths := map[string]bool{}
	keyPaths(decode(t, b), "", paths)
	return slices.Sorted(maps.Keys(paths))
}

// What is decoded and encoded again has the keys of the sample: no field is
// misspelt, none is forgotten and none is made up.
func TestDrift(t *testing.T) {
	for endpoint, answer := range kf.Answers() {
		t.Run(endpoint, func(t *testing.T) {
			b := sample(t, endpoint, "response")
			if err := json.Unmarshal(b, answer); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(answer)
			if err != nil {
				t.Fatal(err)
			}
			got := append(keysOf(t, again), unread[endpoint]...)
			slices.Sort(got)
			if want := keysOf(t, b); !slices.Equal(got, want) {
				t.Errorf("keys\n got %v\nwant %v", got, want)
			}
		})
	}
}

// Fields that are absent, new or null change nothing but themselves.
func TestDecodeTolerance(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"new":{"a":[1]},"account_list":[
		{"open_kfid":"wk1","mood":"fine","name":null},{"open_kfid":"wk2","manage_privilege":null}]}`))
	accounts, err := w.client(t, kf.Options{}).ListAccounts(t.Context(), 0, 100)
	if err != nil || len(accounts) != 2 {
		t.Fatal(accounts, err)
	}
	for _, a := range accounts {
		if a.Name != "" || a.ManagePrivilege != nil {
			t.Errorf("%+v", a)
		}
	}
	for _, body := range []string{okJSON, "\xef\xbb\xbf \n" + okJSON + "\n", `{"errcode":"0"}`, `{"errcode":0,"account_list":null}`} {
		accounts, err := newWire(t, text(body)).client(t, kf.Options{}).ListAccounts(t.Context(), 0, 100)
		if err != nil || len(accounts) != 0 {
			t.Errorf("%q: %v, %v", body, accounts, err)
		}
	}
}

// Success without what the caller needs is none.
func TestDecodeIncomplete(t *testing.T) {
	for _, v := range verbs() {
		if v.want == nil || v.endpoint == "media/get" {
			continue
		}
		for _, body := range []string{
			okJSON,
			`{"errcode":0,"account_list":[{}],"result_list":[{"userid":"a"}],"department":[{}],"userlist":[{}],"servicer_list":[{}],"url":"javascript:alert(1)"}`,
			`{"errcode":0,"account_list":7,"result_list":7,"department":7,"userlist":7,"servicer_list":7,"url":7,"open_kfid":7,"media_id":7,"userid":7}`,
		} {
			got, err := v.call(t.Context(), newWire(t, text(body)).client(t, kf.Options{}))
			var answer *kf.HTTPError
			// Nothing has to be in these answers: there may be no messages, no code, no customer, nobody to recommend and no figures,
			// and a message has the id that it was given.
			allOptional := slices.Contains([]string{"kf/sync_msg", "kf/service_state/trans", "kf/send_msg", "kf/send_msg_on_event",
				"kf/customer/batchget", "kf/customer/get_upgrade_service_config", "kf/get_corp_statistic", "kf/get_servicer_statistic"}, v.endpoint)
			isList := strings.Contains(v.endpoint, "list") || strings.HasPrefix(v.endpoint, "kf/servicer")
			switch {
			case errors.As(err, &answer) && answer.Status == 200 && answer.Endpoint == v.endpoint && answer.Reason != "":
			case err == nil && allOptional:
			case err == nil && isList && body == okJSON: // an empty list
			case err == nil && v.endpoint == "kf/servicer/list" && !strings.Contains(body, ":7"): // a row of a new kind
			default:
				t.Errorf("%s: %s: %v, %v", v.endpoint, body, got, err)
			}
		}
	}
}

func TestLinkMustBeAnAddress(t *testing.T) {
	for _, link := range []string{"", "javascript:alert(1)", "https:///kf/1", "kf/1", "https://%zz"} {
		w := newWire(t, text(`{"errcode":0,"url":"`+link+`"}`))
		if got, err := w.client(t, kf.Options{}).AddContactWay(t.Context(), "wk1", ""); err == nil || got != "" {
			t.Errorf("%q: %q, %v", link, got, err)
		}
	}
}

func TestMalformedReasons(t *testing.T) {
	for body, want := range map[string]string{
		"":                                    "empty answer",
		" \n":                                 "empty answer",
		"<!doctype html><p>hello":             "HTML or XML instead of JSON",
		`{"errcode":0,`:                       "malformed or truncated JSON",
		`{"errcode":0}{`:                      "malformed or truncated JSON",
		`Service temporarily unavailable`:     "malformed or truncated JSON",
		`[1]`:                                 "JSON of an unexpected type",
		`{"errmsg":"ok"}`:                     "JSON without errcode",
		`{"errcode":{}}`:                      "unexpected type at errcode",
		`{"errcode":"zero"}`:                  "unexpected type at errcode",
		`{"errcode":0,"account_list":[true]}`: "unexpected type at account_list",
		`{"errcode":0,"account_list":[{"open_kfid":"wk1","name":{}}]}`: "unexpected type at account_list.name",
	} {
		_, err := newWire(t, text(body)).client(t, kf.Options{}).ListAccounts(t.Context(), 0, 100)
		var answer *kf.HTTPError
		if !errors.As(err, &answer) || answer.Reason != want {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
	}
}

func TestLongMessageIsCut(t *testing.T) {
	body := fmt.Sprintf(`{"errcode":1,"errmsg":"%s"}`, strings.Repeat("错", 10_000))
	err := newWire(t, text(body)).client(t, kf.Options{}).DeleteAccount(t.Context(), "wk1")
	var refusal *kf.Error
	if !errors.As(err, &refusal) || len(refusal.Msg) > 510 || strings.ContainsRune(refusal.Msg, '\uFFFD') {
		t.Errorf("%d bytes: %v", len(err.Error()), err)
	}
}

// FuzzDecode feeds answers of any kind to all decoders. None may panic, every
// error is one of the two kinds callers know, and no secret comes through.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/samples/*.response.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "application/json", "")
	}
	for _, body := range []string{
		"", "<html>", "null", "[]", `{"errcode":"40014","errmsg":7}`, `{"errcode":0,"created_at":1762500000}`, `{"errcode":1e9}`,
		`{"errcode":-1,"errmsg":"a, hint: [1], from ip: ::1, more info at "}`, `{"errcode":60020,"errmsg":"hint: [from ip:"}`,
		`{"errcode":40001,"errmsg":"` + canarySecret + canaryToken + `"}`, `{"ERRCODE":1,"errcode":null}`,
	} {
		f.Add([]byte(body), "text/plain; charset=utf-8", `attachment; filename="云杉.png"`)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType, disposition string) {
		header := http.Header{"Content-Type": {contentType}}
		if disposition != "" {
			header.Set("Content-Disposition", disposition)
		}
		for _, err := range kf.DecodeEvery(header, body, []string{canarySecret, canaryToken}) {
			if err == nil {
				continue
			}
			var refusal *kf.Error
			var answer *kf.HTTPError
			switch {
			case errors.As(err, &refusal):
				if refusal.Code == 0 || len(refusal.Msg) > 510 || strings.ContainsAny(refusal.FromIP+refusal.Hint, " \n<>") {
					t.Errorf("%#v", refusal)
				}
			case errors.As(err, &answer):
				if answer.Reason == "" {
					t.Errorf("%#v", answer)
				}
			default:
				t.Errorf("%T: %v", err, err)
			}
			if found := leaks(err.Error()); found != nil {
				t.Errorf("%q in %v", found, err)
			}
		}
	})
}
