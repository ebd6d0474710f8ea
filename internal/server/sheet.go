package server

import (
	"errors"
	"fmt"
	"time"
)

// Column is one column of an export.
type Column struct {
	Key   string  // the name of the value in JSON Lines, the same in every language
	Title string  // the first row of CSV and XLSX, in the operator's language; it names the zone where the column holds times
	Width float64 // width in XLSX, in characters; 0 leaves it to the reader
}

// Cell is one value of an export. The zero Cell is an absent value: empty in CSV and XLSX, null in JSON Lines.
type Cell struct {
	kind sheetKind
	text string
	n    int64
	at   time.Time
}

type sheetKind uint8

const (
	sheetNone sheetKind = iota
	sheetText
	sheetInt
	sheetBool
	sheetTime
	sheetJSON
)

// TextCell is text, whatever it looks like: it never becomes a number or a formula.
func TextCell(s string) Cell { return Cell{kind: sheetText, text: s} }

// IntCell is a whole number.
func IntCell(n int64) Cell { return Cell{kind: sheetInt, n: n} }

// BoolCell is true or false.
func BoolCell(b bool) Cell {
	if b {
		return Cell{kind: sheetBool, n: 1}
	}
	return Cell{kind: sheetBool}
}

// TimeCell is a moment, shown in the zone that at carries: RFC 3339 with its offset in CSV and JSON Lines, a date of the
// wall clock in XLSX, which knows no zones. The zero time is an absent value.
func TimeCell(at time.Time) Cell {
	if at.IsZero() {
		return Cell{}
	}
	return Cell{kind: sheetTime, at: at}
}

// JSONCell is a JSON document: a value of its own in JSON Lines, its text elsewhere. What is not JSON is taken as text, and
// the empty string as an absent value.
func JSONCell(doc string) Cell {
	if doc == "" {
		return Cell{}
	}
	return Cell{kind: sheetJSON, text: doc}
}

// sheetTimeFormat keeps the milliseconds that the database keeps.
const sheetTimeFormat = "2006-01-02T15:04:05.000Z07:00"

// sheetBuffer is how many bytes the text formats gather before a write.
const sheetBuffer = 32 << 10

// errSheetDone means that a row came after Close or Discard.
var errSheetDone = errors.New("export: already closed")

// errSheetColumns means that a row has another number of cells than the sheet has columns.
type errSheetColumns struct{ got, want int }

func (e errSheetColumns) Error() string {
	return fmt.Sprintf("export: row of %d cells, want %d", e.got, e.want)
}
