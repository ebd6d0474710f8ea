package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the top of the repository, seen from this package.
const root = "../.."

const module = "kfconsole/"

// rule says what one package, or a folder of packages when it ends in "/...", may import beside the standard library. Ours are
// given relative to the module, others by the beginning of their path. The first rule that fits a package counts.
type rule struct {
	of     string
	ours   []string
	others []string
}

func importTable() []rule {
	pages := []string{"internal/i18n", "web/templates/href", "web/templates/ui", "web/templates/layout", "web/templates/problem", "web/static"}
	return []rule{
		{of: "internal/kf/kfsim"},
		{of: "internal/kf/..."},
		{of: "internal/db/...", ours: []string{"internal/db/..."}, others: []string{
			"modernc.org/sqlite", "modernc.org/libc", "github.com/pressly/goose/v3", "golang.org/x/text", "github.com/google/uuid"}},
		{of: "internal/i18n"},
		{of: "internal/auth", ours: []string{"internal/db"}, others: []string{"github.com/alexedwards/argon2id", "golang.org/x/crypto"}},
		{of: "internal/ops", ours: []string{"internal/kf", "internal/db", "internal/auth"}, others: []string{"golang.org/x/image", "golang.org/x/sync"}},
		{of: "internal/live", ours: []string{"internal/kf", "internal/kf/callback", "internal/db"}, others: []string{"golang.org/x/sync"}},
		{of: "internal/server", ours: []string{"internal/kf", "internal/kf/callback", "internal/db", "internal/auth", "internal/ops", "internal/live",
			"internal/i18n", "web/..."}, others: []string{"github.com/gofiber/fiber/v2", "github.com/valyala/fasthttp", "github.com/a-h/templ",
			"rsc.io/qr", "github.com/xuri/excelize/v2", "github.com/makiuchi-d/gozxing", "github.com/andybalholm/brotli", "github.com/klauspost/compress"}},
		{of: "web/static"},
		{of: "web/templates/href"},
		{of: "web/templates/gallery", ours: append(pages, "web/templates/..."), others: []string{"github.com/a-h/templ"}},
		{of: "web/templates/...", ours: pages, others: []string{"github.com/a-h/templ"}},
		{of: "cmd/console/config"},
		{of: "cmd/console/...", ours: []string{"cmd/console/...", "internal/..."}, others: []string{
			"github.com/alecthomas/kong", "golang.org/x/term", "golang.org/x/sync"}},
		{of: "e2e", others: []string{"github.com/playwright-community/playwright-go", "github.com/makiuchi-d/gozxing"}},
	}
}

// listed is what `go list -json` tells of a package.
type listed struct {
	ImportPath, Name                         string
	Imports, TestImports, XTestImports, Deps []string
}

func (p listed) path() string { return strings.TrimPrefix(p.ImportPath, module) }

func listPackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", "e2e,bench", "-json=ImportPath,Name,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func matches(pattern, path string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == folder || strings.HasPrefix(path, folder+"/")
	}
	return path == pattern
}

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && first+"/" != module
}

// importFaults lists the imports of p that its rule does not allow.
func importFaults(p listed, table []rule) (faults []string) {
	i := slices.IndexFunc(table, func(r rule) bool { return matches(r.of, p.path()) })
	if i < 0 {
		return []string{p.path() + " has no row in the import table"}
	}
	allowed := func(imported string) bool {
		if ours, ok := strings.CutPrefix(imported, module); ok {
			return slices.ContainsFunc(table[i].ours, func(pattern string) bool { return matches(pattern, ours) })
		}
		return standard(imported) || slices.ContainsFunc(table[i].others, func(o string) bool { return imported == o || strings.HasPrefix(imported, o+"/") })
	}
	for _, imported := range p.Imports {
		if !allowed(imported) {
			faults = append(faults, fmt.Sprintf("%s imports %s", p.path(), imported))
		}
	}
	return faults
}

// onlyUnder are the packages that one part of the house keeps to itself, in tests as well.
func onlyUnder() map[string]string {
	return map[string]string{
		"database/sql":                "internal/db",
		"modernc.org/sqlite":          "internal/db",
		"github.com/gofiber/fiber/v2": "internal/server",
		"github.com/valyala/fasthttp": "internal/server",
		"github.com/a-h/templ":        "web/templates internal/server",
		"github.com/alecthomas/kong":  "cmd/console",
	}
}

func keptFaults(p listed) (faults []string) {
	for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
		for owned, places := range onlyUnder() {
			if imported != owned && !strings.HasPrefix(imported, owned+"/") {
				continue
			}
			if !slices.ContainsFunc(strings.Fields(places), func(place string) bool { return matches(place+"/...", p.path()) }) {
				faults = append(faults, fmt.Sprintf("%s imports %s, which belongs under %s", p.path(), imported, places))
			}
		}
	}
	return faults
}

func TestImports(t *testing.T) {
	all, table := listPackages(t), importTable()
	if len(all) < 10 {
		t.Fatalf("go list found %d packages", len(all))
	}
	for _, p := range all {
		for _, fault := range slices.Concat(importFaults(p, table), keptFaults(p)) {
			t.Error(fault)
		}
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "misc", "shared"}, path.Base(p.ImportPath)) {
			t.Errorf("%s is not named for what it gives", p.path())
		}
	}
}

// The simulator must not share a mistake with the client, so it shares no code with it, not even through a third package.
func TestSimulatorSharesNothing(t *testing.T) {
	for _, p := range listPackages(t) {
		if p.path() != "internal/kf/kfsim" {
			continue
		}
		for _, dep := range p.Deps {
			if !standard(dep) && !strings.HasPrefix(dep, "vendor/") {
				t.Errorf("kfsim depends on %s", dep)
			}
		}
		return
	}
	t.Error("kfsim was not found")
}

func TestImportRulesFindPlantedFaults(t *testing.T) {
	for _, tt := range []struct {
		p      listed
		faults int
	}{
		{listed{ImportPath: module + "internal/kf", Imports: []string{"net/http", "kfconsole/internal/db"}}, 1},
		{listed{ImportPath: module + "internal/kf/kfsim", Imports: []string{"kfconsole/internal/kf", "github.com/google/uuid"}}, 2},
		{listed{ImportPath: module + "internal/server", Imports: []string{"kfconsole/internal/kf/kfsim", "database/sql"}}, 2},
		{listed{ImportPath: module + "internal/server", TestImports: []string{"kfconsole/internal/kf/kfsim", "database/sql"}}, 1},
		{listed{ImportPath: module + "web/templates/account", Imports: []string{"kfconsole/internal/db", "kfconsole/web/templates/link"}}, 2},
		{listed{ImportPath: module + "internal/extra", Imports: []string{"fmt"}}, 1},
		{listed{ImportPath: module + "internal/db", Imports: []string{"database/sql", "modernc.org/sqlite", "github.com/pressly/goose/v3/lock"}}, 0},
	} {
		if got := slices.Concat(importFaults(tt.p, importTable()), keptFaults(tt.p)); len(got) != tt.faults {
			t.Errorf("%s: %d faults %q, want %d", tt.p.path(), len(got), got, tt.faults)
		}
	}
}

// sources calls each with every file of the repository that people write, by its path from the root.
func sources(t *testing.T, each func(name string, text []byte)) {
	t.Helper()
	skip := []string{".git", ".e2e", "bin", "data", "e2e/artifacts", "web/static/vendor"}
	count := 0
	err := filepath.WalkDir(root, func(file string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(file, root), string(filepath.Separator)))
		if d.IsDir() {
			if slices.Contains(skip, name) {
				return filepath.SkipDir
			}
			return nil
		}
		text, err := os.ReadFile(file)
		if err == nil && !bytes.ContainsRune(text, 0) {
			count++
			each(name, text)
		}
		return err
	})
	if err != nil || count < 50 {
		t.Fatalf("read %d sources: %v", count, err)
	}
}
