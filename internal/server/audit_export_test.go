package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/ops"
)

// exported is the file of an export as rows of text by column, however it was written.
type exported struct {
	titles []string
	rows   []map[string]string
}

// exportKeys are the columns in their order.
var exportKeys = []string{"id", "seq", "at", "operator", "ip", "action", "action_text", "target_kind", "target_id", "target", "outcome", "outcome_text", "ended_at", "errcode",
	"errmsg", "hint", "remote_id", "input", "before", "after", "request_id", "undoes"}

func keyed(t *testing.T, table [][]string) exported {
	t.Helper()
	out := exported{titles: table[0]}
	if len(out.titles) != len(exportKeys) {
		t.Fatalf("%d columns, want %d", len(out.titles), len(exportKeys))
	}
	for _, cells := range table[1:] {
		row := map[string]string{}
		for i, v := range cells {
			row[exportKeys[i]] = v
		}
		out.rows = append(out.rows, row)
	}
	return out
}

func readExportCSV(t *testing.T, body string) exported {
	t.Helper()
	body, marked := strings.CutPrefix(body, "\uFEFF")
	if !marked {
		t.Error("no byte order mark")
	}
	table, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return keyed(t, table)
}

func readExportJSONL(t *testing.T, body string) exported {
	t.Helper()
	out := exported{}
	for line := range strings.Lines(body) {
		fields := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		row := map[string]string{}
		for k, v := range fields {
			var text string
			switch {
			case string(v) == "null":
			case json.Unmarshal(v, &text) == nil:
				row[k] = text
			default:
				row[k] = string(v)
			}
		}
		out.rows = append(out.rows, row)
	}
	return out
}

func readExportXLSX(t *testing.T, body string) (exported, *excelize.File) {
	t.Helper()
	file, err := excelize.OpenReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	table, err := file.GetRows(file.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return keyed(t, table), file
}

// ids lists the entries of a file in its order.
func (x exported) ids() []string {
	list := []string{}
	for _, row := range x.rows {
		list = append(list, row["id"])
	}
	return list
}

// unguarded takes the mark away that keeps a spreadsheet from computing text.
func unguarded(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && csvFormula(rest) {
		return rest
	}
	return s
}

// TestExportIsExactlyTheFilter reads every format back and compares it with the log, over
// several chunks and with all filters.
func TestExportIsExactlyTheFilter(t *testing.T) {
	h := newEmptyHouse(t)
	h.manyEntries(2500)
	v := h.as("owner")
	for _, query := range []string{"kind=account", "operator=%E9%97%A8%E5%BA%97%E4%B8%BB%E7%AE%A1&outcome=refused", "to=2000-01-01", ""} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"csv", "jsonl", "xlsx"} {
			r := v.get("/audit." + format + "?" + query).want(http.StatusOK)
			all := h.everything()
			export := all[0]
			if query == "" {
				// It began before the first row was read, so it is in the file that has everything: still open.
				all[0].Outcome = nil
			}
			var file exported
			switch format {
			case "csv":
				file = readExportCSV(t, r.Body)
			case "jsonl":
				file = readExportJSONL(t, r.Body)
			default:
				file, _ = readExportXLSX(t, r.Body)
			}
			want := matching(q, all)
			if got := file.ids(); !slices.Equal(got, want) {
				t.Fatalf("%s of %q: %d rows, want %d", format, query, len(got), len(want))
			}
			compareRows(t, format, file, all)
			var asked struct{ Format, Filter string }
			if json.Unmarshal([]byte(export.Input), &asked) != nil || asked.Format != format || (asked.Filter == "") != (query == "") {
				t.Errorf("the log says that %s was asked for", export.Input)
			}
			if export.Action != ops.AuditExport || export.OperatorName != "owner" || h.everything()[0].Outcome.After != fmt.Sprintf(`{"rows":%d}`, len(want)) {
				t.Errorf("%s: entry %+v %+v, want %d rows", format, export.Intent, export.Outcome, len(want))
			}
		}
	}
}

// compareRows holds each row of a file against its entry.
func compareRows(t *testing.T, format string, file exported, all []db.Entry) {
	t.Helper()
	byID := map[string]db.Entry{}
	for _, e := range all {
		byID[e.ID] = e
	}
	bad := 0
	for _, row := range file.rows {
		e := byID[row["id"]]
		o := db.Outcome{Result: "open"}
		ended, code := "", ""
		if e.Outcome != nil {
			o = *e.Outcome
			ended = o.At.In(kf.Beijing).Format(sheetTimeFormat)
			if o.Errcode != 0 {
				code = strconv.Itoa(o.Errcode)
			}
		}
		want := map[string]string{"seq": strconv.FormatInt(e.Seq, 10), "at": e.At.In(kf.Beijing).Format(sheetTimeFormat), "operator": e.OperatorName, "ip": e.IP, "action": e.Action,
			"target_kind": e.TargetKind, "target_id": e.TargetID, "target": e.TargetName, "outcome": o.Result, "ended_at": ended, "errcode": code, "errmsg": o.Errmsg, "hint": o.Hint,
			"remote_id": o.RemoteID, "input": e.Input, "before": e.Before, "after": o.After, "request_id": e.RequestID, "undoes": e.Undoes}
		for k, w := range want {
			got := row[k]
			switch format {
			case "csv":
				got = unguarded(got)
			case "xlsx":
				if k == "at" || k == "ended_at" {
					// A date is a number of days there.
					continue
				}
			}
			if got != w && bad < 5 {
				bad++
				t.Errorf("%s, entry %d: %s is %q, want %q", format, e.Seq, k, got, w)
			}
		}
	}
}

// TestExportCannotCompute holds that no cell of any format is taken as a formula.
func TestExportCannotCompute(t *testing.T) {
	h := newEmptyHouse(t)
	h.manyEntries(120)
	v := h.as("auditor")
	risky := 0
	for _, row := range readExportCSV(t, v.get("/audit.csv").want(http.StatusOK).Body).rows {
		for k, cell := range row {
			if strings.HasPrefix(cell, "'") {
				risky++
			}
			if _, err := strconv.ParseInt(cell, 10, 64); err != nil && csvFormula(cell) {
				t.Errorf("%s is %q", k, cell)
			}
		}
	}
	if risky < 20 {
		t.Errorf("only %d cells were guarded: the test has lost its danger", risky)
	}
	rows, file := readExportXLSX(t, v.get("/audit.xlsx?kind=link").want(http.StatusOK).Body)
	for y := range len(rows.rows) + 1 {
		for x := range exportKeys {
			cell, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				t.Fatal(err)
			}
			if formula, err := file.GetCellFormula(file.GetSheetName(0), cell); err != nil || formula != "" {
				t.Errorf("%s has the formula %q, %v", cell, formula, err)
			}
		}
	}
}

func TestExportHeadersAndWords(t *testing.T) {
	h := newEmptyHouse(t)
	v := h.as("owner")
	for format, kind := range map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		r := v.get("/audit." + format).want(http.StatusOK)
		if r.Header.Get("Content-Type") != kind {
			t.Errorf("%s is sent as %q", format, r.Header.Get("Content-Type"))
		}
		if name := r.Header.Get("Content-Disposition"); !strings.HasPrefix(name, `attachment; filename="audit-2`) || !strings.Contains(name, "."+format+`"`) {
			t.Errorf("%s is named %q", format, name)
		}
	}
	zh := readExportCSV(t, v.get("/audit.csv").Body)
	en := readExportCSV(t, v.in("en").get("/audit.csv").Body)
	if zh.titles[3] != "操作员" || !strings.Contains(zh.titles[2], "北京") || en.titles[3] != "Operator" || en.rows[0]["action_text"] != "Export audit log" || zh.rows[0]["action_text"] != "导出操作日志" {
		t.Errorf("titles %q and %q", zh.titles, en.titles)
	}
	n := len(h.everything())
	for _, address := range []string{"/audit.csv?kind=x", "/audit.xlsx?from=1", "/audit.jsonl?operator=" + strings.Repeat("x", 201)} {
		v.get(address).want(http.StatusBadRequest)
	}
	if len(h.everything()) != n {
		t.Error("a filter that makes no sense left an entry")
	}
}

// listen serves the house on a port of its own, and ends with the test.
func (h *house) listen() string {
	h.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Server.Serve(ln) }()
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.Server.Shutdown(ctx)
		<-ended
	})
	return ln.Addr().String()
}

// dial opens a connection on which v asks for a page, and returns the answer's reader.
func (v *visitor) dial(addr, path string) (net.Conn, *http.Response) {
	v.h.t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		v.h.t.Fatal(err)
	}
	v.h.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		v.h.t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: kf_session=%s\r\n\r\n", path, addr, v.cookies["kf_session"])
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		v.h.t.Fatal(err)
	}
	return conn, res
}

// bigEntries writes entries of some kilobytes each, more than the buffers between two
// programs hold.
func (h *house) bigEntries(n int) {
	h.t.Helper()
	long := `{"note":"` + strings.Repeat("长", 5000) + `"}`
	err := h.DB.Tx(h.t.Context(), func(tx *db.DB) error {
		for range n {
			in := db.Intent{ID: db.NewID(), At: time.Now(), OperatorName: "owner", Action: ops.LinkUpdate, TargetKind: ops.KindLink, TargetID: "big", Input: long}
			if err := tx.InsertRecord(h.t.Context(), in, db.Outcome{At: time.Now(), Result: db.ResultDone}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// lastExport waits until the last export has an end.
func (h *house) lastExport() db.Entry {
	h.t.Helper()
	list, _, err := h.DB.AuditEntries(h.t.Context(), db.AuditFilter{Action: ops.AuditExport}, "", 1)
	if err != nil || len(list) != 1 {
		h.t.Fatal(len(list), err)
	}
	return h.concluded(list[0].ID)
}

func TestExportIsStreamed(t *testing.T) {
	h := newEmptyHouse(t)
	h.bigEntries(1600)
	v := h.as("owner")
	addr := h.listen()
	_, res := v.dial(addr, "/audit.jsonl?kind=link")
	if res.ContentLength != -1 || !slices.Equal(res.TransferEncoding, []string{"chunked"}) {
		t.Fatalf("length %d, encoding %q", res.ContentLength, res.TransferEncoding)
	}
	// The reader has taken the head only: far more than every buffer is still to come, so the export is under way and already written down.
	open, err := h.DB.OpenIntents(t.Context())
	if err != nil || len(open) != 1 || open[0].Action != ops.AuditExport {
		t.Errorf("open: %+v, %v", open, err)
	}
	// Meanwhile the console works, and a change finds the database free.
	h.as("viewer").get("/accounts").want(http.StatusOK)
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(body, []byte("\n")); n != 1600 {
		t.Errorf("%d rows", n)
	}
	if e := h.lastExport(); e.Outcome.Result != ops.Done || e.Outcome.After != `{"rows":1600}` {
		t.Errorf("outcome %+v", e.Outcome)
	}
}

// TestExportCutOff holds for a browser that goes away: the file has no proper end, and
// the log says how far it came.
func TestExportCutOff(t *testing.T) {
	h := newEmptyHouse(t)
	h.bigEntries(1600)
	addr := h.listen()
	for _, format := range []string{"jsonl", "csv"} {
		conn, res := h.as("owner").dial(addr, "/audit."+format+"?kind=link")
		if _, err := io.CopyN(io.Discard, res.Body, 100<<10); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		e := h.lastExport()
		var after struct{ Rows int }
		if err := json.Unmarshal([]byte(e.Outcome.After), &after); err != nil {
			t.Fatal(err)
		}
		if e.Outcome.Result != ops.Failed || e.Outcome.Errmsg == "" || after.Rows < 5 || after.Rows >= 1600 {
			t.Errorf("%s: outcome %+v", format, e.Outcome)
		}
	}
}
