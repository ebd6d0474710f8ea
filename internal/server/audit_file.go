package server

import (
	"context"
	"fmt"
	"io"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/i18n"
	"kfconsole/web/templates/ui"
)

// AuditFile writes the entries of a filter to w, newest first, as the pages' export does, and returns how many they were. The format
// is csv, jsonl or xlsx; titles are in the language, times in the zone. It records nothing: that is for who asks.
func AuditFile(ctx context.Context, d *db.DB, f db.AuditFilter, format string, w io.Writer, lang i18n.Lang, zone *time.Location) (int64, error) {
	r := &request{view: ui.View{T: i18n.For(lang), Zone: zone}}
	columns := auditColumns(r)
	export := auditExporter{db: d, filter: f, zone: zone, row: auditCells(r)}
	return export.run(ctx, func() (sheet, error) {
		switch format {
		case "csv":
			return NewCSV(w, columns), nil
		case "jsonl":
			return NewJSONL(w, columns), nil
		case "xlsx":
			return NewXLSX(w, r.t().Audit.Sheet, columns)
		}
		return nil, fmt.Errorf("export: unknown format %q", format)
	})
}
