package kfsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kfconsole/internal/kf/kfsim"
)

func bodyOf(text string) io.Reader { return strings.NewReader(text) }

// FuzzBody sends anything to every POST call. It must always answer HTTP 200 with errcode and errmsg, and never panic.
func FuzzBody(f *testing.F) {
	sim, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo})
	if err != nil {
		f.Fatal(err)
	}
	handler := sim.Handler()
	token := fuzzToken(f, handler)
	paths := []string{
		"kf/account/add", "kf/account/del", "kf/account/update", "kf/account/list", "kf/add_contact_way", "kf/servicer/add", "kf/servicer/del", "media/upload",
		"kf/sync_msg", "kf/send_msg", "kf/send_msg_on_event", "kf/service_state/get", "kf/service_state/trans", "kf/customer/batchget",
		"kf/customer/upgrade_service", "kf/customer/cancel_upgrade_service",
	}
	for _, body := range []string{
		`{}`, `{"open_kfid":"wk1","name":"a","media_id":"3"}`, `{"offset":0,"limit":100}`, `{"open_kfid":"wk1","scene":"a"}`, "\xff", `[[[`,
		`{"open_kfid":"wk1","userid_list":["li.na"],"department_id_list":[5]}`, `{"userid_list":[1,null,"\u0000"]}`, `{"limit":1e99}`, `{"a":{"a":{"a":1}}}`,
		`{"touser":"wm1","open_kfid":"wk1","msgtype":"msgmenu","msgmenu":{"list":[{"type":"click","click":{"content":"a"}},{"type":7},[],null]}}`,
		`{"code":"C1","msgtype":"location","location":{"latitude":1e400,"longitude":"x"}}`, `{"msgtype":"text","text":{"content":{"text":{}}}}`,
		`{"open_kfid":"wk1","external_userid":"wm1","service_state":-1}`, `{"cursor":"AAAA","token":"ENCAAAA","open_kfid":"wk1","limit":1}`,
		"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n",
	} {
		for i := range paths {
			f.Add(i, "multipart/form-data; boundary=b", []byte(body))
			f.Add(i, "application/json", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, path int, contentType string, body []byte) {
		name := paths[uint(path)%uint(len(paths))]
		r := httptest.NewRequest("POST", "/cgi-bin/"+name+"?type=image&access_token="+token, bytes.NewReader(body))
		r.Header["Content-Type"] = []string{contentType}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		a := answer{raw: w.Body.Bytes()}
		if err := a.parse(); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: status %d, %v in %q", name, w.Code, err, a.raw)
		}
	})
}

// FuzzQuery sends any query to the GET calls.
func FuzzQuery(f *testing.F) {
	sim, err := kfsim.New(kfsim.Options{Seed: kfsim.SeedDemo})
	if err != nil {
		f.Fatal(err)
	}
	handler := sim.Handler()
	token := fuzzToken(f, handler)
	paths := []string{"gettoken", "kf/servicer/list", "media/get", "department/list", "department/simplelist", "user/simplelist", "user/list", "user/get", "other"}
	for i, query := range []string{"corpid=a&corpsecret=b", "open_kfid=wk1", "media_id=3", "id=2", "id=-1", "department_id=5", "department_id=6", "userid=li.na", "%zz&&==;"} {
		f.Add(i, query)
	}
	f.Fuzz(func(t *testing.T, path int, query string) {
		name := paths[uint(path)%uint(len(paths))]
		r := httptest.NewRequest("GET", "/cgi-bin/"+name, nil)
		r.URL = &url.URL{Path: "/cgi-bin/" + name, RawQuery: "access_token=" + token + "&" + query}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		a := answer{raw: w.Body.Bytes()}
		if err := a.parse(); err != nil || w.Code != http.StatusOK {
			t.Errorf("%s?%s: status %d, %v in %q", name, query, w.Code, err, a.raw)
		}
	})
}

func fuzzToken(f *testing.F, handler http.Handler) string {
	f.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/cgi-bin/gettoken?corpid="+kfsim.DemoCorpID+"&corpsecret="+kfsim.DemoSecret, nil))
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Token == "" {
		f.Fatalf("%v in %s", err, w.Body)
	}
	return answer.Token
}
