package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

const (
	defaultLimit = 50
	maxLimit     = 10000
)

// order is how a list is sorted: by columns that are all in one direction, the last of which makes the rows distinct.
type order struct {
	name string   // of list and sort, for the cursor
	cols []string // SQL
	like []any    // a value of each column's type: "" or int64(0)
	desc bool

	// within bounds the first column, an integer, from both sides. A place takes the stead of one bound instead of adding a
	// third condition: the engine would seek by one of two upper bounds and compare the other row by row.
	within *bounds
}

// bounds are the least and the greatest value, both far from overflow.
type bounds struct{ lo, hi int64 }

// farthest is beyond every value that bounds are used for.
const farthest = 1 << 62

// narrow leaves what is beyond a key.
func (b bounds) narrow(key int64, desc bool) bounds {
	key = max(-farthest, min(key, farthest))
	if desc {
		return bounds{b.lo, min(b.hi, key-1)}
	}
	return bounds{max(b.lo, key+1), b.hi}
}

// label names list, sort and direction inside a cursor.
func (o order) label() string {
	if o.desc {
		return o.name + " desc"
	}
	return o.name
}

// query is a SELECT that grows: text with numbered arguments.
type query struct {
	sel   string // "SELECT ... FROM ..."
	where []string
	args  []any
}

// add appends a condition. Each ? in it stands for the next of the values.
func (q *query) add(cond string, values ...any) {
	for _, v := range values {
		q.args = append(q.args, v)
		cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(q.args)), 1)
	}
	q.where = append(q.where, cond)
}

// text is the statement without order and limit.
func (q *query) text() string {
	if len(q.where) == 0 {
		return q.sel
	}
	return q.sel + " WHERE " + strings.Join(q.where, " AND ")
}

// seek adds the condition and order of the rows from a place on and a limit.
func (q *query) seek(o order, p place, limit int) string {
	desc := o.desc != p.back
	switch {
	case o.within != nil && len(o.cols) > 1:
		q.seekWithin(o, p, desc)
	case o.within != nil:
		b := *o.within
		if p.key != nil {
			b = b.narrow(p.key[0].(int64), desc)
		}
		q.add(o.cols[0]+" >= ? AND "+o.cols[0]+" <= ?", b.lo, b.hi)
	case p.key != nil:
		q.addBeyond(o, p, desc)
	}
	dir := ""
	if desc {
		dir = " DESC"
	}
	text := q.text() + " ORDER BY " + strings.Join(o.cols, dir+", ") + dir
	q.args = append(q.args, limit)
	return fmt.Sprintf("%s LIMIT $%d", text, len(q.args))
}

// addBeyond adds the condition of the rows beyond a place.
func (q *query) addBeyond(o order, p place, desc bool) {
	op := ">"
	if desc {
		op = "<"
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(o.cols)), ", ")
	q.add("("+strings.Join(o.cols, ", ")+") "+op+" ("+marks+")", p.key...)
}

// seekWithin adds the two bounds of a list with several columns. A place that is not between them is none.
func (q *query) seekWithin(o order, p place, desc bool) {
	b, col := *o.within, o.cols[0]
	var key int64
	if p.key != nil {
		key = p.key[0].(int64)
	}
	switch {
	case p.key != nil && desc && key <= b.hi:
		q.addBeyond(o, p, desc)
		q.add(col+" >= ?", b.lo)
	case p.key != nil && !desc && key >= b.lo:
		q.addBeyond(o, p, desc)
		q.add(col+" <= ?", b.hi)
	default:
		q.add(col+" >= ? AND "+col+" <= ?", b.lo, b.hi)
	}
}

// clampLimit is the number of rows that a list returns at most for a caller's limit.
func clampLimit(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, maxLimit)
}

// list reads the page of a sorted list at a cursor, with the cursors around it. key gives the values of the order's
// columns of an item.
func list[T any](ctx context.Context, db *DB, q query, o order, at Cursor, limit int,
	scan func(scanner) (T, error), key func(T) []any) ([]T, Page, error) {
	var p place
	if at != "" {
		var err error
		if p, err = decodeCursor(at, o.label(), o.like); err != nil {
			return nil, Page{}, err
		}
	}
	limit = clampLimit(limit)
	here := query{sel: q.sel, where: slices.Clip(q.where), args: slices.Clip(q.args)}
	text := here.seek(o, p, limit+1)
	items, err := all(ctx, db, scan, text, here.args...)
	if err != nil {
		return nil, Page{}, err
	}
	more := len(items) > limit
	if more {
		items = items[:limit]
	}
	if p.back {
		if !more {
			// The rows before are fewer than a page: show the first page instead of a short one.
			return list(ctx, db, q, o, "", limit, scan, key)
		}
		slices.Reverse(items)
	}
	return items, pageOf(o, p, items, more, key), nil
}

// pageOf makes the cursors around items. more tells that there are rows beyond them in the direction of reading.
func pageOf[T any](o order, p place, items []T, more bool, key func(T) []any) (page Page) {
	if len(items) == 0 {
		return page
	}
	if more || p.back {
		page.Next = encodeCursor(o.label(), place{key: key(items[len(items)-1])})
	}
	if p.key != nil {
		page.Prev = encodeCursor(o.label(), place{back: true, key: key(items[0])})
	}
	return page
}
