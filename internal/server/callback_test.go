package server

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/db/dbtest"
	"kfconsole/internal/kf/callback"
	"kfconsole/internal/kf/kfsim"
)

const (
	callToken = "kfConsoleDemoTok3n"
	callKey   = "Qm7xN2bYc9LpRt4VzKs8WdHfJg3eUa6oXi1TnMvEyZ5"
)

// callHouse is a house that takes callbacks; its clock stands still.
type callHouse struct {
	*house
	now time.Time
	// wishes are the numbers of the wishes to sync that were seen of each account.
	wishes map[string][]int64
}

func newCallHouse(t testing.TB, d *db.DB) *callHouse {
	t.Helper()
	h := &callHouse{now: time.Unix(1_760_000_100, 0), wishes: map[string][]int64{}}
	opener, err := callback.New(callToken, callKey, kfsim.DemoCorpID)
	if err != nil {
		t.Fatal(err)
	}
	h.house = newHouseOn(t, d, func(o *Options) {
		o.Callback, o.Now = opener, func() time.Time { return h.now }
	})
	return h
}

// seal encrypts a message as WeCom does, from the words of its documentation: random, length, message, receiver, padded to 32.
func seal(msg, receiver string) string {
	key, err := base64.StdEncoding.DecodeString(callKey + "=")
	if err != nil {
		panic(err)
	}
	plain := append([]byte("0f1e2d3c4b5a6978"), binary.BigEndian.AppendUint32(nil, uint32(len(msg)))...)
	plain = append(append(plain, msg...), receiver...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

// signed is the query of a message at a time.
func signed(sealed string, at time.Time, nonce string) url.Values {
	stamp := fmt.Sprint(at.Unix())
	parts := []string{callToken, stamp, nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return url.Values{"msg_signature": {hex.EncodeToString(sum[:])}, "timestamp": {stamp}, "nonce": {nonce}}
}

func envelope(sealed string) string {
	return "<xml><ToUserName><![CDATA[" + kfsim.DemoCorpID + "]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>"
}

// news is the message that an account has something to read.
func news(account string) string {
	return "<xml><ToUserName><![CDATA[" + kfsim.DemoCorpID + "]]></ToUserName><CreateTime>1760000090</CreateTime><MsgType><![CDATA[event]]></MsgType>" +
		"<Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCdemoSyncToken0001]]></Token><OpenKfId><![CDATA[" + account + "]]></OpenKfId></xml>"
}

// deliver posts a body, and post one with an inner message at the time of the house.
func (h *callHouse) deliver(q url.Values, body string) answer {
	h.t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/callback?"+q.Encode(), strings.NewReader(body))
	req.Header.Set("Content-Type", "text/xml")
	return h.anonymous().send(req)
}

func (h *callHouse) post(msg, nonce string) answer {
	h.t.Helper()
	sealed := seal(msg, kfsim.DemoCorpID)
	return h.deliver(signed(sealed, h.now, nonce), envelope(sealed))
}

// asked is how many wishes to sync an account it has seen in the database; two between two calls are one.
func (h *callHouse) asked(account string) int {
	h.t.Helper()
	list, err := h.DB.SyncRequests(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range list {
		if r.AccountID == account {
			if r.Token != "ENCdemoSyncToken0001" || r.TokenAt.Unix() != 1_760_000_090 {
				h.t.Errorf("asked with %+v", r)
			}
			if !slices.Contains(h.wishes[account], r.N) {
				h.wishes[account] = append(h.wishes[account], r.N)
			}
		}
	}
	return len(h.wishes[account])
}

func (h *callHouse) counted(result string) int64 { return h.Server.door.counts[result].Load() }

// The answer to a callback comes after the wish to sync is on disk, in the file itself.
func TestCallbackIsDurable(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	if r := h.post(news("wk1"), "1"); r.Code != http.StatusOK || r.Body != "" {
		t.Fatalf("%d %q", r.Code, r.Body)
	}
	if n := h.asked("wk1"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if h.counted(callHeeded) != 1 {
		t.Error("not counted")
	}
	notes, err := h.DB.CallbackNotes(t.Context())
	if err != nil || len(notes) != 1 || notes[0].Kind != callback.KindMessages || !notes[0].LastAt.Equal(h.now) {
		t.Errorf("noted %+v, %v", notes, err)
	}
	// JSON, as the newer form of the envelope.
	sealed := seal(news("wk1"), kfsim.DemoCorpID)
	if r := h.deliver(signed(sealed, h.now, "2"), `{"tousername":"x","encrypt":"`+sealed+`"}`); r.Code != http.StatusOK || h.asked("wk1") != 2 {
		t.Errorf("as JSON: %d, asked %d times", r.Code, h.asked("wk1"))
	}
	// One without an account asks for every managed one.
	h.fill()
	if r := h.post(news(""), "3"); r.Code != http.StatusOK || h.asked(h.account(0).ID) != 1 {
		t.Errorf("without an account: %d, asked %d times", r.Code, h.asked(h.account(0).ID))
	}
}

func TestCallbackCheck(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	ask := func(sealed string, q url.Values) answer {
		q.Set("echostr", sealed)
		return h.anonymous().get("/callback?" + q.Encode())
	}
	sealed := seal("3141592653589793238", kfsim.DemoCorpID)
	if r := ask(sealed, signed(sealed, h.now, "1372623149")); r.Code != http.StatusOK || r.Body != "3141592653589793238" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%d %q %v", r.Code, r.Body, r.Header)
	}
	for name, r := range map[string]answer{
		"another receiver": ask(seal("1", "ww0000000000000000"), signed(seal("1", "ww0000000000000000"), h.now, "1")),
		"another message":  ask(seal("1", kfsim.DemoCorpID), signed(sealed, h.now, "1")),
		"an old one":       ask(sealed, signed(sealed, h.now.Add(-11*time.Minute), "1")),
		"nothing":          h.anonymous().get("/callback"),
	} {
		if r.Code != http.StatusForbidden || r.Body != "" {
			t.Errorf("%s: %d %q", name, r.Code, r.Body)
		}
	}
	if h.counted(callChecked) != 1 || h.counted(callRejected) != 3 || h.counted(callStale) != 1 {
		t.Error("not counted")
	}
}

// Whatever is wrong before a message is known to be WeCom's is answered alike: 403 and nothing else.
func TestCallbackRejects(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	sealed := seal(news("wk1"), kfsim.DemoCorpID)
	good := envelope(sealed)
	foreign := seal(news("wk1"), "ww0000000000000000")
	flipped := func(q url.Values) url.Values {
		s := []byte(q.Get("msg_signature"))
		s[7] ^= 1
		q.Set("msg_signature", string(s))
		return q
	}
	cut := base64.StdEncoding.EncodeToString(make([]byte, 40))
	spoiled := "A" + sealed[1:]
	for name, tt := range map[string]struct {
		q    url.Values
		body string
	}{
		"signature":        {flipped(signed(sealed, h.now, "1")), good},
		"no signature":     {url.Values{"timestamp": {"1"}, "nonce": {"1"}}, good},
		"receiver":         {signed(foreign, h.now, "1"), envelope(foreign)},
		"not whole blocks": {signed(cut, h.now, "1"), envelope(cut)},
		"padding":          {signed(sealed[:len(sealed)/2/64*64], h.now, "1"), envelope(sealed[:len(sealed)/2/64*64])},
		"ciphertext":       {signed(sealed, h.now, "1"), envelope(spoiled)},
		"empty":            {signed("", h.now, "1"), ""},
		"truncated":        {signed(sealed, h.now, "1"), good[:len(good)/2]},
		"no XML":           {signed(sealed, h.now, "1"), "\x00\xff\xfe"},
		"entities":         {signed(sealed, h.now, "1"), `<!DOCTYPE xml [<!ENTITY e "` + sealed + `">]><xml><Encrypt>&e;</Encrypt></xml>`},
		"billion laughs":   {signed(sealed, h.now, "1"), `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>`},
		"deep":             {signed(sealed, h.now, "1"), strings.Repeat("<x>", 9000)},
	} {
		before := h.counted(callRejected)
		if r := h.deliver(tt.q, tt.body); r.Code != http.StatusForbidden || r.Body != "" || h.counted(callRejected) != before+1 {
			t.Errorf("%s: %d %q", name, r.Code, r.Body)
		}
	}
	if r := h.deliver(signed(sealed, h.now, "1"), good+strings.Repeat(" ", callback.MaxBody)); r.Code != http.StatusRequestEntityTooLarge || h.counted(callTooLarge) != 1 {
		t.Errorf("too large: %d", r.Code)
	}
	if n := h.asked("wk1"); n != 0 {
		t.Errorf("a sync was asked for %d times", n)
	}
	// The control: the same message, untouched, is heeded.
	if r := h.deliver(signed(sealed, h.now, "1"), good); r.Code != http.StatusOK || h.asked("wk1") != 1 {
		t.Errorf("untouched: %d", r.Code)
	}
}

// Signed and unknown or unreadable: answered with 200, counted, kept for the health page.
func TestCallbackStrange(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	h.post("<xml><MsgType>event</MsgType><Event>kf_brand_new</Event></xml>", "1").want(http.StatusOK)
	h.post("<xml><MsgType>event</MsgType><Event>kf_brand_new</Event></xml>", "2").want(http.StatusOK)
	for i, inner := range []string{"", "no xml", "<xml>", "<xml></xml>", "<xml><Event>", strings.Repeat("<a>", 5000), "\x00\x01", "<xml><MsgType>event</MsgType><Event>" + strings.Repeat("长", 3000) + "</Event></xml>",
		"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><Event>&e;</Event></xml>", "<xml><CreateTime>99999999999999999999999</CreateTime></xml>"} {
		if r := h.post(inner, fmt.Sprint("m", i)); r.Code != http.StatusOK || r.Body != "" {
			t.Errorf("%.40q: %d %q", inner, r.Code, r.Body)
		}
	}
	if h.counted(callFailed) != 0 || h.counted(callUnknown) < 2 || h.counted(callMalformed) == 0 {
		t.Errorf("failed %d, unknown %d, malformed %d", h.counted(callFailed), h.counted(callUnknown), h.counted(callMalformed))
	}
	page := h.as("auditor").get("/settings/health").want(http.StatusOK)
	if row := page.text("#strange"); !strings.Contains(row, "kf_brand_new2") || !strings.Contains(row, "读不懂的回调") {
		t.Errorf("the health page shows %q", row)
	}
	h.post(`<xml><MsgType>event</MsgType><Event>kf_account_auth_change</Event><AuthAddOpenKfId>wk7</AuthAddOpenKfId><AuthAddOpenKfId>wk8</AuthAddOpenKfId><AuthDelOpenKfId>wk9</AuthDelOpenKfId></xml>`, "auth").want(http.StatusOK)
	list, err := h.DB.SyncRequests(t.Context())
	if err != nil || len(list) != 2 || list[0].AccountID != "wk7" {
		t.Errorf("asked for %+v, %v", list, err)
	}
}

// The same callback again is answered and has no effect while it may be a retry; later its time is too old.
func TestCallbackReplayed(t *testing.T) {
	h := newCallHouse(t, dbtest.New(t))
	sealed := seal(news("wk1"), kfsim.DemoCorpID)
	q, made := signed(sealed, h.now, "1"), h.now
	for _, tt := range []struct {
		after time.Duration
		want  int
		as    string
	}{{0, 200, callHeeded}, {time.Second, 200, callRepeated}, {10 * time.Minute, 200, callRepeated}, {10*time.Minute + time.Second, 403, callStale}, {3 * time.Hour, 403, callStale}, {-11 * time.Minute, 403, callStale}} {
		h.now = made.Add(tt.after)
		before := h.counted(tt.as)
		if r := h.deliver(q, envelope(sealed)); r.Code != tt.want || h.counted(tt.as) != before+1 {
			t.Errorf("after %v: %d", tt.after, r.Code)
		}
	}
	if n := h.asked("wk1"); n != 1 {
		t.Errorf("a sync was asked for %d times", n)
	}
	// A new signature over an old token is WeCom's: a sync that finds nothing new.
	h.now = made.Add(time.Minute)
	if r := h.deliver(signed(sealed, h.now, "2"), envelope(sealed)); r.Code != 200 || h.asked("wk1") != 2 {
		t.Errorf("signed anew: %d", r.Code)
	}
}

// What could not be written down is answered with 503 and heeded when it comes again.
func TestCallbackWithoutDatabase(t *testing.T) {
	path := t.TempDir() + "/console.db"
	d, err := db.Open(t.Context(), db.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	h := newCallHouse(t, d)
	sealed := seal(news("wk1"), kfsim.DemoCorpID)
	q := signed(sealed, h.now, "1")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if r := h.deliver(q, envelope(sealed)); r.Code != http.StatusServiceUnavailable || r.Body != "" || h.counted(callFailed) != 1 {
		t.Errorf("%d %q", r.Code, r.Body)
	}
	if h.Server.door.seen(q.Get("msg_signature")) {
		t.Error("the retry would be taken for a repetition")
	}
	again, err := db.Open(t.Context(), db.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	next := newCallHouse(t, again)
	if r := next.deliver(q, envelope(sealed)); r.Code != http.StatusOK || next.asked("wk1") != 1 {
		t.Errorf("the retry: %d, asked %d times", r.Code, next.asked("wk1"))
	}
}

func TestCallbackUnset(t *testing.T) {
	h := newEmptyHouse(t)
	if r := h.anonymous().get("/callback"); r.Code != http.StatusNotFound || h.Server.door.counts[callUnset].Load() != 1 {
		t.Errorf("%d", r.Code)
	}
}

// A panic while a callback is worked on makes WeCom try again.
func TestCallbackPanic(t *testing.T) {
	result, _, err := guarded(callback.Params{}, func(callback.Params) (string, []byte, error) { panic("planted") })
	if result != callFailed || err == nil || callStatus(result) != http.StatusServiceUnavailable {
		t.Error(result, err)
	}
}

func TestDoorIsBounded(t *testing.T) {
	now := time.Unix(1_760_000_000, 0)
	d := newDoor(func() time.Time { return now })
	for i := range 3*seenMost + 10 {
		d.remember(fmt.Sprint(i))
	}
	if len(d.young)+len(d.old) > 2*seenMost || !d.seen(fmt.Sprint(3*seenMost)) || d.seen("0") {
		t.Errorf("%d remembered", len(d.young)+len(d.old))
	}
	d.remember("old")
	now = now.Add(seenFor)
	d.remember("young")
	if !d.seen("old") {
		t.Error("forgotten too early")
	}
	now = now.Add(seenFor)
	d.remember("younger")
	if d.seen("old") {
		t.Error("remembered for ever")
	}
	if !d.logDue(callRejected, now) || d.logDue(callRejected, now.Add(time.Second)) || !d.logDue(callRejected, now.Add(sayEvery)) || d.logDue(callHeeded, now) {
		t.Error("said too often or not at all")
	}
}

// FuzzCallback sends whatever it likes, signed correctly inside and outside, and never gets an answer that tells of a fault.
func FuzzCallback(f *testing.F) {
	h := newCallHouse(f, dbtest.New(f))
	for _, seed := range []string{news("wk1"), "", "<xml/>", "{}", "<xml><Event>x</Event></xml>"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	n := 0
	f.Fuzz(func(t *testing.T, text string, inside bool) {
		n++
		body, q := text, signed(text, h.now, fmt.Sprint(n))
		if inside {
			sealed := seal(text, kfsim.DemoCorpID)
			body, q = envelope(sealed), signed(sealed, h.now, fmt.Sprint(n))
		}
		house := *h.house
		house.t = t
		if r := (&callHouse{house: &house, now: h.now}).deliver(q, body); r.Code != 200 && r.Code != 403 && r.Code != 413 || inside && r.Code != 200 && len(body) <= callback.MaxBody {
			t.Errorf("%d", r.Code)
		}
	})
}
