package kfsim

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	callbackDeadline = 5 * time.Second
	callbackPause    = time.Second // ours: the protocol does not say how long WeCom waits before it tries again
	callbackTries    = 3
	callbackPadding  = 32 // bytes, though a block of AES has 16
	callbackAgent    = "1000002"
)

var (
	callbackTokenForm = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	callbackKeyForm   = regexp.MustCompile(`^[0-9A-Za-z]{43}$`)
)

// Callback is where the app wants to be told of news, as an admin sets it on WeCom's own page. Without a URL nobody is told.
type Callback struct {
	URL, Token, AESKey string
	Deadline           time.Duration // for an answer; 0 means WeCom's 5 s
	Pause              time.Duration // before another try; 0 means 1 s
}

func (c Callback) check() error {
	if c.URL == "" {
		return nil
	}
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("url: not an http address")
	}
	if !callbackTokenForm.MatchString(c.Token) {
		return errors.New("token: 1 to 32 letters and digits")
	}
	if !callbackKeyForm.MatchString(c.AESKey) {
		return errors.New("aes_key: 43 letters and digits")
	}
	return nil
}

// Seal encrypts and signs a message to a receiver id, and returns query and body of the POST that carries it.
func (c Callback) Seal(receiver string, msg []byte, timestamp, nonce string) (url.Values, []byte, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	sealed, err := c.encrypt(salt, receiver, msg)
	if err != nil {
		return nil, nil, err
	}
	body := "<xml><ToUserName><![CDATA[" + receiver + "]]></ToUserName><AgentID><![CDATA[" + callbackAgent +
		"]]></AgentID><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>"
	return c.query(sealed, timestamp, nonce), []byte(body), nil
}

// SealEcho returns the query of the GET that checks an address: echo is what the answer must be.
func (c Callback) SealEcho(receiver, echo, timestamp, nonce string) (url.Values, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	sealed, err := c.encrypt(salt, receiver, []byte(echo))
	if err != nil {
		return nil, err
	}
	q := c.query(sealed, timestamp, nonce)
	q.Set("echostr", sealed)
	return q, nil
}

func (c Callback) query(sealed, timestamp, nonce string) url.Values {
	return url.Values{"msg_signature": {c.sign(timestamp, nonce, sealed)}, "timestamp": {timestamp}, "nonce": {nonce}}
}

// sign is the signature over token, time, nonce and ciphertext in the order of their bytes.
func (c Callback) sign(timestamp, nonce, sealed string) string {
	parts := []string{c.Token, timestamp, nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// encrypt is AES-256-CBC over salt, length, message and receiver, padded to whole 32 bytes.
func (c Callback) encrypt(salt []byte, receiver string, msg []byte) (string, error) {
	// The 43rd character may carry bits that mean nothing, so the strict encoding would refuse good keys.
	key, err := base64.StdEncoding.DecodeString(c.AESKey + "=")
	if err != nil || len(key) != 32 {
		return "", errors.New("aes key: 43 letters and digits")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", fmt.Errorf("aes key: %w", err)
	}
	plain := slices.Clone(salt)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(msg)))
	plain = append(append(plain, msg...), receiver...)
	pad := callbackPadding - len(plain)%callbackPadding
	for range pad {
		plain = append(plain, byte(pad))
	}
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

// messageEvent is the callback that says: an account has news, come and pull.
func messageEvent(receiver, account, token string, at time.Time) string {
	return eventOpening(receiver, at) + cdata("MsgType", "event") + cdata("Event", "kf_msg_or_event") +
		cdata("Token", token) + cdata("OpenKfId", account) + "</xml>"
}

// authEvent is the callback about accounts assigned to the app or taken from it.
func authEvent(receiver string, added, removed []string, at time.Time) string {
	var b strings.Builder
	b.WriteString(eventOpening(receiver, at) + cdata("FromUserName", "sys") + cdata("MsgType", "event") + cdata("Event", "kf_account_auth_change"))
	for _, id := range added {
		b.WriteString(cdata("AuthAddOpenKfId", id))
	}
	for _, id := range removed {
		b.WriteString(cdata("AuthDelOpenKfId", id))
	}
	return b.String() + "</xml>"
}

func eventOpening(receiver string, at time.Time) string {
	return "<xml>" + cdata("ToUserName", receiver) + "<CreateTime>" + strconv.FormatInt(at.Unix(), 10) + "</CreateTime>"
}

func cdata(name, text string) string { return "<" + name + "><![CDATA[" + text + "]]></" + name + ">" }

func (c Callback) deadline() time.Duration { return cmp.Or(c.Deadline, callbackDeadline) }
func (c Callback) pause() time.Duration    { return cmp.Or(c.Pause, callbackPause) }
