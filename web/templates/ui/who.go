package ui

import (
	"context"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/a-h/templ"
)

// AvatarSize is the size of a picture.
type AvatarSize string

// The sizes: 24, 32 and 56 px square; round ones are people.
const (
	AvatarSmall       AvatarSize = "s"
	Avatar32          AvatarSize = "m"
	AvatarLarge       AvatarSize = "l"
	AvatarRoundSmall  AvatarSize = "s round"
	AvatarRound       AvatarSize = "m round"
	AvatarRoundLarger AvatarSize = "l round"
)

type avatar struct {
	name, src string
	size      AvatarSize
}

// Avatar is a picture, or the first character of the name on one of six grounds,
// always the same for the same name; without a name too, an empty frame. It is
// decoration: the name stands beside it.
func Avatar(name, src string, size AvatarSize) templ.Component { return avatar{name, src, size} }

// Render writes the avatar.
func (a avatar) Render(_ context.Context, w io.Writer) error {
	o := writer{w: w}
	if a.src != "" {
		o.html(`<img class="face `, string(a.size), `" src="`)
		o.text(a.src)
		o.html(`" alt="" loading="lazy">`)
		return o.err
	}
	if a.name == "" {
		o.html(`<span class="face `, string(a.size), ` f0">`, string(icon("image").normal), `</span>`)
		return o.err
	}
	o.html(`<span class="face `, string(a.size), ` `, hue(a.name), `" aria-hidden="true">`)
	o.text(initial(a.name))
	o.html(`</span>`)
	return o.err
}

// initial is the first letter or character of a name.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "·"
}

// hue picks one of six colours by the name.
func hue(name string) string {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	h = (h ^ h>>15) * 0x2c1b3c6d
	h ^= h >> 12
	return [...]string{"f1", "f2", "f3", "f4", "f5", "f6"}[h%6]
}

// WhoModel is a picture with a name and one line below.
type WhoModel struct {
	Name, Picture, Href string
	// Sub is the line below the name; Mono sets it in the fixed-width font.
	Sub  string
	Mono bool
	Size AvatarSize
	// After is shown beside the name: a State.
	After templ.Component
}

// Who is a picture, a name and a line below.
func Who(w WhoModel) templ.Component { return w }

// Render writes the widget.
func (m WhoModel) Render(ctx context.Context, w io.Writer) error {
	o := writer{w: w}
	if m.Size == "" {
		m.Size = Avatar32
	}
	o.html(`<span class="who">`)
	o.show(ctx, avatar{m.Name, m.Picture, m.Size})
	o.html(`<span>`)
	if m.Href != "" {
		o.html(`<a href="`)
		o.text(string(templ.URL(m.Href)))
		o.html(`">`)
		o.text(m.Name)
		o.html(`</a>`)
	} else {
		o.html(`<b>`)
		o.text(m.Name)
		o.html(`</b>`)
	}
	if m.After != nil {
		o.html(` `)
		o.show(ctx, m.After)
	}
	if m.Sub != "" {
		if m.Mono {
			o.html(`<small class="mono">`)
		} else {
			o.html(`<small>`)
		}
		o.text(m.Sub)
		o.html(`</small>`)
	}
	o.html(`</span></span>`)
	return o.err
}

type moment struct {
	v     View
	at    time.Time
	exact bool
}

// Time says how long ago at was, with the exact time on hover. It keeps itself
// up to date where there is a script.
func Time(v View, at time.Time) templ.Component { return moment{v, at, false} }

// ExactTime gives the date and time to the second; the zone is in the title.
func ExactTime(v View, at time.Time) templ.Component { return moment{v, at, true} }

// MaybeTime is Time for a moment that may not have come: "never" for nil.
func MaybeTime(v View, at *time.Time) templ.Component {
	if at == nil {
		return moment{v, time.Time{}, false}
	}
	return moment{v, *at, false}
}

// Render writes the moment.
func (m moment) Render(_ context.Context, w io.Writer) error {
	o := writer{w: w}
	if m.at.IsZero() {
		o.html(`<span class="muted">`)
		o.text(m.v.T.Time.Never)
		o.html(`</span>`)
		return o.err
	}
	o.html(`<time datetime="`, iso(m.at), `" title="`)
	o.text(m.v.T.Exact(m.at, m.v.zone()))
	if m.exact {
		o.html(`">`, m.at.In(m.v.zone()).Format("2006-01-02 15:04:05"), `</time>`)
		return o.err
	}
	o.html(`" data-rel>`)
	o.text(m.v.T.Ago(m.v.Now, m.at))
	o.html(`</time>`)
	return o.err
}

// iso is the moment for the datetime attribute.
func iso(at time.Time) string { return at.UTC().Format(time.RFC3339) }
