package db

import (
	"context"
	"math"
	"testing"
)

func TestNarrow(t *testing.T) {
	all := bounds{0, farthest}
	for _, c := range []struct {
		key  int64
		desc bool
		want bounds
	}{
		{7, true, bounds{0, 6}}, {7, false, bounds{8, farthest}}, {0, true, bounds{0, -1}},
		{math.MaxInt64, true, bounds{0, farthest - 1}}, {math.MaxInt64, false, bounds{farthest + 1, farthest}},
		{math.MinInt64, true, bounds{0, -farthest - 1}}, {math.MinInt64, false, bounds{0, farthest}},
	} {
		if got := all.narrow(c.key, c.desc); got != c.want {
			t.Errorf("%d, %v: %+v, want %+v", c.key, c.desc, got, c.want)
		}
	}
}

// TestMadeUpCursor: somebody who knows the form of cursors gets another place of the list, nothing else.
func TestMadeUpCursor(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	for i := range 5 {
		mustRecord(t, d, i)
	}
	for key, want := range map[int64]int{math.MaxInt64: 5, math.MinInt64: 0, 0: 0, -5: 0, 5: 2} {
		list, _, err := d.AuditEntries(ctx, AuditFilter{}, encodeCursor("audit desc", place{key: []any{key}}), 0)
		if err != nil || len(list) != want {
			t.Errorf("before %d: %d entries, %v", key, len(list), err)
		}
		list, _, err = d.AuditEntries(ctx, AuditFilter{}, encodeCursor("audit desc", place{back: true, key: []any{key}}), 0)
		if err != nil || len(list) != 5 {
			t.Errorf("back from %d: %d entries, %v", key, len(list), err)
		}
	}
}
