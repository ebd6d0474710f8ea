// Package callback opens what WeCom sends to the callback address of an
// application: the check of the address and the events (documents 90930, 90968,
// 94670 and 97712).
//
// It looks at signature, encryption and receiver of a message and reads the
// events of customer service in it. It knows nothing of time: that a message is
// old, or was seen before, is for the caller to notice.
//
// Everything it gets comes from the internet. All that is wrong before the
// message is known to be WeCom's gives the same error after the same work, so
// that nobody learns from trying what a key does.
package callback

import (
	"errors"
	"time"
)

// MaxBody is the most bytes of a body that Open reads. Messages are below 2 KiB,
// but for those that name many accounts.
const MaxBody = 64 << 10

var (
	// ErrRejected is a message that is not WeCom's, or not for this receiver:
	// envelope, signature, encryption or receiver are wrong. There is no telling
	// which.
	ErrRejected = errors.New("callback: rejected")
	// ErrMalformed is a message of WeCom's that does not say what it is.
	ErrMalformed = errors.New("callback: malformed message")
)

// Params are the parameters of the address, decoded.
type Params struct {
	Signature string // msg_signature
	Timestamp string // seconds since 1970
	Nonce     string
}

// The kinds of events of customer service.
const (
	KindMessages   = "kf_msg_or_event"
	KindAuthChange = "kf_account_auth_change"
)

// Event is what a message says.
type Event struct {
	// Kind is one of the Kind constants, or what else WeCom calls an event. For a
	// message that is no event it is the type of message, such as text.
	Kind      string
	CreatedAt time.Time // to the second, UTC; zero if WeCom did not say
	// Token is for sync_msg, with KindMessages. It is a secret for ten minutes.
	Token string
	// Account is the open_kfid that has news, with KindMessages. Empty means any.
	Account string
	// Added and Removed are the accounts that were assigned to the application or
	// withdrawn from it, with KindAuthChange.
	Added, Removed []string
	Raw            []byte // the message as it was decrypted; may hold secrets and what people wrote
}

// Echo answers the check of the address: what it returns has to be sent back as
// it is, within a second.
func (o *Opener) Echo(p Params, echostr string) ([]byte, error) {
	return o.decrypt(p, echostr)
}

// Open opens the body of a POST. The envelope is XML, or JSON if it begins with
// a brace. The error is ErrRejected or ErrMalformed. An event of an unknown kind
// is none.
func (o *Opener) Open(p Params, body []byte) (Event, error) {
	msg, err := o.decrypt(p, encrypted(body))
	if err != nil {
		return Event{}, err
	}
	return readEvent(msg)
}
