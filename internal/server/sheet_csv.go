package server

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSV writes an export as comma-separated values after RFC 4180: UTF-8 with a byte order mark, so that Excel reads Chinese
// right, CRLF, quotes where they are needed. Text that a spreadsheet would take as a formula gets a leading apostrophe; the
// mark is not undone by a reader, so whoever needs the text to the letter takes JSON Lines.
type CSV struct {
	w       io.Writer
	buf     []byte
	columns int
	err     error
}

// NewCSV starts an export with its header row. Nothing reaches w before some kilobytes are gathered or Close is called.
func NewCSV(w io.Writer, columns []Column) *CSV {
	c := &CSV{w: w, columns: len(columns), buf: make([]byte, 0, sheetBuffer+4096)}
	c.buf = append(c.buf, "\uFEFF"...)
	for i, col := range columns {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.buf = csvAppendText(c.buf, col.Title)
	}
	c.buf = append(c.buf, '\r', '\n')
	return c
}

// Write adds a row. An error of the underlying writer ends the export: every later call returns it.
func (c *CSV) Write(row []Cell) error {
	if c.err != nil {
		return c.err
	}
	if len(row) != c.columns {
		return errSheetColumns{len(row), c.columns}
	}
	for i := range row {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.buf = csvAppendCell(c.buf, &row[i])
	}
	c.buf = append(c.buf, '\r', '\n')
	if len(c.buf) >= sheetBuffer {
		return c.flush()
	}
	return nil
}

// Close writes what is still gathered. It does not close the underlying writer.
func (c *CSV) Close() error {
	if c.err != nil {
		return c.err
	}
	err := c.flush()
	if err == nil {
		c.err = errSheetDone
	}
	return err
}

// Discard drops what is still gathered: the export has failed and must not look complete.
func (c *CSV) Discard() error {
	c.buf, c.err = nil, errSheetDone
	return nil
}

func (c *CSV) flush() error {
	if _, err := c.w.Write(c.buf); err != nil {
		c.err = fmt.Errorf("export: write csv: %w", err)
		return c.err
	}
	c.buf = c.buf[:0]
	return nil
}

func csvAppendCell(b []byte, cell *Cell) []byte {
	switch cell.kind {
	case sheetText, sheetJSON:
		return csvAppendText(b, cell.text)
	case sheetInt:
		return strconv.AppendInt(b, cell.n, 10)
	case sheetBool:
		return strconv.AppendBool(b, cell.n != 0)
	case sheetTime:
		return cell.at.AppendFormat(b, sheetTimeFormat)
	}
	return b
}

func csvAppendText(b []byte, s string) []byte {
	guard := csvFormula(s)
	if !csvNeedsQuotes(s) {
		if guard {
			b = append(b, '\'')
		}
		return append(b, s...)
	}
	b = append(b, '"')
	if guard {
		b = append(b, '\'')
	}
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		b = append(append(b, s[:i]...), '"', '"')
		s = s[i+1:]
	}
	return append(append(b, s...), '"')
}

// csvNeedsQuotes also quotes outer blanks, which some readers trim, and a lone "\.", which ends a PostgreSQL COPY.
func csvNeedsQuotes(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		switch s[i] {
		case '"', ',', '\r', '\n':
			return true
		}
	}
	first, last := s[0], s[len(s)-1]
	return first == ' ' || first == '\t' || last == ' ' || last == '\t' || s == `\.`
}

// csvFormula reports whether a spreadsheet could take s as a formula. Blanks and invisible characters in front are looked
// through, because some readers drop them; the full-width and small forms are there because input methods and Excel's own
// import turn them into the plain ones.
func csvFormula(s string) bool {
	if s == "" {
		return false
	}
	if first := s[0]; first < utf8.RuneSelf && first > ' ' {
		return first == '=' || first == '+' || first == '-' || first == '@'
	}
	for _, r := range s {
		switch r {
		case ' ', '\u00A0', '\u200B', '\u200C', '\u200D', '\u2060', '\u3000', '\uFEFF':
			continue
		case '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−':
			return true
		}
		return r < ' '
	}
	return false
}
