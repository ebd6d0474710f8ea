//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png" // what the browser gives

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/playwright-community/playwright-go"
)

// ReadQR takes a picture of an element and reads the QR code on it, as a phone's camera would.
func (p *Page) ReadQR(of playwright.Locator) string {
	p.t.Helper()
	// A camera comes closer.
	if _, err := of.Evaluate("e => { e.style.zoom = '2' }", nil); err != nil {
		p.t.Fatalf("%s: come closer: %v", p.URL(), err)
	}
	shot, err := of.Screenshot()
	if err != nil {
		p.t.Fatalf("%s: picture of the QR code: %v", p.URL(), err)
	}
	text, err := readQR(shot)
	if err != nil {
		p.t.Fatalf("%s: read the QR code: %v", p.URL(), err)
	}
	return text
}

// readQR reads a code as a phone does that looks from more than one distance: a detector that misses a code of one size, as
// each does with a few in a thousand, finds it in another.
func readQR(picture []byte) (string, error) {
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", fmt.Errorf("decode picture: %w", err)
	}
	for _, times := range []int{1, 2, 4} {
		var text string
		if text, err = readQRAt(img, times); err == nil {
			return text, nil
		}
	}
	return "", err
}

func readQRAt(img image.Image, times int) (string, error) {
	from := img.Bounds()
	seen := image.NewGray(image.Rect(0, 0, from.Dx()*times, from.Dy()*times))
	for y := range seen.Rect.Dy() {
		for x := range seen.Rect.Dx() {
			seen.Set(x, y, img.At(from.Min.X+x/times, from.Min.Y+y/times))
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(seen)
	if err != nil {
		return "", fmt.Errorf("read picture: %w", err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		result, err = qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	}
	if err != nil {
		return "", fmt.Errorf("find a code: %w", err)
	}
	return result.GetText(), nil
}
