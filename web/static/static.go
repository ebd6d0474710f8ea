// Package static holds the files that browsers load: one stylesheet joined from
// its layers and the icons, the scripts, pictures, and the vendored htmx and idiomorph. Every name carries a hash of its content, so an answer may be
// cached for ever. The package knows nothing of HTTP: it gives bytes and types,
// and the server compresses and sends them.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Prefix is where the addresses of all files begin.
const Prefix = "/static/"

//go:embed css/*.css js/*.js img/*.svg img/icons/*.svg vendor/*.js
var files embed.FS

// scripts is the order of the sources of app.js, the script of every page;
// picture.js and conversation.js stay alone: few pages need them.
var scripts = []string{"base", "toast", "form", "list", "keys", "live"}

// layers is the order of the stylesheet's sources. It is the cascade.
var layers = []string{"reset", "tokens", "base", "layout", "components", "forms", "tables", "feedback", "board", "conversation", "figures", "utilities", "phone", "print"}

// Asset is one file as it is served.
type Asset struct {
	// Name is the stable name, such as "css/app.css".
	Name string
	// Path is the address, with the hash of the content in it.
	Path string
	// ContentType is the value for the header of that name.
	ContentType string
	// Body is the content, uncompressed. It must not be changed.
	Body []byte
}

type index struct{ byName, byPath map[string]*Asset }

var load = sync.OnceValue(build)

// Path gives the address of a file for its stable name: "css/app.css" becomes
// "/static/css/app.1b2c3d4e5f.css". An unknown name panics, since only a template
// can name it and every template is rendered by a test.
func Path(name string) string {
	a, ok := load().byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	return a.Path
}

// Open finds a file by the address that Path gave. The address with an outdated
// hash is not found.
func Open(address string) (Asset, bool) {
	a, ok := load().byPath[address]
	if !ok {
		return Asset{}, false
	}
	return *a, true
}

// Assets lists all files in the order of their names.
func Assets() []Asset {
	var all []Asset
	for _, a := range load().byName {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Asset) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Icons lists the names of the icons that the stylesheet holds.
func Icons() []string {
	var names []string
	for _, f := range list("img/icons") {
		names = append(names, strings.TrimSuffix(path.Base(f), ".svg"))
	}
	return names
}

func build() *index {
	x := &index{byName: map[string]*Asset{}, byPath: map[string]*Asset{}}
	x.add("css/app.css", stylesheet())
	x.add("js/app.js", script(scripts...))
	x.add("js/picture.js", script("picture"))
	x.add("js/conversation.js", script("conversation"))
	x.add("js/live-worker.js", script("live-worker"))
	for _, dir := range []string{"img", "vendor"} {
		for _, name := range list(dir) {
			x.add(name, read(name))
		}
	}
	return x
}

func (x *index) add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	a := &Asset{
		Name: name, Body: body, ContentType: contentType(ext),
		Path: Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext,
	}
	x.byName[a.Name], x.byPath[a.Path] = a, a
}

func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// script joins the scripts into one function of its own, so that nothing of it
// leaks and no module has to be fetched after another.
func script(sources ...string) []byte {
	var b bytes.Buffer
	b.WriteString("\"use strict\";(() => {\n")
	for _, s := range sources {
		b.Write(read("js/" + s + ".js"))
	}
	b.WriteString("})();\n")
	js := indent.ReplaceAll(lineComment.ReplaceAll(b.Bytes(), nil), nil)
	return joint.ReplaceAll(js, []byte("$1"))
}

var (
	// joint is a line's end that means nothing. It relies on comments standing on
	// lines of their own, which a test checks.
	joint       = regexp.MustCompile(`([;{,(])\n`)
	lineComment = regexp.MustCompile(`(?m)^[ \t]*//.*\n`)

	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	indent  = regexp.MustCompile(`(?m)^[ \t]+|[ \t]+$`)
	blank   = regexp.MustCompile(`\n{2,}`)
)

// stylesheet joins the layers into one file without comments and indentation:
// one request, and no chain of imports.
func stylesheet() []byte {
	var b bytes.Buffer
	b.WriteString("@layer reset, tokens, base, layout, components, utilities;\n")
	b.Write(iconRules())
	for _, l := range layers {
		b.Write(read("css/" + l + ".css"))
		b.WriteByte('\n')
	}
	css := comment.ReplaceAll(b.Bytes(), nil)
	css = indent.ReplaceAll(css, nil)
	return blank.ReplaceAll(css, []byte("\n"))
}

var (
	svgTag = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
	spaces = regexp.MustCompile(`\s+`)
)

// iconRules gives each icon a class that holds its shape as a mask. A page names
// an icon in twenty bytes, it takes the colour of the text around it, and it is
// there with the first paint.
func iconRules() []byte {
	var b bytes.Buffer
	b.WriteString("@layer components {\n")
	for _, name := range list("img/icons") {
		m := svgTag.FindSubmatch(read(name))
		if m == nil {
			panic("static: " + name + " is no icon")
		}
		body := spaces.ReplaceAllString(strings.TrimSpace(string(m[1])), " ")
		body = strings.NewReplacer("> <", "><", " />", "/>", `"`, "'", "#", "%23", "<", "%3C", ">", "%3E").Replace(body)
		fmt.Fprintf(&b, ".i-%s{--i:url(\"%s%s%%3C/svg%%3E\")}\n", strings.TrimSuffix(path.Base(name), ".svg"), iconOpen, body)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// iconOpen is the start tag that all icons share, as part of a data URL.
const iconOpen = `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%23000' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'%3E`

func list(dir string) []string {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		panic("static: " + err.Error())
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, dir+"/"+e.Name())
		}
	}
	return names
}

func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("static: " + err.Error())
	}
	return b
}
