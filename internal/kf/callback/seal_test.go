package callback

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"testing"
)

func newOpener(t testing.TB) *Opener {
	t.Helper()
	o, err := New(testToken, testKey, testReceiver)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func testKeyBytes(t testing.TB) []byte {
	t.Helper()
	key, err := hex.DecodeString(testKeyHex)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// wrapping is how a message is wrapped. Its zero value is the right way; each field breaks one thing.
type wrapping struct {
	receiver string       // instead of testReceiver
	size     int          // is added to the length of the message
	pad      func([]byte) // changes the padding
	cut      int          // bytes cut from the end of the ciphertext
	raw      []byte       // instead of everything that is encrypted
}

// seal wraps a message and signs it.
func seal(t testing.TB, msg string, w wrapping) (Params, string) {
	t.Helper()
	if w.receiver == "" {
		w.receiver = testReceiver
	}
	plain := []byte("0123456789abcdef")
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(msg)+w.size))
	plain = append(append(plain, msg...), w.receiver...)
	n := 32 - len(plain)%32
	tail := bytes.Repeat([]byte{byte(n)}, n)
	if w.pad != nil {
		w.pad(tail)
	}
	plain = append(plain, tail...)
	if w.raw != nil {
		plain = bytes.Clone(w.raw)
	}
	key := testKeyBytes(t)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return sign(base64.StdEncoding.EncodeToString(plain[:len(plain)-w.cut]))
}

// sign returns the right parameters for a ciphertext.
func sign(ciphertext string) (Params, string) {
	p := Params{Timestamp: "1760000123", Nonce: "1597531234"}
	parts := []string{testToken, p.Timestamp, p.Nonce, ciphertext}
	sort.Strings(parts)
	p.Signature = fmt.Sprintf("%x", sha1.Sum([]byte(strings.Join(parts, ""))))
	return p, ciphertext
}

// envelope is the body of a POST.
func envelope(ciphertext string) []byte {
	return []byte("<xml><ToUserName><![CDATA[" + testReceiver + "]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID><Encrypt><![CDATA[" +
		ciphertext + "]]></Encrypt></xml>")
}
