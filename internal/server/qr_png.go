package server

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"rsc.io/qr"
)

const (
	qrSizeLeast = 128
	qrSizeMost  = 2048
)

// qrPNG draws text as a black and white picture of size x size pixels, 128 to 2048. Every module is the same whole
// number of pixels, so no scanner meets a blurred edge; the pixels left over widen the border evenly.
// errQRSize means that the size is out of range or leaves less than one pixel for a module.
func qrPNG(text string, size int) ([]byte, error) {
	if size < qrSizeLeast || size > qrSizeMost {
		return nil, fmt.Errorf("%w: %d pixels", errQRSize, size)
	}
	code, err := newQR(text)
	if err != nil {
		return nil, err
	}
	return qrEncode(code, size)
}

func qrEncode(code *qr.Code, size int) ([]byte, error) {
	scale := size / (code.Size + 2*qrQuiet)
	if scale < 1 {
		return nil, fmt.Errorf("%w: %d pixels for %d modules", errQRSize, size, code.Size+2*qrQuiet)
	}
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	var out bytes.Buffer
	if err := enc.Encode(&out, qrImage(code, scale, size)); err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	return out.Bytes(), nil
}

// qrImage paints each row of modules once and copies it for the scale-1 rows of pixels below.
func qrImage(code *qr.Code, scale, size int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	margin := (size - code.Size*scale) / 2
	for y := range code.Size {
		first := img.Pix[(margin+y*scale)*img.Stride:][:img.Stride]
		for x := range code.Size {
			if !code.Black(x, y) {
				continue
			}
			for i := margin + x*scale; i < margin+(x+1)*scale; i++ {
				first[i] = 1
			}
		}
		for i := 1; i < scale; i++ {
			copy(img.Pix[(margin+y*scale+i)*img.Stride:], first)
		}
	}
	return img
}
