package kfsim

import (
	"encoding/json"
	"strconv"
)

// nest parses a value as an object of its own. Its end must be called too: what is wrong inside becomes the answer of the whole.
func (f *fields) nest(name string, raw json.RawMessage) *fields {
	inner := &fields{c: f.c, path: f.path + name + ".", raw: map[string]json.RawMessage{}}
	if f.err == nil {
		inner.parse(raw)
	}
	return inner
}

// object reads a required nested object with a reader of its fields.
func (f *fields) object(name string, reader func(*fields)) {
	raw := f.value(name)
	if raw == nil {
		f.missing(name)
		return
	}
	f.inside(name, raw, reader)
}

// inside runs a reader over a nested object, unless something was wrong before.
func (f *fields) inside(name string, raw json.RawMessage, reader func(*fields)) {
	if f.err != nil {
		return
	}
	inner := f.nest(name, raw)
	if inner.err == nil {
		reader(inner)
	}
	if err := inner.end(); err != nil {
		f.fail(err)
	}
}

// needed reads a string that must be there and not be empty.
func (f *fields) needed(name string, limit int) string {
	value, ok := f.text(name, limit)
	if f.err == nil && (!ok || value == "") {
		f.missing(name)
	}
	return value
}

// cut reads a string that WeCom shortens instead of refusing it.
func (f *fields) cut(name string, limit int) string {
	value, _ := f.text(name, 0)
	if len(value) > limit {
		f.c.violate(kindTooLong, f.path+name, "at most "+strconv.Itoa(limit)+" bytes, the rest is cut off")
		value = cutAt(value, limit)
	}
	return value
}

// decimal reads a required number between -bound and bound.
func (f *fields) decimal(name string, bound float64) float64 {
	raw := f.value(name)
	if raw == nil {
		f.missing(name)
		return 0
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		f.malformed(name, "a number is needed")
		return 0
	}
	if n < -bound || n > bound {
		f.outOfRange(name, strconv.FormatFloat(-bound, 'f', -1, 64)+" to "+strconv.FormatFloat(bound, 'f', -1, 64))
	}
	return n
}
