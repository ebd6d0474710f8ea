package kfsim

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// Size of a drawn picture in pixels. The pictures customers send are made here, so that no photograph of anybody is needed.
const (
	pictureWidth  = 384
	pictureHeight = 288
	pictureFine   = 2 // samples per pixel and direction
)

// paint is a shape in a colour, 0xRRGGBB. The shapes see a square of the picture's height, with x from -1/6 to 7/6.
type paint struct {
	colour uint32
	shape  shape
}

// demoPictures are the pictures by name, furthest paint first.
func demoPictures() map[string][]paint {
	forms := avatarShapes()
	room := func(wall, floor uint32, rest ...paint) []paint {
		return append([]paint{{wall, box(-1, -1, 2, 2, 0)}, {floor, box(-1, .74, 2, 2, 0)}}, rest...)
	}
	paper := func(rest ...paint) []paint {
		return append([]paint{{0x55606b, box(-1, -1, 2, 2, 0)}, {0xfbfaf5, box(.18, .06, .82, .94, .03)}}, rest...)
	}
	line := func(y, x1 float64) paint { return paint{0xb9c0c4, box(.26, y, x1, y+.025, .01)} }
	bars := func(y0, y1 float64) shape {
		return union(box(.28, y0, .30, y1, 0), box(.33, y0, .36, y1, 0), box(.39, y0, .40, y1, 0), box(.44, y0, .48, y1, 0),
			box(.52, y0, .53, y1, 0), box(.57, y0, .61, y1, 0), box(.65, y0, .67, y1, 0))
	}
	screw := func(x, y float64) shape { return union(disc(x, y, .05), box(x-.012, y, x+.012, y+.26, 0)) }
	crack := union(box(.30, .405, .47, .411, 0), box(.46, .398, .62, .404, 0), box(.60, .407, .70, .413, 0))
	return map[string][]paint{
		"sofa": room(0xe7e0d3, 0xb08f6a, paint{0xf3d9a0, disc(.98, .28, .12)}, paint{0x5b7f74, forms[0]}, paint{0xd98c5f, box(.33, .44, .45, .56, .03)}),
		"cushion": room(0xdfe4e1, 0x9b8468, paint{0x8a6a4f, forms[0]}, paint{0x5f4834, disc(.52, .60, .06)},
			paint{0xc8281e, without(disc(.52, .60, .14), disc(.52, .60, .125))}),
		"lamp":   room(0x34414c, 0x26303a, paint{0x4f5d69, disc(.5, .46, .36)}, paint{0xf2d58b, forms[1]}),
		"chair":  room(0xf0ece4, 0xc7a67e, paint{0xb5654a, forms[2]}),
		"table":  room(0xe9edf0, 0xa9957c, paint{0x7a4f2c, forms[3]}, paint{0x2b1a0d, crack}),
		"drawer": room(0xe3e6df, 0xa68a68, paint{0x86684a, forms[6]}, paint{0x46341f, box(.31, .58, .78, .69, .01)}),
		"parcel": room(0xd4dade, 0x8d949a, paint{0xc79a63, box(.22, .30, .78, .80, .02)}, paint{0xe4c593, box(.46, .30, .54, .80, 0)},
			paint{0xfbfaf5, box(.27, .58, .42, .72, .01)}),
		"screws": room(0xcfd6d2, 0xcfd6d2, paint{0x6f7a80, union(screw(.3, .40), screw(.5, .36), screw(.7, .42))}),
		"poster": room(0xbfc5c2, 0x8a8f8d, paint{0x1f6f5c, box(.22, .08, .78, .90, .02)}, paint{0xf3e9d2, forms[7]}),
		"label":  paper(line(.16, .62), line(.24, .74), line(.32, .70), paint{0x20262a, bars(.52, .80)}),
		"receipt": paper(line(.14, .74), line(.26, .60), line(.34, .68), line(.42, .56), paint{0x1f6f5c, box(.26, .60, .74, .70, .02)},
			line(.78, .66)),
		"payment": paper(paint{0xd9822b, disc(.5, .26, .11)}, paint{0xfbfaf5, union(box(.488, .19, .512, .28, .01), disc(.5, .315, .016))},
			line(.46, .74), line(.54, .66), paint{0x20262a, box(.26, .72, .74, .82, .02)}),
		"points": paper(paint{0xe0b04b, disc(.34, .22, .07)}, line(.18, .74), line(.40, .74), line(.50, .74), line(.60, .74),
			paint{0xc8281e, box(.60, .70, .74, .74, .01)}),
	}
}

// demoPicture draws a picture by its name, as PNG; an unknown name gives the sofa.
func demoPicture(name string) []byte {
	all := demoPictures()
	paints, ok := all[name]
	if !ok {
		paints = all["sofa"]
	}
	slices.Reverse(paints)
	img := image.NewRGBA(image.Rect(0, 0, pictureWidth, pictureHeight))
	for y := range pictureHeight {
		for x := range pictureWidth {
			img.SetRGBA(x, y, picturePixel(paints, x, y))
		}
	}
	var b bytes.Buffer
	quick := png.Encoder{CompressionLevel: png.BestSpeed}
	// Writing to memory cannot fail, and the picture is of a kind png can write.
	_ = quick.Encode(&b, img)
	return b.Bytes()
}

// picturePixel mixes what a few points of a pixel show, nearest paint first.
func picturePixel(paints []paint, x, y int) color.RGBA {
	const samples = pictureFine * pictureFine
	var r, g, b uint32
	for i := range samples {
		px := (float64(x)+(float64(i%pictureFine)+.5)/pictureFine)/pictureHeight - (pictureWidth-pictureHeight)/2.0/pictureHeight
		py := (float64(y) + (float64(i/pictureFine)+.5)/pictureFine) / pictureHeight
		for _, p := range paints {
			if p.shape(px, py) {
				r, g, b = r+p.colour>>16, g+p.colour>>8&255, b+p.colour&255
				break
			}
		}
	}
	return color.RGBA{uint8(r / samples), uint8(g / samples), uint8(b / samples), 255}
}
