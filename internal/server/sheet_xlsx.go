package server

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

const (
	xlsxRows      = excelize.TotalRows      // rows that a sheet holds, the header included
	xlsxChars     = excelize.TotalCellChars // UTF-16 units that a cell holds
	xlsxNameChars = 31                      // characters of a sheet's name
)

// xlsxCut ends a text that had to be cut to the length of a cell.
const xlsxCut = " …[cut]"

// XLSX writes an export as an Excel workbook: a bold header that stays in view, dates as dates, text as text, never as a
// formula. A text longer than a cell (32 767 characters) ends with "…[cut]"; rows beyond what a sheet holds go on in a
// further sheet of the same columns.
//
// A workbook cannot be sent before its last row is known. Rows gather in memory up to 16 MB and then in a temporary file of
// the system's folder for such files; Close or Discard removes it, and one of them must be called.
type XLSX struct {
	w       io.Writer
	file    *excelize.File
	stream  *excelize.StreamWriter
	columns []Column
	name    string
	sheets  int
	rows    int // of the current sheet
	limit   int // rows of a sheet; smaller in tests
	head    int // style of the header
	date    int // style of a time
	cells   []any
	err     error
}

// NewXLSX starts a workbook whose first sheet is called name; characters that Excel refuses in a sheet's name are replaced.
func NewXLSX(w io.Writer, name string, columns []Column) (*XLSX, error) {
	x := &XLSX{w: w, file: excelize.NewFile(), columns: columns, name: xlsxName(name), limit: xlsxRows, cells: make([]any, len(columns))}
	var err error
	format := "yyyy-mm-dd hh:mm:ss.000"
	if x.date, err = x.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err == nil {
		x.head, err = x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	}
	if err == nil {
		err = x.nextSheet()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("export: start workbook: %w", err), x.file.Close())
	}
	return x, nil
}

// Write adds a row. An error ends the export: every later call returns it, and Discard is still to be called.
func (x *XLSX) Write(row []Cell) error {
	if x.err != nil {
		return x.err
	}
	if len(row) != len(x.columns) {
		return errSheetColumns{len(row), len(x.columns)}
	}
	if x.rows == x.limit {
		if err := x.nextSheet(); err != nil {
			x.err = fmt.Errorf("export: next sheet: %w", err)
			return x.err
		}
	}
	for i := range row {
		x.cells[i] = x.value(&row[i])
	}
	if err := x.put(); err != nil {
		x.err = fmt.Errorf("export: write row: %w", err)
	}
	return x.err
}

// Close sends the whole workbook to the underlying writer, compressed as it goes, and removes the temporary files.
func (x *XLSX) Close() error {
	if x.err != nil {
		return x.err
	}
	err := x.stream.Flush()
	if err == nil {
		// excelize would gather the compressed workbook in memory: its own buffer stays empty this way.
		x.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(x.w) })
		err = x.file.Write(io.Discard)
	}
	x.err = errSheetDone
	if err = errors.Join(err, x.file.Close()); err != nil {
		x.err = fmt.Errorf("export: write workbook: %w", err)
		return x.err
	}
	return nil
}

// Discard removes the temporary files of an export that has failed. Nothing has been sent before Close.
func (x *XLSX) Discard() error {
	if errors.Is(x.err, errSheetDone) {
		return nil
	}
	x.err = errSheetDone
	return x.file.Close()
}

func (x *XLSX) nextSheet() error {
	if x.stream != nil {
		if err := x.stream.Flush(); err != nil {
			return err
		}
	}
	x.sheets++
	name := x.name
	var err error
	if x.sheets == 1 {
		err = x.file.SetSheetName(x.file.GetSheetName(0), name)
	} else {
		name = xlsxNext(x.name, x.sheets)
		_, err = x.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if x.stream, err = x.file.NewStreamWriter(name); err != nil {
		return err
	}
	x.rows = 0
	return x.header()
}

func (x *XLSX) header() error {
	for i, col := range x.columns {
		if col.Width > 0 {
			if err := x.stream.SetColWidth(i+1, i+1, col.Width); err != nil {
				return err
			}
		}
		x.cells[i] = excelize.Cell{StyleID: x.head, Value: xlsxText(col.Title)}
	}
	panes := &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}
	if err := x.stream.SetPanes(panes); err != nil {
		return err
	}
	return x.put()
}

func (x *XLSX) put() error {
	x.rows++
	return x.stream.SetRow("A"+strconv.Itoa(x.rows), x.cells)
}

func (x *XLSX) value(cell *Cell) any {
	switch cell.kind {
	case sheetText, sheetJSON:
		if cell.text != "" {
			return xlsxText(cell.text)
		}
	case sheetInt:
		// A number in a workbook has 15 exact digits.
		if cell.n > 999_999_999_999_999 || cell.n < -999_999_999_999_999 {
			return strconv.FormatInt(cell.n, 10)
		}
		return cell.n
	case sheetBool:
		return cell.n != 0
	case sheetTime:
		return excelize.Cell{StyleID: x.date, Value: cell.at}
	}
	return nil
}

// xlsxText cuts s visibly where excelize would do it silently.
func xlsxText(s string) string {
	if len(s) <= xlsxChars {
		return s
	}
	units, room := 0, xlsxChars-len(utf16.Encode([]rune(xlsxCut)))
	cut := len(s)
	for i, r := range s {
		n := max(utf16.RuneLen(r), 1)
		if units <= room && units+n > room {
			cut = i
		}
		units += n
	}
	if units <= xlsxChars {
		return s
	}
	return s[:cut] + xlsxCut
}

// xlsxName makes a name that Excel accepts for a sheet: 1 to 31 characters, none of :\/?*[] and no apostrophe outside.
func xlsxName(s string) string {
	runes := []rune(s)
	runes = runes[:min(len(runes), xlsxNameChars)]
	for i, r := range runes {
		switch r {
		case ':', '\\', '/', '?', '*', '[', ']', '\'':
			runes[i] = '_'
		}
	}
	if len(runes) == 0 {
		return "1"
	}
	return string(runes)
}

// xlsxNext numbers the n-th sheet of a long export, within the length that a name may have.
func xlsxNext(name string, n int) string {
	tail := []rune(" " + strconv.Itoa(n))
	head := []rune(name)
	return string(append(head[:min(len(head), xlsxNameChars-len(tail))], tail...))
}
