package server

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"kfconsole/internal/db"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/ui"
)

// sorting reads the sort of a list's address: sort is one of the columns, dir is asc
// or desc.
func sorting(r *request, columns ...string) (sort string, desc bool, err error) {
	if sort, err = r.oneOf("sort", columns...); err != nil {
		return "", false, err
	}
	dir, err := r.oneOf("dir", "", "asc", "desc")
	return sort, dir == "desc", err
}

// sortHead is the head of a column: a click sorts by it, a second click turns the
// order. The first click on a number gives the greatest first.
func sortHead(r *request, q href.Query, path, label, column string, standard, num bool) ui.SortModel {
	current, desc := q.Get("sort"), q.Get("dir") == "desc"
	m := ui.SortModel{Label: label, Num: num}
	on := current == column || (current == "" && standard)
	next := q.With("sort", column).With("dir", "desc")
	if standard {
		next = q.Without("sort", "dir")
	}
	if on {
		m.Dir = "asc"
		next = q.With("sort", column).With("dir", "desc")
		if desc {
			m.Dir = "desc"
			next = q.With("sort", column).With("dir", "asc")
		}
	}
	m.Href = next.On(path)
	return m
}

// pager gives the addresses of the pages around the one that is shown.
func pager(r *request, q href.Query, path string, page db.Page, shown int, target string) ui.PagerModel {
	m := ui.PagerModel{Shown: shown, Target: target}
	if page.Prev != "" {
		m.Prev = q.With("after", string(page.Prev)).On(path)
	}
	if page.Next != "" {
		m.Next = q.With("after", string(page.Next)).On(path)
	}
	if r.query("after") != "" {
		m.First = q.On(path)
	}
	return m
}

// components renders several components one after the other.
func components(list ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, c := range list {
			if c == nil {
				continue
			}
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}
