package callback

import (
	"errors"
	"testing"
	"unicode/utf8"
)

// FuzzOpen feeds bodies and parameters of any kind. None may be opened, as none has a right signature but the vectors.
func FuzzOpen(f *testing.F) {
	for _, v := range append(vectors, foreign) {
		f.Add(v.params.Signature, v.params.Timestamp, v.params.Nonce, envelope(v.ciphertext))
		f.Add(v.params.Signature, v.params.Timestamp, v.params.Nonce, []byte(`{"encrypt":"`+v.ciphertext+`"}`))
	}
	f.Add("", "", "", []byte(`<!DOCTYPE xml [<!ENTITY c "c">]><xml><Encrypt>&c;</Encrypt></xml>`))
	o := newOpener(f)
	f.Fuzz(func(t *testing.T, signature, timestamp, nonce string, body []byte) {
		e, err := o.Open(Params{signature, timestamp, nonce}, body)
		switch {
		case err == nil:
			if e.Kind == "" || len(e.Raw) == 0 {
				t.Errorf("%+v", e)
			}
		case err != ErrRejected && err != ErrMalformed:
			t.Errorf("%T: %v", err, err)
		}
		if err != nil && (e.Kind != "" || e.Raw != nil) {
			t.Errorf("%v with %+v", err, e)
		}
	})
}

// FuzzPlaintext feeds decrypted bytes of any kind with a right signature: what an attacker who has the key could send.
func FuzzPlaintext(f *testing.F) {
	for _, b := range [][]byte{make([]byte, 32), make([]byte, 64), []byte("0123456789abcdef\x00\x00\x00\x00" + testReceiver + "\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a")} {
		f.Add(b)
	}
	o := newOpener(f)
	f.Fuzz(func(t *testing.T, plain []byte) {
		whole := plain[:len(plain)/16*16]
		p, ciphertext := seal(t, "", wrapping{raw: append(make([]byte, 0, len(whole)), whole...)})
		msg, err := o.Echo(p, ciphertext)
		if err != nil {
			return
		}
		if n := len(whole) - headBytes - len(msg) - len(testReceiver); n < 1 || n > padding {
			t.Errorf("%d bytes left for the padding of %x", n, whole)
		}
	})
}

// FuzzEvent feeds messages of WeCom's of any kind.
func FuzzEvent(f *testing.F) {
	for _, v := range vectors {
		f.Add([]byte(v.msg))
	}
	f.Add([]byte(`<xml><Event>kf_account_auth_change</Event><AuthAddOpenKfId>a</AuthAddOpenKfId><AuthAddOpenKfId>b</AuthAddOpenKfId></xml>`))
	f.Fuzz(func(t *testing.T, msg []byte) {
		e, err := readEvent(msg)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		if e.Kind == "" || !utf8.ValidString(e.Kind) || !utf8.ValidString(e.Token) || !utf8.ValidString(e.Account) {
			t.Errorf("%+v", e)
		}
	})
}
