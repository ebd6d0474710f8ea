package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Limits of size, in lines. The main package is the command line and not the application.
const (
	maxFile     = 500
	maxFunction = 60
	maxMain     = 350
)

func TestSources(t *testing.T) {
	var lengths []int
	main := 0
	sources(t, func(name string, text []byte) {
		for _, fault := range sourceFaults(name, string(text)) {
			t.Error(fault)
		}
		if handWritten(name) && !strings.HasSuffix(name, "_test.go") {
			lines := strings.Count(string(text), "\n")
			lengths = append(lengths, lines)
			if filepath.ToSlash(filepath.Dir(name)) == "cmd/console" {
				main += lines
			}
		}
	})
	if main > maxMain {
		t.Errorf("the main package has %d lines, want at most %d", main, maxMain)
	}
	slices.Sort(lengths)
	t.Logf("%d files, lines: median %d, 95th percentile %d, longest %d",
		len(lengths), lengths[len(lengths)/2], lengths[len(lengths)*95/100], lengths[len(lengths)-1])
}

func handWritten(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_templ.go")
}

// sourceFaults applies every rule that can be seen in one file.
func sourceFaults(name, text string) (faults []string) {
	faults = wordFaults(name, text)
	switch {
	case handWritten(name):
		faults = append(faults, goFaults(name, text)...)
	case strings.HasSuffix(name, ".templ"):
		faults = append(faults, templFaults(name, text)...)
	case strings.HasSuffix(name, ".sql") && offsetWord.MatchString(text):
		faults = append(faults, name+": OFFSET: pages go by keyset")
	}
	return faults
}

// Words that say where a text was made rather than what it is. They are put together here so that this file does not hold them.
var foreignWords = []string{"/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "../sha" + "red", "proxy.go" + "lang.org", "registry.np" + "mjs.org", "deb.deb" + "ian.org"}

func wordFaults(name, text string) (faults []string) {
	if base := filepath.Base(name); base == "go.sum" || base == "tools.sum" || base == "LICENSE" {
		return nil
	}
	for _, word := range foreignWords {
		if strings.Contains(text, word) {
			faults = append(faults, fmt.Sprintf("%s mentions %s", name, word))
		}
	}
	return faults
}

var (
	offsetWord  = regexp.MustCompile(`(?i)\bOFFSET\b`)
	styleMarkup = regexp.MustCompile(`(?i)<style|\sstyle\s*=|\sstyle\?=|<script>|\son[a-z]+\s*=|\shx-on|javascript:`)
)

func templFaults(name, text string) (faults []string) {
	if strings.Count(text, "\n") > maxFile {
		faults = append(faults, fmt.Sprintf("%s has more than %d lines", name, maxFile))
	}
	if found := styleMarkup.FindString(text); found != "" {
		faults = append(faults, fmt.Sprintf("%s has %q: the content policy allows no inline style or script", name, strings.TrimSpace(found)))
	}
	if _, err := os.Stat(filepath.Join(root, strings.TrimSuffix(name, ".templ")+"_templ.go")); err != nil {
		faults = append(faults, name+" has no generated code beside it")
	}
	return faults
}

// goFaults parses a hand-written Go file and looks for what no such file may hold.
func goFaults(name, text string) (faults []string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ParseComments)
	if err != nil {
		return []string{err.Error()}
	}
	c := checker{name: name, files: files, test: strings.HasSuffix(name, "_test.go")}
	if strings.Count(text, "\n") > maxFile {
		c.report(file.Pos(), "more than %d lines", maxFile)
	}
	ast.Inspect(file, c.visit)
	return c.faults
}

type checker struct {
	name   string
	files  *token.FileSet
	test   bool
	in     string // the function that is being looked at
	faults []string
}

func (c *checker) report(at token.Pos, format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf("%s:%d: %s", c.name, c.files.Position(at).Line, fmt.Sprintf(format, args...)))
}

func (c *checker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		c.in = n.Name.Name
		c.function(n)
	case *ast.CallExpr:
		c.call(n)
	case *ast.BasicLit:
		if n.Kind == token.STRING && c.isSQL() && offsetWord.MatchString(n.Value) {
			c.report(n.Pos(), "OFFSET: pages go by keyset")
		}
	case *ast.ImportSpec:
		if imported, err := strconv.Unquote(n.Path.Value); err == nil && n.Name != nil && n.Name.Name == "." {
			c.report(n.Pos(), "dot import of %s", imported)
		}
	}
	return true
}

func (c *checker) isSQL() bool { return strings.HasPrefix(c.name, "internal/db/") && !c.test }

func (c *checker) function(f *ast.FuncDecl) {
	if f.Name.Name == "init" && f.Recv == nil {
		c.report(f.Pos(), "init(): state is built in main and passed on")
	}
	if f.Body == nil {
		return
	}
	lines := c.files.Position(f.End()).Line - c.files.Position(f.Pos()).Line + 1
	if lines > maxFunction {
		c.report(f.Pos(), "%s has %d lines, want at most %d", f.Name.Name, lines, maxFunction)
	}
}

// call finds calls of the clock and tests that are left out. The clock is a field: it is called in cmd, in tests, and in a method
// called now, which is the default of a field that was not set.
func (c *checker) call(n *ast.CallExpr) {
	selector, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	of, ok := selector.X.(*ast.Ident)
	if !ok {
		return
	}
	called := of.Name + "." + selector.Sel.Name
	clock := called == "time.Now" || called == "time.Since" || called == "time.Until"
	if clock && !c.test && c.in != "now" && !strings.HasPrefix(c.name, "cmd/") && !strings.HasPrefix(c.name, "e2e/") {
		c.report(n.Pos(), "%s: the clock is a field named Now", called)
	}
	if c.test && (of.Name == "t" || of.Name == "b" || of.Name == "f") && strings.HasPrefix(selector.Sel.Name, "Skip") {
		c.report(n.Pos(), "%s: a test that is left out proves nothing", called)
	}
}

func TestSourceRulesFindPlantedFaults(t *testing.T) {
	long := strings.Repeat("\t_ = 1\n", maxFunction)
	for _, tt := range []struct {
		name, text string
		want       string // part of the only fault; "" means none
	}{
		{"internal/db/a.go", "package db\n", ""},
		{"internal/db/a.go", "package db\nconst q = `SELECT 1 limit 1 offset 3`\n", "keyset"},
		{"internal/kf/a.go", "package kf\nconst q = `offset`\n", ""},
		{"internal/db/m/1.sql", "SELECT 1 LIMIT 5 OFFSET 10;\n", "keyset"},
		{"internal/kf/a.go", "package kf\nimport \"time\"\nvar d = struct{ Now func() time.Time }{Now: time.Now}\n", ""},
		{"internal/kf/a.go", "package kf\nimport \"time\"\nfunc f() time.Time { return time.Now() }\n", "clock"},
		{"internal/kf/a.go", "package kf\nimport \"time\"\nfunc f(t time.Time) time.Duration { return time.Since(t) }\n", "clock"},
		{"internal/kf/a.go", "package kf\nimport \"time\"\nfunc now() time.Time { return time.Now() }\n", ""},
		{"cmd/console/a.go", "package main\nimport \"time\"\nfunc f() time.Time { return time.Now() }\n", ""},
		{"internal/kf/a.go", "package kf\nfunc init() {}\n", "init"},
		{"internal/kf/a_test.go", "package kf\nimport \"testing\"\nfunc TestA(t *testing.T) { t." + "Skip() }\n", "left out"},
		{"internal/kf/a.go", "package kf\nfunc f() {\n" + long + "}\n", "62 lines"},
		{"internal/kf/a.go", "package kf\nfunc f() {\n" + long[:len(long)-14] + "}\n", ""},
		{"internal/kf/a.go", "package kf\n" + strings.Repeat("// x\n", maxFile), "more than 500"},
		{"internal/kf/a.go", "package kf\nimport . \"fmt\"\n", "dot import"},
		{"docs/a.md", "see /wo" + "rk/main\n", "mentions"},
		{"web/a.css", "a { color: red }\n", ""},
	} {
		got := sourceFaults(tt.name, tt.text)
		if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
			t.Errorf("%s %.60q: faults %q, want one with %q", tt.name, tt.text, got, tt.want)
		}
	}
	for _, markup := range []string{`<p style="color:red">`, `<style>`, `<script>a()</script>`, `<a onclick="a()">`, `<a hx-on:click="a()">`, `<a href="javascript:a()">`} {
		if len(templFaults("web/templates/none.templ", markup)) != 2 { // the other one: no generated code
			t.Errorf("%s was not found", markup)
		}
	}
	if got := templFaults("web/templates/none.templ", `<p class="style" data-on="1">{ t.Person }</p>`); len(got) != 1 {
		t.Errorf("harmless markup: %q", got)
	}
}

// Generated code without its template is left over from a page that was removed.
func TestGeneratedCodeHasItsTemplate(t *testing.T) {
	sources(t, func(name string, _ []byte) {
		if template, ok := strings.CutSuffix(name, "_templ.go"); ok {
			if _, err := os.Stat(filepath.Join(root, template+".templ")); err != nil {
				t.Errorf("%s has no template", name)
			}
		}
	})
}

// Versions below these accept smuggled requests, or can corrupt a database.
func TestPinnedVersions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for library, minor := range map[string]int{"github.com/valyala/fasthttp v1.": 74, "modernc.org/sqlite v1.": 60} {
		_, rest, ok := strings.Cut(string(text), library)
		number, _, _ := strings.Cut(rest, ".")
		if got, err := strconv.Atoi(number); !ok || err != nil || got < minor {
			t.Errorf("go.mod: %s%s, want at least %d", library, number, minor)
		}
	}
}
