package ops

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"golang.org/x/image/draw"
)

// Limits of an uploaded picture.
const (
	MaxPictureBytes = 2 << 20
	MaxPictureSide  = 8000
	// maxPicturePixels keeps the memory of one decoding (up to 16 bytes a pixel for a progressive JPEG) in bounds.
	maxPicturePixels = 25_000_000
	// pictureSide is the side of an avatar as we keep and send it.
	pictureSide = 640
)

// Crop is the square of a picture to keep, in pixels of the picture as it is shown (after its EXIF rotation).
type Crop struct{ X, Y, Size int }

// Picture is an avatar as we keep and send it: JPEG, 640 x 640, without any metadata.
type Picture struct {
	ID   string // SHA-256 of Data, hex
	MIME string
	Data []byte
}

// ReadPicture checks an uploaded picture by decoding it and brings it into shape. It refuses by the header alone what would take too
// much memory. The error is an *Invalid of the field picture with rule bytes, format, pixels, square or crop.
func ReadPicture(raw []byte, crop *Crop) (Picture, error) {
	if len(raw) > MaxPictureBytes {
		return Picture{}, &Invalid{Field: "picture", Rule: "bytes", Limit: MaxPictureBytes}
	}
	format := sniffPicture(raw)
	size, err := format.config(raw)
	if err != nil {
		return Picture{}, &Invalid{Field: "picture", Rule: "format"}
	}
	if size.X > MaxPictureSide || size.Y > MaxPictureSide || size.X*size.Y > maxPicturePixels {
		return Picture{}, &Invalid{Field: "picture", Rule: "pixels", Limit: MaxPictureSide}
	}
	turn := upright
	if format == pictureJPEG {
		turn = exifOrientation(raw)
	}
	square, err := cropSquare(turn.shown(size), crop)
	if err != nil {
		return Picture{}, err
	}
	img, err := format.decode(raw)
	if err != nil {
		return Picture{}, &Invalid{Field: "picture", Rule: "format"}
	}
	from := turn.sourceRect(square, size).Add(img.Bounds().Min)
	scaled := image.NewRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	draw.Draw(scaled, scaled.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, from, draw.Over, nil)
	return encodePicture(turn.apply(scaled))
}

// cropSquare returns the part of a picture of the given size to keep.
func cropSquare(size image.Point, crop *Crop) (image.Rectangle, error) {
	whole := image.Rectangle{Max: size}
	if crop == nil {
		if size.X != size.Y || size.X == 0 {
			return image.Rectangle{}, &Invalid{Field: "picture", Rule: "square"}
		}
		return whole, nil
	}
	if crop.Size < 1 || crop.X < 0 || crop.Y < 0 || crop.Size > size.X || crop.Size > size.Y ||
		crop.X > size.X-crop.Size || crop.Y > size.Y-crop.Size {
		return image.Rectangle{}, &Invalid{Field: "picture", Rule: "crop"}
	}
	return image.Rect(crop.X, crop.Y, crop.X+crop.Size, crop.Y+crop.Size), nil
}

func encodePicture(img image.Image) (Picture, error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 85}); err != nil {
		return Picture{}, &Invalid{Field: "picture", Rule: "format"}
	}
	sum := sha256.Sum256(out.Bytes())
	return Picture{ID: hex.EncodeToString(sum[:]), MIME: "image/jpeg", Data: out.Bytes()}, nil
}

type pictureFormat int

const (
	pictureOther pictureFormat = iota
	pictureJPEG
	picturePNG
)

// sniffPicture looks at the first bytes. The decoders are called by name and not through image.Decode, whose list of formats any
// package of the program can extend.
func sniffPicture(raw []byte) pictureFormat {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xd8\xff")):
		return pictureJPEG
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return picturePNG
	}
	return pictureOther
}

func (f pictureFormat) config(raw []byte) (image.Point, error) {
	config, err := image.Config{}, image.ErrFormat
	switch f {
	case pictureJPEG:
		config, err = jpeg.DecodeConfig(bytes.NewReader(raw))
	case picturePNG:
		config, err = png.DecodeConfig(bytes.NewReader(raw))
	}
	return image.Pt(config.Width, config.Height), err
}

func (f pictureFormat) decode(raw []byte) (image.Image, error) {
	switch f {
	case pictureJPEG:
		return jpeg.Decode(bytes.NewReader(raw))
	case picturePNG:
		return png.Decode(bytes.NewReader(raw))
	}
	return nil, image.ErrFormat
}

// defaultPicture draws the avatar of an account that was created without one, because WeCom asks for a picture: a speech bubble on a
// colour that follows from the name.
func defaultPicture(name string) (Picture, error) {
	sum := fnv.New32a()
	sum.Write([]byte(name))
	palette := []color.RGBA{
		{0x1f, 0x7a, 0x6c, 0xff}, {0x2f, 0x5d, 0x9e, 0xff}, {0x8a, 0x4f, 0x2d, 0xff},
		{0x6a, 0x4c, 0x93, 0xff}, {0x3d, 0x6b, 0x35, 0xff}, {0x9a, 0x3b, 0x4f, 0xff},
	}
	back := palette[sum.Sum32()%uint32(len(palette))]
	img := image.NewRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	for y := range pictureSide {
		for x := range pictureSide {
			img.SetRGBA(x, y, blend(back, bubble(float64(x)+0.5, float64(y)+0.5)))
		}
	}
	return encodePicture(img)
}

// bubble tells how much of the pixel is covered by the speech bubble, 0 to 1: an ellipse with a tail.
func bubble(x, y float64) float64 {
	dx, dy := (x-320)/190, (y-295)/150
	edge := (1 - math.Hypot(dx, dy)) * 150
	tail := min(x-225, 500-y-(x-225)*0.9, y-380)
	return min(max(max(edge, tail), 0), 1)
}

func blend(back color.RGBA, white float64) color.RGBA {
	mix := func(c uint8) uint8 { return uint8(float64(c) + (255-float64(c))*white) }
	return color.RGBA{mix(back.R), mix(back.G), mix(back.B), 0xff}
}
