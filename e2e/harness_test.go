//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder takes what would fail a test.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	faults []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *recorder) has(part string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.faults, func(f string) bool { return strings.Contains(f, part) })
}

func site(t *testing.T, page string) *Stack {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src 'self' http:")
		_, _ = fmt.Fprint(w, page)
	}))
	t.Cleanup(server.Close)
	return &Stack{URL: server.URL, t: t}
}

// Every fault that the harness promises to find is planted here; a harness that finds none of them would let every journey pass.
func TestHarnessFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	found := &recorder{TB: t}
	s := site(t, `<!doctype html><html lang="zh-CN"><head><meta name="viewport" content="width=device-width"><title>测试</title></head>
<body><main><h1>测试</h1><p style="color:red">Untranslated sentence</p><span translate="no">Data in English</span><img src="/missing.png">
<img src="http://127.0.0.2:1234/else.png" alt="别处"><p>`+strings.Repeat("长", 400)+`</p><pre>`+strings.Repeat("宽", 400)+`</pre></main></body></html>`)
	s.t = found
	p := s.Open(Look{})
	p.Go("/")
	p.Eval(`() => { console.error('planted'); setTimeout(() => { throw new Error('thrown') }); }`)
	p.Eval(`() => new Promise(done => setTimeout(done, 50))`)
	p.Check()
	p.report()
	for _, want := range []string{
		"console error: planted", "thrown", "answer 404", "content policy: style-src", "Untranslated", "image-alt",
		"stick out", "net::ERR_CONNECTION_REFUSED",
	} {
		if !found.has(want) {
			t.Errorf("the harness did not find %q", want)
		}
	}
	if found.has("Data in English") {
		t.Error("data was taken for an untranslated word")
	}
	if t.Failed() {
		t.Log(strings.Join(found.faults, "\n"))
	}
}

func TestHarnessPassesACleanPage(t *testing.T) {
	t.Parallel()
	s := site(t, `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><title>Test</title></head>
<body><main><h1>Test</h1><p>One sentence about <b translate="no">售前咨询</b> and <span lang="zh-CN">中文</span>.</p></main></body></html>`)
	p := s.Open(Look{English: true, Phone: true})
	p.Go("/")
	p.See("One sentence")
	p.Check()
}

func TestForeignWords(t *testing.T) {
	for _, tt := range []struct {
		text    string
		english bool
		want    string
	}{
		{"客服账号", false, ""},
		{"open_kfid 与 errcode", false, ""},
		{"下载 SVG", false, ""},
		{"场景 spring_book，门店 shop=021，spring.png", false, ""},
		{"Save 保存", false, "Save"},
		{"下载 image", false, "image"},
		{"Download", true, ""},
		{"Download 图片", true, "图片"},
	} {
		if got := foreign(tt.text, tt.english); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}
