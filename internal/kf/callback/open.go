package callback

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
)

const (
	keyChars  = 43 // of an EncodingAESKey
	maxToken  = 32 // bytes
	padding   = 32 // the block size of the padding, twice that of AES
	headBytes = 20 // 16 random ones and the length of the message
)

// Opener opens messages for one application. It is safe for concurrent use.
type Opener struct {
	token    string
	receiver []byte
	block    cipher.Block
	iv       []byte
}

// New returns an opener. Token and key are what the administrator entered as
// Token and EncodingAESKey: 1 to 32 and exactly 43 letters and digits. The
// receiver is the corp id.
func New(token, key, receiver string) (*Opener, error) {
	switch {
	case token == "" || len(token) > maxToken || !alphanumeric(token):
		return nil, errors.New("callback: token: want 1 to 32 letters and digits")
	case len(key) != keyChars || !alphanumeric(key):
		return nil, errors.New("callback: encoding AES key: want 43 letters and digits")
	case receiver == "":
		return nil, errors.New("callback: receiver: want a corp id")
	}
	// The last character may carry bits that do not count, which a strict decoder
	// refuses.
	raw, err := base64.StdEncoding.DecodeString(key + "=")
	if err != nil {
		return nil, errors.New("callback: encoding AES key: want 43 letters and digits")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, errors.New("callback: encoding AES key: want 43 letters and digits")
	}
	return &Opener{token: token, receiver: []byte(receiver), block: block, iv: raw[:aes.BlockSize]}, nil
}

// String names the opener without its secrets.
func (o *Opener) String() string { return "callback.Opener{" + string(o.receiver) + "}" }

// GoString names the opener without its secrets.
func (o *Opener) GoString() string { return o.String() }

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// decrypt returns the message in a ciphertext.
func (o *Opener) decrypt(p Params, ciphertext string) ([]byte, error) {
	msg, v := o.judge(p, ciphertext)
	if !v.good() {
		return nil, ErrRejected
	}
	return msg, nil
}

// verdict is what each check of a message found, 1 being good. All of them are
// made whatever the others found, and none says anything alone.
type verdict struct {
	signature, form, padding, length, receiver int
}

func (v verdict) good() bool {
	return v.signature&v.form&v.padding&v.length&v.receiver == 1
}

// judge checks a message and cuts it out of its wrapping. A message that is not
// good must not be used.
//
// The work depends on the length of the ciphertext alone: a sender who could see
// that a message failed early would learn, byte by byte, what he may not know.
func (o *Opener) judge(p Params, ciphertext string) (msg []byte, v verdict) {
	v.signature = o.signed(p, ciphertext)
	plain, form := o.plaintext(ciphertext)
	v.form = form

	// The padding is judged without a branch on what it holds.
	n := len(plain)
	pad := int(plain[n-1])
	v.padding = subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, padding)
	for i := 1; i <= padding; i++ {
		inside := subtle.ConstantTimeLessOrEq(i, pad)
		same := subtle.ConstantTimeByteEq(plain[n-i], byte(pad))
		v.padding &= subtle.ConstantTimeSelect(inside, same, 1)
	}
	pad = subtle.ConstantTimeSelect(v.padding, pad, 1)

	// What is left after head, message and receiver must be nothing. Where it is
	// not, the receiver is looked for where it would be.
	size := uint64(binary.BigEndian.Uint32(plain[16:headBytes]))
	end := n - pad
	start := max(end-len(o.receiver), 0)
	if uint64(headBytes)+size+uint64(len(o.receiver)) == uint64(end) {
		v.length = 1
	}
	found := make([]byte, len(o.receiver))
	copy(found, plain[start:end])
	v.receiver = subtle.ConstantTimeCompare(found, o.receiver)
	return plain[min(headBytes, start):start], v
}

// signed reports whether the signature is that of the ciphertext.
func (o *Opener) signed(p Params, ciphertext string) int {
	parts := []string{o.token, p.Timestamp, p.Nonce, ciphertext}
	slices.Sort(parts)
	h := sha1.New()
	for _, part := range parts {
		h.Write([]byte(part))
	}
	var want [2 * sha1.Size]byte
	hex.Encode(want[:], h.Sum(nil))
	return subtle.ConstantTimeCompare(want[:], []byte(p.Signature))
}

// plaintext decrypts a ciphertext. One that is not base64 of whole blocks, or is
// shorter than the padding, is replaced by one of about its length, so that there
// is always something to go on with.
func (o *Opener) plaintext(ciphertext string) (plain []byte, form int) {
	plain, err := base64.StdEncoding.DecodeString(ciphertext)
	form = 1
	if n := len(plain); err != nil || n < padding || n%aes.BlockSize != 0 {
		form = 0
		plain = make([]byte, max(len(ciphertext)*3/4/aes.BlockSize*aes.BlockSize, padding))
	}
	cipher.NewCBCDecrypter(o.block, o.iv).CryptBlocks(plain, plain)
	return plain, form
}
