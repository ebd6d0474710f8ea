package kfsim

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

const (
	avatarSize  = 160 // pixels
	avatarFine  = 3   // samples per pixel and direction
	avatarForms = 8
)

// avatarColour is a ground and the shape on it.
type avatarColour struct{ ground, shape color.RGBA }

func avatarColours() []avatarColour {
	rgb := func(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }
	pairs := [][2]uint32{
		{0x2f6f62, 0xf3e9d2}, {0xc8643c, 0xfdf1e3}, {0x3d5a80, 0xe0fbfc}, {0xe0b04b, 0x5a3d1a}, {0x7a5c99, 0xf4ecfb}, {0x4f772d, 0xecf39e},
		{0xb5485d, 0xffe9ec}, {0x22577a, 0xc7f9cc}, {0x8a6a4f, 0xf5ebe0}, {0x5f8f9b, 0x10353f}, {0xd98c5f, 0x4a2511}, {0x46494c, 0xdcdcdd},
	}
	list := make([]avatarColour, len(pairs))
	for i, p := range pairs {
		list[i] = avatarColour{rgb(p[0]), rgb(p[1])}
	}
	return list
}

// drawnPicture names a generated picture; number picks colour and form.
func drawnPicture(number int) string {
	colours := len(avatarColours())
	return fmt.Sprintf("drawn-%d-%d", number%colours, (number+number/colours)%avatarForms)
}

// drawn reports whether the account still has the picture it was made with.
func (a *account) drawn() bool { return strings.HasPrefix(a.Picture, "drawn-") }

// avatarPath is the address of the picture, which changes with it.
func (a *account) avatarPath() string {
	mark := a.Picture
	if !a.drawn() {
		mark = mark[:min(16, len(mark))]
	}
	return "/_sim/avatar/" + a.ID + "?v=" + url.QueryEscape(mark)
}

// serveAvatar answers GET /_sim/avatar/{id}.
func (s *Sim) serveAvatar(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	a := s.world.accountByID[r.PathValue("id")]
	var picture string
	var data []byte
	if a != nil {
		picture = a.Picture
		data = s.world.blobs[picture]
	}
	s.mu.RUnlock()
	if a == nil {
		http.NotFound(w, r)
		return
	}
	if data == nil {
		var colour, form int
		// A name from a foreign state file gives picture 0.
		_, _ = fmt.Sscanf(picture, "drawn-%d-%d", &colour, &form)
		data = drawAvatar(colour, form)
	}
	w.Header().Set("Content-Type", http.DetectContentType(data))
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data)
}

// serveIcon answers GET /favicon.ico with the fir tree.
func serveIcon(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(drawAvatar(0, avatarForms-1))
}

// drawnAvatars has the pictures that were asked for, by colour and form: there are less than a hundred.
var drawnAvatars sync.Map

// drawAvatar draws a form on its ground, with smooth edges. The picture is not to be changed.
func drawAvatar(colour, form int) []byte {
	colours, forms := avatarColours(), avatarShapes()
	key := [2]int{((colour % len(colours)) + len(colours)) % len(colours), ((form % len(forms)) + len(forms)) % len(forms)}
	if known, ok := drawnAvatars.Load(key); ok {
		return known.([]byte)
	}
	data := paintAvatar(colours[key[0]], forms[key[1]])
	drawnAvatars.Store(key, data)
	return data
}

func paintAvatar(c avatarColour, inside shape) []byte {
	const shades = avatarFine*avatarFine + 1
	palette := make(color.Palette, shades)
	for i := range palette {
		palette[i] = blend(c.ground, c.shape, float64(i)/(shades-1))
	}
	img := image.NewPaletted(image.Rect(0, 0, avatarSize, avatarSize), palette)
	for y := range avatarSize {
		for x := range avatarSize {
			hits := 0
			for i := range avatarFine * avatarFine {
				px := (float64(x) + (float64(i%avatarFine)+0.5)/avatarFine) / avatarSize
				py := (float64(y) + (float64(i/avatarFine)+0.5)/avatarFine) / avatarSize
				if inside(px, py) {
					hits++
				}
			}
			img.SetColorIndex(x, y, uint8(hits))
		}
	}
	var b bytes.Buffer
	// Writing to memory cannot fail, and the picture is of a kind png can write.
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func blend(a, b color.RGBA, part float64) color.RGBA {
	mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*part)) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}

// shape tells whether a point of the unit square is inside; y grows downwards.
type shape func(x, y float64) bool

func box(x0, y0, x1, y1, radius float64) shape {
	return func(x, y float64) bool {
		dx := max(x0+radius-x, 0, x-x1+radius)
		dy := max(y0+radius-y, 0, y-y1+radius)
		return dx*dx+dy*dy <= radius*radius
	}
}

func disc(cx, cy, radius float64) shape {
	return func(x, y float64) bool { return (x-cx)*(x-cx)+(y-cy)*(y-cy) <= radius*radius }
}

func union(parts ...shape) shape {
	return func(x, y float64) bool {
		for _, p := range parts {
			if p(x, y) {
				return true
			}
		}
		return false
	}
}

func without(a, b shape) shape {
	return func(x, y float64) bool { return a(x, y) && !b(x, y) }
}

// taper is a trapezium around the middle, top and bottom given by half widths.
func taper(cx, y0, y1, top, bottom float64) shape {
	return func(x, y float64) bool {
		return y >= y0 && y <= y1 && math.Abs(x-cx) <= top+(bottom-top)*(y-y0)/(y1-y0)
	}
}

// avatarShapes are pieces of furniture, as far as a few circles and boxes go.
func avatarShapes() [avatarForms]shape {
	return [avatarForms]shape{
		// sofa
		union(box(.26, .32, .74, .58, .06), box(.18, .44, .29, .68, .04), box(.71, .44, .82, .68, .04), box(.24, .56, .76, .68, .03),
			box(.25, .68, .30, .75, .01), box(.70, .68, .75, .75, .01)),
		// lamp
		union(taper(.5, .22, .48, .12, .24), box(.48, .48, .52, .72, .01), box(.36, .72, .64, .77, .025)),
		// chair
		union(box(.32, .22, .40, .56, .03), box(.32, .50, .68, .58, .03), box(.33, .56, .38, .78, .02), box(.62, .56, .67, .78, .02)),
		// round table
		union(box(.20, .38, .80, .46, .04), box(.47, .44, .53, .72, .01), box(.34, .71, .66, .76, .025)),
		// mirror
		union(without(disc(.5, .44, .24), disc(.5, .44, .19)), box(.38, .74, .62, .79, .025), box(.475, .66, .525, .76, .01)),
		// bed
		union(box(.18, .34, .25, .74, .02), box(.18, .54, .82, .66, .03), box(.28, .44, .46, .56, .04), box(.76, .58, .82, .74, .02)),
		// chest of drawers
		union(without(box(.26, .26, .74, .72, .04), union(box(.30, .395, .70, .415, .005), box(.30, .555, .70, .575, .005),
			disc(.5, .335, .02), disc(.5, .485, .02), disc(.5, .645, .02))), box(.30, .70, .35, .77, .01), box(.65, .70, .70, .77, .01)),
		// fir tree, the mark of the company
		union(taper(.5, .18, .40, 0, .15), taper(.5, .32, .56, .04, .21), taper(.5, .48, .70, .07, .26), box(.465, .68, .535, .80, .01)),
	}
}
