//go:build e2e

package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// An auditor filters the log, exports exactly the filter in each format, and proves the chain, in the browser and on the command
// line; a chain that was cut off does not match a head that was noted.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.SignIn("auditor", Look{})
	p.Go("/audit?action=link.create&operator=manager")
	p.Check()
	rows, err := p.Locator("main table tbody tr").Count()
	if err != nil || rows == 0 {
		t.Fatalf("%d rows: %v", rows, err)
	}
	for name, lines := range map[string]int{"CSV": rows + 1, "JSON Lines": rows, "Excel (XLSX)": 0} {
		text := p.export(name)
		if lines > 0 && strings.Count(strings.TrimSpace(text), "\n")+1 != lines {
			t.Errorf("%s has not %d lines:\n%s", name, lines, text)
		}
		if lines == 0 && !strings.HasPrefix(text, "PK") {
			t.Errorf("the workbook begins with %.10q", text)
		}
		if name == "CSV" && (!strings.HasPrefix(text, "\ufeff") || strings.Contains(text, ",owner,")) {
			t.Errorf("the file does not follow the filter, or has no byte order mark:\n%s", text)
		}
	}
	p.Go("/audit?action=audit.export")
	if n, err := p.Locator("main table tbody tr").Count(); err != nil || n != 3 {
		t.Errorf("%d exports in the log, want 3: %v", n, err)
	}
	p.Press("校验")
	p.See("链条完整")
	p.Check("console audit verify --expect")
	onPage := p.Text(p.Locator("main"))

	out, exit := s.Console("", "audit", "verify")
	if exit != 0 || !strings.HasSuffix(out, "\nOK\n") {
		t.Fatalf("audit verify: exit %d\n%s", exit, out)
	}
	_, head, _ := strings.Cut(out, "head ")
	head, _, _ = strings.Cut(head, "\n")
	told := regexp.MustCompile(`\d+:[0-9a-f]{64}`).FindString(onPage)
	if out, exit := s.Console("", "audit", "verify", "--expect", told); exit != 0 || told == "" {
		t.Errorf("the head that the page shows is refused: exit %d\n%s\n%s", exit, out, onPage)
	}
	if out, exit := s.Console("", "audit", "verify", "--expect", head); exit != 0 {
		t.Errorf("the noted head is refused: %s", out)
	}
	if out, exit := s.Console("", "audit", "verify", "--expect", "99999:"+strings.Repeat("0", 64)); exit != 1 || !strings.Contains(out, "cut off") {
		t.Errorf("a head beyond the end: exit %d\n%s", exit, out)
	}
}

// export downloads the log as it is filtered.
func (p *Page) export(format string) string {
	p.t.Helper()
	p.Unfold("导出")
	file, err := p.ExpectDownload(func() error { return p.Role("link", format).Click() })
	if err != nil {
		p.t.Fatalf("download %s: %v", format, err)
	}
	path, err := file.Path()
	if err != nil {
		p.t.Fatalf("download %s: %v", format, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Unfold("导出")
	return string(text)
}
