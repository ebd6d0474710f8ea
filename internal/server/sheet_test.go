package server

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

var sheetColumns = []Column{
	{Key: "seq", Title: "序号"},
	{Key: "at", Title: "时间 (UTC+08:00)", Width: 20},
	{Key: "who", Title: "操作员"},
	{Key: "input", Title: "内容"},
	{Key: "ok", Title: "成功"},
}

var sheetAt = time.Date(2026, 10, 18, 9, 30, 15, 250e6, time.FixedZone("UTC+8", 8*3600))

func sheetRow(seq int64, who, input string) []Cell {
	return []Cell{IntCell(seq), TimeCell(sheetAt), TextCell(who), JSONCell(input), BoolCell(seq%2 == 0)}
}

func csvOf(t *testing.T, columns []Column, rows ...[]Cell) string {
	t.Helper()
	var out bytes.Buffer
	w := NewCSV(&out, columns)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCSVBytes(t *testing.T) {
	got := csvOf(t, sheetColumns, sheetRow(1, `赵, "青"`, "{\"name\":\"售前\"}"), sheetRow(-2, " 空格 ", ""), make([]Cell, 5))
	want := "\uFEFF序号,时间 (UTC+08:00),操作员,内容,成功\r\n" +
		"1,2026-10-18T09:30:15.250+08:00,\"赵, \"\"青\"\"\",\"{\"\"name\"\":\"\"售前\"\"}\",false\r\n" +
		"-2,2026-10-18T09:30:15.250+08:00,\" 空格 \",,true\r\n" +
		",,,,\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCSVFormulaGuard(t *testing.T) {
	for _, text := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "＋1", "－1", "＠x", "﹦1", "−1", "=", "-", " =1", "\u3000=1", "\uFEFF=1", "\u200B\u00A0-1",
		"=cmd|'/c calc'!A1", "-\"a\",b",
	} {
		if got := readCSV(t, csvOf(t, []Column{{Title: text}}, []Cell{TextCell(text)})); got[0][0] != "'"+text || got[1][0] != "'"+text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{"", "售前", "a=1", "1-1", " a", "'=1", "\u3000", "1+1", "！"} {
		if got := readCSV(t, csvOf(t, []Column{{Title: "h"}, {Title: "i"}}, []Cell{TextCell(text), TextCell("x")})); got[1][0] != text {
			t.Errorf("%q became %q", text, got[1][0])
		}
	}
}

// readCSV reads CSV by the standard library, which turns CRLF inside a field into LF: the texts here have none.
func readCSV(t testing.TB, s string) [][]string {
	t.Helper()
	s, ok := strings.CutPrefix(s, "\uFEFF")
	if !ok {
		t.Fatal("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(s)).ReadAll()
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return rows
}

func TestJSONLTyped(t *testing.T) {
	var out bytes.Buffer
	w := NewJSONL(&out, sheetColumns)
	for _, row := range [][]Cell{
		sheetRow(1, "=青\u2028\n\"\\\x01\xff", "{\n \"rev\": 9007199254740993}"),
		sheetRow(2, "b", "not json"), make([]Cell, 5),
	} {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"{\"seq\":1,\"at\":\"2026-10-18T09:30:15.250+08:00\",\"who\":\"=青\u2028\\n\\\"\\\\\\u0001\uFFFD\",\"input\":{\"rev\":9007199254740993},\"ok\":false}",
		`{"seq":2,"at":"2026-10-18T09:30:15.250+08:00","who":"b","input":"not json","ok":true}`,
		`{"seq":null,"at":null,"who":null,"input":null,"ok":null}`, "",
	}
	if got := strings.Split(out.String(), "\n"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

// TestSheetEnds holds for each format: a row of the wrong width is refused and does no harm, an error of the writer stays,
// and nothing can be written after the end.
func TestSheetEnds(t *testing.T) {
	broken := errors.New("gone")
	for name, open := range map[string]func(io.Writer) sheetUnderTest{
		"csv":   func(w io.Writer) sheetUnderTest { return NewCSV(w, sheetColumns) },
		"jsonl": func(w io.Writer) sheetUnderTest { return NewJSONL(w, sheetColumns) },
		"xlsx":  func(w io.Writer) sheetUnderTest { return newXLSX(t, w, sheetColumns) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			s := open(&out)
			if err := s.Write(make([]Cell, 2)); !errors.As(err, new(errSheetColumns)) {
				t.Errorf("short row: %v", err)
			}
			if err := s.Write(sheetRow(1, "a", "")); err != nil {
				t.Errorf("row after a refused one: %v", err)
			}
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			size := out.Len()
			if err := s.Write(sheetRow(2, "b", "")); !errors.Is(err, errSheetDone) || out.Len() != size {
				t.Errorf("row after the end: %v", err)
			}
			if err := errors.Join(s.Discard(), s.Discard()); err != nil {
				t.Errorf("discard after close: %v", err)
			}

			s = open(failingWriter{broken})
			if err := s.Write(sheetRow(1, "a", "")); err != nil {
				t.Errorf("first row: %v", err)
			}
			if err := s.Close(); !errors.Is(err, broken) {
				t.Errorf("close on a broken writer: %v", err)
			}

			out.Reset()
			s = open(&out)
			if err := errors.Join(s.Write(sheetRow(1, "a", "")), s.Discard()); err != nil || out.Len() > 0 {
				t.Errorf("discard: %v, %d bytes written", err, out.Len())
			}
			if err := s.Close(); !errors.Is(err, errSheetDone) {
				t.Errorf("close after discard: %v", err)
			}
		})
	}
}

type sheetUnderTest interface {
	Write([]Cell) error
	Close() error
	Discard() error
}

// TestSheetStops holds that a long export notices a reader that went away.
func TestSheetStops(t *testing.T) {
	broken := errors.New("gone")
	for _, s := range []sheetUnderTest{NewCSV(failingWriter{broken}, sheetColumns), NewJSONL(failingWriter{broken}, sheetColumns)} {
		var err error
		for n := 0; n < 2000 && err == nil; n++ {
			err = s.Write(sheetRow(int64(n), "a", `{"name":"售前咨询"}`))
		}
		if !errors.Is(err, broken) || !errors.Is(s.Close(), broken) {
			t.Errorf("%T: %v", s, err)
		}
	}
}

func TestSheetAllocations(t *testing.T) {
	row := sheetRow(7, "售前, 咨询", `{"name": "云杉"}`)
	for _, s := range []sheetUnderTest{NewCSV(io.Discard, sheetColumns), NewJSONL(io.Discard, sheetColumns)} {
		most := 0.0
		if _, ok := s.(*JSONL); ok {
			most = 1 // the document as bytes, for the standard library
		}
		got := testing.AllocsPerRun(1000, func() {
			if err := s.Write(row); err != nil {
				t.Fatal(err)
			}
		})
		if got > most {
			t.Errorf("%T: %v allocations a row, want at most %v", s, got, most)
		}
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "=1", "a,b", "\"", "\r\n", "\x00", "＝", "\xff", "'", " ", `\.`, "a\rb"} {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		texts := []string{a, b, a + b}
		columns := []Column{{Title: b}, {Title: a}, {Title: "k"}}
		rows := [][]string{{b, a, "k"}, texts, texts}
		cells := []Cell{TextCell(a), JSONCell(b), TextCell(a + b)}
		got := readCSV(t, csvOf(t, columns, cells, cells))
		if len(got) != len(rows) {
			t.Fatalf("%d rows, want %d", len(got), len(rows))
		}
		for y, row := range rows {
			for x, text := range row {
				plain := strings.ReplaceAll(text, "\r\n", "\n") // the reader's, not the writer's
				if got[y][x] != plain && got[y][x] != "'"+plain {
					t.Fatalf("%q became %q", text, got[y][x])
				}
				if got[y][x] != "" && strings.ContainsRune("=+-@\t\r\x00＝＋－＠", []rune(got[y][x])[0]) {
					t.Fatalf("%q starts a formula", got[y][x])
				}
			}
		}
	})
}

func FuzzJSONL(f *testing.F) {
	f.Add("a", `{"b": [1, 2]}`)
	f.Add("\xff\u2028", "{")
	f.Fuzz(func(t *testing.T, text, doc string) {
		var out bytes.Buffer
		w := NewJSONL(&out, []Column{{Key: "text"}, {Key: "doc"}})
		if err := errors.Join(w.Write([]Cell{TextCell(text), JSONCell(doc)}), w.Close()); err != nil {
			t.Fatal(err)
		}
		if line, rest, ok := strings.Cut(out.String(), "\n"); !ok || rest != "" {
			t.Fatalf("not one line: %q", line)
		}
		var got struct {
			Text string
			Doc  json.RawMessage
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%q: %v", out.String(), err)
		}
		if want := strings.ToValidUTF8(text, "\uFFFD"); strings.ToValidUTF8(got.Text, "\uFFFD") != want && !strings.Contains(want, "\uFFFD") {
			t.Errorf("text %q, want %q", got.Text, want)
		}
	})
}
