package gallery_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kfconsole/internal/i18n"
	"kfconsole/web/static"
	"kfconsole/web/templates/gallery"
)

var update = flag.Bool("update", false, "write the golden files")

func render(t *testing.T, s gallery.Story, lang i18n.Lang) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.Show(gallery.View(lang)).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func each(t *testing.T, check func(t *testing.T, s gallery.Story, lang i18n.Lang, html string)) {
	for _, s := range gallery.Stories() {
		for _, lang := range i18n.Langs() {
			t.Run(s.Name+"/"+string(lang), func(t *testing.T) { check(t, s, lang, render(t, s, lang)) })
		}
	}
}

// hash is the part of an asset's name that changes with its content.
var hash = regexp.MustCompile(`\.[0-9a-f]{10}\.(css|js|svg)`)

// lines breaks the page between tags, so that a difference shows where it is.
func lines(html string) string {
	return strings.ReplaceAll(hash.ReplaceAllString(html, ".HASH.$1"), "><", ">\n<") + "\n"
}

func TestGolden(t *testing.T) {
	each(t, func(t *testing.T, s gallery.Story, lang i18n.Lang, html string) {
		name := filepath.Join("testdata", s.Name+"."+string(lang)+".golden.html")
		got := lines(html)
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("differs from %s at %s; look at it, then run with -update", name, difference(got, string(want)))
		}
	})
}

func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("the end: %d lines instead of %d", len(g), len(w))
}

var (
	inline = regexp.MustCompile(`(?i)<[^>]+\s(style|on[a-z]+)=`)
	ids    = regexp.MustCompile(`\sid="([^"]+)"`)
	refs   = regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"`)
	images = regexp.MustCompile(`<img [^>]*>`)
)

// TestMarkup checks what the content security policy and screen readers need of
// every page.
func TestMarkup(t *testing.T) {
	each(t, func(t *testing.T, s gallery.Story, lang i18n.Lang, html string) {
		if m := inline.FindString(html); m != "" {
			t.Errorf("inline style or handler: %s", m)
		}
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] {
				t.Errorf("id %q occurs twice", m[1])
			}
			seen[m[1]] = true
		}
		for _, m := range refs.FindAllStringSubmatch(html, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if !seen[id] {
					t.Errorf("%s refers to no element", m[0])
				}
			}
		}
		for _, img := range images.FindAllString(html, -1) {
			if !strings.Contains(img, "alt=") {
				t.Errorf("picture without alt: %s", img)
			}
		}
		if !strings.Contains(html, `<html lang="`+string(lang)+`"`) {
			t.Error("the language is not declared")
		}
		if n := strings.Count(html, `class="button primary`); n > 1 && s.Name != "widgets" {
			t.Errorf("%d primary buttons", n)
		}
		if s.Name == "list" && len(html) > 30*1024 {
			t.Errorf("a list page has %d bytes, more than 30 KB", len(html))
		}
	})
}

// byScript are icons that no template names alone: the script puts the first in
// the place of another, the second is part of the row menu.
const byScript = `"check" "ellipsis"`

// TestIcons checks that exactly the icons that somebody names are kept.
func TestIcons(t *testing.T) {
	var source strings.Builder
	source.WriteString(byScript)
	for _, root := range []string{"..", "../../../internal/server"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".html") {
				return err
			}
			b, err := os.ReadFile(path)
			source.Write(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range static.Icons() {
		if !strings.Contains(source.String(), `"`+name+`"`) {
			t.Errorf("nobody uses the icon %s", name)
		}
	}
	known := map[string]bool{}
	for _, name := range static.Icons() {
		known[name] = true
	}
	for _, m := range regexp.MustCompile(`(?:Icon: |Icon\(|StateIcon\([\w.]+, )"([a-z0-9-]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if !known[m[1]] {
			t.Errorf("there is no icon %s", m[1])
		}
	}
}

// TestWriteOut writes the gallery to the folder GALLERY_OUT, to be looked at
// through any file server.
func TestWriteOut(t *testing.T) {
	out := os.Getenv("GALLERY_OUT")
	if out == "" {
		return
	}
	write := func(name string, body []byte) {
		name = filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range static.Assets() {
		write(a.Path, a.Body)
	}
	for _, s := range gallery.Stories() {
		for _, lang := range i18n.Langs() {
			html := render(t, s, lang)
			write(s.Name+"."+string(lang)+".html", []byte(html))
			write(s.Name+"."+string(lang)+".dark.html", []byte(strings.Replace(html, "<html lang=", `<html data-theme="dark" lang=`, 1)))
		}
	}
}
