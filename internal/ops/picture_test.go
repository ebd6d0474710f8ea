package ops

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// quarters is a picture whose four quarters are red, green, blue and clear, read from the top left in rows.
func quarters(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, [2][2]color.NRGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {0, 0, 0, 0}}}[y*2/h][x*2/w])
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is a PNG header that promises a picture of that size, and nothing else.
func bomb(w, h uint32) []byte {
	body := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	body = append(binary.BigEndian.AppendUint32(body, h), 8, 6, 0, 0, 0)
	raw := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(raw, body...), crc32.ChecksumIEEE(body))
}

// withOrientation puts an EXIF block into a JPEG.
func withOrientation(raw []byte, o byte) []byte {
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(o)) + "\x00\x00\x00\x00\x00\x00")
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	return append(append(head, exif...), raw[2:]...)
}

func decoded(t testing.TB, p Picture) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(p.Data))
	if err != nil {
		t.Fatal(err)
	}
	if size := img.Bounds().Size(); size != image.Pt(640, 640) || p.MIME != "image/jpeg" || len(p.ID) != 64 {
		t.Fatalf("picture %v, %s, id %q", size, p.MIME, p.ID)
	}
	return img
}

// corners names the colours in the middle of the four quarters.
func corners(img image.Image) string {
	name := func(x, y int) byte {
		r, g, b, _ := img.At(x, y).RGBA()
		switch hi := [3]bool{r > 0x8000, g > 0x8000, b > 0x8000}; hi {
		case [3]bool{true, false, false}:
			return 'r'
		case [3]bool{false, true, false}:
			return 'g'
		case [3]bool{false, false, true}:
			return 'b'
		case [3]bool{true, true, true}:
			return 'w'
		}
		return '?'
	}
	return string([]byte{name(160, 160), name(480, 160), name(160, 480), name(480, 480)})
}

func TestReadPicture(t *testing.T) {
	small, wide := quarters(200, 200), image.NewNRGBA(image.Rect(0, 0, 400, 200))
	for y := range 200 {
		for x := range 200 {
			wide.SetNRGBA(x+150, y, small.NRGBAAt(x, y))
		}
	}
	for name, c := range map[string]struct {
		raw  []byte
		crop *Crop
		want string
	}{
		"png, clear becomes white": {asPNG(t, quarters(200, 200)), nil, "rgbw"},
		"jpeg of one pixel":        {asJPEG(t, quarters(2, 2).SubImage(image.Rect(0, 0, 1, 1))), nil, "rrrr"},
		"crop":                     {asPNG(t, wide), &Crop{150, 0, 200}, "rgbw"},
		"crop at the edge":         {asPNG(t, quarters(200, 200)), &Crop{100, 0, 100}, "gggg"},
		"crop of a square":         {asPNG(t, quarters(200, 200)), &Crop{0, 100, 100}, "bbbb"},
	} {
		p, err := ReadPicture(c.raw, c.crop)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := corners(decoded(t, p)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestReadPictureRefuses(t *testing.T) {
	var animation bytes.Buffer
	if err := gif.Encode(&animation, quarters(10, 10), nil); err != nil {
		t.Fatal(err)
	}
	square, wide := asPNG(t, quarters(100, 100)), asPNG(t, quarters(100, 60))
	huge := &Crop{0, 0, int(^uint(0) >> 1)}
	for name, c := range map[string]struct {
		raw  []byte
		crop *Crop
		rule string
	}{
		"too many bytes":     {make([]byte, MaxPictureBytes+1), nil, "bytes"},
		"nothing":            {nil, nil, "format"},
		"text":               {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), nil, "format"},
		"gif":                {animation.Bytes(), nil, "format"},
		"png cut off":        {square[:len(square)/2], nil, "format"},
		"jpeg in name only":  {[]byte("\xff\xd8\xff\xe0 not a picture"), nil, "format"},
		"bomb, one side":     {bomb(8001, 10), nil, "pixels"},
		"bomb, area":         {bomb(8000, 8000), nil, "pixels"},
		"bomb, 4 G a side":   {bomb(0x7fffffff, 0x7fffffff), nil, "format"},
		"not square":         {wide, nil, "square"},
		"crop outside":       {wide, &Crop{50, 10, 60}, "crop"},
		"crop empty":         {wide, &Crop{0, 0, 0}, "crop"},
		"crop negative":      {wide, &Crop{-1, 0, 10}, "crop"},
		"crop that overflow": {wide, huge, "crop"},
	} {
		_, err := ReadPicture(c.raw, c.crop)
		var invalid *Invalid
		if !errors.As(err, &invalid) || invalid.Rule != c.rule || invalid.Field != "picture" {
			t.Errorf("%s: %v, want rule %s", name, err, c.rule)
		}
	}
}

func TestOrientation(t *testing.T) {
	// What a browser shows of the stored quarters r g / b w, by EXIF value.
	want := map[byte]string{1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb"}
	clear, flat := quarters(200, 200), image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			c := clear.NRGBAAt(x, y)
			if c.A == 0 {
				c = color.NRGBA{255, 255, 255, 255}
			}
			flat.SetNRGBA(x, y, c)
		}
	}
	raw := asJPEG(t, flat)
	for o, quarter := range want {
		p, err := ReadPicture(withOrientation(raw, o), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := corners(decoded(t, p)); got != quarter {
			t.Errorf("orientation %d: %s, want %s", o, got, quarter)
		}
		// The top right quarter of what is shown.
		p, err = ReadPicture(withOrientation(raw, o), &Crop{110, 10, 80})
		if err != nil {
			t.Fatal(err)
		}
		if got := corners(decoded(t, p)); got[0] != quarter[1] {
			t.Errorf("orientation %d: the top right is %s, want %c", o, got, quarter[1])
		}
	}
	for _, o := range []byte{0, 9} {
		if got := exifOrientation(withOrientation(raw, o)); got != upright {
			t.Errorf("orientation %d: %d", o, got)
		}
	}
}

func TestPictureIsWithoutMetadata(t *testing.T) {
	p, err := ReadPicture(withOrientation(asJPEG(t, quarters(50, 50)), 3), nil)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(p.Data, []byte("Exif")) {
		t.Error("the EXIF block is still in the picture")
	}
}

func TestDefaultPicture(t *testing.T) {
	one, err := defaultPicture("售前咨询")
	if err != nil {
		t.Fatal(err)
	}
	decoded(t, one)
	again, _ := defaultPicture("售前咨询")
	if one.ID != again.ID {
		t.Error("the same name has two pictures")
	}
}

func FuzzReadPicture(f *testing.F) {
	f.Add(asPNG(f, quarters(20, 20)), 0, 0, 10)
	f.Add(withOrientation(asJPEG(f, quarters(20, 10)), 6), 0, 0, 10)
	f.Add(bomb(100000, 100000), 1, 1, 1)
	f.Fuzz(func(t *testing.T, raw []byte, x, y, size int) {
		if format := sniffPicture(raw); format != pictureOther {
			if size, err := format.config(raw); err == nil && size.X*size.Y > 100_000 {
				return // too slow for many rounds
			}
		}
		p, err := ReadPicture(raw, &Crop{x, y, size})
		var invalid *Invalid
		switch {
		case err != nil && !errors.As(err, &invalid):
			t.Errorf("error of another kind: %v", err)
		case err == nil:
			decoded(t, p)
		}
	})
}
