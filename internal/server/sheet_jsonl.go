package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// JSONL writes an export as JSON Lines: one object a line with the columns' keys in their order, numbers as numbers, times
// as RFC 3339 with their offset, absent values as null. Nothing is changed for the sake of a spreadsheet.
type JSONL struct {
	w    io.Writer
	buf  []byte
	keys [][]byte // `{"first":`, `,"second":` ...
	doc  bytes.Buffer
	err  error
}

// NewJSONL starts an export. It writes no header: an export without rows is empty.
func NewJSONL(w io.Writer, columns []Column) *JSONL {
	j := &JSONL{w: w, keys: make([][]byte, len(columns)), buf: make([]byte, 0, sheetBuffer+4096)}
	for i, col := range columns {
		lead := byte(',')
		if i == 0 {
			lead = '{'
		}
		j.keys[i] = append(jsonAppendText([]byte{lead}, col.Key), ':')
	}
	return j
}

// Write adds a row. An error of the underlying writer ends the export: every later call returns it.
func (j *JSONL) Write(row []Cell) error {
	if j.err != nil {
		return j.err
	}
	if len(row) != len(j.keys) {
		return errSheetColumns{len(row), len(j.keys)}
	}
	for i := range row {
		j.buf = append(j.buf, j.keys[i]...)
		j.appendCell(&row[i])
	}
	j.buf = append(j.buf, '}', '\n')
	if len(j.buf) >= sheetBuffer {
		return j.flush()
	}
	return nil
}

// Close writes what is still gathered. It does not close the underlying writer.
func (j *JSONL) Close() error {
	if j.err != nil {
		return j.err
	}
	err := j.flush()
	if err == nil {
		j.err = errSheetDone
	}
	return err
}

// Discard drops what is still gathered: the export has failed and must not look complete.
func (j *JSONL) Discard() error {
	j.buf, j.err = nil, errSheetDone
	return nil
}

func (j *JSONL) flush() error {
	if len(j.buf) == 0 {
		return nil
	}
	if _, err := j.w.Write(j.buf); err != nil {
		j.err = fmt.Errorf("export: write json lines: %w", err)
		return j.err
	}
	j.buf = j.buf[:0]
	return nil
}

func (j *JSONL) appendCell(cell *Cell) {
	switch cell.kind {
	case sheetText:
		j.buf = jsonAppendText(j.buf, cell.text)
	case sheetInt:
		j.buf = strconv.AppendInt(j.buf, cell.n, 10)
	case sheetBool:
		j.buf = strconv.AppendBool(j.buf, cell.n != 0)
	case sheetTime:
		j.buf = append(j.buf, '"')
		j.buf = cell.at.AppendFormat(j.buf, sheetTimeFormat)
		j.buf = append(j.buf, '"')
	case sheetJSON:
		// A line break inside the document would break the line.
		j.doc.Reset()
		if !utf8.ValidString(cell.text) || json.Compact(&j.doc, []byte(cell.text)) != nil {
			j.buf = jsonAppendText(j.buf, cell.text)
			return
		}
		j.buf = append(j.buf, j.doc.Bytes()...)
	default:
		j.buf = append(j.buf, "null"...)
	}
}

const jsonHex = "0123456789abcdef"

// jsonAppendText appends s as a JSON string. Bytes that are no UTF-8 become U+FFFD, as encoding/json has it.
func jsonAppendText(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		ch := s[i]
		if ch >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		if ch < ' ' || ch == '"' || ch == '\\' || ch == 0x7F {
			b = jsonAppendEscape(append(b, s[from:i]...), ch)
			from = i + 1
		}
		i++
	}
	return append(append(b, s[from:]...), '"')
}

func jsonAppendEscape(b []byte, ch byte) []byte {
	switch ch {
	case '"', '\\':
		return append(b, '\\', ch)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', jsonHex[ch>>4], jsonHex[ch&15])
}
