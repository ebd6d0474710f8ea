package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// raw is a piece of HTML that is already right.
type raw string

// Render writes the piece.
func (r raw) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(r))
	return err
}

// Text is a component that writes s, escaped.
func Text(s string) templ.Component { return raw(templ.EscapeString(s)) }

// writer writes pieces until one fails. The widgets that stand in every row of a
// list are written with it instead of a template, because they are rendered a
// hundred times a page.
type writer struct {
	w   io.Writer
	err error
}

// html writes pieces as they are.
func (o *writer) html(pieces ...string) {
	for _, p := range pieces {
		if o.err == nil {
			_, o.err = io.WriteString(o.w, p)
		}
	}
}

// text writes a piece, escaped.
func (o *writer) text(s string) { o.html(templ.EscapeString(s)) }

// show writes another widget.
func (o *writer) show(ctx context.Context, c templ.Component) {
	if o.err == nil {
		o.err = c.Render(ctx, o.w)
	}
}
