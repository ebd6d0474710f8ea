package db

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// plan returns the steps of a query.
func plan(t *testing.T, d *DB, text string, args ...any) []string {
	t.Helper()
	steps, err := all(context.Background(), d, func(s scanner) (step string, err error) {
		var id, parent, unused int
		return step, s.Scan(&id, &parent, &unused, &step)
	}, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return steps
}

// auditFilters are all combinations of the audit filters, each with a value.
func auditFilters() (list []AuditFilter) {
	from, to := testTime.Add(-time.Hour), testTime.Add(time.Hour)
	results := []string{"", ResultOpen, ResultDone, ResultRefused}
	kinds := []string{"", "link", "operator"}
	for bits := range 32 {
		for _, result := range results {
			for _, kind := range kinds {
				f := AuditFilter{Result: result, TargetKind: kind}
				for i, set := range []func(){
					func() { f.OperatorName = "客服主管1" }, func() { f.Action = "link.update" },
					func() { f.TargetID = "l1" }, func() { f.From, f.To = &from, &to }, func() { f.Target = "海报" },
				} {
					if bits&(1<<i) != 0 {
						set()
					}
				}
				list = append(list, f)
			}
		}
	}
	return list
}

// TestAuditPlans looks at the plan of every combination of filters: an index each time, in the order of the chain.
func TestAuditPlans(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	for i := range 40 {
		mustRecord(t, d, i)
	}
	places := []place{{}, {key: []any{int64(20)}}, {back: true, key: []any{int64(20)}}}
	for i, f := range auditFilters() {
		q, o, err := d.auditQuery(ctx, f, entryCols)
		if err != nil {
			t.Fatal(err)
		}
		text := q.seek(o, places[(i+i/len(places))%len(places)], 51)
		// Of two upper bounds the engine seeks by one and compares the other row by row, and the plan does not tell.
		for _, op := range []string{" <", " >"} {
			if n := strings.Count(text, o.cols[0]+op) + strings.Count(text, "("+o.cols[0]+")"+op); n != 1 {
				t.Errorf("%+v has %d bounds%s:\n%s", f, n, op, text)
			}
		}
		steps := plan(t, d, text, q.args...)
		if strings.Contains(strings.Join(steps, "\n"), "TEMP B-TREE") {
			t.Errorf("%+v sorts:\n%s\n%s", f, text, strings.Join(steps, "\n"))
		}
		for _, s := range steps {
			if strings.HasPrefix(s, "SCAN") {
				t.Errorf("%+v scans:\n%s\n%s", f, text, strings.Join(steps, "\n"))
			}
		}
		checkIndex(t, f, steps)
	}
}

// checkIndex checks that a filter walks the index that was made for it.
func checkIndex(t *testing.T, f AuditFilter, steps []string) {
	t.Helper()
	var want string
	switch {
	case f.Result == ResultOpen:
		want = "SEARCH q USING INTEGER PRIMARY KEY"
	case f.Result == ResultRefused && f.TargetID == "":
		want = "SEARCH o USING INDEX audit_outcome_result (result=? AND intent_seq"
	case f.TargetID+f.OperatorName+f.Action != "":
		want = "SEARCH i USING INDEX audit_intent_"
	case f.TargetKind == "operator":
		want = "SEARCH i USING INDEX audit_intent_kind (target_kind=?"
	default:
		want = "SEARCH i USING INTEGER PRIMARY KEY"
	}
	if !strings.HasPrefix(steps[0], want) {
		t.Errorf("%+v: %q, want %q", f, steps[0], want)
	}
}

// TestOtherAuditPlans looks at the plans of the queries beside the list.
func TestOtherAuditPlans(t *testing.T) {
	d := openTest(t)
	mustRecord(t, d, 1)
	for text, args := range map[string][]any{
		"SELECT " + entryCols + fromIntents + " WHERE i.id = $1":                                               {"x"},
		"SELECT min(seq), max(seq) FROM audit_span WHERE hour >= $1 AND hour <= $2":                            {1, 2},
		"SELECT seq FROM audit_span WHERE seq > $1 ORDER BY seq LIMIT 1":                                       {1},
		"SELECT intent_id FROM audit_open WHERE lock = $1":                                                     {"x"},
		"SELECT seq FROM audit_intent WHERE id = $1":                                                           {"x"},
		intentTable.selectSQL():                                                                                {1, 2},
		outcomeTable.selectSQL():                                                                               {1, 2},
		noteTable.selectSQL():                                                                                  {1, 2},
		"SELECT body FROM audit_note WHERE intent_seq = $1 ORDER BY seq":                                       {1},
		"SELECT max(t.seq) FROM audit_intent t WHERE t.seq > (SELECT h.seq FROM audit_head h WHERE h.one = 1)": nil,
	} {
		steps := strings.Join(plan(t, d, text, args...), "\n")
		if strings.Contains(steps, "SCAN") || strings.Contains(steps, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", text, steps)
		}
	}
}

// TestListPlans looks at the plans of the other lists with all their sorts and filters: they walk an index in order.
func TestListPlans(t *testing.T) {
	d := openTest(t)
	check := func(what string, q query, o order) {
		t.Helper()
		key := make([]any, len(o.like))
		copy(key, o.like)
		for _, p := range []place{{}, {key: key}, {back: true, key: key}} {
			here := query{sel: q.sel, where: append([]string{}, q.where...), args: append([]any{}, q.args...)}
			text := here.seek(o, p, 51)
			steps := strings.Join(plan(t, d, text, here.args...), "\n")
			if !strings.Contains(steps, "USING INDEX") || strings.Contains(steps, "TEMP B-TREE") {
				t.Errorf("%s:\n%s\n%s", what, text, steps)
			}
		}
	}
	for _, sort := range []string{SortName, SortServicers, SortLinks, SortChanged} {
		for _, filter := range []string{"", FilterManaged, FilterReadOnly, FilterUnstaffed, FilterRenamed} {
			for _, search := range []string{"", "家居"} {
				f := AccountFilter{Sort: sort, Filter: filter, Q: search, Desc: search == ""}
				o, _, err := accountOrder(f)
				if err != nil {
					t.Fatal(err)
				}
				q, err := accountQuery(f, accountCols)
				if err != nil {
					t.Fatal(err)
				}
				check("accounts "+sort+" "+filter, q, o)
			}
		}
	}
	for _, f := range []LinkFilter{{Sort: SortCreated}, {Sort: SortName}, {Sort: SortChanged}, {Sort: SortAccount, Archived: true}, {AccountID: "a"}, {Campaign: "c", Desc: true}} {
		o, _, err := linkOrder(f)
		if err != nil {
			t.Fatal(err)
		}
		check("links "+f.Sort, linkQuery(f, linkCols+linkFrom), o)
	}
}

// TestNoOffset: a page found by counting rows costs more the further it is.
func TestNoOffset(t *testing.T) {
	offset := regexp.MustCompile(`(?i)\boffset\s+(\$|\?|[0-9])`)
	for _, pattern := range []string{"*.go", "migrations/*.sql", "dbtest/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if offset.Match(b) {
				t.Errorf("%s pages by OFFSET", f)
			}
		}
	}
}
