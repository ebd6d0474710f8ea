package kf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"reflect"
	"slices"
	"testing"

	"kfconsole/internal/kf"
)

// picture is a PNG file.
func picture() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func ptr[T any](v T) *T { return &v }

const sampleAccount = kf.AccountID("wkSampleSpruceDesk00000000000001")

// verb is a method of the client, called so that it sends the sample request,
// and what it makes of the sample response.
type verb struct {
	method   string
	endpoint string
	call     func(context.Context, *kf.Client) (any, error)
	want     any
}

func verbs() []verb {
	return slices.Concat(accountVerbs(), conversationVerbs(), customerVerbs(), statisticVerbs(), otherVerbs())
}

func accountVerbs() []verb {
	type ctx = context.Context
	return []verb{
		{"POST", "kf/account/add", func(ctx ctx, c *kf.Client) (any, error) {
			return c.AddAccount(ctx, kf.NewAccount{Name: "云杉售前 <A&B>", MediaID: "3sAmpleAvatarMediaId0001"})
		}, sampleAccount},
		{"POST", "kf/account/update", func(ctx ctx, c *kf.Client) (any, error) {
			return nil, c.UpdateAccount(ctx, sampleAccount, kf.AccountChange{
				Name: ptr("云杉售后"), MediaID: ptr(kf.MediaID("3sAmpleAvatarMediaId0001"))})
		}, nil},
		{"POST", "kf/account/del", func(ctx ctx, c *kf.Client) (any, error) {
			return nil, c.DeleteAccount(ctx, sampleAccount)
		}, nil},
		{"POST", "kf/account/list", func(ctx ctx, c *kf.Client) (any, error) {
			return c.ListAccounts(ctx, 0, 100)
		}, []kf.Account{
			{ID: sampleAccount, Name: "云杉售前", Avatar: "https://wework.qpic.cn/wwhead/sample1/0", ManagePrivilege: ptr(true)},
			{ID: "wkSampleSpruceDesk00000000000002", Name: "退换货", Avatar: "https://wework.qpic.cn/wwhead/sample2/0", ManagePrivilege: ptr(false)},
		}},
		{"POST", "kf/add_contact_way", func(ctx ctx, c *kf.Client) (any, error) {
			return c.AddContactWay(ctx, sampleAccount, "shop_door-2")
		}, "https://work.weixin.qq.com/kf/kfc5a0317sample?enc_scene=ENCsampleQ7"},
		{"POST", "kf/servicer/add", func(ctx ctx, c *kf.Client) (any, error) {
			return c.AddServicers(ctx, sampleAccount, kf.Servicers{
				UserIDs: []kf.UserID{"sample.bai", "sample_qiu"}, Departments: []kf.DepartmentID{4}})
		}, []kf.ServicerResult{
			{UserID: "sample.bai", Msg: "success", Endpoint: "kf/servicer/add"},
			{UserID: "sample_qiu", Msg: "ignored", Endpoint: "kf/servicer/add"},
			{Department: 4, Msg: "success", Endpoint: "kf/servicer/add"},
		}},
		{"POST", "kf/servicer/del", func(ctx ctx, c *kf.Client) (any, error) {
			return c.DeleteServicers(ctx, sampleAccount, kf.Servicers{
				UserIDs: []kf.UserID{"sample.bai"}, Departments: []kf.DepartmentID{4}})
		}, []kf.ServicerResult{
			{UserID: "sample.bai", Msg: "success", Endpoint: "kf/servicer/del"},
			{Department: 4, Msg: "ignored", Endpoint: "kf/servicer/del"},
		}},
		{"GET", "kf/servicer/list", func(ctx ctx, c *kf.Client) (any, error) {
			return c.ListServicers(ctx, sampleAccount)
		}, []kf.Servicer{
			{UserID: "sample.bai", Status: ptr(kf.StatusServing)},
			{UserID: "sample_qiu", Status: ptr(kf.StatusStopped), StopType: ptr(1)},
			{Department: 4},
		}},
	}
}

func otherVerbs() []verb {
	type ctx = context.Context
	return []verb{
		{"POST", "media/upload", func(ctx ctx, c *kf.Client) (any, error) {
			return c.UploadImage(ctx, `云杉 "A".png`, picture())
		}, kf.MediaID("3sAmpleAvatarMediaId0001")},
		{"GET", "media/get", func(ctx ctx, c *kf.Client) (any, error) {
			return fetched(c.GetMedia(ctx, "3sAmpleAvatarMediaId0001", 1<<20))
		}, file{"image/png", "avatar.png", string(picture())}},
		{"GET", "department/list", func(ctx ctx, c *kf.Client) (any, error) {
			return c.Departments(ctx)
		}, []kf.Department{
			{ID: 1, Name: "云杉家居", ParentID: 0, Order: 100000000},
			{ID: 4, Name: "客户服务部", ParentID: 1, Order: 4294967295},
		}},
		{"GET", "user/simplelist", func(ctx ctx, c *kf.Client) (any, error) {
			return c.DepartmentMembers(ctx, 4)
		}, []kf.Member{
			{UserID: "sample.bai", Name: "白样例", Departments: []kf.DepartmentID{4}},
			{UserID: "sample_qiu", Name: "邱样例", Departments: []kf.DepartmentID{1, 4}},
		}},
		{"GET", "user/list", func(ctx ctx, c *kf.Client) (any, error) {
			return c.DepartmentUsers(ctx, 4)
		}, []kf.User{
			{ID: "sample.bai", Name: "白样例", Departments: []kf.DepartmentID{4}, MainDepartment: 4,
				Position: "客服主管", Status: kf.UserActivated},
			{ID: "sample_qiu", Name: "邱样例", Departments: []kf.DepartmentID{1, 4}, MainDepartment: 1,
				Status: kf.UserNotActivated},
		}},
		{"GET", "user/get", func(ctx ctx, c *kf.Client) (any, error) {
			return c.User(ctx, "sample.bai")
		}, kf.User{ID: "sample.bai", Name: "白样例", Departments: []kf.DepartmentID{4}, MainDepartment: 4,
			Position: "客服主管", Status: kf.UserActivated}},
	}
}

// answerSample answers with the sample response of the endpoint.
func answerSample(t *testing.T, endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		b, err := os.ReadFile(samplePath(endpoint, "response"))
		if err != nil {
			t.Error(err)
		}
		if endpoint != "media/get" {
			w.Write(b)
			return
		}
		headers := map[string]string{}
		if err := json.Unmarshal(b, &headers); err != nil {
			t.Error(err)
		}
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		w.Write(picture())
	}
}

// requestAsSample brings a request into the shape of the request samples.
func requestAsSample(t *testing.T, r received) any {
	t.Helper()
	if r.Method == http.MethodGet {
		b, err := json.Marshal(r.Query)
		if err != nil {
			t.Fatal(err)
		}
		return decode(t, b)
	}
	if r.Endpoint != "media/upload" {
		if len(r.Query) > 0 {
			t.Errorf("%s has parameters in its query: %v", r.Endpoint, r.Query)
		}
		return decode(t, r.Body)
	}
	_, params, err := mime.ParseMediaType(r.ContentType)
	if err != nil {
		t.Fatal(err)
	}
	form := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	part, err := form.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(part)
	if err != nil || !bytes.Equal(content, picture()) {
		t.Errorf("part holds %q, %v", content, err)
	}
	if extra, err := form.NextPart(); err != io.EOF {
		t.Errorf("a second part: %v, %v", extra, err)
	}
	return map[string]any{
		"type": r.Query["type"],
		part.FormName(): map[string]any{
			"filename": part.FileName(), "content_type": part.Header.Get("Content-Type")},
	}
}

func TestVerbsSendAndReadTheSamples(t *testing.T) {
	covered := map[string]bool{"gettoken": true}
	for _, v := range verbs() {
		covered[v.endpoint] = true
		t.Run(v.endpoint, func(t *testing.T) {
			w := newWire(t, answerSample(t, v.endpoint))
			got, err := v.call(t.Context(), w.client(t, kf.Options{}))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, v.want) {
				t.Errorf("result\n got %+v\nwant %+v", got, v.want)
			}
			calls := w.received(v.endpoint)
			if len(calls) != 1 {
				t.Fatalf("%d calls, want 1", len(calls))
			}
			if calls[0].Method != v.method || calls[0].Token != canaryToken+"1" {
				t.Errorf("method %s, token %q", calls[0].Method, calls[0].Token)
			}
			got, want := requestAsSample(t, calls[0]), decode(t, sample(t, v.endpoint, "request"))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("request\n got %v\nwant %v", got, want)
			}
		})
	}
	for _, endpoint := range kf.Endpoints() {
		if !covered[endpoint] {
			t.Errorf("no verb for %s", endpoint)
		}
	}
}

func TestTokenRequestIsTheSample(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"errmsg":"ok"}`))
	w.answerTokenWith(answerSample(t, "gettoken"))
	var want struct {
		CorpID string `json:"corpid"`
		Secret string `json:"corpsecret"`
	}
	if err := json.Unmarshal(sample(t, "gettoken", "request"), &want); err != nil {
		t.Fatal(err)
	}
	c, err := kf.New(kf.Options{BaseURL: w.URL + "/cgi-bin/", CorpID: want.CorpID, Secret: want.Secret})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteAccount(t.Context(), sampleAccount); err != nil {
		t.Fatal(err)
	}
	asked := w.received("gettoken")
	if len(asked) != 1 || asked[0].Method != http.MethodGet {
		t.Fatalf("gettoken: %+v", asked)
	}
	if got, want := requestAsSample(t, asked[0]), decode(t, sample(t, "gettoken", "request")); !reflect.DeepEqual(got, want) {
		t.Errorf("request\n got %v\nwant %v", got, want)
	}
	if got := w.received("kf/account/del")[0].Token; got != "sAmple-AccessToken-000001" {
		t.Errorf("token %q", got)
	}
}

// Absent is not empty: what is not to be changed must not be in the body at all,
// and < must not come as \u003c, which WeCom refuses.
func TestRawBodies(t *testing.T) {
	w := newWire(t, text(`{"errcode":0,"errmsg":"ok","url":"https://work.weixin.qq.com/kf/kfc1","open_kfid":"wk1"}`))
	c := w.client(t, kf.Options{})
	steps := []struct {
		endpoint string
		call     func() error
		want     string
	}{
		{"kf/account/add", func() error {
			_, err := c.AddAccount(t.Context(), kf.NewAccount{Name: "售前 <A&B>", MediaID: "m1"})
			return err
		}, `{"name":"售前 <A&B>","media_id":"m1"}`},
		{"kf/account/update", func() error {
			return c.UpdateAccount(t.Context(), "wk1", kf.AccountChange{Name: ptr("甲")})
		}, `{"open_kfid":"wk1","name":"甲"}`},
		{"kf/account/update", func() error {
			return c.UpdateAccount(t.Context(), "wk1", kf.AccountChange{MediaID: ptr(kf.MediaID("m1"))})
		}, `{"open_kfid":"wk1","media_id":"m1"}`},
		{"kf/add_contact_way", func() error {
			_, err := c.AddContactWay(t.Context(), "wk1", "")
			return err
		}, `{"open_kfid":"wk1"}`},
		{"kf/servicer/add", func() error {
			_, err := c.AddServicers(t.Context(), "wk1", kf.Servicers{Departments: []kf.DepartmentID{7}})
			return err
		}, `{"open_kfid":"wk1","department_id_list":[7]}`},
		{"kf/servicer/del", func() error {
			_, err := c.DeleteServicers(t.Context(), "wk1", kf.Servicers{UserIDs: []kf.UserID{"a.b"}})
			return err
		}, `{"open_kfid":"wk1","userid_list":["a.b"]}`},
	}
	for _, step := range steps {
		if err := step.call(); err != nil {
			t.Fatalf("%s: %v", step.endpoint, err)
		}
		calls := w.received(step.endpoint)
		last := calls[len(calls)-1]
		if got := string(bytes.TrimSpace(last.Body)); got != step.want {
			t.Errorf("%s\n got %s\nwant %s", step.endpoint, got, step.want)
		}
		if last.ContentType != "application/json" {
			t.Errorf("%s: content type %q", step.endpoint, last.ContentType)
		}
	}
}

func TestErrorSamples(t *testing.T) {
	var samples []struct {
		Name, Endpoint string
		Answer         json.RawMessage
		Want           struct {
			Code      int
			Msg, Hint string
			FromIP    string `json:"from_ip"`
		}
	}
	b, err := os.ReadFile("testdata/samples/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &samples); err != nil {
		t.Fatal(err)
	}
	byEndpoint := map[string]verb{}
	for _, v := range verbs() {
		byEndpoint[v.endpoint] = v
	}
	for _, s := range samples {
		t.Run(s.Name, func(t *testing.T) {
			w := newWire(t, text(string(s.Answer)))
			_, err := byEndpoint[s.Endpoint].call(t.Context(), w.client(t, kf.Options{}))
			var got *kf.Error
			if !errors.As(err, &got) {
				t.Fatalf("%v is no *kf.Error", err)
			}
			want := kf.Error{Endpoint: s.Endpoint, Code: s.Want.Code, Msg: s.Want.Msg, Hint: s.Want.Hint, FromIP: s.Want.FromIP}
			if *got != want {
				t.Errorf("\n got %#v\nwant %#v", *got, want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&kf.Error{Endpoint: "kf/account/add", Code: 95013, Msg: "session ended", Hint: "17", FromIP: "203.0.113.7"},
			"kf: account/add: 95013 session ended"},
		{&kf.Error{Endpoint: "gettoken", Code: 40013}, "kf: gettoken: 40013"},
		{&kf.HTTPError{Endpoint: "kf/account/list", Status: 502}, "kf: account/list: HTTP 502 Bad Gateway"},
		{&kf.HTTPError{Endpoint: "media/get", Status: 200, Reason: "empty answer"}, "kf: media/get: HTTP 200: empty answer"},
		{&kf.ArgumentError{Field: "name", Rule: kf.RuleMaxChars, Limit: 16}, "kf: invalid argument name: max_chars 16"},
		{&kf.ArgumentError{Field: "scene", Rule: kf.RuleCharacters}, "kf: invalid argument scene: characters"},
		{fmt.Errorf("create account: %w", &kf.Error{Endpoint: "kf/account/add", Code: 95006, Msg: "invalid name"}),
			"create account: kf: account/add: 95006 invalid name"},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
