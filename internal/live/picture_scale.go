package live

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
)

const (
	pictureSide   = 192        // pixels of our copies: twice the largest size on a page, for dense screens
	picturePixels = 12_000_000 // of a picture that is decoded: bounds the memory, whatever its bytes promise
)

// squarePicture decodes a JPEG or PNG picture, cuts the middle square out of it and scales that to 192 x 192 pixels. The
// copy is a JPEG, or a PNG if something shines through.
func squarePicture(raw []byte) (data []byte, mime string, err error) {
	decodeConfig, decode := png.DecodeConfig, png.Decode
	if bytes.HasPrefix(raw, []byte{0xFF, 0xD8}) {
		decodeConfig, decode = jpeg.DecodeConfig, jpeg.Decode
	}
	config, err := decodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errPictureAnswer, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > picturePixels/config.Height {
		return nil, "", fmt.Errorf("%w: %d x %d pixels", errPictureAnswer, config.Width, config.Height)
	}
	src, err := decode(bytes.NewReader(raw))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errPictureAnswer, err)
	}
	small := shrink(src)
	var out bytes.Buffer
	if small.Opaque() {
		err = jpeg.Encode(&out, small, &jpeg.Options{Quality: 88})
		mime = "image/jpeg"
	} else {
		err = png.Encode(&out, small)
		mime = "image/png"
	}
	if err != nil {
		return nil, "", fmt.Errorf("encode picture: %w", err)
	}
	return out.Bytes(), mime, nil
}

// shrink gives each pixel the mean of the part of the middle square that it covers, weighed by area: no pixel of the
// source is left out, and a picture that is too small is enlarged without blur.
func shrink(src image.Image) *image.RGBA {
	b := src.Bounds()
	side := min(b.Dx(), b.Dy())
	square := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(square, square.Bounds(), src, b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2)), draw.Src)
	out := image.NewRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	for y := range pictureSide {
		for x := range pictureSide {
			out.SetRGBA(x, y, mean(square, x, y))
		}
	}
	return out
}

// mean is the colour of the square that pixel x, y of the copy covers. Lengths are counted in 1/192 of a source pixel, so
// that everything stays whole numbers.
func mean(square *image.RGBA, x, y int) color.RGBA {
	side := square.Rect.Dx()
	var sum [4]uint64
	for sy := y * side / pictureSide; sy < side && sy*pictureSide < (y+1)*side; sy++ {
		high := overlap(sy, y, side)
		row := square.Pix[sy*square.Stride:]
		for sx := x * side / pictureSide; sx < side && sx*pictureSide < (x+1)*side; sx++ {
			area := high * overlap(sx, x, side)
			for i, v := range row[sx*4 : sx*4+4] {
				sum[i] += area * uint64(v)
			}
		}
	}
	whole := uint64(side) * uint64(side)
	part := func(i int) uint8 { return uint8((sum[i] + whole/2) / whole) }
	return color.RGBA{part(0), part(1), part(2), part(3)}
}

// overlap is the length that source pixel s and pixel d of the copy share along one side.
func overlap(s, d, side int) uint64 {
	return uint64(min((s+1)*pictureSide, (d+1)*side) - max(s*pictureSide, d*side))
}
