//go:build bench

package callback

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The benchmarks print "row  ours / limit = ratio (target)". Both sides are measured in turns within one run and the median of the
// ratios is shown: absolute figures move by a factor of two on shared machines. They never fail.

const (
	turns = 41
	turn  = 25 * time.Millisecond
)

// perCall runs f for a turn and returns the microseconds of a call.
func perCall(f func()) float64 {
	n, start := 0, time.Now()
	for ; time.Since(start) < turn; n += 16 {
		for range 16 {
			f()
		}
	}
	return float64(time.Since(start).Microseconds()) / float64(n)
}

func median(l []float64) float64 {
	l = slices.Sorted(slices.Values(l))
	return l[len(l)/2]
}

// bare does what must be done at least: a hash, a decryption and two parses, without a look at what comes out.
func bare(t *testing.T, v vector, body []byte) func() {
	block, err := aes.NewCipher(testKeyBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	signed := strings.Join([]string{v.params.Nonce, v.params.Timestamp, v.ciphertext, testToken}, "")
	iv := newOpener(t).iv
	return func() {
		var outer struct {
			ToUserName, AgentID, Encrypt string
		}
		if err := xml.Unmarshal(body, &outer); err != nil {
			t.Fatal(err)
		}
		_ = sha1.Sum([]byte(signed))
		plain, err := base64.StdEncoding.DecodeString(outer.Encrypt)
		if err != nil {
			t.Fatal(err)
		}
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, plain)
		var inner struct {
			ToUserName, MsgType, Event, Token, OpenKfId string
			CreateTime                                  int64
		}
		if err := xml.Unmarshal(plain[headBytes:headBytes+len(v.msg)], &inner); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBenchOpen(t *testing.T) {
	v := vectors[1]
	o, body := newOpener(t), envelope(v.ciphertext)
	ours := func() {
		if _, err := o.Open(v.params, body); err != nil {
			t.Fatal(err)
		}
	}
	limit := bare(t, v, body)
	var a, b, ratios []float64
	for range turns {
		y := perCall(limit)
		x := perCall(ours)
		a, b, ratios = append(a, x), append(b, y), append(ratios, x/y)
	}
	fmt.Printf("P8 verify, decrypt and read a callback  %.1f / %.1f us = %.2f (target <= 1.5 of the bare primitives)\n", median(a), median(b), median(ratios))
}

// samples are how long calls took, in nanoseconds.
type samples []float64

func (s samples) moments() (mean, variance float64) {
	for _, x := range s {
		mean += x / float64(len(s))
	}
	for _, x := range s {
		variance += (x - mean) * (x - mean) / float64(len(s)-1)
	}
	return mean, variance
}

// welch is the t of two samples that may differ in variance, without the slowest twentieth of both, which are interruptions.
func welch(a, b samples) float64 {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	limit := all[len(all)*19/20]
	kept := func(s samples) samples {
		return slices.DeleteFunc(slices.Clone(s), func(x float64) bool { return x > limit })
	}
	a, b = kept(a), kept(b)
	ma, va := a.moments()
	mb, vb := b.moments()
	return math.Abs(ma-mb) / math.Sqrt(va/float64(len(a))+vb/float64(len(b)))
}

// timed measures calls of two functions in an order that cannot be foreseen.
func timed(n int, f, g func()) (a, b samples) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		which, into := f, &a
		if r.IntN(2) == 1 {
			which, into = g, &b
		}
		start := time.Now()
		which()
		if took := time.Since(start); i > n/10 {
			*into = append(*into, float64(took.Nanoseconds()))
		}
	}
	return a, b
}

// Nobody may learn from the time of a rejection what was wrong. The last row is the hole that the first ones would show: an
// opener that does not decrypt what is not signed.
func TestBenchRejections(t *testing.T) {
	const n = 200_000
	o, msg := newOpener(t), vectors[1].msg
	reject := func(p Params, ciphertext string) func() {
		body := envelope(ciphertext)
		return func() {
			if _, err := o.Open(p, body); err != ErrRejected {
				t.Fatal(err)
			}
		}
	}
	p, ciphertext := seal(t, msg, wrapping{})
	p.Signature = flip(p.Signature, 0)
	signature := reject(p, ciphertext)
	padding := reject(seal(t, msg, wrapping{pad: func(b []byte) { b[0]++ }}))
	receiver := reject(seal(t, msg, wrapping{receiver: strings.Repeat("x", len(testReceiver))}))
	body := envelope(ciphertext)
	early := func() {
		if o.signed(p, encrypted(bytes.Clone(body))) == 1 {
			t.Fatal("signed")
		}
	}
	for _, pair := range []struct {
		name string
		f, g func()
		want string
	}{
		{"signature and padding", signature, padding, "< 4.5"},
		{"signature and receiver", signature, receiver, "< 4.5"},
		{"padding and receiver", padding, receiver, "< 4.5"},
		{"signature, and one that stops there", padding, early, "> 4.5: a hole is seen"},
	} {
		a, b := timed(n, pair.f, pair.g)
		t := welch(a, b)
		fmt.Printf("P8 rejections told apart by time, %s  |t| %.1f / 4.5 = %.2f (target |t| %s)\n", pair.name, t, t/4.5, pair.want)
	}
}
