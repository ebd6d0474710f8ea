package ui

import (
	"sync"

	"github.com/a-h/templ"

	"kfconsole/web/static"
)

// drawn is an icon in its two sizes, and its class alone.
type drawn struct {
	normal, small raw
	class         string
}

// icons are all icons there are, ready to be written.
var icons = sync.OnceValue(func() map[string]drawn {
	m := map[string]drawn{}
	for _, name := range static.Icons() {
		m[name] = drawn{raw(`<i class="i-` + name + `"></i>`), raw(`<i class="i-` + name + ` s"></i>`), "i-" + name}
	}
	return m
})

// icon finds an icon. An unknown name panics, because without its file it would
// be a blot, and every page is rendered by a test.
func icon(name string) drawn {
	d, ok := icons()[name]
	if !ok {
		panic("ui: no icon " + name + " in web/static/img/icons")
	}
	return d
}

// Icon draws an icon of 18 px; name is the name of its file in
// web/static/img/icons. It is decoration: the word beside it speaks.
func Icon(name string) templ.Component { return icon(name).normal }

// SmallIcon is an icon of 14 px, for chips and small print.
func SmallIcon(name string) templ.Component { return icon(name).small }

// Mark is the sign of the console: a speech bubble with three dots.
func Mark() templ.Component {
	return raw(`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>` +
		`<path d="M7 15c0-4.4 4-8 9-8s9 3.6 9 8-4 8-9 8q-2 0-3.6-.7L7.8 24 9 20.4C7.7 19 7 17.1 7 15Z"/>` +
		`<circle cx="12.2" cy="15" r="1.4"/><circle cx="16" cy="15" r="1.4"/><circle cx="19.8" cy="15" r="1.4"/></svg>`)
}
