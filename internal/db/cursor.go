package db

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

// Cursor is an opaque place in a list: base64url text made by a list method, only valid for the same list and sort.
// "" is the beginning. It holds the key of a row, nothing secret; anybody can make one, which only finds another place.
type Cursor string

// Page holds the cursors around the rows that a list returned; "" = nothing there.
type Page struct {
	Next, Prev Cursor
}

const (
	cursorVersion = 1
	cursorSum     = 6    // bytes of checksum
	maxCursor     = 2048 // characters

	forward  = 'n' // rows after the key
	backward = 'p' // rows before it
)

// place is what a cursor says: the rows before or after a key.
type place struct {
	back bool
	key  []any // string or int64
}

// encodeCursor makes the cursor of a place in a list with this sort.
func encodeCursor(sort string, p place) Cursor {
	dir := byte(forward)
	if p.back {
		dir = backward
	}
	b := appendText([]byte{cursorVersion, dir}, 'T', sort)
	b = append(b, byte(len(p.key)))
	for _, v := range p.key {
		b = appendValue(b, v)
	}
	sum := sha256.Sum256(b)
	return Cursor(base64.RawURLEncoding.EncodeToString(append(b, sum[:cursorSum]...)))
}

// decodeCursor reads a cursor of a list with this sort, whose key has the types of like. All else is ErrBadCursor.
func decodeCursor(c Cursor, sort string, like []any) (place, error) {
	// The decoder passes over line ends.
	if len(c) > maxCursor || strings.ContainsAny(string(c), "\r\n") {
		return place{}, fmt.Errorf("%w: too long or of several lines", ErrBadCursor)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(c))
	if err != nil || len(raw) < 2+cursorSum {
		return place{}, fmt.Errorf("%w: no base64url or too short", ErrBadCursor)
	}
	b, sum := raw[:len(raw)-cursorSum], raw[len(raw)-cursorSum:]
	if want := sha256.Sum256(b); subtle.ConstantTimeCompare(sum, want[:cursorSum]) == 0 {
		return place{}, fmt.Errorf("%w: checksum", ErrBadCursor)
	}
	if b[0] != cursorVersion || (b[1] != forward && b[1] != backward) {
		return place{}, fmt.Errorf("%w: version or direction", ErrBadCursor)
	}
	p := place{back: b[1] == backward}
	got, b, ok := cutText(b[2:], 'T')
	if !ok || got != sort {
		return place{}, fmt.Errorf("%w: of another list or sort", ErrBadCursor)
	}
	if p.key, ok = cutKey(b, like); !ok {
		return place{}, fmt.Errorf("%w: key", ErrBadCursor)
	}
	return p, nil
}

// cutKey reads exactly the values of a key with the types of like.
func cutKey(b []byte, like []any) (key []any, ok bool) {
	if len(b) == 0 || int(b[0]) != len(like) {
		return nil, false
	}
	b = b[1:]
	for _, l := range like {
		switch l.(type) {
		case string:
			var s string
			if s, b, ok = cutText(b, 'S'); !ok {
				return nil, false
			}
			key = append(key, s)
		default:
			if len(b) < 9 || b[0] != 'I' {
				return nil, false
			}
			key, b = append(key, int64(binary.BigEndian.Uint64(b[1:]))), b[9:]
		}
	}
	return key, len(b) == 0
}

// cutText is the inverse of appendText.
func cutText(b []byte, tag byte) (s string, rest []byte, ok bool) {
	if len(b) < 9 || b[0] != tag {
		return "", nil, false
	}
	n := binary.BigEndian.Uint64(b[1:])
	if n > uint64(len(b)-9) {
		return "", nil, false
	}
	return string(b[9 : 9+n]), b[9+n:], true
}
