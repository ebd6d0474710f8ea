package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"kfconsole/internal/db"
)

// exportChunk is how many entries an export reads at once: a slow reader must not
// hold a long read of the database open.
const exportChunk = 1000

// exportWithin bounds an export; every write has a deadline of its own.
const (
	exportWithin   = time.Hour
	exportPatience = 30 * time.Second
)

// sheet is a file under way: rows, and an end.
type sheet interface {
	Write(row []Cell) error
	Close() error
	Discard() error
}

func (s *Server) auditCSV(r *request) error {
	return s.auditExport(r, "csv", "text/csv; charset=utf-8", func(w io.Writer, c []Column) (sheet, error) { return NewCSV(w, c), nil })
}

func (s *Server) auditJSONL(r *request) error {
	return s.auditExport(r, "jsonl", "application/jsonl; charset=utf-8", func(w io.Writer, c []Column) (sheet, error) { return NewJSONL(w, c), nil })
}

func (s *Server) auditXLSX(r *request) error {
	name := r.t().Audit.Sheet
	return s.auditExport(r, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		func(w io.Writer, c []Column) (sheet, error) { return NewXLSX(w, name, c) })
}

// auditExport streams exactly the entries of the filter, newest first. The export is
// an entry of the log itself, written before the first byte and ended with the number
// of rows, also when the browser goes away.
func (s *Server) auditExport(r *request, format, contentType string, open func(io.Writer, []Column) (sheet, error)) error {
	filter, q, err := auditFilter(r)
	if err != nil {
		return err
	}
	name := "audit-" + r.view.Now.In(r.view.Zone).Format("20060102-150405") + "." + format
	r.c.Set("Content-Type", contentType)
	r.c.Set("Content-Disposition", `attachment; filename="`+name+`"; filename*=UTF-8''`+url.PathEscape(name))
	if r.c.Method() == http.MethodHead {
		return nil
	}
	id, err := s.Ops.StartExport(r.ctx, r.actor, format, q.On(""))
	if err != nil {
		r.c.Response().Header.Del("Content-Disposition")
		return err
	}
	columns := auditColumns(r)
	conn := r.c.Context().Conn()
	export := auditExporter{db: s.DB, filter: filter, zone: r.view.Zone, row: auditCells(r)}
	r.c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		ctx, cancel := context.WithTimeout(context.Background(), exportWithin)
		defer cancel()
		rows, err := export.run(ctx, func() (sheet, error) { return open(patient{w, conn, s.Now}, columns) })
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			s.Log.Warn("export cut off", "intent", id, "rows", rows, "error", err)
			// The connection is closed without the final chunk, so the browser knows the file is not whole.
			_ = conn.Close()
		}
		if err := s.Ops.FinishExport(ctx, id, rows, err); err != nil {
			s.Log.Error("record export", "intent", id, "error", err)
		}
	})
	return nil
}

// patient gives each write to a slow reader a deadline of its own.
type patient struct {
	w    *bufio.Writer
	conn interface{ SetWriteDeadline(time.Time) error }
	now  func() time.Time
}

// Write writes and pushes what is gathered to the reader.
func (p patient) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(p.now().Add(exportPatience)); err != nil {
		return 0, err
	}
	n, err := p.w.Write(b)
	if err == nil {
		err = p.w.Flush()
	}
	return n, err
}

// auditExporter reads the entries of a filter in chunks and writes them as rows.
type auditExporter struct {
	db     *db.DB
	filter db.AuditFilter
	zone   *time.Location
	row    func(e db.Entry, cells []Cell)
}

// run writes all rows; a panic, which no middleware would see here, becomes an error.
func (x auditExporter) run(ctx context.Context, open func() (sheet, error)) (rows int64, err error) {
	out, err := open()
	if err != nil {
		return 0, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("export: panic: %v", p)
		}
		if err != nil {
			err = errors.Join(err, out.Discard())
		}
	}()
	cells := make([]Cell, auditColumnCount)
	after := db.Cursor("")
	for {
		entries, page, err := x.db.AuditEntries(ctx, x.filter, after, exportChunk)
		if err != nil {
			return rows, err
		}
		for _, e := range entries {
			x.row(e, cells)
			if err := out.Write(cells); err != nil {
				return rows, err
			}
			rows++
		}
		if page.Next == "" {
			return rows, out.Close()
		}
		after = page.Next
	}
}

// auditColumnCount is the number of columns of an export.
const auditColumnCount = 22

func auditColumns(r *request) []Column {
	t := r.t().Audit
	zone := " (" + r.t().Zone(r.view.Zone) + ")"
	return []Column{
		{"id", t.ColID, 34}, {"seq", t.ColSeq, 10}, {"at", t.ColTime + zone, 22}, {"operator", t.ColOperator, 14}, {"ip", t.ColIP, 16},
		{"action", t.ColAction, 20}, {"action_text", t.ColAction + " ·", 18}, {"target_kind", t.ColKind, 12}, {"target_id", t.ColTargetID, 34}, {"target", t.ColTarget, 24},
		{"outcome", t.ColOutcome, 10}, {"outcome_text", t.ColOutcome + " ·", 10}, {"ended_at", t.ColEnded + zone, 22}, {"errcode", t.ColErrcode, 10}, {"errmsg", t.ColErrmsg, 30}, {"hint", t.ColHint, 20},
		{"remote_id", t.ColRemoteID, 34}, {"input", t.ColInput, 30}, {"before", t.ColBefore, 30}, {"after", t.ColAfter, 30}, {"request_id", t.ColRequestID, 34}, {"undoes", t.Undoes, 34},
	}
}

// auditCells fills one row; it holds nothing of the request, which is over when rows
// are written.
func auditCells(r *request) func(e db.Entry, cells []Cell) {
	t, zone := r.t().Audit, r.view.Zone
	return func(e db.Entry, cells []Cell) {
		o := db.Outcome{Result: outcomeOf(e)}
		ended, code := Cell{}, Cell{}
		if e.Outcome != nil {
			o = *e.Outcome
			ended = TimeCell(o.At.In(zone))
			if o.Errcode != 0 {
				code = IntCell(int64(o.Errcode))
			}
		}
		copy(cells, []Cell{
			TextCell(e.ID), IntCell(e.Seq), TimeCell(e.At.In(zone)), TextCell(e.OperatorName), TextCell(e.IP),
			TextCell(e.Action), TextCell(t.Actions[e.Action]), TextCell(e.TargetKind), TextCell(e.TargetID), TextCell(e.TargetName),
			TextCell(o.Result), TextCell(t.Outcomes[o.Result]), ended, code, TextCell(o.Errmsg), TextCell(o.Hint),
			TextCell(o.RemoteID), JSONCell(e.Input), JSONCell(e.Before), JSONCell(o.After), TextCell(e.RequestID), TextCell(e.Undoes),
		})
	}
}
