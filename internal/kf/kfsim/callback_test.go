package kfsim_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kfconsole/internal/kf/kfsim"
)

const (
	boxToken = "kfConsoleDemoTok3n"
	boxKey   = "Qm7xN2bYc9LpRt4VzKs8WdHfJg3eUa6oXi1TnMvEyZ5"
)

// letter is a decrypted callback.
type letter struct {
	To       string   `xml:"ToUserName"`
	From     string   `xml:"FromUserName"`
	Created  int64    `xml:"CreateTime"`
	Kind     string   `xml:"MsgType"`
	Event    string   `xml:"Event"`
	Token    string   `xml:"Token"`
	OpenKFID string   `xml:"OpenKfId"`
	Added    []string `xml:"AuthAddOpenKfId"`
	Removed  []string `xml:"AuthDelOpenKfId"`

	nonce string
}

// postbox is an app that takes callbacks.
type postbox struct {
	testing.TB
	url string
	got chan struct{}

	mu      sync.Mutex
	letters []letter
	refuse  int // so many first requests get 503
	tries   int
}

func newPostbox(t testing.TB, k *talk) *postbox {
	t.Helper()
	p := &postbox{TB: t, got: make(chan struct{}, 10_000)}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL + "/callback?tenant=1"
	must(t, k.sim.SetCallback(kfsim.Callback{URL: p.url, Token: boxToken, AESKey: boxKey, Pause: time.Millisecond, Deadline: 2 * time.Second}))
	return p
}

func (p *postbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	sealed := q.Get("echostr")
	if r.Method == http.MethodPost {
		raw, _ := io.ReadAll(r.Body)
		var envelope struct{ ToUserName, AgentID, Encrypt string }
		if err := xml.Unmarshal(raw, &envelope); err != nil || envelope.ToUserName != kfsim.DemoCorpID {
			p.Errorf("envelope %s: %v", raw, err)
		}
		sealed = envelope.Encrypt
	}
	receiver, msg, err := unseal(q, sealed)
	if err != nil || receiver != kfsim.DemoCorpID || q.Get("tenant") != "1" {
		p.Errorf("%v, receiver %q, query %v", err, receiver, q)
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write(msg)
		return
	}
	l := letter{nonce: q.Get("nonce")}
	if err := xml.Unmarshal(msg, &l); err != nil {
		p.Errorf("%s: %v", msg, err)
	}
	p.mu.Lock()
	p.tries++
	refused := p.tries <= p.refuse
	if !refused {
		p.letters = append(p.letters, l)
	}
	p.mu.Unlock()
	if refused {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	p.got <- struct{}{}
}

// unseal is the receiver's half of the encryption, written for itself.
func unseal(q url.Values, sealed string) (receiver string, msg []byte, err error) {
	parts := []string{boxToken, q.Get("timestamp"), q.Get("nonce"), sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	if hex.EncodeToString(sum[:]) != q.Get("msg_signature") {
		return "", nil, fmt.Errorf("wrong signature")
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	key, keyErr := base64.StdEncoding.DecodeString(boxKey + "=")
	block, blockErr := aes.NewCipher(key)
	if err != nil || keyErr != nil || blockErr != nil || len(raw)%32 != 0 {
		return "", nil, fmt.Errorf("%v %v %v, %d bytes", err, keyErr, blockErr, len(raw))
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(raw, raw)
	raw = raw[16 : len(raw)-int(raw[len(raw)-1])]
	n := binary.BigEndian.Uint32(raw)
	return string(raw[4+n:]), raw[4 : 4+n], nil
}

// wait returns the letters once there are so many.
func (p *postbox) wait(n int) []letter {
	p.Helper()
	for {
		p.mu.Lock()
		list := slices.Clone(p.letters)
		p.mu.Unlock()
		if len(list) >= n {
			return list
		}
		select {
		case <-p.got:
		case <-time.After(10 * time.Second):
			p.Fatalf("%d callbacks, want %d", len(list), n)
		}
	}
}

// settled waits until no callback is on its way and returns the counts.
func (k *talk) settled() kfsim.CallbackCounts {
	k.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	counts, err := k.sim.CallbacksSettled(ctx)
	must(k, err)
	return counts
}

func TestCallback(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	k.writes(k.enters("wm1"), "你好")
	for _, l := range box.wait(2) {
		if l.To != kfsim.DemoCorpID || l.Created != k.clock.Now().Unix() || l.Kind != "event" || l.Event != "kf_msg_or_event" || l.OpenKFID != k.account ||
			l.Token == "" || len(l.Token) > 128 || l.From != "" {
			t.Errorf("callback %+v", l)
		}
	}
	k.account = k.bench.account("企业采购专线") // not ours: nobody is told
	k.writes(k.enters("wm1"), "你好")
	if counts := k.settled(); counts.Made != 2 || counts.Sent != 2 || counts.Tries != 2 {
		t.Errorf("counts %+v", counts)
	}
}

func TestCallbackRetries(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	box.refuse = 2
	k.enters("wm1")
	box.wait(1)
	if counts := k.settled(); counts.Tries != 3 || counts.Sent != 1 || counts.Failed != 0 {
		t.Errorf("counts %+v, want the third try to work", counts)
	}
	box.mu.Lock()
	box.refuse = 6
	box.mu.Unlock()
	k.enters("wm2")
	if counts := k.settled(); counts.Tries != 6 || counts.Sent != 1 || counts.Failed != 1 {
		t.Errorf("counts %+v, want one given up after three tries", counts)
	}
}

// A server that does not answer in time has failed, and so has one that sends elsewhere.
func TestCallbackDeadline(t *testing.T) {
	k := newTalk(t)
	free := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-free
		}
		http.Redirect(w, r, "/slow", http.StatusFound)
	}))
	defer server.Close()
	defer close(free)
	for _, path := range []string{"/slow", "/moved"} {
		before := k.sim.CallbackCounts().Failed
		to := kfsim.Callback{URL: server.URL + path, Token: boxToken, AESKey: boxKey, Pause: time.Millisecond, Deadline: 20 * time.Millisecond}
		must(t, k.sim.SetCallback(to))
		k.enters("wm" + path[1:])
		if counts := k.settled(); counts.Failed != before+1 {
			t.Errorf("%s: counts %+v", path, counts)
		}
	}
}

func TestCallbackConditions(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	control[any](k.bench, "POST", "callbacks", `{"duplicate":3,"shuffle":true,"drop_every":10,"seed":7}`)
	for i := range 40 {
		k.enters(fmt.Sprintf("wm%d", i))
		k.clock.Advance(time.Second)
	}
	list := box.wait(108)
	counts := k.settled()
	if counts.Made != 40 || counts.Dropped != 4 || counts.Sent != 108 || counts.Failed != 0 {
		t.Errorf("counts %+v, want 36 of 40 three times", counts)
	}
	times, nonces := map[int64]int{}, map[string]bool{}
	for _, l := range list {
		times[l.Created]++
		nonces[l.nonce] = true
	}
	if len(times) != 36 || len(nonces) != 108 {
		t.Errorf("%d different callbacks with %d nonces, want 36 and 108", len(times), len(nonces))
	}
	if slices.IsSortedFunc(list, func(a, b letter) int { return int(a.Created - b.Created) }) {
		t.Error("shuffled callbacks came in order")
	}
}

// A delay is counted on the simulator's clock.
func TestCallbackDelay(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	control[any](k.bench, "POST", "callbacks", `{"delay":"1h"}`)
	k.enters("wm1")
	late := k.clock.Now().Unix()
	k.clock.Advance(time.Hour - time.Second)
	control[any](k.bench, "POST", "callbacks", `{}`)
	k.enters("wm2")
	if l := box.wait(1)[0]; l.Created == late {
		t.Error("the delayed callback came before its hour")
	}
	k.clock.Advance(time.Second)
	if l := box.wait(2)[1]; l.Created != late {
		t.Errorf("created %d, want %d", l.Created, late)
	}
}

// With merge, the news of an account ride on the callback that waits.
func TestCallbackMerge(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	control[any](k.bench, "POST", "callbacks", `{"delay":"1m","merge":true}`)
	for i := range 20 {
		k.enters(fmt.Sprintf("wm%d", i))
	}
	k.clock.Advance(time.Minute)
	box.wait(1)
	if counts := k.settled(); counts.Made != 1 {
		t.Errorf("counts %+v", counts)
	}
}

func TestCallbackCheck(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	body := func(url, token, key string) string {
		return object("url", url, "token", token, "aes_key", key, "check", true)
	}
	raw := control[map[string]any](k.bench, "POST", "callback", body(box.url, boxToken, boxKey))
	if raw["url"] != box.url || raw["token"] != nil || raw["aes_key"] != nil {
		t.Errorf("shown: %v", raw)
	}
	dead := httptest.NewServer(http.NotFoundHandler())
	defer dead.Close()
	for what, text := range map[string]string{
		"404": body(dead.URL, boxToken, boxKey), "no address": body("here", boxToken, boxKey),
		"long token": body(box.url, strings.Repeat("x", 33), boxKey), "short key": body(box.url, boxToken, boxKey[1:]), "long key": body(box.url, boxToken, boxKey+"x"),
	} {
		if status, _ := k.controlRaw("POST", "callback", text); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", what, status)
		}
	}
	if raw := control[map[string]any](k.bench, "GET", "callback", ""); raw["url"] != box.url {
		t.Errorf("a refused address was kept: %v", raw)
	}
	control[any](k.bench, "POST", "callback", `{}`) // and switched off
	k.enters("wm1")
	if counts := k.sim.CallbackCounts(); counts.Made != 0 {
		t.Errorf("counts %+v", counts)
	}
}

func TestAuthChange(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	foreign := k.bench.account("企业采购专线")
	control[any](k.bench, "POST", "outside", object("action", "privilege", "open_kfid", foreign, "manage_privilege", true))
	control[any](k.bench, "POST", "outside", object("action", "privilege", "open_kfid", foreign, "manage_privilege", true)) // no change
	first := box.wait(1)[0]
	if first.Event != "kf_account_auth_change" || first.From != "sys" || !slices.Equal(first.Added, []string{foreign}) || first.Removed != nil {
		t.Errorf("%+v", first)
	}
	control[any](k.bench, "POST", "outside", object("action", "privilege", "open_kfid", foreign, "manage_privilege", false))
	if l := box.wait(2)[1]; !slices.Equal(l.Removed, []string{foreign}) {
		t.Errorf("%+v", l)
	}
	control[any](k.bench, "POST", "outside", object("action", "delete", "open_kfid", k.account))
	box.wait(3)
	k.sim.AuthChange([]string{"wka", "wkb"}, []string{"wkc"})
	if l := box.wait(4)[3]; !slices.Equal(l.Added, []string{"wka", "wkb"}) || !slices.Equal(l.Removed, []string{"wkc"}) {
		t.Errorf("%+v", l)
	}
}

// A reset throws away what waits, and leaves the address.
func TestCallbackReset(t *testing.T) {
	k := newTalk(t)
	box := newPostbox(t, k)
	control[any](k.bench, "POST", "callbacks", `{"delay":"1h"}`)
	k.enters("wm1")
	control[any](k.bench, "POST", "reset", "")
	if counts := k.sim.CallbackCounts(); counts != (kfsim.CallbackCounts{}) {
		t.Errorf("counts %+v", counts)
	}
	k.enters("wm2")
	box.wait(1)
}

// The test's own decryption, against values worked out elsewhere: a padding longer than a block, a whole block of padding, and
// text of several bytes a character. What it reads from the simulator is therefore what WeCom would have sent.
func TestUnsealVectors(t *testing.T) {
	for name, c := range map[string]struct{ timestamp, nonce, signature, sealed, msg string }{
		"pad 22": {"1760000123", "1597531234", "0c809c652c0eedaacdb937d42c81f8b1a84fd65f",
			"9vSkFmWq4AIdMcC0bq7lZp3TqC8q1Iu3Oj6UlIoCXBpUGjjAiOa5vkPPmJVp4hpXUCITpaCNTdRYULWUdkZE8btBZU6smzXD+dXqD8qiy8oi+QbptxZYQ3/ysHap8qRsOzEXTgUB95+oA/" +
				"n3739Lui5FSmlaGfrTBqMEujqDGtCeeGTHkf9uuVFOqEk08GlJCZD+hoQh1VPW9n03wunZ8GRIAVSce8heTFi1pHhmKr7ylSzqyP+IeUN4Y3rgUncuGQoNPg+OYu85AHnp+poPJjaHK/sghKUX" +
				"lNVCgsHqgjsvi3IRF9eoTLsHxAUDhEJUI2fOJfPsmhSnoyhilHMQZRyQdbMPD6CA4UoQqfUwkQsTcZPZQVLj8tBuO5NxFFx0q0qEQwWJ9VIUbz/FWDQ5jwUDtmNaPowhCPQdCtpLYLrUH30jj" +
				"atJuZDVXEaTzAB9NSxIrtt2kVWduXgBm4JopQ==",
			`<xml><ToUserName><![CDATA[ww7d3f9a1c5e2b8046]]></ToUserName><CreateTime>1760000123</CreateTime><MsgType><![CDATA[event]]></MsgType>` +
				`<Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCdemoSyncToken0001]]></Token><OpenKfId><![CDATA[wkDemoKfAccount000000000000000001]]></OpenKfId></xml>`},
		"pad 32": {"1760000200", "24681012", "2efe9238082279c3f94aef66d8acb5a426cd0788",
			"wWK5VJvlSP3eja+jVpCoyMVvX9bQFTSQrDljfM/Zy1gqaY4M22IPr2PTmf+4KMzSGxiH+xjpGLFOOGoW7F7f95mQmDPUIY+iv2Rn5lvAh7dkfs/XFr5kyypgQcFlUmnv",
			"abcdefghijklmnopqrstuvwxyz"},
		"multi-byte": {"1760000400", "86420", "e17a38a2f25c0ed83ef76e501cd91a4b7e9e54bd",
			"e39W10LCBG9Dev8ot//h3sEKK/+gLeYdBKKDkemk6MLtOvzzBSPpDC37R44C4W/DYLSCWHg8mV2CokNzePTN/gNIptntEeqJnSlUu/k5sW2ulcw/9DDEUB2FP4n5CgV0BOXRmfb7aHkZEdliO" +
				"RojkkKfnKtlQL7J1vD4ihSg59F2R7z6MRkKS9YQPxi0l39ww/tW8MpAp6xOZN0UqvM86A==",
			`<xml><ToUserName><![CDATA[ww7d3f9a1c5e2b8046]]></ToUserName><Content><![CDATA[微信客服]]></Content></xml>`},
	} {
		q := url.Values{"timestamp": {c.timestamp}, "nonce": {c.nonce}, "msg_signature": {c.signature}}
		receiver, msg, err := unseal(q, c.sealed)
		if err != nil || receiver != "ww7d3f9a1c5e2b8046" || string(msg) != c.msg {
			t.Errorf("%s: %v, %q %s", name, err, receiver, msg)
		}
	}
	to := kfsim.Callback{Token: boxToken, AESKey: boxKey}
	for n := range 70 {
		want := strings.Repeat("中", n)
		q, body, err := to.Seal("ww1", []byte(want), "1760000123", "1")
		must(t, err)
		var envelope struct{ Encrypt string }
		must(t, xml.Unmarshal(body, &envelope))
		if receiver, msg, err := unseal(q, envelope.Encrypt); err != nil || receiver != "ww1" || string(msg) != want {
			t.Errorf("%d characters: %v, %q %s", n, err, receiver, msg)
		}
	}
	_, _, err := kfsim.Callback{Token: boxToken, AESKey: "short"}.Seal("ww1", nil, "1", "1")
	mustNot(t, "a short key", err)
}
