package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"
)

// readCanonical reads back what canonical wrote.
func readCanonical(b []byte) (table string, values []any, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte("kfconsole audit 1\n"))
	if !ok {
		return "", nil, false
	}
	table, b, ok = cutText(b, 'T')
	if !ok || len(b) < 4 {
		return "", nil, false
	}
	n := binary.BigEndian.Uint32(b)
	for b = b[4:]; n > 0; n-- {
		var v any
		if v, b, ok = readValue(b); !ok {
			return "", nil, false
		}
		values = append(values, v)
	}
	return table, values, len(b) == 0
}

func readValue(b []byte) (v any, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	switch b[0] {
	case 'N':
		return nil, b[1:], true
	case 'S':
		return cutText(b, 'S')
	case 'B':
		s, rest, ok := cutText(b, 'B')
		return []byte(s), rest, ok
	}
	if len(b) < 9 {
		return nil, nil, false
	}
	u := binary.BigEndian.Uint64(b[1:])
	if b[0] == 'F' {
		return math.Float64frombits(u), b[9:], true
	}
	return int64(u), b[9:], b[0] == 'I'
}

// FuzzCanonical proves that no two rows have the same bytes: the row can be read back from them.
func FuzzCanonical(f *testing.F) {
	f.Add("audit_intent", []byte{1, 2, 3, 4, 5}, int64(7), "a", "b", 1.5)
	f.Add("audit_intent", []byte{2, 2, 2}, int64(-1), "ab", "", math.Inf(1))
	f.Add("", []byte{}, int64(0), "S\x00\x00", "N", 0.0)
	f.Fuzz(func(t *testing.T, table string, kinds []byte, n int64, s, u string, x float64) {
		values := make([]any, 0, len(kinds))
		for i, k := range kinds {
			values = append(values, []any{nil, n + int64(i), s, u, []byte(u), x}[int(k)%6])
		}
		b := canonical(nil, table, values)
		gotTable, got, ok := readCanonical(b)
		if !ok || gotTable != table || len(got) != len(values) {
			t.Fatalf("%q %v was read back as %q %v", table, values, gotTable, got)
		}
		for i := range values {
			if f, isFloat := values[i].(float64); isFloat && math.IsNaN(f) {
				continue
			}
			if !reflect.DeepEqual(got[i], values[i]) {
				t.Fatalf("value %d: %#v was read back as %#v", i, values[i], got[i])
			}
		}
	})
}

// TestHashIsStable guards the encoding: rows on disk were hashed with it.
func TestHashIsStable(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	in, out := record(1)
	in.ID = "0190a0b0c0d0e0f00102030405060708"
	if err := d.InsertRecord(ctx, in, out); err != nil {
		t.Fatal(err)
	}
	_, hash, err := d.AuditHead(ctx)
	const want = "b2011aef4f3ee6d3e21f595b2e0d8c4c3b59e036c7d7c882fec67026074417cd"
	if err != nil || hash != want {
		t.Errorf("hash %s, want %s: %v", hash, want, err)
	}
}

func TestStrangeTextSurvives(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	for _, s := range []string{"", "\x00", "a\x00b", "\xff\xfe", "换行\r\n\t", "\u202e\u2028", "'; DROP TABLE audit_intent; --", string(make([]byte, 100))} {
		in, out := record(1)
		in.TargetName, in.Input, in.IP, out.Errmsg, out.After = s, s, s, s, s
		if err := d.InsertRecord(ctx, in, out); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if err := d.InsertNote(ctx, Note{ID: NewID(), IntentID: in.ID, At: testTime, Text: s}); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		e, err := d.AuditEntry(ctx, in.ID)
		if err != nil || e.TargetName != clean(s) || e.Outcome.Errmsg != clean(s) || e.Notes[0].Text != clean(s) {
			t.Errorf("%q was read back as %+v: %v", s, e, err)
		}
	}
	mustVerify(t, d)
}

func TestHourOf(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		want int64
	}{{time.Time{}, 0}, {time.UnixMilli(1), 0}, {time.UnixMilli(3599999), 0}, {time.UnixMilli(3600000), 1}, {time.UnixMilli(-1), -1}, {time.UnixMilli(-3600000), -1}, {time.UnixMilli(-3600001), -2}} {
		if got := hourOf(c.at); got != c.want {
			t.Errorf("%v: %d, want %d", c.at, got, c.want)
		}
	}
}

func TestChainHeadMissing(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	mustRecord(t, d, 1)
	writerExec(t, d, "DELETE FROM audit_head")
	v, err := d.VerifyAudit(ctx, nil)
	if err != nil || v.Broken == nil || v.Broken.Table != "audit_head" {
		t.Errorf("%+v, %v", v, err)
	}
	in, out := record(2)
	if err := d.InsertRecord(ctx, in, out); !errors.Is(err, ErrNotFound) {
		t.Errorf("the chain went on without its head: %v", err)
	}
}
