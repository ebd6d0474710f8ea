package callback

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
)

func TestVectors(t *testing.T) {
	o := newOpener(t)
	if got := hex.EncodeToString(o.iv); got != testKeyHex[:32] {
		t.Errorf("iv %s", got)
	}
	for _, v := range vectors {
		got, err := o.Echo(v.params, v.ciphertext)
		if err != nil || string(got) != v.msg {
			t.Errorf("%s: %q, %v", v.name, got, err)
		}
	}
	if got, err := o.Echo(foreign.params, foreign.ciphertext); !errors.Is(err, ErrRejected) || got != nil {
		t.Errorf("a message for another receiver: %q, %v", got, err)
	}
	theirs, err := New(testToken, testKey, "ww0000000000000000")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := theirs.Echo(foreign.params, foreign.ciphertext); err != nil || string(got) != foreign.msg {
		t.Errorf("the other receiver: %q, %v", got, err)
	}
}

// The sealer of these tests makes what the vectors hold, but for the random bytes: what it breaks is one thing alone.
func TestSealerIsRight(t *testing.T) {
	for _, v := range vectors {
		p, ciphertext := seal(t, v.msg, wrapping{})
		if len(ciphertext) != len(v.ciphertext) {
			t.Errorf("%s: %d characters, want %d", v.name, len(ciphertext), len(v.ciphertext))
		}
		if got, err := newOpener(t).Echo(p, ciphertext); err != nil || string(got) != v.msg {
			t.Errorf("%s: %q, %v", v.name, got, err)
		}
	}
}

func TestCheckQuery(t *testing.T) {
	q, err := url.ParseQuery(checkQuery)
	if err != nil {
		t.Fatal(err)
	}
	p := Params{q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce")}
	got, err := newOpener(t).Echo(p, q.Get("echostr"))
	if err != nil || string(got) != vectors[0].msg {
		t.Errorf("%q, %v", got, err)
	}
}

// flip returns s with its i-th character changed into another of base64.
func flip(s string, i int) string {
	c := byte('A')
	if s[i] == c {
		c = 'B'
	}
	return s[:i] + string(c) + s[i+1:]
}

// rejection is a message that must not be opened, and the checks that find fault with it.
type rejection struct {
	name       string
	params     Params
	ciphertext string
	want       verdict // without a form, what the later checks find is chance
}

// rejections are all the ways to be wrong, each signed rightly unless that is what is wrong.
func rejections(t testing.TB) []rejection {
	const msg = "<xml><MsgType>event</MsgType></xml>"
	var all []rejection
	add := func(name string, want verdict) func(Params, string) {
		return func(p Params, ciphertext string) { all = append(all, rejection{name, p, ciphertext, want}) }
	}
	good := verdict{1, 1, 1, 1, 1}
	p, ciphertext := seal(t, msg, wrapping{})
	wrong := p
	wrong.Signature = flip(p.Signature, 7)
	bad := func(f func(*verdict)) verdict { v := good; f(&v); return v }

	add("signature", bad(func(v *verdict) { v.signature = 0 }))(wrong, ciphertext)
	add("signature in capitals", bad(func(v *verdict) { v.signature = 0 }))(Params{strings.ToUpper(p.Signature), p.Timestamp, p.Nonce}, ciphertext)
	add("no signature", bad(func(v *verdict) { v.signature = 0 }))(Params{"", p.Timestamp, p.Nonce}, ciphertext)
	add("other timestamp", bad(func(v *verdict) { v.signature = 0 }))(Params{p.Signature, "1760000124", p.Nonce}, ciphertext)
	add("other nonce", bad(func(v *verdict) { v.signature = 0 }))(Params{p.Signature, p.Timestamp, "1"}, ciphertext)
	add("receiver", bad(func(v *verdict) { v.receiver = 0 }))(seal(t, msg, wrapping{receiver: "ww0000000000000000"}))
	add("receiver shorter", bad(func(v *verdict) { v.receiver, v.length = 0, 0 }))(seal(t, msg, wrapping{receiver: "ww"}))
	add("receiver longer", bad(func(v *verdict) { v.length = 0 }))(seal(t, msg, wrapping{receiver: "x" + testReceiver}))
	add("length beyond the data", bad(func(v *verdict) { v.length = 0 }))(seal(t, msg, wrapping{size: 1 << 20}))
	add("length below zero", bad(func(v *verdict) { v.length = 0 }))(seal(t, msg, wrapping{size: -len(msg) - 1}))
	add("length too short by one", bad(func(v *verdict) { v.length = 0 }))(seal(t, msg, wrapping{size: -1}))
	add("padding of 0", verdict{1, 1, 0, 0, 0})(seal(t, msg, wrapping{pad: func(b []byte) { b[len(b)-1] = 0 }}))
	add("padding of 33", verdict{1, 1, 0, 0, 0})(seal(t, msg, wrapping{pad: func(b []byte) { b[len(b)-1] = 33 }}))
	add("padding of 255", verdict{1, 1, 0, 0, 0})(seal(t, msg, wrapping{pad: func(b []byte) { b[len(b)-1] = 255 }}))
	add("padding uneven", verdict{1, 1, 0, 0, 0})(seal(t, msg, wrapping{pad: func(b []byte) { b[0]++ }}))
	add("half a block", verdict{1, 0, 0, 0, 0})(seal(t, msg, wrapping{cut: 8}))
	add("one block", verdict{1, 0, 0, 0, 0})(seal(t, msg, wrapping{raw: bytes.Repeat([]byte{16}, 16)}))
	add("nothing but padding", bad(func(v *verdict) { v.length, v.receiver = 0, 0 }))(seal(t, msg, wrapping{raw: bytes.Repeat([]byte{32}, 32)}))
	add("nothing", verdict{1, 0, 0, 0, 0})(sign(""))
	add("no base64", verdict{1, 0, 0, 0, 0})(sign(strings.Repeat("微", 40)))
	add("base64 without its end", verdict{1, 0, 0, 0, 0})(sign(strings.TrimRight(vectors[1].ciphertext, "=")))
	add("URL alphabet", verdict{1, 0, 0, 0, 0})(sign(strings.NewReplacer("+", "-", "/", "_").Replace(vectors[1].ciphertext)))
	add("everything", verdict{})(Params{}, "")
	return all
}

func TestRejections(t *testing.T) {
	o := newOpener(t)
	for _, r := range rejections(t) {
		if got, err := o.Echo(r.params, r.ciphertext); err != ErrRejected || got != nil {
			t.Errorf("%s: echo %q, %v", r.name, got, err)
		}
		if got, err := o.Open(r.params, envelope(r.ciphertext)); err != ErrRejected || got.Raw != nil {
			t.Errorf("%s: open %+v, %v", r.name, got, err)
		}
	}
}

// Whatever is wrong first, all the checks are made: a message with a wrong signature is decrypted and looked through like one
// with a right signature, and gets the same verdict otherwise.
func TestRejectionsTakeTheSameSteps(t *testing.T) {
	o := newOpener(t)
	for _, r := range rejections(t) {
		_, v := o.judge(r.params, r.ciphertext)
		if v.good() {
			t.Errorf("%s: %+v", r.name, v)
		}
		if v.signature != r.want.signature || v.form != r.want.form || v.form == 1 && v != r.want {
			t.Errorf("%s: %+v, want %+v", r.name, v, r.want)
		}
		unsigned := r.params
		unsigned.Signature = "0"
		want := v
		want.signature = 0
		if _, got := o.judge(unsigned, r.ciphertext); got != want {
			t.Errorf("%s without a signature: %+v, want %+v", r.name, got, want)
		}
	}
}

// A message is bound to every bit of its ciphertext by the signature, whatever the change does to the plaintext.
func TestEveryCharacterCounts(t *testing.T) {
	o := newOpener(t)
	v := vectors[1]
	for i := range v.ciphertext {
		if _, err := o.Echo(v.params, flip(v.ciphertext, i)); err != ErrRejected {
			t.Fatalf("character %d changed: %v", i, err)
		}
	}
	for i := range v.params.Signature {
		p := v.params
		p.Signature = flip(p.Signature, i)
		if _, err := o.Echo(p, v.ciphertext); err != ErrRejected {
			t.Fatalf("character %d of the signature changed: %v", i, err)
		}
	}
}

func TestNew(t *testing.T) {
	for name, in := range map[string][3]string{
		"no token":           {"", testKey, testReceiver},
		"token of 33":        {strings.Repeat("a", 33), testKey, testReceiver},
		"token with a slash": {"a/b", testKey, testReceiver},
		"key of 42":          {testToken, testKey[1:], testReceiver},
		"key of 44":          {testToken, testKey + "a", testReceiver},
		"key with a plus":    {testToken, "+" + testKey[1:], testReceiver},
		"key in Chinese":     {testToken, testKey[3:] + "微", testReceiver},
		"no receiver":        {testToken, testKey, ""},
	} {
		o, err := New(in[0], in[1], in[2])
		if err == nil || o != nil {
			t.Errorf("%s: %v, %v", name, o, err)
			continue
		}
		if in[1] != "" && strings.Contains(err.Error(), in[1]) || in[0] != "" && strings.Contains(err.Error(), in[0]+" ") {
			t.Errorf("%s: the error holds a secret: %v", name, err)
		}
	}
	if _, err := New(strings.Repeat("a", 32), testKey, testReceiver); err != nil {
		t.Error(err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	o := newOpener(t)
	var record strings.Builder
	slog.New(slog.NewTextHandler(&record, nil)).Info("start", "callback", o)
	for _, s := range []string{fmt.Sprint(o), fmt.Sprintf("%+v", o), fmt.Sprintf("%#v", o), record.String()} {
		if strings.Contains(s, testToken) || strings.Contains(s, testKey) || !strings.Contains(s, testReceiver) {
			t.Errorf("printed as %s", s)
		}
	}
}
