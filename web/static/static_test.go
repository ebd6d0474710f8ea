package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"kfconsole/web/static"
)

// TestPathsCarryTheContent checks that every file is found under the address
// with its own hash and under no other.
func TestPathsCarryTheContent(t *testing.T) {
	for _, a := range static.Assets() {
		got, ok := static.Open(static.Path(a.Name))
		if !ok || !bytes.Equal(got.Body, a.Body) {
			t.Errorf("%s: not found under %s", a.Name, a.Path)
		}
		sum := sha256.Sum256(a.Body)
		if !strings.Contains(a.Path, "."+hex.EncodeToString(sum[:5])+".") {
			t.Errorf("%s: %s does not name the content", a.Name, a.Path)
		}
		if _, ok := static.Open(static.Prefix + a.Name); ok {
			t.Errorf("%s is found without a hash", a.Name)
		}
		if a.ContentType == "application/octet-stream" {
			t.Errorf("%s has no content type", a.Name)
		}
	}
	if _, ok := static.Open(static.Prefix + "../static.go"); ok {
		t.Error("a path outside is found")
	}
}

// TestWeight holds the budget of a first load: 60 KB compressed for everything,
// of which a page may take 12. The script of every page has 16 KB, of which the
// live parts are 4.
func TestWeight(t *testing.T) {
	total := 0
	for _, name := range []string{"css/app.css", "js/app.js", "vendor/htmx.min.js", "vendor/idiomorph-ext.min.js", "img/favicon.svg"} {
		a, ok := static.Open(static.Path(name))
		if !ok {
			t.Fatalf("no %s", name)
		}
		n := zipped(t, a.Body)
		total += n
		t.Logf("%-20s %6d bytes, %6d zipped", name, len(a.Body), n)
		if name == "js/app.js" && len(a.Body) > 16*1024 {
			t.Errorf("%s has %d bytes, more than 16 KB", name, len(a.Body))
		}
	}
	if total > 48*1024 {
		t.Errorf("the files of a first load weigh %d bytes zipped, more than 48 KB", total)
	}
}

// TestVendored compares the vendored files with the hashes written beside them.
func TestVendored(t *testing.T) {
	note, err := os.ReadFile("vendor/VENDOR.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"htmx.min.js", "idiomorph-ext.min.js"} {
		body, err := os.ReadFile("vendor/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		if !bytes.Contains(note, []byte(hex.EncodeToString(sum[:]))) {
			t.Errorf("VENDOR.md does not name the sha256 of %s", name)
		}
	}
}

// TestStylesheet guards what the content security policy and the layers demand.
func TestStylesheet(t *testing.T) {
	a, _ := static.Open(static.Path("css/app.css"))
	css := string(a.Body)
	for _, no := range []string{"@import", "url(/", "url(http", "/*"} {
		if strings.Contains(css, no) {
			t.Errorf("the stylesheet contains %q", no)
		}
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("the braces of the stylesheet do not match")
	}
}

// TestScript guards what joining the lines of the scripts relies on, and the
// policy that forbids code made from text.
func TestScript(t *testing.T) {
	for _, name := range []string{"js/app.js", "js/picture.js", "js/conversation.js", "js/live-worker.js"} {
		a, _ := static.Open(static.Path(name))
		for _, no := range []string{"//", "/*", "eval(", "new Function", ".style"} {
			if strings.Contains(string(a.Body), no) {
				t.Errorf("%s contains %q", name, no)
			}
		}
	}
}

func zipped(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
