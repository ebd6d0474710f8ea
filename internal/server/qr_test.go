package server

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"
)

var qrTexts = []string{
	"1",
	"https://work.weixin.qq.com/kf/kfc0demo1?enc_scene=ENCdemo8Xy",
	"https://work.weixin.qq.com/kf/kfc0demo1?enc_scene=ENCdemo8Xy&scene_param=order%3D1001%26shop%3D%E4%BA%91%E6%9D%89",
	"云杉家居 · 售前咨询 & <客服>",
	strings.Repeat("0123456789", 20),
	strings.Repeat("https://kf.example/", 60),
}

func TestQRPNGIsReadBack(t *testing.T) {
	for _, text := range qrTexts {
		for _, size := range []int{200, 333, 512, 2048} {
			pic, err := qrPNG(text, size)
			if err != nil {
				t.Fatalf("%d pixels of %d bytes: %v", size, len(text), err)
			}
			got, err := qrRead(pic)
			if err != nil || got != text {
				t.Errorf("%d pixels: read %q, %v; want %q", size, got, err, text)
			}
		}
		if !Readable(text) {
			t.Errorf("Readable(%q) = false", text)
		}
	}
}

func TestQRPNGShape(t *testing.T) {
	text := qrTexts[2]
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{128, 300, 640, 2048} {
		pic, err := qrPNG(text, size)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(pic))
		if err != nil {
			t.Fatal(err)
		}
		pal, ok := img.(*image.Paletted)
		if !ok || len(pal.Palette) != 2 || img.Bounds() != image.Rect(0, 0, size, size) {
			t.Fatalf("size %d: %T of %v, want two colours in a square", size, img, img.Bounds())
		}
		scale := size / (code.Size + 2*qrQuiet)
		from := (size - code.Size*scale) / 2
		if from < qrQuiet*scale {
			t.Errorf("size %d: border of %d pixels, want at least %d", size, from, qrQuiet*scale)
		}
		for y := range size {
			for x := range size {
				mx, my := x-from, y-from
				want := mx >= 0 && my >= 0 && code.Black(mx/scale, my/scale)
				if got := pal.ColorIndexAt(x, y) == 1; got != want {
					t.Fatalf("size %d: pixel %d,%d dark is %v, want %v", size, x, y, got, want)
				}
			}
		}
	}
}

func TestQRPNGRefuses(t *testing.T) {
	for _, size := range []int{-1, 0, 127, 2049, 1 << 30} {
		if _, err := qrPNG("x", size); !errors.Is(err, errQRSize) {
			t.Errorf("size %d: %v, want errQRSize", size, err)
		}
	}
	if _, err := qrPNG(strings.Repeat("x", 2331), 128); !errors.Is(err, errQRSize) {
		t.Errorf("177 modules in 128 pixels: %v, want errQRSize", err)
	}
	for _, text := range []string{"", strings.Repeat("x", 2332)} {
		if _, err := qrPNG(text, 512); err == nil || errors.Is(err, errQRSize) {
			t.Errorf("%d bytes: %v, want an error of the text", len(text), err)
		}
		if _, err := qrSVG(text, "t"); err == nil {
			t.Errorf("%d bytes: no error for SVG", len(text))
		}
		if Readable(text) {
			t.Errorf("%d bytes: readable", len(text))
		}
	}
}

func TestQRReadRefuses(t *testing.T) {
	var blank bytes.Buffer
	if err := png.Encode(&blank, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	for name, pic := range map[string][]byte{"no picture": []byte("<html>"), "no code": blank.Bytes()} {
		if got, err := qrRead(pic); err == nil {
			t.Errorf("%s: read %q", name, got)
		}
	}
}

// TestQRSVGDrawsTheCode paints the path by itself and compares every module.
func TestQRSVGDrawsTheCode(t *testing.T) {
	for _, text := range qrTexts {
		code, err := qr.Encode(text, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		pic, err := qrSVG(text, "售前 <A&B>\x00")
		if err != nil {
			t.Fatal(err)
		}
		svg := readSVG(t, pic)
		if want := "售前 <A&B>\uFFFD"; svg.Title != want {
			t.Errorf("title %q, want %q", svg.Title, want)
		}
		side := code.Size + 2*qrQuiet
		if want := "0 0 " + strconv.Itoa(side) + " " + strconv.Itoa(side); svg.ViewBox != want || svg.Role != "img" || svg.Shape != "crispEdges" {
			t.Errorf("svg %q %q %q", svg.ViewBox, svg.Role, svg.Shape)
		}
		if len(svg.Paths) != 1 {
			t.Fatalf("%d paths, want one", len(svg.Paths))
		}
		dark := strokes(t, svg.Paths[0].D)
		for y := range side {
			for x := range side {
				if want := code.Black(x-qrQuiet, y-qrQuiet); dark[[2]int{x, y}] != want {
					t.Fatalf("module %d,%d dark is %v, want %v", x, y, !want, want)
				}
			}
		}
		if bytes.Contains(pic, []byte("style")) || bytes.Contains(pic, []byte("script")) {
			t.Error("style or script inside")
		}
	}
}

type svgFile struct {
	ViewBox string `xml:"viewBox,attr"`
	Role    string `xml:"role,attr"`
	Shape   string `xml:"shape-rendering,attr"`
	Title   string `xml:"title"`
	Paths   []struct {
		D string `xml:"d,attr"`
	} `xml:"path"`
}

func readSVG(t *testing.T, pic []byte) svgFile {
	t.Helper()
	var svg svgFile
	d := xml.NewDecoder(bytes.NewReader(pic))
	if err := d.Decode(&svg); err != nil {
		t.Fatalf("not well-formed: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("something after the picture: %v", err)
	}
	return svg
}

// strokes reads a path of "M x y.5 h n" strokes into the modules they cover.
func strokes(t *testing.T, path string) map[[2]int]bool {
	t.Helper()
	dark := map[[2]int]bool{}
	for stroke := range strings.SplitSeq(strings.TrimPrefix(path, "M"), "M") {
		at, length, ok := strings.Cut(stroke, ".5h")
		xs, ys, ok2 := strings.Cut(at, " ")
		x, err1 := strconv.Atoi(xs)
		y, err2 := strconv.Atoi(ys)
		n, err3 := strconv.Atoi(length)
		if !ok || !ok2 || err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("stroke %q", stroke)
		}
		for i := range n {
			dark[[2]int{x + i, y}] = true
		}
	}
	return dark
}
