package kfsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fields reads the JSON object of a request, strictly: the first thing wrong with it becomes the answer, and everything that is
// merely not as the protocol says becomes a violation.
type fields struct {
	c    *call
	path string // of a nested object, with a dot at its end
	raw  map[string]json.RawMessage
	read []string
	err  error
}

// fields parses the body. With optional, an empty body counts as an empty object.
func (c *call) fields(optional bool) *fields {
	f := &fields{c: c, raw: map[string]json.RawMessage{}}
	if c.tooBig {
		c.violate(kindTooLong, "", fmt.Sprintf("body of more than %d bytes", maxJSONBody))
		f.err = refuse(40206, "at most %d bytes", maxJSONBody)
		return f
	}
	if len(c.body) == 0 && optional {
		if c.request.Method != "GET" {
			c.violate(kindType, "", "empty body where a JSON object belongs")
		}
		return f
	}
	if kind := c.request.Header.Get("Content-Type"); !strings.HasPrefix(strings.ToLower(kind), "application/json") {
		c.violate(kindHeader, "Content-Type", "application/json is the documented type")
	}
	f.parse(c.body)
	return f
}

// parse takes the top level apart key by key, because unmarshalling into a map would hide a key given twice.
func (f *fields) parse(body []byte) {
	if !utf8.Valid(body) {
		f.malformed("", "the body is not UTF-8")
		return
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		f.malformed("", "the body is not a JSON object")
		return
	}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			f.malformed("", "the body is not JSON")
			return
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			f.malformed("", "the body is not JSON")
			return
		}
		if _, twice := f.raw[name]; twice {
			f.c.violate(kindField, f.path+name, "given twice")
		}
		f.raw[name] = value
	}
	if _, err := d.Token(); err != nil || len(bytes.TrimSpace(body[d.InputOffset():])) > 0 {
		f.malformed("", "the body is not one JSON object")
	}
}

// malformed is the answer to a body or value of the wrong form.
func (f *fields) malformed(name, why string) {
	name = strings.TrimSuffix(f.path+name, ".")
	f.c.violate(kindType, name, why)
	f.fail(&refusal{40058, strings.TrimPrefix(name+": ", ": ") + why + ". Warning: wrong json format."})
}

func (f *fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// tooLong is the answer to a value beyond a limit.
func (f *fields) tooLong(name, limit string) {
	name = f.path + name
	f.c.violate(kindTooLong, name, limit)
	f.fail(refuse(40058, "%s: %s", name, limit))
}

// outOfRange is the answer to a value that is not allowed.
func (f *fields) outOfRange(name, want string) {
	f.c.violate(kindRange, f.path+name, want)
	f.fail(refuse(40058, "%s: %s", f.path+name, want))
}

// missing is the answer to a required value that is not there.
func (f *fields) missing(name string) {
	f.c.violate(kindMissing, f.path+name, "required")
	f.fail(refuse(40058, "%s: required", f.path+name))
}

// value returns the raw value, nil when it is absent or null.
func (f *fields) value(name string) json.RawMessage {
	f.read = append(f.read, name)
	v, ok := f.raw[name]
	if ok && string(v) == "null" {
		f.c.violate(kindType, f.path+name, "null; leave the field out")
		return nil
	}
	return v
}

// text reads a string of at most limit bytes; 0 means that the caller judges the length.
func (f *fields) text(name string, limit int) (value string, present bool) {
	raw := f.value(name)
	if raw == nil {
		return "", false
	}
	value, ok := f.unquote(name, raw)
	if ok && limit > 0 && len(value) > limit {
		f.tooLong(name, fmt.Sprintf("at most %d bytes", limit))
	}
	return value, ok
}

func (f *fields) unquote(name string, raw json.RawMessage) (string, bool) {
	var value string
	if raw[0] != '"' || json.Unmarshal(raw, &value) != nil {
		f.malformed(name, "a string is needed")
		return "", false
	}
	if hasUnicodeEscape(raw) {
		f.c.violate(kindType, f.path+name, `\uxxxx sequence; send raw UTF-8`)
	}
	return value, true
}

// hasUnicodeEscape tells \u4e2d from an escaped backslash before a u.
func hasUnicodeEscape(raw []byte) bool {
	for i := 0; i+1 < len(raw); i++ {
		if raw[i] == '\\' {
			if i++; raw[i] == 'u' {
				return true
			}
		}
	}
	return false
}

// number reads a uint32 within bounds, or its default.
func (f *fields) number(name string, low, high, preset uint32) int {
	raw := f.value(name)
	if raw == nil {
		return int(preset)
	}
	n, err := strconv.ParseUint(string(raw), 10, 32)
	if err != nil {
		f.malformed(name, "a uint32 is needed")
		return int(preset)
	}
	if uint32(n) < low || uint32(n) > high {
		f.outOfRange(name, fmt.Sprintf("%d to %d", low, high))
	}
	return int(n)
}

// list reads an array of at most limit values.
func (f *fields) list(name string, limit int) []json.RawMessage {
	raw := f.value(name)
	if raw == nil {
		return nil
	}
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		f.malformed(name, "an array is needed")
		return nil
	}
	if len(items) > limit {
		f.c.violate(kindTooMany, f.path+name, fmt.Sprintf("%d items, at most %d", len(items), limit))
		f.fail(refuse(40058, "%s: at most %d items", f.path+name, limit))
		return nil
	}
	return items
}

// texts reads an array of strings.
func (f *fields) texts(name string, limit int) []string {
	var values []string
	for _, raw := range f.list(name, limit) {
		if v, ok := f.unquote(name, raw); ok {
			values = append(values, v)
		}
	}
	return values
}

// numbers reads an array of whole numbers.
func (f *fields) numbers(name string, limit int) []int64 {
	var values []int64
	for _, raw := range f.list(name, limit) {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			f.malformed(name, "whole numbers are needed")
			return nil
		}
		values = append(values, n)
	}
	return values
}

// end returns what is wrong with the request, after every known field was read.
func (f *fields) end() error {
	for name := range f.raw {
		if !slices.Contains(f.read, name) {
			f.c.violate(kindField, f.path+cutAt(name, 64), "unknown field")
		}
	}
	return f.err
}
