package db

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// encodingVersion is that of the encoding below, written into every row of the chain. A table that gains a column gets
// a new version: the rows written before keep theirs and still verify.
const encodingVersion = 1

// chainTable is one of the tables of the audit chain. The last two columns are prev and hash; all others and prev are
// hashed in this order.
type chainTable struct {
	name   string
	cols   []string
	walk   string // the column by which it is read: its primary key
	seq    int    // index of the column seq
	intent int    // index of the column that refers to the intent, -1 = it is the intent
	id     int    // index of the row's own id, -1 = it has none
	insert string // the statement that adds a row
}

// The tables of the chain: what was meant, how it ended, what was said about it.
var (
	intentTable = newChainTable("audit_intent", -1, 2, "seq", "v", "id", "at", "operator_id", "operator_name", "ip", "action",
		"target_kind", "target_id", "target_name", "input_json", "before_json", "request_id", "undoes", "prev", "hash")
	outcomeTable = newChainTable("audit_outcome", 0, -1, "intent_seq", "v", "seq", "at", "result", "errcode", "errmsg", "hint",
		"from_ip", "remote_id", "after_json", "prev", "hash")
	noteTable = newChainTable("audit_note", 3, 2, "seq", "v", "id", "intent_seq", "at", "operator_id", "operator_name", "body",
		"prev", "hash")
	chainTables = []*chainTable{intentTable, outcomeTable, noteTable}
)

func newChainTable(name string, intent, id int, cols ...string) *chainTable {
	return &chainTable{name: name, cols: cols, walk: cols[0], intent: intent, id: id, seq: slices.Index(cols, "seq"),
		insert: "INSERT INTO " + name + " (" + strings.Join(cols, ", ") + ") VALUES (" + placeholders(1, len(cols)) + ")"}
}

// placeholders is "$from, $from+1, ..." with n numbers.
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// canonical appends the bytes that are hashed for a row: the name of the table and the values of all columns but hash,
// each with its type and length. Two different rows never have the same bytes, because the bytes can be read back.
func canonical(b []byte, table string, values []any) []byte {
	b = append(b, "kfconsole audit 1\n"...)
	b = appendText(b, 'T', table)
	b = binary.BigEndian.AppendUint32(b, uint32(len(values)))
	for _, v := range values {
		b = appendValue(b, v)
	}
	return b
}

// hashOf is the hash of a row, in hex; values are all columns but hash.
func hashOf(t *chainTable, values []any) string {
	sum := sha256.Sum256(canonical(make([]byte, 0, 2048), t.name, values))
	return hex.EncodeToString(sum[:])
}

// appendValue appends one value. Types that no row of ours has are encoded too: somebody may have put one there.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 'N')
	case int64:
		return binary.BigEndian.AppendUint64(append(b, 'I'), uint64(v))
	case string:
		return appendText(b, 'S', v)
	case []byte:
		return appendText(b, 'B', string(v))
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'F'), math.Float64bits(v))
	default:
		return appendText(b, '?', fmt.Sprintf("%T %v", v, v))
	}
}

func appendText(b []byte, tag byte, s string) []byte {
	b = binary.BigEndian.AppendUint64(append(b, tag), uint64(len(s)))
	return append(b, s...)
}

// chainHead is the end of the chain.
type chainHead struct {
	seq   int64
	hash  string
	hour  int64 // of the last intent, -1 = there is none
	dirty bool  // not yet in its row
}

func (h *chainHead) copy() *chainHead {
	if h == nil {
		return nil
	}
	c := *h
	return &c
}

// chainEnd returns the end of the chain as this transaction sees it. It is read inside every commit anew, since another
// process may have added rows; within a commit it is kept here and written once.
func (db *DB) chainEnd(ctx context.Context) (*chainHead, error) {
	t := db.tx
	if t.head != nil {
		return t.head, nil
	}
	h, err := one(ctx, db, scanHead, selectHead)
	if err != nil {
		return nil, wrap("read head of the audit chain", err)
	}
	t.head = &h
	return t.head, nil
}

const selectHead = "SELECT seq, hash, hour FROM audit_head WHERE one = 1"

func scanHead(s scanner) (h chainHead, err error) { return h, s.Scan(&h.seq, &h.hash, &h.hour) }

// writeHead stores the end of the chain if the group moved it.
func (w *writer) writeHead() error {
	h := w.group.head
	if h == nil || !h.dirty {
		return nil
	}
	_, err := w.exec("UPDATE audit_head SET seq = $1, hash = $2, hour = $3 WHERE one = 1", []any{h.seq, h.hash, h.hour})
	return err
}

// chain adds a row to the chain. values are the columns before prev; the one of seq is filled in here. It returns the
// row's seq.
func (db *DB) chain(ctx context.Context, t *chainTable, values []any) (int64, error) {
	h, err := db.chainEnd(ctx)
	if err != nil {
		return 0, err
	}
	seq := h.seq + 1
	values[t.seq] = seq
	values = append(values, h.hash)
	hash := hashOf(t, values)
	if _, err := db.exec(ctx, t.insert, append(values, hash)...); err != nil {
		return 0, err
	}
	h.seq, h.hash, h.dirty = seq, hash, true
	return seq, nil
}

// hourOf is the hour of audit_span.
func hourOf(t time.Time) int64 {
	const hour = int64(time.Hour / time.Millisecond)
	n := ms(t)
	if n < 0 {
		n -= hour - 1
	}
	return n / hour
}
