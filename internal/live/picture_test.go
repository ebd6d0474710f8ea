package live

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func picturesFor(t *testing.T, api string) *pictures {
	t.Helper()
	u, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	return newPictures(nil, time.Now, slog.New(slog.DiscardHandler), u)
}

func TestPictureHosts(t *testing.T) {
	p := picturesFor(t, "http://127.0.0.1:8081/cgi-bin/")
	for address, want := range map[string]string{
		"https://wework.qpic.cn/wwhead/demo/0":      "https://wework.qpic.cn/wwhead/demo/0",
		"http://wx.qlogo.cn/demo/0?x=1":             "https://wx.qlogo.cn/demo/0?x=1",
		"http://127.0.0.1:8081/_sim/avatar/wk1?v=2": "http://127.0.0.1:8081/_sim/avatar/wk1?v=2",
	} {
		u, client, err := p.allowed(address)
		if err != nil || u.String() != want {
			t.Errorf("%s: %v, %v", address, u, err)
			continue
		}
		if inside := strings.HasPrefix(want, "http://127"); (client == p.inside) != inside {
			t.Errorf("%s: wrong client", address)
		}
	}
	for _, address := range []string{
		"", "x", "//wework.qpic.cn/a", "file:///etc/passwd", "ftp://wework.qpic.cn/a", "javascript:alert(1)",
		"http://127.0.0.1:8082/a", "https://127.0.0.1:8081/a", "http://127.0.0.1/a", "http://localhost:8081/a",
		"http://169.254.169.254/latest/meta-data", "https://[::1]/a", "https://2130706433/a",
		"https://qpic.cn.evil.example/a", "https://evilqpic.cn/a", "https://qpic.cn/a", "https://wework.qpic.cn:8443/a",
		"https://user:pw@wework.qpic.cn/a", "https://wework.qpic.cn@evil.example/a", "https://evil.example/?wework.qpic.cn",
		"https://wework.qpic.cn./a", "https://evil.example#.qpic.cn",
	} {
		if u, _, err := p.allowed(address); !errors.Is(err, errPictureHost) {
			t.Errorf("%s allowed as %v, %v", address, u, err)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "119.147.6.1", "2408:8000::1", "::ffff:8.8.8.8"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not public", a)
		}
	}
	for _, a := range []string{
		"127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3",
		"224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fc00::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fec0::1", "100.100.100.200",
	} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
}

// TestOutsideClientRefusesPrivateAddresses dials a listener of ours: the check looks at the address and not at the name,
// so a name that leads to it (here localhost) is refused as well, and nothing arrives.
func TestOutsideClientRefusesPrivateAddresses(t *testing.T) {
	hit := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer srv.Close()
	for _, address := range []string{srv.URL, strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)} {
		resp, err := picturesFor(t, "").outside.Get(address)
		if err == nil {
			resp.Body.Close()
		}
		if !errors.Is(err, errPictureHost) || hit {
			t.Errorf("%s: %v, reached: %v", address, err, hit)
		}
		resp, err = picturesFor(t, "").inside.Get(address)
		if err != nil || !hit {
			t.Fatalf("control: %s cannot be reached at all: %v", address, err)
		}
		resp.Body.Close()
		hit = false
	}
}

func TestDownloadRefuses(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { t.Error("redirect was followed") }))
	defer elsewhere.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case "/large":
			_, _ = w.Write(make([]byte, pictureBytes+1))
		case "/full":
			_, _ = w.Write(make([]byte, pictureBytes))
		case "/missing":
			http.NotFound(w, r)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		}
	}))
	defer srv.Close()
	p := picturesFor(t, srv.URL)
	if raw, err := p.download(t.Context(), srv.URL+"/full"); err != nil || len(raw) != pictureBytes {
		t.Errorf("the largest picture: %d bytes, %v", len(raw), err)
	}
	for _, path := range []string{"/redirect", "/large", "/missing", "/cut"} {
		if raw, err := p.download(t.Context(), srv.URL+path+"?secret=1"); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %d bytes, %v", path, len(raw), err)
		}
	}
}

func encoded(t *testing.T, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSquarePicture(t *testing.T) {
	// Left third red, middle third green, right third blue: the middle square is the green.
	stripes := image.NewRGBA(image.Rect(10, 20, 310, 120))
	for i, c := range []color.RGBA{{200, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 200, 255}} {
		draw.Draw(stripes, image.Rect(10+100*i, 20, 110+100*i, 120), image.NewUniform(c), image.Point{}, draw.Src)
	}
	veil := image.NewNRGBA(image.Rect(0, 0, 7, 7))
	draw.Draw(veil, veil.Bounds(), image.NewUniform(color.NRGBA{0, 200, 0, 100}), image.Point{}, draw.Src)
	for name, c := range map[string]struct {
		raw   []byte
		mime  string
		alpha int
	}{
		"png":  {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, stripes) }), "image/jpeg", 255},
		"jpeg": {encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, stripes, nil) }), "image/jpeg", 255},
		"veil": {encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, veil) }), "image/png", 100},
	} {
		data, mime, err := squarePicture(c.raw)
		if err != nil || mime != c.mime {
			t.Errorf("%s: %s, %v", name, mime, err)
			continue
		}
		img, format, err := image.Decode(bytes.NewReader(data))
		if err != nil || "image/"+format != mime || img.Bounds() != image.Rect(0, 0, 192, 192) {
			t.Errorf("%s: %s of %v, %v", name, format, img.Bounds(), err)
			continue
		}
		for _, at := range []image.Point{{3, 3}, {96, 96}, {188, 188}} {
			got := color.NRGBAModel.Convert(img.At(at.X, at.Y)).(color.NRGBA)
			if got.R > 20 || got.G < 180 || got.B > 20 || int(got.A) != c.alpha {
				t.Errorf("%s: colour %v at %v", name, got, at)
			}
		}
	}
}

// TestShrinkKeepsTheMean compares each pixel with the mean taken the slow way: enlarge by 192, then average.
func TestShrinkKeepsTheMean(t *testing.T) {
	for _, side := range []int{1, 5, 191, 192, 193, 500} {
		src := image.NewRGBA(image.Rect(0, 0, side, side))
		for i := range src.Pix {
			src.Pix[i] = uint8(i * 37 % 251)
		}
		for i := 3; i < len(src.Pix); i += 4 {
			src.Pix[i] = 255
		}
		got := shrink(src)
		for _, at := range []image.Point{{0, 0}, {191, 191}, {17, 101}, {96, 95}} {
			sum, n := 0, 0
			for y := at.Y * side; y < (at.Y+1)*side; y++ {
				for x := at.X * side; x < (at.X+1)*side; x++ {
					sum += int(src.RGBAAt(x/pictureSide, y/pictureSide).R)
					n++
				}
			}
			if have := int(got.RGBAAt(at.X, at.Y).R); have < sum/n || have > sum/n+1 {
				t.Errorf("side %d: %d at %v, want %d or one more", side, have, at, sum/n)
			}
		}
	}
}

func TestSquarePictureRefuses(t *testing.T) {
	small := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.White, color.Black})
	good := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, small) })
	wide := bytes.Clone(good)
	copy(wide[16:], []byte{0, 0, 0x40, 0, 0, 0, 0x40, 0}) // promises 16 384 x 16 384 pixels
	for name, raw := range map[string][]byte{
		"nothing": nil, "html": []byte("<html>"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "cut": good[:len(good)-30],
		"gif":  encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, small, nil) }),
		"bomb": wide, "jpeg by name": {0xFF, 0xD8, 0xFF},
	} {
		if _, _, err := squarePicture(raw); !errors.Is(err, errPictureAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
