package kf

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// status is the head of every answer.
type status struct {
	Code flexInt    `json:"errcode"`
	Msg  flexString `json:"errmsg"`
}

// decodeJSON decodes an answer whose errcode is 0. Unknown fields are ignored
// and absent ones stay zero. An answer without an errcode is not WeCom's: who
// took it for a success would believe any JSON a proxy makes up.
func decodeJSON[T any](a *answer) (T, error) {
	var v, zero T
	if err := a.check(); err != nil {
		return zero, err
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		return zero, a.malformed(shapeReason(a.body, err))
	}
	return v, nil
}

// check returns the error that the answer stands for, whatever the shape of the
// rest of it. It trims the body.
func (a *answer) check() error {
	a.body = bytes.TrimSpace(bytes.TrimPrefix(a.body, []byte("\xef\xbb\xbf")))
	var head struct {
		Code *flexInt   `json:"errcode"`
		Msg  flexString `json:"errmsg"`
	}
	if err := json.Unmarshal(a.body, &head); err != nil {
		return a.malformed(shapeReason(a.body, err))
	}
	if head.Code == nil {
		return a.malformed("JSON without errcode")
	}
	if *head.Code != 0 {
		return newError(a.endpoint, int(*head.Code), string(head.Msg), a.secrets)
	}
	return nil
}

func (a *answer) malformed(reason string) error { return malformed(a.endpoint, reason) }

// malformed is the error of an answer that came with HTTP 200 and yet is none.
func malformed(endpoint, reason string) error {
	return &HTTPError{Endpoint: endpoint, Status: http.StatusOK, Reason: reason}
}

// flexInt is a whole number that may come in quotes.
type flexInt int64

// UnmarshalJSON implements json.Unmarshaler.
func (n *flexInt) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	i, err := strconv.ParseInt(string(bytes.Trim(b, `"`)), 10, 64)
	if err != nil {
		return &json.UnmarshalTypeError{Value: "value that is not a whole number"}
	}
	*n = flexInt(i)
	return nil
}

// flexString is a text for people that may come as any JSON value.
type flexString string

// UnmarshalJSON implements json.Unmarshaler.
func (s *flexString) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if b[0] != '"' {
		*s = flexString(b)
		return nil
	}
	return json.Unmarshal(b, (*string)(s))
}
