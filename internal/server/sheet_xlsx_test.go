package server

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func newXLSX(t *testing.T, w io.Writer, columns []Column) *XLSX {
	t.Helper()
	x, err := NewXLSX(w, "审计 [2026/10]", columns)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func readXLSX(t *testing.T, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestXLSXRoundTrip(t *testing.T) {
	texts := []string{
		"=1+1", "+1", "@x", "00123", "1e5", "TRUE", "2026-10-18", " 空格 ", "a\nb", "a\tb", "<b>&\"'", "_x0041_", "售前咨询", "a\x01b", strings.Repeat("长", 32767),
	}
	var out bytes.Buffer
	x := newXLSX(t, &out, sheetColumns)
	for i, text := range texts {
		if err := x.Write(sheetRow(int64(i), text, `{"a":1}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Write(make([]Cell, 5)); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	f := readXLSX(t, out.Bytes())
	const sheet = "审计 _2026_10_"
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < len(texts)+1 || rows[0][1] != sheetColumns[1].Title {
		t.Fatalf("%d rows, header %q", len(rows), rows[0])
	}
	for i, text := range texts {
		at := strconv.Itoa(i + 2)
		// A workbook cannot hold control characters.
		if want := strings.ReplaceAll(text, "\x01", "\uFFFD"); rows[i+1][2] != want {
			t.Errorf("%.40q became %.40q", text, rows[i+1][2])
		}
		wantType(t, f, sheet, "C"+at, excelize.CellTypeInlineString)
		wantType(t, f, sheet, "A"+at, excelize.CellTypeUnset) // a number
		if formula, err := f.GetCellFormula(sheet, "C"+at); err != nil || formula != "" {
			t.Errorf("formula %q, %v", formula, err)
		}
		serial, err := strconv.ParseFloat(rows[i+1][1], 64)
		if err != nil {
			t.Fatal(err)
		}
		// Excel counts days since the end of 1899; excelize reads them back to the second only.
		when := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(serial * 24 * float64(time.Hour)))
		if wall := time.Date(2026, 10, 18, 9, 30, 15, 250e6, time.UTC); when.Sub(wall).Abs() > time.Millisecond {
			t.Errorf("time %v, want the wall clock of %v", when, sheetAt)
		}
	}
	if shown, err := f.GetCellValue(sheet, "B2"); err != nil || !strings.HasPrefix(shown, "2026-10-18 09:30:15.") {
		t.Errorf("time shown as %q, %v", shown, err)
	}
}

func wantType(t *testing.T, f *excelize.File, sheet, cell string, want excelize.CellType) {
	t.Helper()
	if got, err := f.GetCellType(sheet, cell); err != nil || got != want {
		t.Errorf("%s: type %v, %v; want %v", cell, got, err, want)
	}
}

func TestXLSXLongTextIsCutVisibly(t *testing.T) {
	for _, s := range []string{strings.Repeat("长", 32768), strings.Repeat("🙂", 16384)} {
		got := xlsxText(s)
		if !strings.HasSuffix(got, xlsxCut) || !strings.HasPrefix(s, strings.TrimSuffix(got, xlsxCut)) {
			t.Errorf("cut to ...%q", got[len(got)-20:])
		}
		if again := xlsxText(got); again != got {
			t.Error("still too long")
		}
	}
	if s := strings.Repeat("🙂", 16383); xlsxText(s) != s {
		t.Error("a text that fits was cut")
	}
}

func TestXLSXGoesOnInAnotherSheet(t *testing.T) {
	var out bytes.Buffer
	x, err := NewXLSX(&out, strings.Repeat("审", 40), sheetColumns[:1])
	if err != nil {
		t.Fatal(err)
	}
	x.limit = 11
	for n := range int64(25) {
		if err := x.Write([]Cell{IntCell(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	f, next := readXLSX(t, out.Bytes()), 0
	sheets := f.GetSheetList()
	if len(sheets) != 3 || sheets[1] != strings.Repeat("审", 29)+" 2" {
		t.Fatalf("sheets %q", sheets)
	}
	for _, sheet := range sheets {
		rows, err := f.GetRows(sheet)
		if err != nil || rows[0][0] != sheetColumns[0].Title {
			t.Fatalf("%s: %v %v", sheet, rows, err)
		}
		for _, row := range rows[1:] {
			if row[0] != strconv.Itoa(next) {
				t.Fatalf("%s: %q, want %d", sheet, row[0], next)
			}
			next++
		}
	}
	if next != 25 {
		t.Errorf("%d rows read back", next)
	}
}

// TestXLSXTempFiles drives an export over the 16 MB from which rows go to disk, and finds the folder empty after it.
func TestXLSXTempFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	row := []Cell{TextCell(strings.Repeat("云杉家居 ", 4000))}
	for _, end := range []func(*XLSX) error{(*XLSX).Close, (*XLSX).Discard} {
		x := newXLSX(t, io.Discard, sheetColumns[:1])
		for range 400 {
			if err := x.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if files := entries(t, dir); files == 0 {
			t.Fatal("no temporary file: this test proves nothing")
		}
		if err := end(x); err != nil {
			t.Fatal(err)
		}
		if files := entries(t, dir); files != 0 {
			t.Errorf("%d temporary files left", files)
		}
	}
}

func entries(t *testing.T, dir string) int {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
