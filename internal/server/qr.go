package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"rsc.io/qr"
)

// qrQuiet is the light border around a code, in modules: the least that the QR standard lets a reader rely on.
const qrQuiet = 4

// errQRSize means that the picture asked for is too small for its code, or outside 128..2048 pixels.
var errQRSize = errors.New("qr: no such picture size")

// newQR encodes text at error correction level M, which survives a worn print of about 15 per cent.
// An error means that the text is empty or longer than the biggest code holds (2 331 bytes).
func newQR(text string) (*qr.Code, error) {
	if text == "" {
		return nil, errors.New("qr: empty text")
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("qr: %d bytes: %w", len(text), err)
	}
	return code, nil
}

// qrSVG draws text as a vector picture without a fixed size: a white square, one path with a run of dark modules per
// stroke, and title as its accessible name. It holds neither style nor script, so a strict content policy lets it through
// both inside a page and as a file of its own.
func qrSVG(text, title string) ([]byte, error) {
	code, err := newQR(text)
	if err != nil {
		return nil, err
	}
	side := strconv.Itoa(code.Size + 2*qrQuiet)
	b := make([]byte, 0, 256+len(title)+code.Size*code.Size*5)
	b = append(b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 `...)
	b = append(b, side...)
	b = append(b, ' ')
	b = append(b, side...)
	b = append(b, `" shape-rendering="crispEdges"><title>`...)
	b = qrAppendText(b, title)
	b = append(b, `</title><rect width="`...)
	b = append(b, side...)
	b = append(b, `" height="`...)
	b = append(b, side...)
	b = append(b, `" fill="#fff"/><path stroke="#000" d="`...)
	b = qrAppendPath(b, code)
	return append(b, `"/></svg>`...), nil
}

// qrAppendPath draws every horizontal run of dark modules as a stroke of width 1 through the middle of its row.
func qrAppendPath(b []byte, code *qr.Code) []byte {
	for y := range code.Size {
		row := code.Bitmap[y*code.Stride : (y+1)*code.Stride]
		for x := 0; x < code.Size; {
			if row[x>>3]&(0x80>>(x&7)) == 0 {
				x++
				continue
			}
			from := x
			for x < code.Size && row[x>>3]&(0x80>>(x&7)) != 0 {
				x++
			}
			b = append(b, 'M')
			b = strconv.AppendInt(b, int64(from+qrQuiet), 10)
			b = append(b, ' ')
			b = strconv.AppendInt(b, int64(y+qrQuiet), 10)
			b = append(b, ".5h"...)
			b = strconv.AppendInt(b, int64(x-from), 10)
		}
	}
	return b
}

// qrAppendText appends s as XML text; what XML 1.0 cannot hold becomes U+FFFD.
func qrAppendText(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '&':
			b = append(b, "&amp;"...)
		case r < ' ' && !strings.ContainsRune("\t\n\r", r), r == 0xFFFE, r == 0xFFFF:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
