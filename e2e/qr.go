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
	// A camera comes closer: at five points a module the detector misses a code now and then.
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

func readQR(picture []byte) (string, error) {
	img, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return "", fmt.Errorf("decode picture: %w", err)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", fmt.Errorf("read picture: %w", err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", fmt.Errorf("find a code: %w", err)
	}
	return result.GetText(), nil
}
