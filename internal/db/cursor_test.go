package db

import (
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestCursor(t *testing.T) {
	p := place{back: true, key: []any{"5f6a", "wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyJTw", int64(-7)}}
	like := []any{"", "", int64(0)}
	c := encodeCursor("account name", p)
	got, err := decodeCursor(c, "account name", like)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, bad := range map[string]struct {
		c    Cursor
		sort string
		like []any
	}{
		"other sort":       {c, "account name desc", like},
		"other list":       {c, "link name", like},
		"other types":      {c, "account name", []any{"", int64(0), ""}},
		"shorter key":      {c, "account name", []any{"", ""}},
		"longer key":       {c, "account name", []any{"", "", int64(0), ""}},
		"cut":              {c[:len(c)-1], "account name", like},
		"changed":          {"B" + c[1:], "account name", like},
		"padded":           {c + "=", "account name", like},
		"not base64":       {"客服", "account name", like},
		"empty bytes":      {"AA", "account name", like},
		"long":             {Cursor(strings.Repeat("A", 3000)), "account name", like},
		"newline":          {c + "\n", "account name", like},
		"other alphabet":   {Cursor(base64.StdEncoding.EncodeToString([]byte(c))), "account name", like},
		"backwards nobody": {encodeCursor("", place{}), "account name", like},
	} {
		if got, err := decodeCursor(bad.c, bad.sort, bad.like); !errors.Is(err, ErrBadCursor) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(string(encodeCursor("audit desc", place{key: []any{int64(12)}})), "audit desc")
	f.Add(string(encodeCursor("account name", place{back: true, key: []any{"a", "b"}})), "account name")
	f.Add("", "")
	f.Add("AQ", "account name")
	f.Fuzz(func(t *testing.T, c, sort string) {
		for _, like := range [][]any{{int64(0)}, {"", ""}, {"", int64(0), ""}} {
			p, err := decodeCursor(Cursor(c), sort, like)
			if err != nil {
				if !errors.Is(err, ErrBadCursor) {
					t.Fatalf("%q: %v", c, err)
				}
				continue
			}
			if again := encodeCursor(sort, p); string(again) != c {
				t.Fatalf("%q is another writing of %q", c, again)
			}
		}
	})
}
